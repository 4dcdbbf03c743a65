"""A season with many teams, laid straight into the tables, and the letters that answer what they were asked.

Each team is in the first workshop, was there, and has handed in its work; its own trainer is asked to read it.
JAH from the trainer therefore accepts the work, moves the team, and tells the team and the trainer: a whole
answer, with transition, history and four mails. Nothing here is measured.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mail.composing.compose import Composer
from mail.handling.inbox import Inbox
from mail.identity import Identity
from mail.limited_reading.reader import Reader
from mail.receiving.store import Arrival, store
from workflow.codes import DutyOutcome, HistoryEvent, MessageStatus, SubmissionStatus
from workflow.config.loader import Config, load
from workflow.database.engine import Database
from workflow.database.models import (
    Addressee,
    Attendance,
    Duty,
    HistoryRow,
    Message,
    Person,
    Question,
    Submission,
    Team,
)
from workflow.journey import moves
from workflow.rules.machine import Machine
from workflow.season import Season

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2022, 4, 6, 9, 0, tzinfo=UTC)
STAGE = "workshop_1"
MEMBERS = 4
HEAD = (
    "Received: from mx.example.org by mx.teekond.example.org; Wed, 6 Apr 2022 10:00:00 +0300\r\n"
    "From: Mari Kask <{sender}>\r\nTo: {to}\r\nSubject: =?utf-8?q?Re=3A_T=C3=B6=C3=B6tuba?=\r\n"
    "Date: Wed, 6 Apr 2022 10:00:00 +0300\r\nMessage-ID: <{number}@mail.example.org>\r\n"
    "In-Reply-To: <m.1@teekond.example.org>\r\nReferences: <t.1@teekond.example.org> <m.1@teekond.example.org>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
)
QUOTE = "> Tere, Mari!\r\n>\r\n> Meeskonna töö on kohal. Vastake JAH või TAGASI hiljemalt reedel.\r\n>\r\n"
SIGNED = "Tervitades\r\nMari Kask\r\n+372 5555 0101\r\n"
SAYS = f"JAH\r\n\r\n{SIGNED}\r\n5.04.2022 10:00 Koosloome kirjutas:\r\n" + QUOTE * 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A season whose teams are laid into a database of its own."""

    config: Config
    db: Database
    season: Season
    identity: Identity
    inbox: Inbox

    def letter(self, team: int) -> tuple[str, str, bytes]:
        """The trainer's JAH about this team's work: sender, recipient, and a reply of 2 KB."""
        sender, to = trainer(team), f"r-{secret('t', team)}@{self.identity.domain}"
        raw = (HEAD.format(sender=sender, to=to, number=team) + SAYS).encode()[:2048]
        return sender, to, raw

    def arrive(self, teams: range) -> None:
        """Store these teams' letters, as the receiver does."""
        for team in teams:
            sender, to, raw = self.letter(team)
            store(self.db, [Arrival(envelope_from=sender, recipients=(to,), raw=raw, via="smtp")], NOW)


