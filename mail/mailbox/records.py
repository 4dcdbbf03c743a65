"""Database records of the watched mailbox: since when it is read, which of its letters are ours, which are erased.

Each is one short transaction. Where reading began is written down once for a mailbox and is not moved on with each
letter: whatever is restored, replaced or killed, looking again from there finds what the books do not have.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.identity import Identity
from mail.mailbox import filter, letter_key
from mail.mailbox.filter import Whose
from mail.mailbox.imap import MailboxEntry, Selected
from mail.reading import headers
from workflow.config.settings import MailboxSettings
from workflow.database.engine import Database, among, insert
from workflow.database.models import Addressee, Letter, Message, Setting

KEPT: Final = "mailbox"
MARKS: Final = "mailbox_marks"
MOST_MARKS: Final = 20
"""so many of our own marks are known again; the newest one counts, the others are those of other processes"""
FILL: Final = 200
"""so many letters at once are given the key that they lack"""
APART: Final = timedelta(minutes=5)
"""so far the mailbox's clock and ours may be apart"""

_SECRETS: Final = sa.select(Addressee.secret).where(among(Addressee.secret, "some"))
_SENT: Final = sa.select(Message.message_id).where(among(Message.message_id, "some"))
_HAD: Final = sa.select(Letter.mailbox_key).where(among(Letter.mailbox_key, "some"))
_ERASED: Final = sa.select(Letter.mailbox_key).where(Letter.mailbox_key.is_not(None), sa.func.length(Letter.raw) == 0)
_FORGET: Final = (
    sa.update(Letter)
    .where(among(Letter.mailbox_key, "some"), sa.func.length(Letter.raw) == 0)
    .values(mailbox_key=None)
    .execution_options(synchronize_session=False)
)
_WITHOUT_KEY: Final = (
    sa.select(Letter.id, Letter.raw)
    .where(Letter.via == "imap", Letter.mailbox_key.is_(None), sa.func.length(Letter.raw) > 0)
    .limit(FILL)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Reading began at the moment `since`, with the letter `first` of the folder as it was `validity`; `first` is 0
    where the folder is another by now: then moments tell what came before."""

    validity: int
    first: int
    since: datetime

    def is_fresh(self, head: MailboxEntry) -> bool:
        """Whether it came since."""
        return head.uid >= self.first if self.first else head.at is None or head.at >= self.since - APART

    def by_moment(self) -> "Begun":
        """For another folder, in which the letters have other numbers."""
        return replace(self, first=0)


class Books:
    """Asked by the mailbox's own thread alone."""

    def __init__(self, db: Database, identity: Identity, settings: MailboxSettings) -> None:
        self._db, self._identity = db, identity
        self.pages, self.address = identity.base_url, identity.from_address
        self._place = f"{settings.user} {settings.host} {settings.folder}"

    # -- where reading began --------------------------------------------------------------------

    def begun(self, folder: Selected, now: datetime) -> tuple[Begun, bool]:
        """Where reading this folder began, and whether that is now."""
        with self._db.writing() as session:
            kept = _value(session, KEPT)
            first_time = kept.get("place") != self._place
            if first_time:
                begun = Begun(validity=folder.validity, first=folder.next_uid, since=now)
            else:
                since = datetime.fromisoformat(kept["since"])
                same = kept["validity"] == folder.validity
                begun = Begun(validity=folder.validity, first=kept["first"] if same else 0, since=since)
            said = {"place": self._place, "validity": begun.validity, "first": begun.first,
                    "since": begun.since.isoformat()}  # fmt: skip
            if said != kept:
                _keep(session, KEPT, said)
        return begun, first_time

    def first_sent(self) -> datetime | None:
        """When the first mail left: no letter that answers us is older."""
        with self._db.reading() as session:
            return session.scalar(sa.select(sa.func.min(Message.sent_at)))

    def last_taken(self) -> datetime | None:
        """When the last letter of the mailbox was taken, as far as the books know."""
        with self._db.reading() as session:
            return session.scalar(sa.select(sa.func.max(Letter.received_at)).where(Letter.via == "imap"))

    # -- letters --------------------------------------------------------------------------------

    def whose(self, heads: Sequence[MailboxEntry], begun: Begun) -> dict[int, Whose]:
        """Whose each letter is, looked up for all together."""
        signs = {one.uid: filter.signs(headers.parse(one.fields), self._identity) for one in heads}
        secrets = {each for one in signs.values() for each in one.secrets}
        answers = {each for one in signs.values() for each in one.answers}
        with self._db.reading() as session:
            known = _found(session, _SECRETS, secrets) | _found(session, _SENT, answers)
        return {one.uid: signs[one.uid].whose(known, fresh=begun.is_fresh(one)) for one in heads}

    def missing(self, heads: Sequence[MailboxEntry]) -> list[MailboxEntry]:
        """Those that the books do not have; the marks of those who read the mailbox are no letters."""
        said = {one.uid: headers.parse(one.fields) for one in heads}
        heads = [one for one in heads if "x-teekond-reader" not in said[one.uid]]
        keys = {one.uid: letter_key.of(said[one.uid]) for one in heads}
        with self._db.reading() as session:
            had = _found(session, _HAD, keys.values())
        return [one for one in heads if keys[one.uid] not in had]

    def erased(self) -> set[str]:
        """The keys of letters that were erased here and may still be in the mailbox."""
        with self._db.reading() as session:
            return {key for key in session.scalars(_ERASED) if key is not None}

    def removed(self, keys: Iterable[str]) -> None:
        """They are in the mailbox no more."""
        with self._db.writing() as session:
            session.execute(_FORGET, {"some": sorted(keys)})

    def fill_keys(self) -> int:
        """For some letters that came before there were keys; how many were left to do."""
        with self._db.reading() as session:
            rows = session.execute(_WITHOUT_KEY).all()
        if rows:
            with self._db.writing() as session:
                for row_id, raw in rows:
                    session.execute(
                        sa.update(Letter).where(Letter.id == row_id, sa.func.length(Letter.raw) > 0)
                        .values(mailbox_key=letter_key.of_raw(raw)).execution_options(synchronize_session=False)
                    )  # fmt: skip
        return len(rows)

    # -- who else reads it ----------------------------------------------------------------------

    def marks(self) -> frozenset[str]:
        """The marks that this service has left in the mailbox."""
        with self._db.reading() as session:
            return frozenset(_value(session, MARKS).get("own", ()))

    def leave_mark(self, token: Callable[[], str]) -> str:
        """A new mark of ours, written down before it is left."""
        with self._db.writing() as session:
            mark = token()
            row = insert(session.get_bind(), Setting).values(key=MARKS, value="{}")
            session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
            session.execute(sa.select(Setting.key).where(Setting.key == MARKS).with_for_update())  # one at a time
            own = [*_value(session, MARKS).get("own", ()), mark][-MOST_MARKS:]
            _keep(session, MARKS, {"own": own})
        return mark


def _found(session: Session, query: sa.Select[Any], some: Iterable[str]) -> set[str]:
    wanted = sorted(set(some))
    return set(session.scalars(query, {"some": wanted})) if wanted else set()


def _value(session: Session, key: str) -> dict[str, Any]:
    found = session.scalar(sa.select(Setting.value).where(Setting.key == key))
    value: dict[str, Any] = json.loads(found) if found else {}
    return value


def _keep(session: Session, key: str, value: Mapping[str, Any]) -> None:
    row = insert(session.get_bind(), Setting).values(key=key, value=json.dumps(value))
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value}))
