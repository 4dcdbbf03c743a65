"""How long a mail takes to be read and understood, and how much memory the largest one takes, beside the standard
library's parse of the same bytes (`email.policy.default`), which understands nothing yet.
"""

import email
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from email import policy
from functools import partial
from pathlib import Path

from bench.figures import Better, Row, Sample, runs
from mail.handling.reply_text import said_in
from mail.reading import letter
from workflow.replies.answers import Asked
from workflow.replies.understand import understand

TITLE = "Reading"
PEER = "email.policy.default"
ROOT = Path(__file__).resolve().parent.parent
KIB, MIB = 1024, 1024 * 1024
ASKED = Asked(today=date(2022, 4, 5))
HEAD = (
    "Received: from mx.example.org by mx.teekond.example.org; Tue, 5 Apr 2022 10:00:00 +0300\r\n"
    "From: Mari Kask <mari@example.org>\r\nTo: r-secret00000000000000000001@teekond.example.org\r\n"
    "Subject: =?utf-8?q?Re=3A_T=C3=B6=C3=B6tuba?=\r\nDate: Tue, 5 Apr 2022 10:00:00 +0300\r\n"
    "Message-ID: <1@mail.example.org>\r\nIn-Reply-To: <m.1@teekond.example.org>\r\n"
    "References: <t.1@teekond.example.org> <m.1@teekond.example.org>\r\nMIME-Version: 1.0\r\n"
)
QUOTE = "> Tere, Mari!\r\n>\r\n> Kas meeskond tuleb töötuppa? Vastake JAH või EI hiljemalt reedel.\r\n>\r\n"


def small() -> bytes:
    """A reply of 2 KB: a word, a signature, a quote."""
    text = (
        "JAH\r\n\r\nTervitades\r\nMari Kask\r\n+372 5555 0101\r\n\r\n5.04.2022 10:00 Koosloome kirjutas:\r\n"
        + QUOTE * 15
    )
    return f"{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()[: 2 * KIB]


def page() -> bytes:
    """A reply of 200 KB as Outlook writes it: styles, a table of a signature, a long history below."""
    style = 'class="MsoNormal" style="margin:0cm;font-size:11.0pt"'
    old = f'<p {style}><span lang="ET">Õhtul kell 18 – vastake <b>JAH</b> või EI.</span></p>\r\n'
    head = "<html><head><style>p.MsoNormal {margin:0cm}</style></head><body><div><p class=MsoNormal>JAH</p>"
    rule = (
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>Saatja:</b> Koosloome"
    )
    labels = "<br><b>Saadetud:</b> teisipäev<br><b>Adressaat:</b> Mari<br><b>Teema:</b> Koht</p></div>"
    html = head + rule + labels + old * (200 * KIB // len(old.encode()))
    return f"{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n{html}</div></body></html>".encode()[: 200 * KIB]


def large() -> bytes:
    """A mail of just under 25 MiB with one file."""
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n"
    head = f'{HEAD}Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nLisatud.\r\n--b\r\n'.encode()
    part = b'Content-Type: application/pdf; name="kaart.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head + part + line * ((25 * MIB - 2 * KIB) // len(line)) + b"--b--\r\n"


def ours(raw: bytes) -> str:
    return understand("rsvp", said_in(letter.read(raw)), ASKED).kind


def theirs(raw: bytes) -> object:
    """The standard library, asked for as much: the headers and the text."""
    found = email.message_from_bytes(raw, policy=policy.default)
    body = found.get_body(("plain", "html"))
    return found.items(), body.get_content() if body else None


def median(call: Callable[[bytes], object], raw: bytes, times: int) -> float:
    """In milliseconds of this process's own time, the first call left out."""
    call(raw)
    taken = []
    for _ in range(times):
        begin = time.process_time()
        call(raw)
        taken.append(time.process_time() - begin)
    return statistics.median(taken) * 1000


def peak(what: str) -> float:
    """The most memory that a process of its own takes to read the large mail, the mail's own bytes among it,
    as a multiple of the mail (Linux: the highest mark is set back once the mail is made)."""
    command = [sys.executable, "-m", "bench.reading", what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return float(done.stdout)


def hold(what: str) -> None:
    raw = large()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _memory("VmRSS")
    kept = {"ours": letter.read, "theirs": theirs}[what](raw)
    print((_memory("VmHWM") - before + len(raw)) / len(raw))
    del kept


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name)) * KIB


def run(times: int) -> list[Row]:
    """Times of the process's own; memory as a multiple of the mail, its own bytes among it."""
    found = []
    for name, raw, most in (("2 KB reply, read and understood", small(), 5.0), ("200 KB page", page(), 60.0)):
        assert ours(raw) == "yes", name
        mine = runs(partial(median, ours, raw, 50), times, "ms")
        std = runs(partial(median, theirs, raw, 10), times, "ms")
        found.append(Row(what=name, ours=mine, better=Better.LESS, limit=most))
        found.append(Row(what=f"{name}, against parsing alone", ours=mine, peer=PEER, theirs=std))
    mine, std = Sample((peak("ours"),), "× the mail"), Sample((peak("theirs"),), "× the mail")
    found.append(Row(what="most memory, 25 MiB mail", ours=mine, better=Better.LESS, limit=4))
    found.append(Row(what="most memory, against parsing alone", ours=mine, peer=PEER, theirs=std))
    return found


if __name__ == "__main__":
    hold(sys.argv[1])
