"""Stand-ins for Microsoft 365 and Gmail over real sockets: an authorisation server, a relay and a mailbox that let in
with a token and nothing else, and say no in those servers' own words."""

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl

from tests.mail.mailbox.hostile_imap_server import Server
from tests.mail.scripted_relay import Relay, say

SWITCHED_OFF: Final = (
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
    "https://aka.ms/smtp_auth_disabled for more information. [HE1PR05CA0123.eurprd05.prod.outlook.com]"
)
NO_BASIC: Final = (
    "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. "
    "[HE1PR05CA0123.eurprd05.prod.outlook.com]"
)
RETIRED: Final = "550 5.7.30 Basic authentication is not supported for Client Submission."
APP_PASSWORD: Final = (
    "534-5.7.9 Application-specific password required. For more information, go to\r\n"
    "534 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor"
)
GOOGLES_REASON: Final = '{"status":"401","schemes":"Bearer","scope":"https://mail.google.com/"}'


@dataclass
class Authority:
    """An authorisation server. Gives `token-1`, `token-2`, …; `refuses`: status and JSON instead. `good`: tokens that
    the mail servers believe; `seconds` of life that it tells of each; `renews`: a new refresh token with each."""

    seconds: int = 3600
    refuses: tuple[int, Mapping[str, str]] | None = None
    renews: bool = False
    good: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, form: dict[str, str]) -> tuple[int, Mapping[str, Any]]:
        self.asked.append(form)
        if self.refuses is not None:
            return self.refuses
        token = f"token-{len(self.asked)}"
        self.good.add(token)
        more = {"refresh_token": f"refresh-{len(self.asked)}"} if self.renews else {}
        return 200, {"token_type": "Bearer", "expires_in": self.seconds, "access_token": token, **more}

    def end(self) -> None:
        """Every token that was given runs out."""
        self.good.clear()

    def believes(self, response: str, user: str) -> bool:
        """An initial response of either mechanism, from base64."""
        said = b64decode(response).decode()
        named = said.startswith((f"user={user}\x01", f"n,a={user},\x01"))
        token = said.partition("auth=Bearer ")[2].removesuffix("\x01\x01")
        return named and said.endswith("\x01\x01") and token in self.good


@contextmanager
def authority(**how: Any) -> Iterator[Authority]:
    one = Authority(**how)

    class Talk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, said = one.answer(dict(parse_qsl(body, strict_parsing=True)))
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    one.url = f"http://127.0.0.1:{server.server_address[1]}/token"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class TokenRelay(Relay):
    """A relay that takes mail of those alone who brought a token. `challenges`: it says why in a challenge first, as
    Google does; `to_auth`: what it says to every AUTH, whatever is brought."""

    def __init__(
        self, believed: Authority, user: str, *, offers: str = "XOAUTH2", challenges: bool = False, to_auth: str = ""
    ) -> None:
        super().__init__()
        self.believed, self.user, self.offers = believed, user, offers
        self.challenges, self.to_auth = challenges, to_auth
        self.mechanisms: list[str] = []

    def talk(self, talk: Any) -> None:
        say(talk, "220 relay.example.org")
        signed_in, reader = False, talk.rfile
        while line := reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                say(talk, f"250-relay.example.org\r\n250 AUTH {self.offers}")
            elif verb == b"AUTH":
                signed_in = self._auth(talk, line.decode().split())
            elif verb == b"MAIL" and not (signed_in and self.believed.good):
                say(talk, "530 5.7.57 Client not authenticated to send mail.")
            elif verb == b"DATA":
                say(talk, "354 go on")
                self.taken.append(("", "", _until_the_dot(reader)))
                say(talk, "250 ok")
            elif verb == b"QUIT":
                say(talk, "221 bye")
                return
            else:
                say(talk, "250 ok")

    def _auth(self, talk: Any, words: list[str]) -> bool:
        self.mechanisms.append(words[1])
        if self.to_auth:
            say(talk, self.to_auth)
        elif self.believed.believes(words[2], self.user):
            say(talk, "235 2.7.0 Accepted")
            return True
        else:
            if self.challenges:
                say(talk, f"334 {b64encode(GOOGLES_REASON.encode()).decode()}")
                answer = talk.rfile.readline().strip()
                assert answer == (b"AQ==" if words[1] == "OAUTHBEARER" else b""), answer
            say(talk, "535 5.7.3 Authentication unsuccessful")
        return False


def _until_the_dot(reader: Any) -> bytes:
    lines = []
    while (line := reader.readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines)


@dataclass
class TokenMailbox(Server):
    """A mailbox that is opened with a token only. `refuses_login`: what it says to a password."""

    believed: Authority = field(default_factory=Authority)
    user: str = "teekond@example.org"
    offers: str = "AUTH=XOAUTH2"
    refuses_login: bytes = b" NO LOGIN failed."
    signed_in: list[str] = field(default_factory=list)

    def _right(self, tag: bytes, command: str, rest: bytes, line: Any, file: Any) -> bytes:
        if command == "CAPABILITY":
            told = f"* CAPABILITY IMAP4rev1 {self.offers} IDLE MOVE UIDPLUS\r\n".encode()
            return told + tag + b" OK done\r\n"
        if command == "LOGIN":
            return tag + self.refuses_login + b"\r\n"
        if command == "AUTHENTICATE":
            return self._authenticated(tag, rest.decode(), line, file)
        return super()._right(tag, command, rest, line, file)

    def _authenticated(self, tag: bytes, mechanism: str, line: Any, file: Any) -> bytes:
        line.sendall(b"+ \r\n")
        response = file.readline().decode().strip()
        if self.believed.believes(response, self.user):
            self.signed_in.append(mechanism)
            return tag + b" OK AUTHENTICATE completed.\r\n"
        line.sendall(b"+ " + b64encode(GOOGLES_REASON.encode()) + b"\r\n")
        answer = file.readline().strip()
        assert answer == (b"AQ==" if mechanism == "OAUTHBEARER" else b""), answer
        return tag + b" NO AUTHENTICATE failed.\r\n"
