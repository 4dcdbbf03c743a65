"""Letters as they come in: who may move what, what waits for the coordinator, what is noted and never answered.

Each test is a conversation over the real composer and a real database. Where nothing may change, the digest of
every domain table is the same before and after.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import dkim
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing.message_bytes import to_bytes
from mail.handling.inbox import HELD, Inbox
from mail.reading.automatic import bounces
from mail.receiving.recipients import Known
from mail.receiving.store import Arrival, store
from tests.builders import READER, SECRET, Crew, World
from tests.paths import DATA
from workflow.answering import held_letters
from workflow.database.engine import Database
from workflow.database.models import Alert, Base, Letter, Message, Person, Question, StageSession
from workflow.journey import invitations, sessions
from workflow.notices import Notice
from workflow.records import queries
from workflow.season import Season
from workflow.text.bilingual import Text

KEY = (DATA / "dkim_key_for_tests.pem").read_bytes()
RECORD = b"v=DKIM1; k=rsa; p=" + (DATA / "dkim_key_for_tests.txt").read_bytes().strip()
ROBOTS = sorted((DATA / "robots").glob("*.eml"))
OURS = "mx.teekond.example"


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def digest(world: World, *but: str) -> str:
    """Over every row of every table but the letters and the mails queued for them."""
    found = sha256()
    with world.db.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in ("letters", "messages", *but):
                for row in session.execute(sa.select(table).order_by(*table.primary_key.columns)):
                    found.update(f"{table.name}{tuple(row)!r}\n".encode())
    return found.hexdigest()


def alerts(world: World, kind: str) -> list[Alert]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Alert).where(Alert.kind == kind).order_by(Alert.id)))


def stored(world: World) -> list[Letter]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Letter).order_by(Letter.id)))


def plain(sender: str, to: str, text: str, *headers: str, message_id: str = "<hand@mail.example.org>") -> bytes:
    """A mail byte for byte; `sender` is the From header's value."""
    lines = [f"From: {sender}", f"To: {to}", "Subject: Re: Koosloome", f"Message-ID: {message_id}", *headers]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text, ""]).encode()


# -- which question a letter is about ------------------------------------------------------------------------


def test_the_secret_address_says_which_question_is_answered(db: Database) -> None:
    team = World(db).apply()
    letter = team.replies("verify", "JAH")
    assert (letter.outcome, letter.question_id, letter.person_id) == ("accepted", 1, team.contact.id)
    assert team.history()[-1].proof["addressee"] == 1 and "r-secret" not in str(team.history()[-1].proof)
    assert team.history()[-1].proof["message_id"] == "<1@mail.example.org>"


def test_a_secret_address_in_capitals_is_the_same_address(world: World) -> None:
    team = world.apply()
    _, person, address = world.asked("verify", team=team.id)
    assert world.write(person.address, address.upper(), "JAH").outcome == "accepted"


def test_an_address_only_in_the_headers_serves_where_a_mailbox_lost_the_envelope(world: World) -> None:
    team = world.apply()
    _, person, address = world.asked("verify", team=team.id)
    raw = plain(person.address, f"Teekond <{address}>", "JAH")
    assert world.deliver(raw, "postkast@teekond.example").outcome == "accepted"


@pytest.mark.parametrize(
    "thread",
    [
        "In-Reply-To: {id}",
        "References: <start@example.org> {id}",
        "References: <start@example.org>,{id},<other@example.org>",  # Exchange
        "References: <start@example.org>{id}",
        "In-Reply-To: Message of Tue {id}",
    ],
)
def test_a_reply_to_from_is_routed_by_the_mail_it_replies_to(world: World, thread: str) -> None:
    world.inbox = replace(world.inbox, authserv_id=OURS)
    team, ours = world.apply(), world.identity.from_address
    asked = team.got("verify")[0]
    named = thread.format(id=asked.message_id)
    letter = world.deliver(plain(team.contact.address, ours, "JAH", named), ours, sender=team.contact.address)
    assert (letter.status, letter.outcome, letter.question_id) == ("held", "thread", asked.question_id)
    assert team.row.verified_at is None
    vouched = f"Authentication-Results: {OURS}; dmarc=pass header.from=example.org"
    raw = plain(team.contact.address, ours, "JAH", named, vouched, message_id="<second@mail.example.org>")
    letter = world.deliver(raw, ours, sender=team.contact.address)
    assert (letter.outcome, letter.question_id) == ("accepted", asked.question_id)
    assert team.row.verified_at == world.now


def test_a_reply_to_mere_news_answers_no_earlier_question(world: World) -> None:
    team = world.apply().verified()
    news, asked = team.got("application_counts")[0], team.got("verify")[0]
    assert news.question_id in (None, asked.question_id)
    with world.db.writing() as session:
        session.get_one(Message, news.id).question_id = None
    raw = plain(
        team.contact.address,
        world.identity.from_address,
        "Ei",
        f"In-Reply-To: {news.message_id}",
        f"References: {asked.message_id} {news.message_id}",
    )
    assert world.deliver(raw, world.identity.from_address).outcome == "heard"


def test_a_letter_that_belongs_to_no_question_is_only_proposed(world: World) -> None:
    team = world.apply().selected()
    before, mails = digest(world), len(world.messages())
    letter = world.write(team.contact.address, world.identity.from_address, "JAH, võtame koha vastu.")
    assert (letter.status, letter.outcome, letter.team_id) == ("held", "heard", team.id)
    offered = held_letters.readings(letter)
    assert {"yes"} <= {str(one.answer.kind) for one in offered}
    assert (digest(world), [one.template for one in world.messages()[mails:]]) == (before, ["heard"])
    with world.db.writing() as session:
        mine = session.get_one(Letter, letter.id)
        place = next(one for one in offered if one.question_id == world.asked("confirm_place")[0].id)
        boss = session.get_one(Person, world.coordinator().person.id)  # type: ignore[union-attr]
        held_letters.resolve(world.season, session, mine, place, boss, world.now)
    assert team.state == "workshop_1"


