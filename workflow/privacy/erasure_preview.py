"""Forgetting a person from a page: shown first, then exactly that, with who decided it and why.

The same act as the command's (`workflow/privacy/erase_person.py`). Whoever decided, and the reason without the person's
name, is told to every coordinator and stays with what they were told. Acts in the caller's writing transaction.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Text
from workflow.database.engine import Database
from workflow.database.models import Person
from workflow.privacy import erase_person as erasure
from workflow.privacy import find_person as someone
from workflow.privacy.erase_person import Forgotten
from workflow.privacy.erase_rows import Plain, Words
from workflow.records.history import alert
from workflow.season import Season

log = logging.getLogger("teekond")

LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What it takes of the installation. `note` keeps the list of the erased outside the database, durably."""

    key: bytes
    plain: Plain
    note: Callable[[Mapping[str, datetime]], None]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be done; `digest` tells whether it still is what was shown."""

    would: Forgotten
    digest: str


def is_forgotten(person: Person) -> bool:
    """Nothing of theirs is left but the pseudonym."""
    return not person.address


def foresee(season: Season, session: Session, person: Person, means: Means, now: datetime) -> Foreseen | Text:
    """What forgetting them would do, and nothing done; or why it cannot be."""
    found, _ = _tried(season, session, person, means, now)
    return found


def forget(
    season: Season, session: Session, person: Person, means: Means, *, by: str, why: str, digest: str, now: datetime
) -> Forgotten | Foreseen | Text:
    """Forget them, if that brings what was shown; else what it would bring now, or why it cannot be."""
    words = Words.of(someone.find(session, person.address), "")
    found, trial = _tried(season, session, person, means, now, keep=digest)
    if isinstance(found, Text) or trial is None:
        return found
    trial.commit()
    said = words.pattern.sub("…", why)[:LONGEST_WHY]
    says = Text(
        et=f"{found.would.pseudonym}: inimene unustati. Otsustas {by}. Põhjus: {said}",
        en=f"{found.would.pseudonym}: a person was forgotten. Decided by {by}. Reason: {said}",
    )
    alert(season, session, f"forgotten:{person.id}", "erased", says, now)
    means.note(erasure.marks(session))
    return found.would


def _tried(
    season: Season, session: Session, person: Person, means: Means, now: datetime, *, keep: str = ""
) -> tuple[Foreseen | Text, sa.orm.SessionTransaction | None]:
    """Done within a transaction of its own, which stays open only where the result is what `keep` says."""
    about = f"{person.id} {person.address_key}"
    trial = session.begin_nested()
    found = erasure.forget(season, session, person.address, now, key=means.key, plain=means.plain)
    if isinstance(found, Text):
        trial.rollback()
        return found, None
    digest = hashlib.sha256("\n".join([about, *found.lines("en")]).encode()).hexdigest()
    if digest != keep:
        trial.rollback()
        return Foreseen(found, digest), None
    return Foreseen(found, digest), trial


def scrub(db: Database) -> bool:
    """Rewrite the files; False where somebody else kept them busy: the erasure stands, freed pages are still there."""
    try:
        erasure.scrub(db)
    except (sa.exc.DBAPIError, db.engine.dialect.loaded_dbapi.Error):
        log.warning("the database's files could not be rewritten after an erasure", exc_info=True)
        return False
    return True
