"""A batch of mails over one kept connection or several, each taking the next mail when it is free. No database here.

A relay that allows fewer connections than we would like gets fewer: what a refused one had in hand goes over the
others. Must never begin a mail after `go_on` said no.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mail.prepared import Made
from mail.reading.characters import one_line
from mail.sending.outcome import Fate, Outcome
from mail.sending.queue import Claimed
from mail.sending.transport import Envelope, Line


@dataclass(frozen=True, slots=True)
class _Ready:
    """A mail that can go over the wire; or `fate`, where it goes nowhere now."""

    mail: Claimed
    envelope: Envelope = ("", "")
    data: bytes = b""
    fate: Outcome | None = None


class Batch:
    """Mails in hand, each to be made when its turn comes. `go_on` is asked before each; `weigh` may say that one is
    not to be begun at all; `over` is told what became of it, one at a time."""

    def __init__(
        self,
        mails: Sequence[tuple[Claimed, Made]],
        *,
        go_on: Callable[[], bool],
        weigh: Callable[[Claimed], Outcome | None],
        over: Callable[[Claimed, Outcome], None],
    ) -> None:
        self._waiting = deque(mails)
        self._go_on, self._weigh, self._over = go_on, weigh, over
        self._alive = 0
        self._lock = threading.Lock()
        self._broken: list[BaseException] = []

    def send(self, lines: Sequence[Line]) -> None:
        """Until nothing waits, or it is not to go on. Raises what `over` raised."""
        lines = lines[: len(self._waiting)]
        self._alive = len(lines)
        others = [threading.Thread(target=self._work, args=(line,)) for line in lines[1:]]
        for thread in others:
            thread.start()
        self._work(lines[0])
        for thread in others:
            thread.join()
        if self._broken:
            raise self._broken[0]

    def _work(self, line: Line) -> None:
        try:
            self._send_on(line)
        except BaseException as error:  # whoever began the threads is to hear of it
            with self._lock:
                self._broken.append(error)
                self._waiting.clear()

    def _send_on(self, line: Line) -> None:
        proven, current = False, self._take()
        while current is not None and self._go_on():
            following = self._take()
            ahead = following.envelope if following is not None and following.fate is None else None
            outcome = current.fate or line.send(*current.envelope, current.data, ahead)
            if outcome.relay and not proven and self._others_go_on():
                self._waiting.extend((one.mail, _again(one)) for one in (current, following) if one is not None)
                return
            proven = proven or outcome.fate is Fate.SENT
            with self._lock:
                self._over(current.mail, outcome)
            current = following

    def _others_go_on(self) -> bool:
        """Whether this connection can be done without; the last one's trouble is everybody's."""
        with self._lock:
            self._alive -= 1
            return self._alive > 0

    def _take(self) -> _Ready | None:
        try:
            mail, made = self._waiting.popleft()
        except IndexError:
            return None
        if (fate := self._weigh(mail)) is not None:
            return _Ready(mail, fate=fate)
        try:
            sender, data = made()
        except Exception as error:  # whatever is wrong with this message, it is wrong with this one only
            return _Ready(mail, fate=Outcome(Fate.REFUSED, one_line(f"{type(error).__name__}: {error}", 300)))
        return _Ready(mail, (sender, _in_ascii(mail.to_address)), data)


def _again(ready: _Ready) -> Made:
    return lambda: (ready.envelope[0], ready.data)


def _in_ascii(address: str) -> str:
    """The domain as DNS has it; the rest as it is, for the transport to refuse."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
