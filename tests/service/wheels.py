"""Wheels built and installed as the guide says, each in an environment of nothing but what `service.lock` names.

No index is asked: the distributions are lent from this environment, those and no more.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.paths import ROOT

PINNED = re.compile(r"^([a-z][^=;\s]*==[^\s\\]+(?: ; [^\\\n]+)?)", re.MULTILINE)
BLOCK = re.compile(r"^```sh\n(make setup\n.+?)^```", re.MULTILINE | re.DOTALL)


def install(where: Path, checkout: Path = ROOT) -> Path:
    """The guide's lines, with `where` for /opt/teekond and `where.dist` for dist; the programs' folder."""
    (found,) = BLOCK.findall((ROOT / "docs" / "operating.md").read_text(encoding="utf-8"))
    setup, build, venv, needed, last = found.splitlines()
    assert setup == "make setup"
    dist = where.with_suffix(".dist")
    run(build.replace(".venv/bin/python", sys.executable, 1) + f" --outdir {dist}", checkout)
    run(venv.replace("python3", sys.executable, 1).replace("/opt/teekond", str(where)), checkout)
    (site,) = where.glob("lib/python3*/site-packages")
    lend(where.with_suffix(".lent"))
    (site / "lent.pth").write_text(f"{where.with_suffix('.lent')}\n")
    run(needed.replace("/opt/teekond", str(where)), ROOT)
    run(last.replace("/opt/teekond", str(where)).replace("dist/", f"{dist}/"), checkout)
    return where / "bin"


def run(line: str, cwd: Path) -> None:
    """One line of the guide, in a shell of its own, without an index."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(["bash", "-ec", line], env={**env, "PIP_NO_INDEX": "1"}, cwd=cwd, capture_output=True,
                          text=True, timeout=180, check=False)  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def pinned(lock: str) -> dict[str, Requirement]:
    """What a lock names for this machine, by name; a name's extras are the latter's own lines."""
    named = map(Requirement, PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))
    return {canonicalize_name(one.name): one for one in named if one.marker is None or one.marker.evaluate()}


def lend(to: Path) -> None:
    """Links to the distributions that the lock names, in the versions that it names."""
    to.mkdir()
    for name, wanted in pinned("service.lock").items():
        found = importlib.metadata.distribution(name)
        assert found.version in wanted.specifier, f"{name} {found.version} is not what the lock names"
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (to / top).exists():
                (to / top).symlink_to(Path(str(found.locate_file(top))))
