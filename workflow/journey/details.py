"""Corrects a person's name, language, phone, post and side, or a team's name; certificates and the composition follow.

Attendance, history and what was mailed stay as they are. Acts in the caller's transaction, and returns what changed in
sentences, old value and new, or the one sentence that says why nothing was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, AliasKind, HistoryEvent
from workflow.config.loader import Programme
from workflow.database.models import Message, Person, Team
from workflow.journey import certificates, members
from workflow.notices import Notice
from workflow.records import aliases, queries
from workflow.records.history import alert, record
from workflow.rules.application import NAME_MAX, PHONE_MAX, clean, name_faults, person_faults
from workflow.season import Actor, Season
from workflow.text.bilingual import LANGUAGE_NAMES, Text

ROLES: Final = ("member", "guest")
"""whose details stand in the database alone; those of all others are laid from config.toml at each start"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What can be corrected of a person, as one line of text each. `side` is empty where they are on no team."""

    name: str
    lang: str
    phone: str
    post: str
    side: str


FIELDS: Final = tuple(field.name for field in fields(Details))


def of(person: Person) -> Details:
    """The details as they stand."""
    return Details(
        name=person.name, lang=person.lang, phone=person.phone, post=person.post, side=person.side or ""
    )  # fmt: skip


def typed(person: Person, row: Mapping[str, str]) -> Details:
    """The details as typed into a form; what the form does not ask for stays."""
    asked = {key: clean(value) for key, value in row.items()}
    wanted = replace(of(person), **asked)
    return replace(wanted, phone=wanted.phone[:PHONE_MAX], post=wanted.post[:NAME_MAX])


def correct(
    season: Season, session: Session, person: Person, wanted: Details, actor: Actor, now: datetime, *, why: str = ""
) -> tuple[Text, ...] | Text:
    """Write the person down so."""
    session.refresh(person, with_for_update=True)
    before = of(person)
    refused = refusal(season, person, wanted)
    if refused is not None:
        return refused
    if wanted.name != before.name:
        aliases.remember(session, person, AliasKind.NAME, before.name, now)
    person.name, person.lang, person.phone, person.post = wanted.name, wanted.lang, wanted.phone, wanted.post
    person.side = wanted.side or None
    session.flush()
    if person.team is not None:
        _followed(season, session, person.team, person, before, actor, now, why)
    return changes(season.programme, before, wanted)


def _followed(
    season: Season,
    session: Session,
    team: Team,
    person: Person,
    before: Details,
    actor: Actor,
    now: datetime,
    why: str,
) -> None:
    said = [one.as_dict() for one in changes(season.programme, before, of(person), whole=False)]
    proof = {"person": person.id, "changes": said}
    line = record(session, team, HistoryEvent.DETAILS, actor, now, why=clean(why), proof=proof)
    if (before.name, before.lang) != (person.name, person.lang):
        certificates.anew(season, session, team, [person], line, now)
    if before.side != (person.side or ""):
        members.check_quorum(season, session, team, now)


def rename(
    season: Season, session: Session, team: Team, name: str, actor: Actor, now: datetime, *, why: str = ""
) -> tuple[Text, ...] | Text:
    """Give the team this name from now on."""
    session.refresh(team, with_for_update=True)
    wanted, before = clean(name), team.name
    fault = name_faults(wanted, Text(et="Kirjutage meeskonna nimi.", en="Write the team's name."))
    if fault is not None:
        return fault
    if wanted == before:
        return _NOTHING
    team.name = wanted
    session.flush()
    said = _change(_TEAM, Text(et=before, en=before), Text(et=wanted, en=wanted))
    proof = {"changes": [said.as_dict()]}
    line = record(session, team, HistoryEvent.RENAMED, actor, now, why=clean(why), proof=proof)
    certificates.anew(season, session, team, queries.members(session, team.id), line, now)
    return (said,)


