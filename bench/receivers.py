"""The receivers under test, each in a process of its own that prints its port: `python -m bench.receivers WHICH WHERE`.

`ours`: the product's listener and store on SQLite, with the look-up of every recipient in a season of 1,000 teams.
`ours_slow`: the same with 2 ms more for every commit, as on a slower disk; `each_slow`: that, and a commit each.
`discards`: aiosmtpd with a handler that keeps nothing.
"""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from aiosmtpd.controller import Controller

from bench.season import NOW, Laid, lay
from mail.group_commit import Store
from mail.receiving import store as books
from mail.receiving.recipients import Known
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival

TEAMS = 1000
SYNC_SECONDS = 0.002


def ours(laid: Laid) -> Store:
    return lambda arrivals, now: books.store(laid.db, arrivals, now)


def ours_slow(laid: Laid) -> Store:
    def store(arrivals: Sequence[Arrival], now: datetime) -> None:
        books.store(laid.db, arrivals, now)
        time.sleep(SYNC_SECONDS)

    return store


def each_slow(laid: Laid) -> Store:
    one = ours_slow(laid)

    def store(arrivals: Sequence[Arrival], now: datetime) -> None:
        for arrival in arrivals:
            one([arrival], now)

    return store


OURS: dict[str, Callable[[Laid], Store]] = {"ours": ours, "ours_slow": ours_slow, "each_slow": each_slow}


def _listen(which: str, folder: Path) -> int:
    laid = lay(f"sqlite:///{folder / 'teekond.sqlite'}", TEAMS, members=1)
    known = Known(laid.db, laid.identity)
    listener = Listener(
        ("127.0.0.1", 0),
        hostname=laid.identity.domain,
        known=known,
        store=OURS[which](laid),
        now=lambda: NOW,
        free=lambda: shutil.disk_usage(folder).free,
        at_once=known.at_once,
    )
    listener.start()
    return listener.port


class _Discards:
    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 OK"


def _discard(port: int) -> int:
    Controller(_Discards(), hostname="127.0.0.1", port=port).start()  # type: ignore[no-untyped-call]
    return port


if __name__ == "__main__":
    found = _discard(int(sys.argv[2])) if sys.argv[1] == "discards" else _listen(sys.argv[1], Path(sys.argv[2]))
    print(found, flush=True)
    threading.Event().wait()
