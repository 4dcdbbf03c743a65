"""What a letter may do, by where it names its question, by what proves its sender, and by the config: tables of every
combination. A cell that is missing fails, and a route that is added to `mail/handling/route.py` needs a line here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from email.message import EmailMessage
from itertools import product

import dkim
import pytest
import sqlalchemy as sa

from mail.mailbox import envelope
from mail.reading import sender
from mail.receiving.store import Arrival, store
from tests.builders import World, config
from tests.mail.handling.test_inbox import KEY, OURS, RECORD, back, digest, offer, plain, report
from workflow.database.engine import Database
from workflow.database.models import Letter, Message, Person

CONFIGS = (("domain", "smtp"), ("domain", "imap"), ("plus", "imap"), ("thread", "imap"))
"""how addresses are made and how mail comes in; where all is one address it comes by a mailbox"""


def table(text: str) -> dict[tuple[str, str], str]:
    """(line, column) -> cell of a table drawn with | between cells."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    cells = {(row[0], column): cell for row in rows for column, cell in zip(head[1:], row[1:], strict=True)}
    assert all(cells.values()), "an empty cell"
    return cells


# -- letters ---------------------------------------------------------------------------------------

WAYS: dict[str, tuple[str, str]] = {
    "envelope": ("secret", ""),
    "To": ("secret", "To: {secret}"),
    "Cc": ("secret", "Cc: {secret}"),
    "Delivered-To": ("secret", "Delivered-To: {secret}"),
    "X-Original-To": ("secret", "X-Original-To: {secret}"),
    "Envelope-To": ("secret", "Envelope-To: {secret}"),
    "X-Envelope-To": ("nothing", "X-Envelope-To: {secret}"),
    "Bcc": ("nothing", "Bcc: {secret}"),
    "Resent-To": ("nothing", "Resent-To: {secret}"),
    "Reply-To": ("nothing", "Reply-To: {secret}"),
    "Sender": ("nothing", "Sender: {secret}"),
    "Resent-Message-ID": ("nothing", "Resent-Message-ID: {marker}"),
    "In-Reply-To our id": ("thread", "In-Reply-To: {id}"),
    "References our id": ("thread", "References: {id}"),
    "In-Reply-To secret": ("secret", "In-Reply-To: {marker}"),
    "References secret": ("secret", "References: <a@example.org> {marker}"),
    "Thread-Topic": ("nothing", "Thread-Topic: {id} {secret}"),
    "subject": ("nothing", "Subject: Re: {id} {secret}"),
    "text": ("nothing", "\r\n\r\nJAH {secret} {id}"),
    "attached mail": ("nothing", ""),
    "calendar": ("nothing", ""),
}
"""where a letter names its question: what that counts as, and the header (or text) that does it"""

ONLY_IMAP = {"X-Envelope-To": "secret"}
"""a mailbox has no envelope: what delivery wrote of it stands for it"""

LETTERS = table("""
                                    | secret       | thread       | thread, by config | nothing
    nobody vouches                  | acts         | thread       | acts              | heard
    our server: pass                | acts         | acts         | acts              | heard
    our server: fail                | forged       | thread       | forged            | unrouted
    our server: pass, their SPF     | acts         | acts         | acts              | heard
    our server: pass, of another    | acts         | thread       | acts              | heard
    their server: pass              | acts         | thread       | acts              | heard
    signature holds                 | acts         | acts         | acts              | heard
    signature broken                | forged       | thread       | forged            | unrouted
    signature of another domain     | acts         | thread       | acts              | heard
    signature without the thread    | acts         | thread       | acts              | heard
    signature to somebody else      | acts         | thread       | acts              | heard
    sent again with fields added    | acts         | thread       | acts              | heard
    both: fail and signature holds  | forged       | thread       | forged            | unrouted
    a stranger                      | wrong_sender | thread       | wrong_sender      | unrouted
    a stranger, signature holds     | wrong_sender | wrong_sender | wrong_sender      | unrouted
""")
"""proof × how the letter is known -> what it may do"""

PROOFS = tuple(dict.fromkeys(line for line, _ in LETTERS))


def counts_as(way: str, addresses: str, via: str) -> str:
    counted = ONLY_IMAP.get(way, WAYS[way][0]) if via == "imap" else WAYS[way][0]
    return "thread, by config" if counted == "thread" and addresses == "thread" else counted


