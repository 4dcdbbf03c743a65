"""The doctor at mail servers as Microsoft's and Google's are: what each says or offers becomes what to do."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mail.oauth.access_tokens import AccessTokens
from mail.sending.transport import SmtpTransport
from service.doctor import mail_servers, sign_in_advice
from service.doctor.sign_in_advice import RefusedSignIn
from tests.command_line import typed
from tests.mail.oauth.test_access_tokens import SECRET, USER, oauth
from tests.mail.oauth_stand_ins import (
    APP_PASSWORD,
    NO_BASIC,
    RETIRED,
    SWITCHED_OFF,
    Authority,
    TokenMailbox,
    TokenRelay,
    authority,
)
from tests.paths import ROOT
from tests.service.doctor.test_checks import ill
from workflow.config.installation.oauth import Grant, OauthProvider
from workflow.config.settings import MailboxSettings

PASSWORD = "a-password-that-only-tests-know"


@pytest.fixture
def gives() -> Iterator[Authority]:
    with authority() as one:
        yield one


def by_token(gives: Authority, **more: Any) -> AccessTokens:
    return AccessTokens(oauth(gives.url, **more), USER, now=lambda: datetime.now(UTC))


RELAYS = [
    ("XOAUTH2", "", False, "takes OAuth only"),
    ("LOGIN XOAUTH2", NO_BASIC, False, "takes OAuth only"),
    ("LOGIN XOAUTH2", RETIRED, False, "takes OAuth only"),
    ("LOGIN XOAUTH2", SWITCHED_OFF, False, "Manage email apps"),
    ("XOAUTH2", SWITCHED_OFF, True, "Manage email apps"),
    ("LOGIN PLAIN XOAUTH2", APP_PASSWORD, False, "app password"),
    ("LOGIN PLAIN", "535 5.7.8 no", False, "TEEKOND_MAIL__RELAY_PASSWORD"),
    ("LOGIN PLAIN", "535 5.7.8 no", True, "offers no OAuth"),
    ("XOAUTH2", "535 5.7.3 Authentication unsuccessful", True, "SMTP.SendAsApp"),
]


@pytest.mark.parametrize(("offers", "says", "token", "do"), RELAYS, ids=[f"{o}: {d}" for o, _, _, d in RELAYS])
def test_what_a_relay_says_or_offers_becomes_what_to_do(
    gives: Authority, offers: str, says: str, token: bool, do: str
) -> None:
    with TokenRelay(gives, USER, offers=offers, to_auth=says) as relay:
        tokens = by_token(gives) if token else None
        out = SmtpTransport("127.0.0.1", relay.port, user=USER, password=PASSWORD, tokens=tokens, timeout=5)
        found = mail_servers.relay(out, "here", OauthProvider.MICROSOFT if token else None)
    assert do in ill(found) and PASSWORD not in str(found)


def box(server: TokenMailbox) -> MailboxSettings:
    said = {"host": "127.0.0.1", "port": server.port, "tls": "none", "user": USER, "password": PASSWORD}
    return MailboxSettings.model_validate(said)


MAILBOXES = [
    ("AUTH=XOAUTH2", b" NO LOGIN failed.", "takes OAuth only"),
    ("AUTH=PLAIN AUTH=XOAUTH2", b" NO [ALERT] Application-specific password required: https://support.google.com/x",
     "app password"),
    ("AUTH=PLAIN", b" NO [AUTHENTICATIONFAILED] no", "TEEKOND_MAILBOX__PASSWORD"),
]  # fmt: skip


@pytest.mark.parametrize(("offers", "says", "do"), MAILBOXES, ids=[d for _, _, d in MAILBOXES])
def test_what_a_mailbox_says_or_offers_becomes_what_to_do(offers: str, says: bytes, do: str) -> None:
    server = TokenMailbox(b"", offers=offers, refuses_login=says)
    assert do in ill(mail_servers.mailbox(box(server)))
    server.close()


def test_a_mailbox_that_takes_no_token_names_the_right_it_wants(gives: Authority) -> None:
    server = TokenMailbox(b"", believed=gives, user="somebody-else@example.org")
    assert "IMAP.AccessAsApp" in ill(mail_servers.mailbox(box(server), tokens=by_token(gives)))
    server.close()


def test_microsofts_own_mailbox_takes_no_password_whatever_it_names() -> None:
    """As it stands there: PLAIN is still in the list."""
    where, offered = "t@example.org @ outlook.office365.com:993", ("PLAIN", "XOAUTH2")
    says = "error: the server said NO: [b'LOGIN failed.']"
    advice = sign_in_advice.known(RefusedSignIn("mailbox", says, offered, where))
    assert advice is not None and "takes OAuth only" in advice.en


def test_a_known_application_that_is_not_let_in_is_told_apart() -> None:
    says = "BAD User is authenticated but not connected."
    advice = sign_in_advice.known(RefusedSignIn("mailbox", says, ("XOAUTH2",), "here", OauthProvider.MICROSOFT))
    assert advice is not None and "Add-MailboxPermission" in advice.en


@pytest.mark.parametrize(("grant", "code", "do"), [
    ("client_credentials", "invalid_client", "TEEKOND_OAUTH__CLIENT_SECRET"),
    ("refresh_token", "invalid_grant", "TEEKOND_OAUTH__REFRESH_TOKEN"),
    ("client_credentials", "invalid_scope", "check [oauth]"),
    ("service_account", "unauthorized_client", "Domain-wide delegation"),
    ("service_account", "key_file", "JSON key"),
    ("client_credentials", "", "firewall"),
])  # fmt: skip
def test_why_there_is_no_token_becomes_what_to_do(grant: str, code: str, do: str) -> None:
    advice = sign_in_advice.no_token(oauth(grant=Grant(grant)), code)
    assert do in advice.en and advice.et != advice.en


def test_an_authorisation_server_that_is_away_is_told() -> None:
    away = AccessTokens(oauth(), USER, now=lambda: datetime.now(UTC))
    found = mail_servers.access_token(away)
    assert "firewall" in ill(found) and SECRET not in str(found)


# -- as an operator types it ----------------------------------------------------------------------------------------


@pytest.fixture
def doctor(tmp_path: Path) -> Iterator[Callable[..., tuple[int, str]]]:
    """What `teekond doctor` says where relay and mailbox are a stand-in of Microsoft's."""
    with ExitStack() as stack:
        gives = stack.enter_context(authority())
        relay = stack.enter_context(TokenRelay(gives, USER))
        mailbox = TokenMailbox(b"Subject: x\r\n\r\nTere\r\n", believed=gives, user=USER)
        stack.callback(mailbox.close)

        def ask(*, auth: str = "oauth", refuses: tuple[int, dict[str, str]] | None = None) -> tuple[int, str]:
            gives.refuses = refuses
            text = (ROOT / "config.toml").read_text().replace('protocol = "smtp"', 'protocol = "none"')
            assert text.count("relay_port = 25") == 1
            signs_in = f'relay_port = {relay.port}\nrelay_auth = "{auth}"\nrelay_user = "{USER}"'
            text = text.replace("relay_port = 25", signs_in)
            (tmp_path / "config.toml").write_text(
                f'{text}\n[mailbox]\nhost = "127.0.0.1"\nport = {mailbox.port}\ntls = "none"\nuser = "{USER}"\n'
                f'auth = "{auth}"\n[oauth]\nprovider = "microsoft"\ngrant = "client_credentials"\n'
                f'tenant = "example.org"\nclient_id = "app-1"\ntoken_url = "{gives.url}"\n'
            )
            env = {**os.environ, "TEEKOND_OAUTH__CLIENT_SECRET": SECRET, "TEEKOND_MAILBOX__PASSWORD": PASSWORD,
                   "TEEKOND_MAIL__RELAY_PASSWORD": PASSWORD}  # fmt: skip
            done = typed("doctor", "--no-dns", "--lang", "en", "--wait=0", cwd=tmp_path, env=env)
            said = done.stdout + done.stderr
            assert "Traceback" not in said and SECRET not in said and PASSWORD not in said and "token-1" not in said
            return done.returncode, said

        yield ask


def test_the_doctor_lets_itself_in_with_a_token(doctor: Callable[..., tuple[int, str]]) -> None:
    _, said = doctor()
    for line in ("ok  Access token", "ok  Relay", "ok  Mailbox"):
        assert line in said, said


def test_the_doctor_tells_a_missing_token_once(doctor: Callable[..., tuple[int, str]]) -> None:
    code, said = doctor(refuses=(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid"}))
    assert code == 1 and "!!  Access token" in said and "AADSTS7000215" in said
    assert "Relay" not in said and "Mailbox" not in said


def test_the_doctor_with_passwords_says_that_oauth_is_wanted(doctor: Callable[..., tuple[int, str]]) -> None:
    code, said = doctor(auth="password")
    assert code == 1 and said.count("takes OAuth only") == 2
    assert '[mail] relay_auth = "oauth"' in said and '[mailbox] auth = "oauth"' in said
