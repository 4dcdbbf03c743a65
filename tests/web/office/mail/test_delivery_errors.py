"""Why a mail waits or did not arrive: in words, in the page's language, with the server's own beside them."""

from datetime import timedelta

import pytest

from mail.sending import results
from tests.web.conftest import Pages
from tests.web.office.mail.test_outbox import held
from tests.web.office_season import at_the_desk
from web.office.mail import delivery_errors
from workflow.codes import DeliveryFault
from workflow.database.models import Message
from workflow.records.undelivered import FAULTS

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
            assert delivery_errors.delivery(error) == f"{words} ({error})"


@pytest.mark.parametrize("error", ["", "550 go away", "version 15.1.1.2 of the filter"])
def test_what_nobody_knows_stays_as_it_was_said(pages: Pages, error: str) -> None:
    with pages.app.test_request_context("/?lang=et"):
        assert delivery_errors.delivery(error) == error


def test_what_was_given_up_says_so_and_why(pages: Pages) -> None:
    with pages.app.test_request_context("/?lang=et"):
        why = delivery_errors.delivery("451 4.3.0 try later")
        said = delivery_errors.delivery("451 4.3.0 try later", DeliveryFault.GIVEN_UP)
        assert said == f"viie päeva järel jäeti saatmine katki: {why}"
        assert len(delivery_errors.delivery("x" * 900)) == delivery_errors.LONGEST


@pytest.mark.parametrize("fault", DeliveryFault)
def test_every_fault_of_our_own_is_told_in_both_languages(pages: Pages, fault: DeliveryFault) -> None:
    for lang in ("et", "en"):
        with pages.app.test_request_context(f"/?lang={lang}"):
            assert delivery_errors.delivery("", fault) == FAULTS[fault].say(lang)
    assert timedelta(days=5) == results.GIVE_UP_AFTER, "as the words say"


def test_the_outbox_and_today_say_it(pages: Pages) -> None:
    first, second = held(pages, "failed")
    with pages.db.writing() as session:
        session.get_one(Message, first.id).error = "550 5.1.1 no such user"
        session.get_one(Message, second.id).fault = DeliveryFault.DEAD_ADDRESS
    desk = at_the_desk(pages)
    for path in ("/office", "/office/outbox", f"/office/people/{first.person_id}"):
        assert "sellist aadressi ei ole (550 5.1.1 no such user)" in desk.get(path), path
    page = desk.get("/office/outbox")
    assert "see aadress ei võta kirju vastu" in page
    one = desk.get(f"/office/outbox/{first.id}")
    assert f'href="/office/people/{first.person_id}"' in one and "sellist aadressi ei ole" in one
