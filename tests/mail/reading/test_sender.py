"""Who wrote a mail: nobody is named where two readers might name two."""

import dkim as dkimpy
import pytest

from mail.reading import headers, sender
from mail.reading.sender import SenderFault, Verdict
from tests.paths import DATA


def read(value: bytes) -> sender.Sender:
    return sender.from_header(headers.parse(b"From: " + value + b"\r\n"))


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        (b"kati@example.org", "kati@example.org", ""),
        (b"<kati@example.org>", "kati@example.org", ""),
        (b"Kati Kask <kati@EXAMPLE.Org>", "kati@example.org", "Kati Kask"),
        (b'"Kask, Kati" <kati@example.org>', "kati@example.org", "Kask, Kati"),
        (b'"Kati \\"K\\" Kask" <kati@example.org>', "kati@example.org", "Kati K Kask"),
        (b"Kati Kask\r\n <kati@example.org>", "kati@example.org", "Kati Kask"),
        (b"=?utf-8?B?w5V1biwgS2F0aQ==?= <kati@example.org>", "kati@example.org", "Õun, Kati"),
        ("Õun <kati@õun.example>".encode(), "kati@xn--un-bka.example", "Õun"),
        ("Kati <kati@ex\u0430mple.org>".encode(), "kati@xn--exmple-4nf.org", "Kati"),  # its a is Cyrillic
        (b"kati@example.org (Kati Kask)", "kati@example.org", "Kati Kask"),
        (b'"kati@example.org" <kati@example.org>', "kati@example.org", "kati@example.org"),
        (b"Dr. K. O'Kask <k.o'kask@example.org>", "k.o'kask@example.org", "Dr. K. O'Kask"),
    ],
)
def test_one_plain_mailbox_is_believed(value: bytes, address: str, name: str) -> None:
    assert read(value) == sender.Sender(address=address, name=name, shown=address)


@pytest.mark.parametrize(
    "value",
    [
        b"alice@gov.example)<a@evil.example>",
        b"alice@gov.example <a@evil.example>",
        b"<alice@gov.example>a@evil.example",
        b"alice@gov.example]<a@evil.example>",
        b"=?utf-8?q?alice=40gov.example=2c?= a@evil.example",
        b"=?utf-8?q?alice=40gov.example=2c?= <a@evil.example>",
        b"=?utf-8?q?alice=20=3calice=40gov.example=3e?= <a@evil.example>",
        b"<=?utf-8?q?alice=40gov.example?=@evil.example>",
        b"alice@gov.example\rX-Checked: yes",
        b"alice@gov.example, a@evil.example",
        b"alice@gov.example a@evil.example",
        b"<alice@gov.example><a@evil.example>",
        b"<alice@gov.example@evil.example>",
        b"<@evil.example:alice@gov.example>",
        b"Team: alice@gov.example;",
        b'"alice@gov.example" <a@evil.example>',
        b'"Coordinator <boss@gov.example>" <x@evil.example>',
        b"(alice@gov.example) <a@evil.example>",
        b'"al ice"@gov.example',
        b"alice@[192.0.2.1]",
        b"alice@gov.example\x00.evil.example",
        b"al\x0bice@gov.example",
        "\u0430lice@gov.example".encode(),  # a Cyrillic letter that looks like a
        b"=?utf-8?q?a=0d=0aBcc=3a_x?= <alice@gov.example>",
        b"alice@\xe4.example",
        b"alice@gov..example",
        b"alice@-gov.example",
        b"alice",
        b"a@[",
        b"<",
        b"((((",
        b"",
    ],
)
def test_where_two_readers_might_differ_nobody_is_named(value: bytes) -> None:
    found = read(value)
    assert found.address is None
    assert found.faults


def test_two_from_headers_name_nobody() -> None:
    block = b"From: alice@gov.example\r\nFrom: alice@gov.example\r\n"
    assert sender.from_header(headers.parse(block)).faults == (SenderFault.SEVERAL,)
    assert sender.from_header(headers.parse(b"To: x@example.org\r\n")).faults == (SenderFault.MISSING,)


