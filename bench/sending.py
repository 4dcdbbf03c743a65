"""Queued mails sent from the database: each claimed, handed over and settled in a commit of its own; the peer is a loop
of smtplib on one kept connection that does neither, with the mails built beforehand; ours are built on the way (text,
HTML and headers, parsed again and compared). All into smtp-sink (Postfix's own test server, which discards), in turn,
by the wall's clock.
"""

import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Better, Row, in_turn
from bench.receiving_peers import folder, program, server, until_answers
from bench.season import NOW, Laid, lay
from mail.composing import message_bytes
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.ports import free_port
from workflow.codes import MessageStatus
from workflow.database.models import Message

TITLE = "Sending"
MAILS = 10_000
A_LETTER = 2
"""how many mails a whole answer queues at least"""


def run(times: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="tk-bench-") as home, sink() as port:
        laid = _queued(f"sqlite:///{Path(home) / 'teekond.sqlite'}")
        peer = _built(laid)
        ours, theirs = in_turn((lambda: _ours(laid, port), lambda: _loop(peer, port)), min(times, 3), "mails/s")
        laid.db.close()
    what, against = f"{MAILS:,} queued mails into smtp-sink", "smtplib, one kept connection, built before"
    return [
        Row(what=f"{what}, built on the way", ours=ours, peer=against, theirs=theirs, better=Better.MORE),
    ]


@contextmanager
def sink() -> Iterator[int]:
    command = program("smtp-sink", "smtp-sink (Postfix)")
    port = free_port()
    with folder() as home:
        with server([command, "-u", "postfix", f"127.0.0.1:{port}", "100"], cwd=home, log=home / "log"):
            until_answers(port, "smtp-sink", home / "log")
            yield port


def _queued(url: str) -> Laid:
    """What whole answers have queued, and copies of it under keys of their own until there are enough."""
    laid = lay(url, 100)
    laid.arrive(range(1, 101))
    while laid.inbox.handle_due(laid.db, NOW):
        pass
    table = Message.__table__
    assert isinstance(table, sa.Table)
    with laid.db.engine.begin() as connection:
        rows = [
            dict(row._mapping)
            for row in connection.execute(sa.select(table).where(table.c.status == MessageStatus.QUEUED))
        ]
        assert len(rows) >= 100 * A_LETTER, len(rows)
        connection.execute(sa.delete(table).where(table.c.status == MessageStatus.QUEUED))
        connection.execute(sa.insert(table), [_copy(rows[n % len(rows)], n) for n in range(MAILS)])
    return laid


def _copy(row: dict[str, object], number: int) -> dict[str, object]:
    """As another person of another team would get it."""
    said = str(row["body"]).replace("Inimene ", f"Inimene {number} ").replace("Meeskond ", f"Meeskond {number} ")
    own = {"key": f"copy:{number}", "message_id": f"<m.copy{number}@teekond.example.org>", "body": said,
           "to_address": f"m{number}@d{number % 50}.example.org"}  # fmt: skip
    return {name: value for name, value in row.items() if name != "id"} | own


def _built(laid: Laid) -> list[tuple[str, str, bytes]]:
    with laid.db.reading() as session:
        queued = session.scalars(sa.select(Message).where(Message.status == MessageStatus.QUEUED))
        return [(one.to_address, *build(laid, one)) for one in queued]


def build(laid: Laid, message: Message) -> tuple[str, bytes]:
    return message_bytes.envelope_from(message, laid.identity), message_bytes.to_bytes(message, laid.identity)


def _ours(laid: Laid, port: int) -> float:
    """As the service's own worker does: a pass, and another pass."""
    transport, sent, began = SmtpTransport("127.0.0.1", port), 0, time.perf_counter()
    while some := outbox.deliver(laid.db, NOW, transport, build=lambda one: build(laid, one)).sent:
        sent += some
    spent = time.perf_counter() - began
    with laid.db.writing() as session:
        again = sa.update(Message).where(Message.sent_at == NOW).values(status=MessageStatus.QUEUED, sent_at=None)
        marked = session.execute(again.returning(Message.id).execution_options(synchronize_session=False)).all()
    assert sent == len(marked) == MAILS, (sent, len(marked))
    return sent / spent


def _loop(mails: list[tuple[str, str, bytes]], port: int) -> float:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        began = time.perf_counter()
        for recipient, sender, data in mails:
            client.sendmail(sender, [recipient], data)
        return len(mails) / (time.perf_counter() - began)
