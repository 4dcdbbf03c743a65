"""Invitations to sessions: each member of a travelling team is asked, a while before each, whether they come.

The question is opened as soon as the team has its place, so that the calendar file with all dates names the organiser
that the invitation will have; its mail leaves `invitation` days before the session (`[reminders]` in the config).
Sessions to which too few of a team are coming are told to the coordinator a week before, and as answers change from
then on; silence is counted as coming. Acts in the caller's transaction. Must never tell people that a session is off
because theirs is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, MessageStatus
from workflow.database.models import (
    Addressee,
    HistoryRow,
    Invitation,
    Letter,
    Message,
    Person,
    Question,
    StageSession,
    Team,
)
from workflow.notices import CalendarEntry, Fact, Method, Notice, OwnPage
from workflow.records import open_questions, queries, undelivered
from workflow.records.history import alert
from workflow.rules.duties import few_coming_from
from workflow.rules.questions import QuestionKind
from workflow.season import Season
from workflow.security import own_links
from workflow.text import formatting
from workflow.text.bilingual import Text

Calendars = dict[int, tuple[CalendarEntry, ...]]
"""number of a person -> what a mail puts into that person's calendar, or takes out of it"""
ASKED: Final = sa.exists().where(Message.question_id == Question.id, Message.calendar_method == Method.REQUEST)
"""whether a mail has asked the question already: an invitation, or the news of another time"""


def expect(
    season: Season,
    session: Session,
    team: Team,
    now: datetime,
    *,
    people: list[Person] | None = None,
    history: HistoryRow | None = None,
) -> list[Question]:
    """Open the question to a team's members (or those given) about every session that is still ahead; no mail yet.
    Returns the questions that are new."""
    ahead = [meeting for meeting in queries.sessions_of(session, team.group) if meeting.starts_at > now]
    people = queries.members(session, team.id) if people is None else people
    opened = (
        _expect_one(season, session, team, meeting, person, now, history) for meeting in ahead for person in people
    )
    return [question for question in opened if question is not None]


def _expect_one(
    season: Season,
    session: Session,
    team: Team,
    meeting: StageSession,
    person: Person,
    now: datetime,
    history: HistoryRow | None,
) -> Question | None:
    key = f"rsvp:{meeting.id}:{person.id}:{invitation(session, person, meeting.stage).sequence}"
    if open_questions.asked_already(session, key):
        return None
    return open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.RSVP,
            key=key,
            people=(person,),
            team=team,
            stage=meeting.stage,
            group=meeting.group,
            about={"session": meeting.id, "person": person.id},
            due=meeting.starts_at,
            history=history,
        ),
        now,
    )


def invitation(session: Session, person: Person, stage: str) -> Invitation:
    """The person's invitation to a stage's session; made when it is first needed."""
    found = queries.invitation(session, person, stage)
    if found is None:
        found = Invitation(team_id=person.team_id, person_id=person.id, stage=stage, sequence=0)
        session.add(found)
        session.flush()
    return found


# -- calendars ------------------------------------------------------------------------------------


def entry(session: Session, question: Question, *, removed: bool = False) -> CalendarEntry:
    """A member's session as their calendar has it."""
    door, meeting = question.addressees[0], queries.asked_session(session, question)
    return CalendarEntry(
        session=meeting,
        sequence=meeting.sequence + invitation(session, door.person, meeting.stage).sequence,
        door=door,
        said=question.outcome or "" if question.closed_at is None else "",
        removed=removed,
    )


def dates_of(session: Session, person: Person) -> tuple[CalendarEntry, ...]:
    """All sessions ahead of one member, for their calendar."""
    return tuple(entry(session, q) for q in _open_rsvps(session, person.team_id, [person]))


# -- inviting -------------------------------------------------------------------------------------


def invite_to_near(season: Season, session: Session, team: Team, people: Iterable[Person], now: datetime) -> None:
    """Whoever joins so late that the invitations to a session have left gets theirs now."""
    until = now + timedelta(days=season.programme.reminders.invitation)
    for question in _open_rsvps(session, team.id, list(people), unasked=True):
        if queries.asked_session(session, question).starts_at <= until:
            invite(season, session, question, now)


def asked(session: Session, question: Question) -> bool:
    """Whether a mail has asked this very question already."""
    return session.scalar(sa.select(Question.id).where(Question.id == question.id, ASKED)) is not None


ALONE: Final[dict[str, Fact]] = dict.fromkeys(
    ("ahead", "ahead_days", "ahead_start", "ahead_end", "ahead_place", "ahead_link"), ""
)
"""an invitation that says nothing of a session before it"""


def before(season: Season, meeting: StageSession, door: Addressee, days: int) -> dict[str, Fact]:
    """What an invitation says of the session in so many days to which its reader is coming."""
    return {
        "ahead": season.programme.stage(meeting.stage).name,
        "ahead_days": days,
        "ahead_start": meeting.starts_at,
        "ahead_end": meeting.ends_at,
        "ahead_place": Text(**meeting.place),
        "ahead_link": OwnPage(f"{season.base_url}/q/{own_links.door(door.id)}"),
    }


