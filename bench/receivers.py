"""The receivers under test, each in a process of its own that prints its port: `python -m bench.receivers WHICH WHERE`.

`ours`: the product's listener and store on SQLite, with the look-up of every recipient in a season of 1,000 teams.
`discards`: aiosmtpd with a handler that keeps nothing.
"""

import shutil
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller

from bench.season import NOW, lay
from mail.receiving import store as letter_store
from mail.receiving.recipients import Known
from mail.receiving.smtp_server import Listener

TEAMS = 1000


def _listen(folder: Path) -> int:
    laid = lay(f"sqlite:///{folder / 'teekond.sqlite'}", TEAMS, members=1)
    known = Known(laid.db, laid.identity)
    listener = Listener(
        ("127.0.0.1", 0),
        hostname=laid.identity.domain,
        known=known,
        store=lambda arrivals, now: letter_store.store(laid.db, arrivals, now),
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
    found = _discard(int(sys.argv[2])) if sys.argv[1] == "discards" else _listen(Path(sys.argv[2]))
    print(found, flush=True)
    threading.Event().wait()
