"""One mail for what falls due within days of each other: a reminder rides on the mail that its person gets before it.

The rule. A reminder, of a question or of a session, asks once more somebody whom a mail of its own has asked already.
Where another reminder or an invitation leaves for the same person at most `SPAN` earlier, that mail names it too: what,
by when, and the link to its form. When its own time comes it is left out, but only for whom such a mail has left or is
about to: where that mail failed, bounced, was held or dropped, or no longer holds the link, the reminder goes out.
Never carried: a first mail that asks for an answer, the last reminder before a session, and what is late before it is
due. A reminder lost is worse than a mail too many.

News that asks nothing waits for such a mail as well, and goes out alone where none has come by its duty's time.
"""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import DutyOutcome, MessageStatus, SubmissionStatus
from workflow.database.models import Addressee, Duty, Message, Person, Question, StageSession, Submission, Team
from workflow.journey import invitations
from workflow.notices import Fact, OwnPage
from workflow.records import open_questions, queries
from workflow.rules.duties import DutyKind, invited_from
from workflow.rules.machine import OUT
from workflow.rules.questions import KINDS, QuestionKind, Reminding
from workflow.season import Season
from workflow.security.own_links import door
from workflow.text import formatting
from workflow.text.bilingual import Text

SPAN: Final = timedelta(days=3)
_LATE: Final = timedelta(hours=1)
_LEAVES: Final = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.UNCERTAIN)
_RIDE: Final = [kind for kind, row in KINDS.items() if row.reminding is not Reminding.NONE and not row.signed_in]

Line = tuple[Text, datetime | None, bool, OwnPage]
"""what is asked, by when, whether that is over, and where it is answered"""


def carried(season: Season, session: Session, person: Person, now: datetime, *, main: Question) -> dict[str, Fact]:
    """What a mail to this person about `main` carries beside it: reminders as `also`, news as `news`."""
    also = (*_questions(season, session, person, now, main), *_sessions(season, session, person, now, main))
    return {"also": also, "news": _news(season, session, person, now)}


def rode(session: Session, duty: Duty, addressee: Addressee) -> bool:
    """Whether this very reminder has reached its person, or is on its way to them, in another mail."""
    since = duty.due_at - SPAN - _LATE
    named = Message.body.contains(f"{door(addressee.id, duty.id)}>", autoescape=True)
    theirs = (Message.person_id == addressee.person_id, Message.created_at >= since, Message.status.in_(_LEAVES))
    return session.scalar(sa.select(Message.id).where(*theirs, named).limit(1)) is not None


def _questions(season: Season, session: Session, person: Person, now: datetime, main: Question) -> list[Line]:
    """Each question that the person is to be reminded of soon, once, by its next reminder."""
    query = (
        sa.select(Duty, Question, Addressee)
        .join(Question, Duty.question_id == Question.id)
        .join(Addressee, Addressee.question_id == Question.id)
        .where(Duty.kind == DutyKind.REMINDER, Duty.done_at.is_(None), Duty.due_at <= now + SPAN)
        .where(Addressee.person_id == person.id, Question.id != main.id, Question.kind.in_(_RIDE))
        .where(Question.closed_at.is_(None), Question.answered_by_id.is_(None))
        .order_by(Duty.due_at, Duty.id)
    )
    found: dict[int, Line] = {}
    for duty, question, addressee in session.execute(query):
        ahead = question.due_at is not None and question.due_at > now
        if question.id in found or (ahead and duty.about["days"] >= 0):
            continue
        said = open_questions.said(season, session, question)
        found[question.id] = (said, question.due_at, not ahead, _page(season, duty, addressee))
    return list(found.values())


