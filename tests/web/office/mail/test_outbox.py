"""Mails that leave: found, seen as they will look, edited, released, dropped, tried again."""

import re

import pytest

from mail.composing import message_bytes
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import COORDINATOR, at_the_desk
from workflow.database.models import Message, Person


def held(pages: Pages, status: str = "held") -> list[Message]:
    """Two mails of one team with this status."""
    pages.world.apply("Võru", members=4).verified()
    mails = pages.world.messages("consent")[:2]
    with pages.db.writing() as session:
        for mail in mails:
            session.get_one(Message, mail.id).status = status
    return mails


def status(pages: Pages, mail: Message) -> str:
    with pages.db.reading() as session:
        return session.get_one(Message, mail.id).status


def test_mails_are_found_by_status_template_and_team(pages: Pages) -> None:
    first, _ = held(pages)
    pages.world.apply("Saku")
    desk = at_the_desk(pages)
    assert desk.get("/office/outbox?status=held").count('name="mail"') == 2
    verify = desk.get("/office/outbox?template=verify")
    assert "voru0@example.org" in verify and "voru1@example.org" not in verify
    assert "saku0@example.org" not in desk.get(f"/office/outbox?team={first.team_id}")
    assert "Selliseid kirju ei ole" in desk.get("/office/outbox?status=bounced")
    assert "waits for you" in desk.get("/office/outbox", "en")


