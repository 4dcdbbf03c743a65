"""Letters as they came: kept durably before anything is read from them, and handed out to be handled.

`store` returns only when the letters are on the disk: whoever brought them may then be told so. `claim` hands
letters out under a lease; `settle` takes the result only from the attempt that still holds the lease. Must
never read a letter: a letter nobody can read is kept like any other.
"""

import errno
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database import notify as waking
from workflow.database.engine import Database, among, insert
from workflow.database.models import Letter

MOST_ATTEMPTS = 3
SHARES = 8
"""several workers end together where each takes an eighth of what waits; more of them than that are rare"""
FEW = 10
"""so few letters are not shared out: each transaction costs as much as handling some"""
STOPPED = "Handling this letter broke off three times without a result."
ADDRESS_LENGTH = 320
PEER_LENGTH = 60
MESSAGE_ID = re.compile(rb"^message-id:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n")
HEADER_BLOCK = 65_536
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class StorageFull(Exception):
    """There is no room for more letters; nothing of what was handed in is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A letter and its envelope. `envelope_from` is empty for bounces; `via` is smtp, lmtp or imap."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    via: str
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter in hand: what reading and settling it need to know; `size` in bytes."""

    id: int
    attempt: int
    next_at: datetime
    via: str
    envelope_from: str
    size: int


# Statements are put together once: with few letters at a time that takes as long as carrying them out.
_NOW: Final[sa.BindParameter[datetime]] = sa.bindparam("now")
_MOST: Final = sa.bindparam("most", type_=sa.Integer)
_DUE: Final = (
    sa.select(Letter.id)
    .where(
        Letter.status == "new", Letter.next_at <= _NOW,
        sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= _NOW),
    )
    .order_by(Letter.next_at, Letter.id)
)  # fmt: skip
_FIRST: Final = _DUE.add_columns(Letter.attempt).limit(1)
_WAITING: Final = sa.select(sa.func.count()).select_from(_DUE.limit(_MOST).subquery())
_RAWS: Final = sa.select(Letter.id, Letter.raw).where(among(Letter.id, "ids"))


def _changing(some: sa.Select[int], **values: Any) -> sa.Update:
    """An UPDATE of those of these letters that nobody else holds just now."""
    free = some.with_for_update(skip_locked=True).cte("free")
    changed = sa.update(Letter).where(Letter.id.in_(sa.select(free.c.id))).values(**values)
    return changed.execution_options(synchronize_session=False)


def _claiming(some: sa.Select[int]) -> Any:
    leased = _changing(some.limit(_MOST), attempt=Letter.attempt + 1, leased_until=sa.bindparam("until"))
    return leased.returning(
        Letter.id, Letter.attempt, Letter.next_at, Letter.via, Letter.envelope_from, sa.func.length(Letter.raw)
    )


_CLAIM_NEW: Final = _claiming(_DUE.where(Letter.attempt == 0))
_CLAIM_TRIED: Final = _claiming(_DUE)
_PARK_BROKEN: Final = _changing(
    _DUE.where(Letter.attempt > 0, Letter.attempt % MOST_ATTEMPTS == 0),
    status="parked", leased_until=None, reason=sa.case((Letter.reason == "", STOPPED), else_=Letter.reason),
)  # fmt: skip


def store(db: Database, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Keep all of them in one durable transaction, or raise and keep none. One that is there is skipped."""
    if not arrivals:
        return
    # in one order everywhere: two writers that bring the same letters must not wait for each other in a ring
    rows = sorted((_row(arrival, now) for arrival in arrivals), key=itemgetter("digest"))
    try:
        with db.engine.begin() as connection:
            connection.execute(_keeping(db.engine), rows)
            waking.ring(connection)
    except (sa.exc.DBAPIError, OSError) as error:
        if _is_full(error):
            raise StorageFull from error
        raise


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


def claim(session: Session, now: datetime, *, limit: int, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` letters that are due, oldest first. Commit before working on them.

    On PostgreSQL, where others may be at work too, they take a share of what waits: see `_share`.
    Each comes with the number of its attempt, which `settle` asks for. One whose attempt broke off or failed is
    handed out by itself: whatever it brings about, it brings about for no other. A letter whose attempts broke off
    (the process ended, the lease ran out) too often is parked here instead of being handed out again.
    """
    session.execute(_PARK_BROKEN, {"now": now})
    tried = session.execute(_FIRST, {"now": now}).first()
    alone = tried is not None and tried.attempt > 0
    taking, most = (_CLAIM_TRIED, 1) if alone else (_CLAIM_NEW, _share(session, now, limit))
    taken = session.execute(taking, {"now": now, "most": most, "until": now + lease})
    return sorted((Claimed(*row) for row in taken), key=lambda letter: (letter.next_at, letter.id))


def _share(session: Session, now: datetime, limit: int) -> int:
    """How many letters one of several workers takes. All at once while very many wait; the fewer are left, the fewer:
    otherwise one would be busy with the last hundred while the others have nothing to do, and their senders wait."""
    if session.get_bind().dialect.name != "postgresql":
        return limit  # SQLite's writer is alone as it is
    waiting = session.scalar(_WAITING, {"now": now, "most": limit * SHARES}) or 0
    return min(limit, max(FEW, -(-waiting // SHARES)))


def any_due(session: Session, now: datetime) -> bool:
    """Whether a letter waits to be claimed."""
    return session.scalar(_FIRST, {"now": now}) is not None


def raws(session: Session, letters: Sequence[Claimed]) -> dict[int, bytes]:
    """The bytes of each letter."""
    return dict(session.execute(_RAWS, {"ids": [one.id for one in letters]}).all())


def settle(session: Session, letter: Claimed, values: Mapping[str, Any]) -> bool:
    """Write what became of a claimed letter and end its lease; False, and nothing written, where another
    attempt has taken the letter over since."""
    return _fenced(session, letter, {**values, "leased_until": None})


def retry(session: Session, letter: Claimed, now: datetime, reason: str) -> bool:
    """Handling failed by our own fault: again after 1, then 5 minutes; after the third time it is parked."""
    if letter.attempt % MOST_ATTEMPTS == 0:
        return settle(session, letter, {"status": "parked", "reason": reason})
    later = now + timedelta(minutes=1 if letter.attempt == 1 else 5)
    return settle(session, letter, {"next_at": later, "reason": reason})


def _fenced(session: Session, letter: Claimed, values: Mapping[str, Any]) -> bool:
    result = session.execute(
        sa.update(Letter)
        .where(Letter.id == letter.id, Letter.attempt == letter.attempt, Letter.status == "new")
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
        "raw": arrival.raw,
    }


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
