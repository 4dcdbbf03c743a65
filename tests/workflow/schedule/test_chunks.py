"""A duty that concerns very many teams: in pieces, each team once, letters and other workers in between."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.running.worker import Job, Worker
from tests.builders import World
from workflow.database.engine import Database
from workflow.database.models import Addressee, Duty, Message, Person, Question, StageSession, Team
from workflow.journey import moves, submissions
from workflow.notices import Notice
from workflow.records import queries
from workflow.rules.duties import DutyKind
from workflow.rules.machine import Trigger
from workflow.schedule import chunks, tick

TEAMS = 6 * chunks.AT_ONCE + 7
STAGE = "workshop_1"


@pytest.fixture
def world(db: Database) -> World:
    """Many teams on the way, each with a contact and a member."""
    world = World(db)
    with db.writing() as session:
        session.execute(sa.update(Duty).values(done_at=world.now, outcome="done"))
        session.execute(sa.insert(Team), [_team(world, n) for n in range(1, TEAMS + 1)])
        ids = list(session.scalars(sa.select(Team.id).order_by(Team.id)))
        session.execute(sa.insert(Person), [_person(world, team, part) for team in ids for part in _PARTS])
    return world


_PARTS = ("contact", "member")


def _team(world: World, number: int) -> dict[str, object]:
    return {
        "name": f"Meeskond {number}", "home": "Võru vald", "lang": "et", "state": STAGE, "version": 1,
        "state_since": world.now, "applied_at": world.now, "verified_at": world.now, "group": "I", "application": {},
    }  # fmt: skip


def _person(world: World, team: int, part: str) -> dict[str, object]:
    address = f"{part}{team}@example.org"
    return {
        "role": "member", "name": f"Mari {team}", "address": address, "address_key": address, "address_state": "ok",
        "lang": "et", "team_id": team, "side": "community", "part": part, "joined_at": world.now,
    }  # fmt: skip


def _owe(world: World, kind: DutyKind, **about: object) -> int:
    """A duty that is due now."""
    with world.db.writing() as session:
        meeting = about.pop("meeting", None)
        duty = Duty(key=f"{kind}:tried", kind=kind, due_at=world.now, about=about, session_id=meeting)
        session.add(duty)
        session.flush()
        return duty.id


def _meeting(world: World) -> StageSession:
    with world.db.reading() as session:
        return next(s for s in queries.sessions_of(session, "I") if s.stage == STAGE)


def _asked(world: World, kind: str = "homework") -> Counter[int | None]:
    """How often each team was asked, by its question and by its mail."""
    with world.db.reading() as session:
        questions = Counter(session.scalars(sa.select(Question.team_id).where(Question.kind == kind)))
        mails = session.scalars(sa.select(Message.team_id).where(Message.template == kind))
        assert Counter(mails) == questions
    return questions


def _outcome(world: World, duty: int) -> str | None:
    with world.db.reading() as session:
        return session.get_one(Duty, duty).outcome


def _each_once(world: World) -> dict[int | None, int]:
    with world.db.reading() as session:
        return dict.fromkeys(session.scalars(sa.select(Team.id)), 1)


def test_each_tick_does_one_piece_and_each_team_is_asked_once(world: World) -> None:
    duty = _owe(world, DutyKind.WORK_ASK, stage=STAGE)
    found = []
    while _outcome(world, duty) is None:
        assert tick.tick(world.season, world.db, world.now) == 1
        found.append(_asked(world).total())
    assert found == [*range(chunks.AT_ONCE, TEAMS, chunks.AT_ONCE), TEAMS]
    assert _asked(world) == _each_once(world)
    assert _outcome(world, duty) == "done"


def test_a_piece_that_breaks_off_leaves_nothing_and_is_done_again(world: World) -> None:
    duty = _owe(world, DutyKind.WORK_ASK, stage=STAGE)
    tick.tick(world.season, world.db, world.now)
    said = iter(range(chunks.AT_ONCE // 2))

    def post(session: Session, notice: Notice, now: object) -> Message | None:
        next(said)  # StopIteration: the power went away in the middle of the second piece
        return world.composer(session, notice, world.now)

    with pytest.raises(StopIteration):
        tick.tick(replace(world.season, post=post), world.db, world.now)
    assert _asked(world).total() == chunks.AT_ONCE
    while _outcome(world, duty) is None:
        tick.tick(world.season, world.db, world.now)
    assert _asked(world) == _each_once(world)


def test_two_workers_at_once_ask_each_team_once(world: World) -> None:
    duty, faults = _owe(world, DutyKind.WORK_ASK, stage=STAGE), list[Exception]()

    def work() -> None:
        try:
            while _outcome(world, duty) is None:
                tick.tick(world.season, world.db, world.now)
        except Exception as error:  # said by the test itself
            faults.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert faults == []
    assert _asked(world) == _each_once(world)


def test_a_letter_is_handled_between_two_pieces_and_counts(world: World) -> None:
    """The last team hands its work in while the first ones are asked for theirs."""
    with world.db.writing() as session:
        last = session.scalars(sa.select(Team).order_by(Team.id.desc())).first()
        assert last is not None
        submissions.ask_work(world.season, session, last, STAGE, world.now)
    duty = _owe(world, DutyKind.WORK_ASK, stage=STAGE)
    tick.tick(world.season, world.db, world.now)
    work = {"too.pdf": b"%PDF-1.4 meie plaan"}
    assert world.replies("homework", "Siin on meie töö.", team=last.id, files=work).outcome == "accepted"
    assert _outcome(world, duty) is None
    while _outcome(world, duty) is None:
        tick.tick(world.season, world.db, world.now)
    assert _asked(world) == _each_once(world)
    assert world.asked("homework", team=last.id)[0].outcome == "submission"


def test_a_team_that_left_between_two_pieces_is_asked_no_more(world: World) -> None:
    duty = _owe(world, DutyKind.WORK_ASK, stage=STAGE)
    tick.tick(world.season, world.db, world.now)
    with world.db.writing() as session:
        last = session.scalars(sa.select(Team).order_by(Team.id.desc())).first()
        assert last is not None
        moves.move(world.season, session, last, Trigger.WITHDRAW, world.coordinator(), world.now)
        assert last.state == "withdrawn"
    while _outcome(world, duty) is None:
        tick.tick(world.season, world.db, world.now)
    assert _each_once(world) - _asked(world).keys() == {last.id}


@contextmanager
def _statements(db: Database) -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile; one that is executed with many rows counts once."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def _rsvps(world: World, meeting: StageSession) -> None:
    """Everybody is invited to the session and has not answered yet."""
    with world.db.writing() as session:
        for person in session.scalars(sa.select(Person).where(Person.team_id.is_not(None))):
            question = Question(
                key=f"rsvp:{meeting.id}:{person.id}:0", kind="rsvp", team_id=person.team_id, stage=STAGE, group="I",
                about={"session": meeting.id, "person": person.id}, asked_at=world.now, due_at=meeting.starts_at,
            )  # fmt: skip
            question.addressees = [Addressee(person=person, secret=f"rsvp{person.id:022d}")]
            session.add(question)


@pytest.mark.parametrize("kind", [DutyKind.WORK_ASK, DutyKind.SESSION_REMINDER, DutyKind.SESSION_OVER])
def test_a_piece_takes_as_many_statements_whether_it_is_the_first_or_the_last(world: World, kind: DutyKind) -> None:
    """A team's share stays the same however many there are."""
    meeting = _meeting(world)
    if kind is DutyKind.SESSION_REMINDER:
        _rsvps(world, meeting)
    duty, counted = _owe(world, kind, stage=STAGE, meeting=meeting.id, days=7), list[int]()
    while _outcome(world, duty) is None:
        with _statements(world.db) as said:
            tick.tick(world.season, world.db, world.now)
        counted.append(len(said))
    full = counted[1:-1] if kind is DutyKind.SESSION_OVER else counted[:-1]  # the roll is called with the first
    assert len(counted) > 2
    assert max(full) - min(full) <= 2, counted


