"""Mails that nobody ever wrote, 10,000 of them: none raises, none takes long, none is lost.

Grown from our own letters (and from those beside the checkout, where there are any) by changing bytes, by mixing
the headers of one with the body of another, and by a grammar of headers. One seed makes them all; a failure
names the seed and the number of the mail, and `made(seed, number)` gives its bytes again. `.ci/run` reads more of them:
`python -m tests.mail.reading.test_fuzz`; with `--seed N` others, with `--first N --mails M` a piece of a long run.
"""

import argparse
import functools
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail.handling.letter_json import as_json
from mail.handling.reply_text import said_in
from mail.reading import letter
from mail.reading.automatic import bounces
from mail.reading.letter import ParsedLetter
from mail.receiving.store import Arrival, digest, store
from tests.builders import SECRET, World
from tests.paths import CORPUS, DATA
from workflow.database.engine import Database
from workflow.database.models import Letter as Row
from workflow.replies import understand
from workflow.replies.answers import AnswerKind, Asked

SEED = 20220405
MAILS = 10_000
PARTS = 2
MANY = 40_000
HANDLED = 600
SEED_SIZE = 6_000
KINDS = ("verify", "rsvp", "roll_call", "homework", "review", "hours", "hours_check", "approve")
DAY = date(2022, 4, 5)

MIB = 1024 * 1024
HEADS = (
    "To",
    "Cc",
    "From",
    "Subject",
    "References",
    "In-Reply-To",
    "Content-Type",
    "Content-Disposition",
    "Date",
    "Authentication-Results",
    "DKIM-Signature",
    "Received",
    "Auto-Submitted",
    "X-Failed-Recipients",
    "Message-ID",
    "Content-Transfer-Encoding",
    "Return-Path",
    "X-Other",
)
MANY_IN_A_HEADER = (
    "a@example.org, ",
    '"Mari" <a@example.org>, ',
    "=?utf-8?q?a?= ",
    "=?utf-8?b?w7U=?=",
    "; a=b",
    "; name*1*=x",
    ";",
    ",",
    "(",
    "(a)",
    '"',
    "\\",
    "<a@b>",
    "<",
    "@",
    " ",
    "\n ",
    ":",
    "g:a@example.org;",
    "dkim=pass header.d=example.org; ",
    "x",
    "a-",
    "õ",
    "=?",
)
MANY_IN_A_PAGE = (
    "<b>",
    "<p>x</p>",
    "<td>x",
    "<table>",
    "&amp;",
    "&",
    "<p style='display:none'>x</p>",
    "<style>a{}</style>",
    "<br>",
    "<blockquote>x",
    '<p id="divRplyFwdMsg">x</p>',
    "<div style='border-top:solid #E1E1E1 1.0pt;padding:3.0pt'>a: b",
    f"<a {' '.join(f'b{n}' for n in range(199))}>x",
    "<",
    "<!-- x -->",
    "<!--",
    "<pre>",
    '<img alt="x">',
    "<li>x",
    "<form>",
    f"<p class='{'a ' * 300}'>x</p>",
    "<select><option>",
    "<a href=x>",
    "<i></i>",
    "<svg><style>",
    "<a b='",
    "</p ",
)
MANY_IN_A_TEXT = (
    ">",
    "> x\n",
    " ",
    "\n",
    "-",
    "_____\n",
    "* ",
    "On Mon, 4 Apr 2022 at 10:00, Mari <mari@example.org> wrote:\n",
    "From: a\nSent: b\nTo: c\nSubject: d\n\n",
    "a@example.org ",
    "<mailto:a@example.org>",
    "-- \n",
    "JAH\n",
    "1,5 h ",
    "5.04.2022 ",
    "1234567890 ",
    "Mari Kask, ",
    "http://example.org/x ",
    "\u200b",
    "o\u0301",
    "(",
    '"',
    "@",
    "%20",
    "\u2028",
    "550 5.1.1 <a@example.org>: User unknown\n",
)
MANY_IN_A_REPORT = (
    "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n\n",
    "Final-Recipient: rfc822; a@b\n",
    "\n",
    f"Diagnostic-Code: smtp; 550 5.1.1 {'x' * 500}\n",
    "Original-Recipient: rfc822; a@example.org\n",
)
MANY_IN_A_CALENDAR = (
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org\n",
    "BEGIN:VEVENT\nUID:1\nEND:VEVENT\n",
    "BEGIN:VEVENT\n",
    " x\n",
    f"ATTENDEE;{'X=1;' * 300}:mailto:a@example.org\n",
    'ATTENDEE;CN="a:mailto:x\n',
    "X;;;;;;;:\n",
    "x",
    "RRULE:FREQ=DAILY\n",
)
MANY_PARTS = (
    "\nx",
    "Content-Type: text/html\n\n" + "<p>x</p>" * 30_000,
    "\n" + "word word\n" * 25_000,
    "\n" + " " * 250_000,
    "Content-Type: message/rfc822\n\nFrom: a@example.org\n\nx",
    "Content-Type: text/html\n\n" + "<i></i>" * 33_000,
    "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n" + "ATTENDEE:mailto:a@example.org\n" * 8000,
    "Content-Transfer-Encoding: base64\n\n" + "QUFB\n" * 50_000,
    "Content-Transfer-Encoding: quoted-printable\n\n" + "=41" * 80_000,
    "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + "#0V%T\n" * 40_000,
    "Content-Type: text/plain; format=flowed\n\n" + "x \n" * 80_000,
    "Content-Type: text/enriched\n\n" + "<b>x</b>" * 16_000,
    "Content-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c\nContent-Type: text/html\n\n<p>x\n--c--",
)

