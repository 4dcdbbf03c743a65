"""One team's page, and the forms on it."""

import pytest
import sqlalchemy as sa

from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from web.files.downloads import label
from workflow.database.models import Duty, Extension, Message, Person, Question
from workflow.rules.machine import Trigger

NEW = {"name": "Uus Liige", "address": "uus@example.org", "side": "community", "part": "member"}


def test_the_page_shows_people_mails_history_and_proof(pages: Pages) -> None:
    team = confirmed(pages.world)
    page = at_the_desk(pages).get(f"/office/team/{team.id}")
    for said in ("Võru Mari Kask", "kontaktisik", "asendaja", "Osalemine on märkimata", "Ainult põhjendusega"):
        assert said in page, said
    assert "<q>JAH</q>" in page and "Message-ID" in page and "/office/letter/" in page
    english = at_the_desk(pages).get(f"/office/team/{team.id}", "en")
    assert "What is met, what is missing" in english and "place confirmed" in english.lower()


def test_a_proof_speaks_the_page_s_language(pages: Pages) -> None:
    """The rule that matched, what is known of the sender, what was passed over."""
    team = confirmed(pages.world)
    team.move(Trigger.ADVANCE, override="Olid haiged")
    desk = at_the_desk(pages)
    page, english = desk.get(f"/office/team/{team.id}"), desk.get(f"/office/team/{team.id}", "en")
    assert "üksnes jah" in page and "kirjaserver ei ütle saatja kohta midagi" in page
    assert "a plain yes" in english and "the mail server says nothing about the sender" in english
    passed = [part.partition("</dd>")[0] for part in page.split("<dt>Puudu jäi</dt>")[1:]]
    assert len(passed) == 1 and "Osalemine on märkimata" in passed[0] and "not recorded" not in passed[0], passed


def test_what_comes_next_says_about_what_and_stands_together(pages: Pages) -> None:
    team = pages.world.apply("Võru").verified()
    with pages.db.writing() as session:
        questions = session.scalars(sa.select(Question).where(Question.team_id == team.id)).all()
        for number, question in enumerate([q for q in questions if q.kind == "consent"] * 2):
            duty = Duty(key=f"x{number}", kind="reminder", due_at=pages.world.now, team_id=team.id)
            duty.question_id = question.id
            session.add(duty)
    page = at_the_desk(pages).get(f"/office/team/{team.id}")
    coming = page.partition('id="next"')[2].partition("</section>")[0]
    assert coming.count("<li>") == len(set(coming.split("<li>")[1:]))
    assert '<span class="count">' in coming and "Kas kuulute meeskonda Võru?" in coming


def test_the_service_s_own_reason_is_said_in_one_language(pages: Pages) -> None:
    team = pages.world.apply("Võru").selected()
    pages.world.wait(days=9)
    desk = at_the_desk(pages)
    et, en = "Kohta ei kinnitatud tähtajaks.", "The place was not confirmed in time."
    for path, tag in (("/office", "q"), (f"/office/team/{team.id}/step/release", "blockquote")):
        assert f"<{tag}>{et}</{tag}>" in desk.get(path) and en not in desk.get(path), path
        assert f"<{tag}>{en}</{tag}>" in desk.get(path, "en"), path
    pages.world.decides(team=team.id)
    assert team.state == "released" and team.history()[-1].why == et
    (mail, *_) = team.got("place_released")
    assert f"Põhjus: {et}" in mail.body and en not in mail.body
    assert en in desk.get(f"/office/team/{team.id}", "en")


def test_what_a_stranger_wrote_never_becomes_markup(pages: Pages) -> None:
    evil = '<script>alert(1)</script>"{{7*7}}'
    team = pages.world.apply("Võru")
    with pages.db.writing() as session:
        person = session.get_one(Person, team.contact.id)
        person.name = evil
    pages.world.replies("verify", evil, team=team.id)
    desk = at_the_desk(pages)
    for path in (f"/office/team/{team.id}", "/office", "/office/inbox", "/office/outbox", "/office/inbox?show=all"):
        page = desk.get(path)
        assert ("<script>alert" not in page and "{{7*7}}" in page) or "alert(1)" not in page, path


def test_a_member_is_added_after_showing_the_mail(pages: Pages) -> None:
    team = confirmed(pages.world)
    desk = at_the_desk(pages)
    first = desk.send(f"/office/team/{team.id}/members", **NEW)
    assert "uus@example.org" in first and len(team.people()) == 4
    desk.confirm(f"/office/team/{team.id}/members", **NEW)
    assert [p.name for p in team.people()][-1] == "Uus Liige"
    again = desk.send(f"/office/team/{team.id}/members", **NEW)
    assert "on juba meeskonnas" in again and len(team.people()) == 5


def test_a_member_is_replaced(pages: Pages) -> None:
    team = confirmed(pages.world)
    gone = team.people()[3]
    at_the_desk(pages).confirm(f"/office/team/{team.id}/members", **NEW, instead=gone.id)
    names = [p.name for p in team.people()]
    assert "Uus Liige" in names and gone.name not in names and len(names) == 4
    assert not any("puudu" in m.body for m in team.got("member_left"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "Kirjutage liikme nimi"),
        ({"address": "a@b>\r\nRCPT TO:<x"}, "Kirjutage meiliaadress"),
        ({"side": "both"}, "Valige, kes liige on"),
    ],
)
def test_wrong_members_are_refused(pages: Pages, change: dict[str, str], says: str) -> None:
    team = pages.world.apply("Võru")
    assert says in at_the_desk(pages).send(f"/office/team/{team.id}/members", **{**NEW, **change})
    assert len(team.people()) == 4


