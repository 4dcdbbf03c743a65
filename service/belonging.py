"""Whose books a data folder belongs to: a small file in it with the programme's key and the database's address.

Written when the service starts there; looked at by every command, so that one that is led elsewhere (another config,
another database, none) refuses instead of praising empty books. Must never hold a name or password of an account.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import sqlalchemy as sa

from workflow.database import private_files

FILE: Final = "belongs_to.json"


@dataclass(frozen=True, slots=True)
class Belonging:
    """`database`: without the account's name and password; a file within the data folder by its name alone."""

    programme: str
    database: str

    @classmethod
    def of(cls, data: Path, programme: str, url: str) -> "Belonging":
        return cls(programme, _place(data, url))


def check(data: Path, mine: Belonging, config: Path) -> None:
    """Raises click.ClickException where the folder's books are others. A folder that says nothing contradicts
    nobody."""
    theirs = read(data)
    if theirs is None or theirs == mine:
        return
    if theirs.programme != mine.programme:
        raise click.ClickException(
            f"{data} holds the books of the programme {theirs.programme}, and {config} describes {mine.programme}. "
            "Name the two that go together: --config and --data, or TEEKOND_CONFIG and TEEKOND_DATA"
        )
    raise click.ClickException(
        f"the books of {data} are in {theirs.database}, and this command was led to {mine.database}. Give it what the "
        "service is given: TEEKOND_ENV_FILE names the file with its environment. If the books have moved for good, "
        f"delete {data / FILE} and start the service"
    )


def read(data: Path) -> Belonging | None:
    """What the folder says; None where it says nothing, or nothing that can be understood."""
    try:
        said = json.loads((data / FILE).read_text(encoding="utf-8"))
        return Belonging(str(said["programme"]), str(said["database"]))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def write(data: Path, mine: Belonging) -> None:
    """From now on; several processes may do so at once."""
    if read(data) == mine:
        return
    private_files.replace(data / FILE, json.dumps({"programme": mine.programme, "database": mine.database}) + "\n")


def _place(data: Path, url: str) -> str:
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        file, folder = Path(address.database or "").resolve(), data.resolve()
        return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)
    host = str(address.host or address.query.get("host", "")) or "localhost"
    schema = f"?schema={address.query['schema']}" if "schema" in address.query else ""
    return f"{address.get_backend_name()}://{host}:{address.port or 5432}/{address.database}{schema}"
