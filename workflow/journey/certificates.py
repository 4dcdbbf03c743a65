"""Certificates: which members of a team took part, and what each one's certificate says.

Reads and values only; `mail/composing/certificate_pdf.py` makes the page, `moves.py` says when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme, Text
from workflow.database.models import Attendance, Person, StageSession, Team
from workflow.records import queries
from workflow.text import formatting as say

TITLE = Text(et="Tunnistus", en="Certificate")
TEAM = Text(et="Meeskond", en="Team")
TOOK_PART = Text(et="osales programmis", en="took part in the programme")
SESSIONS = Text(et="Osaletud kohtumised", en="Sessions attended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Everything that stands on the page, in its language; `day` is the day of issue."""

    lang: str
    title: str
    name: str
    team: str
    took_part: str
    programme: str
    period: str
    sessions_title: str
    sessions: tuple[str, ...]
    organisers: tuple[str, ...]
    issued: str
    signer: str
    signer_role: str
    day: date


def earned(
    programme: Programme, session: Session, team: Team, now: datetime
) -> Iterator[tuple[Person, Certificate]]:
    """A certificate for each present member who was at as many sessions as the config asks."""
    needed = programme.certificates
    if needed is None:
        return
    meetings = {one.stage: one for one in queries.sessions_of(session, team.group) if one.cancelled_at is None}
    came = _came(session, team)
    for person in queries.members(session, team.id):
        attended = [meetings[stage] for stage in meetings if (person.id, stage) in came]
        if len(attended) >= needed.sessions:
            yield person, _certificate(programme, person, team, attended, list(meetings.values()), now)


def _came(session: Session, team: Team) -> set[tuple[int, str]]:
    query = sa.select(Attendance.person_id, Attendance.stage).where(
        Attendance.team_id == team.id, Attendance.present.is_(True)
    )
    return {(row.person_id, row.stage) for row in session.execute(query)}


def _certificate(
    programme: Programme,
    person: Person,
    team: Team,
    attended: list[StageSession],
    meetings: list[StageSession],
    now: datetime,
) -> Certificate:
    lang, today = person.lang, now.astimezone(programme.tz).date()
    days = sorted(one.starts_at.astimezone(programme.tz).date() for one in meetings)
    return Certificate(
        lang=lang,
        title=TITLE.say(lang),
        name=person.name,
        team=f"{TEAM.say(lang)}: {team.name}",
        took_part=TOOK_PART.say(lang),
        programme=programme.name.say(lang),
        period=f"{say.day(days[0], lang)} – {say.day(days[-1], lang)}",
        sessions_title=SESSIONS.say(lang),
        sessions=tuple(_session(programme, one, lang) for one in attended),
        organisers=tuple(one.say(lang) for one in programme.organisers),
        issued=say.day(today, lang),
        signer=programme.contact.name,
        signer_role=programme.contact.role.say(lang) if programme.contact.role else "",
        day=today,
    )


def _session(programme: Programme, meeting: StageSession, lang: str) -> str:
    day = say.day(meeting.starts_at.astimezone(programme.tz).date(), lang)
    return f"{programme.stage(meeting.stage).name.say(lang)}, {day}"
