"""Places: capacity, groups, the waiting list, provisional decisions, undo."""

import threading
from datetime import timedelta

import pytest

from tests.builders import Crew, World, config
from workflow.database.engine import Database
from workflow.database.models import Question, Team
from workflow.journey import members, moves
from workflow.records import queries
from workflow.rules.application import NewMember
from workflow.rules.machine import Decision, Refusal, Trigger

SMALL = {"capacity = 10": "capacity = 2", "size = 5": "size = 1"}


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def small(db: Database) -> World:
    return World(db, config(SMALL))


def test_a_full_programme_takes_nobody_more_whatever_the_reason(small: World) -> None:
    small.apply("Võru").selected()
    small.apply("Põlva").selected()
    third = small.apply("Valga").verified()
    refused = third.move(Trigger.SELECT, override="väga tubli meeskond")
    assert isinstance(refused, Refusal)
    assert [r.key for r in refused.reasons] == ["capacity"]
    assert third.state == "applied"


def test_two_at_once_cannot_both_take_the_last_place(small: World) -> None:
    small.apply("Võru").selected()
    rivals = [small.apply("Põlva").verified(), small.apply("Valga").verified()]
    results: list[object] = []
    start = threading.Barrier(2)

    def take(crew: Crew) -> None:
        start.wait()
        results.append(crew.move(Trigger.SELECT))

    threads = [threading.Thread(target=take, args=(crew,)) for crew in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(r).__name__ for r in results) == ["Decision", "Refusal"]
    assert sorted(c.state for c in rivals) == ["applied", "selected"]


def test_wishes_are_respected_where_a_group_has_room(small: World) -> None:
    first, second = small.apply("Võru", group="II").selected(), small.apply("Põlva", group="II").selected()
    assert (first.row.group, second.row.group) == ("II", "I")


def test_a_place_passes_to_the_best_ranked_of_the_waiting_list(small: World) -> None:
    holder = small.apply("Võru").selected()
    small.apply("Põlva").selected()
    low, high = small.apply("Valga").verified(), small.apply("Antsla").verified()
    for crew, rank in ((low, 2), (high, 1)):
        with small.db.writing() as session:
            session.get_one(Team, crew.id).rank = rank
        crew.move(Trigger.WAITLIST)
    holder.move(Trigger.WITHDRAW, why="haigus")
    question, _, _ = small.asked("approve")
    assert (question.team_id, question.about["trigger"]) == (high.id, "select")
    small.decides()
    assert (high.state, low.state) == ("selected", "waitlisted")


def test_provisional_decisions_are_seen_by_nobody_until_they_are_applied(world: World) -> None:
    chosen, waiting, declined, late = (world.apply(n).verified() for n in ("Võru", "Põlva", "Valga", "Antsla"))
    before = len(world.messages())
    with world.db.writing() as session:
        for crew, trigger in ((chosen, Trigger.SELECT), (waiting, Trigger.WAITLIST), (declined, Trigger.DECLINE)):
            moves.provide(session.get_one(Team, crew.id), trigger, "II" if crew is chosen else None)
    assert len(world.messages()) == before
    assert chosen.replies("verify", "SEIS").outcome == "status"
    assert "valitud" not in chosen.got("status")[0].body.lower()
    with world.db.writing() as session:
        teams = [session.get_one(Team, c.id) for c in (chosen, waiting, declined, late)]
        results = moves.apply_all(world.season, session, teams, world.coordinator(), world.now)
    assert len(results) == 3
    assert all(isinstance(r, Decision) for _, r in results)
    assert [c.state for c in (chosen, waiting, declined, late)] == ["selected", "waitlisted", "declined", "applied"]
    assert chosen.row.group == "II"


def test_undo_takes_back_the_last_step_with_all_it_caused(world: World) -> None:
    team = world.apply().selected()
    row = next(h for h in team.history() if h.event == "select")
    with world.db.writing() as session:
        found = moves.undoing(world.season, session, session.merge(row))
        assert len(found.unsent) == 2
        done = moves.undo(
            world.season, session, session.get_one(Team, team.id), session.merge(row), world.coordinator(), world.now,
            why="vale meeskond",
        )  # fmt: skip
    assert done is not None
    assert team.state == "applied"
    assert {m.status for m in team.got("place_offer")} == {"dropped"}
    assert team.got("correction") == []
    question, _, _ = world.asked("confirm_place")
    assert (question.outcome, question.closed_at) == ("dropped", world.now)
    assert [h.event for h in team.history()][-2:] == ["select", "undo"]
    assert team.replies("confirm_place", "JAH").outcome == "afterwards"
    assert team.state == "applied"


def test_undo_drafts_a_correction_to_those_who_were_told_already(world: World) -> None:
    team = world.apply().selected()
    with world.db.writing() as session:
        for message in team.got("place_offer"):
            session.merge(message).status = "sent"
    row = next(h for h in team.history() if h.event == "select")
    with world.db.writing() as session:
        merged = session.merge(row)
        moves.undo(
            world.season, session, session.get_one(Team, team.id), merged, world.coordinator(), world.now, why="eksitus"
        )
    assert [m.status for m in team.got("correction")] == ["held", "held"]


def test_invitations_that_never_left_are_dropped_and_not_cancelled(world: World) -> None:
    team = world.apply().invited()
    team.move(Trigger.WITHDRAW, why="eksitus")
    assert {m.status for m in team.got("session_invitation")} == {"dropped"}
    assert team.got("session_cancelled") == []


