"""Words to a question that is over: each kind of question × what is said then × where the words end and who reads
them. No cell is empty, and none ends without a person unless it says nothing new."""

from datetime import date, timedelta
from typing import Final

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.answering import held_letters, submit
from workflow.answering.submit import AnswerResult
from workflow.database.engine import Database
from workflow.database.models import Alert, Letter, Person, Question
from workflow.journey.submissions import Upload
from workflow.records import approvals
from workflow.replies import understand
from workflow.replies.answers import Answer, AnswerKind, Asked, HoursEntry, ReplyContent
from workflow.replies.repetition import Repetition, compared
from workflow.rules.answers import as_json
from workflow.rules.doors import Door
from workflow.rules.questions import KINDS, QuestionKind
from workflow.schedule import alert_checks

MAILED: Final = [kind for kind, row in KINDS.items() if not row.signed_in]
FIRST: Final = {
    AnswerKind.YES: Answer(kind=AnswerKind.YES),
    AnswerKind.HOURS: Answer(kind=AnswerKind.HOURS, entries=(HoursEntry(minutes=90),)),
    AnswerKind.SUBMISSION: Answer(kind=AnswerKind.SUBMISSION, text="Töö"),
    AnswerKind.RATINGS: Answer(kind=AnswerKind.RATINGS),
}
OTHER: Final = {
    AnswerKind.YES: Answer(kind=AnswerKind.NO, text="kahjuks ei saa"),
    AnswerKind.HOURS: Answer(kind=AnswerKind.HOURS, entries=(HoursEntry(minutes=120),)),
    AnswerKind.SUBMISSION: Answer(kind=AnswerKind.SUBMISSION, text="Teine töö"),
    AnswerKind.RATINGS: Answer(kind=AnswerKind.UNCLEAR, text="tegelikult oli see halb"),
}


@pytest.fixture
def crew(sqlite_db: Database) -> Crew:
    return World(sqlite_db).apply().selected()


