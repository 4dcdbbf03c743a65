"""Scenes that many tests begin with: lived through once in a process, then put into each test's books as they were.

A scene is a function of a world alone, which nothing has happened in yet, and gives back ids. Must never be used
where the living itself is what is tested.
"""

from collections.abc import Callable, Hashable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from tests import database_copy
from tests.builders import Crew, World
from workflow.database.models import Team

Ids = TypeVar("Ids")


@dataclass(frozen=True, slots=True)
class _Kept:
    """All that a world has become: its books, its clock, and how far it has counted."""

    ids: Any
    rows: database_copy.Rows
    now: datetime
    letters: Iterator[int]
    secrets: Iterator[int]


_kept: dict[Hashable, _Kept] = {}


def lived(world: World, live: Callable[..., Ids], *given: Hashable) -> Ids:
    """The world after `live(world, *given)`, and what that gave back."""
    with world.db.reading() as session:
        assert session.scalar(sa.select(Team.id).limit(1)) is None, "a scene begins in a world that is new"
    key = (live, given, world.now, id(world.config))
    if key not in _kept:
        ids = live(world, *given)
        with world.db.reading() as session:
            rows = database_copy.taken(session)
        _kept[key] = _Kept(ids, rows, world.now, copy(world.letters), copy(world.secrets))
        return ids
    kept = _kept[key]
    with world.db.writing() as session:
        database_copy.put(session, kept.rows)
    world.now, world.letters, world.secrets = kept.now, copy(kept.letters), copy(kept.secrets)
    return kept.ids


def confirmed(
    world: World, name: str = "Võru", group: str = "", *, members: int = 4, wishes: str = "",
    until: datetime | None = None,
) -> Crew:  # fmt: skip
    """A team that has applied, was selected and has confirmed its place; nothing else has happened but what the
    calendar does by itself `until` a moment."""
    return Crew(world, lived(world, _confirmed, name, group, members, wishes, until))


def _confirmed(world: World, name: str, group: str, members: int, wishes: str, until: datetime | None) -> int:
    crew = world.apply(name, members=members, group=wishes).confirmed(group)
    if until is not None:
        world.wait_until(until)
    return crew.id
