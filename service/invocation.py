"""Invocation: global options, clock, environment and randomness, handed to every command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mail.limited_reading.reader import Reader
from service import os_errors

if TYPE_CHECKING:
    from service.clocks import Clock
    from workflow.config.loader import Config

MOUNTS: Final = Path("/proc/self/mountinfo")
"""where Linux says which disk lies where"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """`share`: templates and the default config. `secret` makes a secret address's word, `key` a new secret key.
    `programmes`: the folder of several programmes' configs; `programme`: which of them all the rest is about.
    `mounts`: where the system says which disk lies where."""

    config: Path | None
    data: Path
    share: Path
    environ: Mapping[str, str]
    clock: "Clock"
    secret: Callable[[], str]
    key: Callable[[], str]
    verbose: bool = False
    programmes: Path | None = None
    programme: str | None = None
    example: bool = False
    """where no config is named or here, the example that comes with the programme will do"""
    mounts: Path = MOUNTS
    reader: Reader = field(default_factory=Reader)
    """reads letters for all that this process does; starts a process of its own at the first"""

    @property
    def file(self) -> Path:
        """The config named, else the one in this folder; for a demo, the example that comes with the programme."""
        if self.programmes is not None:
            raise click.ClickException("there are several programmes: name one: --programme KEY before the command")
        here = Path("config.toml")
        if self.config is None and not self.example and not here.exists():
            raise click.ClickException(
                f"no config.toml in {Path.cwd()}. Name one with --config or TEEKOND_CONFIG; `teekond config` prints an "
                "example to begin with, and `teekond demo` tries it out"
            )
        return self.config or (here if here.exists() else self.share / "config.toml")

    def make_data_folder(self) -> None:
        """Where there is none yet: the books in it are personal data, and nobody's but their owner's."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def mails(self) -> Path:
        return self.share / "templates" / "email"


def text_of(told: Invocation) -> str:
    """The config file's text, or an exit that says why it cannot be read and what to do."""
    with os_errors.of(told.file, more=". --config names another file"):
        read = told.file.read_bytes()
    try:
        return read.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        raise click.ClickException(f"{told.file}: line {line}: This is not UTF-8. Save the file as UTF-8.") from error


def read_config(told: Invocation) -> "Config":
    """The config, or an exit that names every fault with its place."""
    from workflow.config.faults import ConfigFaults
    from workflow.config.loader import load
    from workflow.rules.mail_kinds import MAIL_KINDS

    text = text_of(told)
    try:
        return load(text, told.environ, MAIL_KINDS)
    except ConfigFaults as faults:
        for fault in faults.faults:
            click.echo(f"{told.file}: {fault.line_text('en')}", err=True)
        raise click.ClickException("the configuration has faults; nothing was started") from faults
