"""The calendar: a tick with nothing due, with very many teams and their duties ahead against a few; and one duty that
asks thousands of teams for their work, a team's time against that of a duty over a hundred. The process's own time,
so that whoever else uses the machine does not count.
"""

import tempfile
import time
from pathlib import Path

from bench.figures import Better, Row, in_turn
from bench.season import NOW, Laid, lay
from service.running.worker import calm
from workflow.database.engine import sqlite_url
from workflow.database.models import Duty
from workflow.rules.duties import DutyKind
from workflow.schedule import tick

TITLE = "Calendar"
MANY, FEW, TICKS, MOST = 100_000, 100, 300, 1.5
THOUSANDS, MOST_A_TEAM = 2000, 1.3


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
    calm()  # as the worker does when it starts
    _duty(FEW)  # statements and templates are compiled once
    thousands, hundred = in_turn([lambda n=n: _duty(n) for n in (THOUSANDS, FEW)], times, "ms")
    what, asked = f"tick with nothing due, {MANY} teams", f"a duty over {THOUSANDS} teams, a team"
    return [
        Row(what=what, ours=many, peer=f"{FEW} teams", theirs=few, better=Better.LESS, limit=MOST),
        Row(what=asked, ours=thousands, peer=f"{FEW} teams", theirs=hundred, better=Better.LESS, limit=MOST_A_TEAM),
    ]


def _tick(laid: Laid) -> float:
    """In milliseconds."""
    tick.tick(laid.season, laid.db, NOW)
    began = time.process_time()
    for _ in range(TICKS):
        assert tick.tick(laid.season, laid.db, NOW) == 0
    return (time.process_time() - began) / TICKS * 1000


def _duty(teams: int) -> float:
    """All pieces of one duty that asks each team for its work: milliseconds a team."""
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        laid = lay(sqlite_url(Path(folder)), teams)
        with laid.db.writing() as session:
            session.add(Duty(key="asked", kind=DutyKind.WORK_ASK, due_at=NOW, about={"stage": "workshop_2"}))
        began = time.process_time()
        while tick.tick(laid.season, laid.db, NOW):
            pass
        spent = time.process_time() - began
        laid.db.close()
    return spent / teams * 1000
