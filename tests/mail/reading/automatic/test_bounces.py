"""Delivery reports of many servers, what must not be taken for one, and return addresses."""

import email
import time
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.reading.automatic import bounces
from mail.reading.automatic.bounces import Bounce
from tests.paths import DATA

BOUNCES = DATA / "bounces"
SECRET = b"a secret of thirty-two characters"


def parse(text: str | bytes) -> Message:
    raw = text.encode() if isinstance(text, str) else text
    return email.message_from_bytes(raw)


def find(text: str | bytes) -> Bounce | None:
    return bounces.find(parse(text), "")


def told(bounce: Bounce | None) -> list[tuple[str, str, bool, str]]:
    assert bounce is not None
    return [(one.address, one.status, one.hard, one.action) for one in bounce.recipients]


@pytest.mark.parametrize(
    ("name", "recipients", "about"),
    [
        ("postfix-unknown-user", [("kati@example.org", "5.1.1", True, "failed")], "<m17@teekond.example>"),
        ("exchange-mailbox-full", [("mart@example.com", "5.2.2", False, "failed")], "<m18@teekond.example>"),
        ("exim-host-gone", [("kati@gone.example", "5.1.2", True, "failed")], "<m19@teekond.example>"),
        (
            "qmail-two-addresses",
            [("kati@example.net", "5.1.1", True, "failed"), ("mart@example.net", "5.2.2", False, "failed")],
            "<m20@teekond.example>",
        ),
        ("gateway-delays", [("kati@example.org", "4.4.1", False, "delayed")], ""),
        ("filter-wraps-report", [("kati@example.org", "5.7.1", False, "failed")], ""),
        ("rejected-on-arrival", [("kati@example.org", "5.2.2", False, "failed")], ""),
        ("boundary-lost", [("kati@example.org", "5.1.1", True, "failed")], ""),
    ],
)
def test_reports_of_many_servers(name: str, recipients: list[tuple[str, str, bool, str]], about: str) -> None:
    found = find((BOUNCES / f"{name}.eml").read_bytes())
    assert told(found) == recipients
    assert found is not None
    assert found.original_message_id == about


def test_a_delay_is_no_failure() -> None:
    found = find((BOUNCES / "gateway-delays.eml").read_bytes())
    assert found is not None
    assert found.failed == ()


# -- one server's reply ---------------------------------------------------------------------------


def report(status: str, diagnostic: str, action: str = "failed") -> str:
    return (
        "From: mailer-daemon@example.org\nContent-Type: multipart/report; boundary=B\n\n--B\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        f"Final-Recipient: rfc822; kati@example.org\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {diagnostic}\n\n--B--\n"
    )


@pytest.mark.parametrize(
    ("status", "diagnostic", "concluded", "hard"),
    [
        ("5.0.0", "550 5.1.1 no such user", "5.1.1", True),
        ("5.0.0", "550 user unknown", "5.1.1", True),
        ("5.0.0", "550 the account does not exist", "5.1.1", True),
        ("5.0.0", "552 mailbox full", "5.2.2", False),
        ("5.0.0", "554 message rejected: spam", "5.7.1", False),
        ("5.0.0", "552 message size exceeds limit", "5.3.4", False),
        ("5.2.0", "550 5.2.0 user unknown", "5.2.0", True),
        ("5.7.1", "550 5.7.1 relaying denied", "5.7.1", False),
        ("5.0.0", "host does not accept mail", "5.1.10", True),
        ("4.0.0", "450 mailbox full", "4.2.2", False),
        ("4.4.7", "connection timed out", "4.4.1", False),
        ("4.4.1 (no answer)", "", "4.4.1", False),
        ("5.0.0", "from 192.5.1.1 version 5.1.2.3", "5.0.0", False),
        ("", "", "5.0.0", False),
    ],
)
def test_the_status_is_the_most_telling_one(status: str, diagnostic: str, concluded: str, hard: bool) -> None:
    assert told(find(report(status, diagnostic))) == [("kati@example.org", concluded, hard, "failed")]


def test_a_report_of_delay_is_delayed_and_of_success_is_none() -> None:
    assert told(find(report("4.4.1", "timeout", "delayed"))) == [("kati@example.org", "4.4.1", False, "delayed")]
    for action in ("delivered", "relayed", "expanded"):
        assert find(report("2.0.0", "250 ok", action)) is None


# -- what is none -----------------------------------------------------------------------------------