def test_undo_of_a_confirmed_place_cancels_the_calendar_entries(world: World) -> None:
    team = world.apply().confirmed()
    world.send_all()
    row = next(h for h in team.history() if h.event == "confirm")
    with world.db.writing() as session:
        merged = session.merge(row)
        moves.undo(
            world.season, session, session.get_one(Team, team.id), merged, world.coordinator(), world.now, why="eksitus"
        )
    assert team.state == "selected"
    assert team.got("session_cancelled") == []
    files = [m.calendar for m in team.got("correction") if m.calendar]
    assert len(files) == 4
    assert all(one.count(b"STATUS:CANCELLED") == one.count(b"SEQUENCE:1") == 6 for one in files)
    assert len(team.got("place_offer")) == 4


def test_a_step_that_is_not_the_last_one_cannot_be_undone(world: World) -> None:
    team = world.apply().confirmed()
    row = next(h for h in team.history() if h.event == "select")
    with world.db.writing() as session:
        merged = session.merge(row)
        done = moves.undo(
            world.season, session, session.get_one(Team, team.id), merged, world.coordinator(), world.now, why="x"
        )
    assert done is None
    assert team.state == "workshop_1"


def test_a_withdrawn_team_can_be_reinstated_and_is_invited_again(world: World) -> None:
    team = world.apply().confirmed()
    team.move(Trigger.WITHDRAW, why="eksitus")
    assert team.state == "withdrawn"
    decided = team.move(Trigger.REINSTATE, why="mõtlesid ümber")
    assert isinstance(decided, Decision)
    assert team.state == "workshop_1"
    files = [m.calendar or b"" for m in team.got("reinstated")]
    assert len(files) == 4 and all(one.count(b"STATUS:CONFIRMED") == 6 for one in files)
    with world.db.reading() as session:
        open_now = queries.open_questions(session, team_id=team.id)
    assert sum(q.kind == "rsvp" for q in open_now) == 24


def test_a_late_joiner_is_asked_for_the_works_that_are_due_already(world: World) -> None:
    team = world.apply(group="I").selected("I")
    over = world.season.programme.session("workshop_1", "I")
    assert over is not None
    with world.db.writing() as session:
        question, _, _ = world.asked("confirm_place")
        session.get_one(Question, question.id).due_at = over.end + timedelta(days=9)
    world.now = over.end + timedelta(days=1)
    team.replies("confirm_place", "JAH", person=team.contact.address)
    assert team.state == "workshop_1"
    assert len(team.got("homework")) == 1
    assert len(team.got("session_invitation")) == 4, "to the session within a fortnight; the others come in time"


def test_what_was_passed_over_is_asked_no_more_and_asked_again_when_that_is_undone(world: World) -> None:
    team = world.apply(group="I").confirmed()
    over = world.season.programme.session("workshop_1", "I")
    assert over is not None
    world.wait_until(over.end + timedelta(hours=1))
    team.move(Trigger.ADVANCE, override="tegid kõik kohapeal ära")
    with world.db.reading() as session:
        assert "homework" not in {q.kind for q in queries.open_questions(session, team_id=team.id)}
    row = next(h for h in team.history() if h.event == "advance")
    with world.db.writing() as session:
        merged = session.merge(row)
        moves.undo(
            world.season,
            session,
            session.get_one(Team, team.id),
            merged,
            world.coordinator(),
            world.now,
            why="ei teinud",
        )
    assert team.state == "workshop_1"
    assert len(team.got("homework")) == 2
    assert team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF kaart"}).outcome == "accepted"


def test_who_waits_hears_their_place_in_the_waiting_list_not_among_all(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    teams = [world.apply(name).verified() for name in ("Võru", "Põlva", "Valga")]
    with world.db.writing() as session:
        for rank, team in zip((13, 11, 12), teams, strict=True):
            row = session.get_one(Team, team.id)
            row.rank = rank
            moves.provide(row, Trigger.WAITLIST)
        session.flush()
        rows = [session.get_one(Team, team.id) for team in teams]
        moves.apply_all(world.season, session, rows, world.coordinator(), world.now)
    told = {mail.subject: mail.body for mail in world.messages("waitlisted")}
    assert [f"**{place}. kohal**" in told[f"Ootenimekiri: {name}"] for name, place in
            (("Põlva", 1), ("Valga", 2), ("Võru", 3))] == [True] * 3  # fmt: skip


@pytest.mark.parametrize("behind", [0, 3, 6], ids=["before the first session", "on the way", "after the last session"])
def test_a_member_who_joins_is_told_the_dates_that_are_ahead(world: World, behind: int) -> None:
    team = world.apply(group="I").confirmed("I")
    meetings = [stage.session("I") for stage in world.season.programme.stages if stage.sessions]
    ahead = [one.start for one in meetings[behind:] if one is not None]
    if behind:
        last = meetings[behind - 1]
        assert last is not None
        world.now = last.end + timedelta(days=1)
    with world.db.writing() as session:
        new = NewMember(name="Uus Uuno", address="uus.uuno@example.org", side="community")
        members.join(world.season, session, session.get_one(Team, team.id), new, world.coordinator(), world.now)
    mail = next(m for m in team.got("place_confirmed") if m.to_address == "uus.uuno@example.org")
    assert (mail.calendar or b"").count(b"BEGIN:VEVENT") == len(ahead) == mail.body.count("** – ")
    assert ("kalendrifail" in mail.body) is bool(ahead)
