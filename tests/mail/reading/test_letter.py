"""Any bytes give a letter: what real mail programs write, what breaks parsers, and what nobody ever wrote."""

import hashlib
import random
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail.handling.letter_json import as_json
from mail.handling.reply_text import said_in
from mail.reading import attachments, body, headers, letter, parts
from mail.reading.letter import LetterKind, ParsedLetter
from tests.case_table import each
from tests.paths import CORPUS, DATA, ROOT

LETTERS = DATA / "letters"
MIB = 1024 * 1024


def read(name: str) -> ParsedLetter:
    return letter.read((LETTERS / name).read_bytes())


def mail(*lines: str, content: str = "x") -> bytes:
    return "\r\n".join([*lines, "", content]).encode("utf-8", "surrogateescape")


# -- what mail programs write --------------------------------------------------------------------------


def test_a_reply_from_gmail_is_its_one_new_word() -> None:
    said = read("gmail-top.eml")
    assert (said.kind, said.text, said.has_quote) == (LetterKind.PERSON, "JAH", True)
    assert "EI" in said.quoted
    assert said.subject == "Re: Töötuba"
    assert said.message_id == "<reply-1@mail.example.org>"
    assert said.in_reply_to == "<question-1@example.org>"
    assert said.references == ("<start@example.org>", "<question-1@example.org>")
    assert said.to == ("vastus+abc123@example.org",)
    assert (said.sender.address, said.sender.name) == ("mari@example.org", "Mari Maasikas")
    assert said.faults == ()


def test_a_reply_from_outlook_in_latin_9_loses_signature_and_quote() -> None:
    assert read("outlook-latin9.eml").text == "Ei saa kahjuks osaleda, šokolaad sai otsa."


def test_a_page_alone_is_read_and_bold_type_is_no_star() -> None:
    said = read("html-only-outlook.eml")
    assert said.text == "Kokku 4,5 h"
    assert "JAH" in said.quoted


def test_answers_between_quotes_stay_and_flowed_lines_are_joined() -> None:
    assert read("thunderbird-inline-flowed.eml").text == "JAH, osaleme kogu meeskonnaga.\n\nKarl Kask"


def test_files_are_files_and_a_logo_is_no_work() -> None:
    said = read("homework.eml")
    assert said.text == "Kodutöö on manuses."
    assert said.faults == ()
    files = {one.name: one for one in said.attachments}
    assert list(files) == ["logo.png", "ärimudel lõplik.pdf", "märkmed.txt", "Vana kiri.eml"]
    assert files["logo.png"].inline
    assert not files["ärimudel lõplik.pdf"].inline
    assert files["ärimudel lõplik.pdf"].content == b"%PDF-1.4 hello"
    assert files["ärimudel lõplik.pdf"].sha256 == hashlib.sha256(b"%PDF-1.4 hello").hexdigest()
    assert said_in(said).attachments == ("ärimudel lõplik.pdf", "märkmed.txt", "Vana kiri.eml")


def test_a_calendar_answers_for_its_owner() -> None:
    said = read("calendar-reply.eml")
    assert said.kind is LetterKind.CALENDAR
    assert said.calendar is not None
    assert (said.calendar.uid, said.calendar.partstat) == ("workshop-1@example.org", "ACCEPTED")


def test_words_inside_winmail_are_named_as_a_fault() -> None:
    said = read("winmail.eml")
    assert said.text == "JAH"
    assert "winmail.dat" in said.faults


def test_an_absence_notice_is_automatic_and_a_report_is_a_bounce() -> None:
    assert read("away.eml").kind is LetterKind.AUTOMATIC
    bounce = read("bounce.eml")
    assert bounce.kind is LetterKind.BOUNCE
    assert bounce.bounce is not None
    assert [one.address for one in bounce.bounce.recipients] == ["nobody@example.org"]


@pytest.mark.parametrize("file", sorted(LETTERS.glob("*.eml")), ids=lambda file: file.stem)
def test_every_letter_can_be_shown_as_json(file: Path) -> None:
    shown = as_json(file.name, file.read_bytes(), "rsvp")
    assert set(shown) >= {"file", "kind", "subject", "from", "text", "quoted", "attachments", "bounce", "calendar"}
    assert shown["answer"]["kind"]


def test_the_plain_text_is_passed_over_when_only_the_page_marks_the_quote() -> None:
    raw = mail(
        "Content-Type: multipart/alternative; boundary=b",
        content="--b\nContent-Type: text/plain\n\nJAH\n\nKas osalete? JAH või EI\n"
        "--b\nContent-Type: text/html\n\n<p>JAH</p><blockquote type=cite>Kas osalete? JAH või EI</blockquote>\n--b--",
    )
    assert letter.read(raw).text == "JAH"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "iso-8859-4", "iso-8859-13", "iso-8859-15",
                                     "windows-1252",
                                     "windows-1257", "cp775", "utf-16", "utf-7", "cp850", "macroman"])  # fmt: skip