def _sessions(season: Season, session: Session, person: Person, now: datetime, main: Question) -> list[Line]:
    """The sessions about which the person was asked, has said nothing, and is to be asked again soon."""
    soon = (Duty.kind == DutyKind.SESSION_REMINDER, Duty.done_at.is_(None), Duty.due_at <= now + SPAN)
    last = min(season.programme.reminders.sessions, default=0)
    due = session.scalars(sa.select(Duty).where(*soon).order_by(Duty.due_at.desc()))
    duties = {duty.session_id: duty for duty in due if duty.about["days"] > last}
    if not duties:
        return []
    lines: list[Line] = []
    for question, addressee in _rsvps(session, person, invitations.ASKED, Question.id != main.id):
        meeting = queries.asked_session(session, question)
        duty = duties.get(meeting.id)
        if duty is not None and meeting.cancelled_at is None and meeting.starts_at > now and question.outcome is None:
            said = _session_asked(season, session, question, meeting)
            lines.append((said, None, False, _page(season, duty, addressee)))
    return lines


def _rsvps(session: Session, person: Person, *which: sa.ColumnElement[bool]) -> list[tuple[Question, Addressee]]:
    """The open questions about sessions that were put to the person, in the order asked."""
    query = sa.select(Question, Addressee).join(Addressee, Addressee.question_id == Question.id)
    query = query.where(Addressee.person_id == person.id, Question.kind == QuestionKind.RSVP)
    rows = session.execute(query.where(Question.closed_at.is_(None), *which).order_by(Question.id))
    return [(question, addressee) for question, addressee in rows]


def _page(season: Season, duty: Duty, addressee: Addressee) -> OwnPage:
    return OwnPage(f"{season.base_url}/q/{door(addressee.id, duty.id)}")


def _session_asked(season: Season, session: Session, question: Question, meeting: StageSession) -> Text:
    asked, tz = open_questions.asked(season, question), season.programme.tz
    return Text(
        et=f"{asked.et}, {formatting.on(meeting.starts_at, 'et', tz)}",
        en=f"{asked.en}, {formatting.on(meeting.starts_at, 'en', tz)}",
    )


# -- an invitation with the day before ------------------------------------------------------------


def invited_along(season: Season, session: Session, said_yes: Question, now: datetime) -> Question | None:
    """The next session's question, where its invitation would leave within `SPAN` of the mail that somebody who is
    coming to this one gets the day before: one mail then does both, and asks about the next one alone."""
    person = said_yes.addressees[0].person
    for question, _ in _rsvps(session, person, ~invitations.ASKED):
        meeting = queries.asked_session(session, question)
        if meeting.cancelled_at is None and invited_from(season.programme, meeting.starts_at) <= now + SPAN:
            return question
    return None


# -- news -------------------------------------------------------------------------------------------


def _news(season: Season, session: Session, person: Person, now: datetime) -> tuple[Text, ...]:
    """What the person has not been told yet and can be told here; it is told by this."""
    waits = (Duty.kind == DutyKind.WORK_ACCEPTED, Duty.team_id == person.team_id, Duty.done_at.is_(None))
    if person.team_id is None:
        return ()
    told = []
    for duty in session.scalars(sa.select(Duty).where(*waits).order_by(Duty.id).with_for_update(skip_locked=True)):
        if duty.about["person"] == person.id:
            duty.done_at, duty.outcome = now, DutyOutcome.DONE
            submission = session.get_one(Submission, duty.about["submission"])
            if stands(session, submission):
                told.append(_accepted(season, submission))
    return tuple(told)


def stands(session: Session, submission: Submission) -> bool:
    """Whether the work is accepted still, and its team there to be told."""
    return submission.status == SubmissionStatus.ACCEPTED and session.get_one(Team, submission.team_id).state not in OUT


def _accepted(season: Season, submission: Submission) -> Text:
    stage = season.programme.stage(submission.stage)
    work = stage.work.name if stage.work else stage.name
    return Text(
        et=f"Koolitaja võttis töö „{work.et}“ vastu. Tubli töö!",
        en=f"The trainer has accepted “{work.en}”. Well done!",
    )