def correct_own(
    season: Season, session: Session, person: Person, wanted: Details, actor: Actor, now: datetime
) -> tuple[Text, ...] | Text:
    """The same by the person, behind the link in their mails: they get a receipt, and the coordinator is told."""
    session.refresh(person, with_for_update=True)
    day = sa.select(sa.func.count()).where(
        Message.person_id == person.id, Message.template == RECEIPT, Message.created_at > now - timedelta(days=1)
    )
    today = session.scalar(day) or 0
    if today >= A_FEW:
        return _OFTEN
    before, team = of(person), person.team
    said = correct(season, session, person, wanted, actor, now)
    if isinstance(said, Text):
        return said
    kept = changes(season.programme, before, of(person), whole=False)
    key = f"details:{person.id}:{now.isoformat()}:{today}"
    words = Text(et="; ".join(one.et for one in kept), en="; ".join(one.en for one in kept))
    says = Text(
        et=f"{person.name} muutis ise oma andmeid. {words.et}.",
        en=f"{person.name} changed their own details. {words.en}.",
    )
    alert(season, session, key, AlertKind.DETAILS, says, now, team=team, person=person)
    season.post(session, Notice(template=RECEIPT, key=key, person=person, team=team, facts={"done": kept}), now)
    return said


RECEIPT: Final = "details_changed"
A_FEW: Final = 3
"""so often a day may somebody change their own details: each time two people are told"""
_OFTEN: Final = Text(
    et="Olete oma andmeid täna juba mitu korda muutnud. Kirjutage koordinaatorile.",
    en="You have changed your details several times today. Write to the coordinator.",
)
_NOTHING: Final = Text(et="Midagi ei muutunud: kõik on juba nii kirjas.", en="Nothing changed: it stands so already.")
_ELSEWHERE: Final = Text(
    et="Koolitajate, mentorite ja koordinaatorite andmed on failis config.toml.",
    en="The details of trainers, mentors and coordinators stand in config.toml.",
)
_TEAM: Final = Text(et="Meeskonna nimi", en="The team's name")


def refusal(season: Season, person: Person, wanted: Details) -> Text | None:
    """Why the person cannot be written down so; None where they can. Changes nothing."""
    if person.role not in ROLES:
        return _ELSEWHERE
    if person.left_at is not None:
        return Text(et=f"{person.name} on lahkunud.", en=f"{person.name} has left.")
    if wanted.lang not in {person.lang, *season.programme.languages}:
        return Text(et="Valige kirjade keel.", en="Choose the language of mails.")
    row = {"name": wanted.name, "post": wanted.post, "phone": wanted.phone, "side": wanted.side}
    fault = next(iter(person_faults(season.programme, row, on_a_team=person.team_id is not None)), None)
    return fault.says if fault is not None else _NOTHING if wanted == of(person) else None


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the details: its name for people, its values in words, and whether history may keep these."""

    name: Text
    values: Mapping[str, Text] | None = None
    kept: bool = True

    def change(self, before: str, after: str, *, whole: bool) -> Text:
        return _change(self.name, self._said(before), self._said(after)) if whole or self.kept else self.name

    def _said(self, value: str) -> Text:
        return (self.values or {}).get(value) or Text(et=value, en=value)


_FIELDS: Final[Mapping[str, _Field]] = {
    "name": _Field(Text(et="Nimi", en="Name")),
    "lang": _Field(Text(et="Kirjade keel", en="Language of mails"), LANGUAGE_NAMES),
    "side": _Field(Text(et="Pool", en="Side")),
    "phone": _Field(Text(et="Telefon", en="Phone"), kept=False),
    "post": _Field(Text(et="Amet või roll", en="Post or role"), kept=False),
}
"""of a phone number and a post history says only that they changed: it outlives them"""


def changes(programme: Programme, before: Details, after: Details, *, whole: bool = True) -> tuple[Text, ...]:
    """What differs, a sentence each; whole: with every value, for whoever changes it, and not for history."""
    kinds = {kind.key: kind.name for kind in programme.team.kinds}
    named = {**_FIELDS, "side": replace(_FIELDS["side"], values=kinds)}
    pairs = ((field, getattr(before, key), getattr(after, key)) for key, field in named.items())
    return tuple(field.change(was, now, whole=whole) for field, was, now in pairs if was != now)


def _change(what: Text, before: Text, after: Text) -> Text:
    return Text(
        et=f"{what.et}: „{before.et}“ → „{after.et}“" if before.et else f"{what.et}: „{after.et}“",
        en=f"{what.en}: “{before.en}” → “{after.en}”" if before.en else f"{what.en}: “{after.en}”",
    )
