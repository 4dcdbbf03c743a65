"""A person in every table there is, with a marker of its own in each text column of theirs."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.builders import Crew, World
from workflow.database.models import (
    Absence,
    Alert,
    Alias,
    Attendance,
    CalendarFeed,
    Draft,
    File,
    HandOver,
    HistoryRow,
    HoursRow,
    Import,
    InfoSignup,
    Invitation,
    LatePass,
    Letter,
    Message,
    MessageFile,
    Person,
    Question,
    RecoveryCode,
    Reflection,
    ReportToken,
    SecondFactor,
    SignIn,
    SignInRequest,
    Submission,
    WebSession,
    WrittenFile,
    WrittenMail,
)
from workflow.privacy import find_person
from workflow.privacy.categories import ErasureMethod, Someone
from workflow.privacy.register import REGISTER

AT = datetime(2022, 2, 10, 9, tzinfo=UTC)
UNTOUCHED = {("people", "address"), ("people", "address_key"), ("drafts", "address_key"), ("hours", "kind"),
             ("sign_in_requests", "address_key"), ("late_passes", "address"), ("messages", "to_address"),
             ("letters", "sender"), ("letters", "envelope_from")}  # fmt: skip
"""their own address stands there already, which is a marker itself"""


def everywhere(world: World, crew: Crew) -> tuple[str, list[str]]:
    """The person's address, and every marker that now stands somewhere."""
    person = crew.people()[2]
    crew.replies("rsvp", f"JAH\n\nTervitades, {person.name}", person=person.address)
    with world.db.writing() as session:
        _rows(session, crew, person)
    with world.db.writing() as session:
        who = find_person.find(session, person.address)
        marked = list(_plant(session, who))
    return person.address, [*marked, person.address]


