"""Silence: a team that does not react to three mails, a mailbox into which nothing comes; each told once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.database.engine import Database
from workflow.database.models import Alert, Message, Question
from workflow.schedule import alert_checks, silence


def looked(world: World) -> list[str]:
    """What the coordinator is told of silences, after a look."""
    with world.db.writing() as session:
        silence.look(world.season, session, world.now)
        kinds = Alert.kind.in_(["no_reaction", "mailbox_silent"])
        return list(session.scalars(sa.select(Alert.key).where(kinds).order_by(Alert.id)))


def mailed(world: World, crew: Crew, times: int) -> None:
    """The contact is asked to confirm the address so many times, and a day passes."""
    with world.db.writing() as session:
        first = session.scalars(
            sa.select(Message).where(Message.team_id == crew.id, Message.template == "verify").order_by(Message.id)
        ).first()
        assert first is not None
        first.status, first.sent_at = "sent", world.now
        skipped = {"id", "key", "message_id", "reference_ids"}
        for i in range(1, times):
            row = {c.key: getattr(first, c.key) for c in sa.inspect(Message).column_attrs if c.key not in skipped}
            session.add(Message(**row, key=f"again:{first.id}:{i}", message_id=f"<{first.id}.{i}@example.org>"))
    world.now += timedelta(hours=25)


def test_a_team_that_does_not_react_to_three_mails_is_told_once(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    mailed(world, world.apply("Võru"), 2)
    assert looked(world) == []
    mailed(world, world.apply("Rõuge"), 3)
    told = looked(world)
    assert len(told) == 1 and told[0].startswith("no_reaction:2:")
    assert looked(world) == told


def test_a_team_that_wrote_is_not_silent(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    crew = world.apply("Võru")
    world.now += timedelta(minutes=1)
    mailed(world, crew, 3)
    world.replies("verify", "mis see on?", team=crew.id)
    assert looked(world) == []
    world.now += timedelta(minutes=1)
    mailed(world, crew, 1)
    assert [key for key in looked(world) if "reaction" in key] == []


def test_an_answered_question_is_no_silence(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    crew = world.apply("Võru")
    mailed(world, crew, 4)
    crew.replies("verify", "JAH")
    assert looked(world) == []


def answered_in_time(world: World) -> None:
    """Six teams confirm by mail within hours: so long it takes here."""
    for name in ("Abja", "Elva", "Haapsalu", "Jõgeva", "Keila", "Loksa"):
        crew = world.apply(name)
        world.now += timedelta(hours=3)
        crew.replies("verify", "JAH")


def owing(world: World, *names: str, due: timedelta = timedelta(hours=1)) -> list[Crew]:
    """Teams whose contacts were asked just now, with so much time to answer."""
    crews = [world.apply(name) for name in names]
    world.send_all()
    with world.db.writing() as session:
        session.execute(sa.update(Question).where(Question.closed_at.is_(None)).values(due_at=world.now + due))
    return crews


def test_a_mailbox_is_silent_when_several_owe_what_others_gave_long_since(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    answered_in_time(world)
    crews = owing(world, "Võru", "Rõuge", "Saku")
    world.now += timedelta(hours=20)
    assert looked(world) == [], "a night's quiet tells nothing"
    world.now += timedelta(hours=10)
    (told,) = looked(world)
    assert told.startswith("mailbox_silent:") and looked(world) == [told]
    world.now += timedelta(days=3)
    assert looked(world) == [told], "once"
    crews[0].replies("verify", "JAH")
    alert_checks.look(world.season, world.db, world.now)
    with world.db.reading() as session:
        assert session.scalar(sa.select(Alert.id).where(Alert.standing())) is None
    world.now += timedelta(days=2)
    assert looked(world) == [told], "the other two were late before the last letter came"


@pytest.mark.parametrize("names", [(), ("Võru",), ("Võru", "Rõuge")])
def test_a_few_who_are_late_make_no_silent_mailbox(sqlite_db: Database, names: tuple[str, ...]) -> None:
    world = World(sqlite_db)
    answered_in_time(world)
    owing(world, *names)
    world.now += timedelta(days=4)
    assert looked(world) == []


def test_what_is_not_due_yet_is_not_late(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    answered_in_time(world)
    owing(world, "Võru", "Rõuge", "Saku", due=timedelta(days=5))
    world.now += timedelta(days=4)
    assert looked(world) == []


def test_where_people_take_days_days_are_no_silence(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    slow = [world.apply(name) for name in ("Abja", "Elva", "Haapsalu", "Jõgeva", "Keila", "Loksa")]
    world.now += timedelta(days=5)
    for crew in slow:
        crew.replies("verify", "JAH")
    owing(world, "Võru", "Rõuge", "Saku")
    world.now += timedelta(days=4)
    assert looked(world) == []
    world.now += timedelta(days=2)
    assert len(looked(world)) == 1


def test_what_nobody_owes_makes_no_silence(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    answered_in_time(world)
    owing(world, "Võru", "Rõuge", "Saku")
    with world.db.writing() as session:
        session.execute(sa.update(Question).where(Question.closed_at.is_(None)).values(kind="reflection"))
    world.now += timedelta(days=4)
    assert looked(world) == []


def test_before_anybody_has_answered_nothing_is_usual(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    world.apply("Abja").replies("verify", "JAH")
    owing(world, "Võru", "Rõuge", "Saku")
    world.now += timedelta(days=4)
    assert looked(world) == []


def test_every_morning_has_a_look(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    mailed(world, world.apply("Võru"), 3)
    world.wait(days=2)
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Alert.kind == "no_reaction")) == 1
