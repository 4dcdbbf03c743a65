"""One answer on its way through the door, and what became of it: plain values that the door, the effects and the
read-back hand to each other. Must never decide anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from workflow.config.loader import Text
from workflow.database.models import Person, Question, Team
from workflow.journey import submissions as works
from workflow.replies.understand import Answer
from workflow.rules.machine import Refusal, Who
from workflow.season import Actor, Season


class Result(StrEnum):
    ACCEPTED = "accepted"
    UNCLEAR = "unclear"
    ALREADY = "already"
    LATE = "late"
    REFUSED = "refused"
    STATUS = "status"
    HELP = "help"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer: `done` are the sentences that read it back (or say why not)."""

    result: Result
    done: tuple[Text, ...] = ()
    undo_until: datetime | None = None
    told: bool = False
    """a mail that reads the answer back is already on its way to this person"""


def done(et: str, en: str, *, told: bool = False) -> Outcome:
    """An answer that was taken, read back in one sentence."""
    return Outcome(Result.ACCEPTED, (Text(et=et, en=en),), told=told)


def refused(moved: Refusal) -> Outcome:
    """An answer whose step the machine refuses, with every reason."""
    return Outcome(Result.REFUSED, tuple(reason.says for reason in moved.reasons))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer on its way through the door."""

    season: Season
    session: Session
    question: Question
    person: Person
    answer: Answer
    actor: Actor
    now: datetime
    uploads: Sequence[works.Upload] = ()

    @property
    def came_at(self) -> datetime:
        """When the answer came to us: a letter may have lain unread for a while, and that is not its writer's fault."""
        return self.actor.letter.received_at if self.actor.letter else self.now

    @property
    def team(self) -> Team:
        assert self.question.team is not None
        return self.question.team


def actor_for(person: Person, *, via: str, question: Question, **rest: Any) -> Actor:
    """Who acts, by the person's role: coordinators as such, everyone else as the one asked."""
    who = Who.COORDINATOR if person.role == "coordinator" else Who.CONTACT
    return Actor(who=who, name=person.name, person=person, via=via, question=question, **rest)
