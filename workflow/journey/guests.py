"""People outside the programme: guests of the info day, late applicants, and an application sent twice.

Each function acts in the caller's one transaction. Must never tell who is known here: what a stranger gets to
see is the same for every address.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import InfoDay
from workflow.database.engine import lock_places
from workflow.database.models import InfoSignup, LatePass, Person, SentForm, Team
from workflow.journey import moves
from workflow.notices import Method, Notice
from workflow.records import first_mails
from workflow.records.first_mails import FirstMail
from workflow.records.mail_quota import MailCause
from workflow.rules.application import NO_ADDRESS, Application, FieldFault, address_key, clean
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.text.unlinkable import holds_link

NAME_MAX: Final = 80
SECRET: Final = re.compile(r"[a-z0-9]{16,60}")
MARKUP: Final = re.compile(r"[<>\[\]{}]")


# -- the info day -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Someone who wants to come to the info day, as typed and checked."""

    name: str
    address: str
    lang: str


def check_guest(name: str, address: str, lang: str) -> tuple[Guest | None, tuple[FieldFault, ...]]:
    """The guest, or every fault."""
    faults = [*_name_faults(clean(name)), *_address_faults(address)]
    if faults:
        return None, tuple(faults)
    return Guest(name=clean(name), address=address.strip(), lang=lang), ()


def _name_faults(name: str) -> list[FieldFault]:
    if not name:
        return [FieldFault("name", Text(et="Kirjutage oma nimi.", en="Write your name."))]
    if len(name) > NAME_MAX or MARKUP.search(name) or holds_link(name):
        says = Text(
            et=f"Kirjutage ainult nimi, kuni {NAME_MAX} tähemärki.", en=f"Just the name, up to {NAME_MAX} letters."
        )
        return [FieldFault("name", says)]
    return []


def _address_faults(address: str) -> list[FieldFault]:
    if address_key(address) is not None:
        return []
    return [FieldFault("address", NO_ADDRESS)]


def sign_up(season: Season, session: Session, guest: Guest, place: str, now: datetime) -> datetime | None:
    """Put a guest down for the info day, from this network address, and send the welcome with its calendar file; twice
    is fine, and mails nothing more that day. Returns when the welcome leaves at the earliest; None where it has left.
    """
    info = season.programme.info_day
    if info is None or info.end <= now:
        return None
    lock_places(session)  # the same address twice at once is still one guest
    person = as_person(session, guest, now)
    signup = session.scalars(sa.select(InfoSignup).where(InfoSignup.person_id == person.id)).first()
    if signup is None:
        signup = InfoSignup(person_id=person.id, at=now)
        session.add(signup)
    if not _welcomed_today(season, signup, now):
        signup.place = place  # for the rate limit of the welcome alone; sending it clears it
    session.flush()
    return welcome(season, session, signup.id, now)


def welcome(season: Season, session: Session, signup_id: int, now: datetime) -> datetime | None:
    """Send the welcome where the rate limit allows it now; else when. One a day, and none after the info day."""
    signup, info = session.get(InfoSignup, signup_id), season.programme.info_day
    if signup is None or info is None or info.end <= now or _welcomed_today(season, signup, now):
        return None
    mail = FirstMail(
        cause=MailCause.INFO_DAY,
        row=signup.id,
        key=f"{signup.person_id}:{_day(season, now)}",
        address=signup.person.address,
        place=signup.place,
        send=lambda: _welcome(season, session, info, signup, now),
    )
    return first_mails.send_or_wait(season, session, mail, now)


def _welcomed_today(season: Season, signup: InfoSignup, now: datetime) -> bool:
    at = signup.welcomed_at
    return at is not None and _day(season, at) == _day(season, now)


def _day(season: Season, moment: datetime) -> str:
    return f"{moment.astimezone(season.programme.tz):%Y%m%d}"


def _welcome(season: Season, session: Session, info: InfoDay, signup: InfoSignup, now: datetime) -> None:
    signup.welcomed_at, signup.place = now, ""
    notice = Notice(
        template="info_day",
        key=f"info_day:{signup.person_id}:{_day(season, now)}",
        person=signup.person,
        calendar=Method.PUBLISH,
        facts={"start": info.start, "end": info.end, "place": info.place, "join_link": info.link},
    )
    season.post(session, notice, now)


def as_person(session: Session, guest: Guest, now: datetime) -> Person:
    """Whom a mail without a team goes to; guests are known by their address."""
    key = address_key(guest.address) or guest.address.lower()
    return _known(session, key) or _new_guest(session, guest, key, now)


def _known(session: Session, key: str) -> Person | None:
    return session.scalars(sa.select(Person).where(Person.role == "guest", Person.address_key == key)).first()


def _new_guest(session: Session, guest: Guest, key: str, now: datetime) -> Person:
    person = Person(
        role="guest",
        name=guest.name,
        address=guest.address,
        address_key=key,
        address_state="ok",
        lang=guest.lang,
        joined_at=now,
    )
    session.add(person)
    session.flush()
    return person


# -- applying -----------------------------------------------------------------------------------------------------


def late_pass(session: Session, secret: str, now: datetime) -> LatePass | None:
    """The coordinator's leave of this secret, unused and not over yet."""
    if not SECRET.fullmatch(secret.lower()):
        return None
    query = sa.select(LatePass).where(LatePass.secret == secret.lower()).with_for_update()
    found = session.scalars(query).first()
    return found if found is not None and found.team_id is None and found.until > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSender:
    """Which form was sent, from which browser, and what it said, as digests; and from which network address."""

    form: str
    browser: str
    content: str
    place: str = ""


def form_received(session: Session, form: str) -> SentForm | None:
    """What was noted when this form came, if it came already."""
    return session.scalars(sa.select(SentForm).where(SentForm.form_hash == form)).first()


def received_from(session: Session, sender: FormSender) -> SentForm | None:
    """The very same application from the same browser, whichever form it was typed into."""
    query = sa.select(SentForm).where(SentForm.browser_hash == sender.browser, SentForm.content_hash == sender.content)
    return session.scalars(query.order_by(SentForm.id)).first()


def others_from(session: Session, sender: FormSender, contact: str) -> list[tuple[SentForm, Team]]:
    """What this browser sent before with the same contact: only its own sender learns of it."""
    query = (
        sa.select(SentForm, Team)
        .join(Team, Team.id == SentForm.team_id)
        .join(Person, Person.team_id == Team.id)
        .where(SentForm.browser_hash == sender.browser, SentForm.browser_hash != "")
        .where(Person.address_key == address_key(contact), Person.part == "contact", Person.left_at.is_(None))
        .order_by(SentForm.id)
    )
    return [(form, team) for form, team in session.execute(query)]


def apply_once(
    season: Season,
    session: Session,
    sender: FormSender,
    application: Application,
    now: datetime,
    leave: LatePass | None,
) -> SentForm:
    """Take an application in once: the same form sent again finds what came of it the first time."""
    lock_places(session)
    before = form_received(session, sender.form)
    if before is not None:
        return before
    team = moves.apply(season, session, application, now, leave, place=sender.place)
    row = SentForm(
        form_hash=sender.form, browser_hash=sender.browser, content_hash=sender.content, team_id=team.id, at=now
    )
    session.add(row)
    session.flush()
    return row
