"""The coordinator's reply beneath a letter: shown, sent in its thread, and answered by the person."""

import re

import pytest

from mail.composing import message_bytes
from tests.builders import World
from tests.web.conftest import Pages
from tests.web.office.mail.test_inbox import unclear
from tests.web.office_season import Desk, at_the_desk
from workflow.database.models import Letter, Message

OWN = "Tere, Mari!\n\nKuupäevad enam ei muutu.\nVaata ka https://www.example.org/kava"


def _own(world: World) -> list[Message]:
    return world.messages("own_reply")


def _heard(pages: Pages, sender: str, text: str = "Kas ma võin tuua lapse kaasa?", subject: str = "Küsimus") -> Letter:
    return pages.world.write(sender, pages.world.identity.from_address, text, subject=subject)


def test_a_reply_stands_in_the_letters_thread_and_its_reply_still_answers_the_question(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    page = desk.get(f"/office/letter/{letter.id}")
    assert "JAH või EI" in page and "voru0@example.org" in page.partition('id="reply"')[2]
    where = f"/office/letter/{letter.id}/reply"
    preview = desk.send(where, words=OWN)
    assert "Kuupäevad enam ei muutu." in preview and "Kati-Katri Koppel" in preview
    assert _own(pages.world) == [], "looking sends nothing"
    after = desk.confirm(where, words=OWN)
    assert "Vastus läheb aadressile voru0@example.org" in after
    (mail,) = _own(pages.world)
    assert mail.in_reply_to == letter.message_id and mail.references.endswith(letter.message_id)
    assert (mail.status, mail.auto_submitted, mail.team_id, mail.letter_id) == ("queued", "no", 1, letter.id)
    world = pages.world
    assert world.reply_to(mail) == world.asked("confirm_place", person="voru0@example.org")[2]
    wire = message_bytes.to_bytes(mail, world.identity).decode()
    assert "Auto-Submitted: no" in wire
    text = world.composer.shown(mail.subject, world.source(mail), mail.lang)[0]
    assert "https://www.example.org/kava" in text, "what the coordinator types is hers"
    for shown in (desk.get(f"/office/letter/{letter.id}"), desk.get("/office/team/1")):
        assert mail.subject in shown
    assert "irjutas meeskonnale" in desk.get("/office/team/1")
    assert "Kuupäevad enam" in desk.get(f"/office/outbox/{mail.id}")
    world.write("voru0@example.org", world.reply_to(mail), "JAH", In_Reply_To=mail.message_id)
    assert world.messages("place_confirmed"), "the person's yes to it is a yes"


def test_whoever_wrote_to_the_programme_is_answered_and_their_next_letter_reaches_the_inbox(pages: Pages) -> None:
    pages.world.apply("Võru").verified()
    letter = _heard(pages, "voru1@example.org")
    assert letter.status == "held"
    desk = at_the_desk(pages)
    desk.confirm(f"/office/letter/{letter.id}/reply", words="Jah, võite.", aside="1")
    (mail,) = _own(pages.world)
    assert pages.world.reply_to(mail) == pages.world.identity.from_address
    assert mail.subject == "Re: Küsimus"
    with pages.db.reading() as session:
        row = session.get_one(Letter, letter.id)
        assert (row.status, row.resolution) == ("done", "Kati-Katri Koppel: replied")
    assert "Kati-Katri Koppel: vastas kirjaga" in desk.get(f"/office/letter/{letter.id}")
    again = pages.world.write(
        "voru1@example.org", pages.world.identity.from_address, "Tore!", In_Reply_To=mail.message_id
    )
    assert again.status == "held" and again.team_id == 1


def test_a_stranger_is_answered_as_a_guest_and_heard_from_then_on(pages: Pages) -> None:
    pages.world.apply("Võru").verified()
    letter = _heard(pages, "keegi@elsewhere.example.org", subject="Vt www.evil.example/x <b>{{ 7*7 }}")
    desk = at_the_desk(pages)
    page = desk.get(f"/office/letter/{letter.id}")
    assert "ei ole kellelgi kirjas" in page
    desk.confirm(f"/office/letter/{letter.id}/reply", words="Kirjutage meile lähemalt.")
    (mail,) = _own(pages.world)
    assert (mail.to_address, mail.team_id, mail.addressee_id) == ("keegi@elsewhere.example.org", None, None)
    assert "www.evil" not in mail.subject and "{{ 7*7 }}" in mail.subject
    assert "/q/" not in mail.body and "/me/" not in mail.body
    more = _heard(pages, "keegi@elsewhere.example.org", "Aitäh, siin on rohkem.")
    assert more.outcome == "heard" and more.status == "held"


def test_somebody_else_behind_a_secret_address_gets_no_secret(pages: Pages) -> None:
    team = pages.world.apply("Võru").selected()
    letter = team.replies("confirm_place", "JAH", person=team.contact.address, sender="keegi@example.org")
    assert letter.status == "held"
    desk = at_the_desk(pages)
    desk.confirm(f"/office/letter/{letter.id}/reply", words="Kes te olete?")
    (mail,) = _own(pages.world)
    assert mail.to_address == "keegi@example.org" and mail.addressee_id is None
    assert pages.world.reply_to(mail) == pages.world.identity.from_address
    assert "/q/" not in mail.body


@pytest.mark.parametrize("words", ["", "  \n ", "a" * 10_001])
def test_what_cannot_be_sent_comes_back_with_its_fault(pages: Pages, words: str) -> None:
    letter = unclear(pages)
    page = at_the_desk(pages).send(f"/office/letter/{letter.id}/reply", words=words)
    assert 'id="words-error"' in page and "digest" not in page
    assert words.strip() in page and _own(pages.world) == []


def test_words_can_be_changed_after_the_look_and_an_expired_form_keeps_them(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    where = f"/office/letter/{letter.id}/reply"
    preview = desk.send(where, words=OWN, aside="1")
    assert 'name="change"' in preview
    back = desk.send(where, words=OWN, aside="1", change="1")
    assert _typed(back) == OWN and 'name="aside" value="1" checked' in back
    expired = desk.browser.client.post(where, data={"words": OWN, "csrf": "of another day"})
    assert _typed(expired.text) == OWN and "teie tekst on alles" in expired.text
    assert _own(pages.world) == []


def _typed(page: str) -> str:
    found = re.search(r'<textarea name="words"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return found[1].replace("\r\n", "\n")


def test_the_same_words_go_once_and_other_words_go_too(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    where = f"/office/letter/{letter.id}/reply"
    desk.confirm(where, words="Üks kord.")
    assert "juba saadetud" in desk.send(where, words="Üks kord.")
    desk.confirm(where, words="Ja teine kord.")
    assert [one.key for one in _own(pages.world)] == [f"own_reply:{letter.id}:1", f"own_reply:{letter.id}:2"]


def test_under_an_emergency_stop_and_with_all_mail_after_approval(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    desk.send("/office/mail-hold")
    _replies(desk, letter, "Ootame.")
    (mail,) = _own(pages.world)
    assert mail.status == "queued", "it waits for the stop to end, as all mail does"


def _replies(desk: Desk, letter: Letter, words: str) -> None:
    desk.confirm(f"/office/letter/{letter.id}/reply", words=words)


@pytest.mark.parametrize("sender", [
    "Kaja <kaja@elsewhere.example.org>, Kaja <kaja@e1sewhere.example.org>",
    '"voru0@example.org" <keegi@evil.example.org>',
])  # fmt: skip
def test_a_from_that_names_nobody_plainly_is_told_and_gets_no_reply(pages: Pages, sender: str) -> None:
    pages.world.apply("Võru").verified()
    to = pages.world.identity.from_address
    raw = f"From: {sender}\r\nTo: {to}\r\nSubject: Tere\r\nMessage-ID: <a@b.example>\r\n\r\nKas saab vastata?\r\n"
    letter = pages.world.deliver(raw.encode(), to, sender="keegi@evil.example.org")
    assert (letter.status, letter.outcome) == ("held", "no_sender") and letter.reason
    desk = at_the_desk(pages)
    assert "/reply" not in desk.get(f"/office/letter/{letter.id}")
    desk.send(f"/office/letter/{letter.id}/reply", words="Jah.")
    assert _own(pages.world) == []
