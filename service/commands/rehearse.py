"""The command that plays a whole programme: the service built on a fresh database, and given to `rehearsal/`."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from rehearsal import run as rehearsing
from rehearsal import setting
from service.assembly import build_house
from service.invocation import Told, read_config
from service.running import components as parts
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
    help="Write down what the machine was asked and decided, without names, to be asked again by the tests.",
)
@click.pass_obj
def rehearse(told: Told, teams: int, seed: int, out: Path, record: Path | None) -> None:
    """The whole programme in a minute: invented people, real SMTP on loopback, and an independent count."""
    config, recorders = read_config(told), list[replay.Recorder]()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rehearsing", total=None)
        summary = rehearsing.rehearse(
            setting.Setting(
                config=config, out=out, teams=teams, seed=seed, open_house=_opener(told, config, recorders),
                timer=time.monotonic, progress=lambda done, of: bar.update(task, completed=done, total=of),
            )
        )  # fmt: skip
    if record is not None:
        record.write_text("".join(recorder.text() for recorder in recorders), encoding="utf-8")
    for line in told_of(summary, out):
        click.echo(line)
    raise SystemExit(0 if summary.passed else 1)


def told_of(summary: setting.Summary, out: Path) -> Iterator[str]:
    """What came of it; each reason why it did not pass, and where to read on."""
    counts = {"wrong moves": summary.wrong_moves, "lost": summary.lost, "duplicates": summary.duplicates}
    ended = ", ".join(f"{state} {n}" for state, n in sorted(summary.teams.items()))
    yield f"{ended} in {summary.seconds:.0f} s. " + ", ".join(f"{k}: {v}" for k, v in counts.items())
    if any(counts.values()):
        yield f"What went wrong stands in {out / 'faults.json'}."
    if summary.not_shown:
        yield (f"Not shown: {', '.join(summary.not_shown)}. Each kind of question should be answered both by mail and "
               "by form; with few teams some are not. More teams show more: --teams 14.")  # fmt: skip
    yield f"Read {out / 'report.html'}."


def _opener(told: Told, config: Config, recorders: list[replay.Recorder]) -> setting.OpenHouse:
    """The service on a fresh database and the rehearsal's clock; its mail goes where the rehearsal sends it."""

    def open_house(folder: Path, clock: setting.Clock, base_url: str) -> setting.House:
        for old in folder.glob("teekond.sqlite*"):
            old.unlink()  # a rehearsal begins on a fresh database, whatever ran here before
        apart = replace(told, data=folder)
        house = build_house(apart, config, clock.now(), base_url=base_url, url=sqlite_url(folder))
        recorders.append(replay.Recorder(house.season.machine))
        house.season.machine.witness = recorders[-1]
        return setting.House(
            db=house.db, season=house.season, inbox=house.inbox, build=house.build, app=parts.pages(house, clock)
        )

    return open_house
