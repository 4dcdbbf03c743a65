"""Those who are not on the journey yet: guests of the info day, late applicants, and an application sent twice.

Each function acts in the caller's one transaction. Must never tell who is known here: what a stranger gets to
see is the same for every address.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import InfoDay, Text
from workflow.database.engine import lock_places
from workflow.database.models import InfoSignup, LatePass, Person, SentForm, Team
from workflow.journey import moves as journey
from workflow.notices import Method, Notice
from workflow.records import queries
from workflow.rules.application import Application, Fault, address_key, clean
from workflow.season import Season

NAME_MAX: Final = 80
SECRET: Final = re.compile(r"[a-z0-9]{16,60}")
LINK: Final = re.compile(r"https?:|www\.|[<>\[\]{}]|://", re.IGNORECASE)
AGAIN: Final = timedelta(days=1)
"""how often one address is sent the welcome at most"""


# -- the info day -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Someone who wants to come to the info day, as typed and checked."""

    name: str
    address: str
    lang: str


def check_guest(name: str, address: str, lang: str) -> tuple[Guest | None, tuple[Fault, ...]]:
    """The guest, or every fault."""
    faults = [*_name_faults(clean(name)), *_address_faults(address)]
    if faults:
        return None, tuple(faults)
    return Guest(name=clean(name), address=address.strip(), lang="en" if lang == "en" else "et"), ()


def _name_faults(name: str) -> list[Fault]:
    if not name:
        return [Fault("name", Text(et="Kirjutage oma nimi.", en="Write your name."))]
    if len(name) > NAME_MAX or LINK.search(name):
        says = Text(
            et=f"Kirjutage ainult nimi, kuni {NAME_MAX} tähemärki.", en=f"Just the name, up to {NAME_MAX} letters."
        )
        return [Fault("name", says)]
    return []


def _address_faults(address: str) -> list[Fault]:
    if address_key(address) is not None:
        return []
    says = Text(et="Kirjutage meiliaadress kujul nimi@asutus.ee.", en="Write a mail address such as name@example.org.")
    return [Fault("address", says)]


def sign_up(season: Season, session: Session, guest: Guest, now: datetime) -> None:
    """Put a guest down for the info day and send the welcome with its calendar file; twice is fine."""
    info = season.programme.info_day
    if info is None or info.end <= now:
        return
    lock_places(session)  # the same address twice at once is still one guest
    person = as_person(session, guest, now)
    if session.scalar(sa.select(InfoSignup.id).where(InfoSignup.person_id == person.id)) is None:
        session.add(InfoSignup(person_id=person.id, at=now))
        session.flush()
    season.post(session, _welcome(season, info, person, now), now)


def as_person(session: Session, guest: Guest, now: datetime) -> Person:
    """Whom a mail without a team goes to; guests are known by their address."""
    key = address_key(guest.address) or guest.address.lower()
    found = session.scalars(sa.select(Person).where(Person.role == "guest", Person.address_key == key)).first()
    return found or _new_guest(session, guest, key, now)


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


def _welcome(season: Season, info: InfoDay, person: Person, now: datetime) -> Notice:
    day = now.astimezone(season.programme.tz).date()
    return Notice(
        template="info_day",
        key=f"info_day:{person.id}:{day:%Y%m%d}",
        person=person,
        calendar=Method.PUBLISH,
        facts={"start": info.start, "end": info.end, "place": info.place, "join_link": info.link},
    )


# -- applying -----------------------------------------------------------------------------------------------------


def late_pass(session: Session, secret: str, now: datetime) -> LatePass | None:
    """The coordinator's leave of this secret, unused and not over yet."""
    if not SECRET.fullmatch(secret.lower()):
        return None
    query = sa.select(LatePass).where(LatePass.secret == secret.lower()).with_for_update()
    found = session.scalars(query).first()
    return found if found is not None and found.team_id is None and found.until > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Which form was sent, from which browser, and what it said: digests only."""

    form: str
    browser: str
    content: str


def form_received(session: Session, form: str) -> SentForm | None:
    """What was noted when this form came, if it came already."""
    return session.scalars(sa.select(SentForm).where(SentForm.form_hash == form)).first()


def received_from(session: Session, sender: Sender) -> SentForm | None:
    """The very same application from the same browser, whichever form it was typed into."""
    query = sa.select(SentForm).where(SentForm.browser_hash == sender.browser, SentForm.content_hash == sender.content)
    return session.scalars(query.order_by(SentForm.id)).first()


def others_from(session: Session, sender: Sender, contact: str) -> list[tuple[SentForm, Team]]:
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
    season: Season, session: Session, sender: Sender, application: Application, now: datetime, leave: LatePass | None
) -> SentForm:
    """Take an application in once: the same form sent again finds what came of it the first time."""
    lock_places(session)
    before = form_received(session, sender.form)
    if before is not None:
        return before
    earlier = _in_already(season, session, application)
    team = journey.apply(season, session, application, now, leave)
    row = SentForm(
        form_hash=sender.form, browser_hash=sender.browser, content_hash=sender.content, team_id=team.id, at=now
    )
    session.add(row)
    session.flush()
    if earlier is not None:
        _tell_of_both(season, session, team, earlier, now)
    return row


def _in_already(season: Season, session: Session, application: Application) -> Team | None:
    """Another application, in the running or on the way, with the same contact."""
    contact = next(one for one in application.members if one.part == "contact")
    query = (
        sa.select(Team)
        .join(Person, Person.team_id == Team.id)
        .where(Person.address_key == address_key(contact.address), Person.part == "contact")
        .where(Person.left_at.is_(None), Team.state.in_(season.machine.live))
        .order_by(Team.id.desc())
    )
    return session.scalars(query).first()


def _tell_of_both(season: Season, session: Session, team: Team, earlier: Team, now: datetime) -> None:
    """By mail, to the contact alone: nobody else learns that this address is known."""
    contact = queries.contact(session, team.id)
    if contact is not None:
        notice = Notice(
            template="applied_twice",
            key=f"applied_twice:{team.id}",
            person=contact,
            team=team,
            facts={"earlier": earlier.name, "at": earlier.applied_at, "counts": earlier.verified_at is not None},
        )
        season.post(session, notice, now)
