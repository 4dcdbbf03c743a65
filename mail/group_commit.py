"""Many letters, one commit: a thread that keeps whatever has come in while it was keeping the last ones.

A lone letter is kept at once; under load the price of reaching the disk is shared. Must never say that a letter
is kept before `store` has returned.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread

import sqlalchemy as sa

from mail.receiving.store import Arrival, StorageFull

Store = Callable[[Sequence[Arrival], datetime], None]
Outcome = Exception | None
"""None: the letter is on the disk"""

MOST_LETTERS = 256
MOST_BYTES = 32 * 2**20
NOT_THE_LETTERS_FAULT = (StorageFull, OSError, sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    arrival: Arrival
    loop: asyncio.AbstractEventLoop
    outcome: asyncio.Future[Outcome]

    def settle(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class GroupCommit:
    """`submit` letters from event loops; each one's future gets its outcome once that is certain."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="letters")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when everything submitted is settled."""
        self._queue.put(None)
        self._thread.join()

    def submit(self, arrival: Arrival) -> asyncio.Future[Outcome]:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(arrival, loop, loop.create_future())
        self._queue.put(waiting)
        return waiting.outcome

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, ended = self._joined_by(first)
            self._keep(group)
            if ended:
                return

    def _joined_by(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """The first letter and those that wait behind it; and whether the end was among them."""
        group, size = [first], len(first.arrival.raw)
        while len(group) < MOST_LETTERS and size < MOST_BYTES:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if following is None:
                return group, True
            group.append(following)
            size += len(following.arrival.raw)
        return group, False

    def _keep(self, group: list[_Waiting]) -> None:
        outcome = self._try(group)
        if outcome is None or len(group) == 1 or isinstance(outcome, NOT_THE_LETTERS_FAULT):
            _tell(group, outcome)
            return
        for one in group:  # a letter that cannot be kept does not keep the others out
            _tell([one], self._try([one]))

    def _try(self, group: list[_Waiting]) -> Outcome:
        try:
            self._store([one.arrival for one in group], self._now())
        except Exception as error:
            return error
        return None


def _tell(group: list[_Waiting], outcome: Outcome) -> None:
    def settle_all() -> None:
        for one in group:
            one.settle(outcome)

    group[0].loop.call_soon_threadsafe(settle_all)
