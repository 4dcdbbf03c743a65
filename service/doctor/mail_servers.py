"""Checks of the relay, the mailbox and the access tokens for them: whether each lets the service in."""

import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from mail.mailbox.imap import BROKEN, USUAL, Folder
from mail.mailbox.texts import FULL, full
from mail.oauth.access_tokens import AccessTokens, NoAccessTokenError
from mail.sending.transport import Fate, SmtpTransport
from service import mail_tokens
from service.clocks import Clock
from service.doctor import sign_in_advice
from service.doctor.checks import CheckResult, error_words, same
from service.doctor.sign_in_advice import RefusedSignIn
from workflow.config.installation.oauth import OauthProvider
from workflow.config.settings import MailboxSettings, Settings
from workflow.text.bilingual import Text

UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"
"""how OpenSSL says that it does not believe who a server is"""
ACCESS: Final = Text(et="OAuthi tõend", en="Access token")
RELAY: Final = Text(et="Saatev server", en="Relay")
MAILBOX: Final = Text(et="Postkast", en="Mailbox")


def access_tokens(settings: Settings, data: Path, clock: Clock) -> list[CheckResult]:
    """The authorisation server gives a token to each user of relay and mailbox; nothing where none is asked."""
    found = (mail_tokens.of_relay(settings, data, clock), mail_tokens.of_mailbox(settings, data, clock))
    users = {tokens.user: tokens for tokens in found if tokens is not None}
    return [access_token(tokens) for tokens in users.values()]


def access_token(tokens: AccessTokens) -> CheckResult:
    """The authorisation server gives one."""
    where = f"{tokens.user} @ {urlsplit(tokens.settings.token_address).hostname}"
    try:
        tokens.current()
    except NoAccessTokenError as error:
        return CheckResult(ACCESS, same(str(error)), sign_in_advice.no_token(tokens.settings, error.code))
    return CheckResult(ACCESS, same(where))


def relay(transport: SmtpTransport, where: str, provider: OauthProvider | None = None) -> CheckResult:
    """It lets us in. `provider`: whose token it is shown; None where it is told a password."""
    found = transport.look()
    says = same(f"{where}: {found.says}")
    if found.fate is Fate.SENT:
        return CheckResult(RELAY, same(where))
    if UNTRUSTED in found.says:
        return CheckResult(RELAY, says, _untrusted("[mail] relay_host"))
    refusal = RefusedSignIn("mail", found.says, tuple(transport.mechanisms), where, provider)
    if (known := sign_in_advice.known(refusal)) is not None:
        return CheckResult(RELAY, says, known)
    return CheckResult(RELAY, says, sign_in_advice.usual(refusal) if found.fate is Fate.REFUSED else Text(
        et="Serveriga ei saa ühendust: kontrollige relay_host, relay_port ja relay_tls (465: tls, 587: starttls) "
        "ning tulemüüri.",
        en="The server cannot be reached: check relay_host, relay_port and relay_tls (465: tls, 587: "
        "starttls), and the firewall.",
    ))  # fmt: skip


def mailbox(
    settings: MailboxSettings,
    context: ssl.SSLContext | None = None,
    tokens: AccessTokens | None = None,
) -> CheckResult:
    """It can be opened and read."""
    where, offered = f"{settings.user} @ {settings.host}:{settings.port}", list[str]()
    try:
        folder = Folder(settings, context, USUAL, tokens=tokens)
        try:
            folder.open()
        finally:
            offered = folder.mechanisms
        there, used = folder.select().count, folder.used()
        folder.close()
    except ssl.SSLCertVerificationError as error:
        return CheckResult(MAILBOX, same(f"{where}: {_said(error, settings)}"), _untrusted("[mailbox] host"))
    except (*BROKEN, OSError) as error:
        provider = tokens.settings.provider if tokens is not None else None
        refusal = RefusedSignIn("mailbox", str(error), tuple(offered), where, provider)
        return CheckResult(MAILBOX, same(f"{where}: {_said(error, settings)}"), _mailbox_do(refusal))
    how_full = "" if used is None else f", {used:.0%}"
    says = Text(
        et=f"{where}, kirju kaustas {there}{how_full and f'{how_full} täis'}",
        en=f"{where}, {there} letters in the folder{how_full and f'{how_full} full'}",
    )
    return CheckResult(MAILBOX, says, full(settings, used) if used is not None and used >= FULL else None)


def _untrusted(key: str) -> Text:
    return Text(
        et=f"Serveri sertifikaati ei usaldata, põhjus on siin. {key} peab olema nimi, mis seisab sertifikaadis. "
        "Aegunud sertifikaat tuleb serveris uuendada. Asutuse oma juursertifikaat lisage nende hulka, mida see masin "
        "usaldab (update-ca-certificates), või andke fail muutujaga SSL_CERT_FILE.",
        en=f"The server's certificate is not trusted; the reason stands here. {key} must be a name that stands in the "
        "certificate. One that ran out must be renewed at the server. Add your organisation's own root to those that "
        "this machine trusts (update-ca-certificates), or name its file in SSL_CERT_FILE.",
    )


REFUSED: Final = ("AUTHENTICATIONFAILED", "LOGIN", "access token")
"""words in a mailbox's fault that speak of the sign-in"""


def _mailbox_do(refusal: RefusedSignIn) -> Text:
    if (known := sign_in_advice.known(refusal)) is not None:
        return known
    if any(word in refusal.says for word in REFUSED):
        return sign_in_advice.usual(refusal)
    return Text(
        et="Postkasti ei saa avada: kontrollige [mailbox] host, port, tls ja folder (993: tls, 143: starttls).",
        en="The mailbox cannot be opened: check [mailbox] host, port, tls and folder (993: tls, 143: starttls).",
    )


def _said(error: BaseException, settings: MailboxSettings) -> str:
    secret = settings.password.get_secret_value() if settings.password else ""
    return error_words(error).replace(secret, "…") if secret else error_words(error)
