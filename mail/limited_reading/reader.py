"""Client of the sandboxed reading processes: starts them, sends letters, enforces limits of processor time and memory.

Whatever a library does with a letter, it ends: what passes the limit raises `OverLimit` and leaves the next letter a
fresh reader. Processes are started when first needed and used again. Must never read a letter in this process, and
never build from the answers anything but the plain values named in `_PLAIN`.
"""

import io
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from mail.limited_reading import process as reading_process

if TYPE_CHECKING:
    from mail.reading.sender import Dns

FULL_SECONDS: Final = 5.0
"""of processor time for a letter that came to a secret address; the heaviest known take a tenth of it"""
SHARE_SECONDS: Final = 0.5
"""for all others: fifty such letters together keep nobody waiting for half a minute"""
WALL_SECONDS: Final = 20.0
"""by the clock: that long may it take on a machine that is busy with other things"""
LOOKUP_SECONDS: Final = 10.0
"""by the clock, for all TXT records that one letter's signatures ask for"""
IDLE: Final = 4
"""processes kept for the next letter"""
LAST_WORDS: Final = 300
"""so much of the end of its standard error is told of a process that ended by itself"""
QUIET_SECONDS: Final = 3600.0
"""by the clock: so long is the same cause not logged again"""
log = logging.getLogger("teekond")

P = ParamSpec("P")
T = TypeVar("T")

SERVICE_NEEDS: Final = (
    "mail.limited_reading.opening", "mail.handling.reply_text", "lxml.etree", "flufl.bounce",
)  # fmt: skip
"""what a reading process imports before its first letter, so that none waits for it"""

