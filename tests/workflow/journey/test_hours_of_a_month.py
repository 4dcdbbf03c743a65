"""Hours of a month in any words: where each line lies, what is there already, what is corrected, who reads what."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.season_snapshots import lived
from tests.workflow.journey.test_mentoring import ask, left, mentor
from tests.workflow.journey.test_mentoring import mentored as scene
from workflow.answering.hours_answers import corrected
from workflow.database.engine import Database
from workflow.database.models import Alert, HoursRow, Message, Question
from workflow.journey import mentoring
from workflow.records import queries
from workflow.replies.answers import HoursEntry
from workflow.rules.hours import Entry, EntryKind, month_of, repeated
from workflow.views import funder_report
from workflow.views.mentoring import mentoring as mentoring_page

AUGUST = datetime(2022, 8, 1, 10, tzinfo=UTC)
CAP = 16 * 60


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


@pytest.fixture
def team(world: World) -> Crew:
    """A team whose mentor was asked on 1 August for July's hours."""
    return Crew(world, lived(world, asked_for_july))


def asked_for_july(world: World) -> int:
    crew = Crew(world, scene(world))
    world.now = AUGUST
    ask(world, crew, mentor(world))
    return crew.id


def stands(world: World, team: Crew) -> list[tuple[str, date | None, int]]:
    """(month, day, minutes) of what counts."""
    with world.db.reading() as session:
        rows = queries.ledger(session, team.id)
        counts = {e.id: m for e, m in mentoring.hours.effective(queries.entries(rows))}
        return [(r.month, r.day, counts[r.id]) for r in rows if r.id in counts]


def held(world: World, team: Crew) -> list[int]:
    with world.db.reading() as session:
        plain = queries.entries(queries.ledger(session, team.id))
        return [e.minutes for e in mentoring.hours.open_entries(plain, EntryKind.HELD)]


def to_read_back(world: World, said: str) -> str:
    mail = next(m for m in reversed(world.messages("read_back")) if m.to_address == mentor(world).address)
    return world.write(mentor(world).address, world.reply_to(mail), said).outcome or ""


# -- where a line lies -----------------------------------------------------------------------------------------

LIES = [
    # what was said, then (month, day, minutes) of each line
    ("2,5", [("2022-07", None, 150)]),
    ("14 h in total", [("2022-07", None, 840)]),
    ("45 min", [("2022-07", None, 45)]),
    ("12.07 1,5 h", [("2022-07", date(2022, 7, 12), 90)]),
    ("12.07 1,5 h; 19.07 45 min", [("2022-07", date(2022, 7, 12), 90), ("2022-07", date(2022, 7, 19), 45)]),
    ("0", []),
    ("Kohtumisi ei olnud", []),
]


@pytest.mark.parametrize(("said", "lines"), LIES)
def test_a_line_lies_in_its_days_month_or_else_in_the_one_that_was_asked(
    world: World, team: Crew, said: str, lines: list[tuple[str, date | None, int]]
) -> None:
    assert team.replies("hours", said).outcome == "accepted"
    assert stands(world, team) == lines
    with world.db.reading() as session:
        page = mentoring_page(world.season, session)
        table = next(t for t in funder_report.tables(world.season, session, "et") if t.key == "hours")
    by_month: dict[tuple[int, str], int] = {}
    for month, _, minutes in lines:
        by_month[mentor(world).id, month] = by_month.get((mentor(world).id, month), 0) + minutes
    assert page.given == by_month
    columns = [column.en for column in table.columns]
    rows = [dict(zip(columns, row, strict=True)) for row in table.rows]
    assert [(r["Month"], r["Day"], r["Hours"]) for r in rows] == [
        (month, day, (Decimal(minutes) / 60).quantize(Decimal("0.01"))) for month, day, minutes in lines
    ]


@pytest.mark.parametrize(("said", "when"), [("2,5", "juuli 2022"), ("12.07 1,5 h", "12. juuli")])
def test_read_back_and_check_say_when(world: World, team: Crew, said: str, when: str) -> None:
    team.replies("hours", said)
    assert when in world.messages("read_back")[-1].body
    (check,) = team.got("hours_check")
    body = check.body.replace("\\", "")
    assert mentor(world).name in body and "juuli 2022" in body and f"- {when}" in body


def test_the_reminder_and_the_form_say_whose_hours_of_when_are_to_be_checked(world: World, team: Crew) -> None:
    team.replies("hours", "12.07 1,5 h; 19.07 45 min")
    (check,) = team.got("hours_check")
    world.wait(days=7)
    reminders = [m for m in team.got("reminder") if m.question_id == check.question_id]
    assert reminders
    for mail in reminders:
        body = mail.body.replace("\\", "")
        assert f"juuli 2022: {mentor(world).name}: 12. juuli 2022 1,5 h; 19. juuli 2022 45 min" in body