def test_one_letter_to_two_questions_is_for_the_coordinator_to_tell(world: World) -> None:
    team = world.apply().selected()
    other = world.apply("Põlva")
    _, person, place = world.asked("confirm_place", team=team.id, person=team.contact.address)
    _, _, verify = world.asked("verify", team=other.id)
    before = digest(world)
    raw = plain(person.address, f"{place}, {verify}", "JAH")
    letter = world.deliver(raw, place, verify, sender=person.address)
    assert (letter.status, letter.outcome) == ("held", "several")
    assert {one.question_id for one in held_letters.readings(letter)} == {
        world.asked("confirm_place", team=team.id)[0].id,
        world.asked("verify", team=other.id)[0].id,
    }
    assert digest(world) == before


def test_a_reply_to_all_that_reaches_contact_and_deputy_is_the_writers_own(world: World) -> None:
    team = world.apply().selected()
    deputy = team.people()[1]
    both = [world.asked("confirm_place", person=p.address)[2] for p in (team.contact, deputy)]
    letter = world.deliver(plain(deputy.address, ", ".join(both), "JAH"), *both, sender=deputy.address)
    assert (letter.outcome, letter.person_id) == ("accepted", deputy.id)


# -- who speaks (safety.md, a1) ------------------------------------------------------------------------------


def test_a_forged_from_without_the_secret_address_changes_nothing_and_has_one_receipt_a_day(world: World) -> None:
    team = world.apply().selected()
    before, mails = digest(world), len(world.messages())
    for n in range(20):
        text = "JAH, kinnitame koha."
        letter = world.write(team.contact.address, world.identity.from_address, text, message_id=f"<f{n}@evil.example>")
        assert (letter.status, letter.outcome) == ("held", "heard")
    (receipt,) = world.messages()[mails:]
    assert (digest(world), receipt.template, receipt.to_address) == (before, "heard", team.contact.address)


def test_the_right_address_with_a_stranger_behind_it_is_held_until_the_coordinator_decides(world: World) -> None:
    team = world.apply().selected()
    before = digest(world)
    letter = team.replies("confirm_place", "JAH", sender="kolleeg@example.org", person=team.contact.address)
    assert (letter.status, letter.outcome, digest(world)) == ("held", "wrong_sender", before)
    told = team.got("wrong_sender")
    assert [m.to_address for m in told] == [team.contact.address]
    assert "kolleeg[at]example[.]org" in told[0].body.replace("\\", ""), "no link in anybody's mail program"
    assert not [m for m in world.messages() if m.to_address == "kolleeg@example.org"]
    with world.db.writing() as session:
        mine = session.get_one(Letter, letter.id)
        boss = session.get_one(Person, world.coordinator().person.id)  # type: ignore[union-attr]
        (chosen,) = held_letters.readings(mine)
        held_letters.resolve(world.season, session, mine, chosen, boss, world.now)
    moves = [row for row in team.history() if row.to_state == "workshop_1"]
    assert [(m.actor, m.proof["read_by"], m.proof["sender"]) for m in moves] == [
        (team.contact.name, boss.name, "kolleeg@example.org")
    ]


def test_another_teams_contact_with_this_teams_address_moves_neither(world: World) -> None:
    team, other = world.apply("Võru").selected(), world.apply("Põlva").selected()
    before = digest(world)
    letter = team.replies("confirm_place", "JAH", sender=other.contact.address)
    assert (letter.status, letter.outcome, letter.team_id) == ("held", "wrong_sender", team.id)
    assert digest(world) == before


def test_any_member_may_hand_in_work_at_the_contacts_address(world: World) -> None:
    team = world.apply(group="I").confirmed()
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    member = team.people()[3]
    letter = team.replies("homework", "Lisatud.", sender=member.address, files={"kaart.pdf": b"%PDF-1.4"})
    assert (letter.outcome, letter.person_id) == ("accepted", member.id)


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([f"{OURS}; dmarc=fail header.from=example.org"], "forged"),
        ([f"{OURS}; dkim=fail header.d=example.org; spf=fail smtp.mailfrom=x.example"], "forged"),
        ([f"{OURS}; dmarc=fail header.from=example.org", f"{OURS}; dmarc=pass header.from=example.org"], "forged"),
        ([f"{OURS}; dmarc=pass header.from=example.org"], "accepted"),
        (["mx.evil.example; dmarc=fail header.from=example.org"], "accepted"),
        ([], "accepted"),
    ],
)
def test_only_our_own_servers_word_counts_and_a_fail_is_held(world: World, results: list[str], outcome: str) -> None:
    world.inbox = replace(world.inbox, authserv_id=OURS)
    team = world.apply()
    before = digest(world)
    _, person, address = world.asked("verify")
    letter = world.deliver(
        plain(person.address, address, "JAH", *(f"Authentication-Results: {r}" for r in results)), address
    )
    assert letter.outcome == outcome
    assert (digest(world) == before) is (outcome == "forged")
    assert (team.row.verified_at is None) is (outcome == "forged")


def test_forged_passes_make_nobody_of_a_stranger(world: World) -> None:
    world.inbox = replace(world.inbox, authserv_id=OURS)
    world.apply()
    before = digest(world)
    _, _, address = world.asked("verify")
    forged = [f"Authentication-Results: {one}; dmarc=pass header.from=example.org" for one in (OURS, "a.example", OURS)]
    assert world.deliver(plain("keegi@example.org", address, "JAH", *forged), address).outcome == "wrong_sender"
    assert digest(world) == before


