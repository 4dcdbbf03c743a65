"""The wheel, built and installed by the guide's own lines into an environment of nothing but what it asks for."""

import email
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.make import ROOT

READY = re.compile(r"http://localhost:(\d+)")
BLOCK = re.compile(r"^```sh\n(make setup\n.+?)^```", re.MULTILINE | re.DOTALL)
OPTIONAL = {"authlib", "requests", "psycopg"}
"""only with an extra: `[oidc]`, `[postgresql]`"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """The programs' folder of the environment, after the guide's lines. No index is asked: what the wheel asks for is
    lent from here, that and no more."""
    (found,) = BLOCK.findall((ROOT / "docs" / "operating.md").read_text(encoding="utf-8"))
    setup, build, venv, install = found.splitlines()
    assert setup == "make setup"
    _run(build.replace(".venv/bin/python", sys.executable, 1) + f" --outdir {tmp_path}/dist")
    _run(venv.replace("python3", sys.executable, 1).replace("/opt/teekond", f"{tmp_path}/opt"))
    (site,) = (tmp_path / "opt").glob("lib/python3*/site-packages")
    _lend(tmp_path / "lent", next((tmp_path / "dist").glob("*.whl")))
    (site / "lent.pth").write_text(f"{tmp_path}/lent\n")
    _run(install.replace("/opt/teekond", f"{tmp_path}/opt").replace("dist/", f"{tmp_path}/dist/"))
    yield tmp_path / "opt" / "bin"
    shutil.rmtree(tmp_path / "opt")


def _run(line: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(["bash", "-ec", line], env={**env, "PIP_NO_INDEX": "1"}, cwd=ROOT, capture_output=True,
                          text=True, timeout=180, check=False)  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def _lend(to: Path, wheel: Path) -> None:
    """Links to the distributions that the wheel asks for, and those that they ask for."""
    to.mkdir()
    with zipfile.ZipFile(wheel) as held:
        (name,) = [name for name in held.namelist() if name.endswith(".dist-info/METADATA")]
        asked = email.message_from_bytes(held.read(name)).get_all("Requires-Dist", [])
    waiting, seen = [(Requirement(one), "") for one in asked], set[tuple[str, str]]()
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        for own in ("", *wanted.extras):
            if (key := (canonicalize_name(wanted.name), own)) not in seen:
                seen.add(key)
                found = importlib.metadata.distribution(wanted.name)
                waiting += [(Requirement(one), own) for one in found.requires or ()]
                _link(to, found)


def _link(to: Path, found: importlib.metadata.Distribution) -> None:
    for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
        if not (to / top).exists():
            (to / top).symlink_to(Path(str(found.locate_file(top))))


def test_what_is_installed_works_in_an_empty_folder_and_needs_nothing_else(installed: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    _checks(installed, empty)
    _shows_pages(installed, empty)
    assert _missing(installed, empty) <= OPTIONAL


def _checks(installed: Path, empty: Path) -> None:
    """The default config, out of the wheel."""
    checked = subprocess.run([installed / "teekond", "check"], cwd=empty, capture_output=True, text=True, check=True)
    assert "teekond_share" in checked.stdout, checked.stdout


def _shows_pages(installed: Path, empty: Path) -> None:
    command = [str(installed / "teekond"), "demo", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=empty, stdout=subprocess.PIPE, text=True) as popen:
        try:
            assert popen.stdout is not None
            ready = READY.search(popen.stdout.readline())
            assert ready
            page = _page(ready[1], "/")
            assert "Koosloome" in page
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