class Case:
    """One letter of the table, on its way to a world."""

    def __init__(self, world: World, way: str, proof: str, number: int) -> None:
        self.world, self.way, self.proof = world, way, proof
        _, self.person, address = world.asked("verify")
        message = next(m for m in world.messages("verify") if m.to_address == self.person.address)
        self.to = world.identity.from_address
        self.secret = address
        self.facts = {"secret": address, "marker": f"<{address}>", "id": message.message_id}
        self.own_id = f"<{number}@mail.example.org>"

    def says(self, letters: Mapping[str, Letter], follows: str) -> str:
        return f"{self.way} · {self.proof}: {letters[self.own_id].outcome}, not {follows}"

    def raw(self) -> bytes:
        named = WAYS[self.way][1].format(**self.facts)
        text = named.strip() if self.way == "text" else "JAH"
        head = [] if self.way == "text" else [named] * bool(named)
        late = self.proof == "sent again with fields added"
        mail = self._vouched(self._letter(text, [] if late else head))
        return b"".join(line.encode() + b"\r\n" for line in head if late) + mail

    def _letter(self, text: str, head: list[str]) -> bytes:
        author = "keegi@example.org" if "stranger" in self.proof else self.person.address
        to = "kolleeg@example.org" if self.proof == "signature to somebody else" else self.to
        if self.way in ("attached mail", "calendar"):
            return self._with_a_part(author, to)
        subject = [] if self.way == "subject" else ["Subject: Re: Koosloome"]
        lines = [
            f"From: {author}",
            f"To: {to}",
            f"Message-ID: {self.own_id}",
            *subject,
            *head,
            "Content-Type: text/plain; charset=utf-8",
        ]
        return "\r\n".join([*lines, "", text, ""]).encode()

    def _with_a_part(self, author: str, to: str) -> bytes:
        event = f"BEGIN:VEVENT\r\nUID:{self.facts['id']}\r\nORGANIZER:mailto:{self.secret}\r\n"
        event += f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{author}\r\nEND:VEVENT"
        kind, content = {
            "attached mail": ("message/rfc822", f"To: {self.secret}\r\nMessage-ID: {self.facts['id']}\r\n\r\nx"),
            "calendar": (
                "text/calendar; method=REPLY",
                f"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n{event}\r\nEND:VCALENDAR",
            ),
        }[self.way]
        return (
            f"From: {author}\r\nTo: {to}\r\nSubject: Re: Koosloome\r\nMessage-ID: {self.own_id}\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nJAH\r\n'
            f"--b\r\nContent-Type: {kind}\r\n\r\n{content}\r\n--b--\r\n"
        ).encode()

    def _vouched(self, mail: bytes) -> bytes:
        """The letter with what its line of the table says in favour of its sender, or against it."""
        says = {
            "our server: pass": f"{OURS}; dmarc=pass header.from=example.org",
            "our server: fail": f"{OURS}; dmarc=fail header.from=example.org",
            "our server: pass, their SPF": f"{OURS}; spf=pass smtp.mailfrom=x@example.org",
            "our server: pass, of another": f"{OURS}; dkim=pass header.d=evil.example",
            "their server: pass": "mx.evil.example; dmarc=pass header.from=example.org",
            "both: fail and signature holds": f"{OURS}; dmarc=fail header.from=example.org",
        }.get(self.proof)
        if "signature" in self.proof or self.proof == "sent again with fields added":
            domain = b"evil.example" if "another domain" in self.proof else b"example.org"
            few = [b"from", b"subject", b"to"] if self.proof == "signature without the thread" else None
            mail = dkim.sign(mail, b"s1", domain, KEY, include_headers=few) + mail
            mail = mail.replace(b"JAH", b"jah") if self.proof == "signature broken" else mail
        return mail if says is None else f"Authentication-Results: {says}\r\n".encode() + mail

    def arrival(self, via: str) -> Arrival:
        to = self.secret if self.way == "envelope" else self.to
        return came(self.raw(), to, self.person.address, via)


def came(raw: bytes, to: str, envelope_from: str, via: str) -> Arrival:
    """A letter as a mail server brings it, or as it is fetched from where one delivered it."""
    if via == "imap":
        trace = f"Return-Path: <{envelope_from}>\r\nDelivered-To: {to}\r\n".encode()
        return envelope.arrival(trace + raw, "mail.example.org")
    return Arrival(envelope_from=envelope_from, recipients=(to,), raw=raw, via="smtp")


def handled(world: World, arrivals: Iterable[Arrival]) -> dict[str, Letter]:
    """What became of them, by their Message-IDs."""
    store(world.db, list(arrivals), world.now)
    while world.inbox.handle_due(world.db, world.now):
        pass
    with world.db.reading() as session:
        return {letter.message_id: letter for letter in session.scalars(sa.select(Letter))}


