"""Two services that write to each other come to an end: what one sends is delivered to the other, by address.

Each takes the other's secret address for one of its people's. Whatever begins it, one answer at most follows
(a yes causes what a yes does: the place, its invitations and the first reflection), and nothing answers that; where
the way between them loses every mark of a machine, the caps end it.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.composing.message_bytes import envelope_from, to_bytes
from mail.receiving.store import Arrival, store
from tests.builders import World, config
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter, Message, Person
from workflow.rules.application import address_key

Change = Callable[[bytes], bytes]
_MARKS = re.compile(rb"^(?:Auto-Submitted|List-Id|X-Auto-Response-Suppress|Precedence):[^\n]*\n", re.MULTILINE)


@dataclass
class Pair:
    """Both instances, with what each has sent so far; `on_the_way` may change what passes between them."""

    one: World
    other: World
    on_the_way: Change = lambda raw: raw
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for world in self.both:
            self.seen[world.identity.domain] = len(world.messages())

    @property
    def both(self) -> tuple[World, World]:
        return self.one, self.other

    def pass_on(self) -> int:
        """Carry what each has queued since to the other's store and let it be handled; how many mails there were."""
        carried = 0
        for here, there in ((self.one, self.other), (self.other, self.one)):
            new = here.messages()[self.seen[here.identity.domain] :]
            self.seen[here.identity.domain] += len(new)
            arrivals = [self._arrival(here, message) for message in new if message.to_address.endswith(_at(there))]
            store(there.db, arrivals, there.now)
            while there.inbox.handle_due(there.db, there.now):
                pass
            carried += len(arrivals)
        return carried

    def _arrival(self, here: World, message: Message) -> Arrival:
        raw = self.on_the_way(to_bytes(message, here.identity))
        back = envelope_from(message, here.identity)
        return Arrival(envelope_from=back, recipients=(message.to_address,), raw=raw, via="smtp")

    def until_still(self, most: int = 200) -> int:
        """Pass mails on until none is left; fails where they never end."""
        total = 0
        for _ in range(most):
            carried = self.pass_on()
            total += carried
            if not carried:
                return total
        pytest.fail(f"still writing to each other after {most} rounds and {total} mails")


def _at(world: World) -> str:
    return "@" + world.identity.domain


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path) -> Iterator[Pair]:
    """Each has a team selected, whose contact's address is the other's secret address for its own contact."""
    worlds = []
    for name in ("teekond", "rada"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "teekond.sqlite")
        changed = config({"teekond.example.org": f"{name}.example.org"})
        worlds.append(World(Database(sqlite_url(folder)), config=changed))
    addresses = []
    for world in worlds:
        team = world.apply().selected()
        addresses.append(world.asked("confirm_place", person=team.contact.address)[2])
    for world, address in zip(worlds, reversed(addresses), strict=True):
        with world.db.writing() as session:
            contact = session.scalars(sa.select(Person).where(Person.part == "contact")).one()
            contact.address, contact.address_key = address, address_key(address) or ""
    yield Pair(*worlds)
    for world in worlds:
        world.db.close()


def person(pair: Pair, text: str, *headers: str) -> bytes:
    """What one team's contact might write, from the other service's address."""
    sender, to = ends(pair)
    lines = [f"From: {sender}", f"To: {to}", "Subject: Re: Koosloome", "Message-ID: <begin@mail.example.org>", *headers]
    return "\r\n".join([*lines, "", text, ""]).encode()


def ends(pair: Pair) -> tuple[str, str]:
    """The contact's address at the first service, and where the service hears them."""
    with pair.one.db.reading() as session:
        contact = session.scalars(sa.select(Person).where(Person.part == "contact")).one()
    return contact.address, pair.one.asked("confirm_place", person=contact.address)[2]


