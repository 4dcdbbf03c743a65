"""Alert facts: for each kind of alert, which of those that stand are about something that is so no more.

One function a kind, each with a fixed number of queries; which kind has which stands in `alert_checks.py`. Must never
write anything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LETTER_WAITS, HistoryEvent, LetterStatus
from workflow.database.models import (
    Alert,
    Base,
    HistoryRow,
    HoursRow,
    Letter,
    Mentorship,
    Question,
    StageSession,
    Team,
)
from workflow.journey import members
from workflow.journey.invitations import too_few
from workflow.rules.hours import EntryKind
from workflow.rules.machine import APPLIED
from workflow.rules.questions import AWAITED
from workflow.schedule import silence
from workflow.season import Season

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """What stands of one kind, at one moment."""

    season: Season
    session: Session
    now: datetime
    alerts: Sequence[Alert]

    @property
    def since(self) -> datetime:
        """When the oldest of them was told."""
        return min(alert.at for alert in self.alerts)

    def rows(self, table: type[Row], name: str) -> dict[int, Row | None]:
        """alert's id -> the row that it is about; None where that is gone. Alerts about no such row are left out."""
        wanted = {alert.id: alert.about[name] for alert in self.alerts if name in alert.about}
        query = sa.select(table).where(table.__table__.c.id.in_(wanted.values()))
        found = {sa.inspect(row).identity: row for row in self.session.scalars(query)}
        return {alert_id: found.get((row_id,)) for alert_id, row_id in wanted.items()}

    def teams(self) -> dict[int, Team]:
        """alert's id -> its team."""
        ids = {alert.team_id for alert in self.alerts}
        found = {team.id: team for team in self.session.scalars(sa.select(Team).where(Team.id.in_(ids)))}
        return {alert.id: found[alert.team_id] for alert in self.alerts if alert.team_id in found}

    def live(self, alert: Alert, teams: Mapping[int, Team]) -> bool:
        return alert.id in teams and teams[alert.id].state in self.season.machine.live


Over = Callable[[OpenAlerts], Iterable[int]]
"""the alerts (ids) whose fact is gone"""


# -- people and teams -------------------------------------------------------------------------------


def afterwards(look: OpenAlerts) -> Iterable[int]:
    """The letter is dealt with; of what came by a form, the answer on record is another one since."""
    questions = look.rows(Question, "question")
    waits = sa.select(Letter.question_id, Letter.person_id).where(
        Letter.status.in_((LetterStatus.NEW, *LETTER_WAITS)),
        Letter.question_id.in_({row.id for row in questions.values() if row is not None}),
    )
    waiting = {(row.question_id, row.person_id) for row in look.session.execute(waits)}
    for alert in look.alerts:
        question = questions.get(alert.id)
        if question is None:
            continue
        wrote = "letter" in alert.about
        if (question.id, alert.person_id) not in waiting if wrote else _answered_since(question, alert.at):
            yield alert.id


def _answered_since(question: Question, at: datetime) -> bool:
    return question.answered_by_id is not None and question.closed_at is not None and question.closed_at > at


def attendance(look: OpenAlerts) -> Iterable[int]:
    """Corrected once more: what still follows from it is told anew."""
    query = sa.select(HistoryRow.team_id, HistoryRow.at, HistoryRow.proof).where(
        HistoryRow.team_id.in_({alert.team_id for alert in look.alerts}),
        HistoryRow.event == HistoryEvent.ATTENDANCE_CORRECTED,
        HistoryRow.at > look.since,
    )
    later = [(row.team_id, row.proof.get("stage"), row.at) for row in look.session.execute(query)]
    for alert in look.alerts:
        mine = (alert.team_id, alert.about.get("stage"))
        if any((team, stage) == mine and at > alert.at for team, stage, at in later):
            yield alert.id


def behind(look: OpenAlerts) -> Iterable[int]:
    """It is no longer in the stage that it was stuck in."""
    teams = look.teams()
    return (a.id for a in look.alerts if "stage" in a.about and a.id in teams and teams[a.id].state != a.about["stage"])


def deadline(look: OpenAlerts) -> Iterable[int]:
    """All that came are decided."""
    undecided = sa.exists().where(Team.state == APPLIED)
    came = sa.exists().where(Team.id.is_not(None))
    decided = look.session.scalar(sa.select(sa.and_(came, ~undecided)))
    return [alert.id for alert in look.alerts] if decided else []


