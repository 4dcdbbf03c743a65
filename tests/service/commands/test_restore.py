"""A copy of the books that comes back brings nobody back who was erased since."""

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from teekond import main
from tests.builders import World
from tests.laid_books import lay
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Person


def teekond(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *words])


def addresses(db: Database) -> set[str]:
    with db.reading() as session:
        return {person.address for person in session.query(Person)}


def test_who_was_erased_since_the_copy_is_erased_again(sqlite_db: Database, tmp_path: Path) -> None:
    world = World(sqlite_db)
    named_in_the_config = addresses(sqlite_db)
    world.apply(members=5).confirmed()
    lay(tmp_path)
    copy, other = tmp_path / "monday.backup", tmp_path / "other"
    gone = min(addresses(sqlite_db) - named_in_the_config)
    assert teekond(tmp_path, "backup", str(copy)).exit_code == 0
    forgotten = teekond(tmp_path, "forget", gone)
    assert forgotten.exit_code == 0, forgotten.output
    assert gone not in addresses(sqlite_db)

    other.mkdir()
    for kept in ("secret_key", "erased.jsonl"):
        shutil.copy(tmp_path / kept, other)
    assert gone not in (other / "erased.jsonl").read_text(encoding="utf-8")
    back = teekond(other, "restore", str(copy))
    assert back.exit_code == 0, back.output
    assert "1 people erased since are erased again" in back.output
    restored = Database(sqlite_url(other))
    assert gone not in addresses(restored)
    assert addresses(restored) == addresses(sqlite_db)
    restored.close()
    shutil.rmtree(other)