def test_estonian_survives_every_charset(charset: str) -> None:
    text = "Jah, õpime üheskoos äri"
    codec = "mac_roman" if charset == "macroman" else charset
    raw = f"Content-Type: text/plain; charset={charset}\n\n".encode() + text.encode(codec)
    assert letter.read(raw).text == text


NO_CHARSETS = ["no-such", "rot13", "hex", "zlib", "idna", "punycode", "undefined", "a\0b", "x" * 900, "utf8mb4", "",
               "unicode_escape", "=?utf-8?q?x?=", "кои8"]  # fmt: skip


@pytest.mark.parametrize("charset", NO_CHARSETS)
def test_an_unknown_charset_is_read_as_what_it_most_likely_is(charset: str) -> None:
    raw = f'Content-Type: text/plain; charset="{charset}"\n\n'.encode() + "Jah, õpime".encode()
    assert letter.read(raw).text == "Jah, õpime"


def test_no_text_holds_what_a_database_refuses() -> None:
    raw = (
        b"From: a@\xe4.example.org\nSubject: a\0b\x1b[31m\n\nJAH\0 \x1b[2J \xed\xa0\x80 \xe2\x80\xa8EI\x85\xe2\x80\xaex"
    )
    said = letter.read(raw)
    for text in (said.text, said.quoted, said.whole, said.subject, said.sender.shown):
        text.encode("utf-8")
        assert not any(c < " " and c not in "\n\t" for c in text)
        assert "\u202e" not in text


# -- names of files ------------------------------------------------------------------------------------

NAMES = [
    ("../../etc/passwd", "passwd"),
    ("..\\..\\x.exe", "x.exe"),
    ("C:\\Users\\x\\too.pdf", "too.pdf"),
    ("a\x00.exe.pdf", "a.exe.pdf"),
    ("a\r\nX: y.pdf", "a_X_ y.pdf"),
    ("\u202egpj.exe", "gpj.exe"),
    ("con.txt", "_con.txt"),
    ("NUL", "_NUL"),
    ("   .hidden. ", "hidden"),
    ("...", "file"),
    ("", "file"),
    ("=?utf-8?q?=2e=2e=2f=2e=2e=2fx=2epdf?=", "x.pdf"),
    ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
    ("o\u0303.pdf", "õ.pdf"),
    ('a"b<c>|?*:.pdf', "a_b_c_____.pdf"),
]


@pytest.mark.parametrize(("given_name", "expected"), NAMES)
def test_a_file_name_is_only_a_label(given_name: str, expected: str) -> None:
    name = attachments.safe_name(given_name)
    assert name == expected
    assert len(name) <= 150


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_file_name_is_ever_unsafe(given_name: str) -> None:
    name = attachments.safe_name(given_name)
    assert name
    assert len(name) <= 151
    assert not set(name) & set('/\\\0\r\n"<>')
    assert not name.startswith(".")
    name.encode("utf-8")


# -- what breaks parsers (raises, or takes quadratic time, in the standard library) --------------------------

BROKEN = [
    "Content-Type: text/plain; name*",
    "Content-Type: text/plain; name*0*",
    "Content-Type: text/plain; name*" + "9" * 5000 + "=x",
    "Content-Type: text/plain " + "(" * 2000,
    "To: (c):",
    "Cc: (x): a@b.example.org;",
    'To: "',
    "From: a@[",
    "From: <",
    "From: a@",
    "Message-ID: <[x]@[y]>",
    "Message-ID: <",
    "Date: Mon, 1 Jan 99999999999 00:00:00 +0000",
    "From: =?utf-8?q?a=0d=0aBcc=3a?= <a@example.org>",
    "From: " + "(" * 800 + "a@example.org",
    "Content-Type: multipart/mixed",
    "Content-Type: multipart/mixed; boundary=",
    "Content-Type: multipart/mixed; boundary=none",
    "Content-Type: message/rfc822",
    "Content-Type: /",
    "Content-Type: text/plain; charset=rot13",
    "Content-Type: text/plain; charset*=x''y",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: x-uuencode",
    "Content-Disposition: attachment; filename*0*=a'b; filename*2=c",
    "Content-Type: text/calendar; method=REPLY",
    "References: " + "<a@b>" * 2000,
    "Subject: " + "=?utf-8?b?" + "A" * 4000,
]


@pytest.mark.parametrize("content", ["x", "", "\0", "=", "--", "begin 644 a\n#"])
@each("line", BROKEN)
def test_a_broken_header_still_gives_a_letter(line: str, content: str) -> None:
    said = letter.read(mail(line, content=content))
    assert not any("unreadable" in fault for fault in said.faults)


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)) + b"x"


