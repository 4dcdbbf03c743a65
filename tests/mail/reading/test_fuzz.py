"""Mails that nobody ever wrote, 10,000 of them: none raises, none takes long, none is lost.

Grown from our own letters (and from those beside the checkout, where there are any) by changing bytes, by mixing
the headers of one with the body of another, and by a grammar of headers. One seed makes them all; a failure
names the seed and the number of the mail, and `made(SEED, number)` gives its bytes again. `.ci/run` reads more of them:
`python -m tests.mail.reading.test_fuzz`.
"""

import functools
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail.handling.letter_json import as_json, said_in
from mail.reading import letter
from mail.reading.automatic import bounces
from mail.reading.letter import Letter
from mail.receiving.store import Arrival, digest, store
from tests.builders import SECRET, World
from workflow.database.engine import Database
from workflow.database.models import Letter as Row
from workflow.replies import understand as answers
from workflow.replies.understand import AnswerKind, Asked

DATA = Path(__file__).resolve().parent.parent.parent / "data"
CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
SEED = 20220405
MAILS = 10_000
PARTS = 2
MANY = 40_000
HANDLED = 600
SEED_SIZE = 6_000
KINDS = ("verify", "rsvp", "roll_call", "homework", "review", "hours", "hours_check", "approve")
DAY = date(2022, 4, 5)

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


def holds(said: Letter) -> None:
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


def read_all(numbers: range) -> Counter[str]:
    """Each of these mails read, each tenth understood too: how many there are of a kind. None takes long."""
    longest, kinds = (0.0, 0), Counter[str]()
    for turn, number in enumerate(numbers):
        raw = made(SEED, number)
        begin = time.process_time()
        try:
            said = letter.read(raw)
            holds(said)
            if turn % 10 == 0:
                as_json("fuzz", raw, "confirm_place")
        except BaseException:
            print(f"seed {SEED}, mail {number}: made({SEED}, {number})")
            raise
        longest = max(longest, (time.process_time() - begin, number))
        kinds[said.kind] += 1
    assert longest[0] < 5.0, f"seed {SEED}, mail {longest[1]} took {longest[0]:.1f} s"
    return kinds


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_mails_are_read_and_none_takes_long(part: int) -> None:
    kinds = read_all(range(part, MAILS, PARTS))
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
            assert answers.understand(kind, said, Asked(today=DAY)).kind in AnswerKind, f"seed {SEED}, mail {number}"
            understood[kind] += 1
    assert understood == dict.fromkeys(KINDS, 300)


if __name__ == "__main__":
    print(f"{MANY} mails that nobody ever wrote are read, none takes long: {dict(read_all(range(MANY)))}")