def test_a_mail_is_seen_as_it_will_look_in_a_frame_that_can_do_nothing(pages: Pages) -> None:
    first, _ = held(pages)
    desk = at_the_desk(pages)
    page = desk.get(f"/office/outbox/{first.id}")
    assert 'iframe class="mailframe" sandbox title' in page and first.to_address in page
    frame = desk.browser.get(f"/office/outbox/{first.id}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    assert "srcdoc" not in page


def test_nothing_ticked_does_nothing_and_says_so(pages: Pages) -> None:
    first, _ = held(pages)
    page = at_the_desk(pages).send("/office/outbox", do="release", status="held")
    assert "Ühtegi kirja ei olnud valitud" in page and status(pages, first) == "held"


def test_ticked_mails_leave_and_a_second_click_says_so(pages: Pages) -> None:
    first, second = held(pages)
    desk = at_the_desk(pages)
    assert "kirju: 2" in desk.send("/office/outbox", do="release", mail=[first.id, second.id])
    assert status(pages, first) == status(pages, second) == "queued"
    assert "ei oota enam" in desk.send("/office/outbox", do="release", mail=[first.id])


def test_each_ticked_mail_has_its_result(pages: Pages) -> None:
    first, second = held(pages)
    with pages.db.writing() as session:
        session.get_one(Person, first.person_id).address_state = "dead"
    page = at_the_desk(pages).send("/office/outbox", do="release", mail=[first.id, second.id])
    assert "vabastatud kirju: 1" in page and "ei võta kirju vastu" in page
    assert (status(pages, first), status(pages, second)) == ("held", "queued")


@pytest.mark.parametrize(("was", "do", "then"), [
    ("held", "drop", "dropped"), ("failed", "drop", "dropped"), ("bounced", "retry", "queued"),
    ("failed", "retry", "queued"), ("held", "retry", "held"), ("sent", "release", "sent"), ("sent", "drop", "sent"),
])  # fmt: skip
def test_what_may_be_done_depends_on_the_status(pages: Pages, was: str, do: str, then: str) -> None:
    first, second = held(pages, was)
    desk = at_the_desk(pages)
    desk.send(f"/office/outbox/{first.id}", do=do)
    desk.send("/office/outbox", do=do, mail=second.id)
    assert status(pages, first) == status(pages, second) == then


def test_a_held_mail_is_edited_and_shown_anew(pages: Pages) -> None:
    first, _ = held(pages)
    desk = at_the_desk(pages)
    page = desk.send(f"/office/outbox/{first.id}/edit", subject="Uus\r\nBcc: x", body="Tere!\n\n**Tähtis** <b>x</b>")
    assert "Kiri on muudetud" in page and "Uus Bcc: x" in page
    frame = desk.browser.get(f"/office/outbox/{first.id}/html").text
    assert "Tähtis</strong>" in frame and "<b>" not in frame


@pytest.mark.parametrize(("subject", "body"), [("", "x"), ("x", " \n "), ("x" * 501, "x"), ("x", "y" * 20_001)])
def test_a_mail_without_words_is_refused_and_what_was_typed_is_kept(pages: Pages, subject: str, body: str) -> None:
    first, _ = held(pages)
    page = at_the_desk(pages).send(f"/office/outbox/{first.id}/edit", subject=subject, body=body)
    assert 'id="faults"' in page and f'value="{subject}"' in page
    with pages.db.reading() as session:
        assert session.get_one(Message, first.id).subject == first.subject


def test_a_mail_that_left_is_not_edited(pages: Pages) -> None:
    first, _ = held(pages, "sent")
    page = at_the_desk(pages).send(f"/office/outbox/{first.id}/edit", subject="x", body="y")
    assert "ei oota enam" in page


def test_the_calendar_file_leaves_as_a_file(pages: Pages) -> None:
    team = confirmed(pages.world)
    mail, desk = team.got("place_confirmed")[0], at_the_desk(pages)
    answer = desk.browser.get(f"/office/outbox/{mail.id}/calendar")
    assert answer.data == mail.calendar and "invite.ics" in answer.headers["Content-Disposition"]
    assert desk.browser.get(f"/office/outbox/{team.got('verify')[0].id}/calendar").status_code == 404


def test_unknown_acts_and_mails(pages: Pages) -> None:
    first, _ = held(pages)
    desk = at_the_desk(pages)
    assert desk.browser.post("/office/outbox", {"do": "explode", "mail": first.id}).status_code == 400
    assert desk.browser.get("/office/outbox/999").status_code == 404
    assert "Neid kirju ei ole enam" in desk.send("/office/outbox", do="drop", mail=["999", "x", "-1"])


def test_sign_in_links_are_read_by_their_addressee_only(pages: Pages) -> None:
    desk = at_the_desk(pages)
    (link,) = pages.world.messages("sign_in")
    assert "sisselogimise link" not in desk.get("/office/outbox")
    for path in (f"/office/outbox/{link.id}", f"/office/outbox/{link.id}/html"):
        assert desk.browser.get(path).status_code == 404


def test_a_test_goes_to_the_coordinator_alone_and_once_for_the_same_words(pages: Pages) -> None:
    first, _ = held(pages)
    desk, path = at_the_desk(pages), f"/office/outbox/{first.id}/test"
    assert f"Proovikiri läks aadressile {COORDINATOR}" in desk.send(path)
    assert "juba saadetud" in desk.send(path)
    (copy,) = [m for m in pages.world.messages() if m.key.startswith("trial:")]
    assert (copy.to_address, copy.subject, copy.status) == (COORDINATOR, f"[proov] {first.subject}", "queued")
    assert (copy.addressee, copy.calendar, copy.team_id, copy.question_id) == (None, None, None, None)
    secret = re.search(r"/q/([a-z0-9]{16,})", pages.world.source(first))
    assert secret is not None and secret[1] not in pages.world.source(copy)
    desk.send(f"/office/outbox/{first.id}/edit", subject="Teine", body="Muud sõnad")
    assert "Proovikiri läks" in desk.send(path)
    with pages.db.reading() as session:
        assert session.get_one(Message, first.id).status == "held"
    raw = message_bytes.to_bytes(copy, pages.world.identity)
    assert b"To: " in raw and b"Reply-To: r-" not in raw


def test_sign_in_links_are_not_sent_to_others(pages: Pages) -> None:
    desk = at_the_desk(pages)
    (link,) = pages.world.messages("sign_in")
    assert desk.browser.post(f"/office/outbox/{link.id}/test").status_code == 404
