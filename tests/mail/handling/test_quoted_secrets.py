"""Our secrets in letters are found in the reading process and looked up once, before anybody's writing waits for it."""

import random
from typing import Any

import pytest
import sqlalchemy as sa

from mail.limited_reading.letter_reader import SHARE_CANDIDATES
from tests.builders import World
from tests.mail.handling.test_inbox import plain
from workflow.codes import LetterOutcome, LetterStatus
from workflow.database.engine import Database
from workflow.security.spelled_secrets import MASK, spelled

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def like_links(many: int) -> str:
    """So many candidates, each another."""
    chance, lines = random.Random(7), list[str]()
    while many:
        here = min(many, 150)
        lines.append("".join(chance.choice(LETTERS) for _ in range(here + 25)) + " .")
        many -= here
    return "\n".join(lines)


def test_a_quoted_link_is_looked_up_once_and_in_no_write_transaction(world: World) -> None:
    world.apply().verified()
    _, person, address = world.asked("consent")
    seen: list[bool] = []

    def look(connection: sa.Connection, _cursor: object, statement: str, *_: Any) -> None:
        if "late_passes" in statement:
            seen.append(bool(connection.get_execution_options().get("read_only")))

    sa.event.listen(world.db.engine, "before_cursor_execute", look)
    words = f"JAH\n\n> https://teekond.example.org/q/{address[2:28].upper()}\n"
    letter = world.deliver(plain(person.address, address, words), address, sender=f"x-{address}")
    sa.event.remove(world.db.engine, "before_cursor_execute", look)
    assert seen == [True]
    assert MASK in letter.quoted + letter.text and MASK in letter.envelope_from, (letter.quoted, letter.envelope_from)
    assert address[2:28] not in (letter.text + letter.quoted + letter.envelope_from).lower()


@pytest.mark.parametrize(("many", "parked"), [(SHARE_CANDIDATES, False), (SHARE_CANDIDATES + 1, True)])
def test_a_letter_that_anybody_may_write_holds_so_many_candidates_and_no_more(
    world: World, many: int, *, parked: bool
) -> None:
    words = like_links(many)
    assert len({one.secret for one in spelled(words)}) == many
    to = world.identity.from_address
    letter = world.deliver(plain("voor@evil.example", to, words), to)
    assert (letter.status == LetterStatus.PARKED, letter.outcome == LetterOutcome.OVER_LIMIT) == (parked, parked)


def test_a_letter_to_a_secret_address_may_hold_more(world: World) -> None:
    world.apply().verified()
    _, person, address = world.asked("consent")
    letter = world.deliver(plain(person.address, address, like_links(2 * SHARE_CANDIDATES)), address)
    assert letter.status != LetterStatus.PARKED
