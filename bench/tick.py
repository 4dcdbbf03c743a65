"""A tick of the calendar with nothing due, with very many teams and their duties ahead against a few. The process's own
time, so that whoever else uses the machine does not count.
"""

import tempfile
import time
from pathlib import Path

from bench.figures import Better, Row, in_turn
from bench.season import NOW, Laid, lay
from workflow import calendar
from workflow.database import sqlite_url

TITLE = "Calendar"
MANY, FEW, TICKS, MOST = 100_000, 100, 300, 1.5


def run(times: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        laid = []
        for teams in (MANY, FEW):
            place = Path(folder) / str(teams)
            place.mkdir()
            laid.append(lay(sqlite_url(place), teams, members=1))
        many, few = in_turn([lambda one=one: _tick(one) for one in laid], times, "ms")
        for one in laid:
            one.db.close()
    what = f"tick with nothing due, {MANY} teams"
    return [Row(what=what, ours=many, peer=f"{FEW} teams", theirs=few, better=Better.LESS, limit=MOST)]


def _tick(laid: Laid) -> float:
    """In milliseconds."""
    calendar.tick(laid.season, laid.db, NOW)
    began = time.process_time()
    for _ in range(TICKS):
        assert calendar.tick(laid.season, laid.db, NOW) == 0
    return (time.process_time() - began) / TICKS * 1000
