"""Queries for one team's page: people, what is missing, the thread of mails, history with its proofs, files.

Must never write.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.codes import SubmissionStatus
from workflow.config.loader import Stage
from workflow.database.models import (
    Addressee,
    Duty,
    Extension,
    HistoryRow,
    HoursRow,
    Letter,
    Mentorship,
    Message,
    Person,
    Question,
    Submission,
    Team,
)
from workflow.database.paging import Paged, cut, paged
from workflow.records import open_questions, queries
from workflow.rules.machine import Who, requirements_of
from workflow.rules.questions import OWED, Correcting, QuestionKind, kinds_that
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.views.board import AllowedStep, Standing

DUTIES, ALIKE = 8, 6
MAILS, EVENTS = 12, 15
"""on one page of a team's mails, and of its history"""


ON_BEHALF = kinds_that(lambda row: row.on_behalf)
CORRECTED_ANEW = kinds_that(lambda row: row.corrected is Correcting.ANEW)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What the calendar does next: alike things at one moment stand together."""

    kind: str
    at: datetime
    about: Text | None
    """the question that it is about"""
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage:
    """All that one team's page shows."""

    team: Team
    standing: Standing
    members: tuple[Person, ...]
    left: tuple[Person, ...]
    approvals: tuple[Question, ...]
    owed: tuple[Question, ...]
    unowed: tuple[Question, ...]
    """open, and nobody owes it; a coordinator may still answer for whoever was asked"""
    answered: tuple[Question, ...]
    """whose answers a coordinator may correct, the latest first"""
    thread: Paged[Message | Letter]
    """both ways, newest first"""
    history: Paged[HistoryRow]
    submissions: tuple[Submission, ...]
    ledger: tuple[HoursRow, ...]
    mentorships: tuple[Mentorship, ...]
    extensions: tuple[Extension, ...]
    duties: tuple[Upcoming, ...]
    last: HistoryRow | None
    """the transition that can be undone"""
    extendable: tuple[tuple[Stage, datetime | None], ...]
    """stages whose work can still be late, with the due date that holds now"""


def team_page(
    season: Season, session: Session, team: Team, now: datetime, *, mails: int = 1, events: int = 1
) -> TeamPage:
    """Everything about one team, as it stands in this transaction; of its mails and its history one page each."""
    people = list(session.scalars(sa.select(Person).where(Person.team_id == team.id).order_by(Person.id)))
    open_now = _open_questions(session, team)
    return TeamPage(
        team=team,
        standing=standing(season, session, team, now, open_now),
        members=tuple(queries.members(session, team.id)),
        left=tuple(p for p in people if p.left_at is not None),
        approvals=tuple(q for q in open_now if q.kind == QuestionKind.APPROVE),
        owed=tuple(q for q in open_now if q.kind in OWED),
        unowed=tuple(q for q in open_now if q.kind in ON_BEHALF - OWED),
        answered=_answered(session, team),
        thread=_thread(session, team, mails),
        history=_history(session, team, events),
        submissions=_submissions(session, team),
        ledger=tuple(_ledger(session, team)),
        mentorships=tuple(queries.mentorships(session, team.id)),
        extensions=tuple(
            session.scalars(sa.select(Extension).where(Extension.team_id == team.id).order_by(Extension.id))
        ),
        duties=_duties(season, session, team, open_now),
        last=queries.last_transition(session, team.id),
        extendable=_extendable(season, session, team),
    )


def standing(season: Season, session: Session, team: Team, now: datetime, asked: list[Question]) -> Standing:
    """Where the team stands and which steps lead on, for the coordinator."""
    facts = queries.facts(session, season.machine, team)
    waits = {(str(q.about.get("trigger")), q.about.get("version")) for q in asked if q.kind == QuestionKind.APPROVE}
    steps = tuple(
        AllowedStep(
            trigger=trigger,
            decision=season.machine.decide(facts, trigger, now, who=Who.COORDINATOR),
            waits=(trigger.value, team.version) in waits,
        )
        for trigger in season.machine.triggers(team.state)
    )
    return Standing(team=team, facts=facts, requirements=requirements_of(season.programme, facts, now), steps=steps)


