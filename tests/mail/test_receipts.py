"""Many mails in one transaction, and still at most one twice after a kill: what was sent is in the notes."""

import fcntl
import os
import signal
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail import receipts
from mail.receipts import Receipts, recover
from mail.sending import outbox
from mail.sending import queue as claims
from mail.sending.outcome import Fate, Outcome
from mail.sending.transport import SmtpTransport
from tests.forked_processes import BORN
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import MINUTE, NOW, alerts, build, queue, row
from workflow.database.engine import Database
from workflow.database.models import Message

NAMES = [f"m{n:03}" for n in range(150)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the notes are; the database lies beside it."""
    made = tmp_path / "sending"
    made.mkdir()
    return made


def send(db: Database, relay: Relay, folder: Path, now: datetime = NOW, **given: object) -> outbox.Sent:
    transport = SmtpTransport("127.0.0.1", relay.port, timeout=20, last_timeout=20)
    with Receipts(folder) as notes:
        return outbox.deliver(db, now, transport, build=build, notes=notes, **{"limit": 1000, **given})  # type: ignore[arg-type]


def statuses(db: Database) -> Counter[str]:
    with db.reading() as session:
        return Counter(session.scalars(sa.select(Message.status)))


@pytest.mark.parametrize("connections", [1, 3])
def test_many_leave_once_each_whatever_happens_to_some(db: Database, folder: Path, connections: int) -> None:
    queue(db, *NAMES)
    with Relay(pipelining=True) as relay:
        relay.says["m010@example.org"] = ["450 4.2.0 later"]
        relay.says["m020@example.org"] = ["550 5.1.1 nobody"]
        relay.says["m030@example.org"] = ["dot: hang up"]
        done = send(db, relay, folder, connections=connections)
    assert (done.sent, done.again, done.refused, done.unknown) == (147, 1, 1, 1)
    assert Counter(to for _, to, _ in relay.taken).most_common(1)[0][1] == 1
    assert statuses(db) == {"sent": 147, "queued": 1, "failed": 1, "uncertain": 1}
    assert [alert.kind for alert in alerts(db)] == ["bounce"]
    assert list(folder.iterdir()) == []


def test_few_transactions_serve_many(sqlite_db: Database, folder: Path) -> None:
    queue(sqlite_db, *NAMES)
    commits: list[object] = []
    sa.event.listen(sqlite_db.engine, "commit", commits.append)
    with Relay(pipelining=True) as relay:
        assert send(sqlite_db, relay, folder).sent == 150
    assert len(commits) <= 150 / outbox.AT_ONCE + 2


def test_without_notes_each_is_committed_before_the_next_is_begun(db: Database) -> None:
    queue(db, *NAMES[:20])
    begun: list[int] = []

    def counting(message: Message) -> tuple[str, bytes]:
        begun.append(statuses(db)["sending"])
        return build(message)

    with Relay() as relay:
        outbox.deliver(db, NOW, SmtpTransport("127.0.0.1", relay.port), build=counting)
    assert begun == [1] * 20


def test_when_no_more_can_be_noted_each_is_committed_by_itself(db: Database, folder: Path) -> None:
    class Full(Receipts):
        """A disk that is full after five notes."""

        left = 5

        def taken(self, mail: receipts.Held) -> None:
            self.left -= 1
            if self.left < 0:
                raise OSError(28, "No space left on device")
            super().taken(mail)

    queue(db, *NAMES[:30])
    unmarked: list[int] = []

    def counting(message: Message) -> tuple[str, bytes]:
        unmarked.append(len(relay.taken) - statuses(db)["sent"])
        return build(message)

    with Relay() as relay, Full(folder) as notes:
        transport = SmtpTransport("127.0.0.1", relay.port)
        assert outbox.deliver(db, NOW, transport, build=counting, notes=notes).sent == 30
    assert max(unmarked) > 1
    assert max(unmarked[8:]) <= 1


def sender(url: str, folder: Path, port: int) -> None:
    """What a process does that is killed in the middle of it."""
    db = Database(url)
    with Receipts(folder) as notes:
        outbox.deliver(db, NOW, SmtpTransport("127.0.0.1", port), build=build, notes=notes, limit=1000)


def test_a_sender_killed_again_and_again_sends_at_most_one_twice_each_time(db: Database, folder: Path) -> None:
    queue(db, *NAMES)
    url = db.engine.url.render_as_string(hide_password=False)
    kills = 0
    with Relay(pipelining=True) as relay:
        for goal in range(20, 150, 30):
            process = BORN.Process(target=sender, args=(url, folder, relay.port))
            process.start()
            while len(relay.taken) < goal and process.is_alive():
                time.sleep(0.002)
            process.kill()
            process.join()
            kills += process.exitcode == -signal.SIGKILL
            sent, free = recover(db, folder, NOW)
            assert sent + free <= outbox.AT_ONCE
        send(db, relay, folder)
        # who is killed after a claim is committed and before it is noted leaves that claim to wait out its lease
        assert set(statuses(db)) <= {"sent", "sending"} and statuses(db)["sending"] <= kills * outbox.AT_ONCE
        send(db, relay, folder, NOW + 2 * outbox.LEASE)
    assert kills >= 3
    assert statuses(db) == {"sent": 150}
    arrived = Counter(to for _, to, _ in relay.taken)
    assert len(arrived) == 150
    assert sum(arrived.values()) - 150 <= kills
    assert list(folder.iterdir()) == []


def test_the_notes_of_the_living_are_left_alone(db: Database, folder: Path) -> None:
    queue(db, "mari", "juri")
    with db.writing() as session:
        mails = claims.claim(session, NOW, MINUTE, 10)
    with Receipts(folder) as notes:
        notes.claimed(mails)
        notes.taken(mails[0])
        assert recover(db, folder, NOW) == (0, 0)
        assert statuses(db) == {"sending": 2}


def test_what_a_dead_one_had_in_hand_is_sent_or_free_at_once(db: Database, folder: Path) -> None:
    queue(db, "mari", "juri", "kadri")
    with db.writing() as session:
        mails = claims.claim(session, NOW, timedelta(minutes=15), 10)
    lines = "".join(f"claimed {mail.id} {mail.attempt}\n" for mail in mails)
    (folder / "1-0.sending").write_text(f"{lines}taken {mails[0].id} {mails[0].attempt}\ntaken {mails[1].id}")
    assert recover(db, folder, NOW + MINUTE) == (1, 2)
    assert (row(db, "mari").status, row(db, "mari").sent_at) == ("sent", NOW + MINUTE)
    assert {row(db, name).leased_until for name in ("juri", "kadri")} == {NOW + MINUTE}
    assert list(folder.iterdir()) == []
    with db.writing() as session:
        assert len(claims.claim(session, NOW + MINUTE, MINUTE, 10)) == 1, "what ended a worker goes alone"


def test_old_notes_change_nothing_that_another_attempt_has(db: Database, folder: Path) -> None:
    queue(db, "mari")
    with db.writing() as session:
        (old,) = claims.claim(session, NOW, MINUTE, 1)
    (folder / "1-0.sending").write_text(f"claimed {old.id} {old.attempt}\ntaken {old.id} {old.attempt}\n")
    with db.writing() as session:
        (new,) = claims.claim(session, NOW + MINUTE, MINUTE, 1)
    assert new.attempt == old.attempt + 1
    assert recover(db, folder, NOW + MINUTE) == (0, 0)
    assert (row(db, "mari").status, row(db, "mari").leased_until) == ("sending", NOW + 2 * MINUTE)


def test_notes_are_locked_as_long_as_they_are_kept(folder: Path) -> None:
    with Receipts(folder):
        (path,) = folder.iterdir()
        handle = os.open(path, os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)


# politeness, and several connections


def test_a_domain_that_refuses_one_after_another_for_now_is_left_alone(db: Database, folder: Path) -> None:
    queue(db, *(f"g{n}" for n in range(12)))
    with db.writing() as session:
        session.execute(sa.update(Message).values(to_address=Message.to_name + "@GREY.example.net"))
    queue(db, "mari", "juri")
    with Relay() as relay:
        for n in range(12):
            relay.says[f"G{n}@GREY.example.net"] = ["450 4.7.1 slowly, please"]
        done = send(db, relay, folder)
        assert (done.again + done.put_off, done.sent) == (12, 2)
        assert done.again == sum("GREY" in to for to in relay.tried) <= outbox.TIRED + 1
    waiting = row(db, "g11")
    assert (waiting.status, waiting.next_at, waiting.tries) == ("queued", NOW + MINUTE, 0)
    assert "takes no more for now" in waiting.error
    assert alerts(db) == []


def test_a_relay_that_allows_two_connections_gets_two(db: Database, folder: Path) -> None:
    queue(db, *NAMES)
    with Relay(pipelining=True, most=2) as relay:
        done = send(db, relay, folder, connections=5)
    assert (done.sent, done.relay_down) == (150, False)
    assert Counter(to for _, to, _ in relay.taken).most_common(1)[0][1] == 1
    assert {row(db, name).tries for name in NAMES[:20]} == {0}


def test_what_is_in_hand_when_the_relay_goes_waits_as_if_it_had_not_been(db: Database, folder: Path) -> None:
    queue(db, *NAMES[:40])
    with Relay(pipelining=True) as relay:
        relay.says["m005@example.org"] = ["421 4.3.2 closing"]
        done = send(db, relay, folder)
    assert (done.sent, done.again, done.relay_down) == (5, 1, True)
    assert statuses(db) == {"sent": 5, "queued": 35}
    assert {(row(db, n).next_at, row(db, n).tries) for n in NAMES[5:40]} == {(NOW, 0)}


def test_what_was_not_begun_in_time_is_given_back(db: Database, folder: Path) -> None:
    """A worker that was stopped for longer than its lease begins nothing more of what it had in hand."""
    queue(db, *NAMES[:5])
    with Relay() as relay:
        assert send(db, relay, folder, lease=timedelta(0), limit=3).sent == 0
        assert relay.taken == []
    assert statuses(db) == {"queued": 5}


def test_the_settled_are_only_those_of_this_attempt(db: Database) -> None:
    queue(db, "mari", "juri")
    with db.writing() as session:
        mails = claims.claim(session, NOW, MINUTE, 10)
        session.execute(sa.update(Message).where(Message.key == "juri").values(attempt=7))
    with db.writing() as session:
        outbox.settling.settle(session, [(mail, Outcome(Fate.SENT)) for mail in mails], NOW, None)
    assert (row(db, "mari").status, row(db, "juri").status) == ("sent", "sending")
