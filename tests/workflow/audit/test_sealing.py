"""Books that were begun before there was a key are sealed by one process, however many start at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event

from workflow.audit import sealing
from workflow.database.engine import Database
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


def test_of_processes_that_start_at_once_one_seals_and_the_others_go_on(empty: str) -> None:
    digest = KeyedDigest.of(Keys("a secret that only tests know, 32 bytes"))
    first, second = Database(empty, digest), Database(empty, digest)
    first.migrate()
    begun = Event()

    def other() -> bool:
        with second.writing() as session:
            unsealed = not sealing.is_sealed(session)  # its look comes before the first one's commit, where it can
            begun.set()
            return sealing.adopt(session, NOW) and unsealed

    with ThreadPoolExecutor(1) as pool:
        with first.writing() as session:
            assert sealing.adopt(session, NOW)
            later = pool.submit(other)
            begun.wait(0.5)  # on SQLite the second waits for its turn to write
        assert later.result(timeout=20) is False
    for database in (first, second):
        database.close()
