"""The mail that the service sends to itself: once a day, known by its seal, told when it is lost, seen by nobody."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mail.sending import round_trip
from mail.sending.outbox import SmtpTransport
from tests.builders import World
from tests.mail.scripted_relay import Relay
from tests.workflow.schedule.test_silence import answered_in_time, owing
from workflow.database.engine import Database
from workflow.database.models import Alert
from workflow.schedule import silence
from workflow.views import mail as mail_view


def daily(world: World, relay: Relay, **given: tuple[str, ...]) -> round_trip.Daily:
    return round_trip.Daily(world.db, world.season, world.identity, SmtpTransport("127.0.0.1", relay.port, **given))


def told(world: World) -> list[str]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Alert.key).where(Alert.key.like("round_trip:%"))))


def passes(world: World, job: round_trip.Daily, hours: int) -> None:
    for _ in range(hours * 4):
        assert job.work(world.now) == 0
        world.now += timedelta(minutes=15)


def test_it_is_sent_once_a_day_however_many_workers_there_are(db: Database) -> None:
    world = World(db)
    with Relay() as relay:
        one, other = daily(world, relay), daily(world, relay)
        for _ in range(3):
            one.work(world.now)
            other.work(world.now)
            sender, recipient, raw = relay.taken[-1]
            world.deliver(raw, recipient, sender=sender)
            world.now += timedelta(hours=24)
        assert len(relay.taken) == 3 and len({raw for _, _, raw in relay.taken}) == 3
    assert told(world) == []


def test_one_that_comes_back_is_no_alert_and_stands_on_no_page(db: Database) -> None:
    world = World(db)
    with Relay() as relay:
        job = daily(world, relay)
        job.work(world.now)
        ((sender, recipient, raw),) = relay.taken
        assert world.inbox.known(db, recipient)
        letter = world.deliver(raw, recipient, sender=sender)
        assert (letter.status, letter.outcome) == ("done", "round_trip")
        passes(world, job, 20)
    with db.reading() as session:
        assert mail_view.waiting_letters(session).rows == ()
        assert mail_view.letters(session).rows == () and "round_trip" not in mail_view.outcomes(session)
    assert told(world) == [] and world.messages("alert") == []


def test_one_that_is_lost_is_told_once(db: Database) -> None:
    world = World(db)
    with Relay() as relay:
        job = daily(world, relay)
        job.work(world.now)
        world.now += timedelta(minutes=59)
        job.work(world.now)
        assert told(world) == []
        passes(world, job, 20)
    assert len(told(world)) == 1 and len(world.messages("alert")) >= 1
    assert all("doctor" in mail.body for mail in world.messages("alert"))


def test_one_that_the_relay_refuses_is_told_too(sqlite_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    world = World(sqlite_db)
    with Relay() as relay:
        job = daily(world, relay)
        relay.to_mail = ["530 sign in first"]
        passes(world, job, 3)
        assert relay.taken == []
    assert len(told(world)) == 1 and "530 sign in first" in caplog.text


def test_while_mail_leaves_for_a_few_only_none_is_missed(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    with Relay() as relay:
        passes(world, daily(world, relay, only_to=("mari@example.org",)), 5)
        assert relay.connections == 0
    assert told(world) == []


@pytest.mark.parametrize("where", ["message_id", "recipient"])
def test_only_our_own_seal_is_believed(sqlite_db: Database, where: str) -> None:
    world = World(sqlite_db)
    about = round_trip.key(world.now)
    true = round_trip.message_id(about, world.identity)
    false = f"<b-{about}-{'a' * 16}@{true.partition('@')[2]}"
    fake = f"b-{about}-{'a' * 16}@teekond.example.org"
    if where == "recipient":
        letter = world.write("keegi@example.net", fake, "tere", message_id="<1@example.net>")
    else:
        letter = world.write("keegi@example.net", world.identity.from_address, "tere", message_id=false)
    assert letter.outcome != "round_trip"


def test_it_does_not_hide_that_nobody_else_writes(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    answered_in_time(world)
    owing(world, "Võru", "Rõuge", "Saku")
    world.now += timedelta(hours=30)
    about = round_trip.key(world.now)
    raw = round_trip.write(about, world.identity, world.now, to=world.identity.return_address(about))
    assert world.deliver(raw, world.identity.return_address(about)).outcome == "round_trip"
    with sqlite_db.writing() as session:
        silence.look(world.season, session, world.now)
        assert [k for k in session.scalars(sa.select(Alert.key)) if k.startswith("mailbox_silent")]
