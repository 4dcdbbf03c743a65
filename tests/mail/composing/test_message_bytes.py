"""What goes over the wire is what was meant: headers, recipients, parts."""

import email
import re
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mail.composing.message_bytes import UnsendableMail, address, calendar, envelope_from, reply_to, to_bytes
from mail.reading import headers
from mail.reading.automatic import bounces
from mail.reading.calendar import Event, request
from mail.reading.characters import one_line
from mail.reading.quotes import MARKERS
from tests.mail.message_rows import IDENTITY, NOW, message

HEADERS = [
    "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress",
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


def event(organiser: str = "kogu@example.org") -> Event:
    return Event(
        uid="a@example.org", sequence=0, summary="s", description="", location="", start=NOW, end=NOW,
        organiser_name="K", organiser_address=organiser, attendee_name="M",
        attendee_address="m@example.org", stamp=NOW,
    )  # fmt: skip


def test_a_message_has_the_headers_that_mail_of_a_machine_needs():
    mail = parsed(to_bytes(message(), IDENTITY))
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert parseaddr(mail["Reply-To"])[0] == IDENTITY.from_name
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


ASK = "JAH või EI; hiljemalt teisipäeval, 5. aprillil kell 10.00"


@pytest.mark.parametrize(
    ("template", "ask", "marked"),
    [("place_offer", ASK, True), ("reminder", "", True), ("read_back", "", True), ("already", "", False),
     ("other_answered", "", False), ("place_confirmed", "", False)],
)
def test_a_list_of_mails_shows_what_is_asked_and_no_marker_where_nothing_is(template: str, ask: str, marked: bool):
    made = message(template=template, facts={"values": {}, "subject": "", "slots": [], "ask": ask})
    text, html = (part.get_content() for part in parsed(to_bytes(made, IDENTITY)).iter_parts())
    assert ("##-" in text, "##-" in html) == (marked, marked)
    assert ask not in text if ask else True
    shown = html.partition("<body")[2].partition(">")[2]
    first = re.sub(r"<[^>]*>", "", shown).strip().splitlines()[0] if marked else ""
    assert first == (f"{ask}. {MARKERS['et']}" if ask else MARKERS["et"] if marked else "")


def test_a_mail_that_asks_nothing_has_no_line_to_reply_above():
    mail = parsed(to_bytes(message(addressee=None), IDENTITY))
    assert "##-" not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(("method", "parts"), [("REQUEST", 3), ("CANCEL", 3), ("PUBLISH", 2)])
def test_an_invitation_is_an_alternative_and_a_file(method: str, parts: int):
    made = message(calendar=request(event()), calendar_method=method)
    mail = parsed(to_bytes(made, IDENTITY))
    content, file = mail.iter_parts()
    alternatives = list(content.iter_parts())
    assert len(alternatives) == parts
    name = "kuupaevad.ics" if parts == 2 else "kutse.ics"
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", name)
    assert file.get_payload(decode=True) == calendar(made, IDENTITY) == request(event(reply_to(made, IDENTITY)))
    if parts == 3:
        assert alternatives[2]["Content-Type"].params["method"] == method
        assert alternatives[2].get_payload(decode=True) == calendar(made, IDENTITY)


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


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=10)


@given(st.lists(WORDS, min_size=1, max_size=18).map(" ".join))
@example("Mari {% raw %}{{ 7*7 }}{% endraw %} ja veel midagi pikka et oleks pikk {% raw %} jah")
@example("Õ" * 20 + " " + "Õ" * 20 + " tubli")
def test_no_decoder_finds_a_word_of_a_name_or_subject_broken(said: str):
    """Also where it puts a space between two encoded words of a name, as Python's own does."""
    raw = to_bytes(message(to_name=said, subject=f"õ {said}"), IDENTITY)
    meant, lines = one_line(said, 200), raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert [one.display_name.split() for one in parsed(raw)["To"].addresses] == [meant.split()]
    assert parsed(raw)["Subject"] == one_line(f"õ {said}", 300).strip()
    plain = email.message_from_bytes(raw)
    assert str(make_header(decode_header(plain["To"]))).rpartition(" <")[0].rstrip() == meant
    assert headers.parse(headers.split(raw)[0]).text("Subject") == one_line(f"õ {said}", 300).strip()
    assert max(len(line) for line in lines if line.startswith((b" =?", b"To: =?", b"Subject: "))) <= 78 + len(
        " <mari.mets@example.org>"
    )


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
    with pytest.raises(UnsendableMail):
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
