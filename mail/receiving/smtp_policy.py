"""SMTP policy shared by all connections: limits, connection counts, reply texts, and the way to the store.

Replies are constant sentences: 4xx for what is wrong on our side, so that the sender's server keeps the letter
and tries again; 5xx for what no second try can mend. Must never let text of a sender or an exception into one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from mail.receiving.fair_share import Stay, gives_way
from mail.receiving.letter_quota import LetterQuota
from mail.receiving.store import StorageFull
from mail.receiving.store_thread import Outcome, StoreThread
from mail.receiving.tls_certificate import TlsCertificate
from workflow.database import outage
from workflow.security.client_network import place

log = logging.getLogger(__name__)

MIB = 2**20
KEPT = "250 2.0.0 Thank you, your letter is kept"
OUR_FAULT = "451 4.3.0 Something is wrong on our side; please try again later"
NO_ROOM = "452 4.3.1 There is no room for more letters just now; please try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients in one letter; send the rest in another"
QUOTA = "452 4.2.2 No more letters to this address are taken today; please try again tomorrow"
TOO_LARGE_UNASKED = (
    "552 5.3.4 A letter to this address may have 2 MB; please reply to the mail you got, or send large files by a link"
)
TOO_LARGE = "552 5.3.4 This letter is too large for us; please send large files by a link"
BARE_LINE_END = "550 5.5.2 This letter has a bare CR or LF in it; lines end with CR LF in mail"
LONG_LINE = "554 5.6.0 A line of this letter is too long for mail"
UNKNOWN = (
    "550 5.1.1 Nothing here has the address you wrote to; "
    "please reply to the mail you got and leave its reply address as it is"
)
BUSY = b"421 4.3.2 Too many connections; please try again later\r\n"
CLOSING = "421 4.3.2 Closing for now; please try again later"
SLOW = b"421 4.4.2 That took too long; closing\r\n"
HASTY = "554 5.5.0 Wait for the answer to your greeting; closing"
HASTY_TLS = "554 5.5.0 Say nothing behind STARTTLS before TLS is there; closing"
TLS_ALREADY = "503 5.5.1 TLS is there already"
NO_SUCH_COMMAND = "500 5.5.1 There is no such command here"
TOO_OFTEN = "421 4.7.0 That command came too often; closing"
TOO_MANY_STRANGERS = "421 4.7.0 Too many unknown addresses; closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpLimits:
    """What one client, and all of them together, may ask for."""

    connections: int = 100
    per_address: int = 10
    """connections of one place (an address, or an IPv6 network of /64); `trusted` (our own relay) may have them all"""
    trusted: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    recipients: int = 100
    strangers: int = 20
    """unknown recipients in one connection"""
    letters: int = 10_000
    """letters in one connection"""
    size: int = 25 * MIB
    line: int = 65_536
    in_flight: int = 64 * MIB
    """bytes of letters that are being received, all together, without the small ones"""
    small: int = 256 * 1024
    """bytes; a letter that has no more has room whatever others send"""
    patience: float = 10
    """seconds that a connection, or a letter that is not small, has for itself; then it gives way to another"""
    free: int = 175 * MIB
    """room that must be left where letters are kept"""
    timeout: float = 60
    """seconds for a command, and for each `portion` of a letter"""
    portion: int = 65_536
    """bytes; with `timeout` the slowest that a letter may come"""
    answer_within: float = 120
    """seconds a letter may take to be kept before its sender is asked to try again"""
    grace: float = 30
    """seconds that letters in hand have when the receiver stops"""


USUAL = SmtpLimits()


class Envelope(Protocol):
    """The envelope being written."""

    mail_from: str | None
    mail_options: list[str]
    rcpt_tos: list[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Keeper:
    """Whose letters these are: says which addresses are theirs (called from threads; it may raise) and keeps what
    comes to them. `at_once`: it waits for nothing, and is asked in the loop."""

    known: Callable[[str], bool]
    store: StoreThread
    at_once: bool = False
    quota: LetterQuota | None = None
    """for letters to addresses that are open to everybody"""


class Visitor(Protocol):
    """A connection, as the house sees it."""

    strangers: int
    keepers: dict[str, Keeper]
    """of the recipients of the letter that is being written"""
    limits_unasked: bool
    """whether a letter that nobody asked for may be refused for its size"""

    since: float
    """in the loop's time, when its letter began, else when the last one ended or it came"""

    keeping: bool
    """whether its letter is whole and on its way to the store"""

    @property
    def place(self) -> str | None:
        """Whom its letters count for."""

    @property
    def held(self) -> int | None:
        """Bytes of the letter that is coming in; None where none is."""

    def drop(self) -> None:
        """Keep no more of the letter that is coming in."""

    def hang_up(self) -> None:
        """Close now, whatever is in hand."""

    def dismiss(self) -> "asyncio.Task[None] | None":
        """Close now if no letter is in hand; else the task to wait for."""


