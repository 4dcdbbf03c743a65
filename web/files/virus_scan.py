"""Client of the virus scanner ClamAV (its INSTREAM protocol). It fails closed: no answer is never "clean".

Must never unpack or read a file itself.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from web.context import Scan, ScanVerdict

CHUNK: Final = 64 * 1024
SECONDS: Final = 20
LONGEST: Final = 4096
"""bytes of an answer"""


def scanner(where: str) -> Scan:
    """A scanner at a socket's path, or at `host:port`."""

    def scan(content: bytes) -> ScanVerdict:
        try:
            return _verdict(_asked(where, content))
        except OSError:
            return ScanVerdict.UNSCANNED

    return scan


def _asked(where: str, content: bytes) -> bytes:
    with closing(_connected(where)) as line:
        try:
            line.sendall(b"zINSTREAM\0")
            for part in _parts(content):
                line.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            return _answer(line)  # it hangs up on what is too large for it, and says so first
        return _answer(line)


def _parts(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), CHUNK):
        part = content[at : at + CHUNK]
        yield struct.pack(">I", len(part)) + part
    yield struct.pack(">I", 0)


def _answer(line: socket.socket) -> bytes:
    found = b""
    while not found.endswith(b"\0") and len(found) < LONGEST:
        more = line.recv(LONGEST)
        if not more:
            break
        found += more
    return found


def _verdict(answer: bytes) -> ScanVerdict:
    """`stream: OK`, `stream: Eicar-Signature FOUND`; anything else is no verdict."""
    words = answer.rstrip(b"\0\r\n")
    if words == b"stream: OK":
        return ScanVerdict.CLEAN
    infected = words.startswith(b"stream: ") and words.endswith(b" FOUND")
    return ScanVerdict.INFECTED if infected else ScanVerdict.UNSCANNED


def _connected(where: str) -> socket.socket:
    host, _, port = where.rpartition(":")
    if where.startswith("/") or not port.isdecimal():
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(SECONDS)
        try:
            line.connect(where)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)
