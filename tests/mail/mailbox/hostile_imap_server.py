"""An IMAP server for tests that answers as it should but for one command, where it does something else."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Final

Answer = Callable[[bytes], Iterator[bytes]]
"""the bytes that are said instead of the right ones, by the command's tag"""

COMMANDS: Final = (
    "greeting", "CAPABILITY", "LOGIN", "LIST", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE", "APPEND",
    "GETQUOTAROOT", "IDLE", "LOGOUT",
)  # fmt: skip
MANY: Final = b" ".join(b"%d" % one for one in range(4_294_000_000, 4_294_200_000))
_SAID: Final = re.compile(rb"(\S+) (UID \S+|\S+) ?(.*)", re.IGNORECASE | re.DOTALL)


@dataclass
class Server:
    """Holds one letter, UID 1, until it is moved. `wrong`: what it does instead, by command."""

    letter: bytes
    wrong: Mapping[str, Answer] = field(default_factory=dict)
    moved: bool = False
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._ended.set()
        self._door.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line, suppress(OSError, ValueError), line.makefile("rwb") as file:
            self._say(line, "greeting", b"*", b"* OK hello\r\n")
            while (said := file.readline()) and not self._ended.is_set():
                found = _SAID.match(said.rstrip(b"\r\n"))
                if found is not None:
                    self.heard.append(said)
                    tag, command = found[1], found[2].decode().upper()
                    self._say(line, command, tag, self._right(tag, command, found[3], line, file))

    def _say(self, line: socket.socket, command: str, tag: bytes, right: bytes) -> None:
        wrong = self.wrong.get(command)
        for piece in wrong(tag) if wrong else (right,):
            if self._ended.is_set():
                return
            line.sendall(piece)

    def _right(self, tag: bytes, command: str, rest: bytes, line: socket.socket, file: BinaryIO) -> bytes:
        told = b""
        if command == "CAPABILITY":
            told = b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS QUOTA STARTTLS\r\n"
        elif command == "LIST":
            told = b'* LIST () "/" INBOX\r\n'
        elif command == "SELECT":
            told = b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n" % (not self.moved)
        elif command == "UID SEARCH":
            told = b"* SEARCH\r\n" if self.moved or b"SUBJECT" in rest else b"* SEARCH 1\r\n"
        elif command == "UID FETCH" and not self.moved:
            content = self.letter.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if b"HEADER" in rest else self.letter
            known = b'UID 1 RFC822.SIZE %d INTERNALDATE "01-Feb-2022 10:00:00 +0000"' % len(self.letter)
            told = b"* 1 FETCH (%s BODY[] {%d}\r\n%s)\r\n" % (known, len(content), content)
        elif command == "UID MOVE":
            self.moved = "UID MOVE" not in self.wrong
        elif command == "APPEND":
            line.sendall(b"+ go on\r\n")
            file.read(int(rest.rstrip(b"}").rpartition(b"{")[2]) + 2)
        elif command == "IDLE" and "IDLE" not in self.wrong:
            line.sendall(b"+ waiting\r\n")
            file.readline()
        return told + tag + b" OK done\r\n"


# -- what it may do instead -----------------------------------------------------------------------


def endless_line(_tag: bytes) -> Iterator[bytes]:
    yield b"* "
    while True:
        yield b"x" * 65536


def endless_answer(_tag: bytes) -> Iterator[bytes]:
    while True:
        yield b"* 1 FETCH (FLAGS ())\r\n* 1 EXPUNGE\r\n* 9 EXISTS\r\n" * 999


def storm_of_expunges(tag: bytes) -> Iterator[bytes]:
    yield b"* 1 EXPUNGE\r\n" * 200_000 + tag + b" OK done\r\n"


def two_gigabytes(_tag: bytes) -> Iterator[bytes]:
    yield b"* 1 FETCH (UID 1 BODY[] {2147483648}\r\n"
    while True:
        yield b"x" * 65536


def more_digits_than_there_are(_tag: bytes) -> Iterator[bytes]:
    yield b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 5000 + b"}\r\n"
    time.sleep(9)


def huge_numbers(tag: bytes) -> Iterator[bytes]:
    yield b"* 4294967295 EXISTS\r\n* OK [UIDVALIDITY 99999999999999999999] x\r\n* OK [UIDNEXT 99999999999999] x\r\n"
    yield b"* SEARCH " + MANY + b"\r\n* QUOTA x (STORAGE 999999999999999999999 1)\r\n" + tag + b" OK done\r\n"


def drip(_tag: bytes) -> Iterator[bytes]:
    while True:
        yield b"*"
        time.sleep(0.02)


def no(tag: bytes) -> Iterator[bytes]:
    yield tag + b" NO not now\r\n"


def bad(tag: bytes) -> Iterator[bytes]:
    yield tag + b" BAD what\r\n"


def bye(_tag: bytes) -> Iterator[bytes]:
    yield b"* BYE going\r\n"
    time.sleep(9)


def nuls(tag: bytes) -> Iterator[bytes]:
    yield b"\0" * 500 + b"\r\n* OK \0\r\n" + tag + b" OK \0\r\n"


def nonsense(tag: bytes) -> Iterator[bytes]:
    yield b"* \xff\xfe SEARCH a b {x}\r\n* LIST \r\n* (\r\n" + tag + b" OK\xff\r\n"


def others_letters(tag: bytes) -> Iterator[bytes]:
    head = b"To: koosloome@example.org\r\n\r\n"
    for uid in (2, 3, 4_294_967_295):
        yield b"* 1 FETCH (UID %d RFC822.SIZE 9 BODY[] {%d}\r\n%s)\r\n" % (uid, len(head), head)
    yield tag + b" OK done\r\n"


def another_folder_each_time() -> Answer:
    seen = iter(range(1, 10**9))

    def answer(tag: bytes) -> Iterator[bytes]:
        yield b"* 1 EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT 2] x\r\n%s OK done\r\n" % (next(seen), tag)

    return answer


def silence(_tag: bytes) -> Iterator[bytes]:
    time.sleep(9)
    yield b""


def hang_up(_tag: bytes) -> Iterator[bytes]:
    raise OSError
    yield b""


def for_another_command(_tag: bytes) -> Iterator[bytes]:
    yield b"A1 OK done\r\nXYZ99 OK done\r\n+ go on\r\n+ go on\r\n"
    time.sleep(9)


WRONG: Final[tuple[Answer, ...]] = (
    endless_line, endless_answer, storm_of_expunges, two_gigabytes, more_digits_than_there_are, huge_numbers, drip, no,
    bad, bye, nuls, nonsense, others_letters, silence, hang_up, for_another_command,
)  # fmt: skip
