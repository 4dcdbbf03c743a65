"""Sealed heads of the histories: the newest row's number and hash of each team, and the number of teams, so that
truncation shows.

A chain alone does not tell when its last rows are cut off, or a whole team is gone. So the newest row's number and hash
stand in a row of their own with a keyed digest, and so does the number of teams. A head only ever moves on from the row
that it names: where the end of a history was changed meanwhile, the head stays, and `verify` tells.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session, object_session

from workflow.database.engine import digest_of
from workflow.database.models import HistoryHead, SealedCount, SecondFactor
from workflow.security.chain import Head
from workflow.security.keyed_digest import KeyedDigest

TEAMS: Final = "teams"
FACTORS: Final = "second_factors"
COUNTED: Final = (TEAMS, FACTORS)
"""tables that few transactions add to: a count is a row on which they wait for each other"""

_ON_SQLITE: Final = (
    "UPDATE history_heads SET number = :number, hash = :hash, seal = :seal WHERE team_id = :team_id AND hash = :before"
)
_ON_POSTGRESQL: Final = sa.text(
    "UPDATE history_heads AS h SET number = r.number, hash = r.hash, seal = r.seal "
    "FROM json_to_recordset(CAST(:rows AS json)) AS r(team_id int, number int, hash text, seal text, before text) "
    "WHERE h.team_id = r.team_id AND h.hash = r.before"
)


def said(team_id: int, head: Head) -> str:
    return json.dumps(["head", team_id, head.number, head.hash])


def count_said(what: str, number: int) -> str:
    return json.dumps(["count", what, number])


def moved(session: Session, ends: Mapping[int, tuple[Head, Head]]) -> None:
    """These teams' histories went on, each from one head to another; a team's first row makes it known."""
    digest = digest_of(session)
    if digest is None or not ends:
        return
    connection = session.connection()
    fresh = [_row(digest, team, head) for team, (before, head) in sorted(ends.items()) if not before.number]
    if fresh:
        connection.execute(sa.insert(HistoryHead), fresh)
        count(connection, digest, TEAMS, len(fresh))
    _advance(connection, digest, {team: both for team, both in ends.items() if both[0].number})


def _row(digest: KeyedDigest, team: int, head: Head) -> dict[str, Any]:
    return {"team_id": team, "number": head.number, "hash": head.hash, "seal": digest.make(said(team, head))}


def _advance(connection: Connection, digest: KeyedDigest, ends: Mapping[int, tuple[Head, Head]]) -> None:
    rows = [{**_row(digest, team, head), "before": before.hash} for team, (before, head) in sorted(ends.items())]
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_ON_SQLITE, rows)
    else:
        connection.execute(_ON_POSTGRESQL, {"rows": json.dumps(rows)})


def count(connection: Connection, digest: KeyedDigest, what: str, more: int) -> None:
    """So many more; or fewer. A count that does not hold is left as it is: counting on would make it good."""
    query = sa.select(SealedCount.number, SealedCount.seal).where(SealedCount.what == what).with_for_update()
    row = connection.execute(query).first()
    if row is None or not digest.holds(row.seal, count_said(what, row.number)):
        return
    number = row.number + more
    change = sa.update(SealedCount).where(SealedCount.what == what)
    connection.execute(change.values(number=number, seal=digest.make(count_said(what, number))))


# -- second factors -------------------------------------------------------------------------------


def fewer(session: Session, what: str, gone: int) -> None:
    """So many were deleted by a statement of one's own."""
    digest = digest_of(session)
    if digest is not None and gone:
        count(session.connection(), digest, what, -gone)


def _one_more(_mapper: Mapper[Any], connection: Connection, target: SecondFactor) -> None:
    _count_one(connection, target, 1)


def _one_fewer(_mapper: Mapper[Any], connection: Connection, target: SecondFactor) -> None:
    _count_one(connection, target, -1)


def _count_one(connection: Connection, target: SecondFactor, more: int) -> None:
    session = object_session(target)
    digest = digest_of(session) if session else None
    if digest is not None:
        count(connection, digest, FACTORS, more)


event.listen(SecondFactor, "after_insert", _one_more)
event.listen(SecondFactor, "after_delete", _one_fewer)


# -- books from before the key --------------------------------------------------------------------


def begin_counts(connection: Connection, digest: KeyedDigest, numbers: Mapping[str, int]) -> None:
    rows = [{"what": w, "number": n, "seal": digest.make(count_said(w, n))} for w, n in numbers.items()]
    connection.execute(sa.insert(SealedCount), rows)


def begin_heads(connection: Connection, digest: KeyedDigest, heads: Sequence[tuple[int, Head]]) -> None:
    rows = [_row(digest, team, head) for team, head in heads]
    if rows:
        connection.execute(sa.insert(HistoryHead), rows)
