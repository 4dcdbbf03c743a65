"""Gathers what a question said to the person who now replies: its session, its month, its roster, the other teams.

A day, an hour or a name that stood in the question adds nothing to an answer; another one makes it unclear. The
reader of replies knows only what it is told here. Never writes.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import HoursRow, Question, StageSession, Team
from workflow.journey import mentoring
from workflow.records import queries
from workflow.replies import understand
from workflow.replies.answers import Asked
from workflow.rules.questions import QuestionKind
from workflow.season import Season

_OF_ONE_TEAM = frozenset({QuestionKind.HOURS, QuestionKind.HOURS_CHECK, QuestionKind.REVIEW})
"""asked of people who know several teams: another one's name makes an answer unclear"""


def asked(session: Session, season: Season, question: Question, today: date) -> Asked:
    """What the question put to this person, as it stands now."""
    kind = question.kind
    meeting = _meeting(session, question)
    tz = season.programme.tz
    moments = [at.astimezone(tz) for at in (meeting.starts_at, meeting.ends_at)] if meeting else []
    return Asked(
        today=today,
        names=queries.roster(session, season.machine, question) if kind == QuestionKind.ROLL_CALL else (),
        listed=mentoring.shows_list(question) if kind == QuestionKind.HOURS else True,
        days=_days(moments) if meeting else _named_days(session, question, tz),
        times=tuple(at.time() for at in moments),
        workshop=workshop(meeting.stage) if meeting else None,
        month=str(question.about.get("month", "")) if kind == QuestionKind.HOURS else "",
        sent=question.asked_at.astimezone(tz).date(),
        team=question.team.name if question.team else "",
        signs=_signs(question),
        teams=_other_teams(session, question) if kind in _OF_ONE_TEAM else (),
        form=str(question.about.get("form", "")) if kind == QuestionKind.POLL else "",
        choices=tuple(map(str, question.about.get("choices", ()))) if kind == QuestionKind.POLL else (),
    )


def _named_days(session: Session, question: Question, tz: tzinfo) -> tuple[date, ...]:
    """The days that its mail speaks of: of the application, of the sessions offered, of the hours listed."""
    team = question.team
    match question.kind:
        case QuestionKind.VERIFY if team is not None:
            return _days([team.applied_at.astimezone(tz)])
        case QuestionKind.CONFIRM_PLACE if team is not None:
            meetings = queries.sessions_of(session, team.group)
            return _days([at.astimezone(tz) for one in meetings for at in (one.starts_at, one.ends_at)])
        case QuestionKind.HOURS | QuestionKind.HOURS_CHECK:
            rows = (session.get_one(HoursRow, number).day for number in question.about.get("entries", ()))
            return tuple(dict.fromkeys(day for day in rows if day is not None))
    return ()


def _signs(question: Question) -> tuple[str, ...]:
    """The names that those asked sign with: their own, and their home's."""
    home = question.team.home if question.team else ""
    return tuple(name for name in (*(one.person.name for one in question.addressees), home) if name)


def _meeting(session: Session, question: Question) -> StageSession | None:
    """The session that is asked about, as it stands now."""
    if not understand.READERS[question.kind].about_a_session:
        return None
    return queries.stage_session(session, question.stage, question.group)


def _other_teams(session: Session, question: Question) -> tuple[str, ...]:
    return tuple(session.scalars(sa.select(Team.name).where(Team.id != question.team_id).order_by(Team.id)))


def _days(moments: Sequence[datetime]) -> tuple[date, ...]:
    return tuple(dict.fromkeys(at.date() for at in moments))


def workshop(stage: str) -> int | None:
    """Which workshop a stage is, as people count them: 2 of `workshop_2`."""
    number = re.search("_([1-9])$", stage)
    return int(number[1]) if number else None
