"""The commands as a person runs them: real processes, real ports, signals and kills."""

import json
import os
import re
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.command_line import typed
from tests.conftest import own_database
from tests.paths import ROOT
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter, Setting

TEEKOND = [sys.executable, str(ROOT / "teekond.py")]
READY = re.compile(r"http://localhost:(\d+), mail on port (\d+)")


class Process:
    """One running `teekond`, with the ports it took."""

    def __init__(self, *words: str, env: dict[str, str] | None = None) -> None:
        self.popen = subprocess.Popen(
            [*TEEKOND, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        found = READY.search(line)
        assert found, line + (self.popen.stderr.read() if self.popen.poll() is not None and self.popen.stderr else "")
        self.web, self.smtp = int(found[1]), int(found[2])

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(30)


def demo(data: Path, **rest: dict[str, str]) -> Process:
    return Process("--data", str(data), "demo", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0", **rest)


@pytest.fixture
def relay() -> Iterator[tuple[int, list[object]]]:
    """A mail server that nobody may call: it notes every connection."""
    server, calls, stop = socket.create_server(("127.0.0.1", 0)), [], threading.Event()
    server.settimeout(0.1)

    def listen() -> None:
        while not stop.is_set():
            try:
                connection, peer = server.accept()
            except TimeoutError:
                continue
            calls.append(peer)
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], calls
    stop.set()
    thread.join()
    server.close()


def write_to(process: Process, recipient: str, number: int = 1) -> int:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "keegi@example.org", recipient, "Tere"
    mail["Message-ID"] = f"<tere{number}@example.org>"
    mail.set_content("Tere!")
    with smtplib.SMTP("127.0.0.1", process.smtp, timeout=10) as client:
        client.ehlo()
        client.mail("keegi@example.org")
        code, _ = client.rcpt(recipient)
        return code if code >= 400 else client.data(mail.as_bytes())[0]


def own_address() -> str:
    from_address = re.search(r'from_address = "([^"]+)"', (ROOT / "config.toml").read_text(encoding="utf-8"))
    assert from_address
    return from_address[1]


def test_the_demo_answers_takes_mail_and_ends_in_order(tmp_path: Path) -> None:
    process = demo(tmp_path)
    try:
        status, body = process.get("/healthz")
        assert (status, json.loads(body)["ok"]) == (200, True)
        assert "Koosloome" in process.get("/")[1]
        assert write_to(process, own_address()) == 250
        assert write_to(process, "r-aaaaaaaaaaaaaaaaaaaaaaaaaa@" + own_address().partition("@")[2]) == 550
    finally:
        assert process.end() == 0


def test_a_killed_demo_goes_on_where_it_was(tmp_path: Path) -> None:
    first = demo(tmp_path)
    for number in range(20):
        assert write_to(first, own_address(), number) == 250
    first.end(signal.SIGKILL)
    db = Database(sqlite_url(tmp_path / "demo"))
    with db.reading() as session:
        kept = session.get_one(Setting, "simulated_now").value
        assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 20
    second = demo(tmp_path)
    try:
        wait_for(lambda: not _new(db))
        with db.reading() as session:
            assert session.get_one(Setting, "simulated_now").value >= kept
            assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 20
    finally:
        assert second.end() == 0
        db.close()


def _new(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Letter).where(Letter.status == "new")) or 0


def wait_for(true: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_no_mail_leaves_the_demo_whatever_the_config_says(tmp_path: Path, relay: tuple[int, list[object]]) -> None:
    port, calls = relay
    env = {"TEEKOND_MAIL__RELAY_HOST": "127.0.0.1", "TEEKOND_MAIL__RELAY_PORT": str(port)}
    process = demo(tmp_path, env=env)
    try:
        db = Database(sqlite_url(tmp_path / "demo"))
        _queue_something(process)
        wait_for(lambda: "sent" in _statuses(db))
        db.close()
    finally:
        process.end()
    assert calls == []


def _queue_something(process: Process) -> None:
    """Sign up for the info day through its form, as a browser would."""
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    base = f"http://localhost:{process.web}"
    page = jar.open(f"{base}/info-day", timeout=10).read().decode()
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    fields |= {"name": "Mari Näidis", "address": "mari@example.org"}
    data = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(f"{base}/info-day", data=data, headers={"Origin": base})
    assert jar.open(request, timeout=10).status == 200


def _statuses(db: Database) -> set[str]:
    with db.reading() as session:
        return set(session.scalars(sa.text("SELECT status FROM messages")))


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return typed(*words, cwd=cwd or ROOT)


def started(folder: Path) -> None:
    """The service once started and stopped there."""
    process = Process(
        "--config", str(folder / "config.toml"), "--data", str(folder / "d"),
        "serve", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0",
    )  # fmt: skip
    assert process.end() == 0


def test_a_changed_config_takes_effect_when_it_is_said_to(tmp_path: Path) -> None:
    file, text = tmp_path / "config.toml", (ROOT / "config.toml").read_text(encoding="utf-8")
    words = ("--config", str(file), "--data", str(tmp_path / "d"), "change")
    file.write_text(text, encoding="utf-8")
    started(tmp_path)
    with sqlite3.connect(tmp_path / "d" / "teekond.sqlite") as books:
        books.execute(
            "INSERT INTO teams (name, home, lang, state, state_since, version, applied_at, late_pass,"
            " application, note) VALUES ('A', 'A', 'et', 'applied', '2022-02-02', 0, '2022-02-02', 0, '{}', '')"
        )
    file.write_text(text.replace("before = 2022-02-28", "before = 2022-03-07"), encoding="utf-8")
    started(tmp_path)
    with sqlite3.connect(tmp_path / "d" / "teekond.sqlite") as books:
        told = books.execute("SELECT says FROM alerts WHERE kind = 'config'").fetchall()
        closes = "SELECT due_at FROM duties WHERE key = 'apply_closed'"
        assert len(told) == 1 and books.execute(closes).fetchone()[0].startswith("2022-02-27")
        shown = run(*words)
        assert "apply.before: 2022-02-28 -> 2022-03-07" in shown.stdout, shown
        assert "Nothing is changed yet" in shown.stdout
        in_force = "SELECT value FROM settings WHERE key = 'config'"
        assert "before = 2022-03-07" not in books.execute(in_force).fetchone()[0]
        assert "It is in force" in run(*words, "--apply").stdout
        assert "before = 2022-03-07" in books.execute(in_force).fetchone()[0]


def test_init_writes_next_years_config_once(tmp_path: Path) -> None:
    words = ("--config", str(ROOT / "config.toml"), "init", "--start", "2024-03-26", "--out", "next.toml")
    made = run(*words, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "2024-05-08, away from May Day" in made.stdout
    assert "begins on Tuesday, 2024-03-26" in made.stdout
    assert run("--config", "next.toml", "check", cwd=tmp_path).returncode == 0
    before = (tmp_path / "next.toml").read_bytes()
    again = run(*words, cwd=tmp_path)
    assert again.returncode == 1 and "it is there already" in again.stderr
    assert (tmp_path / "next.toml").read_bytes() == before
    on_a_saturday = run(*words[:4], "2027-04-10", "--out", "weekend.toml", cwd=tmp_path)
    assert "begins on Tuesday, 2027-04-13" in on_a_saturday.stdout, "weekdays are kept"
    beyond = run(*words[:4], "2250-01-01", "--out", "beyond.toml", cwd=tmp_path)
    assert beyond.returncode == 1 and "from 2000 to 2199" in beyond.stdout and "has faults" in beyond.stderr


def test_check_finds_no_fault_in_the_default_config() -> None:
    words = ["--config", str(ROOT / "config.toml"), "check"]
    done = subprocess.run([*TEEKOND, *words], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no faults" in done.stdout


def test_check_names_every_fault_with_its_line(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    broken = text.replace("capacity = 10", "capacity = -1\nkapatsiteet = 3").replace(
        '"Europe/Tallinn"', '"Europe/Tallin"'
    )
    (tmp_path / "config.toml").write_text(broken, encoding="utf-8")
    done = run("check", cwd=tmp_path)
    assert done.returncode == 1
    assert all(word in done.stdout for word in ("capacity", "kapatsiteet", "timezone"))


def test_a_config_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    old = text.encode("latin-1", "replace")
    (tmp_path / "config.toml").write_bytes(old)
    latin = next(number for number, line in enumerate(old.split(b"\n"), start=1) if not line.isascii())
    for words in (("check",), ("serve",)):
        told = typed(*words, cwd=tmp_path)
        assert told.returncode == 1 and f"line {latin}: This is not UTF-8. Save the file as UTF-8." in told.stderr
    told = typed("--config", "nextyear.toml", "check", cwd=tmp_path)
    assert told.returncode == 1 and "nextyear.toml: there is no such file or folder. --config names" in told.stderr
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())  # as Notepad saves it
    assert typed("check", cwd=tmp_path).returncode == 0


def test_a_broken_config_starts_nothing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("capacity = [", encoding="utf-8")
    done = run("--data", str(tmp_path / "d"), "demo", cwd=tmp_path)
    assert done.returncode == 1
    assert "config.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_read_prints_one_object_a_line(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(b"From: a@example.org\r\nIn-Reply-To: <x@example.org>\r\n\r\n12.07 1,5 h\r\n")
    done = run("read", "--question", "hours", str(file), str(file))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(o["file"], o["answer"]["kind"], o["answer"]["entries"][0]["minutes"]) for o in lines] == [
        (str(file), "hours", 90)
    ] * 2


def test_an_address_that_is_none_is_told_so(tmp_path: Path) -> None:
    done = run("demo", "--web", "8080", cwd=tmp_path)
    assert done.returncode == 2
    assert "HOST:PORT" in done.stderr


def test_many_processes_start_at_once_on_an_empty_postgresql(tmp_path: Path, postgresql_server: sa.URL) -> None:
    with own_database(postgresql_server) as database:
        url = database.render_as_string(hide_password=False)
        env = {**os.environ, "TEEKOND_DATABASE__URL": url, "TEEKOND_MAIL__RELAY_PORT": "9"}
        roles = (["work"], ["work"], ["receive", "--smtp", "127.0.0.1:0"], ["web", "--web", "127.0.0.1:0"])
        command = [*TEEKOND, "--data", str(tmp_path)]
        running = [subprocess.Popen([*command, *r], env=env, stdout=subprocess.PIPE, text=True) for r in roles]
        letter = b"Subject: tere\r\nFrom: a@example.org\r\n\r\nTere\r\n"
        try:
            said = [p.stdout.readline() if p.stdout else "" for p in running]
            port = re.search(r"SMTP on port (\d+)", said[2])
            assert port, said
            with smtplib.SMTP("127.0.0.1", int(port[1]), timeout=10) as client:
                client.sendmail("a@example.org", [own_address()], letter)
            db = Database(url)
            wait_for(lambda: not _new(db))
            db.close()
        finally:
            for process in running:
                process.terminate()
            codes = [process.wait(30) for process in running]
        assert codes == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("words", "taken"),
    [(["serve", "--smtp", "127.0.0.1:0"], "--web"), (["web"], "--web"), (["demo", "--smtp", "127.0.0.1:0"], "--web"),
     (["serve", "--web", "127.0.0.1:0"], "--smtp"), (["receive"], "--smtp"),
     (["demo", "--web", "127.0.0.1:0"], "--smtp")],
)  # fmt: skip
def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path: Path, words: list[str], taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        at = f"127.0.0.1:{other.getsockname()[1]}"
        done = typed("--data", str(tmp_path), *words, taken, at)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"Error: {at} is taken: end what listens there, or choose another address"
    assert "Traceback" not in done.stderr


def test_an_address_that_is_not_this_machines_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = typed("--data", str(tmp_path), "demo", "--web", "192.0.2.7:0")
    assert done.returncode == 1 and "192.0.2.7:0 is no address of this machine" in done.stderr
    assert "Traceback" not in done.stderr
