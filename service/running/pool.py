"""Thread pool shared by the workers of many programmes, round robin, one piece of work each.

Every programme's jobs wait in one row a kind (letters, sending). Who is at the front and has something to do gets one
piece of work done and goes to the end: ten thousand letters of one programme take their turns among the others'. The
kinds have threads of their own, so that a slow mail server keeps no letter waiting. Must never give one job of one
programme to two threads, and never look into a programme's books itself.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from service import logs
from service.running.worker import INTERRUPT_SECONDS, SLOW_SECONDS, Job, Worker, calm
from workflow.database import notify

THREADS: Final = 4
"""for each kind of job"""
SLOWER_EACH: Final = 0.1
"""seconds that each programme adds to how long one that nobody wakes sleeps: many cost together no more than twenty"""
GLANCE_EACH: Final = 0.002
log = logging.getLogger("teekond")


@dataclass(slots=True, eq=False)
class _Turn:
    """One job of one programme. `at`: when to look by itself; 0: at once."""

    key: str
    worker: Worker
    job: Job
    at: float = 0.0
    rung: bool = False


class JobQueue:
    """The jobs of one kind, those that waited longest first."""

    def __init__(self, turns: Sequence[_Turn], slow: float) -> None:
        self._waiting, self._slow = list(turns), max(slow, SLOWER_EACH * len(turns))
        self._of = {turn.key: turn for turn in turns}
        self._changed = threading.Condition()
        self._stopped = False

    def first(self) -> _Turn | None:
        """Who is next; waits until somebody is. None when all is over."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                for place, turn in enumerate(self._waiting):
                    if turn.at <= now:
                        turn.rung = False
                        return self._waiting.pop(place)
                self._changed.wait(min((turn.at for turn in self._waiting), default=now + self._slow) - now)
            return None

    def back(self, turn: _Turn, done: int) -> None:
        """To the end of the row; at once again where something was done or has come meanwhile."""
        with self._changed:
            turn.at = 0.0 if done or turn.rung else time.monotonic() + self._slow
            self._waiting.append(turn)
            self._changed.notify()

    def ring(self, key: str) -> None:
        """There is work of this programme."""
        with self._changed:
            turn = self._of.get(key)
            if turn is not None:
                turn.at, turn.rung = 0.0, True
                self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


@dataclass(slots=True)
class _Ear:
    """Listens for one programme; none while its database is away."""

    worker: Worker
    ear: notify.Ear | None = None
    silent_until: float = field(default=0.0)

    def heard(self) -> bool:
        """Whether work came. Beginning to listen counts: it may have come before."""
        if self.ear is None and time.monotonic() < self.silent_until:
            return False
        try:
            if self.ear is None:
                self.ear = notify.ear(self.worker.db)
                return True
            return self.ear.heard(0)
        except notify.away(self.worker.db) as error:
            log.debug("cannot listen for work: %s", type(error).__name__)
            self.close()
            self.silent_until = time.monotonic() + notify.AWAY_SECONDS
            return False

    def close(self) -> None:
        if self.ear is not None:
            self.ear.close()
            self.ear = None


class Pool:
    """The workers' jobs at work; the workers themselves are never started."""

    def __init__(self, workers: Mapping[str, Worker], *, threads: int = THREADS, slow: float = SLOW_SECONDS) -> None:
        self._workers = tuple(workers.values())
        turns = [_Turn(key, worker, job) for key, worker in workers.items() for job in worker.jobs]
        self._rows = {
            kind: JobQueue([turn for turn in turns if turn.job.name == kind], slow)
            for kind in dict.fromkeys(turn.job.name for turn in turns)
        }
        self._ears = {key: _Ear(worker) for key, worker in workers.items()}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._listen, name="listening for work")] + [
            threading.Thread(target=self._run, args=(row,), name=f"{kind} {n}")
            for kind, row in self._rows.items()
            for n in range(1, min(threads, len(workers)) + 1)
        ]

    def start(self) -> None:
        calm()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Each job finishes what it has in hand, then all end."""
        self._stop.set()
        for row in self._rows.values():
            row.stop()
        for thread in self._threads:
            while thread.is_alive():
                self._interrupt()
                thread.join(INTERRUPT_SECONDS)

    def _interrupt(self) -> None:
        for worker in self._workers:
            for job in worker.jobs:
                job.interrupt()

    @property
    def healthy(self) -> bool:
        """Whether each thread is alive."""
        return all(thread.is_alive() for thread in self._threads)

    def _run(self, row: JobQueue) -> None:
        while (turn := row.first()) is not None:
            with logs.of_programme(turn.key):
                done = turn.worker.one_pass(turn.job)
            row.back(turn, done)

    def _listen(self) -> None:
        pause = max(notify.LOOK_SECONDS, GLANCE_EACH * len(self._ears))
        while not self._stop.wait(pause):
            for key, ear in self._ears.items():
                if ear.heard():
                    self._ring(key)
        for ear in self._ears.values():
            ear.close()

    def _ring(self, key: str) -> None:
        for row in self._rows.values():
            row.ring(key)