# -- what is there already --------------------------------------------------------------------------------------

AGAIN = [
    # there already, said now, minutes that count in the end, minutes held
    ("5.07 1,5 h", "5.07 1,5 h", 90, [90]),
    ("5.07 1,5 h", "1,5", 90, [90]),
    ("1,5", "5.07 1,5 h", 90, [90]),
    ("1,5", "1,5", 90, [90]),
    ("5.07 1,5 h; 6.07 1 h", "2,5", 150, [150]),
    ("5.07 1,5 h", "6.07 1,5 h", 180, []),
    ("5.07 1,5 h", "5.07 2 h", 210, []),
    ("5.07 1,5 h", "2", 210, []),
    ("0", "1,5", 90, []),
    ("5.07 1,5 h", "5.07 1,5 h; 6.07 1 h", 150, [90]),
    ("0", "5.07 1,5 h; 5.07 1,5 h", 90, [90]),
    ("0", "5.07 1,5 h; 6.07 1,5 h", 180, []),
]


@pytest.mark.parametrize(("before", "said", "counts", "waits"), AGAIN)
def test_what_is_there_already_is_held_and_not_counted_twice(
    world: World, team: Crew, before: str, said: str, counts: int, waits: list[int]
) -> None:
    assert team.replies("hours", before).outcome == "accepted"
    ask(world, team, mentor(world), "again")
    assert team.replies("hours", said).outcome == "accepted"
    assert sum(minutes for _, _, minutes in stands(world, team)) == counts
    assert (held(world, team), left(world, team)) == (waits, CAP - counts)
    told = world.messages("read_back")[-1].body
    assert ("juba kirjas" in told) is bool(waits)
    assert team.got("hours_held") == [], "the read-back says it; there is no second mail"
    with world.db.reading() as session:
        assert len(session.scalars(sa.select(Alert).where(Alert.kind == "hours")).all()) == len(waits)


def test_another_mentors_same_hours_are_their_own(world: World, team: Crew) -> None:
    other = mentor(world, 1)
    with world.db.writing() as session:
        mentoring.assign(world.season, session, session.merge(team.row), session.merge(other), world.coordinator(),
                         world.now)  # fmt: skip
    team.replies("hours", "5.07 1,5 h", person=mentor(world).address)
    ask(world, team, other, "other")
    team.replies("hours", "5.07 1,5 h", person=other.address)
    assert left(world, team) == CAP - 180


@pytest.mark.parametrize(("choice", "counts"), [("grant", 180), ("drop", 90)])
def test_what_is_held_as_there_already_is_counted_or_dropped(
    world: World, team: Crew, choice: str, counts: int
) -> None:
    team.replies("hours", "5.07 1,5 h; 5.07 1,5 h")
    with world.db.writing() as session:
        row = session.scalars(sa.select(HoursRow).where(HoursRow.kind == "held")).one()
        assert mentoring.settle_held(world.season, session, row, choice, world.coordinator(), world.now) is None
    assert left(world, team) == CAP - counts, "there was room: no hours were granted for it"


def test_the_months_question_lists_what_is_there_and_asks_for_the_rest(world: World, team: Crew) -> None:
    team.replies("hours", "5.07 1,5 h")
    ask(world, team, mentor(world), "again")
    body = team.got("hours")[-1].body.replace("\\", "")
    assert "Juba kirjas on" in body and "5. juuli 2022: 1,5 h" in body and "rohkem tunde" in body
    assert team.replies("hours", "JAH").outcome == "accepted", "the list is all there was"
    assert stands(world, team) == [("2022-07", date(2022, 7, 5), 90)]


def test_a_month_that_holds_nothing_lists_nothing(world: World, team: Crew) -> None:
    assert "Juba kirjas" not in team.got("hours")[-1].body


# -- corrections in words ------------------------------------------------------------------------------------------

