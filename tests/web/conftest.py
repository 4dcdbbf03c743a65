"""A whole set of pages over a real database, the real composer and a clock that stands where it is put."""

import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from mail.handling import reply_text
from tests.builders import FEBRUARY, World, config
from web.app import DemoPowers, Web, create_app
from web.sign_in import sealed_secrets, totp
from workflow.config.loader import Config
from workflow.database.engine import Database
from workflow.database.models import Addressee, Base, Person, Question, SecondFactor
from workflow.journey.submissions import Upload
from workflow.privacy.erasure_preview import Means
from workflow.security.keys import Keys
from workflow.sign_in import links

KEY = "0123456789abcdef0123456789abcdef"


def no_uploads(raw: bytes) -> Sequence[Upload]:
    raise AssertionError("a page reads a letter")


@dataclass
class Browser:
    """A browser without JavaScript: it keeps cookies and sends a form with the token it was given."""

    client: FlaskClient

    def get(self, path: str, **rest: Any) -> TestResponse:
        return self.client.get(path, **rest)

    def post(self, path: str, data: dict[str, Any] | None = None, **rest: Any) -> TestResponse:
        return self.client.post(path, data={"csrf": self.token(), **(data or {})}, **rest)

    def token(self) -> str:
        page = self.client.get("/signin?next=/").text
        return page.partition('name="csrf" value="')[2].partition('"')[0]

    def sign_in(self, pages: "Pages", address: str) -> TestResponse:
        """The way people do it: ask, take the link out of the mail, press its button; then a code, where one is due."""
        self.post("/signin", {"address": address})
        answer = self.post(pages.link())
        if not answer.headers.get("Location", "").startswith("/signin/second"):
            return answer
        return self.second_step(pages, address, answer.headers["Location"])

    def second_step(self, pages: "Pages", address: str, path: str) -> TestResponse:
        """Types the code that one's phone shows."""
        then = path.partition("?next=")[2].replace("%2F", "/")
        return self.post("/signin/second/code", {"code": pages.phone(address).code(), "next": then})


@dataclass
class Phone:
    """An app that shows codes, at the world's own time; it never shows one twice."""

    world: World
    key: str
    last: int = 0

    def code(self) -> str:
        self.last = max(self.last + 1, int(self.world.now.timestamp()) // totp.STEP - 1)
        return pyotp.TOTP(self.key).at(self.last * totp.STEP)


@dataclass
class Pages:
    """The application, and the world behind it."""

    world: World
    app: Flask
    phones: dict[str, Phone] = field(default_factory=dict)
    """of those who sign in with a second factor, by their addresses"""

    @property
    def db(self) -> Database:
        return self.world.db

    def browser(self) -> Browser:
        return Browser(self.app.test_client())

    def digest(self) -> str:
        """One figure of everything in every table."""
        with self.db.reading() as session:
            rows = [
                sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
                for table in Base.metadata.sorted_tables
            ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def link(self) -> str:
        """The path of the latest sign-in link, once the worker has mailed it."""
        links.post_links(self.world.season, self.db, self.world.now)
        body = self.world.source(self.world.messages("sign_in")[-1])
        found = re.search(r"/signin/[\w?=/-]+", body)
        assert found is not None, body
        return found[0]

    def phone(self, address: str) -> Phone:
        """Somebody's phone; it was set up in earlier days, again where that was undone."""
        seed = hashlib.sha256(address.encode()).hexdigest()
        if address not in self.phones:
            self.phones[address] = Phone(self.world, sealed_secrets.made_from(seed, KEY))
        with self.db.writing() as session:
            person = session.scalars(sa.select(Person).where(Person.address == address)).first()
            assert person is not None, address
            if session.scalars(sa.select(SecondFactor).where(SecondFactor.seed == seed)).first() is None:
                session.add(
                    SecondFactor(person_id=person.id, kind="totp", label="phone", seed=seed, made_at=self.world.now)
                )
        return self.phones[address]

    def door(self, kind: str, *, team: int | None = None, person: str | None = None) -> str:
        """The path of the latest question of a kind."""
        query = sa.select(Addressee.secret).join(Addressee.question).join(Addressee.person)
        query = query.where(Question.kind == kind).order_by(Addressee.id.desc())
        query = query.where(Person.address == person) if person else query
        query = query.where(Question.team_id == team) if team else query
        with self.db.reading() as session:
            return f"/q/{session.scalars(query).first()}"

    def question(self, path: str) -> Question:
        with self.db.reading() as session:
            found = session.scalars(sa.select(Addressee).where(Addressee.secret == path.removeprefix("/q/"))).one()
            question = session.get_one(Question, found.question_id)
            session.expunge(question)
            return question


def build(
    db: Database,
    *,
    demo: Callable[[World], DemoPowers] | None = None,
    base_url: str = "http://localhost:8080",
    settings: dict[str, Any] | None = None,
    changes: dict[str, str] | None = None,
    own: Config | None = None,
    now: datetime = FEBRUARY,
) -> Pages:
    """own: of another programme than the default one."""
    world, numbers = World(db, own or config(changes), now), itertools.count()
    web = Web(
        db=db,
        season=world.season,
        composer=world.composer,
        settings=world.config.service.model_copy(update={"base_url": base_url, **(settings or {})}),
        now=lambda: world.now,
        keys=Keys(KEY),
        token=lambda: hashlib.sha256(f"token {next(numbers)}".encode()).hexdigest()[:32],
        read_uploads=no_uploads,
        rights=Means(key=KEY.encode(), plain=reply_text.words, note=lambda marks: None),
        demo=demo(world) if demo else None,
    )
    app = create_app(web)
    app.jinja_env.bytecode_cache = COMPILED
    return Pages(world, app)


class Known(Rule):
    """An address compiled by an earlier test: that takes half the time of making an application."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = tuple(self._trace), repr(self.defaults), append_unknown
        if key not in BUILDERS:
            BUILDERS[key] = super()._compile_builder(append_unknown)
        return BUILDERS[key]


BUILDERS: dict[Any, Callable[..., tuple[str, str]]] = {}
Flask.url_rule_class = Known


class Compiled(BytecodeCache):
    """Templates compiled by an earlier test: each test has an application of its own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture
def pages(sqlite_db: Database) -> Pages:
    return build(sqlite_db)
