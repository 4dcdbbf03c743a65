"""Command `rehearse`: simulates a whole programme on a fresh database (see `rehearsal/`)."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

try:
    from rich.console import Console
    from rich.progress import Progress
except ModuleNotFoundError as missing:
    raise click.ClickException(
        "a rehearsal needs rich: pip install --require-hashes -r service.lock, or 'teekond[rehearsal]'"
    ) from missing

from rehearsal import run, setting
from service import os_errors
from service.assembly import build_house
from service.invocation import Invocation, read_config
from service.running import components
from workflow.audit import replay
from workflow.config.loader import Config
from workflow.database.engine import sqlite_url


@click.command()
@click.option(
    "--teams", type=click.IntRange(1, 1000), default=14, show_default=True, help="How many invented teams apply."
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same rehearsal.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="Where summary.json, report.html and the database are written.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Record what the state machine was asked and decided, without names, for the tests to replay.",
)
@click.pass_obj
def rehearse(told: Invocation, teams: int, seed: int, out: Path, record: Path | None) -> None:
    """Simulate the whole season in a minute: invented people, real SMTP on loopback, results counted independently."""
    told = replace(told, example=True)
    config, recorders = read_config(told), list[replay.Recorder]()
    if record is not None:  # a path that cannot be written to is found out before the season, not after
        with os_errors.of(record):
            record.touch()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rehearsing", total=None)
        summary = run.rehearse(
            setting.Setting(
                config=config, out=out, teams=teams, seed=seed, open_house=_opener(told, config, recorders),
                timer=time.monotonic, progress=lambda done, of: bar.update(task, completed=done, total=of),
            )
        )  # fmt: skip
    if record is not None:
        with os_errors.of(record):
            record.write_text("".join(recorder.text() for recorder in recorders), encoding="utf-8")
    for line in told_of(summary, out):
        click.echo(line)
    raise SystemExit(0 if summary.passed else 1)


def told_of(summary: setting.Summary, out: Path) -> Iterator[str]:
    """What came of it; each reason why it did not pass, and where to read on."""
    counts = {"wrong moves": summary.wrong_moves, "lost": summary.lost, "duplicates": summary.duplicates}
    counts |= {"unread": summary.unread, "stale notices": summary.stale, "false silences": summary.false_silences}
    ended = ", ".join(f"{state} {n}" for state, n in sorted(summary.teams.items()))
    yield f"{ended} in {summary.seconds:.0f} s. " + ", ".join(f"{k}: {v}" for k, v in counts.items())
    if any(counts.values()):
        yield f"What went wrong stands in {out / 'faults.json'}."
    if summary.not_shown:
        yield (f"Not shown: {', '.join(summary.not_shown)}. Each kind of question should be answered both by mail and "
               "by form; with few teams some are not. A note, no fault; more show with --teams 14.")  # fmt: skip
    if summary.loads:
        yield f"Mails begun by the service: {summary.begun}. " + "; ".join(
            f"{role} {load.median:g} (at most {load.most}, {load.week} a week)" for role, load in summary.loads.items()
        )
    if summary.over:
        yield f"More mail than people are to get: {'; '.join(summary.over)}."
    yield f"Read {out / 'report.html'}."


def _opener(told: Invocation, config: Config, recorders: list[replay.Recorder]) -> setting.OpenHouse:
    """The service on a fresh database and the rehearsal's clock; its mail goes where the rehearsal sends it."""

    def open_house(folder: Path, clock: setting.Clock, base_url: str) -> setting.House:
        for old in folder.glob("teekond.sqlite*"):
            old.unlink()  # a rehearsal begins on a fresh database, whatever ran here before
        apart = replace(told, data=folder)
        house = build_house(apart, config, clock.now(), base_url=base_url, url=sqlite_url(folder))
        recorders.append(replay.Recorder(house.season.machine))
        house.season.machine.witness = recorders[-1]
        return setting.House(
            db=house.db, season=house.season, inbox=house.inbox, build=house.build, app=components.pages(house, clock)
        )

    return open_house
