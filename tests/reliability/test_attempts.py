"""Numbers of attempts only grow: they are what keeps a worker that comes back late from settling another's work."""

from datetime import UTC, datetime, timedelta

from mail.sending import queue, results
from mail.sending.outcome import DeliveryOutcome, Fate
from tests.mail import message_rows
from workflow.coordinator import adjustments
from workflow.database.engine import Database
from workflow.database.models import Message

NOW = datetime(2022, 3, 1, 8, 0, tzinfo=UTC)


def test_a_mail_tried_again_by_hand_is_not_settled_by_the_sender_of_before(db: Database) -> None:
    with db.writing() as session:
        session.add(message_rows.message(id=1, addressee=None, next_at=NOW))
    with db.writing() as session:
        found = queue.claim(session, NOW, timedelta(minutes=15))
        assert found is not None
        late = queue.ClaimedMail.of(found)
    with db.writing() as session:  # its lease ran out, another sender gave it up, the coordinator tries again
        mine = session.get_one(Message, 1)
        mine.status, mine.error, mine.tries = "failed", "gave up", 125
        session.flush()
        assert adjustments.retry(session, mine, NOW) is None
    with db.writing() as session:
        again = queue.claim(session, NOW, timedelta(minutes=15))
        assert again is not None and again.attempt == 2
    with db.writing() as session:
        results.settle(session, [(late, DeliveryOutcome(Fate.REFUSED, "550 too late"))], NOW, None)
    with db.reading() as session:
        mine = session.get_one(Message, 1)
        assert (mine.status, mine.attempt, mine.tries, mine.broken) == ("sending", 2, 0, 0)
