"""docs/reliability.md: a summary for the operator, then what was promised, asked and measured, where and when.

The harnesses' part and the mutants' part are each written by a command; the summary is made of the harnesses' figures.
Must never write a figure that was not just measured.
"""

import os
import platform
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from tests import conftest
from tests.paths import ROOT
from tests.reliability.figures import Figure

PAGE = ROOT / "docs" / "reliability.md"
HEAD = """# Reliability: what happens when something breaks

**In short:** an answer that was acknowledged is not lost and not counted twice, whatever breaks; when the fault is
over the service goes on by itself. The one thing that can happen twice is a mail: one that was being sent at the
moment of a crash may arrive a second time, with the same Message-ID. This page is for whoever decides whether to
trust the service and looks after its server; each line is tested by breaking a real service on purpose. {when}

| when … | the service … | measured |
| --- | --- | --- |
{summary}
**What is left to you:** back up the database and the secret key ([operating.md](operating.md#backup-and-restore)),
let systemd restart a process that ended, watch `/readyz`, and see to the alerts that the coordinator gets by mail.
One machine is enough for any of this; a second one (on PostgreSQL) keeps the pages up while the first is down.

**What these tests do not show:** a disk that says "written" and has not, the loss of a machine without a backup,
faults of the mail server behind the relay, and mistakes by whoever holds the keys.

The rest of the page is for engineers.

## How it is measured

The harnesses in `tests/reliability/` break the service on purpose and count. Each keeps records of its own and
compares them with the database; each says how much it did, and fails where that is nothing. `make harden` runs their
long versions, two at a time, and writes their part of this page; `make mutants` breaks the source in one way at a
time and writes the other: a harness that does not notice its mutants proves nothing. `make test` runs the short
versions.

| harness | breaks | shows |
| --- | --- | --- |
{more}
Invariants, checked after each (`tests/reliability/invariants.py`): I1 an acknowledged letter is stored; I2 every
stored letter is in exactly one state; I3 a team's state is what its history adds up to; I4 a transition has one
cause, and that cause no second one; I5 the mails a transition causes exist, each with a Message-ID of its own; I6
nothing is written to anybody after they left.

SIGKILL does not test the disk: what the kernel took it still writes. That is `fsync`'s part: its power cuts are made
from the system calls of a run, and what no sync vouched for is lost, or half lost, sector by sector. No plug was
pulled.

Beside the harnesses, `python -m tests.mail.reading.test_fuzz --seed N --first M` reads mails that nobody ever wrote
with a seed of one's own. Read on 2026-11-29 and 30 with the seed 20261129: 1,001,000, each as the reader of letters
does it and every tenth as an answer too, the last 150,000 by the reader that weighs. None raised, none was left unread,
the longest took 0.42 s.

The soak (`python -m tests.reliability soak --minutes 60 --rate 3`) ran its hour on each database on 2026-11-30, on 2
cores beside other work (load 8 to 14), on the code before that day's changes. SQLite: 14,689 letters and 1,547 forms;
0 lost, 0 wrong of 10,089 answers, 0 stored twice; 12,342 mails, 167 of them twice, each of which broke off at the
sink; all was killed 57 times, with 318 single kills, 98 pauses, 58 ends, the disk full 3 times and the write lock
held 7 times. PostgreSQL: 14,173 letters and 1,525 forms; 0 lost, 0 wrong of 9,926; 12,218 mails, 141 twice, all
explained; the database stopped 10 times, all was killed 42 times, with 290 single kills, 92 pauses and 42 ends. The
day before, with less than half of one core, SQLite had not caught up ten minutes after the last letter.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A line of the first page: a fault, what follows, and the promises of the harnesses whose figures show it."""

    when: str
    does: str
    shown: tuple[tuple[str, str], ...]
    """what is counted, in the page's words, and the promise as its harness words it"""


