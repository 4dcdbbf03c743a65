"""Commands as an operator types them: the very command line of `python teekond.py`, in a process of its own.

The processes are born by a parent that has read the service once (`python -m tests.command_line`), so that a command
takes as long as its work; reading everything anew takes longer than most commands do. That the service also starts
from nothing is for tests/service/commands/test_run.py. The parent must never open a database or start a thread: its
children would share them.
"""

import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import teekond
from tests.paths import ROOT

PATIENCE = 400
"""seconds that a command may take"""


def typed(
    *words: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None, uid: int | None = None
) -> subprocess.CompletedProcess[str]:
    """What became of `teekond` with these words, typed in this folder; by another user where root runs the tests."""
    parent = _parent()
    assert parent.stdin is not None and parent.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        order = {"words": words, "cwd": str(cwd), "env": dict(os.environ if env is None else env), "uid": uid}
        parent.stdin.write(json.dumps({**order, "files": [str(out), str(err)]}) + "\n")
        parent.stdin.flush()
        if not select.select([parent.stdout], [], [], PATIENCE)[0]:
            parent.kill()
            raise TimeoutError(f"teekond {' '.join(words)} does not end")
        code = int(parent.stdout.readline())
        return subprocess.CompletedProcess(["teekond", *words], code, out.read_text(), err.read_text())


@cache
def _parent() -> subprocess.Popen[str]:
    """One for this process; it ends with it, for then nobody is left to give it an order."""
    command = [sys.executable, "-m", "tests.command_line"]
    born = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert born.stdout is not None
    if born.stdout.readline() != "ready\n":
        raise RuntimeError("the service cannot even be imported")
    return born


def main() -> None:
    for room in sorted({room for room, _ in teekond.COMMANDS.values()}):
        importlib.import_module(f"service.commands.{room}")
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: dict[str, Any]) -> None:
    """The child: one command, until it ends."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    files = [os.open(name, os.O_WRONLY | os.O_CREAT, 0o600) for name in order["files"]]
    for number, file in enumerate([nothing, *files]):
        os.dup2(file, number)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    if order["uid"] is not None:
        importlib.import_module("_strptime")  # imported when needed, from where another user may not read
        importlib.import_module("encodings.ascii")
        os.setgroups([])
        os.setgid(order["uid"])
        os.setuid(order["uid"])
    code = 1
    try:
        teekond.main(order["words"], prog_name="teekond")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
