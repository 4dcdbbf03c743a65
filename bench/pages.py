"""The coordinator's board with 10,000 teams against 10, both showing ten: the process's own time for one request,
signed in, all of it (session, queries, page). Then pages a second over HTTP: the sign-in page and the board as
`teekond serve` serves them (waitress, 4 threads, one process) beside a page of the same size out of gunicorn, which
asks no database and knows nobody; four kept connections, by the wall's clock.
"""

import http.client
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from waitress.server import create_server
from werkzeug.wrappers import Response

from bench.figures import Better, Row, in_turn
from bench.peers import NotHere, python_with
from bench.receiving_peers import ROOT, folder, server, until_answers
from bench.season import NOW, lay
from mail.composing import samples
from mail.composing.compose import Composer
from tests.ports import free_port
from web.access import sessions
from web.app import create_app
from web.context import Web
from workflow.database.models import Person
from workflow.security.keys import Keys
from workflow.views import board

TITLE = "Pages"
FEW, MANY, SHOWN = 10, 10_000, 10
ASKED, LOOKS, CONNECTIONS = 15, 300, 4
GUNICORN = "gunicorn==27.0.1"
KEY = "a key of the bench for cookies, 32 bytes"
PAGES = {"/signin": "the sign-in page", "/office/board": "the board, 10,000 teams"}
BARE = """
PAGE = open({page!r}, "rb").read()
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE)))])
    return [PAGE]
"""


def run(times: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="tk-bench-") as home:
        many, few = (partial(_look, *application(Path(home), teams)) for teams in (MANY, FEW))
        found, theirs = in_turn((many, few), times, "ms")
    rows = [Row(what=f"board, {MANY:,} teams", ours=found, peer=f"{FEW} teams", theirs=theirs, better=Better.LESS,
                limit=2)]  # fmt: skip
    with folder() as room, _served(room) as (port, cookies):
        return rows + [_beside(room, port, cookies, path, times=times) for path in PAGES]


def _look(app: Flask, cookies: str) -> float:
    """Milliseconds of this process's own time for one board, the first left out."""
    client, taken = app.test_client(use_cookies=False), []
    for _ in range(ASKED):
        began = time.process_time()
        answer = client.get("/office/board", headers={"Cookie": cookies})
        taken.append(time.process_time() - began)
        assert answer.status_code == 200 and answer.text.count("Meeskond") >= SHOWN, answer.status
    return statistics.median(taken[1:]) * 1000


def application(home: Path, teams: int) -> tuple[Flask, str]:
    """The pages of a season with so many teams, and the cookies of its coordinator."""
    board.PAGE = SHOWN
    laid = lay(f"sqlite:///{home / f'{teams}.sqlite'}", teams, members=1)
    tokens = itertools.count()
    settings = laid.config.service.model_copy(update={"base_url": "http://localhost:8080"})
    composer = Composer(ROOT / "templates" / "email", laid.config.programme, laid.identity)
    app = create_app(
        Web(
            db=laid.db, season=laid.season, composer=composer, settings=settings, now=lambda: NOW,
            keys=Keys(KEY), token=lambda: f"token{next(tokens):020d}", read_uploads=lambda _files: (),
            samples=samples.sample, demo=None,
        )
    )  # fmt: skip
    response = Response()
    with app.test_request_context("/"), laid.db.writing() as session:
        found = session.scalars(sa.select(Person).where(Person.role == "coordinator")).first()
        assert found is not None
        sessions.sign_in(session, found, response)
    cookies = "; ".join(one.partition(";")[0] for one in response.headers.getlist("Set-Cookie"))
    return app, cookies


# -- over HTTP ----------------------------------------------------------------------------------


@contextmanager
def _served(home: Path) -> Iterator[tuple[int, str]]:
    """Our pages in a process of their own."""
    port = free_port()
    command = [sys.executable, "-m", "bench.pages", str(port), str(home)]
    with server(command, cwd=ROOT, log=home / "log") as running:
        assert running.stdout is not None
        cookies = running.stdout.readline().decode().strip()
        if not cookies:
            raise RuntimeError((home / "log").read_text(encoding="utf-8")[-2000:])
        until_answers(port, "our pages", home / "log")
        yield port, cookies


def _beside(home: Path, port: int, cookies: str, path: str, *, times: int) -> Row:
    page = _get(http.client.HTTPConnection("127.0.0.1", port), path, cookies)
    mine = partial(_rate, port, path, cookies)
    try:
        with _bare(home, page) as their_port:
            found, theirs = in_turn((mine, partial(_rate, their_port, "/", "")), times, "pages/s")
    except NotHere as why:
        return Row(what=PAGES[path], left_out=str(why))
    return Row(
        what=f"{PAGES[path]} ({len(page) / 1024:.0f} KB)", ours=found, peer="gunicorn, a bare page", theirs=theirs
    )


@contextmanager
def _bare(home: Path, page: bytes) -> Iterator[int]:
    gunicorn = python_with(GUNICORN).parent / "gunicorn"
    (home / "page.html").write_bytes(page)
    (home / "bare.py").write_text(BARE.format(page=str(home / "page.html")), encoding="utf-8")
    port = free_port()
    command = [str(gunicorn), "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "bare:app"]
    with server(command, cwd=home, log=home / "gunicorn.log"):
        until_answers(port, "gunicorn", home / "gunicorn.log")
        yield port


def _rate(port: int, path: str, cookies: str) -> float:
    def look(_: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(LOOKS // CONNECTIONS):
            _get(connection, path, cookies)
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(look, range(CONNECTIONS)))
    return LOOKS / (time.perf_counter() - began)


def _get(connection: http.client.HTTPConnection, path: str, cookies: str) -> bytes:
    connection.request("GET", path, headers={"Cookie": cookies})
    answer = connection.getresponse()
    page = answer.read()
    assert answer.status == 200, (answer.status, path)
    return page


if __name__ == "__main__":
    app, told = application(Path(sys.argv[2]), MANY)
    print(told, flush=True)
    create_server(app, host="127.0.0.1", port=int(sys.argv[1]), threads=4).run()
