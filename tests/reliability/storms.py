"""Storms and loops: thousands of letters from one sender, from forgers, from another service like this one.

Everything goes the service's own way: stored, handled, composed, sent by the outbox to a relay that counts. Must never
count what was queued as what left, nor hold a storm over before the outbox has nothing more to send.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import sqlalchemy as sa

from mail.composing.message_bytes import envelope_from, to_bytes
from mail.handling import bounce_effects
from mail.receiving.store import Arrival, store
from mail.sending.outbox import deliver
from mail.sending.transport import SmtpTransport
from tests.builders import World, config
from tests.mail.scripted_relay import Relay
from tests.reliability.figures import Figure, Scale
from tests.reliability.postgresql import fresh_database
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Alert, Letter, Message, Person
from workflow.rules.application import address_key

RECEIPTS: Final = 5
"""a day to one person on file, by a sender's name alone: one receipt, three answers to SEIS, one to LOOBUME"""
LETTERS: Final = {Scale.SHORT: 120, Scale.LONG: 1000}
SEAL: Final = "abcdefghijklmnopqrstuvwxyz234567"
"""what seals are written with"""
MINUTE: Final = timedelta(minutes=1)
WORDS: Final = ("Mis mõttes?", "SEIS", "ABI", "jah, aga…", "", "Kas te saite kätte?")


def run(scale: Scale) -> list[Figure]:
    kinds = ("sqlite",) if scale is Scale.SHORT else ("sqlite", "postgresql")
    return [*(figure for kind in kinds for figure in on(kind, LETTERS[scale])), *loops(scale)]


def on(kind: str, letters: int) -> list[Figure]:
    with season(kind) as world:
        flood = _one_sender(world, letters)
    with season(kind) as world:
        forged = _forged(world, letters)
        bounces = _forged_bounces(world, letters // 4)
    return [*_of_flood(kind, flood), _of_forged(kind, forged), _of_bounces(kind, bounces)]


@contextmanager
def season(kind: str) -> Iterator[World]:
    with TemporaryDirectory() as folder, fresh_database(kind) as url:
        db = Database(url or sqlite_url(Path(folder)))
        db.migrate()
        yield World(db)
        db.close()


def _handle_all(world: World) -> None:
    while world.inbox.handle_due(world.db, world.now):
        continue


def _send_all(world: World, relay: Relay) -> None:
    transport = SmtpTransport("127.0.0.1", relay.port, timeout=20)

    def build(message: Message) -> tuple[str, bytes]:
        return envelope_from(message, world.identity), to_bytes(message, world.identity)

    def refused(session: sa.orm.Session, message: Message, person: Person, now: object) -> None:
        bounce_effects.refused(world.season, session, message, person, world.now)

    most = world.season.programme.limits.automatic_answers_in_all
    while deliver(world.db, world.now, transport, build=build, refused=refused, most_answers=most).handled:
        continue


def _count(world: World, *which: sa.ColumnElement[bool]) -> int:
    with world.db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(*which)) or 0


# -- one sender ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    letters: int
    left: int
    """mails that left for the sender"""
    alerts: int
    others: int
    """minutes-worth of letters of others: how many of them were answered at once"""
    wanted: int
    states: dict[str, int]