SUMMARY = (
    Promise(
        when="a process crashes or is killed",
        does="loses nothing that was acknowledged; the next process goes on where it stopped",
        shown=(
            ("letters", "An acknowledged letter is never lost, and stored once (SQLite)"),
            ("back at work", "After everything was killed at once letters are handled again (SQLite)"),
        ),
    ),
    Promise(
        when="the power fails",
        does="has every acknowledged letter on the disk, and a database that is whole",
        shown=(("lost", "After a power cut what was acknowledged is there, and the books are whole (SQLite)"),),
    ),
    Promise(
        when="the disk is full",
        does="refuses letters for now (their senders try again) and goes on when there is room",
        shown=(("acknowledged letters", "… what was acknowledged is there, the books are whole"),),
    ),
    Promise(
        when="the database is away",
        does="refuses letters for now, keeps what was typed in a form, and goes on without a restart",
        shown=(("back after", "… and all goes on without a restart when it is back"),),
    ),
    Promise(
        when="the mail relay is away, even for a day",
        does="keeps mails in their order, tries once a minute, and tells the coordinator after five minutes",
        shown=(("mails", "a relay away for long: no mail is lost or sent twice"),),
    ),
    Promise(
        when="one of several machines is cut off or dies",
        does="goes on with the others, which take over its work",
        shown=(
            ("letters", "A machine that is cut off and one that is killed lose nothing"),
            ("taken over", "What a machine held that was cut off in the middle of its statements is let go"),
        ),
    ),
    Promise(
        when="many answer at the same moment",
        does="counts one, tells the others that it was answered, and shows nobody an error",
        shown=(
            ("of 50 answers", "of 50 answers at once one counts (sqlite)"),
            ("errors", "nobody sees an error (sqlite)"),
        ),
    ),
    Promise(
        when="somebody sends a thousand mails, or two machines answer each other",
        does="replies a few times and stops, tells the coordinator, and keeps handling others' mail",
        shown=(
            ("replies", "one sender's storm is answered a few times (sqlite)"),
            ("between machines", "two services that write to each other come to an end"),
        ),
    ),
    Promise(
        when="a letter crashes the process that handles it",
        does="puts it aside for the coordinator after the third try; the others are handled",
        shown=(("such letters", "a letter that kills its worker is parked, and the next ones are read (sqlite)"),),
    ),
    Promise(
        when="the service was off for days, or the clock changes",
        does="sends each reminder once",
        shown=(
            ("reminders after 48 hours off", "asleep over three reminders: one is sent, not three"),
            ("on days when the clock changes", "a reminder on a day on which the clock changes is sent once"),
        ),
    ),
)
NOT_MEASURED = "not measured"
ROW = re.compile(r"^\| (.+?) \| .+? \| (.+?) \| .+? \| (yes|\*\*no\*\*) \|$", re.MULTILINE)
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
    parts = parts_of(before)
    parts[part] = "\n".join(lines)
    PAGE.write_text(page(parts), encoding="utf-8")


def page(parts: Mapping[str, str]) -> str:
    """The whole page: its first part is taken from the figures of the others."""
    more = "".join(f"| `{name}` | {breaks} | {shows} |\n" for name, (breaks, shows) in MORE.items())
    when = re.search(r"^(\d{4}-\d\d-\d\d) ", parts["harnesses"], re.MULTILINE)
    head = (
        HEAD.replace("{when}", f"Figures of {when[1]}." if when else "")
        .replace("{summary}\n", summary(parts["harnesses"]) + "\n")
        .replace("{more}\n", more + "\n")
    )
    written = (f"\n<!-- {name} -->\n{text}\n<!-- end of {name} -->\n" for name, text in parts.items() if text)
    return head + "".join(written)


def summary(harnesses: str) -> str:
    """A line a fault, with what was measured; what was not, or did not hold, is said."""
    measured = {
        promise: figure.removesuffix(" []") if holds == "yes" else f"**not kept: {figure}**"
        for promise, figure, holds in ROW.findall(harnesses)
    }
    lines = (
        f"| {line.when} | {line.does} | "
        + "; ".join(f"{counted}: {measured.get(promise, NOT_MEASURED)}" for counted, promise in line.shown)
        + " |\n"
        for line in SUMMARY
    )
    return "".join(lines)


def parts_of(text: str) -> dict[str, str]:
    return {name: _part(text, name) for name in ("harnesses", "mutants")}


def _part(page: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end of {name} -->", page, re.DOTALL)
    return found[1] if found else ""
