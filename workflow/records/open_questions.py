"""Opens, reassigns and closes questions, with their mails and reminders, all in the caller's transaction.

Every question the service puts to anyone is opened, put to someone else and closed here, and nowhere else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, immediateload

from workflow.codes import DutyOutcome
from workflow.config.loader import Undecided
from workflow.database.engine import insert
from workflow.database.models import Addressee, Duty, HistoryRow, HoursRow, Person, Question, StageSession, Team
from workflow.notices import Fact, Notice, OwnPage
from workflow.records import queries
from workflow.rules import hours
from workflow.rules.duties import Due, DutyKind, of_question
from workflow.rules.machine import TRIGGER_NAMES, Trigger
from workflow.rules.questions import QuestionKind, kind_of
from workflow.season import Season
from workflow.text import formatting, reasons
from workflow.text.bilingual import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to be put. `key` is its cause: the same cause is never asked twice."""

    kind: QuestionKind
    key: str
    people: tuple[Person, ...]
    reserve: tuple[Person, ...] = ()
    """who is asked too where a reminder goes out, and at once where none ever will"""
    template: str = ""
    """its mail; none where it is only written down, to be asked later"""
    team: Team | None = None
    stage: str | None = None
    group: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    due: datetime | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    session: StageSession | None = None
    history: HistoryRow | None = None


def ask(season: Season, session: Session, wanted: Ask, now: datetime) -> Question:
    """Open the question, mail each addressee and note the reminders; the question there was, if asked before."""
    before = _asked_before(session, wanted)
    if before is not None:
        return before
    about = {**wanted.about, RESERVE: [person.id for person in wanted.reserve]} if wanted.reserve else wanted.about
    question = Question(
        key=wanted.key,
        kind=wanted.kind,
        team_id=wanted.team.id if wanted.team else None,
        team=wanted.team,
        stage=wanted.stage,
        group=wanted.group,
        about=dict(about),
        asked_at=now,
        due_at=wanted.due,
        history_id=wanted.history.id if wanted.history else None,
    )
    session.add(question)
    session.flush()  # addressees, mails and duties name it
    dues = of_question(season.programme, wanted.kind, question.id, now, wanted.due)
    reminded = any(due.kind is DutyKind.REMINDER for due in dues)
    for person in wanted.people if reminded else (*wanted.people, *wanted.reserve):
        put_to(season, session, question, person)
        if wanted.template:
            season.post(session, _notice(wanted, question, person), now)
    note_duties(session, dues, question=question)
    return question


RESERVE: Final = "reserve"


def call_reserve(season: Season, session: Session, question: Question, key: str, now: datetime) -> None:
    """Whoever was asked first has not answered by the reminder: those in reserve are asked too, each once."""
    waiting = sa.select(Person).where(Person.id.in_(question.about.get(RESERVE, ())), Person.left_at.is_(None))
    for person in session.scalars(waiting.order_by(Person.id)).all():
        pass_on(season, session, question, person, NOT_ANSWERED, key, now)


NOT_ANSWERED: Final = Text(
    et="Kelle käes see enne oli, ei ole veel vastanud. Nüüd küsime ka teilt: kes jõuab enne, see vastab.",
    en="Whoever had it first has not answered yet. Now we are asking you too: whoever gets to it first answers.",
)


_WHOLE: Final = (immediateload(Question.team), queries.WITH_PEOPLE)


def hold(session: Session, questions: Collection[Question]) -> None:
    """Lock these questions and their teams (`FOR UPDATE`), teams first, each in the order of their numbers: two who
    want the same ones then wait for each other instead of both. They are read anew, with whom they were put to."""
    teams = {question.team_id for question in questions if question.team_id is not None}
    asked = {question.id for question in questions}
    locked: list[Any] = []  # each team stays in memory until its question has it
    for query in (
        sa.select(Team).where(Team.id.in_(teams)).order_by(Team.id),
        sa.select(Question).where(Question.id.in_(asked)).order_by(Question.id).options(*_WHOLE),
    ):
        locked += session.scalars(query.with_for_update().execution_options(populate_existing=True))


def asked_already(session: Session, key: str) -> bool:
    """Whether this cause was asked about before."""
    return session.scalar(sa.select(Question.id).where(Question.key == key)) is not None


def _asked_before(session: Session, wanted: Ask) -> Question | None:
    return session.scalars(sa.select(Question).where(Question.key == wanted.key)).first()


