"""How long a mail takes to be read and understood, and how much memory the largest one takes.

Prints a table and writes nothing. Each figure stands beside the standard library's parse of the same bytes
(`email.policy.default`), taken in the same run, so that a slower machine does not look like slower code.
"""

import argparse
import email
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from email import policy
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mail import letter  # noqa: E402
from mail.reading import said_in  # noqa: E402
from workflow.answers import Asked, understand  # noqa: E402

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
    done = subprocess.run([sys.executable, __file__, "--hold", what], capture_output=True, check=True, text=True)
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


def rows(times: int) -> list[tuple[str, str, str, str, str]]:
    found = []
    for name, raw, most in (("2 KB reply", small(), 5.0), ("200 KB page", page(), 60.0)):
        assert ours(raw) == "yes", name
        mine, std = median(ours, raw, times), median(theirs, raw, max(5, times // 10))
        found.append((name, f"{mine:.2f} ms", f"{std:.2f} ms", f"{mine / std:.2f}", f"< {most:.0f} ms"))
    mine, std = peak("ours"), peak("theirs")
    found.append(("25 MiB mail", f"{mine:.1f} x", f"{std:.1f} x", f"{mine / std:.2f}", "< 4 x"))
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=200, help="readings of each mail (200)")
    options.add_argument("--hold", choices=["ours", "theirs"], help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.hold:
        return hold(given.hold)
    now = datetime.now(UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC · {platform.machine()}, {platform.system()} {platform.release()}")
    print(f"Python {platform.python_version()} · lxml {version('lxml')} · flufl.bounce {version('flufl.bounce')}\n")
    print(f"{'mail':<14}{'ours':>12}{'stdlib':>12}{'ratio':>8}{'limit':>10}")
    for name, mine, std, ratio, most in rows(given.times):
        print(f"{name:<14}{mine:>12}{std:>12}{ratio:>8}{most:>10}")
    print("\nTimes: median, read and understood, of the process's own time; the library parses only. Memory: the peak")
    print("while the mail is read, its own bytes among it, as a multiple of the mail.")
    return None


if __name__ == "__main__":
    main()
