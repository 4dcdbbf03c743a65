"""How a service has its letters read: one letter in the reading process, with the time that it may take. Touches no
database.
"""

from dataclasses import dataclass
from typing import Final

from mail.limited_reading.opening import Check, OpenedLetter, OpeningMeans, opened
from mail.limited_reading.reader import FULL_SECONDS, SHARE_SECONDS, OverLimit, Reader
from mail.reading.sender import Dns

FULL_CANDIDATES: Final = 200_000
"""for secrets of ours, in a letter that came to a secret address"""
SHARE_CANDIDATES: Final = 10_000
"""in all others: fifty such letters together keep nobody waiting for half a minute; a letter full of long links holds
fewer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReader:
    """`dns` where the service checks signatures itself."""

    reader: Reader
    authserv_id: str | None = None
    dns: Dns | None = None
    check: Check | None = None

    def read(self, raw: bytes, *, no_sender: bool = False, full: bool = False) -> OpenedLetter:
        """The letter in `raw`; `full`: it may take the time that letters to secret addresses may take. Raises
        OverLimit, ReaderBroke, Interrupted, or what reading it raised."""
        seconds, most = (FULL_SECONDS, FULL_CANDIDATES) if full else (SHARE_SECONDS, SHARE_CANDIDATES)
        check = self.check if self.dns else None
        how = OpeningMeans(no_sender=no_sender, authserv_id=self.authserv_id, check=check, most=most)
        found = self.reader.call(opened, raw, how, seconds=seconds, dns=self.dns or _no_record)
        if len(found.candidates) > most:
            raise OverLimit("this letter holds more that looks like a link than a letter may hold")
        return found


def _no_record(_name: str) -> None:
    """Where signatures are not checked, nobody is asked for anything."""
