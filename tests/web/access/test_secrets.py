"""No secret link or address stands where a page, a search, an export or the log could show it, in any spelling.

A season plants every kind of secret there is and lets people quote them as mail programs do; then everything that can
be looked at is looked at, as everybody who may.
"""

import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote

import pytest
import sqlalchemy as sa
from flask import request
from werkzeug.test import TestResponse

from mail.composing import message_bytes
from service.logs import Lines
from tests.web.conftest import Pages
from tests.web.full_season import READER, in_april
from tests.web.public.test_drafts import begun
from tests.web.public.test_programme import form_token
from workflow.coordinator import adjustments
from workflow.database.models import Addressee, Alert, Base, File, LatePass, Letter, Message, Person, StageSession, Team
from workflow.privacy import export
from workflow.security.spelled_secrets import MASK

DOORS = {("addressees", "secret"), ("late_passes", "secret"), ("letters", "raw"), ("letters", "recipients")}
"""columns that hold secrets, so that letters find their question: no page shows them, no search looks into them"""
SEARCHES = ("/office/outbox?q={}", "/office/inbox?show=all&q={}", "/office/people?q={}", "/office/board?q={}")


def bare(words: str) -> str:
    """Letters and digits alone, decoded until nothing is left to decode: no spelling hides a secret here."""
    while (decoded := unquote(words)) != words:
        words = decoded
    return re.sub(r"[^a-z0-9]", "", words.lower())


class Planted:
    """A season in which every kind of secret was given out and quoted."""

    def __init__(self, pages: Pages) -> None:
        self.season = in_april(pages)
        self.pages, self.world = pages, pages.world
        self._late_pass_and_draft()
        for who in ("coordinator", "reader", "trainer", "mentor"):  # each is mailed a link to sign in
            self.season.visitor(who)
        self.secrets = {kind: sorted(set(found)) for kind, found in self._given_out()}
        self._quote()
        self.secrets = {kind: sorted(set(found)) for kind, found in self._given_out()}

    def _late_pass_and_draft(self) -> None:
        world, later = self.world, self.world.now + timedelta(days=9)
        now = world.season.programme.apply.closes_at - timedelta(days=1)
        with world.db.writing() as session:
            given = adjustments.issue_pass(world.season, session, "hiline@example.org", "", later, "et", world.now)
            assert isinstance(given, LatePass)
        before, world.now = world.now, now
        browser = self.pages.browser()
        assert browser.post("/apply", begun(form=form_token(browser))).status_code == 303
        world.now = before

    def _given_out(self) -> Iterator[tuple[str, list[str]]]:
        """What opens something, as its addressee has it."""
        with self.world.db.reading() as session:
            yield "question", list(session.scalars(sa.select(Addressee.secret)))
            yield "late pass", list(session.scalars(sa.select(LatePass.secret)))
            messages = session.scalars(sa.select(Message)).all()
            sources = {message.id: self.world.source(message) for message in messages}
            for kind, looks in (("sign-in", r"/signin/([a-z0-9]{26})"), ("draft", r"/apply/draft/([a-z0-9]{26})")):
                yield kind, [found for source in sources.values() for found in re.findall(looks, source)]
            returns = [message_bytes.envelope_from(message, self.world.identity) for message in messages]
            yield "return address", [one.partition("@")[0].rpartition("-")[2] for one in returns]

    def links(self) -> Iterator[str]:
        """Secrets as they stand in our mails."""
        address = self.world.identity.reply_address(self.secrets["question"][0])
        yield from (address, f"http://localhost:8080/q/{self.secrets['question'][1]}")
        yield f"http://localhost:8080/apply?pass={self.secrets['late pass'][0]}"
        yield f"http://localhost:8080/signin/{self.secrets['sign-in'][0]}?next=/office"
        yield f"http://localhost:8080/apply/draft/{self.secrets['draft'][0]}"
        with self.world.db.reading() as session:
            message = session.scalars(sa.select(Message).order_by(Message.id)).first()
            assert message is not None
            yield message_bytes.envelope_from(message, self.world.identity)

    def _quote(self) -> None:
        """Letters that quote them, to the question they belong to, to nobody, and from a machine; and forms."""
        mine, world = self.season.mine, self.world
        safe = [f"https://safelinks.example.net/?url={quote(one, safe='')}&data=x" for one in self.links()]
        spelled = [*self.links(), *map(str.upper, self.links()), *safe, *(quote(one, safe="") for one in safe)]
        spelled += [f"{one[:-30]}\n{one[-30:]}" for one in self.links()]
        said = "Jah, aga vaata siia:\n" + "\n\n".join(spelled)
        quoted = said.replace("\n", "\n> ")
        contact = mine.contact.address
        mine.replies("rsvp", said, person=contact)
        mine.replies("rsvp", f"EI\n\nOn 1 April 2022, Koosloome wrote:\n> {quoted}", person=contact)
        mine.replies("homework", f"{said}\n\nSiin on meie töö teine versioon, kaart ja nimekiri.", person=contact)
        address = next(self.links())
        world.write("voo@example.org", world.identity.from_address, said, subject=f"Fwd: {address} {spelled[1]}")
        world.write("voo@example.org", address, "Olen puhkusel", Auto_Submitted="auto-replied", X_Note=address)
        world.write(address, world.identity.from_address, "Tere")
        form = {"answer": "no", "comment": said, "text": said, "why": said}
        browser = self.pages.browser()
        for kind in ("hours_check", "review", "homework"):
            try:
                browser.post(self.pages.door(kind), form)
            except AssertionError:
                continue

    def everywhere(self, role: str) -> Iterator[tuple[str, TestResponse]]:
        """Every page, file and frame there is for this role, each with every row that it can be about."""
        browser = self.season.visitor(role)
        values: dict[str, list[object]] = {
            name: [value] for name, value in self.season.values().items() if name != "secret"
        }
        with self.world.db.reading() as session:
            for name, table in {
                "letter_id": Letter, "message_id": Message, "team_id": Team, "person_id": Person, "file_id": File,
                "alert_id": Alert, "session_id": StageSession,
            }.items():  # fmt: skip
                values[name] = list(session.scalars(sa.select(table.id).order_by(table.id.desc()).limit(40)))
        values["name"] = ["teams", "people", "hours", "attendance"]
        for rule in self.pages.app.url_map.iter_rules():
            room = rule.endpoint.partition(".")[0]
            if "GET" not in (rule.methods or ()) or room in {"door", "own_details", "demo", "static"}:
                continue
            if rule.endpoint in {"office.inbox.raw", "signin.leave"} or "secret" in rule.arguments:
                continue
            (name,) = rule.arguments if len(rule.arguments) == 1 else (None,)
            for value in values.get(name or "", [None]) if name else [None]:
                found = {one: values[one][0] for one in rule.arguments} | ({name: value} if name else {})
                built = rule.build(found)
                assert built is not None
                yield f"{role} {built[1]}", browser.get(built[1])


