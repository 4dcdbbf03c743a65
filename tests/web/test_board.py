"""The board: where every team stands, in a number of queries that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.web.conftest import Pages
from tests.web.desk import at_the_desk
from web import drawings
from workflow import overview, queries
from workflow.machine import Refusal, Trigger
from workflow.models import Person, Team

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


def fill(pages: Pages, number: int) -> None:
    """Many teams that applied, written straight into the tables."""
    now = pages.world.now
    with pages.db.writing() as session:
        for i in range(number):
            team = Team(
                name=f"Meeskond {i:03d}",
                municipality="Võru vald",
                lang="et",
                state="applied" if i % 3 else "workshop_1",
                state_since=now,
                applied_at=now,
                verified_at=now,
                group="I" if i % 2 else "II",
            )
            team.people = [
                Person(
                    role="member",
                    name=f"Liige {i} {j}",
                    address=f"l{i}.{j}@example.org",
                    address_key=f"l{i}.{j}@example.org",
                    address_state="ok",
                    lang="et",
                    side="municipality" if j % 2 else "community",
                    part="contact" if j == 0 else "member",
                    joined_at=now,
                )
                for j in range(4)
            ]
            session.add(team)


@pytest.mark.parametrize("teams", [10, 200])
def test_the_board_takes_at_most_twelve_queries_however_many_teams(pages: Pages, teams: int) -> None:
    fill(pages, teams)
    desk = at_the_desk(pages)
    with counted(pages) as made:
        page = desk.get("/office/board")
    assert page.count('scope="row"') == teams
    assert len(made) <= QUERIES, "\n".join(made)


def test_facts_gathered_together_are_those_gathered_one_by_one(pages: Pages) -> None:
    world = pages.world
    travelling, waiting, out = world.apply("Võru").confirmed(), world.apply("Rõuge").selected(), world.apply("Saku")
    out.verified().move(Trigger.DECLINE)
    world.apply("Tapa")
    travelling.replies("rsvp", "JAH")
    with pages.db.reading() as session:
        found = overview.standings(world.season, session, world.now)
        assert len(found) == 4
        for each in found:
            alone = queries.facts(session, world.season.machine, each.team)
            assert replace(each.facts, group_taken={}) == replace(alone, group_taken={}), each.team.name
        assert {s.team.state for s in found} == {"workshop_1", "selected", "declined", "applied"}
    assert waiting.state == "selected"


def test_a_step_that_is_refused_has_every_reason(pages: Pages) -> None:
    pages.world.apply("Tapa")
    with pages.db.reading() as session:
        (tapa,) = overview.standings(pages.world.season, session, pages.world.now)
    steps = {step.trigger: step for step in tapa.steps}
    assert isinstance(steps[Trigger.SELECT].decision, Refusal)
    assert [r.key for r in steps[Trigger.SELECT].refused] == ["verified"]
    assert steps[Trigger.DECLINE].refused == ()


def test_the_board_speaks_both_languages_and_filters_by_group(pages: Pages) -> None:
    team = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.get("/office/board", "et")
    assert "Võru" in page and "I töötuba" in page and "Meeskonnad teekonnal. I töötuba: 1" in page
    assert "Workshop I: 1" in desk.get("/office/board", "en")
    assert "Võru" in desk.get("/office/board?group=I")
    assert f"/office/team/{team.id}" not in desk.get("/office/board?group=II")
    assert f"/office/team/{team.id}" in desk.get("/office/board?group=nonsense")


def test_an_empty_board_says_what_is_next(pages: Pages) -> None:
    assert "Taotlusi saab esitada kuni" in at_the_desk(pages).get("/office/board")


def test_pictures_escape_every_word() -> None:
    stop = drawings.Stop(key="x", name='<script>"&', count=3)
    for picture in (drawings.journey([stop], "<b>", "<i>"), drawings.journey_down([stop], "<b>", "<i>")):
        assert "<script>" not in picture and "<b>" not in picture and "&lt;script&gt;" in picture
    assert "<u>" not in drawings.hours_bar(30, 10, 60, "<u>")


def test_a_bar_beyond_its_cap_stays_within_its_picture() -> None:
    bar = str(drawings.hours_bar(1200, 0, 960, "20 h"))
    assert 'class="bar-given" x="0" y="2" width="400.0"' in bar
    assert 'class="bar-room" x="0" y="2" width="320.0"' in bar