def test_every_member_is_reminded_of_a_session_once_in_however_many_pieces(world: World) -> None:
    meeting = _meeting(world)
    _rsvps(world, meeting)
    duty = _owe(world, DutyKind.SESSION_REMINDER, meeting=meeting.id, days=7)
    while _outcome(world, duty) is None:
        tick.tick(world.season, world.db, world.now)
    told = Counter(message.person_id for message in world.messages("session_reminder"))
    assert len(told) == len(_PARTS) * TEAMS
    assert set(told.values()) == {1}


def test_the_roll_is_called_once_and_names_everybody(world: World) -> None:
    meeting = _meeting(world)
    duty = _owe(world, DutyKind.SESSION_OVER, meeting=meeting.id)
    while _outcome(world, duty) is None:
        tick.tick(world.season, world.db, world.now)
    calls = world.messages("roll_call")
    assert len(calls) == len(world.season.programme.stage(STAGE).trainers)
    assert all(f"Meeskond {n}" in calls[0].body for n in range(1, TEAMS + 1))
    assert _asked(world) == _each_once(world)


def test_a_worker_that_is_stopped_ends_after_the_piece_in_hand(world: World) -> None:
    duty, begun = _owe(world, DutyKind.WORK_ASK, stage=STAGE), threading.Event()

    def post(session: Session, notice: Notice, now: object) -> Message | None:
        begun.set()
        time.sleep(0.01)  # a slow machine: the whole duty would take seconds
        return world.composer(session, notice, world.now)

    slow = replace(world.season, post=post)
    worker = Worker(world.db, [Job("duties", lambda now: tick.tick(slow, world.db, now))], lambda: world.now)
    worker.start()
    assert begun.wait(20)
    worker.stop()
    assert _outcome(world, duty) is None
    assert 0 < _asked(world).total() < TEAMS
    while _outcome(world, duty) is None:
        tick.tick(world.season, world.db, world.now)
    assert _asked(world) == _each_once(world)
