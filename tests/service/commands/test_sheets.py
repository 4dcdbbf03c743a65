"""Bringing in from the command line: shown first, taken in with --yes, every fault by its row."""

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.command_line import typed
from tests.laid_books import lay
from tests.paths import ROOT
from tests.workflow.importing.import_sheets import row_a_member
from tests.workflow.sheets.sheet_files import by_openpyxl, ods_of
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import HistoryRow, Message, Team

KEY = "7" * 64


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret_key").write_text(KEY)
    return lay(folder, environ={"TEEKOND_SECRET_KEY": KEY})


def teekond(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--config", str(ROOT / "config.toml"), "--data", str(data), "import", *words)


def teams(data: Path) -> list[str]:
    db = Database(sqlite_url(data))
    with db.reading() as session:
        assert session.scalars(sa.select(Message.id).where(Message.template == "verify")).all() == []
        assert {row.actor for row in session.scalars(sa.select(HistoryRow))} <= {"teekond import"}
        found = list(session.scalars(sa.select(Team.name).order_by(Team.id)))
    db.close()
    return found


def test_applications_are_shown_first_and_taken_in_with_yes(data: Path, tmp_path: Path) -> None:
    rows = [list(row.cells) for row in row_a_member(["Võru", "Põlva"]).rows]
    rows[3][5] = "ei ole"
    file = tmp_path / "taotlused.ods"
    file.write_bytes(ods_of(rows))
    shown = teekond(data, "applications", str(file), "--lang", "en")
    assert shown.returncode == 0, shown.stderr
    assert "!!    2 Võru" in shown.stdout and "member 3: email" in shown.stdout and "ok    6 Põlva" in shown.stdout
    assert teams(data) == []
    done = teekond(data, "applications", str(file), "--lang", "en", "--yes")
    assert done.returncode == 0 and "/office/import" in done.stdout, done.stderr
    assert teams(data) == ["Põlva"]
    again = teekond(data, "applications", str(file), "--lang", "en", "--yes")
    assert again.returncode == 1 and "no new row" in again.stderr


def test_the_template_and_the_lines_of_mentors(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "mentorid.xlsx"
    assert teekond(data, "mentors", str(file), "--template").returncode == 0
    assert file.read_bytes().startswith(b"PK")
    file.write_bytes(by_openpyxl([("Nimi", "E-post"), ("Uus Mentor", "uus@example.org")]))
    told = teekond(data, "mentors", str(file))
    assert told.returncode == 0 and '[[mentors]]\nkey = "uus-mentor"' in told.stdout, told.stderr


def test_a_file_that_is_no_sheet_is_told_in_one_sentence(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"%PDF-1.7")
    told = teekond(data, "guests", str(file), "--lang", "en")
    assert told.returncode == 1 and told.stderr.count("\n") == 1 and "no table" in told.stderr
    assert teekond(data, "guests", str(tmp_path / "none.xlsx")).returncode == 1
