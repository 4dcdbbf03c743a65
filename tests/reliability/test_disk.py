"""A disk after a power cut keeps what was synced and forgets what was not."""

from itertools import cycle

from tests.reliability.disk import SECTOR, Disk


def nothing() -> bool:
    return False


def everything() -> bool:
    return True


def written(disk: Disk, text: bytes, at: int = 0) -> None:
    disk.change("log", at, text).over = True


def test_only_what_was_written_before_the_sync_began_stays() -> None:
    disk = Disk({"log": b""})
    written(disk, b"one")
    late = disk.change("log", 6, b"too late")
    back = disk.syncing("log")
    written(disk, b"two", 3)
    assert disk.after_a_cut(nothing) == {"log": b""}, "the sync has not come back"
    back()
    late.over = True
    assert disk.unsure == 2
    assert disk.after_a_cut(nothing) == {"log": b"one"}
    assert disk.after_a_cut(everything) == {"log": b"onetwotoo late"}


def test_a_write_may_reach_the_disk_in_part() -> None:
    disk = Disk({"log": bytes(3 * SECTOR)})
    written(disk, b"x" * (2 * SECTOR), SECTOR // 2)
    half = iter(cycle((True, False)))
    found = disk.after_a_cut(lambda: next(half))["log"]
    kept = [found[n : n + SECTOR // 2] for n in range(0, 3 * SECTOR, SECTOR // 2)]
    old, new = bytes(SECTOR // 2), b"x" * (SECTOR // 2)
    assert kept == [old, new, old, old, new, old]


def test_a_file_that_was_cut_is_long_again_unless_that_was_synced() -> None:
    disk = Disk({"log": b"whole"})
    disk.change("log", 2, None).over = True
    assert disk.after_a_cut(nothing) == {"log": b"whole"}
    disk.syncing("log")()
    assert disk.after_a_cut(nothing) == {"log": b"wh"}


def test_a_new_name_stays_once_its_folder_is_synced() -> None:
    disk = Disk({"old": b"old"})
    disk.create("log")
    disk.create("old")
    written(disk, b"one")
    disk.syncing("log")()
    disk.remove("old")
    assert disk.after_a_cut(nothing) == {"old": b"old"}
    assert disk.after_a_cut(everything) == {"log": b"one"}
    disk.syncing_names()()
    assert disk.after_a_cut(nothing) == {"log": b"one"}
