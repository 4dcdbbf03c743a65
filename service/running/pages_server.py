"""HTTP server of the pages, resistant to slow requests (slowloris).

A proxy that reads requests whole keeps all of this away. Without one, whoever opens a few hundred connections and
sends half a request on each would hold all there are. So where they are taken, one that only waits is closed for the
next: of the network address that holds most of them, the one whose request began first. Must never close one whose
request is whole.
"""

import errno
import logging
import socket
import time
from collections import Counter
from typing import Any, Final
from wsgiref.types import WSGIApplication

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import MultiSocketServer, TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from workflow.security.client_network import place

THREADS: Final = 4
CONNECTIONS: Final = 200
"""at once"""
IDLE_SECONDS: Final = 20
"""a connection on which nothing comes for so long is closed"""
CLEANUP_SECONDS: Final = 5
PAUSE_SECONDS: Final = 1
"""how long nothing is accepted where this process has no descriptor left"""
NO_DESCRIPTOR: Final = frozenset({errno.EMFILE, errno.ENFILE})
log = logging.getLogger("teekond")


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection; `began`: when its present request did."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.began = time.monotonic()
        super().__init__(*given, **named)
        self.place = place(str(self.addr[0])) or ""

    @property
    def waits(self) -> bool:
        """Whether nothing is to be answered here: its request is not whole, or none has begun."""
        return not (self.requests or self.will_close)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.monotonic()
        return bool(super().received(data))


class Server(TcpWSGIServer):  # type: ignore[misc]
    """One socket. All of them share `_map`, and with it the connections."""

    channel_class = Channel
    _paused_until = 0.0

    def readable(self) -> bool:
        return bool(super().readable()) and time.monotonic() >= self._paused_until

    def accept(self) -> Any:
        try:
            taken = super().accept()
        except OSError as error:
            if error.errno not in NO_DESCRIPTOR:
                raise
            self._pause()
            return None
        if taken is not None:
            self._make_room(CONNECTIONS)
        return taken

    def _pause(self) -> None:
        """Said once for as long as it lasts: the next try comes a second later, and the oldest that waits is closed."""
        if self._paused_until + 2 * PAUSE_SECONDS < time.monotonic():
            log.error("no file descriptor is left for another connection to the pages")
        self._paused_until = time.monotonic() + PAUSE_SECONDS
        self._make_room(1)

    def _make_room(self, most: int) -> None:
        channels = [one for one in self._map.values() if isinstance(one, Channel) and not one.will_close]
        waiting = [one for one in channels if one.waits]
        if len(channels) < most or not waiting:
            return
        held = Counter(one.place for one in waiting)
        first = min(waiting, key=lambda one: (-held[one.place], one.began))
        first.will_close = True


def server(app: WSGIApplication, *socks: socket.socket) -> Any:
    """What serves the pages on these sockets, once it is told to `run`."""
    settings = Adjustments(
        sockets=list(socks), threads=THREADS, ident="teekond", channel_timeout=IDLE_SECONDS,
        cleanup_interval=CLEANUP_SECONDS, connection_limit=2 * CONNECTIONS,
        clear_untrusted_proxy_headers=False,  # the application believes as many as `[web] proxies` says, and no more
    )  # fmt: skip
    shared: dict[int, Any] = {}
    workers = ThreadedTaskDispatcher()
    workers.set_thread_count(THREADS)
    made = [
        Server(
            app, shared, _sock=sock, dispatcher=workers, adj=settings, bind_socket=False,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        )
        for sock in socks
    ]  # fmt: skip
    if len(made) == 1:
        return made[0]
    at = [(one.effective_host, one.effective_port) for one in made]
    return MultiSocketServer(shared, settings, at, workers, made[0].log_info)
