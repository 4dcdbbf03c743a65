"""Value types of submitting an answer: the answer being processed, and its outcome. Must never decide anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from workflow.database.models import Person, Question, Team
from workflow.journey import submissions
from workflow.records import open_questions
from workflow.replies.answers import Answer
from workflow.rules.answers import as_json
from workflow.rules.doors import POWER, Door
from workflow.rules.machine import Refusal, Who
from workflow.season import Actor, Season
from workflow.text.bilingual import Text


class AnswerResult(StrEnum):
    ACCEPTED = "accepted"
    UNCLEAR = "unclear"
    ALREADY = "already"
    LATE = "late"
    AFTERWARDS = "afterwards"
    """to a question that is over, and not what is known already: the coordinator reads it"""
    REFUSED = "refused"
    STATUS = "status"
    HELP = "help"
    WITHDRAW = "withdraw"
    SIGN_IN = "sign_in"
    """not through this door: it is decided by somebody who has signed in"""


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """What became of an answer: `done` are the sentences that read it back (or say why not)."""

    result: AnswerResult
    done: tuple[Text, ...] = ()
    undo_until: datetime | None = None
    told: bool = False
    """a mail that reads the answer back is already on its way to this person"""


def done(et: str, en: str, *, told: bool = False) -> AnswerOutcome:
    """An answer that was taken, read back in one sentence."""
    return AnswerOutcome(AnswerResult.ACCEPTED, (Text(et=et, en=en),), told=told)


def refused(moved: Refusal) -> AnswerOutcome:
    """An answer whose step the machine refuses, with every reason."""
    return AnswerOutcome(AnswerResult.REFUSED, tuple(reason.says for reason in moved.reasons))


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """The coordinator who answers for somebody, and the note that says who said it and how."""

    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInProgress:
    """One answer on its way through the door."""

    season: Season
    session: Session
    question: Question
    person: Person
    answer: Answer
    actor: Actor
    now: datetime
    uploads: Sequence[submissions.Upload] = ()
    on_behalf: OnBehalf | None = None

    @property
    def came_at(self) -> datetime:
        """When the answer came to us: a letter may have lain unread for a while, and that is not its writer's fault."""
        return self.actor.letter.received_at if self.actor.letter else self.now

    @property
    def team(self) -> Team:
        assert self.question.team is not None
        return self.question.team


def actor_for(person: Person, *, via: Door, question: Question | None, **rest: Any) -> Actor:
    """Who acts: coordinators as such where the door carries their power, everyone else as the one asked."""
    who = Who.COORDINATOR if person.role == "coordinator" and via in POWER else Who.CONTACT
    return Actor(who=who, name=person.name, person=person, via=via, question=question, **rest)


def settle_question(given: AnswerInProgress) -> None:
    """The question has this answer and waits no more."""
    given.question.answer = as_json(given.answer)
    given.question.answered_by_id, given.question.answered_via = given.person.id, given.actor.via
    given.question.letter_id = given.actor.letter.id if given.actor.letter else None
    open_questions.close(given.session, given.question, given.answer.kind, given.now)
