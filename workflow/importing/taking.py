"""Applications and guests of a sheet taken into the books by one act of a coordinator; their first mails by another.

Each function acts in the caller's one transaction. The import is a sealed row of its own, with the digest of the file;
each application's history rests on it. Who is in the books already is not taken in twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import ImportKind
from workflow.database.models import Import, InfoSignup, Person, Team
from workflow.database.search import folded
from workflow.importing.import_rows import ImportRow
from workflow.journey import guests, moves, verifying
from workflow.journey.guests import Guest
from workflow.records import queries
from workflow.rules.application import Application, address_key
from workflow.season import Actor, Season
from workflow.text.bilingual import Text

HERE = Text(et="On juba siin.", en="Here already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetImport:
    """What is to be taken in. `sha256`: of the file's bytes."""

    kind: ImportKind
    file: str
    sha256: str
    rows: tuple[ImportRow, ...]

    @property
    def good(self) -> tuple[ImportRow, ...]:
        """What can be taken in."""
        return tuple(row for row in self.rows if row.item is not None and row.here is None)


def looked_up(season: Season, session: Session, kind: ImportKind, rows: Iterable[ImportRow]) -> tuple[ImportRow, ...]:
    """The rows, with what is in the books already marked so."""
    here = _applied(season, session) if kind is ImportKind.APPLICATIONS else _signed_up(session)
    return tuple(replace(row, here=HERE) if row.item is not None and _key(row) in here else row for row in rows)


def _applied(season: Season, session: Session) -> set[str]:
    query = sa.select(Team.name, Person.address_key).join(Person, Person.team_id == Team.id)
    query = query.where(Team.state.in_(season.machine.live), Person.left_at.is_(None))
    return {f"{folded(name)} {key}" for name, key in session.execute(query)}


def _signed_up(session: Session) -> set[str]:
    query = sa.select(Person.address_key).join(InfoSignup, InfoSignup.person_id == Person.id)
    return set(session.scalars(query))


def _key(row: ImportRow) -> str:
    if isinstance(row.item, Application):
        contact = next(one for one in row.item.members if one.part == "contact")
        return f"{folded(row.item.name)} {address_key(contact.address)}"
    return address_key(row.item.address) or "" if row.item is not None else ""


def take_in(
    season: Season, session: Session, given: SheetImport, actor: Actor, now: datetime
) -> Text | tuple[Text, ...]:
    """Write down every good row, and mail nobody. Returns what changes, or why nothing can be done."""
    rows = [row for row in looked_up(season, session, given.kind, given.rows) if row.item is not None and not row.here]
    if not rows:
        return Text(et="Failis pole ühtegi uut korras rida.", en="There is no new row in order in the file.")
    if given.kind is ImportKind.GUESTS and season.programme.info_day is None:
        return Text(et="Programmis pole infopäeva.", en="The programme has no info day.")
    left = len(given.rows) - len(rows)
    said = {"kind": given.kind.value, "file": given.file, "sha256": given.sha256, "left_out": left, "at": now}
    books = Import(**said, made=[], via=actor.via.value, by_id=actor.person.id if actor.person else None)
    session.add(books)
    session.flush()
    books.made = [_written(season, session, books, row, actor, now) for row in rows]
    session.flush()
    return tuple(Text(et=f"Rida {row.number}: {row.name}", en=f"Row {row.number}: {row.name}") for row in rows)


def _written(season: Season, session: Session, books: Import, row: ImportRow, actor: Actor, now: datetime) -> int:
    if isinstance(row.item, Application):
        proof = {"import": books.id, "sheet": books.sha256, "row": row.number}
        return moves.bring_in(season, session, row.item, actor, now, proof, rests=[books]).id
    assert isinstance(row.item, Guest)
    signup = InfoSignup(person_id=guests.as_person(session, row.item, now).id, at=now)
    session.add(signup)
    session.flush()
    return signup.id


# -- their first mails ----------------------------------------------------------------------------


def imports(session: Session) -> Sequence[Import]:
    """What was brought in, the newest first."""
    return session.scalars(sa.select(Import).order_by(Import.id.desc())).all()


def unasked(session: Session, books: Import) -> int:
    """How many of its rows have had no mail yet and could be written to."""
    if not books.made:
        return 0
    if books.kind == ImportKind.GUESTS:
        query = sa.select(sa.func.count(InfoSignup.id)).where(
            InfoSignup.id.in_(books.made), InfoSignup.welcomed_at.is_(None)
        )
        return session.scalar(query) or 0
    teams = session.scalars(sa.select(Team).where(Team.id.in_(books.made), Team.verified_at.is_(None)))
    return sum(not verifying.asked(session, team) for team in teams)


def write_to(season: Season, session: Session, books: Import, actor: Actor, now: datetime) -> Text | tuple[Text, ...]:
    """Ask each contact to confirm the application, or welcome each guest: within the rate limits of first mails; the
    rest leaves later by itself. Returns what changes, or why nothing can be done."""
    waiting = unasked(session, books)
    if not waiting:
        return Text(et="Kõik on juba kirja saanud.", en="Everybody has had the mail already.")
    later = sum(_mailed(season, session, books, row, now) is not None for row in books.made)
    books.mailed_at, books.mailed_by_id = now, actor.person.id if actor.person else None
    if not later:
        return ()
    return (
        Text(
            et=f"{later} kirja ootab oma järge ja läheb hiljem ise.",
            en=f"{later} of the mails wait for their turn and leave later by themselves.",
        ),
    )


def _mailed(season: Season, session: Session, books: Import, row: int, now: datetime) -> datetime | None:
    if books.kind == ImportKind.GUESTS:
        return guests.welcome(season, session, row, now)
    team = session.get(Team, row)
    known = team is not None and queries.contact(session, team.id) is not None
    return verifying.ask(season, session, row, now) if known else None
