"""Teekond's root and command line: reads the clock, the environment and chance, which nobody else may, and hands them
on to the command that is asked for. What a command does is in `service/`. Imported by nobody.
"""

import importlib
import keyword
import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

HERE = Path(__file__).resolve().parent
SHARE = HERE / "teekond_share" if (HERE / "teekond_share").is_dir() else HERE
"""templates and the default config: beside this file in a checkout, in a folder of their own in the wheel"""

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

COMMANDS = {
    "demo": ("run", "Run a demo in one process, on a simulated clock; no mail is sent out."),
    "serve": ("run", "Run everything: pages, receiver and worker in one process."),
    "web": ("run", "Run the web pages only."),
    "receive": ("run", "Run the mail receiver only; a worker handles what it stores."),
    "work": ("run", "Run a worker only: handles letters, performs duties, sends mail."),
    "doctor": ("doctor", "Check the installation: mail out and back, DNS, database, disk."),
    "config": ("configure", "Print the example config, to begin with."),
    "schema": ("schema", "Print the JSON Schema of config.toml, for editors."),
    "check": ("configure", "Check the config and the mail templates."),
    "init": ("configure", "Write next year's config from this one."),
    "change": ("configure", "Preview and apply config changes in mid-season."),
    "key": ("keys", "List, rotate and retire the secret keys."),
    "backup": ("backup", "Back up the database while the service runs."),
    "restore": ("backup", "Restore a backup into an empty database."),
    "verify": ("backup", "Check the integrity of the database."),
    "import": ("sheets", "Bring in applications, guests and staff from XLSX, ODS or CSV."),
    "daily": ("backup", "Verify and back up, keep the newest copies; for a timer."),
    "person-data": ("people", "Export a person's data (GDPR art. 15)."),
    "forget": ("people", "Erase a person (GDPR art. 17)."),
    "retention": ("people", "Erase what is older than [retention] allows."),
    "reset-second-factor": ("people", "Remove a person's second factors and sign them out."),
    "hold": ("mail_hold", "Emergency stop: hold all outgoing mail."),
    "release": ("mail_hold", "Show held mail and release it."),
    "read": ("read", "Show what is understood of a mail, as JSON."),
    "rehearse": ("rehearse", "Simulate a whole season with invented people."),
}
"""each command's module in service/commands/, where it is the function of the same name (- as _), and its line in the
list of commands: written here, so that showing the list imports no command"""


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
    """Imports a command's module when that command is asked for, and none for the list of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"service.commands.{COMMANDS[cmd_name][0]}")
        name = cmd_name.replace("-", "_")
        found = getattr(module, f"{name}_" if keyword.iskeyword(name) else name)
        assert isinstance(found, click.Command)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Whatever the command: what a folder, disk or database refuses it is said in one sentence."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from service import refused_writes  # imported here: most commands need it not

            if not (says := refused_writes.sentence(error)):
                raise
            raise click.ClickException(says) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=Commands)
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The config file (default: config.toml here)."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the database and the secret key are kept (default: data).",
)
@click.option(
    "--programmes",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Several programmes in one installation: a folder with KEY.toml for each.",
)
@click.option("--programme", metavar="KEY", help="With --programmes: the one that the command is about.")
@click.option("--verbose", is_flag=True, help="Log more.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=lambda *said: _show_version(*said),
              help="Show the version and exit.")
@click.pass_context
def main(
    ctx: click.Context,
    config: Path | None,
    data: Path | None,
    folder: Path | None,
    programme: str | None,
    verbose: bool,
) -> None:
    """Teekond runs a programme by small forms and replies to email.

    TEEKOND_CONFIG, TEEKOND_DATA and TEEKOND_PROGRAMMES stand for the first three options; TEEKOND_ENV_FILE names a file
    with the service's environment, for commands that are typed by hand.
    """
    os.umask(0o077)  # whatever is written is its owner's alone, in folders of others too
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("teekond.security").setLevel(logging.INFO)  # who came in belongs into every log
    logging.getLogger("teekond.outage").setLevel(logging.CRITICAL)  # until the service runs: a command says it itself
    if config and folder:
        raise click.UsageError("--programmes stands instead of --config")
    from service.invocation import Invocation  # imported here: the list of commands needs it not

    _read_environment_file()
    if config is None and folder is None:
        config, folder = _named("CONFIG"), _named("PROGRAMMES")
    if folder is not None and config is not None:
        raise click.UsageError("TEEKOND_PROGRAMMES stands instead of TEEKOND_CONFIG: unset one of them")
    if programme and not folder:
        raise click.UsageError("--programme KEY goes with --programmes")
    told = Invocation(
        config=config,
        data=data or _named("DATA") or Path("data"),
        share=SHARE,
        environ=os.environ,
        clock=SystemClock(),
        secret=new_secret,
        key=new_key,
        verbose=verbose,
        programmes=folder,
    )
    if programme:
        from service import programmes

        told = programmes.one(told, programme)
    ctx.obj = told


def _show_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from service.version import version  # imported here: nothing else needs it at once

        click.echo(f"teekond {version()}")
        ctx.exit()


def _named(what: str) -> Path | None:
    """A path that the environment names; None where it names none."""
    return Path(found) if (found := os.environ.get(f"TEEKOND_{what}")) else None


def _read_environment_file() -> None:
    """What the process itself was given goes before what stands in the file."""
    if (file := _named("ENV_FILE")) is not None:
        from service import environment_file  # imported here: mostly there is none

        for name, value in environment_file.read(file).items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    main()
