"""Mails said anew after their template was mended: singly and together, and never over somebody's own words unasked."""

import icalendar
import pytest

from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office.mail.test_outbox import held
from tests.web.office_season import at_the_desk
from workflow.database.models import Message, Person

BEFORE = "Tere!\n\nNii ütles kirjapõhi enne parandamist.\n"


def queued_before_it_was_mended(pages: Pages, status: str = "held") -> list[Message]:
    """Mails as they were queued while the template had other words."""
    mails = held(pages, status)
    with pages.db.writing() as session:
        for mail in mails:
            row = session.get_one(Message, mail.id)
            row.subject, row.body = "Enne", BEFORE
    return mails


def of_now(pages: Pages, mail: Message) -> Message:
    with pages.db.reading() as session:
        return session.get_one(Message, mail.id)


@pytest.mark.parametrize("status", ["held", "queued", "failed", "bounced"])
def test_a_mail_that_reached_nobody_is_made_anew(pages: Pages, status: str) -> None:
    mail, _ = queued_before_it_was_mended(pages, status)
    desk = at_the_desk(pages)
    assert "Tee kirjapõhja järgi uuesti" in desk.get(f"/office/outbox/{mail.id}")
    assert "kirjapõhja praeguste sõnadega" in desk.send(f"/office/outbox/{mail.id}/anew")
    after = of_now(pages, mail)
    assert (after.subject, after.body) == (mail.subject, mail.body)
    stays = ("key", "message_id", "to_address", "addressee_id", "references", "in_reply_to", "status", "calendar")
    assert [getattr(after, name) for name in stays] == [getattr(mail, name) for name in stays[:-2]] + [
        status,
        mail.calendar,
    ]


@pytest.mark.parametrize("status", ["sent", "sending", "uncertain", "dropped"])
def test_a_mail_that_may_have_left_stays_as_it_was(pages: Pages, status: str) -> None:
    mail, _ = queued_before_it_was_mended(pages, status)
    desk = at_the_desk(pages)
    assert "Tee kirjapõhja järgi uuesti" not in desk.get(f"/office/outbox/{mail.id}")
    assert "ei oota enam" in desk.send(f"/office/outbox/{mail.id}/anew")
    assert of_now(pages, mail).body == BEFORE


def test_a_second_click_changes_nothing_and_says_so(pages: Pages) -> None:
    mail, _ = queued_before_it_was_mended(pages)
    desk = at_the_desk(pages)
    desk.send(f"/office/outbox/{mail.id}/anew")
    before = pages.digest()
    assert "ütleb juba seda" in desk.send(f"/office/outbox/{mail.id}/anew")
    assert pages.digest() == before


def test_words_changed_by_hand_are_overwritten_only_by_who_saw_both(pages: Pages) -> None:
    mail, _ = held(pages)
    desk, path = at_the_desk(pages), f"/office/outbox/{mail.id}/anew"
    desk.send(f"/office/outbox/{mail.id}/edit", subject="Minu pealkiri", body="Minu sõnad")
    page = desk.send(path)
    assert "Kumb tekst jääb?" in page and "Minu sõnad" in page and mail.subject in page
    assert of_now(pages, mail).body == "Minu sõnad\n"
    mark = page.partition('name="over" value="')[2].partition('"')[0]
    other = desk.send(path, over="of words that nobody saw")
    assert "Vahepeal on midagi muutunud" in other and of_now(pages, mail).body == "Minu sõnad\n"
    assert "kirjapõhja praeguste sõnadega" in desk.send(path, over=mark)
    assert (of_now(pages, mail).body, of_now(pages, mail).edited_at) == (mail.body, None)


def test_each_of_several_has_its_result(pages: Pages) -> None:
    first, second = queued_before_it_was_mended(pages)
    desk = at_the_desk(pages)
    desk.send(f"/office/outbox/{second.id}/edit", subject="Minu", body="Minu sõnad")
    page = desk.send("/office/outbox", do="anew", mail=[first.id, second.id])
    assert "uuesti tehtud kirju: 1" in page and "on käsitsi muudetud" in page
    assert (of_now(pages, first).body, of_now(pages, second).body) == (first.body, "Minu sõnad\n")


def test_a_mail_queued_before_facts_were_kept_says_so(pages: Pages) -> None:
    mail, _ = queued_before_it_was_mended(pages)
    with pages.db.writing() as session:
        session.get_one(Message, mail.id).facts = None
    assert "andmeid ei ole alles" in at_the_desk(pages).send(f"/office/outbox/{mail.id}/anew")
    assert of_now(pages, mail).body == BEFORE


def test_saving_the_same_words_is_no_change_by_hand(pages: Pages) -> None:
    mail, _ = held(pages)
    at_the_desk(pages).send(f"/office/outbox/{mail.id}/edit", subject=mail.subject, body=mail.body)
    assert of_now(pages, mail).edited_at is None


def test_a_calendar_file_that_bounced_names_the_mended_address_when_it_is_sent_again(pages: Pages) -> None:
    team = pages.world.apply().invited()
    mail = team.got("session_invitation")[0]
    with pages.db.writing() as session:
        row = session.get_one(Message, mail.id)
        row.status, row.error = "bounced", "550 5.1.1"
        session.get_one(Person, mail.person_id).address_state = "dead"
    at_the_desk(pages).confirm(f"/office/people/{mail.person_id}/address", address="uus.aadress@example.org")
    after = of_now(pages, mail)
    (old,), (new,) = (icalendar.Calendar.from_ical(m.calendar or b"").walk("VEVENT") for m in (mail, after))
    assert after.status == "queued" and new["attendee"] == "mailto:uus.aadress@example.org"
    assert old["attendee"] == f"mailto:{mail.to_address}"
    assert (new["uid"], new["sequence"], new["organizer"]) == (old["uid"], old["sequence"], old["organizer"])


def test_the_same_address_twice_is_no_news(pages: Pages) -> None:
    team = confirmed(pages.world)
    desk, person = at_the_desk(pages), team.people()[2]
    path = f"/office/people/{person.id}/address"
    desk.confirm(path, address="uus@example.org")
    before = pages.digest()
    assert "kehtib juba" in desk.send(path, address="uus@example.org")
    assert pages.digest() == before