def _rows(session: Session, crew: Crew, person: Person) -> None:
    """A row in each table that a member's journey does not fill by itself."""
    question = session.scalars(sa.select(Question).where(Question.team_id == crew.id)).first()
    assert question is not None
    own: dict[str, Any] = {"person_id": person.id}
    of_team = {"team_id": crew.id, "stage": "workshop_1"}
    work = Submission(**own, **of_team, question_id=question.id, at=AT, status="accepted", reviewed_by_id=person.id)
    written = WrittenMail(
        name="planted", author_id=person.id, subject={"et": "x"}, body={"et": "x"}, typed={"leave": "x"},
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    session.add_all((work, written))
    session.flush()
    own_mails = sa.select(Message.id).where(Message.person_id == person.id).order_by(Message.id)
    mail = session.scalars(own_mails.limit(1)).one()
    rated = {"moment": "start", "outcome": "know_1", "rating": 4}
    session.add_all(
        [
            Reflection(question_id=question.id, team_id=crew.id, **own, **rated),
            MessageFile(message_id=mail, name="x", media_type="application/pdf", content=b"x"),
            File(submission_id=work.id, name="töö.pdf", media_type="application/pdf", size=1, sha256="x", content=b"x"),
            WrittenFile(mail_id=written.id, name="x", media_type="text/plain", size=1, sha256="x", content=b"x"),
            CalendarFeed(**own, token_hash="planted-feed", made_at=AT),
            Invitation(team_id=crew.id, **own, stage="mentoring", expected="yes"),
            Attendance(
                team_id=crew.id, **own, stage="mentoring", present=True, recorded_at=AT, recorded_by_id=person.id,
                via="page", why="x",
            ),
            HoursRow(**own, **of_team, kind="reported", minutes=90, month="2022-07", at=AT),
            Alert(key="planted", kind="silent", **own, says={"et": "x", "en": "x"}, at=AT),
            Alias(**own, kind="former", value="x", key="x", at=AT),
            Absence(**own, until=AT.date(), at=AT),
            HandOver(from_id=person.id, to_id=person.id, notes="x", at=AT),
            LatePass(secret="planted-pass", address=person.address, why="x", until=AT),
            Draft(
                secret_hash="planted-draft", address=person.address, address_key=person.address_key, lang="et",
                content={"name": "x"}, created_at=AT, updated_at=AT, expires_at=AT + timedelta(days=9),
            ),
            InfoSignup(**own, at=AT),
            SignIn(**own, token_hash="planted-in", expires_at=AT),
            SignInRequest(address_key=person.address_key, then="/", at=AT),
            WebSession(**own, token_hash="planted-session", started_at=AT, seen_at=AT, browser="x", place="x"),
            SecondFactor(**own, kind="code", label="x", seed="x", credential_id="x", public_key=b"x", made_at=AT),
            RecoveryCode(**own, code_hash="x", made_at=AT),
            Import(kind="guests", file="x.csv", sha256="x", made=[1], left_out=0, at=AT, by_id=person.id, via="page"),
            ReportToken(
                token_hash="planted-token", purpose="x", tables="teams", lang="et", made_at=AT, made_by_id=person.id,
                ends_at=AT, place="x",
            ),
            _history(session, crew, person),
        ]
    )  # fmt: skip
    answered = sa.update(Question).where(Question.id == question.id)
    session.execute(answered.values(answered_by_id=person.id, answer={"kind": "yes"}))


def _history(session: Session, crew: Crew, person: Person) -> HistoryRow:
    last = session.scalar(sa.select(sa.func.max(HistoryRow.number)).where(HistoryRow.team_id == crew.id)) or 0
    return HistoryRow(
        team_id=crew.id, number=last + 1, at=AT, event="booked", actor=person.name, person_id=person.id, why="x",
        proof={"words": "x", "via": "mail"}, salt="5" * 32,
    )  # fmt: skip


def _plant(session: Session, who: Someone) -> Any:
    """Write a marker into each text column of one of the person's rows in each table."""
    numbers = itertools.count(10)
    for held in REGISTER:
        if held.whose is None:
            continue
        row_id = session.scalar(sa.select(sa.func.min(held.table.c.id)).where(held.whose(who)))
        assert row_id is not None, f"no row of theirs in {held.table.name}"
        for name, how in held.columns.items():
            column = held.table.c[name]
            if how is ErasureMethod.KEPT or (held.table.name, name) in UNTOUCHED:
                continue
            if not isinstance(column.type, sa.String | sa.JSON | sa.LargeBinary):
                continue
            marker = f"Qzx{next(numbers)}y" + (" Tamm" if (held.table.name, name) == ("people", "name") else "")
            session.execute(sa.update(held.table).where(held.table.c.id == row_id).values({name: _as(column, marker)}))
            yield marker


def _as(column: sa.Column[Any], marker: str) -> Any:
    if isinstance(column.type, sa.LargeBinary):
        return f"Subject: {marker}\r\n\r\n{marker}".encode()
    if isinstance(column.type, sa.JSON):
        if column.name in ("recipients", "readings"):
            return [marker]
        return {"et": marker, "en": marker, "words": marker, "kind": "yes"}
    return marker


def standing(world: World, markers: list[str]) -> list[str]:
    """Which of the markers still stand in any column of any table."""
    found = set()
    with world.db.reading() as session:
        for table in Person.metadata.tables.values():
            for row in session.execute(sa.select(table)):
                text = " ".join(v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row)
                found |= {m for m in markers if m.lower() in text.lower()}
    return sorted(found)


def said_of_others(world: World, name: str, address: str) -> None:
    """Somebody else's handled letter and mail, and the coordinator's note, speak of the person."""
    with world.db.writing() as session:
        raw = f"From: x@example.org\r\n\r\n{name} ({address.upper()}) ei tule.".encode()
        session.add(
            Letter(
                digest="other", received_at=AT, via="smtp", envelope_from="x@example.org", recipients=[], raw=raw,
                status="done", next_at=AT, sender="x@example.org", text=f"{name} ({address}) ei tule.",
            )
        )  # fmt: skip
        message = session.scalars(sa.select(Message).where(Message.to_address != address)).first()
        assert message is not None
        message.body = f"Tere! {name} lahkub. Kirjutage {address}."
