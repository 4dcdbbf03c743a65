"""Soak: a whole installation under mixed load for as long as one likes, while everything round it breaks.

`python -m tests.reliability soak --minutes 60 --database sqlite|postgresql`. Two receivers, two workers and the pages
run as processes; people answer by mail and by form, strangers, machines and junk write to them, letters come twice.
Meanwhile processes are killed, paused and ended, the sink refuses and hangs up, and the database goes away ten times.
Judged by the clients' and the sink's own logs alone: what they were promised is compared with the books.
"""

import os
import random
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil
import sqlalchemy as sa

from tests.mail.scripted_relay import Relay
from tests.paths import ROOT
from tests.reliability import invariants, kill, open_season
from tests.reliability.correspondents import DOMAIN, TIMEOUT, Book, Correspondents
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import KEY, FellOver, Installation, Kind, Place
from tests.reliability.open_season import PER_PAIR, Task
from tests.reliability.outages import OwnPostgres, small_disk
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter, Message, Question

DATABASES: Final = ("sqlite", "postgresql")
MINUTES: Final = {Scale.SHORT: 2.0, Scale.LONG: 60.0}
PEOPLE: Final = 8
ANSWERS_A_SECOND: Final = 5
SPARED: Final = 0.1
"""of the questions: nobody answers them but strangers and machines"""
NOISE_A_SECOND: Final = 2
DATABASE_STOPS: Final = 10
STOPS_A_MINUTE: Final = 1
"""of a short soak: else the database would be away all the time"""
MIB: Final = 2**20
ROOM: Final = 200 * MIB
ROOM_A_MINUTE: Final = 40 * MIB
"""of the file system that SQLite's file lies on, to be filled: what a season of answers takes must fit beside it"""


# -- the sink ---------------------------------------------------------------------------------------


class Sink(Relay):
    """Takes what leaves, and is as unreliable as the world until it is `calm`. Its log: `taken`, in order; `broken`:
    the last mail of each connection that ended without QUIT, of which nobody can know whether its answer was heard."""

    MOODS: Final = (
        ("451 4.7.1 later", 0.03),
        ("dot: 451 4.3.0 later", 0.03),
        ("hang up", 0.02),
        ("dot: hang up", 0.01),
        ("dot: 250 hang up", 0.02),
        ("421 4.3.2 closing", 0.01),
        ("554 5.6.0 not wanted", 0.01),
    )

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance, self.calm = chance, False
        self.moods: Counter[str] = Counter()

    def answer(self, recipient: str) -> str:
        if self.calm:
            return "250 ok"
        says, weights = zip(*self.MOODS, strict=True)
        (said,) = self._chance.choices([*says, "250 ok"], [*weights, 1 - sum(weights)])
        self.moods[said] += 1
        return str(said)


# -- the load: those whose letters may have no effect -----------------------------------------------


