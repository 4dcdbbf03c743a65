"""A season with a row of every kind in it, and people of every role: for the tests that go over all the routes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from werkzeug.routing import Rule

from tests.builders import Crew, World
from tests.season_snapshots import lived
from tests.web.conftest import Browser, Pages
from tests.web.office_season import mentored
from workflow.database.models import (
    Alert,
    File,
    HoursRow,
    Import,
    Letter,
    Mentorship,
    Message,
    MessageFile,
    Person,
    Question,
    RecoveryCode,
    ReportToken,
    SecondFactor,
    StageSession,
    WrittenFile,
    WrittenMail,
)
from workflow.records import queries

APRIL = datetime(2022, 4, 6, 16, 0, tzinfo=UTC)
COORDINATOR = "koordinaator@example.org"
READER = "lugeja@example.org"
STRANGE_SECRET = "b" * 26


@dataclass
class Season:
    """The pages, and two teams on their way: `mine` has a mentor, a work with a file, and hours; `other` too."""

    pages: Pages
    mine: Crew
    other: Crew
    mentor: Person

    def values(self) -> dict[str, Any]:
        """What stands in paths: rows that exist, of `mine` where they are a team's."""
        with self.pages.db.reading() as session:
            firsts = {
                name: session.scalar(sa.select(sa.func.min(table.id)))
                for name, table in {
                    "alert_id": Alert, "file_id": File, "number": File, "row_id": HoursRow, "letter_id": Letter,
                    "mentorship_id": Mentorship, "session_id": StageSession, "question_id": Question,
                    "mail_id": WrittenMail,
                }.items()
            }  # fmt: skip
            firsts["message_id"] = session.scalar(sa.select(sa.func.min(MessageFile.message_id)))
            factor = session.scalar(sa.select(sa.func.min(SecondFactor.id)))
        assert None not in firsts.values(), firsts
        contact = self.mine.contact
        return {
            **firsts, "team_id": self.mine.id, "person_id": self.mentor.id, "trigger": "withdraw", "name": "teams",
            "template": "verify", "filename": "teekond.css", "token": STRANGE_SECRET, "factor_id": factor or 1,
            "secret": self.pages.door("homework", team=self.mine.id).removeprefix("/q/"),
            "page": self.pages.world.identity.own_page(contact.id, contact.address_key), "alias_id": 1,
            "kind": "applications", "import_id": 1, "token_id": 1,
        }  # fmt: skip

    def address(self, role: str) -> str:
        programme = self.pages.world.season.programme
        known = {"coordinator": COORDINATOR, "reader": READER, "trainer": programme.trainers[0].address}
        return known.get(role) or self.mentor.address

    def visitor(self, who: str) -> Browser:
        """`anon`, `out` (with the cookie of a session that was ended), `half`, or a role."""
        browser = self.pages.browser()
        self.pages.world.now += timedelta(minutes=16)  # so that nobody asks too often
        if who == "anon":
            return browser
        if who == "half":
            browser.post("/signin", {"address": COORDINATOR})
            assert browser.post(self.pages.link()).headers["Location"] == "/signin/second"
            return browser
        signed_in = browser.sign_in(self.pages, self.address("coordinator" if who == "out" else who))
        assert signed_in.status_code == 303
        if who == "out":
            cookie = browser.client.get_cookie("session")
            assert cookie is not None
            browser.post("/signout")
            browser.client.set_cookie("session", cookie.value)
        return browser


def in_april(pages: Pages, names: tuple[str, str] = ("Võru", "Kose")) -> Season:
    world = pages.world
    mine, other, mentor = lived(world, _in_april, names)
    with pages.db.reading() as session:
        return Season(pages, Crew(world, mine), Crew(world, other), session.get_one(Person, mentor))


def _in_april(world: World, names: tuple[str, str]) -> tuple[int, int, int]:
    """Two teams confirmed, a session held, works handed in, hours reported, a letter that was not understood."""
    with world.db.writing() as session:
        session.add(
            Person(
                role="reader", key="lugeja", name="Liis Lugeja", address=READER, address_key=READER, lang="et",
                joined_at=world.now,
            )
        )  # fmt: skip
    mine, other = (world.apply(name).confirmed("I") for name in names)
    world.wait_until(APRIL)
    for crew in (mine, other):
        crew.replies("homework", "Siin see on.", person=crew.contact.address, files={"töö.pdf": b"%PDF-1.4 kaart"})
    mine.replies("rsvp", "Jah, aga kas ka koos koeraga?", person=mine.contact.address)
    mine.replies("rsvp", "LOOBUME", person=mine.contact.address)
    mentored(world, mine, 60)
    trainers = {one.address for one in world.season.programme.trainers}
    with world.db.writing() as session:
        mentor = next(one for one in queries.staff(session, "mentor") if one.address not in trainers)
        session.add(Mentorship(team_id=mine.id, person_id=mentor.id, stage="mentoring", since=world.now))
        code = RecoveryCode(person_id=mentor.id, code_hash="0" * 64, made_at=world.now)
        session.add_all([code, Alert(key="x", kind="quorum", says={"et": "Teade", "en": "Notice"}, at=world.now)])
        told = {"purpose": "Excel", "tables": "teams", "lang": "et", "made_at": world.now, "ends_at": world.now}
        session.add(ReportToken(token_hash="0" * 64, **told))
        session.add(Import(kind="guests", file="a.csv", sha256="0" * 64, made=[], left_out=0, at=world.now, via="page"))
        invited = session.scalar(sa.select(sa.func.min(Message.id)).where(Message.calendar.is_not(None)))
        file = {"name": "tunnistus.pdf", "media_type": "application/pdf", "content": b"%PDF"}
        session.add(MessageFile(message_id=invited, **file))
        at, by = {"created_at": world.now, "updated_at": world.now}, world.coordinator().person
        written = WrittenMail(name="kiri", author=by, body={"et": "Tere"}, **at)
        written.files = [WrittenFile(**file, size=4, sha256="0" * 64)]
        session.add(written)
        return mine.id, other.id, mentor.id


def path(rule: Rule, values: dict[str, Any]) -> str:
    """A path for the rule."""
    found = {name: values[name] for name in rule.arguments}
    built = rule.build(found)
    assert built is not None
    return built[1]
