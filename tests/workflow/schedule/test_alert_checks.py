"""Alerts fall away with what they are about: each kind of alert × it stands as long as its fact does × it goes then."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.builders import World
from tests.paths import ROOT
from workflow.codes import AlertKind
from workflow.database.engine import Database
from workflow.database.models import (
    Alert,
    Base,
    Duty,
    HistoryRow,
    HoursRow,
    Invitation,
    Letter,
    Mentorship,
    Message,
    Person,
    Question,
    StageSession,
    Team,
)
from workflow.records.history import tell
from workflow.schedule import alert_checks, alert_pages, heartbeat, tick
from workflow.schedule.alert_checks import CHECKS, Elsewhere, Fact, NeedsPerson

K = AlertKind
HOUR: Final = timedelta(hours=1)


class Scene:
    """A team that has applied, and what an alert is about."""

    def __init__(self, world: World, session: Session) -> None:
        self.world, self.session, self.now = world, session, world.now
        self.team = session.scalars(sa.select(Team)).one()
        self.person = session.scalars(sa.select(Person).where(Person.team_id == self.team.id)).first()
        self.mentor = session.scalars(sa.select(Person).where(Person.role == "mentor")).first()
        self.question = session.scalars(sa.select(Question).where(Question.team_id == self.team.id)).one()
        self.message = session.scalars(sa.select(Message).where(Message.team_id == self.team.id)).first()
        assert self.person and self.mentor and self.message

    def add(self, row: Base) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def letter(self, at: timedelta = HOUR, **values: Any) -> Letter:
        when = self.now + at
        row = Letter(digest=f"{when}", received_at=when, envelope_from="x@example.org", raw=b"x", next_at=when,
                     recipients=["y@example.org"], **{"via": "smtp", "status": "done", **values})  # fmt: skip
        return self.add(row)

    def hours(self, kind: str, **values: Any) -> HoursRow:
        row = HoursRow(team_id=self.team.id, stage="mentoring", person_id=self.mentor.id, kind=kind, minutes=60,
                       month="2022-02", **{"at": self.now, **values})  # fmt: skip
        return self.add(row)


Step = Callable[[Scene], Any]


def _afterwards(s: Scene) -> dict[str, Any]:
    row = s.letter(status="held", question_id=s.question.id, person_id=s.person.id)
    return {"person_id": s.person.id, "about": {"question": s.question.id, "letter": row.id}}


def _corrected_again(s: Scene) -> None:
    s.add(HistoryRow(team_id=s.team.id, number=99, at=s.now + HOUR, event="attendance_corrected", actor="Kati",
                     proof={"stage": "workshop_1"}))  # fmt: skip


def _bounce(s: Scene) -> dict[str, Any]:
    s.person.address_state = "dead"
    return {"key": f"bounce:{s.person.id}:{s.person.address_key}", "person_id": s.person.id}


def _closed(s: Scene) -> dict[str, Any]:
    s.question.closed_at = s.now
    return {"about": {"question": s.question.id}}


def _disputed(s: Scene) -> dict[str, Any]:
    s.question.answer, s.question.about = {"kind": "no"}, {"entries": [s.hours("reported").id]}
    return {"about": {"question": s.question.id}}


def _put(row: str, **values: Any) -> Step:
    def step(s: Scene) -> None:
        for name, value in values.items():
            setattr(getattr(s, row), name, value(s) if callable(value) else value)

    return step


def _status(status: str) -> Step:
    """Of the mail that the alert is about."""

    def step(s: Scene) -> dict[str, Any]:
        s.message.status = status
        return {"about": {"message": s.message.id}}

    return step


def _about(**about: Any) -> Step:
    return lambda s: {"about": {name: one(s) if callable(one) else one for name, one in about.items()}}


def _later(s: Scene) -> Any:
    return s.now + HOUR


def _leaves(s: Scene) -> None:
    for person in s.session.scalars(sa.select(Person).where(Person.team_id == s.team.id)).all()[1:]:
        person.left_at = s.now


def _comes_back(s: Scene) -> None:
    s.session.execute(sa.update(Person).values(left_at=None))


def _few(s: Scene) -> dict[str, Any]:
    """A session of a stage whose attendance counts, and nobody comes."""
    meeting = s.session.scalars(sa.select(StageSession).where(StageSession.stage == "workshop_1")).first()
    s.team.state = "workshop_1"
    for person in s.session.scalars(sa.select(Person).where(Person.team_id == s.team.id)).all():
        s.add(Invitation(team_id=s.team.id, person_id=person.id, stage="workshop_1", expected="no"))
    return {"key": f"few_coming:{meeting.id}:{s.team.id}:{meeting.timed}", "about": {"session": meeting.id}}


def _waits(s: Scene) -> None:
    s.add(Duty(key="verify_ask:x", kind="verify_ask", due_at=s.now + timedelta(days=9), about={}))


SCENES: Final[dict[AlertKind, tuple[Step, Step]]] = {
    K.AFTERWARDS: (_afterwards, lambda s: s.session.execute(sa.update(Letter).values(status="done"))),
    K.ATTENDANCE: (_about(stage="workshop_1"), _corrected_again),
    K.BEHIND: (_about(stage="applied"), _put("team", state="workshop_1")),
    K.BOUNCE: (_bounce, _put("person", address_key="new@example.org")),
    K.CAPPED: (_about(), _about()),
    K.DEADLINE: (_about(), _put("team", state="declined")),
    K.DISPUTE: (_disputed, lambda s: s.hours("corrected", about_id=s.question.about["entries"][0], at=_later(s))),
    K.DISOWNED: (_about(), _put("team", verified_at=_later)),
    K.DOMAIN: (_about(domain="example.org"), _put("message", status="sent", sent_at=lambda s: s.now - 2 * HOUR)),
    K.ERASED: (_closed, _put("question", closed_at=None)),
    K.FEW_COMING: (_few, lambda s: s.session.execute(sa.update(Invitation).values(expected="yes"))),
    K.HOURS: (
        lambda s: {"about": {"hours": s.hours("held").id}},
        lambda s: s.hours("dropped", about_id=s.session.scalars(sa.select(HoursRow.id)).one()),
    ),
    K.LEFT: (
        _about(),
        lambda s: s.add(Mentorship(team_id=s.team.id, person_id=s.mentor.id, stage="mentoring", since=s.now)),
    ),
    K.MAILBOX: (_about(mailbox="away"), lambda s: s.letter(via="imap")),
    K.MAILBOX_SILENT: (_about(), lambda s: s.letter()),
    K.NO_REACTION: (_about(), lambda s: s.letter(team_id=s.team.id, outcome="unclear")),
    K.QUORUM: (_leaves, _comes_back),
    K.READING: (
        lambda s: heartbeat.note_reading(s.session, s.now + timedelta(days=3)),
        lambda s: heartbeat.note_reading(s.session, None),
    ),
    K.ROUND_TRIP: (_about(), lambda s: s.letter(outcome="round_trip")),
    K.SILENT: (_about(question=lambda s: s.question.id), _put("question", closed_at=_later)),
    K.SLOW: (_status("queued"), _status("sent")),
    K.STORM: (
        _put("message", status="held", fault="too_many_answers"), _put("message", status="queued", fault=""),
    ),
    K.UNCONFIRMED: (_waits, lambda s: s.session.execute(sa.delete(Duty).where(Duty.key == "verify_ask:x"))),
    K.UNSENT: (_status("failed"), _status("dropped")),
}  # fmt: skip
"""how the fact comes about (and with what the alert is told), and how it ends"""
ONE_DAY: Final = frozenset((K.CAPPED,))
"""they end by themselves"""


def scene(world: World, kind: AlertKind, session: Session, which: int) -> dict[str, Any]:
    made = SCENES[kind][which](Scene(world, session))
    return made if isinstance(made, dict) else {}


def standing(world: World, kind: AlertKind) -> bool:
    """After a look at this moment."""
    alert_checks.look(world.season, world.db, world.now)
    with world.db.reading() as session:
        return session.scalar(sa.select(Alert.id).where(Alert.kind == kind, Alert.standing())) is not None


@pytest.fixture
def world(sqlite_db: Database) -> World:
    world = World(sqlite_db)
    world.apply()
    return world


def told(world: World, kind: AlertKind) -> bool:
    with world.db.writing() as session:
        given = scene(world, kind, session, 0)
        team = session.scalars(sa.select(Team.id)).one()
        return tell(
            session, given.get("key", "x"), kind, {"et": "Teade", "en": "Notice"}, world.now, team_id=team,
            person_id=given.get("person_id"), about=given.get("about"),
        )  # fmt: skip


def test_every_kind_of_alert_says_what_ends_it() -> None:
    assert set(CHECKS) == set(AlertKind) == set(alert_pages.PAGES)
    assert {kind for kind, check in CHECKS.items() if isinstance(check, Fact)} == set(SCENES)
    for check in CHECKS.values():
        if isinstance(check, Elsewhere):
            assert "mend(session, now, Alert.kind ==" in (ROOT / check.module).read_text(encoding="utf-8")
        assert not isinstance(check, NeedsPerson) or len(check.why) > 20


@pytest.mark.parametrize("kind", SCENES)
def test_it_stands_while_its_fact_does_and_goes_with_it(world: World, kind: AlertKind) -> None:
    assert told(world, kind)
    world.now += timedelta(minutes=1)
    assert standing(world, kind)
    world.now += timedelta(days=2)
    assert standing(world, kind) is (kind not in ONE_DAY)
    with world.db.writing() as session:
        scene(world, kind, session, 1)
    assert not standing(world, kind)
    with world.db.reading() as session:
        alert = session.scalars(sa.select(Alert)).one()
        assert alert.settled_at is None and alert.mended_at is not None


@pytest.mark.parametrize("kind", [kind for kind in SCENES if kind not in (K.ATTENDANCE, K.BEHIND, K.MAILBOX_SILENT)])
def test_what_is_so_once_more_is_told_again(world: World, kind: AlertKind) -> None:
    assert told(world, kind)
    assert not told_again(world)
    world.now += timedelta(days=2)
    with world.db.writing() as session:
        scene(world, kind, session, 1)
    assert not standing(world, kind)
    assert told_again(world)


def told_again(world: World) -> bool:
    with world.db.writing() as session:
        alert = session.scalars(sa.select(Alert)).one()
        return tell(session, alert.key, AlertKind(alert.kind), alert.says, world.now, about=alert.about)


def test_what_a_person_settled_is_not_told_again(world: World) -> None:
    assert told(world, K.QUORUM)
    with world.db.writing() as session:
        session.execute(sa.update(Alert).values(settled_at=world.now))
    assert not told_again(world) and not standing(world, K.QUORUM)


@pytest.mark.parametrize("kind", [kind for kind, check in CHECKS.items() if isinstance(check, NeedsPerson)])
def test_what_needs_a_person_waits_for_one(world: World, kind: AlertKind) -> None:
    with world.db.writing() as session:
        tell(session, "x", kind, {"et": "Teade", "en": "Notice"}, world.now)
    world.wait(days=30)
    assert standing(world, kind)


def test_a_tick_looks_and_so_does_the_morning(world: World) -> None:
    assert told(world, K.SILENT)
    with world.db.writing() as session:
        scene(world, K.SILENT, session, 1)
    tick.tick(world.season, world.db, world.now.replace(second=0))
    with world.db.reading() as session:
        assert session.scalar(sa.select(Alert.id).where(Alert.standing())) is None
    world.wait(days=1)
    assert world.messages("digest") == []


def test_an_idle_tick_costs_no_more_with_many_alerts(world: World) -> None:
    with world.db.writing() as session:
        for n in range(60):
            tell(session, f"x{n}", K.SILENT, {"et": "Teade", "en": "Notice"}, world.now, about={"question": 1})
    with world.db.reading() as session:
        alerts = session.scalars(sa.select(Alert)).all()
        assert len(_statements(world, session, alerts[:1])) == len(_statements(world, session, alerts))


def _statements(world: World, session: Session, alerts: Any) -> list[str]:
    seen: list[str] = []
    engine = session.get_bind()

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    alert_checks.over(world.season, session, alerts, world.now)
    sa.event.remove(engine, "before_cursor_execute", note)
    return seen
