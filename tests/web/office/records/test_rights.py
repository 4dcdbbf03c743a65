"""A person's rights on the coordinator's page: their copy as a ZIP; forgetting shown first, then exactly that, once."""

import html
import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from mail.handling import reply_text
from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import KEY, Pages, build
from tests.web.files.clamd_server import EICAR, Clamd
from tests.web.files.test_downloads import scanned, work
from tests.web.office_season import Desk, at_the_desk
from workflow.database.engine import Database
from workflow.database.models import Alert, Erasure, Person, Submission
from workflow.privacy import erase_person

WHY = "Palus ise telefonil, 12. aprillil."


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world, "Võru", members=5)


@pytest.fixture
def desk(pages: Pages, crew: Crew) -> Desk:
    return at_the_desk(pages)


def where(person: Person) -> str:
    return f"/office/people/{person.id}/forget"


def digest(page: str) -> str:
    return page.partition('name="digest" value="')[2].partition('"')[0]


def listed(page: str) -> list[str]:
    return [html.unescape(line) for line in re.findall(r"<li>(.*?)</li>", page.partition("<main")[2])]


def erased(pages: Pages) -> int:
    with pages.db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Erasure)) or 0


def row(pages: Pages, person: Person) -> Person:
    with pages.db.reading() as session:
        return session.get_one(Person, person.id)


def test_what_would_be_done_is_the_commands_own_list_and_nothing_is_done(pages: Pages, crew: Crew, desk: Desk) -> None:
    person = crew.people()[2]
    with pages.db.writing() as session:
        trial = session.begin_nested()
        told = erase_person.forget(
            pages.world.season, session, person.address, pages.world.now, key=KEY.encode(), plain=reply_text.words
        )
        trial.rollback()
    assert isinstance(told, erase_person.Forgotten)
    before = pages.digest()
    for lang in ("et", "en"):
        assert person.name in desk.get(where(person), lang)
        page = desk.browser.post(f"{where(person)}?lang={lang}", {"why": WHY}).text
        assert listed(page) == list(told.lines(lang)) and len(listed(page)) > 5
        assert WHY in page
    assert pages.digest() == before


def test_after_the_yes_nothing_is_left_and_every_coordinator_is_told_by_whom_and_why(
    pages: Pages, crew: Crew, desk: Desk
) -> None:
    person = crew.people()[2]
    why = f"{person.name} ({person.address}) palus ise."
    page = desk.send(where(person), why=why)
    assert digest(page)
    done = desk.send(where(person), why=why, digest=digest(page), sure="yes")
    assert "Unustatud. Raamatutes on ta nüüd „Endine liige 1“." in done
    assert (row(pages, person).name, row(pages, person).address) == ("Endine liige 1", "")
    assert person.id not in {p.id for p in crew.people()} and len(crew.people()) == 4
    with pages.db.reading() as session:
        (told,) = session.scalars(sa.select(Alert).where(Alert.key == f"forgotten:{person.id}")).all()
        everything = repr(
            [tuple(r) for t in (Alert.__table__, Erasure.__table__) for r in session.execute(sa.select(t))]
        )
    assert "Kati-Katri Koppel" in told.says["et"] and "palus ise" in told.says["en"]
    assert person.name not in everything and person.address not in everything
    assert "Endine liige 1" in desk.get("/office") and erased(pages) == 1


def test_a_second_click_changes_nothing(pages: Pages, crew: Crew, desk: Desk) -> None:
    person = crew.people()[2]
    form = {"why": WHY, "digest": digest(desk.send(where(person), why=WHY)), "sure": "yes"}
    desk.send(where(person), **form)
    before = pages.digest()
    assert "See inimene on juba unustatud." in desk.send(where(person), **form)
    assert "is forgotten already" in desk.browser.get(f"{where(person)}?lang=en", follow_redirects=True).text
    for path in (where(person), f"/office/people/{person.id}/data.zip"):
        assert desk.browser.get(path).status_code == 303
    assert "Unusta see inimene" not in desk.get(f"/office/people/{person.id}")
    assert pages.digest() == before and erased(pages) == 1


def test_without_a_reason_or_the_tick_nothing_is_done(pages: Pages, crew: Crew, desk: Desk) -> None:
    person = crew.people()[2]
    before = pages.digest()
    for form, says in (({}, "Kirjutage, kes seda palus"), ({"why": " "}, "Kirjutage, kes seda palus")):
        answer = desk.browser.post(where(person), form)
        assert answer.status_code == 400 and says in answer.text and 'aria-invalid="true"' in answer.text
    form = {"why": WHY, "digest": digest(desk.send(where(person), why=WHY))}
    answer = desk.browser.post(where(person), form)
    assert answer.status_code == 400 and "Märkige" in answer.text and digest(answer.text) == form["digest"]
    assert pages.digest() == before