_PLAIN: Final = frozenset({
    ("mail.limited_reading.opening", "OpenedLetter"),
    ("mail.reading.headers", "Headers"),
    ("mail.reading.letter", "ParsedLetter"),
    ("mail.reading.letter", "LetterKind"),
    ("mail.reading.sender", "Sender"),
    ("mail.reading.sender", "SenderFault"),
    ("mail.reading.sender", "Verdict"),
    ("mail.reading.attachments", "Attachment"),
    ("mail.reading.calendar", "CalendarReply"),
    ("mail.reading.automatic.bounces", "Bounce"),
    ("mail.reading.automatic.bounces", "BounceRecipient"),
    ("mail.reading.automatic.replies", "RobotVerdict"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
})  # fmt: skip
"""what answers are made of, beside text, bytes, numbers and collections of them"""


class OverLimit(Exception):
    """Reading took more than it may; the letter is at fault."""


class ReaderBroke(Exception):
    """The reading process ended, or answered nothing in time: perhaps not the letter's fault."""


class _Ended(ReaderBroke):
    """It could not be started, ended by itself or hung: the log tells of it, with its last words."""


class ReaderDown(Exception):
    """No letter can be read here for now, a trial letter neither: the machine's fault, no letter's."""


class Interrupted(Exception):
    """Reading was broken off because the service stops."""


class Reader:
    """Processes that read, shared by all threads; as many as are wanted at once. `needs`: the modules that each
    imports before anything is read."""

    def __init__(self, needs: Sequence[str] = SERVICE_NEEDS) -> None:
        self._needs = needs
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._lock = Lock()
        self._logged: dict[str, float] = {}

    def call(
        self,
        function: Callable[..., T],
        *args: object,
        seconds: float = FULL_SECONDS,
        dns: "Dns | None" = None,
    ) -> T:
        """`function(*args)` in a reading process, `seconds` of processor time at most; given `dns`, it is handed a
        look-up of TXT records as its last argument. Raises OverLimit, ReaderBroke or Interrupted."""
        with self._process() as process:
            request = pickle.dumps((seconds, function, args, dns is not None), pickle.HIGHEST_PROTOCOL)
            try:
                result: T = process.call(request, _Lookups(dns or _none))
            except _Ended as error:
                self._log(str(error))
                raise
            return result

    def _log(self, cause: str) -> None:
        """Once an hour for each cause: every letter that waits would say the same."""
        now = time.monotonic()
        with self._lock:
            self._logged = {told: at for told, at in self._logged.items() if now - at < QUIET_SECONDS}
            known = cause in self._logged
            self._logged.setdefault(cause, now)
        if not known:
            log.error("a letter could not be read: %s", cause)

    def interrupt(self) -> None:
        """Break off what is being read at this moment."""
        with self._lock:
            for process in self._busy:
                process.interrupt()

    def close(self) -> None:
        """End the processes that wait; the next call starts one again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    @contextmanager
    def _process(self) -> Iterator["_Process"]:
        try:
            process = self._taken()
        except OSError as error:
            cause = f"the reading process cannot be started: {error}"
            self._log(cause)
            raise ReaderBroke(cause) from None
        try:
            yield process
        finally:
            with self._lock:
                self._busy.discard(process)
                kept = process.sound and len(self._idle) < IDLE
                if kept:
                    self._idle.append(process)
            if not kept:
                process.end()

    def _taken(self) -> "_Process":
        """One that waits, or a new one; those that somebody ended meanwhile are left out."""
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    break
                process.end()
            else:
                process = _Process(self._needs)
            self._busy.add(process)
            return process


class _Process:
    """One reading process, for one thread at a time."""

    def __init__(self, needs: Sequence[str]) -> None:
        self._wire, its_own = socket.socketpair()
        plain = ("-B",) if sys.dont_write_bytecode else ()  # as this process itself was told
        words, its_words = os.pipe()
        os.set_blocking(words, False)
        os.set_blocking(its_words, False)  # nobody listens while it works: what the pipe does not hold is lost
        self._words = open(words, "rb", buffering=0)  # noqa: SIM115
        try:
            self._child = subprocess.Popen(
                [sys.executable, *plain, "-c", _START, ",".join(needs), *sys.path],
                stdin=its_own.fileno(), stdout=subprocess.DEVNULL, stderr=its_words, env={},
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            self._wire.close()
            self._words.close()
            raise
        finally:
            its_own.close()
            os.close(its_words)
        self.sound, self._interrupted = True, False

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def call(self, request: bytes, lookups: "_Lookups") -> Any:
        try:
            self._wire.settimeout(WALL_SECONDS)
            reading_process.send(self._wire, b"?", request)
            until = time.monotonic() + WALL_SECONDS
            while True:
                kind, content = self._receive(until + lookups.spent)
                if kind != reading_process.ASKED:
                    return _result(kind, content)
                found = lookups(content.decode("utf-8", "replace"))
                reading_process.send(self._wire, b"!", pickle.dumps(found))
        except (OSError, EOFError) as error:
            self.sound = False
            if self._interrupted:
                raise Interrupted from None
            raise _Ended(f"the reading process broke off ({type(error).__name__}){self._last_words()}") from None
        except pickle.UnpicklingError:
            self.sound = False
            raise

    def _receive(self, until: float) -> tuple[bytes, bytearray]:
        self._wire.settimeout(max(0.01, until - time.monotonic()))
        return reading_process.receive(self._wire)

    def _last_words(self) -> str:
        """How it ended, and the end of what it wrote on its standard error. Of a letter nothing stands there: what is
        raised over one is an answer."""
        try:
            ended = f": ended with {self._child.wait(1)}"
        except subprocess.TimeoutExpired:  # it hangs
            ended = ""
        from mail.reading.characters import one_line  # only where it broke: `teekond read` holds no parser

        said = one_line((self._words.read(2**16) or b"").decode("utf-8", "replace").strip()[-LAST_WORDS:])
        return f"{ended}: {said}" if said else ended

    def interrupt(self) -> None:
        self.sound, self._interrupted = False, True
        self._kill()

    def end(self) -> None:
        self._kill()
        self._child.wait()
        self._wire.close()
        self._words.close()

    def _kill(self) -> None:
        if self.alive:  # else the number may be another's by now
            os.killpg(self._child.pid, signal.SIGKILL)  # it and its copy are a group of their own


_START: Final = (
    f"import socket, sys; sys.path[:] = sys.argv[2:]; from {reading_process.__name__} import main; "
    "main(socket.socket(fileno=0), sys.argv[1].split(','))"
)


def _none(_name: str) -> None:
    return None


class _Lookups:
    """TXT records for one letter, until its time for them is over; none are found then."""

    def __init__(self, dns: "Dns") -> None:
        self._dns, self.spent = dns, 0.0

    def __call__(self, name: str) -> bytes | None:
        if self.spent > LOOKUP_SECONDS:
            return None
        began = time.monotonic()
        try:
            return self._dns(name)
        except Exception:  # whatever a resolver raises is no verdict on the letter
            return None
        finally:
            self.spent += time.monotonic() - began


def _result(kind: bytes, content: bytearray) -> Any:
    if kind == reading_process.RESULT:
        return _Plain(io.BytesIO(content)).load()
    if kind == reading_process.TIME_UP:
        raise OverLimit("reading this letter took more processor time than a letter may take")
    if kind == reading_process.MEMORY_UP:
        raise OverLimit("reading this letter took more memory than a letter may take")
    raise ReaderBroke(content.decode("utf-8", "replace"))


class _Plain(pickle.Unpickler):
    """Builds the values named above and nothing else, whatever the other side says."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _PLAIN:
            raise pickle.UnpicklingError(f"{module}.{name} is no plain value")
        return super().find_class(module, name)
