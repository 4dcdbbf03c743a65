"""A coordinator's power is behind the sign-in and nowhere else; history says through which door a step came, and from
where."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from itertools import product
from typing import Any, Final

import pytest
import sqlalchemy as sa

from mail.composing.message_bytes import to_bytes
from mail.receiving.store import Arrival, store
from tests.builders import Crew, World
from tests.case_table import each
from tests.season_snapshots import confirmed, lived
from tests.web.conftest import Pages, build
from tests.web.office_season import COORDINATOR, at_the_desk, shown
from workflow.answering import held_letters
from workflow.database.engine import Database
from workflow.database.models import (
    Attendance,
    HistoryRow,
    HoursRow,
    Invitation,
    Letter,
    Mentorship,
    Message,
    Person,
    Question,
    Submission,
    Team,
)
from workflow.journey import moves
from workflow.privacy import erase_person
from workflow.records import open_questions, queries
from workflow.records.open_questions import Ask
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules import application
from workflow.rules.doors import POWER, Door, open_to
from workflow.rules.machine import Who
from workflow.rules.questions import KINDS, QuestionKind
from workflow.season import Actor
from workflow.text.bilingual import Text

HOME: Final = "192.0.2.7"
ROLES: Final = ("member", "trainer", "mentor", "coordinator")
SIGNED_IN: Final = {"page", "command"}
DECIDED_BY: Final[dict[str, str]] = {
    "verify": "anywhere", "consent": "anywhere", "confirm_place": "anywhere", "rsvp": "anywhere",
    "roll_call": "anywhere", "homework": "anywhere", "review": "anywhere", "hours": "anywhere",
    "hours_check": "anywhere", "presentation": "anywhere", "reflection": "anywhere", "approve": "signed in",
    "address": "anywhere", "poll": "anywhere",
}  # fmt: skip
"""written by hand: a new kind of question must be entered here"""


def doors(kind: str, role: str) -> set[str]:
    anywhere = DECIDED_BY[kind] == "anywhere" and role != "coordinator"
    return {door.value for door in Door} if anywhere else SIGNED_IN


@each("kind, role", product(QuestionKind, ROLES))
def test_each_kind_and_role_has_its_doors(kind: QuestionKind, role: str) -> None:
    assert {door.value for door in Door if open_to(kind, role, door)} == doors(kind, role)


def test_what_coordinators_are_asked_is_answered_signed_in() -> None:
    assert {kind.value for kind in KINDS} == set(DECIDED_BY)
    assert [kind.signed_in for kind in KINDS.values() if kind.asked_of == "coordinator"] == [True]
    assert {door.value for door in POWER} == SIGNED_IN


@each("door", set(Door) - POWER)
def test_nobody_acts_as_a_coordinator_through_another_door(door: Door) -> None:
    with pytest.raises(ValueError, match="nobody acts as a coordinator"):
        Actor(who=Who.COORDINATOR, name="Kati-Katri Koppel", via=door)


# -- every door there is, tried for everything that a coordinator may be asked ------------------------------------


def books(world: World) -> list[Any]:
    """What somebody's power could change: teams, questions, steps, hours, works, attendance, who is still there."""
    tables = (
        sa.select(Team.id, Team.state, Team.version, Team.group, Team.verified_at),
        sa.select(Question.id, Question.closed_at, Question.outcome, Question.answered_by_id),
        sa.select(HistoryRow.id), sa.select(HoursRow.id), sa.select(Mentorship.id, Mentorship.until),
        sa.select(Submission.id, Submission.status), sa.select(Attendance.id, Attendance.present),
        sa.select(Invitation.id, Invitation.expected),
        sa.select(Person.id, Person.left_at, Person.address),
    )  # fmt: skip
    with world.db.reading() as session:
        return [sorted(map(repr, session.execute(query))) for query in tables]


def asked_of_coordinator(world: World, crew: Crew) -> Iterator[tuple[QuestionKind, str]]:
    """Every kind of question, put to the coordinator: (kind, secret)."""
    for kind in QuestionKind:
        with world.db.writing() as session:
            team = session.get_one(Team, crew.id)
            asked = open_questions.ask(
                world.season,
                session,
                Ask(
                    kind=kind, key=f"tried:{kind}:{team.version}", people=(queries.staff(session, "coordinator")[0],),
                    template="reminder", team=team, stage="workshop_1",
                    about={"trigger": "withdraw", "version": team.version, "why": ""},
                    facts={"asked": Text(et="?", en="?"), "overdue": False},
                ),
                world.now,
            )  # fmt: skip
            yield kind, asked.addressees[0].secret


