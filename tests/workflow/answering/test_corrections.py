"""What a coordinator does with anybody's answer: each kind of question × (answered on behalf, corrected, what the first
answer caused is undone). No cell is empty; what cannot be corrected so says where it can."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.open_questions import applied, chosen, confirmed, handed_in, mentored, met, named, presenting, reported
from tests.season_snapshots import lived
from workflow.answering import corrections, on_behalf
from workflow.audit.verify import verify
from workflow.coordinator import polls
from workflow.coordinator.polls import Poll
from workflow.database.engine import Database
from workflow.database.models import Alert, HistoryRow, Invitation, Message, Person, Question, Submission, Team
from workflow.records import attendance, queries
from workflow.replies.answers import Answer, AnswerKind, HoursEntry
from workflow.rules.hours import effective
from workflow.rules.machine import Trigger
from workflow.rules.questions import KINDS, Correcting, PollForm, QuestionKind
from workflow.schedule import alert_checks
from workflow.text.bilingual import Text

Q = QuestionKind
YES, NO = Answer(kind=AnswerKind.YES), Answer(kind=AnswerKind.NO, text="kahjuks ei saa")
RETURN: Final = Answer(kind=AnswerKind.RETURN, text="Lisage kaart")
NOTE: Final = "helistas 3. märtsil"


def work(text: str) -> Answer:
    return Answer(kind=AnswerKind.SUBMISSION, text=text)


def hours(minutes: int) -> Answer:
    return Answer(kind=AnswerKind.HOURS, entries=(HoursEntry(minutes=minutes),))


def absent(*names: str) -> Answer:
    return Answer(kind=AnswerKind.NAMES, names=names)


# -- what is then so ----------------------------------------------------------------------------------------------


def state(*states: str) -> Callable[[Crew], bool]:
    return lambda crew: crew.state in states


def is_verified(crew: Crew) -> bool:
    return crew.row.verified_at is not None


def members(number: int) -> Callable[[Crew], bool]:
    return lambda crew: len(crew.people()) == number


def expected(answer: str) -> Callable[[Crew], bool]:
    def so(crew: Crew) -> bool:
        with crew.world.db.reading() as session:
            said = session.scalars(sa.select(Invitation.expected).where(Invitation.expected.is_not(None)))
            return list(said) == [answer]

    return so


def present(number: int) -> Callable[[Crew], bool]:
    def so(crew: Crew) -> bool:
        with crew.world.db.reading() as session:
            return sum(row.present for row in attendance.of_team(session, crew.id)) == number

    return so


def works(*standing: tuple[str, str]) -> Callable[[Crew], bool]:
    """Each version by its text (as far as it is told here) and where it stands."""

    def so(crew: Crew) -> bool:
        with crew.world.db.reading() as session:
            rows = session.scalars(sa.select(Submission).where(Submission.team_id == crew.id).order_by(Submission.id))
            return [(row.text[:7], row.status) for row in rows] == list(standing)

    return so


def polled(world: World) -> int:
    """A coordinator's own question to the contact."""
    team_id = confirmed(world)
    with world.db.writing() as session:
        team = session.get_one(Team, team_id)
        poll = Poll(form=PollForm.YES_NO, choices={}, due=world.now + timedelta(days=9))
        polls.ask(world.season, session, poll, "kiri", team.people[0], team, "Kas tulete bussiga?", world.now)
    return team_id


def polled_as(outcome: str) -> Callable[[Crew], bool]:
    def so(crew: Crew) -> bool:
        with crew.world.db.reading() as session:
            (question,) = queries.questions_of(session, crew.id, (Q.POLL,))
            return question.outcome == outcome and (question.answer or {})["kind"] == outcome

    return so


def waiting(kind: Q, number: int) -> Callable[[Crew], bool]:
    def so(crew: Crew) -> bool:
        with crew.world.db.reading() as session:
            return len(queries.questions_of(session, crew.id, (kind,), open_only=True)) == number

    return so


def booked(*minutes: int) -> Callable[[Crew], bool]:
    def so(crew: Crew) -> bool:
        with crew.world.db.reading() as session:
            ledger = queries.entries(queries.ledger(session, crew.id))
            return [length for _, length in effective(ledger)] == list(minutes)

    return so


def disputed(number: int) -> Callable[[Crew], bool]:
    def so(crew: Crew) -> bool:
        alert_checks.look(crew.world.season, crew.world.db, crew.world.now)
        with crew.world.db.reading() as session:
            open_ones = sa.select(sa.func.count()).where(Alert.kind == "dispute", Alert.standing())
            return session.scalar(open_ones) == number

    return so


@dataclass(frozen=True)
class Row:
    """A kind's way: an answer on behalf and what it does; another, what it does, and what is undone by it."""

    ready: Callable[[World], int]
    first: Answer
    does: Callable[[Crew], bool]
    other: Answer
    corrected: Callable[[Crew], bool]
    undone: Callable[[Crew], bool]


