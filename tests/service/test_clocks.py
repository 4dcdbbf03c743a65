"""The clock that several machines share is the database's; while that is away it is counted on."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from service.clocks import DatabaseClock
from teekond import SystemClock
from workflow.database.engine import Database


def asked(db: Database) -> datetime:
    with db.engine.connect() as connection:
        moment: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC)


def test_it_shows_what_the_database_shows(postgresql_db: Database) -> None:
    clock = DatabaseClock(postgresql_db, SystemClock())
    slack = timedelta(milliseconds=200)
    shown = [(asked(postgresql_db), clock.now(), asked(postgresql_db)) for _ in range(20)]
    assert all(before - slack <= now <= after + slack for before, now, after in shown)
    assert [now for _, now, _ in shown] == sorted(now for _, now, _ in shown)


def test_every_minute_it_is_asked_again(postgresql_db: Database) -> None:
    clock = DatabaseClock(postgresql_db, SystemClock())
    clock._known = (clock._known[0] - timedelta(hours=3), clock._known[1])  # as on a machine that was suspended
    assert asked(postgresql_db) - clock.now() > timedelta(hours=2)
    clock._asked -= clock.ASKED_EVERY + 1
    assert abs(asked(postgresql_db) - clock.now()) < timedelta(seconds=2)


def test_it_goes_on_while_the_database_is_away() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    clock = DatabaseClock(away, SystemClock())
    first = clock.now()
    assert clock.now() >= first
    assert abs(datetime.now(UTC) - first) < timedelta(seconds=30)
