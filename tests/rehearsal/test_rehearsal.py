"""A rehearsal counts for itself: a sound service comes out clean, and each way of being unsound is found out."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.receiving import store
from mail.receiving.store import Arrival
from mail.sending import outbox
from rehearsal import burden, expected
from rehearsal.mails import Asked
from rehearsal.meaning import Meaning
from rehearsal.outward import Works
from rehearsal.record import Act, Record, Step
from rehearsal.setting import Summary
from service.commands.rehearse import told_of
from tests.builders import config
from tests.rehearsal.rehearsed import run
from tests.sample_programme import another, without
from workflow.config.loader import load
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import HistoryRow, Message, Person, Question
from workflow.journey import reflection
from workflow.replies import understand
from workflow.replies.answers import Answer, AnswerKind

CONFIG = config()
SHORTER = load(
    without(without(another(), "workshop_2"), "workshop_3")
    .replace("2027-05-31", "2027-03-29")
    .replace("2027-06-02", "2027-03-31"),
    {},
)
"""one workshop, no mentoring, the seminar three weeks later: what is unsound shows there too, in a tenth of the time"""
KINDS = 14
NOT_PLAYED = ("reflection", "address", "poll")  # by form alone; asked of few; asked by a coordinator alone
MEMBER_WITH_TOO_MANY = burden.Load(people=3, median=17.5, most=22, week=6, hour=3)


def unsound(out: Path, *, teams: int = 1) -> Summary:
    """A season with the service as it is in the test."""
    return run(out, teams=teams, seed=1, config=SHORTER)


def test_a_season_of_fourteen_teams_ends_as_told(tmp_path: Path) -> None:
    summary = run(tmp_path, teams=14, seed=7)
    assert summary.faults == {}
    assert (summary.wrong_moves, summary.lost, summary.duplicates) == (0, 0, 0)
    assert summary.over == () and set(summary.loads) == set(burden.BUDGETS)
    assert summary.teams == {"completed": 10, "declined": 1, "released": 1, "waitlisted": 1, "withdrawn": 1}
    assert len(summary.answered) == KINDS and summary.not_shown == ()
    asked_by_all = {kind: ways for kind, ways in summary.answered.items() if kind not in NOT_PLAYED}
    assert all(all(ways.values()) for ways in asked_by_all.values())
    assert set(summary.answered["approve"]) == {"page"}
    assert summary.answered["reflection"]["link"] > 50 and not summary.answered["reflection"]["mail"]
    assert summary.answered["rsvp"]["calendar"]
    assert set(summary.letters) >= {
        "accepted", "already", "afterwards", "unclear", "wrong_sender", "automatic", "bounce", "status", "help",
    }  # fmt: skip
    written = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert {"teams", "letters", "messages", "wrong_moves", "lost", "duplicates", "seconds"} <= set(written)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "place_offer" in page and "<script" not in page
    assert not (tmp_path / "faults.json").exists()


def test_a_coordinator_who_is_away_for_ten_days_loses_nothing(tmp_path: Path) -> None:
    scarce = load(SHORTER.text.replace("capacity = 6", "capacity = 4"), {})
    summary = run(tmp_path, teams=6, seed=3, config=scarce)
    assert summary.faults == {}
    assert (summary.teams["released"], summary.teams["withdrawn"], summary.teams["completed"]) == (1, 1, 4)
    with Database(sqlite_url(tmp_path)).reading() as session:
        released = session.scalars(sa.select(HistoryRow).where(HistoryRow.event == "release")).one()
        late = session.scalars(sa.select(Message).where(Message.template == "decision_late")).all()
        assert (released.actor, "undecided" in released.proof, late) == ("Teekond", True, [])


def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    first, second = (run(tmp_path / name, teams=1, seed=3, config=SHORTER) for name in ("one", "two"))
    assert replace(first, seconds=0) == replace(second, seconds=0)
    assert first.faults == {} and first.teams == {"completed": 1}


def test_a_service_that_takes_no_for_yes_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = understand.understand

    def wrong(kind: str, *rest: Any) -> Answer:
        found = right(kind, *rest)
        return replace(found, kind=AnswerKind.YES) if found.kind is AnswerKind.NO else found

    monkeypatch.setattr(understand, "understand", wrong)
    summary = unsound(tmp_path)
    assert summary.wrong_moves
    assert any("no was meant, yes counts" in f or "meant no, yes" in f for f in summary.faults["wrong_moves"])
    assert "wrong_moves" in json.loads((tmp_path / "faults.json").read_text(encoding="utf-8"))


def test_a_service_that_acts_on_what_is_unclear_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = understand.understand

    def rash(kind: str, *rest: Any) -> Answer:
        found = right(kind, *rest)
        return found.readings[0] if found.kind is AnswerKind.UNCLEAR and found.readings else found

    monkeypatch.setattr(understand, "understand", rash)
    summary = unsound(tmp_path, teams=2)
    assert any("was taken for an answer" in fault for fault in summary.faults["wrong_moves"])


def test_a_service_that_keeps_other_ratings_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = reflection.note

    def kinder(session: Session, question: Question, person: Person, ratings: Iterable[tuple[str, int]]) -> int:
        return right(session, question, person, [(key, 5) for key, _ in ratings])

    monkeypatch.setattr(reflection, "note", kinder)
    summary = unsound(tmp_path)
    assert any("meant ratings" in fault and "ratings" in fault for fault in summary.faults["wrong_moves"])


def test_whatever_keeps_a_rehearsal_from_passing_is_named() -> None:
    summary = Summary(
        teams={"completed": 2}, letters={}, messages={}, answered={}, seed=7, seconds=9.4, wrong_moves=0, lost=0,
        duplicates=0,
    )  # fmt: skip
    out = Path("out")
    assert summary.passed
    assert "\n".join(told_of(summary, out)) == (
        "completed 2 in 9 s. wrong moves: 0, lost: 0, duplicates: 0, unread: 0, stale notices: 0, false silences: 0\n"
        "Read out/report.html."
    )
    small = replace(summary, not_shown=("hours_check", "verify"))
    assert small.passed and "Not shown: hours_check, verify." in "\n".join(told_of(small, out))
    burdened = replace(summary, over=burden.over({"member": MEMBER_WITH_TOO_MANY}, 1501))
    assert not burdened.passed and "\n".join(told_of(burdened, out)).splitlines()[1] == (
        "More mail than people are to get: the service began 1501 mails, at most 1500; "
        "member, median: 17.5, at most 17; member, hour: 3, at most 2."
    )
    wrong = replace(summary, lost=1)
    assert not wrong.passed and "out/faults.json" in "\n".join(told_of(wrong, out))


def test_a_service_that_drops_letters_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, counter = store.store, itertools.count(1)

    def forgetful(db: Database, arrivals: Sequence[Arrival], now: datetime) -> None:
        keep(db, [a for a in arrivals if next(counter) % 9], now)

    monkeypatch.setattr(store, "store", forgetful)
    summary = unsound(tmp_path)
    assert any("acknowledged and is not there" in fault for fault in summary.faults["lost"])


def test_a_service_that_sends_twice_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver = outbox.deliver

    def eager(db: Database, now: datetime, transport: outbox.Transport, *, build: Any, **rest: Any) -> outbox.Sent:
        def twice(message: Message) -> tuple[str, bytes]:
            sender, raw = build(message)
            if message.template == "verify":
                transport.hand_over(sender, message.to_address, raw)  # type: ignore[attr-defined]
            return sender, raw

        return deliver(db, now, transport, build=twice, **rest)

    monkeypatch.setattr(outbox, "deliver", eager)
    summary = unsound(tmp_path)
    assert any("2 times" in fault for fault in summary.faults["duplicates"])


def test_a_mail_that_never_leaves_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Works.waiting

    def asleep(works: Works) -> tuple[datetime | None, datetime | None, None]:
        letter, duty, _ = right(works)
        return letter, duty, None

    monkeypatch.setattr(Works, "waiting", asleep)
    summary = unsound(tmp_path)
    assert any("never came" in fault for fault in summary.faults["lost"])


def test_each_mentoring_stage_has_hours_of_its_own() -> None:
    record, at = Record(), datetime(2022, 9, 1, 10, tzinfo=UTC)
    for number, (stage, minutes) in enumerate((("mentoring", 90), ("mentoring_2", 30), ("mentoring_2", 45))):
        question = Asked(id=number, key=str(number), kind="hours", stage=stage, due_at=None)
        record.asked[number] = question
        means = Meaning(kind="hours", entries=((minutes, None),))
        given = Act(number=number, at=at, who="m@example.org", via="mail", means=means, question=question)
        record.acts.append(replace(given, team="A", taken=True))
    record.steps.append(Step(at=at, team="A", what="correct", minutes=-15, stage="mentoring_2", after=9))
    said = expected.heard(record, ())
    assert [expected.ledger(said, "A", stage, 600).used for stage in ("mentoring", "mentoring_2")] == [90, 60]
