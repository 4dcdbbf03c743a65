"""What people do, each as a scene: how it is set up, what is done, and how the world does it again when it failed.

People press the button again, mail servers deliver again, workers take up what is left after their lease. What the
scene leaves behind is told in `meaning`, without what may differ: moments, and secrets made anew. Must never help
beyond that.
"""

import re
import shutil
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mail.composing import message_bytes
from mail.handling import bounce_effects
from mail.reading.automatic import bounces
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival, store
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.builders import SECRET, World
from tests.fast_sqlite import swift
from tests.mail.handling.test_inbox import report
from tests.reliability.fault_injection import Breaker, BreakingRelay
from tests.web import conftest
from tests.web.conftest import Browser, Pages
from workflow.coordinator import steps
from workflow.coordinator.steps import StepRequest
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import (  # fmt: skip
    Addressee,
    Alert,
    Duty,
    File,
    HistoryRow,
    HoursRow,
    InfoSignup,
    Letter,
    Message,
    Person,
    Question,
    Submission,
    Team,
)
from workflow.journey import mentoring, moves
from workflow.records import queries
from workflow.rules.doors import Door
from workflow.rules.machine import Trigger, Who
from workflow.schedule import tick
from workflow.season import Actor

AGAIN = 8
"""so often people and mail servers try before they give up"""
BOOKS = "teekond.sqlite"
PDF = b"%PDF-1.4 kaart"


class GaveUp(Exception):
    """It failed again and again, though only one call was made to fail."""


@dataclass
class Scene:
    """One run of a scene over a database of its own."""

    pages: Pages
    breaker: Breaker
    acknowledged: set[str] = field(default_factory=set)
    relay: BreakingRelay | None = None
    errors: int = 0
    """times that somebody was told to try again"""
    remembered: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.pages.world

    @property
    def db(self) -> Database:
        return self.world.db

    # -- how the world does a thing again ----------------------------------------------------------

    def persist(self, act: Callable[[], bool]) -> None:
        """Until it says that it is done; what it raises is a failure that somebody saw."""
        for _ in range(AGAIN):
            try:
                if act():
                    return
            except GaveUp:
                raise
            except Exception:
                self.errors += 1
            self.world.now += timedelta(minutes=1)
        raise GaveUp("it never worked again")

    def post(self, path: str, fields: dict[str, Any], done: Callable[[str], bool]) -> None:
        """A form, sent until the page that follows says what is wanted; the browser stays the same."""
        browser = self.pages.browser()

        def send() -> bool:
            answer = browser.post(path, fields, follow_redirects=True)
            if answer.status_code >= 500:
                self.errors += 1
            return answer.status_code < 500 and done(answer.text)

        self.persist(send)

    def mail(self, raw: bytes, recipient: str, sender: str) -> None:
        """A mail server delivers until it hears 250; then the workers have it."""
        found = re.search(rb"Message-ID: (\S+)", raw)
        assert found

        def deliver() -> bool:
            arrival = Arrival(envelope_from=sender, recipients=(recipient,), raw=raw, via="smtp")
            store(self.db, [arrival], self.world.now)
            self.acknowledged.add(found[1].decode())
            return True

        self.persist(deliver)
        self.work(self._letters)

    def reply(self, kind: str, text: str, *, files: dict[str, bytes] | None = None) -> None:
        """Whoever was asked replies by mail."""
        _, person, address = self.remembered[kind]
        self.mail(_letter(person.address, address, text, files or {}), address, person.address)

    def work(self, *acts: Callable[[], object]) -> None:
        """Workers pass until nothing is left, as `Worker` does: a pass that fails is logged, the next one comes."""
        for _ in range(AGAIN):
            before = self.errors
            for act in acts:
                try:
                    act()
                except Exception:
                    self.errors += 1
            if self.errors == before and not self._waiting():
                return
            self.world.now += timedelta(minutes=6)
        raise GaveUp("something waits for ever")

    def _letters(self) -> None:
        self.world.inbox.handle_due(self.db, self.world.now)

    def _waiting(self) -> bool:
        with self.breaker.resting(), self.db.reading() as session:
            new = sa.select(Letter.id).where(Letter.status == "new")
            due = sa.select(Duty.id).where(Duty.done_at.is_(None), Duty.due_at <= self.remembered.get("due", _NEVER))
            sending = sa.select(Message.id).where(Message.status.in_(("queued", "sending", "uncertain")))
            queries_ = [new, due, *([sending] if self.relay else [])]
            return any(session.scalar(query.limit(1)) is not None for query in queries_)


