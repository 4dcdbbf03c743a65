"""Many machines on PostgreSQL: a receiver, pages and three workers, each in a network namespace of its own.

While letters come in, one worker's cable is pulled in the middle of its work and another is killed; the third goes on.
Then the first one's cable is put back: it must change nothing that others have done meanwhile. Needs root and `ip`.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from tests.mail.scripted_relay import Relay
from tests.paths import ROOT
from tests.reliability import invariants, kill, open_season
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import Installation, Kind, time_passes
from tests.reliability.open_season import Task
from tests.reliability.postgresql import fresh_database
from workflow.database.engine import CUT_OFF, Database
from workflow.database.models import Letter

PAIRS = {Scale.SHORT: 60, Scale.LONG: 600}
LETTERS = "abcde"
NET = f"10.203.{os.getpid() % 250}"
"""each run has a network of its own: with two of one number, answers would go to the other's machines"""
HERE = f"{NET}.1"
PATIENCE = 240
SENDER = """
import json, smtplib, sys
port, letters = int(sys.argv[1]), json.load(open(sys.argv[2]))
for batch in range(0, len(letters), 50):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        for sender, to, text in letters[batch : batch + 50]:
            server.sendmail(sender, [to], text)
            print("taken", flush=True)
"""


FREE_SECONDS = 60
HELD = 20220405
"""the number of a lock that nobody else takes"""
HALF = f"""
import sys
from workflow.database.engine import Database
with Database(sys.argv[1]).engine.connect() as connection:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock({HELD})")
    driver = connection.connection.driver_connection
    with driver.pipeline():
        driver.execute("SELECT 1")
        driver.pgconn.send_flush_request()
        driver.pgconn.flush()
        print("half said", flush=True)
        sys.stdin.read()
"""
_OPTIONS = {
    "keepalives_idle": socket.TCP_KEEPIDLE,
    "keepalives_interval": socket.TCP_KEEPINTVL,
    "keepalives_count": socket.TCP_KEEPCNT,
    "user_timeout": socket.TCP_USER_TIMEOUT,
}


class NoNamespaces(Exception):
    """This machine lets nobody make network namespaces; the message says what failed."""


@dataclass
class Machine(Installation):
    """Processes in a network namespace, which reach database and relay over its one cable."""

    namespace: str = ""

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "TEEKOND_MAIL__RELAY_HOST": HERE}

    @contextmanager
    def half_said(self, url: str) -> Iterator[None]:
        """Somebody in it who holds a lock and stops in the middle of several statements that go together."""
        command = [*self.wrapped_in, sys.executable, "-c", HALF, url]
        half = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            assert half.stdout is not None
            if half.stdout.readline() != "half said\n":
                raise RuntimeError("nobody could stop in the middle of their statements")
            yield
        finally:
            half.kill()
            half.communicate()

    def cable(self, there: bool) -> None:
        _ip("link", "set", f"{self.namespace}o", "up" if there else "down")


@dataclass
class Ran:
    acknowledged: int = 0
    handled_at_cut: int = 0
    handled_at_kill: int = 0
    left_behind: int = 0
    freed: float = 0.0
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)


def run(scale: Scale) -> list[Figure]:
    with TemporaryDirectory(prefix="machines-") as folder, fresh_database("postgresql") as url, _switch() as net:
        assert url is not None
        db = Database(url)
        try:
            config = open_season.config_file(Path(folder))
            tasks = open_season.lay(db, config, datetime.now(UTC), PAIRS[scale], Random(7))
            ran = _run(db, Path(folder), config, sa.make_url(url), tasks, net)
            return figures(db, ran, tasks)
        finally:
            db.close()