CORRECTED = [
    # reported, said to the read-back, what counts then; None: it is not plain, and a person reads it
    ("12.07 1,5 h", "Tegelikult 2 h", [(date(2022, 7, 12), 120)]),
    ("12.07 1,5 h", "12.07 2 h", [(date(2022, 7, 12), 120)]),
    ("12.07 1,5 h", "EI, 13.07 1,5 h", [(date(2022, 7, 13), 90)]),
    ("12.07 1,5 h", "Actually 2 h", [(date(2022, 7, 12), 120)]),
    ("12.07 1,5 h", "Vabandust, tegelikult oli 2 h.", [(date(2022, 7, 12), 120)]),
    ("2,5", "Tegelikult 2 h", [(None, 120)]),
    ("2,5", "12.07 1 h; 13.07 1 h", [(date(2022, 7, 12), 60), (date(2022, 7, 13), 60)]),
    ("2,5", "0", []),
    ("12.07 1,5 h; 19.07 1 h", "Tegelikult 19.07 2 h", [(date(2022, 7, 12), 90), (date(2022, 7, 19), 120)]),
    ("12.07 1,5 h; 19.07 1 h", "Tegelikult 2 h", None),
    ("12.07 1,5 h; 19.07 1 h", "Tegelikult 20.07 2 h", None),
    ("12.07 1,5 h", "Ei olnud 2 h", None),
    ("12.07 1,5 h", "Kas see oli 2 h?", None),
    ("12.07 1,5 h", "Tegelikult umbes 2 h", None),
]


@pytest.mark.parametrize(("before", "said", "then"), CORRECTED)
def test_a_correction_in_words_takes_the_place_of_what_was_reported(
    world: World, team: Crew, before: str, said: str, then: list[tuple[date | None, int]] | None
) -> None:
    team.replies("hours", before)
    was, checks = stands(world, team), len(team.got("hours_check"))
    outcome = to_read_back(world, said)
    now = [(day, minutes) for _, day, minutes in stands(world, team)]
    if then is None:
        assert (outcome, stands(world, team)) in [("afterwards", was)], "not plain: a person reads it"
        assert len(team.got("hours_check")) == checks
        return
    assert (outcome, now) == ("accepted", then)
    assert left(world, team) == CAP - sum(minutes for _, minutes in then)
    with world.db.reading() as session:
        open_now = [q for q in queries.open_questions(session, team_id=team.id) if q.kind == "hours_check"]
    assert len(open_now) == (1 if then else 0), "the team is asked about what stands, and about nothing else"
    if then:
        assert "varasema vastuse asemel" in team.got("hours_check")[-1].body


@pytest.mark.parametrize("round_it", ["{}", "Tere!\n\n{}\n\nTervitades\nTiit", "Tegelikult {}", "Ei, {}", "Oih, {}"])
def test_greetings_and_introductions_change_nothing(world: World, team: Crew, round_it: str) -> None:
    team.replies("hours", "12.07 1,5 h")
    assert to_read_back(world, round_it.format("2 h")) == "accepted"
    assert stands(world, team) == [("2022-07", date(2022, 7, 12), 120)]


def test_after_the_read_back_time_a_correction_waits_for_the_coordinator(world: World, team: Crew) -> None:
    team.replies("hours", "12.07 1,5 h")
    world.now += timedelta(hours=25)
    assert to_read_back(world, "Tegelikult 2 h") == "afterwards"
    assert stands(world, team) == [("2022-07", date(2022, 7, 12), 90)]


def test_the_same_hours_again_correct_nothing(world: World, team: Crew) -> None:
    team.replies("hours", "12.07 1,5 h")
    assert to_read_back(world, "12.07 1,5 h") == "already"
    assert stands(world, team) == [("2022-07", date(2022, 7, 12), 90)]


def test_a_correction_can_be_corrected_and_taken_back(world: World, team: Crew) -> None:
    team.replies("hours", "12.07 1,5 h")
    assert to_read_back(world, "Tegelikult 2 h") == "accepted"
    assert to_read_back(world, "Tegelikult 3 h") == "accepted"
    assert stands(world, team) == [("2022-07", date(2022, 7, 12), 180)]
    assert to_read_back(world, "EI") == "accepted"
    assert (stands(world, team), left(world, team)) == ([], CAP)


def test_a_booking_that_was_confirmed_and_then_corrected_counts_once(world: World, team: Crew) -> None:
    with world.db.writing() as session:
        row = mentoring.book(world.season, session, session.merge(team.row), session.merge(mentor(world)),
                             datetime(2022, 8, 2, 10, tzinfo=UTC), 90, world.coordinator(), world.now)  # fmt: skip
        assert isinstance(row, HoursRow)
    world.wait_until(datetime(2022, 8, 2, 18, tzinfo=UTC))
    ask(world, team, mentor(world), "second")
    first, second = [m for m in team.got("hours") if "1,5 h" in m.body][-2:]
    assert world.write(mentor(world).address, world.reply_to(first), "JAH").outcome == "accepted"
    assert to_read_back(world, "Tegelikult 2 h") == "accepted"
    assert world.write(mentor(world).address, world.reply_to(second), "JAH").outcome == "accepted"
    assert left(world, team) == CAP - 120


