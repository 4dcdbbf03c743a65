"""Thread that stores received letters, one after the other, so that no event loop waits for a disk.

Must never say that a letter is kept before `store` has returned.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from mail.receiving.store import Arrival, Store

Outcome = Exception | None
"""None: the letter is on the disk"""


class StoreThread:
    """`submit` letters from an event loop; each one's future gets its outcome once that is certain."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="letters")

    def stop(self) -> None:
        """Return when everything submitted is settled."""
        self._thread.shutdown()

    def submit(self, arrival: Arrival) -> "asyncio.Future[Outcome]":
        """A letter whose future is cancelled before its turn comes is not stored."""
        return asyncio.get_running_loop().run_in_executor(self._thread, self._keep, arrival)

    def _keep(self, arrival: Arrival) -> Outcome:
        try:
            self._store([arrival], self._now())
        except Exception as error:
            return error
        return None
