"""Retention: erases each category of the register when its period in config.toml has passed.

`run` is a duty of each morning and can be called as often as one likes: what is gone is gone. `waiting` tells what
it would do. Under a legal hold neither finds anything. Acts in the caller's one transaction.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LetterOutcome, LetterStatus, MessageStatus
from workflow.config.loader import Programme
from workflow.config.settings import Retention
from workflow.database.engine import digest_of
from workflow.database.models import HistoryRow, InfoSignup, Letter, Message, Person, Question, Setting
from workflow.privacy.categories import ErasureMethod, HeldColumns, Keep, empty
from workflow.privacy.erase_rows import FORMER, anonymous_history, emptied, removed
from workflow.privacy.record_page import days_of
from workflow.privacy.register import REGISTER
from workflow.records import row_seals
from workflow.rules.duties import midnight
from workflow.season import CLOCK, Season

PERSONAL: Final = (
    "words", "message_id", "sender", "address", "place", "read_from", "read_by", "files", "on_behalf", "note"
)  # fmt: skip
"""parts of a step's proof that are somebody's: all that `erase_rows.SAFE` does not keep"""
BOOKS_GONE: Final = "books_erased_at"
"""the setting's key: set when attendance and hours were erased because their time was over"""
ENDED: Final = (Keep.LETTERS, Keep.ATTACHMENTS, Keep.PEOPLE, Keep.BOOKS)
"""categories whose period runs from the programme's last day"""


@dataclass(frozen=True, slots=True)
class Gone:
    """Rows of one kind whose time is over."""

    held: HeldColumns
    rows: int
    over: datetime | None
    """when its time was over; None where each row has a time of its own"""


def last_day(programme: Programme) -> datetime:
    """The midnight that ends the programme's last day."""
    meetings = [one.end for stage in programme.stages for one in stage.sessions.values()]
    last_days = [stage.hours_until or stage.end for stage in programme.stages]
    windows = [midnight(day, programme.tz) for day in last_days if day is not None]
    works = [stage.work.due for stage in programme.stages if stage.work is not None and stage.work.due is not None]
    latest = max([*meetings, *windows, *works, programme.apply.closes_at]).astimezone(programme.tz).date()
    return midnight(latest + timedelta(days=1), programme.tz)


def ended(programme: Programme, session: Session) -> datetime:
    """When the season ended: its last day, or the last step of any team where one came later. So nothing goes from
    under a season that is run after its planned dates."""
    latest = session.scalar(sa.select(sa.func.max(HistoryRow.at)))
    return max(last_day(programme), latest) if latest else last_day(programme)


def over(programme: Programme, rules: Retention, keep: Keep, ends: datetime | None = None) -> datetime | None:
    """When a category's time is over, for a season that ended so; None where rows have times of their own, or none."""
    if keep in ENDED:
        return (ends or last_day(programme)) + timedelta(days=days_of(rules, keep))
    if keep is Keep.GUESTS and programme.info_day is not None:
        return programme.info_day.end + timedelta(days=days_of(rules, keep))
    return None


def waiting(season: Season, session: Session, now: datetime) -> tuple[Gone, ...]:
    """What would go now."""
    return tuple(gone for gone, _ in _found(season, session, now))


def run(season: Season, session: Session, now: datetime) -> tuple[Gone, ...]:
    """Erase what is over; what went."""
    session.flush()
    found = _found(season, session, now)
    for gone, which in found:
        _erase(session, gone.held, which, now)
    session.expire_all()
    return tuple(gone for gone, _ in found)


def _found(season: Season, session: Session, now: datetime) -> list[tuple[Gone, sa.ColumnElement[bool]]]:
    """What is over and holds something yet, and which rows these are."""
    ends = ended(season.programme, session)
    return [
        (Gone(held, count, over(season.programme, season.retention, held.keep, ends)), which)
        for held, which in _due(season, ends, now)
        if (count := _count(session, held, which))
    ]


def _due(season: Season, ends: datetime, now: datetime) -> Iterator[tuple[HeldColumns, sa.ColumnElement[bool]]]:
    """Each entry of the register with rows whose time is over, and which of them still hold something."""
    if season.retention.hold:
        return
    for held in sorted(REGISTER, key=lambda each: (each.model is InfoSignup, each.model is Person)):
        which = _over(season, held, ends, now)
        if which is not None:
            yield held, sa.and_(which, _holds(held))
    if _past(season, Keep.GUESTS, ends, now):
        yield from _guests()


def _past(season: Season, keep: Keep, ends: datetime, now: datetime) -> bool:
    moment = over(season.programme, season.retention, keep, ends)
    return moment is not None and moment <= now


def _over(season: Season, held: HeldColumns, ends: datetime, now: datetime) -> sa.ColumnElement[bool] | None:
    if held.since is not None:
        before = now - timedelta(days=days_of(season.retention, held.keep))
        return held.table.c[held.since] <= before
    if not _past(season, held.keep, ends, now):
        return None
    return _not_in_config(season) if held.model is Person else sa.true()


