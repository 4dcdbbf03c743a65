"""What the fast ways of storing put into a table is what SQLAlchemy's own would put there, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from workflow.database.engine import Database, UTCDateTime, insert_all
from workflow.database.models import Duty, Message

NOW = datetime(2022, 4, 6, 9, 0, 0, 1500, tzinfo=UTC)
TALLINN = ZoneInfo("Europe/Tallinn")
MOMENTS = (
    NOW,
    NOW.replace(microsecond=0),
    datetime(2022, 10, 30, 3, 30, tzinfo=TALLINN),  # an hour that comes twice
    datetime(2022, 10, 30, 3, 30, tzinfo=TALLINN, fold=1),
    datetime(1986, 1, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
)
_ECHO = sa.select(sa.bindparam("moment", type_=UTCDateTime()))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_comes_back_as_it_went_in(db: Database, moment: datetime) -> None:
    with db.reading() as session:
        back = session.scalar(_ECHO, {"moment": moment})
    assert back is not None and back.utcoffset() == timedelta(0)
    assert back == moment.astimezone(UTC)


def test_a_moment_stands_in_sqlite_as_sqlalchemy_writes_it(sqlite_db: Database) -> None:
    theirs = sa.DateTime().dialect_impl(sqlite_db.engine.dialect).bind_processor(sqlite_db.engine.dialect)
    ours = UTCDateTime().bind_processor(sqlite_db.engine.dialect)
    assert theirs is not None and ours is not None
    assert [ours(moment) for moment in MOMENTS] == [theirs(moment.astimezone(UTC)) for moment in MOMENTS]


def test_no_moment_is_no_moment_and_one_without_a_zone_is_refused(db: Database) -> None:
    with db.reading() as session:
        assert session.scalar(_ECHO, {"moment": None}) is None
        with pytest.raises(sa.exc.StatementError, match="without a time zone"):
            session.scalar(_ECHO, {"moment": NOW.replace(tzinfo=None)})


def _duty(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "reminder", "due_at": NOW, **more}


def _mail(key: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key, "template": "status", "lang": "et", "to_name": 'Õie "B"', "to_address": "oie@example.org",
        "subject": "Tere", "body": "Tere!\n\\ 'ja' ; --\n", "calendar": b"BEGIN:VCALENDAR\r\n\x00\xff",
        "message_id": f"<{key}@example.org>", "reference_ids": "<a@example.org>", "status": "queued",
        "created_at": NOW, "next_at": NOW, "facts": {"values": {"team": "Kõpu 😀"}, "slot": None}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(("table", "row"), [(Duty, _duty), (Message, _mail)])
def test_many_rows_are_stored_as_one_is(db: Database, table: Any, row: Any) -> None:
    own = {"id", "key", "message_id"}
    columns = [column for column in table.__table__.columns if column.name not in own]
    with db.writing() as session:
        insert_all(session.connection(), table, [row("first"), row("second")])
        session.execute(sa.insert(table.__table__), [row("third")])
    with db.reading() as session:
        found = [dict(one._mapping) for one in session.execute(sa.select(*columns).order_by(table.id))]
        assert list(session.scalars(sa.select(table.key).order_by(table.id))) == ["first", "second", "third"]
        written = [tuple(one) for one in session.execute(sa.select(*map(_as_text, columns)).order_by(table.id))]
    assert found[0] == found[1] == found[2]
    assert {name: value for name, value in row("first").items() if name not in own}.items() <= found[0].items()
    if db.engine.dialect.name == "sqlite":  # PostgreSQL keeps a JSON value's spaces as they came
        assert written[0] == written[1] == written[2]


def _as_text(column: sa.Column[Any]) -> sa.ColumnElement[str]:
    return sa.type_coerce(column, sa.Text) if column.name == "calendar" else sa.cast(column, sa.Text)


def test_what_only_one_of_the_rows_says_is_not_lost_in_silence(db: Database) -> None:
    with pytest.raises(ValueError, match="different columns"), db.writing() as session:
        insert_all(session.connection(), Duty, [_duty("one"), _duty("two", outcome="done")])


def test_a_key_that_is_there(db: Database) -> None:
    with db.writing() as session:
        insert_all(session.connection(), Duty, [_duty("one", kind="first")])
        insert_all(session.connection(), Duty, [_duty("one", kind="second"), _duty("two")], unless_there=True)
        insert_all(session.connection(), Duty, [])
    with db.reading() as session:
        assert list(session.execute(sa.select(Duty.key, Duty.kind).order_by(Duty.key))) == [
            ("one", "first"),
            ("two", "reminder"),
        ]
    with pytest.raises(sa.exc.IntegrityError), db.writing() as session:
        insert_all(session.connection(), Duty, [_duty("three"), _duty("two")])
    with db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Duty)) == 2
