"""Whole answers on SQLite: a stored letter is read, understood and acted on; the work accepted, the team moved, two
lines of history, four mails and the letter's own mark committed. Rates are letters a second of one core's own time
(the process's, not the wall's), so that whoever else uses the machine does not count. The first peer is
`bench/one_by_one.py`: one ORM transaction a letter, with the same effects, which are compared after each run; the
second, bare aiosmtpd that discards, says how fast the machine is: 400 a second are asked where it takes in 2,000.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bench import one_by_one, receiving
from bench.figures import Better, Row, in_turn
from bench.season import NOW, Laid, lay
from service.running.worker import calm
from workflow.database.engine import sqlite_url
from workflow.database.models import Duty, HistoryRow, Letter, Message, Question, Submission, Team

TITLE = "Handling"
OURS, THEIRS, WARM = 1000, 200, 40
PEER = "one ORM transaction a letter, policy.default"
LEAST, PER_CORE, OF_BARE = 3.0, 400.0, 400 / 2000
EFFECTS = (
    sa.select(Letter.outcome, Letter.status, sa.func.count()).group_by(Letter.outcome, Letter.status),
    sa.select(Team.state, Team.version, sa.func.count()).group_by(Team.state, Team.version),
    sa.select(HistoryRow.event, HistoryRow.to_state, sa.func.count()).group_by(HistoryRow.event, HistoryRow.to_state),
    sa.select(Message.template, Message.status, sa.func.count()).group_by(Message.template, Message.status),
    sa.select(sa.func.sum(sa.func.length(Message.body))),
    sa.select(Question.kind, Question.outcome, sa.func.count()).group_by(Question.kind, Question.outcome),
    sa.select(Submission.status, sa.func.count()).group_by(Submission.status),
    sa.select(Duty.outcome, sa.func.count()).where(Duty.kind == "reminder").group_by(Duty.outcome),
)


def run(times: int) -> list[Row]:
    calm()  # as the worker does when it starts
    assert _effects(_ours, 20) == _effects(one_by_one.handle_all, 20), "the peer does something else"
    with receiving.bare() as bare:
        ours, theirs, taken_in = in_turn(
            (lambda: _rate(_ours, OURS), lambda: _rate(one_by_one.handle_all, THEIRS), bare), times, "/s"
        )
    return [
        Row(what="whole answer", ours=ours, peer=PEER, theirs=theirs, better=Better.MORE, limit=LEAST),
        Row(what="whole answer, on one core", ours=ours, better=Better.MORE, limit=PER_CORE),
        Row(what="… against what comes in", ours=ours, peer="bare aiosmtpd, discards", theirs=taken_in,
            better=Better.MORE, limit=OF_BARE),
    ]  # fmt: skip


def _ours(laid: Laid) -> int:
    done = 0
    while some := laid.inbox.handle_due(laid.db, NOW):
        done += some
    return done


def _rate(handle: Callable[[Laid], int], letters: int) -> float:
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        laid = lay(sqlite_url(Path(folder)), letters + WARM)
        laid.arrive(range(1, WARM + 1))
        handle(laid)  # statements and templates are compiled once
        laid.arrive(range(WARM + 1, WARM + letters + 1))
        began = time.process_time()
        done = handle(laid)
        spent = time.process_time() - began
        laid.db.close()
        assert done == letters, done
        return letters / spent


def _effects(handle: Callable[[Laid], int], letters: int) -> list[list[tuple[object, ...]]]:
    """What the tables hold afterwards, counted."""
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        laid = lay(sqlite_url(Path(folder)), letters)
        laid.arrive(range(1, letters + 1))
        assert handle(laid) == letters
        with laid.db.reading() as session:
            found = [sorted(map(tuple, session.execute(query)), key=repr) for query in EFFECTS]
        laid.db.close()
        return found
