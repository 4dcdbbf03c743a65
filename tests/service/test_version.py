"""Versions that differ: each commit builds one of its own, and the running program says it wherever it is asked."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.version import Version

import build_version
import teekond
from service.version import version
from tests.paths import ROOT


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("1")
    git(tmp_path, "init")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_each_commit_and_each_change_has_a_version_of_its_own_and_later_ones_are_newer(checkout: Path) -> None:
    seen = [build_version.version(checkout)]
    for content in ("2", "3"):
        (checkout / "file").write_text(content)
        seen.append(build_version.version(checkout))
        git(checkout, "commit", "-am", content)
        seen.append(build_version.version(checkout))
    assert len(set(seen)) == 5
    clean = [Version(one) for one in (seen[0], seen[2], seen[4])]
    assert clean == sorted(clean) and all(one < Version(build_version.RELEASE) for one in clean)
    assert re.fullmatch(r"0\.1\.0\.dev1\+g[0-9a-f]{9}", seen[0]) and ".d" in seen[1]


def test_a_release_is_its_tag_and_nothing_behind_it(checkout: Path) -> None:
    git(checkout, "tag", f"v{build_version.RELEASE}")
    assert build_version.version(checkout) == build_version.RELEASE
    (checkout / "file").write_text("changed")
    assert build_version.version(checkout) != build_version.RELEASE


def test_a_source_archive_says_its_own_and_a_bare_folder_that_it_does_not_know(checkout: Path) -> None:
    archive = checkout / "archive"
    archive.mkdir()
    assert build_version.version(archive) == f"{build_version.RELEASE}+unknown"
    (archive / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: teekond\nVersion: 0.1.0.dev9+gabc\n")
    assert build_version.version(archive) == "0.1.0.dev9+gabc"


def test_the_command_says_what_a_build_would_be_called() -> None:
    assert CliRunner().invoke(teekond.main, ["--version"]).output == f"teekond {version()}\n"
    assert version() == build_version.version()


def test_the_licence_is_named_and_goes_with_the_wheel_and_every_package_is_typed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["license"] == "EUPL-1.2" and project["project"]["license-files"] == ["LICENSE"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text and re.findall(r"^(\d+)\. ", text, re.MULTILINE) == [
        str(number) for number in range(1, 16)
    ]
    packages = [one for one in project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"] if "." not in one]
    assert len(packages) == 5 and all((ROOT / one / "py.typed").is_file() for one in packages)
