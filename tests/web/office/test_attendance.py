"""The session's page: the coordinator corrects who was there, sees first what it changes, and both stay on record."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from workflow.database.models import Attendance, StageSession

STAGE = "workshop_1"


@pytest.fixture
def crew(pages: Pages) -> Crew:
    crew = confirmed(pages.world, "Võru", "I")
    pages.world.wait_until(pages.world.season.programme.session(STAGE, "I").end + timedelta(hours=1))
    pages.world.replies("roll_call", f"Puudus {crew.people()[3].name}")
    return crew


@pytest.fixture
def desk(pages: Pages, crew: Crew) -> Desk:
    return at_the_desk(pages)


def place(pages: Pages) -> str:
    with pages.db.reading() as session:
        meeting = session.scalars(
            sa.select(StageSession).where(StageSession.stage == STAGE, StageSession.group == "I")
        ).one()
    return f"/office/calendar/{meeting.id}"


def rows(pages: Pages) -> list[Attendance]:
    with pages.db.reading() as session:
        return list(session.scalars(sa.select(Attendance).order_by(Attendance.id)))


def test_the_page_shows_what_a_correction_changes_and_then_does_it(pages: Pages, crew: Crew, desk: Desk) -> None:
    people, path = crew.people(), place(pages)
    assert f'name="came-{people[3].id}"' in desk.get(path)
    typed: dict[str, object] = {f"came-{people[1].id}": "no", f"came-{people[3].id}": "yes", "why": "nimekirja järgi"}
    before = desk.send(f"{path}/attendance", **typed)
    assert f"{people[1].name}: kohal → puudus" in before and "nõue on täidetud" in before and len(rows(pages)) == 4
    desk.confirm(f"{path}/attendance", **typed)
    added = rows(pages)[4:]
    assert {(row.person_id, row.present, row.why) for row in added} == {
        (people[1].id, False, "nimekirja järgi"), (people[3].id, True, "nimekirja järgi"),
    }  # fmt: skip
    assert crew.history()[-1].event == "attendance_corrected"
    assert "nimekirja järgi" in desk.get(f"/office/team/{crew.id}")


@pytest.mark.parametrize(("why", "says"), [("", "Kirjutage paranduse põhjus"), ("proov", "Nii on juba kirjas")])
def test_without_a_reason_or_a_change_nothing_is_recorded(
    pages: Pages, crew: Crew, desk: Desk, why: str, says: str
) -> None:
    data: dict[str, object] = {f"came-{crew.people()[0].id}": "yes", "why": why}
    assert says in desk.send(f"{place(pages)}/attendance", **data)
    assert len(rows(pages)) == 4


def test_the_trainer_corrects_on_the_same_form(pages: Pages, crew: Crew) -> None:
    people, door = crew.people(), pages.door("roll_call")
    assert 'name="absent"' in pages.browser().get(f"{door}?lang=et").text
    pages.browser().post(f"{door}?lang=et", {"answer": "some", "absent": [str(people[0].id)]})
    assert [row.person_id for row in rows(pages)[4:]] == [people[0].id, people[3].id]
