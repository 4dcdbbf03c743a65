"""Drafts of applications: saved, continued by a mailed link, deleted when submitted or too old.

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

from workflow.config.loader import Programme
from workflow.database.models import Draft
from workflow.journey.guests import Guest, as_person
from workflow.notices import Notice
from workflow.records import first_mails, open_questions
from workflow.records.first_mails import FirstMail
from workflow.records.mail_quota import MailCause
from workflow.rules.application import FieldFault, address_key, in_time
from workflow.rules.duties import Due, DutyKind
from workflow.season import Season
from workflow.security.own_links import PLACEHOLDER, Link
from workflow.text.bilingual import Text

MAILS: Final = 3
"""mails that one draft is sent at most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContent:
    """What is to be kept: whose address gets the link, in which language, everything that was typed, and the network
    address that it came from."""

    address: str
    lang: str
    content: Mapping[str, Any]
    place: str = ""


def digest(secret: str) -> str:
    """How the secret of a link is kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def find(session: Session, secret: str, *, lock: bool = False) -> Draft | None:
    """The draft behind a link, sent or not."""
    query = sa.select(Draft).where(Draft.secret_hash == digest(secret))
    return session.scalars(query.with_for_update() if lock else query).first()


def check(
    programme: Programme, members: Sequence[Mapping[str, str]], now: datetime, *, late_pass: bool
) -> tuple[FieldFault, ...]:
    """What keeps a draft from being kept: the time, or an address that no link can be sent to."""
    faults = in_time(programme, now, late_pass=late_pass)
    place, contact = next(((i, row) for i, row in enumerate(members) if row.get("part") == "contact"), (0, {}))
    if address_key(contact.get("address", "")) is None:
        says = Text(
            et="Kirjutage kontaktisiku meiliaadress: saadame talle lingi, millega jätkata.",
            en="Write the contact's mail address: the link to continue is sent there.",
        )
        faults = [*faults, FieldFault(f"members.{place}.address", says)]
    return tuple(faults)


def save(
    season: Season,
    session: Session,
    draft: Draft | None,
    link: Link,
    kept: DraftContent,
    until: datetime,
    now: datetime,
) -> datetime | None:
    """Keep what was typed until some days after `until`, the deadline; the link is mailed the first time only. Returns
    when it leaves at the earliest, None where nothing waits.

    draft: the one that is continued, held; None where it is new and gets this link.
    """
    if draft is None:
        draft = _begin(session, link, kept, until + timedelta(days=season.programme.apply.draft_days), now)
        _note_the_end(session, draft)
        return mail(season, session, draft.id, now)
    if draft.team_id is None and (draft.content != dict(kept.content) or draft.lang != kept.lang):
        draft.content, draft.lang, draft.updated_at = dict(kept.content), kept.lang, now
        draft.address, draft.address_key = kept.address, address_key(kept.address) or kept.address.lower()
    return None


def _begin(session: Session, link: Link, kept: DraftContent, expires: datetime, now: datetime) -> Draft:
    draft = Draft(
        secret_hash=digest(link.secret),
        link_seed=link.seed,
        address=kept.address,
        address_key=address_key(kept.address) or kept.address.lower(),
        lang=kept.lang,
        content=dict(kept.content),
        created_at=now,
        updated_at=now,
        expires_at=expires,
        mails=0,
        place=kept.place,
    )
    session.add(draft)
    session.flush()
    return draft


def _note_the_end(session: Session, draft: Draft) -> None:
    due = Due(key=f"draft_ends:{_key(draft)}", kind=DutyKind.DRAFT_ENDS, at=draft.expires_at, about={"draft": draft.id})
    open_questions.note_duties(session, [due])


def _key(draft: Draft) -> str:
    """Of this draft alone: the number of one that ended may be given again."""
    return f"{draft.id}:{draft.created_at:%Y%m%dT%H%M%S%f}"


def may_be_mailed(draft: Draft) -> bool:
    """Whether its link may be sent once more: not often enough yet, and of those that a mail can be given."""
    return draft.team_id is None and draft.mails < MAILS and bool(draft.link_seed)


def mail_again(season: Season, session: Session, draft: Draft, place: str, now: datetime) -> datetime | None:
    """Send the link once more, at the wish of somebody at this network address."""
    draft.place = place
    return mail(season, session, draft.id, now)


def mail(season: Season, session: Session, draft_id: int, now: datetime) -> datetime | None:
    """Send the link where the rate limit allows it now; else when. A draft that is over, was sent or had enough of them
    gets none."""
    draft = session.get(Draft, draft_id)
    if draft is None or not may_be_mailed(draft) or _closes(season.programme, draft) <= now:
        return None
    mail = FirstMail(
        cause=MailCause.DRAFT,
        row=draft.id,
        key=f"{_key(draft)}:{draft.mails}",
        address=draft.address,
        place=draft.place,
        send=lambda: _mail(season, session, draft, now),
    )
    return first_mails.send_or_wait(season, session, mail, now)


def waits_until(session: Session, draft: Draft) -> datetime | None:
    """When the mail with the link leaves at the earliest; None where it has left."""
    return first_mails.waits_until(session, MailCause.DRAFT, f"{_key(draft)}:{draft.mails}")


def _closes(programme: Programme, draft: Draft) -> datetime:
    return draft.expires_at - timedelta(days=programme.apply.draft_days)


def _mail(season: Season, session: Session, draft: Draft, now: datetime) -> None:
    draft.mails, draft.mailed_at, draft.place = draft.mails + 1, now, ""
    guest = as_person(session, Guest(name=draft.address, address=draft.address, lang=draft.lang), now)
    guest.lang = draft.lang
    notice = Notice(
        template="draft",
        key=f"draft:{_key(draft)}:{draft.mails}",
        person=guest,
        facts={
            "draft_link": f"{season.base_url}/apply/draft/{PLACEHOLDER}",
            "closes_at": _closes(season.programme, draft),
            "kept_until": draft.expires_at,
        },
        link_seed=draft.link_seed,
    )
    season.post(session, notice, now)


def sent(session: Session, secret: str, team_id: int, now: datetime) -> None:
    """The application has come in: what was typed stands there now, and its draft keeps only where it went."""
    draft = find(session, secret, lock=True)
    if draft is not None and draft.team_id is None:
        draft.team_id, draft.updated_at, draft.content = team_id, now, {}


def end(session: Session, draft_id: int) -> None:
    """The draft's time is over: nothing of it stays."""
    session.execute(sa.delete(Draft).where(Draft.id == draft_id))
