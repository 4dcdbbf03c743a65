"""Members on the way: consent, replacement, the deputy, quorum; and mail that never arrives."""

import pytest

from mail.reading.automatic import bounces
from tests.builders import SECRET, World
from workflow.database.engine import Database
from workflow.database.models import Alert, Person
from workflow.journey import members
from workflow.rules.application import NewMember


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def alerts(world: World, kind: str) -> list[Alert]:
    with world.db.reading() as session:
        return [a for a in session.query(Alert).order_by(Alert.id) if a.kind == kind]


def test_silence_is_consent(world: World) -> None:
    team = world.apply().verified()
    world.wait(days=20)
    assert len(team.people()) == 4


def test_a_member_who_says_no_is_removed_and_the_contact_is_told_what_is_missing(world: World) -> None:
    team = world.apply().verified()
    member = team.people()[3]
    assert team.replies("consent", "EI, see on eksitus", person=member.address).outcome == "accepted"
    assert member.name not in [p.name for p in team.people()]
    told = team.got("member_left")
    assert [m.to_address for m in told] == [team.contact.address]
    assert "1 kogukonna" in told[0].body
    assert len(alerts(world, "quorum")) == 1
    assert team.contact.name in alerts(world, "quorum")[0].says["et"]


def test_a_replacement_is_told_invited_and_restores_the_quorum(world: World) -> None:
    team = world.apply().confirmed()
    gone = team.people()[3]
    world.send_all()
    with world.db.writing() as session:
        members.leave(world.season, session, session.get_one(Person, gone.id), world.coordinator(), world.now)
    assert [m.to_address for m in team.got("membership_ended")] == [gone.address]
    new = NewMember(name="Uus Liige", address="uus@example.org", side="community")
    with world.db.writing() as session:
        members.join(world.season, session, session.merge(team.row), new, world.coordinator(), world.now)
    assert len([m for m in team.got("place_confirmed") if m.to_address == "uus@example.org"]) == 1
    assert len([m for m in team.got("consent") if m.to_address == "uus@example.org"]) == 1


def test_the_deputy_becomes_the_contact_and_is_asked_what_the_team_owes(world: World) -> None:
    team = world.apply().selected()
    contact, deputy = team.people()[:2]
    with world.db.writing() as session:
        members.leave(world.season, session, session.get_one(Person, contact.id), world.coordinator(), world.now)
    assert team.contact.id == deputy.id
    team.replies("confirm_place", "JAH", person=deputy.address)
    assert team.state == "workshop_1"


def bounce(world: World, team_address: str, return_address: str) -> str:
    raw = (
        b"From: MAILER-DAEMON@example.net\r\nTo: " + return_address.encode() + b"\r\nSubject: Undelivered Mail\r\n"
        b"Message-ID: <b1@example.net>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nUser unknown\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        b"Final-Recipient: rfc822; " + team_address.encode() + b"\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    return world.deliver(raw, return_address, sender="").outcome or ""


def test_a_bounce_marks_the_address_tells_the_coordinator_and_asks_the_deputy(world: World) -> None:
    team = world.apply().verified()
    verify = team.got("verify")[0]
    back = bounces.verp(str(verify.id), SECRET, world.identity.domain)
    assert bounce(world, verify.to_address, back) == "bounce"
    assert team.contact.address_state == "dead"
    assert team.got("verify")[0].status == "bounced"
    assert len(alerts(world, "bounce")) == 1


def test_a_place_whose_offer_bounced_at_the_contact_is_confirmed_by_the_deputy(world: World) -> None:
    team = world.apply(deputy=False).selected()
    with world.db.writing() as session:
        members.appoint(
            world.season,
            session,
            session.get_one(Person, team.people()[1].id),
            "deputy",
            world.coordinator(),
            world.now,
        )
    deputy = next(p for p in team.people() if p.part == "deputy")
    assert [m.to_address for m in team.got("passed_on")] == [deputy.address]
    assert "asendaja" in team.got("passed_on")[0].body
    team.replies("confirm_place", "JAH", person=deputy.address)
    assert team.state == "workshop_1"


def test_a_forged_bounce_changes_nothing(world: World) -> None:
    team = world.apply().verified()
    verify = team.got("verify")[0]
    forged = f"b-{verify.id}-{'a' * 16}@{world.identity.domain}"
    assert bounce(world, verify.to_address, forged) == "bounce_unknown"
    assert team.contact.address_state == "ok"
    assert team.got("verify")[0].status == "queued"