def test_what_changed_since_is_shown_again(pages: Pages, crew: Crew, desk: Desk) -> None:
    person = crew.people()[2]
    page = desk.send(where(person), why=WHY)
    pages.world.write(person.address, f"info@{pages.world.identity.domain}", "Tere, mul on veel üks küsimus.")
    answer = desk.browser.post(where(person), {"why": WHY, "digest": digest(page), "sure": "yes"})
    assert answer.status_code == 409 and digest(answer.text) not in ("", digest(page))
    assert row(pages, person).address == person.address and erased(pages) == 0
    desk.send(where(person), why=WHY, digest=digest(answer.text), sure="yes")
    assert row(pages, person).address == ""


def test_whoever_config_names_is_not_forgotten_and_the_page_says_why(pages: Pages, desk: Desk) -> None:
    with pages.db.reading() as session:
        trainer = session.scalars(sa.select(Person).where(Person.role == "trainer")).first()
    assert trainer is not None
    before = pages.digest()
    assert "config.toml" in desk.browser.post(where(trainer), {"why": WHY}).text
    assert pages.digest() == before


def test_an_old_sign_in_is_confirmed_first(pages: Pages, crew: Crew, desk: Desk) -> None:
    person = crew.people()[2]
    form = {"why": WHY, "digest": digest(desk.send(where(person), why=WHY)), "sure": "yes"}
    pages.world.now += timedelta(minutes=11)
    before = pages.digest()
    for answer in (
        desk.browser.get(where(person)), desk.browser.get(f"/office/people/{person.id}/data.zip"),
        desk.browser.post(where(person), form),
    ):  # fmt: skip
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/signin/second")
    with pages.db.reading() as session:
        assert session.get_one(Person, person.id).address == person.address
    assert before and erased(pages) == 0


def test_the_list_outside_the_database_is_kept_before_the_erasure_is(db: Database) -> None:
    pages = build(db)
    crew = pages.world.apply("Võru", members=5)
    person, desk = crew.people()[2], at_the_desk(pages)
    kept: list[Mapping[str, datetime]] = []

    def breaks(marks: Mapping[str, datetime]) -> None:
        kept.append(marks)
        raise OSError("the disk is full")

    object.__setattr__(pages.app.extensions["teekond"].rights, "note", breaks)
    page = desk.send(where(person), why=WHY)
    form = {"why": WHY, "digest": digest(page), "sure": "yes"}
    assert desk.browser.post(where(person), form).status_code == 500
    assert len(kept) == 1 and list(kept[0]) == [erase_person.mark(person.address.lower(), KEY.encode())]
    assert row(pages, person).address == person.address and erased(pages) == 0


def test_of_two_coordinators_at_once_one_forgets(db: Database) -> None:
    pages = build(db)
    crew = pages.world.apply("Võru", members=5)
    person, desks = crew.people()[2], [at_the_desk(pages), at_the_desk(pages)]
    forms = [{"why": WHY, "digest": digest(desk.send(where(person), why=WHY)), "sure": "yes"} for desk in desks]
    starts, said = Barrier(2), list[str]()

    def press(desk: Desk, form: dict[str, str]) -> None:
        starts.wait()
        said.append(desk.browser.post(f"{where(person)}?lang=en", form, follow_redirects=True).text)

    both = [Thread(target=press, args=pair) for pair in zip(desks, forms, strict=True)]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    assert len(said) == 2
    assert sum("Forgotten. In the books" in page for page in said) == 1
    assert sum("is forgotten already" in page for page in said) == 1
    assert erased(pages) == 1


def test_the_copy_is_the_commands_and_each_is_noted(
    pages: Pages, crew: Crew, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    person = crew.people()[2]
    pages.world.write(
        person.address, f"info@{pages.world.identity.domain}", "Tere!", files={"kaart.pdf": b"%PDF-1.4 kaart"}
    )
    with caplog.at_level("INFO", logger="teekond.security"):
        answer = desk.browser.get(f"/office/people/{person.id}/data.zip")
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    told = json.loads(packed.read("person-data.json"))
    assert told["address"] == person.address and {s["table"] for s in told["data"]} >= {"people", "letters", "messages"}
    assert any(name.endswith(".eml") for name in packed.namelist())
    noted = [json.loads(r.getMessage()) for r in caplog.records if "person data read" in r.getMessage()]
    assert [n["about"] for n in noted] == [person.id] and "left_out_by_the_virus_scanner" not in told


def test_what_the_scanner_does_not_pass_stays_out_of_the_copy(sqlite_db: Database, tmp_path: Path) -> None:
    scanner = Clamd(tmp_path)
    pages = scanned(sqlite_db, str(scanner.path))
    work(pages, {"puhas.pdf": b"%PDF-1.4 kaart", "viirus.pdf": EICAR})
    with pages.db.reading() as session:
        person = session.scalars(sa.select(Person).join(Submission, Submission.person_id == Person.id)).first()
    assert person is not None
    answer = at_the_desk(pages).browser.get(f"/office/people/{person.id}/data.zip")
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    told = json.loads(packed.read("person-data.json"))
    (left_out,) = told["left_out_by_the_virus_scanner"]
    inside = {name: packed.read(name) for name in packed.namelist()}
    assert left_out.startswith("files/") and left_out not in inside
    assert b"%PDF-1.4 kaart" in inside.values() and EICAR not in b"".join(inside.values())
    assert scanner.scanned >= len(inside)
    scanner.end()
