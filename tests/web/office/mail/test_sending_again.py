"""A mail that has left is sent once more: the same words, the same way to answer, to the address of now."""

import pytest

from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from workflow.database.models import Message, Person


def _offered(pages: Pages) -> tuple[Message, Desk]:
    """A place offered to the contact, sent."""
    pages.world.apply("Võru").selected()
    pages.world.send_all()
    mail = next(one for one in pages.world.messages("place_offer") if one.to_address == "voru0@example.org")
    return mail, at_the_desk(pages)


def _copies(pages: Pages, mail: Message) -> list[Message]:
    return [one for one in pages.world.messages() if one.key.startswith(f"again:{mail.id}:")]


def test_it_goes_once_a_day_and_its_answer_counts(pages: Pages) -> None:
    mail, desk = _offered(pages)
    assert "Saada uuesti" in desk.get(f"/office/outbox/{mail.id}")
    assert "veel kord aadressile voru0@example.org" in desk.send(f"/office/outbox/{mail.id}/again")
    assert "täna juba uuesti" in desk.send(f"/office/outbox/{mail.id}/again")
    (copy,) = _copies(pages, mail)
    same = ("template", "subject", "body", "to_address", "addressee_id", "question_id", "in_reply_to", "references")
    assert all(getattr(copy, name) == getattr(mail, name) for name in same)
    assert copy.message_id != mail.message_id and copy.status == "queued"
    assert pages.world.source(copy) == pages.world.source(mail), "the same link"
    pages.world.write("voru0@example.org", pages.world.reply_to(copy), "JAH", In_Reply_To=copy.message_id)
    assert pages.world.messages("place_confirmed")


def test_it_goes_to_the_address_of_now(pages: Pages) -> None:
    mail, desk = _offered(pages)
    with pages.db.writing() as session:
        person = session.get_one(Person, mail.person_id)
        person.address = person.address_key = "mari.uus@example.org"
    desk.send(f"/office/outbox/{mail.id}/again")
    assert [one.to_address for one in _copies(pages, mail)] == ["mari.uus@example.org"]


@pytest.mark.parametrize("why", ["answered", "waits", "dead", "left"])
def test_what_would_mislead_or_reach_nobody_is_not_sent(pages: Pages, why: str) -> None:
    mail, desk = _offered(pages)
    if why == "answered":
        pages.world.replies("confirm_place", "JAH", person="voru0@example.org")
    with pages.db.writing() as session:
        row, person = session.get_one(Message, mail.id), session.get_one(Person, mail.person_id)
        row.status = "held" if why == "waits" else row.status
        person.address_state = "dead" if why == "dead" else person.address_state
        person.left_at = pages.world.now if why == "left" else None
    desk.send(f"/office/outbox/{mail.id}/again")
    assert _copies(pages, mail) == []


def test_a_copys_id_is_as_hard_to_guess_as_the_mails_own_and_it_is_no_way_to_a_third(pages: Pages) -> None:
    mail, desk = _offered(pages)
    desk.send(f"/office/outbox/{mail.id}/again")
    (copy,) = _copies(pages, mail)
    assert mail.message_id.strip("<>").partition("@")[0] in copy.message_id
    pages.world.send_all()
    assert "täna juba uuesti" in desk.send(f"/office/outbox/{copy.id}/again")
    assert len([one for one in pages.world.messages() if one.key.startswith("again:")]) == 1


def test_an_answer_to_a_letter_goes_to_the_address_of_now_too(pages: Pages) -> None:
    mail, desk = _offered(pages)
    pages.world.write("voru0@example.org", pages.world.reply_to(mail), "Mida see tähendab?")
    pages.world.send_all()
    asked = pages.world.messages("unclear")[-1]
    with pages.db.writing() as session:
        person = session.get_one(Person, asked.person_id)
        person.address = person.address_key = "mari.uus@example.org"
    desk.send(f"/office/outbox/{asked.id}/again")
    assert [one.to_address for one in _copies(pages, asked)] == ["mari.uus@example.org"]