@pytest.mark.parametrize(
    "block",
    [
        b"Subject: hi\rFrom: alice@gov.example\r\nFrom: a@evil.example\r\n",
        b"X: " + b"y" * 70_000 + b"\r\nFrom: alice@gov.example\r\n",
        b"From: alice@gov.example\r\n" + b"X: y\r\n" * 300 + b"From: a@evil.example\r\n",
        b"no header at all\r\nFrom: alice@gov.example\r\n",
    ],
)
def test_a_damaged_header_block_names_nobody(block: bytes) -> None:
    assert sender.from_header(headers.parse(block)).address is None


def test_what_is_shown_is_the_address_without_marks_that_turn_the_writing() -> None:
    assert read(b'"Coordinator <boss@gov.example>" <x@evil.example>').shown == "x@evil.example"
    assert read("<moc\u202e.live@x>".encode()).shown == "moc.live@x"
    assert "\u2066" not in read("\u2066Kati\u2069 <kati@example.org>".encode()).name


@pytest.mark.parametrize("piece", [b"a ", b'"', b"(a)", b"a@", b"<", b"=?utf-8?q?a?= ", b"\\", b"\xc3"])
def test_long_nonsense_takes_no_time_and_names_nobody(piece: bytes) -> None:
    assert read(piece * 4000).address is None
    assert read(piece * (900 // len(piece))).address is None


# -- Authentication-Results ---------------------------------------------------------------------


def results(*values: str, author: str = "kati@example.org") -> headers.Headers:
    lines = [f"Authentication-Results: {value}\r\n" for value in values]
    return headers.parse("".join([*lines, f"From: {author}\r\n"]).encode())


OURS = "mx.teekond.example"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (["mx.teekond.example; dmarc=pass header.from=example.org"], Verdict.PASS),
        (["mx.teekond.example; dmarc=fail (p=none) header.from=example.org"], Verdict.FAIL),
        (["MX.Teekond.Example 1; dmarc=pass header.from=example.org"], Verdict.PASS),
        (["mx.teekond.example; dmarc=pass header.from=evil.example"], Verdict.NONE),
        (["mx.teekond.example; none"], Verdict.NONE),
        (["mx.teekond.example; dkim=pass header.d=example.org; spf=fail smtp.mailfrom=x.example"], Verdict.PASS),
        (["mx.teekond.example; dkim=pass header.d=evil.example"], Verdict.NONE),
        (["mx.teekond.example; dkim=pass header.d=org"], Verdict.NONE),
        (["mx.teekond.example; spf=pass smtp.mailfrom=a@mail.example.org"], Verdict.PASS),
        (["mx.teekond.example; spf=softfail smtp.mailfrom=example.org"], Verdict.NONE),
        (["mx.teekond.example; dkim=fail header.d=example.org; spf=fail smtp.mailfrom=x.example"], Verdict.FAIL),
        (["mx.evil.example; dmarc=pass header.from=example.org"], Verdict.NONE),
        (["mx.teekond.example.evil; dmarc=pass header.from=example.org"], Verdict.NONE),
        (["xmx.teekond.example; dmarc=pass header.from=example.org"], Verdict.NONE),
        (
            ["mx.teekond.example; dmarc=fail header.from=example.org", "mx.teekond.example; dmarc=pass"],
            Verdict.FAIL,
        ),
        (
            ["mx.evil.example; dmarc=pass", "mx.teekond.example; dmarc=fail header.from=example.org"],
            Verdict.FAIL,
        ),
        (
            ["spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org; dmarc=pass action=none"],
            Verdict.NONE,
        ),
        (["mx.teekond.example; ((((((((" * 200], Verdict.NONE),
        ([], Verdict.NONE),
    ],
)
def test_only_the_topmost_results_of_our_own_server_count(values: list[str], verdict: Verdict) -> None:
    assert sender.authentication(results(*values), OURS) == verdict


def test_without_a_configured_server_no_results_count() -> None:
    forged = results(*["mx.teekond.example; dmarc=pass header.from=example.org"] * 3)
    assert sender.authentication(forged, None) == Verdict.NONE
    assert sender.authentication(forged, "") == Verdict.NONE


def test_results_for_a_doubtful_sender_are_none() -> None:
    forged = results("mx.teekond.example; dmarc=pass", author="alice@example.org)<a@evil.example>")
    assert sender.authentication(forged, OURS) == Verdict.NONE


