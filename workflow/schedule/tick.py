"""Scheduler: performs the duties that have fallen due, each once, in a transaction of its own; one that concerns very
many is performed in pieces (`workflow/schedule/chunks.py`).

`tick` finds due duties by their index, so a moment with nothing due costs the same with ten teams or a hundred
thousand. What is due when is decided in `workflow.rules.duties`; this module only carries it out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflow.codes import AlertKind, DutyOutcome, LetterStatus
from workflow.database.engine import Database
from workflow.database.models import (
    Addressee,
    Duty,
    HoursRow,
    InfoSignup,
    Letter,
    Person,
    Question,
    StageSession,
    Submission,
    Team,
)
from workflow.journey import (
    drafts,
    guests,
    invitations,
    members,
    mentoring,
    moves,
    reflection,
    submissions,
    undecided,
    verifying,
)
from workflow.journey.reflection import Moment
from workflow.notices import Fact, Notice
from workflow.privacy import retention
from workflow.records import on_duty, open_questions, queries, undelivered
from workflow.records.history import alert
from workflow.rules.duties import DutyKind, end_of_day, hopeless, midnight, next_digest, next_retention
from workflow.rules.machine import Refusal, Trigger
from workflow.rules.questions import OWED, QuestionKind
from workflow.schedule import alert_checks, chunks, digest, silence, together
from workflow.season import CLOCK, Season
from workflow.text import reasons
from workflow.text.bilingual import Text

ROLL_CALL_DAYS = 3
LOOK_SECONDS = 5
"""of each minute: an idle worker, who looks every two seconds, sees then what is mended by something else"""
LETTERS_FIRST = timedelta(seconds=20)
"""how long a question's end waits for letters that came before it and are still to be read"""


def tick(season: Season, db: Database, now: datetime, *, limit: int = 500) -> int:
    """Perform what is due, oldest first, at most `limit` duties. Returns how many were handled.

    After a piece of a duty that concerns very many it is others' turn: the next tick goes on. What is over
    falls away within a minute: mails that have not left, and what the coordinator was told.
    """
    with db.reading() as session:
        query = (
            sa.select(Duty.id)
            .where(Duty.done_at.is_(None), Duty.due_at <= now)
            .order_by(Duty.due_at, Duty.id)
            .limit(limit)
        )
        due = list(session.scalars(query))
    handled = _perform(season, db, due, now)
    if handled or now.second < LOOK_SECONDS:
        _tidy(season, db, now)
    return handled


def _tidy(season: Season, db: Database, now: datetime) -> None:
    """What is over goes: mails about it that have not left, then what the coordinator was told of it."""
    with db.reading() as session:
        over = undelivered.any_over(session, now)
    if over:
        with db.writing() as session:
            undelivered.drop_over(session, now)
    alert_checks.look(season, db, now)


def _perform(season: Season, db: Database, due: Sequence[int], now: datetime) -> int:
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
        duty.outcome = DutyOutcome.LATE
        if duty.kind == DutyKind.DIGEST:
            open_questions.note_duties(session, [next_digest(season.programme, now)])
        return False
    duty.outcome = DutyOutcome.DONE
    _ACTS[DutyKind(duty.kind)](season, session, duty, now)
    return duty.done_at is None and duty.due_at <= now


def _letters_wait(session: Session, duty: Duty) -> bool:
    """Whether a letter that came in time is still to be read: it may hold the answer."""
    due = session.get_one(Question, duty.question_id).due_at
    waiting = sa.select(Letter.id).where(Letter.status == LetterStatus.NEW, Letter.received_at < due).limit(1)
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
        if not together.rode(session, duty, _door(question, person)):
            beside = together.carried(season, session, person, now, main=question)
            open_questions.remind(season, session, question, person, duty.key, now, overdue=overdue, beside=beside)
    open_questions.call_reserve(season, session, question, duty.key, now)
    if overdue and not _more_reminders(session, question):
        _give_up(season, session, question, now)


def _door(question: Question, person: Person) -> Addressee:
    return next(one for one in question.addressees if one.person_id == person.id)


