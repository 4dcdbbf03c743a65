"""Whole mails written without looking at the rules: what is newly written, who is a machine, whom a report names."""

from datetime import date

import pytest

from mail import letter
from mail.reading import said_in
from tests.mail import mails_blind as mails
from workflow.answers import Asked, understand

HEAD = (
    "From: Mari Kask <mari@example.org>\nTo: koosloome+x@teekond.example.org\n"
    "Subject: {}\nMessage-ID: <9@example.org>\n"
    "In-Reply-To: <m1@teekond.example.org>\nDate: Tue, 1 Mar 2022 12:00:00 +0200\nMIME-Version: 1.0\n"
    "Content-Type: text/{}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
)


def reply(text: str, *, kind: str = "plain", subject: str = "Re: Koosloome") -> letter.Letter:
    return letter.read((HEAD.format(subject, kind) + text).replace("\n", "\r\n").encode())


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in mails.TEXTS], ids=[row[0] for row in mails.TEXTS])
def test_a_reply_in_plain_text_is_what_was_newly_written(text: str, wanted: tuple[str, ...]) -> None:
    assert words(reply(text).text) in wanted


@pytest.mark.parametrize(("page", "wanted"), [row[1:] for row in mails.PAGES], ids=[row[0] for row in mails.PAGES])
def test_a_reply_as_a_page_is_what_was_newly_written(page: str, wanted: tuple[str, ...]) -> None:
    assert words(reply(page, kind="html").text) in wanted


@pytest.mark.parametrize(("subject", "text"), mails.ROBOTS)
def test_a_machine_is_known_without_its_headers(subject: str, text: str) -> None:
    assert reply(text, subject=subject).kind == "automatic"


@pytest.mark.parametrize(("kind", "subject", "text", "wanted"), mails.PEOPLE)
def test_a_person_who_sounds_like_a_machine_is_heard(kind: str, subject: str, text: str, wanted: str) -> None:
    read = reply(text, subject=subject)
    assert read.kind == "person"
    assert understand(kind, said_in(read), Asked(today=date(2022, 4, 1))).kind in wanted.split("|")


@pytest.mark.parametrize(
    ("raw", "recipients", "hard"), [row[1:] for row in mails.BOUNCES], ids=[row[0] for row in mails.BOUNCES]
)
def test_a_report_names_whom_the_mail_did_not_reach(raw: str, recipients: tuple[str, ...], hard: bool) -> None:
    bounce = letter.read(raw.replace("\n", "\r\n").encode()).bounce
    assert bounce is not None
    assert [(one.address in recipients, one.hard) for one in bounce.recipients] == [(True, hard)]


@pytest.mark.parametrize("raw", [row[1] for row in mails.NO_BOUNCES], ids=[row[0] for row in mails.NO_BOUNCES])
def test_what_only_speaks_of_a_report_is_none(raw: str) -> None:
    assert letter.read(raw.replace("\n", "\r\n").encode()).kind != "bounce"
