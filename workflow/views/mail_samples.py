"""Template facts from a real team's data, for previews of mails. Must never write.

Only what stands in the tables or in the programme; what a mail says of its own occasion (a reason, a comment,
somebody's answer) is left to samples.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme, Stage
from workflow.database.models import Person, StageSession, Submission, Team
from workflow.journey import sessions
from workflow.notices import Fact, Minutes
from workflow.records import queries
from workflow.rules.machine import state_name
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text


def common(programme: Programme) -> dict[str, Fact]:
    """What holds for every mail of the programme."""
    contact, info = programme.contact, programme.info_day
    return {
        "programme": programme.name,
        "short": programme.short_name,
        "coordinator": contact.name,
        "coordinator_address": contact.address,
        "coordinator_phone": contact.phone,
        "closes_at": programme.apply.closes_at,
        **({"start": info.start, "end": info.end, "join_link": info.link} if info else {}),
    }


def of_team(season: Season, session: Session, team: Team, template: str) -> Mapping[str, Fact]:
    """The team's facts for this template, those that are known."""
    found = common(season.programme) | _team(season, session, team) | _addressee(session, team, template)
    stage = _stage(season, team, template)
    if stage is not None:
        found |= _of_stage(season, session, team, stage, template)
    return {name: fact for name, fact in found.items() if fact not in (None, "", ())}


def _team(season: Season, session: Session, team: Team) -> dict[str, Fact]:
    members = queries.members(session, team.id)
    contact = queries.contact(session, team.id)
    mentors = queries.mentorships(session, team.id)
    return {
        "team": team.name,
        "home": team.home,
        "state": state_name(season.programme, team.state),
        "rank": team.rank,
        "members": tuple(p.name for p in members),
        "contact": contact.name if contact else None,
        "contact_address": contact.address if contact else None,
        "expected": ((team.name, ", ".join(p.name for p in members)),),
        "mentor": mentors[0].person.name if mentors else None,
        "mentor_address": mentors[0].person.address if mentors else None,
        "left": Minutes(queries.ledger_balance(session, season.programme, team.id).left),
        **(sessions.dates_facts(season, session, team.group) if team.group else {"group": None, "dates": None}),
    }


def _addressee(session: Session, team: Team, template: str) -> dict[str, Fact]:
    """Whom such a mail would go to."""
    role = MAIL_KINDS[template].to
    person: Person | None = next(iter(queries.staff(session, role)), None)
    person = person or queries.contact(session, team.id)
    return {"name": person.name if person else None}


def _stage(season: Season, team: Team, template: str) -> Stage | None:
    """The stage that the team is in, or else the first; where work is spoken of, one that has work."""
    stages = season.programme.stages
    fitting = [s for s in stages if s.work is not None] if "work" in MAIL_KINDS[template].facts else list(stages)
    if MAIL_KINDS[template].session:
        fitting = [s for s in fitting if s.sessions]
    return next((s for s in fitting if s.key == team.state), next(iter(fitting), None))


def _of_stage(season: Season, session: Session, team: Team, stage: Stage, template: str) -> dict[str, Fact]:
    latest = queries.latest_submission(session, team.id, stage.key)
    found: dict[str, Fact] = {
        "stage": stage.name,
        "topics": tuple(stage.topics),
        "work": stage.work.name if stage.work else None,
        "instructions": stage.work.instructions if stage.work else None,
        "files": _files(latest),
    }
    meeting = queries.stage_session(session, stage.key, team.group) or _any(session, stage.key)
    if MAIL_KINDS[template].session and meeting is not None:
        found |= {"when": _when(season, meeting), "place": Text(**meeting.place)}
    return found


def _files(latest: Submission | None) -> tuple[str, ...]:
    return tuple(f.name for f in latest.files) if latest else ()


def _any(session: Session, stage: str) -> StageSession | None:
    """A team without a group yet is shown the first one's."""
    query = sa.select(StageSession).where(StageSession.stage == stage, StageSession.cancelled_at.is_(None))
    return session.scalars(query.order_by(StageSession.starts_at).limit(1)).first()


def _when(season: Season, meeting: StageSession) -> Text:
    said = {
        lang: formatting.span(meeting.starts_at, meeting.ends_at, lang, season.programme.tz) for lang in ("et", "en")
    }
    return Text(**said)
