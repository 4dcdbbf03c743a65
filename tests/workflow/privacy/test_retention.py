"""Nothing is kept longer than config.toml says, nothing goes before, and a legal hold stops the clock."""

import ast
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.paths import ROOT
from tests.workflow.privacy.planted_person import everywhere, standing
from workflow.audit.verify import verify
from workflow.config.settings import Retention
from workflow.database.engine import Database
from workflow.database.models import Attendance, Duty, HoursRow, Message, Person, Question, Team, WebSession
from workflow.privacy import erase_person, erase_rows, retention
from workflow.privacy.categories import ErasureMethod, Keep
from workflow.privacy.register import REGISTER
from workflow.privacy.retention import last_day
from workflow.records import queries
from workflow.records.history import record
from workflow.rules.doors import Door
from workflow.rules.duties import DutyKind
from workflow.rules.machine import Who
from workflow.schedule import tick
from workflow.season import Actor

RULES = Retention()
DAY = timedelta(days=1)


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def crew(world: World) -> Crew:
    return world.apply(members=5).confirmed()


def over(world: World, keep: Keep) -> datetime:
    found = retention.over(world.season.programme, RULES, keep)
    assert found is not None
    return found


def run(world: World, now: datetime) -> dict[str, int]:
    with world.db.writing() as session:
        gone = retention.run(world.season, session, now)
    return {f"{g.held.table.name}.{next(iter(g.held.columns))}": g.rows for g in gone}


def left(world: World, now: datetime) -> list[str]:
    with world.db.reading() as session:
        return [g.held.table.name for g in retention.waiting(world.season, session, now)]


def test_the_last_day_is_that_of_the_final_seminar(world: World) -> None:
    assert last_day(world.season.programme).isoformat() == "2022-09-29T00:00:00+03:00"


@pytest.mark.parametrize("keep", [Keep.LETTERS, Keep.ATTACHMENTS, Keep.PEOPLE, Keep.BOOKS, Keep.GUESTS])
def test_a_day_after_its_period_nothing_of_a_category_is_left(world: World, crew: Crew, keep: Keep) -> None:
    everywhere(world, crew)
    moment = over(world, keep)
    before = run(world, moment - timedelta(seconds=1))
    mine = {f"{h.table.name}.{next(iter(h.columns))}" for h in REGISTER if h.keep is keep and h.removes | _emptied(h)}
    assert mine and not mine & set(before)
    after = run(world, moment + DAY)
    assert mine - {"extensions.why", "questions.about"} <= set(after), "something was there, and went"
    assert left(world, moment + DAY) == []


def _emptied(held: object) -> bool:
    assert hasattr(held, "columns") and hasattr(held, "keep")
    return set(held.columns.values()) != {ErasureMethod.KEPT} or held.keep is Keep.BOOKS


@pytest.mark.parametrize(
    ("table", "since"), [("drafts", "expires_at"), ("sign_ins", "expires_at"), ("web_sessions", "seen_at")]
)
def test_rows_with_a_time_of_their_own_go_a_day_after_it(world: World, crew: Crew, table: str, since: str) -> None:
    everywhere(world, crew)
    rows = WebSession.metadata.tables[table]
    with world.db.reading() as session:
        began = session.scalars(sa.select(rows.c[since])).one()
    period = timedelta(days=RULES.drafts_days if table == "drafts" else RULES.sign_ins_days)
    assert table not in {name.partition(".")[0] for name in run(world, began + period - DAY)}
    assert table in {name.partition(".")[0] for name in run(world, began + period + DAY)}
    with world.db.reading() as session:
        assert session.execute(sa.select(rows)).all() == []


def test_when_all_is_over_no_planted_word_and_no_name_is_left(world: World, crew: Crew) -> None:
    address, markers = everywhere(world, crew)
    words = [m for m in markers if m != address]
    kept = {h.table.name for h in REGISTER if h.keep is Keep.WHILE_USED}
    with world.db.writing() as session:
        for table in kept - {"settings"}:
            session.execute(sa.delete(WebSession.metadata.tables[table]))
    run(world, over(world, Keep.BOOKS) + DAY)
    assert standing(world, [*words, address, "voru0@example.org", "Mari Kask"]) == []
    with world.db.reading() as session:
        members = session.scalars(sa.select(Person).where(Person.role == "member")).all()
        assert len(members) == 5 and {(p.name, p.address_state) for p in members} == {(retention.FORMER, "dead")}
        assert session.scalars(sa.select(HoursRow)).all() == [] == session.scalars(sa.select(Attendance)).all()


def test_why_a_step_was_asked_for_goes_and_what_was_asked_stays(world: World) -> None:
    crew = world.apply().selected()
    crew.replies("confirm_place", "LOOBUME, sest vald ei saa osaleda", person=crew.contact.address)
    question, _, _ = world.asked("approve", team=crew.id)
    assert question.about["why"]
    run(world, over(world, Keep.PEOPLE) + DAY)
    with world.db.reading() as session:
        about = session.get_one(Question, question.id).about
    assert about["trigger"] == question.about["trigger"] and about["why"] == ""