def set_to(db: Database, addresses: str) -> World:
    """A season whose addresses are made so, whose mail server is believed, and which checks signatures itself."""
    world = World(db, config({"[mail]\n": f'[mail]\naddresses = "{addresses}"\n'}))
    world.inbox = replace(
        world.inbox, authserv_id=OURS, dns=lambda name: RECORD if name.startswith("s1._domainkey") else None
    )
    return world


@pytest.mark.parametrize(("addresses", "via"), CONFIGS)
def test_what_a_letter_may_do_by_its_way_its_proof_and_the_config(
    sqlite_db: Database, addresses: str, via: str
) -> None:
    world = set_to(sqlite_db, addresses)
    team = world.apply()
    follows = {
        Case(world, way, proof, number): LETTERS[proof, counts_as(way, addresses, via)]
        for number, (way, proof) in enumerate(product(WAYS, PROOFS))
    }
    before = digest(world, "alerts")  # that many strangers wrote is told
    idle = [case for case, what in follows.items() if what != "acts"]
    letters = handled(world, [case.arrival(via) for case in idle])
    wrong = [case.says(letters, follows[case]) for case in idle if letters[case.own_id].outcome != follows[case]]
    assert not wrong, "\n".join(wrong)
    assert {letter.status for letter in letters.values()} == {"held"}
    assert digest(world, "alerts") == before
    busy = [case for case in follows if case not in idle]
    letters = handled(world, [case.arrival(via) for case in busy])
    acted = ("accepted", "already")
    wrong = [case.says(letters, "acts") for case in busy if letters[case.own_id].outcome not in acted]
    assert not wrong, "\n".join(wrong)
    assert len(busy) > 50 and team.row.verified_at == world.now


def test_an_unproven_reply_in_the_thread_is_offered_to_the_coordinator_and_nobody_is_written_to(
    sqlite_db: Database,
) -> None:
    world = World(sqlite_db)
    team = world.apply().selected()
    asked, mails = offer(team), len(world.messages())
    for author, offered in ((team.contact.address, ["yes"]), ("keegi@example.org", ["yes"])):
        thread = f"In-Reply-To: {asked.message_id}"
        raw = plain(author, world.identity.from_address, "JAH", thread, message_id=f"<{author}>")
        letter = world.deliver(raw, world.identity.from_address, sender="x@evil.example")
        assert (letter.status, letter.outcome, letter.question_id) == ("held", "thread", asked.question_id)
        assert [one["answer"]["kind"] for one in letter.readings] == offered
    assert (team.state, len(world.messages())) == ("selected", mails)


def test_of_several_fields_of_one_name_each_must_be_signed() -> None:
    """DKIM signs the last field of a name where it is named once: another one before it is anybody's."""
    raw = plain("mari@example.org", "k@example.org", "JAH", "In-Reply-To: <a@example.org>")
    signed = dkim.sign(raw, b"s1", b"example.org", KEY, include_headers=[b"from", b"to", b"in-reply-to"]) + raw
    added = b"In-Reply-To: <b@example.org>\r\n" + signed
    assert sender.dkim(added, lambda _: RECORD) is sender.Verdict.PASS
    assert [sender.signed(head(one), "In-Reply-To", "To") for one in (signed, added)] == [True, False]
    second = b"DKIM-Signature: v=1; d=example.org; s=s1; h=from:in-reply-to:in-reply-to:to; b=AAAA\r\n"
    assert not sender.signed(head(second + added), "In-Reply-To"), "a made-up signature beside it covers nothing"


def head(raw: bytes) -> sender.Headers:
    return sender.header_block.parse(sender.header_block.split(raw)[0])


# -- reports ---------------------------------------------------------------------------------------

REPORTS = table("""
                                    | names our mail   | names another    | names none
    its signed address, from nobody | bounce           | bounce_unknown   | bounce
    its signed address, from a name | bounce_unproven  | bounce_unknown   | bounce_unproven
    another mail's signed address   | bounce_unknown   | bounce           | bounce
    a forged signed address         | bounce_unknown   | bounce_unknown   | bounce_unknown
    the public address, from nobody | bounce_unproven  | bounce_unproven  | bounce_unknown
    the public address, from a name | bounce_unproven  | bounce_unproven  | bounce_unknown
    a question's secret address     | bounce_unproven  | bounce_unproven  | bounce_unknown
""")
"""where a report came to × which mail its parts name -> what it may do"""

COMPLAINTS = ("feedback-report", "disposition-notification")


