"""Answer times: how long the people of this programme take to answer, by kind of question, from what they answered so
far; and whose answers are overdue by that.

Read from rows, kept nowhere. Voluntary answers do not count: nobody is late with them.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database.models import Message, Person, Question
from workflow.rules.questions import OWED

ENOUGH: Final = 5
"""with fewer answers to a kind of question nobody can say what is usual"""
MOST: Final = 0.95
"""the share of the answers that had come by then"""
NEWEST: Final = 2000
"""answers that are looked at"""


def usual(session: Session) -> dict[str, timedelta]:
    """Kind of question -> the time within which nearly all answers came. Kinds answered too seldom are left out."""
    answered = (Question.kind.in_(OWED), Question.answered_by_id.is_not(None), Question.closed_at.is_not(None))
    query = sa.select(Question.kind, Question.asked_at, Question.closed_at).where(*answered)
    times: defaultdict[str, list[timedelta]] = defaultdict(list)
    for kind, asked, closed in session.execute(query.order_by(Question.id.desc()).limit(NEWEST)):
        if closed is not None:
            times[kind].append(closed - asked)
    return {
        kind: sorted(some)[int(MOST * (len(some) - 1) + 0.5)] for kind, some in times.items() if len(some) >= ENOUGH
    }


def overdue_since(session: Session, since: datetime, now: datetime) -> int:
    """How many people's owed answers fell overdue after `since`: the due date has passed and so has the time that
    answers usually take, counted from the mail that reached them."""
    times = usual(session)
    waiting = ((person, question) for person, question in _waiting(session) if question.kind in times)
    return len({person for person, question in waiting if since < _late_at(question, times[question.kind]) <= now})


def _late_at(question: Question, time: timedelta) -> datetime:
    by_habit = question.asked_at + time
    return max(by_habit, question.due_at) if question.due_at is not None else by_habit


def _waiting(session: Session) -> list[tuple[int, Question]]:
    """Owed questions that a mail has put to somebody whose address works, each with the first of them."""
    query = (
        sa.select(sa.func.min(Message.person_id), Question)
        .join(Message, Message.question_id == Question.id)
        .join(Person, Person.id == Message.person_id)
        .where(Question.kind.in_(OWED), Question.closed_at.is_(None), Question.answered_by_id.is_(None))
        .where(Message.status == MessageStatus.SENT, Person.address_state == "ok", Person.left_at.is_(None))
        .group_by(Question.id)
    )
    return [(person, question) for person, question in session.execute(query) if person is not None]