WORDS: Final = ("JAH", "EI: ei sobi", "KÕIK", "TAGASI: parandage", "2 h", "LOOBUME", "SEIS", "ABI")


def test_no_kind_of_question_lets_a_coordinator_decide_by_mail_or_behind_a_secret(pages: Pages) -> None:
    world, crew = pages.world, confirmed(pages.world, "Kose", "I")
    for kind, secret in list(asked_of_coordinator(world, crew)):
        before, domain = books(world), world.identity.domain
        for said in WORDS:
            letter = world.write(COORDINATOR, f"r-{secret}@{domain}", said, files={"a.pdf": b"%PDF-1.4 a"})
            assert (letter.status, letter.outcome, letter.readings) == ("held", "office", []), (kind, said)
            assert books(world) == before, (kind, said)
        for said in ("yes", "no", "all", "maybe", "return", "listed", "none", "take_back"):
            answer = pages.browser().post(f"/q/{secret}", {"answer": said, "text": "sest"})
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/office"), (kind, said)
            assert books(world) == before, (kind, said)
        told = [m for m in world.messages("sign_in_to_decide") if m.to_address == COORDINATOR]
        assert len([m for m in told if m.question_id == letter.question_id]) <= 1, kind
    assert world.messages("sign_in_to_decide") and not world.messages("read_back")


# -- what coordinators are mailed, and their replies --------------------------------------------------------------


def waiting(world: World) -> tuple[Crew, Message]:
    """A team that wants to leave, and the mail that tells the coordinator so."""
    crew = Crew(world, lived(world, _waiting))
    return crew, crew.got("approve")[0]


def _waiting(world: World) -> int:
    crew = world.apply("Kose").confirmed("I")
    world.send_all()
    crew.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=crew.contact.address)
    return crew.id


def reply(world: World, message: Message, text: str, *, sender: str = COORDINATOR, **more: str) -> Letter:
    """What a mail program writes to the mail's own bytes."""
    mail = message_from_bytes(to_bytes(message, world.identity))
    to = str(mail["Reply-To"] or mail["From"])
    address = to.rpartition("<")[2].rstrip(">")
    return world.write(sender, address, text, In_Reply_To=message.message_id, **more)


def test_the_mail_about_a_step_and_the_digest_carry_no_secret_and_lead_to_the_page(pages: Pages) -> None:
    crew, approve = waiting(pages.world)
    pages.world.wait(days=1)
    digest = pages.world.messages("digest")[-1]
    with pages.db.reading() as session:
        secrets = list(session.scalars(sa.text("select secret from addressees")))
    for message in (approve, digest):
        built = message_from_bytes(to_bytes(message, pages.world.identity))
        whole = "".join(str(p.get_payload(decode=True)) for p in built.walk() if not p.is_multipart()) + str(built)
        assert f"/office/team/{crew.id}/step/withdraw" in whole
        assert "/q/" not in whole and not [one for one in secrets if one in whole]


def test_a_coordinators_reply_is_kept_changes_nothing_and_is_answered_once(pages: Pages) -> None:
    world, (crew, approve) = pages.world, waiting(pages.world)
    before = books(world)
    for said in ("JAH", "Jah, kinnitan.", "EI: räägin enne", "mida arvad?", "SEIS", "LOOBUME"):
        letter = reply(world, approve, said)
        assert (letter.status, letter.outcome, letter.readings) == ("held", "office", []), said
    assert books(world) == before and crew.state == "workshop_1"
    (told,) = world.messages("sign_in_to_decide")
    assert f"/office/team/{crew.id}/step/withdraw" in told.body and told.auto_submitted == "auto-replied"
    assert reply(world, told, "JAH").outcome == "office"
    assert len(world.messages("sign_in_to_decide")) == 1
    page = at_the_desk(pages).get("/office/inbox")
    assert "mida arvad?" in page and "kirjaga ei otsustata midagi" in page and 'name="reading"' not in page


