"""A season in full swing for the tests of the coordinator's pages: plain builders over `tests.builders`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.builders import Crew, World
from tests.web.conftest import Browser, Pages
from workflow.database.models import HoursRow, Person, Team
from workflow.journey import mentoring, moves
from workflow.records import queries
from workflow.rules.hours import EntryKind
from workflow.rules.machine import Trigger

COORDINATOR = "koordinaator@example.org"
APRIL = datetime(2022, 4, 7, 9, 0, tzinfo=UTC)
JULY = datetime(2022, 7, 20, 9, 0, tzinfo=UTC)


@dataclass
class Desk:
    """The coordinator at the desk."""

    pages: Pages
    browser: Browser

    def get(self, path: str, lang: str = "et") -> str:
        answer = self.browser.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def send(self, path: str, **data: object) -> str:
        """A form sent once, and the page that follows."""
        answer = self.browser.post(path, data, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def confirm(self, path: str, **data: object) -> str:
        """A form that shows first what it brings: looked at, then confirmed."""
        page = self.send(path, **data)
        assert 'name="digest"' in page, page
        return self.send(path, **data, **shown(page))


def shown(page: str) -> dict[str, str]:
    """What a page that lists consequences sends back with the yes."""
    return {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("digest", "seen")}


def at_the_desk(pages: Pages) -> Desk:
    browser = pages.browser()
    assert browser.sign_in(pages, COORDINATOR).status_code in (200, 303)
    return Desk(pages, browser)


def mentored(world: World, crew: Crew, *lengths: int) -> Person:
    """The team with a mentor at its side who reported these minutes; what does not fit the cap is held."""
    with world.db.writing() as session:
        team, mentor = session.get_one(Team, crew.id), queries.staff(session, "mentor")[0]
        mentoring.assign(world.season, session, team, mentor, world.coordinator(), world.now)
        for minutes in lengths:
            left = queries.ledger_balance(session, world.season.programme, team.id).left
            kind = EntryKind.REPORTED if minutes <= left else EntryKind.HELD
            session.add(
                HoursRow(
                    team_id=team.id,
                    stage="mentoring",
                    person_id=mentor.id,
                    kind=kind,
                    minutes=minutes,
                    day=world.now.date(),
                    month=f"{world.now:%Y-%m}",
                    at=world.now,
                )
            )
            session.flush()
        return mentor


def decide(world: World, crew: Crew, trigger: Trigger, group: str | None = None, rank: int | None = None) -> None:
    with world.db.writing() as session:
        team = session.get_one(Team, crew.id)
        moves.provide(team, trigger, group)
        team.rank = rank
