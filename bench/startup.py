"""From the command to the first page answered: `teekond demo` on a fresh folder, and again on the same one."""

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.figures import Better, Row, Sample

TITLE = "Starting"
ROOT = Path(__file__).resolve().parent.parent
MOST = 2.0


def run(times: int) -> list[Row]:
    fresh, again = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
            fresh.append(_ready(Path(folder)))
            again.append(_ready(Path(folder)))
    bare = Sample(tuple(_imports("pass") for _ in range(times)), "s")
    ours = Sample(tuple(_imports("import teekond, service.commands.run") for _ in range(times)), "s")
    return [
        Row(what="demo ready to answer, fresh", ours=Sample(tuple(fresh), "s"), better=Better.LESS, limit=MOST),
        Row(what="demo ready to answer, again", ours=Sample(tuple(again), "s"), better=Better.LESS, limit=MOST),
        Row(what="of it, importing all", ours=ours, peer="Python alone", theirs=bare),
    ]


def _ready(data: Path) -> float:
    free = "127.0.0.1:0"
    command = [sys.executable, "teekond.py", "--data", str(data), "demo", "--web", free, "--smtp", free]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://\S+?:(\d+)", said)
        assert found, said
        with urllib.request.urlopen(f"http://localhost:{found[1]}/", timeout=30) as page:
            assert page.status == 200
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(30)


def _imports(what: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", what], cwd=ROOT, check=True)
    return time.perf_counter() - began
