"""Silence: a team that does not react to three mails, a mailbox into which nothing comes; each told once."""

from datetime import timedelta

import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.database.engine import Database
from workflow.database.models import Alert, Message
from workflow.schedule import silence as watch


def looked(world: World) -> list[str]:
    """What the coordinator is told of silences, after a look."""
    with world.db.writing() as session:
        watch.look(world.season, session, world.now)
        kinds = Alert.kind.in_(["no_reaction", "mailbox"])
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


def test_a_mailbox_is_silent_only_where_answers_are_awaited(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    first = world.apply("Võru")
    first.replies("verify", "JAH")
    world.now += timedelta(hours=30)
    assert looked(world) == []
    second = world.apply("Rõuge")
    mailed(world, second, 1)
    (told,) = looked(world)
    assert told.startswith("mailbox_silent:") and looked(world) == [told]
    second.replies("verify", "JAH")
    assert looked(world) == [told]
    mailed(world, world.apply("Saku"), 1)
    assert len(looked(world)) == 2


def test_every_morning_has_a_look(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    mailed(world, world.apply("Võru"), 3)
    world.wait(days=2)
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Alert.kind == "no_reaction")) == 1
