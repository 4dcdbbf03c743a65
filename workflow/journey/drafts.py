"""Applications begun and kept, to be continued by a mailed link; and what became of them.

Each function acts in the caller's one transaction. The link's secret is kept as a digest only. Must never tell
whether an address is known here, and never judge what was typed: a draft may be as faulty as it likes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme, Text
from workflow.database.models import Draft
from workflow.journey.guests import Guest, as_person
from workflow.notices import Notice
from workflow.records import open_questions as asking
from workflow.rules.application import Fault, address_key, in_time
from workflow.rules.duties import Due, DutyKind
from workflow.season import Season

MAILS: Final = 3
"""mails that one draft, or one address within a day, is sent at most"""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is to be kept: whose address gets the link, in which language, and everything that was typed."""

    address: str
    lang: str
    content: Mapping[str, Any]


def digest(secret: str) -> str:
    """How the secret of a link is kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def find(session: Session, secret: str, *, lock: bool = False) -> Draft | None:
    """The draft behind a link, sent or not."""
    query = sa.select(Draft).where(Draft.secret_hash == digest(secret))
    return session.scalars(query.with_for_update() if lock else query).first()


def check(
    programme: Programme, members: Sequence[Mapping[str, str]], now: datetime, *, late_pass: bool
) -> tuple[Fault, ...]:
    """What keeps a draft from being kept: the time, or an address that no link can be sent to."""
    faults = in_time(programme, now, late_pass=late_pass)
    place, contact = next(((i, row) for i, row in enumerate(members) if row.get("part") == "contact"), (0, {}))
    if address_key(contact.get("address", "")) is None:
        says = Text(
            et="Kirjutage kontaktisiku meiliaadress: saadame talle lingi, millega jätkata.",
            en="Write the contact's mail address: the link to continue is sent there.",
        )
        faults = [*faults, Fault(f"members.{place}.address", says)]
    return tuple(faults)


def save(season: Season, session: Session, secret: str, kept: Kept, until: datetime, now: datetime) -> Draft:
    """Keep what was typed until some days after `until`, the deadline; the link is mailed the first time only."""
    draft = find(session, secret, lock=True)
    if draft is not None and draft.team_id is not None:
        return draft
    if draft is None:
        draft = _begin(session, secret, kept, until + timedelta(days=season.programme.apply.draft_days), now)
        _note_the_end(session, draft)
        mail(season, session, draft, secret, until, now)
    elif draft.content != dict(kept.content) or draft.lang != kept.lang:
        draft.content, draft.lang, draft.updated_at = dict(kept.content), kept.lang, now
        draft.address, draft.address_key = kept.address, address_key(kept.address) or kept.address.lower()
    return draft


def _begin(session: Session, secret: str, kept: Kept, expires: datetime, now: datetime) -> Draft:
    draft = Draft(
        secret_hash=digest(secret),
        address=kept.address,
        address_key=address_key(kept.address) or kept.address.lower(),
        lang=kept.lang,
        content=dict(kept.content),
        created_at=now,
        updated_at=now,
        expires_at=expires,
        mails=0,
    )
    session.add(draft)
    session.flush()
    return draft


def _note_the_end(session: Session, draft: Draft) -> None:
    due = Due(key=f"draft_ends:{draft.id}", kind=DutyKind.DRAFT_ENDS, at=draft.expires_at, about={"draft": draft.id})
    asking.note_duties(session, [due])


def mail(season: Season, session: Session, draft: Draft, secret: str, until: datetime, now: datetime) -> bool:
    """Send the link; False where this draft, or its address today, was sent enough of them."""
    if draft.team_id is not None or draft.mails >= MAILS or _mailed_today(session, draft.address_key, now) >= MAILS:
        return False
    draft.mails, draft.mailed_at = draft.mails + 1, now
    guest = as_person(session, Guest(name=draft.address, address=draft.address, lang=draft.lang), now)
    guest.lang = draft.lang
    notice = Notice(
        template="draft",
        key=f"draft:{draft.id}:{draft.mails}",
        person=guest,
        facts={
            "draft_link": f"{season.base_url}/apply/draft/{secret}",
            "closes_at": until,
            "kept_until": draft.expires_at,
        },
    )
    return season.post(session, notice, now) is not None


def _mailed_today(session: Session, key: str, now: datetime) -> int:
    query = sa.select(sa.func.sum(Draft.mails)).where(Draft.address_key == key, Draft.mailed_at > now - DAY)
    return session.scalar(query) or 0


def sent(session: Session, secret: str, team_id: int, now: datetime) -> None:
    """The application has come in: what was typed stands there now, and its draft keeps only where it went."""
    draft = find(session, secret, lock=True)
    if draft is not None and draft.team_id is None:
        draft.team_id, draft.updated_at, draft.content = team_id, now, {}


def end(session: Session, draft_id: int) -> None:
    """The draft's time is over: nothing of it stays."""
    session.execute(sa.delete(Draft).where(Draft.id == draft_id))