def test_a_member_leaves_and_the_lost_quorum_is_told(pages: Pages) -> None:
    team = confirmed(pages.world)
    gone, desk = team.people()[3], at_the_desk(pages)
    page = desk.send(f"/office/team/{team.id}/members/{gone.id}/leave", why="kolis ära")
    assert "ei vasta enam nõuetele" in page and len(team.people()) == 4
    desk.confirm(f"/office/team/{team.id}/members/{gone.id}/leave", why="kolis ära")
    assert len(team.people()) == 3
    assert "ei ole enam meeskonna liige" in desk.send(f"/office/team/{team.id}/members/{gone.id}/leave")


def test_a_member_of_another_team_is_not_touched(pages: Pages) -> None:
    team, other = pages.world.apply("Võru"), pages.world.apply("Saku")
    desk, theirs = at_the_desk(pages), other.people()[1]
    for act in ("leave", "appoint"):
        page = desk.send(f"/office/team/{team.id}/members/{theirs.id}/{act}", part="contact")
        assert "ei ole enam meeskonna liige" in page
    assert len(other.people()) == 4


def test_another_contact_is_appointed(pages: Pages) -> None:
    team = pages.world.apply("Võru")
    new, desk = team.people()[2], at_the_desk(pages)
    desk.confirm(f"/office/team/{team.id}/members/{new.id}/appoint", part="contact")
    assert team.contact.id == new.id
    assert "Ta on seda juba" in desk.send(f"/office/team/{team.id}/members/{new.id}/appoint", part="contact")
    assert "Valige kontaktisik" in desk.send(f"/office/team/{team.id}/members/{new.id}/appoint", part="king")


def test_a_mended_address_takes_the_mails_that_wait(pages: Pages) -> None:
    team = pages.world.apply("Võru")
    with pages.db.writing() as session:
        session.get_one(Person, team.contact.id).address_state = "dead"
        for message in pages.world.messages("verify"):
            session.get_one(Message, message.id).status = "held"
    desk = at_the_desk(pages)
    path = f"/office/people/{team.contact.id}/address"
    assert "Kirjutage meiliaadress" in desk.send(path, address="mitte")
    assert "on juba teisel liikmel" in desk.send(path, address=team.people()[1].address.upper())
    desk.confirm(path, address="mari.kask@example.org")
    assert (team.contact.address, team.contact.address_state) == ("mari.kask@example.org", "ok")
    assert [m.to_address for m in team.got("verify")] == ["mari.kask@example.org"]
    assert team.history()[-1].event == "readdressed"


def test_one_due_date_is_extended_for_one_team(pages: Pages) -> None:
    end = pages.world.season.programme.stage("workshop_1").sessions["I"].end
    team = confirmed(pages.world, "Võru", "I", wishes="I", until=end)
    desk, path = at_the_desk(pages), f"/office/team/{team.id}/extend"
    form = {"stage": "workshop_1", "until": "2022-04-25T17:00", "why": "Haigus"}
    desk.confirm(path, **form)
    assert len(team.got("extension")) == 1 and "Haigus" in team.got("extension")[0].body
    asked, _, _ = pages.world.asked("homework", team=team.id)
    assert asked.due_at is not None and f"{asked.due_at:%Y-%m-%d}" == "2022-04-25"
    assert "praegusest hilisem" in desk.send(path, **form)
    with pages.db.reading() as session:
        assert session.query(Extension).count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"until": ""}, "Valige uus tähtaeg"),
        ({"until": "2021-01-01"}, "peab olema tulevikus"),
        ({"why": ""}, "Kirjutage põhjus"),
        ({"stage": "nowhere"}, "ei ole tööd"),
    ],
)
def test_wrong_extensions_are_refused(pages: Pages, change: dict[str, str], says: str) -> None:
    team = confirmed(pages.world)
    form = {"stage": "workshop_1", "until": "2022-05-25", "why": "Haigus", **change}
    assert says in at_the_desk(pages).send(f"/office/team/{team.id}/extend", **form)
    assert team.got("extension") == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\r\nX: y.pdf", "a_X_ y.pdf"),
        ("pilt\u202egnp.exe", "pilt_gnp.exe"),
        ("CON.pdf", "_CON.pdf"),
        ("", "fail"),
        ("õ ä.pdf", "õ ä.pdf"),
    ],
)
def test_a_files_name_is_a_label_only(name: str, safe: str) -> None:
    assert label(name) == safe


def test_files_leave_as_attachments(pages: Pages) -> None:
    end = pages.world.season.programme.stage("workshop_1").sessions["I"].end
    team = confirmed(pages.world, "Võru", "I", wishes="I", until=end)
    team.replies("homework", "Siin see on.", files={"töö <b>.html": b"<script>alert(1)</script>"})
    desk = at_the_desk(pages)
    assert "/office/file/1" in desk.get(f"/office/team/{team.id}")
    answer = desk.browser.get("/office/file/1")
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and policy.endswith("sandbox")
    assert desk.browser.get("/office/file/99").status_code == 404
