"""Background job loop: each job in a thread of its own, one pass after another until stopped.

A job is handed the time and says how much it did; when it did nothing, it sleeps until the bell rings, or looks by
itself after a while. Jobs do not wait for each other. Knows nothing of letters or mails: the root says what the jobs
are. A job that fails is tried again: what it was to do is kept in the database.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from workflow.database.engine import Database
from workflow.database.notify import Waking

SLOW_SECONDS: Final = 2.0
"""so long sleeps a job that nobody wakes: what falls due by the clock rings no bell"""
INTERRUPT_SECONDS: Final = 0.5
"""so long a job that is to end goes on with what it may begin meanwhile"""
YOUNG: Final = 100_000
"""so many things may be made and kept before any are looked through: more than all that a hundred letters need until
they are written, for that is let go by itself"""
log = logging.getLogger("teekond")


@dataclass(frozen=True, slots=True)
class Job:
    """`work` does what waits at this moment and returns how much that was; 0 where nothing waits. `interrupt` breaks
    off what takes long within it, from another thread."""

    name: str
    work: Callable[[datetime], int]
    interrupt: Callable[[], None] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self, thread: threading.Thread) -> None:
        """Wait for the thread that works at it; what would keep it long is broken off, and not begun again."""
        while thread.is_alive():
            self.interrupt()
            thread.join(INTERRUPT_SECONDS)


class Worker:
    """The jobs at work. `beat` is called now and then."""

    def __init__(
        self,
        db: Database,
        jobs: Sequence[Job],
        now: Callable[[], datetime],
        *,
        beat: Callable[[], None] | None = None,
        beat_seconds: float = 5.0,
    ) -> None:
        self.db, self.jobs = db, tuple(jobs)
        self._now, self._beat, self._beat_seconds = now, beat, beat_seconds
        self._stop = threading.Event()
        self.waking = Waking(db, (job.name for job in self.jobs))
        self._threads = [threading.Thread(target=self._run, args=(job,), name=job.name) for job in self.jobs]
        self._beaten = time.monotonic()

    def start(self) -> None:
        calm()
        self.waking.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Each job finishes what it has in hand, or breaks it off where that takes long; then all end."""
        self._stop.set()
        self.waking.stop()
        for job, thread in zip(self.jobs, self._threads, strict=True):
            job.end(thread)

    @property
    def healthy(self) -> bool:
        """Whether each job's thread is alive."""
        return all(thread.is_alive() for thread in self._threads)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nobody works meanwhile but the caller."""
        with ExitStack() as held:
            for job in self.jobs:
                held.enter_context(job.lock)
            yield

    def drain(self) -> None:
        """Work until nothing waits at this moment. While paused."""
        while sum(job.work(self._now()) for job in self.jobs):
            pass

    def _run(self, job: Job) -> None:
        while not self._stop.is_set():
            if not self.one_pass(job):
                self.waking.wait(job.name, SLOW_SECONDS)

    def one_pass(self, job: Job) -> int:
        """Do some of what waits; 0 where nothing does, or where it could not be done now."""
        done = self._try(job)
        self._keep_time()
        return done

    def _try(self, job: Job) -> int:
        try:
            with job.lock:
                return job.work(self._now())
        except Exception:  # the database is away, say: nothing is lost, the next pass tries again
            log.exception("%s failed; trying again", job.name)
            return 0

    def _keep_time(self) -> None:
        if self._beat is not None and time.monotonic() - self._beaten > self._beat_seconds:
            self._beaten = time.monotonic()
            self._beat()


def calm() -> None:
    """What was built at the start stays; looking through it again and again for rubbish takes an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
