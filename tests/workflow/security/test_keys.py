"""Keys and their dates, as their file has them: read, written, told of, and never shown."""

import hmac
from datetime import UTC, datetime

import pytest

from workflow.security import keys
from workflow.security.keys import StoredKey

THEN, NOW = datetime(2022, 1, 3, tzinfo=UTC), datetime(2022, 2, 7, 8, 30, tzinfo=UTC)
NEW, OLD, GONE = "n" * 64, "o" * 64, "g" * 64


def test_what_is_written_is_read_again() -> None:
    kept = (StoredKey(key=NEW, made=NOW), StoredKey(key=OLD, made=THEN, replaced=NOW), StoredKey(key=GONE, retired=NOW))
    assert keys.read(keys.write(kept)) == kept


def test_a_file_of_one_bare_key_is_one_too() -> None:
    assert keys.read(f"{NEW}\n") == keys.read(NEW) == (StoredKey(key=NEW),)


def test_the_newest_signs_the_older_are_believed_and_the_retired_only_known() -> None:
    found = keys.joined((StoredKey(key=NEW), StoredKey(key=OLD, replaced=NOW), StoredKey(key=GONE, retired=NOW)))
    assert found.newest == NEW and found.believed == (NEW, OLD) and found.known == (NEW, OLD, GONE)
    assert found.first == GONE


@pytest.mark.parametrize("text", ["", "\n \n", f"{NEW} today", f"{NEW} - - - -", f"{NEW} - - {NOW.isoformat()}"])
def test_a_file_that_holds_no_key_is_refused_without_saying_its_words(text: str) -> None:
    with pytest.raises(keys.Unreadable) as fault:
        keys.read(text)
    assert NEW not in str(fault.value) and fault.value.__cause__ is None and "today" not in str(fault.value)


def test_a_key_says_how_it_signs_and_one_that_says_nothing_signs_as_the_first_did() -> None:
    assert keys.mac(OLD, "x") == keys.mac(OLD.encode(), "x") == hmac.digest(OLD.encode(), b"x", "sha256")
    other = keys.named(OLD, "sha3-256")
    assert keys.mac(other, "x") == hmac.digest(other.encode(), b"x", "sha3_256") != keys.mac(OLD, "x")
    assert keys.named(OLD, "sha256") == OLD and keys.way_of(b"\xff:" + OLD.encode()) == "sha256"
    assert [keys.way_of(keys.named(OLD, way)) for way in keys.WAYS] == list(keys.WAYS)
    assert keys.way_of(f"md5:{OLD}") == "sha256", "what is no way of ours is part of the key"
    assert keys.read(keys.write([StoredKey(key=other, made=NOW)])) == (StoredKey(key=other, made=NOW),)


def test_no_key_is_shown_where_its_value_is_printed() -> None:
    one = StoredKey(key=NEW, made=NOW)
    for shown in (repr(one), repr(keys.joined((one,))), keys.fingerprint(NEW)):
        assert NEW not in shown and NEW[:8] not in shown
    assert keys.fingerprint(NEW) != keys.fingerprint(OLD)
