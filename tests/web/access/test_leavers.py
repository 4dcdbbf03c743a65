"""Whoever the season's config names no more, or names another for: no session, no link, no factor of theirs opens
anything from that moment; what they did stays under their name, and what was open goes on with somebody else."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa

from mail.composing.compose import Composer
from tests.builders import Crew, config
from tests.paths import ROOT
from tests.season_snapshots import confirmed
from tests.web.conftest import Browser, Pages
from tests.web.office_season import APRIL, mentored
from tests.web.sign_in.test_link import plain, signed_in
from workflow.config.loader import ConfigPerson as Named
from workflow.coordinator import config_change
from workflow.database.models import (
    Alert,
    HoursRow,
    Mentorship,
    Message,
    Person,
    Question,
    RecoveryCode,
    SecondFactor,
    SignIn,
    Submission,
    WebSession,
)
from workflow.journey import roster
from workflow.records import queries
from workflow.rules.machine import Machine
from workflow.sign_in import links

HOME = {"coordinator": "/office", "reader": "/office", "trainer": "/staff/trainer", "mentor": "/staff/mentor"}
OLD = {"coordinator": "Kati-Katri Koppel", "trainer": "Maris Jõgeva", "mentor": "Mall Näidis"}
KEYS = {"coordinator": "kati-katri", "trainer": "maris", "mentor": "naidis"}
WAS = {
    "coordinator": "koordinaator@example.org",
    "trainer": "maris.jogeva@example.org",
    "mentor": "mall.naidis@example.org",
}
NEW = "uus.inimene@example.org"


def take(pages: Pages, changes: Mapping[str, str]) -> None:
    """The config with other words takes effect."""
    new = config(changes).programme
    composer = Composer(ROOT / "templates" / "email", new, pages.world.identity)
    season = replace(pages.world.season, programme=new, machine=Machine(new), post=composer)
    with pages.db.writing() as session:
        config_change.take_effect(season, session, pages.world.season.programme, pages.world.now)


def head(role: str) -> str:
    """The lines of config.toml that say who stands in the place."""
    return f'key = "{KEYS[role]}"\nname = "{OLD[role]}"\naddress = "{WAS[role]}"'


def renamed(role: str, name: str, address: str) -> dict[str, str]:
    return {head(role): f'key = "{KEYS[role]}"\nname = "{name}"\naddress = "{address}"'}


def somebody(pages: Pages, role: str) -> str:
    """Somebody of this role whom the config does not name: the address."""
    address = f"endine.{role}@example.org"
    person = Person(role=role, key="endine", name="Endine Inimene", address=address, address_key=address, lang="et")
    person.joined_at = pages.world.now
    with pages.db.writing() as session:
        session.add(person)
    return address


def inside(pages: Pages, role: str, address: str) -> Browser:
    browser = pages.browser()
    browser.sign_in(pages, address)
    assert browser.get(HOME[role]).status_code == 200
    return browser


def standing(pages: Pages, address: str) -> int:
    query = sa.select(sa.func.count()).select_from(WebSession).join(WebSession.person)
    with pages.db.reading() as session:
        return session.scalar(query.where(Person.address == address, WebSession.ended_at.is_(None))) or 0


@pytest.mark.parametrize("role", roster.ROLES)
def test_who_is_named_no_more_is_out_at_once_and_gets_no_link(pages: Pages, role: str) -> None:
    address = somebody(pages, role)
    browser, other = inside(pages, role, address), pages.browser()
    other.post("/signin", {"address": address})
    waiting = pages.link()
    assert other.get(waiting).status_code == 200 and standing(pages, address) == 1
    take(pages, {})
    assert browser.get(HOME[role]).status_code == 303 and not signed_in(browser.get("/").text)
    assert standing(pages, address) == 0
    assert other.get(waiting).status_code == 410 and other.post(waiting).status_code == 410
    before = len(pages.world.messages("sign_in"))
    known = pages.browser().post("/signin", {"address": address})
    unknown = pages.browser().post("/signin", {"address": "mitte.keegi@example.org"})
    assert (known.status_code, plain(known.text)) == (unknown.status_code, plain(unknown.text))
    assert links.post_links(pages.world.season, pages.db, pages.world.now) == 2
    assert len(pages.world.messages("sign_in")) == before >= 2


@pytest.mark.parametrize("role", roster.ROLES)
def test_each_start_of_the_service_sees_to_it_too(pages: Pages, role: str) -> None:
    address = somebody(pages, role)
    browser = inside(pages, role, address)
    with pages.db.writing() as session:
        roster.lay(pages.world.season, session, pages.world.now)
    assert browser.get(HOME[role]).status_code == 303 and standing(pages, address) == 0


@pytest.mark.parametrize("role", OLD)
def test_another_in_the_same_place_inherits_nothing(pages: Pages, role: str) -> None:
    browser = inside(pages, role, WAS[role])
    pages.phone(WAS[role])
    with pages.db.writing() as session:
        was = queries.staff(session, role, [KEYS[role]])[0].id
        session.add(RecoveryCode(person_id=was, code_hash="0" * 64, made_at=pages.world.now))
    take(pages, renamed(role, "Uus Inimene", NEW))
    assert browser.get(HOME[role]).status_code == 303 and standing(pages, WAS[role]) == 0
    with pages.db.reading() as session:
        rows = session.scalars(sa.select(Person).where(Person.role == role, Person.id >= was)).all()
        here = {p.name: (p.key, p.left_at is None) for p in rows if p.name in (OLD[role], "Uus Inimene")}
        assert here == {OLD[role]: (None, False), "Uus Inimene": (KEYS[role], True)}
        for table in (SecondFactor, RecoveryCode):
            assert session.scalars(sa.select(table).where(table.person_id == was)).all() == []
    inside(pages, role, NEW)
    take(pages, renamed(role, "Uus Inimene", NEW))
    assert standing(pages, NEW) == 1, "at rest nothing is ended"


@pytest.mark.parametrize("role", OLD)
def test_a_mailbox_that_goes_to_another_human_takes_no_session_along(pages: Pages, role: str) -> None:
    browser = inside(pages, role, WAS[role])
    pages.phone(WAS[role])
    take(pages, renamed(role, "Uus Inimene", WAS[role]))
    assert browser.get(HOME[role]).status_code == 303
    with pages.db.reading() as session:
        assert session.scalars(sa.select(SecondFactor)).all() == []


@pytest.mark.parametrize("role", OLD)
def test_who_moves_to_another_address_signs_in_there_and_keeps_the_second_step(pages: Pages, role: str) -> None:
    browser, other = inside(pages, role, WAS[role]), pages.browser()
    pages.phone(WAS[role])
    other.post("/signin", {"address": WAS[role]})
    waiting = pages.link()
    take(pages, renamed(role, OLD[role], NEW))
    assert browser.get(HOME[role]).status_code == 303 and other.post(waiting).status_code == 410
    with pages.db.reading() as session:
        assert session.scalars(sa.select(SecondFactor)).all() != []
        assert session.scalars(sa.select(SignIn).where(SignIn.used_at.is_(None))).all() == []


@pytest.mark.parametrize("role", OLD)
def test_a_name_put_right_ends_nothing(pages: Pages, role: str) -> None:
    browser = inside(pages, role, WAS[role])
    take(pages, renamed(role, OLD[role].replace(" ", " Maria "), WAS[role]))
    assert browser.get(HOME[role]).status_code == 200 and standing(pages, WAS[role]) == 1


def test_who_is_named_again_is_back_and_signs_in_anew(pages: Pages) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    start = text.index('[[mentors]]\nkey = "sample"')
    block = text[start : text.index("# The first coordinator", start)]
    browser = inside(pages, "mentor", "alex.sample@example.org")
    take(pages, {block: ""})
    assert browser.get("/staff/mentor").status_code == 303
    take(pages, {})
    assert browser.get("/staff/mentor").status_code == 303
    inside(pages, "mentor", "alex.sample@example.org")


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world, "Võru", "I", wishes="I")


def reviewed(pages: Pages, crew: Crew) -> None:
    """One work that Maris accepted, and one that waits for a trainer."""
    pages.world.wait_until(APRIL)
    crew.replies("homework", "Siin.", person=crew.contact.address, files={"kodutöö.pdf": b"%PDF-1.4 kaart"})
    pages.world.wait(days=7)  # with the first reminder every trainer of the stage is asked
    pages.world.replies("review", "JAH", person=WAS["trainer"])


def test_reviews_stay_and_open_ones_go_to_the_successor(pages: Pages, crew: Crew) -> None:
    reviewed(pages, crew)
    with pages.db.reading() as session:
        waiting = [q.id for q in queries.open_questions(session, person_id=_staff(pages, "trainer").id)]
    assert waiting
    take(pages, renamed("trainer", "Uus Inimene", NEW))
    with pages.db.reading() as session:
        work = session.scalars(sa.select(Submission)).one()
        assert work.reviewed_by_id is not None
        assert session.get_one(Person, work.reviewed_by_id).name == OLD["trainer"]
        new = queries.staff(session, "trainer", ["maris"])[0]
        assert new.name == "Uus Inimene"
        assert {q.id for q in queries.open_questions(session, person_id=new.id)} >= set(waiting)
    assert NEW in {m.to_address for m in pages.world.messages("passed_on")}


def test_what_a_left_trainer_owed_goes_to_a_colleague_of_the_same_stage(pages: Pages, crew: Crew) -> None:
    pages.world.wait_until(APRIL)
    old = _staff(pages, "trainer")
    with pages.db.writing() as session:
        (asked, *_) = queries.open_questions(session, person_id=old.id)
        for addressee in list(asked.addressees):
            if addressee.person_id != old.id:
                mails = sa.update(Message).where(Message.addressee_id == addressee.id)
                session.execute(mails.values(addressee_id=None))
                session.delete(addressee)
        session.flush()
        person = session.get_one(Person, old.id)
        person.key, asked_id, stage = "endine", asked.id, asked.stage
    take(pages, {})
    with pages.db.reading() as session:
        found = session.get_one(Question, asked_id)
        heirs = [a.person for a in found.addressees if a.person.left_at is None]
        led = next(s.trainers for s in pages.world.season.programme.stages if s.key == stage)
        assert found.closed_at is None and len(heirs) == 1
        assert not led or heirs[0].key in led


def test_hours_stay_and_the_teams_go_to_the_successor(pages: Pages, crew: Crew) -> None:
    mentor = mentored(pages.world, crew, 90, 45)
    said = f'name = "{mentor.name}"\naddress = "{mentor.address}"'
    changes = {said: f'name = "Uus Inimene"\naddress = "{NEW}"'}  # in both places that this one human has
    before = pages.world.messages("mentor_welcome")
    take(pages, changes)
    with pages.db.reading() as session:
        assert [(r.person_id, r.minutes) for r in session.scalars(sa.select(HoursRow))] == [
            (mentor.id, 90), (mentor.id, 45),
        ]  # fmt: skip
        (at_side,) = queries.mentorships(session, crew.id)
        assert at_side.person.name == "Uus Inimene"
        assert queries.ledger_balance(session, pages.world.season.programme, crew.id).used == 135
    welcomed = pages.world.messages("mentor_welcome")[len(before) :]
    assert [m.to_address for m in welcomed] == [NEW]


def test_a_team_left_without_a_mentor_is_told_to_the_coordinator(pages: Pages, crew: Crew) -> None:
    mentor = mentored(pages.world, crew, 90)
    with pages.db.writing() as session:
        session.get_one(Person, mentor.id).key = "endine"
    take(pages, {})
    take(pages, {})
    with pages.db.reading() as session:
        (row,) = session.scalars(sa.select(Mentorship).where(Mentorship.person_id == mentor.id)).all()
        assert row.until is not None
        (told,) = session.scalars(sa.select(Alert).where(Alert.kind == "left")).all()
        assert "Võru" in told.says["et"] and mentor.name in told.says["et"]
        assert session.scalars(sa.select(HoursRow.minutes)).all() == [90]
    assert [row.event for row in crew.history()][-1] == "mentor_left"


@pytest.mark.parametrize(
    ("name", "address", "another"),
    [
        ("Mari Kask", "mari@example.org", False),
        ("MARI KASK", "mari@example.net", False),
        ("Mari Tamm", "mari@example.org", False),
        ("Mari Tamm", "mari.tamm@example.org", True),
        ("Jüri Kuusk", "mari@example.org", True),
    ],
)
def test_in_doubt_it_is_another_human_being(name: str, address: str, another: bool) -> None:
    person = Person(name="Mari Kask", address="mari@example.org", address_key="mari@example.org")
    named = Named.model_construct(key="mari", name=name, address=address)
    assert roster.is_another(person, named) is another


def _staff(pages: Pages, role: str) -> Person:
    with pages.db.reading() as session:
        return queries.staff(session, role, [KEYS[role]])[0]
