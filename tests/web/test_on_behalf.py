"""A coordinator answers for whoever was asked, or corrects an answer: the question's own form, shown first with what it
brings."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import lived
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from tests.workflow.answering.test_corrections import (
    NOTE,
    TABLE,
    chosen,
    confirmed,
    handed_in,
    kind_in,
    met,
    question_of,
)
from workflow.database.models import Letter, Question, Submission
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.questions import KINDS, Correcting, QuestionKind

Q = QuestionKind
NAMES = {name for name in TABLE if "," not in name}
FIELDS = {
    AnswerKind.YES: {"answer": "yes"}, AnswerKind.NO: {"answer": "no"}, AnswerKind.RETURN: {"answer": "return"},
    AnswerKind.NAMES: {"answer": "all"}, AnswerKind.SUBMISSION: {},
    AnswerKind.HOURS: {"answer": "rows", "hours-0-length": "1,5 h"},
}  # fmt: skip


def typed(said: Answer) -> dict[str, object]:
    """The form as it is filled in for this answer."""
    return {**FIELDS[said.kind], "text": said.text, "note": NOTE}


def scene(pages: Pages, name: str) -> tuple[Crew, Desk, str]:
    crew = Crew(pages.world, lived(pages.world, TABLE[name].ready))
    return crew, at_the_desk(pages), f"/office/question/{question_of(crew, kind_in(name))}"


def person(desk: Desk, path: str) -> dict[str, object]:
    """The first for whom it can be answered, where the form asks for whom."""
    _, menu, rest = desk.get(path).partition('<select id="person"')
    return {"person": rest.partition('value="')[2].partition('value="')[2].partition('"')[0]} if menu else {}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_kind_has_its_form_which_needs_a_note_and_keeps_what_was_typed(pages: Pages, name: str) -> None:
    crew, desk, path = scene(pages, name)
    whom, before = person(desk, path), len(crew.history())
    answer = desk.browser.post(path, {**typed(TABLE[name].first), **whom, "note": " "})
    assert answer.status_code == 400 and 'id="note-error"' in answer.text
    assert TABLE[name].first.text in answer.text and len(crew.history()) == before
    desk.confirm(path, **typed(TABLE[name].first), **whom)
    assert TABLE[name].does(crew)


@pytest.mark.parametrize("name", sorted(name for name in NAMES if KINDS[kind_in(name)].corrected is Correcting.ANEW))
def test_an_answer_is_corrected_on_the_same_form(pages: Pages, name: str) -> None:
    crew, desk, path = scene(pages, name)
    whom = person(desk, path)
    desk.confirm(path, **typed(TABLE[name].first), **whom)
    page = desk.get(path)
    assert "Kirjas on:" in page and "Parandate vastust" in page
    other = typed(TABLE[name].other)
    if name == "hours":
        other["hours-0-length"] = "2 h"
    shown = desk.send(path, **other, **whom)
    assert 'name="digest"' in shown and TABLE[name].does(crew), "looking does nothing"
    desk.confirm(path, **other, **whom)
    assert TABLE[name].corrected(crew) and TABLE[name].undone(crew)


def test_the_team_s_page_leads_there_and_says_afterwards_on_whose_behalf(pages: Pages) -> None:
    crew = Crew(pages.world, lived(pages.world, chosen))
    desk, question = at_the_desk(pages), question_of(crew, Q.CONFIRM_PLACE)
    assert f'href="/office/question/{question}"' in desk.get(f"/office/team/{crew.id}")
    desk.confirm(f"/office/question/{question}", answer="yes", note=NOTE, person=str(crew.contact.id))
    page = desk.get(f"/office/team/{crew.id}")
    assert f"inimese {crew.contact.name} eest: {NOTE}" in page
    assert f'href="/office/question/{question}"' in page.partition("Vastatud")[2], "it can be corrected"


def test_where_several_were_asked_nobody_is_chosen_for_the_coordinator(pages: Pages) -> None:
    crew, desk, path = scene(pages, "confirm_place")
    answer = desk.browser.post(path, {"answer": "yes", "note": NOTE})
    assert answer.status_code == 400 and "Valige, kelle eest vastate." in answer.text
    assert crew.state == "selected"


def test_a_work_that_came_another_way_is_uploaded_there(pages: Pages) -> None:
    crew, desk, path = scene(pages, "homework")
    page = desk.send(path, **person(desk, path), note=NOTE, files=(io.BytesIO(b"%PDF-1.4 kaart"), "kaart.pdf"))
    assert "Vastus on kirjas" in page
    with pages.db.reading() as session:
        (work,) = session.scalars(sa.select(Submission).where(Submission.team_id == crew.id))
        assert [file.name for file in work.files] == ["kaart.pdf"]
    assert crew.history()[-1].proof["note"] == NOTE


def test_what_cannot_be_says_why_and_changes_nothing(pages: Pages) -> None:
    crew, desk, path = scene(pages, "homework")
    whom = person(desk, path)
    desk.confirm(path, **typed(TABLE["homework"].first), **whom)
    review = f"/office/question/{question_of(crew, Q.REVIEW)}"
    desk.confirm(review, answer="yes", note=NOTE, **person(desk, review))
    assert "vastu võetud" in desk.send(path, **typed(TABLE["homework"].other), **whom)


@pytest.mark.parametrize("kind", [Q.APPROVE, Q.REFLECTION])
def test_what_only_its_owner_or_a_step_answers_has_no_such_form(pages: Pages, kind: Q) -> None:
    crew = Crew(pages.world, lived(pages.world, confirmed))
    with pages.db.writing() as session:
        row = Question(key="x", kind=kind, team_id=crew.id, asked_at=pages.world.now, about={"trigger": "advance"})
        session.add(row)
        session.flush()
        number = row.id
    assert at_the_desk(pages).browser.get(f"/office/question/{number}").status_code == 404


def test_the_session_s_page_leads_to_a_roll_call_that_waits(pages: Pages) -> None:
    crew = Crew(pages.world, lived(pages.world, met))
    question = question_of(crew, Q.ROLL_CALL)
    with pages.db.reading() as session:
        meeting = session.get_one(Question, question).about["session"]
    assert f"/office/question/{question}" in at_the_desk(pages).get(f"/office/calendar/{meeting}")


def test_a_held_letter_s_other_answer_corrects_after_a_look(pages: Pages) -> None:
    """The trainer accepted the work, then writes that it goes back: one button, shown with the step that it undoes."""
    crew = Crew(pages.world, lived(pages.world, handed_in))
    world = pages.world
    world.replies("review", "JAH", team=crew.id)
    assert crew.state == "workshop_2"
    world.now += timedelta(hours=1)
    letter = world.replies("review", "TAGASI: lisage kaart", team=crew.id)
    assert letter.status == "held"
    desk = at_the_desk(pages)
    page = desk.send(f"/office/letter/{letter.id}/read", reading="0")
    assert 'name="digest"' in page and crew.state == "workshop_2"
    desk.confirm(f"/office/letter/{letter.id}/read", reading="0")
    assert crew.state == "workshop_1"
    with pages.db.reading() as session:
        assert session.get_one(Letter, letter.id).status == "done"
