"""The board: where every team stands, in a number of queries that does not grow."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.season_snapshots import confirmed
from tests.web import large_season
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from web.office import drawings
from workflow.database.models import Team
from workflow.records import queries
from workflow.rules.machine import Refusal, Trigger
from workflow.views import board

QUERIES = 12


@contextmanager
def counted(pages: Pages) -> Iterator[list[str]]:
    """The queries made meanwhile."""
    made: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            made.append(statement)

    sa.event.listen(pages.db.engine, "before_cursor_execute", note)
    yield made
    sa.event.remove(pages.db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("teams", [10, 1000])
def test_the_board_takes_at_most_twelve_queries_however_many_teams(pages: Pages, teams: int) -> None:
    large_season.teams(pages, teams)
    desk = at_the_desk(pages)
    with counted(pages) as made:
        page = desk.get("/office/board")
    assert page.count('<th scope="row">') == min(teams, board.PAGE)
    assert f"Meeskondi: {teams}" in page
    assert len(made) <= QUERIES, "\n".join(made)


def test_every_team_stands_on_one_page_of_the_board(pages: Pages) -> None:
    large_season.teams(pages, 100)
    desk, found = at_the_desk(pages), []
    for number in range(1, 5):
        found += re.findall(r'scope="row"><a href="/office/team/(\d+)"', desk.get(f"/office/board?page={number}"))
    assert len(found) == len(set(found)) == 100
    assert "91–100" in desk.get("/office/board?page=4") and 'aria-current="page"' in desk.get("/office/board?page=99")


def test_nothing_is_missing_of_a_team_that_left(pages: Pages) -> None:
    team = confirmed(pages.world)
    assert "Osalemine on märkimata" in at_the_desk(pages).get("/office/board")
    team.move(Trigger.WITHDRAW)
    page = at_the_desk(pages).get("/office/board")
    assert "Osalemine on märkimata" not in page and "alates 1. veebruarist 2022" in page and "Taasta osalemine" in page


@pytest.mark.parametrize("search", ["õru", "ÕRU", "oru", "põlva"])
def test_a_team_is_found_whatever_the_capitals_and_accents(pages: Pages, search: str) -> None:
    team = pages.world.apply("Õru")
    pages.world.apply("Saku")
    with pages.db.writing() as session:
        session.get_one(Team, team.id).home = "Põlva vald"
    page = at_the_desk(pages).get(f"/office/board?q={search}")
    assert f"/office/team/{team.id}" in page and "Saku" not in page


def test_nobody_found_on_the_board_says_what_to_do(pages: Pages) -> None:
    pages.world.apply("Saku")
    page = at_the_desk(pages).get("/office/board?q=puudub")
    assert "Ühtegi meeskonda ei leitud" in page and "Näita kõiki meeskondi" in page


def test_facts_gathered_together_are_those_gathered_one_by_one(pages: Pages) -> None:
    world = pages.world
    travelling, waiting, out = world.apply("Võru").confirmed(), world.apply("Rõuge").selected(), world.apply("Saku")
    out.verified().move(Trigger.DECLINE)
    world.apply("Tapa")
    travelling.replies("rsvp", "JAH")
    with pages.db.reading() as session:
        found = board.standings(world.season, session, world.now)
        assert len(found) == 4
        for each in found:
            alone = queries.facts(session, world.season.machine, each.team)
            assert replace(each.facts, group_taken={}) == replace(alone, group_taken={}), each.team.name
        assert {s.team.state for s in found} == {"workshop_1", "selected", "declined", "applied"}
    assert waiting.state == "selected"


def test_a_step_that_is_refused_has_every_reason(pages: Pages) -> None:
    pages.world.apply("Tapa")
    with pages.db.reading() as session:
        (tapa,) = board.standings(pages.world.season, session, pages.world.now)
    steps = {step.trigger: step for step in tapa.steps}
    assert isinstance(steps[Trigger.SELECT].decision, Refusal)
    assert [r.key for r in steps[Trigger.SELECT].refused] == ["verified"]
    assert steps[Trigger.DECLINE].refused == ()


def test_the_board_speaks_both_languages_and_filters_by_group(pages: Pages) -> None:
    team = confirmed(pages.world, "Võru", "I")
    desk = at_the_desk(pages)
    page = desk.get("/office/board", "et")
    assert "Võru" in page and "I töötuba" in page and "Meeskonnad teekonnal. I töötuba: 1" in page
    assert "Workshop I: 1" in desk.get("/office/board", "en")
    assert "Võru" in desk.get("/office/board?group=I")
    assert f"/office/team/{team.id}" not in desk.get("/office/board?group=II")
    assert f"/office/team/{team.id}" in desk.get("/office/board?group=nonsense")


def test_an_empty_board_says_what_is_next(pages: Pages) -> None:
    assert "Taotlusi saab esitada hiljemalt" in at_the_desk(pages).get("/office/board")


def test_pictures_escape_every_word() -> None:
    stop = drawings.Stop(key="x", name='<script>"&', count=3)
    for picture in (drawings.journey([stop], "<b>", "<i>"), drawings.journey_down([stop], "<b>", "<i>")):
        assert "<script>" not in picture and "<b>" not in picture and "&lt;script&gt;" in picture
    assert "<u>" not in drawings.hours_bar(30, 10, 60, "<u>")


def test_many_places_are_a_bar_and_few_are_dots() -> None:
    assert str(drawings.seats(3, 2, 10, "x")).count("<circle") == 10
    many = str(drawings.seats(300, 40, 10, "300 of 10"))
    assert "<circle" not in many and "300 of 10" in many and len(many) < 1_000


def test_a_bar_beyond_its_cap_stays_within_its_picture() -> None:
    bar = str(drawings.hours_bar(1200, 0, 960, "20 h"))
    assert 'class="bar-given" x="0" y="2" width="400.0"' in bar
    assert 'class="bar-room" x="0" y="2" width="320.0"' in bar
