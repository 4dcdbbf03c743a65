"""Moments come back from both databases as they went in; one without a zone is refused."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from workflow.database.engine import Database, UTCDateTime

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


def test_no_moment_is_no_moment_and_one_without_a_zone_is_refused(db: Database) -> None:
    with db.reading() as session:
        assert session.scalar(_ECHO, {"moment": None}) is None
        with pytest.raises(sa.exc.StatementError, match="without a time zone"):
            session.scalar(_ECHO, {"moment": NOW.replace(tzinfo=None)})
