"""Letters that belong to no question: how large one may be, and how many bytes of them are taken in a day."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mail.receiving.letter_quota import LetterQuota, Most
from mail.receiving.recipients import Known
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival, store
from tests.builders import World
from workflow.database.engine import Database
from workflow.database.models import Letter, Tries

SMALL = Most(letter=100_000, place=250_000, in_all=600_000)


@dataclass
class Receiver:
    world: World
    port: int

    @property
    def public(self) -> str:
        return self.world.identity.from_address

    def send(self, to: list[str], size: int, *, number: int, announce: bool = True) -> tuple[str, int]:
        """(stage, code) at which the letter ended."""
        raw = f"Message-ID: <{number}@example.net>\r\nSubject: {number}\r\n\r\n".encode()
        raw += (b"x" * 998 + b"\r\n") * (size // 1000)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as line:
            line.ehlo("a.example.net")
            line.mail("a@example.net", [f"SIZE={len(raw)}"] if announce else [])
            for address in to:
                code = line.rcpt(address)[0]
                if code != 250:
                    return "RCPT", code
            return "DATA", line.data(raw)[0]


@contextmanager
def receiving(db: Database, most: Most = SMALL, *, lmtp: bool = False) -> Iterator[Receiver]:
    world = World(db)
    known = Known(db, world.identity)
    listener = Listener(
        ("127.0.0.1", 0), hostname="teekond.example.org", known=known, at_once=known.at_once, lmtp=lmtp,
        store=lambda arrivals, now: store(db, arrivals, now), now=lambda: world.now,
        quota=LetterQuota(db, known.public, world.identity.secret, lambda: world.now, most),
    )  # fmt: skip
    listener.start()
    try:
        yield Receiver(world, listener.port)
    finally:
        listener.stop()


def kept(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Letter)) or 0


@pytest.mark.parametrize("announce", [True, False], ids=["announced", "not announced"])
def test_a_letter_that_nobody_asked_for_may_have_its_size_and_no_more(db: Database, announce: bool) -> None:
    with receiving(db) as here:
        assert here.send([here.public], 90_000, number=1, announce=announce) == ("DATA", 250)
        stage = "RCPT" if announce else "DATA"
        assert here.send([here.public], 110_000, number=2, announce=announce) == (stage, 552)
        assert kept(db) == 1


def test_an_answer_uses_up_nobody_elses_room_even_where_it_goes_to_everybodys_address_too(db: Database) -> None:
    with receiving(db) as here:
        here.world.apply()
        _, _, secret = here.world.asked("verify")
        for number in range(8):
            assert here.send([secret], 300_000, number=number) == ("DATA", 250)
        assert here.send([secret, here.public], 300_000, number=9, announce=False) == ("DATA", 250)
        assert here.send([here.public], 90_000, number=10) == ("DATA", 250)


ANSWERS = replace(
    SMALL, answers_place=500_000, answers=900_000, answers_in_all=2_000_000, least_answer=100_000, large=250_000
)


def room(quota: LetterQuota, db: Database, to: str, place: str | None, size: int, often: int) -> int:
    """How many such answers in a row are taken."""
    for number in range(often):
        if not quota.has_room([to], place, size):
            return number
        arrival = Arrival(
            envelope_from="a@example.net", recipients=(to,), via="smtp", counts=quota.answer_counts([to], place, size),
            raw=f"Message-ID: <{to}.{place}.{size}.{number}@example.net>\r\n\r\nx".encode(),
        )  # fmt: skip
        store(db, [arrival], quota.now())
    return often


def test_one_question_takes_so_much_a_day_from_a_place_and_in_all_and_others_go_on(db: Database) -> None:
    world = World(db)
    known = Known(db, world.identity)
    quota = LetterQuota(db, known.public, world.identity.secret, lambda: world.now, ANSWERS)
    assert room(quota, db, "r-a@x", "192.0.2.7", 200_000, 9) == 3, "500 kB from one place"
    assert room(quota, db, "R-A@x", "192.0.2.7", 10, 9) == 0, "in capitals it is the same"
    assert room(quota, db, "r-a@x", "192.0.2.8", 10, 9) == 3, "small ones are counted too, and there are 900 kB in all"
    assert room(quota, db, "r-a@x", None, 10, 9) == 0
    assert room(quota, db, "r-b@x", "192.0.2.7", 300_000, 9) == 2, "another address goes on"
    assert room(quota, db, "r-c@x", None, 300_000, 9) == 3
    assert room(quota, db, "r-d@x", "192.0.2.9", 300_000, 9) == 2, "2 MB of large ones in all"
    assert room(quota, db, "r-d@x", "192.0.2.10", 300_000, 9) == 0
    assert room(quota, db, "r-e@x", "192.0.2.9", 10, 3) == 3, "a yes is taken in any case"
    world.now += timedelta(days=1)
    assert room(quota, db, "r-a@x", "192.0.2.7", 300_000, 1) == 1


def test_a_question_whose_room_is_spent_answers_452_behind_the_letter(db: Database) -> None:
    with receiving(db, replace(ANSWERS, answers=250_000)) as here:
        here.world.apply()
        _, _, secret = here.world.asked("verify")
        assert [here.send([secret], 1_000, number=n) for n in range(4)] == [("DATA", 250)] * 3 + [("DATA", 452)]
        assert here.send([secret, here.public], 1_000, number=8) == ("DATA", 452)
        assert kept(db) == 3


def test_small_letters_of_strangers_have_a_number(db: Database) -> None:
    with receiving(db, replace(SMALL, least=150_000)) as here:
        assert [here.send([here.public], 100, number=n) for n in range(5)] == [("DATA", 250)] * 4 + [("RCPT", 452)]


def test_in_all_a_day_then_452_at_the_recipient_and_the_next_day_again(db: Database) -> None:
    with receiving(db) as here:
        ends = [here.send([here.public], 90_000, number=n) for n in range(8)]
        assert ends == [("DATA", 250)] * 7 + [("RCPT", 452)]
        here.world.apply()
        assert here.send([here.world.asked("verify")[2]], 90_000, number=20) == ("DATA", 250)
        here.world.now += timedelta(days=1)
        assert here.send([here.public], 90_000, number=30) == ("DATA", 250)


def test_a_place_has_less_than_all_and_another_place_goes_on(db: Database) -> None:
    world = World(db)
    quota = LetterQuota(db, Known(db, world.identity).public, world.identity.secret, lambda: world.now, SMALL)
    for number in range(3):
        arrival = Arrival(
            envelope_from="a@example.net", recipients=(world.identity.from_address,), via="smtp",
            raw=f"Message-ID: <{number}@example.net>\r\n\r\nx".encode(), counts=quota.counts("192.0.2.7", 90_000),
        )  # fmt: skip
        store(db, [arrival], world.now)
    assert (quota.spent("192.0.2.7"), quota.spent("192.0.2.8"), quota.spent(None)) == (True, False, False)
    with db.reading() as session:
        assert not [one.key for one in session.scalars(sa.select(Tries)) if "192" in one.key]


def test_behind_our_own_relay_no_letter_is_refused_for_its_size(db: Database) -> None:
    """The relay has taken it: a refusal would make it write to a sender who may be forged."""
    with receiving(db, lmtp=True) as here:
        with smtplib.LMTP("127.0.0.1", here.port, timeout=30) as line:
            line.ehlo("relay.example.org")
            line.mail("a@example.net")
            assert line.rcpt(here.public)[0] == 250
            assert line.data(b"Message-ID: <1@x>\r\n\r\n" + (b"x" * 998 + b"\r\n") * 150)[0] == 250


@pytest.mark.parametrize("who", ["postmaster", "Postmaster@{}", "abuse@{}", "ABUSE@{}"])
def test_postmaster_and_abuse_are_taken_and_shown(db: Database, who: str) -> None:
    with receiving(db) as here:
        assert here.send([who.format(here.world.identity.domain)], 1_000, number=1) == ("DATA", 250)
        here.world.inbox.handle_due(db, here.world.now)
        with db.reading() as session:
            letter = session.scalars(sa.select(Letter)).one()
            assert letter.status == "held", (letter.status, letter.outcome)
        assert here.world.messages() == []
