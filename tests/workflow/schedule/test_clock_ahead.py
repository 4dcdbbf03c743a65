"""A clock that was two days ahead for a while leaves nothing behind."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from mail.sending import outbox, results
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import NOW, alerts, queue, row, send
from workflow.database.engine import Database
from workflow.database.models import Letter, Message
from workflow.schedule import clock_ahead
from workflow.schedule.clock_ahead import Watch

AHEAD = NOW + timedelta(days=2)


def test_what_was_queued_and_leased_by_a_clock_that_was_ahead_goes_when_it_is_right(db: Database) -> None:
    queue(db, "queued", next_at=AHEAD, created_at=AHEAD)
    queue(db, "lost", status="uncertain", next_at=AHEAD)
    queue(db, "leased", status="sending", attempt=1, leased_until=AHEAD + outbox.LEASE)
    store(db, [Arrival(envelope_from="", recipients=("k@kogu.example.org",), raw=b"x\r\n", via="smtp")], AHEAD)
    with Relay() as relay:
        assert send(db, relay).sent == 0
        Watch(db)(NOW)
        assert send(db, relay).sent == 2
        assert send(db, relay, NOW + outbox.LEASE).sent == 1, "whoever held it had time to come to an end"
    with db.reading() as session:
        assert session.scalars(sa.select(Letter.next_at)).one() == NOW
    (alert,) = alerts(db)
    assert alert.kind == "clock" and "2022-04-07 07:00" in alert.says["en"] and "07.04.2022 07:00" in alert.says["et"]


def test_the_newest_row_tells_of_a_clock_that_was_ahead_though_nothing_waits(db: Database) -> None:
    queue(db, "mari", status="sent", created_at=AHEAD)
    watch = Watch(db)
    watch(NOW)
    watch(NOW + timedelta(minutes=5))
    assert [alert.kind for alert in alerts(db)] == ["clock"], "once"


@pytest.mark.parametrize("minutes", [0, 1, 59])
def test_where_the_clock_is_right_nothing_is_moved_or_told(db: Database, minutes: int) -> None:
    wait = timedelta(minutes=minutes)
    queue(db, "mari", next_at=NOW + wait)
    queue(db, "juri", status="sending", attempt=1, leased_until=NOW + wait)
    Watch(db)(NOW)
    assert (row(db, "mari").next_at, row(db, "juri").leased_until) == (NOW + wait, NOW + wait)
    assert alerts(db) == []


def test_nothing_waits_longer_than_what_counts_as_too_long() -> None:
    assert max(*results.DELAYS, results.UNCERTAIN_DELAY, outbox.LEASE) <= clock_ahead.LONGEST
    assert outbox.LEASE <= clock_ahead.IN_HAND


def test_it_is_looked_at_once_a_minute_and_again_where_the_clock_goes_back(db: Database) -> None:
    watch = Watch(db)
    watch(AHEAD)
    queue(db, "mari", next_at=AHEAD)
    watch(NOW)
    assert row(db, "mari").next_at == NOW
    with db.writing() as session:
        session.execute(sa.update(Message).values(next_at=AHEAD))
    watch(NOW + timedelta(seconds=59))
    assert row(db, "mari").next_at == AHEAD
    watch(NOW + timedelta(seconds=60))
    assert row(db, "mari").next_at == NOW + timedelta(seconds=60)
