"""Filter of a shared mailbox: which letters are the service's; the mailbox may be somebody's, with other mail in it.
Pure, total.

Ours is what bears a secret or return address that we gave out, answers a mail of ours, or came to the programme's
own address since reading began. A letter to such an address that is not ours belongs to another Teekond. Must never
take a letter for its sender or its words.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mail.identity import SECRET, Identity
from mail.mailbox import envelope
from mail.reading.automatic import bounces
from mail.reading.headers import Headers

MOST_IDS: Final = 50
"""of the mails that a letter answers; the nearest ones"""
_ID: Final = re.compile(r"<[!-;=?-~]{3,400}>")


class Whose(Enum):
    """Whose a letter is."""

    OURS = auto()
    ANOTHERS = auto()
    """it came to a secret address of our form that is not known here"""
    OTHERS = auto()


@dataclass(frozen=True, slots=True)
class Signs:
    """What a letter's header says of whose it is. `own`: it came to the programme's address; `returned`: to a return
    address that we signed; `strange`: to one that we did not sign."""

    own: bool
    returned: bool
    strange: bool
    secrets: frozenset[str]
    answers: frozenset[str]

    def whose(self, known: Collection[str], *, fresh: bool) -> Whose:
        """`known`: which of its secrets and of the mails it answers are known; `fresh`: it came since we read here."""
        if self.returned or not (self.secrets | self.answers).isdisjoint(known):
            return Whose.OURS
        if self.secrets or self.strange:
            return Whose.ANOTHERS
        return Whose.OURS if self.own and fresh else Whose.OTHERS


def signs(head: Headers, identity: Identity) -> Signs:
    """What to look up, and what is plain without."""
    own = identity.from_address.lower()
    ends = ("@" + identity.domain.lower(), own[own.rindex("@") :])
    addresses = [one.lower() for one in envelope.recipients(head) if one.lower().endswith(ends)]
    ids = _answered(head)
    returns = [identity.returned_to(one) is not None for one in addresses if bounces.is_verp(one)]
    return Signs(
        own=own in addresses,
        returned=any(returns),
        strange=not all(returns),
        secrets=frozenset(_secrets([*addresses, *(one.strip("<>") for one in ids)])),
        answers=frozenset(ids),
    )


def _answered(head: Headers) -> list[str]:
    """The mails that it answers, the nearest one last."""
    said = " ".join((*head.all("references"), *head.all("in-reply-to")))
    return _ID.findall(said)[-MOST_IDS:]


def _secrets(addresses: Iterable[str]) -> list[str]:
    return [match[1].lower() for match in map(SECRET.match, addresses) if match]
