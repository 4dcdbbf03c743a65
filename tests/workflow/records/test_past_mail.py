"""Mails about what is over: each kind of mail says how long it is of use, and what waits longer is dropped, unsent."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.codes import NOT_SENT
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Message, Question
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.rules.mail_lasting import LASTING, Lasting
from workflow.schedule import tick


def test_every_kind_of_mail_says_how_long_it_is_of_use() -> None:
    assert set(LASTING) == set(MAIL_KINDS)
    asking = {name for name, kind in MAIL_KINDS.items() if kind.asks}
    assert {name for name in asking if LASTING[name] is not Lasting.QUESTION} == set()


@pytest.fixture
def crew(sqlite_db: Database) -> Crew:
    return World(sqlite_db).apply().verified()


def told(crew: Crew, template: str, status: str = "queued") -> int:
    """A mail of this kind about the team's last step and a question of its own that is open."""
    world = crew.world
    with world.db.writing() as session:
        step = session.scalars(sa.select(HistoryRow).order_by(HistoryRow.id.desc())).first()
        question = Question(key=f"x{template}", kind="rsvp", team_id=crew.id, about={}, asked_at=world.now)
        session.add(question)
        session.flush()
        like = session.scalars(sa.select(Message).order_by(Message.id)).first()
        assert step is not None and like is not None
        skipped = {"id", "key", "message_id", "reference_ids"}
        row = {c.key: getattr(like, c.key) for c in sa.inspect(Message).column_attrs if c.key not in skipped}
        row |= {"template": template, "status": status, "history_id": step.id, "question_id": question.id}
        message = Message(**row, key=f"told:{template}", message_id=f"<{template}@example.org>")
        message.created_at = world.now
        session.add(message)
        session.flush()
        return message.id


def ends(crew: Crew, how: Lasting) -> None:
    world = crew.world
    with world.db.writing() as session:
        if how is Lasting.QUESTION:
            session.execute(sa.update(Question).values(closed_at=world.now))
        elif how is Lasting.STEP:
            number = session.scalar(sa.select(sa.func.max(HistoryRow.number)).where(HistoryRow.team_id == crew.id))
            assert number is not None
            later = HistoryRow(team_id=crew.id, number=number + 1, at=world.now, event="advance", actor="x",
                               from_state="workshop_1", to_state="workshop_2")  # fmt: skip
            session.add(later)
    if how is Lasting.WEEK:
        world.now += timedelta(days=7)


def status(crew: Crew, mail: int) -> str:
    tick.tick(crew.world.season, crew.world.db, crew.world.now.replace(second=0))
    with crew.world.db.reading() as session:
        return session.get_one(Message, mail).status


@pytest.mark.parametrize("waits", NOT_SENT)
def test_what_waits_in_any_way_is_dropped(crew: Crew, waits: str) -> None:
    mail = told(crew, "session_reminder", waits)
    assert status(crew, mail) == waits
    ends(crew, Lasting.QUESTION)
    assert status(crew, mail) == "dropped"


def test_what_was_sent_stays(crew: Crew) -> None:
    mail = told(crew, "session_reminder", "sent")
    ends(crew, Lasting.QUESTION)
    assert status(crew, mail) == "sent"


@pytest.mark.parametrize("how", Lasting)
@pytest.mark.parametrize("end", [Lasting.QUESTION, Lasting.STEP, Lasting.WEEK])
def test_a_mail_ends_with_what_it_is_about_and_with_nothing_else(crew: Crew, how: Lasting, end: Lasting) -> None:
    mail = told(crew, next(name for name, lasting in LASTING.items() if lasting is how))
    ends(crew, end)
    assert (status(crew, mail) == "dropped") is (how is end)
