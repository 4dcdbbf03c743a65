"""Access tokens: what each grant sends, how long one is kept, and what a relay and a mailbox make of them."""

import json
import socket
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mail.mailbox.imap import Folder, Pace
from mail.mailbox.imap_client import Fault
from mail.oauth import sasl, token_endpoint
from mail.oauth.access_tokens import AccessTokens, NoAccessTokenError
from mail.sending.transport import Fate, SmtpTransport
from service.mail_tokens import NewestRefreshToken
from tests.mail.oauth_stand_ins import SWITCHED_OFF, Authority, TokenMailbox, TokenRelay, authority
from workflow.config.installation.oauth import MICROSOFT_USER, OauthSettings
from workflow.config.settings import MailboxSettings

USER = "teekond@example.org"
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SECRET = "the-application's-own-secret"
QUICK = Pace(timeout=5)


def oauth(url: str = "http://127.0.0.1:1/token", **more: Any) -> OauthSettings:
    said = {
        "provider": "microsoft", "grant": "client_credentials", "tenant": "example.onmicrosoft.com",
        "client_id": "app-1", "client_secret": SECRET, "token_url": url, **more,
    }  # fmt: skip
    return OauthSettings.model_validate(said)


def tokens(one: Authority, **more: Any) -> AccessTokens:
    return AccessTokens(oauth(one.url, **more), USER, now=lambda: NOW)


@pytest.fixture
def gives() -> Iterator[Authority]:
    with authority() as one:
        yield one


# -- grants -------------------------------------------------------------------------------------------------------


def test_each_grant_sends_what_its_provider_wants(gives: Authority) -> None:
    sent = {
        "client_credentials": tokens(gives),
        "refresh_token": tokens(gives, grant="refresh_token", refresh_token="old-1"),
        "google": tokens(gives, provider="google", grant="refresh_token", refresh_token="old-2"),
        "public": tokens(gives, grant="refresh_token", refresh_token="old-3", client_secret=None, scope="x y"),
    }
    for one in sent.values():
        one.current()
    assert gives.asked == [
        {"grant_type": "client_credentials", "client_id": "app-1", "client_secret": SECRET,
         "scope": "https://outlook.office365.com/.default"},
        {"grant_type": "refresh_token", "client_id": "app-1", "client_secret": SECRET, "refresh_token": "old-1",
         "scope": MICROSOFT_USER},
        {"grant_type": "refresh_token", "client_id": "app-1", "client_secret": SECRET, "refresh_token": "old-2",
         "scope": "https://mail.google.com/"},
        {"grant_type": "refresh_token", "client_id": "app-1", "refresh_token": "old-3", "scope": "x y"},
    ]  # fmt: skip


def test_the_providers_own_addresses_are_known() -> None:
    microsoft, google = oauth(token_url=None), oauth(token_url=None, provider="google")
    assert microsoft.token_address == "https://login.microsoftonline.com/example.onmicrosoft.com/oauth2/v2.0/token"
    assert google.token_address == "https://oauth2.googleapis.com/token"


