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

from workflow import journey
from workflow.application import Application, Fault, address_key, clean
from workflow.database import lock_places
from workflow.models import InfoSignup, LatePass, Person, Setting, Team
from workflow.notices import Method, Notice
from workflow.programme import InfoDay, Text
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
    key = address_key(guest.address) or guest.address.lower()
    person = session.scalars(sa.select(Person).where(Person.role == "guest", Person.address_key == key)).first()
    person = person or _new_guest(session, guest, key, now)
    if session.scalar(sa.select(InfoSignup.id).where(InfoSignup.person_id == person.id)) is None:
        session.add(InfoSignup(person_id=person.id, at=now))
        session.flush()
    season.post(session, _welcome(season, info, person, now), now)


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


def received(session: Session, form: str) -> Team | None:
    """The team whose application came with this form, if it came already."""
    row = session.get(Setting, _form_key(form))
    return session.get(Team, int(row.value)) if row else None


def apply_once(
    season: Season, session: Session, form: str, application: Application, now: datetime, leave: LatePass | None
) -> Team:
    """Take an application in once: the same form sent again finds what came of it the first time."""
    lock_places(session)
    before = received(session, form)
    if before is not None:
        return before
    team = journey.apply(season, session, application, now, leave)
    session.add(Setting(key=_form_key(form), value=str(team.id)))
    session.flush()
    return team


def _form_key(form: str) -> str:
    return f"applied:{form[:40]}"