def test_a_broken_signature_of_the_senders_own_domain_is_held_where_signatures_are_checked(world: World) -> None:
    world.inbox = replace(world.inbox, dns=lambda name: RECORD if name.startswith("s1._domainkey") else None)
    team = world.apply()
    _, person, address = world.asked("verify")
    raw = plain(person.address, address, "JAH")
    signed = dkim.sign(raw, b"s1", b"example.org", KEY) + raw
    before = digest(world)
    broken = world.deliver(signed.replace(b"JAH", b"jah"), address, sender=person.address)
    assert (broken.status, broken.outcome, digest(world)) == ("held", "forged", before)
    assert world.deliver(signed, address, sender=person.address).outcome == "duplicate"
    other = plain(person.address, address, "JAH", message_id="<second@mail.example.org>")
    letter = world.deliver(dkim.sign(other, b"s1", b"example.org", KEY) + other, address, sender=person.address)
    assert (letter.outcome, team.row.verified_at) == ("accepted", world.now)


ODD_SENDERS = [
    "{a})<x@evil.example>",
    "{a} <x@evil.example>",
    "<{a}>x@evil.example",
    "{a}]<x@evil.example>",
    "=?utf-8?q?voru0=40example=2eorg=2c?= x@evil.example",
    "=?utf-8?q?voru0=40example=2eorg=2c?= <x@evil.example>",
    "<=?utf-8?q?voru0=40example=2eorg?=@evil.example>",
    "{a}, x@evil.example",
    "<{a}><x@evil.example>",
    "<@evil.example:{a}>",
    "Meeskond: {a};",
    '"Koordinaator <{a}>" <x@evil.example>',
    "{a}\rX-Checked: yes",
    "{a}\0.evil.example",
    "{a}\r\nFrom: x@evil.example",
    "",
]


@pytest.mark.parametrize("value", ODD_SENDERS, ids=range(len(ODD_SENDERS)))
def test_a_sender_whom_two_readers_might_take_for_two_is_held(world: World, value: str) -> None:
    world.apply()
    _, person, address = world.asked("verify")
    assert person.address == "voru0@example.org"
    before, mails = digest(world), len(world.messages())
    letter = world.deliver(plain(value.format(a=person.address), address, "JAH"), address, sender=person.address)
    assert (letter.status, letter.outcome) == ("held", "no_sender")
    assert letter.reason
    assert (digest(world), len(world.messages())) == (before, mails)


def test_an_accepted_reply_sent_again_changes_nothing_however_late(world: World) -> None:
    team = world.apply().confirmed()
    before = team.history()
    for seconds in (1, 30 * 86_400):
        world.now += timedelta(seconds=seconds)
        kept = digest(world)
        letter = team.replies("confirm_place", "JAH", person=team.contact.address)
        assert (letter.status, letter.outcome, digest(world)) == ("done", "already", kept)
    assert [row.id for row in team.history()] == [row.id for row in before]
    assert len(team.got("already")) == 2


def test_the_address_is_shown_and_not_the_name_before_it(world: World) -> None:
    team = world.apply()
    letter = team.replies("verify", "JAH", sender='"Mari Kask" <x@evil.example>')
    assert (letter.outcome, letter.sender) == ("wrong_sender", "x@evil.example")


# -- robots ----------------------------------------------------------------------------------------------------

AUTOMATIC: dict[str, tuple[str, Mapping[str, str]]] = {
    "an absence": ("Olen puhkusel kuni 14. märtsini. JAH", {"Auto_Submitted": "auto-replied"}),
    "an absence known by its words": (
        "Olen puhkusel kuni 14. märtsini. Kiireloomulistes küsimustes pöörduge Mart Metsa poole.",
        {"subject": "Automaatvastus: koht programmis"},
    ),
    "a receipt": ("Teie kiri on loetud: 5.04.2022", {"subject": "Loetud: Koosloome"}),
    "a list's own words": ("Teie kiri ootab haldurit.", {"Precedence": "list", "Auto_Submitted": "auto-generated"}),
    "a challenge": (
        "Please confirm your message by clicking the link below.",
        {"subject": "Please confirm your message", "Precedence": "junk"},
    ),
    "a help desk": (
        "Teie pöördumine on registreeritud numbriga 48213.",
        {"subject": "[#48213] Teie kiri on registreeritud", "X_OTRS_Loop": "yes"},
    ),
    "another help desk": ("Your request has been received. JAH", {"X_Zendesk_From_Account_Id": "1a2b"}),
    "a newsletter": ("Uudised. JAH", {"subject": "Uudiskiri", "List_Unsubscribe": "<mailto:x@example.org>"}),
}


@pytest.mark.parametrize("name", AUTOMATIC)
def test_a_machines_mail_is_noted_and_never_answered_and_never_acts(world: World, name: str) -> None:
    team = world.apply().selected()
    before, mails = digest(world), len(world.messages())
    text, headers = AUTOMATIC[name]
    letter = team.replies("confirm_place", text, person=team.contact.address, **headers)
    assert (letter.status, letter.outcome, letter.kind) == ("done", "automatic", "automatic")
    assert letter.reason
    assert letter.question_id == world.asked("confirm_place")[0].id
    assert (digest(world), len(world.messages())) == (before, mails)


def test_a_read_receipt_is_no_answer(world: World) -> None:
    team = world.apply().selected()
    _, person, address = world.asked("confirm_place", person=team.contact.address)
    raw = (
        f"From: {person.address}\r\nTo: {address}\r\nSubject: Read: Koosloome\r\nMessage-ID: <r@example.org>\r\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nJAH\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822;{person.address}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
    ).encode()
    before, mails = digest(world), len(world.messages())
    assert world.deliver(raw, address, sender=person.address).outcome == "automatic"
    assert (digest(world), len(world.messages())) == (before, mails)


@pytest.mark.parametrize("file", ROBOTS, ids=lambda file: file.stem)
def test_machines_from_the_collection_are_not_answered(world: World, file: Path) -> None:
    team = world.apply().selected()
    mails = len(world.messages())
    _, person, address = world.asked("confirm_place", person=team.contact.address)
    letter = world.deliver(file.read_bytes(), address, sender=person.address)
    if "person" in file.stem:
        assert letter.outcome in ("wrong_sender", "misleading")
    else:
        assert (letter.outcome, len(world.messages())) == ("automatic", mails)
    assert team.state == "selected"