def test_a_service_account_signs_for_the_mailbox_it_acts_for(gives: Authority, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = tmp_path / "google.json"
    file.write_text(json.dumps({
        "type": "service_account", "client_email": "t@p.iam.example.org", "private_key_id": "k1", "private_key": pem,
    }))  # fmt: skip
    tokens(gives, provider="google", grant="service_account", key_file=str(file)).current()
    (form,) = gives.asked
    assert set(form) == {"grant_type", "assertion"}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, signature = (urlsafe_b64decode(part + "==") for part in form["assertion"].split("."))
    key.public_key().verify(
        signature, form["assertion"].rpartition(".")[0].encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    assert json.loads(head) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(claims) == {
        "iss": "t@p.iam.example.org", "sub": USER, "scope": "https://mail.google.com/", "aud": gives.url,
        "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 600,
    }  # fmt: skip


@pytest.mark.parametrize("content", [None, "", "{}", '{"private_key": "x"}', "[]", '{"private_key": 7}'])
def test_a_key_file_that_is_none_is_told_in_a_sentence(gives: Authority, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(NoAccessTokenError, match="key_file") as told:
        tokens(gives, provider="google", grant="service_account", key_file=str(tmp_path / "key")).current()
    assert told.value.code == "key_file" and not gives.asked


# -- how long one is kept -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("life", "kept_for"), [(3600, 3300), (600, 540), (10, 9)])
def test_a_token_is_kept_until_shortly_before_its_end(gives: Authority, life: int, kept_for: int) -> None:
    gives.seconds, at = life, 1000.0
    one = AccessTokens(oauth(gives.url), USER, now=lambda: NOW, seconds=lambda: at)
    assert [one.current().kept, one.current().kept] == [False, True]
    at += kept_for - 1
    assert one.current().value == "token-1"
    at += 2
    assert one.current().value == "token-2" and len(gives.asked) == 2


def test_many_threads_ask_once(gives: Authority) -> None:
    one, got = tokens(gives), []
    threads = [threading.Thread(target=lambda: got.append(one.current().value)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert got == ["token-1"] * 8 and len(gives.asked) == 1


def test_no_secret_stands_in_what_is_shown(gives: Authority) -> None:
    one = tokens(gives)
    token = one.current()
    exchange = sasl.TokenExchange(sasl.XOAUTH2, USER, token.value)
    shown = repr([one.settings, token, exchange, token_endpoint.Granted("token-1", 1, "refresh-1")])
    assert SECRET not in shown and "token-1" not in shown and "refresh-1" not in shown


# -- an authorisation server that gives none ------------------------------------------------------------------------


def test_why_there_is_no_token_is_said_in_its_own_words(gives: Authority) -> None:
    gives.refuses = (401, {
        "error": "invalid_client",
        "error_description": "AADSTS7000222: The provided client secret keys are expired. Trace ID: 1-2-3",
    })  # fmt: skip
    with pytest.raises(NoAccessTokenError, match="AADSTS7000222") as told:
        tokens(gives).current()
    assert told.value.code == "invalid_client" and "Trace" not in str(told.value) and SECRET not in str(told.value)


def _says(*pieces: bytes, pause: float = 0) -> Callable[[socket.socket], None]:
    def talk(line: socket.socket) -> None:
        line.recv(65536)
        for piece in pieces:
            line.sendall(piece)
            time.sleep(pause)

    return talk


HEAD = b"HTTP/1.1 200 OK\r\n"
STRANGE = {
    "closes": lambda line: line.close(),
    "no http": _says(b"220 mail.example.org ESMTP\r\n"),
    "a page": _says(HEAD + b"\r\n<html>hello</html>"),
    "a list": _says(HEAD + b"\r\n[1]"),
    "empty": _says(HEAD + b"Content-Length: 0\r\n\r\n"),
    "a token of two lines": _says(HEAD + b'\r\n{"access_token": "a\\r\\nb"}'),
    "a token that is none": _says(HEAD + b'\r\n{"access_token": 7}'),
    "another kind": _says(HEAD + b'\r\n{"access_token": "x", "token_type": "mac"}'),
    "elsewhere": _says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
    "without end": _says(HEAD + b'\r\n{"a": "', *[b"x" * 65536] * 4),
    "drips": _says(HEAD, *[b"X"] * 400, pause=0.05),
}


@pytest.mark.parametrize("how", STRANGE)
def test_whatever_an_authorisation_server_says_ends_in_time_and_in_a_sentence(how: str) -> None:
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = door.accept()
        with line:
            try:
                STRANGE[how](line)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    began = time.monotonic()
    with pytest.raises(NoAccessTokenError, match=r"127\.0\.0\.1"):
        token_endpoint.ask(f"http://127.0.0.1:{door.getsockname()[1]}/token", {"client_secret": SECRET}, seconds=1)
    assert time.monotonic() - began < 3
    door.close()


# -- the relay ----------------------------------------------------------------------------------------------------


def transport(relay: TokenRelay, one: AccessTokens | None, **more: Any) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", relay.port, user=USER, tokens=one, timeout=5, last_timeout=5, **more)


def hand_over(out: SmtpTransport, *, count: int = 1, between: Callable[[], None] = lambda: None) -> list[Fate]:
    fates = []
    with out.line() as line:
        for _ in range(count):
            fates.append(line.send("koos@example.org", "mari@example.org", b"Subject: x\r\n\r\nTere\r\n").fate)
            between()
    return fates


@pytest.mark.parametrize(("offers", "mechanism"), [
    ("LOGIN XOAUTH2", "XOAUTH2"), ("OAUTHBEARER PLAIN", "OAUTHBEARER"), ("OAUTHBEARER XOAUTH2", "XOAUTH2"),
])  # fmt: skip
def test_a_relay_takes_mail_from_whoever_brings_a_token(gives: Authority, offers: str, mechanism: str) -> None:
    with TokenRelay(gives, USER, offers=offers) as relay:
        out = transport(relay, tokens(gives))
        assert out.look().fate is Fate.SENT
        assert hand_over(out, count=2) == [Fate.SENT, Fate.SENT]
    assert relay.mechanisms == [mechanism] * 2 and len(relay.taken) == 2 and len(gives.asked) == 1


@pytest.mark.parametrize("challenges", [False, True])
@pytest.mark.parametrize("offers", ["XOAUTH2", "OAUTHBEARER"])
def test_a_kept_token_that_is_refused_is_fetched_anew_once(gives: Authority, challenges: bool, offers: str) -> None:
    with TokenRelay(gives, USER, offers=offers, challenges=challenges) as relay:
        out = transport(relay, tokens(gives))
        assert hand_over(out) == [Fate.SENT]
        gives.end()
        assert hand_over(out) == [Fate.SENT]
    assert len(gives.asked) == 2 and len(relay.mechanisms) == 3


def test_a_token_that_is_refused_when_new_is_not_asked_for_again_and_again(gives: Authority) -> None:
    with TokenRelay(gives, USER, challenges=True, to_auth="") as relay:
        out = transport(relay, tokens(gives))
        relay.user = "somebody-else@example.org"
        found = out.look()
    assert found.fate is Fate.REFUSED and "status 401" in found.says and len(gives.asked) == 1
    assert "token-1" not in found.says


def test_a_session_that_runs_out_between_two_mails_goes_on_with_a_new_token(gives: Authority) -> None:
    with TokenRelay(gives, USER) as relay:
        assert hand_over(transport(relay, tokens(gives)), count=3, between=gives.end) == [Fate.SENT] * 3
    assert len(relay.taken) == 3 and len(gives.asked) == 3


def test_a_relay_that_never_lets_in_is_asked_no_more_than_twice_a_mail(gives: Authority) -> None:
    with TokenRelay(gives, USER, to_auth=SWITCHED_OFF) as relay:
        out = transport(relay, tokens(gives))
        assert hand_over(out, count=2) == [Fate.AGAIN] * 2
    assert len(relay.mechanisms) == 2 and len(gives.asked) == 2 and not relay.taken


def test_without_a_token_the_relay_is_not_even_called(gives: Authority) -> None:
    gives.refuses = (400, {"error": "invalid_grant"})
    with TokenRelay(gives, USER) as relay:
        out = transport(relay, tokens(gives))
        with out.line() as line:
            outcome = line.send("koos@example.org", "mari@example.org", b"\r\n")
    assert outcome.fate is Fate.AGAIN and outcome.relay and "invalid_grant" in outcome.says
    assert not relay.mechanisms


# -- the mailbox --------------------------------------------------------------------------------------------------


def folder(server: TokenMailbox, one: AccessTokens) -> Folder:
    settings = MailboxSettings.model_validate({"host": "127.0.0.1", "port": server.port, "tls": "none", "user": USER})
    return Folder(settings, None, QUICK, tokens=one)


@pytest.fixture
def mailbox(gives: Authority) -> Iterator[TokenMailbox]:
    server = TokenMailbox(b"Subject: x\r\n\r\nTere\r\n", believed=gives, user=USER)
    yield server
    server.close()


@pytest.mark.parametrize(("offers", "mechanism"), [
    ("AUTH=PLAIN AUTH=XOAUTH2", "XOAUTH2"), ("AUTH=OAUTHBEARER", "OAUTHBEARER"), ("", "XOAUTH2"),
])  # fmt: skip
def test_a_mailbox_is_opened_with_a_token(
    gives: Authority, mailbox: TokenMailbox, offers: str, mechanism: str
) -> None:
    mailbox.offers, one = offers, tokens(gives)
    for _ in range(2):
        room = folder(mailbox, one)
        room.open()
        assert room.select().count == 1
        room.close()
    assert mailbox.signed_in == [mechanism] * 2 and len(gives.asked) == 1


@pytest.mark.parametrize("offers", ["AUTH=XOAUTH2", "AUTH=OAUTHBEARER"])
def test_a_mailbox_that_refuses_a_kept_token_is_brought_a_new_one(
    gives: Authority, mailbox: TokenMailbox, offers: str
) -> None:
    mailbox.offers, one = offers, tokens(gives)
    for _ in range(2):
        room = folder(mailbox, one)
        room.open()
        room.close()
        gives.end()
    assert len(gives.asked) == 2 and len(mailbox.signed_in) == 2


def test_a_mailbox_that_takes_no_token_says_why_and_the_token_is_not_told(
    gives: Authority, mailbox: TokenMailbox
) -> None:
    mailbox.user = "somebody-else@example.org"
    room = folder(mailbox, tokens(gives))
    with pytest.raises(Fault, match="refuses the access token: status 401") as told:
        room.open()
    room.close()
    assert "token-1" not in str(told.value) and len(gives.asked) == 1


# -- refresh tokens -------------------------------------------------------------------------------------------------


def test_the_newest_refresh_token_is_kept_and_outlives_the_process(gives: Authority, tmp_path: Path) -> None:
    gives.renews = True
    for _ in range(2):
        newest = NewestRefreshToken(tmp_path / "refresh_token", "given-1")
        AccessTokens(
            oauth(gives.url, grant="refresh_token", refresh_token="given-1"), USER, now=lambda: NOW,
            refresh_token=newest.read, renewed=newest.write,
        ).current()  # fmt: skip
    assert [form["refresh_token"] for form in gives.asked] == ["given-1", "refresh-1"]
    assert (tmp_path / "refresh_token").stat().st_mode & 0o777 == 0o600
    assert NewestRefreshToken(tmp_path / "refresh_token", "given-1").read() == "refresh-2"
    assert NewestRefreshToken(tmp_path / "refresh_token", "given-2").read() == "given-2", "a new consent goes before it"


def test_two_processes_that_renew_at_once_use_each_refresh_token_once(tmp_path: Path) -> None:
    """The service and `teekond doctor`: some servers take each refresh token once, and then let nobody in."""
    used: list[str] = []

    def ask(_url: str, form: Mapping[str, str]) -> token_endpoint.Granted:
        used.append(form["refresh_token"])
        time.sleep(0.05)
        return token_endpoint.Granted(token=f"token-{len(used)}", seconds=3600, refresh_token=f"refresh-{len(used)}")

    def renew(_n: int) -> None:
        newest = NewestRefreshToken(tmp_path / "refresh_token", "given-1")
        AccessTokens(
            oauth(grant="refresh_token", refresh_token="given-1"), USER, now=lambda: NOW, refresh_token=newest.read,
            renewed=newest.write, alone=newest.alone, ask=ask,
        ).current()  # fmt: skip

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(renew, range(6)))
    assert used == ["given-1", *(f"refresh-{n}" for n in range(1, 6))]


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"from": 1, "token": 2}'])
def test_a_file_that_is_none_leaves_the_token_that_was_given(tmp_path: Path, content: str) -> None:
    (tmp_path / "refresh_token").write_text(content)
    assert NewestRefreshToken(tmp_path / "refresh_token", "given-1").read() == "given-1"


def test_nothing_is_made_where_there_is_no_folder(tmp_path: Path) -> None:
    NewestRefreshToken(tmp_path / "away" / "refresh_token", "given-1").write("newer")
    assert not (tmp_path / "away").exists()
