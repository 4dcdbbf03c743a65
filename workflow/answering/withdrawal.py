"""Withdrawing: who may ask for it, and the proposal that it opens. Nobody is lost by one mail.

Acts in the caller's transaction. Must never take the step where a sender's bare name asks for it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.answering.outcome import AnswerOutcome, AnswerResult, refused
from workflow.database.models import Person, Question
from workflow.journey import moves
from workflow.notices import Notice
from workflow.rules.machine import Decision, Refusal, Trigger
from workflow.season import Actor, Season

REASON: int = 500
"""characters of the words that ask for it, kept as its reason"""


def may_ask(season: Season, person: Person) -> bool:
    """Whether this person may withdraw their team: its contact or deputy, while it is on its way."""
    team = person.team
    return team is not None and person.part in ("contact", "deputy") and team.state in season.machine.live


def only_proposes(season: Season, session: Session, person: Person, actor: Actor, now: datetime) -> bool:
    """Whether it would be put before a coordinator, and nothing else."""
    assert person.team is not None
    plain = moves.consider(season, session, person.team, Trigger.WITHDRAW, actor.who, now)
    return isinstance(plain, Decision) and plain.approval


def ask(
    season: Season, session: Session, person: Person, words: str, actor: Actor, now: datetime, question: Question | None
) -> AnswerOutcome:
    """Withdraw this person's team, or put it before the coordinator and tell the person so. question: the one that
    they replied to, if any."""
    team = person.team
    if team is None or not may_ask(season, person):
        return AnswerOutcome(AnswerResult.UNCLEAR)
    moved = moves.move(season, session, team, Trigger.WITHDRAW, actor, now, why=words[:REASON])
    if isinstance(moved, Refusal):
        return refused(moved)
    if moved.approval:
        notice = Notice(
            template="withdraw_noted",
            key=f"withdraw_noted:{team.id}:{team.version}:{person.id}",
            person=person,
            team=team,
            question=question,
            answering=actor.letter,
        )
        season.post(session, notice, now)
    return AnswerOutcome(AnswerResult.WITHDRAW, told=True)