@pytest.fixture
def planted(pages: Pages, caplog: pytest.LogCaptureFixture) -> Planted:
    caplog.set_level(logging.DEBUG)
    return Planted(pages)


def shown(answer: TestResponse) -> str:
    """What the answer says, out of its compressed parts too."""
    data = answer.get_data()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            data = b"\n".join(packed.read(name) for name in packed.namelist() if not name.endswith(".eml"))
    return f"{data.decode('utf-8', 'replace')} {answer.headers}"


def found_in(words: str, secrets: dict[str, list[str]]) -> list[str]:
    plain = bare(words)
    return [f"{kind} {secret}" for kind, each in secrets.items() for secret in each if secret in plain]


def test_no_column_beside_the_doors_own_holds_a_secret(planted: Planted) -> None:
    assert all(planted.secrets.values()), {kind: len(each) for kind, each in planted.secrets.items()}
    leaks = []
    with planted.world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.text.contains(MASK)))
        for table in Base.metadata.sorted_tables:
            for row in session.execute(sa.select(table)).mappings():
                for column, value in row.items():
                    if (table.name, column) in DOORS or value is None or isinstance(value, int):
                        continue
                    words = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    leaks += [f"{table.name}.{column}: {one}" for one in found_in(words, planted.secrets)]
    assert leaks == []


@pytest.mark.parametrize("role", ["anon", "reader", "trainer", "mentor", "coordinator"])
def test_no_page_file_or_export_shows_one(planted: Planted, role: str) -> None:
    secrets, seen = dict(planted.secrets), 0
    if role in ("trainer", "mentor"):  # their page leads to their own questions, and to nobody else's
        with planted.world.db.reading() as session:
            own = set(session.scalars(_secrets_of(planted.season.address(role))))
        secrets["question"] = [one for one in secrets["question"] if one not in own]
    for where, answer in planted.everywhere(role):
        assert found_in(shown(answer), secrets) == [], where
        seen += answer.status_code == 200
    assert seen > (80 if role in ("reader", "coordinator") else 4)


def _secrets_of(address: str) -> sa.Select[str]:
    return sa.select(Addressee.secret).join(Addressee.person).where(Person.address_key == address)


def test_no_search_tells_whether_a_secret_begins_so(planted: Planted) -> None:
    reader = planted.season.visitor("reader")
    for kind, each in planted.secrets.items():
        for before in ("", "/q/", "r-", "pass=", "/signin/", "/apply/draft/"):
            for search in SEARCHES:
                found = [reader.get(search.format(quote(before + some))) for some in (each[0][:6], "zqzqzq")]
                rows = {len(re.findall(r"<tr|<article|<li", page.text)) for page in found}
                assert len(rows) == 1, (kind, before, search)


