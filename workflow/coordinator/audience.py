"""Audiences of a coordinator's own mail: which teams, and who of them; named and counted before anything is sent.

Must never write. Nobody whom an unconfirmed application names is reached: only its contact, and only one team at a
time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Addressee, Invitation, Mentorship, Person, Question, StageSession, Team
from workflow.database.search import by_name
from workflow.records import queries
from workflow.rules.questions import OWED, QuestionKind
from workflow.season import Season


class Side(StrEnum):
    """Who of the teams is written to."""

    CONTACT = "contact"
    SPEAKERS = "speakers"
    """contact and deputy"""
    MEMBERS = "members"
    MENTORS = "mentors"
    TRAINERS = "trainers"
    OWING = "owing"
    """whoever has a question open that they owe an answer, whatever their part"""


OF_A_SESSION: Final = ("yes", "maybe", "no", "none")
"""what its members said beforehand; `none`: nothing yet"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a mail is for; what is empty leaves nobody out. session: its members, and by what they said."""

    side: Side = Side.CONTACT
    team: int | None = None
    group: str = ""
    state: str = ""
    session: int | None = None
    said: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Audience":
        """What was stored."""
        return cls(**{**stored, "side": Side(stored.get("side", Side.CONTACT))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person, and what the mail to them is about. team: none of a trainer, and of whoever has several."""

    person: Person
    team: Team | None = None
    question: Question | None = None
    """the one that they owe an answer, the next due first"""
    session: StageSession | None = None


def recipients(season: Season, session: Session, wanted: Audience, now: datetime) -> list[Recipient]:
    """Everybody whom the mail would go to, each once, by team and name."""
    if wanted.side is Side.OWING:
        return _owing(season, session, wanted)
    meeting = session.get(StageSession, wanted.session) if wanted.session is not None else None
    if wanted.session is not None and meeting is None:
        return []
    if wanted.side is Side.TRAINERS:
        return [Recipient(person=one, session=meeting) for one in _trainers(season, session, meeting)]
    if meeting is not None and wanted.side is Side.MEMBERS:
        return _invited(session, meeting, wanted.said)
    chosen = teams(season, session, wanted, meeting)
    if wanted.side is Side.MENTORS:
        return [replace(one, session=meeting) for one in _mentors(session, chosen)]
    ahead = _ahead(session, chosen, now) if meeting is None else {}
    found = [Recipient(person=one, team=team, session=meeting or ahead[team.group])
             for team, people in queries.with_members(session, chosen)
             for one in _of(season, team, people, wanted)]  # fmt: skip
    return _once(found)


def teams(season: Season, session: Session, wanted: Audience, meeting: StageSession | None = None) -> list[Team]:
    """The teams that are meant: the one; else those of a state, or all that are on the journey."""
    query = sa.select(Team).order_by(by_name(Team.name), Team.id)
    if wanted.team is not None:
        return list(session.scalars(query.where(Team.id == wanted.team)))
    if meeting is not None:
        query = query.where(Team.state.in_(season.machine.stages), queries.in_group(meeting.group))
    else:
        query = query.where(Team.state.in_((wanted.state,) if wanted.state else season.machine.live))
    found = [team for team in session.scalars(query) if queries.confirmed(season.machine, team)]
    return _in_group(found, wanted.group) if wanted.group else found


def _in_group(found: Sequence[Team], group: str) -> list[Team]:
    """The group's own teams; while it has none, those that wish to be in it."""
    return [one for one in found if one.group == group] or [
        one for one in found if one.group is None and one.wish_group == group
    ]


def _of(season: Season, team: Team, people: Sequence[Person], wanted: Audience) -> list[Person]:
    contact = queries.contact_of(people)
    if wanted.side is Side.CONTACT or not queries.confirmed(season.machine, team):
        return [contact] if contact is not None else []
    speak = [one for one in people if one.part in ("contact", "deputy")]
    return speak if wanted.side is Side.SPEAKERS else list(people)


def _once(found: Iterable[Recipient]) -> list[Recipient]:
    return list({one.person.id: one for one in found}.values())


def _trainers(season: Season, session: Session, meeting: StageSession | None) -> list[Person]:
    if meeting is None:
        return queries.staff(session, "trainer")
    return queries.staff(session, "trainer", season.programme.stage(meeting.stage).trainers)


def _mentors(session: Session, chosen: Sequence[Team]) -> list[Recipient]:
    """Of these teams; whoever has several of them gets one mail that is about none."""
    query = sa.select(Person, Team).join(Mentorship, Mentorship.person_id == Person.id)
    query = query.join(Team, Team.id == Mentorship.team_id)
    query = query.where(Mentorship.until.is_(None), Person.left_at.is_(None), Team.id.in_([one.id for one in chosen]))
    found: dict[int, list[tuple[Person, Team]]] = {}
    for person, team in session.execute(query.order_by(by_name(Person.name), Person.id, Team.id)):
        found.setdefault(person.id, []).append((person, team))
    return [
        Recipient(person=some[0][0], team=some[0][1] if len({team.id for _, team in some}) == 1 else None)
        for some in found.values()
    ]


def _invited(session: Session, meeting: StageSession, said: str) -> list[Recipient]:
    """Members invited to the session, by what they said."""
    answer = Invitation.expected.is_(None) if said == "none" else Invitation.expected == said
    query = sa.select(Person, Team).join(Invitation, Invitation.person_id == Person.id)
    query = query.join(Team, Team.id == Invitation.team_id)
    query = query.where(Invitation.stage == meeting.stage, queries.in_group(meeting.group), Person.left_at.is_(None))
    query = query.where(answer if said in OF_A_SESSION else sa.true()).order_by(by_name(Team.name), Person.id)
    rows = session.execute(query)
    return _once(Recipient(person=person, team=team, session=meeting) for person, team in rows)


def _owing(season: Season, session: Session, wanted: Audience) -> list[Recipient]:
    """Whoever was asked and owes an answer; coordinators, who decide on their own pages, not among them."""
    query = sa.select(Question, Person).join(Addressee, Addressee.question_id == Question.id)
    query = query.join(Person, Person.id == Addressee.person_id).outerjoin(Team, Team.id == Question.team_id)
    query = query.where(Question.closed_at.is_(None), Question.kind.in_(OWED - {QuestionKind.APPROVE}))
    query = query.where(Person.left_at.is_(None), Person.role != "coordinator")
    if wanted.team is not None:
        query = query.where(Question.team_id == wanted.team)
    if wanted.group:
        query = query.where(Team.group == wanted.group)
    if wanted.state:
        query = query.where(Team.state == wanted.state)
    rows = session.execute(query.order_by(Question.due_at.is_(None), Question.due_at, Question.id, Person.id)).all()
    first: dict[int, Recipient] = {}
    for question, person in rows:
        first.setdefault(person.id, Recipient(person=person, team=question.team, question=question))
    return [one for one in first.values() if one.team is None or _may(season, one.team, one.person, wanted)]


def _may(season: Season, team: Team, person: Person, wanted: Audience) -> bool:
    """Of an application that is not confirmed its contact alone, and only where that very team is written to."""
    confirmed = queries.confirmed(season.machine, team)
    return confirmed or (person.part == "contact" and wanted.team == team.id)


def _ahead(session: Session, chosen: Sequence[Team], now: datetime) -> dict[str | None, StageSession | None]:
    """The next session of each group that these teams are in."""
    groups = {team.group for team in chosen}
    return {
        group: next((one for one in queries.sessions_of(session, group) if one.starts_at > now), None)
        for group in groups
    }


def unconfirmed(season: Season, session: Session, wanted: Audience) -> int:
    """How many teams are left out because their contact has not confirmed the application yet."""
    if wanted.team is not None or wanted.session is not None or wanted.side in (Side.OWING, Side.TRAINERS):
        return 0
    states = (wanted.state,) if wanted.state else season.machine.live
    query = sa.select(sa.func.count()).select_from(Team)
    query = query.where(Team.state.in_(states), Team.state.not_in(season.machine.stages), Team.verified_at.is_(None))
    return session.scalar(query.where(Team.group == wanted.group) if wanted.group else query) or 0
