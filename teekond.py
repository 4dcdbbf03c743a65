"""Teekond's root and command line: reads the clock, the environment and chance, which nobody else may, and hands them
on to the command that is asked for. What a command does is in `service/`. Imported by nobody.
"""

import importlib
import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from service import programmes
from service.invocation import Told

HERE = Path(__file__).resolve().parent
SHARE = HERE / "teekond_share" if (HERE / "teekond_share").is_dir() else HERE
"""templates and the default config: beside this file in a checkout, in a folder of their own in the wheel"""

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

COMMANDS = {
    "demo": "run",
    "serve": "run",
    "web": "run",
    "receive": "run",
    "work": "run",
    "doctor": "doctor",
    "check": "configure",
    "init": "configure",
    "change": "configure",
    "key": "keys",
    "backup": "backup",
    "restore": "backup",
    "verify": "backup",
    "person-data": "people",
    "forget": "people",
    "retention": "people",
    "reset-second-factor": "people",
    "read": "read",
    "rehearse": "rehearse",
}
"""each command and its room in service/commands/, where it is the function of the same name (- as _)"""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def new_secret() -> str:
    """130 bits of lower-case letters and digits: what stands in a secret address."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))


def new_key() -> str:
    """256 bits: what secret addresses, links and sessions are sealed with."""
    return secrets.token_hex(32)


class Commands(click.Group):
    """Loads a command's room when it is asked for: a service that runs holds nothing of a rehearsal."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        room = COMMANDS.get(cmd_name)
        if room is None:
            return None
        found = getattr(importlib.import_module(f"service.commands.{room}"), cmd_name.replace("-", "_"))
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Commands)
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The programme (default: config.toml here)."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Where the database and the secret key are kept.",
)
@click.option(
    "--programmes",
    "folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Several programmes in one installation: a folder with KEY.toml for each.",
)
@click.option("--programme", metavar="KEY", help="Of these programmes the one that the command is about.")
@click.option("--verbose", is_flag=True, help="Say more in the log.")
@click.pass_context
def main(
    ctx: click.Context, config: Path | None, data: Path, folder: Path | None, programme: str | None, verbose: bool
) -> None:
    """Teekond: a programme's workflow, driven by small forms and by replies to email."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("teekond.security").setLevel(logging.INFO)  # who came in belongs into every log
    if (config and folder) or (programme and not folder):
        raise click.UsageError("--programmes stands instead of --config; --programme KEY goes with --programmes")
    told = Told(
        config=config,
        data=data,
        share=SHARE,
        environ=os.environ,
        clock=SystemClock(),
        secret=new_secret,
        key=new_key,
        verbose=verbose,
        programmes=folder,
    )
    ctx.obj = programmes.one(told, programme) if programme else told


if __name__ == "__main__":
    main()