def test_only_plain_corrections_are_merged() -> None:
    at = [HoursEntry(minutes=60, day=date(2022, 7, day)) for day in (1, 1)]
    assert corrected(at, [HoursEntry(minutes=90, day=date(2022, 7, 1))]) is None, "which of the two?"
    mixed = [HoursEntry(minutes=60), HoursEntry(minutes=90)]
    assert corrected(mixed, [HoursEntry(minutes=30)]) is None
    noted = [HoursEntry(minutes=60, day=date(2022, 7, 1), note="kava")]
    assert corrected(noted, [HoursEntry(minutes=90)]) == [HoursEntry(minutes=90, day=date(2022, 7, 1), note="kava")]


def test_a_line_is_repeated_by_the_same_mentor_in_the_same_month_alone() -> None:
    def line(day: int | None, minutes: int, *, who: int = 1, month: str = "2022-07") -> Entry:
        on = date(2022, 7, day) if day else None
        return Entry(id=day or 99, person_id=who, kind=EntryKind.REPORTED, minutes=minutes, day=on,
                     month=month_of(on, month))  # fmt: skip

    there = [(line(5, 90), 60), (line(6, 45), 45)]
    assert repeated(line(5, 90), there) and repeated(line(5, 60), there), "before and after a correction"
    assert repeated(line(None, 105), there), "the month's sum"
    assert not repeated(line(7, 105), there) and not repeated(line(6, 60), there)
    assert not repeated(line(5, 90, who=2), there) and not repeated(line(None, 45, month="2022-06"), there)
    assert not repeated(line(None, 0), []), "nothing stands: nothing is repeated"


# -- checks that fall away -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("amended", ["EI", "Tegelikult 2 h"])
@pytest.mark.parametrize("answer", ["JAH", "EI: kohtumine jäi ära", "Palun helistage mulle."])
def test_who_answers_a_check_that_fell_away_reads_that_it_did(
    world: World, team: Crew, amended: str, answer: str
) -> None:
    team.replies("hours", "12.07 1,5 h")
    (check,) = team.got("hours_check")
    to_read_back(world, amended)
    assert question(world, check).outcome == "dropped"
    letter = world.write(team.contact.address, world.reply_to(check), answer)
    assert letter.outcome == "afterwards"
    (told,) = [m for m in team.got("fell_away") if m.to_address == team.contact.address]
    assert "langes ära" in told.body and "tähtaega" not in told.body and "ootasime hiljemalt" not in told.body
    assert team.got("late") == []


def test_hours_taken_back_are_asked_again_in_one_mail(world: World, team: Crew) -> None:
    team.replies("hours", "12.07 1,5 h")
    before = [m.id for m in world.messages() if m.to_address == mentor(world).address]
    assert to_read_back(world, "EI") == "accepted"
    new = [m for m in world.messages() if m.to_address == mentor(world).address and m.id not in before]
    assert [m.template for m in new] == ["hours"]
    assert "Juba kirjas" not in new[0].body, "what was taken back is not there"


def test_no_hours_leave_no_line_in_the_ledger(world: World, team: Crew) -> None:
    team.replies("hours", "0")
    with world.db.reading() as session:
        assert queries.ledger(session, team.id) == []
    assert team.got("hours_check") == []


def question(world: World, mail: Message) -> Question:
    with world.db.reading() as session:
        return session.get_one(Question, mail.question_id)


OVER = [
    # reported (some or all of it crosses the cap), said to the read-back, (outcome, what counts then, what is held)
    ("12.07 20 h", "EI", ("accepted", [], [])),
    ("12.07 20 h", "Tegelikult 2 h", ("accepted", [120], [])),
    ("12.07 20 h", "Tegelikult 18 h", ("accepted", [], [1080])),
    ("12.07 10 h; 13.07 8 h", "EI", ("accepted", [], [])),
    ("12.07 10 h; 13.07 8 h", "13.07 2 h", ("accepted", [600, 120], [])),
    ("12.07 10 h; 13.07 8 h", "3 h", ("afterwards", [600], [480])),
    ("0", "EI", ("afterwards", [], [])),
]


@pytest.mark.parametrize(("before", "said", "then"), OVER)
def test_what_crosses_the_cap_is_taken_back_and_corrected_as_what_counts_is(
    world: World, team: Crew, before: str, said: str, then: tuple[str, list[int], list[int]]
) -> None:
    team.replies("hours", before)
    outcome = to_read_back(world, said)
    assert (outcome, [minutes for *_, minutes in stands(world, team)], held(world, team)) == then