PIECES = (
    b"\n", b"\r\n", b"\r", b"\0", b";", b'"', b"=?utf-8?q?", b"?=", b"--", b"\n--b\n", b"boundary=", b"(", b"<", b">",
    b"=", b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/html\n", b"charset=utf-7", b"name*0*=",
    b"Content-Transfer-Encoding: base64\n", b"<blockquote>", b"\xff\xfe", b"\xed\xa0\x80", b"From: ", b"> ",
    b"wrote:\n", b" \n", b"JAH", b"EI", b"BEGIN:VEVENT\n", b"METHOD:REPLY\n", b"Final-Recipient: rfc822;", b"5.1.1",
    "õ\u0301\u202e\u2028".encode(), b"99999999999999999999", b"</div></td>", b"&#0;", b"<!--", b"\x1b[2J",
)  # fmt: skip
NAMES = (
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type", "Sender",
    "Content-Transfer-Encoding", "Content-Disposition", "Auto-Submitted", "Precedence", "Return-Path", "Reply-To",
    "Authentication-Results", "DKIM-Signature", "List-Id", "MIME-Version", "Content-ID", "X-Failed-Recipients",
)  # fmt: skip
VALUES = (
    "a@example.org", "<a@example.org>", "Mari <mari@example.org>", '"', "(((", "=?utf-8?b?w5V1bg==?=", "=?x?q?=ff?=",
    "text/plain; charset=utf-8; format=flowed; delsp=yes", "text/html; charset=windows-1257", "multipart/mixed",
    "multipart/report; report-type=delivery-status; boundary=b", "text/calendar; method=REPLY", "message/rfc822",
    "multipart/alternative; boundary=b", "application/ms-tnef; name=winmail.dat", "base64", "quoted-printable",
    "x-uuencode", "attachment; filename*0*=utf-8''%C3%B5; filename*1=..%2f", "auto-replied", "no", "bulk", "<>",
    "<[x]@[y]>", "<a@b>,<c@d>", "Mon, 1 Jan 99999999999 00:00:00 +0000", "mx.example.org; dmarc=fail", "1.0", ";;;;",
    "a@[", "@", "<", "undisclosed-recipients:;", "\u00e4\u00f6", "x" * 300,
)  # fmt: skip


@functools.cache
def seeds() -> tuple[bytes, ...]:
    own = sorted(DATA.glob("*/*.eml"))
    elsewhere = [file for file in sorted(CORPUS.glob("*/*.eml")) if file.stat().st_size <= SEED_SIZE]
    elsewhere = [f for n, f in enumerate(elsewhere) if f.parent.name != "bounce" or n % 6 == 0]  # there are too many
    return tuple(file.read_bytes()[:SEED_SIZE] for file in [*own, *elsewhere])


def made(seed: int, number: int) -> bytes:
    """The mail of that number: the same for ever, while the seeds are the same."""
    chance = random.Random(f"{seed}:{number}")
    way: Callable[[random.Random], bytes] = chance.choice((changed, changed, crossed, worded))
    return way(chance)


def changed(chance: random.Random) -> bytes:
    return mutated(chance.choice(seeds()), chance)


def crossed(chance: random.Random) -> bytes:
    """The headers of one mail over the body of another."""
    head = chance.choice(seeds()).replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    body = chance.choice(seeds()).replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return mutated(head + b"\n\n" + body, chance)


def worded(chance: random.Random) -> bytes:
    """Headers by a grammar: names and values that exist, in an order that does not."""
    lines = [
        f"{chance.choice(NAMES)}{chance.choice((': ', ':', ' : '))}{_value(chance)}"
        for _ in range(chance.randint(0, 14))
    ]
    end = chance.choice(("\n", "\r\n", "\n", "\r"))
    body = chance.choice(seeds()).partition(b"\n\n")[2] or b"JAH"
    return mutated(end.join([*lines, "", ""]).encode() + body, chance)


