"""Plain builders: a season on a database of its own, and people who write mails and look at what they got."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import EmailMessage
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from mail.composing import message_bytes
from mail.composing.compose import Composer
from mail.composing.templates import Templates
from mail.handling.inbox import Inbox
from mail.identity import Identity
from mail.limited_reading.reader import Reader
from mail.receiving.store import Arrival, store
from tests import database_copy
from tests.paths import ROOT
from workflow.audit import sealing
from workflow.config.loader import Config, load
from workflow.coordinator import steps
from workflow.coordinator.steps import StepRequest
from workflow.database.engine import Database
from workflow.database.models import Addressee, Duty, HistoryRow, Letter, Message, Person, Question, Team
from workflow.journey import moves
from workflow.records import queries
from workflow.rules import application
from workflow.rules.doors import Door
from workflow.rules.machine import Decision, Machine, Refusal, Trigger, Who
from workflow.schedule import tick
from workflow.season import Actor, Season
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys
from workflow.text.bilingual import Text

EMAILS = ROOT / "templates" / "email"
SECRET = b"a secret that only tests know, 32 bytes"
READER = Reader()
"""reads letters for all tests of this process"""
DIGEST = KeyedDigest.of(Keys(SECRET.decode()))
FEBRUARY = datetime(2022, 2, 1, 10, 0, tzinfo=UTC)


def config(changes: Mapping[str, str] | None = None) -> Config:
    """The default config, with some of its words exchanged."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    return _read(text)


SECOND_COORDINATOR: Final = {
    "# Which mails leave at once": """[[coordinators]]
key = "malle"
name = "Malle Mets"
address = "malle@example.org"
phone = "+372 5555 0101"

# Which mails leave at once""",
}
"""a change of the config: a coordinator beside the first"""


@cache
def _read(text: str) -> Config:
    return load(text, {})


_opened: dict[tuple[int, datetime, str], tuple[Config, database_copy.Rows]] = {}
"""what a season begins with, by its config (kept with it, so that no other has its number), its first moment and the
key that seals it"""


@cache
def _templates(tz: tzinfo) -> Templates:
    """Those of the checkout: each is compiled once in a process, whoever composes."""
    return Templates(EMAILS, tz)


@dataclass
class Numbers:
    """1, 2, 3 …; unlike `itertools.count` it can be copied on every Python."""

    last: int = 0

    def __next__(self) -> int:
        self.last += 1
        return self.last