HEAVY = {
    "semicolons": lambda: b"Content-Type: text/plain" + b";" * (MIB) + b"\n\nx",
    "semicolons in a part": lambda: (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain" + b";" * 60_000 + b"\n\nx"
    ),
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 40_000 + b"\n\nx",
    "headers": lambda: b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nx",
    "commas": lambda: b"From: " + b"," * MIB + b"\n\nx",
    "addresses": lambda: b"To: " + b"a@b," * 250_000 + b"\n\nx",
    "flat parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\na\n" * 10_000,
    "empty parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 500_000,
    "false boundaries": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bc\n" * 500_000,
    "depth": lambda: nested(1000),
    "deep boundaries": lambda: nested(10) + b"\nabc" * MIB,
    "nested mails": lambda: b"Content-Type: message/rfc822\n\n" * 1000 + b"x",
    "line ends": lambda: b"From: a@example.org\n\n" + b"\r\n" * (2 * MIB),
    "carriage returns": lambda: b"From: a@example.org\r\r" + b"\r" * (2 * MIB),
    "one line": lambda: b"From: a@example.org\n\n" + b"a" * (8 * MIB),
    "deep page": lambda: b"Content-Type: text/html\n\n" + b"<div>" * MIB,
    "flat page": lambda: b"Content-Type: text/html\n\n" + b"<p>a" * MIB,
    "a hundred pages": lambda: (
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + (b"--b\nContent-Type: text/html\n\n" + b"<p>a" * 9000 + b"\n") * 100
    ),
    "uuencode": lambda: b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"#\n" * (2 * MIB),
    "surrogates in utf-7": lambda: b"Content-Type: text/plain; charset=utf-7\n\n" + b"+2AA-" * MIB,
    "heaps of accents": lambda: b"Content-Type: text/plain; charset=utf-8\n\na" + "\u0301\u0327".encode() * 200_000,
    "flowed": lambda: b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * MIB,
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_mail_takes_bounded_time(name: str) -> None:
    raw = HEAVY[name]()
    begin = time.process_time()
    said = letter.read(raw)
    assert time.process_time() - begin < 2.0
    assert not any("unreadable" in fault for fault in said.faults)


@pytest.mark.parametrize(
    ("name", "fault"),
    [("semicolons", "header block too long"), ("headers", "too many headers"), ("flat parts", "too many parts"),
     ("depth", "parts too deep"), ("flat page", "text too long")],
)  # fmt: skip
def test_what_the_caps_cut_is_named(name: str, fault: str) -> None:
    assert fault in letter.read(HEAVY[name]()).faults


def test_a_mail_over_the_cap_says_so() -> None:
    assert "mail too large" in letter.read(b"From: a@example.org\n\n" + b"x" * parts.MAIL_CAP).faults


@pytest.mark.skipif(sys.platform != "linux", reason="the highest mark of memory is read from /proc")
def test_the_largest_mail_takes_less_than_four_times_its_size() -> None:
    bench = [sys.executable, "-m", "bench.reading", "ours"]
    done = subprocess.run(bench, cwd=ROOT, capture_output=True, text=True, check=True)
    assert 1.0 < float(done.stdout) < 4.0


NAMED = {
    "nested too deep to be written again": lambda: nested(400),
    "an id in brackets": lambda: mail("Message-ID: <[x]@[y]>", "In-Reply-To: <[x]@[y]>"),
    "parentheses": lambda: mail("From: " + "(" * 400 + "a@example.org"),
    "more parentheses": lambda: mail("Content-Type: text/plain; x=" + "(" * 3000),
    "a second From below a bare CR": lambda: b"From: a@example.org\rFrom: b@example.org\r\n\r\nx",
    "a bare LF among CRLF": lambda: b"Subject: hi\nX-A: b\r\nFrom: a@example.org\r\n\r\nJAH",
    "vertical tabs": lambda: b"Subject: a\x0bb\x0cc\x1cd\xc2\x85e\r\n\r\nx",
    "an encoded line end": lambda: mail("Subject: =?utf-8?q?a=0D=0ABcc:_evil@example.org?="),
    "an encoded NUL": lambda: mail("Subject: =?utf-8?q?a=00b?=", 'Content-Type: text/plain; name="a=00"'),
    "a part that is its own mail": lambda: b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n",
    "a boundary of one letter": lambda: b"Content-Type: multipart/mixed; boundary=-\n\n---\n\nx\n-----\n",
    "a boundary with spaces at its end": lambda: b'Content-Type: multipart/mixed; boundary="b "\n\n--b \n\nx\n--b --',
    "a charset with a quote inside": lambda: mail('Content-Type: text/plain; charset="utf-8""'),
    "base64 that is none": lambda: mail("Content-Transfer-Encoding: base64", content="***"),
    "base64 cut off": lambda: mail("Content-Transfer-Encoding: base64", content="SkFI\r\nSkF"),
    "soft line ends only": lambda: mail("Content-Transfer-Encoding: quoted-printable", content="=\r\n" * 5000),
    "one long line": lambda: mail(content="a" * 70_000),
    "a date beyond dates": lambda: mail("Date: Mon, 99 Jan 0000 99:99:99 +9999"),
    "a file without an end": lambda: mail('Content-Disposition: attachment; filename="', content="x"),
    "a page that never closes": lambda: mail("Content-Type: text/html", content="<b><i><table><tr><td>" * 2000 + "JAH"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_what_others_stumble_over_is_a_letter(name: str) -> None:
    begin = time.process_time()
    said = letter.read(NAMED[name]())
    assert time.process_time() - begin < 2.0
    holds(said)
    assert "\n" not in said.subject
    assert not {"bcc", "x-verified"} & set(said.to)


def test_a_bare_cr_starts_no_header() -> None:
    block = headers.parse(b"Subject: hi\rX-Verified: yes\r\nFrom: a@example.org\r\n")
    assert "x-verified" not in block
    assert block.first("subject") == "hi X-Verified: yes"
    assert block.faults == ("bare CR in headers",)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_part_without_headers_is_no_fault(end: str) -> None:
    lines = ["Content-Type: multipart/mixed; boundary=b", "", "--b", "", "JAH", "--b--", ""]
    said = letter.read(end.join(lines).encode())
    assert (said.text, said.faults) == ("JAH", ())


def test_two_from_headers_stay_two() -> None:
    assert letter.read(mail("From: a@example.org", "From: b@example.org")).sender.address is None


def test_a_character_split_over_two_encoded_words_is_whole() -> None:
    assert headers.decode_words("=?utf-8?q?T=C3?= =?utf-8?q?=B6=C3=B6tuba?=") == "Töötuba"


def test_encoded_words_stay_undecoded_where_an_address_is_parsed() -> None:
    block = headers.parse(b"From: =?utf-8?q?a=40b=2c?= x@example.org\n")
    assert block.first("from") == "=?utf-8?q?a=40b=2c?= x@example.org"


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\r", b"\0", b"x", b":", b" x", b"\xff" * 50, b"From ", b"-----", b"\n\nJAH"]
)
def test_the_smallest_mails_are_letters_too(raw: bytes) -> None:
    assert not letter.read(raw).faults or "unreadable" not in letter.read(raw).faults[0]


def test_flowed_lines_end_where_the_depth_of_quoting_changes() -> None:
    some = ["> a ", "> b", "c ", "d", "-- ", "e"]
    assert body.unflowed(some, delsp=False).split("\n") == ["> a b", "c d", "-- ", "e"]


# -- what nobody ever wrote ------------------------------------------------------------------------------


def seeds() -> list[bytes]:
    """Our own letters, and mails from elsewhere where they lie beside the checkout."""
    own = [file.read_bytes() for file in sorted(LETTERS.glob("*.eml"))]
    elsewhere = [file for file in sorted(CORPUS.glob("*/*.eml"))[::7] if file.stat().st_size < 20_000]
    if not elsewhere:
        warnings.warn(f"no mails in {CORPUS}: fuzzing starts from our own only", stacklevel=2)
    return own + [file.read_bytes() for file in elsewhere]


PIECES = [
    b"\n", b"\r\n", b"\r", b"\0", b";", b'"', b"=?utf-8?q?", b"?=", b"--", b"\n--b\n", b"boundary=", b"(", b"<", b">",
    b"=", b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/html\n", b"charset=utf-7", b"name*0*=",
    b"Content-Transfer-Encoding: base64\n", b"<blockquote>", b"\xff\xfe", b"\xed\xa0\x80", b"From: ", b"> ",
    b"wrote:\n", b" \n",
]  # fmt: skip


def mutated(raw: bytes, chance: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                data[at:at] = data[at : at + chance.randint(1, 200)] * chance.randint(1, 3)
    return bytes(data)


def holds(said: ParsedLetter) -> None:
    assert not any("unreadable" in fault for fault in said.faults), said.faults
    for text in (said.text, said.quoted, said.whole, said.subject, *said.to, *said.references, *said.faults):
        text.encode("utf-8")
        assert "\0" not in text
    for one in said.attachments:
        assert one.name
        assert "/" not in one.name


def test_mails_with_bytes_changed_are_read() -> None:
    chance = random.Random(20220405)
    some = seeds()
    for turn in range(500):
        raw = mutated(some[turn % len(some)], chance)
        begin = time.process_time()
        said = letter.read(raw)
        assert time.process_time() - begin < 1.0
        holds(said)


@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from(PIECES)), max_size=40))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read(some: list[bytes]) -> None:
    holds(letter.read(b"".join(some)))