def _open_questions(session: Session, team: Team) -> list[Question]:
    query = (
        sa.select(Question)
        .where(Question.team_id == team.id, Question.closed_at.is_(None))
        .options(selectinload(Question.addressees).selectinload(Addressee.person))
    )
    return list(session.scalars(query.order_by(Question.due_at.is_(None), Question.due_at, Question.id)))


def _answered(session: Session, team: Team) -> tuple[Question, ...]:
    query = (
        sa.select(Question)
        .where(Question.team_id == team.id, Question.kind.in_(CORRECTED_ANEW))
        .where(Question.closed_at.is_not(None), Question.answered_by_id.is_not(None))
        .options(selectinload(Question.answered_by))
    )
    return tuple(session.scalars(query.order_by(Question.closed_at.desc(), Question.id.desc())))


def _thread(session: Session, team: Team, page: int) -> Paged[Message | Letter]:
    """Which mails stand on the page is decided by their times alone; only those are read whole."""
    when = sa.func.coalesce(Message.sent_at, Message.created_at)
    sent = sa.select(Message.id, when).where(Message.team_id == team.id)
    came = sa.select(Letter.id, Letter.received_at).where(Letter.team_id == team.id)
    both = [(at, number, "out") for number, at in session.execute(sent)]
    both += [(at, number, "in") for number, at in session.execute(came)]
    shown = cut(sorted(both, reverse=True), page=page, size=MAILS)
    out = _by_id(session, Message, [number for _, number, way in shown.rows if way == "out"])
    in_ = _by_id(session, Letter, [number for _, number, way in shown.rows if way == "in"])
    return Paged(tuple((out if way == "out" else in_)[number] for _, number, way in shown.rows), shown.window)


def _by_id(session: Session, table: Any, ids: list[int]) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(sa.select(table).where(table.id.in_(ids)))}


def _history(session: Session, team: Team, page: int) -> Paged[HistoryRow]:
    query = sa.select(HistoryRow).where(HistoryRow.team_id == team.id).order_by(HistoryRow.number.desc())
    return paged(session, query, page=page, size=EVENTS)


def _submissions(session: Session, team: Team) -> tuple[Submission, ...]:
    query = (
        sa.select(Submission)
        .where(Submission.team_id == team.id)
        .options(selectinload(Submission.files), selectinload(Submission.person))
    )
    return tuple(session.scalars(query.order_by(Submission.id.desc())))


def _ledger(session: Session, team: Team) -> list[HoursRow]:
    query = sa.select(HoursRow).where(HoursRow.team_id == team.id).options(selectinload(HoursRow.person))
    return list(session.scalars(query.order_by(HoursRow.id)))


def _duties(season: Season, session: Session, team: Team, asked: list[Question]) -> tuple[Upcoming, ...]:
    """What the calendar does next about this team; the sessions of its group are on the calendar's page."""
    query = sa.select(Duty).where(Duty.team_id == team.id, Duty.done_at.is_(None), Duty.kind != "expire")
    says = {question.id: open_questions.asked(season, question) for question in asked}
    found: dict[tuple[str, datetime, str], Upcoming] = {}
    for duty in session.scalars(query.order_by(Duty.due_at, Duty.id).limit(DUTIES * ALIKE)):
        about = says.get(duty.question_id or 0)
        key = (duty.kind, duty.due_at, about.et if about else "")
        before = found.get(key)
        found[key] = Upcoming(duty.kind, duty.due_at, about, before.times + 1 if before else 1)
    return tuple(found.values())[:DUTIES]


def _extendable(season: Season, session: Session, team: Team) -> tuple[tuple[Stage, datetime | None], ...]:
    if team.state not in season.machine.stages:
        return ()
    found = []
    for stage in season.programme.stages:
        latest = queries.latest_submission(session, team.id, stage.key)
        if stage.work is not None and (latest is None or latest.status == SubmissionStatus.RETURNED):
            found.append((stage, queries.work_due(session, season.programme, team, stage.key)))
    return tuple(found)
