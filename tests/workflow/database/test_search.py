"""Names found and ordered alike on both databases, õäöü among them; long lists in pages."""

import pytest
import sqlalchemy as sa

from tests.builders import World
from workflow.database import search as search_module
from workflow.database.engine import Database
from workflow.database.models import Team
from workflow.database.paging import Window, cut, paged
from workflow.text.formatting import sort_key

NAMES = ("Õru", "Ähijärve", "Otepää", "Üksnurme", "Žguta", "Saku", "Šveits", "Zelluloos", "Tapa", "Öngu", "Valga vald")


def teams(db: Database, names: tuple[str, ...] = NAMES) -> None:
    world = World(db)
    with db.writing() as session:
        for name in names:
            session.add(
                Team(
                    name=name, home="Põlva vald", lang="et", state="applied",
                    state_since=world.now, applied_at=world.now,
                )
            )  # fmt: skip


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("õru", {"Õru"}), ("ÕRU", {"Õru"}), ("oru", {"Õru"}), ("ÄHI", {"Ähijärve"}), ("zguta", {"Žguta"}),
        ("üksNURME", {"Üksnurme"}), ("vald valga", {"Valga vald"}), ("PÕLVA", set(NAMES)), ("", set(NAMES)),
        ("%", set()), ("_", set()), ("õõõ", set()), ("'", set()),
    ],
)  # fmt: skip
def test_words_are_found_without_case_and_accents(db: Database, search: str, names: set[str]) -> None:
    teams(db)
    with db.reading() as session:
        found = session.scalars(sa.select(Team.name).where(search_module.has(search, Team.name, Team.home)))
        assert set(found) == names


def test_names_stand_in_the_order_of_the_estonian_alphabet(db: Database) -> None:
    teams(db)
    with db.reading() as session:
        found = list(session.scalars(sa.select(Team.name).order_by(search_module.by_name(Team.name))))
    assert found == sorted(NAMES, key=sort_key)


def test_a_page_is_cut_and_counted_in_the_database(db: Database) -> None:
    teams(db)
    query = sa.select(Team).order_by(Team.id)
    with db.reading() as session:
        found = paged(session, query, page=3, size=4)
    assert [t.name for t in found.rows] == list(NAMES[8:])
    assert (found.window.total, found.window.first, found.window.last, found.window.pages) == (11, 9, 11, 3)


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (-5, 1), (99, 3), (2, 2)])
def test_a_page_that_does_not_exist_is_the_nearest(asked: int, shown: int) -> None:
    found = cut(list(range(25)), page=asked, size=10)
    assert found.window.at == shown and found.rows[0] == (shown - 1) * 10


def test_far_pages_are_left_out_between_the_ends() -> None:
    assert Window(total=200, size=10, page=9).near == [1, None, 8, 9, 10, None, 20]
    assert Window(total=0, size=10).near == [1]
    assert Window(total=30, size=10, page=2).near == [1, 2, 3]
