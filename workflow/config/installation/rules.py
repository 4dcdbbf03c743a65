"""Rules between the tables of an installation's settings: what one of them needs of another. RULES is the list.

Pure. Each rule looks at settings whose parts have their shape and tells every finding of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from workflow.config.faults import UnplacedFault, fault, warning
from workflow.config.installation.oauth import Grant, MailSignIn, OauthProvider, OauthSettings
from workflow.config.installation.oidc import AddressClaim
from workflow.config.settings import Settings, Tls

Rule = Callable[[Settings], Iterator[UnplacedFault]]

ANYBODYS: Final = frozenset({"common", "organizations", "consumers"})
"""Microsoft's words for accounts of any organisation, in the place of a directory's ID"""
HERE: Final = frozenset({"localhost", "127.0.0.1"})
IMPOSSIBLE: Final = {
    OauthProvider.MICROSOFT: (Grant.SERVICE_ACCOUNT, "client_credentials", "refresh_token"),
    OauthProvider.GOOGLE: (Grant.CLIENT_CREDENTIALS, "service_account", "refresh_token"),
}
"""the grant that a provider does not know, and the two that it knows"""


def oauth_is_whole(settings: Settings) -> Iterator[UnplacedFault]:
    """Whoever signs in with OAuth has an [oauth] table, a name, and a line that nobody reads along."""
    mail, box = settings.mail, settings.mailbox
    users = [
        ("mail", "relay_auth", mail.relay_auth, mail.relay_tls, mail.relay_host),
        *([("mailbox", "auth", box.auth, box.tls, box.host)] if box else []),
    ]
    wanted = [one for one in users if one[2] is MailSignIn.OAUTH]
    for table, key, _, tls, host in wanted:
        if settings.oauth is None:
            yield fault(
                (table, key),
                "OAuthi jaoks on puudu tabel [oauth]. Lisage see; näited on failis docs/mailboxes.md.",
                "OAuth needs the table [oauth]. Add it; recipes are in docs/mailboxes.md.",
            )
        if tls is Tls.NONE and host not in HERE:
            yield fault(
                (table, "relay_tls" if table == "mail" else "tls"),
                "Tõendit ei saadeta krüpteerimata. Seadke siia starttls (port 587 või 143) või tls (465 või 993).",
                "A token is never sent unprotected. Set this to starttls (port 587 or 143) or tls (465 or 993).",
            )
    if mail.relay_auth is MailSignIn.OAUTH and not mail.relay_user:
        yield fault(
            ("mail", "relay_user"),
            "Lisage relay_user: postkasti aadress, mille nimel kirjad saadetakse.",
            "Add relay_user: the address of the mailbox that mail is sent as.",
        )
    if settings.oauth is not None and not wanted:
        yield warning(
            ("oauth",),
            'Seda tabelit ei kasuta miski. Lisage [mail] relay_auth = "oauth" või [mailbox] auth = "oauth".',
            'Nothing uses this table. Add [mail] relay_auth = "oauth" or [mailbox] auth = "oauth".',
        )


def grants_have_what_they_need(settings: Settings) -> Iterator[UnplacedFault]:
    """Each way of being let in needs a few keys, and not every provider knows each."""
    oauth = settings.oauth
    if oauth is None:
        return
    impossible, first, second = IMPOSSIBLE.get(oauth.provider, (None, "", ""))
    if oauth.grant is impossible:
        yield fault(
            ("oauth", "grant"),
            f"Seda viisi {oauth.provider} ei tunne. Kirjutage {first} või {second}.",
            f"The provider {oauth.provider} does not know this way. Write {first}, or else {second}.",
        )
        return
    for key in _missing(oauth):
        variable = f"TEEKOND_OAUTH__{key.upper()}"
        secret = key in ("client_secret", "refresh_token")
        yield fault(
            ("oauth", key),
            f"See on puudu. Andke keskkonnamuutuja {variable}." if secret else f"See on puudu. Lisage {key}.",
            f"This is missing. Give it in the environment as {variable}." if secret else f"This is missing. Add {key}.",
        )


def _missing(oauth: OauthSettings) -> Iterator[str]:
    if oauth.provider is OauthProvider.MICROSOFT and oauth.tenant is None and oauth.token_url is None:
        yield "tenant"
    if oauth.provider is OauthProvider.OTHER and oauth.token_url is None:
        yield "token_url"
    if oauth.grant is Grant.SERVICE_ACCOUNT:
        yield from ("key_file",) if oauth.key_file is None else ()
        return
    if oauth.client_id is None:
        yield "client_id"
    public = oauth.grant is Grant.REFRESH_TOKEN and oauth.provider is not OauthProvider.GOOGLE
    if oauth.client_secret is None and not public:  # only a public client of Microsoft's has none
        yield "client_secret"
    if oauth.grant is Grant.REFRESH_TOKEN and oauth.refresh_token is None:
        yield "refresh_token"


def directory_is_one(settings: Settings) -> Iterator[UnplacedFault]:
    """A directory that is believed is one organisation's, and what of it is believed is written down."""
    oidc = settings.oidc
    if oidc is None:
        return
    if any(part in ANYBODYS for part in oidc.issuer.split("/")):
        yield fault(
            ("oidc", "issuer"),
            "Selle aadressi all on kõigi asutuste kontod. Kirjutage oma kataloogi ID: "
            "https://login.microsoftonline.com/<tenant ID>/v2.0.",
            "Under this address are every organisation's accounts. Write your own directory's ID: "
            "https://login.microsoftonline.com/<tenant ID>/v2.0.",
        )
    if oidc.address_claim is AddressClaim.PREFERRED_USERNAME and not oidc.trusted_domains:
        yield fault(
            ("oidc", "trusted_domains"),
            "Nime preferred_username ei kinnita kataloog meiliaadressina. Lisage trusted_domains: domeenid, mille "
            "aadressid on selle kataloogi omad.",
            "No directory vouches for preferred_username as a mail address. Add trusted_domains: the domains whose "
            "addresses are this directory's own.",
        )


RULES: Final[tuple[Rule, ...]] = (oauth_is_whole, grants_have_what_they_need, directory_is_one)
