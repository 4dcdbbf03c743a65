"""Mail loop check: the service mails a secret address of its own, and where that does not come back, the plain
address, so that a dropped plus sign is told from a way that is closed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from mail.identity import Identity
from mail.mailbox.imap import USUAL, Folder
from mail.oauth.access_tokens import AccessTokens
from mail.reading import headers
from mail.sending import round_trip
from mail.sending.transport import Fate, Transport
from service.doctor.checks import CheckResult
from workflow.config.settings import Addresses, MailboxSettings
from workflow.database.engine import Database
from workflow.database.models import Letter
from workflow.text.bilingual import Text

NOT_AS_THIS: Final = ("SendAsDenied", "5.2.252", "5.7.60 ")
"""how Exchange refuses a sender that is not the mailbox that has signed in"""
TRIP: Final = Text(et="Kiri iseendale", en="Round trip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """`seconds`: how long each mail is waited for."""

    identity: Identity
    transport: Transport
    sign: round_trip.Sign | None
    now: Callable[[], datetime]
    arrived: Callable[[str], bool]
    """whether the mail with this Message-ID is here"""
    seconds: float

    def findings(self) -> CheckResult:
        began = self.now()
        address = self.identity.return_address(round_trip.key(began))
        refused = self._sent(began, "")
        if refused is not None:
            return refused
        if self._waited(began):
            took = (self.now() - began).total_seconds()
            return CheckResult(TRIP, Text(et=f"{address}: {took:.0f} s", en=f"{address}: {took:.0f} s"))
        if self.identity.addresses is not Addresses.PLUS:
            return CheckResult(TRIP, self._lost(address), _closed(self.identity.domain))
        again = began + timedelta(seconds=1) if self.now() - began < timedelta(seconds=1) else self.now()
        refused = self._sent(again, self.identity.from_address)
        if refused is None and self._waited(again):
            return CheckResult(TRIP, self._lost(address), _no_plus())
        return refused or CheckResult(TRIP, self._lost(self.identity.from_address), _closed(self.identity.domain))

    def _lost(self, address: str) -> Text:
        return Text(
            et=f"{address}: {self.seconds:g} sekundi jooksul ei tulnud",
            en=f"{address}: did not come within {self.seconds:g} seconds",
        )

    def _sent(self, at: datetime, to: str) -> CheckResult | None:
        outcome = round_trip.send(
            round_trip.key(at), self.identity, self.transport, at, to=to, sign=self.sign
        )  # fmt: skip
        if outcome.fate is Fate.SENT:
            return None
        fate, why = outcome.fate.value, outcome.words
        says = Text(et=f"{fate}: {why.et}", en=f"{fate}: {why.en}")
        if any(code in why.en for code in NOT_AS_THIS):
            return CheckResult(TRIP, says, _own_address_only())
        return CheckResult(TRIP, says, Text(
            et="Saatev server ei võtnud kirja vastu: tema sõnad on siin. [mail] only_to peab lubama ka "
            "from_address-i.",
            en="The relay did not take the mail: its words stand here. [mail] only_to must let from_address "
            "through too.",
        ))  # fmt: skip

    def _waited(self, at: datetime) -> bool:
        wanted, until = round_trip.message_id(round_trip.key(at), self.identity), time.monotonic() + self.seconds
        while not self.arrived(wanted):
            if time.monotonic() > until:
                return False
            time.sleep(min(0.5, self.seconds / 10))
        return True


def _own_address_only() -> Text:
    return Text(
        et="See server lubab saata ainult postkasti enda aadressilt, mitte plussaadressilt: seadke [mail] addresses = "
        '"thread" ja [mail] from_address sellele postkastile, mille nimel teenus sisse logib.',
        en="This server lets one send as the mailbox itself only, not as a plus address: set [mail] addresses = "
        '"thread", and [mail] from_address to the mailbox that the service signs in as.',
    )


def _no_plus() -> Text:
    return Text(
        et="Kirjad plussmärgiga aadressile ei tule kohale, tavalisele aadressile tulevad. Lubage postkastis "
        "plussaadressid "
        '(recipient delimiter) või seadke [mail] addresses = "thread".',
        en="Mail to the address with the plus sign does not arrive, to the plain address it does. Allow plus "
        "addresses at "
        'your provider (recipient delimiter), or set [mail] addresses = "thread".',
    )


def _closed(domain: str) -> Text:
    return Text(
        et=f"Kiri läks teele, aga ei tulnud tagasi. Kontrollige, kas teenus töötab, kuhu näitab {domain} MX ja "
        f"kas server "
        "annab kirjad edasi (docs/examples/postfix); vaadake ka rämpsposti kausta.",
        en=f"The mail left and did not come back. Check that the service runs, where the MX of {domain} points "
        f"and that "
        "its server hands mail on (docs/examples/postfix); look into the junk folder too.",
    )


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A mailbox that lets us in, and the tokens by which it does."""

    settings: MailboxSettings
    tokens: AccessTokens | None = None


def arrival(db: Database, box: OpenMailbox | None, since: datetime) -> Callable[[str], bool]:
    """Looks among the letters that the service took in, and into the mailbox for one that it has not fetched yet."""

    def arrived(message_id: str) -> bool:
        return _stored(db, message_id, since) or (box is not None and _in_mailbox(box, message_id))

    return arrived


def _stored(db: Database, message_id: str, since: datetime) -> bool:
    query = sa.select(Letter.raw).where(Letter.received_at >= since - timedelta(minutes=1)).order_by(Letter.id.desc())
    with db.reading() as session:
        return any(_is(raw, message_id) for raw in session.scalars(query.limit(50)))


def _in_mailbox(box: OpenMailbox, message_id: str) -> bool:
    folder = Folder(box.settings, None, USUAL, tokens=box.tokens)
    try:
        folder.open()
        folder.select()
        newest = folder.search("UNDELETED")[-20:]
        return any(_is(head.fields, message_id) for heads in folder.heads(newest) for head in heads)
    finally:
        folder.close()


def _is(raw: bytes, message_id: str) -> bool:
    return headers.parse(headers.split(raw)[0]).first("message-id").strip() == message_id
