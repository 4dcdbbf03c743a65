"""The coordinator writes to people: who gets it, in which words, shown first, and once."""

import re

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from web.office.mail import write
from workflow.coordinator import writing
from workflow.coordinator.writing import OwnWords
from workflow.database.models import Invitation, Message, Person, Team

WORDS = {"subject_et": "Kummikud kaasa, {{ team }}", "body_et": "Tere, {{ name }}!\n\nHomme sajab.\nVõtke kummikud."}
WHERE = "/office/write"


def _letters(pages: Pages) -> list[Message]:
    return pages.world.messages("own_letter")


def _told(pages: Pages) -> list[str]:
    return sorted(one.to_address for one in _letters(pages))


def _hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def _writes(desk: Desk, **typed: object) -> str:
    """Shown, then sent: the page that follows."""
    page = desk.send(WHERE, do="show", **typed)
    assert _hidden(page, "shown"), page
    return desk.send(WHERE, do="send", shown=_hidden(page, "shown"), letter=_hidden(page, "letter"), **typed)


def _two_groups(pages: Pages) -> tuple[Crew, Crew, Crew]:
    apply = pages.world.apply
    return apply("Kose").confirmed("I"), apply("Võru").confirmed("II"), apply("Rõuge").confirmed("II")


def test_all_teams_of_a_group_are_written_to_and_each_mail_is_its_own(pages: Pages) -> None:
    _two_groups(pages)
    desk = at_the_desk(pages)
    assert f'href="{WHERE}?group=II"' in desk.get("/office/board?group=II")
    page = desk.get(f"{WHERE}?group=II")
    assert "Kirja saab 2 inimest" in page and "Inglise" not in page.partition('id="letter"')[2]
    after = _writes(desk, group="II", **WORDS)
    assert "Kiri läheb välja 2 inimesele" in after
    first, second = _letters(pages)
    assert _told(pages) == ["rouge0@example.org", "voru0@example.org"]
    assert {first.subject, second.subject} == {"Kummikud kaasa, Võru", "Kummikud kaasa, Rõuge"}
    assert "Homme sajab.\\\nVõtke kummikud." in first.body and "Kati-Katri Koppel" in first.body
    assert pages.world.reply_to(first) == pages.world.identity.from_address
    team = desk.get(f"/office/team/{first.team_id}")
    assert first.subject in team and "irjutas meeskonnale" in team


@pytest.mark.parametrize(
    ("side", "reached"),
    [
        ("contact", {"voru0"}), ("speakers", {"voru0", "voru1"}), ("members", {"voru0", "voru1", "voru2", "voru3"}),
        ("mentors", set()), ("nonsense", {"voru0"}),
    ],
)  # fmt: skip
def test_whom_of_a_team(pages: Pages, side: str, reached: set[str]) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", team=crew.id, side=side, **WORDS)
    if not reached:
        assert "ei ole kedagi, kellele kirjutada" in page
        return
    _writes(desk, team=crew.id, side=side, **WORDS)
    assert {one.partition("@")[0] for one in _told(pages)} == reached


def test_whom_an_unconfirmed_application_names_is_not_reached(pages: Pages) -> None:
    crew = pages.world.apply("Võru")
    desk = at_the_desk(pages)
    assert "1 meeskond on välja jäetud" in desk.get(WHERE)
    assert "ei ole kedagi, kellele" in desk.send(WHERE, do="show", side="members", **WORDS)
    _writes(desk, team=crew.id, side="members", **WORDS)
    assert _told(pages) == ["voru0@example.org"]


