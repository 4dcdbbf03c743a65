"""Sessions of a group's calendar: inviting members, moving and cancelling. The calendar does not wait:
every live team of the group is invited to all of them, whatever stage it is working on."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import pending
from workflow.config.loader import Programme, Text
from workflow.database.models import Attendance, Duty, HistoryRow, Message, Person, Question, StageSession, Team
from workflow.notices import Method, Notice
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.rules.duties import of_session
from workflow.rules.questions import QuestionKind
from workflow.season import Season


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
                    place=planned.place.model_dump(),
                )
                session.add(meeting)
                session.flush()
                _note(season.programme, session, meeting)


def _note(programme: Programme, session: Session, meeting: StageSession) -> None:
    dues = of_session(programme, meeting.id, meeting.starts_at, meeting.ends_at, meeting.sequence)
    asking.note_duties(session, dues, meeting=meeting)


def invite(
    season: Season,
    session: Session,
    team: Team,
    now: datetime,
    *,
    people: list[Person] | None = None,
    history: HistoryRow | None = None,
) -> None:
    """Invite a team's members (or those given) to every session that is still ahead."""
    for meeting in queries.sessions_of(session, team.group):
        for person in people if people is not None else queries.members(session, team.id):
            if meeting.starts_at > now:
                _invite_one(season, session, team, meeting, person, now, history)


def _invite_one(
    season: Season,
    session: Session,
    team: Team,
    meeting: StageSession,
    person: Person,
    now: datetime,
    history: HistoryRow | None,
) -> None:
    seat = attendance(session, person, meeting.stage)
    asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.RSVP,
            key=f"rsvp:{meeting.id}:{person.id}:{seat.sequence}",
            people=(person,),
            template="session_invitation",
            team=team,
            stage=meeting.stage,
            group=meeting.group,
            about={"session": meeting.id, "person": person.id},
            due=meeting.starts_at,
            session=meeting,
            calendar=Method.REQUEST,
            history=history,
        ),
        now,
    )


def attendance(session: Session, person: Person, stage: str) -> Attendance:
    """The person's seat at a stage's session; made when it is first needed."""
    seat = queries.seat(session, person, stage)
    if seat is None:
        seat = Attendance(team_id=person.team_id, person_id=person.id, stage=stage, sequence=0)
        session.add(seat)
        if pending.of(session) is None:
            session.flush()
    return seat


def uninvite(
    season: Season,
    session: Session,
    team: Team,
    now: datetime,
    *,
    why: Text,
    people: list[Person] | None = None,
    history: HistoryRow | None = None,
) -> int:
    """Take back the invitations to sessions ahead: one that has not left is dropped, and each calendar that may
    hold one gets a CANCEL. Returns how many invitations there were."""
    taken = 0
    for question in _open_rsvps(session, team, people):
        meeting = session.get_one(StageSession, question.about["session"])
        person = question.addressees[0].person
        asking.close(session, question, "dropped", now)
        attendance(session, person, meeting.stage).sequence += 1
        session.flush()
        taken += 1
        if _withdrawn_unsent(session, question):
            continue
        season.post(
            session,
            Notice(
                template="session_cancelled",
                key=f"cancel:{question.id}",
                person=person,
                team=team,
                stage=meeting.stage,
                session=meeting,
                calendar=Method.CANCEL,
                facts={"why": why},
                history=history,
            ),
            now,
        )
    return taken


def _withdrawn_unsent(session: Session, question: Question) -> bool:
    """Drop what the invitation still has waiting; whether none of it ever left."""
    mails = session.scalars(sa.select(Message).where(Message.question_id == question.id, Message.calendar.is_not(None)))
    left = False
    for mail in mails:
        if mail.status in ("queued", "held"):
            mail.status = "dropped"
        left = left or mail.status != "dropped"
    return not left


def _open_rsvps(session: Session, team: Team, people: list[Person] | None) -> list[Question]:
    query = sa.select(Question).where(
        Question.team_id == team.id, Question.kind == QuestionKind.RSVP, Question.closed_at.is_(None)
    )
    found = session.scalars(query.order_by(Question.id)).all()
    keep = {p.id for p in people} if people is not None else None
    return [q for q in found if keep is None or q.about["person"] in keep]


def rsvps_of(session: Session, meeting: StageSession) -> list[Question]:
    """The invitations to one session that still stand."""
    query = sa.select(Question).where(
        Question.kind == QuestionKind.RSVP, Question.stage == meeting.stage, Question.closed_at.is_(None)
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
    """Give a session a new time or place: its reminders move with it, and each calendar gets an update.

    What people said about the old time no longer counts. Returns how many people were told.
    """
    old, meeting.sequence = meeting.starts_at, meeting.sequence + 1
    meeting.starts_at, meeting.ends_at, meeting.place = starts, ends, place.model_dump()
    asking.void_duties(session, now, Duty.session_id == meeting.id)
    _note(season.programme, session, meeting)
    invited = rsvps_of(session, meeting)
    for question in invited:
        _tell_moved(season, session, meeting, question, old, now)
    return len(invited)


def _tell_moved(
    season: Season, session: Session, meeting: StageSession, question: Question, old: datetime, now: datetime
) -> None:
    person = question.addressees[0].person
    question.outcome, question.answer = None, None
    asking.move_due(season, session, question, meeting.starts_at, now)
    attendance(session, person, meeting.stage).expected = None
    season.post(
        session,
        Notice(
            template="session_moved",
            key=f"moved:{question.id}:{meeting.sequence}",
            person=person,
            team=question.team,
            question=question,
            stage=meeting.stage,
            session=meeting,
            calendar=Method.REQUEST,
            facts={"old_start": old},
        ),
        now,
    )


def cancel_session(season: Season, session: Session, meeting: StageSession, why: Text, now: datetime) -> int:
    """A session falls away: nobody is reminded or asked of it any more, and each calendar that may hold it is told.

    Returns how many people were told; an invitation that never left is dropped in silence.
    """
    meeting.cancelled_at, meeting.sequence = now, meeting.sequence + 1
    asking.void_duties(session, now, Duty.session_id == meeting.id)
    told = 0
    for question in rsvps_of(session, meeting):
        asking.close(session, question, "dropped", now)
        session.flush()
        if not _withdrawn_unsent(session, question):
            _tell_cancelled(season, session, meeting, question, why, now)
            told += 1
    return told


def _tell_cancelled(
    season: Season, session: Session, meeting: StageSession, question: Question, why: Text, now: datetime
) -> None:
    season.post(
        session,
        Notice(
            template="session_cancelled",
            key=f"fell_away:{question.id}",
            person=question.addressees[0].person,
            team=question.team,
            stage=meeting.stage,
            session=meeting,
            calendar=Method.CANCEL,
            facts={"why": why},
        ),
        now,
    )


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
