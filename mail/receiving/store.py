"""Durable store and queue of raw letters: stored before anything is read from them, then claimed under a lease.

`store` returns only when the letters are on the disk: whoever brought them may then be told so. `claim` hands
letters out under a lease; `settle` takes the result only from the attempt that still holds the lease. Must
never read a letter: a letter nobody can read is kept like any other.
"""

import errno
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LetterStatus
from workflow.database import notify, rate_counts
from workflow.database.engine import Database, close_after_large, insert
from workflow.database.models import Letter
from workflow.records.row_seals import with_seal

MOST_ATTEMPTS = 3
SMALL: Final = 256 * 1024
"""bytes of a letter that is read in no time"""
STOPPED = "Handling this letter broke off three times without a result."
ADDRESS_LENGTH = 320
PEER_LENGTH = 60
MESSAGE_ID = re.compile(rb"^message-id:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n")
HEADER_BLOCK = 65_536
SECRET_ADDRESS = re.compile(r"(?:[^\s@+]{1,64}\+)?[rb]-[^\s@]{16,100}@", re.IGNORECASE)
"""an address that was given to one person or belongs to one mail; whether it is real is seen when it is handled"""
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class StorageFull(Exception):
    """There is no room for more letters; nothing of what was handed in is kept."""


NOT_THE_LETTERS_FAULT = (StorageFull, OSError, sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""raised by `store` where the disk or the database is at fault"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A letter and its envelope. `envelope_from` is empty for bounces; `via` is smtp, lmtp or imap; `mailbox_key`: what
    it is found again by in the mailbox it came from."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    via: str
    peer: str = ""
    mailbox_key: str | None = None
    counts: tuple[tuple[str, int], ...] = ()
    """(key, how much) that keeping it adds to the counts of a day: see `mail.receiving.letter_quota`"""


class Priority(IntEnum):
    """Who goes first while letters wait."""

    SECRET = 0
    """to an address that only one person was given, or that one mail of ours came from"""
    LARGE = 1
    """the same, of more than `SMALL` bytes: a yes does not wait behind fifty files"""
    OTHER = 2
    """anybody may write it, and as many as they like"""


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter in hand: what reading and settling it need to know."""

    id: int
    attempt: int
    via: str
    envelope_from: str
    recipients: Sequence[str]


# Statements are put together once: that takes as long as carrying them out.
_NOW: Final[sa.BindParameter[datetime]] = sa.bindparam("now")
_DUE: Final = (
    sa.select(Letter.id)
    .where(
        Letter.status == LetterStatus.NEW, Letter.next_at <= _NOW,
        sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= _NOW),
    )
    .order_by(Letter.priority, Letter.next_at, Letter.id)
)  # fmt: skip
_FIRST: Final = _DUE.limit(1)


def _changing(some: sa.Select[int], **values: Any) -> sa.Update:
    """An UPDATE of those of these letters that nobody else holds just now."""
    free = some.with_for_update(skip_locked=True).cte("free")
    changed = sa.update(Letter).where(Letter.id.in_(sa.select(free.c.id))).values(**values)
    return changed.execution_options(synchronize_session=False)


_CLAIM: Final = _changing(_FIRST, attempt=Letter.attempt + 1, leased_until=sa.bindparam("until")).returning(
    Letter.id, Letter.attempt, Letter.via, Letter.envelope_from, Letter.recipients
)
_PARK_BROKEN: Final = _changing(
    _DUE.where(Letter.attempt > 0, Letter.attempt % MOST_ATTEMPTS == 0),
    status=LetterStatus.PARKED, leased_until=None, reason=sa.case((Letter.reason == "", STOPPED), else_=Letter.reason),
)  # fmt: skip


Store = Callable[[Sequence[Arrival], datetime], None]
"""`store` for one database"""


def store(db: Database, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Keep all of them in one durable transaction, or raise and keep none. One that is there is skipped."""
    if not arrivals:
        return
    # in one order everywhere: two writers that bring the same letters must not wait for each other in a ring
    rows = sorted((with_seal(db.digest, Letter, _row(arrival, now)) for arrival in arrivals), key=itemgetter("digest"))
    try:
        with db.engine.begin() as connection:
            close_after_large(connection, sum(len(one.raw) for one in arrivals))
            connection.execute(_keeping(db.engine), rows)
            _count(connection, arrivals, now)
            notify.ring(connection)
    except (sa.exc.DBAPIError, OSError) as error:
        if _is_full(error):
            raise StorageFull from error
        raise


def _count(connection: sa.Connection, arrivals: Sequence[Arrival], now: datetime) -> None:
    """In one order everywhere, as the letters are."""
    found: Counter[str] = Counter()
    for key, n in (each for arrival in arrivals for each in arrival.counts):
        found[key] += n
    for key, n in sorted(found.items()):
        rate_counts.add(connection, key, n, timedelta(days=1), now)


@lru_cache(maxsize=4)
def _keeping(engine: sa.Engine) -> sa.Insert:
    """Made once: with few letters at a time, putting it together takes as long as keeping them."""
    statement: sa.Insert = insert(engine, Letter).on_conflict_do_nothing(index_elements=["digest"])
    return statement


def digest(arrival: Arrival) -> str:
    """What makes a letter the same letter: its envelope, Message-ID and body (hexadecimal SHA-256).

    The Message-ID alone would not do (anyone can repeat one), nor would the bytes (each delivery adds its
    Received line). Without a Message-ID only the very same bytes are the same letter.
    """
    found = sha256()
    for part in (*_envelope(arrival), *_content(arrival.raw)):
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def same_words(one: bytes, other: bytes) -> bool:
    """Whether two letters are the same but for the traces of their ways: Message-ID and body, byte for byte."""
    return list(_content(one)) == list(_content(other))


def claim(session: Session, now: datetime, *, lease: timedelta) -> ClaimedLetter | None:
    """Take the letter that is due next: those to secret addresses first, the small ones before the large, of each kind
    the oldest first. Commit before working on it.

    It comes with the number of its attempt, which `settle` asks for. A letter whose attempts broke off (the process
    ended, the lease ran out) too often is parked here instead of being handed out again.
    """
    session.execute(_PARK_BROKEN, {"now": now})
    taken = session.execute(_CLAIM, {"now": now, "until": now + lease}).first()
    return ClaimedLetter(*taken) if taken is not None else None


def any_due(session: Session, now: datetime) -> bool:
    """Whether a letter waits to be claimed."""
    return session.scalar(_FIRST, {"now": now}) is not None


def raw(session: Session, letter: ClaimedLetter) -> bytes | None:
    """The letter's bytes; None where it was erased meanwhile."""
    return session.scalar(sa.select(Letter.raw).where(Letter.id == letter.id))


def settle(session: Session, letter: ClaimedLetter, values: Mapping[str, Any]) -> bool:
    """Write what became of a claimed letter and end its lease; False, and nothing written, where another
    attempt has taken the letter over since."""
    return _fenced(session, letter, {**values, "leased_until": None})


def hand_back(session: Session, letter: ClaimedLetter) -> None:
    """A letter that was claimed and not read: it waits as if it had not been."""
    _fenced(session, letter, {"attempt": letter.attempt - 1, "leased_until": None})


def retry(session: Session, letter: ClaimedLetter, now: datetime, reason: str) -> bool:
    """Handling failed by our own fault: again after 1, then 5 minutes; after the third time it is parked."""
    if letter.attempt % MOST_ATTEMPTS == 0:
        return settle(session, letter, {"status": LetterStatus.PARKED, "reason": reason})
    later = now + timedelta(minutes=1 if letter.attempt == 1 else 5)
    return settle(session, letter, {"next_at": later, "reason": reason})


def _fenced(session: Session, letter: ClaimedLetter, values: Mapping[str, Any]) -> bool:
    result = session.execute(
        sa.update(Letter)
        .where(Letter.id == letter.id, Letter.attempt == letter.attempt, Letter.status == LetterStatus.NEW)
        .values(**values)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    return result.first() is not None


def _row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    return {
        "digest": digest(arrival),
        "received_at": now,
        "next_at": now,
        "via": arrival.via,
        "peer": _one_line(arrival.peer)[:PEER_LENGTH],
        "envelope_from": _one_line(arrival.envelope_from),
        "recipients": [_one_line(recipient) for recipient in arrival.recipients],
        "priority": _priority(arrival),
        "raw": arrival.raw,
        "mailbox_key": arrival.mailbox_key,
    }


def _priority(arrival: Arrival) -> Priority:
    if not any(map(SECRET_ADDRESS.match, arrival.recipients)):
        return Priority.OTHER
    return Priority.SECRET if len(arrival.raw) <= SMALL else Priority.LARGE


def _one_line(address: str) -> str:
    """Neither database takes every character, and no address has these."""
    return UNPRINTABLE.sub("?", address)[:ADDRESS_LENGTH]


def _envelope(arrival: Arrival) -> Iterator[bytes]:
    for address in (arrival.envelope_from, *sorted(set(map(str.lower, arrival.recipients)))):
        yield _one_line(address).lower().encode()


def _content(raw: bytes) -> Iterator[bytes | memoryview]:
    """The Message-ID and the body, or the whole where there is no Message-ID or no end of the header."""
    end = HEADER_END.search(raw, 0, HEADER_BLOCK)
    message_id = MESSAGE_ID.search(raw, 0, end.start() if end else 0)
    if end and message_id and message_id[1].strip():
        yield message_id[1].strip()
        yield memoryview(raw)[end.end() :]
    else:
        yield b""
        yield raw


def _is_full(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return (
        getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(cause, "sqlstate", None) == "53100"
        or getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    )