def _value(chance: random.Random) -> str:
    return chance.choice(("", " ", "; ", ", ", "\n ")).join(chance.choice(VALUES) for _ in range(chance.randint(1, 3)))


def mutated(raw: bytes, chance: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(chance.randint(0, 10)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.randint(1, 60)]
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                data[at:at] = data[at : at + chance.randint(1, 200)] * chance.randint(1, 4)
            case _:
                data[at:at] = chance.choice(PIECES) * chance.randint(1, 300)
    return bytes(data)


def holds(said: ParsedLetter) -> None:
    """What every letter promises, whatever it was read from."""
    assert not any("unreadable" in fault for fault in said.faults), said.faults
    texts = (
        said.text,
        said.quoted,
        said.whole,
        said.subject,
        said.message_id,
        *said.to,
        *said.references,
        *said.faults,
    )
    for text in (*texts, said.sender.shown, said.sender.name, *said.robot.signs):
        text.encode("utf-8")
        assert "\0" not in text
    for one in said.attachments:
        assert one.name and not set(one.name) & set('/\\\0\r\n"')


def read_all(numbers: range, seed: int = SEED) -> tuple[Counter[str], float]:
    """Each of these mails read, each tenth understood too: how many there are of a kind, and the longest's seconds of
    processor time."""
    longest, kinds = (0.0, 0), Counter[str]()
    for turn, number in enumerate(numbers):
        raw = made(seed, number)
        begin = time.process_time()
        try:
            said = letter.read(raw)
            holds(said)
            if turn % 10 == 0:
                as_json("fuzz", raw, "confirm_place")
        except BaseException:
            print(f"made({seed}, {number})")
            raise
        longest = max(longest, (time.process_time() - begin, number))
        kinds[said.kind] += 1
    assert longest[0] < 5.0, f"made({seed}, {longest[1]}) took {longest[0]:.1f} s"
    return kinds, longest[0]


def many_of_one_thing() -> Iterator[tuple[str, bytes]]:
    """Each place that holds things, filled with one thing up to its cap and over."""

    def made(head: str, body: str) -> bytes:
        return f"From: a@example.org\n{head}\n\n{body}".encode()

    for name, thing in itertools.product(HEADS, MANY_IN_A_HEADER):
        filled = thing * (60_000 // len(thing.encode()))
        yield f"one {name}: {thing}", made(f"{name}: {filled}", "JAH")
        yield f"more {name}: {thing}", made("\n".join([f"{name}: {filled[:8000]}"] * 8), "JAH")
    yield "headers", made("X-A: b\n" * 100_000, "JAH")
    for size in (MIB, 3 * MIB):
        for thing in MANY_IN_A_PAGE:
            yield f"page of {thing[:40]}", made("Content-Type: text/html", thing * (size // len(thing)))
        for thing in MANY_IN_A_TEXT:
            yield (
                f"text of {thing}",
                made("Content-Type: text/plain; charset=utf-8", thing * (size // len(thing.encode()))),
            )
    for kind, attributes in itertools.product(("p", "/p"), ("{}", '{}=">"', "{}='<p'", "{}=b")):
        said = " ".join(attributes.format(f"a{n}") for n in range(100_000))
        yield f"attributes {kind} {attributes}", made("Content-Type: text/html", f"<{kind} {said}>x")
    for thing in MANY_IN_A_REPORT:
        report = f"\n--b\nContent-Type: message/delivery-status\n\n{thing * (MIB // len(thing))}\n--b--"
        yield f"report of {thing}", made("Content-Type: multipart/report; boundary=b\nReturn-Path: <>", report)
        yield (
            f"plain report of {thing}",
            made("From: MAILER-DAEMON@example.org\nReturn-Path: <>", thing * (MIB // len(thing))),
        )
    for thing in MANY_IN_A_CALENDAR:
        lines = f"BEGIN:VCALENDAR\nMETHOD:REPLY\n{thing * (MIB // len(thing))}"
        yield f"calendar of {thing[:40]}", made("Content-Type: text/calendar; method=REPLY", lines)
    for kind, thing in itertools.product(("mixed", "alternative", "report", "related"), MANY_PARTS):
        parts = f"--b\n{thing}\n" * 100
        yield f"parts {kind} {thing[:60]}", made(f"Content-Type: multipart/{kind}; boundary=b", f"{parts}--b--")
    for thing in ("--bx\n", "\n--", "--b\n"):
        yield f"boundaries {thing}", made("Content-Type: multipart/mixed; boundary=b", thing * (3 * MIB // len(thing)))
    deep = "x"
    for level in range(60):
        deep = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{deep}\n--b{level}--\n"
    yield "depth", made("MIME-Version: 1.0", "").rstrip() + b"\n" + deep.encode()


@pytest.mark.parametrize("part", range(PARTS))
def test_many_of_one_thing_takes_no_long_and_what_is_cut_away_is_named(part: int) -> None:
    """Two seconds of processor time are four times what a stranger's letter gets when it is read for the service."""
    slow, unread = dict[str, float](), list[str]()
    for number, (name, raw) in enumerate(many_of_one_thing()):
        if number % PARTS != part:
            continue
        begin = time.process_time()
        said = letter.read(raw)
        slow[name] = time.process_time() - begin
        holds(said)
        filed = sum(len(one.content) for one in said.attachments)
        versions = "alternative" in name  # of several versions of one text one is read
        if len(raw) > 2 * MIB and not said.faults and not versions and filed < len(raw) // 8:
            unread.append(name)
    assert max(slow.values()) < 2.0, sorted(slow.items(), key=lambda one: -one[1])[:5]
    assert not unread
    assert len(slow) > 400


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_mails_are_read_and_none_takes_long(part: int) -> None:
    kinds, _ = read_all(range(part, MAILS, PARTS))
    assert sum(kinds.values()) == MAILS // PARTS
    assert set(kinds) == {"person", "automatic", "bounce", "calendar"}


def test_each_fuzzed_mail_ends_somewhere_and_none_is_lost(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    arrivals = sample(world)
    with world.db.reading() as session:
        before = set(session.scalars(sa.select(Row.digest)))
    assert len(arrivals) == HANDLED
    for start in range(0, HANDLED, 50):
        store(world.db, arrivals[start : start + 50], world.now)
        while world.inbox.handle_due(world.db, world.now, limit=100):
            pass
    with world.db.reading() as session:
        ends = Counter(session.scalars(sa.select(Row.status)))
        broken = session.execute(sa.select(Row.id, Row.reason).where(Row.status.in_(("new", "parked")))).all()
        kept = set(session.scalars(sa.select(Row.digest)))
    assert broken == [], f"seed {SEED}"
    assert kept - before == {digest(one) for one in arrivals}
    assert ends.total() == len(kept) > HANDLED * 0.9
    assert set(ends) == {"done", "held"}


def sample(world: World) -> list[Arrival]:
    """To every kind of address of ours: secret ones, return addresses, the front door."""
    team = world.apply().confirmed()
    people = [p.address for p in team.people()]
    secret = [world.asked("rsvp", person=p)[2] for p in people] + [world.asked("confirm_place")[2]]
    back = [bounces.verp(str(m.id), SECRET, world.identity.domain) for m in world.messages()[:10]]
    chance, found = random.Random(SEED), []
    for number in range(HANDLED):
        raw = made(SEED, number)
        if number % 2:  # from somebody who was asked, so that what it says is acted on
            raw = b"From: %s\r\n" % chance.choice(people).encode() + raw
        to = chance.choice([*secret, *back, world.identity.from_address])
        sender = chance.choice(("", *people))
        found.append(Arrival(envelope_from=sender, recipients=(to,), raw=raw, via="smtp"))
    return found


def test_the_same_seed_makes_the_same_mails() -> None:
    some = [made(SEED, number) for number in range(200)]
    assert some == [made(SEED, number) for number in range(200)]
    assert len(set(some)) > 190


_LINES = st.builds("{}: {}".format, st.sampled_from(NAMES), st.one_of(st.sampled_from(VALUES), st.text(max_size=60)))


@given(
    st.lists(_LINES, max_size=12),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=20),
    st.sampled_from([b"\n", b"\r\n"]),
)
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_headers_by_a_grammar_over_any_body_are_read(lines: list[str], body: list[bytes], end: bytes) -> None:
    block = end.join(line.encode("utf-8", "surrogatepass") for line in lines)
    holds(letter.read(block + end + end + b"".join(body)))


def test_no_fuzzed_mail_breaks_the_understanding_of_any_question() -> None:
    """Each is read once and understood as an answer to each kind of question."""
    understood = Counter[str]()
    for number in range(0, 1200, 4):
        said = said_in(letter.read(made(SEED, number)))
        for kind in KINDS:
            assert understand.understand(kind, said, Asked(today=DAY)).kind in AnswerKind, f"seed {SEED}, mail {number}"
            understood[kind] += 1
    assert understood == dict.fromkeys(KINDS, 300)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mail.reading.test_fuzz")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--first", type=int, default=0, help="number of the first mail")
    parser.add_argument("--mails", type=int, default=MANY)
    given = parser.parse_args()
    kinds, longest = read_all(range(given.first, given.first + given.mails), given.seed)
    print(
        f"seed {given.seed}: {kinds.total()} mails from number {given.first} on are read, "
        f"the longest takes {longest:.2f} s: {dict(kinds)}"
    )


if __name__ == "__main__":
    main()