def _one_sender(world: World, letters: int) -> Flood:
    """Within a minute; others' answers lie among them."""
    loud, *quiet = (world.apply(f"Vald {n}") for n in range(6))
    world.send_all()
    _, contact, to = world.asked("verify", team=loud.id)
    world.now += MINUTE
    mine = [_arrival(contact.address, to, WORDS[n % len(WORDS)], f"loud.{n}") for n in range(letters)]
    others = []
    for n, crew in enumerate(quiet):
        _, person, address = world.asked("verify", team=crew.id)
        others.append(_arrival(person.address, address, "JAH", f"quiet.{n}"))
        mine.insert((n + 1) * letters // 6, others[-1])
    with Relay() as relay:
        for begin in range(0, len(mine), 100):
            store(world.db, mine[begin : begin + 100], world.now)
            _handle_all(world)
            _send_all(world, relay)
        left = Counter(recipient for _, recipient, _ in relay.taken)
    with world.db.reading() as session:
        states = Counter(session.scalars(sa.select(Letter.status)))
    verified = sum(crew.row.verified_at == world.now for crew in quiet)
    answered = sum(left[crew.contact.address] >= 1 for crew in quiet)
    return Flood(
        letters=letters, left=left[contact.address], alerts=_count(world, Alert.kind == "capped"),
        others=min(verified, answered), wanted=len(others), states=dict(states),
    )  # fmt: skip


def _arrival(sender: str, to: str, text: str, number: str, *headers: str) -> Arrival:
    head = [f"From: {sender}", f"To: {to}", f"Message-ID: <{number}@mail.example.org>", *headers]
    raw = "\r\n".join([*head, "", text, ""]).encode()
    return Arrival(envelope_from=sender, recipients=(to,), raw=raw, via="smtp")


def _of_flood(kind: str, flood: Flood) -> list[Figure]:
    done = f"{flood.letters} letters from one sender within a minute on {kind}"
    stored = sum(flood.states.values())
    return [
        Figure(
            promise=f"one sender's storm is answered a few times ({kind})", asked="5 mails at most, 1 alert",
            measured=f"{flood.left} mails, {flood.alerts} alert", done=done,
            holds=1 <= flood.left <= 5 and flood.alerts == 1 and stored == flood.letters + flood.wanted,
        ),
        Figure(
            promise=f"others are read and answered meanwhile ({kind})", asked="all, within the same minute",
            measured=f"{flood.others} of {flood.wanted}", done=done, holds=flood.others == flood.wanted > 0,
        ),
        Figure(
            promise=f"each letter of a storm is kept and settled ({kind})", asked="all done or held",
            measured=", ".join(f"{n} {state}" for state, n in sorted(flood.states.items())), done=done,
            holds=set(flood.states) <= {"done", "held"} and stored == flood.letters + flood.wanted,
        ),
    ]  # fmt: skip


# -- forgers ------------------------------------------------------------------------------------


def _forged(world: World, letters: int) -> tuple[int, int, int]:
    """Letters under members' names, to secret addresses that nobody was given, and to the service's own. How many
    were handled, how many mails left, at most to one person, how many were let through the receiver's door."""
    crew = world.apply("Võru")
    world.send_all()
    with world.db.reading() as session:
        before = session.scalar(sa.select(sa.func.max(Message.id))) or 0
    guesses = [f"r-{n:026d}@{world.identity.domain}" for n in range(letters // 2)]
    let_in = sum(world.inbox.known(world.db, guess) for guess in guesses)
    to = [*guesses, *[world.identity.from_address] * (letters - len(guesses))]
    who = [person.address for person in crew.people()]
    arrivals = [
        _arrival(who[n % len(who)], address, ("JAH", "EI", "LOOBUME", "SEIS")[n % 4], f"forged.{n}")
        for n, address in enumerate(to)
    ]
    store(world.db, arrivals, world.now)  # as a mailbox would take them, which has no door
    _handle_all(world)
    with world.db.reading() as session:
        told = Counter(session.scalars(sa.select(Message.person_id).where(Message.id > before)))
    most = max(told.values(), default=0)
    handled = _count(world, Letter.status.in_(("done", "held")))
    return handled, most, let_in


def _of_forged(kind: str, found: tuple[int, int, int]) -> Figure:
    handled, most, let_in = found
    return Figure(
        promise=f"forged letters without a good address are hardly answered ({kind})",
        asked=f"{RECEIPTS} mails a person at most, 0 let in", measured=f"{most} to one person at most, {let_in} let in",
        done=f"{handled} forged letters on {kind}", holds=handled > 0 and most <= RECEIPTS and let_in == 0,
    )  # fmt: skip


def _forged_bounces(world: World, letters: int) -> tuple[int, int, int]:
    """Reports that say that our mail did not arrive: under wrong seals, without any, and one under the right one."""
    with world.db.reading() as session:
        mail = session.scalars(sa.select(Message).order_by(Message.id).limit(1)).one()
    with world.db.writing() as session:
        session.execute(sa.update(Message).values(status="sent", sent_at=world.now))
    right = envelope_from(mail, world.identity)
    local, _, domain = right.partition("@")
    wrong = [f"{local[:-3]}{SEAL[n // 1024]}{SEAL[n // 32 % 32]}{SEAL[n % 32]}@{domain}" for n in range(letters)]
    wrong = [address for address in wrong if address != right]
    reports = [_report(mail.to_address, to, f"f{n}") for n, to in enumerate(wrong)]
    reports += [_report(mail.to_address, world.identity.from_address, f"n{n}", mail.message_id) for n in range(letters)]
    store(world.db, reports, world.now)
    _handle_all(world)
    fooled = _count(world, Message.status == "bounced") + _count(world, Person.address_state != "ok")
    store(world.db, [_report(mail.to_address, right, "true")], world.now)
    _handle_all(world)
    believed = _count(world, Message.status == "bounced")
    return len(reports), fooled, believed


def _report(recipient: str, to: str, number: str, about: str = "") -> Arrival:
    returned = f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {about}\r\nTo: {recipient}\r\n\r\nx\r\n"
    raw = (
        f"From: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <{number}@mx.example.net>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nUser unknown\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\n"
        f"Status: 5.1.1\r\n\r\n{returned if about else ''}--b--\r\n"
    )
    return Arrival(envelope_from="", recipients=(to,), raw=raw.encode(), via="smtp")


def _of_bounces(kind: str, found: tuple[int, int, int]) -> Figure:
    tried, fooled, believed = found
    return Figure(
        promise=f"forged reports of bounces change nothing, a true one does ({kind})", asked="0 changed; 1 believed",
        measured=f"{fooled} changed; {believed} believed", done=f"{tried} forged reports on {kind}",
        holds=tried > 0 and fooled == 0 and believed == 1,
    )  # fmt: skip


# -- two services -------------------------------------------------------------------------------

BEGINNINGS: Final[Sequence[tuple[str, ...]]] = (
    ("Jah, aga ainult siis, kui sobib.",), ("SEIS",), ("ABI",), ("",), ("LOOBUME",), ("EI",), ("Mis see on?",),
    ("Olen puhkusel.", "Auto-Submitted: auto-replied"), ("JAH", "Precedence: list", "List-Id: <x.example.org>"),
    ("See on automaatvastus. Olen tagasi esmaspäeval.",), ("Out of office until Monday.",), ("JAH", "Precedence: bulk"),
)  # fmt: skip


def loops(scale: Scale) -> list[Figure]:
    """Two services, each of which takes the other for one of its people."""
    begun = BEGINNINGS[: 4 if scale is Scale.SHORT else None]
    with TemporaryDirectory() as folder:
        ends = [_loop(Path(folder) / str(n), text, headers) for n, (text, *headers) in enumerate(begun)]
    most = max((max(mails.values(), default=0) for mails, _ in ends), default=0)
    rounds = max((rounds for _, rounds in ends), default=99)
    wrote = sum(sum(mails.values()) for mails, _ in ends)
    return [
        Figure(
            promise="two services that write to each other come to an end", asked="1 mail each at most",
            measured=f"{most} mail at most, still after {rounds} rounds",
            done=f"{len(ends)} beginnings, {wrote} mails between the two", holds=bool(ends) and wrote > 0 and most <= 1,
        )
    ]  # fmt: skip


def _loop(folder: Path, text: str, headers: Sequence[str]) -> tuple[Counter[str], int]:
    """How many mails each wrote to the other, and after how many rounds it was still."""
    one, other = (_service(folder / name, name) for name in ("teekond", "rada"))
    to = {world.identity.domain: _contact(world) for world in (one, other)}
    for here, there in ((one, other), (other, one)):
        _rename(here, to[there.identity.domain])
        here.send_all()
    store(one.db, [_arrival(to[other.identity.domain], to[one.identity.domain], text, "begin", *headers)], one.now)
    _handle_all(one)
    mails: Counter[str] = Counter()
    rounds = 0
    while (carried := [_carry(one, other), _carry(other, one)]) != [0, 0] and rounds < 50:
        mails["one"] += carried[0]
        mails["other"] += carried[1]
        rounds += 1
    for world in (one, other):
        world.db.close()
    shutil.rmtree(folder)
    return mails, rounds


def _service(folder: Path, name: str) -> World:
    folder.mkdir(parents=True)
    db = Database(sqlite_url(folder))
    db.migrate()
    world = World(db, config({"teekond.example.org": f"{name}.example.org"}))
    world.apply().selected()
    return world


def _contact(world: World) -> str:
    return world.asked("confirm_place", person="voru0@example.org")[2]


def _rename(world: World, address: str) -> None:
    with world.db.writing() as session:
        contact = session.scalars(sa.select(Person).where(Person.part == "contact")).one()
        contact.address, contact.address_key = address, address_key(address) or ""


def _carry(here: World, there: World) -> int:
    """What waits at one service for the other, through a relay to the other's store."""
    with Relay() as relay:
        _send_all(here, relay)
        at = "@" + there.identity.domain
        arrivals = [
            Arrival(envelope_from=sender, recipients=(recipient,), raw=data, via="smtp")
            for sender, recipient, data in relay.taken if recipient.endswith(at)
        ]  # fmt: skip
    store(there.db, arrivals, there.now)
    _handle_all(there)
    return len(arrivals)
