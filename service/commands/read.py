"""Command `read`: shows what the service understands of a mail. It opens no database."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from mail.handling.asked_json import from_json
from mail.handling.letter_json import as_json
from mail.limited_reading.reader import OverLimit, Reader, ReaderBroke
from service import os_errors
from workflow.rules.questions import QuestionKind


@click.command()
@click.option(
    "--question",
    metavar="KIND",
    type=click.Choice([k.value for k in QuestionKind]),
    help="Interpret the mail as an answer to this kind of question.",
)
@click.option(
    "--asked",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What the question had said, as JSON: its sessions, roster, period, team, person … (docs/mail.md).",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read(question: str | None, asked: Path | None, files: tuple[Path, ...]) -> None:
    """Show what the service understands of each mail, as one JSON object a line."""
    told = _told(asked) if asked else None
    reader = Reader(
        needs=("mail.reading.letter", *(("mail.handling.asked_json", "mail.handling.reply_text") if question else ()))
    )
    for file in files:
        with os_errors.of(file):
            raw = file.read_bytes()
        try:
            said = reader.call(as_json, str(file), raw, question, told)
        except (OverLimit, ReaderBroke) as error:
            raise click.ClickException(f"{file}: {error}") from error
        click.echo(json.dumps(said, ensure_ascii=False))


def _told(file: Path) -> dict[str, Any]:
    """What the question had said; a fault of the file is the caller's to mend, and said before any mail is read."""
    with os_errors.of(file):
        given = file.read_bytes()
    try:
        told = json.loads(given)
        from_json(told, date(1970, 1, 1))
    except ValueError as error:
        raise click.ClickException(f"{file}: {error}") from error
    return dict(told)