@dataclass(slots=True)
class Heard:
    """What writers who are no correspondents were told: Message-IDs acknowledged, refusals."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)


def stranger(task: Task) -> list[str]:
    return ["From: keegi@evil.example", "", "JAH"]


def absent(task: Task) -> list[str]:
    return [f"From: {task.address}", "Auto-Submitted: auto-replied", "", "Olen puhkusel kuni 14. märtsini. JAH"]


def junk(task: Task) -> list[str]:
    return ["From: pakkumine@evil.example", "", "Võitsite! JAH"]


def heavy(task: Task) -> list[str]:
    tags = [f"<p {' '.join(f'a{n}' for n in range(150))}>x</p>" for _ in range(300)]
    return ["From: keegi@evil.example", "Content-Type: text/html; charset=utf-8", "", *tags, *["<b>JAH</b>"] * 20_000]


def bounce(task: Task) -> list[str]:
    return [
        "From: MAILER-DAEMON@evil.example", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "", "--b", "Content-Type: text/plain", "", "User unknown", "--b", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns; evil.example", "", f"Final-Recipient: rfc822; {task.address}", "Action: failed",
        "Status: 5.1.1", "", "--b--",
    ]  # fmt: skip


NOISE: Final[tuple[Callable[[Task], list[str]], ...]] = (stranger, stranger, absent, absent, junk, heavy, bounce)


class Noise:
    """A thread that writes such letters until it is stopped, each again until it is acknowledged."""

    def __init__(self, spared: list[Task], ports: list[int], chance: random.Random) -> None:
        self._spared, self._ports, self._chance = spared, ports, chance
        self.heard = Heard()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Noise":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._over.wait(self._chance.uniform(0, 2 / NOISE_A_SECOND)):
            number += 1
            what, task = self._chance.choice(NOISE), self._chance.choice(self._spared)
            to = "koosloome@" + DOMAIN if what in (junk, bounce) else f"r-{task.secret}@{DOMAIN}"
            lines = [f"To: {to}", f"Message-ID: <noise{number}@mail.example.org>", "Subject: Re: koht", *what(task), ""]
            again = 2 if self._chance.random() < 0.1 else 1
            for _ in range(again):  # some come twice
                self._write(f"<noise{number}@mail.example.org>", to, "\r\n".join(lines).encode(), what.__name__)

    def _write(self, message_id: str, to: str, raw: bytes, kind: str) -> None:
        tries = 0
        while not self._over.is_set() and tries < 30:
            tries += 1
            with suppress(OSError, smtplib.SMTPException):
                code, said = self._dialogue(to, raw)
                if code == 250:
                    self.heard.acknowledged[message_id] = kind
                    return
                if code >= 500:
                    self.heard.refusals.append(f"{kind}: {code} {said.decode(errors='replace')}")
                    return
            time.sleep(self._chance.uniform(0.1, 0.5))

    def _dialogue(self, to: str, raw: bytes) -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", self._chance.choice(self._ports), timeout=TIMEOUT) as client:
            client.ehlo("mx.example.net")
            for step in (lambda: client.mail(""), lambda: client.rcpt(to), lambda: client.data(raw)):
                code, said = step()
                if code >= 400:
                    break
            return code, said


# -- what breaks ------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Trouble:
    """Breaks one thing after the other, and mends it. `away`: takes the database away and gives it back."""

    house: Installation
    away: Callable[[random.Random], str]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    fell: list[str] = field(default_factory=list)
    """processes that nobody ended and that are gone"""

    def run(self, seconds: float, between: float) -> None:
        """Until the time is over; the database goes away at even distances."""
        began, stops = time.monotonic(), 0
        wanted = min(DATABASE_STOPS, max(1, round(seconds / 60 * STOPS_A_MINUTE)))
        while (passed := time.monotonic() - began) < seconds:
            self.look()
            if passed >= seconds * (stops + 0.5) / wanted:
                stops += 1
                self.done[self.away(self.chance)] += 1
            else:
                self._process()
            time.sleep(self.chance.uniform(0.3, 1.7) * between)

    def look(self) -> None:
        self.fell += [place.name for place in self.house.places if not psutil.pid_exists(place.pid)]

    def _process(self) -> None:
        kind = self.chance.choice((Kind.WORK, Kind.WORK, Kind.WORK, Kind.RECEIVE, Kind.RECEIVE, Kind.WEB))
        place = self.chance.choice(self.house.of(kind))
        how = self.chance.choices((self._kill, self._kill_all, self._pause, self._end), (6, 1, 2, 1))[0]
        how(place)

    def _kill(self, place: Place) -> None:
        self.house.kill(place)
        self.house.start(place)
        self.done[f"{place.kind} killed"] += 1

    def _kill_all(self, _place: Place) -> None:
        for place in self.house.places:
            self.house.kill(place)
        self.house.start(*self.house.places)
        self.done["all killed"] += 1

    def _pause(self, place: Place) -> None:
        os.kill(place.pid, signal.SIGSTOP)
        time.sleep(self.chance.uniform(2, 10))
        os.kill(place.pid, signal.SIGCONT)
        self.done["paused"] += 1

    def _end(self, place: Place) -> None:
        self.house.stop(place)
        self.house.start(place)
        self.done["ended"] += 1


def lock_held(file: Path, chance: random.Random) -> str:
    """Somebody writes to SQLite and does not come to an end, some time longer than others wait for it."""
    with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(chance.choice((3, 8, 35)))
        other.execute("ROLLBACK")
    return "write lock held"


def disk_filled(fill: Callable[[], None], free: Callable[[], None], chance: random.Random) -> str:
    fill()
    time.sleep(chance.uniform(2, 8))
    free()
    return "disk full"


def server_stopped(postgres: OwnPostgres, chance: random.Random) -> str:
    postgres.stop()
    time.sleep(chance.uniform(1, 8))
    postgres.start()
    return "PostgreSQL stopped"


Away = Callable[[random.Random], str]


@contextmanager
def database(kind: str, minutes: float) -> Iterator[tuple[Path, str | None, Away]]:
    """The installation's folder, the database's URL (None for SQLite in that folder), and how it goes away."""
    with ExitStack() as stack:
        if kind == "sqlite":
            folder, fill, free, _ = stack.enter_context(small_disk(ROOM + int(minutes * ROOM_A_MINUTE)))
            ways: list[Away] = [
                partial(lock_held, folder / "data" / "teekond.sqlite"),
                partial(disk_filled, fill, free),
            ]
            yield folder, None, lambda chance: chance.choice(ways)(chance)
            return
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="teekond-soak-")))
        (folder / "pg").mkdir()
        postgres = OwnPostgres(folder / "pg")
        stack.callback(postgres.server.cleanup)
        stack.callback(postgres.start)
        yield folder, postgres.url.render_as_string(hide_password=False), partial(server_stopped, postgres)


# -- the run ----------------------------------------------------------------------------------------


def run(scale: Scale) -> list[Figure]:
    return on("sqlite", MINUTES[scale])


@dataclass(slots=True, kw_only=True)
class Ran:
    """What happened; judged in `figures`."""

    given: list[Task]
    spared: list[Task]
    book: Book
    heard: Heard
    sink: Sink
    trouble: Counter[str]
    fell: list[str]
    complaints: list[str]
    verified: str
    seconds: float


def on(kind: str, minutes: float, rate: float = ANSWERS_A_SECOND, seed: int = 11) -> list[Figure]:
    """The soak on one kind of database. rate: answers a second."""
    with database(kind, minutes) as (folder, url, away):
        (folder / "data").mkdir(exist_ok=True)
        db = Database(url or sqlite_url(folder / "data"))
        try:
            return figures(db, _run(db, folder, url, away, minutes, rate, random.Random(seed)), kind)
        except FellOver as why:
            said = " … ".join(str(why).strip().splitlines()[:1] + str(why).strip().splitlines()[-1:])
            return [Figure(promise=f"The service goes on ({kind})", asked="to the end", measured=said,
                           done=f"a soak of {minutes} minutes", holds=False)]  # fmt: skip
        finally:
            db.close()


def _run(
    db: Database, folder: Path, url: str | None, away: Away, minutes: float, rate: float, chance: random.Random
) -> Ran:
    seconds = minutes * 60
    config = open_season.config_file(folder)
    pairs = max(8, int(seconds * rate * 1.3) // PER_PAIR)
    tasks = open_season.lay(db, config, datetime.now(UTC), pairs, chance)
    apart = set(chance.sample(sorted({t.question for t in tasks}), int(len({t.question for t in tasks}) * SPARED)))
    spared = [task for task in tasks if task.question in apart]
    answered = [task for task in tasks if task.question not in apart]
    with Sink(chance) as sink, Installation(folder, config, sink.port, url) as house:
        house.start(*house.places)
        smtp, web = ([place.port for place in house.of(kind)] for kind in (Kind.RECEIVE, Kind.WEB))
        trouble = Trouble(house=house, away=away, chance=chance)
        began = time.monotonic()
        pause = PEOPLE / rate
        with Correspondents(answered, smtp, web, many=PEOPLE, ahead=len(tasks), pause=pause) as people:
            with Noise(spared, smtp, chance) as noise:
                trouble.run(seconds, between=max(1.0, min(5.0, seconds / 60)))
            people.enough()
            try:
                kill._wait_for(lambda: not people.busy(), "people still wait for an acknowledgement")
            except FellOver as why:
                raise FellOver(f"{why}\n{dict(people.book.tries)}, refused: {people.book.refusals[-3:]}") from why
        sink.calm = True
        kill._finish(db, house)
        trouble.look()
        verified = _verify(house)
        house.stop(*house.places)
        given = [t for t in answered if t.number in people.book.letters or t.number in people.book.forms]
        return Ran(
            given=given, spared=spared, book=people.book, heard=noise.heard, sink=sink, trouble=trouble.done,
            fell=trouble.fell, complaints=house.complaints(), verified=verified, seconds=time.monotonic() - began,
        )  # fmt: skip


def _verify(house: Installation) -> str:
    """The last line of `teekond verify`; empty where it found nothing."""
    words = ["--config", str(house.config), "--data", str(house.data), "verify"]
    env = {**os.environ, "TEEKOND_SECRET_KEY": KEY, "TEEKOND_DATABASE__URL": house.database_url}
    done = subprocess.run([sys.executable, "teekond.py", *words], cwd=ROOT, env=env, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip().splitlines()[-1]


# -- the comparison ---------------------------------------------------------------------------------


def figures(db: Database, ran: Ran, kind: str) -> list[Figure]:
    with db.reading() as session:
        there = Counter(session.scalars(sa.select(Letter.message_id)))
        letters = Counter(session.scalars(sa.select(Letter.status)))
        faults = session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.outcome == "fault")) or 0
        effects = kill._effects(session, ran.given)
        spared = {task.question for task in ran.spared}
        answered = sa.select(Question.id).where(Question.id.in_(spared), Question.outcome.is_not(None))
        moved = session.scalars(answered).all()
        mails = session.execute(sa.select(Message.message_id, Message.to_address, Message.status)).all()
    acknowledged = set(ran.book.letters.values()) | set(ran.heard.acknowledged)
    lost = acknowledged - set(there)
    twice = [one for one, count in there.items() if count > 1]
    missing, refused, doubles, unexplained = _mails(ran.sink, [(i, to, status) for i, to, status in mails])
    pages = Counter({said: n for said, n in ran.book.tries.items() if said.startswith("form page")})
    pages.pop("form page 503", None)  # the database was away, and the page said so
    refusals = [*ran.book.refusals, *ran.heard.refusals]
    broken = invariants.broken(db, set(ran.book.letters.values()))
    done = (
        f"{kind}: {len(ran.book.letters)} answers by mail, {len(ran.book.forms)} by form and "
        f"{len(ran.heard.acknowledged)} other letters acknowledged in {ran.seconds:.0f} s; "
        + ", ".join(f"{n} × {what}" for what, n in sorted(ran.trouble.items()))
    )
    busy = len(ran.given) > 0 and sum(ran.trouble.values()) > 0 and bool(ran.heard.acknowledged)

    def figure(promise: str, asked: str, measured: str, *, holds: bool) -> Figure:
        return Figure(
            promise=f"{promise} (soak, {kind})", asked=asked, measured=measured, done=done, holds=holds and busy
        )

    return [
        figure("An acknowledged letter is never lost, and stored once", "0 lost, 0 twice",
               f"{len(lost)} lost of {len(acknowledged)}, {len(twice)} twice", holds=not lost and not twice),
        figure("Each answer has its effect once", "0 wrong",
               f"{len(effects)} wrong of {len(ran.given)}" + _some(effects), holds=not effects),
        figure("What strangers and machines write has no effect", "0 questions answered",
               f"{len(moved)} of {len(spared)} answered by {_kinds(ran.heard)}", holds=not moved),
        figure("Nobody hears that something failed for good", "0 refusals (5xx), 0 error pages but 503",
               f"{len(refusals)} refusals, {sum(pages.values())} error pages" + _some([*refusals, *pages]),
               holds=not refusals and not pages),
        figure("Every stored letter ends in one state", "0 waiting, 0 parked, 0 faults",
               ", ".join(f"{n} {state}" for state, n in sorted(letters.items())) + f", {faults} faults",
               holds=set(letters) <= {"done", "held"} and not faults),
        figure("Every mail leaves, or the sink refused it", "0 missing",
               f"{len(missing)} missing, {refused} refused, of {len(mails)}" + _some(missing), holds=not missing),
        figure("A mail that went twice is one whose first delivery broke off at the sink", "0 unexplained",
               f"{doubles} twice, {len(unexplained)} unexplained" + _some(unexplained), holds=not unexplained),
        figure("The books agree with their history", "verify and I1 to I6: 0",
               (ran.verified or "0 differences") + f", {len(broken)} broken" + _some(broken),
               holds=not ran.verified and not broken),
        figure("No process ended by itself", "none",
               (", ".join(ran.fell) or "none") + f"; {len(ran.complaints)} lines of errors in the logs"
               + _some(ran.complaints), holds=not ran.fell),
    ]  # fmt: skip


def _mails(sink: Sink, mails: list[tuple[str, str, str]]) -> tuple[list[str], int, int, list[str]]:
    """(not taken although they should, refused for good, went twice, of these without a cause in the sink's log)."""
    took = Counter((to, kill._id_of(data)) for _, to, data in sink.taken)
    cut = Counter((to, kill._id_of(data)) for _, to, data in sink.broken)
    missing = [f"{one} {status}" for one, to, status in mails if status != "failed" and (to, one) not in took]
    failed = sum(status == "failed" for *_, status in mails)
    missing += [f"{failed} failed, the sink refused {sink.moods['554 5.6.0 not wanted']}"] * (
        failed > sink.moods["554 5.6.0 not wanted"]
    )
    often = {mail: count - 1 for mail, count in took.items() if count > 1}
    unexplained = [
        f"{one} to {to}: {n} more, {cut[to, one]} broken off" for (to, one), n in often.items() if n > cut[to, one]
    ]
    return missing, failed, sum(often.values()), unexplained


def _kinds(heard: Heard) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(heard.acknowledged.values()).items()))


def _some(of: list[str]) -> str:
    return f": {'; '.join(of[:4])}" if of else ""
