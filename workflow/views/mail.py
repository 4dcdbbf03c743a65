"""Queries for today's page and the mail pages: open questions, the outbox, the inbox.

Must never write. Lists are cut into pages, newest first, and counted in the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.codes import LETTER_WAITS, LetterOutcome, LetterStatus, MessageStatus
from workflow.database.models import Addressee, Alert, Duty, Letter, Message, Person, Question, StageSession, Team
from workflow.database.paging import Paged, paged
from workflow.database.search import by_name, has
from workflow.rules.application import address_key
from workflow.rules.mail_kinds import UNLISTED
from workflow.rules.questions import OWED, QuestionKind
from workflow.schedule import alert_checks
from workflow.season import Season

R = TypeVar("R")

PAGE = 40
"""mails on one page of a list"""
WHOLE = 8
"""letters on one page where each is shown whole"""
FIRST = 20
"""things of one kind on today's page; the rest is a link away"""
READ_BY = timedelta(minutes=1)
"""a letter that is still unread after so long is told of"""
FAILED = (MessageStatus.FAILED, MessageStatus.BOUNCED, MessageStatus.UNCERTAIN)
OWN_ROUNDS = ("digest", "retention")
"""duties of every morning: nothing that a coordinator waits for"""
OWN_TRIP = LetterOutcome.ROUND_TRIP
"""the outcome of mails that the service sends to itself"""


