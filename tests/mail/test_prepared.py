"""What waits is made ahead, and what was made is sent only while it says what the message says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mail.identity import Identity
from mail.prepared import AHEAD, mark, prepare
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import MINUTE, NOW, build, queue, row
from workflow.database.engine import Database
from workflow.database.models import Message, PreparedMail

IDENTITY = Identity(
    base_url="https://kogu.example.org", domain="kogu.example.org", from_name="Kogu",
    from_address="kogu@kogu.example.org", list_id="kogu.kogu.example.org", secret=b"s" * 32,
)  # fmt: skip


def made(db: Database) -> dict[int, str]:
    with db.reading() as session:
        return {row.message_id: row.made_by for row in session.scalars(sa.select(PreparedMail))}


def never(message: Message) -> tuple[str, bytes]:
    raise AssertionError(f"{message.key} is built again")


def deliver(db: Database, relay: Relay, **given: Any) -> outbox.Sent:
    return outbox.deliver(db, NOW, SmtpTransport("127.0.0.1", relay.port), **given)


def test_what_was_made_ahead_leaves_without_being_made_again(db: Database) -> None:
    queue(db, "mari", "juri")
    assert prepare(db, NOW, build, "us") == 2
    assert prepare(db, NOW, never, "us") == 0
    with Relay() as relay:
        assert deliver(db, relay, build=never, made_by="us").sent == 2
    assert relay.taken[0] == (
        "b-1@kogu.example.org", "mari@example.org", b"Message-ID: <mari@kogu.example.org>\r\n\r\n.Tere\r\n"
    )  # fmt: skip
    assert prepare(db, NOW, build, "us") == 2, "what was sent is not kept twice"
    assert made(db) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "teine"}, {"body": "teine"}, {"to_address": "teine@example.org"}, {"to_name": "Teine"},
        {"calendar": b"BEGIN:VCALENDAR"}, {"reply_to": "r-2@kogu.example.org"}, {"lang": "en"},
    ],
)  # fmt: skip
def test_a_message_that_is_changed_is_made_anew(db: Database, change: dict[str, Any]) -> None:
    queue(db, "mari", "juri")
    prepare(db, NOW, build, "us")
    with db.writing() as session:
        session.execute(sa.update(Message).where(Message.key == "mari").values(**change))
    assert made(db) == {2: "us"}


def test_waiting_and_holding_change_nothing_that_was_made(db: Database) -> None:
    queue(db, "mari")
    prepare(db, NOW, build, "us")
    with db.writing() as session:
        session.execute(sa.update(Message).values(status="held", next_at=NOW + MINUTE, error="x", attempt=3))
    assert made(db) == {1: "us"}


def test_what_another_sender_made_is_not_used(db: Database) -> None:
    queue(db, "mari")
    prepare(db, NOW, never_used, "them")
    with Relay() as relay:
        assert deliver(db, relay, build=build, made_by="us").sent == 1
    assert relay.taken[0][0] == "b-1@kogu.example.org"


def never_used(message: Message) -> tuple[str, bytes]:
    return "old@kogu.example.org", b"old\r\n"


def test_another_senders_are_made_again(db: Database) -> None:
    queue(db, "mari")
    prepare(db, NOW, never_used, "them")
    assert prepare(db, NOW, build, "us") == 1
    assert made(db) == {1: "us"}


def test_only_what_leaves_soon_is_made_and_what_cannot_be_made_keeps_nobody(db: Database) -> None:
    queue(db, "poison", "held", "later", "soon", "enclosing")
    with db.writing() as session:
        for key, values in {
            "held": {"status": "held"},
            "later": {"next_at": NOW + AHEAD + MINUTE},
            "soon": {"next_at": NOW + AHEAD - MINUTE},
            "enclosing": {"template": "certificate"},
        }.items():
            session.execute(sa.update(Message).where(Message.key == key).values(values))
    assert prepare(db, NOW, build, "us") == 1
    assert made(db) == {row(db, "soon").id: "us"}


@pytest.mark.parametrize(
    "other",
    [
        {"base_url": "https://teine.example.org"}, {"from_name": "Teine"}, {"from_address": "t@kogu.example.org"},
        {"domain": "teine.example.org"}, {"secret": b"t" * 32}, {"list_id": "teine.kogu.example.org"},
    ],
)  # fmt: skip
def test_the_mark_is_another_for_another_sender(other: dict[str, Any]) -> None:
    assert mark(replace(IDENTITY, **other)) != mark(IDENTITY) == mark(replace(IDENTITY))
    assert mark(IDENTITY, b"a key to sign") != mark(IDENTITY)


def test_a_relay_that_was_away_gets_what_was_made_meanwhile(db: Database) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        relay.greets = ["421 4.3.2 closing"]
        assert deliver(db, relay, build=build, made_by="us").relay_down
        assert prepare(db, NOW, build, "us") == 2
        back = NOW + timedelta(minutes=1)
        done = outbox.deliver(db, back, SmtpTransport("127.0.0.1", relay.port), build=never, made_by="us")
    assert done.sent == 2