def disowned(look: OpenAlerts) -> Iterable[int]:
    """The contact says otherwise since, or the application is out."""
    teams = look.teams()
    return (
        alert.id for alert in look.alerts
        if alert.id in teams and (teams[alert.id].verified_at is not None or not look.live(alert, teams))
    )  # fmt: skip


def no_reaction(look: OpenAlerts) -> Iterable[int]:
    """Somebody of the team did or wrote something, or nothing is waited for from it any more."""
    teams, reacted = look.teams(), silence.reactions(look.session, look.since)
    asked = sa.select(Question.team_id).where(Question.kind.in_(AWAITED), Question.closed_at.is_(None)).distinct()
    asked_of = set(look.session.scalars(asked.where(Question.team_id.in_({team.id for team in teams.values()}))))
    for alert in look.alerts:
        last = reacted.get(alert.team_id or 0)
        heard = last is not None and last > alert.at
        if heard or not look.live(alert, teams) or alert.team_id not in asked_of:
            yield alert.id


def quorum(look: OpenAlerts) -> Iterable[int]:
    """The team is large enough again, or out."""
    teams, machine = look.teams(), look.season.machine
    whole = {team.id for team in set(teams.values()) if members.lack(machine, look.session, team) is None}
    return (a.id for a in look.alerts if a.id in teams and (a.team_id in whole or not look.live(a, teams)))


def few_coming(look: OpenAlerts) -> Iterable[int]:
    """Enough are coming, or the session has begun or has another time."""
    teams, meetings = look.teams(), look.rows(StageSession, "session")
    for alert in look.alerts:
        team, meeting = teams.get(alert.id), meetings.get(alert.id)
        if team is None or meeting is None:
            continue
        same = alert.key == f"few_coming:{meeting.id}:{team.id}:{meeting.timed}" and look.now < meeting.starts_at
        if not (same and too_few(look.season, look.session, team, meeting)):
            yield alert.id


def silent(look: OpenAlerts) -> Iterable[int]:
    """The question waits no more."""
    questions = look.rows(Question, "question")
    return (i for i, row in questions.items() if row is None or row.closed_at or row.answered_by_id)


def nobody_left(look: OpenAlerts) -> Iterable[int]:
    """What was closed for want of anybody to answer is asked or answered again, or the team is out."""
    questions, teams = look.rows(Question, "question"), look.teams()
    open_or_answered = {i for i, row in questions.items() if row is None or row.answered_by_id or not row.closed_at}
    return open_or_answered | {a.id for a in look.alerts if a.id in teams and not look.live(a, teams)}


def left(look: OpenAlerts) -> Iterable[int]:
    """The same; a team that had lost its mentor has one again."""
    query = sa.select(Mentorship.team_id).where(Mentorship.until.is_(None))
    mentored = set(look.session.scalars(query.where(Mentorship.team_id.in_({a.team_id for a in look.alerts}))))
    again = {a.id for a in look.alerts if "question" not in a.about and a.team_id in mentored}
    return again.union(nobody_left(look))


# -- hours -------------------------------------------------------------------------------------------


def hours(look: OpenAlerts) -> Iterable[int]:
    """The hours that waited are decided."""
    ids = {alert.about["hours"] for alert in look.alerts if "hours" in alert.about}
    decided = sa.select(HoursRow.about_id).where(HoursRow.kind.in_((EntryKind.REPORTED, EntryKind.DROPPED)))
    done = set(look.session.scalars(decided.where(HoursRow.about_id.in_(ids))))
    return (alert.id for alert in look.alerts if alert.about.get("hours") in done)


def dispute(look: OpenAlerts) -> Iterable[int]:
    """The hours were corrected or taken back since, or the team says otherwise."""
    questions = look.rows(Question, "question")
    entries = {i: set(row.about["entries"]) if row is not None else set() for i, row in questions.items()}
    query = sa.select(HoursRow.about_id, HoursRow.at).where(
        HoursRow.kind == EntryKind.CORRECTED, HoursRow.about_id.in_(set().union(*entries.values()))
    )
    corrected = [(row.about_id, row.at) for row in look.session.execute(query)]
    for alert in look.alerts:
        question = questions.get(alert.id)
        if question is None:
            continue
        mended = any(entry in entries[alert.id] and at >= alert.at for entry, at in corrected)
        if mended or (question.answer or {}).get("kind") != "no":
            yield alert.id
