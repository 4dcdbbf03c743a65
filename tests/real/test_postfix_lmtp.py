"""A real Postfix in front: it hands letters on by LMTP, keeps what we cannot take, and says what we refuse."""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.receiving import store
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival
from tests.builders import World
from tests.ports import free_port
from tests.real.postfix import Postfix, postfix
from tests.real.programs import until
from workflow.database.engine import Database
from workflow.database.models import Letter
from workflow.rules.machine import Trigger


class Service:
    """The receiver over LMTP with the real store; `troubles` counts down how often the store fails first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.troubles = 0
        self.failed = 0
        self.groups: list[int] = []
        self.listener = Listener(
            ("127.0.0.1", free_port()),  # it is kept for us while nobody listens there, too
            hostname="teekond.example.org",
            known=lambda address: world.inbox.known(world.db, address),
            store=self.keep,
            now=lambda: world.now,
            lmtp=True,
        )

    def keep(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        if self.failed < self.troubles:
            self.failed += 1
            raise OSError("the disk is away")
        store.store(self.world.db, arrivals, now)

    def letters(self, count: int) -> list[Letter]:
        """The letters, once there are so many, handled."""
        until(lambda: self._count() >= count, f"{count} letters came")
        self.world.inbox.handle_due(self.world.db, self.world.now)
        with self.world.db.reading() as session:
            return list(session.scalars(sa.select(Letter).order_by(Letter.id)))

    def _count(self) -> int:
        with self.world.db.reading() as session:
            return session.scalar(sa.select(sa.func.count(Letter.id))) or 0


@pytest.fixture
def service(sqlite_db: Database) -> Iterator[Service]:
    service = Service(World(sqlite_db))
    service.listener.start()
    yield service
    service.listener.stop()


@contextmanager
def in_front(service: Service, **settings: str) -> Iterator[Postfix]:
    with postfix(service.listener.port, **settings) as server:
        yield server


def reply(sender: str, recipient: str, text: str = "JAH", number: int = 1) -> bytes:
    head = f"From: {sender}\r\nTo: {recipient}\r\nSubject: Re: koht\r\nMessage-ID: <{number}@example.net>\r\n"
    return f"{head}\r\n{text}\r\n".encode()


def test_a_journey_goes_on_by_replies_through_postfix(service: Service) -> None:
    world = service.world
    team = world.apply()
    with in_front(service) as server:
        _, asked, address = world.asked("verify", team=team.id)
        assert "+" not in address
        server.bring(reply(asked.address, address), address, sender=asked.address)
        assert [(one.via, one.outcome, one.envelope_from) for one in service.letters(1)] == [
            ("lmtp", "accepted", asked.address)
        ]
        assert team.row.verified_at == world.now
        team.move(Trigger.SELECT)
        _, asked, address = world.asked("confirm_place", team=team.id, person=team.contact.address)
        server.bring(reply(asked.address, address.upper(), "Jah, tuleme!", 2), address.upper(), sender=asked.address)
        assert [one.outcome for one in service.letters(2)] == ["accepted", "accepted"]
        until(lambda: server.waiting() == 0, "nothing is left in Postfix's queue")
    assert team.state == "workshop_1"


def test_an_unknown_address_is_refused_in_the_dialogue_with_our_sentence(service: Service) -> None:
    service.world.apply()
    _, asked, address = service.world.asked("verify")
    wrong = f"r-{'a' * 26}@example.org"
    with in_front(service) as server:
        with smtplib.SMTP("127.0.0.1", server.smtp, timeout=60) as world:
            world.ehlo()
            assert world.mail("mari@example.net")[0] == 250
            code, said = world.rcpt(wrong)
            assert code == 550
            assert b"please reply to the mail you got and leave its reply address as it is" in said
            assert world.rcpt(address)[0] == 250
            assert world.data(reply(asked.address, address))[0] == 250
        assert [one.recipients for one in service.letters(1)] == [[address]]


def test_without_asking_first_postfix_writes_our_sentence_to_the_sender(service: Service) -> None:
    service.world.apply()
    _, _, address = service.world.asked("verify")
    wrong = f"r-{'a' * 26}@example.org"
    with in_front(service, recipients="reject_unauth_destination") as server:
        server.bring(reply("mari@example.net", wrong), wrong, sender=address)  # the bounce comes to a known address
        (letter,) = service.letters(1)
    assert letter.envelope_from == ""
    assert (letter.kind, letter.outcome) == ("bounce", "bounce_unknown")
    with service.world.db.reading() as session:
        assert b"Nothing here has the address you wrote to" in session.get_one(Letter, letter.id).raw


def test_two_recipients_of_one_letter_each_get_their_reply(service: Service) -> None:
    team = service.world.apply().selected()
    addresses = [service.world.asked("confirm_place", person=one.address)[2] for one in team.people()[:2]]
    assert len(set(addresses)) == 2
    with in_front(service) as server:
        server.bring(reply(team.contact.address, addresses[0]), *addresses)
        letter = service.letters(2)[-1]
        until(lambda: server.waiting() == 0, "Postfix has handed on everything")
        sent = [line for line in server.log.splitlines() if "postfix/lmtp" in line and "status=sent" in line]
        sent = [line for line in sent if "deliverable" not in line and "250 2.0.0 Thank you" in line]
    assert sorted(letter.recipients) == sorted(addresses)
    assert len(sent) == 2
    assert letter.outcome == "accepted"


def test_postfix_keeps_what_we_cannot_take_and_brings_it_again(service: Service) -> None:
    team = service.world.apply()
    _, asked, address = service.world.asked("verify")
    service.troubles = 2
    with in_front(service) as server:
        server.bring(reply(asked.address, address), address, sender=asked.address)
        (letter,) = service.letters(1)
        until(lambda: server.waiting() == 0, "Postfix has handed it on")
        said = server.log
    assert service.failed == 2
    assert said.count("status=deferred") == 2
    assert "451 4.3.0 Something is wrong on our side" in said
    assert "the disk is away" not in said
    assert letter.outcome == "accepted"
    assert team.row.verified_at == service.world.now


def test_postfix_keeps_letters_while_we_are_away(service: Service) -> None:
    service.world.apply()
    _, asked, address = service.world.asked("verify")
    with in_front(service, recipients="reject_unauth_destination") as server:
        service.listener.stop()
        for number in range(5):
            server.bring(reply(asked.address, address, number=number), address, sender=asked.address)
        until(lambda: server.log.count("status=deferred") >= 5, "all five wait")
        again = Service(service.world)
        again.listener = Listener(
            ("127.0.0.1", service.listener.port),
            hostname="teekond.example.org",
            known=lambda _: True,
            store=again.keep,
            now=lambda: service.world.now,
            lmtp=True,
        )
        again.listener.start()
        letters = again.letters(5)
        again.listener.stop()
    assert sorted(one.outcome for one in letters) == ["accepted", *["already"] * 4]


def test_a_bounce_that_postfix_writes_finds_its_mail(service: Service) -> None:
    world = service.world
    world.apply()
    with world.db.writing() as session:
        message = session.merge(world.messages()[0])
        message.to_address = "keegi@kadunud.example"
        message.status = "sent"
        session.flush()
        raw, sender = (
            message_bytes.to_bytes(message, world.identity),
            message_bytes.envelope_from(message, world.identity),
        )
    with in_front(service) as server:
        with smtplib.SMTP("127.0.0.1", server.relay, timeout=60) as relay:
            relay.sendmail(sender, ["keegi@kadunud.example"], raw)
        (letter,) = service.letters(1)
    assert (letter.via, letter.envelope_from, letter.recipients) == ("lmtp", "", [sender])
    assert (letter.kind, letter.outcome) == ("bounce", "bounce")
    bounced = next(one for one in world.messages() if one.id == message.id)
    assert bounced.status == "bounced"
    assert "5.1.1" in bounced.error
