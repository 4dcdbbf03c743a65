"""What is foreseen is what happens, and foreseeing leaves nothing behind: on both databases."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.builders import World
from workflow.database.engine import Database
from workflow.database.models import Base, Duty, Team
from workflow.journey import moves
from workflow.records.preview import foresee
from workflow.rules.machine import Trigger
from workflow.season import Season


def everything(db: Database) -> list[object]:
    with db.reading() as session:
        return [
            sorted(repr(tuple(r)) for r in session.execute(sa.select(table))) for table in Base.metadata.sorted_tables
        ]


def select(world: World, session: Session, team: Team, now: datetime) -> Callable[[Season], object]:
    actor = world.coordinator()
    return lambda season: moves.move(season, session, team, Trigger.SELECT, actor, now)


def test_foreseeing_leaves_nothing_behind_and_can_be_done_for_good_after_it(db: Database) -> None:
    world = World(db)
    team_id = world.apply("Võru").verified().id
    before = everything(db)
    with db.writing() as session:
        team = session.get_one(Team, team_id)
        act = select(world, session, team, world.now)
        first = foresee(world.season, session, act, about=[team.version])
        second = foresee(world.season, session, act, about=[team.version])
        assert first.digest == second.digest
        assert [m.template for m in first.mails] == ["place_offer", "place_offer"]
        assert (first.moves[0].source, first.moves[0].target) == ("applied", "selected")
        assert team.state == "applied"
    assert everything(db) == before
    with db.writing() as session:
        team = session.get_one(Team, team_id)
        act = select(world, session, team, world.now)
        foreseen = foresee(world.season, session, act)
        act(world.season)
        assert team.state == "selected"
    sent = world.messages("place_offer")
    assert [(m.to_address, m.subject) for m in sent] == [(m.to_address, m.subject) for m in foreseen.mails]


def test_the_duties_foreseen_are_those_that_come(db: Database) -> None:
    world = World(db)
    team_id = world.apply("Võru").verified().id
    with db.writing() as session:
        act = select(world, session, session.get_one(Team, team_id), world.now)
        foreseen = foresee(world.season, session, act).duties
        before = session.scalar(sa.select(sa.func.max(Duty.id))) or 0
        act(world.season)
        made = session.scalars(sa.select(Duty).where(Duty.id > before, Duty.done_at.is_(None))).all()
    assert {d.kind for d in foreseen} == {"reminder", "expire"}
    assert {(d.kind, d.at) for d in foreseen} <= {(d.kind, d.due_at) for d in made}


def test_the_digest_changes_with_what_is_told_and_with_what_it_rests_on(db: Database) -> None:
    world = World(db)
    team_id = world.apply("Võru").verified().id
    with db.writing() as session:
        team = session.get_one(Team, team_id)
        act = select(world, session, team, world.now)
        digests = {foresee(world.season, session, act, about=[n]).digest for n in (1, 2)}
        team.name = "Võru ja Rõuge"
        session.flush()
        digests.add(foresee(world.season, session, act, about=[1]).digest)
    assert len(digests) == 3


def test_secrets_of_a_preview_open_nothing_and_are_hidden(db: Database) -> None:
    world = World(db)
    team_id = world.apply("Võru").verified().id
    with db.writing() as session:
        team = session.get_one(Team, team_id)
        foreseen = foresee(world.season, session, select(world, session, team, world.now))
    (mail, _) = foreseen.mails
    assert "/q/own-link" in mail.body and "foreseen" not in repr(foreseen)