def over(crew: Crew, kind: QuestionKind, first: Answer | None) -> int:
    """A closed question of this kind to the contact, with this answer; None: nobody answered."""
    world = crew.world
    with world.db.writing() as session:
        person = session.get_one(Person, crew.contact.id)
        row = Question(
            key=f"over:{kind}", kind=kind, team_id=crew.id, stage="workshop_1", about={}, asked_at=world.now,
            due_at=world.now + timedelta(days=7), closed_at=world.now, outcome=first.kind if first else "expired",
            answer=as_json(first) if first else None, answered_by_id=person.id if first else None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def said(crew: Crew, question: int, answer: Answer, files: tuple[Upload, ...] = ()) -> AnswerResult:
    """By the contact, through a form: what came of it. A letter goes the same way and is held."""
    world = crew.world
    with world.db.writing() as session:
        row, person = session.get_one(Question, question), session.get_one(Person, crew.contact.id)
        actor = submit.actor_for(person, via=Door.LINK, question=row)
        return submit.answer(world.season, session, row, person, answer, actor, world.now, files).result


def notices(crew: Crew) -> list[str]:
    alert_checks.look(crew.world.season, crew.world.db, crew.world.now)
    with crew.world.db.reading() as session:
        return list(session.scalars(sa.select(Alert.kind).where(Alert.kind == "afterwards", Alert.standing())))


def first_of(kind: QuestionKind) -> Answer:
    return FIRST[KINDS[kind].takes[0]]


@pytest.mark.parametrize("kind", MAILED)
def test_nothing_new_ends_quietly(crew: Crew, kind: QuestionKind) -> None:
    question = over(crew, kind, first_of(kind))
    for words in (Answer(kind=AnswerKind.NONE), Answer(kind=AnswerKind.UNCLEAR, text="Aitäh, selge!"), first_of(kind)):
        assert said(crew, question, words) is AnswerResult.ALREADY
    assert notices(crew) == []


@pytest.mark.parametrize("kind", MAILED)
@pytest.mark.parametrize(
    "words", ["Palun helistage mulle.", "Kas II toas saab parkida?", "Kahjuks peame siiski loobuma."]
)
def test_anything_else_stands_before_a_person(crew: Crew, kind: QuestionKind, words: str) -> None:
    question = over(crew, kind, first_of(kind))
    read = understand.understand(kind, ReplyContent(text=words), Asked(today=crew.world.now.date()))
    if KINDS[kind].takes_work:
        read = Answer(kind=AnswerKind.UNCLEAR, text=words)
    assert said(crew, question, read) is AnswerResult.AFTERWARDS
    assert notices(crew) == ["afterwards"]


@pytest.mark.parametrize("kind", MAILED)
def test_another_answer_stands_before_a_person_and_changes_nothing(crew: Crew, kind: QuestionKind) -> None:
    question = over(crew, kind, first_of(kind))
    assert said(crew, question, OTHER[KINDS[kind].takes[0]]) is AnswerResult.AFTERWARDS
    assert notices(crew) == ["afterwards"]
    with crew.world.db.reading() as session:
        assert session.get_one(Question, question).answer == as_json(first_of(kind))


@pytest.mark.parametrize("kind", MAILED)
def test_a_file_stands_before_a_person(crew: Crew, kind: QuestionKind) -> None:
    question = over(crew, kind, first_of(kind))
    file = Upload("kava.pdf", "application/pdf", b"%PDF-1.4")
    assert said(crew, question, Answer(kind=AnswerKind.UNCLEAR, text=""), (file,)) is AnswerResult.AFTERWARDS


@pytest.mark.parametrize("kind", MAILED)
def test_an_answer_that_comes_late_stands_before_a_person_unless_silence_said_it(
    crew: Crew, kind: QuestionKind
) -> None:
    question = over(crew, kind, None)
    late = said(crew, question, first_of(kind))
    known = KINDS[kind].silence is first_of(kind).kind or first_of(kind).kind is AnswerKind.RATINGS
    assert late is (AnswerResult.LATE if known else AnswerResult.AFTERWARDS)
    assert said(crew, question, Answer(kind=AnswerKind.NONE)) is AnswerResult.LATE


def test_a_letter_waits_with_its_readings_and_its_notice_goes_with_it(crew: Crew) -> None:
    crew.replies("confirm_place", "JAH", person=crew.contact.address)
    letter = crew.replies(
        "confirm_place", "Kahjuks peame siiski loobuma. Palun helistage.", person=crew.contact.address
    )
    assert (letter.status, letter.outcome, letter.team_id) == ("held", "afterwards", crew.id)
    assert "koordinaator loeb" in crew.got("already")[-1].body.lower()
    assert notices(crew) == ["afterwards"] and len(crew.world.messages("alert")) == 1
    with crew.world.db.writing() as session:
        held = session.get_one(Letter, letter.id)
        coordinator = crew.world.coordinator().person
        assert coordinator is not None and held_letters.dismiss(session, held, coordinator, crew.world.now)
    assert notices(crew) == []


# -- while the consequence waits -------------------------------------------------------------------


def contradicted(crew: Crew) -> Letter:
    """The deputy gives the place up, which waits for the coordinator; then the contact takes it."""
    deputy = crew.people()[1].address
    assert crew.replies("confirm_place", "EI, kahjuks ei saa sel kevadel", person=deputy).outcome == "accepted"
    assert crew.state == "selected"
    letter = crew.replies("confirm_place", "JAH", person=crew.contact.address)
    assert (letter.status, letter.outcome) == ("held", "afterwards")
    return letter


def test_who_approves_sees_every_word_said_to_the_question(crew: Crew) -> None:
    contradicted(crew)
    with crew.world.db.reading() as session:
        (asked,) = approvals.waiting(session, crew.row)
        words = [(one.person.part, one.words) for one in approvals.statements(session, asked) if one.person]
    assert words == [("deputy", "EI, kahjuks ei saa sel kevadel"), ("contact", "JAH")]


def test_the_later_word_may_be_taken_instead_while_nothing_came_of_the_first(crew: Crew) -> None:
    letter, world = contradicted(crew), crew.world
    with world.db.writing() as session:
        held = session.get_one(Letter, letter.id)
        (reading,) = held_letters.readings(held)
        person = session.merge(world.coordinator().person)
        assert person is not None
        outcome = held_letters.resolve(world.season, session, held, reading, person, world.now)
    assert outcome is not None and outcome.result is AnswerResult.ACCEPTED
    assert crew.state == "workshop_1"
    with world.db.reading() as session:
        assert approvals.waiting(session, crew.row) == []
        assert session.scalars(sa.select(Question.outcome).where(Question.kind == "approve")).all() == ["dropped"]


# -- beside a calendar's button --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("", AnswerKind.YES),
        ("Aitäh!", AnswerKind.YES),
        ("Jah, tulen kindlasti", AnswerKind.YES),
        ("tulen tunni hiljem", AnswerKind.UNCLEAR),
        ("ei tea veel", AnswerKind.UNCLEAR),
        ("Ei tule", AnswerKind.UNCLEAR),
        ("ainult hommikul", AnswerKind.UNCLEAR),
    ],
)
def test_a_comment_beside_the_button_is_the_persons_own_word(comment: str, kind: AnswerKind) -> None:
    asked = Asked(today=World.now.date())
    read = understand.understand("rsvp", ReplyContent(text="", partstat="ACCEPTED", comment=comment), asked)
    assert (read.kind, read.text) == (kind, comment)


@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if not row.signed_in])
@pytest.mark.parametrize("words", ["Roughly.", "Hi!\n\nRoughly.", "Enam-vähem.", "Umbes nii."])
def test_words_that_nobody_can_make_anything_of_are_never_taken_for_courtesy(kind: QuestionKind, words: str) -> None:
    said = understand.understand(kind, ReplyContent(text=words), Asked(today=date(2022, 4, 5)))
    assert said.kind is not AnswerKind.UNCLEAR or compared(said, None) is Repetition.ADDS
