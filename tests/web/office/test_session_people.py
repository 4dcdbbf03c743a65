"""A session has people: who comes, who is silent, what they need, and the sheet that they sign."""

import sqlalchemy as sa

from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from workflow.database.models import Addressee, Person, Question, StageSession
from workflow.rules.machine import Trigger


def _first(pages: Pages, group: str = "I") -> int:
    with pages.db.reading() as session:
        query = sa.select(StageSession.id).where(StageSession.stage == "workshop_1", StageSession.group == group)
        return session.scalars(query).one()


def _says(pages: Pages, person: Person, answer: str, text: str = "") -> None:
    """By the form, of the first workshop."""
    query = sa.select(Addressee.secret).join(Addressee.question)
    query = query.where(Addressee.person_id == person.id, Question.kind == "rsvp", Question.stage == "workshop_1")
    with pages.db.reading() as session:
        secret = session.scalars(query).one()
    assert pages.browser().post(f"/q/{secret}", {"answer": answer, "text": text}).status_code == 200


def _about(page: str, name: str) -> str:
    """The row of one person."""
    return page.partition(f'<th scope="row">{name}</th>')[2].partition("</tr>")[0]


def test_who_comes_who_is_silent_and_what_they_wrote(pages: Pages) -> None:
    pages.world.apply("Kose").confirmed("II")
    crew = pages.world.apply("Võru").invited("I")
    people = crew.people()
    _says(pages, people[1], "no", "olen siis haiglas")
    _says(pages, people[2], "yes", "Olen taimetoitlane <b>")
    desk = at_the_desk(pages)
    page = desk.get(f"/office/calendar/{_first(pages)}")
    assert "ei tule" in _about(page, people[1].name) and "haiglas" in _about(page, people[1].name)
    assert "tuleb" in _about(page, people[2].name) and "taimetoitlane &lt;b&gt;" in _about(page, people[2].name)
    assert "vastamata" in _about(page, people[3].name) and "Kose" not in page.partition('id="who"')[2]


def test_the_sheet_is_two_clicks_away_and_names_whoever_may_come(pages: Pages) -> None:
    crew = pages.world.apply("Võru").invited("I")
    people = crew.people()
    _says(pages, people[1], "no")
    with pages.db.writing() as session:
        session.get_one(Person, people[3].id).left_at = pages.world.now
    desk, number = at_the_desk(pages), _first(pages)
    assert f'href="/office/calendar/{number}"' in desk.get("/office/calendar")
    assert f'href="/office/calendar/{number}/sheet"' in desk.get(f"/office/calendar/{number}")
    sheet = desk.get(f"/office/calendar/{number}/sheet").partition('<table class="sheet">')[2]
    assert [one.name in sheet for one in people] == [True, False, True, False]
    assert sheet.count("<tr>") == 1 + 2 + 4 and people[0].address not in sheet


def test_a_trainer_sees_the_people_of_the_sessions_that_they_lead_and_of_no_other(pages: Pages) -> None:
    crew = pages.world.apply("Võru").invited("I")
    programme = pages.world.season.programme
    leads = programme.stage("workshop_1").trainers
    mine = next(one for one in programme.trainers if one.key in leads)
    browser, number = pages.browser(), _first(pages)
    browser.sign_in(pages, mine.address)
    assert f'href="/staff/trainer/session/{number}"' in browser.get("/staff/trainer").text
    for page in (f"/staff/trainer/session/{number}", f"/staff/trainer/session/{number}/sheet"):
        assert crew.people()[2].name in browser.get(page).text
    other = next((one for one in programme.trainers if one.key not in leads), None)
    if other is not None:
        stranger = pages.browser()
        stranger.sign_in(pages, other.address)
        assert stranger.get(f"/staff/trainer/session/{number}").status_code == 404


def test_a_team_that_is_out_is_not_among_them(pages: Pages) -> None:
    pages.world.apply("Kose").confirmed("I")
    crew = pages.world.apply("Võru").invited("I")
    crew.move(Trigger.WITHDRAW, why="ei jõua")
    page = at_the_desk(pages).get(f"/office/calendar/{_first(pages)}").partition('id="who"')[2]
    assert "Kose" in page and crew.people()[0].name not in page
