"""The calendar's hand: performs what has fallen due, each duty once, in a transaction of its own; one that concerns
very many is performed in pieces (`workflow/schedule/chunks.py`).

`tick` finds due duties by their index, so a moment with nothing due costs the same with ten teams or a hundred
thousand. What is due when is decided in `workflow.rules.duties`; this module only carries it out.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflow import gathered
from workflow.config.loader import Text
from workflow.database.engine import Database
from workflow.database.models import Alert, Duty, HoursRow, InfoSignup, Letter, Question, StageSession, Team
from workflow.journey import drafts, mentoring, reflection
from workflow.journey import moves as journey
from workflow.journey import submissions as works
from workflow.journey.reflection import Moment
from workflow.notices import Fact, Notice
from workflow.privacy import retention
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.records.history import alert
from workflow.rules.duties import DutyKind, end_of_day, hopeless, next_digest, next_retention
from workflow.rules.machine import Refusal, Trigger
from workflow.rules.questions import QuestionKind
from workflow.schedule import chunks as pieces
from workflow.schedule import silence as watch
from workflow.season import CLOCK, Season
from workflow.text import reasons as own_reasons

ROLL_CALL_DAYS = 3
UNOWED = (QuestionKind.APPROVE, QuestionKind.CONSENT, QuestionKind.RSVP, QuestionKind.REFLECTION)
"""kinds that nobody is late with"""
LETTERS_FIRST = timedelta(seconds=20)
"""how long a question's end waits for letters that came before it and are still to be read"""


def tick(season: Season, db: Database, now: datetime, *, limit: int = 500) -> int:
    """Perform what is due, oldest first, at most `limit` duties. Returns how many were handled.

    After a piece of a duty that concerns very many it is others' turn: the next tick goes on.
    """
    with db.reading() as session:
        query = (
            sa.select(Duty.id)
            .where(Duty.done_at.is_(None), Duty.due_at <= now)
            .order_by(Duty.due_at, Duty.id)
            .limit(limit)
        )
        due = list(session.scalars(query))
    for handled, duty_id in enumerate(due, 1):
        with db.writing() as session:
            more = _handle(season, session, duty_id, now)
        if more:
            return handled
    return len(due)


def _handle(season: Season, session: Session, duty_id: int, now: datetime) -> bool:
    """One duty or its next piece, unless somebody else has it or had it. Whether pieces of it are left."""
    query = sa.select(Duty).where(Duty.id == duty_id, Duty.done_at.is_(None)).with_for_update(skip_locked=True)
    duty = session.scalars(query).first()
    if duty is None:
        return False
    if duty.kind == DutyKind.EXPIRE and _letters_wait(session, duty):
        duty.due_at = now + LETTERS_FIRST
        return False
    duty.done_at = now
    if hopeless(DutyKind(duty.kind), duty.due_at, now) or _superseded(session, duty, now):
        duty.outcome = "late"
        if duty.kind == DutyKind.DIGEST:
            asking.note_duties(session, [next_digest(season.programme, now)])
        return False
    duty.outcome = "done"
    _ACTS[DutyKind(duty.kind)](season, session, duty, now)
    return duty.done_at is None


def _letters_wait(session: Session, duty: Duty) -> bool:
    """Whether a letter that came in time is still to be read: it may hold the answer."""
    due = session.get_one(Question, duty.question_id).due_at
    waiting = sa.select(Letter.id).where(Letter.status == "new", Letter.received_at < due).limit(1)
    return due is not None and session.scalar(waiting) is not None


def _superseded(session: Session, duty: Duty, now: datetime) -> bool:
    """After a pause several reminders of one thing are due at once: only the latest is sent."""
    if duty.kind not in (DutyKind.REMINDER, DutyKind.SESSION_REMINDER):
        return False
    same = Duty.question_id == duty.question_id if duty.question_id else Duty.session_id == duty.session_id
    query = sa.select(Duty.id).where(
        same, Duty.kind == duty.kind, Duty.done_at.is_(None), Duty.due_at <= now, Duty.id != duty.id
    )
    return session.scalar(query.limit(1)) is not None


