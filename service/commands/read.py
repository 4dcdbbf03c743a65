"""The command that shows what the service understands of a mail. It opens no database."""

import json
from pathlib import Path

import click

from mail.handling import letter_json as reading
from workflow.rules.questions import QuestionKind


@click.command()
@click.option(
    "--question",
    metavar="KIND",
    type=click.Choice([k.value for k in QuestionKind]),
    help="Understand the mail as an answer to this kind of question.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read(question: str | None, files: tuple[Path, ...]) -> None:
    """What the service understands of each mail, one JSON object a line."""
    for file in files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from error
        click.echo(json.dumps(reading.as_json(str(file), raw, question), ensure_ascii=False))
