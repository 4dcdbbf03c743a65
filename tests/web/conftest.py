"""A whole set of pages over a real database, the real composer and a clock that stands where it is put."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mail.compose import Composer
from mail.identity import Identity
from web.app import Demo, Web, create_app
from workflow import journey, programme
from workflow.database import Database
from workflow.machine import Machine
from workflow.models import Addressee, Base, Letter, Message, Person, Question, Team
from workflow.season import Season
from workflow.works import Upload

ROOT = Path(__file__).resolve().parents[2]
CONFIG = programme.load((ROOT / "config.toml").read_text(encoding="utf-8"), {})
KEY = "0123456789abcdef0123456789abcdef"
START = datetime(2022, 2, 10, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Says what it was set to."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Secrets:
    """Tokens that are all different and always the same."""

    numbers: Iterator[int] = field(default_factory=count)

    def __call__(self) -> str:
        return sha256(f"secret {next(self.numbers)}".encode()).hexdigest()[:32]


def no_uploads(letter: Letter) -> Sequence[Upload]:
    return ()


@dataclass
class Pages:
    """The application with what a test needs to look behind it."""

    db: Database
    clock: Clock
    season: Season
    web: Web
    app: Any

    def client(self) -> "Browser":
        return Browser(self.app.test_client())

    def digest(self) -> str:
        """One figure of everything in every table."""
        with self.db.reading() as session:
            rows = [
                [tuple(row) for row in session.execute(sa.select(table).order_by(*table.primary_key.columns))]
                for table in Base.metadata.sorted_tables
            ]
        return sha256(repr(rows).encode()).hexdigest()

    def act(self, do: Callable[[Any], Any]) -> Any:
        with self.db.writing() as session:
            return do(session)

    def mails(self, template: str) -> list[Message]:
        with self.db.reading() as session:
            found = list(session.scalars(sa.select(Message).where(Message.template == template).order_by(Message.id)))
            session.expunge_all()
            return found

    def secret(self, kind: str, person: str | None = None) -> str:
        """The secret address of a person's question of that kind."""
        query = sa.select(Addressee.secret).join(Question).join(Person).where(Question.kind == kind)
        query = query.where(Person.name == person) if person else query
        with self.db.reading() as session:
            return session.scalars(query.order_by(Addressee.id.desc())).first() or ""

    def team(self) -> Team:
        with self.db.reading() as session:
            team = session.scalars(sa.select(Team).order_by(Team.id.desc())).first()
            assert team is not None
            session.expunge_all()
            return team


@dataclass
class Browser:
    """A browser without JavaScript: it keeps cookies and sends a form with the token it was given."""

    client: FlaskClient

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, seen: str = "/signin", **kwargs: Any
    ) -> TestResponse:
        return self.client.post(path, data={"csrf": self.token(seen), **(data or {})}, **kwargs)

    def token(self, seen: str = "/signin") -> str:
        page = self.client.get(seen).text
        return page.partition('name="csrf" value="')[2].partition('"')[0]


def build(db: Database, demo: Demo | None = None, *, base_url: str = "http://localhost:8080") -> Pages:
    clock, secrets = Clock(), Secrets()
    composer = Composer(
        ROOT / "templates" / "email", CONFIG.programme, Identity.of(CONFIG.programme, CONFIG.service, KEY.encode())
    )
    season = Season(
        programme=CONFIG.programme, machine=Machine(CONFIG.programme), post=composer, secret=secrets, base_url=base_url
    )
    web = Web(
        db=db,
        season=season,
        composer=composer,
        settings=CONFIG.service.model_copy(update={"base_url": base_url}),
        now=clock,
        secret_key=KEY,
        token=secrets,
        read_uploads=no_uploads,
        demo=demo,
    )
    with db.writing() as session:
        journey.open_season(season, session, clock())
    return Pages(db, clock, season, web, create_app(web))


@pytest.fixture
def pages(sqlite_db: Database) -> Pages:
    return build(sqlite_db)
