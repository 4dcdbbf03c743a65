"""A letter is on the disk before it is acknowledged; and the reader of traces is not easily pleased."""

import pytest

from tests.conftest import leave_out
from tests.reliability import fsync, trace
from tests.reliability.figures import Scale
from tests.reliability.fsync import judge


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def wrote(text: str) -> str:
    return f'pwrite64({LOG}, "{hexed(text)}", {len(text)}, 0) = {len(text)}'


PEER = f"7<{hexed('socket:[1]')}>"
IN = f'recvfrom({PEER}, "{hexed("Message-ID: <one.1@example.org>")}", 4096, 0, NULL, NULL) = 31'
LOG = f"9<{hexed('/tmp/teekond.sqlite-wal')}>"
WRITE, SYNC = wrote("\0<one.1@example.org>"), f"fdatasync({LOG}) = 0"
OUT = f'sendto({PEER}, "{hexed("250 2.0.0 Thank you, your letter is kept")}", 42, 0, NULL, 0) = 42'


def seen(*lines: str) -> tuple[int, int]:
    found = judge(trace.calls(line if line[:1].isdigit() else f"11 {line}" for line in lines))
    return found.acknowledged, found.covered


def test_every_acknowledged_letter_was_on_the_disk_first_and_is_there_after_a_power_cut() -> None:
    try:
        trace.able()
    except trace.CannotTrace as why:
        leave_out("watching the service's system calls", str(why))
    figures = fsync.run(Scale.SHORT)
    assert len(figures) == 3
    assert [f"{one.promise}: {one.measured}; {one.done}" for one in figures if not one.holds] == []


def test_a_letter_written_and_synced_is_covered() -> None:
    assert seen(IN, WRITE, SYNC, OUT) == (1, 1)


def test_a_reply_before_the_sync_has_come_back_is_not() -> None:
    assert seen(IN, WRITE, OUT, SYNC) == (1, 0)
    assert seen(IN, WRITE, f"12 fdatasync({LOG} <unfinished ...>", OUT, "12 <... fdatasync resumed>) = 0") == (1, 0)


def test_a_sync_of_what_was_there_before_the_letter_is_none_of_its_own() -> None:
    assert seen(WRITE, SYNC, IN, OUT) == (1, 0)
    assert seen(WRITE, IN, SYNC, OUT) == (1, 0)


def test_a_sync_of_another_letter_covers_nothing() -> None:
    assert seen(IN, wrote("<one.0@example.org>"), SYNC, OUT) == (1, 0)


def test_a_sync_that_failed_is_none() -> None:
    assert seen(IN, WRITE, f"fdatasync({LOG}) = -1 EIO (Input/output error)", OUT) == (1, 0)


def test_a_write_without_a_sync_covers_nothing() -> None:
    assert seen(IN, WRITE, OUT) == (1, 0)
    again = [line.replace(hexed("one.1"), hexed("one.2")) for line in (IN, WRITE, OUT)]
    assert seen(IN, WRITE, SYNC, OUT, *again) == (2, 1)


def test_a_letter_that_comes_again_is_there_already() -> None:
    assert seen(IN, WRITE, SYNC, OUT, IN, OUT) == (2, 2)
    assert seen(IN, WRITE, OUT, IN, OUT) == (2, 0)


def test_a_call_that_another_one_interrupts_keeps_its_words() -> None:
    path = hexed("/tmp/teekond.sqlite-wal")
    begun, back = trace.calls(
        (f'11 openat(AT_FDCWD<{hexed("/tmp")}>, "{path}", O_RDWR|O_CREAT, 0600 <unfinished ...>',
         f"11 <... openat resumed>) = 7<{path}>")
    )  # fmt: skip
    assert (begun.begins, begun.ends, back.begins, back.ends) == (True, False, False, True)
    assert begun.file == back.file == "/tmp/teekond.sqlite-wal" and "O_CREAT" in back.rest


def test_a_call_that_is_not_shown_whole_is_no_proof() -> None:
    cut = WRITE.replace('", ', '"..., ', 1)
    with pytest.raises(trace.Unclear):
        seen(IN, cut, SYNC, OUT)
