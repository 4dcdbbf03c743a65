"""Memory of the whole service in one process (pages, receiver, worker): at rest, and after letters have come in over
SMTP and were handled (Linux: the process's own and its share of what it shares), and how many files are open then.
The letters are 2 KB replies over one connection; each is a whole answer.
"""

import os
import re
import smtplib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Better, Row, Sample
from bench.season import NOW, Laid, lay
from workflow.codes import DutyOutcome, LetterStatus
from workflow.database.engine import sqlite_url
from workflow.database.models import Duty, Letter

TITLE = "Memory"
ROOT = Path(__file__).resolve().parent.parent
LETTERS, AT_REST, AFTER, FLAT = 10_000, 120.0, 150.0, 1.5
PATIENCE = 900.0


def run(times: int) -> list[Row]:
    del times  # once is minutes
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        (Path(folder) / "secret_key").write_text("ab" * 32, encoding="ascii")
        (Path(folder) / "secret_key").chmod(0o600)
        laid = lay(sqlite_url(Path(folder)), LETTERS)
        with laid.db.writing() as session:  # what the calendar owed in all the years since is not what is measured
            session.execute(sa.update(Duty).where(Duty.done_at.is_(None)).values(done_at=NOW, outcome=DutyOutcome.DONE))
        process, port = _serve(Path(folder))
        try:
            time.sleep(3)
            rest, few = _resident(process.pid), _open_files(process.pid)
            _send(laid, port)
            _until_handled(laid)
            after, many = _resident(process.pid), _open_files(process.pid)
        finally:
            process.terminate()
            process.wait(60)
        laid.db.close()
    return [
        Row(what="whole service at rest", ours=Sample((rest,), "MiB"), better=Better.LESS, limit=AT_REST),
        Row(what=f"after {LETTERS} letters", ours=Sample((after,), "MiB"), better=Better.LESS, limit=AFTER),
        Row(
            what=f"open files after {LETTERS} letters", ours=Sample((many,), "files"),
            peer="at rest", theirs=Sample((few,), "files"), better=Better.LESS, limit=FLAT,
        ),
    ]  # fmt: skip


def _serve(data: Path) -> tuple["subprocess.Popen[str]", int]:
    command = [
        sys.executable, "teekond.py", "--data", str(data), "serve", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0",
    ]  # fmt: skip
    text = (ROOT / "config.toml").read_text(encoding="utf-8").replace("capacity = 10", "capacity = 1000000")
    config = data / "config.toml"
    text = text.replace("hold = false", "hold = true")  # the programme is long over
    config.write_text(text.replace("size = 5", "size = 500000"), encoding="utf-8")
    command[2:2] = ["--config", str(config)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"mail on port (\d+)", said)
    assert found, said
    return process, int(found[1])


def _send(laid: Laid, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=120) as server:
        for team in range(1, LETTERS + 1):
            sender, to, raw = laid.letter(team)
            server.sendmail(sender, [to], raw)


def _until_handled(laid: Laid) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with laid.db.reading() as session:
            if session.scalar(sa.select(sa.func.count()).where(Letter.status != LetterStatus.NEW)) == LETTERS:
                return
        time.sleep(1)
    raise AssertionError("the letters were not handled in time")


def _resident(pid: int) -> float:
    """In MiB: the process's own pages and its share of what it shares (proportional set size)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
