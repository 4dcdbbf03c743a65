"""From the command to the first page answered, and the processor time of small commands beside importing click."""

import ctypes
import os
import re
import resource
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
HELP, READ = 4.0, 12.0
"""how often the processor time of `import click` the list of commands, and reading a mail, may take"""
MAIL = b"From: Mari <mari@example.org>\r\nTo: k@example.org\r\nSubject: Re: Koht\r\n\r\nJAH\r\n"
SUBREAPER = 36  # prctl(2): children's children that are left behind become ours, and count


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
        *_small_commands(times),
    ]


def _small_commands(times: int) -> list[Row]:
    """Processor time, as this environment lets modules be compiled and kept, and with nothing of ours kept."""
    with tempfile.TemporaryDirectory(prefix="teekond-bench-") as folder:
        mail, rows = Path(folder) / "mail.eml", []
        mail.write_bytes(MAIL)
        for how in ((), ("-B",)):
            click = _processor(times, *how, "-c", "import click")
            asked = {"--help": (HELP, ["--help"]), "read": (READ, ["read", str(mail)])}
            for what, (most, arguments) in asked.items():
                ours = _processor(times, *how, "teekond.py", *arguments)
                named = f"{what}, processor time{', nothing written' if how else ''}"
                rows.append(
                    Row(what=named, ours=ours, peer="import click", theirs=click, better=Better.LESS, limit=most)
                )
    return rows


def _processor(times: int, *arguments: str) -> Sample:
    """Of a command and all that it started."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    return Sample(tuple(_once(arguments) for _ in range(times)), "s")


def _once(arguments: tuple[str, ...]) -> float:
    before = _spent()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return _spent() - before


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