_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _letter(sender: str, to: str, text: str, files: dict[str, bytes]) -> bytes:
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: Re: Koosloome\r\nMessage-ID: <scene@mail.example.org>\r\n"
    if not files:
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    parts = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    for name, content in files.items():
        parts += f'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
        parts += content.decode() + "\r\n"
    return f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n{parts}--b--\r\n'.encode()


# -- the scenes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Script:
    """`prepare` is done once, without faults; `act` again and again, each time with another call that fails."""

    name: str
    prepare: Callable[[Scene], None]
    act: Callable[[Scene], None]
    smtp: bool = False


def _ask(scene: Scene, kind: str, **which: Any) -> None:
    scene.remembered[kind] = scene.world.asked(kind, **which)


def _apply_ready(scene: Scene) -> None:
    scene.world.apply("Valga")


def _apply(scene: Scene) -> None:
    fields = {
        "rows": "4", "name": "Võru", "home": "Võru vald", "lang": "et", "wish_group": "II", "contact": "0",
        "deputy": "1", "motivation": "Tahame.", "community": "Neli.", "needs": "",
    }  # fmt: skip
    for i in range(4):
        side = "municipality" if i < 2 else "community"
        member = {"name": f"Liige {i}", "address": f"liige{i}@example.org", "side": side, "post": "", "phone": ""}
        fields |= {f"members-{i}-{key}": value for key, value in member.items()}
    browser = scene.pages.browser()
    form: list[str] = []

    def look() -> bool:
        page = browser.get("/apply")
        form.extend(re.findall(r'name="form" value="([^"]+)"', page.text))
        return bool(form)

    scene.persist(look)
    scene.persist(lambda: _sent(scene, browser, "/apply", fields | {"form": form[0]}, "liige3@example.org"))


def _sent(scene: Scene, browser: Browser, path: str, fields: dict[str, Any], shows: str) -> bool:
    answer = browser.post(path, fields, follow_redirects=True)
    scene.errors += answer.status_code >= 500
    return answer.status_code == 200 and shows in answer.text


def _applied(scene: Scene) -> None:
    scene.world.apply()
    _ask(scene, "verify")


def _chosen(scene: Scene) -> None:
    for n, trigger in enumerate((Trigger.SELECT, Trigger.SELECT, Trigger.WAITLIST, Trigger.DECLINE)):
        crew = scene.world.apply(f"Vald {n}").verified()
        with scene.db.writing() as session:
            moves.provide(session.get_one(Team, crew.id), trigger)


def _apply_all(scene: Scene) -> None:
    coordinator = scene.remembered["coordinator"]

    def act() -> bool:
        with scene.db.writing() as session:
            teams = session.scalars(sa.select(Team).order_by(Team.id)).all()
            moves.apply_all(scene.world.season, session, teams, coordinator, scene.world.now)
        return True

    scene.persist(act)


def _offered(scene: Scene) -> None:
    crew = scene.world.apply().selected()
    _ask(scene, "confirm_place", person=crew.contact.address)


def _at_work(scene: Scene) -> None:
    world = scene.world
    crew = world.apply(group="I").confirmed()
    over = world.season.programme.session("workshop_1", "I")
    assert over is not None
    world.wait_until(over.end + timedelta(hours=1))
    _ask(scene, "homework", team=crew.id)
    _ask(scene, "roll_call")


def _roll_call(scene: Scene) -> None:
    secret = scene.remembered["roll_call"][2].partition("@")[0].removeprefix("r-")
    scene.post(f"/q/{secret}", {"answer": "all"}, lambda page: "<form" not in page or 'class="notice good' in page)


def _mentored(scene: Scene) -> None:
    world = scene.world
    crew = world.apply().confirmed()
    world.now = datetime.fromisoformat("2022-06-22T10:00:00+00:00")
    for _ in range(5):
        crew.move(Trigger.ADVANCE, override="harjutus")
    with world.db.writing() as session:
        team, mentor = session.get_one(Team, crew.id), queries.staff(session, "mentor")[0]
        mentoring.assign(world.season, session, team, mentor, world.coordinator(), world.now)
    world.now = datetime.fromisoformat("2022-07-20T10:00:00+00:00")
    with world.db.writing() as session:
        team, mentor = session.get_one(Team, crew.id), queries.staff(session, "mentor")[0]
        mentoring.ask_hours(world.season, session, team, mentor, "july", "2022-07", world.now)
    _ask(scene, "hours")


