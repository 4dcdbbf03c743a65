"""A whole installation as processes: receivers, workers and pages over one database, to be killed and started again.

Knows the command line and nothing behind it, save for `time_passes`: what leases promise is minutes away, and a
harness has seconds. Must only be called for that while no worker lives.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from tests.paths import ROOT
from tests.ports import free_port
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter, Message

START_SECONDS = 60
KEY = "a secret key that only harnesses know"


class FellOver(Exception):
    """A process ended by itself, does not start, or nothing goes on any more: what was promised is not kept."""


class Kind(StrEnum):
    RECEIVE = "receive"
    WORK = "work"
    WEB = "web"


READY = {
    Kind.RECEIVE: re.compile(r"SMTP on port (\d+)"),
    Kind.WORK: re.compile(r"at work()"),
    Kind.WEB: re.compile(r"http://\S+:(\d+)"),
}
PORT_OPTION = {Kind.RECEIVE: "--smtp", Kind.WEB: "--web"}


@dataclass(slots=True)
class Place:
    """One process's place in the installation: who stands in it changes, its port does not."""

    kind: Kind
    number: int
    port: int
    pid: int = 0
    kills: int = 0

    @property
    def name(self) -> str:
        return f"{self.kind}{self.number}"


@dataclass
class Installation:
    """`url` is the database's (SQLite in `folder` where none is given); `relay_port` takes what goes out."""

    folder: Path
    config: Path
    relay_port: int
    url: str | None = None
    counts: Mapping[Kind, int] = field(default_factory=lambda: {Kind.RECEIVE: 2, Kind.WORK: 2, Kind.WEB: 1})
    wrapped_in: tuple[str, ...] = ()
    """words before the nursery's own, such as those of a tracer"""

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.database_url = self.url or sqlite_url(self.data)
        self.places = [
            Place(kind, number, free_port() if kind in PORT_OPTION else 0)
            for kind, many in self.counts.items()
            for number in range(many)
        ]

    def __enter__(self) -> "Installation":
        self.data.mkdir(parents=True, exist_ok=True)
        self._nursery = subprocess.Popen(
            [*self.wrapped_in, sys.executable, "-m", "tests.reliability.process_parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._nursery.stdout is not None
        if self._nursery.stdout.readline() != "ready\n":
            raise RuntimeError("the service cannot even be imported")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for place in self.places:
            if place.pid:
                self.kill(place)
        self._nursery.communicate()

    def of(self, kind: Kind) -> list[Place]:
        return [place for place in self.places if place.kind is kind]

    # -- born and killed --------------------------------------------------------------------------

    def start(self, *places: Place) -> None:
        """All of them, at once; returns when each says that it is ready."""
        said = {place.name: self._bear(place) for place in places}
        for place in places:
            file, before = said[place.name]
            self._wait(lambda p=place, f=file, b=before: self._is_ready(p, f, b), f"{place.name} does not start")

    def kill(self, place: Place) -> None:
        """SIGKILL: no handler runs, nothing is flushed. Returns when it is gone."""
        with suppress(ProcessLookupError):  # it ended by itself; whoever waits for it says so
            os.kill(place.pid, signal.SIGKILL)
        self._wait(lambda: not _alive(place.pid), f"{place.name} does not die")
        place.pid, place.kills = 0, place.kills + 1

    def stop(self, *places: Place) -> None:
        """In order, as SIGTERM asks."""
        for place in places:
            os.kill(place.pid, signal.SIGTERM)
        for place in places:
            self._wait(lambda p=place: not _alive(p.pid), f"{place.name} does not stop")
            place.pid = 0

    def _bear(self, place: Place) -> tuple[Path, int]:
        file = self.folder / f"{place.name}.log"
        file.touch()
        before = file.stat().st_size
        words = ["--config", str(self.config), "--data", str(self.data), place.kind.value]
        if place.kind in PORT_OPTION:
            words += [PORT_OPTION[place.kind], f"127.0.0.1:{place.port}"]
        order = {"words": words, "out": str(file), "env": self._environment()}
        assert self._nursery.stdin is not None and self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        place.pid = int(self._nursery.stdout.readline())
        return file, before

    def _environment(self) -> dict[str, str]:
        return {
            "TEEKOND_SECRET_KEY": KEY,
            "TEEKOND_MAIL__RELAY_HOST": "127.0.0.1",
            "TEEKOND_MAIL__RELAY_PORT": str(self.relay_port),
            "TEEKOND_DATABASE__URL": self.database_url,
            "PYTHONUNBUFFERED": "1",
        }

    def _is_ready(self, place: Place, file: Path, before: int) -> bool:
        if not _alive(place.pid):
            raise FellOver(f"{place.name} ended by itself:\n{file.read_text(errors='replace')[-3000:]}")
        with file.open("rb") as said:
            said.seek(before)
            return READY[place.kind].search(said.read().decode(errors="replace")) is not None

    @staticmethod
    def _wait(true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + START_SECONDS
        while not true():
            if time.monotonic() > end:
                raise FellOver(what)
            time.sleep(0.005)

    def complaints(self) -> list[str]:
        """Lines of the logs that tell of something that went wrong."""
        return self.logged(r" (?:ERROR|CRITICAL) |^\w+Error\b|^Traceback")

    def logged(self, pattern: str) -> list[str]:
        """Lines of the logs in which this is found."""
        files = sorted(self.folder.glob("*.log"))
        lines = (line for file in files for line in file.read_text(errors="replace").splitlines())
        return [line for line in lines if re.search(pattern, line)]


def time_passes(db: Database) -> tuple[int, int]:
    """Leases of the dead run out, and what waits to be tried again need wait no longer: how many letters and mails
    that was. While a worker lives this would be a lie: it would be told that its own lease is over."""
    now = datetime.now(UTC)
    with db.writing() as session:
        letters = session.execute(
            sa.update(Letter)
            .where(Letter.status == "new", sa.or_(Letter.leased_until > now, Letter.next_at > now))
            .values(leased_until=None, next_at=now)
            .returning(Letter.id)
        ).all()
        mails = session.execute(
            sa.update(Message)
            .where(Message.status == "sending", Message.leased_until > now)
            .values(leased_until=now)
            .returning(Message.id)
        ).all()
        session.execute(
            sa.update(Message)
            .where(Message.status.in_(("queued", "uncertain")), Message.next_at > now)
            .values(next_at=now)
        )
    return len(letters), len(mails)


def _alive(pid: int) -> bool:
    """Whether it still runs; one that is dead and not yet taken away does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")