def bounce(pair: Pair) -> bytes:
    sender, to = ends(pair)
    return (
        f"From: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Message-ID: <b1@mx.example.net>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nUser unknown\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; {sender}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()


BEGIN: dict[str, Callable[[Pair], bytes]] = {
    "a yes": lambda pair: person(pair, "JAH"),
    "a no": lambda pair: person(pair, "EI"),
    "something unclear": lambda pair: person(pair, "Jah, aga ainult siis, kui sobib."),
    "a question about the state": lambda pair: person(pair, "SEIS"),
    "a call for help": lambda pair: person(pair, "ABI"),
    "nothing": lambda pair: person(pair, ""),
    "a withdrawal": lambda pair: person(pair, "LOOBUME"),
    "an absence": lambda pair: person(pair, "Olen puhkusel. JAH", "Auto-Submitted: auto-replied"),
    "an absence without a mark": lambda pair: person(pair, "See on automaatvastus. Olen tagasi esmaspäeval."),
    "a list": lambda pair: person(pair, "JAH", "Precedence: list", "List-Id: <x.example.org>"),
    "a bounce": bounce,
    "a stranger": lambda pair: person(pair, "JAH").replace(b"From: r-", b"From: x-"),
}


@pytest.mark.parametrize("name", BEGIN)
def test_two_services_stop_after_one_mail_each(pair: Pair, name: str) -> None:
    sender, to = ends(pair)
    pair.one.deliver(BEGIN[name](pair), to, sender=sender)
    between = [
        [m for m in here.messages()[pair.seen[here.identity.domain] :] if m.to_address.endswith(_at(there))]
        for here, there in ((pair.one, pair.other), (pair.other, pair.one))
    ]
    assert [len(mails) for mails in between][1] == 0
    answered = len(between[0])
    assert answered <= (8 if name == "a yes" else 1)
    pair.until_still()
    for here, there, first in ((pair.one, pair.other, answered), (pair.other, pair.one, 0)):
        kinds = [m.template for m in _since(pair, here, there)]
        assert len(kinds) <= max(1, first), kinds
    with pair.other.db.reading() as session:
        handled = session.scalars(sa.select(Letter.outcome)).all()
    assert handled.count("automatic") == answered


def _since(pair: Pair, here: World, there: World) -> list[Message]:
    asked = ("verify", "consent", "place_offer", "application_counts")
    return [m for m in here.messages() if m.to_address.endswith(_at(there)) and m.template not in asked]


@pytest.mark.parametrize("text", ["JAH", "SEIS", "Mis mõttes?", "ABI"])
def test_where_every_mark_of_a_machine_is_lost_the_caps_end_it(pair: Pair, text: str) -> None:
    pair.on_the_way = lambda raw: _MARKS.sub(b"", raw)
    sender, to = ends(pair)
    pair.one.deliver(person(pair, text), to, sender=sender)
    mails = pair.until_still()
    assert 1 <= mails <= 60
    for world in pair.both:
        with world.db.reading() as session:
            waiting = session.scalars(sa.select(Letter.status)).all()
        assert set(waiting) <= {"done", "held"}


@pytest.mark.parametrize("own", ["the service's address", "a secret address"])
def test_a_service_asked_to_write_to_itself_is_still_after_one_mail(pair: Pair, own: str) -> None:
    world = pair.one
    _, to = ends(pair)
    address = world.identity.from_address if own.startswith("the") else to
    with world.db.writing() as session:
        contact = session.scalars(sa.select(Person).where(Person.part == "contact")).one()
        contact.address, contact.address_key = address, address_key(address) or ""
    raw = f"From: {address}\r\nTo: {to}\r\nMessage-ID: <self@example.org>\r\n\r\nSEIS\r\n".encode()
    world.deliver(raw, to, sender=address)
    rounds, done = 0, pair.seen[world.identity.domain]
    while new := world.messages()[done:]:
        done, rounds = done + len(new), rounds + 1
        for message in new:
            world.deliver(to_bytes(message, world.identity), message.to_address, sender="")
        assert rounds < 5
    assert rounds == 1
