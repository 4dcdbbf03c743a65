"""Steps and works on which nobody decided in time: taken by itself or kept, as the programme says for each step; a
team that waits for the decision is told that it is late.

Acts in the caller's transaction. Must never take a step about which people have said different things.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.codes import AlertKind
from workflow.config.loader import Undecided
from workflow.database.models import Question, Team
from workflow.journey import moves
from workflow.notices import Notice
from workflow.records import approvals, queries
from workflow.records.history import alert
from workflow.rules.doors import Door
from workflow.rules.machine import TRIGGER_NAMES, Refusal, Trigger, Who
from workflow.season import CLOCK, Actor, Season
from workflow.text.bilingual import Text

AWAITED: Final[Mapping[Trigger, Text]] = {
    Trigger.CONFIRM: Text(et="teie koha kinnitamine", en="confirming your place"),
    Trigger.RELEASE: Text(et="teie teade, et te ei võta kohta vastu", en="your word that you do not take the place"),
    Trigger.ADVANCE: Text(et="teie järgmisse etappi viimine", en="moving you on to the next stage"),
    Trigger.COMPLETE: Text(et="programmi lõpetamine", en="completing the programme"),
    Trigger.WITHDRAW: Text(et="teie soov loobuda", en="your wish to withdraw"),
}
"""steps whose decision their team waits for; of the others it knows nothing yet"""


def step(season: Season, session: Session, asked: Question, now: datetime) -> None:
    """The time to decide a step is over."""
    team, about = asked.team, asked.about
    if team is None or asked.closed_at is not None or about["version"] != team.version:
        return
    trigger = Trigger(about["trigger"])
    by_itself = season.programme.undecided(trigger) is Undecided.AUTOMATIC and not approvals.contested(session, asked)
    if by_itself and _taken(season, session, asked, team, trigger, now):
        return
    if trigger in AWAITED:
        _tell_team(season, session, asked, team, AWAITED[trigger], now)


def _taken(season: Season, session: Session, asked: Question, team: Team, trigger: Trigger, now: datetime) -> bool:
    """Take the step as it was put before the coordinators, and tell them; False where something is missing by now."""
    why, name = str(asked.about.get("why", "")), TRIGGER_NAMES[trigger]
    moved = moves.move(season, session, team, trigger, _whoever_asked(asked), now, why=why, waited=True)
    if isinstance(moved, Refusal):
        return False
    asked.outcome = "expired"
    says = Text(
        et=f"{team.name}: keegi ei otsustanud õigeks ajaks ja teenus tegi sammu ise: {name.et}. "
        "Kui see oli viga, võtke samm meeskonna lehel tagasi.",
        en=f"{team.name}: nobody decided in time, and the service took the step by itself: {name.en}. "
        "If that was wrong, take the step back on the team's page.",
    )
    alert(season, session, f"undecided:{asked.id}", AlertKind.UNDECIDED, says, now, team=team)
    return True


def _whoever_asked(asked: Question) -> Actor:
    """The service, in the right of those whose word the step follows from."""
    who = Who.CONTACT if asked.about.get("by") is not None else CLOCK.who
    return Actor(who=who, name=CLOCK.name, via=Door.CLOCK, proof={"undecided": asked.id})


def review(season: Season, session: Session, asked: Question, now: datetime) -> None:
    """Nobody reviews a work, whatever reminders say: its team is told."""
    team, stage = asked.team, asked.stage
    work = season.programme.stage(stage).work if stage is not None else None
    if team is None or work is None:
        return
    awaits = Text(et=f"vastus teie tööle ({work.name.et})", en=f"the answer on your work ({work.name.en})")
    _tell_team(season, session, asked, team, awaits, now)


def _tell_team(
    season: Season, session: Session, asked: Question, team: Team, awaits: Text, now: datetime
) -> None:
    for person in queries.spokespeople(session, team.id):
        notice = Notice(
            template="decision_late",
            key=f"decision_late:{asked.id}:{person.id}",
            person=person,
            team=team,
            stage=asked.stage,
            facts={"awaits": awaits},
        )
        season.post(session, notice, now)
