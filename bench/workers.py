"""Whole answers on PostgreSQL by four worker processes against one: the same letters, claimed with SKIP LOCKED. By the
wall's clock, for several processes are what is measured: with two cores, and the server on them too, twice is the most.
"""

import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from bench import postgres
from bench.figures import Better, Row, in_turn
from bench.season import NOW, lay
from service.running.worker import calm
from workflow.database.models import Letter, Team

TITLE = "Workers on PostgreSQL"
LETTERS, WARM, LEAST = 4000, 20, 1.8
ROOT = Path(__file__).resolve().parent.parent


def run(times: int) -> list[Row]:
    four, one = in_turn((lambda: _rate(4), lambda: _rate(1)), times, "/s")
    return [Row(what="4 workers", ours=four, peer="1 worker", theirs=one, better=Better.MORE, limit=LEAST)]


def _rate(workers: int) -> float:
    with postgres.database() as url:
        laid = lay(url, LETTERS + workers * WARM)
        processes = [_start(url) for _ in range(workers)]
        try:
            for number, process in enumerate(processes):  # statements and templates are compiled once in each
                laid.arrive(range(1 + number * WARM, 1 + (number + 1) * WARM))
                _say(process, "warm")
            warm = workers * WARM
            laid.arrive(range(warm + 1, warm + LETTERS + 1))
            began = time.perf_counter()
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            for process in processes:
                _hear(process)
            spent = time.perf_counter() - began
        finally:
            for process in processes:
                process.kill()
                process.wait()
        with laid.db.reading() as session:
            done = session.scalar(sa.select(sa.func.count()).where(Letter.outcome == "accepted"))
            moved = session.scalar(sa.select(sa.func.count()).where(Team.state == "workshop_2"))
        laid.db.close()
        assert done == moved == LETTERS + warm, (done, moved)
        return LETTERS / spent


def _start(url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.workers", url]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _hear(process)
    return process


def _say(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    _hear(process)


def _hear(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "done", "a worker ended"


def worker(url: str) -> None:
    """Handles all that is there each time a line comes."""
    laid = lay(url, 0)
    calm()
    print("done", flush=True)
    for _ in sys.stdin:
        while laid.inbox.handle_due(laid.db, NOW):
            pass
        print("done", flush=True)


if __name__ == "__main__":
    worker(sys.argv[1])
