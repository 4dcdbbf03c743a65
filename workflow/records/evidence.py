"""Evidence digests: what a step of history rests on (letter, mail, answer, work, attendance), as a keyed digest of each
row as it was then.

A row's own seal says that the service wrote it; the digest in history says that it was this version. `verify` compares
it with the newest step that names the row, so whoever changes such a row lawfully records a step that rests on it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database.engine import digest_of
from workflow.database.models import Base, Message, Submission
from workflow.records import row_seals
from workflow.season import Actor

NAME: Final = "rests"
"""the key in a step's proof: `table number` -> digest"""


def digests(session: Session, actor: Actor, rows: Iterable[Base]) -> dict[str, str]:
    """The digests of these rows, and of what the actor came with; nothing without a key."""
    digest = digest_of(session)
    if digest is None:
        return {}
    every: list[Base] = [*rows, *_brought(actor)]
    if any(_number(row) is None for row in every):
        session.flush()
    found = {_name(row.__tablename__, _number(row)): row_seals.current(digest, row) for row in every}
    return {**found, **_mails(session, actor)}


def works(submission: Submission | None) -> Iterator[Base]:
    """A work with its files."""
    if submission is not None:
        yield from (submission, *submission.files)


def _brought(actor: Actor) -> Iterator[Base]:
    """The letter, and the answer where the question is answered by now."""
    if actor.letter is not None:
        yield actor.letter
    if actor.question is not None and actor.question.answer is not None:
        yield actor.question


def _mails(session: Session, actor: Actor) -> dict[str, str]:
    """The mails that had asked the question, as they were sent."""
    if actor.question is None or actor.question.answer is None:
        return {}
    rows = session.connection().execute(_SENT, {"question": actor.question.id})
    return {_name(Message.__tablename__, number): seal for number, seal in rows if seal}


_SENT: Final = sa.select(Message.id, Message.seal).where(
    Message.question_id == sa.bindparam("question"), Message.status == MessageStatus.SENT
)


def _name(table: str, number: object) -> str:
    return f"{table} {number}"


def _number(row: Base) -> object:
    return row.id  # type: ignore[attr-defined]
