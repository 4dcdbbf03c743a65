"""What follows from mail that came back: what the coordinator is told, who is asked instead, what the others keep."""

import pytest
import sqlalchemy as sa

from mail.handling import bounce_effects
from mail.reading.automatic import bounces
from mail.sending import results
from mail.sending.outcome import DeliveryOutcome, Fate
from tests.builders import SECRET, Crew, World
from tests.mail.handling.test_inbox import alerts, report
from tests.season_snapshots import lived
from workflow.database.engine import Database
from workflow.database.models import Alert, Message, Person
from workflow.text.delivery_failures import FAILURES, FailureKind, explained, known

TOLD = """
    5.1.1   | smtp; 550 5.1.1 User unknown             | dead    | sellist aadressi ei ole        | Parandage aadress
    5.1.2   | smtp; 550 5.1.2 Host or domain not found | dead    | sellist aadressi ei ole        | Parandage aadress
    5.2.2   | smtp; 552 5.2.2 Mailbox is full          | failing | postkast on täis               | Aadress on õige
    4.2.2   | smtp; 452 4.2.2 Mailbox is full          | failing | postkast on täis               | Aadress on õige
    5.2.3   | smtp; 552 5.2.3 Message too large        | failing | liiga suur                     | Aadress on õige
    5.7.1   | smtp; 554 5.7.1 Message refused as spam  | failing | keeldus kirja vastu võtmast    | IT-tugi
    5.7.1   | smtp; 550 5.7.1 No such user here        | dead    | sellist aadressi ei ole        | Parandage aadress
    4.4.1   | smtp; connection timed out               | failing | nende server ei vastanud       | server jälle töötab
    4.4.7   | smtp; delivery time expired              | failing | nende server ei vastanud       | server jälle töötab
    5.3.0   | smtp; 554 5.3.0 Something else           | failing | server ei võtnud kirja vastu   | Küsige inimeselt
"""


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def bounced(world: World, mail: Message, status: str, words: str) -> str:
    back = bounces.verp(str(mail.id), SECRET, world.identity.domain)
    raw = report(back, mail.to_address, status=status, words=words)
    raw = raw.replace(f"Status: {status}\r\n".encode(), f"Status: {status}\r\nDiagnostic-Code: {words}\r\n".encode())
    return world.deliver(raw, back, sender="").outcome or ""


@pytest.mark.parametrize("line", [line.strip() for line in TOLD.strip().split("\n")])
def test_the_coordinator_reads_what_the_server_said_and_what_fits_it(world: World, line: str) -> None:
    status, words, state, says, advice = (cell.strip() for cell in line.split("|"))
    team = world.apply().selected()
    mail = next(m for m in team.got("place_offer") if m.to_address == team.contact.address)
    assert bounced(world, mail, status, words) == "bounce"
    (told,) = alerts(world, "bounce")
    assert team.contact.address_state == state
    assert says in told.says["et"] and advice in told.says["et"]
    assert words.removeprefix("smtp; ") in told.says["et"] and words.removeprefix("smtp; ") in told.says["en"]
    assert ("Parandage aadress" in told.says["et"]) is (state == "dead")


def test_every_kind_of_failure_has_its_own_words_and_only_a_wrong_address_is_to_be_corrected() -> None:
    assert {one.kind for one in FAILURES} == set(FailureKind)
    for lang in ("et", "en"):
        assert len({one.says.say(lang) for one in FAILURES}) >= len(FAILURES) - 1
        assert len({one.advice.say(lang) for one in FAILURES}) == len(FAILURES)
    correcting = [one.kind for one in FAILURES if "Correct the address" in one.advice.en]
    assert correcting == [FailureKind.NO_ADDRESS]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("550 5.1.1 no such user", FailureKind.NO_ADDRESS),
        ("552 5.2.2 over quota", FailureKind.FULL),
        ("554 5.7.1 relay access denied", FailureKind.POLICY),
        ("451 4.4.1 no answer", FailureKind.AWAY),
        ("451 4.3.0 try later", FailureKind.NOT_NOW),
        ("ConnectionRefusedError: 111", FailureKind.BROKEN),
        ("554 5.6.0 bad", FailureKind.REFUSED),
        ("version 15.1.1.2 of the filter", None),
    ],
)
def test_a_reply_is_of_the_kind_that_its_code_says(error: str, kind: FailureKind | None) -> None:
    found = known(error)
    assert (found.kind if found else None) == kind
    assert error in explained(error).en


def test_a_mail_that_the_relay_refuses_for_its_words_is_told_with_what_fits(world: World) -> None:
    mail = world.apply().selected().got("place_offer")[0]
    with world.db.writing() as session:
        row = session.get_one(Message, mail.id)
        row.status = "sending"
        session.flush()
        results.settle(session, [(row, DeliveryOutcome(Fate.REFUSED, "554 5.7.1 spam"))], world.now, None)
    (told,) = alerts(world, "unsent")
    assert "keeldus kirja vastu võtmast" in told.says["et"] and "IT-tugi" in told.says["et"]
    assert "554 5.7.1 spam" in told.says["et"] and "Parandage aadress" not in told.says["et"]