def _guests() -> Iterator[tuple[HeldColumns, sa.ColumnElement[bool]]]:
    """Guests are people of their own; mails about the info day went to them."""
    guest = sa.select(Person.id).where(Person.role == "guest")
    for held in REGISTER:
        if held.model is Person:
            yield held, sa.and_(Person.role == "guest", _holds(held))
        elif held.model in (Message, Letter):
            yield held, sa.and_(held.table.c.person_id.in_(guest), _holds(held))


def _not_in_config(season: Season) -> sa.ColumnElement[bool]:
    """Whoever stands in config.toml works here still: the next start would bring them back."""
    programme = season.programme
    keys = [p.key for p in (*programme.trainers, *programme.mentors, *programme.coordinators, *programme.readers)]
    return sa.or_(Person.key.is_(None), Person.key.not_in(keys))


def _holds(held: HeldColumns) -> sa.ColumnElement[bool]:
    """Rows in which anything is left."""
    if held.removes or set(held.columns.values()) == {ErasureMethod.KEPT}:
        return sa.true()
    if held.model is HistoryRow:  # where another one was erased of somebody's words they lost their seal, not their own
        nobody = HistoryRow.actor.in_((FORMER, CLOCK.name))
        return sa.or_(HistoryRow.salt.is_not(None), sa.not_(nobody), HistoryRow.why != "", _words())
    if held.model is Question and ErasureMethod.PROOF in held.columns.values():
        said = sa.cast(Question.about, sa.Text)
        return sa.and_(said.like('%"why": "%'), said.not_like('%"why": ""%'))
    return sa.or_(*(test for name, how in held.columns.items() if (test := _left(held.table.c[name], how)) is not None))


def _words() -> sa.ColumnElement[bool]:
    """Whether a step's proof has somebody's words."""
    said = sa.cast(HistoryRow.proof, sa.Text)
    return sa.or_(*(said.like(f'%"{name}": %') for name in PERSONAL))


def _left(column: sa.Column[Any], how: ErasureMethod) -> sa.ColumnElement[bool] | None:
    if how is ErasureMethod.VOID:
        return column.not_like("gone%")
    if how is not ErasureMethod.BLANK:
        return None
    if column.nullable:
        return column.is_not(None)
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text).not_in(["{}", "[]"])
    differs: sa.ColumnElement[bool] = column != empty(column)
    return differs


def _count(session: Session, held: HeldColumns, which: sa.ColumnElement[bool]) -> int:
    if not _erasable(held):
        return 0
    return session.scalar(sa.select(sa.func.count()).select_from(held.table).where(which)) or 0


def _erasable(held: HeldColumns) -> bool:
    """The service's own values are nobody's, and stay while they are used."""
    return set(held.columns.values()) != {ErasureMethod.KEPT} or held.keep is Keep.BOOKS


def _erase(session: Session, held: HeldColumns, which: sa.ColumnElement[bool], now: datetime) -> None:
    if held.removes or held.keep is Keep.BOOKS:
        if held.keep is Keep.BOOKS:  # first: else the database refuses to let recorded attendance go
            _note_books_gone(session, now)
        removed(session, held, which)
    elif held.model is HistoryRow:
        anonymous_history(session, which, FORMER)
    elif held.model is Question and ErasureMethod.PROOF in held.columns.values():
        for number, about in session.execute(sa.select(Question.id, Question.about).where(which)).all():
            emptier = {"about": {**about, "why": ""}}
            row_seals.erased(session, held.table, Question.id == number, emptier)
    else:
        _nothing_waits(session, held, which, now)
        row_seals.erased(session, held.table, which, emptied(held, FORMER))


def _note_books_gone(session: Session, now: datetime) -> None:
    digest, at = digest_of(session), now.isoformat()
    seal = digest.make(_gone_said(at)) if digest else ""
    session.merge(Setting(key=BOOKS_GONE, value=f"{at} {seal}"))
    session.flush()


def _gone_said(at: str) -> str:
    return json.dumps(["books gone", at])


def books_gone(session: Session) -> bool:
    """Whether attendance and hours were erased because their time was over, and the service says so itself."""
    row, digest = session.get(Setting, BOOKS_GONE), digest_of(session)
    if row is None or digest is None:
        return row is not None
    at, _, seal = row.value.partition(" ")
    return digest.holds(seal, _gone_said(at), retired=True)


def _nothing_waits(session: Session, held: HeldColumns, which: sa.ColumnElement[bool], now: datetime) -> None:
    """An emptied mail is never sent, an emptied letter never read, and nobody without an address is written to."""
    if held.model is Message:
        stop = (
            sa.update(Message)
            .where(which, Message.status.not_in([MessageStatus.SENT, MessageStatus.DROPPED]))
            .values(status=MessageStatus.DROPPED)
        )
    elif held.model is Letter:
        stop = (
            sa.update(Letter)
            .where(which, Letter.status != LetterStatus.DONE)
            .values(status=LetterStatus.DONE, outcome=LetterOutcome.ERASED)
        )
    elif held.model is Person:
        gone = sa.func.coalesce(Person.left_at, sa.bindparam("gone", now, type_=Person.left_at.type))
        stop = sa.update(Person).where(which).values(address_state="dead", left_at=gone)
    else:
        return
    session.execute(stop.execution_options(synchronize_session=False))
