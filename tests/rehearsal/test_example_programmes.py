"""Programmes of other shapes, by files alone: each is a config without faults, and the rehearsal plays it to its end in
no language but its own."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.paths import ROOT
from tests.rehearsal.rehearsed import run
from workflow.config.loader import Severity, check, load
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Message
from workflow.rules.mail_kinds import MAIL_KINDS

PROGRAMMES = sorted((ROOT / "docs" / "programmes").glob("*.toml"))
WORDS = {
    "et": r"\b(ja|kui|palun|teie|teile|selle|kirjale|kell|meeskonna?|lugupidamisega|vastake|koordinaator)\b",
    "en": r"\b(the|and|is|please|you|your|this|reply|by|dear|best|regards|of|to)\b",
}
"""words that stand in nearly every mail of a language, and in none of the other"""


def written_in(text: str) -> set[str]:
    """Languages of which there are several words."""
    return {lang for lang, words in WORDS.items() if len(re.findall(words, text, re.IGNORECASE)) > 2}


def test_there_are_twelve_and_each_is_of_another_shape() -> None:
    shapes = set()
    for path in PROGRAMMES:
        one = load(path.read_text(encoding="utf-8"), {}).programme
        stages = tuple(stage.kind for stage in one.stages)
        shapes.add((stages, len(one.groups), one.languages, one.team.alone, len(one.team.kinds)))
    assert len(PROGRAMMES) == len(shapes) == 12


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_a_programme_has_no_faults(path: Path) -> None:
    found = check(path.read_text(encoding="utf-8"), {}, frozenset(MAIL_KINDS))
    assert [one for one in found if one.severity is Severity.FAULT] == []


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_a_programme_is_played_to_its_end_in_its_own_languages(path: Path, tmp_path: Path) -> None:
    config = load(path.read_text(encoding="utf-8"), {})
    summary = run(tmp_path, teams=2, seed=len(path.stem), config=config)
    assert summary.faults == {} and summary.passed
    offered = set(config.programme.languages)
    for message in _mails(tmp_path):
        assert message.lang in offered, message.template
        strange = written_in(f"{message.subject}\n{message.body}") - offered
        assert not strange, (message.template, message.subject, message.body)


def _mails(folder: Path) -> list[Message]:
    db = Database(sqlite_url(folder))
    try:
        with db.reading() as session:
            return list(session.scalars(sa.select(Message)))
    finally:
        db.close()