def lay(url: str, teams: int, *, members: int = MEMBERS) -> Laid:
    """A migrated database at `url` with so many teams in it."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8").replace("capacity = 10", "capacity = 1000000")
    config = load(text.replace("size = 5", "size = 500000"), {})
    db = Database(url)
    db.migrate()
    identity = Identity.of(config.programme, config.service, b"a secret of the bench, 32 bytes!")
    counter = itertools.count(1)
    season = Season(
        programme=config.programme,
        machine=Machine(config.programme),
        post=Composer(ROOT / "templates" / "email", config.programme, identity),
        secret=lambda: f"new{next(counter):023d}",
        link=identity.new_link,
        base_url=config.service.base_url,
    )
    with db.writing() as session:
        moves.open_season(season, session, NOW)
        # what the calendar owed before today is not what is measured
        session.execute(sa.update(Duty).where(Duty.due_at <= NOW).values(done_at=NOW, outcome=DutyOutcome.DONE))
        first = (session.scalar(sa.select(sa.func.max(Person.id))) or 0) + 1
    with db.engine.begin() as connection:
        for table, rows in _tables(teams, members, first):
            for part in _parts(rows, 2000):
                connection.execute(sa.insert(table), part)
        if teams and db.engine.dialect.name == "postgresql":
            _count_on(connection)
    inbox = Inbox(season=season, identity=identity, reader=Reader())
    return Laid(config=config, db=db, season=season, identity=identity, inbox=inbox)


def secret(kind: str, team: int) -> str:
    return f"{kind}{team:025d}"


def trainer(team: int) -> str:
    return f"trainer{team}@example.org"


def _parts(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while part := list(itertools.islice(rows, size)):
        yield part


def _tables(teams: int, members: int, first: int) -> Iterator[tuple[type[Any], Iterator[dict[str, Any]]]]:
    """Team n has the people from `first + (n - 1) * (members + 1)`: its members, then its trainer."""
    asked, every = NOW - timedelta(days=2), range(1, teams + 1)
    width = members + 1
    yield Team, ({
        "id": n, "name": f"Meeskond {n}", "home": "Võru vald", "lang": "et", "state": STAGE,
        "state_since": asked, "version": 2, "applied_at": NOW - timedelta(days=50), "verified_at": asked,
        "group": "I", "application": {},
    } for n in every)  # fmt: skip
    yield Person, (_person(first + (n - 1) * width + k, n, k, members) for n in every for k in range(width))
    yield Attendance, ({
        "team_id": n, "person_id": first + (n - 1) * width + k, "stage": STAGE, "expected": "yes", "present": True,
        "recorded_at": asked, "via": "mail",
    } for n in every for k in range(members))  # fmt: skip
    yield Question, ({
        "id": n if kind == "homework" else teams + n, "key": f"{kind}:{n}", "kind": kind, "team_id": n,
        "stage": STAGE, "about": {"submission": n} if kind == "review" else {"work": "homework"}, "asked_at": asked,
        "due_at": NOW + timedelta(days=3), "closed_at": asked if kind == "homework" else None,
        "outcome": "submission" if kind == "homework" else None,
    } for kind in ("homework", "review") for n in every)  # fmt: skip
    yield Addressee, ({
        "question_id": teams + n, "person_id": first + (n - 1) * width + members, "secret": secret("t", n),
    } for n in every)  # fmt: skip
    yield Submission, ({
        "id": n, "team_id": n, "stage": STAGE, "question_id": n, "person_id": first + (n - 1) * width,
        "text": "Siin on meie töö.", "at": asked, "status": SubmissionStatus.HANDED_IN,
    } for n in every)  # fmt: skip
    yield HistoryRow, ({
        "team_id": n, "number": 1, "at": asked, "event": HistoryEvent.HANDED_IN, "actor": "Mari Kask",
        "proof": {"submission": n},
    } for n in every)  # fmt: skip
    yield Message, ({
        "key": f"review:review:{n}:{n}", "template": "review", "lang": "et",
        "person_id": first + (n - 1) * width + members, "team_id": n, "question_id": teams + n, "to_name": "Koolitaja",
        "to_address": trainer(n), "subject": "Koosloome: lugege töö läbi", "body": "Tere!",
        "message_id": f"<m.review{n}@example.org>", "status": MessageStatus.SENT, "created_at": asked, "next_at": asked,
    } for n in every)  # fmt: skip
    yield Duty, ({
        "key": f"reminder:{teams + n}:{day}", "kind": "reminder", "due_at": NOW + timedelta(days=day), "team_id": n,
        "question_id": teams + n, "about": {"days": day},
    } for n in every for day in (1, 4))  # fmt: skip


def _person(number: int, team: int, place: int, members: int) -> dict[str, Any]:
    part = {0: "contact", 1: "deputy"}.get(place, "member")
    ours = place < members
    address = f"m{place}.{team}@example.org" if ours else trainer(team)
    return {
        "id": number, "role": "member" if ours else "trainer", "name": f"Inimene {team} {place}", "address": address,
        "address_key": address, "address_state": "ok", "lang": "et", "team_id": team if ours else None,
        "side": ("municipality", "community")[place % 2] if ours else None, "part": part if ours else None,
        "joined_at": NOW,
    }  # fmt: skip


def _count_on(connection: sa.Connection) -> None:
    """PostgreSQL's own counters go on after the numbers that were given here."""
    for name in ("teams", "people", "questions", "submissions"):
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
        )