def _notice(wanted: Ask, question: Question, person: Person) -> Notice:
    return Notice(
        template=wanted.template,
        key=f"{wanted.template}:{wanted.key}:{person.id}",
        person=person,
        team=wanted.team,
        question=question,
        stage=wanted.stage,
        session=wanted.session,
        facts=wanted.facts,
        history=wanted.history,
    )


def put_to(season: Season, session: Session, question: Question, person: Person) -> Addressee:
    """Put the question to one more person, with a secret address of their own."""
    before = next((a for a in question.addressees if a.person_id == person.id), None)
    if before is not None:
        return before
    addressee = Addressee(question=question, person=person, person_id=person.id, secret=season.secret())
    session.add(addressee)
    session.flush()  # its mail names it
    return addressee


def note_duties(
    session: Session,
    dues: Iterable[Due],
    *,
    question: Question | None = None,
    team: Team | None = None,
    meeting: StageSession | None = None,
) -> None:
    """Write down what will be due; what is written already stays as it is."""
    team_id = team.id if team else (question.team_id if question else None)
    rows = [
        {
            "key": d.key,
            "kind": d.kind,
            "due_at": d.at,
            "about": dict(d.about),
            "team_id": team_id,
            "question_id": question.id if question else None,
            "session_id": meeting.id if meeting else None,
        }
        for d in dues
    ]
    if rows:
        session.execute(insert(session.get_bind(), Duty).values(rows).on_conflict_do_nothing())


def move_due(season: Season, session: Session, question: Question, due: datetime, now: datetime) -> None:
    """A new due date: the old reminders fall away and new ones are noted."""
    void_duties(session, now, Duty.question_id == question.id)
    question.due_at = due
    note_duties(
        session,
        of_question(season.programme, QuestionKind(question.kind), question.id, now, due),
        question=question,
    )


