"""Certificates of participation: which members earn one, and what it says.

`mail/composing/certificate_pdf.py` makes the page, `workflow.journey.moves` and a corrected attendance say when.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.config.loader import Programme
from workflow.database.models import HistoryRow, Message, Person, StageSession, Team
from workflow.notices import Certificate, Notice
from workflow.records import attendance, queries
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text

TITLE = Text(et="Tunnistus", en="Certificate")
TEAM = Text(et="Meeskond", en="Team")
TOOK_PART = Text(et="osales programmis", en="took part in the programme")
SESSIONS = Text(et="Osaletud kohtumised", en="Sessions attended")


def earned(programme: Programme, session: Session, team: Team, now: datetime) -> Iterator[tuple[Person, Certificate]]:
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


def send(
    season: Season, session: Session, team: Team, person: Person, given: Certificate, row: HistoryRow, now: datetime
) -> None:
    """Queue one certificate; as the config says, it waits for the coordinator."""
    season.post(
        session,
        Notice(
            template="certificate",
            key=f"certificate:{row.id}:{person.id}",
            person=person,
            team=team,
            facts={"attended": given.sessions},
            history=row,
            certificate=given,
        ),
        now,
    )


def anew(
    season: Season, session: Session, team: Team, people: Iterable[Person], row: HistoryRow, now: datetime
) -> None:
    """Certificates that say what was just corrected, made again of these people who had one: what has not left is
    dropped, and the new ones wait as any does."""
    query = sa.select(Message).where(Message.template == "certificate", Message.team_id == team.id)
    had = query.where(Message.person_id.in_([one.id for one in people]), Message.status != MessageStatus.DROPPED)
    theirs = session.scalars(had).all()
    for message in theirs:
        if message.status not in (MessageStatus.SENT, MessageStatus.SENDING):
            message.status = MessageStatus.DROPPED
    whose = {message.person_id for message in theirs}
    for person, given in earned(season.programme, session, team, now) if whose else ():
        if person.id in whose:
            send(season, session, team, person, given, row, now)


def _came(session: Session, team: Team) -> set[tuple[int, str]]:
    return {(row.person_id, row.stage) for row in attendance.of_team(session, team.id) if row.present}


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
        period=f"{formatting.day(days[0], lang)} – {formatting.day(days[-1], lang)}",
        sessions_title=SESSIONS.say(lang),
        sessions=tuple(_session(programme, one, lang) for one in attended),
        organisers=tuple(one.say(lang) for one in programme.organisers),
        issued=formatting.day(today, lang),
        signer=programme.contact.name,
        signer_role=programme.contact.role.say(lang) if programme.contact.role else "",
        day=today,
    )


def _session(programme: Programme, meeting: StageSession, lang: str) -> str:
    day = formatting.day(meeting.starts_at.astimezone(programme.tz).date(), lang)
    return f"{programme.stage(meeting.stage).name.say(lang)}, {day}"
