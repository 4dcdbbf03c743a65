"""Dossiers: the newest version of each work that stands, in one ZIP whose names mean nothing to any file system."""

import io
import zipfile

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from web.office.records import dossier
from workflow.database.models import File, Submission, Team


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return pages.world.apply("Võru").confirmed("I")


def handed_in(pages: Pages, crew: Crew, stage: str, status: str, *files: tuple[str, bytes], text: str = "") -> None:
    question = pages.world.asked("rsvp", team=crew.id)[0]
    with pages.db.writing() as session:
        session.add(
            Submission(
                team_id=crew.id,
                stage=stage,
                question_id=question.id,
                person_id=crew.contact.id,
                text=text,
                at=pages.world.now,
                status=status,
                files=[
                    File(name=name, media_type="text/plain", size=len(content), sha256="0" * 64, content=content)
                    for name, content in files
                ],
            )
        )


def fetched(desk: Desk, path: str) -> dict[str, bytes]:
    answer = desk.browser.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment;")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def test_the_newest_accepted_version_of_each_work_is_in_it(pages: Pages, crew: Crew) -> None:
    handed_in(pages, crew, "workshop_1", "accepted", ("kaart.txt", b"vana"))
    handed_in(pages, crew, "workshop_1", "accepted", ("kaart.txt", b"uus"), ("Kaart.TXT", b"teine"), text="Seletus")
    handed_in(pages, crew, "workshop_1", "returned", ("kaart.txt", b"tagasi"))
    handed_in(pages, crew, "workshop_2", "handed_in", ("pooleli.txt", b"pooleli"))
    handed_in(pages, crew, "final_seminar", "handed_in", ("esitlus.pdf", b"%PDF"))
    found = fetched(at_the_desk(pages), f"/office/team/{crew.id}/dossier.zip")
    root = f"Võru-{crew.id}"
    assert found[f"{root}/01-I töötuba/kaart.txt"] == b"uus"
    assert found[f"{root}/01-I töötuba/Kaart-2.TXT"] == b"teine"
    assert found[f"{root}/01-I töötuba/tekst.txt"] == b"Seletus"
    assert b"%PDF" in found.values() and not {b"vana", b"tagasi", b"pooleli"} & set(found.values())
    readme = found[f"{root}/README.txt"].decode()
    assert "I töötuba / Workshop I: 2022-" in readme and "II töötuba / Workshop II: ei ole veel / not yet" in readme


def test_names_mean_nothing_to_a_file_system(pages: Pages, crew: Crew) -> None:
    with pages.db.writing() as session:
        session.execute(sa.update(Team).values(name="../../etc/passwd:*?"))
    handed_in(pages, crew, "workshop_1", "accepted", ("../../x.txt", b"1"), ("CON.txt", b"2"), ("x" * 300, b"3"))
    for name in fetched(at_the_desk(pages), f"/office/team/{crew.id}/dossier.zip"):
        parts = name.split("/")
        assert len(parts) in (2, 3) and ".." not in parts and not name.startswith("/")
        assert all(part and len(part) <= 160 and not set(part) & set('\\:*?"<>|') for part in parts)


def test_all_teams_stand_side_by_side(pages: Pages, crew: Crew) -> None:
    other = pages.world.apply("Kose").confirmed("I")
    pages.world.apply("Tühi").confirmed("I")
    for one in (crew, other):
        handed_in(pages, one, "workshop_1", "accepted", ("kaart.txt", b"kaart"))
    roots = {name.split("/")[0] for name in fetched(at_the_desk(pages), "/office/reports/dossiers.zip")}
    assert roots == {f"Võru-{crew.id}", f"Kose-{other.id}"}


def test_a_large_file_goes_through_a_temporary_file(pages: Pages, crew: Crew) -> None:
    large = bytes(range(256)) * 40_000
    assert len(large) > dossier.IN_MEMORY
    handed_in(pages, crew, "workshop_1", "accepted", ("suur.bin", large))
    found = fetched(at_the_desk(pages), f"/office/team/{crew.id}/dossier.zip")
    assert found[f"Võru-{crew.id}/01-I töötuba/suur.bin"] == large


def test_own_ratings_are_reported_without_a_name(pages: Pages, crew: Crew) -> None:
    desk = at_the_desk(pages)
    assert "Siin ei ole veel midagi näidata" in desk.get("/office/reports/reflection")
    for person in crew.people()[:3]:
        door = pages.door("reflection", team=crew.id, person=person.address)
        pages.browser().post(door, {"answer": "ratings", "rate-know_1": "4"})
    pages.world.wait(days=16)
    page = at_the_desk(pages).get("/office/reports/reflection", "en")
    assert "4.00" in page and '<circle class="rate-before"' in page and "before 4.00, after –" in page
    assert not any(person.name in page for person in crew.people())
