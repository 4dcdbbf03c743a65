"""Why a mail waits or did not arrive: in words, in the page's language, with the server's own beside them."""

import pytest

from mail.composing import compose
from mail.sending import queue as claims
from mail.sending import rate_limit as storm
from mail.sending import smtp_client as smtp_line
from mail.sending import transport
from tests.web.conftest import Pages
from tests.web.office.mail.test_outbox import held
from tests.web.office_season import at_the_desk
from web.office.mail import delivery_errors as delivery
from workflow.audit import backup
from workflow.database.models import Message

CASES = [
    ("550 5.1.1 no such user", "sellist aadressi ei ole", "there is no such address"),
    ("5.1.10 null MX", "sellist aadressi ei ole", "there is no such address"),
    ("552 5.2.2 over quota", "postkast on täis", "the mailbox is full"),
    ("554 5.7.1 relay access denied", "server keeldus kirja vastu võtmast", "the server refused to take the mail"),
    ("451 4.3.0 try later", "server ei võtnud kirja praegu vastu", "the server did not take the mail for now"),
    ("554 5.6.0 bad", "server ei võtnud kirja vastu", "the server did not take the mail"),
    ("ConnectionRefusedError: 111", "ühendus kirjaserveriga katkes", "the connection to the mail server broke"),
]


@pytest.mark.parametrize(("error", "et", "en"), CASES)
def test_what_a_server_answered_is_said_in_words(pages: Pages, error: str, et: str, en: str) -> None:
    for lang, words in (("et", et), ("en", en)):
        with pages.app.test_request_context(f"/?lang={lang}"):
            assert delivery.delivery(error) == f"{words} ({error})"


@pytest.mark.parametrize("error", ["", "550 go away", "version 15.1.1.2 of the filter"])
def test_what_nobody_knows_stays_as_it_was_said(pages: Pages, error: str) -> None:
    with pages.app.test_request_context("/?lang=et"):
        assert delivery.delivery(error) == error


def test_what_was_given_up_says_so_and_why(pages: Pages) -> None:
    with pages.app.test_request_context("/?lang=et"):
        said = delivery.delivery("given up after 5 days: 451 4.3.0 try later")
        assert said == "5 päeva järel jäeti saatmine katki: server ei võtnud kirja praegu vastu (451 4.3.0 try later)"
        assert len(delivery.delivery("x" * 900)) == delivery.LONGEST


def test_every_note_of_our_own_has_words() -> None:
    assert set(delivery.OURS) == {
        backup.RELEASED_BY_HAND, claims.STOPPED, compose.DEAD, smtp_line.UNSPEAKABLE, storm.HELD, transport.NOT_LISTED,
    }  # fmt: skip


def test_the_outbox_and_today_say_it(pages: Pages) -> None:
    first, second = held(pages, "failed")
    with pages.db.writing() as session:
        session.get_one(Message, first.id).error = "550 5.1.1 no such user"
        session.get_one(Message, second.id).error = compose.DEAD
    desk = at_the_desk(pages)
    for path in ("/office", "/office/outbox", f"/office/people/{first.person_id}"):
        assert "sellist aadressi ei ole (550 5.1.1 no such user)" in desk.get(path), path
    page = desk.get("/office/outbox")
    assert "see aadress ei võta kirju vastu" in page and compose.DEAD not in page
    one = desk.get(f"/office/outbox/{first.id}")
    assert f'href="/office/people/{first.person_id}"' in one and "sellist aadressi ei ole" in one
