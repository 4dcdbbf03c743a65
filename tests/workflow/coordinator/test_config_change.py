"""A running season is bound to its config; a change shows what it touches and then does exactly that."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from mail.composing.compose import Composer
from tests.builders import Crew, World, config
from tests.paths import ROOT
from workflow.config.loader import Programme
from workflow.coordinator import config_change
from workflow.database.engine import Database
from workflow.database.models import Duty, Person, Question, StageSession
from workflow.records import preview
from workflow.rules.machine import Machine
from workflow.season import Season

MOVED = {
    "start = 2022-04-19T10:00:00\nend = 2022-04-19T17:00:00": "start = 2022-04-21T10:00:00\nend = 2022-04-21T17:00:00"
}
LATER_PLAN = {"due = 2022-06-20T17:00:00": "due = 2022-06-17T17:00:00"}


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def crew(world: World) -> Crew:
    return world.apply("Võru").confirmed("I")


def changed(world: World, changes: Mapping[str, str]) -> tuple[Season, Programme]:
    new = config(changes).programme
    composer = Composer(ROOT / "templates" / "email", new, world.identity)
    return replace(world.season, programme=new, machine=Machine(new), post=composer), new


def take(world: World, changes: Mapping[str, str]) -> None:
    season, _ = changed(world, changes)
    with world.db.writing() as session:
        config_change.take_effect(season, session, world.season.programme, world.now)


def test_the_season_keeps_the_text_it_was_begun_with(world: World) -> None:
    with world.db.writing() as session:
        assert config_change.bound(session) is None and not config_change.begun(session)
        config_change.bind(session, "text")
    world.apply("Võru")
    with world.db.reading() as session:
        assert config_change.bound(session) == "text" and config_change.begun(session)


def test_every_difference_has_its_place(world: World) -> None:
    _, new = changed(world, MOVED | {"attend_at_least = 2": "attend_at_least = 3"})
    found = {each.place: each for each in config_change.differences(world.season.programme, new)}
    assert set(found) == {
        "attend_at_least", "stages[workshop_2].sessions.I.start", "stages[workshop_2].sessions.I.end",
    }  # fmt: skip
    assert found["attend_at_least"].line() == "attend_at_least: 2 -> 3"
    assert config_change.differences(new, new) == ()


def test_a_moved_session_is_told_to_whoever_is_invited_and_its_reminders_move(world: World, crew: Crew) -> None:
    world.send_all()
    take(world, MOVED)
    told = crew.got("session_moved")
    assert {m.to_address for m in told} == {p.address for p in crew.people()}
    with world.db.reading() as session:
        moved = session.scalars(sa.select(StageSession).where(StageSession.stage == "workshop_2")).all()
        assert {(m.group, m.starts_at.day, m.sequence) for m in moved} == {("I", 21, 1), ("II", 20, 0)}
        meeting = next(m for m in moved if m.group == "I")
        due = session.scalars(sa.select(Duty).where(Duty.session_id == meeting.id, Duty.done_at.is_(None))).all()
        assert due and all(d.due_at.day in (7, 14, 18, 20, 21) for d in due)


def test_a_session_moved_by_hand_keeps_what_it_was_given(world: World, crew: Crew) -> None:
    by_hand = datetime(2022, 4, 26, 7, tzinfo=UTC)
    with world.db.writing() as session:
        for meeting in session.scalars(sa.select(StageSession).where(StageSession.stage == "workshop_2")):
            meeting.starts_at, meeting.ends_at = by_hand, by_hand.replace(hour=14)
    take(world, MOVED)
    assert crew.got("session_moved") == []


def test_what_is_shown_beforehand_is_what_happens(world: World, crew: Crew) -> None:
    world.send_all()
    season, _ = changed(world, MOVED)
    old = world.season.programme
    with world.db.writing() as session:
        seen = preview.foresee(season, session, lambda one: config_change.take_effect(one, session, old, world.now))
        told = config_change.told(seen, old, season.programme, session)
    assert crew.got("session_moved") == []
    assert "session_moved: 4 (Võru)" in told
    take(world, MOVED)
    assert sorted(m.to_address for m in crew.got("session_moved")) == sorted(m.to_address for m in seen.mails)


def test_a_new_session_brings_its_invitations_and_its_duties_as_shown(world: World, crew: Crew) -> None:
    """A second seminar: everybody is invited, reminded, and asked for afterwards."""
    world.send_all()
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    stage = text[text.index('[[stages]]\nkey = "workshop_5"') : text.index('[[stages]]\nkey = "mentoring"')]
    sixth = stage.replace("workshop_5", "workshop_6").replace("2022-06-14", "2022-06-16").replace("06-15", "06-17")
    fifth = stage.replace("due = 2022-06-20T17:00:00", "due = 2022-06-15T18:00:00")
    season, new = changed(world, {stage: fifth + sixth})
    old = world.season.programme
    with world.db.writing() as session:
        seen = preview.foresee(season, session, lambda one: config_change.take_effect(one, session, old, world.now))
        told = config_change.told(seen, old, new, session)
        before = set(session.scalars(sa.select(Duty.key)))
    assert "session_invitation: 4 (Võru)" in told
    assert "new duty session_over: 2022-06-16 17:00" in told and "0 new duties" not in told
    take(world, {stage: fifth + sixth})
    with world.db.reading() as session:
        made = [d for d in session.scalars(sa.select(Duty)) if d.key not in before]
    assert sorted((d.kind, d.due_at) for d in made) == sorted((d.kind, d.at) for d in seen.duties)
    assert {d.kind for d in made} >= {"session_reminder", "session_over"}


def test_an_earlier_due_date_is_told_to_the_contact(world: World, crew: Crew) -> None:
    with world.db.writing() as session:
        question = Question(
            key="work", kind="homework", team_id=crew.id, stage="workshop_5", asked_at=world.now,
            due_at=world.season.programme.due("workshop_5", "I"),
        )  # fmt: skip
        session.add(question)
    take(world, LATER_PLAN)
    (told,) = crew.got("due_moved")
    assert told.to_address == crew.contact.address and "17. juunil kell 17.00" in told.body
    with world.db.reading() as session:
        assert session.scalars(sa.select(Question).where(Question.key == "work")).one().due_at == datetime(
            2022, 6, 17, 14, tzinfo=UTC
        )


def test_a_trainer_who_is_no_longer_named_has_left(world: World) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    start = text.index('[[mentors]]\nkey = "sample"')
    take(world, {text[start : text.index("# The first coordinator", start)]: ""})
    with world.db.reading() as session:
        left = session.scalars(sa.select(Person).where(Person.left_at.is_not(None))).all()
    assert [(p.role, p.name) for p in left] == [("mentor", "Alex Sample")]


def test_the_deadline_moves_its_duty(world: World) -> None:
    season, new = changed(world, {"before = 2022-02-28": "before = 2022-03-07"})
    old = world.season.programme
    with world.db.writing() as session:
        seen = preview.foresee(season, session, lambda one: config_change.take_effect(one, session, old, world.now))
        told = config_change.told(seen, old, new, session)
    assert "duty apply_closed: 2022-02-28 00:00 -> 2022-03-07 00:00" in told
    take(world, {"before = 2022-02-28": "before = 2022-03-07"})
    with world.db.reading() as session:
        due = session.scalars(sa.select(Duty.due_at).where(Duty.key == "apply_closed")).one()
    assert due == datetime(2022, 3, 6, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({'key = "koosloome-2022"': 'key = "muu-2022"'}, "another programme"),
        ({"capacity = 10": "capacity = 0"}, "places are given"),
        ({'key = "workshop_1"': 'key = "avamine"'}, "workshop_1 cannot go"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    world: World, crew: Crew, changes: Mapping[str, str], reason: str
) -> None:
    _, new = changed(world, {"capacity = 10": "capacity = 10"})
    new = new.model_copy(update={"capacity": 0}) if "capacity = 10" in changes else changed(world, changes)[1]
    with world.db.reading() as session:
        reasons = config_change.refusals(world.season.programme, new, session)
    assert any(reason in each.en for each in reasons), reasons
    with world.db.reading() as session:
        assert config_change.refusals(world.season.programme, world.season.programme, session) == ()
