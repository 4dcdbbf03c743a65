"""Letters are kept before they are read: each once, whatever the bytes, and handed out under a lease."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from mail.receiving.store import Arrival, ClaimedLetter, StorageFull, claim, digest, retry, settle, store
from workflow.database.engine import Database
from workflow.database.models import Letter

NOW = datetime(2022, 4, 5, 7, tzinfo=UTC)
LEASE = timedelta(minutes=15)
JAH = b"Received: from a\r\nMessage-ID: <1@example.org>\r\nSubject: Re: koht\r\n\r\nJAH\r\n"


def arrival(raw: bytes = JAH, *, to: str = "k@kogu.example.org", by: str = "mari@example.org") -> Arrival:
    return Arrival(envelope_from=by, recipients=(to,), raw=raw, via="smtp", peer="192.0.2.1")


def numbered(number: int) -> Arrival:
    return arrival(b"Message-ID: <%d@example.org>\r\n\r\nJAH\r\n" % number)


def letters(db: Database) -> list[Letter]:
    with db.reading() as session:
        query = sa.select(Letter).order_by(Letter.id).options(undefer(Letter.raw))
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def taken(db: Database, now: datetime = NOW, limit: int = 10) -> list[ClaimedLetter]:
    """Letters that are claimed one after the other, until none is due."""
    found = []
    while len(found) < limit:
        with db.writing() as session:
            one = claim(session, now, lease=LEASE)
        if one is None:
            break
        found.append(one)
    return found


def test_a_letter_is_kept_byte_for_byte_with_its_envelope(db: Database) -> None:
    raw = bytes(range(256)) + b"\r\n\r\n\0\xff"
    store(db, [arrival(raw)], NOW)
    (letter,) = letters(db)
    assert letter.raw == raw
    assert (letter.envelope_from, letter.recipients) == ("mari@example.org", ["k@kogu.example.org"])
    assert (letter.status, letter.attempt, letter.via, letter.peer) == ("new", 0, "smtp", "192.0.2.1")
    assert letter.received_at == letter.next_at == NOW


def test_a_letter_delivered_again_is_kept_once(db: Database) -> None:
    again = JAH.replace(b"from a", b"from b, an hour later")
    store(db, [arrival(), arrival(again)], NOW)
    store(db, [arrival(again, to="K@kogu.example.org"), numbered(7)], NOW)
    assert len(letters(db)) == 2


def test_the_same_letter_a_hundred_times_at_once_is_kept_once(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store(db, [arrival()], NOW), range(100)))
    assert len(letters(db)) == 1


def test_many_writers_at_once_lose_nothing_and_raise_nothing(db: Database) -> None:
    groups = [[numbered(n + k) for k in (3, 1, 2)] for n in range(0, 80, 2)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda group: store(db, group, NOW), groups))
    assert len(letters(db)) == len({digest(one) for group in groups for one in group})


@pytest.mark.parametrize(
    "other",
    [
        arrival(JAH.replace(b"JAH", b"EI")),
        arrival(JAH.replace(b"<1@", b"<2@")),
        arrival(to="teine@kogu.example.org"),
        arrival(by="juri@example.org"),
        arrival(b"Subject: x\r\n\r\nJAH\r\n"),
    ],
)
def test_another_letter_is_another_letter(db: Database, other: Arrival) -> None:
    store(db, [arrival(), other], NOW)
    assert len(letters(db)) == 2


def test_without_a_message_id_only_the_same_bytes_are_the_same() -> None:
    one, two = b"Date: Mon\r\n\r\n2\r\n", b"Date: Tue\r\n\r\n2\r\n"
    assert digest(arrival(one)) == digest(arrival(one))
    assert digest(arrival(one)) != digest(arrival(two))


def test_an_envelope_no_database_takes_is_made_one_that_it_takes(db: Database) -> None:
    store(db, [arrival(by="a\0b\udce4@example.org" + "x" * 400, to="k\n@example.org")], NOW)
    (letter,) = letters(db)
    assert letter.envelope_from.startswith("a?b?@example.org")
    assert letter.recipients == ["k?@example.org"]


def test_nothing_of_a_group_is_kept_when_one_fails(db: Database) -> None:
    bad = Arrival(envelope_from="", recipients=(), raw=None, via="smtp")  # type: ignore[arg-type]
    with pytest.raises(Exception):  # noqa: B017
        store(db, [numbered(1), bad], NOW)
    assert letters(db) == []


def test_a_full_disk_is_said_and_keeps_what_is_there(sqlite_db: Database) -> None:
    store(sqlite_db, [numbered(1)], NOW)
    with sqlite_db.engine.connect() as connection:
        pages = connection.scalar(sa.text("PRAGMA page_count"))
        connection.rollback()
    sa.event.listen(sqlite_db.engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StorageFull):
        store(sqlite_db, [arrival(b"Message-ID: <big@example.org>\r\n\r\n" + b"x" * 500_000)], NOW)
    assert len(letters(sqlite_db)) == 1


def test_letters_are_handed_out_oldest_first_and_once(db: Database) -> None:
    for minutes in (2, 0, 1):
        store(db, [numbered(minutes)], NOW + timedelta(minutes=minutes))
    later = NOW + timedelta(minutes=5)
    assert [letter.id for letter in taken(db, later, 2)] == [2, 3]
    assert [letter.id for letter in taken(db, later, 2)] == [1]
    assert taken(db, later) == []


def test_a_letter_is_not_handed_out_before_its_time(db: Database) -> None:
    store(db, [arrival()], NOW)
    assert taken(db, NOW - timedelta(seconds=1)) == []


def test_two_workers_never_get_the_same_letter(db: Database) -> None:
    store(db, [numbered(n) for n in range(40)], NOW)
    with ThreadPoolExecutor(4) as pool:
        found = [letter.id for group in pool.map(lambda _: taken(db, limit=5), range(12)) for letter in group]
    assert len(found) == len(set(found)) == 40


def test_only_the_attempt_that_holds_the_letter_can_settle_it(db: Database) -> None:
    store(db, [arrival()], NOW)
    (paused,) = taken(db)
    (second,) = taken(db, NOW + LEASE)
    with db.writing() as session:
        assert not settle(session, paused, {"status": "done", "outcome": "stale"})
        assert settle(session, second, {"status": "done", "outcome": "answered"})
        assert not settle(session, second, {"status": "done", "outcome": "twice"})
    (letter,) = letters(db)
    assert (letter.status, letter.outcome, letter.attempt) == ("done", "answered", 2)
    assert letter.leased_until is None


def test_a_letter_whose_handling_breaks_off_is_parked_and_the_next_goes_on(db: Database) -> None:
    store(db, [numbered(1)], NOW)
    for number in range(3):
        assert [letter.attempt for letter in taken(db, NOW + number * LEASE)] == [number + 1]
    store(db, [numbered(2)], NOW + 3 * LEASE)
    assert [letter.id for letter in taken(db, NOW + 3 * LEASE)] == [2]
    parked = letters(db)[0]
    assert (parked.status, parked.attempt, parked.leased_until) == ("parked", 3, None)
    assert "three times" in parked.reason


def test_a_letter_that_fails_is_tried_three_times_and_then_parked_with_its_reason(db: Database) -> None:
    store(db, [arrival()], NOW)
    waits = []
    for at in (NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=6)):
        (letter,) = taken(db, at)
        with db.writing() as session:
            assert retry(session, letter, at, "the reader ran out of time")
        waits.append((letters(db)[0].status, letters(db)[0].next_at - NOW))
    minute = timedelta(minutes=1)
    assert waits == [("new", minute), ("new", 6 * minute), ("parked", 6 * minute)]
    assert letters(db)[0].reason == "the reader ran out of time"
