"""`make harden`: every harness in its long version, and docs/reliability.md with what was found.

`python -m tests.reliability`           all of them, long; writes the page; 1 where a figure does not hold
`python -m tests.reliability kill`      only these; says what it found and writes nothing
`… --short`                             the versions that stand among the tests
`… --lanes N`                           so many of them at a time, each in a process of its own
`… --json FILE`                         the figures as JSON besides
`python -m tests.reliability soak --minutes 60 --database sqlite|postgresql`
                                        mixed load for so long while everything breaks; stands beside all of them
"""

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.reliability import report, soak
from tests.reliability.figures import Figure, Scale

HARNESSES = (
    "kill", "kill_postgresql", "faults", "fsync", "races", "leases", "outages", "storms", "machines", "bad_disk",
    "memory",
)  # fmt: skip
"""modules of this folder with a `run(scale)`; one that breaks other things adds its line here"""
SOAK = "soak"
"""runs for as long as one likes, and so only where it is asked for"""
LONGEST = ("races", "faults", "leases", "kill_postgresql")
"""with lanes these begin first, so that all lanes end at about the same time"""


def harness(name: str) -> Callable[[Scale], list[Figure]]:
    run: Callable[[Scale], list[Figure]] = importlib.import_module(f"tests.reliability.{name}").run
    return run


def measure(names: Sequence[str], scale: Scale) -> list[report.Section]:
    """Each harness's figures; one that finds nothing to measure has failed."""
    found = []
    for name in names:
        print(f"{name} …", flush=True)
        began = time.monotonic()
        figures = _tried(name, scale) or [_nothing(name, "it measured nothing")]
        found.append(report.Section(name, tuple(figures), time.monotonic() - began))
        for figure in figures:
            print(f"  {'holds' if figure.holds else 'DOES NOT HOLD'}: {figure.promise}: {figure.measured}", flush=True)
    return found


def measure_in_lanes(names: Sequence[str], scale: Scale, lanes: int) -> list[report.Section]:
    """The same, so many harnesses at a time: some wait where others work."""
    with tempfile.TemporaryDirectory(prefix="teekond-harden-") as folder, ThreadPoolExecutor(lanes) as pool:
        by_length = sorted(names, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
        found = {name: pool.submit(_apart, name, scale, Path(folder)) for name in by_length}
        return [found[name].result() for name in names]


def _apart(name: str, scale: Scale, folder: Path) -> report.Section:
    """A harness in a process of its own."""
    out, began = folder / f"{name}.json", time.monotonic()
    command = [sys.executable, "-m", "tests.reliability", name, "--json", str(out)]
    ended = subprocess.run(command + ["--short"] * (scale is Scale.SHORT), cwd=report.ROOT, check=False)
    figures = [Figure(**one) for one in json.loads(out.read_text(encoding="utf-8"))] if out.exists() else []
    figures = figures or [_nothing(name, f"its process ended with {ended.returncode}")]
    return report.Section(name, tuple(figures), time.monotonic() - began)


def _soaked(kind: str, minutes: float, rate: float) -> int:
    figures = soak.on(kind, minutes, rate)
    for figure in figures:
        print(f"  {'holds' if figure.holds else 'DOES NOT HOLD'}: {figure.promise}: {figure.measured}", flush=True)
    print(figures[0].done)
    return 0 if all(figure.holds for figure in figures) else 1


def _tried(name: str, scale: Scale) -> list[Figure]:
    """What a long run found before is not lost because one harness breaks off; a short one says where it broke."""
    try:
        return harness(name)(scale)
    except Exception as error:
        if scale is Scale.SHORT:
            raise
        traceback.print_exc()
        return [_nothing(name, f"it broke off: {type(error).__name__}: {error}")]


def _nothing(name: str, why: str) -> Figure:
    return Figure(promise=f"The harness {name}", asked="figures", measured=why, done="nothing", holds=False)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("names", nargs="*", metavar="HARNESS", help=f"some of: {', '.join(HARNESSES)}")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--lanes", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=soak.MINUTES[Scale.LONG], help="of the soak")
    parser.add_argument("--rate", type=float, default=soak.ANSWERS_A_SECOND, help="of the soak: answers a second")
    parser.add_argument("--database", choices=soak.DATABASES, default="sqlite", help="of the soak")
    given = parser.parse_args(words)
    if unknown := set(given.names) - {*HARNESSES, SOAK}:
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")
    if given.names == [SOAK] and not given.short:
        return _soaked(given.database, given.minutes, given.rate)
    names, scale = given.names or HARNESSES, Scale.SHORT if given.short else Scale.LONG
    sections = measure(names, scale) if given.lanes == 1 else measure_in_lanes(names, scale, given.lanes)
    if given.json:
        figures = [asdict(figure) for section in sections for figure in section.figures]
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    if not given.names and not given.short:
        report.write_figures(sections, "make harden")
    return 0 if all(figure.holds for section in sections for figure in section.figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