@pytest.mark.parametrize(("via", "addresses"), [("smtp", "domain"), ("imap", "plus"), ("imap", "domain")])
def test_what_a_report_may_do_by_where_it_came_to_and_what_it_names(
    sqlite_db: Database, via: str, addresses: str
) -> None:
    world = set_to(sqlite_db, addresses)
    first, second = (offer(world.apply(name).selected()) for name in ("Võru", "Põlva"))
    wrong = []
    for number, ((came_to, names), follows) in enumerate(REPORTS.items()):
        about = {"names our mail": first.message_id, "names another": second.message_id, "names none": ""}[names]
        who = second if names == "names another" or (names == "names none" and came_to.startswith("another")) else first
        to = {
            "its": world.identity.return_address(str(first.id)),
            "another": world.identity.return_address(str(second.id)),
            "a forged": f"b-{first.id}-{'a' * 16}@{world.identity.domain}",
            "the": world.identity.from_address,
            "a question's": world.asked("confirm_place")[2],
        }[next(start for start in ("its", "another", "a forged", "the", "a question's") if came_to.startswith(start))]
        raw = report(to, who.to_address, about=about).replace(b"<b1@", b"<t%d@" % number)
        before = digest(world)
        arrival = came(raw, to, "x@evil.example" if came_to.endswith("a name") else "", via)
        letter = handled(world, [arrival])[f"<t{number}@mx.example.net>"]
        if letter.outcome != follows or (follows == "bounce_unproven") is not (letter.status == "held"):
            wrong.append(f"{came_to} · {names}: {letter.outcome}, {letter.status}, not {follows}")
        if digest(world) != before and follows != "bounce":
            wrong.append(f"{came_to} · {names}: it changed something")
        _well_again(world)
    assert not wrong, "\n".join(wrong)


def _well_again(world: World) -> None:
    with world.db.writing() as session:
        session.execute(sa.update(Person).values(address_state="ok", address_note=""))
        session.execute(sa.update(Message).where(Message.status == "bounced").values(status="sent"))


def test_a_forged_report_marks_nobody_and_asks_no_deputy_and_is_shown(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = world.apply().selected()
    mail, before, mails = offer(team), digest(world), len(world.messages())
    raw = report(world.identity.from_address, mail.to_address, about=mail.message_id)
    letter = world.deliver(raw, world.identity.from_address, sender="x@evil.example")
    assert (letter.status, letter.outcome, letter.person_id) == ("held", "bounce_unproven", team.contact.id)
    assert "5.1.1" in letter.reason
    assert (digest(world), len(world.messages()), offer(team).status) == (before, mails, mail.status)


def test_where_addresses_are_by_thread_no_report_can_be_proven_and_all_are_shown(sqlite_db: Database) -> None:
    world = set_to(sqlite_db, "thread")
    mail = offer(world.apply().selected())
    to = world.identity.return_address(str(mail.id))
    assert to == world.identity.from_address
    raw = report(to, mail.to_address, about=mail.message_id)
    letter = handled(world, [came(raw, to, "", "imap")])["<b1@mx.example.net>"]
    assert (letter.status, letter.outcome) == ("held", "bounce_unproven")


@pytest.mark.parametrize("kind", COMPLAINTS)
def test_a_complaint_or_a_receipt_changes_nothing_wherever_it_comes_to(sqlite_db: Database, kind: str) -> None:
    world = World(sqlite_db)
    mail = offer(world.apply().selected())
    before, mails = digest(world), len(world.messages())
    addresses: tuple[Callable[[], str], ...] = (
        lambda: back(world, mail), lambda: world.identity.from_address, lambda: world.asked("confirm_place")[2],
    )  # fmt: skip
    for number, to in enumerate(addresses):
        raw = EmailMessage()
        raw["From"], raw["To"], raw["Message-ID"] = "fbl@mx.example.net", to(), f"<c{number}@mx.example.net>"
        body = (
            f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain'
            f"\r\n\r\nAbuse report\r\n--b\r\nContent-Type: message/{kind}\r\n\r\nFeedback-Type: abuse\r\n"
            f"Original-Rcpt-To: {mail.to_address}\r\nFinal-Recipient: rfc822; {mail.to_address}\r\n"
            f"Disposition: automatic-action/MDN-sent-automatically; deleted\r\n\r\n--b\r\n"
            f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {mail.message_id}\r\nTo: {mail.to_address}\r\n"
            "\r\nx\r\n--b--\r\n"
        )
        letter = world.deliver(raw.as_bytes().rstrip(b"\n") + b"\n" + body.encode(), to(), sender="")
        assert letter.outcome in ("automatic", "report"), letter.outcome
    assert (digest(world), len(world.messages())) == (before, mails)
