"""A directory that is slow, broken or hostile: nobody comes in by it, nobody else's pages wait for it."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from waitress.server import create_server

from tests.web.conftest import Browser, Pages
from tests.web.sign_in.oidc_provider import CLIENT, Directory
from tests.web.sign_in.test_oidc import COORDINATOR, START, comes, directory, is_in, joined
from web.sign_in import bounded_http, oidc
from web.sign_in.bounded_http import Conversation
from workflow.config.installation.oidc import Oidc
from workflow.database.engine import Database

__all__ = ["directory"]  # the fixture

REFUSED: Final = "/signin?why=directory"
DEEP: Final = "[" * 100_000
ADDRESSES: Final = (
    None, 5, [], {}, "", "/token", "//evil.example/x", "javascript:alert(1)", "file:///etc/passwd", "ftp://evil.example",
    "http://", "http://[", "https://us:secret@evil.example/", "http:evil.example", "mailto:a@example.org",
    "https://evil.example/#x",
)  # fmt: skip


def part(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def returned(browser: Browser, back: str) -> str:
    answer = browser.post(f"{START}/back", dict(parse_qsl(urlsplit(back).query)))
    assert answer.status_code == 303, answer.status_code
    return str(answer.headers["Location"])


# -- what it says -------------------------------------------------------------------------------------------------


def test_whatever_the_directory_says_of_itself_ends_with_the_other_way_in(
    sqlite_db: Database, directory: Directory
) -> None:
    browser = joined(sqlite_db, directory).browser()
    path = "/.well-known/openid-configuration"
    for said in ("", "x", "5", "[]", "null", '"x"', DEEP, '{"issuer": 5}', '{"issuer": null}', "9" * 5000, "{}",
                 json.dumps({"issuer": directory.issuer})):  # fmt: skip
        directory.says = {path: said}
        answer = browser.get(START)
        assert (answer.status_code, answer.headers["Location"]) == (303, REFUSED), said[:40]
    directory.says = {}
    for address in ADDRESSES:
        directory.changes = {"authorization_endpoint": address}
        assert browser.get(START).headers["Location"] == REFUSED, address
    directory.changes = {}
    assert comes(browser, directory).headers["Location"] == "/office" and is_in(browser)


@pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint"])
def test_nobody_is_asked_at_what_is_no_address(sqlite_db: Database, directory: Directory, name: str) -> None:
    pages = joined(sqlite_db, directory)
    for address in ADDRESSES:
        browser = pages.browser()
        back = directory.comes_back(browser.get(START).headers["Location"])
        directory.changes = {name: address}
        assert returned(browser, back) == REFUSED, address
        directory.changes = {}
        assert not is_in(browser)
    assert directory.tokens == 0 or name == "token_endpoint"


@pytest.mark.parametrize("path", ["/keys", "/token"])
def test_whatever_it_says_in_the_end_lets_nobody_in(sqlite_db: Database, directory: Directory, path: str) -> None:
    pages = joined(sqlite_db, directory)
    keys = ({"keys": 5}, {"keys": [5]}, {"keys": [{}]}, {"keys": []}, {"keys": [{"kty": "oct", "k": "eA"}]},
            {"keys": [{"kty": "RSA", "n": "AQ", "e": "AQ"}]})  # fmt: skip
    tokens = ({"id_token": said} for said in (None, 5, "a.b", "...", []))
    large = "x" * (bounded_http.LARGEST + 1)
    for said in ("", "5", "[]", "null", DEEP, "{}", large, *map(json.dumps, tokens), *map(json.dumps, keys)):
        browser = pages.browser()
        back = directory.comes_back(browser.get(START).headers["Location"])
        directory.says = {path: said}
        assert returned(browser, back) == REFUSED, said[:40]
        directory.says = {}
        assert not is_in(browser)


def test_a_token_that_is_signed_by_nobody_of_theirs_lets_nobody_in(sqlite_db: Database, directory: Directory) -> None:
    """No signature, a key that it brings along or points to, a header that nobody knows."""
    pages, stranger = joined(sqlite_db, directory), RSAKey.generate_key(2048, {"kid": "1"})
    browser = pages.browser()
    nonce = dict(parse_qsl(urlsplit(browser.get(START).headers["Location"]).query))["nonce"]
    now = int(pages.world.now.timestamp())
    claims = {"iss": directory.issuer, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 300, "nonce": nonce,
              "email": COORDINATOR, "email_verified": True}  # fmt: skip
    public = stranger.as_dict(private=False)
    tokens = [
        f'{part({"alg": alg})}.{part(claims)}.' for alg in ("none", "None", "NONE", "", None, 5, [], "RS1", "HS512")
    ] + [
        jwt.encode({"alg": "RS256", **more}, claims, stranger)
        for more in ({"jwk": public, "kid": "1"}, {"jku": f"{directory.issuer}/elsewhere", "kid": "1"}, {"kid": "x"},
                     {"x5u": f"{directory.issuer}/elsewhere"}, {"kid": "../keys"})
    ] + [f'{part({"alg": "RS256", "kid": "1", "crit": ["b64"], "b64": False})}.{part(claims)}.AAAA']  # fmt: skip
    for token in tokens:
        browser = pages.browser()
        back = directory.comes_back(browser.get(START).headers["Location"])
        directory.token = token
        assert returned(browser, back) == REFUSED, token[:60]
        assert not is_in(browser)
    assert directory.elsewhere == []


TOKENS: Final[tuple[tuple[dict[str, Any], bool], ...]] = (
    ({"aud": [CLIENT]}, True),
    ({"aud": [CLIENT], "azp": CLIENT}, True),
    ({"aud": [CLIENT, "other"], "azp": CLIENT}, True),
    ({"aud": [CLIENT, "other"]}, False),
    ({"aud": [CLIENT, "other"], "azp": "other"}, False),
    ({"azp": "other"}, False),
    ({"azp": None, "aud": ["other"]}, False),
    ({"aud": []}, False),
    ({"aud": {"x": CLIENT}}, False),
    ({"email": [COORDINATOR]}, False),
    ({"email": {"x": COORDINATOR}}, False),
    ({"email": f"{COORDINATOR}, keegi@example.org"}, False),
    ({"email": f"keegi@example.org <{COORDINATOR}>"}, False),
    ({"email": COORDINATOR.replace("o", "о")}, False),
    ({"email": f"{COORDINATOR}\x00"}, False),
    ({"sub": None}, False),
    ({"sub": ["42"]}, False),
    ({"sub": {}}, False),
    ({"email_verified": 1}, False),
    ({"email_verified": None}, False),
    ({"exp": "x"}, False),
    ({"exp": None}, False),
    ({"nbf": 9_999_999_999}, False),
    ({"iat": 9_999_999_999}, False),
    ({"nonce": ["x"]}, False),
    ({"iss": ["x"]}, False),
)  # fmt: skip
"""claims, and whether they let their bearer in"""


def test_a_token_counts_for_whom_it_was_given(sqlite_db: Database, directory: Directory) -> None:
    pages, wrong = joined(sqlite_db, directory), []
    for claims, comes_in in TOKENS:
        browser = pages.browser()
        directory.changes = claims
        went = returned(browser, directory.comes_back(browser.get(START).headers["Location"]))
        if ((went == "/office"), is_in(browser)) != (comes_in, comes_in):
            wrong.append(claims)
    assert not wrong


def test_over_https_nobody_is_sent_or_asked_without_it(sqlite_db: Database, directory: Directory) -> None:
    pages = joined(sqlite_db, directory)
    web = pages.app.extensions["teekond"]
    secure = Oidc(issuer="https://login.example.org", client_id=CLIENT)
    object.__setattr__(web, "settings", web.settings.model_copy(update={"oidc": secure}))
    with pages.app.test_request_context():
        assert oidc._endpoint({"x": "https://keys.example.com/k?a=1"}, "x") == "https://keys.example.com/k?a=1"
        with pytest.raises(oidc.Refused):
            oidc._endpoint({"x": "http://login.example.org/k"}, "x")


# -- how it says it -----------------------------------------------------------------------------------------------

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def huge(sock: socket.socket) -> None:
    sock.sendall(OK + b"Content-Length: 2147483648\r\n\r\n")
    while True:
        sock.sendall(b" " * 65536)


def endless(sock: socket.socket) -> None:
    sock.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        sock.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def without_end(sock: socket.socket) -> None:
    sock.sendall(OK + b"\r\n")
    while True:
        sock.sendall(b" " * 65536)


def compressed(sock: socket.socket) -> None:
    sock.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")


def silent(sock: socket.socket) -> None:
    sock.recv(1)
    time.sleep(60)


def dripping(begin: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def drip(sock: socket.socket) -> None:
        sock.sendall(begin)
        while True:
            sock.sendall(drop)
            time.sleep(0.1)

    return drip


LARGE: Final = {"huge": huge, "endless chunks": endless, "without an end": without_end, "compressed": compressed}
SLOW: Final = {
    "silent": silent,
    "status line": dripping(b"HTTP/1.1 200 ", b"O"),
    "headers": dripping(OK, b"X"),
    "many headers": dripping(OK, b"X: y\r\n"),
    "go on": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": dripping(OK + b"Content-Length: 100000\r\n\r\n", b" "),
    "chunks": dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk's length": dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
}


@contextmanager
def speaking(how: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks so to everybody who comes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def one(sock: socket.socket) -> None:
        with sock, suppress(OSError):
            how(sock)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def asked(address: str, seconds: float) -> float:
    """How long a question took that had no answer."""
    begun = time.monotonic()
    with Conversation(seconds) as conversation, requests.Session() as session:
        conversation.join(session)
        with pytest.raises(Exception):  # noqa: B017 - of the library's many
            session.get(address, timeout=5)
    return time.monotonic() - begun


@pytest.mark.parametrize("how", [*LARGE])
def test_an_answer_without_measure_is_read_no_further(how: str) -> None:
    with speaking(LARGE[how]) as server:
        assert asked(f"http://{server}/", 30) < 10


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("how", [*SLOW])
def test_an_answer_that_drips_is_hung_up_on_in_any_phase(how: str, scheme: str) -> None:
    with speaking(SLOW[how]) as server:
        assert asked(f"{scheme}://{server}/", 0.7) < 4


def test_a_slow_directory_keeps_nobody_elses_pages_waiting(sqlite_db: Database, directory: Directory) -> None:
    """On a real server with four threads: ten people who set out for it at once."""
    pages = joined(sqlite_db, directory)
    with speaking(SLOW["body"]) as server, served(_with_issuer(pages, f"http://{server}")) as base:
        people = [threading.Thread(target=lambda: _sets_out(base), daemon=True) for _ in range(10)]
        for one in people:
            one.start()
        time.sleep(1)
        for path in ("/healthz", "/", "/signin"):
            begun = time.monotonic()
            assert requests.get(f"{base}{path}", timeout=8).status_code == 200
            assert time.monotonic() - begun < 3, path
        for one in people:
            one.join(oidc.SECONDS + 5)
        assert not any(one.is_alive() for one in people)


def _sets_out(base: str) -> None:
    with suppress(requests.RequestException):
        requests.get(f"{base}{START}", timeout=30, allow_redirects=False)


def _with_issuer(pages: Pages, issuer: str) -> Pages:
    web = pages.app.extensions["teekond"]
    other = web.settings.oidc.model_copy(update={"issuer": issuer})
    object.__setattr__(web, "settings", web.settings.model_copy(update={"oidc": other}))
    return pages


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    server: Any = create_server(pages.app, host="127.0.0.1", port=0, threads=4)

    def run() -> None:
        with suppress(OSError):
            server.run()

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        server.task_dispatcher.shutdown(timeout=1)