def test_a_reply_to_the_digest_is_answered_once_too(pages: Pages) -> None:
    world, (crew, _) = pages.world, waiting(pages.world)
    world.wait(days=1)
    digest = world.messages("digest")[-1]
    for said in ("Kose: jah", "Kose: jah, nagu ütlesin"):
        assert reply(world, digest, said).outcome == "office"
    (told,) = world.messages("sign_in_to_decide")
    assert "(<http://localhost:8080/office>)" in told.body and crew.state == "workshop_1"


@pytest.mark.parametrize("sender", ["keegi@example.org", "kose0@example.org"])
def test_whoever_has_the_mail_of_a_coordinator_is_not_answered(pages: Pages, sender: str) -> None:
    world, (crew, approve) = pages.world, waiting(pages.world)
    letter, mails = reply(world, approve, "JAH", sender=sender), len(world.messages())
    assert (letter.status, letter.outcome, letter.readings) == ("held", "office", [])
    assert crew.state == "workshop_1" and len(world.messages()) == mails
    assert not world.messages("sign_in_to_decide")


def test_a_letter_in_a_coordinators_name_offers_no_decision_in_the_inbox(pages: Pages) -> None:
    """Without thread or secret it belongs to no question: it must not become a button that decides either."""
    world, (crew, _) = pages.world, waiting(pages.world)
    letter = world.write(COORDINATOR, world.identity.from_address, "JAH")
    assert (letter.outcome, letter.readings) == ("heard", [])
    assert crew.state == "workshop_1"


def test_a_reading_kept_from_before_decides_nothing(pages: Pages) -> None:
    world, (crew, approve) = pages.world, waiting(pages.world)
    letter = reply(world, approve, "JAH")
    with world.db.writing() as session:
        who = queries.staff(session, "coordinator")[0]
        old = held_letters.Reading(approve.question_id or 0, who.id, Answer(kind=AnswerKind.YES))
        session.get_one(Letter, letter.id).readings = [old.as_json()]
    page = at_the_desk(pages).send(f"/office/letter/{letter.id}/read", reading="0")
    assert "Seda otsustatakse meeskonna lehel" in page and crew.state == "workshop_1"


def test_a_deep_link_survives_signing_in_with_its_second_step(pages: Pages) -> None:
    crew, _ = waiting(pages.world)
    step, browser = f"/office/team/{crew.id}/step/withdraw", pages.browser()
    asked = browser.get(step)
    assert asked.status_code == 303
    form = browser.get(asked.headers["Location"]).text
    then = form.partition('name="next" value="')[2].partition('"')[0]
    assert then == step
    browser.post("/signin", {"address": COORDINATOR, "next": then})
    link = pages.link()
    button = browser.get(link).text
    pages.phone(COORDINATOR)
    then = button.partition('name="next" value="')[2].partition('"')[0]
    entered = browser.post(link.partition("?")[0], {"next": then})
    assert entered.headers["Location"].startswith("/signin/second?next=")
    arrived = browser.second_step(pages, COORDINATOR, entered.headers["Location"])
    assert arrived.headers["Location"] == step
    assert browser.get(step).status_code == 200


def test_a_secret_link_of_before_leads_to_the_page_that_asks_for_signing_in(pages: Pages) -> None:
    crew, _ = waiting(pages.world)
    door, before = pages.door("approve"), pages.digest()
    answer = pages.browser().get(door)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/office/team/{crew.id}/step/withdraw")
    assert pages.browser().get(f"{door}/file/1").status_code == 303
    assert pages.digest() == before


# -- through which door, and from where ---------------------------------------------------------------------------


def last(crew: Crew) -> HistoryRow:
    return crew.history()[-1]


def mailed(world: World, kind: str, text: str, *, person: str, peer: str = HOME, via: str = "smtp") -> None:
    question, asked, to = world.asked(kind, person=person)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = asked.address, to, f"<{question.id}.{peer}@mail.example.org>"
    mail.set_content(text)
    arrival = Arrival(
        envelope_from=asked.address, recipients=(to,), raw=mail.as_bytes(), via=via, peer=peer
    )  # fmt: skip
    store(world.db, [arrival], world.now)
    world.inbox.handle_due(world.db, world.now)


def by_mail(pages: Pages) -> Crew:
    crew = pages.world.apply("Kose")
    mailed(pages.world, "verify", "JAH", person=crew.contact.address)
    assert last(crew).letter_id is not None
    return crew