def invite(
    season: Season, session: Session, question: Question, now: datetime,
    *, again: str = "", outdated: Letter | None = None, beside: Mapping[str, Fact] | None = None,
) -> Message | None:  # fmt: skip
    """Ask one member whether they come, with the calendar's own buttons to answer. again: the cause of asking anew;
    outdated: an answer to the time before, which this mail answers; beside: what the mail carries with it. None where
    nothing was queued."""
    person, meeting = question.addressees[0].person, queries.asked_session(session, question)
    return season.post(
        session,
        Notice(
            template="session_invitation",
            key=f"session_invitation:{again or question.key}:{person.id}",
            person=person,
            team=question.team,
            question=question,
            stage=meeting.stage,
            session=meeting,
            calendar=Method.REQUEST,
            entries=(entry(session, question),),
            facts={**ALONE, "outdated": outdated is not None, **(beside or {})},
            answering=outdated,
        ),
        now,
    )


# -- taking back ----------------------------------------------------------------------------------


def take_back(session: Session, team: Team, now: datetime, *, people: list[Person] | None = None) -> Calendars:
    """Nobody asks these members (everybody, where none are given) about sessions ahead any more: invitations that
    have not left are dropped. Returns what is to go from each person's calendar, by the person's number."""
    gone: Calendars = {}
    for question in _open_rsvps(session, team.id, people):
        meeting, person = queries.asked_session(session, question), question.addressees[0].person
        open_questions.close(session, question, "dropped", now)
        invitation(session, person, meeting.stage).sequence += 1
        session.flush()
        drop_unsent(session, question)
        gone[person.id] = (*gone.get(person.id, ()), entry(session, question, removed=True))
    return gone


def drop_unsent(session: Session, question: Question) -> None:
    """What the invitation still has waiting does not leave."""
    waiting = (Message.question_id == question.id, Message.status.in_([MessageStatus.QUEUED, MessageStatus.HELD]))
    unsent = session.scalars(sa.select(Message).where(*waiting, Message.calendar.is_not(None))).all()
    for mail in unsent:
        mail.status = MessageStatus.DROPPED
    undelivered.owe_again(session, unsent)


def _open_rsvps(
    session: Session, team_id: int | None, people: list[Person] | None, *, unasked: bool = False
) -> list[Question]:
    """Questions about sessions that wait for these members of a team, or for all of them, in the order asked."""
    query = sa.select(Question).where(
        Question.team_id == team_id, Question.kind == QuestionKind.RSVP, Question.closed_at.is_(None)
    )
    if unasked:
        query = query.where(~ASKED)
    keep = {p.id for p in people} if people is not None else None
    found = session.scalars(query.options(queries.WITH_PEOPLE).order_by(Question.id)).all()
    return [q for q in found if keep is None or q.about["person"] in keep]


# -- too few are coming ---------------------------------------------------------------------------


def look_who_comes(season: Season, session: Session, team: Team, meeting: StageSession, now: datetime) -> None:
    """Tell the coordinator; where answers mend it, the notice falls away (`workflow/schedule/alert_facts.py`)."""
    due = few_coming_from(season.programme, meeting.starts_at) <= now < meeting.starts_at
    if due and too_few(season, session, team, meeting):
        key, about = f"few_coming:{meeting.id}:{team.id}:{meeting.timed}", {"session": meeting.id}
        says = _says(season, team, meeting, expected(session, team, meeting))
        alert(season, session, key, AlertKind.FEW_COMING, says, now, team=team, about=about)


def too_few(season: Season, session: Session, team: Team, meeting: StageSession) -> bool:
    """Whether the team, as it answers now, will not have attended."""
    owed = season.programme.stage(meeting.stage).attendance and meeting.cancelled_at is None
    travels = team.state in season.machine.stages
    return owed and travels and expected(session, team, meeting) < season.programme.attend_at_least


def expected(session: Session, team: Team, meeting: StageSession) -> int:
    """Present members who have not said that they are not coming."""
    declined = sa.select(Invitation.person_id).where(Invitation.stage == meeting.stage, Invitation.expected == "no")
    query = sa.select(sa.func.count()).where(Person.team_id == team.id, Person.left_at.is_(None))
    return session.scalar(query.where(Person.id.not_in(declined))) or 0


def _says(season: Season, team: Team, meeting: StageSession, coming: int) -> Text:
    stage, need, tz = season.programme.stage(meeting.stage), season.programme.attend_at_least, season.programme.tz
    return Text(
        et=f"{team.name}: {stage.name.et}, {formatting.on(meeting.starts_at, 'et', tz)}: tulla saab kõige rohkem "
        f"{coming}, vaja on vähemalt {need}. Helistage kontaktisikule.",
        en=f"{team.name}: {stage.name.en}, {formatting.on(meeting.starts_at, 'en', tz)}: at most {coming} can come, "
        f"at least {need} are needed. Call the contact.",
    )
