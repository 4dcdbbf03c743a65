"""The journey as its people live it: each test is a conversation by mail, on the real database."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.builders import Crew, World, config
from tests.season_snapshots import confirmed
from workflow.database.engine import Database
from workflow.database.models import Question, Team
from workflow.records import queries
from workflow.rules.machine import Decision, Machine, Refusal, Trigger
from workflow.rules.questions import QuestionKind
from workflow.rules.requirements import Facts


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def test_an_application_counts_once_its_contact_replies_jah(world: World) -> None:
    team = world.apply()
    assert team.row.verified_at is None
    letter = team.replies("verify", "JAH\n\nTervitades\nMari")
    assert (letter.status, letter.outcome) == ("done", "accepted")
    assert team.row.verified_at == world.now
    assert len(team.got("application_counts")) == 1


def test_an_unverified_team_cannot_be_selected_and_every_reason_is_said(world: World) -> None:
    team = world.apply()
    refused = team.move(Trigger.SELECT)
    assert isinstance(refused, Refusal)
    assert [r.key for r in refused.reasons] == ["verified"]
    assert team.state == "applied"
    assert team.got("place_offer") == []


def waiting(world: World, team: Crew, kind: str) -> list[Question]:
    with world.db.reading() as session:
        return queries.questions_of(session, team.id, (QuestionKind(kind),), open_only=True)


def test_a_team_confirms_its_place_and_is_invited_to_all_sessions_of_its_group(world: World) -> None:
    team = world.apply(group="II").selected()
    assert team.state == "selected"
    assert team.row.group == "II"
    team.replies("confirm_place", "Jah, võtame koha vastu!", person=team.contact.address)
    assert team.state == "workshop_1"
    assert sorted(m.to_address for m in team.got("place_confirmed")) == sorted(p.address for p in team.people())
    assert team.got("session_invitation") == [] and len(waiting(world, team, "rsvp")) == 4 * 6
    assert team.got("other_answered") == [], "the deputy has the news itself"


def test_another_answer_changes_nothing_says_so_and_waits_for_the_coordinator(world: World) -> None:
    team = confirmed(world)
    deputy = team.people()[1].address
    letter = team.replies("confirm_place", "EI", person=deputy)
    assert (letter.status, letter.outcome) == ("held", "afterwards")
    assert team.state == "workshop_1"
    assert [m.to_address for m in team.got("already")] == [deputy]


def test_an_unclear_answer_moves_nothing_and_waits_for_the_coordinator(world: World) -> None:
    team = world.apply().selected()
    letter = team.replies("confirm_place", "Jah, aga ainult siis, kui saame I rühma.")
    assert (letter.status, letter.outcome) == ("held", "unclear")
    assert team.state == "selected"
    assert len(team.got("unclear")) == 1


def test_an_answer_from_another_address_is_held_and_the_person_asked_is_told(world: World) -> None:
    team = world.apply().selected()
    letter = team.replies("confirm_place", "JAH", sender="naaber@example.org")
    assert (letter.status, letter.outcome) == ("held", "wrong_sender")
    assert team.state == "selected"
    assert len(team.got("wrong_sender")) == 1
    assert len(letter.readings) == 1


def test_no_place_offered_is_lost_when_nobody_answers(world: World) -> None:
    team, waiting = world.apply("Võru").selected(), world.apply("Põlva").verified()
    waiting.move(Trigger.WAITLIST)
    world.wait(days=9)
    assert team.got("reminder")
    world.decides(team=team.id)
    assert team.state == "released"
    assert waiting.state == "waitlisted"
    world.decides(team=waiting.id)
    assert waiting.state == "selected"


def test_a_late_answer_changes_nothing_says_so_and_waits_for_the_coordinator(world: World) -> None:
    team = world.apply().selected()
    world.wait(days=9)
    letter = team.replies("confirm_place", "JAH", person=team.contact.address)
    assert (letter.status, letter.outcome) == ("held", "afterwards")
    assert len(team.got("late")) == 1


def test_a_workshop_is_done_when_its_session_was_attended_and_its_work_accepted(world: World) -> None:
    team = confirmed(world, wishes="I")
    over = world.season.programme.session("workshop_1", "I").end
    world.wait_until(over + timedelta(hours=1))
    absent = team.people()[3].name
    assert world.replies("roll_call", f"Puudus {absent}").outcome == "accepted"
    handed = team.replies("homework", "Siin on meie kaart.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    assert handed.outcome == "accepted"
    world.wait(days=1)
    assert world.replies("review", "TAGASI: lisage külade nimed", team=team.id).outcome == "accepted"
    assert len(team.got("work_returned")) == 1
    team.replies("homework", "Parandatud.", files={"kaart2.pdf": b"%PDF-1.4 kaart2"})
    world.replies("review", "JAH", team=team.id)
    assert team.state == "workshop_2"
    assert team.got("stage_done") == [], "the next workshop invites by itself"
    assert len(team.got("work_accepted")) == 1


def test_a_team_that_comes_to_another_kind_of_stage_hears_what_it_has_in_store(world: World) -> None:
    team = confirmed(world, wishes="I")
    for _ in range(5):
        assert isinstance(team.move(Trigger.ADVANCE, override="kokku lepitud"), Decision)
    (first, _) = told = team.got("stage_done")
    assert team.state == "mentoring" and {m.to_address for m in told} == {p.address for p in team.people()[:2]}
    assert first.subject == f"V töötuba on läbitud: {team.row.name}"
    assert "Mentori määrame" in first.body and "määramata" not in first.body and "märkimata" not in first.body


def test_what_is_known_after_a_step_is_what_would_be_looked_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    team, moved_on, states = confirmed(world, wishes="I"), queries.moved_on, []

    def compared(session: Session, machine: Machine, row: Team, before: Facts) -> Facts:
        found = moved_on(session, machine, row, before)
        assert found == queries.facts(session, machine, row, places=False) != before
        states.append(row.state)
        return found

    monkeypatch.setattr(queries, "moved_on", compared)
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    assert world.replies("roll_call", "Kõik olid kohal").outcome == "accepted"
    team.replies("homework", "Siin on meie kaart.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.replies("review", "JAH", team=team.id)
    assert states == ["workshop_2"]


def test_one_mail_of_withdrawal_only_opens_an_approval(world: World) -> None:
    team = confirmed(world)
    world.send_all()
    letter = team.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=team.contact.address)
    assert letter.outcome == "withdraw"
    assert team.state == "workshop_1"
    world.decides(team=team.id)
    assert team.state == "withdrawn"
    assert len(team.got("withdrawn")) == 4 and team.got("session_cancelled") == []


def test_status_is_told_to_anyone_who_was_asked_anything(world: World) -> None:
    team = confirmed(world)
    assert team.replies("rsvp", "SEIS").outcome == "status"
    assert len(team.got("status")) == 1


def test_robots_are_noted_and_never_answered(world: World) -> None:
    team = world.apply().selected()
    before = len(world.messages())
    letter = team.replies(
        "confirm_place", "Olen puhkusel. JAH", Auto_Submitted="auto-replied", subject="Automaatvastus: Re"
    )
    assert (letter.status, letter.outcome) == ("done", "automatic")
    assert len(world.messages()) == before
    assert team.state == "selected"


def test_a_step_that_waits_for_the_coordinator_is_taken_when_they_say_yes(db: Database) -> None:
    world = World(db, config({'advance = "automatic"': 'advance = "coordinator"'}))
    team = world.apply(group="I").confirmed()
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    world.replies("roll_call", "kõik")
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.replies("review", "JAH", team=team.id)
    assert team.state == "workshop_1"
    world.decides(team=team.id)
    assert team.state == "workshop_2"


def test_a_yes_that_cannot_be_carried_out_leaves_the_question_open(db: Database) -> None:
    world = World(db, config({"capacity = 10": "capacity = 1", "size = 5": "size = 1"}))
    holder = world.apply("Võru").selected()
    waiting = world.apply("Põlva").verified()
    waiting.move(Trigger.WAITLIST)
    holder.move(Trigger.WITHDRAW)
    third = world.apply("Valga").verified()
    assert not isinstance(third.move(Trigger.SELECT), Refusal)
    assert world.decides(team=waiting.id)
    assert waiting.state == "waitlisted"
    third.move(Trigger.WITHDRAW)
    assert not world.decides(team=waiting.id)
    assert waiting.state == "selected"
