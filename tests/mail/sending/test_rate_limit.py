"""The circuit breaker holds over all workers together, and in one pass as over many."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import sqlalchemy as sa

from mail.sending import rate_limit
from tests.mail.message_rows import NOW
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import queue, send
from workflow.database.engine import Database
from workflow.database.models import Alert, Message

MOST = 5


def statuses(db: Database) -> Counter[str]:
    with db.reading() as session:
        return Counter(session.scalars(sa.select(Message.status)))


def held(db: Database, most: int = MOST) -> int:
    with db.writing() as session:
        return rate_limit.hold_back(session, NOW, most)


def test_one_pass_sends_no_more_than_an_hour_may(db: Database) -> None:
    queue(db, *(f"a{n}" for n in range(12)), template="unclear")
    assert held(db) == 7 and held(db) == 0
    assert statuses(db) == {"queued": MOST, "held": 7}
    with db.reading() as session:
        kept = session.scalars(sa.select(Message.id).where(Message.status == "queued")).all()
        assert kept == sorted(session.scalars(sa.select(Message.id)))[:MOST], "the first ones go"
        assert len(session.scalars(sa.select(Alert).where(Alert.kind == "storm")).all()) == 1


def test_what_another_worker_is_sending_counts(db: Database) -> None:
    queue(db, *(f"s{n}" for n in range(4)), template="unclear", status="sending", leased_until=NOW + timedelta(hours=1))
    queue(db, *(f"a{n}" for n in range(4)), template="unclear")
    assert held(db) == 3 and statuses(db) == {"sending": 4, "queued": 1, "held": 3}


def test_what_left_more_than_an_hour_ago_does_not(db: Database) -> None:
    queue(db, *(f"o{n}" for n in range(9)), template="unclear", status="sent", next_at=NOW - timedelta(hours=2))
    queue(db, *(f"a{n}" for n in range(MOST)), template="unclear")
    assert held(db) == 0 and statuses(db) == {"sent": 9, "queued": MOST}


def test_two_workers_together_send_no_more_than_one_would(db: Database) -> None:
    queue(db, *(f"a{n}" for n in range(40)), template="unclear")
    queue(db, *(f"m{n}" for n in range(6)), template="homework")
    starts = Barrier(2)
    with Relay() as relay:

        def work() -> None:
            starts.wait()
            for _ in range(8):
                send(db, relay, limit=3, most_answers=MOST)

        both = [Thread(target=work) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join(60)
        left = Counter(recipient[0] for _, recipient, _ in relay.taken)
    assert left == {"a": MOST, "m": 6}
    assert statuses(db) == {"sent": MOST + 6, "held": 40 - MOST}
