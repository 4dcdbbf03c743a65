"""The wheel, built and installed by the guide's own lines into an environment of nothing but what it asks for."""

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.paths import ROOT
from tests.service import wheels

READY = re.compile(r"http://localhost:(\d+)")
EXTRAS = ("", "certificates", "oidc", "postgresql", "rehearsal")
"""a service may be asked to read a PostgreSQL, and a directory"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """The programs' folder of the environment, after the guide's lines. No index is asked: what `service.lock` names is
    lent from here, that and no more."""
    bin_folder = wheels.install(tmp_path / "opt")
    yield bin_folder
    shutil.rmtree(tmp_path / "opt")


def _asked() -> set[str]:
    """What the project asks for, and what that asks for in turn."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for extra in EXTRAS for line in project["optional-dependencies"].get(extra, project["dependencies"])]
    waiting, seen = [(Requirement(one), "") for one in lines], set[tuple[str, str]]()
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        for own in ("", *wanted.extras):
            if (key := (canonicalize_name(wanted.name), own)) not in seen:
                seen.add(key)
                found = importlib.metadata.distribution(wanted.name)
                waiting += [(Requirement(one), own) for one in found.requires or ()]
    return {name for name, _ in seen}


def test_what_is_installed_works_in_an_empty_folder_and_needs_nothing_else(installed: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    _checks(installed, empty)
    _shows_pages(installed, empty)
    assert _missing(installed, empty) == set()


def test_a_service_is_given_what_it_needs_in_the_versions_that_were_tested() -> None:
    service, all_of_it = wheels.pinned("service.lock"), wheels.pinned("requirements.lock")
    assert set(service) == _asked()
    assert {name: str(one) for name, one in service.items()} == {name: str(all_of_it[name]) for name in service}
    assert not set(service) & {"pytest", "mypy", "hatchling"}


def _checks(installed: Path, empty: Path) -> None:
    """The example config, out of the wheel."""
    told = subprocess.run([installed / "teekond", "config"], cwd=empty, capture_output=True, text=True, check=True)
    (empty / "config.toml").write_text(told.stdout, encoding="utf-8")
    said = subprocess.run([installed / "teekond", "--version"], cwd=empty, capture_output=True, text=True, check=True)
    (wheel,) = (empty.parent / "opt.dist").glob("*.whl")
    assert said.stdout == f"teekond {wheel.name.split('-')[1]}\n" and not said.stdout.endswith("0.1.0\n")
    checked = subprocess.run([installed / "teekond", "check"], cwd=empty, capture_output=True, text=True, check=True)
    assert "config.toml: no faults" in checked.stdout, checked.stdout
    (empty / "config.toml").unlink()


def _shows_pages(installed: Path, empty: Path) -> None:
    command = [str(installed / "teekond"), "demo", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=empty, stdout=subprocess.PIPE, text=True) as popen:
        try:
            assert popen.stdout is not None
            ready = READY.search(popen.stdout.readline())
            assert ready
            page = _page(ready[1], "/")
            assert "Koosloome" in page and "Täida taotlus" in page, "the catalogue of words is in the wheel"
            style = re.search(r'href="(/static/[^"]+\.css[^"]*)"', page)
            assert style and "{" in _page(ready[1], style[1])
        finally:
            popen.terminate()
        assert popen.wait(30) == 0


def _page(port: str, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def _missing(installed: Path, empty: Path) -> set[str]:
    """What its modules import and the environment has not."""
    script = (
        "import importlib, pathlib, teekond\n"
        "here = pathlib.Path(teekond.__file__).parent\n"
        "for part in ('service', 'workflow', 'mail', 'web', 'rehearsal'):\n"
        "    for file in sorted((here / part).rglob('*.py')):\n"
        "        if 'migrations' not in file.parts:\n"
        "            name = '.'.join(file.relative_to(here).with_suffix('').parts).removesuffix('.__init__')\n"
        "            try:\n"
        "                importlib.import_module(name)\n"
        "            except ModuleNotFoundError as error:\n"
        "                print(name, 'needs', error.name)\n"
        "print(here)\n"
    )
    command = [installed / "python", "-c", script]
    *missing, here = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=True).stdout.splitlines()
    assert Path(here).is_relative_to(installed.parent)
    return {line.rpartition(" ")[2].partition(".")[0] for line in missing}
