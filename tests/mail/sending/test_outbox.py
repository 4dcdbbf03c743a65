"""Queued mails leave once, in order, whatever the relay says; what cannot leave waits or fails with its reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending.outbox import Sent, deliver
from mail.sending.results import GIVE_UP_AFTER, delay, waited
from mail.sending.smtp_client import dotted
from mail.sending.transport import LoopbackTransport, NoTransport, SmtpTransport
from tests.mail.scripted_relay import Relay
from workflow.codes import DeliveryFault
from workflow.database.engine import Database
from workflow.database.models import Alert, Message, Person

NOW = datetime(2022, 4, 5, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def queue(db: Database, *names: str, **given: Any) -> None:
    with db.writing() as session:
        for name in names:
            address = f"{name}@example.org"
            who = Person(
                role="member", name=name.title(), address=address, address_key=address, lang="et", joined_at=NOW
            )
            session.add(who)
            session.flush()
            session.add(message(name, person_id=who.id, **given))


def message(name: str, **given: Any) -> Message:
    return Message(**{
        "key": name, "template": "homework", "lang": "et", "to_name": name.title(),
        "to_address": f"{name}@example.org", "subject": name, "body": "Tere", "status": "queued",
        "message_id": f"<{name}@kogu.example.org>", "created_at": NOW, "next_at": NOW, **given,
    })  # fmt: skip


def build(message: Message) -> tuple[str, bytes]:
    if message.subject == "poison":
        raise ValueError("an address that mail cannot be sent to")
    return f"b-{message.id}@kogu.example.org", f"Message-ID: {message.message_id}\r\n\r\n.Tere\r\n".encode()


def send(db: Database, relay: Relay, now: datetime = NOW, **given: Any) -> Sent:
    return deliver(db, now, SmtpTransport("127.0.0.1", relay.port, timeout=20, last_timeout=20), build=build, **given)


def row(db: Database, name: str) -> Message:
    with db.reading() as session:
        found = session.scalars(sa.select(Message).where(Message.key == name)).one()
        session.expunge_all()
        return found


def state(db: Database, name: str) -> tuple[str, int, timedelta]:
    found = row(db, name)
    return found.status, found.attempt, found.next_at - NOW


def alerts(db: Database) -> list[Alert]:
    with db.reading() as session:
        found = list(session.scalars(sa.select(Alert).order_by(Alert.id)))
        session.expunge_all()
        return found


# what leaves


def test_mails_leave_oldest_first_over_one_connection_and_once(db: Database) -> None:
    queue(db, "second", next_at=NOW - MINUTE)
    queue(db, "third")
    queue(db, "first", next_at=NOW - 2 * MINUTE)
    with Relay() as relay:
        assert send(db, relay) == Sent(sent=3)
        assert send(db, relay) == Sent()
    assert [recipient for _, recipient, _ in relay.taken] == [f"{n}@example.org" for n in ("first", "second", "third")]
    assert relay.taken[1] == (
        "b-1@kogu.example.org", "second@example.org", b"Message-ID: <second@kogu.example.org>\r\n\r\n.Tere\r\n"
    )  # fmt: skip
    assert relay.connections == 1
    sent = row(db, "first")
    assert (sent.status, sent.sent_at, sent.attempt, sent.leased_until, sent.error) == ("sent", NOW, 1, None, "")
    assert alerts(db) == []


@pytest.mark.parametrize("status", ["held", "sent", "failed", "bounced", "dropped"])
def test_only_what_is_queued_leaves(db: Database, status: str) -> None:
    queue(db, "mari", status=status)
    queue(db, "later", next_at=NOW + MINUTE)
    with Relay() as relay:
        assert send(db, relay) == Sent()
        assert relay.connections == 0


def test_a_pass_has_a_limit(db: Database) -> None:
    queue(db, "a", "b", "c")
    with Relay() as relay:
        assert send(db, relay, limit=2) == Sent(sent=2)
        assert send(db, relay, limit=2) == Sent(sent=1)


def test_workers_at_once_send_each_mail_once(db: Database) -> None:
    queue(db, *(f"m{n}" for n in range(30)))
    with Relay() as relay, ThreadPoolExecutor(4) as pool:
        passes = list(pool.map(lambda _: send(db, relay), range(4)))
    assert sum(each.sent for each in passes) == 30
    assert sorted(relay.tried) == sorted(f"m{n}@example.org" for n in range(30))


# what the relay refuses


def test_a_mail_refused_for_now_is_tried_again_later_and_holds_up_nobody(db: Database) -> None:
    queue(db, "grey", "mari", "juri")
    waits = []
    with Relay() as relay:
        relay.says["grey@example.org"] = ["450 4.2.0 greylisted"] * 3
        assert send(db, relay) == Sent(again=1, sent=2)
        for minutes in (1, 6, 21):
            waits.append(state(db, "grey"))
            send(db, relay, NOW + minutes * MINUTE - timedelta(seconds=1))
            send(db, relay, NOW + minutes * MINUTE)
    assert waits == [("queued", 1, MINUTE), ("queued", 2, 6 * MINUTE), ("queued", 3, 21 * MINUTE)]
    assert row(db, "grey").status == "sent"
    assert len(relay.tried) == 3 + 3
    assert alerts(db) == []


def test_an_address_that_is_none_is_marked_and_the_coordinator_told(db: Database) -> None:
    queue(db, "gone", "mari")
    told: list[str] = []

    def refused(session: Session, message: Message, person: Person, now: datetime) -> None:
        told.append(f"{message.key} {session.get_one(Person, person.id).address_state}")

    with Relay() as relay:
        relay.says["gone@example.org"] = ["550 5.1.1 no such user"]
        assert send(db, relay, refused=refused) == Sent(refused=1, sent=1)
        send(db, relay, NOW + timedelta(days=1))
    assert (row(db, "gone").status, row(db, "gone").error) == ("failed", "550 5.1.1 no such user")
    with db.reading() as session:
        person = session.scalars(sa.select(Person).where(Person.name == "Gone")).one()
        assert (person.address_state, person.address_note) == ("dead", "550 5.1.1 no such user")
        assert session.scalar(sa.select(sa.func.count()).where(Person.address_state == "dead")) == 1
    (alert,) = alerts(db)
    assert (alert.kind, alert.person_id, told) == ("bounce", 1, ["gone dead"])
    assert "gone@example.org" in alert.says["et"]
    assert "gone@example.org" in alert.says["en"]
    assert relay.tried.count("gone@example.org") == 1


@pytest.mark.parametrize(
    "reply",
    ["554 5.7.1 relay access denied", "530 sign in first", "552 5.2.2 full", "dot: 554 5.6.0 bad", "dot: 550 spam"],
)
def test_a_refusal_that_is_not_about_the_address_leaves_the_address_alone(db: Database, reply: str) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        relay.says["mari@example.org"] = [reply]
        assert send(db, relay) == Sent(refused=1, sent=1)
    assert row(db, "mari").status == "failed"
    assert [alert.kind for alert in alerts(db)] == ["unsent"]
    with db.reading() as session:
        assert set(session.scalars(sa.select(Person.address_state))) == {"ok"}


def test_a_connection_lost_before_the_mail_is_tried_again_and_the_others_go(db: Database) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        relay.says["mari@example.org"] = ["hang up"]
        assert send(db, relay) == Sent(again=1, sent=1)
    assert state(db, "mari") == ("queued", 1, MINUTE)
    assert relay.connections == 2


def test_a_mail_whose_fate_is_unknown_waits_longer_and_keeps_its_message_id(db: Database) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        relay.says["mari@example.org"] = ["dot: hang up", "dot: 451 4.3.0 later"]
        assert send(db, relay) == Sent(unknown=1, sent=1)
        assert state(db, "mari") == ("uncertain", 1, 15 * MINUTE)
        send(db, relay, NOW + 15 * MINUTE)
        assert state(db, "mari") == ("queued", 2, 20 * MINUTE)
        send(db, relay, NOW + 20 * MINUTE)
    assert row(db, "mari").status == "sent"
    assert b"<mari@kogu.example.org>" in relay.taken[-1][2]


def test_a_mail_that_cannot_be_built_fails_and_the_others_go(db: Database) -> None:
    queue(db, "poison", "mari")
    with Relay() as relay:
        assert send(db, relay) == Sent(refused=1, sent=1)
    assert row(db, "poison").error == "ValueError: an address that mail cannot be sent to"
    assert [alert.key for alert in alerts(db)] == ["unsent:1"]


@pytest.mark.parametrize("address", ["a@b.example>\r\nRCPT TO:<x@y.example", "jüri@example.org"])
def test_an_address_that_cannot_be_said_fails_and_the_others_go(db: Database, address: str) -> None:
    queue(db, "odd", to_address=address)
    queue(db, "mari")
    with Relay() as relay:
        assert send(db, relay) == Sent(refused=1, sent=1)
    assert relay.tried == ["mari@example.org"]


# a relay that is down


@pytest.mark.parametrize("greeting", ["421 4.3.2 closing", "554 no", "hello"])
def test_a_relay_that_takes_nothing_is_asked_once_a_minute_and_nothing_is_lost(db: Database, greeting: str) -> None:
    queue(db, *(f"m{n}" for n in range(5)))
    with Relay() as relay:
        relay.greets = [greeting] * 100
        for seconds in range(0, 1200, 20):
            send(db, relay, NOW + timedelta(seconds=seconds))
        assert relay.connections == 20
        assert [alert.kind for alert in alerts(db)] == ["relay"]
        assert alerts(db)[0].at == NOW + 5 * MINUTE
        relay.greets = []
        back = NOW + 20 * MINUTE
        done = send(db, relay, back)
        assert (done.sent, done.relay_down) == (5, False)
        assert [recipient for _, recipient, _ in relay.taken] == [f"m{n}@example.org" for n in range(5)]
    assert alerts(db)[0].mended_at == back
    assert {row(db, f"m{n}").tries for n in range(5)} == {0}


def test_mails_queued_while_the_relay_is_away_do_not_make_it_be_asked_more_often(db: Database) -> None:
    with Relay() as relay:
        relay.greets = ["421 4.3.2 closing"] * 100
        for seconds in range(0, 300, 10):
            queue(db, f"m{seconds}", next_at=NOW + timedelta(seconds=seconds))
            send(db, relay, NOW + timedelta(seconds=seconds))
        assert relay.connections == 5
        relay.greets = []
        assert send(db, relay, NOW + 5 * MINUTE).sent == 30


def test_workers_at_once_ask_a_relay_that_is_away_once(db: Database) -> None:
    queue(db, *(f"m{n}" for n in range(8)))
    with Relay() as relay, ThreadPoolExecutor(4) as pool:
        relay.greets = ["421 4.3.2 closing"] * 100
        send(db, relay)
        passes = list(pool.map(lambda _: send(db, relay, NOW + MINUTE), range(4)))
        assert relay.connections == 2
    assert all(each.relay_down for each in passes)


def test_a_relay_away_twice_in_a_day_is_told_twice(db: Database) -> None:
    queue(db, "mari")
    with Relay() as relay:
        for begins in (0, 60):
            relay.greets = ["421 4.3.2 closing"] * 7
            for minute in range(begins, begins + 9):
                queue(db, f"m{minute}", next_at=NOW + minute * MINUTE)
                send(db, relay, NOW + minute * MINUTE)
    told = alerts(db)
    assert [(alert.kind, alert.mended_at is not None) for alert in told] == [("relay", True)] * 2


def test_a_clock_that_was_set_back_does_not_make_the_minute_longer(db: Database) -> None:
    queue(db, "mari", next_at=NOW - timedelta(days=2))
    with Relay() as relay:
        relay.greets = ["421 4.3.2 closing"]
        assert send(db, relay).relay_down
        assert send(db, relay, NOW - timedelta(days=1)) == Sent(sent=1)


@pytest.mark.parametrize("reply", ["hang up", "dot: hang up", "554 5.7.1 relay access denied"])
def test_what_happens_to_five_mails_in_a_row_is_the_relays_trouble(db: Database, reply: str) -> None:
    queue(db, *(f"m{n}" for n in range(9)))
    with Relay() as relay:
        for n in range(9):
            relay.says[f"m{n}@example.org"] = [reply]
        assert send(db, relay).relay_down
        assert send(db, relay, NOW + timedelta(seconds=59)) == Sent(relay_down=True)
        assert len(relay.tried) == 5
    assert [row(db, f"m{n}").attempt for n in range(9)] == [1] * 5 + [0] * 4


def test_a_relay_that_wants_a_sign_in_first_fails_no_mail(db: Database) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        relay.to_mail = ["530 5.7.0 sign in first"]
        assert send(db, relay) == Sent(again=1, relay_down=True)
        assert send(db, relay, NOW + MINUTE) == Sent(sent=2)
    assert [sent.decode().split("<")[1][:4] for _, _, sent in relay.taken] == ["mari", "juri"]


def test_a_relay_that_cannot_be_reached_ends_the_pass(db: Database) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        gone = SmtpTransport("127.0.0.1", relay.port)
    assert deliver(db, NOW, gone, build=build) == Sent(again=1, relay_down=True)
    assert (state(db, "mari"), state(db, "juri")) == (("queued", 1, timedelta()), ("queued", 0, timedelta()))


def test_421_in_the_middle_ends_the_pass(db: Database) -> None:
    queue(db, "mari", "juri")
    with Relay() as relay:
        relay.says["mari@example.org"] = ["421 4.7.0 slow down"]
        assert send(db, relay) == Sent(again=1, relay_down=True)
        assert relay.tried == ["mari@example.org"]
        assert send(db, relay, NOW + MINUTE) == Sent(sent=2)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_without_the_protection_asked_for_nothing_leaves(db: Database, tls: str) -> None:
    queue(db, "mari")
    with Relay() as relay:
        relay.greets = ["220 relay"]
        transport = SmtpTransport("127.0.0.1", relay.port, tls=tls, timeout=5)
        assert deliver(db, NOW, transport, build=build).relay_down
        assert relay.tried == []


def test_the_coordinator_hears_after_four_hours_and_at_the_end(db: Database) -> None:
    queue(db, "grey")
    now, kinds = NOW, {}
    with Relay() as relay:
        relay.says["grey@example.org"] = ["450 4.2.0 later"] * 200
        while row(db, "grey").status == "queued":
            now = row(db, "grey").next_at
            send(db, relay, now)
            kinds.setdefault(tuple(sorted({alert.kind for alert in alerts(db)})), now - NOW)
    assert row(db, "grey").fault == DeliveryFault.GIVEN_UP and row(db, "grey").error.startswith("4")
    assert timedelta(hours=3, minutes=30) < kinds[("slow",)] < timedelta(hours=4, minutes=30)
    assert GIVE_UP_AFTER <= kinds[("slow", "unsent")] < GIVE_UP_AFTER + timedelta(hours=1)


def test_delays_grow_to_an_hour() -> None:
    assert [delay(n) // MINUTE for n in range(1, 8)] == [1, 5, 15, 30, 60, 60, 60]
    assert [waited(n) // MINUTE for n in range(1, 8)] == [0, 1, 6, 21, 51, 111, 171]


# more than there ever should be


def test_a_storm_of_answers_is_held_and_told_and_the_rest_goes_on(db: Database) -> None:
    queue(db, *(f"a{n}" for n in range(8)), template="unclear")
    queue(db, *(f"m{n}" for n in range(3)))
    with Relay() as relay:
        assert send(db, relay, limit=5, most_answers=5) == Sent(sent=5)
        assert send(db, relay, most_answers=5) == Sent(sent=3)
        assert [recipient[0] for _, recipient, _ in relay.taken] == ["a"] * 5 + ["m"] * 3
        queue(db, "late", template="help")
        queue(db, "news")
        assert send(db, relay, most_answers=5) == Sent(sent=1)
        assert [alert.kind for alert in alerts(db)] == ["storm"]
        later = NOW + timedelta(hours=1, minutes=1)
        with db.writing() as session:  # the coordinator lets them go
            session.execute(sa.update(Message).where(Message.status == "held").values(status="queued", next_at=later))
        assert send(db, relay, later, most_answers=5) == Sent(sent=4)


# crashes


def test_a_mail_left_behind_by_a_crash_is_sent_when_its_lease_is_over(db: Database) -> None:
    queue(db, "mari", status="sending", attempt=1, leased_until=NOW + MINUTE)
    with Relay() as relay:
        assert send(db, relay) == Sent()
        assert send(db, relay, NOW + MINUTE) == Sent(sent=1)
    assert state(db, "mari")[:2] == ("sent", 2)


def test_a_mail_that_ends_its_worker_each_time_is_sent_no_more(db: Database) -> None:
    class Killed(BaseException):
        """What an exception handler does not see, as the end of a process."""

    def deadly(message: Message) -> tuple[str, bytes]:
        if message.subject == "poison":
            raise Killed
        return build(message)

    queue(db, "poison", "mari")
    starts = 0
    with Relay() as relay:
        transport = SmtpTransport("127.0.0.1", relay.port, timeout=20)
        for hour in range(6):
            try:
                deliver(db, NOW + timedelta(hours=hour), transport, build=deadly)
            except Killed:
                starts += 1
        assert (starts, relay.tried) == (3, ["mari@example.org"])
    assert (row(db, "poison").status, row(db, "poison").fault) == ("failed", DeliveryFault.BROKE_OFF)
    assert [alert.key for alert in alerts(db)] == ["unsent:1"]


def test_a_worker_that_was_paused_changes_nothing(db: Database) -> None:
    queue(db, "mari")

    def pausing(message: Message) -> tuple[str, bytes]:
        if message.attempt == 1:  # while this one builds, another worker finds the lease over, and sends
            assert send(db, relay, NOW + timedelta(hours=1)) == Sent(sent=1)
        return build(message)

    with Relay() as relay:
        relay.says["mari@example.org"] = ["250 ok", "550 5.1.1 no such user"]
        deliver(db, NOW, SmtpTransport("127.0.0.1", relay.port), build=pausing)
    assert (row(db, "mari").status, row(db, "mari").sent_at) == ("sent", NOW + timedelta(hours=1))
    assert alerts(db) == []
    with db.reading() as session:
        assert session.scalars(sa.select(Person.address_state)).one() == "ok"


# ways out


def test_without_a_transport_nothing_leaves_and_all_counts_as_sent(db: Database) -> None:
    queue(db, "mari", "poison")
    assert deliver(db, NOW, NoTransport(), build=build) == Sent(sent=1, refused=1)
    assert row(db, "mari").status == "sent"


def test_only_those_on_the_list_get_mail(db: Database) -> None:
    queue(db, "mari", "juri")
    queue(db, "kadri", to_address="kadri@TEST.example.org")
    with Relay() as relay:
        only = ("Mari@example.org", "@test.example.org")
        transport = SmtpTransport("127.0.0.1", relay.port, only_to=only)
        assert deliver(db, NOW, transport, build=build) == Sent(sent=2, withheld=1)
        assert relay.tried == ["mari@example.org", "kadri@TEST.example.org"]
    assert row(db, "juri").status == "held"
    assert row(db, "juri").fault == DeliveryFault.NOT_LISTED


def test_the_rehearsals_way_out_ends_on_this_machine(db: Database) -> None:
    queue(db, "mari")
    with Relay() as relay:
        assert deliver(db, NOW, LoopbackTransport(relay.port), build=build) == Sent(sent=1)
    with pytest.raises(TypeError):
        LoopbackTransport("relay.example.org", 25)  # type: ignore[call-arg, arg-type]


@pytest.mark.parametrize(
    ("data", "wire"),
    [
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n.\r\n"),
        (b".a\nb\rc", b"..a\r\nb\r\nc\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_what_goes_over_the_wire(data: bytes, wire: bytes) -> None:
    assert dotted(data) == wire