@dataclass
class World:
    """A season with a clock that stands still until it is moved."""

    db: Database
    config: Config = field(default_factory=config)
    now: datetime = FEBRUARY
    digest: KeyedDigest = DIGEST
    """with which rows are sealed: of the secret key that a command finds beside these books"""

    def __post_init__(self) -> None:
        self.db.seal_with(self.digest)
        self.secrets = Numbers()
        programme = self.config.programme
        self.identity = Identity.of(programme, self.config.service, SECRET)
        self.composer = Composer(EMAILS, programme, self.identity)
        self.composer.templates = _templates(programme.tz)
        self.season = Season(
            programme=programme,
            machine=Machine(programme),
            post=self.composer,
            secret=lambda: f"secret{next(self.secrets):020d}",
            link=self.identity.new_link,
            base_url=self.config.service.base_url,
        )
        self.inbox = Inbox(season=self.season, identity=self.identity, reader=READER)
        self.letters = Numbers()
        with self.db.writing() as session:
            self._open(session)

    def _open(self, session: Session) -> None:
        """The season begins: in empty books as it began in others, for it takes most of what a small test does."""
        key, fresh = (id(self.config), self.now, self.digest.newest), database_copy.empty(session)
        if fresh and key in _opened:
            database_copy.put(session, _opened[key][1])
            return
        sealing.adopt(session, self.now)
        moves.open_season(self.season, session, self.now)
        if fresh:
            session.flush()
            _opened[key] = self.config, database_copy.taken(session)

    # -- time ---------------------------------------------------------------------------------

    def wait_until(self, moment: datetime) -> None:
        """Let time pass: duties are performed when they fall due, not all at the end."""
        from_now = moment.astimezone(UTC)
        while (due := self._next_duty()) is not None and due <= from_now:
            self.now = max(self.now, due)
            tick.tick(self.season, self.db, self.now)
        self.now = from_now

    def wait(self, **length: float) -> None:
        self.wait_until(self.now + timedelta(**length))

    def _next_duty(self) -> datetime | None:
        with self.db.reading() as session:
            return session.scalar(sa.select(sa.func.min(Duty.due_at)).where(Duty.done_at.is_(None)))

    # -- applying and deciding ----------------------------------------------------------------

    def apply(
        self, name: str = "Võru", *, members: int = 4, lang: str = "et", group: str = "", deputy: bool = True
    ) -> "Crew":
        stem = name.lower().translate(str.maketrans("õäöü ", "oaou-"))
        rows = [
            {
                "name": f"{name} {_NAMES[i % len(_NAMES)]}",
                "address": f"{stem}{i}@example.org",
                "side": "municipality" if i % 2 == 0 else "community",
                "part": "contact" if i == 0 else "deputy" if i == 1 and deputy else "member",
            }
            for i in range(members)
        ]
        typed = {"name": name, "home": f"{name} vald", "lang": lang, "wish_group": group}
        typed |= {f.key: "Sest me tahame." for f in self.season.programme.apply.fields}
        form, faults = application.check(self.season.programme, typed, rows, self.now)
        assert form is not None, faults
        with self.db.writing() as session:
            team = moves.apply(self.season, session, form, self.now)
            return Crew(self, team.id)

    def coordinator(self) -> Actor:
        with self.db.reading() as session:
            person = queries.staff(session, "coordinator")[0]
        return Actor(who=Who.COORDINATOR, name=person.name, person=person, via=Door.PAGE)

    def decides(self, *, team: int | None = None, no: str = "") -> tuple[Text, ...]:
        """The coordinator decides what was last put before them, on the page: why it could not be, if so."""
        actor = self.coordinator()
        with self.db.writing() as session:
            question = session.get_one(Question, self.asked("approve", team=team)[0].id)
            assert question.team is not None
            trigger = Trigger(question.about["trigger"])
            if no:
                return steps.turn_down(self.season, session, question.team, trigger, no, actor, self.now)
            return steps.take(self.season, session, question.team, StepRequest(trigger=trigger), actor, self.now)

    def send_all(self) -> None:
        """What was queued has left."""
        with self.db.writing() as session:
            session.execute(
                sa.update(Message).where(Message.status == "queued").values(status="sent", sent_at=self.now)
            )

    # -- mail ---------------------------------------------------------------------------------

    def deliver(self, raw: bytes, *recipients: str, sender: str = "someone@example.org") -> Letter:
        """A letter as it came in over SMTP, handled at once."""
        store(self.db, [Arrival(envelope_from=sender, recipients=recipients, raw=raw, via="smtp")], self.now)
        self.inbox.handle_due(self.db, self.now)
        with self.db.reading() as session:
            letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
        assert letter is not None
        return letter

    def write(
        self, sender: str, recipient: str, text: str, *, files: Mapping[str, bytes] | None = None, **headers: str
    ) -> Letter:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, recipient, headers.pop("subject", "Re: Koosloome")
        mail["Message-ID"] = headers.pop("message_id", f"<{next(self.letters)}@mail.example.org>")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        for name, content in (files or {}).items():
            mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        return self.deliver(mail.as_bytes(), recipient, sender=sender)

    def messages(self, template: str | None = None) -> list[Message]:
        with self.db.reading() as session:
            query = sa.select(Message).order_by(Message.id)
            query = query.options(joinedload(Message.addressee), selectinload(Message.doors))
            found = list(session.scalars(query if template is None else query.where(Message.template == template)))
        assert not [m.template for m in found if _BROKEN_LINK.search(m.body)], "a link of our own is no link any more"
        return found

    def reply_to(self, message: Message) -> str:
        """Where a reply to this mail goes."""
        return message_bytes.reply_to(message, self.identity)

    def source(self, message: Message) -> str:
        """The source of its body as its addressee gets it, with its own link."""
        return message_bytes.words(message, self.identity)

    def asked(self, kind: str, *, team: int | None = None, person: str | None = None) -> tuple[Question, Person, str]:
        """The latest question of a kind: (question, whom, their secret address)."""
        query = sa.select(Addressee).join(Addressee.question).join(Addressee.person).where(Question.kind == kind)
        query = query if team is None else query.where(Question.team_id == team)
        query = query if person is None else query.where(Person.address == person)
        with self.db.reading() as session:
            found = session.scalars(query.order_by(Addressee.id.desc())).first()
            assert found is not None, f"nobody was asked: {kind}"
            return found.question, found.person, f"r-{found.secret}@{self.identity.domain}"

    def replies(
        self,
        kind: str,
        text: str,
        *,
        team: int | None = None,
        person: str | None = None,
        sender: str | None = None,
        **rest: object,
    ) -> Letter:
        """Whoever was asked last (or the person named) replies by mail."""
        _, asked, address = self.asked(kind, team=team, person=person)
        return self.write(sender or asked.address, address, text, **rest)  # type: ignore[arg-type]


