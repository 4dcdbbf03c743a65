"""The coordinator's digest: one mail a working morning with what waits, instead of forty notices.

It goes to whoever is on duty, when something is new since the last one; the other coordinators are told of what nobody
has seen to for too long. Acts in the caller's transaction.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LETTER_WAITS
from workflow.database.models import Alert, Letter, Message, Person, Question, Team
from workflow.notices import Fact, Notice, OwnPage
from workflow.records import history_marks, on_duty, open_questions, queries
from workflow.records.on_duty import OnDuty
from workflow.rules.questions import OWED, QuestionKind
from workflow.schedule import alert_pages
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.text.holidays import working, working_days_between

LATE: Final = timedelta(hours=1)
SHOWN: Final = 120
"""so many characters of a letter's words stand in it"""
_STEP_WAITS: Final = sa.and_(Question.closed_at.is_(None), Question.kind == QuestionKind.APPROVE)
_LETTER_WAITS: Final = Letter.status.in_(LETTER_WAITS)
_ALERT_STANDS: Final = Alert.standing()


def send(season: Season, session: Session, cause: str, now: datetime) -> None:
    """Mail it to whoever is to get it this morning. cause: what no other morning's mail has."""
    today = on_duty.today(season.programme, now)
    watch = on_duty.look(session, today)
    if watch is None or not working(today):
        return
    if _anything_new(session, now):
        _mail(season, session, cause, watch.person, waiting(season, session, now), now)
    _tell_the_next(season, session, cause, watch, now)


def _tell_the_next(season: Season, session: Session, cause: str, watch: OnDuty, now: datetime) -> None:
    """The other coordinators are told of what nobody has seen to for too long."""
    if not watch.others:
        return
    waited = waiting(season, session, now, days=season.programme.reminders.next_coordinator)
    for person in watch.others:
        facts = {**waited, "late": (), "instead_of": watch.person.name}
        _mail(season, session, cause, person, facts, now)


def _mail(
    season: Season, session: Session, cause: str, person: Person, facts: dict[str, Fact], now: datetime
) -> None:
    if any(facts[k] for k in ("approvals", "letters", "alerts", "late")):
        more = {"mark": history_marks.weekly(session, now), "office_link": f"{season.base_url}/office"}
        notice = Notice(template="digest", key=f"{cause}:{person.id}", person=person, facts={**facts, **more})
        season.post(session, notice, now)


def _anything_new(session: Session, now: datetime) -> bool:
    """Whether since the last digest something began to wait for the coordinator, or became late."""
    last = session.scalar(sa.select(sa.func.max(Message.created_at)).where(Message.template == "digest"))
    late_by = now - LATE
    ways = (
        sa.select(Question.id).where(_STEP_WAITS, _after(Question.asked_at, last)),
        sa.select(Letter.id).where(_LETTER_WAITS, _after(Letter.received_at, last)),
        sa.select(Alert.id).where(_ALERT_STANDS, _after(Alert.at, last)),
        sa.select(Question.id).where(
            Question.closed_at.is_(None),
            Question.kind.in_(OWED),
            Question.due_at < late_by,
            _after(Question.due_at, last - LATE if last else None),
        ),
    )
    return any(session.scalar(query.limit(1)) is not None for query in ways)


def _after(column: sa.orm.InstrumentedAttribute[Any], last: datetime | None) -> sa.ColumnElement[bool]:
    return column.is_not(None) if last is None else column > last


def waiting(season: Season, session: Session, now: datetime, *, days: int = 0) -> dict[str, Fact]:
    """What waits for the coordinator (approvals, letters, alerts), so many working days or more, and for others
    (late), each the newest first."""
    today, programme = on_duty.today(season.programme, now), season.programme

    def waits(since: datetime) -> bool:
        return not days or working_days_between(on_duty.today(programme, since), today) >= days

    questions = queries.open_questions(session)[::-1]
    letters = session.scalars(sa.select(Letter).where(_LETTER_WAITS).order_by(Letter.id.desc())).all()
    alerts = session.scalars(sa.select(Alert).where(_ALERT_STANDS).order_by(Alert.id.desc())).all()
    late = [q for q in questions if q.due_at is not None and q.due_at < now - LATE and q.kind in OWED]
    return {
        "approvals": tuple(
            (open_questions.asked(season, q), open_questions.decided_at(season, q))
            for q in questions
            if q.kind == QuestionKind.APPROVE and waits(q.asked_at)
        ),
        "letters": tuple(
            (_written(session, le), OwnPage(f"{season.base_url}/office/letter/{le.id}"))
            for le in letters
            if waits(le.received_at)
        ),
        "alerts": tuple(
            (Text(**a.says), OwnPage(f"{season.base_url}{alert_pages.page(a)}")) for a in alerts if waits(a.at)
        ),
        "late": tuple(_owed(season, q) for q in late),
        "instead_of": "",
    }


def _written(session: Session, letter: Letter) -> str:
    """Who wrote, of which team, and the first of their words; the subject where there are none."""
    person = session.get(Person, letter.person_id) if letter.person_id else None
    team = session.get(Team, letter.team_id) if letter.team_id else None
    who = ", ".join(filter(None, (person.name if person else letter.sender, team.name if team else "")))
    words = " ".join((letter.text or letter.subject).split())
    return f"{who}: {words if len(words) <= SHOWN else words[:SHOWN] + '…'}"


def _owed(season: Season, question: Question) -> Text:
    """Who owes what; the team is named where the question itself does not."""
    who, asked = ", ".join(a.person.name for a in question.addressees), open_questions.asked(season, question)
    team = question.team.name if question.team else ""
    where = f" ({team})" if team and team not in asked.et else ""
    return Text(et=f"{who}{where}: {asked.et}", en=f"{who}{where}: {asked.en}")
