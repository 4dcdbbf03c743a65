"""What the service stands on: holes known in libraries and databases on network disks keep it from starting."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service import preflight
from service.assembly import real_house
from service.doctor import checks
from service.invocation import Invocation
from service.running import installation
from teekond import main
from tests.paths import ROOT
from workflow.database.engine import sqlite_url

HERE = "36 25 254:0 / / rw,relatime - ext4 /dev/vda1 rw"
NETWORK = (
    "9p", "nfs", "nfs4", "cifs", "smb3", "ceph", "fuse.sshfs", "fuse.glusterfs", "lustre", "davfs", "glusterfs",
)  # fmt: skip


class Still:
    def now(self) -> datetime:
        return datetime(2022, 2, 1, tzinfo=UTC)


def told(tmp_path: Path, *mounts: str) -> Invocation:
    file = tmp_path / "mountinfo"
    file.write_text("\n".join([HERE, *mounts, ""]))
    return Invocation(
        config=ROOT / "config.toml", data=tmp_path / "data", share=ROOT, environ={}, clock=Still(),
        secret=lambda: "s" * 26, key=lambda: "k" * 64, mounts=file,
    )  # fmt: skip


def mounted(point: Path, kind: str) -> str:
    return f"99 36 0:50 / {str(point).replace(' ', chr(92) + '040')} rw,relatime shared:7 - {kind} server:/share rw"


@pytest.mark.parametrize("kind", NETWORK)
def test_a_database_on_a_network_disk_is_refused_before_anything_is_made(tmp_path: Path, kind: str) -> None:
    there = told(tmp_path, mounted(tmp_path, kind))
    with pytest.raises(click.ClickException) as refused:
        real_house(there)
    assert f"network disk ({kind})" in refused.value.message and "PostgreSQL" in refused.value.message
    assert not there.data.exists()


def test_on_a_disk_of_this_machine_it_starts(tmp_path: Path) -> None:
    house, _ = real_house(told(tmp_path, mounted(tmp_path / "elsewhere", "nfs4"), mounted(tmp_path, "xfs")))
    house.db.close()
    assert (tmp_path / "data" / "teekond.sqlite").exists()


def test_the_disk_is_that_of_the_last_mount_above_the_file(tmp_path: Path) -> None:
    kind = preflight.file_system
    far = mounted(Path("/srv"), "nfs4")
    assert kind(Path("/srv/teekond/data/x"), f"{HERE}\n{far}") == "nfs4"
    assert kind(Path("/srvx/data/x"), f"{HERE}\n{far}") == "ext4"
    assert kind(Path("/srv/own/x"), f"{mounted(Path('/srv/own'), 'ext4')}\n{far}\n{HERE}") == "ext4"
    assert kind(Path("/srv/x"), f"{far}\n{mounted(Path('/srv'), 'btrfs')}") == "btrfs"
    assert kind(Path("/srv/a b/x"), mounted(Path("/srv/a b"), "cifs")) == "cifs"
    assert kind(Path("/srv/x"), "") == kind(Path("/srv/x"), "nonsense\n - \n") == ""


def test_a_link_into_a_network_disk_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    with pytest.raises(preflight.PreflightError, match="nfs4"):
        preflight.check_disk(sqlite_url(tmp_path / "near"), mounted(tmp_path / "far", "nfs4"))
    preflight.check_disk("postgresql+psycopg://t@db.example.org/x", mounted(Path("/"), "nfs4"))
    preflight.check_disk("sqlite://", mounted(Path("/"), "nfs4"))


def test_this_machine_says_what_lies_below_its_temporary_folder(tmp_path: Path) -> None:
    assert preflight.file_system(tmp_path.resolve(), preflight.read_mounts()) not in ("", *preflight.AFAR)
    assert preflight.read_mounts(tmp_path / "none") == ""


@pytest.mark.parametrize("name", sorted(preflight.LEAST))
def test_a_library_with_known_holes_keeps_the_service_from_starting(name: str) -> None:
    *front, last = preflight.LEAST[name]
    old = ".".join(map(str, [*front, last - 1]))
    with pytest.raises(preflight.PreflightError, match=rf"{name} {old} has known holes"):
        preflight.check_libraries(lambda one: old if one == name else version(one))


def test_what_is_installed_has_no_known_holes() -> None:
    preflight.check_libraries(version)
    assert preflight.numbers("3.1.6rc1") == (3, 1, 6) and preflight.numbers("1.10") > preflight.numbers("1.9.9")


@pytest.mark.parametrize(
    ("running", "mended"),
    [
        ((3, 11, 14), "3.11.15"), ((3, 11, 15), ""), ((3, 12, 12), "3.12.13"), ((3, 13, 12), ""),
        ((3, 14, 2), "3.14.3"), ((3, 15, 0), ""),
    ],
)  # fmt: skip
def test_an_old_python_is_told_of(running: tuple[int, int, int], mended: str) -> None:
    assert preflight.mended_python(running) == mended
    found = checks.python(running)
    assert found.well, "a distribution may have mended it under the old number"
    assert (mended in found.says.en and mended in found.says.et) if mended else found.says.en.count(".") == 2


def test_each_start_says_in_the_log_that_its_python_is_old(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    seen = 0
    for line, least in preflight.PYTHONS.items():
        for release, warned in ((least - 1, True), (least, False)):
            caplog.clear()
            installation.warn_of_python((*line, release))
            said = [f"{line[0]}.{line[1]}.{least}" in one.getMessage() for one in caplog.records]
            assert said == [True] * warned
            seen += 1
    assert seen == 2 * len(preflight.PYTHONS) == 8
    here = installation.installation(told(tmp_path, mounted(tmp_path, "ext4")))
    assert isinstance(here, installation.One)
    here.house.db.close()
    running = (sys.version_info.major, sys.version_info.minor, sys.version_info.micro)
    assert ("reads mail with known holes" in capsys.readouterr().err) is bool(preflight.mended_python(running))


def test_the_doctor_tells_of_the_python_and_of_a_network_disk(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["--config", str(ROOT / "config.toml"), "--data", str(tmp_path), "doctor", "--no-dns", "--wait", "0"]
    )
    assert "Python: 3." in done.output and "network" not in done.output
    found = checks.ground(sqlite_url(tmp_path), mounted(tmp_path, "nfs4"))
    assert found is not None and found.do is not None and "nfs4" in found.says.en
    assert found.do.et != found.do.en
    assert checks.ground(sqlite_url(tmp_path), HERE) is None


def test_each_programme_of_a_folder_is_refused_alike(tmp_path: Path) -> None:
    """Told of one programme alone, the same disk is looked at."""
    there = replace(told(tmp_path, mounted(tmp_path, "nfs")), programme="koos", data=tmp_path / "data" / "koos")
    with pytest.raises(click.ClickException, match="network disk"):
        real_house(there)