@pytest.mark.parametrize(
    "headers",
    [
        {"Precedence": "bulk"},
        {"List_Id": "<meeskond.lists.example.org>", "List_Post": "<mailto:meeskond@lists.example.org>"},
        {"X_RT_Ticket": "example #17"},
        {"subject": "Automaatvastus: Re: Koosloome"},
        {"List_Unsubscribe": "<https://lists.example.org/leave>"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_persons_mail_that_looks_automatic_is_held_with_its_reading(world: World, headers: dict[str, str]) -> None:
    team = world.apply().selected()
    asked = team.got("place_offer")[0]
    before, mails = digest(world), len(world.messages())
    subject = headers.get("subject", "Re: Koosloome")
    more = {k: v for k, v in headers.items() if k != "subject"} | {"In_Reply_To": asked.message_id}
    letter = team.replies("confirm_place", "JAH", person=team.contact.address, subject=subject, **more)
    assert (letter.status, letter.outcome) == ("held", "misleading")
    assert letter.reason
    assert [str(one.answer.kind) for one in held_letters.readings(letter)] == ["yes"]
    assert (digest(world), len(world.messages())) == (before, mails)


def test_our_own_mail_come_back_is_not_answered(world: World) -> None:
    team = world.apply().selected()
    before, mails = digest(world), len(world.messages())
    offers = team.got("place_offer")
    for offer in offers:
        letter = world.deliver(to_bytes(offer, world.identity), world.reply_to(offer), sender="")
        assert letter.outcome == "automatic"
    assert len(offers) >= 1
    assert (digest(world), len(world.messages())) == (before, mails)


# -- what a letter may lack, repeat or carry ----------------------------------------------------------------


LIKELY = "Jah, pöidlad pihus!"


@pytest.mark.parametrize("text", ["", " \n\n", "-- \nMari Kask\nkülavanem", "> Vastake JAH või EI\n"])
def test_a_reply_without_words_moves_nothing(world: World, text: str) -> None:
    team = world.apply().selected()
    letter = team.replies("confirm_place", text, person=team.contact.address)
    assert (letter.status, letter.outcome) == ("held", "unclear")
    assert (team.state, len(team.got("unclear"))) == ("selected", 1)


def test_a_likely_yes_is_asked_back_once_and_moves_nothing(world: World) -> None:
    team = world.apply().selected()
    for text in (LIKELY, "Jah, kringel ahjus!"):
        letter = team.replies("confirm_place", text, person=team.contact.address)
        assert (letter.outcome, team.state) == ("unclear", "selected")
    assert len(team.got("unclear")) == 1
    (asked,) = team.got("asked_back")
    assert "teie meeskond võtab koha vastu" in asked.body
    assert team.replies("confirm_place", "JAH", person=team.contact.address).outcome == "accepted"


@pytest.mark.parametrize(
    "text", ["Võib-olla võtame koha vastu.", "Loobume. Palun tehke meile hotell.", LIKELY + " Kas saab?"]
)
def test_nothing_but_a_plain_yes_is_ever_asked_back(world: World, text: str) -> None:
    team = world.apply().selected()
    team.replies("confirm_place", text, person=team.contact.address)
    assert not team.got("asked_back")


def test_the_same_letter_twice_is_stored_once(db: Database) -> None:
    world = World(db)
    team = world.apply()
    _, person, address = world.asked("verify")
    raw = plain(person.address, address, "JAH")
    first = world.deliver(raw, address, sender=person.address)
    again = world.deliver(b"Received: from relay.example.org\r\n" + raw, address, sender=person.address)
    assert (first.id, len(stored(world))) == (again.id, 1)
    assert len([row for row in team.history() if row.event == "verified"]) == 1


def test_a_copy_that_came_another_way_changes_nothing_and_is_not_answered(world: World) -> None:
    team = world.apply()
    asked = team.got("verify")[0]
    _, person, address = world.asked("verify")
    raw = plain(person.address, address, "JAH", f"In-Reply-To: {asked.message_id}")
    assert world.deliver(raw, address, sender=person.address).outcome == "accepted"
    before, mails = digest(world), len(world.messages())
    copy = world.deliver(raw, world.identity.from_address, sender=person.address)
    assert (copy.status, copy.outcome, len(stored(world))) == ("done", "copy", 2)
    assert (digest(world), len(world.messages())) == (before, mails)


def test_the_same_message_id_with_other_words_is_held(world: World) -> None:
    team = world.apply().selected()
    _, person, address = world.asked("confirm_place", person=team.contact.address)
    world.deliver(plain(person.address, address, "Kas tähtaega saab pikendada?"), address, sender=person.address)
    before, mails = digest(world), len(world.messages())
    letter = world.deliver(plain(person.address, address, "JAH"), address, sender=person.address)
    assert (letter.status, letter.outcome) == ("held", "duplicate")
    assert (digest(world), len(world.messages())) == (before, mails)


def at_homework(world: World) -> Crew:
    team = world.apply(group="I").confirmed()
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    return team


def test_files_are_kept_byte_for_byte_under_harmless_names(world: World) -> None:
    team = at_homework(world)
    content = bytes(range(256)) * 40
    letter = team.replies("homework", "Lisatud on kaart.", files={"../../kaart õpe.pdf": content, "b.pdf": b"2"})
    assert letter.outcome == "accepted"
    with world.db.reading() as session:
        work = queries.latest_submission(session, team.id, "workshop_1")
        assert work is not None
        assert [(f.name, f.content) for f in work.files] == [("kaart õpe.pdf", content), ("b.pdf", b"2")]


def test_work_inside_a_sealed_wrapper_is_held(world: World) -> None:
    team = at_homework(world)
    before = digest(world)
    letter = team.replies("homework", "Lisatud on kaart.", files={"winmail.dat": b"\x78\x9f\x3e\x22"})
    assert (letter.status, letter.outcome, letter.reason) == ("held", "sealed", "winmail.dat")
    assert digest(world) == before


def test_a_letter_too_large_to_be_read_whole_is_held_with_its_reading(world: World) -> None:
    team = at_homework(world)
    before = digest(world)
    letter = team.replies("homework", "Lisatud on kaart.", files={"kaart.pdf": b"\0" * 20 * 1024 * 1024})
    assert (letter.status, letter.outcome) == ("held", "cut")
    assert "mail too large" in letter.reason
    assert digest(world) == before


def test_a_long_history_below_a_short_answer_is_no_trouble(world: World) -> None:
    team = world.apply().selected()
    quoted = "".join(f"> rida {n}: vastake JAH või EI\n" for n in range(40_000))
    letter = team.replies("confirm_place", f"EI, kahjuks.\n\nOn 1.03.2022 10:00, Teekond wrote:\n{quoted}")
    assert letter.outcome == "accepted"
    assert len(letter.text) < 40
    assert team.state == "released" or world.messages("other_answered")


def test_status_and_help_are_told_and_change_nothing(world: World) -> None:
    team = world.apply().confirmed()
    before = digest(world)
    assert team.replies("rsvp", "SEIS").outcome == "status"
    assert team.replies("rsvp", "Abi!").outcome == "help"
    assert team.replies("confirm_place", "SEIS").outcome == "status"
    assert (len(team.got("status")), len(team.got("help")), digest(world)) == (2, 1, before)


def test_a_yes_beside_a_question_counts_and_the_question_reaches_the_coordinator(world: World) -> None:
    team = world.apply(group="I").confirmed()
    question, _, _ = world.asked("rsvp", person=team.contact.address)
    letter = team.replies("rsvp", "Tulen hea meelega. Kas maja ees saab parkida?", person=team.contact.address)
    assert (letter.outcome, letter.status, letter.readings) == ("asks", "held", [])
    with world.db.reading() as session:
        assert session.get_one(Question, question.id).outcome == "yes"
    assert len(team.got("heard")) == 1


@pytest.mark.parametrize("right", [True, False])
def test_the_sessions_own_day_in_an_answer_says_nothing_more_and_another_day_does(world: World, right: bool) -> None:
    team = world.apply(group="I").confirmed()
    stage = world.asked("rsvp", person=team.contact.address)[0].stage or ""
    day = world.season.programme.session(stage, "I").start.date() + timedelta(days=0 if right else 7)
    letter = team.replies("rsvp", f"Jah, olen {day.day}.{day.month:02} kohal.", person=team.contact.address)
    assert letter.outcome == ("accepted" if right else "unclear")


# -- faults of our own -----------------------------------------------------------------------------------------


class FailsFor:
    """A post that cannot mail one person."""

    def __init__(self, world: World, address: str) -> None:
        self.world, self.address, self.raised = world, address, 0

    def __call__(self, session: Session, notice: Notice, now: object) -> Message | None:
        if notice.person.address == self.address:
            self.raised += 1
            raise ValueError("no mail can be made \0 for this person")
        return self.world.composer(session, notice, self.world.now)


def test_a_letter_that_makes_handling_fail_is_tried_again_then_parked_and_holds_up_nobody(db: Database) -> None:
    world = World(db)
    team, other = world.apply("Võru"), world.apply("Põlva")
    fails = FailsFor(world, team.contact.address)
    season: Season = replace(world.season, post=fails)
    world.inbox = Inbox(season=season, identity=world.identity, reader=READER)
    before = digest(world)
    broken = team.replies("verify", "JAH")
    assert (broken.status, broken.attempt, broken.outcome) == ("new", 1, None)
    assert digest(world) == before
    assert other.replies("verify", "JAH").outcome == "accepted"
    for minutes in (1, 5, 5):
        world.now += timedelta(minutes=minutes)
        world.inbox.handle_due(world.db, world.now)
    (parked,) = (one for one in stored(world) if one.id == broken.id)
    assert (parked.status, parked.attempt, parked.outcome, fails.raised) == ("parked", 3, "fault", 3)
    assert parked.reason.startswith("ValueError: no mail can be made")
    assert (parked.sender, parked.text) == (team.contact.address, "JAH")
    assert team.row.verified_at is None
    assert team.got("application_counts") == []


# -- storms ----------------------------------------------------------------------------------------------------


def storm(world: World, count: int, mail: Callable[[int], tuple[bytes, str, str]]) -> int:
    """Deliver `count` letters at once, as `mail` (n -> bytes, recipient, sender) makes them; mails they caused."""
    before = len(world.messages())
    made = [mail(n) for n in range(count)]
    store(world.db, [Arrival(envelope_from=s, recipients=(to,), raw=raw, via="smtp") for raw, to, s in made], world.now)
    while world.inbox.handle_due(world.db, world.now, limit=200):
        pass
    return len(world.messages()) - before


@pytest.mark.parametrize(("text", "count"), [("SEIS", 200), ("Mis mõttes {n}?", 120), ("ABI", 120)])
def test_a_storm_from_one_person_is_answered_a_few_times_and_told_once(world: World, text: str, count: int) -> None:
    team = world.apply().confirmed()
    _, person, address = world.asked("rsvp", person=team.contact.address)

    def one(n: int) -> tuple[bytes, str, str]:
        raw = plain(person.address, address, text.format(n=n), message_id=f"<s{n}@example.org>")
        return raw, address, person.address

    assert 1 <= storm(world, count, one) <= 10
    assert len(alerts(world, "capped")) == 1
    assert {letter.status for letter in stored(world)} <= {"done", "held"}
    assert len(stored(world)) >= count


def test_many_versions_of_a_work_are_answered_a_few_times(world: World) -> None:
    team = at_homework(world)
    _, person, address = world.asked("homework", team=team.id)

    def one(n: int) -> tuple[bytes, str, str]:
        raw = (
            f"From: {person.address}\r\nTo: {address}\r\nMessage-ID: <v{n}@example.org>\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nLisatud.\r\n'
            f'--b\r\nContent-Type: application/pdf; name="kaart.pdf"\r\n\r\n%PDF-1.4 {n}\r\n--b--\r\n'
        )
        return raw.encode(), address, person.address

    mails = storm(world, 100, one)
    found = Counter(letter.outcome for letter in stored(world))
    assert (found["many"], found["accepted"] - 2) == (95, 5)
    assert 1 <= mails <= 5 * 3


def test_letters_from_strangers_are_never_answered(world: World) -> None:
    team = world.apply().selected()
    _, _, address = world.asked("confirm_place", person=team.contact.address)
    before, door = digest(world), world.identity.from_address

    def stranger(n: int, to: str) -> tuple[bytes, str, str]:
        who = f"x{n}@evil.example"
        return plain(who, to, "JAH", message_id=f"<{n}{to[:1]}@evil.example>"), to, who

    assert storm(world, 60, lambda n: stranger(n, door)) == 0
    assert digest(world) == before
    assert 1 <= storm(world, 60, lambda n: stranger(n, address)) <= 10
    assert {m.to_address for m in team.got("wrong_sender")} == {team.contact.address}
    assert team.state == "selected"


# -- calendars -------------------------------------------------------------------------------------------------


def calendar_mail(
    world: World,
    invited: Message,
    partstat: str,
    *,
    method: str = "REPLY",
    in_header: bool = True,
    in_body: bool = True,
    sequence: int | None = None,
    uid: str = "",
    attendee: str = "",
    text: str = "",
    organizer: bool = True,
    message_id: str = "<cal@example.org>",
) -> bytes:
    assert invited.calendar is not None
    told = invited.calendar.replace(b"\r\n ", b"").decode()
    own = next(line.removeprefix("UID:") for line in told.splitlines() if line.startswith("UID:"))
    now = next(line.removeprefix("SEQUENCE:") for line in told.splitlines() if line.startswith("SEQUENCE:"))
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Example//EN", "VERSION:2.0", *([f"METHOD:{method}"] if in_body else []),
        "BEGIN:VEVENT", f"UID:{uid or own}", f"SEQUENCE:{now if sequence is None else sequence}",
        "DTSTAMP:20220301T080000Z", *([f"ORGANIZER:mailto:{world.reply_to(invited)}"] if organizer else []),
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee or invited.to_address}", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    header = f"; method={method}" if in_header else ""
    return (
        f"From: {invited.to_address}\r\nTo: {world.reply_to(invited)}\r\nSubject: Accepted\r\n"
        f"Message-ID: {message_id}\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Type: text/calendar{header}; charset=utf-8\r\n\r\n"
    ).encode() + "\r\n".join([*lines, "--b--", ""]).encode()


@pytest.fixture
def invited(world: World) -> Message:
    """The contact's invitation to the first workshop."""
    team = world.apply(group="I").invited()
    return next(
        m
        for m in team.got("session_invitation")
        if m.to_address == team.contact.address and b"workshop_1" in m.calendar  # type: ignore[operator]
    )


def expected(world: World, invited: Message) -> str | None:
    with world.db.writing() as session:
        return invitations.invitation(session, session.get_one(Person, invited.person_id), "workshop_1").expected


def take(world: World, invited: Message, raw: bytes) -> Letter:
    return world.deliver(raw, world.reply_to(invited), sender=invited.to_address)


@pytest.mark.parametrize(("partstat", "said"), [("ACCEPTED", "yes"), ("DECLINED", "no"), ("TENTATIVE", "maybe")])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"organizer": False},
        {"attendee": "mari.alias@example.org"},
        {"in_header": False},
        {"in_body": False},
        {"text": "Mari Kask on kutse vastu võtnud"},
    ],
    ids=["whole", "no organizer", "alias", "method in body", "method in header", "with words"],
)
def test_a_calendars_button_answers_the_invitation(
    world: World, invited: Message, partstat: str, said: str, how: dict[str, str]
) -> None:
    if how.get("text") and partstat != "ACCEPTED":
        how = {"text": ""}
    letter = take(world, invited, calendar_mail(world, invited, partstat, **how))  # type: ignore[arg-type]
    assert (letter.kind, letter.status, letter.outcome) == ("calendar", "done", "accepted")
    assert expected(world, invited) == said