MAP: Final = "Kaardis"
TABLE: Final[dict[str, Row]] = {
    "verify": Row(applied, YES, is_verified, NO, lambda c: c.history()[-1].event == "disowned",
                  lambda c: not is_verified(c)),
    "verify, the other way": Row(applied, NO, lambda c: not is_verified(c), YES, is_verified,
                                 lambda c: not alerts(c, "disowned")),
    "consent": Row(named, NO, members(3), YES, members(4), lambda c: c.history()[-1].event == "joined"),
    "consent, the other way": Row(named, YES, members(4), NO, members(3), lambda c: c.history()[-1].event == "left"),
    "confirm_place": Row(chosen, YES, state("workshop_1"), NO, state("withdrawn"), waiting(Q.RSVP, 0)),
    "confirm_place, the other way": Row(chosen, NO, state("released"), YES, state("workshop_1"),
                                        waiting(Q.CONFIRM_PLACE, 0)),
    "rsvp": Row(confirmed, YES, expected("yes"), NO, expected("no"), expected("no")),
    "poll": Row(polled, YES, polled_as("yes"), NO, polled_as("no"), polled_as("no")),
    "roll_call": Row(met, absent(), present(4), absent("Võru Jüri Tamm"), present(3), present(3)),
    "homework": Row(met, work("Kaardistus"), works((MAP, "handed_in")), work("Uus töö"),
                    works((MAP, "superseded"), ("Uus töö", "handed_in")), waiting(Q.REVIEW, 1)),
    "review": Row(handed_in, YES, state("workshop_2"), RETURN, works((MAP, "returned")),
                  lambda c: c.state == "workshop_1" and waiting(Q.HOMEWORK, 1)(c)),
    "review, the other way": Row(handed_in, RETURN, works((MAP, "returned")), YES, state("workshop_2"),
                                 waiting(Q.HOMEWORK, 0)),
    "hours": Row(mentored, hours(90), booked(90), hours(120), booked(120), waiting(Q.HOURS_CHECK, 1)),
    "hours, beyond the cap": Row(mentored, hours(60 * 20), booked(), hours(60), booked(60),
                                 lambda c: not alerts(c, "hours")),
    "hours_check": Row(reported, NO, disputed(1), YES, lambda c: c.history()[-1].event == "hours_confirmed",
                       disputed(0)),
    "hours_check, the other way": Row(reported, YES, disputed(0), NO, disputed(1),
                                      lambda c: c.history()[-1].event == "hours_disputed"),
    "presentation": Row(presenting, work("Esitlus"), works(("Esitlus", "handed_in")), work("Uus töö"),
                        works(("Esitlus", "superseded"), ("Uus töö", "handed_in")), waiting(Q.PRESENTATION, 0)),
}  # fmt: skip


def alerts(crew: Crew, kind: str) -> list[Alert]:
    alert_checks.look(crew.world.season, crew.world.db, crew.world.now)
    with crew.world.db.reading() as session:
        return list(session.scalars(sa.select(Alert).where(Alert.kind == kind, Alert.standing())))


def kind_in(name: str) -> Q:
    return Q(name.partition(",")[0])


def question_of(crew: Crew, kind: Q) -> int:
    return crew.world.asked(kind, team=None if kind is Q.ROLL_CALL else crew.id)[0].id


def give(crew: Crew, question: int, said: Answer) -> Text | None:
    """The coordinator answers for whoever was asked."""
    world = crew.world
    with world.db.writing() as session:
        row = session.get_one(Question, question)
        person = on_behalf.people(session, row)[0]
        return on_behalf.give(world.season, session, row, person, said, world.coordinator(), NOTE, world.now)



@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def test_the_table_has_every_kind_and_so_has_what_takes_back() -> None:
    assert {kind_in(name) for name in TABLE} == {kind for kind, row in KINDS.items() if row.on_behalf}
    assert set(corrections.TAKE_BACK) == {kind for kind, row in KINDS.items() if row.corrected is Correcting.ANEW}
    assert {kind for kind, row in KINDS.items() if not row.on_behalf} == {Q.APPROVE, Q.REFLECTION, Q.ADDRESS}


@pytest.mark.parametrize("name", TABLE)
def test_answered_on_behalf_it_does_what_the_person_s_own_answer_does_and_says_so(world: World, name: str) -> None:
    row = TABLE[name]
    crew = Crew(world, lived(world, row.ready))
    question = question_of(crew, kind_in(name))
    assert give(crew, question, row.first) is None
    assert row.does(crew), name
    with world.db.reading() as session:
        asked = session.get_one(Question, question)
        assert asked.answered_by is not None and asked.answered_via == "page"
        proofs = session.scalars(sa.select(HistoryRow.proof).where(HistoryRow.question_id == question)).all()
        said = [(p["on_behalf"], p["note"], p["via"]) for p in proofs if "on_behalf" in p]
        told = session.scalars(sa.select(Message.id).where(Message.person_id == asked.answered_by_id)).all()
        assert set(said) <= {(asked.answered_by.name, NOTE, "page")} and told, "the person hears of it"
        assert said or kind_in(name) in (Q.RSVP, Q.CONSENT, Q.POLL), "what changes anything is in history"
        assert verify(session, world.season.machine).differences == []