def _before_reminders(scene: Scene) -> None:
    """A place not confirmed and an address not confirmed: the next days' duties are due."""
    scene.world.apply().selected()
    scene.world.apply("Põlva")
    scene.world.now += timedelta(days=20)
    scene.remembered["due"] = scene.world.now


def _tick(scene: Scene) -> None:
    scene.work(lambda: tick.tick(scene.world.season, scene.db, scene.world.now))


def _deliver(scene: Scene) -> None:
    world, relay = scene.world, scene.relay
    assert relay is not None

    def made(message: Message) -> tuple[str, bytes]:
        return message_bytes.envelope_from(message, world.identity), message_bytes.to_bytes(message, world.identity)

    def refused(session: Any, message: Message, person: Person, now: datetime) -> None:
        bounce_effects.refused(world.season, session, message, person, now)

    def send() -> None:
        transport = SmtpTransport("127.0.0.1", relay.port, timeout=5, last_timeout=5)
        outbox.deliver(scene.db, world.now, transport, build=made, refused=refused, unsettled=unsettled)

    unsettled: outbox.Unsettled = []
    scene.work(send)


def _sent_out(scene: Scene) -> None:
    scene.world.apply().selected()
    scene.world.send_all()
    message = scene.world.messages("place_offer")[0]
    back = bounces.verp(str(message.id), SECRET, scene.world.identity.domain)
    scene.remembered["bounce"] = (message.to_address, back)


def _take_in(scene: Scene) -> None:
    """A letter over SMTP, delivered again until 250; a refusal for good would be its end."""
    _, person, address = scene.remembered["verify"]
    raw = _letter(person.address, address, "JAH", {})
    receiver = Listener(
        ("127.0.0.1", 0), hostname="teekond.example.org", known=lambda to: scene.world.inbox.known(scene.db, to),
        store=lambda arrivals, now: store(scene.db, arrivals, now), now=lambda: scene.world.now,
    )  # fmt: skip
    receiver.start()

    def deliver() -> bool:
        with smtplib.SMTP("127.0.0.1", receiver.port, timeout=30) as client:
            try:
                client.sendmail(person.address, address, raw)
            except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
                codes = [code for code, _ in getattr(error, "recipients", {}).values()] or [error.smtp_code]  # type: ignore[union-attr]
                if max(codes) >= 500:
                    raise GaveUp(f"refused for good: {codes}") from error
                raise
        scene.acknowledged.add("<scene@mail.example.org>")
        return True

    try:
        scene.persist(deliver)
    finally:
        receiver.stop()
    scene.work(scene._letters)


def _bounce(scene: Scene) -> None:
    address, to = scene.remembered["bounce"]
    scene.mail(report(to, address), to, "")


def _to_undo(scene: Scene) -> None:
    crew = scene.world.apply().confirmed()
    scene.world.send_all()
    scene.remembered["team"] = crew.id
    scene.remembered["row"] = next(row.id for row in crew.history() if row.event == "confirm")


def _undo(scene: Scene) -> None:
    def act() -> bool:
        with scene.db.writing() as session:
            team = session.get_one(Team, scene.remembered["team"])
            row = session.get_one(HistoryRow, scene.remembered["row"])
            moves.undo(
                scene.world.season, session, team, row, scene.remembered["coordinator"], scene.world.now, why="eksitus"
            )
        return True

    scene.persist(act)


def _to_withdraw(scene: Scene) -> None:
    crew = scene.world.apply().confirmed()
    crew.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=crew.contact.address)
    scene.remembered["leaving"] = crew.id


def _approve(scene: Scene) -> None:
    def act() -> bool:
        world, who = scene.world, scene.remembered["coordinator"]
        with scene.db.writing() as session:
            team = session.get_one(Team, scene.remembered["leaving"])
            if team.state != "withdrawn":
                assert not steps.take(
                    world.season, session, team, StepRequest(trigger=Trigger.WITHDRAW), who, world.now
                )
        return True

    scene.persist(act)


def _sign_up(scene: Scene) -> None:
    fields = {"name": "Anu Tamm", "address": "anu@example.org"}
    scene.post("/info-day", fields, lambda page: 'name="address"' not in page)


