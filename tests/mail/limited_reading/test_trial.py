"""A reading process that cannot start, dies or hangs is told of: in the log once per cause, with its last words."""

import os
import sys
from pathlib import Path

import pytest

from mail.limited_reading import trial
from mail.limited_reading.reader import Reader, ReaderBroke
from tests.builders import READER
from tests.mail.limited_reading.broken_reader import LAST_WORDS, broken_reader


def talks_and_dies(words: str) -> None:
    os.write(2, words.encode())
    os._exit(7)


def talks(words: str) -> int:
    try:
        return os.write(2, words.encode())
    except BlockingIOError:
        return 0


def test_a_trial_letter_is_read() -> None:
    assert trial.fault(READER) is None


def test_what_a_process_says_that_dies_at_its_start_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with broken_reader(tmp_path) as reader:
        for _ in range(5):
            fault = trial.fault(reader)
            assert fault is not None and LAST_WORDS in fault and "ended with 1" in fault
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1 and LAST_WORDS in told[0], told
    assert trial.fault(reader) is None  # whole again, it reads
    reader.close()


def test_a_program_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    fault, open_before = trial.fault(Reader()), len(os.listdir("/proc/self/fd"))
    assert fault is not None and "cannot be started" in fault and "/no/such/python" in fault
    assert len(caplog.records) == 1
    trial.fault(Reader())
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_last_words_are_bounded_and_one_line(caplog: pytest.LogCaptureFixture) -> None:
    reader = Reader()
    with pytest.raises(ReaderBroke, match="the end"):
        reader.call(talks_and_dies, "x" * 5000 + "\n2026-01-01 ERROR made up\nthe end")
    said = caplog.records[-1].getMessage()
    assert len(said) < 500 and "\n" not in said and "the end" in said


def test_nobody_waits_for_what_a_process_says_meanwhile() -> None:
    reader = Reader()
    assert [reader.call(talks, "x" * 50_000) for _ in range(5)][-1] < 50_000
    assert trial.fault(reader) is None
    reader.close()