def moved_by_a_day(world: World, invited: Message) -> Message:
    """The mail of another time that the invited person gets."""
    with world.db.writing() as session:
        meeting = session.scalars(
            sa.select(StageSession).where(StageSession.stage == "workshop_1", StageSession.group == "I")
        ).one()
        later = meeting.starts_at + timedelta(days=1)
        place = Text(et="Viljandi", en="Viljandi")
        sessions.move_session(world.season, session, meeting, later, later + timedelta(hours=7), place, world.now)
    return [m for m in world.messages("session_moved") if m.to_address == invited.to_address][-1]


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_a_button_of_the_time_before_is_answered_with_the_question_anew(
    world: World, invited: Message, partstat: str
) -> None:
    moved_by_a_day(world, invited)
    for pressed in (1, 2):
        raw = calendar_mail(world, invited, partstat, message_id=f"<stale{pressed}@example.org>")
        assert (take(world, invited, raw).outcome, expected(world, invited)) == ("outdated", None)
    first, again = (m for m in world.messages("session_invitation") if m.question_id == invited.question_id)
    assert "varasema aja kohta" in again.body and "varasema aja kohta" not in first.body
    assert (again.in_reply_to, again.auto_submitted) == ("<stale1@example.org>", "auto-replied")
    assert take(world, again, calendar_mail(world, again, partstat)).outcome == "accepted"
    moved_by_a_day(world, invited)
    take(world, again, calendar_mail(world, again, partstat, message_id="<stale3@example.org>"))
    assert len([m for m in world.messages("session_invitation") if m.question_id == invited.question_id]) == 3


