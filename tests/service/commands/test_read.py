"""What `teekond read` imports: as much as one mail needs, and nothing of the database, the pages or the config."""

import json
import os
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

from mail.limited_reading import reader
from tests.case_table import each
from tests.paths import ROOT

HEAVY = {"sqlalchemy", "pydantic", "flask", "alembic", "cryptography", "babel", "rich", "email_validator"}
OF_SOME_LETTERS = {"lxml", "icalendar", "flufl", "authres", "dkim", "dns"}
PLAIN = "From: Mari <mari@example.org>\r\nTo: k@example.org\r\nSubject: Re: Koht\r\n\r\nJAH\r\n"
PAGE = PLAIN.replace("\r\n\r\n", "\r\nContent-Type: text/html\r\n\r\n<p>").replace("JAH", "JAH</p>")
BOUNCE = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@example.org>
To: k@example.org
Subject: Undelivered Mail Returned to Sender

I'm sorry to have to inform you that your message could not be delivered.

<mari@example.org>: user unknown
"""


def loaded(code: str, *args: str) -> set[str]:
    """The modules that a fresh process holds after `code`."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)", *args]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=dict(os.environ))
    return set(done.stderr.split())


def outer(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("more", [(), ("--question", "verify")], ids=["read", "question"])
def test_the_command_itself_imports_no_parser(tmp_path: Path, more: tuple[str, ...]) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_text(PLAIN)
    arguments = ["read", *more, str(mail)]
    held = loaded(f"import teekond\nteekond.main({arguments!r}, standalone_mode=False)")
    assert "mail.limited_reading.reader" in held
    assert not outer(held) & (HEAVY | OF_SOME_LETTERS | {"web"})
    parsers = ("mail.reading.", "workflow.config.", "workflow.database.")
    assert not {name for name in held if name.startswith(parsers)}
    assert "workflow.replies.understand" not in held


HOURS = PLAIN.replace("JAH", "2 h mais")


def test_what_the_question_said_is_told_from_a_file(tmp_path: Path) -> None:
    mail, asked = tmp_path / "mail.eml", tmp_path / "asked.json"
    mail.write_text(HOURS)

    def kind(told: str) -> str:
        asked.write_text(told)
        arguments = ["read", "--question", "hours", "--asked", str(asked), str(mail)]
        code = f"import teekond\nteekond.main({arguments!r}, standalone_mode=False)"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        return str(json.loads(done.stdout)["answer"]["kind"]) if done.returncode == 0 else done.stderr[-300:]

    assert kind('{"period": "2022-05"}') == "hours"
    assert kind('{"period": "2022-07", "sent": "2022-08-01T09:00:00+03:00"}') == "unclear"
    assert "asked.json" in kind('{"roster": [{"team": "x"}]}')
    assert "asked.json" in kind("no JSON")


LETTERS = {
    "plain": (PLAIN, "", set()),
    "asked": (PLAIN, "verify", set()),
    "page": (PAGE, "", {"lxml"}),
    "bounce": (BOUNCE, "", {"flufl"}),
}


@pytest.mark.parametrize("name", LETTERS)
def test_the_reading_process_imports_what_the_letter_needs(name: str) -> None:
    raw, question, needed = LETTERS[name]
    code = f"from mail.handling.letter_json import as_json\nas_json('f', {raw.encode()!r}, {question or None!r})"
    held = loaded(code)
    assert not outer(held) & HEAVY
    assert outer(held) & OF_SOME_LETTERS >= needed
    assert not outer(held) & (OF_SOME_LETTERS - needed) - {"dns"}  # flufl brings a resolver along
    assert ("workflow.replies.understand" in held) == bool(question)


@each("place", sorted(reader._PLAIN))
def test_each_plain_value_that_answers_may_hold_is_a_class(place: tuple[str, str]) -> None:
    assert isinstance(resolve_name(":".join(place)), type)


@each("name", reader.SERVICE_NEEDS)
def test_each_module_that_a_reading_process_imports_is_there(name: str) -> None:
    assert resolve_name(name).__name__ == name
