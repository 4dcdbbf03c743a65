"""What to do where a mail server or an authorisation server does not let the service in: one sentence a cause. Pure.

Providers say it in their own ways: `535 5.7.139` of Microsoft's, `534 5.7.9` of Google's, or only by what they offer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mail.oauth.sasl import MECHANISMS, only_tokens
from workflow.config.installation.oauth import Grant, OauthProvider, OauthSettings
from workflow.text.bilingual import Text

KEYS: Final = {
    "mail": ("relay_auth", "relay_user", "TEEKOND_MAIL__RELAY_PASSWORD"),
    "mailbox": ("auth", "user", "TEEKOND_MAILBOX__PASSWORD"),
}
"""by table: how one signs in, as whom, and with what"""
SHOWN: Final = "docs/mailboxes.md"
GMAIL: Final = ("gmail.com", "googlemail.com", "Application-specific password", "WEBALERT", "support.google.com")
"""in a host's name or a server's words: who is speaking"""


@dataclass(frozen=True, slots=True)
class RefusedSignIn:
    """`table`: mail or mailbox. `offered`: mechanisms, as the server named them. `provider`: whose token it was shown;
    None for a password."""

    table: str
    says: str
    offered: tuple[str, ...]
    where: str
    provider: OauthProvider | None = None

    @property
    def auth(self) -> str:
        return f"[{self.table}] {KEYS[self.table][0]}"


def known(refusal: RefusedSignIn) -> Text | None:
    """Where the cause is plain from what the server says or offers."""
    return next((advice(refusal) for is_so, advice in CAUSES if is_so(refusal)), None)


def usual(refusal: RefusedSignIn) -> Text:
    """Where the server only says no."""
    if refusal.provider is not None:
        return _token_refused(refusal)
    _, user, variable = KEYS[refusal.table]
    name = f"[mailbox] {user}" if refusal.table == "mailbox" else user
    return Text(
        et=f"Server ei võta kasutajat või parooli vastu: kontrollige {name} ja {variable}. Mõni teenusepakkuja tahab "
        "eraldi rakenduse parooli.",
        en=f"The server refuses the user or the password: check {name} and {variable}. Some providers want a password "
        "made for applications.",
    )


# -- causes -------------------------------------------------------------------------------------------------------


def _switched_off(refusal: RefusedSignIn) -> bool:
    return "SmtpClientAuthentication is disabled" in refusal.says


def _wants_oauth(refusal: RefusedSignIn) -> bool:
    words = ("basic authentication is disabled", "basic authentication is not supported", "5.7.30 ")
    said = any(one in refusal.says.lower() for one in words)
    # Microsoft's IMAP still names PLAIN, and has let nobody in by it since 2022
    never = refusal.table == "mailbox" and "office365.com" in refusal.where and "LOGIN" in refusal.says
    return refusal.provider is None and (said or never or only_tokens(refusal.offered))


def _wants_an_app_password(refusal: RefusedSignIn) -> bool:
    return refusal.provider is None and any(one in f"{refusal.where} {refusal.says}" for one in GMAIL) and any(
        one in refusal.says for one in ("534", "535", "AUTHENTICATIONFAILED", "ALERT", "Invalid credentials")
    )  # fmt: skip


def _offers_no_oauth(refusal: RefusedSignIn) -> bool:
    names = {one.upper() for one in refusal.offered}
    return refusal.provider is not None and bool(names) and names.isdisjoint(MECHANISMS)


def _not_let_into_the_mailbox(refusal: RefusedSignIn) -> bool:
    return "authenticated but not connected" in refusal.says


def _switch_it_on(refusal: RefusedSignIn) -> Text:
    return Text(
        et="Microsoft 365-s on sellel postkastil SMTP-ga saatmine välja lülitatud. Halduskeskuses: Active users → see "
        "postkast → Mail → Manage email apps → Authenticated SMTP; kui ta on kinni kogu asutusel, käsuga "
        f"Set-CASMailbox -Identity … -SmtpClientAuthenticationDisabled $false. Jõustub tunni jooksul; vt {SHOWN}.",
        en="Microsoft 365 has sending by SMTP switched off for this mailbox. In the admin centre: Active users → the "
        "mailbox → Mail → Manage email apps → Authenticated SMTP; where it is off for the whole organisation, "
        f"Set-CASMailbox -Identity … -SmtpClientAuthenticationDisabled $false. It holds within an hour; see {SHOWN}.",
    )


def _use_oauth(refusal: RefusedSignIn) -> Text:
    return Text(
        et=f'Server laseb sisse ainult OAuthiga: seadke {refusal.auth} = "oauth" ja lisage tabel [oauth]; näited '
        f"on failis {SHOWN}.",
        en=f'The server takes OAuth only: set {refusal.auth} = "oauth" and add the table [oauth]; recipes are in '
        f"{SHOWN}.",
    )


def _make_an_app_password(refusal: RefusedSignIn) -> Text:
    variable = KEYS[refusal.table][2]
    return Text(
        et="Gmail ei võta konto enda parooli: lülitage kontol sisse kaheastmeline kinnitamine, looge rakenduse parool "
        f"(myaccount.google.com/apppasswords) ja pange see muutujasse {variable}. Workspace'is: OAuth, vt {SHOWN}.",
        en="Gmail does not take the account's own password: switch 2-Step Verification on, make an app password "
        f"(myaccount.google.com/apppasswords) and put it into {variable}. With Workspace: OAuth, see {SHOWN}.",
    )


def _use_a_password(refusal: RefusedSignIn) -> Text:
    offered = ", ".join(refusal.offered)
    return Text(
        et=f'See server OAuthi ei paku (pakub: {offered}). Seadke {refusal.auth} = "password" ja andke '
        f"{KEYS[refusal.table][2]}.",
        en=f'This server offers no OAuth (it offers {offered}). Set {refusal.auth} = "password" and give '
        f"{KEYS[refusal.table][2]}.",
    )


def _let_it_into_the_mailbox(_: RefusedSignIn) -> Text:
    return Text(
        et="Microsoft tunneb rakendust, aga ei lase seda sellesse postkasti: Add-MailboxPermission -Identity … -User "
        f"<teenuse ID> -AccessRights FullAccess; vt {SHOWN}.",
        en="Microsoft knows the application and does not let it into this mailbox: Add-MailboxPermission -Identity … "
        f"-User <service principal> -AccessRights FullAccess; see {SHOWN}.",
    )


CAUSES: Final[tuple[tuple[Callable[[RefusedSignIn], bool], Callable[[RefusedSignIn], Text]], ...]] = (
    (_switched_off, _switch_it_on),
    (_not_let_into_the_mailbox, _let_it_into_the_mailbox),
    (_wants_oauth, _use_oauth),
    (_wants_an_app_password, _make_an_app_password),
    (_offers_no_oauth, _use_a_password),
)


def _token_refused(refusal: RefusedSignIn) -> Text:
    user = f"[{refusal.table}] {KEYS[refusal.table][1]}"
    if refusal.provider is OauthProvider.MICROSOFT:
        right = "SMTP.SendAsApp" if refusal.table == "mail" else "IMAP.AccessAsApp"
        return Text(
            et=f"Microsoft andis tõendi, aga postkast ei võta seda. Vaadake, et {user} on postkasti aadress, et "
            f"rakendusel on õigus {right} koos administraatori nõusolekuga ja et Exchange tunneb teda "
            f"(New-ServicePrincipal, Add-MailboxPermission); vt {SHOWN}.",
            en=f"Microsoft gave a token, and the mailbox does not take it. See that {user} is the mailbox's address, "
            f"that the application has {right} with admin consent, and that Exchange knows it (New-ServicePrincipal, "
            f"Add-MailboxPermission); see {SHOWN}.",
        )
    if refusal.provider is OauthProvider.GOOGLE:
        return Text(
            et=f"Google andis tõendi, aga postkast ei võta seda. Vaadake, et {user} on see postkast, kelle nimel luba "
            f"anti, et loal on ulatus https://mail.google.com/ ja et IMAP on Workspace'is lubatud; vt {SHOWN}.",
            en=f"Google gave a token, and the mailbox does not take it. See that {user} is the mailbox that was "
            f"allowed, that its scope is https://mail.google.com/ and that Workspace allows IMAP; see {SHOWN}.",
        )
    return Text(
        et=f"Server ei võta tõendit vastu: kontrollige {user} ja [oauth] scope.",
        en=f"The server does not take the token: check {user} and [oauth] scope.",
    )


# -- the authorisation server ---------------------------------------------------------------------------------------


def no_token(settings: OauthSettings, code: str) -> Text:
    """What to do where it gives none. `code`: its own word for the reason (RFC 6749, 5.2); empty where none came."""
    if code == "key_file":
        return Text(
            et="Laadige teenuskonto JSON-võti uuesti alla ja andke fail teenuse kasutajale: chmod 600.",
            en="Download the service account's JSON key again and give the file to the service's user: chmod 600.",
        )
    if code in ("invalid_client", "unauthorized_client") and settings.grant is not Grant.SERVICE_ACCOUNT:
        return Text(
            et="Rakenduse ID või saladus ei kehti: kontrollige [oauth] client_id ja tenant; aegunud saladuse asemele "
            "looge uus ja pange see muutujasse TEEKOND_OAUTH__CLIENT_SECRET (saladuse väärtus, mitte selle ID).",
            en="The application's ID or secret is not good: check [oauth] client_id and tenant; where the secret ran "
            "out, make a new one and put it into TEEKOND_OAUTH__CLIENT_SECRET (the secret's value, not its ID).",
        )
    if settings.grant is Grant.SERVICE_ACCOUNT and code:
        return Text(
            et="Google ei luba teenuskontol selle postkasti nimel tegutseda: Admin console → Security → API controls → "
            f"Domain-wide delegation, teenuskonto ID ja ulatus https://mail.google.com/; vt {SHOWN}.",
            en="Google does not let the service account act for this mailbox: Admin console → Security → API controls "
            f"→ Domain-wide delegation, the account's ID with the scope https://mail.google.com/; see {SHOWN}.",
        )
    if code == "invalid_grant":
        return Text(
            et="Luba on aegunud või tagasi võetud: andke nõusolek uuesti ja pange uus tõend muutujasse "
            f"TEEKOND_OAUTH__REFRESH_TOKEN; vt {SHOWN}.",
            en="The permission ran out or was taken back: give consent anew and put the new token into "
            f"TEEKOND_OAUTH__REFRESH_TOKEN; see {SHOWN}.",
        )
    if code:
        return Text(
            et=f"Volitusserver ei anna tõendit, tema põhjus on siin: kontrollige tabelit [oauth]; vt {SHOWN}.",
            en=f"The authorisation server gives no token; its reason stands here: check [oauth]; see {SHOWN}.",
        )
    return Text(
        et="Volitusserveriga ei saa ühendust: kontrollige [oauth] tenant ja token_url, nimeservereid ja tulemüüri "
        "(port 443 välja).",
        en="The authorisation server cannot be reached: check [oauth] tenant and token_url, the name servers and the "
        "firewall (port 443 outwards).",
    )