def test_words_whose_seal_went_with_somebody_else_go_too_when_their_time_is_over(world: World) -> None:
    """Forgetting one takes the seal off what others said of them; those others' names and words are not gone yet."""
    crew = world.apply(members=5).confirmed()
    mari, jaan = crew.people()[2:4]
    with world.db.writing() as session:
        actor = Actor(who=Who.CONTACT, name=mari.name, person=mari, via=Door.MAIL)
        team = session.get_one(Team, crew.id)
        words = {"words": f"{jaan.name} ei saa tulla, vabandust", "sender": mari.address}
        record(session, team, "noted", actor, world.now, why=f"{jaan.name} jääb ära", proof=words)
        erase_person.forget(world.season, session, jaan.address, world.now, key=b"k", plain=lambda raw: "")
    noted = next(row for row in crew.history() if row.event == "noted")
    assert noted.salt is None and noted.actor == mari.name and "vabandust" in str(noted.proof)
    moment = over(world, Keep.PEOPLE) + DAY
    assert run(world, moment)["history.actor"] > 0
    noted = next(row for row in crew.history() if row.event == "noted")
    assert (noted.actor, noted.why, noted.proof) == (retention.FORMER, "", {"via": "mail"})
    assert standing(world, [mari.name, mari.address, "vabandust"]) == []
    assert "history.actor" not in run(world, moment + DAY), "and there is nothing more to do"
    with world.db.reading() as session:
        assert verify(session, world.season.machine).differences == []


def test_every_part_of_a_proof_is_kept_or_looked_for() -> None:
    """Each key that any proof is written with in the source: what is in neither list would stay for ever."""
    written = set[str]()
    for file in (file for top in ("workflow", "mail", "web") for file in (ROOT / top).rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
            for given in (word.value for word in call.keywords if word.arg == "proof"):
                keys = given.keys if isinstance(given, ast.Dict) else ()
                written |= {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    assert {"read_by", "words", "files", "rule"} <= written
    assert written - erase_rows.SAFE - set(retention.PERSONAL) == set()


def test_the_staff_of_the_config_stays_and_so_does_what_history_proves(world: World, crew: Crew) -> None:
    steps = [(r.number, r.event, r.to_state) for r in crew.history()]
    run(world, over(world, Keep.PEOPLE) + DAY)
    with world.db.reading() as session:
        assert all(p.address for p in session.scalars(sa.select(Person).where(Person.role == "coordinator")))
        assert verify(session, world.season.machine).differences == []
    assert [(r.number, r.event, r.to_state) for r in crew.history()] == steps
    assert {r.actor for r in crew.history()} <= {retention.FORMER, "Teekond"}


def test_trying_it_first_tells_what_would_go_and_changes_nothing(world: World, crew: Crew) -> None:
    _, markers = everywhere(world, crew)
    with world.db.reading() as session:
        told = retention.waiting(world.season, session, over(world, Keep.PEOPLE) + DAY)
    assert sum(g.rows for g in told) > 30
    assert set(standing(world, markers)) == set(markers)
    assert len(run(world, over(world, Keep.PEOPLE) + DAY)) == len(told)


def test_under_a_legal_hold_nothing_goes(world: World, crew: Crew) -> None:
    _, markers = everywhere(world, crew)
    world.season = replace(world.season, retention=Retention(hold=True))
    assert run(world, over(world, Keep.BOOKS) + DAY) == {}
    assert set(standing(world, markers)) == set(markers)


def test_a_mail_that_waited_all_the_time_is_not_sent_empty(world: World, crew: Crew) -> None:
    with world.db.writing() as session:
        session.execute(sa.update(Message).values(status="held"))
    run(world, over(world, Keep.LETTERS) + DAY)
    assert {m.status for m in world.messages()} == {"dropped"}


def test_the_calendar_looks_each_morning(world: World, crew: Crew) -> None:
    world.now = over(world, Keep.LETTERS) + DAY
    before = {m.id for m in world.messages()}
    for _ in range(3):
        tick.tick(world.season, world.db, world.now)
    with world.db.reading() as session:
        done = session.scalars(sa.select(Duty).where(Duty.kind == DutyKind.RETENTION, Duty.done_at.is_not(None))).all()
        ahead = session.scalars(sa.select(Duty).where(Duty.kind == DutyKind.RETENTION, Duty.done_at.is_(None))).one()
        assert session.get_one(Team, crew.id).name == "Võru"
    assert len(done) == 1 and ahead.due_at > world.now
    assert {m.body for m in world.messages() if m.id in before} == {""}


def test_a_season_run_after_its_planned_dates_keeps_what_it_needs(world: World) -> None:
    world.now = over(world, Keep.PEOPLE) + 30 * DAY
    with world.db.writing() as session:
        person = queries.staff(session, "coordinator")[0]
        team = Team(
            name="Hiline",
            home="Hiline",
            lang="et",
            state="applied",
            state_since=world.now,
            applied_at=world.now,
        )
        session.add(team)
        session.flush()
        actor = Actor(who=Who.COORDINATOR, name=person.name, person=person, via=Door.PAGE)
        record(session, team, "applied", actor, world.now)
        session.add(
            Person(
                role="member", name="Mari Hiline", address="mari@example.org", address_key="mari@example.org",
                lang="et", team_id=team.id, joined_at=world.now,
            )
        )  # fmt: skip
    assert run(world, world.now + DAY) == {}
    assert run(world, world.now + (RULES.people_days + 1) * DAY)["people.name"] == 1
