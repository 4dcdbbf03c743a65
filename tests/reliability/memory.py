"""The memory of a service after letters as large as letters may be: what it took for them is given back.

A real `serve` gets letters of 25 MB at a secret address, some of them at the same time; when all are handled, its
process holds what it held before, give or take 60 MiB. Must never count what the files of the database take in the
system's cache, which is anybody's again.
"""

import base64
import os
import random
import re
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from tests.paths import ROOT
from tests.reliability import open_season
from tests.reliability.correspondents import DOMAIN
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import KEY
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter

MIB = 2**20
GIVE_OR_TAKE = 60 * MIB
SIZE = 24 * MIB
AT_ONCE = 2
SETTLE_SECONDS = 10
"""the last letter's transaction is over a moment before its memory is given back"""
PATIENCE = 300
READY = re.compile(r"http://localhost:(\d+), mail on port (\d+)")


@dataclass(frozen=True, slots=True)
class Service:
    """A running `serve`."""

    pid: int
    port: int
    db: Database
    address: str
    """a secret one"""
    sender: str

    def memory(self) -> int:
        """Bytes of its own: private pages, without those of files."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
        return int(re.findall(r"^Anonymous: +(\d+) kB", text, re.MULTILINE)[0]) * 1024

    def give(self, number: int, size: int) -> None:
        """A letter with one file; returns once it is kept."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=120) as client:
            client.sendmail(self.sender, [self.address], letter(self, number, size))

    def wait(self) -> None:
        """Until all letters are handled."""
        until = time.monotonic() + PATIENCE
        while self._waiting():
            assert time.monotonic() < until, "letters are still not handled"
            time.sleep(0.2)

    def _waiting(self) -> int:
        with self.db.reading() as session:
            return session.scalar(sa.select(sa.func.count()).where(Letter.status == "new")) or 0


def letter(service: Service, number: int, size: int) -> bytes:
    body = base64.encodebytes(random.Random(number).randbytes(size * 3 // 4 * 76 // 78)).replace(b"\n", b"\r\n")
    head = (
        f"From: {service.sender}\r\nTo: {service.address}\r\nSubject: Re: Koosloome {number}\r\n"
        f"Message-ID: <large{number}@example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee fail.\r\n--b\r\n'
        'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="fail.pdf"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + body + b"--b--\r\n"


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """A season with one question open, served."""
    data = folder / "data"
    data.mkdir()
    config = open_season.config_file(folder)
    db = Database(sqlite_url(data))
    task = next(one for one in open_season.lay(db, config, datetime.now(UTC), 1, random.Random(1)) if one.by == "mail")
    words = ["--config", str(config), "--data", str(data), "serve", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "teekond.py"), *words], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TEEKOND_SECRET_KEY": KEY, "TEEKOND_MAIL__RELAY_PORT": "9"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = READY.search(process.stdout.readline())
        assert found, "it does not start"
        yield Service(process.pid, int(found[2]), db, f"r-{task.secret}@{DOMAIN}", task.address)
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        db.close()


def grown(folder: Path, letters: int, size: int = SIZE) -> int:
    """Bytes that the service has more than before, once all of these letters are handled."""
    with serving(folder) as service, ThreadPoolExecutor(AT_ONCE) as pool:
        service.give(0, 20_000)  # whatever a first letter loads is loaded
        service.wait()
        before = service.memory()
        list(pool.map(lambda number: service.give(number, size), range(1, letters + 1)))
        service.wait()
        until = time.monotonic() + SETTLE_SECONDS
        while service.memory() - before > GIVE_OR_TAKE and time.monotonic() < until:
            time.sleep(0.2)
        return service.memory() - before


def run(scale: Scale) -> list[Figure]:
    letters = 100 if scale is Scale.LONG else 8
    with tempfile.TemporaryDirectory(prefix="teekond-memory-") as folder:
        more = grown(Path(folder), letters)
    return [Figure(
        promise="memory after the largest letters is what it was before", asked=f"± {GIVE_OR_TAKE // MIB} MiB",
        measured=f"{more // MIB:+} MiB", done=f"{letters} letters of 24 MiB to a secret address",
        holds=abs(more) <= GIVE_OR_TAKE,
    )]  # fmt: skip