class SmtpPolicy:
    """What all connections share: the limits, who is inside, and the ways to the stores. Lives in the loop."""

    def __init__(
        self,
        hostname: str,
        keepers: Sequence[Keeper],
        free: Callable[[], int] | None,
        limits: SmtpLimits,
        certificate: TlsCertificate | None = None,
    ) -> None:
        self.hostname = hostname
        self.certificate = certificate
        self.limits = limits
        self.closing = False
        self._keepers = tuple(keepers)
        self._free = free
        self._inside: dict[Visitor, str] = {}
        self._places: Counter[str] = Counter()
        self._lookups = ThreadPoolExecutor(4, thread_name_prefix="known")

    def let_in(self, visitor: Visitor, address: str) -> bool:
        whose = place(address) or address
        crowd = whose not in self.limits.trusted and self._places[whose] >= self.limits.per_address
        if crowd or self.closing or not self._has_place():
            return False
        self._inside[visitor] = whose
        self._places[whose] += 1
        return True

    def _has_place(self) -> bool:
        """Where all places are taken, whoever has held one longest without bringing a letter gives way."""
        if len(self._inside) < self.limits.connections:
            return True
        first = self._gives_way(self._inside)
        if first is None:
            return False
        self.left(first)
        first.hang_up()
        return True

    def make_room(self, mine: Visitor) -> None:
        """Letters that come in and are not small have `in_flight` bytes: whoever has taken longest gives way, or this
        one, where all have begun just now."""
        large = {one: held for one in self._inside if (held := one.held or 0) > self.limits.small}
        while sum(large.values()) > self.limits.in_flight and mine in large:
            first = self._gives_way(large) or mine
            first.drop()
            del large[first]

    def _gives_way(self, among: Iterable[Visitor]) -> Visitor | None:
        stays = {
            one: Stay(
                place=(whose := self._inside[one]), since=one.since, receiving=one.held is not None,
                trusted=whose in self.limits.trusted,
            )
            for one in among if not one.keeping
        }  # fmt: skip
        return gives_way(stays, asyncio.get_running_loop().time(), self.limits.patience)

    def left(self, visitor: Visitor) -> None:
        whose = self._inside.pop(visitor, None)
        if whose is None:  # it had to give way
            return
        self._places[whose] -= 1
        if not self._places[whose]:
            del self._places[whose]

    async def keeper(self, address: str) -> Keeper | None:
        """Whose address it is. Where one keeper cannot be asked, the others' addresses are known all the same;
        but then nobody else's is called unknown."""
        fault: Exception | None = None
        for keeper in self._keepers:
            try:
                if await self._knows(keeper, address):
                    return keeper
            except Exception as error:
                fault = error
        if fault is not None:
            raise fault
        return None

    async def _knows(self, keeper: Keeper, address: str) -> bool:
        if keeper.at_once:
            return keeper.known(address)
        return await self.looked_up(keeper.known, address)

    async def looked_up(self, question: Callable[..., bool], *of: object) -> bool:
        """Asked in a thread: the database may let it wait."""
        return await asyncio.get_running_loop().run_in_executor(self._lookups, question, *of)

    def has_room(self) -> bool:
        return self._free is None or self._free() >= self.limits.free

    async def close(self) -> None:
        """Send the idle away, wait for letters in hand, then for the stores."""
        self.closing = True
        tasks = [task for visitor in list(self._inside) if (task := visitor.dismiss())]
        if tasks:
            await asyncio.wait(tasks, timeout=self.limits.grace)
        for keeper in self._keepers:
            await asyncio.to_thread(keeper.store.stop)
        self._lookups.shutdown()

    # what the library calls
    async def handle_MAIL(
        self, visitor: Visitor, _session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.has_room():
            return NO_ROOM
        visitor.keepers.clear()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, visitor: Visitor, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self.limits.recipients:
            return TOO_MANY_RECIPIENTS
        keeper = await self.keeper(address)
        if keeper is None:
            visitor.strangers += 1
            return UNKNOWN
        if keeper.quota is not None and keeper.quota.public(address):
            if visitor.limits_unasked and declared(envelope.mail_options) > keeper.quota.most.letter:
                return TOO_LARGE_UNASKED
            if await self.looked_up(keeper.quota.spent, visitor.place):
                return QUOTA
        visitor.keepers[address] = keeper
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        log.error("a command failed: %s", _name(error), extra=outage.due_to(error))
        return OUR_FAULT


def declared(options: Sequence[str]) -> int:
    """The size that the client announced (RFC 1870); 0 where it did not."""
    found = next((one[5:] for one in options if one.upper().startswith("SIZE=")), "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 16 else 0


def said_of(outcome: Outcome) -> str:
    if outcome is None:
        return KEPT
    log.error("a letter could not be kept: %s", _name(outcome), extra=outage.due_to(outcome))
    return NO_ROOM if isinstance(outcome, StorageFull) else OUR_FAULT


def _name(error: Exception) -> str:
    """What went wrong, without the statement and its values: a letter is nothing for a log."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {cause}" if cause is not error else type(error).__name__


def calls(limits: SmtpLimits) -> dict[str, int]:
    """How often a command may come in one connection."""
    greetings = dict.fromkeys(("HELO", "EHLO", "LHLO", "STARTTLS"), 20)
    letters = dict.fromkeys(("MAIL", "DATA", "RSET", "NOOP"), limits.letters)
    return {**greetings, **letters, "RCPT": limits.letters * limits.recipients, "QUIT": 2, "*": 20}
