"""Dry run: the mails, questions, duties and moves that an act causes, found by doing it in a savepoint and rolling
back.

The act runs inside a savepoint that is always rolled back, with secrets that open nothing. What is shown to
the coordinator is therefore what happens, word for word; `Foreseen.digest` says whether it still would.
Must never leave anything behind, and never commit.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database.models import Alert, Duty, HistoryRow, Message, Question, Team
from workflow.notices import Notice, Post
from workflow.records import open_questions
from workflow.rules.duties import DutyKind
from workflow.rules.machine import Trigger
from workflow.rules.questions import QuestionKind
from workflow.season import Season
from workflow.text.bilingual import Text

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenMail:
    """One mail as it will be queued: `body` is its source, which holds no secret."""

    template: str
    lang: str
    to_name: str
    to_address: str
    subject: str
    body: str
    calendar: str | None
    held: bool
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenQuestion:
    kind: str
    says: Text
    to: tuple[str, ...]
    due: datetime | None
    team: str


@dataclass(frozen=True, slots=True)
class ForeseenDuty:
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ForeseenMove:
    """A line of a team's history that the act writes."""

    team: str
    event: str
    source: str | None
    target: str | None
    group: str | None = None
    """into which a team is selected"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen(Generic[R]):
    """All that the act brings. `result` is what it returned."""

    result: R
    mails: tuple[ForeseenMail, ...]
    asks: tuple[ForeseenQuestion, ...]
    ends: tuple[ForeseenQuestion, ...]
    duties: tuple[ForeseenDuty, ...]
    moves: tuple[ForeseenMove, ...]
    alerts: tuple[Text, ...]
    digest: str

    @property
    def people(self) -> int:
        """To how many addresses something is sent."""
        return len({m.to_address for m in self.mails})


def foresee(season: Season, session: Session, act: Callable[[Season], R], *, about: Sequence[Any] = ()) -> Foreseen[R]:
    """Do `act` with a season of its own, note what it did, and take all of it back.

    about: plain values that must still be the same when it is done for good (versions, requirements).
    """
    watch = _Watch(season.post, newest_duty=session.scalar(sa.select(sa.func.max(Duty.id))) or 0)
    savepoint = session.begin_nested()
    event.listen(session, "before_flush", watch.look)
    try:
        result = act(replace(season, post=watch, secret=watch.secret))
        session.flush()
        seen = watch.seen(season, session)
    finally:
        event.remove(session, "before_flush", watch.look)
        savepoint.rollback()
        session.expire_all()
    mails, asks, ends, duties, moves, alerts = seen
    return Foreseen(
        result=result,
        mails=mails,
        asks=asks,
        ends=ends,
        duties=duties,
        moves=moves,
        alerts=alerts,
        digest=_digest(about, mails, asks, moves, alerts),
    )


_Seen = tuple[
    tuple[ForeseenMail, ...],
    tuple[ForeseenQuestion, ...],
    tuple[ForeseenQuestion, ...],
    tuple[ForeseenDuty, ...],
    tuple[ForeseenMove, ...],
    tuple[Text, ...],
]


@dataclass(slots=True)
class _Watch:
    """Stands in for the season's post and secrets, and notes what the session is about to write."""

    post: Post
    newest_duty: int
    """what is written with a higher number is new: duties are written past the session's own objects"""
    messages: list[Message] = field(default_factory=list)
    new: dict[int, Any] = field(default_factory=dict)
    closed: dict[int, Question] = field(default_factory=dict)
    secrets: int = 0

    def __call__(self, session: Session, notice: Notice, now: datetime) -> Message | None:
        message = self.post(session, notice, now)
        if message is not None:
            self.messages.append(message)
        return message

    def secret(self) -> str:
        """Opens nothing: it is never committed. Counted, so that the same act always reads the same."""
        self.secrets += 1
        return f"foreseen{self.secrets:06d}"

    def look(self, session: Session, _context: object, _instances: object) -> None:
        for row in session.new:
            if isinstance(row, (Question, HistoryRow, Alert)):
                self.new[id(row)] = row
        for row in session.dirty:
            if isinstance(row, Question) and sa.inspect(row).attrs.closed_at.history.has_changes():
                self.closed[id(row)] = row

    def seen(self, season: Season, session: Session) -> _Seen:
        rows = list(self.new.values())
        asked = [r for r in rows if isinstance(r, Question)]
        ended = [q for q in self.closed.values() if q.closed_at is not None and id(q) not in self.new]
        names = _team_names(session, rows, self.messages)
        new_duties = sa.select(Duty).where(Duty.id > self.newest_duty, Duty.done_at.is_(None))
        return (
            tuple(_mail(m, names) for m in self.messages if m.status != MessageStatus.DROPPED),
            tuple(_question(season, q) for q in asked if q.closed_at is None and q.kind != QuestionKind.RSVP),
            tuple(_question(season, q) for q in ended if q.kind != QuestionKind.RSVP),
            _duties(session.scalars(new_duties).all()),
            tuple(_move(r, names) for r in rows if isinstance(r, HistoryRow)),
            tuple(Text(**r.says) for r in rows if isinstance(r, Alert)),
        )


def _team_names(session: Session, rows: Iterable[Any], messages: Iterable[Message]) -> dict[int | None, str]:
    ids = {row.team_id for row in (*rows, *messages) if row.team_id is not None}
    found = session.execute(sa.select(Team.id, Team.name).where(Team.id.in_(ids)))
    return {row.id: row.name for row in found}


def _mail(message: Message, names: dict[int | None, str]) -> ForeseenMail:
    return ForeseenMail(
        template=message.template,
        lang=message.lang,
        to_name=message.to_name,
        to_address=message.to_address,
        subject=message.subject,
        body=message.body,
        calendar=message.calendar_method,
        held=message.status == MessageStatus.HELD,
        team=names.get(message.team_id, ""),
    )


def _question(season: Season, question: Question) -> ForeseenQuestion:
    return ForeseenQuestion(
        kind=question.kind,
        says=open_questions.asked(season, question),
        to=tuple(a.person.name for a in question.addressees),
        due=question.due_at,
        team=question.team.name if question.team else "",
    )


def _duties(rows: Sequence[Duty]) -> tuple[ForeseenDuty, ...]:
    """In order of time; what a question's own end makes void is left out."""
    ends = {d.question_id: d.due_at for d in rows if d.kind == DutyKind.EXPIRE}
    kept = [d for d in rows if d.due_at <= ends.get(d.question_id, d.due_at)]
    return tuple(sorted((ForeseenDuty(d.kind, d.due_at) for d in kept), key=lambda d: d.at))


def _move(row: HistoryRow, names: dict[int | None, str]) -> ForeseenMove:
    group = row.proof.get("group") if row.event == Trigger.SELECT else None
    return ForeseenMove(names.get(row.team_id, ""), row.event, row.from_state, row.to_state, group)


def _digest(
    about: Sequence[Any],
    mails: tuple[ForeseenMail, ...],
    asks: tuple[ForeseenQuestion, ...],
    moves: tuple[ForeseenMove, ...],
    alerts: tuple[Text, ...],
) -> str:
    told = [(m.template, m.lang, m.to_address, m.subject, m.body, m.calendar, m.held) for m in mails]
    asked = [(q.kind, q.says.en, q.to, q.due) for q in asks]
    moved = [(m.team, m.event, m.source, m.target, m.group) for m in moves]
    whole = json.dumps([list(about), told, asked, moved, [a.en for a in alerts]], default=str)
    return hashlib.sha256(whole.encode()).hexdigest()