@pytest.mark.parametrize(
    "how",
    [
        {"uid": "hoopis-muu@example.org"},
        {"method": "COUNTER"},
        {"partstat": "DELEGATED"},
        {"partstat": "NEEDS-ACTION"},
        {"method": "REQUEST", "uid": "muu@evil.example"},
        {"method": "CANCEL", "uid": "muu@evil.example"},
        {"method": "ADD", "uid": "muu@evil.example", "text": "JAH"},
    ],
    ids=lambda how: " ".join(f"{v}" for v in how.values()),
)
def test_other_words_of_calendars_are_shown_to_the_coordinator(
    world: World, invited: Message, how: dict[str, object]
) -> None:
    now = moved_by_a_day(world, invited)
    before, mails = digest(world), len(world.messages())
    letter = take(world, now, calendar_mail(world, now, str(how.pop("partstat", "ACCEPTED")), **how))  # type: ignore[arg-type]
    assert (letter.status, letter.outcome) == ("held", "calendar")
    assert (digest(world), len(world.messages())) == (before, mails)


def test_our_own_invitation_beside_a_persons_words_is_no_trouble(world: World, invited: Message) -> None:
    letter = take(world, invited, calendar_mail(world, invited, "NEEDS-ACTION", method="REQUEST", text="JAH, tulen."))
    assert letter.outcome == "accepted"
    assert expected(world, invited) == "yes"