def _run(db: Database, folder: Path, config: Path, url: sa.URL, tasks: list[Task], names: list[str]) -> Ran:
    ran = Ran()
    with ThreadPoolExecutor(1) as pool, ExitStack() as open_now:
        relay = open_now.enter_context(Relay())
        base = open_now.enter_context(_forwarded(url))
        relay_port = open_now.enter_context(_forward(("127.0.0.1", relay.port)))
        kinds = (Kind.RECEIVE, Kind.WEB, Kind.WORK, Kind.WORK, Kind.WORK)
        machines = []
        for name, kind in zip(names, kinds, strict=True):
            place = folder / name
            place.mkdir()
            machines.append(open_now.enter_context(Machine(
                place, config, relay_port, base.render_as_string(hide_password=False), {kind: 1},
                ("ip", "netns", "exec", name), namespace=name,
            )))  # fmt: skip
        for machine in machines:
            machine.start(*machine.places)
        receiver, _, cut_off, killed, survivor = machines
        began = time.monotonic()
        post = _send(receiver, folder, tasks)
        ran.handled_at_cut = _until(db, len(tasks) // 5)
        open_now.enter_context(cut_off.half_said(base.render_as_string(hide_password=False)))
        cut_off.cable(False)
        freed = pool.submit(_freed, db)
        ran.handled_at_kill = _until(db, 2 * len(tasks) // 5)
        killed.kill(killed.places[0])
        out, _ = post.communicate(timeout=PATIENCE)
        ran.acknowledged = out.count("taken")
        kill._wait_for(lambda: kill._idle(db), "the third worker does not go on")
        survivor.stop(*survivor.places)
        ran.left_behind = time_passes(db)[0]  # minutes, in earnest: the dead one's leases run out
        survivor.start(*survivor.places)
        kill._wait_for(lambda: not _new(db), "what the dead had in hand is not taken over")
        ran.freed = freed.result()
        cut_off.cable(True)
        time.sleep(3)  # it comes back, and finds that it was given up
        kill._wait_for(lambda: kill._idle(db), "letters or mails still wait")
        ran.seconds = time.monotonic() - began
        ran.complaints = survivor.complaints()
    return ran


def _send(receiver: Machine, folder: Path, tasks: list[Task]) -> "subprocess.Popen[str]":
    letters = [
        (
            t.address, f"r-{t.secret}@teekond.example.org",
            f"From: {t.address}\r\nTo: r-{t.secret}@teekond.example.org\r\nSubject: Re: Koosloome\r\n"
            f"Message-ID: <machines.{t.number}@mail.example.org>\r\n\r\n{'JAH' if t.says == 'yes' else 'EI'}\r\n",
        )
        for t in tasks
    ]  # fmt: skip
    file = folder / "letters.json"
    file.write_text(json.dumps(letters), encoding="utf-8")
    command = [*receiver.wrapped_in, sys.executable, "-c", SENDER, str(receiver.places[0].port), str(file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _freed(db: Database) -> float:
    """Seconds until the server gave up whoever stopped in the middle of what they said; no longer than it may take."""
    began = time.monotonic()
    with db.engine.connect() as connection:
        while not connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({HELD})").scalar():
            if time.monotonic() - began > FREE_SECONDS:
                break
            time.sleep(0.2)
    return time.monotonic() - began


def _until(db: Database, many: int) -> int:
    kill._wait_for(lambda: kill._letters_through(db) >= many, "letters are not handled", 0.05)
    return kill._letters_through(db)


def _new(db: Database) -> bool:
    with db.reading() as session:
        return session.scalar(sa.select(Letter.id).where(Letter.status == "new").limit(1)) is not None


def figures(db: Database, ran: Ran, tasks: list[Task]) -> list[Figure]:
    with db.reading() as session:
        stored = invariants.stored(session)
        states = Counter(session.scalars(sa.select(Letter.status)))
        wrong = kill._effects(session, tasks)
    broken = invariants.broken(db)
    done = (
        f"{ran.acknowledged} letters acknowledged in {ran.seconds:.0f} s by 5 machines; one cut off after "
        f"{ran.handled_at_cut}, one killed after {ran.handled_at_kill}; {ran.left_behind} left behind by them"
    )
    enough = ran.acknowledged == len(tasks) > ran.handled_at_kill >= ran.handled_at_cut > 0
    return [
        Figure(
            promise="What a machine held that was cut off in the middle of its statements is let go",
            asked=f"within {FREE_SECONDS} s", measured=f"after {ran.freed:.0f} s", done=done,
            holds=enough and 0 < ran.freed < FREE_SECONDS,
        ),
        Figure(
            promise="A machine that is cut off and one that is killed lose nothing", asked="0 lost, 0 twice, 0 waiting",
            measured=f"{len(tasks) - len(stored)} lost, {sum(n - 1 for n in stored.values())} twice; "
            + ", ".join(f"{k} {v}" for k, v in sorted(states.items())),
            done=done,
            holds=enough and len(stored) == len(tasks) and set(states) <= {"done", "held"}
            and all(n == 1 for n in stored.values()),
        ),
        Figure(
            promise="Each answer has its effect once, whichever machine took it", asked="0 wrong",
            measured=f"{len(wrong)} wrong of {len(tasks)}; {len(broken)} rules broken"
            + (f": {'; '.join([*wrong, *broken][:5])}" if wrong or broken else ""),
            done=done, holds=enough and not wrong and not broken,
        ),
    ]  # fmt: skip


# -- the network ------------------------------------------------------------------------------------


def _ip(*words: str) -> str:
    found = shutil.which("ip", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise NoNamespaces("there is no command ip (apt-get install iproute2)")
    done = subprocess.run([found, *words], capture_output=True, text=True)
    if done.returncode:
        raise NoNamespaces(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _clear_the_dead() -> None:
    """What a run that was killed left behind."""
    for pid in re.findall(r"^tk(\d+)s\b", _ip("-br", "link", "show", "type", "bridge"), re.MULTILINE):
        if not Path(f"/proc/{pid}").exists():
            for letter in LETTERS:
                with suppress(NoNamespaces):  # it was killed before it had all of them
                    _ip("netns", "del", f"tk{pid}{letter}")
            _ip("link", "del", f"tk{pid}s")


@contextmanager
def _switch() -> Iterator[list[str]]:
    """Five namespaces, each with a cable to one switch."""
    _clear_the_dead()
    mark, made = f"tk{os.getpid()}", list[str]()
    names = [f"{mark}{letter}" for letter in LETTERS]
    try:
        _ip("link", "add", f"{mark}s", "type", "bridge")
        _ip("addr", "add", f"{HERE}/24", "dev", f"{mark}s")
        _ip("link", "set", f"{mark}s", "up")
        for number, name in enumerate(names, start=2):
            _ip("netns", "add", name)
            made.append(name)
            _ip("link", "add", f"{name}o", "type", "veth", "peer", "name", f"{name}i", "netns", name)
            _ip("link", "set", f"{name}o", "master", f"{mark}s", "up")
            for words in (("addr", "add", f"{NET}.{number}/24", "dev", f"{name}i"), ("link", "set", f"{name}i", "up")):
                _ip("-n", name, *words)
            _ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in made:
            _ip("netns", "del", name)
        with suppress(NoNamespaces):  # where it could not even be made
            _ip("link", "del", f"{mark}s")


@contextmanager
def _forwarded(url: sa.URL) -> Iterator[sa.URL]:
    """The database's address as the machines reach it."""
    folder = url.query.get("host")
    plain = url.set(query={k: v for k, v in url.query.items() if k != "host"})
    port = url.port or 5432
    to = f"{folder}/.s.PGSQL.{port}" if isinstance(folder, str) else (url.host or "127.0.0.1", port)
    with _forward(to) as forwarded:
        yield plain.set(host=HERE, port=forwarded)


@contextmanager
def _forward(to: str | tuple[str, int]) -> Iterator[int]:
    """A port on the switch that leads to a socket of this machine."""
    server = socket.create_server((HERE, 0), backlog=64)
    port: int = server.getsockname()[1]
    threading.Thread(target=_accept, args=(server, to), daemon=True).start()
    try:
        yield port
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def _accept(server: socket.socket, to: str | tuple[str, int]) -> None:
    with suppress(OSError):  # closed: the end
        while True:
            one, _ = server.accept()
            _kept_alive(one)
            other = socket.socket(socket.AF_UNIX if isinstance(to, str) else socket.AF_INET)
            other.connect(to)
            for source, target in ((one, other), (other, one)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _kept_alive(one: socket.socket) -> None:
    """What the service asks of PostgreSQL for each connection: here it listens on a local socket, behind this one."""
    asked = dict(re.findall(r"-c tcp_(\w+)=(\d+)", str(CUT_OFF["options"])))
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, option in _OPTIONS.items():
        if name in asked:
            one.setsockopt(socket.IPPROTO_TCP, option, int(asked[name]))


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