@dataclass
class Crew:
    """One team, as its members live it."""

    world: World
    id: int

    @property
    def row(self) -> Team:
        with self.world.db.reading() as session:
            return session.get_one(Team, self.id)

    @property
    def state(self) -> str:
        return self.row.state

    @property
    def contact(self) -> Person:
        return self.people()[0]

    def people(self) -> list[Person]:
        with self.world.db.reading() as session:
            return queries.members(session, self.id)

    def replies(self, kind: str, text: str, **rest: object) -> Letter:
        return self.world.replies(kind, text, team=self.id, **rest)  # type: ignore[arg-type]

    def got(self, template: str) -> list[Message]:
        return [m for m in self.world.messages(template) if m.team_id == self.id]

    def history(self) -> list[HistoryRow]:
        with self.world.db.reading() as session:
            query = sa.select(HistoryRow).where(HistoryRow.team_id == self.id).order_by(HistoryRow.number)
            return list(session.scalars(query))

    def move(self, trigger: Trigger, **rest: str) -> Decision | Refusal:
        """The coordinator takes a step."""
        world = self.world
        with world.db.writing() as session:
            team = session.get_one(Team, self.id)
            return moves.move(world.season, session, team, trigger, world.coordinator(), world.now, **rest)

    def verified(self) -> "Crew":
        self.replies("verify", "JAH")
        return self

    def selected(self, group: str = "") -> "Crew":
        self.verified()
        decided = self.move(Trigger.SELECT, **({"group": group} if group else {}))
        assert isinstance(decided, Decision), decided
        return self

    def confirmed(self, group: str = "") -> "Crew":
        self.selected(group)
        self.replies("confirm_place", "JAH", person=self.contact.address)
        return self

    def invited(self, group: str = "") -> "Crew":
        """Its members have the invitation to their first session."""
        self.confirmed(group)
        with self.world.db.reading() as session:
            first = queries.sessions_of(session, self.row.group)[0].starts_at
        self.world.wait_until(first - timedelta(days=self.world.season.programme.reminders.invitation - 1))
        return self


_BROKEN_LINK = re.compile(r"\]\(<(?!https?://|mailto:|tel:)")
_NAMES = ("Mari Kask", "Jüri Tamm", "Tiina Lepp", "Ants Mänd", "Õie Paju", "Epp Saar")