def test_a_calendar_answers_with_a_robots_headers(world: World, invited: Message) -> None:
    raw = b"Precedence: bulk\r\nAuto-Submitted: auto-generated\r\n" + calendar_mail(world, invited, "DECLINED")
    assert take(world, invited, raw).outcome == "accepted"
    raw = b"Precedence: bulk\r\n" + calendar_mail(world, invited, "ACCEPTED", message_id="<cal2@example.org>")
    assert take(world, invited, raw).outcome == "accepted"
    assert expected(world, invited) == "yes"


def test_a_calendar_answer_to_another_question_is_held(world: World, invited: Message) -> None:
    _, person, address = world.asked("confirm_place")
    raw = calendar_mail(world, invited, "DECLINED").replace(invited.to_address.encode(), person.address.encode())
    before = digest(world)
    assert world.deliver(raw, address, sender=person.address).outcome == "calendar"
    assert digest(world) == before


# -- bounces ---------------------------------------------------------------------------------------------------


def report(
    to: str,
    address: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    about: str = "",
    words: str = "User unknown",
) -> bytes:
    """A delivery report (RFC 3464), with the mail it is about where `about` is its Message-ID."""
    returned = (
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {about}\r\nTo: {address}\r\n\r\nx\r\n" if about else ""
    )
    return (
        f"From: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Message-ID: <b1@mx.example.net>\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{words}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n{returned}--b--\r\n"
    ).encode()


def back(world: World, message: Message) -> str:
    return bounces.verp(str(message.id), SECRET, world.identity.domain)


@pytest.fixture
def offered(world: World) -> Crew:
    return world.apply().selected()


def offer(team: Crew) -> Message:
    return next(m for m in team.got("place_offer") if m.to_address == team.contact.address)


def test_an_address_that_is_none_is_marked_told_and_the_deputy_asked(world: World, offered: Crew) -> None:
    mail, deputy = offer(offered), offered.people()[1]
    letter = world.deliver(report(back(world, mail), mail.to_address), back(world, mail), sender="")
    assert (letter.status, letter.outcome, letter.team_id) == ("done", "bounce", offered.id)
    assert (offered.contact.address_state, len(alerts(world, "bounce"))) == ("dead", 1)
    assert offer(offered).status == "bounced"
    asked = [m for m in world.messages() if m.to_address == deputy.address and m.question_id == mail.question_id]
    assert [m.template for m in asked] == ["place_offer"], "who was asked already is not asked twice"
    offered.replies("confirm_place", "JAH", person=deputy.address)
    assert offered.state == "workshop_1"


def test_a_full_mailbox_is_noted_and_nobody_else_is_asked(world: World, offered: Crew) -> None:
    mail, mails = offer(offered), len(world.messages())
    raw = report(back(world, mail), mail.to_address, status="4.2.2", words="Mailbox full")
    assert world.deliver(raw, back(world, mail), sender="").outcome == "bounce"
    assert offered.contact.address_state == "failing"
    assert len([m for m in world.messages()[mails:] if m.template == "reminder"]) == 0


def test_a_dead_address_does_not_come_alive_by_a_softer_report(world: World, offered: Crew) -> None:
    mail = offer(offered)
    world.deliver(report(back(world, mail), mail.to_address), back(world, mail), sender="")
    raw = report(back(world, mail), mail.to_address, status="4.2.2", words="Mailbox full")
    world.deliver(raw.replace(b"<b1@", b"<b2@"), back(world, mail), sender="")
    assert offered.contact.address_state == "dead"
    assert len(alerts(world, "bounce")) == 1


def test_a_delayed_mail_has_not_failed(world: World, offered: Crew) -> None:
    mail, before, mails = offer(offered), digest(world), len(world.messages())
    raw = report(back(world, mail), mail.to_address, status="4.4.1", action="delayed", words="still trying")
    assert world.deliver(raw, back(world, mail), sender="").outcome == "delayed"
    assert (digest(world), len(world.messages()), offer(offered).status) == (before, mails, "queued")


def changed_nothing(world: World, mail: Message, before: str, mails: int) -> bool:
    with world.db.reading() as session:
        same = session.get_one(Message, mail.id).status == mail.status
    return same and digest(world) == before and len(world.messages()) == mails


