"""The rows of the kinds of question: every table keyed by them is whole, and every reader of a row agrees."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

import pytest

from tests.builders import World
from tests.paths import ROOT
from tests.season_snapshots import confirmed
from web.public import question_forms, question_page
from workflow.answering.effects import EFFECTS
from workflow.database.engine import Database
from workflow.database.models import Question, Team
from workflow.records import open_questions, queries
from workflow.replies import understand
from workflow.replies.answers import AnswerKind
from workflow.rules.questions import KINDS, WORK, WORK_QUESTION, Amending, QuestionKind, Reminding
from workflow.schedule import digest
from workflow.views.mail import today
from workflow.views.team import team_page

ALL: Final = frozenset(QuestionKind)
ON_A_FORM: Final = ALL - {kind for kind, row in KINDS.items() if row.signed_in}


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        pytest.param(KINDS, ALL, id="rows"),
        pytest.param(EFFECTS, ALL, id="what an answer does"),
        pytest.param(understand.READERS, ALL, id="how a reply is read"),
        pytest.param(question_forms.READERS, ON_A_FORM, id="how a form is read"),
        pytest.param(question_page.SHOWN, ON_A_FORM, id="what a form shows"),
        pytest.param(
            [path.stem.removeprefix("door_") for path in (ROOT / "templates" / "web").glob("door_*.html")
             if path.stem not in ("door_closed", "door_done", "door_entries", "door_files")],
            ON_A_FORM, id="templates of forms",
        ),
    ],
)  # fmt: skip
def test_a_table_keyed_by_kind_has_exactly_the_kinds(table: Collection[str], kinds: frozenset[QuestionKind]) -> None:
    assert set(table) == kinds and len(table) == len(kinds)


@pytest.mark.parametrize("kind", QuestionKind)
def test_what_an_unclear_reply_may_have_meant_is_an_answer_that_the_kind_takes(kind: QuestionKind) -> None:
    assert set(understand.READERS[kind].may_mean) <= set(KINDS[kind].takes)


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_row_contradicts_itself_nowhere(kind: QuestionKind) -> None:
    row = KINDS[kind]
    assert row.amend is not Amending.UNTIL_DUE or row.expires, "an answer that changes until it is due needs an end"
    assert (row.amend is Amending.UNTIL_READ) == row.takes_work
    assert row.reminding is not Reminding.ALL or row.owed, "who owes nothing is not reminded again and again"
    assert not (row.form_only and row.signed_in)
    assert row.form_only == (row.takes == (AnswerKind.RATINGS,)), "ratings cannot be written in a mail"


def test_every_work_is_asked_for_by_a_kind_that_takes_work() -> None:
    assert set(WORK_QUESTION.values()) == WORK


# -- the places that tell what is owed ----------------------------------------------------------------------------


def owed(world: World, team_id: int) -> dict[str, int]:
    """Where it is told what is owed -> how many questions stand there."""
    with world.db.reading() as session:
        page = team_page(world.season, session, session.get_one(Team, team_id), world.now)
        late = digest.waiting(world.season, session, world.now)["late"]
        assert isinstance(late, tuple)
        return {
            "team's page": len(page.owed),
            "today": today(world.season, session, world.now).owed.total,
            "late, in the morning's mail": len(late),
        }


def ask_late(world: World, team_id: int, kind: QuestionKind) -> None:
    """A question of this kind that nobody answered, and whose date has passed."""
    with world.db.writing() as session:
        member = queries.contact(session, team_id)
        assert member is not None
        question = Question(
            key=f"late:{kind}", kind=kind, team_id=team_id, asked_at=world.now - timedelta(days=9),
            due_at=world.now - timedelta(days=2), about={"trigger": "advance"}, stage="workshop_1",
        )  # fmt: skip
        session.add(question)
        open_questions.put_to(world.season, session, question, member)


def test_the_team_s_page_today_and_the_morning_s_mail_tell_alike_what_is_owed(world: World) -> None:
    team = confirmed(world).id
    for kind, row in KINDS.items():
        before = owed(world, team)
        ask_late(world, team, kind)
        more = {where: number - before[where] for where, number in owed(world, team).items()}
        assert more == dict.fromkeys(before, int(row.owed)), kind


def test_a_team_that_just_confirmed_its_application_owes_nothing(world: World) -> None:
    """Its members were told that they are named: silence is consent."""
    team = world.apply("Võru").verified()
    assert team.got("consent")
    assert set(owed(world, team.id).values()) == {0}
