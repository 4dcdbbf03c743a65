"""What a service at rest does not hold: modules that only a few acts need are imported by those acts."""

import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

LATER = ("alembic", "authlib", "joserfc", "mako", "requests", "typst", "webauthn", "xlsxwriter")
REST = """
import sys
from pathlib import Path
from workflow.database.engine import Database, sqlite_url
import service.commands.run
Database(sqlite_url(Path(sys.argv[1]))).migrate()
print(*sorted(name for name in sys.modules if name in sys.argv[2:]))
"""


def _held(data: Path) -> str:
    """Which of LATER a process holds that is ready to serve from this folder."""
    command = [sys.executable, "-c", REST, str(data), *LATER]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def test_a_service_on_a_database_of_todays_shape_holds_nothing_that_few_need(tmp_path: Path) -> None:
    assert _held(tmp_path) == "alembic mako"  # the first start migrates
    assert _held(tmp_path) == ""
