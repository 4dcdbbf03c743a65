"""Settings of one installation: base URL, mail relay, listeners, web, logs, retention.

Pure. Secrets come from the environment only; one that stands in the file is a fault.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Final

from annotated_types import Ge, Le
from pydantic import AfterValidator, SecretStr, StringConstraints
from pydantic.types import Strict
from pydantic_core import PydanticCustomError

from workflow.config.installation.oauth import MailSignIn, OauthSettings
from workflow.config.installation.oidc import Oidc
from workflow.config.types import (
    Address,
    ConfigPart,
    ConfigText,
    DatabaseAddress,
    Domain,
    Flag,
    Line,
    SomeDays,
    Texts,
    WebAddress,
)

Port = Annotated[int, Strict(), Ge(0), Le(65535)]
Selector = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")]

SECRETS: Final = frozenset(
    {
        ("secret_key",),
        ("older_secret_keys",),
        ("retired_secret_keys",),
        ("mail", "relay_password"),
        ("mailbox", "password"),
        ("oauth", "client_secret"),
        ("oauth", "refresh_token"),
        ("oidc", "client_secret"),
        ("web", "metrics_token"),
    }
)
"""Keys that are read from the environment and nowhere else."""


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < 32:
        raise PydanticCustomError("short_secret", "too short")
    return key


SigningKey = Annotated[SecretStr, AfterValidator(_long_enough)]
MetricsToken = Annotated[SecretStr, AfterValidator(_long_enough)]


def _a_network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise PydanticCustomError("network", "not a network") from error


Network = Annotated[str, Strict(), AfterValidator(_a_network)]


class Tls(StrEnum):
    """How a connection is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Protocol(StrEnum):
    """What the receiver speaks."""

    SMTP = "smtp"
    LMTP = "lmtp"
    NONE = "none"


class Addresses(StrEnum):
    """How a secret address is made."""

    DOMAIN = "domain"
    PLUS = "plus"
    THREAD = "thread"


class SecondFactorPolicy(StrEnum):
    """Whether signing in takes more than a mailed link."""

    EVERYONE = "everyone"
    REQUIRED = "required"
    OFFERED = "offered"


class MailSettings(ConfigPart):
    """Mail going out, and the addresses mail comes back to."""

    domain: Domain
    """The domain of the secret addresses: mail to anything@domain must reach the receiver."""
    addresses: Addresses = Addresses.DOMAIN
    """How each question gets an address of its own. `domain`: r-…@domain. `plus`: name+r-…@ the from_address's host.
    `thread`: all comes to from_address, and the mail that is answered tells; where plus signs are dropped."""
    from_name: Line
    """The name mails come from."""
    from_address: Address
    """The address mails come from."""
    relay_host: Domain = "localhost"
    """The mail server that takes the service's mail."""
    relay_port: Port = 25
    """Its port."""
    relay_user: str = ""
    """The name to sign in with; empty for none."""
    relay_auth: MailSignIn = MailSignIn.PASSWORD
    """`password`, or `oauth` where the server takes no password: see `[oauth]`."""
    relay_password: SecretStr | None = None
    """The password to sign in with. Environment only: TEEKOND_MAIL__RELAY_PASSWORD."""
    relay_tls: Tls = Tls.NONE
    """`none`, `starttls` or `tls`."""
    only_to: tuple[Line, ...] = ()
    """While not empty, mail leaves only for these: `mari@example.org`, or a domain, `@example.org`."""
    authserv_id: Line | None = None
    """Whose Authentication-Results to believe: the name your own mail server writes first in that header."""
    check_dkim: bool = False
    """Check the signatures of incoming mail here too; for where no mail server in front does it. Asks the DNS."""
    check_dmarc: bool = False
    """As check_dkim, and hold a letter too when its domain asks for that (DMARC quarantine or reject) and no
    signature of that domain vouches for it. Where SPF alone vouches, leave this to the mail server in front."""
    round_trip: Flag = False
    """Send a mail to oneself once a day through the relay, and tell the coordinator when it does not come back."""
    dkim_selector: Selector | None = None
    """The name under which the domain publishes the key that signs outgoing mail: `<name>._domainkey.<domain>`."""
    dkim_key_file: Line | None = None
    """The file with that key (RSA or ed25519, PEM), readable by the service alone. Both or none."""


class Listen(ConfigPart):
    """Where the web pages are served."""

    host: Line = "127.0.0.1"
    """The network address to listen on."""
    port: Port = 8080
    """The port; 0 takes a free one."""
    hosts: tuple[Domain, ...] = ()
    """Names under which the pages may be asked for, beside the one in base_url. Any other name is refused."""
    proxies: Annotated[int, Strict(), Ge(0), Le(5)] = 0
    """How many proxies of your own stand in front: that many steps of X-Forwarded-For and -Proto are believed."""
    second_factor: SecondFactorPolicy = SecondFactorPolicy.REQUIRED
    """`required`: coordinators and readers confirm each sign-in with a passkey or a code. `everyone`: trainers and
    mentors too. `offered`: whoever wants."""
    metrics_from: tuple[Network, ...] = ("127.0.0.0/8", "::1/128")
    """Networks from which `/metrics` may be read, such as `10.0.0.0/24`. Behind a proxy: see proxies."""
    metrics_token: MetricsToken | None = None
    """With this token (`Authorization: Bearer …`) `/metrics` may be read from anywhere. At least 32 characters.
    Environment only: TEEKOND_WEB__METRICS_TOKEN."""
    clamd: Line | None = None
    """Where the virus scanner ClamAV listens: `/run/clamav/clamd.ctl` or `host:3310`. With it, a file is handed out
    only after it was found clean; while the scanner does not answer, none is."""


