"""`make mutants`: each harness is run against a copy of the source with one mistake in it, and must fail.

First each runs against an unchanged copy, and must hold: a copy that cannot run proves nothing. Must never touch the
source itself.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.paths import ROOT
from tests.reliability import report
from tests.reliability.mutant import Mutant
from tests.reliability.mutant_list import MUTANTS

ROOMS = ("service", "workflow", "mail", "web", "rehearsal", "templates", "tests")
COPIED = ("teekond.py", "config.toml", "pyproject.toml", *ROOMS)
TIMEOUT = 1800
UNCHANGED = "none"
"""what stands in a mutant's place where nothing was changed"""


class DoesNotApply(Exception):
    """The source has changed and the patch has not."""


class CouldNotRun(Exception):
    """The harness ended without figures: nothing is known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`noticed` by the figure that `said` tells of; None where the harness could not run, and `said` tells why."""

    mutant: str
    harness: str
    noticed: bool | None
    said: str
    seconds: float


@contextmanager
def copy(mutant: Mutant | None) -> Iterator[Path]:
    """A copy of the source, with the mutant's mistake in it."""
    with TemporaryDirectory(prefix="teekond-mutant-") as folder:
        for name in COPIED:
            _copy(ROOT / name, Path(folder) / name)
        for file, text in (mutated(mutant) if mutant else {}).items():
            (Path(folder) / file).write_text(text, encoding="utf-8")
        yield Path(folder)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def mutated(mutant: Mutant) -> dict[str, str]:
    """The files of a mutant as they are with its mistake. Raises DoesNotApply."""
    files: dict[str, str] = {}
    for edit in mutant.edits:
        text = files.get(edit.file) or (ROOT / edit.file).read_text(encoding="utf-8")
        if text.count(edit.old) != 1:
            raise DoesNotApply(f"{mutant.name}: {edit.file} has {text.count(edit.old)} times {edit.old!r}")
        files[edit.file] = text.replace(edit.old, edit.new)
    return files


def run_in(tree: Path, harness: str) -> list[dict[str, object]]:
    """The figures of the harness's short version in that copy, or what became of the test. Raises CouldNotRun."""
    return _tested(tree, harness) if is_test(harness) else _measured(tree, harness)


def is_test(harness: str) -> bool:
    return "::" in harness


def _tested(tree: Path, test: str) -> list[dict[str, object]]:
    """One figure. What was left out or could not begin has neither passed nor failed."""
    done = _run(tree, "pytest", "-n", "0", "-p", "no:cacheprovider", "--color", "no", "-q", "-rA", test)
    lines = done.stdout.splitlines()
    passed, failed = ([line for line in lines if line.startswith(said)] for said in ("PASSED ", "FAILED "))
    if bool(failed) is not (done.returncode == 1) or not (passed or failed) or done.returncode > 1:
        raise CouldNotRun(f"{test} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    why = failed[0].partition(" - ")[2] if failed else f"{len(passed)} pass"
    return [{"promise": test.partition("::")[2], "measured": why, "holds": not failed}]


def _run(tree: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "400",  # else pytest has no room for why
    }
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=tree, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip


def _measured(tree: Path, harness: str) -> list[dict[str, object]]:
    out = tree / "figures.json"
    done = _run(tree, "tests.reliability", harness, "--short", "--json", str(out))
    if not out.exists():
        raise CouldNotRun(f"{harness} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    found: list[dict[str, object]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def judge(mutant: Mutant | None, harness: str) -> Verdict:
    """Whether the harness notices; of an unchanged copy (no mutant), whether it finds a fault where there is none."""
    began = time.monotonic()
    with copy(mutant) as tree:
        figures = run_in(tree, harness)
    failed = [figure for figure in figures if not figure["holds"]]
    said = f"{failed[0]['promise']}: {failed[0]['measured']}" if failed else f"all {len(figures)} figures hold"
    return Verdict(mutant.name if mutant else UNCHANGED, harness, bool(failed), said, time.monotonic() - began)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.mutants")
    parser.add_argument("names", nargs="*", help="parts of names; of all, where none is given, a page is written")
    parser.add_argument("--lanes", type=int, default=1, help="so many at a time")
    given = parser.parse_args(words)
    chosen = [m for m in MUTANTS if not given.names or any(part in m.name for part in given.names)]
    for mutant in chosen:
        mutated(mutant)
    harnesses = [*sorted({m.harness for m in chosen}), *(m.harness for m in chosen)]
    controls: list[Mutant | None] = [None] * (len(harnesses) - len(chosen))
    lines, bad = ["| mistake | harness | noticed | by |", "| --- | --- | --- | --- |"], 0
    with ThreadPoolExecutor(given.lanes) as pool:
        for verdict in pool.map(_tried, [*controls, *chosen], harnesses):
            line, right = _told(verdict)
            lines.append(line)
            bad += not right
    if not given.names:
        report.write_mutants(lines)
    return 1 if bad else 0


def _tried(mutant: Mutant | None, harness: str) -> Verdict:
    """What the others find is not lost because one cannot run."""
    try:
        return judge(mutant, harness)
    except (CouldNotRun, subprocess.TimeoutExpired) as why:
        return Verdict(mutant.name if mutant else UNCHANGED, harness, None, str(why), 0)


def _told(verdict: Verdict) -> tuple[str, bool]:
    """A line of the page, and whether it is as it should be; says so on the way."""
    control = verdict.mutant == UNCHANGED
    right = verdict.noticed is (not control)
    told = "holds" if control else "yes"
    if not right:
        told = "**could not run**" if verdict.noticed is None else "**does not hold**" if control else "**no**"
    said = " ".join(verdict.said.replace("|", "\\|").split())[:300]
    judged = "right" if right else "WRONG"
    print(f"{judged}: {verdict.mutant} ({verdict.harness}, {verdict.seconds:.0f} s): {said}", flush=True)
    return f"| {verdict.mutant} | `{verdict.harness}` | {told} | {said} |", right


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
