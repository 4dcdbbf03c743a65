"""A page that somebody's browser takes for ever holds nothing of the database: what is written meanwhile can be let
go, and the write-ahead log stays small. A real server, a real connection that reads nothing."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from waitress.server import create_server

from tests.web.conftest import Pages, build
from workflow.database.engine import LOG_LEFT, Database
from workflow.database.models import Letter

MIB = 1024 * 1024
MOST = 64 * MIB
COORDINATOR = "koordinaator@example.org"
LARGE = 24 * MIB
"""bytes of a download: more than any socket on the way and the server itself take in ahead (waitress: 16 MiB), so that
a view which is not done before its page is sent is still at it"""


@pytest.fixture
def served(sqlite_db: Database) -> Iterator[tuple[Pages, int]]:
    pages = build(sqlite_db)
    server: Any = create_server(pages.app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield pages, int(server.effective_port)
    server.close()
    server.task_dispatcher.shutdown()


def held(pages: Pages, port: int, path: str) -> socket.socket:
    """A coordinator's connection that has asked for a page, got its first byte, and reads no further."""
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    cookies = "; ".join(
        f"{name}={cookie.value}" for name in ("browser", "session") if (cookie := browser.client.get_cookie(name))
    )
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(30)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode())
    assert line.recv(12) == b"HTTP/1.1 200"
    return line


def letter(pages: Pages, number: int, size: int) -> int:
    with pages.db.writing() as session:
        row = Letter(
            digest=f"d{number}", received_at=pages.world.now, via="smtp", envelope_from="", recipients=[],
            raw=os.urandom(size), next_at=pages.world.now, status="held",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def write(db: Database, times: int, size: int) -> int:
    """So many commits, each of so many bytes; the largest that the log was meanwhile."""
    log, most = Path(f"{db.engine.url.database}-wal"), 0
    change = sa.text("UPDATE letters SET raw = :raw WHERE digest = 'd2'")
    for n in range(times):
        with db.engine.begin() as connection:
            connection.execute(change, {"raw": os.urandom(size)})  # the same bytes again would be no write
        if n % 50 == 0:
            most = max(most, log.stat().st_size)
    return max(most, log.stat().st_size)


def test_a_page_held_open_lets_the_log_stay_small(served: tuple[Pages, int]) -> None:
    pages, port = served
    number = letter(pages, 1, LARGE)
    letter(pages, 2, 100)
    line = held(pages, port, f"/office/letter/{number}/raw")
    most = write(pages.db, 10_000, 4000)
    print(f"10,000 writes while a page was held open: the log was {most / MIB:.1f} MiB at most")
    assert most < MOST
    rest = 12
    while part := line.recv(MIB):
        rest += len(part)
        if rest > LARGE:
            break
    assert rest > LARGE, "the page was still on its way all the time"
    line.close()


def test_a_log_that_a_long_reader_made_grow_shrinks_behind_it(sqlite_db: Database) -> None:
    """What the test above would see if the page kept its transaction; and that it passes by itself."""
    pages = build(sqlite_db)
    letter(pages, 2, 100)
    with sqlite_db.reading() as session:
        session.execute(sa.select(Letter.id)).all()
        assert write(sqlite_db, 10_000, 4000) > MOST
    write(sqlite_db, 5, 4000)
    assert Path(f"{sqlite_db.engine.url.database}-wal").stat().st_size <= LOG_LEFT