@pytest.mark.parametrize("name", TABLE)
def test_corrected_the_other_answer_counts_and_what_the_first_one_caused_is_undone(world: World, name: str) -> None:
    row = TABLE[name]
    crew = Crew(world, lived(world, row.ready))
    question = question_of(crew, kind_in(name))
    assert give(crew, question, row.first) is None
    before = len(crew.history())
    world.now += timedelta(minutes=5)
    assert give(crew, question, row.other) is None
    assert row.corrected(crew), "the other answer counts"
    assert row.undone(crew), "what the first one caused is undone"
    with world.db.reading() as session:
        assert verify(session, world.season.machine).differences == []
    if KINDS[kind_in(name)].corrected is Correcting.ANEW:
        lines = [one for one in crew.history()[before:] if one.event == "answer_corrected"]
        assert [(one.why, one.proof["outcome"]) for one in lines] == [(NOTE, [row.first.kind, row.other.kind])]


@pytest.mark.parametrize("name", [name for name in TABLE if KINDS[kind_in(name)].corrected is Correcting.ANEW])
def test_corrected_to_the_same_nothing_is_done(world: World, name: str) -> None:
    row = TABLE[name]
    crew = Crew(world, lived(world, row.ready))
    question = question_of(crew, kind_in(name))
    give(crew, question, row.first)
    before = [(one.number, one.hash) for one in crew.history()], len(world.messages())
    assert give(crew, question, row.first) == corrections.SAME
    assert ([(one.number, one.hash) for one in crew.history()], len(world.messages())) == before


def test_who_withdrew_by_mistake_is_back_and_hears_of_it_once(world: World) -> None:
    """The place that was given up and is taken again is not offered anew."""
    crew = Crew(world, lived(world, chosen))
    question = question_of(crew, Q.CONFIRM_PLACE)
    give(crew, question, NO)
    offers = [m.id for m in crew.got("place_offer") if m.status != "dropped"]
    give(crew, question, YES)
    assert [m.id for m in crew.got("place_offer") if m.status != "dropped"] == offers


def test_a_place_that_was_given_on_is_not_taken_back(world: World) -> None:
    crew = Crew(world, lived(world, chosen))
    question = question_of(crew, Q.CONFIRM_PLACE)
    give(crew, question, NO)
    for number in range(world.season.programme.capacity):
        other = world.apply(f"Vald {number}")
        other.selected()
    before = len(crew.history())
    refused = give(crew, question, YES)
    assert refused is not None and "kohta" in refused.et and crew.state == "released"
    assert len(crew.history()) == before
    with world.db.reading() as session:
        assert session.get_one(Question, question).outcome == "no", "a refusal leaves the first answer"


def test_an_acceptance_is_not_taken_back_from_under_later_steps(world: World) -> None:
    crew = Crew(world, lived(world, handed_in))
    question = question_of(crew, Q.REVIEW)
    give(crew, question, YES)
    crew.move(Trigger.ADVANCE, override="harjutus")
    refused = give(crew, question, RETURN)
    assert refused is not None and "mitu sammu" in refused.et and crew.state == "workshop_3"
    assert works((MAP, "accepted"))(crew)


def test_an_accepted_work_is_not_replaced(world: World) -> None:
    crew = Crew(world, lived(world, handed_in))
    homework = question_of(crew, Q.HOMEWORK)
    give(crew, question_of(crew, Q.REVIEW), YES)
    refused = give(crew, homework, work("Hoopis muu"))
    assert refused is not None and "vastu võetud" in refused.et and works((MAP, "accepted"))(crew)


def test_who_is_answered_for_is_told_by_whom_and_may_say_that_it_is_wrong(world: World) -> None:
    crew = Crew(world, lived(world, confirmed))
    give(crew, question_of(crew, Q.RSVP), YES)
    (mail,) = [m for m in world.messages("read_back") if m.team_id == crew.id]
    assert world.coordinator().name in mail.body and NOTE in mail.body
    assert "Aitäh, vastus on käes" not in mail.body


def test_a_member_who_had_left_is_answered_for_where_nobody_else_was_asked(world: World) -> None:
    crew = Crew(world, lived(world, named))
    question = question_of(crew, Q.CONSENT)
    with world.db.reading() as session:
        person = on_behalf.people(session, session.get_one(Question, question))[0]
    give(crew, question, NO)
    with world.db.reading() as session:
        assert session.get_one(Person, person.id).left_at is not None
        assert [p.id for p in on_behalf.people(session, session.get_one(Question, question))] == [person.id]
