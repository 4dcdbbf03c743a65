"""Mails that letters cause: to whom they go, and how many they are, however many letters come within a day.

CAUSES has a row for each way in which anybody's letters make the service write, and for those ways that must make it
write nothing. Whoever holds a secret address can forge its owner's sender: what follows goes to the owner, and is few.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from mail.composing.threads import CAPPED
from mail.sending import round_trip
from tests.builders import FEBRUARY, Crew, World
from tests.mail.handling.test_inbox import at_homework, plain
from workflow.database.engine import Database
from workflow.database.models import Message
from workflow.journey import guests
from workflow.rules.machine import Refusal, Trigger

STRANGER: Final = "voor@evil.example"
LETTERS: Final = 48
EVERY: Final = timedelta(minutes=29)
"""all within one day, apart enough that what is counted an hour does not end it"""
A_DAY: Final = 2
"""of a mail that goes once a day: the letters of a day end on the next"""
A_FEW: Final = 3
"""of what a sender's name alone may ask for"""
A_QUESTION: Final = 10
"""so many automatic answers about one question, to one person, ever"""


@dataclass(frozen=True, slots=True)
class Way:
    """A world in which letters come in, whose they seem to be, and where they go."""

    world: World
    crew: Crew
    sender: str
    to: str

    def letter(self, n: int, text: str, *headers: str) -> bytes:
        return plain(self.sender, self.to, text, *headers, message_id=f"<{n}@mail.example.org>")


def offered(db: Database) -> Crew:
    return World(db).apply().selected()


def secret(crew: Crew, kind: str = "confirm_place", sender: str | None = None) -> Way:
    """To a secret address, as its owner unless it is said otherwise."""
    _, person, address = crew.world.asked(kind, team=crew.id)
    return Way(crew.world, crew, sender or person.address, address)


def public(crew: Crew, sender: str = STRANGER) -> Way:
    return Way(crew.world, crew, sender, crew.world.identity.from_address)


def withdrawn(db: Database) -> Way:
    """The question is over, and its mail is still at hand."""
    crew = offered(db)
    way = secret(crew)
    assert not isinstance(crew.move(Trigger.WITHDRAW), Refusal)
    return way


def expired(db: Database) -> Way:
    crew = offered(db)
    way = secret(crew)
    crew.world.wait(days=9)
    return way


def answered(db: Database) -> Way:
    """By the contact, before the deputy."""
    crew = offered(db)
    deputy = crew.people()[1]
    _, _, address = crew.world.asked("confirm_place", person=deputy.address)
    crew.replies("confirm_place", "JAH", person=crew.contact.address)
    return Way(crew.world, crew, deputy.address, address)


def by_contact(db: Database) -> Way:
    """To the contact's own invitation."""
    crew = World(db).apply().confirmed()
    _, contact, address = crew.world.asked("rsvp", person=crew.contact.address)
    return Way(crew.world, crew, contact.address, address)


def invited_guest(db: Database) -> Way:
    crew = offered(db)
    world = crew.world
    guest = guests.Guest(name="Malle Maasikas", address="malle@example.org", lang="et")
    with world.db.writing() as session:
        guests.sign_up(world.season, session, guest, "", world.now)
    return public(crew, guest.address)


def reminded_guest(db: Database) -> Way:
    way = invited_guest(db)
    info = way.world.season.programme.info_day
    assert info is not None
    way.world.wait_until(info.start - timedelta(hours=2))
    return way


def invitation(way: Way, template: str = "info_day") -> str:
    return way.world.messages(template)[0].message_id


def to_itself(db: Database) -> Way:
    """To the address of the day's round trip."""
    crew = offered(db)
    identity = crew.world.identity
    return Way(crew.world, crew, identity.from_address, identity.return_address(round_trip.key(crew.world.now)))


def trip(way: Way, n: int) -> bytes:
    """The mail itself, as it comes back, or as somebody sends it again who has seen it."""
    return round_trip.write(round_trip.key(FEBRUARY), way.world.identity, way.world.now, to=way.to)


def to_approve(db: Database) -> Way:
    crew = World(db).apply().confirmed()
    crew.replies("rsvp", "LOOBUME", person=crew.contact.address)
    return secret(crew, "approve")


def returned(crew: Crew) -> str:
    """The Message-ID of a mail of ours."""
    return next(one.message_id for one in crew.got("place_offer"))


Say = Callable[[Way, int], bytes]


def says(text: str, *headers: str) -> Say:
    return lambda way, n: way.letter(n, text.format(n=n), *headers)


def turn_about(way: Way, n: int) -> bytes:
    return way.letter(n, ("JAH", "EI")[n % 2])


def in_its_thread(way: Way, n: int) -> bytes:
    return way.letter(n, "JAH", f"In-Reply-To: {returned(way.crew)}")


def report(way: Way, n: int) -> bytes:
    """A report of failed delivery that anybody can make up."""
    return (
        f"From: mailer-daemon@evil.example\r\nTo: {way.to}\r\nMessage-ID: <b{n}@evil.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nFailed.\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; evil.example\r\n\r\n"
        f"Final-Recipient: rfc822; {way.crew.contact.address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {returned(way.crew)}\r\n\r\n--b--\r\n"
    ).encode()


