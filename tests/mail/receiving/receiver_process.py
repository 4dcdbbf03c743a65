"""A receiver in a process of its own, to be killed: `python -m tests.mail.receiving.receiver_process DATABASE [lying]`.

Prints its port. `lying` says 250 before the commit: the test must notice.
"""

import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from mail.receiving import store
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival
from workflow.database.engine import Database

db = Database(sys.argv[1])


def keep(arrivals: Sequence[Arrival], now: datetime) -> None:
    store.store(db, arrivals, now)


def lie(arrivals: Sequence[Arrival], now: datetime) -> None:
    threading.Thread(target=lambda: (time.sleep(0.05), keep(arrivals, now)), daemon=True).start()


listener = Listener(
    ("127.0.0.1", 0),
    hostname="kogu.example.org",
    known=lambda _: True,
    store=lie if "lying" in sys.argv else keep,
    now=lambda: datetime.now(UTC),
)
listener.start()
print(listener.port, flush=True)
threading.Event().wait()
