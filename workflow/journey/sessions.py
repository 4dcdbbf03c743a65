"""Calendar sessions of a group: laying them out, rescheduling, cancelling, and telling their dates. The calendar does
not wait: every live team of the group is invited to all of them (`invitations.py`), whatever stage it is working on.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme, StageKind
from workflow.database.models import Duty, Person, Question, StageSession, Team
from workflow.journey import invitations
from workflow.notices import Fact, Method, Notice
from workflow.records import open_questions, queries
from workflow.rules.duties import of_session
from workflow.rules.questions import WORK, QuestionKind
from workflow.season import Season
from workflow.text.bilingual import Text


def seed(season: Season, session: Session) -> None:
    """Lay the config's sessions into the calendar; those that stand there already stay as they are."""
    known = {(s.stage, s.group) for s in session.scalars(sa.select(StageSession))}
    for stage in season.programme.stages:
        for group, planned in stage.sessions.items():
            if (stage.key, group) not in known:
                meeting = StageSession(
                    stage=stage.key,
                    group=group,
                    starts_at=planned.start,
                    ends_at=planned.end,
                    place=planned.place.as_dict(),
                )
                session.add(meeting)
                session.flush()
                _note(season.programme, session, meeting)


def _note(programme: Programme, session: Session, meeting: StageSession, since: datetime | None = None) -> None:
    """Its duties, or those of them that are still ahead: nobody is reminded right after the news of another time."""
    dues = of_session(programme, meeting.id, meeting.starts_at, meeting.ends_at, meeting.sequence)
    dues = tuple(due for due in dues if since is None or due.at > since)
    open_questions.note_duties(session, dues, meeting=meeting)


def rsvps_of(session: Session, meeting: StageSession, *which: sa.ColumnElement[bool]) -> list[Question]:
    """The invitations to one session that still stand, or those of them that are so."""
    query = sa.select(Question).where(
        Question.kind == QuestionKind.RSVP, Question.stage == meeting.stage, Question.closed_at.is_(None), *which
    )
    return [q for q in session.scalars(query.order_by(Question.id)) if q.about["session"] == meeting.id]


def move_session(
    season: Season,
    session: Session,
    meeting: StageSession,
    starts: datetime,
    ends: datetime,
    place: Text,
    now: datetime,
) -> int:
    """Give a session a new time or place. Returns how many people were told.

    At a new time what people said before no longer counts, and everybody is asked anew; its reminders move with it.
    At a new place alone answers stay, and those are told who were invited already: to others the invitation says it.
    """
    told = to_be_told(session, meeting, starts, ends)
    old, keeps_time = meeting.starts_at, same_time(meeting, starts, ends)
    meeting.sequence += 1
    meeting.starts_at, meeting.ends_at, meeting.place = starts, ends, place.as_dict()
    if keeps_time:
        for question in told:
            _tell(season, session, meeting, question, "session_place", {"said": question.outcome}, now)
        return len(told)
    meeting.timed = meeting.sequence
    open_questions.void_duties(session, now, Duty.session_id == meeting.id)
    _note(season.programme, session, meeting, now)
    for question in told:
        question.outcome, question.answer = None, None
        open_questions.move_due(season, session, question, meeting.starts_at, now)
        invitations.invitation(session, question.addressees[0].person, meeting.stage).expected = None
        _tell(season, session, meeting, question, "session_moved", {"old_start": old}, now)
    return len(told)


def to_be_told(session: Session, meeting: StageSession, starts: datetime, ends: datetime) -> list[Question]:
    """The invitations whose people hear of another time; of another place alone, those who were invited by mail."""
    return rsvps_of(session, meeting, *((invitations.ASKED,) if same_time(meeting, starts, ends) else ()))


def same_time(meeting: StageSession, starts: datetime, ends: datetime) -> bool:
    """Whether the session is at this time already: then it gets another place alone."""
    return (starts, ends) == (meeting.starts_at, meeting.ends_at)


def _tell(
    season: Season,
    session: Session,
    meeting: StageSession,
    question: Question,
    template: str,
    facts: dict[str, Fact],
    now: datetime,
) -> None:
    person = question.addressees[0].person
    season.post(
        session,
        Notice(
            template=template,
            key=f"{template}:{question.id}:{meeting.sequence}",
            person=person,
            team=question.team,
            question=question,
            stage=meeting.stage,
            session=meeting,
            calendar=Method.CANCEL if meeting.cancelled_at else Method.REQUEST,
            entries=(invitations.entry(session, question),),
            facts=facts,
        ),
        now,
    )


