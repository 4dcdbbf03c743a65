"""HTTP client with bounds on total time and response size, for servers of others.

The HTTP library's timeout is for each read: a server that drips a byte a second keeps its asker for ever, and what is
compressed grows as it is read. Here a timer hangs up, and an answer that is too large or compressed is none. Must never
know what is asked, or whom. One of the two modules that know `requests`, with `oidc`.
"""

import io
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from workflow.lazy_module import Later

if TYPE_CHECKING:
    import requests
    import urllib3
else:  # an extra that only some are signed in by
    requests, urllib3 = Later("requests"), Later("urllib3")

LARGEST: Final = 256 * 1024
"""bytes of one answer: the keys of the largest directories take a quarter of that"""


class Conversation:
    """Everything that is asked within so many seconds: then whatever is still open is hung up, in any phase."""

    def __init__(self, seconds: float) -> None:
        self._lock, self._over = threading.Lock(), False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._hang_up)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._hang_up()

    def join(self, session: "requests.Session") -> None:
        """From now on what this session asks is bounded."""
        session.mount("http://", _adapter(self))
        session.mount("https://", _adapter(self))

    def watch(self, sock: socket.socket) -> None:
        """A connection of this conversation. Its copy outlives what TLS makes of the socket."""
        with self._lock:
            if self._over:
                raise TimeoutError("the conversation is over")
            self._sockets.append(sock.dup())

    def is_over(self) -> bool:
        with self._lock:
            return self._over

    def _hang_up(self) -> None:
        with self._lock:
            self._over = True
            for sock in self._sockets:
                with suppress(OSError):  # the other side was first
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            self._sockets.clear()


def _adapter(conversation: Conversation) -> Any:
    """The library's own way to send, over connections that are watched, with answers that are read at once."""

    class Bounded(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:
            super().init_poolmanager(*args, **more)
            self.poolmanager.pool_classes_by_scheme = _pools(conversation)

        def send(self, *args: Any, **more: Any) -> Any:
            args[0].headers["Accept-Encoding"] = "identity"
            response = super().send(*args, **{**more, "stream": True})
            content = response.raw.read(LARGEST + 1, decode_content=False)
            response.close()
            if conversation.is_over():  # what was cut off looks like an answer that has ended
                raise requests.exceptions.Timeout("hung up")
            if len(content) > LARGEST or "Content-Encoding" in response.headers:
                raise requests.exceptions.ContentDecodingError("too large, or compressed")
            response.raw = io.BytesIO(content)
            return response

    return Bounded(max_retries=0)


def _pools(conversation: Conversation) -> dict[str, Any]:
    class Http(urllib3.connection.HTTPConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            conversation.watch(sock)
            return sock

    class Https(urllib3.connection.HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            conversation.watch(sock)
            return sock

    class HttpPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}