QUOTED = (BOUNCES / "postfix-unknown-user.eml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "From: kati@example.org\nSubject: Re: Kinnituskiri\n\nJAH\n",
        "From: kati@example.org\nSubject: Re: Undelivered Mail Returned to Sender\n\nMiks see tuli?\n"
        "> <mart@example.org>: 550 5.1.1 User unknown\n",
        "From: kati@example.org\nSubject: Fwd: failure notice\n\nMiks?\n\nFrom: MAILER-DAEMON@example.org\n"
        "To: kati@example.org\nSubject: failure notice\n\n<mart@example.org>:\n550 5.1.1 no mailbox\n",
        "From: Kati Kask <kati@example.org>\nSubject: Undelivered mail\n\nYour message could not be delivered to "
        "mart@example.org: 550 5.1.1\n\nFrom: x@example.org\nTo: mart@example.org\nSubject: y\n\nMis teha?\n",
        "From: postmaster@example.org\nSubject: Re: Kinnituskiri\n\nJAH, tuleme. Viga oli minu poolel.\n",
        "From: postmaster@example.org\nSubject: Postkast on peaaegu täis\nAuto-Submitted: auto-generated\n\n98 %\n",
        "Return-Path: <>\nFrom: kati@example.org\nSubject: Automaatvastus: Kinnituskiri\n\nOlen puhkusel. "
        "Kiireloomulistes küsimustes: mart@example.org\n",
        "From: kati@example.org\nSubject: Fw: x\nContent-Type: multipart/mixed; boundary=O\n\n--O\n"
        f"Content-Type: text/plain\n\nVaadake palun.\n\n--O\nContent-Type: message/rfc822\n\n{QUOTED}\n--O--\n",
        "From: fbl@example.org\nContent-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\n"
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: kati@example.org\n\n--B--\n",
        "From: kati@example.org\nSubject: Loetud: Kinnituskiri\nContent-Type: multipart/report; boundary=B\n\n--B\n"
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; kati@example.org\n"
        "Disposition: manual-action/MDN-sent-manually; deleted\n\n--B--\n",
        "",
    ],
)
def test_what_is_no_report_is_none(text: str) -> None:
    assert find(text) is None


def test_a_report_without_an_address_still_says_its_status() -> None:
    text = "Return-Path: <>\nFrom: Mailer-Daemon@example.org\nSubject: Mail delivery failed\n\n550 5.1.1 failed\n"
    assert told(find(text)) == [("", "5.1.1", True, "failed")]


def test_the_person_written_to_counts_where_the_mail_was_passed_on() -> None:
    text = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@example.org\nSubject: failure notice\nTo: vastus@teekond.example\n\n"
        "Unable to deliver to the following address.\n\n<inner-box@mail.example.com>:\n550 5.1.1 no mailbox\n\n"
        "--- Below this line is a copy of the message.\n\nReceived: from x\nFrom: vastus@teekond.example\n"
        "To: kati@example.org\nMessage-ID: <m1@teekond.example>\n\nKas?\n"
    )
    assert told(find(text)) == [("kati@example.org", "5.1.1", True, "failed")]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_anything_gives_a_report_or_none(body: bytes) -> None:
    head = b"Return-Path: <>\nFrom: mailer-daemon@example.org\nSubject: failure notice\n"
    bounces.find(parse(head + b"Content-Type: multipart/report; boundary=B\n\n--B\n" + body), "")
    bounces.find(parse(head + b"\nUnable to deliver " + body), "")
    bounces.find(parse(body), body.decode("latin-1"))


@pytest.mark.parametrize(
    "piece",
    [
        "a@b ",
        "<a@b.example>:\n",
        "To: a@b.example\n",
        "user ",
        "@",
        "-" * 70 + "\n",
        "-",
        " ",
        "=",
        "a",
        "x ",
        "> ",
        "\n\t",
        "5.1.1 ",
        "é",
    ],
)
def test_long_reports_are_read_in_bounded_time(piece: str) -> None:
    head = "Return-Path: <>\nFrom: mailer-daemon@example.org\nSubject: failure notice\n\nUnable to deliver\n"
    begin = time.perf_counter()
    bounces.find(parse(head + piece * (300_000 // len(piece))), "")
    assert time.perf_counter() - begin < 2


# -- return addresses -----------------------------------------------------------------------------


def test_a_return_address_names_its_mail_and_survives_every_server() -> None:
    address = bounces.verp("m17", SECRET, "teekond.example")
    local, _, domain = address.partition("@")
    assert domain == "teekond.example"
    assert local.startswith("b-m17-")
    assert len(local) <= 64
    assert set(local) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    for written in (address, address.upper(), f"<{address}>", f" {address}\n"):
        assert bounces.verp_key(written, SECRET) == "m17"


def test_a_forged_return_address_names_nothing() -> None:
    address = bounces.verp("m17", SECRET, "teekond.example")
    for forged in (
        address.replace("m17", "m18"),
        bounces.verp("m17", b"another secret", "teekond.example"),
        address.replace("b-", "c-"),
        address[:-20] + "@teekond.example",
        "b-m17-" + "a" * 16 + "@teekond.example",
        "b-m17-é@teekond.example",
        "b-m17-",
        "",
    ):
        assert bounces.verp_key(forged, SECRET) is None


@pytest.mark.parametrize("key", ["", "a-b", "A", "é", "a b", "a@b", "x" * 41, "a\n"])
def test_a_key_that_would_not_survive_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        bounces.verp(key, SECRET, "teekond.example")