def test_an_address_that_the_relay_refuses_at_once_is_told_as_a_bounce_is(world: World) -> None:
    team = world.apply().selected()
    mail = next(m for m in team.got("place_offer") if m.to_address == team.contact.address)
    with world.db.writing() as session:
        row = session.get_one(Message, mail.id)
        row.status = "sending"
        session.flush()
        refused = DeliveryOutcome(Fate.REFUSED, "550 no such user", address=True)
        results.settle(session, [(row, refused)], world.now, None)
    (told,) = alerts(world, "bounce")
    assert "sellist aadressi ei ole. Parandage aadress" in told.says["et"] and "550 no such user" in told.says["et"]


# -- who is asked instead -----------------------------------------------------------------------------------


def homework(world: World) -> int:
    """A team whose contact alone was asked for the homework of the first workshop."""
    crew = world.apply().confirmed()
    for _ in range(90):
        if crew.got("homework"):
            return crew.id
        world.wait(days=1)
    raise AssertionError("no homework was asked for")


def holds(world: World, crew: Crew, *, but: Person) -> list[tuple[int, str, str]]:
    """Every mail that anybody else of the team has."""
    return sorted((m.id, m.to_address, m.status) for m in world.messages() if m.to_address != but.address)


def test_a_deputy_who_is_asked_instead_reads_why_and_what(world: World) -> None:
    crew = Crew(world, lived(world, homework))
    mail, deputy = crew.got("homework")[-1], crew.people()[1]
    contact, others = crew.contact, holds(world, crew, but=deputy)
    assert deputy.part == "deputy" and mail.to_address == contact.address
    assert bounced(world, mail, "5.1.1", "smtp; 550 5.1.1 User unknown") == "bounce"
    (asked,) = crew.got("passed_on")
    assert (asked.to_address, asked.question_id) == (deputy.address, mail.question_id)
    assert f"ei jõudnud kohale: {contact.name}" in asked.body
    assert "Kuidas vastata" in asked.body and "veel teie vastust" not in asked.body
    assert crew.got("reminder") == []
    left = [one for one in holds(world, crew, but=deputy) if one[0] <= max(others)[0]]
    changed = [one for one in left if one not in others]
    assert changed == [(mail.id, contact.address, "bounced")], "what the others hold stays as it was"


def test_a_second_report_and_the_relays_refusal_ask_nobody_twice(world: World) -> None:
    crew = Crew(world, lived(world, homework))
    mail = crew.got("homework")[-1]
    bounced(world, mail, "5.1.1", "smtp; 550 5.1.1 User unknown")
    with world.db.writing() as session:
        message, person = session.get_one(Message, mail.id), session.get_one(Person, mail.person_id)
        bounce_effects.refused(world.season, session, message, person, world.now)
    assert len(crew.got("passed_on")) == 1


def test_a_relay_that_refuses_the_address_at_once_has_the_deputy_asked(world: World) -> None:
    crew = Crew(world, lived(world, homework))
    mail, deputy = crew.got("homework")[-1], crew.people()[1]
    with world.db.writing() as session:
        message, person = session.get_one(Message, mail.id), session.get_one(Person, mail.person_id)
        bounce_effects.refused(world.season, session, message, person, world.now)
    assert [m.to_address for m in crew.got("passed_on")] == [deputy.address]


@pytest.mark.parametrize(
    ("addresses", "outcome"),
    [
        (["somewhere.else@example.net"], "bounce"),
        (["somewhere.else@example.net", "and.another@example.net"], "delayed"),
    ],
)
def test_a_report_on_a_rewritten_address_counts_where_it_names_only_one(
    world: World, addresses: list[str], outcome: str
) -> None:
    crew = world.apply().selected()
    mail = next(m for m in crew.got("place_offer") if m.to_address == crew.contact.address)
    back = bounces.verp(str(mail.id), SECRET, world.identity.domain)
    raw = report(back, addresses[0])
    for more in addresses[1:]:
        row = f"\r\nFinal-Recipient: rfc822; {more}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        raw = raw.replace(b"Status: 5.1.1\r\n", b"Status: 5.1.1\r\n" + row.encode(), 1)
    assert world.deliver(raw, back, sender="").outcome == outcome
    assert crew.contact.address_state == ("dead" if outcome == "bounce" else "ok")


@pytest.mark.parametrize("status", ["4.2.2", "5.7.1", "4.4.1"])
def test_an_address_that_may_be_right_leaves_the_question_where_it_is(world: World, status: str) -> None:
    crew = Crew(world, lived(world, homework))
    bounced(world, crew.got("homework")[-1], status, f"smtp; {status} not now")
    assert crew.got("passed_on") == []


def test_an_applicant_who_disowns_the_application_is_called_what_they_are(world: World) -> None:
    crew = world.apply()
    crew.replies("verify", "EI")
    assert "kontaktisik" in alerts(world, "disowned")[0].says["et"]
    other = world.apply("Teine")
    with world.db.writing() as session:
        session.execute(sa.update(Person).where(Person.id == other.contact.id).values(part="deputy"))
    question, _, _ = world.asked("verify", team=other.id)
    mail = other.got("verify")[0]
    assert world.write(mail.to_address, world.reply_to(mail), "EI").outcome == "accepted"
    with world.db.reading() as session:
        says = session.scalars(sa.select(Alert).where(Alert.key == f"disowned:{other.id}")).one().says
    assert question.id == mail.question_id
    assert "asendaja" in says["et"] and "kontaktisik" not in says["et"] and "deputy" in says["en"]