SCRIPTS: Sequence[Script] = (
    Script("application by form", _apply_ready, _apply),
    Script("a letter taken in over SMTP", _applied, _take_in),
    Script("address confirmed by mail", _applied, lambda s: s.reply("verify", "JAH")),
    Script("all decisions carried out", _chosen, _apply_all),
    Script("place taken by mail", _offered, lambda s: s.reply("confirm_place", "JAH")),
    Script("homework with a file by mail", _at_work, lambda s: s.reply("homework", "Siin.", files={"kaart.pdf": PDF})),
    Script("roll-call by form", _at_work, _roll_call),
    Script("hours by mail", _mentored, lambda s: s.reply("hours", "12.07 1,5 h; 19.07 45 min")),
    Script("withdrawal approved", _to_withdraw, _approve),
    Script("reminders and deadlines", _before_reminders, _tick),
    Script("mails sent through a relay", lambda s: s.world.apply("Võru") and None, _deliver, smtp=True),
    Script("a mail comes back", _sent_out, _bounce),
    Script("a step undone", _to_undo, _undo),
    Script("a guest signs up", lambda s: None, _sign_up),
)


# -- setting them up ---------------------------------------------------------------------------------


@dataclass
class Prepared:
    """A scene's beginning, kept as a file: each run starts from a copy, over the same pages and the same season."""

    script: Script
    pages: Pages
    folder: Path
    now: datetime
    remembered: dict[str, Any]

    @classmethod
    def of(cls, script: Script, folder: Path, template: Path) -> "Prepared":
        shutil.copy(template, folder / BOOKS)
        scene = Scene(conftest.build(swift(Database(sqlite_url(folder)))), Breaker())
        script.prepare(scene)
        with scene.db.reading() as session:
            person = queries.staff(session, "coordinator")[0]
        scene.remembered["coordinator"] = Actor(who=Who.COORDINATOR, name=person.name, person=person, via=Door.PAGE)
        scene.db.close()
        shutil.copy(folder / BOOKS, folder / "begun.sqlite")
        return cls(script, scene.pages, folder, scene.world.now, scene.remembered)

    def begin(self, breaker: Breaker, relay: BreakingRelay | None) -> Scene:
        self.pages.db.close()
        for old in self.folder.glob(f"{BOOKS}*"):
            old.unlink()
        shutil.copy(self.folder / "begun.sqlite", self.folder / BOOKS)
        self.pages.world.now = self.now
        return Scene(self.pages, breaker, relay=relay, remembered=dict(self.remembered))


# -- what is left behind -----------------------------------------------------------------------------


def meaning(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a scene brought about, as sorted plain values; moments and secrets left out."""
    wanted = {
        "teams": sa.select(
            Team.name, Team.state, Team.version, Team.group, Team.provisional, Team.verified_at.is_(None)
        ),
        "people": sa.select(Person.address, Person.role, Person.part, Person.left_at.is_(None), Person.address_state),
        "questions": sa.select(
            Question.kind, Question.team_id, Question.stage, Question.outcome, Question.answered_by_id,
            Question.answered_via, Question.closed_at.is_(None),
        ),
        "asked": sa.select(Addressee.question_id, Addressee.person_id),
        "history": sa.select(
            HistoryRow.team_id, HistoryRow.number, HistoryRow.event, HistoryRow.from_state, HistoryRow.to_state,
            HistoryRow.actor, HistoryRow.undone_by_id.is_(None),
        ),
        "works": sa.select(Submission.team_id, Submission.stage, Submission.text, Submission.status),
        "files": sa.select(File.submission_id, File.name, File.sha256),
        "hours": sa.select(HoursRow.team_id, HoursRow.person_id, HoursRow.kind, HoursRow.minutes, HoursRow.day),
        "mails": sa.select(
            Message.template, Message.to_address, Message.subject, Message.team_id, Message.question_id, Message.status
        ),
        "duties": sa.select(Duty.kind, Duty.team_id, Duty.question_id, Duty.outcome),
        "alerts": sa.select(Alert.kind, Alert.team_id, Alert.person_id),
        "guests": sa.select(InfoSignup.person_id),
        "letters": sa.select(Letter.status, Letter.outcome, Letter.question_id, Letter.team_id),
    }  # fmt: skip
    with db.reading() as session:
        return {name: sorted(map(tuple, session.execute(query)), key=repr) for name, query in wanted.items()}
