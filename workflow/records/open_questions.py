"""Asking: a question with its addressees, their mails and its reminders, all in the caller's transaction.

Every question the service puts to anyone is opened, put to someone else and closed here, and nowhere else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import gathered, pending
from workflow.config.loader import Text
from workflow.database.engine import insert
from workflow.database.models import Addressee, Duty, HistoryRow, Person, Question, StageSession, Team
from workflow.notices import Fact, Method, Notice
from workflow.records import queries
from workflow.rules.duties import Due, of_question
from workflow.rules.machine import TRIGGER_NAMES, Trigger
from workflow.rules.questions import KINDS, QuestionKind
from workflow.season import Season
from workflow.text import formatting as say


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to be put. `key` is its cause: the same cause is never asked twice."""

    kind: QuestionKind
    key: str
    people: tuple[Person, ...]
    template: str
    team: Team | None = None
    stage: str | None = None
    group: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    due: datetime | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    session: StageSession | None = None
    calendar: Method | None = None
    history: HistoryRow | None = None


def ask(season: Season, session: Session, wanted: Ask, now: datetime) -> Question:
    """Open the question, mail each addressee and note the reminders; the question there was, if asked before."""
    before = _asked_before(session, wanted)
    if before is not None:
        return before
    question = Question(
        key=wanted.key,
        kind=wanted.kind,
        team_id=wanted.team.id if wanted.team else None,
        team=wanted.team,
        stage=wanted.stage,
        group=wanted.group,
        about=dict(wanted.about),
        asked_at=now,
        due_at=wanted.due,
        history_id=wanted.history.id if wanted.history else None,
    )
    pending.added(session, question)
    for person in wanted.people:
        put_to(season, session, question, person)
        season.post(session, _notice(wanted, question, person), now)
    note_duties(session, of_question(season.programme, wanted.kind, question.id, now, wanted.due), question=question)
    return question


def _asked_before(session: Session, wanted: Ask) -> Question | None:
    known = gathered.rows(session, Question, wanted.team.id if wanted.team else None)
    if known is not None and wanted.kind not in gathered.MANY:
        return next((q for q in known if q.key == wanted.key), None)
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
        calendar=wanted.calendar,
        facts=wanted.facts,
        history=wanted.history,
    )


def put_to(season: Season, session: Session, question: Question, person: Person) -> Addressee:
    """Put the question to one more person, with a secret address of their own."""
    before = next((a for a in question.addressees if a.person_id == person.id), None)
    if before is not None:
        return before
    addressee = Addressee(question=question, person=person, person_id=person.id, secret=season.secret())
    pending.added(session, addressee)
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
    waiting = pending.of(session)
    if waiting is not None:
        waiting.owe(rows)
    elif rows:
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
    session.execute(sa.update(Duty).where(Duty.done_at.is_(None), *which).values(done_at=now, outcome="void"))


def close(session: Session, question: Question, outcome: str, now: datetime) -> None:
    """The question waits no more; its reminders fall away."""
    question.closed_at, question.outcome = now, outcome
    waiting = pending.of(session)
    if waiting is not None:
        waiting.void(question.id, now)
    else:
        void_duties(session, now, Duty.question_id == question.id)


def reopen(session: Session, question: Question, now: datetime) -> None:
    """As if it had not been answered: it waits again, and the reminders still ahead are owed again."""
    question.closed_at, question.outcome, question.answer = None, None, None
    question.answered_by_id, question.answered_via, question.letter_id = None, None, None
    ahead = (Duty.question_id == question.id, Duty.outcome == "void", Duty.due_at > now)
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
) -> None:
    """Say again what was asked, with this person's own address to reply to."""
    template, facts = _reminding(season, question, overdue=overdue)
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


def _reminding(season: Season, question: Question, *, overdue: bool) -> tuple[str, dict[str, Fact]]:
    """What nobody owes is asked once more in its own words, not called for."""
    if question.kind == QuestionKind.REFLECTION:
        return "reflection", {"end": question.about.get("moment") == "end", "again": True}
    return "reminder", {"asked": asked(season, question), "overdue": overdue}


def _month(key: str) -> Text:
    """`2022-07` as people say it; nothing where no month is meant."""
    first = date.fromisoformat(f"{key}-01") if key else None
    return Text(et=say.month(first, "et"), en=say.month(first, "en")) if first else Text(et="", en="")


def asked(season: Season, question: Question) -> Text:
    """The question in one sentence, as it stands in reminders, on pages and in the digest."""
    kind, programme = KINDS[QuestionKind(question.kind)], season.programme
    stage = next((s for s in programme.stages if s.key == question.stage), None)
    blank = Text(et="", en="")
    move = TRIGGER_NAMES[Trigger(question.about["trigger"])] if "trigger" in question.about else blank
    words = {
        "team": Text(et=question.team.name, en=question.team.name) if question.team else blank,
        "stage": stage.name if stage else blank,
        "work": stage.work.name if stage and stage.work else blank,
        "month": _month(str(question.about.get("month", ""))),
        "move": move,
    }
    said = {
        lang: kind.asks.say(lang).format(**{k: w.say(lang) for k, w in words.items()}).strip(" ,:")
        for lang in ("et", "en")
    }
    return Text(**said)
