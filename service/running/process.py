"""One process: its parts started and stopped in order, its sockets, and the signals that end it."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, Protocol
from wsgiref.types import WSGIApplication

from waitress.server import create_server


class Part(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


@contextmanager
def running(*parts: Part) -> Iterator[None]:
    """Start the parts in order; stop them in the other order, each finishing what it has in hand."""
    started: list[Part] = []
    try:
        for part in parts:
            part.start()
            started.append(part)
        yield
    finally:
        for part in reversed(started):
            part.stop()


def bound(address: tuple[str, int]) -> socket.socket:
    """A socket that listens for the pages; the real port is known before anything is said."""
    return socket.create_server(address, reuse_port=False, backlog=128)


def serve_pages(app: WSGIApplication, *socks: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C; requests in hand are finished."""
    create_server(app, sockets=list(socks), threads=4, ident="teekond").run()


def stop_on_signals() -> None:
    """SIGTERM and SIGINT end the main thread in an orderly way, whatever it is at. The handler takes no lock: it may
    run while the main thread holds any of them."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def until_stopped() -> NoReturn:
    """The main thread of a process without pages. It looks up every second: a signal that comes just before the
    system call begins does not end the call."""
    while True:
        time.sleep(1)