def void_duties(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> None:
    """Nobody owes these any more."""
    session.execute(sa.update(Duty).where(Duty.done_at.is_(None), *which).values(done_at=now, outcome=DutyOutcome.VOID))


def close(session: Session, question: Question, outcome: str, now: datetime) -> None:
    """The question waits no more; its reminders fall away."""
    question.closed_at, question.outcome = now, outcome
    void_duties(session, now, Duty.question_id == question.id)


def reopen(session: Session, question: Question, now: datetime) -> None:
    """As if it had not been answered: it waits again, and the reminders still ahead are owed again."""
    question.closed_at, question.outcome, question.answer = None, None, None
    question.answered_by_id, question.answered_via, question.letter_id = None, None, None
    ahead = (Duty.question_id == question.id, Duty.outcome == DutyOutcome.VOID, Duty.due_at > now)
    session.execute(sa.update(Duty).where(*ahead).values(done_at=None, outcome=None))


def drop_open(
    session: Session,
    team: Team,
    now: datetime,
    *,
    kinds: Collection[QuestionKind] | None = None,
    stage: str | None = None,
) -> None:
    """Close what is still asked about a team: it has gone out, or what was asked holds no more."""
    for question in queries.questions_of(session, team.id, kinds, open_only=True):
        if stage is None or question.stage == stage:
            close(session, question, "dropped", now)


def remind(
    season: Season,
    session: Session,
    question: Question,
    person: Person,
    key: str,
    now: datetime,
    *,
    overdue: bool = False,
    beside: Mapping[str, Fact] | None = None,
) -> None:
    """Say again what was asked, with this person's own address to reply to. beside: what the mail carries with it."""
    template, facts = _reminding(season, session, question, overdue=overdue)
    facts |= beside or {}
    season.post(
        session,
        Notice(
            template=template,
            key=f"reminder:{key}:{person.id}",
            person=person,
            team=question.team,
            question=question,
            stage=question.stage,
            facts=facts,
        ),
        now,
    )


def pass_on(
    season: Season, session: Session, question: Question, person: Person, why: Text, key: str, now: datetime
) -> bool:
    """Put the question to somebody else than was asked first, by a mail of its own that says why; False where it was
    put to them before."""
    if any(addressee.person_id == person.id for addressee in question.addressees):
        return False
    put_to(season, session, question, person)
    template, facts = _reminding(season, session, question, overdue=False)
    if template == "reminder":
        template, facts = "passed_on", {"asked": facts["asked"], "why": why}
    notice = Notice(
        template=template,
        key=f"{template}:{key}:{person.id}",
        person=person,
        team=question.team,
        question=question,
        stage=question.stage,
        facts=facts,
    )
    season.post(session, notice, now)
    return True


def _reminding(season: Season, session: Session, question: Question, *, overdue: bool) -> tuple[str, dict[str, Fact]]:
    """What nobody owes is asked once more in its own words, not called for; so is what no reply answers."""
    if question.kind == QuestionKind.REFLECTION:
        return "reflection", {"end": question.about.get("moment") == "end", "again": True}
    if question.kind == QuestionKind.APPROVE:
        return "approve", _approval(season, question)
    return "reminder", {"asked": said(season, session, question), "overdue": overdue}


def said(season: Season, session: Session, question: Question) -> Text:
    """The question in a sentence, with the day of a roll-call, and the hours where some are to be checked."""
    sentence = asked(season, question)
    if question.kind == QuestionKind.ROLL_CALL:  # one for each group, and the same stage
        day = queries.asked_session(session, question).starts_at.astimezone(season.programme.tz).date()
        return Text(
            et=f"{sentence.et}, {formatting.day_of_month(day, 'et')}",
            en=f"{sentence.en}, {formatting.day_of_month(day, 'en')}",
        )
    if question.kind != QuestionKind.HOURS_CHECK:
        return sentence
    listed = _hours_asked(session, question)
    return Text(et=f"{sentence.et}: {listed.et}", en=f"{sentence.en}: {listed.en}")


def _hours_asked(session: Session, question: Question) -> Text:
    """Whose hours a team is to check: `Tiit Teder: 12. juuli 2022 1,5 h; 19. juuli 2022 45 min`."""
    rows = [session.get_one(HoursRow, number) for number in question.about["entries"]]
    mentors = ", ".join(dict.fromkeys(row.person.name for row in rows))
    said = {
        lang: "; ".join(
            f"{hours.when(row.day, row.month).say(lang)} {formatting.minutes(row.minutes, lang)}" for row in rows
        )
        for lang in ("et", "en")
    }
    return Text(et=f"{mentors}: {said['et']}", en=f"{mentors}: {said['en']}")


def _approval(season: Season, question: Question) -> dict[str, Fact]:
    """What is said of a step that still waits; the mails it causes stand on its page."""
    assert question.team is not None
    trigger, why = Trigger(question.about["trigger"]), str(question.about.get("why", ""))
    return {
        "move": TRIGGER_NAMES[trigger],
        "missing": (reasons.said(why),) if why else (),
        "mails": (),
        "decide_link": decide_link(season, question.team, trigger),
        "again": True,
        "by_itself": season.programme.undecided(trigger) is Undecided.AUTOMATIC,
    }


def decide_link(season: Season, team: Team, trigger: Trigger) -> str:
    """The page on which a step is decided: it asks for signing in first, and goes on there afterwards."""
    return f"{season.base_url}/office/team/{team.id}/step/{trigger}"


def decided_at(season: Season, question: Question | None) -> OwnPage:
    """Where a coordinator decides what was asked, or everything else."""
    if question is not None and question.kind == QuestionKind.APPROVE and question.team is not None:
        return OwnPage(decide_link(season, question.team, Trigger(question.about["trigger"])))
    return OwnPage(f"{season.base_url}/office")


def _month(key: str) -> Text:
    """`2022-07` as people say it; nothing where no month is meant."""
    first = date.fromisoformat(f"{key}-01") if key else None
    return Text(et=formatting.month(first, "et"), en=formatting.month(first, "en")) if first else Text(et="", en="")


def asked(season: Season, question: Question) -> Text:
    """The question in one sentence, as it stands in reminders, on pages and in the digest."""
    kind, programme = kind_of(question.kind), season.programme
    stage = next((s for s in programme.stages if s.key == question.stage), None)
    blank = Text(et="", en="")
    move = TRIGGER_NAMES[Trigger(question.about["trigger"])] if "trigger" in question.about else blank
    address, heading = (str(question.about.get(key, "")) for key in ("address", "heading"))
    words = {
        "team": Text(et=question.team.name, en=question.team.name) if question.team else blank,
        "stage": stage.name if stage else blank,
        "work": stage.work.name if stage and stage.work else blank,
        "month": _month(str(question.about.get("month", ""))),
        "move": move,
        "address": Text(et=address, en=address),
        "heading": Text(et=heading, en=heading),
    }
    said = {
        lang: kind.asks.say(lang).format(**{k: w.say(lang) for k, w in words.items()}).strip(" ,:")
        for lang in ("et", "en")
    }
    return Text(**said)