def test_forged_and_foreign_reports_change_nothing(world: World, offered: Crew) -> None:
    mail = offer(offered)
    other = next(m for m in world.messages() if m.to_address != mail.to_address)
    before, mails = digest(world), len(world.messages())
    forged = f"b-{mail.id}-{'a' * 16}@{world.identity.domain}"
    good = back(world, mail)
    unknown = bounces.verp("987654", SECRET, world.identity.domain)
    tries = [
        (report(forged, mail.to_address), forged),
        (report(forged, mail.to_address, about=mail.message_id), forged),
        (report(unknown, mail.to_address), unknown),
        (report(back(world, other), mail.to_address, about=mail.message_id), back(world, other)),
        (report(world.identity.from_address, mail.to_address), world.identity.from_address),
        (report(world.identity.from_address, "x@example.org", about=mail.message_id), world.identity.from_address),
        (report(world.identity.from_address, mail.to_address, about="<x@example.org>"), world.identity.from_address),
        (report(good.replace("b-", "B-", 1)[:-40] + "@x.example", mail.to_address), "b-1@" + world.identity.domain),
    ]
    for n, (raw, to) in enumerate(tries):
        letter = world.deliver(raw.replace(b"<b1@", b"<b%d@" % (n + 10)), to, sender="")
        assert letter.outcome == "bounce_unknown", n
        assert changed_nothing(world, mail, before, mails), n
    assert len(tries) == 8


def test_a_report_on_an_address_that_was_corrected_since_marks_only_the_mail(world: World, offered: Crew) -> None:
    mail = offer(offered)
    with world.db.writing() as session:
        person = session.get_one(Person, mail.person_id)
        person.address = person.address_key = "uus.aadress@example.org"
    assert world.deliver(report(back(world, mail), mail.to_address), back(world, mail), sender="").outcome == "bounce"
    assert offer(replaced(offered, mail)).status == "bounced"
    assert offered.contact.address_state == "ok"
    assert alerts(world, "bounce") == []


def replaced(team: Crew, mail: Message) -> Crew:
    """The team, as if its contact still had the address that the mail went to."""
    with team.world.db.writing() as session:
        person = session.get_one(Person, mail.person_id)
        person.address = person.address_key = mail.to_address
    return team


def test_a_report_nobody_can_read_at_a_mails_own_address_is_shown(world: World, offered: Crew) -> None:
    mail = offer(offered)
    raw = (
        f"From: postmaster@mx.example.net\r\nTo: {back(world, mail)}\r\nSubject: Teade\r\n"
        "Message-ID: <n@mx.example.net>\r\nReturn-Path: <>\r\nAuto-Submitted: auto-generated\r\n\r\nMidagi juhtus.\r\n"
    ).encode()
    letter = world.deliver(raw, back(world, mail), sender="")
    assert letter.status in ("held", "done")
    assert letter.outcome in ("report", "bounce")
    assert letter.team_id == offered.id


def test_an_absence_note_at_a_mails_own_address_is_noted(world: World, offered: Crew) -> None:
    mail = offer(offered)
    before, mails = digest(world), len(world.messages())
    raw = plain(mail.to_address, back(world, mail), "Olen puhkusel.", "Auto-Submitted: auto-replied")
    letter = world.deliver(raw, back(world, mail), sender="")
    assert (letter.status, letter.outcome, letter.team_id) == ("done", "automatic", offered.id)
    assert changed_nothing(world, mail, before, mails)


# -- what is known at the door, and what every outcome means ---------------------------------------------------


def test_only_addresses_that_were_given_out_are_known_at_the_door(world: World, offered: Crew) -> None:
    _, _, address = world.asked("confirm_place")
    mail, domain = offer(offered), world.identity.domain
    good = [address, address.upper(), back(world, mail), world.identity.from_address]
    bad = [f"r-{'a' * 26}@{domain}", f"r-{'a' * 26}@elsewhere.example", f"b-{mail.id}-{'a' * 16}@{domain}",
           f"noreply@{domain}", "", "@", address.split("@")[0] + "@elsewhere.example"]  # fmt: skip
    assert [one for one in good if not world.inbox.known(world.db, one)] == []
    assert [one for one in bad if world.inbox.known(world.db, one)] == []


def test_ten_thousand_guesses_open_nothing(world: World, offered: Crew) -> None:
    """At the receiver's door, at the page's, and among return addresses: half of them near misses of true ones."""
    _, _, true = world.asked("confirm_place")
    secret, mail, domain = true[2:].partition("@")[0], offer(offered), world.identity.domain
    chance, letters_and_figures = Random(7), "abcdefghijklmnopqrstuvwxyz234567"
    door = Known(world.db, world.identity)
    assert door(true) and door(back(world, mail))

    def guess(n: int) -> str:
        word = [chance.choice(letters_and_figures) for _ in secret]
        return "".join(word) if n % 2 else secret[:-3] + "".join(word[-3:])

    def counted() -> list[int | None]:
        tables = Base.metadata.sorted_tables
        with world.db.reading() as session:
            return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]

    before, guesses = counted(), {guess(n) for n in range(10_500)} - {secret}
    assert len(guesses) >= 10_000
    assert [one for one in guesses if door(f"r-{one}@{domain}") or door(f"b-{mail.id}-{one[-16:]}@{domain}")] == []
    with world.db.reading() as session:
        assert [one for one in sorted(guesses)[:500] if queries.addressee_by_secret(session, one)] == []
    assert counted() == before, "and nothing is kept of them"


def test_every_reason_to_wait_is_said_in_both_languages() -> None:
    assert {"several", "cut", "sealed", "report", "misleading", "calendar"} <= HELD
    for key, says in held_letters.REASONS.items():
        assert len(key) <= 30
        assert says.et and says.en and says.et != says.en