def _more_reminders(session: Session, question: Question) -> bool:
    query = sa.select(Duty.id).where(
        Duty.question_id == question.id, Duty.kind == DutyKind.REMINDER, Duty.done_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def _give_up(season: Season, session: Session, question: Question, now: datetime) -> None:
    """Reminders have run out: the coordinator is told who owes what; what nobody owes is let be."""
    if question.kind not in OWED:
        return
    asked, who = open_questions.asked(season, question), ", ".join(a.person.name for a in question.addressees)
    says = Text(
        et=f"{who} ei ole vastanud ka meeldetuletustele: {asked.et}",
        en=f"{who} did not react to reminders: {asked.en}",
    )
    about = {"question": question.id}
    alert(season, session, f"silent:{question.id}", AlertKind.SILENT, says, now, team=question.team, about=about)
    if question.kind == QuestionKind.REVIEW:
        undecided.review(season, session, question, now)


def _expire(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """The time is over. A place not confirmed is released; the rest simply closes."""
    question = session.get_one(Question, duty.question_id)
    if question.closed_at is not None or (question.due_at is not None and question.due_at > now):
        return
    answered = question.answered_by_id is not None
    open_questions.close(session, question, question.outcome if answered and question.outcome else "expired", now)
    if question.kind == QuestionKind.CONFIRM_PLACE and question.team is not None:
        moves.move(season, session, question.team, Trigger.RELEASE, CLOCK, now, why=reasons.NOT_CONFIRMED.et)


def _undecided(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """The coordinators have let a step lie."""
    undecided.step(season, session, session.get_one(Question, duty.question_id), now)


# -- sessions and stages --------------------------------------------------------------------------


def _session_invitation(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Each member of the travelling teams of the group whom no mail has asked yet whether they come."""
    meeting = session.get_one(StageSession, duty.session_id)
    for question in _rsvps(session, duty, meeting, now, ~invitations.ASKED):
        beside = together.carried(season, session, question.addressees[0].person, now, main=question)
        invitations.invite(season, session, question, now, beside=beside)


def _session_reminder(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """The last time everybody save those who are not coming; before that, those who have not answered."""
    meeting = session.get_one(StageSession, duty.session_id)
    last = duty.about["days"] == min(season.programme.reminders.sessions)
    owing = Question.outcome.is_(None)
    which = sa.or_(owing, Question.outcome != "no") if last else owing
    for question in _rsvps(session, duty, meeting, now, which):
        door = question.addressees[0]
        if not last and together.rode(session, duty, door):
            continue
        along = together.invited_along(season, session, question, now) if last and question.outcome == "yes" else None
        beside = together.carried(season, session, door.person, now, main=along or question)
        days, posted = _days(season, meeting, now), None
        if along is not None and days > 0:
            both = beside | invitations.before(season, meeting, door, days)
            posted = invitations.invite(season, session, along, now, beside=both)
        if posted is None:
            season.post(session, _session_ahead(season, duty, meeting, question, beside, now), now)


def _rsvps(
    session: Session, duty: Duty, meeting: StageSession, now: datetime, which: sa.ColumnElement[bool]
) -> list[Question]:
    """The next piece of the questions about a session that are so; none once it has begun or is off."""
    if meeting.cancelled_at is not None or meeting.starts_at <= now:
        return []
    about = (Question.kind == QuestionKind.RSVP, Question.stage == meeting.stage, Question.closed_at.is_(None), which)
    ids = chunks.following(session, duty, sa.select(Question.id).where(*about), Question.id, most=chunks.MAILS)
    query = sa.select(Question).where(Question.id.in_(ids)).options(queries.WITH_PEOPLE, joinedload(Question.team))
    return [q for q in session.scalars(query.order_by(Question.id)) if q.about["session"] == meeting.id]


def _days(season: Season, meeting: StageSession, now: datetime) -> int:
    tz = season.programme.tz
    return (meeting.starts_at.astimezone(tz).date() - now.astimezone(tz).date()).days


def _session_ahead(
    season: Season, duty: Duty, meeting: StageSession, question: Question, beside: dict[str, Fact], now: datetime
) -> Notice:
    person = question.addressees[0].person
    return Notice(
        template="session_reminder",
        key=f"{duty.key}:{person.id}",
        person=person,
        team=question.team,
        question=question,
        stage=meeting.stage,
        session=meeting,
        facts={"days": _days(season, meeting, now), "said": question.outcome, **beside},
    )


def _session_over(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Ask the trainers who was there, and the teams for their work."""
    meeting = session.get_one(StageSession, duty.session_id)
    if meeting.cancelled_at is not None:
        return
    stage = season.programme.stage(meeting.stage)
    if stage.attendance and chunks.begins(duty):
        _call_the_roll(season, session, meeting, now)
    workshop, last = stage.kind == "workshop", stage is season.programme.stages[-1]
    if workshop or last:
        for team in chunks.teams(season, session, duty, queries.in_group(meeting.group)):
            if workshop:
                submissions.ask_work(season, session, team, stage.key, now)
            if last:
                reflection.ask(season, session, team, Moment.END, now)


def _call_the_roll(season: Season, session: Session, meeting: StageSession, now: datetime) -> None:
    """One question to the trainers, about everybody who was to be there."""
    expected = queries.with_members(session, queries.travelling(session, season.machine, meeting.group))
    if not expected:
        return
    stage = season.programme.stage(meeting.stage)
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.ROLL_CALL,
            key=f"roll_call:{meeting.id}",
            people=on_duty.staff_of(session, season.programme, stage, now),
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
    for team in chunks.teams(season, session, duty, *which):
        missing = moves.lacking(season, queries.facts(session, season.machine, team, places=False), now)
        et, en = (" ".join(r.says.say(lang) for r in missing) for lang in ("et", "en"))
        says = Text(
            et=f"{team.name} on maha jäänud: {et} Valikud: pikendus, edasi lubamine põhjendusega, vestlus, loobumine.",
            en=f"{team.name} is behind: {en} Choices: an extension, an override with a reason, a talk, withdrawal.",
        )
        about, key = {"stage": team.state, "session": meeting.id}, f"behind:{team.id}:{meeting.stage}"
        alert(season, session, key, AlertKind.BEHIND, says, now, team=team, about=about)


def _few_coming(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Teams of which too few are coming, as far as they have said."""
    meeting = session.get_one(StageSession, duty.session_id)
    for team in chunks.teams(season, session, duty, queries.in_group(meeting.group)):
        invitations.look_who_comes(season, session, team, meeting, now)


def _work_accepted(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """No mail has carried the news."""
    person, work = session.get_one(Person, duty.about["person"]), session.get_one(Submission, duty.about["submission"])
    if person.left_at is None and together.stands(session, work):
        submissions.post_accepted(season, session, work, person, now)


def _work_ask(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    for team in chunks.teams(season, session, duty):
        submissions.ask_work(season, session, team, duty.about["stage"], now)


def _stage_end(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Mentoring is over: teams with nothing missing move on; of the others the coordinator is told."""
    stage = duty.about["stage"]
    for team in chunks.teams(season, session, duty, Team.state == stage):
        moves.settle(season, session, team, now)
        moved = moves.consider(season, session, team, Trigger.ADVANCE, CLOCK.who, now)
        if isinstance(moved, Refusal) and team.state == stage:
            et, en = (" ".join(r.says.say(lang) for r in moved.reasons) for lang in ("et", "en"))
            says = Text(et=f"{team.name}: {et}", en=f"{team.name}: {en}")
            key = f"stage_end:{team.id}:{team.state}"
            alert(season, session, key, AlertKind.BEHIND, says, now, team=team, about={"stage": team.state})


# -- mentoring ------------------------------------------------------------------------------------


def _hours_month(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """Of the teams in mentoring, or in any stage where hours are used beside others; once it is over also those who
    went on then, the night before."""
    stage, month = season.programme.stage(duty.about["stage"]), duty.about["month"]
    window = stage.hours_window
    ends = midnight(window[1] + timedelta(days=1), season.programme.tz) if window else None
    last = ends is not None and duty.due_at >= ends
    first = season.machine.stages[0] if stage.beside else stage.key
    states = season.machine.from_stage(first) if last or stage.beside else (stage.key,)
    for team in chunks.teams(season, session, duty, states=states):
        for mentorship in queries.mentorships(session, team.id, at=ends if last else None):
            key = f"hours:{team.id}:{mentorship.person_id}:{month}"
            mentoring.ask_hours(season, session, team, mentorship.person, key, month, now, stage=stage.key)


def _hours_after(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """After a booked session, unless it was reported or let go meanwhile."""
    row = session.get_one(HoursRow, duty.about["entry"])
    team = session.get_one(Team, row.team_id)
    if team.state in season.machine.stages and row.id in {
        r.id for r in mentoring.booked(season, session, team, row.person, now)
    }:
        month = f"{row.day:%Y-%m}" if row.day else ""
        mentoring.ask_hours(season, session, team, row.person, f"hours_after:{row.id}", month, now, stage=row.stage)


# -- before the start, and every morning ----------------------------------------------------------


def _info_reminder(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """To those who have been written to: at a stranger's word nobody gets more than the rate limit lets through."""
    info = season.programme.info_day
    if info is None or info.start <= now:
        return
    welcomed = sa.select(InfoSignup.id).where(InfoSignup.welcomed_at.is_not(None))
    ids = chunks.following(session, duty, welcomed, InfoSignup.id, most=chunks.MAILS)
    query = sa.select(InfoSignup).where(InfoSignup.id.in_(ids)).options(joinedload(InfoSignup.person))
    signups = session.scalars(query.order_by(InfoSignup.id)).all()
    facts: dict[str, Fact] = {"start": info.start, "end": info.end, "place": info.place, "join_link": info.link}
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
    alert(season, session, "apply_closed", AlertKind.DEADLINE, says, now)


def _draft_ends(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    drafts.end(session, duty.about["draft"])


def _first_mail(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """A mail that the rate limit held back leaves, or waits on."""
    later = _FIRST_MAILS[DutyKind(duty.kind)](season, session, duty.about["row"], now)
    if later is not None:
        duty.due_at, duty.done_at, duty.outcome = later, None, None


_FIRST_MAILS: Mapping[DutyKind, Callable[[Season, Session, int, datetime], datetime | None]] = {
    DutyKind.VERIFY_ASK: verifying.ask,
    DutyKind.CONSENT_ASK: members.tell_named,
    DutyKind.DRAFT_MAIL: drafts.mail,
    DutyKind.WELCOME_MAIL: guests.welcome,
}


def _digest(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """The morning's mail, once it was looked at what has become silent and what fell away."""
    silence.look(season, session, now)
    alert_checks.clear(season, session, now)
    digest.send(season, session, duty.key, now)
    open_questions.note_duties(session, [next_digest(season.programme, now)])


def _retention(season: Season, session: Session, duty: Duty, now: datetime) -> None:
    """What is kept too long goes, and tomorrow it is looked at again."""
    retention.run(season, session, now)
    open_questions.note_duties(session, [next_retention(season.programme, now)])


_ACTS: Mapping[DutyKind, Callable[[Season, Session, Duty, datetime], None]] = {
    DutyKind.REMINDER: _remind,
    DutyKind.EXPIRE: _expire,
    DutyKind.SESSION_INVITATION: _session_invitation,
    DutyKind.SESSION_REMINDER: _session_reminder,
    DutyKind.SESSION_OVER: _session_over,
    DutyKind.FEW_COMING: _few_coming,
    DutyKind.BEHIND: _behind,
    DutyKind.WORK_ASK: _work_ask,
    DutyKind.WORK_ACCEPTED: _work_accepted,
    DutyKind.STAGE_END: _stage_end,
    DutyKind.HOURS_MONTH: _hours_month,
    DutyKind.HOURS_AFTER: _hours_after,
    DutyKind.INFO_REMINDER: _info_reminder,
    DutyKind.APPLY_CLOSED: _apply_closed,
    DutyKind.DRAFT_ENDS: _draft_ends,
    **dict.fromkeys(_FIRST_MAILS, _first_mail),
    DutyKind.UNDECIDED: _undecided,
    DutyKind.DIGEST: _digest,
    DutyKind.RETENTION: _retention,
}
