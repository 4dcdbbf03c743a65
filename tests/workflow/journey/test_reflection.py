"""Members rate themselves at the start and at the end: on a form, as they like, until it closes, by nobody's name."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mail.composing.message_bytes import to_bytes
from tests.builders import Crew, World, config
from tests.season_snapshots import confirmed
from workflow.answering import submit
from workflow.database.engine import Database
from workflow.database.models import Message, Question, Reflection, Team
from workflow.journey.reflection import Moment, given, outcomes
from workflow.records import queries
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.doors import Door
from workflow.rules.machine import Trigger
from workflow.security import own_links
from workflow.views import funder_report
from workflow.views.reflection_report import may_be_shown, report

SEMINAR = datetime(2022, 10, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def questions(crew: Crew, moment: str = "start") -> list[Question]:
    with crew.world.db.reading() as session:
        asked = sa.select(Question).where(Question.kind == "reflection", Question.team_id == crew.id)
        return [q for q in session.scalars(asked.order_by(Question.id)) if q.about["moment"] == moment]


def rate(crew: Crew, question: Question, **ratings: int) -> submit.AnswerResult:
    world = crew.world
    with world.db.writing() as session:
        row = session.get_one(Question, question.id)
        person = row.addressees[0].person
        said = Answer(kind=AnswerKind.RATINGS, ratings=tuple(ratings.items()), rule="form")
        actor = submit.actor_for(person, via=Door.LINK, question=row)
        return submit.answer(world.season, session, row, person, said, actor, world.now).result


def all_rate(crew: Crew, *ratings: int, moment: str = "start") -> None:
    for question, rating in zip(questions(crew, moment), ratings, strict=False):
        rate(crew, question, know_1=rating)


def test_each_member_is_asked_once_when_the_place_is_confirmed(world: World) -> None:
    crew = world.apply().confirmed("I")
    told = crew.got("place_confirmed")
    assert [m.to_address for m in told] == [p.address for p in crew.people()] and crew.got("reflection") == []
    with world.db.reading() as session:
        asked = [session.get_one(Question, question.id) for question in questions(crew)]
        doors = [door for question in asked for door in question.addressees]
        assert all(f"/q/{own_links.door(door.id)}>" in mail.body for mail, door in zip(told, doors, strict=True))
        sent = to_bytes(session.get_one(Message, told[0].id), world.identity).replace(b"=\r\n", b"")
    assert f"/q/{doors[0].secret}".encode() in sent and b"own-door" not in sent
    assert {q.due_at for q in questions(crew)} == {datetime(2022, 2, 15, 22, 0, tzinfo=UTC)}
    assert questions(crew, "end") == []


def test_nobody_is_asked_where_the_config_does_not_say_so(sqlite_db: Database) -> None:
    world = World(sqlite_db, config({"[reflection]\ndays = 14\n": ""}))
    assert world.apply().confirmed("I").got("reflection") == []


def test_ratings_are_kept_apart_from_the_question_and_may_be_changed_until_it_closes(world: World) -> None:
    crew = confirmed(world, group="I")
    first = questions(crew)[0]
    assert rate(crew, first, know_1=2, can_3=5) is submit.AnswerResult.ACCEPTED
    assert rate(crew, first, know_1=3) is submit.AnswerResult.ACCEPTED
    with world.db.reading() as session:
        row = session.get_one(Question, first.id)
        assert given(session, row) == {"know_1": 3}
        assert row.answer == {"kind": "ratings", "text": ""} and row.answered_by_id is not None
    world.wait(days=16)
    assert rate(crew, first, know_1=1) is submit.AnswerResult.ALREADY
    assert {q.outcome for q in questions(crew)} == {"ratings", "expired"}


def test_who_has_not_answered_is_reminded_once_and_never_called_late(world: World) -> None:
    crew = confirmed(world, group="I")
    rate(crew, questions(crew)[0], know_1=4)
    world.wait(days=30)
    mails = [m for m in crew.got("reflection") if m.key.startswith("reminder:")]
    assert sorted(m.to_address for m in mails) == sorted(p.address for p in crew.people()[1:])
    assert all("rohkem me ei tuleta meelde" in m.body for m in mails)


def test_a_reply_by_mail_is_answered_with_the_form_and_rates_nothing(world: World) -> None:
    crew = confirmed(world, group="I")
    letter = crew.replies("reflection", "1 4 5 3 2")
    assert (letter.status, letter.outcome) == ("held", "unclear") and letter.readings == []
    (mail,) = crew.got("form_only")
    assert "/q/" in mail.body and crew.got("unclear") == []
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Reflection)) == 0


def test_at_the_end_all_are_asked_again_and_undoing_the_completion_takes_that_back(world: World) -> None:
    crew = confirmed(world, group="I")
    world.now = SEMINAR
    with world.db.writing() as session:
        session.execute(sa.update(Team).where(Team.id == crew.id).values(state="final_seminar"))
    crew.move(Trigger.COMPLETE, override="kõik on tehtud")
    assert [q.outcome for q in questions(crew, "end")] == [None] * 4
    all_rate(crew, 5, moment="end")
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Reflection)) == 1


def test_at_the_end_of_the_last_session_teams_are_asked_before_they_complete(world: World) -> None:
    crew = confirmed(world, group="I")
    with world.db.reading() as session:
        last = queries.stage_session(session, world.season.programme.stages[-1].key, "I")
        assert last is not None
        over = last.ends_at
    world.now = over - timedelta(days=2)  # what is due on the way there is for tests/workflow/schedule/test_tick.py
    world.wait_until(over - timedelta(minutes=1))
    assert questions(crew, "end") == []
    world.wait_until(over + timedelta(minutes=1))
    assert len(questions(crew, "end")) == 4
    with world.db.writing() as session:
        session.execute(sa.update(Team).where(Team.id == crew.id).values(state="final_seminar"))
    crew.move(Trigger.COMPLETE, override="kõik on tehtud")
    assert len(questions(crew, "end")) == 4 and questions(crew, "end")[0].closed_at is None


# -- the report -------------------------------------------------------------------------------------


def test_averages_stand_by_outcome_and_team_and_only_once_the_time_is_over(world: World) -> None:
    crew, few = confirmed(world, group="I"), world.apply("Kose").confirmed("I")
    all_rate(crew, 1, 2, 3, 4)
    all_rate(few, 5, 5, 5)
    with world.db.reading() as session:
        assert not report(world.season.programme, session).everybody.shown
    world.wait(days=16)
    with world.db.reading() as session:
        seen = report(world.season.programme, session)
        table = next(t for t in funder_report.tables(world.season, session, "en") if t.key == "reflection")
    first = seen.everybody.changes[0]
    assert first.before is not None and (first.before.answers, first.before.mean) == (7, Decimal("3.57"))
    assert first.after is None and seen.answered[Moment.START] == 7
    means = {g.team.name: g.changes[0].before.mean for g in seen.teams if g.team and g.changes[0].before}
    assert means == {"Võru": Decimal("2.50"), "Kose": Decimal("5.00")}
    assert ("Võru", Decimal("2.50"), 4) in {(row[1], row[2], row[3]) for row in table.rows}
    names = {p.name for p in (*crew.people(), *few.people())}
    assert not names & {str(value) for row in table.rows for value in row}


def test_fewer_than_three_answers_are_never_shown_nor_found_by_subtracting() -> None:
    assert may_be_shown({1: 4, 2: 3}) == {1, 2}
    assert may_be_shown({1: 4, 2: 2}) == frozenset()  # all minus the first would be the second
    assert may_be_shown({1: 4, 2: 3, 3: 1}) == {1}
    assert may_be_shown({1: 4, 2: 2, 3: 2}) == {1}
    assert may_be_shown({1: 2}) == frozenset()


def test_a_team_of_few_answers_is_left_out_of_the_report(world: World) -> None:
    crew, few = confirmed(world, group="I"), world.apply("Kose").confirmed("I")
    all_rate(crew, 1, 2, 3)
    all_rate(few, 5, 5)
    world.wait(days=16)
    with world.db.reading() as session:
        seen = report(world.season.programme, session)
    assert seen.everybody.changes[0].before is not None
    assert [group.shown for group in seen.teams] == [False, False]


def test_every_outcome_of_the_programme_has_a_key_of_its_own(world: World) -> None:
    all_of_them = outcomes(world.season.programme)
    about = world.season.programme.about
    assert [one.says for one in all_of_them] == [*about.outcomes_know, *about.outcomes_can]
    assert len({one.key for one in all_of_them}) == len(all_of_them) == 12
