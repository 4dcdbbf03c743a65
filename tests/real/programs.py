"""Real programs, run by the tests as their own processes: own folders, own ports, own configuration."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import leave_out

PATIENCE = 120
"""seconds until a real program is thought to hang"""


def need(program: str, package: str, *, root: bool = False) -> str:
    """The program's path; the test is left out, and the closing lines say so, where it is not there."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/dovecot:/usr/lib/postfix/sbin")
    if found is None:
        leave_out(f"{program} is not installed", f"apt-get install {package}")
    if root and os.getuid() != 0:
        leave_out(f"{program} starts only for root", "run the tests as root")
    return found


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for another process or thread; its own pace does not matter."""
    waiting = threading.Event()
    given_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < given_up, f"in vain: {what}"
        waiting.wait(0.02)


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A folder with a short name that programs of other users may enter (sockets take 100 characters)."""
    with tempfile.TemporaryDirectory(prefix=f"tk-{name}-", dir="/tmp", ignore_cleanup_errors=True) as path:
        Path(path).chmod(0o755)
        yield Path(path)


@contextmanager
def process(
    command: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server in the foreground, ended with the block."""
    with log.open("ab") as out:
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def run(command: Sequence[str], *, said: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """What a program says; it must end well."""
    done = subprocess.run(
        command, input=said, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )
    heard = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, heard
    return heard
