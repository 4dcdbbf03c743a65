"""A person's rights: everything that is held of them in one folder, and all of it gone when they ask for that."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mail.reading import letter
from tests.builders import DIGEST, Crew, World
from tests.season_snapshots import confirmed
from tests.workflow.privacy.planted_person import everywhere, said_of_others, standing
from workflow.config.settings import Retention
from workflow.database.engine import Database
from workflow.database.models import Alert, Attendance, Erasure, HoursRow, Message, Person, Question
from workflow.privacy import erase_person, export, find_person
from workflow.privacy.erase_person import Forgotten
from workflow.records import queries
from workflow.schedule import tick
from workflow.security.chain import ERASABLE, FIXED, links, seal
from workflow.text.bilingual import Text

KEY = b"a key that only tests know"


def plain(raw: bytes) -> str:
    read = letter.read(raw)
    return f"{read.text}\n{read.quoted}\n{raw.decode('latin-1')}"


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def crew(world: World) -> Crew:
    return confirmed(world, members=5)


def forget(world: World, address: str) -> Forgotten:
    with world.db.writing() as session:
        found = erase_person.forget(world.season, session, address, world.now, key=KEY, plain=plain)
    assert isinstance(found, Forgotten), found
    erase_person.scrub(world.db)
    return found


# -- what is held -----------------------------------------------------------------------------------


def test_everything_that_is_held_of_a_person_is_handed_over(world: World, crew: Crew, tmp_path: Path) -> None:
    address, markers = everywhere(world, crew)
    began = time.monotonic()
    with world.db.reading() as session:
        data = export.gather(session, address, Retention(), world.now)
    assert data is not None
    index = data.write(tmp_path / "out")
    assert time.monotonic() - began < 60
    told = "".join(p.read_bytes().decode("latin-1") for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert len(markers) > 40
    assert [m for m in markers if m not in told] == []
    assert {s["table"] for s in json.loads(index.read_text())["data"]} > {"people", "letters", "messages", "history"}


def test_what_others_say_of_a_person_is_told_by_its_place(world: World, crew: Crew) -> None:
    person = crew.people()[2]
    said_of_others(world, person.name, person.address)
    with world.db.reading() as session:
        data = export.gather(session, person.address, Retention(), world.now)
    assert data is not None
    places = {(each["table"], each["column"]) for each in data.told["spoken_of"]}
    assert {("letters", "text"), ("messages", "body")} <= places


def test_of_somebody_unknown_nothing_is_told(world: World) -> None:
    with world.db.reading() as session:
        assert export.gather(session, "nobody@example.org", Retention(), world.now) is None


# -- forgetting -------------------------------------------------------------------------------------


def test_nothing_planted_is_left_after_forgetting(world: World, crew: Crew, tmp_path: Path) -> None:
    address, markers = everywhere(world, crew)
    name = crew.people()[2].name
    said_of_others(world, name, address)
    assert set(standing(world, markers)) == set(markers)
    forget(world, address)
    assert standing(world, [*markers, name]) == []
    if world.db.engine.dialect.name == "sqlite":
        files = [p for p in tmp_path.iterdir() if p.is_file()]
        assert any(p.stat().st_size > 50_000 for p in files)
        left = {m for p in files for m in [*markers, name] if m.lower().encode() in p.read_bytes().lower()}
        assert left == set()


def test_the_books_stay_under_a_pseudonym(world: World, crew: Crew) -> None:
    address, _ = everywhere(world, crew)
    person = crew.people()[2]
    steps = [(r.number, r.event, r.to_state) for r in crew.history()]
    found = forget(world, address)
    assert found.pseudonym == "Endine liige 1"
    with world.db.reading() as session:
        row = session.get_one(Person, person.id)
        assert (row.name, row.address, row.phone) == ("Endine liige 1", "", "")
        hours = session.scalars(sa.select(HoursRow).where(HoursRow.person_id == person.id)).one()
        assert (hours.minutes, hours.note) == (90, "")
        came = sa.select(Attendance.present).where(Attendance.person_id == person.id, Attendance.stage == "mentoring")
        assert session.scalars(came).one() is True
    assert [(r.number, r.event, r.to_state) for r in crew.history()][: len(steps)] == steps


def test_the_chain_of_history_holds_after_forgetting(world: World, crew: Crew) -> None:
    contact = crew.contact
    forget(world, contact.address)
    before, erased = "", 0
    for row in crew.history():
        said = {key: getattr(row, key) for key in (*FIXED, *ERASABLE)}
        assert links({**said, "seal": row.seal, "hash": row.hash}, before, DIGEST)
        before = row.hash
        if row.salt is None:
            erased += 1
        else:
            assert row.seal == seal(said, row.salt)
    assert erased > 0


def test_the_report_says_what_was_touched_and_what_stays(world: World, crew: Crew) -> None:
    address, _ = everywhere(world, crew)
    found = forget(world, address)
    for lang, words in {"et": ("Varjunimi", "Kustutatud", "Jääb"), "en": ("Pseudonym", "Erased", "Stays")}.items():
        lines = found.lines(lang)
        assert all(any(line.startswith(word) for line in lines) for word in words)
    assert len(found.touched) > 15


def test_trying_it_first_changes_nothing(world: World, crew: Crew) -> None:
    address, markers = everywhere(world, crew)
    with world.db.writing() as session:
        trial = session.begin_nested()
        found = erase_person.forget(world.season, session, address, world.now, key=KEY, plain=plain)
        trial.rollback()
    assert isinstance(found, Forgotten) and found.touched
    assert set(standing(world, markers)) == set(markers)


def test_nothing_leaves_for_a_person_after_erasure(world: World, crew: Crew) -> None:
    person = crew.contact
    waits = [m for m in world.messages() if m.person_id == person.id and m.status == "queued"]
    assert waits
    before = len(world.messages())
    forget(world, person.address)
    world.wait(days=120)
    mails = world.messages()
    assert len(mails) > before + 5
    assert {m.status for m in mails if m.person_id == person.id} <= {"sent", "dropped"}
    assert not [m for m in mails if m.to_address in ("", person.address) and m.status not in ("sent", "dropped")]


def test_open_questions_of_a_contact_go_to_the_next_one(world: World) -> None:
    crew = world.apply(deputy=False).selected()
    contact = crew.contact
    question, _, _ = world.asked("confirm_place", team=crew.id)
    forget(world, contact.address)
    with world.db.reading() as session:
        row = session.get_one(Question, question.id)
        assert row.closed_at is None
        assert crew.contact.id in {a.person_id for a in row.addressees} and crew.contact.id != contact.id
    crew.replies("confirm_place", "JAH", person=crew.contact.address)
    assert crew.state == "workshop_1"


def test_a_lost_quorum_is_put_before_the_coordinator(world: World) -> None:
    crew = world.apply(members=4).confirmed()
    forget(world, crew.people()[3].address)
    with world.db.reading() as session:
        alerts = session.scalars(sa.select(Alert).where(Alert.kind == "quorum")).all()
    assert [a.team_id for a in alerts] == [crew.id]


def test_the_address_is_kept_as_a_keyed_hash_only(world: World, crew: Crew) -> None:
    address = crew.contact.address
    forget(world, address)
    with world.db.reading() as session:
        rows = session.scalars(sa.select(Erasure)).all()
        assert [r.mark for r in rows] == [erase_person.mark(address, KEY)]
        assert erase_person.mark(address, KEY) != erase_person.mark(address, b"another key")


def test_a_restored_backup_forgets_again_and_spares_whoever_came_back(world: World, crew: Crew) -> None:
    gone, stays = crew.people()[2], crew.people()[3]
    earlier = world.now - timedelta(days=9)
    listed = [(erase_person.mark(gone.address, KEY), world.now), (erase_person.mark(stays.address, KEY), earlier)]
    with world.db.writing() as session:
        found = erase_person.reapply(world.season, session, listed, world.now, keys=[KEY], plain=plain)
    assert len(found) == 1
    with world.db.reading() as session:
        assert session.get_one(Person, gone.id).address == ""
        assert session.get_one(Person, stays.id).address == stays.address


def test_a_namesake_keeps_their_name(world: World) -> None:
    one, other = world.apply("Võru").confirmed(), world.apply("Räpina").confirmed()
    with world.db.writing() as session:
        for crew in (one, other):
            session.get_one(Person, crew.people()[2].id).name = "Mari Maasikas"
        note = session.get_one(type(one.row), other.id)
        note.note = "Mari Maasikas helistas."
    found = forget(world, one.people()[2].address)
    assert found.namesakes == 1
    assert other.people()[2].name == "Mari Maasikas" and other.row.note == "Mari Maasikas helistas."


def test_who_stands_in_the_config_is_not_forgotten_behind_its_back(world: World) -> None:
    with world.db.writing() as session:
        trainer = queries.staff(session, "trainer")[0]
        told = erase_person.forget(world.season, session, trainer.address, world.now, key=KEY, plain=plain)
    assert isinstance(told, Text) and "config.toml" in told.en
    with world.db.reading() as session:
        assert session.get_one(Person, trainer.id).address == trainer.address


def test_of_somebody_unknown_it_says_so(world: World) -> None:
    with world.db.writing() as session:
        told = erase_person.forget(world.season, session, "nobody@example.org", world.now, key=KEY, plain=plain)
    assert isinstance(told, Text)


def test_the_season_goes_on_after_everybody_of_a_team_was_forgotten(world: World, crew: Crew) -> None:
    for person in crew.people():
        forget(world, person.address)
    assert crew.people() == []
    world.wait(days=200)
    with world.db.reading() as session:
        waiting: Any = session.scalars(sa.select(Message).where(Message.status.in_(["queued", "held"]))).all()
        assert {m.person_id for m in waiting} <= {p.id for p in session.scalars(sa.select(Person)) if p.address}
    assert tick.tick(world.season, world.db, world.now) == 0


def test_no_address_is_nobodys_address_however_many_are_erased(world: World, crew: Crew) -> None:
    for person in crew.people()[2:4]:
        forget(world, person.address)
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Person.address_key == "")) == 2
        found = find_person.find(session, "")
        assert (found.ids, found.names) == (frozenset(), frozenset())
        assert export.gather(session, "", Retention(), world.now) is None