def cancel_session(season: Season, session: Session, meeting: StageSession, why: Text, now: datetime) -> int:
    """A session is off: nobody is reminded or asked of it any more, and everybody who has its date is told, with its
    removal from their calendar. Returns how many people were told."""
    meeting.cancelled_at, meeting.sequence = now, meeting.sequence + 1
    open_questions.void_duties(session, now, Duty.session_id == meeting.id)
    told = rsvps_of(session, meeting)
    for question in told:
        open_questions.close(session, question, "dropped", now)
        invitations.drop_unsent(session, question)
        _tell(season, session, meeting, question, "session_cancelled", {"why": why}, now)
    return len(told)


def sessions_ahead(session: Session, group: str | None, now: datetime) -> bool:
    """Whether the journey of a group can still be joined from its beginning: its first session is ahead."""
    meetings = queries.sessions_of(session, group)
    return not meetings or meetings[0].starts_at > now


def seats_left(programme: Programme, taken: dict[str, int], group: str) -> int:
    """Places left in a group."""
    return programme.group(group).size - taken.get(group, 0)


def choose_group(programme: Programme, taken: dict[str, int], wish: str | None) -> str | None:
    """The wished-for group where it has room, else the emptiest; None where the programme has no groups."""
    open_groups = [g.key for g in programme.groups if seats_left(programme, taken, g.key) > 0] or [
        g.key for g in programme.groups
    ]
    if wish in open_groups:
        return wish
    return min(open_groups, key=lambda g: taken.get(g, 0), default=None)


# -- what is told of them ---------------------------------------------------------------------------


def dates_facts(
    season: Season, session: Session, group: str | None, *, ahead_of: datetime | None = None
) -> dict[str, Fact]:
    """A group's name, and its sessions as (stage's name, start, end, place), as mails and pages list them. ahead_of:
    those that begin after this moment alone."""
    programme, meetings = season.programme, queries.sessions_of(session, group)
    meetings = [m for m in meetings if ahead_of is None or m.starts_at > ahead_of]
    return {
        "group": programme.group(group).name if group else Text(et="", en=""),
        "dates": tuple((programme.stage(m.stage).name, m.starts_at, m.ends_at, Text(**m.place)) for m in meetings),
    }


def welcome_facts(season: Season, session: Session, team: Team, now: datetime) -> dict[str, Fact]:
    """What the mail says: group, dates ahead, and how many days before each session its invitation comes."""
    dates = dates_facts(season, session, team.group, ahead_of=now)
    days = season.programme.reminders.invitation
    return {**dates, "ask_days": days, "rate_link": "", "rate_until": None}


def welcome(season: Season, session: Session, team: Team, person: Person, now: datetime) -> None:
    """A member who joins a team on its way gets the same mail, and the invitations that the others have already."""
    invitations.expect(season, session, team, now, people=[person])
    tell_dates(season, session, team, person, f"joined:{person.id}:{now:%Y%m%dT%H%M%S}", now)
    invitations.invite_to_near(season, session, team, [person], now)


def tell_dates(season: Season, session: Session, team: Team, person: Person, key: str, now: datetime) -> None:
    """The sessions ahead of one member, in words and as a calendar file; neither where none is ahead any more."""
    entries = invitations.dates_of(session, person)
    season.post(
        session,
        Notice(
            template="place_confirmed",
            key=f"place_confirmed:{key}",
            person=person,
            team=team,
            stage=team.state,
            calendar=Method.PUBLISH if entries else None,
            entries=entries,
            facts=welcome_facts(season, session, team, now),
        ),
        now,
    )


def stage_facts(season: Season, session: Session, team: Team) -> dict[str, Fact]:
    """Of the team's stage: its name, when and where, whether a mentor is still to be named, the work and until when."""
    stage = season.programme.stage(team.state)
    meeting = queries.stage_session(session, stage.key, team.group)
    mentored, asked = stage.kind is StageKind.MENTORING, queries.questions_of(session, team.id, WORK, open_only=True)
    return {
        "next": stage.name,
        "starts": meeting.starts_at if meeting else None,
        "ends": meeting.ends_at if meeting else None,
        "place": Text(**meeting.place) if meeting else None,
        "first_day": stage.start if stage.end else None,
        "last_day": stage.end,
        "mentor_comes": mentored and not queries.mentorships(session, team.id),
        "work": stage.work.name if stage.work else None,
        "until": queries.work_due(session, season.programme, team, stage.key),
        "work_asked": any(one.stage == stage.key for one in asked),
    }