@dataclass(frozen=True, slots=True)
class Some(Generic[R]):
    """The first of a kind, and how many there are."""

    rows: tuple[R, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What waits for the coordinator, what waits for others, and what comes next."""

    approvals: Some[Question]
    letters: Some[Letter]
    alerts: Some[Alert]
    owed: Some[Question]
    failed: Some[Message]
    held: int
    next_session: StageSession | None
    next_duty: Duty | None
    teams: Mapping[int, str]
    """names of the teams that these speak of"""
    fresh: bool
    """no team has applied yet"""
    unread: int
    """letters that came a while ago and that Teekond has not read yet"""
    unread_since: datetime | None

    @property
    def mine(self) -> int:
        """How many things wait for the coordinator."""
        return self.approvals.total + self.letters.total + self.alerts.total + self.failed.total + bool(self.held)


def today(season: Season, session: Session, now: datetime) -> Today:
    """A fixed number of queries, and no more rows than a page shows."""
    open_now = Question.closed_at.is_(None)
    failed = sa.select(Message).where(Message.status.in_(FAILED), _seen()).order_by(Message.id.desc())
    alerts = sa.select(Alert).where(Alert.standing()).order_by(Alert.at.desc(), Alert.id)
    approvals = _some(session, _questions(open_now, Question.kind == QuestionKind.APPROVE))
    owed = _some(session, _questions(open_now, Question.kind.in_(OWED)))
    told = _standing(season, session, _some(session, alerts), now)
    late = sa.select(sa.func.count(), sa.func.min(Letter.received_at))
    late = late.where(Letter.status == LetterStatus.NEW, Letter.received_at < now - READ_BY)
    unread, unread_since = session.execute(late).one()
    about = {row.team_id for row in (*approvals.rows, *owed.rows, *told.rows) if row.team_id is not None}
    return Today(
        approvals=approvals,
        letters=_some(session, _waiting()),
        alerts=told,
        owed=owed,
        failed=_some(session, failed),
        held=counts(session).get("held", 0),
        next_session=_next_session(session, now),
        next_duty=session.scalars(
            sa.select(Duty).where(Duty.done_at.is_(None), Duty.kind.not_in(OWN_ROUNDS)).order_by(Duty.due_at).limit(1)
        ).first(),
        teams=named(session, about),
        fresh=session.scalar(sa.select(Team.id).limit(1)) is None,
        unread=unread,
        unread_since=unread_since,
    )


def _standing(season: Season, session: Session, told: Some[Alert], now: datetime) -> Some[Alert]:
    """Without those whose fact is gone since the last tick."""
    gone = alert_checks.over(season, session, told.rows, now)
    return Some(tuple(one for one in told.rows if one.id not in gone), told.total - len(gone))


def _some(session: Session, query: sa.Select[Any]) -> Some[Any]:
    found = paged(session, query, page=1, size=FIRST)
    return Some(found.rows, found.window.total)


def _questions(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    query = sa.select(Question).where(*which)
    query = query.options(selectinload(Question.addressees).selectinload(Addressee.person), selectinload(Question.team))
    return query.order_by(Question.due_at.is_(None), Question.due_at, Question.id)


def _next_session(session: Session, now: datetime) -> StageSession | None:
    query = sa.select(StageSession).where(StageSession.starts_at > now, StageSession.cancelled_at.is_(None))
    return session.scalars(query.order_by(StageSession.starts_at).limit(1)).first()


def named(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """id -> name of these teams."""
    wanted = {one for one in ids if one is not None}
    rows = session.execute(sa.select(Team.id, Team.name).where(Team.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def teams_called(session: Session, search: str, *, most: int = 12) -> dict[int, str]:
    """id -> name of teams that the words fit, by name."""
    query = sa.select(Team.id, Team.name).where(has(search, Team.name, Team.home))
    rows = session.execute(query.order_by(by_name(Team.name), Team.id).limit(most))
    return {row.id: row.name for row in rows}


# -- letters --------------------------------------------------------------------------------------


def _waiting() -> sa.Select[Any]:
    return sa.select(Letter).where(Letter.status.in_(LETTER_WAITS)).order_by(Letter.id)


def waiting_letters(session: Session, *, page: int = 1) -> Paged[Letter]:
    """Letters that wait for the coordinator, oldest first."""
    return paged(session, _waiting(), page=page, size=WHOLE)


def letters(
    session: Session, *, outcome: str = "", team_id: int | None = None, search: str = "", page: int = 1
) -> Paged[Letter]:
    """Letters that came, newest first."""
    query = sa.select(Letter).where(Letter.outcome.is_distinct_from(OWN_TRIP)).order_by(Letter.id.desc())
    if outcome:
        query = query.where(Letter.outcome == outcome)
    if team_id is not None:
        query = query.where(Letter.team_id == team_id)
    if search:
        query = query.where(has(search, Letter.sender, Letter.envelope_from, Letter.subject, Letter.text))
    return paged(session, query, page=page, size=PAGE)


def outcomes(session: Session) -> list[str]:
    """The outcomes that letters have had."""
    query = sa.select(Letter.outcome).where(Letter.outcome != OWN_TRIP).distinct().order_by(Letter.outcome)
    return [o for o in session.scalars(query) if o]


@dataclass(frozen=True, slots=True)
class LinkedRows:
    """The questions, people and teams that letters speak of, by id."""

    questions: Mapping[int, Question]
    people: Mapping[int, Person]
    teams: Mapping[int, str]
    senders: Mapping[int, Person]
    """members of a letter's own team at the address that it came from, by the letter's number"""


def known_senders(session: Session, found: Sequence[Letter]) -> Mapping[int, Person]:
    """Of letters whose address is a present member's of the letter's own team: who that is, by the letter's number."""
    keys = {letter.id: address_key(letter.sender) for letter in found}
    query = sa.select(Person).where(Person.address_key.in_({key for key in keys.values() if key}))
    people = session.scalars(query.where(Person.team_id.is_not(None), Person.left_at.is_(None))).all()
    known = {(person.team_id, person.address_key): person for person in people}
    places = {letter.id: known.get((letter.team_id, keys[letter.id] or "")) for letter in found}
    return {number: person for number, person in places.items() if person is not None}


def about(session: Session, found: Sequence[Letter]) -> LinkedRows:
    """What letters and their readings refer to, in four queries."""
    asked = {r["question"] for le in found for r in le.readings} | {le.question_id for le in found if le.question_id}
    who = {r["person"] for le in found for r in le.readings} | {le.person_id for le in found if le.person_id}
    questions = session.scalars(sa.select(Question).where(Question.id.in_(asked)).options(selectinload(Question.team)))
    people = session.scalars(sa.select(Person).where(Person.id.in_(who)))
    teams = named(session, (le.team_id for le in found))
    return LinkedRows({q.id: q for q in questions}, {p.id: p for p in people}, teams, known_senders(session, found))


# -- messages -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the outbox shows; an empty value filters nothing."""

    status: str = ""
    template: str = ""
    team_id: int | None = None
    search: str = ""
    page: int = 1


def messages(session: Session, chosen: Filter) -> Paged[Message]:
    """Outgoing mails, newest first."""
    query = sa.select(Message).where(_seen()).order_by(Message.id.desc())
    if chosen.status:
        query = query.where(Message.status == chosen.status)
    if chosen.template:
        query = query.where(Message.template == chosen.template)
    if chosen.team_id is not None:
        query = query.where(Message.team_id == chosen.team_id)
    if chosen.search:
        query = query.outerjoin(Team, Team.id == Message.team_id)
        columns = (Message.to_name, Message.to_address, Message.subject, Message.body, Team.name)
        query = query.where(has(chosen.search, *columns))
    return paged(session, query, page=chosen.page, size=PAGE)


def _seen() -> sa.ColumnElement[bool]:
    return Message.template.not_in(UNLISTED)


def message(session: Session, message_id: int) -> Message | None:
    """One mail that the coordinator may read."""
    found = session.get(Message, message_id)
    return found if found is not None and found.template not in UNLISTED else None


def counts(session: Session) -> dict[str, int]:
    """How many mails have each status."""
    query = sa.select(Message.status, sa.func.count()).where(_seen()).group_by(Message.status)
    return {status: count for status, count in session.execute(query)}  # noqa: C416 (a Row is no pair to mypy)


def templates(session: Session) -> list[str]:
    """The templates that mails were made from."""
    return list(session.scalars(sa.select(Message.template).where(_seen()).distinct().order_by(Message.template)))
