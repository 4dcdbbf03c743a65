"""Whole answers on SQLite, in processor time, the reading process included: a stored letter is read, understood and
acted on; the work accepted, the team moved, two lines of history and four mails written; then the mails are built and
handed to smtp-sink (Postfix's own test server, which discards). Asked: the busiest hour of ten programmes (3,000
letters, 12,000 mails) fits into five minutes of one core, that is 100 ms for a letter with four mails.
"""

import resource
import tempfile
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Better, Row, Sample
from bench.season import NOW, Laid, lay
from bench.sending import build, sink
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from service.running.worker import calm
from tests.builders import DIGEST
from workflow.codes import MessageStatus
from workflow.database.engine import sqlite_url
from workflow.database.models import Message

TITLE = "Handling"
LETTERS, WARM = 300, 40
MAILS = 4
"""of each answer"""
A_LETTER = 5 * 60 / 3000 * 1000
"""milliseconds that a letter and its mails may take"""


def run(times: int) -> list[Row]:
    calm()  # as the worker does when it starts
    with sink() as port:
        runs = [_once(port) for _ in range(times)]
    stored, handled, sent = (Sample(tuple(values), "ms") for values in zip(*runs, strict=True))
    whole = Sample(tuple(map(sum, runs)), "ms")
    return [
        Row(what="a letter stored", ours=stored),
        Row(what="… read, understood and acted on", ours=handled),
        Row(what="… its four mails built and sent", ours=sent),
        Row(what="whole answer", ours=whole, better=Better.LESS, limit=A_LETTER),
    ]


def _once(port: int) -> tuple[float, float, float]:
    """Milliseconds a letter: to store it, to handle it, to send its mails."""
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        laid = lay(sqlite_url(Path(folder)), LETTERS + WARM)
        laid.db.seal_with(DIGEST)
        laid.arrive(range(1, WARM + 1))
        _handle(laid)  # statements and templates are compiled once
        with laid.db.writing() as session:
            session.execute(sa.update(Message).values(status=MessageStatus.SENT))
        began = _spent()
        laid.arrive(range(WARM + 1, WARM + LETTERS + 1))
        stored = _spent()
        done = _handle(laid)
        laid.inbox.reader.close()  # what it took counts from its end on
        handled = _spent()
        sent, transport = 0, SmtpTransport("127.0.0.1", port)
        while some := outbox.deliver(laid.db, NOW, transport, build=lambda one: build(laid, one)).sent:
            sent += some
        ended = _spent()
        laid.db.close()
        assert (done, sent) == (LETTERS, LETTERS * MAILS), (done, sent)
    return tuple((b - a) * 1000 / LETTERS for a, b in ((began, stored), (stored, handled), (handled, ended)))


def _handle(laid: Laid) -> int:
    done = 0
    while some := laid.inbox.handle_due(laid.db, NOW):
        done += some
    return done


def _spent() -> float:
    """Seconds of processor time of this process and of those that it ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
