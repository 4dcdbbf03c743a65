"""Peers in environments of their own: made once, kept in a cache folder, never mixed with ours.

A peer that cannot be had is left out in words; nothing is measured in its place.
"""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

INSTALL_SECONDS = 600


class NotHere(Exception):
    """This machine lacks what the peer needs; the message says what."""


def python_with(*packages: str) -> Path:
    """The Python of an environment that holds these packages (`name==version`). Raises NotHere."""
    name = sha256(" ".join(sorted(packages)).encode()).hexdigest()[:12]
    folder = _cache() / name
    python, done = folder / "bin" / "python", folder / "done"
    if done.exists():
        return python
    for command in ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", *packages]):
        _ran(command, packages)
    done.touch()
    return python


def _ran(command: list[str], packages: tuple[str, ...]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotHere(f"{', '.join(packages)} could not be installed ({type(error).__name__})") from error


def _cache() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "teekond-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
