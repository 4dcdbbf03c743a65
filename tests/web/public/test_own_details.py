"""A member's own details, behind the link under each mail to them."""

import re

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Browser, Pages
from tests.web.office_season import at_the_desk
from workflow.coordinator import addresses
from workflow.database.models import Alert, Message, Person
from workflow.journey import details
from workflow.security import own_links
from workflow.security.spelled_secrets import MASK, masked

LINK = re.compile(r"/me/([0-9]+-[a-z2-7]{26})")
NEW = {"name": "Jüri Uus-Tamm", "phone": "+372 5555 0177", "lang": "en"}


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world)


def link(pages: Pages, person: Person) -> str:
    """The link in the latest mail to them."""
    mail = [m for m in pages.world.messages() if m.person_id == person.id][-1]
    found = LINK.search(pages.world.source(mail))
    assert found is not None, mail.template
    return f"/me/{found[1]}"


def save(browser: Browser, path: str, **typed: str) -> str:
    assert browser.post(path, typed).status_code == 200
    return browser.post(path, {**typed, "sure": "1"}).text


def test_every_mail_to_a_member_ends_with_their_own_link_and_the_books_hold_none(pages: Pages, crew: Crew) -> None:
    people = {person.id: person for person in crew.people()}
    mails = [m for m in pages.world.messages() if m.person_id in people]
    assert len({m.template for m in mails}) >= 4
    for mail in mails:
        found = LINK.search(pages.world.source(mail))
        assert found is not None and own_links.owner(found[1]) == mail.person_id, mail.template
        assert LINK.search(mail.body) is None and LINK.search(str(mail.facts)) is None
    others = [m for m in pages.world.messages() if m.person_id not in people]
    assert not any("/me/" in m.body for m in others), "staff stand in config.toml"


def test_old_and_new_are_shown_first_and_then_the_person_and_the_coordinator_are_told(
    pages: Pages, crew: Crew
) -> None:
    person, browser = crew.people()[1], pages.browser()
    with pages.db.writing() as session:
        session.get_one(Person, person.id).phone = "+372 5555 0142"
    path = link(pages, person)
    page = browser.get(path).text
    assert person.name in page and "… 42" in page and "0142" not in page
    page = browser.post(path, NEW).text
    assert f"„{person.name}“ → „Jüri Uus-Tamm“" in page and "„… 42“ → „+372 5555 0177“" in page
    assert details.of(crew.people()[1]).name == person.name, "looking changes nothing"
    browser.post(path, {**NEW, "sure": "1"})
    saved = crew.people()[1]
    assert (saved.name, saved.phone, saved.lang, saved.side) == (*NEW.values(), person.side)
    (receipt,) = pages.world.messages("details_changed")
    assert (receipt.to_address, receipt.lang) == (person.address, "en") and "0177" not in receipt.body
    with pages.db.reading() as session:
        (said,) = session.scalars(sa.select(Alert.says).where(Alert.kind == "details"))
    assert "Jüri Uus-Tamm" in said["et"] and "0177" not in str(said)
    assert "muutis ise oma andmeid" in at_the_desk(pages).get("/office")
    line = crew.history()[-1]
    assert (line.event, line.person_id, line.proof["via"]) == ("details", person.id, "link")


def test_what_the_form_does_not_ask_is_not_changed_by_it(pages: Pages, crew: Crew) -> None:
    person = crew.people()[1]
    path = link(pages, person)
    save(pages.browser(), path, name="Uus Nimi", side="community", post="minister", address="x@example.org", phone="")
    saved = crew.people()[1]
    assert saved.name == "Uus Nimi"
    assert (saved.side, saved.post, saved.address, saved.phone) == (
        person.side, person.post, person.address, person.phone,
    )  # fmt: skip


def test_faults_are_told_beside_the_form_and_nothing_typed_is_lost(pages: Pages, crew: Crew) -> None:
    path, browser = link(pages, crew.people()[1]), pages.browser()
    for typed, says in (({"name": " "}, "Kirjutage liikme nimi"), ({"name": "www.example.org"}, "meiliaadressita")):
        answer = browser.post(path, {**typed, "phone": "+372 5555 0133"})
        assert answer.status_code == 400 and says in answer.text and "+372 5555 0133" in answer.text
    assert browser.post(path, {}).status_code == 400, "nothing changed: nothing to save"


def test_three_times_a_day_and_no_more(pages: Pages, crew: Crew) -> None:
    person, browser = crew.people()[1], pages.browser()
    path = link(pages, person)
    for number in range(details.A_FEW + 1):
        page = save(browser, path, name=f"Nimi Number {'abcd'[number]}")
    assert "mitu korda muutnud" in page and crew.people()[1].name == "Nimi Number c"
    assert len(pages.world.messages("details_changed")) == details.A_FEW


def test_the_link_opens_nobody_elses_and_ends_with_the_address_and_the_person(pages: Pages, crew: Crew) -> None:
    person, other = crew.people()[1], crew.people()[2]
    path, browser = link(pages, person), pages.browser()
    number, _, secret = path.removeprefix("/me/").partition("-")
    wrongs = (f"{other.id}-{secret}", f"{number}-{'a' * 26}", f"99999-{secret}", f"{number}-{secret}x", number, "x")
    for wrong in wrongs:
        assert browser.get(f"/me/{wrong}").status_code == 404, wrong
    with pages.db.writing() as session:
        row = session.get_one(Person, person.id)
        done = addresses.mend(
            pages.world.season, session, row, "uus@example.org", pages.world.coordinator(), pages.world.now,
            pages.world.composer.invitation,
        )  # fmt: skip
        assert isinstance(done, addresses.Unsent)
    assert browser.get(path).status_code == 404
    told = pages.world.messages("address_changed")[-1]
    assert "/me/" not in told.body, "whoever reads there now may be somebody else"
    fresh = link(pages, crew.people()[1])
    assert browser.get(fresh).status_code == 200
    with pages.db.writing() as session:
        session.get_one(Person, person.id).left_at = pages.world.now
    assert browser.get(fresh).status_code == 404


@pytest.mark.parametrize("spelled", ["{}", "https://x.example/me/{}?a=b", "%2Fme%2F{}", "ME/{upper}", "{broken}"])
def test_a_quoted_link_is_masked_in_what_is_kept_of_a_letter(pages: Pages, crew: Crew, spelled: str) -> None:
    page = link(pages, crew.people()[1]).removeprefix("/me/")
    said = spelled.format(page, upper=page.upper(), broken=f"{page[:12]}\r\n> {page[12:]}")
    kept = masked(f"Tere {said} tervist", frozenset())
    assert page[-8:] not in kept.lower() and MASK in kept and "tervist" in kept
    letter = crew.replies("consent", f"JAH\n\n> http://localhost:8080/me/{page}\n", person=crew.people()[1].address)
    with pages.db.reading() as session:
        row = session.merge(letter)
        assert page not in row.text + row.quoted
    with pages.db.reading() as session:
        assert not any(page in m.body for m in session.scalars(sa.select(Message)))
