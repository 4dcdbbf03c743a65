"""The soak's own judgement: what its sink's log explains and what it does not. The soak itself takes minutes and runs
where it is asked for (`python -m tests.reliability soak`)."""

import random
import smtplib
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.real.programs import until
from tests.reliability import soak

TO = "mari@example.org"


def hand_over(sink: soak.Sink, mood: str, *, quits: bool = True) -> None:
    """One mail on a connection of its own, answered so."""
    sink.answer = lambda _recipient: mood  # type: ignore[method-assign]
    client = smtplib.SMTP("127.0.0.1", sink.port, timeout=20)
    with suppress(smtplib.SMTPException):
        client.sendmail("b@example.org", [TO], "Message-ID: <m1@example.org>\r\n\r\nTere\r\n")
        if quits:
            client.quit()
    client.close()


def heard(sink: soak.Sink) -> None:
    hand_over(sink, "250 ok")


def cut(sink: soak.Sink) -> None:
    hand_over(sink, "dot: 250 hang up")


def killed(sink: soak.Sink) -> None:
    hand_over(sink, "250 ok", quits=False)


def refused(sink: soak.Sink) -> None:
    hand_over(sink, "dot: hang up")
    hand_over(sink, "451 4.7.1 later")


@pytest.mark.parametrize(
    ("deliveries", "twice", "unexplained"),
    [
        ([heard], 0, 0),
        ([heard, heard], 1, 1),
        ([cut, heard], 1, 0),
        ([killed, heard], 1, 0),
        ([cut, heard, heard], 2, 1),
        ([refused, heard], 0, 0),
        ([refused, heard, heard], 1, 1),
    ],
)
def test_a_mail_may_go_twice_only_where_the_sinks_log_shows_a_delivery_that_broke_off(
    deliveries: list[Callable[[soak.Sink], None]], twice: int, unexplained: int
) -> None:
    with soak.Sink(random.Random(1)) as sink:
        for deliver in deliveries:
            deliver(sink)
        until(lambda: sink.open == 0, "the sink's connections are over")
    missing, failed, doubles, odd = soak._mails(sink, [("<m1@example.org>", TO, "sent")])
    assert (missing, failed, doubles, len(odd)) == ([], 0, twice, unexplained)


def test_a_mail_that_the_sink_never_took_is_missing_unless_it_refused_it() -> None:
    sink = soak.Sink(random.Random(1))
    sent, failed = [("<m1@example.org>", TO, "sent")], [("<m1@example.org>", TO, "failed")]
    with sink:
        assert soak._mails(sink, sent)[0] == ["<m1@example.org> sent"]
        assert len(soak._mails(sink, failed)[0]) == 1, "nobody refused it"
        sink.moods["554 5.6.0 not wanted"] += 1
        assert soak._mails(sink, failed)[:2] == ([], 1)