class Receive(ConfigPart):
    """Where mail is taken in."""

    host: Line = "127.0.0.1"
    """The network address to listen on."""
    port: Port = 8025
    """The port; 0 takes a free one."""
    protocol: Protocol = Protocol.SMTP
    """`smtp`, `lmtp` behind Postfix, or `none` where all mail comes to the `[mailbox]`."""
    certificate_file: Line | None = None
    """The certificate with its chain (PEM) for STARTTLS, which is offered where there is one. A renewed file holds from
    the next connection on."""
    key_file: Line | None = None
    """The file with its private key (PEM, without a passphrase), readable by the service alone. Both or none."""


class MailboxSettings(ConfigPart):
    """An ordinary mailbox read over IMAP: the other way in."""

    host: Domain
    """The mailbox's server."""
    user: Line
    """The name to sign in with."""
    auth: MailSignIn = MailSignIn.PASSWORD
    """`password`, or `oauth` where the server takes no password: see `[oauth]`."""
    password: SecretStr | None = None
    """The password. Environment only: TEEKOND_MAILBOX__PASSWORD."""
    port: Port = 993
    """Its port."""
    tls: Tls = Tls.TLS
    """`none`, `starttls` or `tls`."""
    folder: Line = "INBOX"
    """The folder that is read."""
    done_folder: Line = "Teekond"
    """The folder that read letters are moved to."""


class DatabaseSettings(ConfigPart):
    """Where the books are kept."""

    url: DatabaseAddress = "sqlite:///teekond.db"
    """`sqlite:///file.db` or `postgresql://…`. A password: TEEKOND_DATABASE__URL only."""


class Retention(ConfigPart):
    """How long personal data is kept. A day after a period is over what it concerns is gone."""

    letters_days: SomeDays = 90
    """Mails received and sent, days after the programme's last day."""
    attachments_days: SomeDays = 180
    """Works and files handed in, days after the programme's last day."""
    people_days: SomeDays = 730
    """Names, addresses, answers and reasons, days after the programme's last day; a pseudonym stays in the books."""
    books_days: SomeDays = 2555
    """Attendance and hours, days after the programme's last day: what a funder may ask for, without names."""
    guests_days: SomeDays = 30
    """Guests of the info day, days after it."""
    drafts_days: SomeDays = 30
    """Applications begun and never sent, days after they ran out."""
    sign_ins_days: SomeDays = 30
    """Sign-in links and browsers, days after their last use."""
    logs_days: SomeDays = 90
    """The service's own log: told to people; whoever keeps the log files turns them over."""
    hold: Flag = False
    """A legal hold: while true nothing is erased because its time is over. What people ask for is still done."""


class LogFormat(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From how grave on things are logged."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log(ConfigPart):
    """The service's own log, on standard error: without bodies, addresses or secrets."""

    format: LogFormat = LogFormat.TEXT
    """`text` for people, `json` for programs: one object a line."""
    level: LogLevel = LogLevel.WARNING
    """`info`, `warning` or `error`. Who signed in is logged in any case."""


class Privacy(ConfigPart):
    """What the privacy notice says beside the register."""

    controller: ConfigText | None = None
    """Who answers for the data; the programme's organisers where it is left out."""
    contact: Address | None = None
    """Whom people write to about their data; the first coordinator where it is left out."""
    processors: Texts = ()
    """Who else works with the data: whoever runs the server and the mail, by name and country."""


class Settings(ConfigPart):
    """The installation's settings: the root of config.toml, beside the programme."""

    base_url: WebAddress = "http://localhost:8080"
    """The address of the web pages as people see it; links in mails are made from it. No slash at the end."""
    secret_key: SigningKey | None = None
    """Signs forms, sessions and bounce addresses. Environment only: TEEKOND_SECRET_KEY, at least 32 characters."""
    older_secret_keys: tuple[SigningKey, ...] = ()
    """Keys that signed before, newest first: still believed. Environment only, as `["…", "…"]`."""
    retired_secret_keys: tuple[SigningKey, ...] = ()
    """Keys that are believed no more, and only know again who was erased. Environment only, as `["…"]`."""
    mail: MailSettings
    web: Listen = Listen()
    oidc: Oidc | None = None
    receive: Receive = Receive()
    mailbox: MailboxSettings | None = None
    oauth: OauthSettings | None = None
    database: DatabaseSettings = DatabaseSettings()
    retention: Retention = Retention()
    privacy: Privacy = Privacy()
    log: Log = Log()
