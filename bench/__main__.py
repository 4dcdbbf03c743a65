"""Runs the bench modules and writes their tables into bench/RESULTS.md, with machine, versions and date.

`python -m bench` runs all; `python -m bench tick memory` those two, and leaves the other tables as they were.
"""

import argparse
import importlib
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from bench.figures import Row, table
from bench.peers import NotHere

MODULES = (
    "reading", "receiving", "handling", "sending", "pages", "workers", "tick", "startup",
    "memory", "rehearsing", "durable",
)
RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
VERSIONS = ("sqlalchemy", "transitions", "aiosmtpd", "jinja2", "lxml", "psycopg")
HEAD = """# Figures

Written by `make bench`; one table a subject. Ratios are ours to the peer's, both taken in the same run, so that a
slower machine does not look like slower code. Spread: the lowest and highest run beside the median.
"""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("modules", nargs="*", choices=[[], *MODULES], help="which (all)")
    options.add_argument("--times", type=int, default=5, help="runs of each measurement (5)")
    given = options.parse_args()
    failed = 0
    for name in given.modules or MODULES:
        module = importlib.import_module(f"bench.{name}")
        rows = _run(module, given.times)
        _write(_section(module, rows))
        failed += sum(row.holds is False for row in rows)
    return 1 if failed else 0


def _run(module: ModuleType, times: int) -> list[Row]:
    print(f"{module.TITLE} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    try:
        rows: list[Row] = module.run(times)
    except NotHere as why:
        rows = [Row(what=module.TITLE, left_out=str(why))]
    print(table(rows), f"({time.monotonic() - began:.0f} s)\n", sep="", flush=True)
    return rows


def _section(module: ModuleType, rows: Sequence[Row]) -> str:
    about = (module.__doc__ or "").strip()
    return f"## {module.TITLE}\n\n{about}\n\n{table(rows)}\n{_where()}\n"


def _where() -> str:
    found = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {machine} · Python {platform.python_version()}, {found}"


def _write(section: str) -> None:
    """Put the section where it stood, else at the end."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    head, *sections = old.split("\n## ")
    title = section.partition("\n")[0]
    kept = [f"## {one}".strip() for one in sections]
    places = [i for i, one in enumerate(kept) if one.partition("\n")[0] == title]
    if places:
        kept[places[0]] = section.strip()
    else:
        kept.append(section.strip())
    RESULTS.write_text("\n\n".join((head.strip(), *kept)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