def test_both_languages_are_asked_for_only_where_both_are_read(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    with pages.db.writing() as session:
        session.get_one(Person, crew.people()[1].id).lang = "en"
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", team=crew.id, side="members", **WORDS)
    assert 'id="subject_en-error"' in page and 'id="body_en-error"' in page and "Homme sajab." in page
    _writes(desk, team=crew.id, side="members", subject_en="Boots", body_en="Bring boots, {{ name }}.", **WORDS)
    assert {(one.lang, one.subject) for one in _letters(pages)} == {("et", "Kummikud kaasa, Võru"), ("en", "Boots")}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "Kirjutage kirja tekst"), ("{{ nmae }}", "{{ nmae }} ei ole teada"), ("x" * 10_001, "Lühendage"),
        ("Tähtaeg on {{due}}.", "{{ due }} ei ole neil teada"),
        ("{{ name.__class__ }}", "{{ name.__class__ }} ei ole teada"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(pages: Pages, body: str, says: str) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", team=crew.id, subject_et="Minu pealkiri", body_et=body)
    assert says in page and 'id="body_et-error"' in page and 'value="Minu pealkiri"' in page
    assert body in page and not _hidden(page, "shown")
    expired = desk.browser.client.post(WHERE, data={"team": crew.id, "body_et": "Kallid sõbrad", "csrf": "old"})
    assert "Kallid sõbrad" in expired.text and "teie tekst on alles" in expired.text
    assert _letters(pages) == []


def test_words_are_no_template_and_names_no_links(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    with pages.db.writing() as session:
        session.get_one(Team, crew.id).name = "www.evil.example/x **[y](http://evil)**"
    desk = at_the_desk(pages)
    body = "{% raw %} {{ team }} <b>paks</b> https://example.org/kaart_uus {7*7}"
    _writes(desk, team=crew.id, subject_et="Teade", body_et=body)
    (mail,) = _letters(pages)
    text, html = pages.world.composer.shown(mail.subject, mail.body, mail.lang)
    assert "{% raw %}" in text and "{7*7}" in text and "https://example.org/kaart_uus" in text
    assert "www.evil.example" not in text and "http://evil" not in text and "<b>" not in html
    assert not re.search(r'href="http://evil|href="www', html)


def test_of_a_session_those_who_said_nothing(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    meeting = pages.world.season.programme.stage("workshop_1")
    people = crew.people()
    with pages.db.writing() as session:
        session.execute(sa.delete(Invitation))
        for person, said in zip(people, ("yes", "no", None, None), strict=True):
            session.add(Invitation(team_id=crew.id, person_id=person.id, stage=meeting.key, expected=said))
    number = _session_of(pages, meeting.key, "I")
    assert f'href="{WHERE}?session={number}&amp;said=none"' in desk.get(f"/office/calendar/{number}")
    _writes(desk, session=number, said="none", side="members", **WORDS)
    assert _told(pages) == sorted(one.address for one in people[2:])
    _writes(desk, session=number, said="yes", side="members", subject_et="{{ session }}", body_et="{{ when }}")
    assert _letters(pages)[-1].subject == "I töötuba"


def _session_of(pages: Pages, stage: str, group: str) -> int:
    with pages.db.reading() as session:
        return session.execute(
            sa.text("SELECT id FROM sessions WHERE stage = :stage AND group_key = :group"),
            {"stage": stage, "group": group},
        ).scalar_one()


def test_who_owes_an_answer_can_answer_by_replying(pages: Pages) -> None:
    crew = pages.world.apply("Võru").selected()
    pages.world.apply("Kose").confirmed("I")
    desk = at_the_desk(pages)
    assert f'href="{WHERE}?side=owing"' in desk.get("/office")
    body = "Ootame: {{ asked }} Hiljemalt {{ due }}."
    _writes(desk, side="owing", subject_et="Palun vastake", body_et=body)
    mails = {one.to_address: one for one in _letters(pages)}
    assert set(mails) == {"voru0@example.org", "voru1@example.org"}
    mail = mails["voru0@example.org"]
    assert "Võru" in mail.body and "{{" not in mail.body
    pages.world.write("voru0@example.org", pages.world.reply_to(mail), "JAH")
    assert crew.state == "workshop_1"


def test_what_was_shown_is_what_goes_and_it_goes_once(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", team=crew.id, **WORDS)
    kept = {"team": crew.id, "letter": _hidden(page, "letter"), "shown": _hidden(page, "shown")}
    other = desk.send(WHERE, do="send", **{**kept, **WORDS, "body_et": "Midagi muud."})
    assert "midagi ei saadetud" in other and "Midagi muud." in other and _letters(pages) == []
    more = desk.send(WHERE, do="send", side="members", **{**kept, **WORDS})
    assert "midagi ei saadetud" in more and _letters(pages) == []
    desk.send(WHERE, do="send", **kept, **WORDS)
    assert "juba saadetud" in desk.send(WHERE, do="send", **kept, **WORDS)
    assert len(_letters(pages)) == 1


def test_a_test_goes_to_whoever_writes_and_the_words_stay(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="test", team=crew.id, letter="kiri1", **WORDS)
    assert "Proovikiri läks" in page and "Homme sajab." in page
    (mail,) = _letters(pages)
    assert (mail.to_address, mail.team_id) == ("koordinaator@example.org", None)
    assert mail.subject == "[proov] Kummikud kaasa, Võru"
    assert "juba saadetud" in desk.send(WHERE, do="test", team=crew.id, letter="kiri1", **WORDS)


def test_many_are_queued_piece_by_piece_and_each_gets_it_once(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_groups(pages)
    monkeypatch.setattr(write, "PIECE", 2)
    after = _writes(at_the_desk(pages), side="members", subject_et="Teade", body_et="Tere!")
    assert "Kiri läheb välja 12 inimesele" in after
    assert len(set(_told(pages))) == len(_told(pages)) == 12


def test_one_letter_goes_to_so_many_and_no_more(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_groups(pages)
    monkeypatch.setattr(writing, "MOST", 2)
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", **WORDS)
    assert "kuni 2 inimesele" in page and "Homme sajab." in page
    _writes(desk, group="II", **WORDS)
    assert len(_letters(pages)) == 2


def test_a_chosen_recipients_mail_is_shown(pages: Pages) -> None:
    _two_groups(pages)
    desk = at_the_desk(pages)
    with pages.db.reading() as session:
        contact = session.scalars(sa.select(Person).where(Person.address == "voru0@example.org")).one()
    page = desk.send(WHERE, do="show", like=contact.id, **WORDS)
    assert "Kummikud kaasa, Võru" in page.partition('id="letter"')[0]


def test_a_dead_address_is_said_and_its_mail_waits(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    with pages.db.writing() as session:
        session.get_one(Person, crew.people()[3].id).address_state = "dead"
    desk = at_the_desk(pages)
    assert "ei võta kirju vastu" in desk.get(f"{WHERE}?team={crew.id}&side=members")
    _writes(desk, team=crew.id, side="members", **WORDS)
    assert sorted(one.status for one in _letters(pages)) == ["held", "queued", "queued", "queued"]


def test_contacts_who_have_not_confirmed_are_not_written_to_all_at_once(pages: Pages) -> None:
    for name in ("Võru", "Kose", "Rõuge"):
        pages.world.apply(name)
    desk = at_the_desk(pages)
    assert "ei ole kedagi, kellele" in desk.send(WHERE, do="show", side="owing", **WORDS)


def test_words_mended_in_one_language_are_the_same_to_readers_of_the_other() -> None:
    before = OwnWords({"et": "Tere", "en": "Hello"}, {"et": "Tulge.", "en": "Come alnog."})
    after = OwnWords({"et": "Tere", "en": "Hello"}, {"et": "Tulge.", "en": "Come along."})
    assert before.digest("et") == after.digest("et")
    assert before.digest("en") != after.digest("en") and before.digest() != after.digest()