# -- questions ------------------------------------------------------------------------------------


def _remind(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Remind those who still owe an answer, and nobody else."""
    question = session.get_one(Question, duty.question_id)
    if question.closed_at is not None or question.answered_by_id is not None:
        return
    overdue = question.due_at is not None and question.due_at <= now
    people = [a.person for a in question.addressees if a.person.left_at is None and a.person.address_state != "dead"]
    for person in people:
        asking.remind(season, session, question, person, duty.key, now, overdue=overdue)
    if overdue and not _more_reminders(session, question):
        _give_up(season, session, question, now)


def _more_reminders(session: Session, question: Question) -> bool:
    query = sa.select(Duty.id).where(
        Duty.question_id == question.id, Duty.kind == DutyKind.REMINDER, Duty.done_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def _give_up(season: Season, session: Session, question: Question, now: datetime) -> None:
    """Reminders have run out: the coordinator is told who owes what."""
    asked, who = asking.asked(season, question), ", ".join(a.person.name for a in question.addressees)
    says = Text(
        et=f"{who} ei ole vastanud ka meeldetuletustele: {asked.et}",
        en=f"{who} did not react to reminders: {asked.en}",
    )
    alert(season, session, f"silent:{question.id}", "silent", says, now, team=question.team)


def _expire(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """The time is over. A place not confirmed is released; the rest simply closes."""
    question = session.get_one(Question, duty.question_id)
    if question.closed_at is not None or (question.due_at is not None and question.due_at > now):
        return
    answered = question.answered_by_id is not None
    asking.close(session, question, question.outcome if answered and question.outcome else "expired", now)
    if question.kind == QuestionKind.CONFIRM_PLACE and question.team is not None:
        journey.move(season, session, question.team, Trigger.RELEASE, CLOCK, now, why=own_reasons.NOT_CONFIRMED.et)


# -- sessions and stages --------------------------------------------------------------------------


def _session_reminder(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Every member of every travelling team of the group, save those who said they are not coming."""
    meeting = session.get_one(StageSession, duty.session_id)
    if meeting.cancelled_at is not None or meeting.starts_at <= now:
        return
    open_ones = (Question.kind == QuestionKind.RSVP, Question.stage == meeting.stage, Question.closed_at.is_(None))
    ids = pieces.following(session, duty, sa.select(Question.id).where(*open_ones), Question.id, most=pieces.MAILS)
    query = sa.select(Question).where(Question.id.in_(ids)).options(gathered.WITH_PEOPLE, joinedload(Question.team))
    coming = [q for q in session.scalars(query.order_by(Question.id)) if _comes(q, meeting)]
    with pieces.mails(session, {q.addressees[0].person_id for q in coming}, {q.id for q in coming}, now):
        for question in coming:
            season.post(session, _session_ahead(season, duty, meeting, question, now), now)


def _comes(question: Question, meeting: StageSession) -> bool:
    return bool(question.about["session"] == meeting.id) and question.outcome != "no"


def _session_ahead(season: Season, duty: Duty, meeting: StageSession, question: Question, now: datetime) -> Notice:
    person, tz = question.addressees[0].person, season.programme.tz
    return Notice(
        template="session_reminder",
        key=f"{duty.key}:{person.id}",
        person=person,
        team=question.team,
        question=question,
        stage=meeting.stage,
        session=meeting,
        facts={
            "days": (meeting.starts_at.astimezone(tz).date() - now.astimezone(tz).date()).days,
            "said": question.outcome,
        },
    )


def _session_over(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Ask the trainers who was there, and the teams for their work."""
    meeting = session.get_one(StageSession, duty.session_id)
    if meeting.cancelled_at is not None:
        return
    stage = season.programme.stage(meeting.stage)
    if stage.attendance and pieces.begins(duty):
        _call_the_roll(season, session, meeting, now)
    workshop, last = stage.kind == "workshop", stage is season.programme.stages[-1]
    if workshop or last:
        with pieces.teams(season, session, duty, queries.in_group(meeting.group)) as teams:
            for team in teams:
                if workshop:
                    works.ask_work(season, session, team, stage.key, now)
                if last:
                    reflection.ask(season, session, team, Moment.END, now)


def _call_the_roll(season: Season, session: Session, meeting: StageSession, now: datetime) -> None:
    """One question to the trainers, about everybody who was to be there."""
    expected = queries.with_members(session, queries.travelling(session, season.machine, meeting.group))
    if not expected:
        return
    asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.ROLL_CALL,
            key=f"roll_call:{meeting.id}",
            people=tuple(queries.staff(session, "trainer", season.programme.stage(meeting.stage).trainers or None)),
            template="roll_call",
            stage=meeting.stage,
            group=meeting.group,
            about={"session": meeting.id},
            session=meeting,
            due=end_of_day(now, ROLL_CALL_DAYS, season.programme.tz),
            facts={"expected": tuple((team.name, ", ".join(p.name for p in people)) for team, people in expected)},
        ),
        now,
    )


def _behind(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Teams whose earlier stage is still open attend all the same; the coordinator is told, with the choices."""
    meeting, stages = session.get_one(StageSession, duty.session_id), season.machine.stages
    earlier = [stage for stage in stages if stages.index(stage) < stages.index(meeting.stage)]
    which = (queries.in_group(meeting.group), Team.state.in_(earlier))
    with pieces.teams(season, session, duty, *which) as teams:
        for team in teams:
            missing = journey.lacking(season, queries.facts(session, season.machine, team, places=False), now)
            et, en = (" ".join(r.says.say(lang) for r in missing) for lang in ("et", "en"))
            says = Text(
                et=f"{team.name} on maha jäänud: {et} Valikud: pikendus, edasi lubamine põhjendusega, vestlus, "
                "loobumine.",
                en=f"{team.name} is behind: {en} Choices: an extension, an override with a reason, a talk, withdrawal.",
            )
            alert(season, session, f"behind:{team.id}:{meeting.stage}", "behind", says, now, team=team)


def _work_ask(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    with pieces.teams(season, session, duty) as teams:
        for team in teams:
            works.ask_work(season, session, team, duty.about["stage"], now)


def _stage_end(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Mentoring is over: teams with nothing missing move on; of the others the coordinator is told."""
    stage = duty.about["stage"]
    with pieces.teams(season, session, duty, Team.state == stage) as teams:
        for team in teams:
            journey.settle(season, session, team, now)
            moved = journey.consider(season, session, team, Trigger.ADVANCE, CLOCK.who, now)
            if isinstance(moved, Refusal) and team.state == stage:
                et, en = (" ".join(r.says.say(lang) for r in moved.reasons) for lang in ("et", "en"))
                says = Text(et=f"{team.name}: {et}", en=f"{team.name}: {en}")
                alert(season, session, f"stage_end:{team.id}:{team.state}", "behind", says, now, team=team)


# -- mentoring ------------------------------------------------------------------------------------


def _hours_month(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    stage, month = duty.about["stage"], duty.about["month"]
    with pieces.teams(season, session, duty, Team.state == stage) as teams:
        for team in teams:
            for mentorship in queries.mentorships(session, team.id):
                key = f"hours:{team.id}:{mentorship.person_id}:{month}"
                mentoring.ask_hours(season, session, team, mentorship.person, key, month, now)


def _hours_after(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """After a booked session, unless it was reported or let go meanwhile."""
    row = session.get_one(HoursRow, duty.about["entry"])
    team = session.get_one(Team, row.team_id)
    if team.state in season.machine.stages and row.id in {
        r.id for r in mentoring.booked(season, session, team, row.person, now)
    }:
        month = f"{row.day:%Y-%m}" if row.day else ""
        mentoring.ask_hours(season, session, team, row.person, f"hours_after:{row.id}", month, now)


# -- before the start, and every morning ----------------------------------------------------------


def _info_reminder(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    info = season.programme.info_day
    if info is None or info.start <= now:
        return
    ids = pieces.following(session, duty, sa.select(InfoSignup.id), InfoSignup.id, most=pieces.MAILS)
    query = sa.select(InfoSignup).where(InfoSignup.id.in_(ids)).options(joinedload(InfoSignup.person))
    signups = session.scalars(query.order_by(InfoSignup.id)).all()
    facts: dict[str, Fact] = {"start": info.start, "end": info.end, "place": info.place, "join_link": info.link}
    with pieces.mails(session, {signup.person_id for signup in signups}, (), now):
        for signup in signups:
            key = f"{duty.key}:{signup.id}"
            notice = Notice(template="info_day_reminder", key=key, person=signup.person, facts=facts)
            season.post(session, notice, now)


def _apply_closed(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """The deadline has passed: how many applications count, and which contacts never confirmed."""
    teams = list(session.scalars(sa.select(Team).where(Team.state.in_(season.machine.live)).order_by(Team.id)))
    unverified = [t.name for t in teams if t.verified_at is None]
    says = Text(
        et=f"Taotlusvoor on suletud: arvesse läheb {len(teams) - len(unverified)} taotlust."
        + (f" Kinnitamata: {', '.join(unverified)}." if unverified else ""),
        en=f"Applications are closed: {len(teams) - len(unverified)} count."
        + (f" Not confirmed: {', '.join(unverified)}." if unverified else ""),
    )
    alert(season, session, "apply_closed", "deadline", says, now)


def _draft_ends(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    drafts.end(session, duty.about["draft"])


def _digest(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """One mail a morning instead of forty notices; nothing is sent when nothing waits."""
    watch.look(season, session, now)
    facts = digest(season, session, now)
    if any(facts[k] for k in ("approvals", "letters", "alerts", "late")):
        for person in queries.staff(session, "coordinator"):
            season.post(
                session,
                Notice(
                    template="digest",
                    key=f"{duty.key}:{person.id}",
                    person=person,
                    facts={**facts, "office_link": f"{season.base_url}/office"},
                ),
                now,
            )
    asking.note_duties(session, [next_digest(season.programme, now)])


def digest(season: Season, session: Session, now: datetime) -> dict[str, tuple[Text, ...]]:
    """What waits for the coordinator (approvals, letters, alerts) and for others (late)."""
    questions = queries.open_questions(session)
    letters = session.scalars(sa.select(Letter).where(Letter.status.in_(["held", "parked"])).order_by(Letter.id)).all()
    alerts = session.scalars(sa.select(Alert).where(Alert.settled_at.is_(None)).order_by(Alert.id)).all()
    late = [
        q
        for q in questions
        if q.due_at is not None and q.due_at < now - timedelta(hours=1) and q.kind not in UNOWED
    ]
    return {
        "approvals": tuple(asking.asked(season, q) for q in questions if q.kind == QuestionKind.APPROVE),
        "letters": tuple(Text(et=f"{le.sender}: {le.subject}", en=f"{le.sender}: {le.subject}") for le in letters),
        "alerts": tuple(Text(**a.says) for a in alerts),
        "late": tuple(_owed(season, q) for q in late),
    }


def _owed(season: Season, question: Question) -> Text:
    who, asked = ", ".join(a.person.name for a in question.addressees), asking.asked(season, question)
    return Text(et=f"{who}: {asked.et}", en=f"{who}: {asked.en}")


def _retention(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """What is kept too long goes, and tomorrow it is looked at again."""
    retention.run(season, session, now)
    asking.note_duties(session, [next_retention(season.programme, now)])


_ACTS: Mapping[DutyKind, Callable[[Season, Session, Duty, datetime], None]] = {
    DutyKind.REMINDER: _remind,
    DutyKind.EXPIRE: _expire,
    DutyKind.SESSION_REMINDER: _session_reminder,
    DutyKind.SESSION_OVER: _session_over,
    DutyKind.BEHIND: _behind,
    DutyKind.WORK_ASK: _work_ask,
    DutyKind.STAGE_END: _stage_end,
    DutyKind.HOURS_MONTH: _hours_month,
    DutyKind.HOURS_AFTER: _hours_after,
    DutyKind.INFO_REMINDER: _info_reminder,
    DutyKind.APPLY_CLOSED: _apply_closed,
    DutyKind.DRAFT_ENDS: _draft_ends,
    DutyKind.DIGEST: _digest,
    DutyKind.RETENTION: _retention,
}
