"""A whole rehearsal with very many teams against a tenth of them: the process's own time a team."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Better, Row, Sample

TITLE = "Rehearsing"
ROOT = Path(__file__).resolve().parent.parent
MANY, FEW, MOST = 1000, 100, 1.3


def run(times: int) -> list[Row]:
    del times  # once is many minutes
    many, few = (Sample((_seconds(teams) / teams,), "s") for teams in (MANY, FEW))
    return [
        Row(what=f"a team's time of {MANY}", ours=many, peer=f"of {FEW}", theirs=few, better=Better.LESS, limit=MOST)
    ]


def _seconds(teams: int) -> float:
    """Of processor time, the rehearsal's own process and its children."""
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        before = os.times()
        command = [sys.executable, "teekond.py", "rehearse", "--teams", str(teams), "--out", folder]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system
