"""Each commit of a worker fails once, before it is done or after, in a process that goes on: on both databases."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.builders import World
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_one_in_hand import failing
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Letter, Message

NAMES = ("Abja", "Elva", "Haljala", "Juuru", "Kose", "Loksa", "Mulgi", "Nissi", "Otepää", "Põlva", "Rapla", "Saue")


def work(world: World, port: int, unsettled: outbox.Unsettled) -> None:
    """What a worker does, until its leases are over; what fails is tried again, as `Worker` does."""

    def build(message: Message) -> tuple[str, bytes]:
        return "b@kogu.example.org", f"Message-ID: {message.message_id}\r\n\r\nTere\r\n".encode()

    for minutes in (0, 1, 1, 16):
        world.now += timedelta(minutes=minutes)
        for act in (
            lambda: world.inbox.handle_due(world.db, world.now),
            lambda: outbox.deliver(
                world.db, world.now, SmtpTransport("127.0.0.1", port), build=build, unsettled=unsettled
            ),
        ):
            try:
                act()
            except sa.exc.OperationalError:
                continue


@pytest.mark.parametrize("after", [False, True])
def test_whichever_commit_of_a_worker_fails_each_answer_counts_once_and_each_mail_leaves_once(
    db: Database, after: bool
) -> None:
    world, unsettled, ends = World(db), outbox.Unsettled(), set()
    with Relay() as relay:
        for number, name in enumerate(NAMES, start=1):
            crew = world.apply(name)
            _, person, address = world.asked("verify", team=crew.id)
            with failing(db, number, after=after) as failed:
                world.now += timedelta(seconds=1)
                raw = f"From: {person.address}\r\nTo: {address}\r\nMessage-ID: <{number}@example.org>\r\n\r\nJAH\r\n"
                arrive(world, raw.encode(), address, person.address)
                work(world, relay.port, unsettled)
            with db.reading() as session:
                steps = sa.select(HistoryRow.event).where(HistoryRow.team_id == crew.id).order_by(HistoryRow.number)
                ends.add(tuple(session.scalars(steps)))
                assert set(session.scalars(sa.select(Letter.outcome))) == {"accepted"}, number
                assert set(session.scalars(sa.select(Message.status))) == {"sent"}, number
            if not failed:
                break
        assert number > 8, "claim, answer, and each mail's claim and result"
        assert len(ends) == 1, "every team's history is the same"
        ids = Counter(data for _, _, data in relay.taken)
        assert set(ids.values()) == {1}


def arrive(world: World, raw: bytes, address: str, sender: str) -> None:
    """A mail server delivers again until it is acknowledged."""
    arrival = Arrival(envelope_from=sender, recipients=(address,), raw=raw, via="smtp")
    for _ in range(2):
        try:
            store(world.db, [arrival], world.now)
            return
        except sa.exc.OperationalError:
            continue
