"""Key that finds a letter again in a mailbox: a hash of its Message-ID, else of its header. Pure, total.

Hashed: it stays for as long as the mailbox has a letter that was erased from the books, and must say nothing of it.
"""

from hashlib import sha256

from mail.reading import headers
from mail.reading.headers import Headers


def of(head: Headers) -> str:
    """The key of the letter with this header, or with these of its fields (hexadecimal SHA-256)."""
    said = head.first("message-id").strip()
    words = [said] if said else [one for name in ("from", "date", "subject", "to") for one in head.all(name)]
    return sha256("\n".join(["mailbox", *words]).encode("utf-8", "surrogatepass")).hexdigest()


def of_raw(raw: bytes) -> str:
    """The same of a whole letter."""
    return of(headers.parse(headers.split(raw)[0]))
