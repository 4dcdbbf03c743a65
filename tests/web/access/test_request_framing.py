"""Where one request ends and the next begins: no request can be hidden inside another, whatever its headers say."""

import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from waitress.server import create_server

from tests.web.conftest import build
from workflow.database.engine import Database

HIDDEN = b"GET /hidden-%d HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def heard(sqlite_db: Database) -> Iterator[tuple[int, list[str]]]:
    """The port of the pages, served as the service serves them, and every path that was asked for."""
    paths: list[str] = []
    app = build(sqlite_db).app

    def noting(environ: Any, start: Any) -> Any:
        paths.append(environ["PATH_INFO"])
        return app(environ, start)

    server: Any = create_server(noting, host="127.0.0.1", port=0, threads=2, ident="teekond")
    threading.Thread(target=server.run, daemon=True).start()
    yield int(server.effective_port), paths
    server.close()
    server.task_dispatcher.shutdown()


def said(port: int, request: bytes) -> list[bytes]:
    """The statuses that come back until the line is closed or nothing more is said."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        whole = b""
        while part := line.recv(65536):
            whole += part
    return re.findall(rb"HTTP/1\.[01] (\d+)", whole)


def post(*headers: bytes) -> bytes:
    return b"\r\n".join([b"POST /signin HTTP/1.1", b"Host: localhost", *headers, b"", b""])


CHUNKED = b"0\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 4", b"Transfer-Encoding: identity, chunked"),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: xchunked",),
        (b"Content-Length: 0", b"Content-Length: 50"),
        (b"Content-Length: +0",),
        (b"Content-Length: 0x0",),
        (b"Content-Length : 0",),
        (b"Transfer-Encoding:\x0bchunked",),
    ],
    ids=lambda headers: b" ".join(headers).decode(),
)
def test_a_request_whose_end_is_in_doubt_is_refused_whole(
    heard: tuple[int, list[str]], headers: tuple[bytes, ...]
) -> None:
    port, paths = heard
    lines = said(port, post(*headers) + CHUNKED + HIDDEN % 1)
    assert lines in ([b"400"], [b"501"])
    assert paths == []


def test_of_two_lengths_the_chunks_count_and_nothing_is_left_over(heard: tuple[int, list[str]]) -> None:
    """The other one would end in the middle of a hidden request (RFC 9112, 6.3)."""
    port, paths = heard
    hidden = HIDDEN % 2
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
    said(port, post(b"Content-Length: 5", b"Transfer-Encoding: chunked") + body)
    assert "/hidden-2" not in paths


def test_what_stands_behind_a_whole_request_is_the_next_one(heard: tuple[int, list[str]]) -> None:
    """The tests above would see a hidden request: an honest second one is seen here."""
    port, paths = heard
    lines = said(port, post(b"Content-Length: 0") + HIDDEN % 3)
    assert paths == ["/signin", "/hidden-3"] and len(lines) == 2
