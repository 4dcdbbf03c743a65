"""Certificates on their way: made when a team completes, held for the coordinator, sent as a PDF, and made anew."""

from datetime import UTC, datetime
from email import message_from_bytes

import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.builders import Crew, World, config
from tests.mail.scripted_relay import Relay
from workflow.coordinator import adjustments, rerender, trial_mail
from workflow.database.engine import Database
from workflow.database.models import Message, MessageFile, Person, Team
from workflow.journey import attendance, moves
from workflow.records import preview, queries
from workflow.rules.machine import Decision, Trigger
from workflow.season import CLOCK

OCTOBER = datetime(2022, 10, 12, 9, 0, tzinfo=UTC)
CAME = ("workshop_1", "workshop_2", "workshop_3")


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def completed(world: World, lang: str = "et") -> Crew:
    """A team at the end of its way: two of its four members were at three workshops, one at two, one at none."""
    crew = world.apply(lang=lang).confirmed("I")
    world.now = OCTOBER
    with world.db.writing() as session:
        people = queries.members(session, crew.id)
        came = dict(zip(people, (3, 3, 2, 0), strict=True))
        for number, stage in enumerate(CAME):
            here = {person: number < times for person, times in came.items()}
            attendance.roll_call(session, session.get_one(Team, crew.id), stage, here, CLOCK, world.now)
        session.execute(sa.update(Team).where(Team.id == crew.id).values(state="final_seminar"))
    decided = crew.move(Trigger.COMPLETE, override="kõik on tehtud")
    assert isinstance(decided, Decision) and crew.state == "completed"
    return crew


def files(world: World, message: Message) -> list[MessageFile]:
    with world.db.reading() as session:
        return list(session.get_one(Message, message.id).files)


@pytest.mark.parametrize(("lang", "name"), [("et", "tunnistus.pdf"), ("en", "certificate.pdf")])
def test_who_was_there_often_enough_gets_a_certificate_that_waits(world: World, lang: str, name: str) -> None:
    crew = completed(world, lang)
    mails = crew.got("certificate")
    assert [m.to_address for m in mails] == [p.address for p in crew.people()[:2]]
    assert {m.status for m in mails} == {"held"} and len(crew.got("completed")) == 4
    (file,) = files(world, mails[0])
    assert (file.name, file.media_type) == (name, "application/pdf")
    assert file.content.startswith(b"%PDF-") and f"/Lang({lang})".encode() in file.content.replace(b" (", b"(")
    assert ("III töötuba" if lang == "et" else "Workshop III") in mails[0].body


def test_a_config_without_certificates_makes_none(sqlite_db: Database) -> None:
    world = World(sqlite_db, config({"[certificates]\nsessions = 3\n": ""}))
    assert completed(world).got("certificate") == []


def test_a_config_may_let_certificates_leave_at_once(sqlite_db: Database) -> None:
    world = World(sqlite_db, config({'default = "at once"': 'default = "at once"\ncertificate = "at once"'}))
    assert {m.status for m in completed(world).got("certificate")} == {"queued"}


def test_the_mail_arrives_with_the_very_file_that_was_held(world: World) -> None:
    crew = completed(world)
    first = crew.got("certificate")[0]
    with world.db.writing() as session:
        session.execute(sa.update(Message).where(Message.id != first.id).values(status="sent"))
        assert adjustments.release(session, session.get_one(Message, first.id), world.now) is None
    with Relay() as relay:
        sent = outbox.deliver(
            world.db,
            world.now,
            SmtpTransport("127.0.0.1", relay.port),
            build=lambda m: ("sender@example.org", message_bytes.to_bytes(m, world.identity)),
        )
        assert sent.sent == 1
        mail = message_from_bytes(relay.taken[0][2])
    parts = [part for part in mail.walk() if part.get_content_disposition() == "attachment"]
    assert [(p.get_filename(), p.get_content_type()) for p in parts] == [("tunnistus.pdf", "application/pdf")]
    assert parts[0].get_payload(decode=True) == files(world, first)[0].content


def test_a_file_that_is_not_what_was_meant_is_never_sent(world: World) -> None:
    message = completed(world).got("certificate")[0]
    with world.db.reading() as session:
        held = session.get_one(Message, message.id)
        wire = message_bytes.to_bytes(held, world.identity)
        message_bytes._compare_files(wire, held)
        held.files[0].content = b"%PDF-other"
        with pytest.raises(message_bytes.UnsendableMail):
            message_bytes._compare_files(wire, held)
        session.rollback()


def test_undoing_the_completion_drops_what_was_not_sent(world: World) -> None:
    crew = completed(world)
    with world.db.writing() as session:
        row, team = queries.last_transition(session, crew.id), session.get_one(Team, crew.id)
        assert row is not None
        assert moves.undo(world.season, session, team, row, world.coordinator(), world.now, why="ekslikult")
    assert {m.status for m in crew.got("certificate")} == {"dropped"}


def test_a_step_that_is_only_shown_leaves_no_file(world: World) -> None:
    crew = completed(world)
    with world.db.writing() as session:
        row, team = queries.last_transition(session, crew.id), session.get_one(Team, crew.id)
        assert row is not None
        moves.undo(world.season, session, team, row, world.coordinator(), world.now, why="ekslikult")
        before = session.scalar(sa.select(sa.func.count()).select_from(MessageFile))
        seen = preview.foresee(
            world.season,
            session,
            lambda season: moves.move(
                season, session, team, Trigger.COMPLETE, world.coordinator(), world.now, override="nüüd"
            ),
        )
        assert sum(mail.template == "certificate" for mail in seen.mails) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(MessageFile)) == before == 2


def test_a_test_to_myself_carries_the_file(world: World) -> None:
    message = completed(world).got("certificate")[0]
    with world.db.writing() as session:
        me = queries.staff(session, "coordinator")[0]
        held = session.get_one(Message, message.id)
        assert trial_mail.to_me(session, held, me, "teekond.example.org", world.now) is None
    copy = world.messages("certificate")[-1]
    assert copy.to_address == me.address and files(world, copy)[0].content == files(world, message)[0].content


def test_after_a_name_was_corrected_the_certificate_is_made_anew(world: World) -> None:
    crew = completed(world)
    message, other = crew.got("certificate")
    old = files(world, message)[0].content
    with world.db.writing() as session:
        session.get_one(Person, message.person_id).name = "Mari-Liis Kask"
    with world.db.writing() as session:
        held, programme = session.get_one(Message, message.id), world.season.programme
        assert rerender.enclose_again(session, programme, held, world.composer.enclosed, world.now) is None
    (file,) = files(world, message)
    assert file.content != old and file.content.startswith(b"%PDF-")
    with world.db.writing() as session:  # a second click
        held = session.get_one(Message, message.id)
        assert rerender.enclose_again(session, programme, held, world.composer.enclosed, world.now) is None
    (again,) = files(world, message)
    assert (again.id, again.content) == (file.id, file.content)
    with world.db.writing() as session:
        assert session.get_one(Message, message.id).to_name == "Mari-Liis Kask"
        sent = session.get_one(Message, other.id)
        sent.status = "sent"
        session.flush()
        assert rerender.enclose_again(session, programme, sent, world.composer.enclosed, world.now) is not None
