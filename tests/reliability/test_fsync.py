"""A letter is on the disk before it is acknowledged; and the reader of traces is not easily pleased."""

from tests.conftest import leave_out
from tests.reliability import fsync
from tests.reliability.figures import Scale
from tests.reliability.fsync import judge

IN = 'recvfrom(7<socket:[1]>, "Message-ID: <one.1@example.org>\\r\\n.\\r\\n", 4096, 0, NULL, NULL) = 8'
LOG = "9</tmp/teekond.sqlite-wal>"
WRITE, SYNC = f'pwrite64({LOG}, "\\0<one.1@example.org>", 1, 0) = 1', f"fdatasync({LOG}) = 0"
OUT = 'sendto(7<socket:[1]>, "250 2.0.0 Thank you, your letter is kept\\r\\n", 42, 0, NULL, 0) = 42'


def seen(*lines: str) -> tuple[int, int]:
    found = judge([line if line[:1].isdigit() else f"11 {line}" for line in lines])
    return found.acknowledged, found.covered


def test_every_acknowledged_letter_was_on_the_disk_first() -> None:
    try:
        fsync.able()
    except fsync.CannotTrace as why:
        leave_out("watching the receiver's system calls", str(why))
    (figure,) = fsync.run(Scale.SHORT)
    assert figure.holds, f"{figure.measured}; {figure.done}"


def test_a_letter_written_and_synced_is_covered() -> None:
    assert seen(IN, WRITE, SYNC, OUT) == (1, 1)


def test_a_reply_before_the_sync_has_come_back_is_not() -> None:
    assert seen(IN, WRITE, OUT, SYNC) == (1, 0)
    assert seen(IN, WRITE, f"12 fdatasync({LOG} <unfinished ...>", OUT, "12 <... fdatasync resumed>) = 0") == (1, 0)


def test_a_sync_of_what_was_there_before_the_letter_is_none_of_its_own() -> None:
    assert seen(WRITE, SYNC, IN, OUT) == (1, 0)
    assert seen(WRITE, IN, SYNC, OUT) == (1, 0)


def test_a_sync_of_another_letter_covers_nothing() -> None:
    assert seen(IN, WRITE.replace("one.1", "one.0"), SYNC, OUT) == (1, 0)


def test_a_sync_that_failed_is_none() -> None:
    assert seen(IN, WRITE, f"fdatasync({LOG}) = -1 EIO (Input/output error)", OUT) == (1, 0)


def test_a_write_without_a_sync_covers_nothing() -> None:
    assert seen(IN, WRITE, OUT) == (1, 0)
    assert seen(IN, WRITE, SYNC, OUT, IN, WRITE, OUT) == (2, 1)
