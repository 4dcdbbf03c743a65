"""Statistics of self-assessments: averages before and after, by learning outcome and by team, never by name.

Only questions whose time is over are counted, so that no average moves as one more answer comes in. A group with
fewer than three answers is not shown; and where the others' averages would give it away, nor is the next smallest.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme
from workflow.database.models import Question, Reflection, Team
from workflow.journey.reflection import LearningOutcome, Moment, outcomes
from workflow.text import formatting

FEWEST = 3
"""answers below which a group is not shown by itself"""


@dataclass(frozen=True, slots=True)
class Average:
    """Of so many answers; `mean` in hundredths."""

    answers: int
    mean: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """One outcome of one group: None where there are too few answers to be shown."""

    outcome: LearningOutcome
    before: Average | None
    after: Average | None


@dataclass(frozen=True, slots=True)
class ReflectionGroup:
    """A team's changes, or everybody's where `team` is None."""

    team: Team | None
    changes: tuple[Change, ...]

    @property
    def shown(self) -> bool:
        return any(one.before or one.after for one in self.changes)


@dataclass(frozen=True, slots=True)
class ReflectionReport:
    """`answered`: how many members answered at each moment, where there are enough of them to say so."""

    everybody: ReflectionGroup
    teams: tuple[ReflectionGroup, ...]
    answered: Mapping[Moment, int]


Sums = Mapping[int, tuple[int, int]]
"""team -> how many answers, and what they add up to"""


def report(programme: Programme, session: Session) -> ReflectionReport:
    """All averages, as things stand."""
    sums = _sums(session)
    teams = sorted(_teams(session), key=lambda team: (formatting.sort_key(team.name), team.id))
    everybody, by_team = [], defaultdict(list)
    for outcome in outcomes(programme):
        both = [sums.get((outcome.key, moment), {}) for moment in Moment]
        everybody.append(Change(outcome, *(_all(one) for one in both)))
        open_to = [may_be_shown({team: n for team, (n, _) in one.items()}) for one in both]
        for team in teams:
            found = (
                _average(*one[team.id]) if team.id in shown else None for one, shown in zip(both, open_to, strict=True)
            )
            by_team[team.id].append(Change(outcome, *found))
    groups = tuple(ReflectionGroup(team, tuple(by_team[team.id])) for team in teams)
    return ReflectionReport(ReflectionGroup(None, tuple(everybody)), groups, _answered(session))


def may_be_shown(answers: Mapping[int, int]) -> frozenset[int]:
    """Which groups may be shown beside the average of all: what is left out must not be found by subtracting."""
    shown = {team: n for team, n in answers.items() if n >= FEWEST}
    hidden = sum(n for n in answers.values() if n < FEWEST)
    while shown and 0 < hidden < FEWEST:
        smallest = min(shown, key=lambda team: (shown[team], team))
        hidden += shown.pop(smallest)
    return frozenset(shown)


def _sums(session: Session) -> dict[tuple[str, str], Sums]:
    count, total = sa.func.count(), sa.func.sum(Reflection.rating)
    query = (
        sa.select(Reflection.outcome, Reflection.moment, Reflection.team_id, count, total)
        .outerjoin(Question, Reflection.question_id == Question.id)
        .where(_over())
        .group_by(Reflection.outcome, Reflection.moment, Reflection.team_id)
    )
    found: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for outcome, moment, team, n, added in session.execute(query):
        found[outcome, moment][team] = (n, int(added))
    return dict(found)


def _over() -> sa.ColumnElement[bool]:
    """Its time is over, or nobody knows any more whose it was."""
    return sa.or_(Reflection.question_id.is_(None), Question.closed_at.is_not(None))


def _teams(session: Session) -> list[Team]:
    return list(session.scalars(sa.select(Team).where(Team.id.in_(sa.select(Reflection.team_id)))))


def _answered(session: Session) -> dict[Moment, int]:
    query = (
        sa.select(Reflection.moment, sa.func.count(sa.distinct(Reflection.question_id)))
        .join(Question, Reflection.question_id == Question.id)
        .where(Question.closed_at.is_not(None))
        .group_by(Reflection.moment)
    )
    found = Counter({Moment(moment): n for moment, n in session.execute(query)})
    return {moment: found[moment] for moment in Moment}


def _all(sums: Sums) -> Average | None:
    n, total = (sum(pair[i] for pair in sums.values()) for i in (0, 1))
    return _average(n, total) if n >= FEWEST else None


def _average(n: int, total: int) -> Average:
    return Average(n, (Decimal(total) / n).quantize(Decimal("0.01")))