def by_mail_over_ipv6(pages: Pages) -> Crew:
    crew = pages.world.apply("Kose")
    mailed(pages.world, "verify", "JAH", person=crew.contact.address, peer="2001:db8:1:2:3:4:5:6")
    return crew


def by_mailbox(pages: Pages) -> Crew:
    crew = pages.world.apply("Kose")
    mailed(pages.world, "verify", "JAH", person=crew.contact.address, peer="192.0.2.25", via="imap")
    return crew


def by_secret_form(pages: Pages) -> Crew:
    crew = pages.world.apply("Kose")
    pages.browser().post(pages.door("verify"), {"answer": "yes"}, environ_overrides={"REMOTE_ADDR": HOME})
    return crew


def by_page(pages: Pages) -> Crew:
    crew, desk = pages.world.apply("Kose").verified(), at_the_desk(pages)
    page = desk.get(f"/office/team/{crew.id}/step/select")
    desk.browser.post(
        f"/office/team/{crew.id}/step/select", {**shown(page), "do": "yes"}, environ_overrides={"REMOTE_ADDR": HOME}
    )
    return crew


def by_clock(pages: Pages) -> Crew:
    crew = pages.world.apply("Kose").confirmed("I")
    pages.world.wait_until(pages.world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    crew.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    pages.world.replies("roll_call", "kõik")
    pages.world.replies("review", "JAH", team=crew.id)
    return crew


def by_command(pages: Pages) -> Crew:
    crew = pages.world.apply("Kose", members=5)
    with pages.db.writing() as session:
        erase_person.forget(
            pages.world.season, session, crew.people()[4].address, pages.world.now, key=b"k", plain=lambda raw: ""
        )
    return crew


@pytest.mark.parametrize(
    ("act", "event", "via", "place"),
    [
        (by_mail, "verified", "mail", HOME),
        (by_mail_over_ipv6, "verified", "mail", "2001:db8:1:2::/64"),
        (by_mailbox, "verified", "mail", None),
        (by_secret_form, "verified", "link", HOME),
        (by_page, "select", "page", HOME),
        (by_clock, "advance", "clock", None),
        (by_command, "left", "command", None),
    ],
)
def test_history_says_through_which_door_a_step_came_and_from_where(
    pages: Pages, act: Callable[[Pages], Crew], event: str, via: str, place: str | None
) -> None:
    crew = act(pages)
    row = next(row for row in reversed(crew.history()) if row.event == event)
    assert (row.proof["via"], row.proof.get("place")) == (via, place)


def test_an_application_says_from_where_it_was_sent(sqlite_db: Database) -> None:
    pages = build(sqlite_db)
    with pages.db.writing() as session:
        rows = [
            {"name": f"Inimene {i}", "address": f"i{i}@example.org", "side": ("municipality", "community")[i % 2],
             "part": ("contact", "deputy", "member", "member")[i]}
            for i in range(4)
        ]  # fmt: skip
        typed = {"name": "Kose", "home": "Kose vald", "lang": "et", "wish_group": ""}
        typed |= {f.key: "Sest." for f in pages.world.season.programme.apply.fields}
        form, faults = application.check(pages.world.season.programme, typed, rows, pages.world.now)
        assert form is not None, faults
        team = moves.apply(pages.world.season, session, form, pages.world.now, place=HOME)
        (row,) = session.scalars(sa.select(HistoryRow).where(HistoryRow.team_id == team.id))
        assert row.proof == {"via": "public", "place": HOME}


def test_the_teams_page_tells_the_coordinator_the_door_and_the_place(pages: Pages) -> None:
    crew = by_page(pages)
    desk = at_the_desk(pages)
    page = desk.get(f"/office/team/{crew.id}")
    assert f"lehel, sisse logituna, aadressilt {HOME}" in page
    assert "on a page, signed in, from 192.0.2.7" in desk.get(f"/office/team/{crew.id}", "en")


def test_the_place_is_erased_with_the_person(pages: Pages) -> None:
    crew = by_secret_form(pages)
    with pages.db.writing() as session:
        erase_person.forget(
            pages.world.season, session, crew.contact.address, pages.world.now, key=b"k", plain=lambda raw: ""
        )
    row = next(row for row in crew.history() if row.event == "verified")
    assert {name: value for name, value in row.proof.items() if name != "rests"} == {"via": "link", "rule": "form"}
