"""docs/reliability.md: what is promised, what was measured, where and when. Two parts, each written by its command.

Must never write a figure that was not just measured.
"""

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from tests import conftest
from tests.reliability.figures import Figure

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "reliability.md"
HEAD = """# Nothing lost, nothing done twice: the figures

The harnesses in `tests/reliability/` break the service on purpose and count. Each keeps books of its own and compares
them with the database; each says how much it did, and fails where that is nothing. `make harden` runs their long
versions, two at a time, and writes the first part of this page, `make mutants` breaks the source in a way each and
writes the second: a harness that does not notice its mutants proves nothing. `make test` runs the short versions.

| harness | breaks | shows |
| --- | --- | --- |
{more}
Invariants, checked after each (`tests/reliability/invariants.py`): I1 an acknowledged letter is stored; I2 every
stored letter is in exactly one state; I3 a team's state is what its history adds up to; I4 a transition has one
cause, and that cause no second one; I5 the mails a transition causes exist, each with a Message-ID of its own; I6
nothing is written to anybody after they left.

SIGKILL does not test the disk: what the kernel took it still writes. That is `fsync`'s part. Its power cuts are made
out of the system calls of a run: what no sync vouched for is lost, or half lost, sector by sector. No plug was pulled:
a drive that says "synced" and has not is a drive to replace.
"""
MORE: dict[str, tuple[str, str]] = {
    "kill, kill_postgresql": (
        "SIGKILL to receivers, workers and pages at random moments, and to all at once",
        "what is acknowledged is stored once, has its effect once, and every mail leaves",
    ),
    "faults": (
        "the n-th statement, commit or step of an SMTP dialogue, for every n, with each sort of fault",
        "what a person does is done or not done, and done again it ends where it would have ended",
    ),
    "fsync": (
        "the power, at moments that the service's own system calls tell of",
        "a letter is on the disk before its 250 is sent, and whatever disk is found afterwards keeps every promise",
    ),
    "races": (
        "four processes that do the same at the same moment: answers, the last place, the last hour, undoing",
        "one wins, and nobody sees an error",
    ),
    "leases": (
        "SIGSTOP to a worker in the middle of a letter or a mail; letters that kill whoever reads them",
        "what comes back too late changes nothing; a deadly letter is parked and the next ones are read",
    ),
    "outages": (
        "the relay, the database and the disk; the clock; a service that is down for days",
        "what was acknowledged is there, each thing is done once, and the service goes on by itself",
    ),
    "machines": (
        "five machines in network namespaces of their own: one's cable is pulled and put back, one is killed",
        "nothing is lost, and each answer has its effect once, whichever machine took it",
    ),
    "storms": (
        "thousands of letters from one sender, from forgers, and two services that write to each other",
        "it ends by itself, the coordinator is told once, and others are not kept waiting",
    ),
}
"""what each harness breaks and shows: a line each, by the module's name"""


@dataclass(frozen=True, slots=True)
class Section:
    harness: str
    figures: tuple[Figure, ...]
    seconds: float


def write_figures(sections: Sequence[Section], command: str) -> None:
    lines = [_row(figure) for section in sections for figure in section.figures]
    done = [f"- `{s.harness}`, {s.seconds:.0f} s: {text}." for s in sections for text in _deeds(s)]
    table = ["| promise | asked | measured | over | holds |", "| --- | --- | --- | --- | --- |", *lines]
    _put("harnesses", [f"## Measured by `{command}`", "", *machine(), "", *table, "", "What was done:", "", *done])


def write_mutants(lines: Sequence[str]) -> None:
    _put("mutants", ["## Mutants, by `make mutants`", "", *machine(), "", *lines])


def machine() -> list[str]:
    """Where and when, in a sentence a line."""
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_processor()}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.release()}; Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL "
        f"{_postgresql()}, SQLAlchemy {version('sqlalchemy')}, aiosmtpd {version('aiosmtpd')}."
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _postgresql() -> str:
    try:
        url = sa.make_url(conftest._server().get_uri()).set(drivername="postgresql+psycopg")
        with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
            return str(connection.exec_driver_sql("SHOW server_version").scalar())
    except Exception as error:  # it may be missing here; the harnesses say what that cost them
        return f"none ({type(error).__name__})"


def _row(figure: Figure) -> str:
    cells = (figure.promise, figure.asked, figure.measured, _done(figure), "yes" if figure.holds else "**no**")
    return f"| {' | '.join(map(_cell, cells))} |"


def _deeds(section: Section) -> list[str]:
    return list(dict.fromkeys(figure.done for figure in section.figures))


def _done(figure: Figure) -> str:
    """In the table no more than its beginning: the whole stands below it."""
    return figure.done.partition(",")[0]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _put(part: str, lines: Sequence[str]) -> None:
    """Exchange one part of the page and leave the other as it is."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = {name: _part(before, name) for name in ("harnesses", "mutants")}
    parts[part] = "\n".join(lines)
    more = "".join(f"| `{name}` | {breaks} | {shows} |\n" for name, (breaks, shows) in MORE.items())
    body = "".join(f"\n<!-- {name} -->\n{text}\n<!-- end of {name} -->\n" for name, text in parts.items() if text)
    PAGE.write_text(HEAD.replace("{more}\n", more + "\n") + body, encoding="utf-8")


def _part(page: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end of {name} -->", page, re.DOTALL)
    return found[1] if found else ""
