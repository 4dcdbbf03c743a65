"""A parent that has read the whole service once and bears its processes: `python -m tests.reliability.process_parent`.

Each line on its standard input is an order (JSON: `words`, the command line behind `teekond.py`; `env`; `out`, the file
for what the process says); the answer is the new process's number. A process born so runs the very command line that
`python teekond.py` runs, and begins within a tenth of a second where that takes two: a hundred kills fit into a
minute or two. Must never open a database or start a thread itself: its children would share them.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any

import teekond
from service.commands import run  # noqa: F401


def become(order: dict[str, Any]) -> None:
    """The child: one process of the service, until it ends or is killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in ((0, nothing), (1, out), (2, out)):
        os.dup2(file, number)
    os.environ.update(order["env"])
    code = 1
    try:
        teekond.main(order["words"], prog_name="teekond")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are taken away by the system
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
        print(child, flush=True)


if __name__ == "__main__":
    main()
