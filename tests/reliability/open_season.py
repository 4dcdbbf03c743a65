"""A season laid into an empty database with thousands of questions open, and who will answer each of them how.

Half of the teams have just applied (the contact is asked whether the address is right, the members whether they were
named rightly), half were given a place (contact and deputy are asked whether they take it). Every answer has exactly
one effect that the database must show afterwards. Must never use the service's own reading of answers: what follows
from a word stands here on its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from tests.builders import World
from tests.paths import ROOT
from tests.reliability.installation import KEY
from workflow.config.loader import load
from workflow.database.engine import Database
from workflow.database.models import Addressee, Person, Question, Team
from workflow.records.history import record
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.season import Actor
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys

PER_PAIR = 6
"""answers to a pair of teams: a contact's, three members', and both that a place is offered to"""
ROOM = {"capacity": 100_000, "size": 50_000, "automatic_answers_in_all": 1_000_000}
"""more than the harness needs of what the programme limits"""
STAGES = """
[[stages]]
key = "workshop_1"
kind = "workshop"
name = { et = "I töötuba", en = "Workshop I" }
trainers = ["maris"]

[stages.sessions."*"]
start = 2022-04-05T10:00:00
end = 2022-04-05T17:00:00
place = { et = "Tallinn", en = "Tallinn" }

[[stages]]
key = "final_seminar"
kind = "seminar"
name = { et = "Lõpuseminar", en = "Final seminar" }
trainers = ["maris"]

[stages.sessions."*"]
start = 2022-09-28T10:00:00
end = 2022-09-28T16:00:00
place = { et = "Tallinn", en = "Tallinn" }

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One person's answer to one question: `says` is yes or no; `by` is mail or form."""

    number: int
    question: int
    kind: str
    team: int
    person: int
    address: str
    secret: str
    says: str
    by: str


def config_file(folder: Path) -> Path:
    """The default programme with room for everybody and two stages without works: what is counted is counted fast."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition('[[stages]]\nkey = "workshop_1"')
    after = rest[rest.index("[[trainers]]") :]
    text = before + STAGES.lstrip() + after
    for key, value in ROOM.items():
        text, found = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        assert found, key
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def lay(db: Database, config: Path, now: datetime, pairs: int, chance: Random) -> list[Task]:
    """`pairs` teams of either sort; the answers to come, in the order in which they will be given."""
    db.migrate()
    world = World(db, load(config.read_text(encoding="utf-8"), {}), now, KeyedDigest.of(Keys(KEY)))
    tasks: list[Task] = []
    with db.writing() as session:
        for number in range(pairs):
            tasks += _just_applied(session, now, number, chance)
            tasks += _given_a_place(world, session, now, pairs + number, chance)
    chance.shuffle(tasks)
    return [_numbered(task, number) for number, task in enumerate(tasks)]


def _numbered(task: Task, number: int) -> Task:
    return Task(
        number=number, question=task.question, kind=task.kind, team=task.team, person=task.person,
        address=task.address, secret=task.secret, says=task.says, by=task.by,
    )  # fmt: skip


def _just_applied(session: Session, now: datetime, number: int, chance: Random) -> Iterator[Task]:
    team, people = _team(session, now, number, state="applied", verified_at=None, version=0)
    yield _asked(session, now, team, "verify", people[:1], chance, says="yes")[0]
    for person in people[1:]:
        says = "no" if chance.random() < 0.1 else "yes"
        yield _asked(session, now, team, "consent", [person], chance, says=says)[0]


def _given_a_place(world: World, session: Session, now: datetime, number: int, chance: Random) -> Iterator[Task]:
    team, people = _team(session, now, number, state="selected", verified_at=now, version=1)
    coordinator = Actor(who=Who.COORDINATOR, name="Koordinaator", via=Door.COMMAND)
    proof = {"group": team.group, "via": "laid"}
    record(session, team, "select", coordinator, now, source="applied", target="selected", proof=proof)
    yield from _asked(session, now, team, "confirm_place", people[:2], chance, says="yes")


def _team(session: Session, now: datetime, number: int, **given: object) -> tuple[Team, list[Person]]:
    values = {"group": "I" if number % 2 else "II"} if given["state"] == "selected" else {}
    team = Team(
        name=f"Meeskond {number}", home=f"Vald {number}", lang="et" if number % 3 else "en",
        state_since=now, applied_at=now, **values, **given,
    )  # fmt: skip
    session.add(team)
    session.flush()
    people = [
        Person(
            role="member", name=f"Inimene {number} {part}", address=f"i{number}.{n}@example.org",
            address_key=f"i{number}.{n}@example.org", address_state="ok", lang=team.lang, team_id=team.id,
            side="municipality" if n % 2 == 0 else "community", part=part, joined_at=now,
        )
        for n, part in enumerate(("contact", "deputy", "member", "member"))
    ]  # fmt: skip
    session.add_all(people)
    session.flush()
    contact = Actor(who=Who.CONTACT, name=people[0].name, person=people[0], via=Door.PUBLIC)
    record(session, team, "applied", contact, now)
    return team, people


def _asked(
    session: Session, now: datetime, team: Team, kind: str, people: list[Person], chance: Random, *, says: str
) -> list[Task]:
    key = f"consent:{people[0].id}" if kind == "consent" else f"{kind}:{team.id}"
    question = Question(
        key=key, kind=kind, team_id=team.id, about={}, asked_at=now,
        stage=team.state if kind == "confirm_place" else None, due_at=now + timedelta(days=3),
    )  # fmt: skip
    session.add(question)
    session.flush()
    found = []
    for person in people:
        secret = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
        session.add(Addressee(question_id=question.id, person_id=person.id, secret=secret))
        found.append(
            Task(
                number=0, question=question.id, kind=kind, team=team.id, person=person.id, address=person.address,
                secret=secret, says=says, by="form" if chance.random() < 0.15 else "mail",
            )
        )  # fmt: skip
    session.flush()
    return found
