"""Environment file: the variables of a service as systemd's `EnvironmentFile=` has them, for commands that somebody
types. Pure but for reading the one file.
"""

import re
import shlex
from pathlib import Path
from typing import Final

import click

from service import os_errors

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read(file: Path) -> dict[str, str]:
    """Its variables. Raises click.ClickException where it cannot be read, with the line that is wrong and without what
    stands there, which may be a secret."""
    with os_errors.of(file, more=". TEEKOND_ENV_FILE names it"):
        text = file.read_text(encoding="utf-8", errors="replace")
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        name, equals, value = bare.partition("=")
        try:
            if not equals or not NAME.fullmatch(name):
                raise ValueError
            found[name] = _value(value.strip())
        except ValueError:
            raise click.ClickException(f"{file}: line {number}: write NAME=value, as in systemd's files") from None
    return found


def _value(words: str) -> str:
    """In quotes as a shell has them, else as it stands: a list as in TOML keeps its own quotes."""
    return "".join(shlex.split(words)) if words[:1] in ("'", '"') else words
