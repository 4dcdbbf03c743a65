"""SMTP DATA: reads the bytes of one letter into one buffer (RFC 5321, 4.1.1.4 and 4.5.2).

Pure. Must never keep a line of its own for each line: a letter of many short lines would cost fifty times its
size. A letter ends at CRLF . CRLF and nowhere else, so that no two servers can see different letters in it.
"""

END = b"\r\n.\r\n"
SLACK = 8  # the line end before the first line, and a beginning of END that is not yet known to be one


class Content:
    """A letter while it comes in. Past `limit` bytes (or once `drop` was called) it is read but not kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray(b"\r\n")  # as if a line had just ended: the first line may be the dot
        self.received = 0
        self.dropped = False

    @property
    def too_large(self) -> bool:
        return self.received > self._limit + SLACK

    @property
    def held(self) -> int:
        """Bytes that it takes in memory, until it is given up."""
        return 0 if self.dropped or self.too_large else self.received

    def feed(self, chunk: bytes) -> bytes | None:
        """Take the next bytes: None while more is to come, else what came behind the letter's end."""
        seen = max(0, len(self._bytes) - len(END) + 1)
        self._bytes += chunk
        end = self._bytes.find(END, seen)
        if end < 0:
            self.received += len(chunk)
            self._forget_what_is_not_kept()
            return None
        rest = bytes(self._bytes[end + len(END) :])
        self.received += len(chunk) - len(rest)
        del self._bytes[end + 2 :]
        return rest

    def drop(self) -> None:
        """Keep nothing of it, also where it is there whole and nobody has asked for it yet."""
        self.dropped = True
        self._forget_what_is_not_kept()

    def letter(self) -> bytes:
        """The letter as it was before its dots were doubled; the buffer is given up."""
        taken, self._bytes = self._bytes, bytearray()
        if b"\r\n." in taken:
            taken = taken.replace(b"\r\n.", b"\r\n")
        return bytes(memoryview(taken)[2:])

    def _forget_what_is_not_kept(self) -> None:
        if self.too_large or self.dropped:
            del self._bytes[: -len(END) + 1]


def has_bare_line_end(letter: bytes) -> bool:
    """Whether a CR or LF stands alone: another program could see a line, a header or a letter's end there."""
    pairs = letter.count(b"\r\n")
    return letter.count(b"\n") != pairs or letter.count(b"\r") != pairs


def with_line_ends(letter: bytes) -> bytes:
    """A letter whose every line ends in LF alone, as scripts send them, in the form that mail has; any other as it is.

    Nothing can hide in such a letter: it has one kind of line end from beginning to end, and no lone dot. One
    that mixes line ends is not mended: in that other programs could see two letters.
    """
    if letter.find(b"\r", 0, max(0, len(letter) - 2)) >= 0:
        return letter  # nearly all: large ones are not copied
    body = letter.removesuffix(b"\r\n")
    if b"\r" in body or b"\n" not in body or b"\n.\n" in body or body.endswith(b"\n."):
        return letter
    return body.removesuffix(b"\n").replace(b"\n..", b"\n.").replace(b"\n", b"\r\n") + b"\r\n"


def has_longer_line(letter: bytes, limit: int) -> bool:
    """Whether any line is longer than `limit` bytes, its end included. Looks at few bytes of a long letter."""
    at = 0
    while len(letter) - at > limit:
        end = letter.rfind(b"\n", at, at + limit)
        if end < 0:
            return True
        at = end + 1
    return False
