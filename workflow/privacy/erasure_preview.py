"""Erasing a person from a page: previewed first, then exactly that, with who decided it and why.

The same act as the command's (`workflow/privacy/erase_person.py`). Whoever decided, and the reason without the
person's name, is told to every coordinator and stays with what they were told. Acts in the caller's writing
transaction.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind
from workflow.database.engine import Database
from workflow.database.models import Person
from workflow.privacy import erase_person, find_person
from workflow.privacy.erase_person import Forgotten
from workflow.privacy.erase_rows import PersonWords, Plain
from workflow.records.history import alert
from workflow.rules.doors import Door
from workflow.season import Season
from workflow.text.bilingual import Text

log = logging.getLogger("teekond")

LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What it takes of the installation. `note` keeps the list of the erased outside the database, durably."""

    key: bytes
    plain: Plain
    note: Callable[[Mapping[str, datetime]], None]


@dataclass(frozen=True, slots=True)
class ForeseenErasure:
    """What would be done; `digest` tells whether it still is what was shown."""

    would: Forgotten
    digest: str


def is_forgotten(person: Person) -> bool:
    """Nothing of theirs is left but the pseudonym."""
    return not person.address


def foresee(season: Season, session: Session, person: Person, means: Means, now: datetime) -> ForeseenErasure | Text:
    """What forgetting them would do, and nothing done; or why it cannot be."""
    found, _ = _tried(season, session, person, means, now)
    return found


def forget(
    season: Season, session: Session, person: Person, means: Means, *, by: str, why: str, digest: str, now: datetime
) -> Forgotten | ForeseenErasure | Text:
    """Forget them, if that brings what was shown; else what it would bring now, or why it cannot be."""
    words = PersonWords.of(find_person.find(session, person.address), "")
    found, trial = _tried(season, session, person, means, now, keep=digest)
    if isinstance(found, Text) or trial is None:
        return found
    trial.commit()
    said = words.pattern.sub("…", why)[:LONGEST_WHY]
    says = Text(
        et=f"{found.would.pseudonym}: inimene unustati. Otsustas {by}. Põhjus: {said}",
        en=f"{found.would.pseudonym}: a person was forgotten. Decided by {by}. Reason: {said}",
    )
    alert(season, session, f"forgotten:{person.id}", AlertKind.ERASED, says, now)
    means.note(erase_person.marks(session))
    return found.would


def _tried(
    season: Season, session: Session, person: Person, means: Means, now: datetime, *, keep: str = ""
) -> tuple[ForeseenErasure | Text, sa.orm.SessionTransaction | None]:
    """Done within a transaction of its own, which stays open only where the result is what `keep` says."""
    about = f"{person.id} {person.address_key}"
    trial = session.begin_nested()
    found = erase_person.forget(season, session, person.address, now, key=means.key, plain=means.plain, via=Door.PAGE)
    if isinstance(found, Text):
        trial.rollback()
        return found, None
    digest = hashlib.sha256("\n".join([about, *found.lines("en")]).encode()).hexdigest()
    if digest != keep:
        trial.rollback()
        return ForeseenErasure(found, digest), None
    return ForeseenErasure(found, digest), trial


def scrub(db: Database) -> bool:
    """Rewrite the files; False where somebody else kept them busy: the erasure stands, freed pages are still there."""
    try:
        erase_person.scrub(db)
    except (sa.exc.DBAPIError, db.engine.dialect.loaded_dbapi.Error):
        log.warning("the database's files could not be rewritten after an erasure", exc_info=True)
        return False
    return True
