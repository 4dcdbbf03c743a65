"""Reads for today's page and for the mail pages: what waits for whom, what goes out, what came in.

Must never write. Lists are cut at PAGE rows, newest first; the counts are of everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.models import Addressee, Alert, Duty, Letter, Message, Person, Question, StageSession, Team
from workflow.questions import QuestionKind
from workflow.say import sort_key

PAGE = 100
WAITS = ("held", "parked")
FAILED = ("failed", "bounced", "uncertain")
UNSEEN = ("sign_in",)
"""mails that only their addressee may read"""
SILENT_KINDS = (QuestionKind.APPROVE, QuestionKind.RSVP, QuestionKind.CONSENT, QuestionKind.REFLECTION)
"""kinds whose silence nobody waits for"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What waits for the coordinator, what waits for others, and what comes next."""

    approvals: tuple[Question, ...]
    letters: tuple[Letter, ...]
    alerts: tuple[Alert, ...]
    owed: tuple[Question, ...]
    failed: tuple[Message, ...]
    held: int
    next_session: StageSession | None
    next_duty: Duty | None
    teams: Mapping[int, str]

    @property
    def mine(self) -> int:
        """How many things wait for the coordinator."""
        return len(self.approvals) + len(self.letters) + len(self.alerts) + len(self.failed) + bool(self.held)


def today(session: Session, now: datetime) -> Today:
    """A fixed number of queries."""
    questions = _open_questions(session)
    return Today(
        approvals=tuple(q for q in questions if q.kind == QuestionKind.APPROVE),
        letters=tuple(waiting_letters(session)),
        alerts=tuple(
            session.scalars(sa.select(Alert).where(Alert.settled_at.is_(None)).order_by(Alert.at.desc(), Alert.id))
        ),
        owed=tuple(q for q in questions if q.kind not in SILENT_KINDS),
        failed=tuple(
            session.scalars(
                sa.select(Message).where(Message.status.in_(FAILED), _seen()).order_by(Message.id.desc()).limit(PAGE)
            )
        ),
        held=counts(session).get("held", 0),
        next_session=_next_session(session, now),
        next_duty=session.scalars(
            sa.select(Duty).where(Duty.done_at.is_(None), Duty.kind != "digest").order_by(Duty.due_at).limit(1)
        ).first(),
        teams=team_names(session),
    )


def _open_questions(session: Session) -> list[Question]:
    query = (
        sa.select(Question)
        .where(Question.closed_at.is_(None), Question.kind.not_in([QuestionKind.RSVP, QuestionKind.CONSENT]))
        .options(selectinload(Question.addressees).selectinload(Addressee.person), selectinload(Question.team))
    )
    return list(session.scalars(query.order_by(Question.due_at.is_(None), Question.due_at, Question.id)))


def _next_session(session: Session, now: datetime) -> StageSession | None:
    query = sa.select(StageSession).where(StageSession.starts_at > now, StageSession.cancelled_at.is_(None))
    return session.scalars(query.order_by(StageSession.starts_at).limit(1)).first()


def team_names(session: Session) -> dict[int, str]:
    """id -> name of every team, by name."""
    rows = session.execute(sa.select(Team.id, Team.name))
    return {row.id: row.name for row in sorted(rows, key=lambda row: (sort_key(row.name), row.id))}


# -- letters --------------------------------------------------------------------------------------


def waiting_letters(session: Session) -> list[Letter]:
    """Letters that wait for the coordinator, oldest first."""
    return list(session.scalars(sa.select(Letter).where(Letter.status.in_(WAITS)).order_by(Letter.id).limit(PAGE)))


def letters(session: Session, *, outcome: str = "", team_id: int | None = None) -> list[Letter]:
    """Letters that came, newest first."""
    query = sa.select(Letter).order_by(Letter.id.desc()).limit(PAGE)
    if outcome:
        query = query.where(Letter.outcome == outcome)
    return list(session.scalars(query if team_id is None else query.where(Letter.team_id == team_id)))


def outcomes(session: Session) -> list[str]:
    """The outcomes that letters have had."""
    query = sa.select(Letter.outcome).where(Letter.outcome.is_not(None)).distinct().order_by(Letter.outcome)
    return [o for o in session.scalars(query) if o]


@dataclass(frozen=True, slots=True)
class About:
    """The questions, people and teams that letters speak of, by id."""

    questions: Mapping[int, Question]
    people: Mapping[int, Person]
    teams: Mapping[int, str]


def about(session: Session, found: list[Letter]) -> About:
    """What letters and their readings refer to, in three queries."""
    asked = {r["question"] for le in found for r in le.readings} | {le.question_id for le in found if le.question_id}
    who = {r["person"] for le in found for r in le.readings} | {le.person_id for le in found if le.person_id}
    questions = session.scalars(sa.select(Question).where(Question.id.in_(asked)).options(selectinload(Question.team)))
    people = session.scalars(sa.select(Person).where(Person.id.in_(who)))
    return About({q.id: q for q in questions}, {p.id: p for p in people}, team_names(session))


# -- messages -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the outbox shows; an empty value filters nothing."""

    status: str = ""
    template: str = ""
    team_id: int | None = None


def messages(session: Session, chosen: Filter) -> list[Message]:
    """Outgoing mails, newest first."""
    query = sa.select(Message).where(_seen()).order_by(Message.id.desc()).limit(PAGE)
    if chosen.status:
        query = query.where(Message.status == chosen.status)
    if chosen.template:
        query = query.where(Message.template == chosen.template)
    return list(session.scalars(query if chosen.team_id is None else query.where(Message.team_id == chosen.team_id)))


def _seen() -> sa.ColumnElement[bool]:
    return Message.template.not_in(UNSEEN)


def message(session: Session, message_id: int) -> Message | None:
    """One mail that the coordinator may read."""
    found = session.get(Message, message_id)
    return found if found is not None and found.template not in UNSEEN else None


def counts(session: Session) -> dict[str, int]:
    """How many mails have each status."""
    query = sa.select(Message.status, sa.func.count()).where(_seen()).group_by(Message.status)
    return {status: count for status, count in session.execute(query)}  # noqa: C416 (a Row is no pair to mypy)


def templates(session: Session) -> list[str]:
    """The templates that mails were made from."""
    return list(session.scalars(sa.select(Message.template).where(_seen()).distinct().order_by(Message.template)))