def version(way: Way, n: int) -> bytes:
    """A work with one more file each time."""
    return (
        f"From: {way.sender}\r\nTo: {way.to}\r\nMessage-ID: <v{n}@mail.example.org>\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nLisatud.\r\n'
        f'--b\r\nContent-Type: application/pdf; name="kaart.pdf"\r\n\r\n%PDF-1.4 {n}\r\n--b--\r\n'
    ).encode()


Row = tuple[Callable[[Database], Way], Say, Mapping[str, int]]
CAUSES: Final[Mapping[str, Row]] = {
    "anybody to the public address": (lambda db: public(offered(db)), says("JAH"), {}),
    "a member's forged sender to the public address": (
        lambda db: public(crew := offered(db), crew.contact.address), says("JAH"), {"heard": A_DAY},
    ),
    "a member's forged sender who asks for the status": (
        lambda db: public(crew := offered(db), crew.contact.address), says("SEIS"), {"status": A_FEW},
    ),
    "a member's forged sender who asks for help": (
        lambda db: public(crew := offered(db), crew.contact.address), says("ABI"), {"help": A_FEW},
    ),
    "a member's forged sender who gives up": (
        lambda db: public(crew := World(db).apply().confirmed(), crew.contact.address), says("LOOBUME"),
        {"withdraw_noted": 1, "approve": 1},
    ),
    "a guest who will not come, again and again": (
        invited_guest, lambda way, n: way.letter(n, "Ei saa tulla", f"In-Reply-To: {invitation(way)}"),
        {"signed_off": 1},
    ),
    "a guest who will not come, to the reminder": (
        reminded_guest,
        lambda way, n: way.letter(n, "Ei saa tulla", f"In-Reply-To: {invitation(way, 'info_day_reminder')}"),
        {"signed_off": 1},
    ),
    "the day's round trip, again and again": (to_itself, trip, {}),
    "anybody to the round trip's address": (to_itself, says("JAH {n}"), {}),
    "anybody in the thread of a mail": (lambda db: public(offered(db)), in_its_thread, {}),
    "anybody's report of failed delivery": (lambda db: public(offered(db)), report, {}),
    "a machine to a secret address": (
        lambda db: secret(offered(db)), says("Olen puhkusel.", "Auto-Submitted: auto-replied"), {},
    ),
    "anybody to a secret address": (
        lambda db: secret(offered(db), sender=STRANGER), says("JAH"), {"wrong_sender": A_QUESTION},
    ),
    "words that are not understood": (lambda db: secret(offered(db)), says("Mis mõttes {n}?"), {"unclear": A_QUESTION}),
    "a likely answer": (
        lambda db: secret(World(db).apply().confirmed(), "rsvp"), says("Tulen, suppi palun."),
        {"asked_back": 1, "unclear": A_QUESTION},
    ),
    "where it stands": (lambda db: secret(offered(db)), says("SEIS"), {"status": A_QUESTION}),
    "what can be said": (lambda db: secret(offered(db)), says("ABI"), {"help": A_QUESTION}),
    "a question that fell away": (withdrawn, says("JAH"), {"fell_away": A_QUESTION}),
    "a question whose time is over": (expired, says("JAH"), {"late": A_QUESTION}),
    "a question that somebody else answered": (answered, says("EI"), {"already": A_QUESTION, "alert": 1}),
    "words to a question that is answered on its form": (
        lambda db: secret(World(db).apply().confirmed(), "reflection"), says("Hästi {n}"), {"form_only": A_QUESTION},
    ),
    "the same again": (
        lambda db: secret(World(db).apply().confirmed(), "rsvp"), says("JAH"), {},
    ),
    "yes and no in turn": (
        lambda db: secret(World(db).apply().confirmed(), "rsvp"), turn_about, {"read_back": A_QUESTION},
    ),
    "one version of a work after the other": (
        lambda db: secret(at_homework(World(db)), "homework"), version, {"work_received": 15, "review": 15},
    ),
    "a coordinator's forged sender to what they decide": (to_approve, says("JAH"), {"sign_in_to_decide": 1}),
    "giving up": (
        by_contact, says("LOOBUME"), {"withdraw_noted": 1, "approve": 1},
    ),
}  # fmt: skip
"""how the letters come, what they say, and how many mails of which kind they may cause at most"""


def caused(way: Way, says: Say) -> list[Message]:
    before = len(way.world.messages())
    for n in range(LETTERS):
        way.world.deliver(says(way, n), way.to, sender=way.sender)
        way.world.now += EVERY
    return way.world.messages()[before:]


@pytest.mark.parametrize("name", CAUSES)
def test_however_many_letters_come_the_mails_stay_few_and_go_to_people_on_file(sqlite_db: Database, name: str) -> None:
    lies, says, most = CAUSES[name]
    way = lies(sqlite_db)
    mails = caused(way, says)
    found = Counter(one.template for one in mails)
    assert found.keys() == most.keys(), found
    assert all(1 <= found[template] <= most[template] for template in most), found
    assert STRANGER not in {one.to_address for one in mails}


def test_each_mail_that_answers_a_letter_by_itself_has_a_row() -> None:
    assert {template for _, _, most in CAUSES.values() for template in most} >= CAPPED
