"""Whole mails written without looking at the rules: what is newly written, who is a machine, whom a report names."""

from collections import Counter
from datetime import date
from email.message import EmailMessage

import pytest

from mail.handling.reply_text import said_in
from mail.reading import letter
from tests.builders import World
from tests.mail.reading import mails_abroad, mails_blind
from workflow.database.engine import Database
from workflow.replies.answers import Asked
from workflow.replies.understand import understand

HEAD = (
    "From: Mari Kask <mari@example.org>\nTo: koosloome+x@teekond.example.org\n"
    "Subject: {}\nMessage-ID: <9@example.org>\n"
    "In-Reply-To: <m1@teekond.example.org>\nDate: Tue, 1 Mar 2022 12:00:00 +0200\nMIME-Version: 1.0\n"
    "Content-Type: text/{}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
)
REPORTS = (*mails_blind.BOUNCES, *mails_blind.BOUNCES_LATER)


def reply(text: str, *, kind: str = "plain", subject: str = "Re: Koosloome") -> letter.ParsedLetter:
    return letter.read((HEAD.format(subject, kind) + text).replace("\n", "\r\n").encode())


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "wanted"), [row[1:] for row in mails_blind.TEXTS], ids=[row[0] for row in mails_blind.TEXTS]
)
def test_a_reply_in_plain_text_is_what_was_newly_written(text: str, wanted: tuple[str, ...]) -> None:
    assert words(reply(text).text) in wanted


@pytest.mark.parametrize(
    ("page", "wanted"), [row[1:] for row in mails_blind.PAGES], ids=[row[0] for row in mails_blind.PAGES]
)
def test_a_reply_as_a_page_is_what_was_newly_written(page: str, wanted: tuple[str, ...]) -> None:
    assert words(reply(page, kind="html").text) in wanted


@pytest.mark.parametrize(("subject", "text"), [*mails_blind.ROBOTS, *mails_blind.ROBOTS_LATER])
def test_a_machine_is_known_without_its_headers(subject: str, text: str) -> None:
    assert reply(text, subject=subject).kind == "automatic"


def test_no_machine_of_them_moves_a_team_or_gets_an_answer(sqlite_db: Database) -> None:
    """Sixty notes of absence and the like, each as the answer of whoever was asked, with no header that says what it is
    (row B1 of the list of threats): nothing is done twice over by two machines that talk."""
    world = World(sqlite_db)
    team = world.apply().selected()
    _, person, address = world.asked("confirm_place", person=team.contact.address)
    queued, ends = len(world.messages()), Counter[str]()
    for n, (subject, text) in enumerate([*mails_blind.ROBOTS, *mails_blind.ROBOTS_LATER]):
        raw = EmailMessage()
        raw["From"], raw["To"], raw["Subject"] = person.address, address, subject
        raw["Message-ID"] = f"<m{n}@example.org>"
        raw.set_content(text)
        ends[str(world.deliver(raw.as_bytes(), address, sender=person.address).outcome)] += 1
    assert ends.keys() == {"automatic"} and ends.total() >= 60, ends
    assert (len(world.messages()), team.state) == (queued, "selected")


@pytest.mark.parametrize(("kind", "subject", "text", "wanted"), [*mails_blind.PEOPLE, *mails_blind.PEOPLE_LATER])
def test_a_person_who_sounds_like_a_machine_is_heard(kind: str, subject: str, text: str, wanted: str) -> None:
    read = reply(text, subject=subject)
    assert read.kind == "person"
    asked = Asked(today=date(2022, 4, 1), names=("Mari Kask", "Jüri Tamm") if kind == "roll_call" else ())
    assert understand(kind, said_in(read), asked).kind in wanted.split("|")


@pytest.mark.parametrize(("raw", "recipients", "hard"), [row[1:] for row in REPORTS], ids=[row[0] for row in REPORTS])
def test_a_report_names_whom_the_mail_did_not_reach(raw: str, recipients: tuple[str, ...], hard: bool) -> None:
    bounce = letter.read(raw.replace("\n", "\r\n").encode()).bounce
    assert bounce is not None
    assert [(one.address in recipients, one.hard) for one in bounce.recipients] == [(True, hard)]


@pytest.mark.parametrize(
    "raw", [row[1] for row in mails_blind.NO_BOUNCES], ids=[row[0] for row in mails_blind.NO_BOUNCES]
)
def test_what_only_speaks_of_a_report_is_none(raw: str) -> None:
    assert letter.read(raw.replace("\n", "\r\n").encode()).kind != "bounce"


NEW = "This is the reply."
ASKED = "Was it JAH or EI?\n\nMari\n"
MARKED = "> Was it JAH or EI?\n>\n> Mari\n"
WROTE = "On Mon, Feb 9, 2015 at 12:45 PM, Mari Kask <mari@example.org> wrote:"


def misread(texts: list[str], *wanted: str) -> list[tuple[str, str]]:
    """The mails of which more or less than `wanted` is taken for newly written."""
    read = [(text, words(reply(text).text)) for text in texts]
    return [(text[:160], found) for text, found in read if found not in (wanted or (NEW,))]


def test_a_quote_is_known_by_its_introduction_in_many_languages() -> None:
    assert not misread([f"{NEW}\n\n{one}\n\n{MARKED}" for one in mails_abroad.INTRODUCTIONS])
    known = [one for one in mails_abroad.INTRODUCTIONS if one not in mails_abroad.ONLY_MARKED]
    assert not misread([f"{NEW}\n\n{one}\n\n{ASKED}" for one in known])


@pytest.mark.parametrize("label", ["{}: {}", "{}:\t{}", "*{}:* {}"])
def test_a_quote_is_known_by_its_labels_in_many_languages(label: str) -> None:
    values = ("Mari Kask <mari@example.org>", "9. 2. 2015 12:45", "Jüri Tamm", "Re: Question")
    rows = [[label.format(*pair) for pair in zip(one, values, strict=True)] for one in mails_abroad.LABELS]
    assert not misread(["\n".join((NEW, "", *block, "", ASKED)) for block in rows])
    lines = "\n".join(rows[0])
    assert not misread([f"{NEW}\n\n{one}\n{lines}\n\n{ASKED}" for one in mails_abroad.ORIGINAL])


def test_what_a_telephone_says_of_itself_is_not_newly_written() -> None:
    assert not misread([f"{NEW}\n\n{one}\n\n{WROTE}\n\n{MARKED}" for one in mails_abroad.DEVICES])


@pytest.mark.parametrize("closing", mails_abroad.CLOSINGS)
def test_a_closing_goes_whole_or_stays_whole(closing: str) -> None:
    assert not misread([f"{NEW}\n\n{closing}\n\n{WROTE}\n\n{MARKED}"], NEW, words(f"{NEW} {closing}"))


@pytest.mark.parametrize("text", mails_abroad.PROSE)
def test_what_only_looks_like_an_introduction_is_newly_written(text: str) -> None:
    assert not misread([f"{text}\n\n{WROTE}\n\n{MARKED}"], words(text))
