"""Process lifecycle: parts started and stopped in order, sockets, and the signals that end it."""

import errno
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, Protocol
from wsgiref.types import WSGIApplication

import click

from service.running import pages_server, process_limits
from workflow.database import outage


class ServicePart(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


@contextmanager
def running(*parts: ServicePart) -> Iterator[None]:
    """Start the parts in order; stop them in the other order, each finishing what it has in hand."""
    started: list[ServicePart] = []
    try:
        for part in parts:
            _start(part)
            started.append(part)
        yield
    finally:
        for part in reversed(started):
            part.stop()


def _start(part: ServicePart) -> None:
    try:
        part.start()
    except OSError as error:
        if error.filename is None:
            raise
        raise unavailable(error, error.filename) from None


def bound(address: tuple[str, int]) -> socket.socket:
    """A socket that listens for the pages; the real port is known before anything is said."""
    try:
        return socket.create_server(address, reuse_port=False, backlog=128)
    except OSError as error:
        raise unavailable(error, "{}:{}".format(*address)) from None


def unavailable(error: OSError, where: str) -> click.ClickException:
    """An address that cannot be had, in one sentence."""
    if error.errno == errno.EADDRINUSE:
        return click.ClickException(f"{where} is taken: end what listens there, or choose another address")
    if error.errno == errno.EACCES:
        return click.ClickException(
            f"{where}: ports below 1024 are for the system's administrator; take a higher one, and let the server in "
            "front hand on to it"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return click.ClickException(f"{where} is no address of this machine: 127.0.0.1 for it alone, 0.0.0.0 for all")
    return click.ClickException(f"{where} cannot be listened on: {error.strerror or error}")


def serve_pages(app: WSGIApplication, *socks: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C; requests in hand are finished."""
    outage.tell()
    pages_server.server(app, *socks).run()


def prepare() -> None:
    """What every process that runs on does first."""
    stop_on_signals()
    process_limits.raise_descriptors()
    process_limits.give_memory_back()


def stop_on_signals() -> None:
    """SIGTERM, SIGINT and SIGHUP end the main thread in an orderly way, whatever it is at. The handler takes no lock:
    it may run while the main thread holds any of them."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, _stop)  # a closed window, or a habit of log rotation


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def until_stopped() -> NoReturn:
    """The main thread of a process without pages. It looks up every second: a signal that comes just before the
    system call begins does not end the call."""
    outage.tell()
    while True:
        time.sleep(1)
