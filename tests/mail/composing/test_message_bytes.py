"""What goes over the wire is what was meant: headers, recipients, parts."""

import email
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.composing.message_bytes import Unfit, address, envelope_from, to_bytes
from mail.reading import headers
from mail.reading.automatic import bounces
from mail.reading.calendar import Event, request
from mail.reading.characters import one_line
from mail.reading.quotes import MARKERS
from tests.mail.message_rows import IDENTITY, NOW, message

HEADERS = [
    "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Id",
]  # fmt: skip

HOSTILE = [
    "**[x](http://evil)**{{7*7}}<script>", "=?utf-8?q?a=0D=0ABcc:_x?=", "=?utf-8?b?YQ0KQmNjOiB4?=",
    "a\r\nBcc: x@example.org",
    "a\nBcc: x", "a\rBcc: x", "a\u2028b", "a\x0bb", "a\x0cb", "a\x1cb\x1db\x1eb", "a\x85b", "a\x00b\x1bc", "a\ud800b",
    "a\u202eb", '", "x" <x@example.org>, "', "<x@example.org>", "x@example.org, y@example.org", "õ" * 300, "a " * 300,
    "(kommentaar) ; : \\ \" '", "",
]  # fmt: skip


def parsed(raw: bytes) -> EmailMessage:
    made = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def event() -> Event:
    return Event(
        uid="a@example.org", sequence=0, summary="s", description="", location="", start=NOW, end=NOW,
        organiser_name="K", organiser_address="r-a@example.org", attendee_name="M",
        attendee_address="m@example.org", stamp=NOW,
    )  # fmt: skip


def test_a_message_has_the_headers_that_mail_of_a_machine_needs():
    mail = parsed(to_bytes(message(), IDENTITY))
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == f"<{IDENTITY.list_id}>"
    assert mail["Message-ID"] == "<m.0123456789abcdef@example.org>"
    assert mail["Date"].datetime == NOW
    assert "List-Unsubscribe" not in mail


def test_the_same_message_gives_the_same_bytes():
    assert to_bytes(message(), IDENTITY) == to_bytes(message(), IDENTITY)


def test_text_comes_before_html_and_both_say_where_to_reply():
    text, html = parsed(to_bytes(message(), IDENTITY)).iter_parts()
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert text.get_content().replace("\r", "").startswith(MARKERS["et"] + "\n\nTere!")
    assert MARKERS["et"] in html.get_content()


def test_a_mail_that_asks_nothing_has_no_line_to_reply_above():
    mail = parsed(to_bytes(message(reply_to="koordinaator@example.org"), IDENTITY))
    assert "##-" not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(("method", "parts"), [("REQUEST", 3), ("CANCEL", 3), ("PUBLISH", 2)])
def test_an_invitation_is_an_alternative_and_a_file(method: str, parts: int):
    mail = parsed(to_bytes(message(calendar=request(event()), calendar_method=method), IDENTITY))
    content, file = mail.iter_parts()
    alternatives = list(content.iter_parts())
    assert len(alternatives) == parts
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "kutse.ics")
    assert file.get_payload(decode=True) == request(event())
    if parts == 3:
        assert alternatives[2]["Content-Type"].params["method"] == method
        assert alternatives[2].get_payload(decode=True) == request(event())


@pytest.mark.parametrize("field", ["subject", "to_name"])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_person_typed_never_becomes_a_header_or_a_recipient(field: str, value: str):
    raw = to_bytes(message(**{field: value}), IDENTITY)
    mail = parsed(raw)
    known = set(HEADERS) - ({"Subject"} if field == "subject" and not value else set())
    assert set(mail) == known
    assert [one.addr_spec for one in mail["To"].addresses] == ["mari.mets@example.org"]
    assert b"\nBcc" not in raw.replace(b"\r", b"\n")


@pytest.mark.parametrize("value", HOSTILE)
def test_the_subject_is_shown_as_it_was_typed(value: str):
    raw = to_bytes(message(subject=f"x {value}"), IDENTITY)
    shown = headers.parse(headers.split(raw)[0]).text("Subject")
    assert one_line(shown) == one_line(f"x {value}", 300).strip()


@given(st.text(max_size=100), st.text(max_size=100))
def test_no_name_and_no_subject_whatever_changes_the_headers(name: str, subject: str):
    raw = to_bytes(message(to_name=name, subject=f"x{subject}"), IDENTITY)
    assert sorted(parsed(raw).keys()) == sorted(HEADERS)


@given(st.text(max_size=2000))
def test_no_line_is_too_long_whatever_the_body(body: str):
    raw = to_bytes(message(body=f"x{body}{'y' * 3000}"), IDENTITY)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "said",
    [
        "a@b>\r\nRCPT TO:<x", "a b@example.org", "a@b@example.org", '"a"@example.org', "a\x00@example.org",
        "@example.org", "a@", "a", "",
        "õ@example.org", "a..b@example.org", ".a@example.org", "a@exa mple.org", "a@[127.0.0.1]",
        f"{'a' * 65}@example.org", f"a@{'b' * 300}", "a@b\n", "=?utf-8?q?a?=@example.org, x@example.org",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_unfit(said: str):
    with pytest.raises(Unfit):
        to_bytes(message(to_address=said), IDENTITY)


def test_a_domain_in_letters_of_its_own_is_written_in_ascii():
    assert address("mari@õde.example.org") == "mari@xn--de-bka.example.org"


def test_message_ids_that_are_none_are_left_out():
    made = message(in_reply_to="<a@b>\r\nBcc: x", references="<a@b> x <c@d>\r\n\r\nbody")
    mail = parsed(to_bytes(made, IDENTITY))
    assert mail["In-Reply-To"] == "<a@b>"
    assert mail["References"].split() == ["<a@b>", "<c@d>"]


def test_each_message_has_a_return_address_of_its_own():
    sender = envelope_from(message(), IDENTITY)
    assert bounces.verp_key(sender, IDENTITY.secret) == "7"
