"""A relay that says what a test wants it to say, over real sockets, and keeps what it was given."""

import socketserver
import threading
import time
from collections import defaultdict
from contextlib import suppress
from types import TracebackType
from typing import Any


class Relay:
    """`says[recipient]`: one entry per attempt, then 250 for good. An entry is a reply to RCPT, or `dot: …` for a
    reply to the mail itself; `hang up` (at either place) closes the connection without a word, `dot: 250 hang up` does
    so with the mail taken. `broken`: the last mail taken on each connection that ended without QUIT. For `slow`
    seconds it thinks about a mail that it was given before it answers. With `pipelining` it takes lines together
    (RFC 2920); `eager` then waits for a mail even where it took no recipient. `most` connections at once are greeted,
    others turned away."""

    def __init__(self, *, pipelining: bool = False, most: int = 1000) -> None:
        self.pipelining, self.eager, self.most = pipelining, False, most
        self.slow = 0.0
        self.together = 0
        self.open = 0
        self.says: dict[str, list[str]] = defaultdict(list)
        self.greets: list[str] = []
        self.to_mail: list[str] = []
        self.taken: list[tuple[str, str, bytes]] = []
        self.broken: list[tuple[str, str, bytes]] = []
        self.tried: list[str] = []
        self.connections = 0
        relay = self

        class Talk(socketserver.StreamRequestHandler):
            last: tuple[str, str, bytes] | None = None
            disable_nagle_algorithm = True  # else replies one behind the other wait 40 ms, as at no real server

            def handle(self) -> None:
                relay.connections += 1
                relay.open += 1
                try:
                    with suppress(ConnectionError):  # whoever sent was killed
                        relay.talk(self)
                finally:
                    if self.last:
                        relay.broken.append(self.last)
                    relay.open -= 1

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Talk)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, recipient: str) -> str:
        """What is said of a mail to this recipient: an entry as in `says`."""
        return self.says[recipient].pop(0) if self.says[recipient] else "250 ok"

    def talk(self, talk: Any) -> None:
        greeting = self.greets.pop(0) if self.greets else "220 relay.example.org"
        if self.open > self.most:
            greeting = "421 4.7.0 too many connections"
        say(talk, greeting)
        sender = recipient = said = taken = ""
        while line := talk.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO" and self.pipelining:
                say(talk, "250-relay.example.org\r\n250 PIPELINING")
            elif verb == b"MAIL":
                if self.pipelining:
                    self.together += b"\nDATA\r\n" in talk.rfile.peek()  # type: ignore[attr-defined]
                sender = line.decode().split("<")[1].split(">")[0]
                say(talk, self.to_mail.pop(0) if self.to_mail else "250 ok")
            elif verb == b"RCPT":
                recipient = line.decode().split("<")[1].split(">")[0]
                self.tried.append(recipient)
                said = self.answer(recipient)
                if said == "hang up":
                    return
                said, taken = (said, "250 ok") if said.startswith("dot: ") else (said, said)
                say(talk, taken)
            elif verb == b"DATA" and not (taken.startswith("25") or self.eager):
                say(talk, "554 5.5.1 no valid recipients")
            elif verb == b"DATA":
                say(talk, "354 go on")
                data = until_the_dot(talk)
                if said == "dot: hang up":
                    return
                time.sleep(self.slow)
                reply = said.removeprefix("dot: ")
                if reply.startswith("250"):
                    talk.last = (sender, recipient, data)
                    self.taken.append(talk.last)
                if reply.endswith("hang up"):
                    return
                say(talk, reply)
            elif verb == b"QUIT":
                talk.last = None
                say(talk, "221 bye")
                return
            else:
                say(talk, "250 ok")


def say(talk: socketserver.StreamRequestHandler, reply: str) -> None:
    talk.wfile.write(reply.encode() + b"\r\n")


def until_the_dot(talk: socketserver.StreamRequestHandler) -> bytes:
    """The mail; one that is cut off before its dot was never handed over."""
    lines = []
    while (line := talk.rfile.readline()) != b".\r\n":
        if not line.endswith(b"\n"):
            raise ConnectionError("cut off before the dot")
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
