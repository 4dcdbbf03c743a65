"""Whose a letter in somebody's mailbox is: every sign against every other, without an empty cell."""

from datetime import timedelta
from itertools import product

import pytest

from mail.identity import Identity
from mail.mailbox import filter, letter_key
from mail.mailbox.filter import Whose
from mail.mailbox.imap import MailboxEntry, Selected
from mail.mailbox.records import Books
from mail.reading import headers
from mail.reading.automatic import bounces
from tests.builders import FEBRUARY, SECRET, World
from tests.case_table import each
from workflow.config.settings import Addresses, MailboxSettings
from workflow.database.engine import Database

GIVEN = "a" * 26
FOREIGN = "b" * 26
ASKED = "<m.0123@example.com>"
SETTINGS = MailboxSettings(host="imap.example.org", user="koosloome")


def identity(addresses: Addresses) -> Identity:
    return Identity(
        base_url="https://teekond.example.org", domain="example.com", from_name="Koosloome",
        from_address="koosloome@example.com", secret=SECRET, addresses=addresses,
    )  # fmt: skip


PLUS, DOMAIN, THREAD = map(identity, (Addresses.PLUS, Addresses.DOMAIN, Addresses.THREAD))

TO = {
    "the programme": ("koosloome@example.com", "own"),
    "the programme, in capitals": ("KOOSLOOME@EXAMPLE.COM", "own"),
    "somebody else": ("mari@example.org", "none"),
    "another one at the same host": ("info@example.com", "none"),
    "nobody": ("", "none"),
    "a secret of ours": (f"koosloome+r-{GIVEN}@example.com", "ours"),
    "a secret of ours, in capitals": (f"KOOSLOOME+R-{GIVEN.upper()}@example.com", "ours"),
    "a secret that nobody knows": (f"koosloome+r-{FOREIGN}@example.com", "another's"),
    "the same form elsewhere": (f"koosloome+r-{FOREIGN}@example.net", "none"),
    "a return address of ours": (PLUS.return_address("17"), "ours"),
    "one that another key signed": (f"koosloome+{bounces.verp_local('17', b'x' * 32)}@example.com", "another's"),
}
ANSWERS = {
    "nothing": ("", "none"),
    "a mail of ours": (ASKED, "ours"),
    "a mail of somebody else": ("<1@example.org>", "none"),
    "a secret of ours": (f"<r-{GIVEN}@example.com>", "ours"),
    "a secret that nobody knows": (f"<r-{FOREIGN}@example.com>", "another's"),
}


def expected(to: str, answers: str, *, fresh: bool) -> Whose:
    signs = {to, answers}
    if "ours" in signs:
        return Whose.OURS
    if "another's" in signs:
        return Whose.ANOTHERS
    return Whose.OURS if "own" in signs and fresh else Whose.OTHERS


@each("to,answers,fresh", list(product(TO, ANSWERS, (True, False))))
def test_whose_a_letter_is(to: str, answers: str, fresh: bool) -> None:
    """What is addressed to us or answers us is ours; what has the form of it is another's; the rest stays."""
    address, kind = TO[to]
    answered, other = ANSWERS[answers]
    for name, where in product(("To", "Cc", "Delivered-To", "X-Original-To"), ("In-Reply-To", "References")):
        block = f"{name}: {address}\r\n{where}: {answered}\r\n".encode()
        found = filter.signs(headers.parse(block), PLUS)
        whose = found.whose({GIVEN, ASKED}, fresh=fresh)
        assert whose is expected(kind, other, fresh=fresh), (name, where)


@pytest.mark.parametrize("one", [PLUS, DOMAIN, THREAD])
def test_what_answers_a_mail_of_ours_is_ours_however_addresses_are_made(one: Identity) -> None:
    for said in (one.reply_address(GIVEN), one.return_address("17")):
        head = headers.parse(f"To: {said}\r\nReferences: {one.reference(GIVEN)}\r\n".encode())
        assert filter.signs(head, one).whose({GIVEN}, fresh=True) is Whose.OURS


def test_the_books_say_which_secrets_and_mails_are_known(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = world.apply()
    _, _, address = world.asked("verify", team=team.id)
    (message,) = world.messages("verify")
    books = Books(sqlite_db, world.identity, SETTINGS)
    begun, _ = books.begun(Selected(validity=1, next_uid=100, count=99), world.now)
    said = [f"To: {address}", f"In-Reply-To: {message.message_id}", f"To: r-{FOREIGN}@teekond.example.org",
            f"To: {world.identity.from_address}", "To: mari@example.org"]  # fmt: skip
    heads = [MailboxEntry(uid, 1, None, f"{line}\r\n".encode()) for uid, line in enumerate(said)]
    assert list(books.whose(heads, begun).values()) == [
        Whose.OURS, Whose.OURS, Whose.ANOTHERS, Whose.OTHERS, Whose.OTHERS
    ]  # fmt: skip
    later = [MailboxEntry(one.uid + 100, one.size, None, one.fields) for one in heads]
    assert list(books.whose(later, begun).values())[3] is Whose.OURS


def test_reading_begins_once_and_goes_by_moments_where_the_folder_is_another(sqlite_db: Database) -> None:
    books = Books(sqlite_db, PLUS, SETTINGS)
    first, began = books.begun(Selected(validity=7, next_uid=501, count=500), FEBRUARY)
    assert began and (first.first, first.since) == (501, FEBRUARY)
    again, began = books.begun(Selected(validity=7, next_uid=900, count=1), FEBRUARY + timedelta(days=9))
    assert not began and again == first
    other, began = books.begun(Selected(validity=8, next_uid=3, count=2), FEBRUARY + timedelta(days=9))
    assert not began and (other.first, other.since) == (0, FEBRUARY)
    assert other.is_fresh(MailboxEntry(1, 1, FEBRUARY + timedelta(days=1), b""))
    assert not other.is_fresh(MailboxEntry(2, 1, FEBRUARY - timedelta(days=1), b""))
    moved = Books(sqlite_db, PLUS, MailboxSettings(host="imap.example.org", user="teine"))
    assert moved.begun(Selected(validity=7, next_uid=4, count=3), FEBRUARY + timedelta(days=9))[1]


@pytest.mark.parametrize(
    "head", ["Message-ID: <1@example.org>", "From: mari@example.org\r\nSubject: JAH\r\n ja veel", "", "x"]
)
def test_a_letter_is_found_again_by_some_of_its_header(head: str) -> None:
    whole = f"Received: by x\r\n{head}\r\n\r\nJAH\r\n".encode()
    assert letter_key.of_raw(whole) == letter_key.of(headers.parse(f"{head}\r\n\r\n".encode()))
