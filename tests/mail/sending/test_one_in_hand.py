"""One mail in hand: what the relay has taken is known until it is in the books, whoever dies and whatever fails."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.forked_processes import BORN
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import MINUTE, NOW, alerts, build, queue, row, send
from workflow.database.engine import Database
from workflow.database.models import Message, Person

NAMES = [f"m{n:03}" for n in range(60)]


def statuses(db: Database) -> Counter[str]:
    with db.reading() as session:
        return Counter(session.scalars(sa.select(Message.status)))


def arrived(relay: Relay) -> Counter[str]:
    return Counter(to for _, to, _ in relay.taken)


# a process that dies


def sender(url: str, port: int) -> None:
    """What a process does that is killed in the middle of it."""
    outbox.deliver(Database(url), NOW, SmtpTransport("127.0.0.1", port), build=build, limit=1000)


def test_a_sender_killed_again_and_again_sends_at_most_one_twice_each_time(db: Database) -> None:
    queue(db, *NAMES)
    url = db.engine.url.render_as_string(hide_password=False)
    kills = 0
    with Relay(pipelining=True) as relay:
        for goal in range(10, 60, 10):
            process = BORN.Process(target=sender, args=(url, relay.port))
            process.start()
            while len(relay.taken) < goal and process.is_alive():
                time.sleep(0.002)
            process.kill()
            process.join()
            kills += process.exitcode == -signal.SIGKILL
            assert statuses(db)["sending"] <= kills, "each had one in hand at most"
        send(db, relay, limit=1000)
        send(db, relay, NOW + 2 * outbox.LEASE)
        assert kills >= 3
        assert statuses(db) == {"sent": 60}
        assert len(arrived(relay)) == 60
        assert arrived(relay).total() - 60 <= kills


# a database that goes away


@contextmanager
def failing(db: Database, number: int, *, after: bool) -> Iterator[list[bool]]:
    """The commit of this number fails, before it is done or after; what is given has an item once it did."""
    failed: list[bool] = []
    left = number

    def commit(connection: sa.Connection) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            failed.append(True)
            if after:
                connection.connection.dbapi_connection.commit()  # type: ignore[union-attr]
            raise sa.exc.OperationalError("COMMIT", {}, Exception("the database went away"))

    sa.event.listen(db.engine, "commit", commit)
    try:
        yield failed
    finally:
        sa.event.remove(db.engine, "commit", commit)


@pytest.mark.parametrize("after", [False, True])
def test_whichever_commit_fails_no_mail_goes_out_twice(db: Database, after: bool) -> None:
    """In the same process, which goes on; until there is no commit of that number."""
    unsettled: outbox.Unsettled = []
    with Relay() as relay:
        for number in range(1, 100):
            names = [f"r{number}.{n}" for n in range(3)]
            queue(db, *names)
            with failing(db, number, after=after) as failed:
                for minutes in (0, 1, 16):
                    try:
                        send(db, relay, NOW + minutes * MINUTE, unsettled=unsettled)
                    except sa.exc.OperationalError:
                        continue
            assert {row(db, name).status for name in names} == {"sent"}, number
            if not failed:
                break
        assert number >= 5, "each mail's claim and result have a commit"
        assert set(arrived(relay).values()) == {1}
    assert not unsettled


def test_what_was_taken_is_settled_first_when_the_database_is_back(db: Database) -> None:
    """Minutes of failing commits: no mail is begun meanwhile, none goes twice, and none waits for a lease."""
    queue(db, "mari", "juri")
    unsettled: outbox.Unsettled = []
    with Relay() as relay:
        with failing(db, 2, after=False), pytest.raises(sa.exc.OperationalError):
            send(db, relay, unsettled=unsettled)
        for _ in range(5):
            with failing(db, 1, after=False), pytest.raises(sa.exc.OperationalError):
                send(db, relay, NOW + MINUTE, unsettled=unsettled)
        assert [to for _, to, _ in relay.taken] == ["mari@example.org"] and len(unsettled) == 1
        assert send(db, relay, NOW + 2 * MINUTE, unsettled=unsettled).sent == 1
        assert arrived(relay) == {"mari@example.org": 1, "juri@example.org": 1}
    assert statuses(db) == {"sent": 2} and not unsettled


def test_a_refusal_is_settled_though_the_commit_failed_and_told_once(db: Database) -> None:
    queue(db, "gone", "mari")
    unsettled: outbox.Unsettled = []
    with Relay() as relay:
        relay.says["gone@example.org"] = ["550 5.1.1 nobody"]
        with failing(db, 2, after=False), pytest.raises(sa.exc.OperationalError):
            send(db, relay, unsettled=unsettled)
        assert send(db, relay, unsettled=unsettled).sent == 1
        assert relay.tried.count("gone@example.org") == 1
    assert row(db, "gone").status == "failed"
    assert [alert.kind for alert in alerts(db)] == ["bounce"]


def test_a_fault_in_what_follows_from_a_refusal_stops_nobody(db: Database) -> None:
    """A result that cannot be settled would be tried for ever, and nothing else sent."""

    def broken(session: Session, message: Message, person: Person, now: datetime) -> None:
        raise KeyError("a fault of ours")

    queue(db, "gone", "mari")
    with Relay() as relay:
        relay.says["gone@example.org"] = ["550 5.1.1 nobody"]
        assert send(db, relay, refused=broken, unsettled=[]).sent == 1
    assert (row(db, "gone").status, row(db, "mari").status) == ("failed", "sent")
    (alert,) = alerts(db)
    assert alert.kind == "unsent" and "KeyError" in alert.says["en"]


# politeness


def test_a_domain_that_refuses_one_after_another_for_now_is_left_alone(db: Database) -> None:
    queue(db, *(f"g{n}" for n in range(12)))
    with db.writing() as session:
        session.execute(sa.update(Message).values(to_address=Message.to_name + "@GREY.example.net"))
    queue(db, "mari", "juri")
    with Relay() as relay:
        for n in range(12):
            relay.says[f"G{n}@GREY.example.net"] = ["450 4.7.1 slowly, please"]
        done = send(db, relay)
        assert (done.again, done.put_off, done.sent) == (outbox.TIRED, 12 - outbox.TIRED, 2)
        assert done.again == sum("GREY" in to for to in relay.tried)
    waiting = row(db, "g11")
    assert (waiting.status, waiting.next_at, waiting.tries) == ("queued", NOW + MINUTE, 0)
    assert "takes no more for now" in waiting.error
    assert alerts(db) == []


def test_what_was_not_begun_in_time_is_given_back(db: Database) -> None:
    """A worker that was stopped for longer than its lease does not begin what it had in hand."""
    queue(db, *NAMES[:5])
    with Relay() as relay:
        assert send(db, relay, lease=timedelta(0)).sent == 0
        assert relay.taken == []
    assert statuses(db) == {"queued": 5}


def test_a_worker_that_was_stopped_while_it_built_a_mail_does_not_send_it(db: Database) -> None:
    """A thirtieth of its lease is over, and another has sent the mail meanwhile."""
    queue(db, "mari")

    def stopped(message: Message) -> tuple[str, bytes]:
        if message.attempt == 1:
            time.sleep(0.2)
            assert send(db, relay, NOW + 2 * MINUTE).sent == 1
        return build(message)

    with Relay() as relay:
        transport = SmtpTransport("127.0.0.1", relay.port)
        assert outbox.deliver(db, NOW, transport, build=stopped, lease=timedelta(seconds=3)).sent == 0
        assert arrived(relay) == {"mari@example.org": 1}
    assert row(db, "mari").status == "sent"


def test_what_another_worker_left_behind_goes_after_all_others(db: Database) -> None:
    """It may be what ended that worker."""
    queue(db, "left", status="sending", attempt=1, leased_until=NOW - MINUTE, next_at=NOW - 9 * MINUTE)
    queue(db, "mari", "juri")
    with Relay() as relay:
        assert send(db, relay).sent == 3
        assert relay.tried[-1] == "left@example.org"
