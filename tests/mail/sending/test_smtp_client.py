"""The dialogue with a relay that takes lines together, over real sockets: what it says about one mail stays with it."""

import pytest

from mail.sending.outcome import DeliveryOutcome, Fate
from mail.sending.transport import SmtpTransport
from tests.mail.scripted_relay import Relay

SENDER = "b-1@kogu.example.org"


def hand_over(relay: Relay, *names: str) -> list[DeliveryOutcome]:
    """One mail after another over one line."""
    addresses = [f"{name}@example.org" for name in names]
    transport = SmtpTransport("127.0.0.1", relay.port, timeout=5, last_timeout=5)
    with transport.line() as line:
        return [line.send(SENDER, to, f"To: {to}\r\n\r\n.Tere\r\n".encode()) for to in addresses]


def fates(outcomes: list[DeliveryOutcome]) -> list[str]:
    return [outcome.fate.value for outcome in outcomes]


@pytest.fixture
def relay() -> Relay:
    return Relay(pipelining=True)


def test_lines_go_together_and_each_mail_arrives_whole(relay: Relay) -> None:
    with relay:
        assert fates(hand_over(relay, "a", "b", "c")) == ["sent"] * 3
    assert relay.taken == [
        (SENDER, f"{n}@example.org", f"To: {n}@example.org\r\n\r\n.Tere\r\n".encode()) for n in "abc"
    ]
    assert relay.connections == 1
    assert relay.together == 3, "each envelope should have come in one piece"


@pytest.mark.parametrize(
    ("reply", "fate"),
    [
        ("450 4.2.0 later", "again"),
        ("550 5.1.1 nobody", "refused"),
        ("dot: 451 4.3.0 later", "again"),
        ("dot: 554 5.6.0 bad", "refused"),
    ],
)
def test_what_is_said_about_one_mail_is_not_taken_for_the_next(relay: Relay, reply: str, fate: str) -> None:
    with relay:
        relay.says["b@example.org"] = [reply]
        outcomes = hand_over(relay, "a", "b", "c", "d")
    assert fates(outcomes) == ["sent", fate, "sent", "sent"]
    assert outcomes[1].says == reply.removeprefix("dot: ")
    assert [recipient for _, recipient, _ in relay.taken] == [f"{n}@example.org" for n in "acd"]


def test_a_server_that_wants_a_mail_for_nobody_is_given_none(relay: Relay) -> None:
    """RFC 2920, 3.1: DATA may be answered with 354 although no recipient was taken."""
    relay.eager = True
    with relay:
        relay.says["a@example.org"] = ["550 5.1.1 nobody"]
        assert fates(hand_over(relay, "a", "b")) == ["refused", "sent"]
    assert [recipient for _, recipient, _ in relay.taken] == ["b@example.org"]


@pytest.mark.parametrize("reply", ["dot: hang up", "dot: 421 4.3.2 closing", "hang up", "421 4.7.0 slow down"])
def test_after_a_lost_connection_the_next_mail_begins_anew(relay: Relay, reply: str) -> None:
    with relay:
        relay.says["a@example.org"] = [reply]
        outcomes = hand_over(relay, "a", "b")
    assert outcomes[0].fate is (Fate.UNKNOWN if reply == "dot: hang up" else Fate.AGAIN)
    assert outcomes[1].fate is Fate.SENT
    assert [recipient for _, recipient, _ in relay.taken] == ["b@example.org"]
    assert relay.connections == 2


@pytest.mark.parametrize(("slow", "expected"), [(0.9, ["sent", "sent"]), (1.6, ["unknown", "unknown"])])
def test_a_mail_that_was_given_is_waited_for_longer_than_other_replies(slow: float, expected: list[str]) -> None:
    """RFC 5321, 4.5.3.2.6: ten minutes, where other replies have one; here 1.2 seconds and 0.3."""
    relay = Relay()
    relay.slow = slow
    with relay, SmtpTransport("127.0.0.1", relay.port, timeout=0.3, last_timeout=1.2).line() as line:
        said = [line.send(SENDER, f"{name}@example.org", b"x\r\n").fate.value for name in "ab"]
    assert said == expected
    assert relay.tried == ["a@example.org", "b@example.org"]


def test_ten_minutes_are_waited_for_a_mail_that_was_given() -> None:
    assert SmtpTransport("127.0.0.1", 25).last_timeout == 600