# -- DKIM ---------------------------------------------------------------------------------------

MAIL = b"From: Kati <kati@example.org>\r\nTo: x@teekond.example\r\nSubject: Re\r\n\r\nJAH\r\n"


PRIVATE = (DATA / "dkim_key_for_tests.pem").read_bytes()
RECORD = b"v=DKIM1; k=rsa; p=" + (DATA / "dkim_key_for_tests.txt").read_bytes().strip()


def signed(private: bytes, domain: bytes = b"example.org", **options: object) -> bytes:
    signature: bytes = dkimpy.sign(MAIL, b"s1", domain, private, **options)
    return signature + MAIL


def test_a_signature_of_the_senders_domain_passes() -> None:
    assert sender.dkim(signed(PRIVATE), lambda name: RECORD) == Verdict.PASS
    asked: list[str] = []
    sender.dkim(signed(PRIVATE), lambda name: asked.append(name))
    assert asked[0] == "s1._domainkey.example.org"


def test_a_changed_mail_fails() -> None:
    changed = signed(PRIVATE).replace(b"JAH", b"EI ")
    assert sender.dkim(changed, lambda name: RECORD) == Verdict.FAIL


def test_signatures_that_say_nothing_of_the_sender_are_none() -> None:
    assert sender.dkim(signed(PRIVATE, b"evil.example"), lambda name: RECORD) == Verdict.NONE
    assert sender.dkim(MAIL, lambda name: RECORD) == Verdict.NONE
    assert sender.dkim(signed(PRIVATE, length=True) + b"EI\r\n", lambda name: RECORD) == Verdict.NONE
    assert sender.dkim(b"From: x@y.example\r\nDKIM-Signature: v=1;;;=\r\n\r\n", lambda name: RECORD) != Verdict.PASS


def test_troubles_of_the_network_are_no_verdict() -> None:
    def broken(name: str) -> bytes:
        raise TimeoutError

    assert sender.dkim(signed(PRIVATE), broken) == Verdict.NONE
    assert sender.dkim(signed(PRIVATE), lambda name: None) == Verdict.NONE


def zone(**records: bytes) -> sender.Dns:
    """A DNS of a few TXT records; names have `__` for a dot."""
    table = {name.replace("__", "."): value for name, value in records.items()}
    return lambda name: table.get(name.rstrip("."))


STRICT = b"v=DMARC1; p=reject; sp=none"


@pytest.mark.parametrize(
    ("raw", "records", "verdict"),
    [
        (MAIL, {"_dmarc__example__org": STRICT}, Verdict.FAIL),
        (MAIL, {"_dmarc__example__org": b"v=DMARC1;p=quarantine"}, Verdict.FAIL),
        (MAIL, {"_dmarc__example__org": b"v=DMARC1; p=none"}, Verdict.NONE),
        (MAIL, {"_dmarc__example__org": b"p=reject"}, Verdict.NONE),
        (MAIL, {"_dmarc__example__org": b"\xff;;=;v=DMARC1"}, Verdict.NONE),
        (MAIL, {}, Verdict.NONE),
        (MAIL.replace(b"@example.org", b"@vald.example.org"), {"_dmarc__example__org": STRICT}, Verdict.NONE),
        (
            MAIL.replace(b"@example.org", b"@vald.example.org"),
            {"_dmarc__example__org": b"v=DMARC1; p=reject"},
            Verdict.FAIL,
        ),
    ],
)
def test_a_domain_that_asks_for_it_is_believed_only_with_its_signature(
    raw: bytes, records: dict[str, bytes], verdict: Verdict
) -> None:
    assert b"From" in raw
    assert sender.dmarc(raw, zone(**records)) == verdict


def test_a_signature_that_holds_passes_whatever_the_policy() -> None:
    records = {"_dmarc__example__org": STRICT, "s1___domainkey__example__org": RECORD}
    assert sender.dmarc(signed(PRIVATE), zone(**records)) == Verdict.PASS
    changed = signed(PRIVATE).replace(b"JAH", b"EI")
    assert sender.dmarc(changed, zone(**records)) == Verdict.FAIL
