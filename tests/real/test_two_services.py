"""Two services that write to each other through a real Postfix come to an end, whatever begins it; also where a filter
between them takes away every mark of a machine.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.receiving import store
from mail.receiving.smtp_server import Listener
from mail.sending import outbox
from tests.builders import World
from tests.mail.handling.test_mail_loops import BEGIN, Pair, ends, pair  # noqa: F401
from tests.ports import free_port
from tests.real.postfix import Postfix, postfix
from tests.real.programs import folder, until
from workflow.database.models import Letter, Message

ROUTES = """
relay_domains = example.org
transport_maps = inline:{{ {{ {one} = lmtp:inet:127.0.0.1:{first} }}, {{ {other} = lmtp:inet:127.0.0.1:{second} }},
    {{ example.org = discard: }} }}
"""
MARKS = "/^(Auto-Submitted|List-Id|X-Auto-Response-Suppress|Precedence):/ IGNORE\n"


def receiver(world: World) -> Listener:
    return Listener(
        ("127.0.0.1", free_port()),
        hostname=world.identity.domain,
        known=lambda address: world.inbox.known(world.db, address),
        store=lambda arrivals, now: store.store(world.db, arrivals, now),
        now=lambda: world.now,
        lmtp=True,
    )


@contextmanager
def connected(both: Pair, *, filtered: bool = False) -> Iterator[Postfix]:
    """Each hands its mail to Postfix and gets what comes to its domain from there; people's mail ends there."""
    with ExitStack() as open_:
        doors = [receiver(world) for world in both.both]
        for world, door in zip(both.both, doors, strict=True):
            world.send_all()
            door.start()
            open_.callback(door.stop)
        more = ROUTES.format(
            one=both.one.identity.domain, first=doors[0].port, other=both.other.identity.domain, second=doors[1].port
        )
        if filtered:
            checks = open_.enter_context(folder("marks")) / "checks"
            checks.write_text(MARKS)
            checks.chmod(0o644)
            more += f"header_checks = regexp:{checks}\n"
        yield open_.enter_context(postfix(doors[0].port, recipients="reject_unauth_destination", more=more))


def turn(both: Pair, server: Postfix) -> int:
    """What came in is handled, what was queued leaves; how many mails left for the other service."""
    left = 0
    for world, there in ((both.one, both.other), (both.other, both.one)):
        while world.inbox.handle_due(world.db, world.now):
            pass
        due = [m for m in world.messages() if m.status == "queued"]
        over = sum(m.to_address.endswith("@" + there.identity.domain) for m in due)
        expected, left = letters(there) + over, left + over
        out = outbox.SmtpTransport("127.0.0.1", server.relay)
        while outbox.deliver(
            world.db, world.now, out,
            build=lambda m, i=world.identity: (message_bytes.envelope_from(m, i), message_bytes.to_bytes(m, i)),  # type: ignore[misc]
        ).handled:  # fmt: skip
            pass
        until(lambda t=there, n=expected: letters(t) >= n, "Postfix hands on what it was given")  # type: ignore[misc]
    return left


def letters(world: World) -> int:
    with world.db.reading() as session:
        return session.scalar(sa.select(sa.func.count(Letter.id))) or 0


def until_still(both: Pair, server: Postfix, most: int = 100) -> int:
    total = 0
    for _ in range(most):
        left = turn(both, server)
        total += left
        if not left and not server.waiting():
            return total
    pytest.fail(f"still writing to each other after {total} mails")


@pytest.mark.parametrize("name", ["a yes", "something unclear", "a question about the state", "an absence", "a bounce"])
def test_two_services_behind_postfix_stop_after_one_mail(pair: Pair, name: str) -> None:  # noqa: F811
    with connected(pair) as server:
        (sender, to), before = ends(pair), letters(pair.other)
        server.bring(BEGIN[name](pair), to, sender="" if name == "a bounce" else sender)
        until(lambda: letters(pair.one) > before, "the first letter came")
        total = until_still(pair, server)
    assert total <= (8 if name == "a yes" else 1)
    with pair.other.db.reading() as session:
        came = session.scalars(sa.select(Letter.outcome).order_by(Letter.id)).all()[before:]
    assert came == ["automatic"] * total, "and what the other heard it answered to nobody"


@pytest.mark.parametrize("text", ["SEIS", "Mis mõttes?"])
def test_where_a_filter_takes_every_mark_of_a_machine_the_caps_end_it(pair: Pair, text: str) -> None:  # noqa: F811
    with connected(pair, filtered=True) as server:
        (sender, to), before = ends(pair), letters(pair.one)
        raw = f"From: {sender}\r\nTo: {to}\r\nMessage-ID: <begin@mail.example.org>\r\n\r\n{text}\r\n".encode()
        server.bring(raw, to, sender=sender)
        until(lambda: letters(pair.one) > before, "the first letter came")
        assert 1 <= until_still(pair, server) <= 60
    for world in pair.both:
        with world.db.reading() as session:
            assert set(session.scalars(sa.select(Letter.status))) <= {"done", "held"}


def test_an_address_that_the_other_service_never_gave_out_comes_back_to_its_own_mail(pair: Pair) -> None:  # noqa: F811
    world, before = pair.one, [letters(world) for world in pair.both]
    nobody = "r-" + "a" * 26 + "@" + pair.other.identity.domain
    with connected(pair) as server:
        with world.db.writing() as session:
            message = session.scalars(sa.select(Message).where(Message.template == "place_offer")).first()
            assert message is not None
            message.status, message.next_at, message.to_address = "queued", world.now, nobody
            about = message.id
        outbox.deliver(
            world.db, world.now, outbox.SmtpTransport("127.0.0.1", server.relay),
            build=lambda m: (message_bytes.envelope_from(m, world.identity), message_bytes.to_bytes(m, world.identity)),
        )  # fmt: skip
        until(lambda: letters(world) > before[0], "Postfix's report came")
        assert until_still(pair, server) == 0
    with world.db.reading() as session:
        assert session.scalars(sa.select(Letter.outcome).order_by(Letter.id)).all()[before[0] :] == ["bounce"]
        assert session.get_one(Message, about).status == "bounced"
    assert letters(pair.other) == before[1]
