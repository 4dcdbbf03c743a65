"""A slow disk and a read-only one, in the short version."""

from tests.conftest import leave_out
from tests.reliability import bad_disk, trace
from tests.reliability.figures import Scale


def test_on_a_bad_disk_nothing_is_lost_or_sent_twice() -> None:
    try:
        trace.able()
    except trace.CannotTrace as why:
        leave_out("a disk that fails under the service", str(why))
    figures = bad_disk.run(Scale.SHORT)
    assert len(figures) == 2
    assert [f"{one.promise}: {one.measured}; {one.done}" for one in figures if not one.holds] == []
