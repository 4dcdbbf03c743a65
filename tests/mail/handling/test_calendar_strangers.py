"""iMIP from anybody: every method, from the person invited and from strangers, to the secret address and to the public
one, with whatever a calendar file can hold. Only a plain REPLY of the person to this very invitation moves anything.
"""

import time
from itertools import product

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from tests.builders import World
from tests.mail.handling.test_inbox import digest, expected
from workflow.database.engine import Database
from workflow.database.models import Letter, Message

METHODS = ("REPLY", "COUNTER", "REQUEST", "CANCEL", "ADD", "REFRESH", "DECLINECOUNTER", "PUBLISH", "NONSENSE", "")
WHO = ("the person to the secret address", "a stranger to the secret address", "the person to the public address")
OURS = "mailto:{to}"


def event(*lines: str, uid: str = "{uid}", sequence: str = "{sequence}") -> str:
    head = ("BEGIN:VEVENT", f"UID:{uid}", f"SEQUENCE:{sequence}", "DTSTAMP:20220301T080000Z", "ORGANIZER:" + OURS)
    return "\r\n".join((*head, *lines, "END:VEVENT"))


def says(partstat: str, who: str = "{person}") -> str:
    return f"ATTENDEE;PARTSTAT={partstat}:mailto:{who}"


YES, NO = says("ACCEPTED"), says("DECLINED")
CONTENTS: dict[str, tuple[str, str]] = {
    "plain": (event(NO), "no"),
    "an alias": (event(says("DECLINED", "alias@example.org")), "no"),
    "a sequence of the future": (event(NO, sequence="999999999"), "no"),
    "a sequence beyond numbers": (event(NO, sequence="9" * 400), "no"),
    "a sequence below nothing": (event(NO, sequence="-1"), "no"),
    "a huge description": (event("DESCRIPTION:" + "x" * 200_000, NO), "no"),
    "thousands who did not answer": (
        event(*[says("NEEDS-ACTION", f"a{n}@example.org") for n in range(3000)], NO),
        "no",
    ),
    "thousands who answered": (event(*[says("DECLINED", f"a{n}@example.org") for n in range(3000)], NO), ""),
    "the coordinator answers too": (event(NO, says("ACCEPTED", "{coordinator}")), ""),
    "two answers": (event(YES, NO), ""),
    "two events": (event(YES) + "\r\n" + event(NO), ""),
    "two events alike": (event(NO) + "\r\n" + event(NO), "no"),
    "another's UID": (event(NO, uid="{other}"), ""),
    "another UID": (event(NO, uid="x@evil.example"), ""),
    "two UIDs": (event(NO) + "\r\n" + event(NO, uid="{other}"), ""),
    "no UID": (event(NO, uid=""), ""),
    "recurring": (event("RRULE:FREQ=SECONDLY;COUNT=1000000000", NO), "no"),
    "one of a series": (event("RECURRENCE-ID:20220405T070000Z", NO), ""),
    "an answer in an alarm": (event(says("NEEDS-ACTION"), "BEGIN:VALARM", NO, "END:VALARM"), ""),
    "a second calendar": (event(NO) + "\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n" + event(YES), ""),
    "a task": (event(NO).replace("VEVENT", "VTODO"), "no"),
    "delegated": (event(says("DELEGATED"), says("DECLINED", "x@evil.example")), ""),
}
"""what the file holds, and what it says where the person sends it as a REPLY ("" waits for the coordinator)"""


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


@pytest.fixture
def invited(world: World) -> Message:
    team = world.apply(group="I").invited()
    return next(
        m for m in team.got("session_invitation")
        if m.to_address == team.contact.address and m.calendar and b"workshop_1" in m.calendar
    )  # fmt: skip


def facts(world: World, invited: Message) -> dict[str, str]:
    assert invited.calendar is not None
    told = dict(line.split(":", 1) for line in invited.calendar.replace(b"\r\n ", b"").decode().splitlines())
    uid = told["UID"]
    stem, _, rest = uid.rpartition("-")
    other = f"{stem}-{int(rest.partition('@')[0]) + 1}@{rest.partition('@')[2]}"
    with world.db.reading() as session:
        boss = world.coordinator().person
        session.expunge_all()
    assert boss is not None
    return {
        "uid": uid, "sequence": told["SEQUENCE"], "to": world.reply_to(invited), "person": invited.to_address,
        "other": other, "coordinator": boss.address,
    }  # fmt: skip


def mail(method: str, who: str, content: str, known: dict[str, str], number: int) -> Arrival:
    author = "keegi@evil.example" if who.startswith("a stranger") else known["person"]
    to = "koosloome@teekond.example.org" if who.endswith("public address") else known["to"]
    said = f"METHOD:{method}\r\n" if method else ""
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{said}{content}\r\nEND:VCALENDAR\r\n"
    for key, value in known.items():
        calendar = calendar.replace("{" + key + "}", value)
    raw = (
        f"From: {author}\r\nTo: {to}\r\nSubject: Declined\r\nMessage-ID: <c{number}@mail.example.org>\r\n"
        f"Content-Type: text/calendar{f'; method={method}' if method else ''}; charset=utf-8\r\n\r\n{calendar}"
    )
    return Arrival(envelope_from=author, recipients=(to,), raw=raw.encode(), via="smtp")


def handled(world: World, *arrivals: Arrival) -> dict[str, Letter]:
    store(world.db, arrivals, world.now)
    while world.inbox.handle_due(world.db, world.now):
        pass
    with world.db.reading() as session:
        return {letter.message_id: letter for letter in session.scalars(sa.select(Letter))}


def test_no_calendar_file_of_anybody_moves_anything_but_the_persons_own_reply(world: World, invited: Message) -> None:
    known, wrong = facts(world, invited), []
    rows = [
        (number, method, who, what)
        for number, (method, who, what) in enumerate(product(METHODS, WHO, CONTENTS))
        if not (method == "REPLY" and who == WHO[0] and CONTENTS[what][1])
    ]
    before, began = digest(world, "alerts"), time.process_time()
    letters = handled(world, *(mail(method, who, CONTENTS[what][0], known, n) for n, method, who, what in rows))
    spent = time.process_time() - began
    for number, method, who, what in rows:
        letter = letters[f"<c{number}@mail.example.org>"]
        if letter.status != "held":
            wrong.append(f"{method or 'no method'} · {who} · {what}: {letter.status}, {letter.outcome}")
    assert not wrong, "\n".join(wrong)
    assert digest(world, "alerts") == before
    assert spent / len(rows) < 1, "on average a second of processor time each is far too much"


@pytest.mark.parametrize("what", [what for what, (_, says) in CONTENTS.items() if says])
def test_a_persons_own_reply_counts_whatever_else_the_file_holds(world: World, invited: Message, what: str) -> None:
    content, says = CONTENTS[what]
    letter = handled(world, mail("REPLY", WHO[0], content, facts(world, invited), 1))["<c1@mail.example.org>"]
    assert (letter.outcome, expected(world, invited)) == ("accepted", says)
