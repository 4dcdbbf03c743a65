"""Trouble of a whole domain is one alert: mail refused or put off there, reports from there, answers that stay out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mail.sending import results
from mail.sending.outcome import DeliveryOutcome, Fate
from tests.builders import Crew, World
from tests.mail.handling.test_inbox import back, report
from tests.workflow.schedule.test_silence import mailed
from workflow.database.engine import Database
from workflow.database.models import Alert, Message, Person
from workflow.schedule import silence

VALD = "vald.example.org"


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def at_one_domain(world: World, domain: str, *names: str) -> list[Crew]:
    """Teams whose people all have addresses at this domain."""
    return moved(world, domain, *(world.apply(name) for name in names))


def asked_all(world: World, domain: str, name: str) -> Crew:
    """The same, one team whose members were all written to, for its contact's address is confirmed."""
    return moved(world, domain, world.apply(name).verified())[0]


def moved(world: World, domain: str, *crews: Crew) -> list[Crew]:
    with world.db.writing() as session:
        for person in session.scalars(sa.select(Person).where(Person.team_id.in_([crew.id for crew in crews]))):
            person.address = person.address_key = f"i{person.id}@{domain}"
        for message in session.scalars(sa.select(Message).where(Message.person_id.is_not(None))):
            message.to_address = session.get_one(Person, message.person_id).address
    return list(crews)


def alerts(world: World, *, settled: bool = False) -> list[tuple[str, str]]:
    """(kind, sentence in English) of what waits for the coordinator."""
    with world.db.reading() as session:
        query = sa.select(Alert).where(~Alert.standing() if settled else Alert.standing())
        return [(one.kind, one.says["en"]) for one in session.scalars(query.order_by(Alert.id))]


def ended(world: World, outcome: DeliveryOutcome, *messages: Message, tries: int = 0) -> None:
    """A sender has these in hand, and this became of each."""
    with world.db.writing() as session:
        for message in messages:
            values = {"status": "sending", "attempt": 1, "tries": tries}
            session.execute(sa.update(Message).where(Message.id == message.id).values(**values))
        held = [session.get_one(Message, message.id) for message in messages]
        session.flush()
        results.settle(session, [(one, outcome) for one in held], world.now, None)


def consents(world: World, crew: Crew) -> list[Message]:
    """One mail to each member but the contact."""
    return [m for m in world.messages("consent") if m.team_id == crew.id]


REFUSED = DeliveryOutcome(Fate.REFUSED, "550 5.7.1 blocked by policy")
NOBODY = DeliveryOutcome(Fate.REFUSED, "550 5.1.1 no such user", address=True)
PUT_OFF = DeliveryOutcome(Fate.AGAIN, "451 4.7.1 greylisted")
TAKEN = DeliveryOutcome(Fate.SENT)
FOUR_HOURS = 8
"""tries after which a mail has waited four hours"""


@pytest.mark.parametrize(
    ("outcome", "tries"), [(REFUSED, 0), (NOBODY, 0), (PUT_OFF, FOUR_HOURS)], ids=["policy", "no user", "put off"]
)
def test_a_domain_that_takes_no_mail_is_one_alert_instead_of_many(
    world: World, outcome: DeliveryOutcome, tries: int
) -> None:
    crew = asked_all(world, VALD, "Võru")
    mails = consents(world, crew) + world.messages("verify")
    assert len({m.person_id for m in mails}) == 4
    ended(world, outcome, *mails[:2], tries=tries)
    assert [kind for kind, _ in alerts(world)] and "domain" not in {kind for kind, _ in alerts(world)}
    ended(world, outcome, *mails[2:], tries=tries)
    ((kind, says),) = alerts(world)
    assert kind == "domain" and f"@{VALD}" in says and "3 people" in says and outcome.says in says
    assert len(alerts(world, settled=True)) == 3
    world.now += timedelta(hours=2)
    ended(world, outcome, mails[0], tries=tries)
    assert len(alerts(world)) == 1, "while it waits for the coordinator nothing more is told of that domain"


def test_a_domain_where_somebody_gets_mail_is_not_at_fault(world: World) -> None:
    crew = asked_all(world, VALD, "Võru")
    mails = [m for m in world.messages() if m.team_id == crew.id]
    ended(world, TAKEN, mails[0])
    ended(world, NOBODY, *mails[1:])
    assert {kind for kind, _ in alerts(world)} == {"bounce"}


def test_trouble_at_several_domains_is_told_of_each_by_itself(world: World) -> None:
    first, second = asked_all(world, VALD, "Võru"), asked_all(world, "linn.example.org", "Põlva")
    for crew in (first, second):
        ended(world, NOBODY, *consents(world, crew)[:2])
    assert {kind for kind, _ in alerts(world)} == {"bounce"} and len(alerts(world)) == 4


def test_a_domain_with_a_name_that_ends_alike_is_another(world: World) -> None:
    crew, other = asked_all(world, f"x{VALD}", "Võru"), asked_all(world, VALD, "Põlva")
    for one in (crew, other):
        ended(world, NOBODY, *consents(world, one)[:2])
    assert {kind for kind, _ in alerts(world)} == {"bounce"} and len(alerts(world)) == 4


def test_reports_from_a_domain_where_every_mail_came_back_are_one_alert(world: World) -> None:
    crew = asked_all(world, VALD, "Võru")
    mails = [m for m in world.messages() if m.team_id == crew.id]
    ended(world, TAKEN, *mails)
    for number, message in enumerate(mails):
        raw = report(back(world, message), message.to_address, status="5.7.1", words="blocked")
        letter = world.deliver(raw.replace(b"<b1@", b"<b%d@" % number), back(world, message), sender="")
        assert letter.outcome == "bounce"
    ((kind, says),) = alerts(world)
    assert kind == "domain" and f"@{VALD}" in says


def silent(world: World) -> list[str]:
    with world.db.writing() as session:
        silence.look(world.season, session, world.now)
        query = sa.select(Alert.key).where(Alert.kind.in_(["no_reaction", "domain"]), Alert.standing())
        return [key.rpartition(":")[0] for key in session.scalars(query.order_by(Alert.id))]


def test_silence_of_every_address_at_a_domain_is_one_alert_instead_of_one_a_team(world: World) -> None:
    crews = at_one_domain(world, VALD, "Võru", "Põlva", "Rõuge")
    for crew in crews:
        mailed(world, crew, 4)
    world.now += timedelta(days=3)
    assert "domain_silent" not in str(silent(world)), "where nobody at all answers it is no domain's fault"
    with world.db.writing() as session:
        session.execute(sa.delete(Alert))
    world.apply("Tartu").replies("verify", "JAH")
    assert silent(world) == [f"domain_silent:{VALD}"]
    assert silent(world) == [f"domain_silent:{VALD}"], "and it is told once"
    says = next(says for kind, says in alerts(world) if kind == "domain")
    assert "3 people" in says and "spam folder" in says


def test_where_one_at_the_domain_reacts_the_others_are_told_of_by_their_teams(world: World) -> None:
    crews = at_one_domain(world, VALD, "Võru", "Põlva", "Rõuge", "Saku")
    for crew in crews[:3]:
        mailed(world, crew, 4)
    world.now += timedelta(days=3)
    world.apply("Tartu").replies("verify", "JAH")
    crews[3].replies("verify", "mis see on?")
    assert silent(world) == [f"no_reaction:{crew.id}" for crew in crews[:3]]
