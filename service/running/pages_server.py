"""HTTP server of the pages, resistant to slow requests (slowloris).

A proxy that reads requests whole keeps all of this away. Without one, whoever opens a few hundred connections and
sends half a request on each would hold all there are. So where they are taken, one that only waits is closed for the
next: of the network address that holds most of them, the one whose request began first. The same where the bodies that
came so far, which stand on the disk, are too much together. Must never close one whose request is whole.
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
MIB: Final = 2**20
BODIES: Final = 512 * MIB
"""bytes of requests that are coming in, all together; the largest form that is taken, with ten files, has half of it"""
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

    @property
    def standing(self) -> int:
        """Bytes of its body that came so far, of a request that is not whole."""
        return self.request.body_bytes_received if self.request is not None else 0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.monotonic()
        before = self.standing
        taken = bool(super().received(data))
        if self.standing // MIB > before // MIB:
            self.server.limit_bodies()
        return taken


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

    def limit_bodies(self) -> None:
        waiting = [one for one in self._channels() if one.standing and one.waits]
        while sum(one.standing for one in waiting) > BODIES:
            first = _gives_way(waiting)
            first.will_close = True
            waiting.remove(first)

    def _channels(self) -> list[Channel]:
        return [one for one in self._map.values() if isinstance(one, Channel) and not one.will_close]

    def _make_room(self, most: int) -> None:
        channels = self._channels()
        waiting = [one for one in channels if one.waits]
        if len(channels) < most or not waiting:
            return
        _gives_way(waiting).will_close = True


def _gives_way(waiting: list[Channel]) -> Channel:
    held = Counter(one.place for one in waiting)
    return min(waiting, key=lambda one: (-held[one.place], one.began))


def server(app: WSGIApplication, *socks: socket.socket) -> Any:
    """What serves the pages on these sockets, once it is told to `run`."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits
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
