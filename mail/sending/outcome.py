"""Outcome of handing a mail over: accepted, temporary or permanent failure, from the server's reply. Values only.

The reply's first digit decides (RFC 5321, 4.2.1); its enhanced code (RFC 3463) tells whether the address is meant.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mail.reading.characters import one_line
from workflow.codes import DeliveryFault
from workflow.records.undelivered import FAULTS
from workflow.text.bilingual import Text

SAYS_LENGTH: Final = 300
STATUS: Final = re.compile(r"\b5\.(\d{1,3}\.\d{1,3})\b")
NO_SUCH_ADDRESS: Final = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""status codes (RFC 3463) that speak of the address itself, not of a policy, a quota or the letter"""
CLOSING: Final = 421
_OURS: Final = re.compile(r"\b([rb])-[a-z0-9]{1,60}(?:-[a-z2-7]{16})?@", re.IGNORECASE)


class Fate(StrEnum):
    """What became of a mail that was handed over."""

    SENT = "sent"
    AGAIN = "again"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """it may have been taken: the answer to its last line never came"""
    WITHHELD = "withheld"
    PUT_OFF = "put_off"
    """it was not begun: where it goes takes nothing for now"""


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """`relay`: the server itself is at fault, others will fare no better. `address`: the recipient's is.
    `suspicious`: it may be the server's fault rather than this mail's; several in a row are. `fault`: no server was
    asked. `signed_out`: the server wants us to sign in before it takes a mail."""

    fate: Fate
    says: str = ""
    relay: bool = False
    address: bool = False
    suspicious: bool = False
    fault: DeliveryFault | None = None
    signed_out: bool = False

    @property
    def words(self) -> Text:
        """Why, for people: what the server said, else the fault."""
        return FAULTS[self.fault] if self.fault else Text(et=self.says, en=self.says)


def refusal(code: int, words: bytes, *, recipient: bool = False) -> DeliveryOutcome:
    """What a reply other than the one hoped for means; `recipient` where it answers RCPT."""
    says = reply_words(code, words)
    if code == CLOSING or code < 0:
        return DeliveryOutcome(Fate.AGAIN, says, relay=True)
    if code // 100 != 5:
        return DeliveryOutcome(Fate.AGAIN, says)
    none = _no_such_address(code, says, recipient=recipient)
    return DeliveryOutcome(Fate.REFUSED, says, address=none, suspicious=recipient and not none)


def _no_such_address(code: int, says: str, *, recipient: bool) -> bool:
    """A relay that refuses everybody (policy, sign-in) must not make everybody's address look dead."""
    if status := STATUS.search(says):
        return status[1] in NO_SUCH_ADDRESS
    return recipient and code in (550, 551, 553)


def reply_words(code: int, words: bytes) -> str:
    """What the server said, without the addresses of ours that it quotes: these are secret, and its words are shown."""
    said = one_line(f"{code} {words.decode('utf-8', 'replace')}", SAYS_LENGTH * 2)
    return _OURS.sub(r"\1-…@", said)[:SAYS_LENGTH]
