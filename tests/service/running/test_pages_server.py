"""The pages without a proxy in front: half-sent requests, idle connections and spent descriptors stop nobody else."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from service.running import pages_server
from service.running.pages_server import MIB
from tests.paths import ROOT

SECONDS = 2.0
"""the pages answer within so long, whatever others do"""


@dataclass
class Served:
    """`teekond serve` as a process of its own."""

    process: subprocess.Popen[str]
    web: int
    smtp: int
    errors: Path

    def answers(self) -> float:
        """How long `/healthz` takes, on a connection of its own."""
        begun = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/healthz", timeout=20) as answer:
            assert answer.status == 200
        return time.monotonic() - begun

    def resident(self) -> int:
        """Bytes of memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024


@contextmanager
def serving(
    folder: Path, descriptors: tuple[int, int] | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Served]:
    errors = folder / "log"
    command = [
        sys.executable, "-m", "teekond", "--data", str(folder / "data"), "serve", "--web", "127.0.0.1:0", "--smtp",
        "127.0.0.1:0",
    ]  # fmt: skip
    with errors.open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environ or {}),
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, descriptors)) if descriptors else None,
        )  # fmt: skip
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        said = process.stdout.readline()
        assert said, errors.read_text()
    ports = re.findall(r"http://[^:]+:(\d+), mail on port (\d+)", said)
    try:
        yield Served(process, int(ports[0][0]), int(ports[0][1]), errors)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            process.kill()
            process.stdout.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as one:
        yield one


def begun(port: int, sent: bytes, source: str = "127.0.0.1") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
    line.sendall(sent)
    return line


HALF = b"POST /apply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nname=V"
HALF_SENT = 600
"""more connections than the server takes at once"""
HEAD = b"GET / HTTP/1.1\r\nHost: loc"


@pytest.mark.parametrize("sent", [HALF, HEAD, b""], ids=["half a body", "half a head", "nothing"])
@pytest.mark.parametrize("places", [1, 50], ids=["one place", "many places"])
def test_six_hundred_half_sent_requests_do_not_close_the_pages(served: Served, sent: bytes, places: int) -> None:
    with ExitStack() as open_ones:
        lines = [
            open_ones.enter_context(begun(served.web, sent, f"127.0.1.{1 + n % places}")) for n in range(HALF_SENT)
        ]  # fmt: skip
        assert served.answers() < SECONDS
        for _ in range(3):  # they trickle on
            for line in lines:
                try:
                    line.send(b"o")
                except OSError:  # it was closed for another
                    continue
            assert served.answers() < SECONDS
    assert served.answers() < SECONDS


def test_a_request_that_comes_whole_but_slowly_is_answered_while_others_begin_and_never_end(served: Served) -> None:
    body = b"name=Anu&address=anu%40example.org"
    slow = begun(
        served.web,
        b"POST /info-day HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body),
        "127.0.2.1",
    )
    with slow, ExitStack() as open_ones:
        for n in range(len(body)):
            for _ in range(10):
                open_ones.enter_context(begun(served.web, HALF, "127.0.1.1"))
            slow.sendall(body[n : n + 1])
        assert slow.recv(12).startswith(b"HTTP/1.1 4"), "whole, and without the form's token"


def test_spent_descriptors_stop_the_pages_only_while_none_is_free_and_fill_no_log(tmp_path: Path) -> None:
    with serving(tmp_path, (64, 64)) as served, ExitStack() as open_ones:
        assert served.answers() < SECONDS
        for n in range(70):
            open_ones.enter_context(begun(served.smtp, b"", f"127.0.3.{1 + n}"))
        time.sleep(6)
        open_ones.close()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                assert served.answers() < 20
                break
            except OSError:
                time.sleep(0.2)
        assert served.answers() < SECONDS
    lines = served.errors.read_text().splitlines()
    assert len(lines) < 200, lines[:20]


def test_many_requests_at_once_fill_no_log(served: Served) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20
    with ExitStack() as open_ones:
        for _ in range(60):
            open_ones.enter_context(begun(served.web, asked))
        served.answers()
    assert len(served.errors.read_text().splitlines()) < 20


@contextmanager
def serving_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The server alone, with room for bodies of 6 MiB; its application counts what it was sent."""

    def app(environ: dict[str, Any], start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]

    monkeypatch.setattr(pages_server, "BODIES", 6 * MIB)
    sock = socket.create_server(("127.0.0.1", 0))
    server = pages_server.server(app, sock)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield sock.getsockname()[1]
    finally:
        server.close()


def posted(port: int, declared: int, sent: int, source: str) -> socket.socket:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % declared
    return begun(port, head + b"x" * sent, source)


def is_closed(line: socket.socket) -> bool:
    line.settimeout(5)
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_bodies_that_come_in_have_their_room_and_the_fullest_place_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_here(monkeypatch) as port, ExitStack() as open_ones:
        others = [open_ones.enter_context(posted(port, 3 * MIB, MIB, f"127.0.5.{1 + n}")) for n in range(2)]
        greedy = [open_ones.enter_context(posted(port, 3 * MIB, MIB, "127.0.4.1")) for _ in range(6)]
        assert [is_closed(one) for one in greedy[:2]] == [True, True], "the oldest of the place that holds most"
        for line in others:
            line.sendall(b"x" * 2 * MIB)  # more of the fullest place give way
            assert line.makefile("rb").read().endswith(str(3 * MIB).encode())


def test_one_body_larger_than_all_the_room_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_here(monkeypatch) as port:
        try:
            with posted(port, 20 * MIB, 9 * MIB, "127.0.4.1") as line:
                assert is_closed(line)
        except ConnectionError:
            return


def test_a_low_soft_limit_of_descriptors_is_raised_at_the_start(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1024:
        pytest.skip("this machine allows no more")
    with serving(tmp_path, (64, hard)) as served, ExitStack() as open_ones:
        for n in range(90):
            open_ones.enter_context(begun(served.smtp, b"", f"127.0.3.{1 + n}"))
        assert served.answers() < SECONDS
        limits = Path(f"/proc/{served.process.pid}/limits").read_text()
        assert int(re.findall(r"Max open files\s+(\d+)", limits)[0]) >= 1024
        assert "descriptor" not in served.errors.read_text()


# -- proxies, over a real socket --------------------------------------------------------------------------------------

OUTSIDE, HERE = "203.0.113.8", "127.0.0.1"


def figures(port: int, forwarded: str) -> int:
    """The status of `/metrics`, which only this machine may read."""
    asking = urllib.request.Request(f"http://127.0.0.1:{port}/metrics")
    if forwarded:
        asking.add_header("X-Forwarded-For", forwarded)
    try:
        with urllib.request.urlopen(asking, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_proxys_word_reaches_the_pages_and_just_as_many_are_believed_as_the_config_names(tmp_path: Path) -> None:
    """The server in front of the application must hand the headers on, or every limit by network address is off."""
    expected = {
        0: {"": 200, OUTSIDE: 403, HERE: 403},
        1: {"": 200, OUTSIDE: 403, f"{HERE}, {OUTSIDE}": 403, f"{OUTSIDE}, {HERE}": 200},
    }
    for proxies, cases in expected.items():
        folder = tmp_path / str(proxies)
        folder.mkdir()
        with serving(folder, environ={"TEEKOND_WEB__PROXIES": str(proxies)}) as one:
            assert {forwarded: figures(one.web, forwarded) for forwarded in cases} == cases, proxies
            refused = [line for line in one.errors.read_text().splitlines() if "figures refused" in line]
        assert refused and all((OUTSIDE if proxies else HERE) in line for line in refused)
