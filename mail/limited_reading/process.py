"""Sandboxed reading process, the child's side. It serves one request after another on its standard input, a socket.

What reads is a copy made by `fork`: it may die of a letter, and the next copy is there in milliseconds. Processor
time is limited for each request by a timer that counts nothing else (RLIMIT_CPU counts whole seconds, of all requests
together) and ends the copy wherever it is, inside a library too; memory is limited by RLIMIT_AS. It has no database,
no network, no environment and may write no file. Started by `mail/limited_reading/reader.py` alone; ends when that
one is gone.
"""

import gc
import os
import pickle
import resource
import signal
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NoReturn

FRAME: Final = struct.Struct("!cI")
"""what kind of message, how many bytes follow"""
RESULT, ASKED, FAILED, TIME_UP, MEMORY_UP = b"R", b"A", b"F", b"T", b"M"
MEMORY: Final = 512 * 1024 * 1024
"""of address space: three times what the largest letter that is taken in needs"""
LARGE: Final = 4 * 1024 * 1024
"""after a request of this size a new copy goes on: memory once taken is seldom given back"""
_NO_MEMORY: Final = 3


def main(wire: socket.socket, needs: Sequence[str]) -> None:
    """Serve until the other end closes, a new copy after each that died; `needs` are imported before the first."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # stopped with the service, by the service: never inside a letter
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in needs:
        import_module(module)
    gc.freeze()
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    while True:
        copy = os.fork()
        if copy == 0:
            _copy(wire)
        if not _goes_on(wire, os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])):
            return


def _goes_on(wire: socket.socket, ended: int) -> bool:
    """Whether a new copy is wanted. One that ended in another way than by a limit may have been in the middle of a
    message: then nothing more is said, and whoever asked begins anew."""
    if ended == -signal.SIGPROF:
        send(wire, TIME_UP)
    elif ended == _NO_MEMORY:
        send(wire, MEMORY_UP)
    return ended in (-signal.SIGPROF, _NO_MEMORY, os.EX_TEMPFAIL)


def _copy(wire: socket.socket) -> NoReturn:
    """What a copy does; it never returns into what it was copied from."""
    code = 1
    with suppress(EOFError, OSError):
        code = _serve(wire)
    os._exit(code)


def _serve(wire: socket.socket) -> int:
    while True:
        try:
            _, request = receive(wire)
            size = len(request)
            seconds, function, args, asks = pickle.loads(request)
            del request
            signal.setitimer(signal.ITIMER_PROF, seconds)
            kind, answer = _answered(function, (*args, lambda name: _looked_up(wire, name)) if asks else args)
            signal.setitimer(signal.ITIMER_PROF, 0)  # what is said is said whole
            del args
        except MemoryError:
            return _NO_MEMORY
        send(wire, kind, answer)
        if size > LARGE:
            return os.EX_TEMPFAIL


def _answered(function: Any, args: tuple[Any, ...]) -> tuple[bytes, bytes]:
    try:
        return RESULT, pickle.dumps(function(*args), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:
        return FAILED, f"{type(error).__name__}: {error}"[:500].encode("utf-8", "replace")


def _looked_up(wire: socket.socket, name: str) -> bytes | None:
    """A TXT record: whoever asked for the letter asks the network too."""
    send(wire, ASKED, name.encode("utf-8", "replace"))
    found: bytes | None = pickle.loads(receive(wire)[1])
    return found


def send(wire: socket.socket, kind: bytes, content: bytes = b"") -> None:
    wire.sendall(FRAME.pack(kind, len(content)))
    if content:
        wire.sendall(content)


def receive(wire: socket.socket) -> tuple[bytes, bytearray]:
    """One message, and not a byte of the next: another copy may have to read that."""
    kind, length = FRAME.unpack(_exactly(wire, FRAME.size))
    return kind, _exactly(wire, length)


def _exactly(wire: socket.socket, length: int) -> bytearray:
    found = bytearray(length)
    view, at = memoryview(found), 0
    while at < length:
        some = wire.recv_into(view[at:])
        if not some:
            raise EOFError
        at += some
    return found
