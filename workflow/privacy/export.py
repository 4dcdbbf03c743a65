"""Data export for one person (GDPR articles 15 and 20): JSON, and files beside it.

Made from the register, so that a new table is in it as soon as it is declared. Reads only.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.settings import Retention
from workflow.database.models import Person, Team
from workflow.privacy import find_person
from workflow.privacy.categories import GROUNDS, HeldColumns, Someone
from workflow.privacy.erase_rows import PersonWords
from workflow.privacy.record_page import period
from workflow.privacy.register import REGISTER
from workflow.records import masking

ENDING: Final = {("letters", "raw"): ".eml", ("messages", "calendar"): ".ics", ("message_files", "content"): ".pdf"}
AROUND: Final = 60
"""characters shown on each side of a place where others speak of the person"""


@dataclass(frozen=True, slots=True)
class PersonData:
    """`told` becomes person-data.json; `files` lie beside it, by their path."""

    told: dict[str, Any]
    files: dict[str, bytes]

    def write(self, folder: Path) -> Path:
        """Lay all of it into a folder that only its owner reads; returns the JSON's path."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        index = folder / "person-data.json"
        index.write_text(json.dumps(self.told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return index


def gather(session: Session, address: str, rules: Retention, now: datetime) -> PersonData | None:
    """All rows that are this person's own, and the places where others speak of them, without the secrets in them;
    None where nothing is held."""
    who = find_person.find(session, address)
    if not find_person.is_known(session, who):
        return None
    files: dict[str, bytes] = {}
    told = {
        "address": address,
        "made_at": now.isoformat(),
        "teams": [_plain(row, files, "teams") for row in _teams(session, who)],
        "data": [section for held in _own() if (section := _section(session, held, who, rules, files))],
        "spoken_of": list(_spoken_of(session, who)),
    }
    return PersonData(masking.out_of(session, told), files)


def _own() -> Iterator[HeldColumns]:
    """One entry a table: its rows are told whole."""
    seen = set()
    for held in REGISTER:
        if held.whose is not None and (held.table.name, id(held.whose)) not in seen:
            seen.add((held.table.name, id(held.whose)))
            yield held


def _teams(session: Session, who: Someone) -> list[Any]:
    columns = [Team.__table__.c[name] for name in ("id", "name", "home", "state", "state_since", "applied_at")]
    query = sa.select(*columns).where(Team.id.in_(sa.select(Person.team_id).where(Person.id.in_(who.ids))))
    return list(session.execute(query).mappings())


def _section(
    session: Session, held: HeldColumns, who: Someone, rules: Retention, files: dict[str, bytes]
) -> dict[str, Any] | None:
    assert held.whose is not None
    rows = session.execute(sa.select(held.table).where(held.whose(who))).mappings().all()
    if not rows:
        return None
    ground = GROUNDS[held.purpose]
    return {
        "table": held.table.name,
        "what": held.what.as_dict(),
        "purpose": ground.purpose.as_dict(),
        "basis": ground.basis.as_dict(),
        "kept": period(held.keep, rules).as_dict(),
        "rows": [_plain(row, files, held.table.name) for row in rows],
    }


def _plain(row: Any, files: dict[str, bytes], table: str) -> dict[str, Any]:
    """A row as JSON takes it; bytes become a file, and its path stands in their place."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, bytes):
            path = f"{table}/{row['id']}-{name}{ENDING.get((table, name), '')}"
            files[path] = value
            found[name] = path
        else:
            found[name] = value.isoformat() if isinstance(value, date | datetime) else value
    return found


def _spoken_of(session: Session, who: Someone) -> Iterator[dict[str, Any]]:
    """Where others name them: the place and the words around it, the rest is the others' own."""
    words = PersonWords.of(who, "")
    for held in REGISTER:
        table, key = held.table, next(iter(held.table.primary_key))
        columns = [table.c[name] for name in held.columns if isinstance(table.c[name].type, sa.String | sa.JSON)]
        own = held.whose(who) if held.whose else sa.false()
        theirs = sa.not_(sa.func.coalesce(own, sa.false()))
        for row in session.execute(sa.select(key, *columns).where(theirs)).mappings():
            for column in columns:
                value = row[column.name]
                said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                if match := words.pattern.search(said):
                    around = said[max(0, match.start() - AROUND) : match.end() + AROUND]
                    yield {"table": table.name, key.name: row[key.name], "column": column.name, "words": around}