def test_no_copy_of_somebodys_data_and_no_log_holds_one(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    with planted.world.db.reading() as session:
        for address in session.scalars(sa.select(Person.address).where(Person.left_at.is_(None))):
            held = export.gather(session, address, planted.pages.world.season.retention, planted.world.now)
            assert held is not None and found_in(json.dumps(held.told), planted.secrets) == [], address
    for _ in planted.everywhere("reader"):
        pass
    assert caplog.records
    written = "\n".join(map(Lines().format, caplog.records))
    assert found_in(written, planted.secrets) == []


def test_its_addressee_gets_the_real_link_and_address(planted: Planted) -> None:
    world = planted.world
    for message in world.messages():
        wire = message_bytes.to_bytes(message, world.identity).replace(b"=\r\n", b"")
        assert b"own-link" not in wire, message.template
        if message.addressee is not None:
            assert f"Reply-To: {world.identity.from_name} <r-{message.addressee.secret}@".encode() in wire


def test_readers_see_the_same_lists_and_no_control(planted: Planted) -> None:
    reader, coordinator = planted.season.visitor("reader"), planted.season.visitor("coordinator")
    for where, row in (
        ("/office/outbox", "<tr>"), ("/office/inbox?show=all", "<tr>"), ("/office/people", "<tr>"),
        ("/office/mentoring", "<article"), ("/office/calendar", "<li"),
        (f"/office/team/{planted.season.mine.id}", '<li class="past'),
    ):  # fmt: skip
        rows = [page.get(where).text.count(row) for page in (reader, coordinator)]
        assert rows[0] == rows[1] > 1, (where, rows)


def test_every_link_that_a_reader_is_shown_opens(planted: Planted) -> None:
    reader, tried = planted.season.visitor("reader"), set[str]()
    for where, answer in planted.everywhere("reader"):
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        if not where.startswith("reader /office"):
            continue
        posts = [form for form in re.findall(r"<form[^>]*>", answer.text) if 'method="post"' in form]
        assert all("data-own" in form for form in posts), (where, posts)
        for link in set(re.findall(r'(?:href|src)="(/[^"#]*)', answer.text)) - tried:
            tried.add(link)
            assert reader.get(link.replace("&amp;", "&")).status_code != 403, (where, link)
    assert len(tried) > 60


def test_readers_see_the_teams_to_choose_from_side_by_side(pages: Pages) -> None:
    world = pages.world
    with world.db.writing() as session:
        session.add(
            Person(
                role="reader", key="lugeja", name="Liis Lugeja", address=READER, address_key=READER, lang="et",
                joined_at=world.now,
            )
        )  # fmt: skip
    teams = [world.apply(name).verified().id for name in ("Rõuge", "Setomaa")]
    with world.db.writing() as session:
        team = session.get_one(Team, teams[0])
        team.rank, team.provisional, team.provisional_group, team.note = 7, "select", "I", "Väga hea mõte"
    reader = pages.browser()
    assert reader.sign_in(pages, READER).status_code == 303
    page = reader.get("/office/selection").text
    assert page.count("<tr") == 3 and "<td" in page and 'method="post" action="/office' not in page
    assert re.search(r"Järk: </span>7<", page)
    beside = reader.get(f"/office/selection/compare?team={teams[0]}&team={teams[1]}").text
    assert "Rõuge" in beside and "Setomaa" in beside and "Väga hea mõte" in beside and "<textarea" not in beside
    assert not re.search(r"<(?:input|select|button)[^>]*name=\"(?:note|rank|decision|do)", page + beside)


def test_no_view_gets_a_secret_that_somebody_typed_into_a_form(planted: Planted) -> None:
    """Whatever a form is for: what was typed is kept, mailed, exported and read by others."""
    app = planted.pages.app
    people = [planted.season.visitor(role) for role in ("mentor", "trainer", "coordinator")]
    got: dict[str, str] = {}

    def recorded(endpoint: str, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def told(**_: Any) -> str:
            got[endpoint] = json.dumps([request.form.getlist(name) for name in ("name", "why", "motivation-0")])
            return ""

        return told

    values = planted.season.values()
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    asked = [rule for rule in rules if not rule.endpoint.startswith(("demo.", "signin.", "second."))]
    for rule in asked:
        app.view_functions[rule.endpoint] = recorded(rule.endpoint, app.view_functions[rule.endpoint])
    why, other = "\n".join(planted.links()), ["Hea küll", "a@example.org"]
    typed = {"name": next(planted.links()), "why": why, "motivation-0": other}
    for rule in asked:
        built = rule.build({name: values.get(name, 1) for name in rule.arguments})
        assert built is not None
        for browser in people:
            browser.post(built[1], typed)
    assert got.keys() == {rule.endpoint for rule in asked}
    for endpoint, form in got.items():
        assert found_in(form, planted.secrets) == [] and MASK in json.loads(form)[0][0], endpoint
        assert json.loads(form)[2] == typed["motivation-0"]
