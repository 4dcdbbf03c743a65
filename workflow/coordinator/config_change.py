"""Config changes during a season: the differences, what forbids them, and their effects on teams when they are
applied.

A running season is bound to the config it was started with (`bound`, `bind`); the file may change meanwhile, but
only `take_effect` changes the season, and `preview.foresee` shows beforehand what that does. Must never change a
team's state.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme
from workflow.database.models import Duty, HistoryRow, Question, Setting, StageSession, Team
from workflow.journey import invitations, moves, sessions
from workflow.notices import Notice
from workflow.records import open_questions, queries
from workflow.records.preview import Foreseen
from workflow.rules.duties import of_programme
from workflow.rules.machine import Machine
from workflow.rules.questions import WORK
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text

KEY = "config"
NOT_IN_FORCE = Text(
    et="config.toml ei ole enam see, millega hooaeg algas. Muudatus ei kehti enne, kui see on üle vaadatud: "
    "käsk „teekond change“ näitab, mida see muudab, ja „teekond change --apply“ paneb kehtima.",
    en="config.toml is no longer what the season was begun with. The change is not in force until it is looked at: "
    '"teekond change" shows what it does, and "teekond change --apply" lets it take effect.',
)


# -- what the season is bound to ----------------------------------------------------------------------


def bound(session: Session) -> str | None:
    """The text of the config that the season runs on; None before the first start."""
    kept = session.get(Setting, KEY)
    return kept.value if kept else None


def bind(session: Session, text: str) -> None:
    """From now on the season runs on this text."""
    session.merge(Setting(key=KEY, value=text))


def begun(session: Session) -> bool:
    """Whether anybody has applied: until then a changed file may simply take effect."""
    return session.scalar(sa.select(Team.id).limit(1)) is not None


# -- what differs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """One value of the programme: where, what it was and what it would be; None where it is not there."""

    place: str
    was: Any
    now: Any

    def line(self) -> str:
        return f"{self.place}: {_shown(self.was)} -> {_shown(self.now)}"


def differences(old: Programme, new: Programme) -> tuple[ChangedValue, ...]:
    """Every value that differs, by its place in the file; parts with a key are known by it, not by their number."""
    was, now = dict(_flat(old.model_dump(mode="json"))), dict(_flat(new.model_dump(mode="json")))
    places = [*was, *(place for place in now if place not in was)]
    return tuple(
        ChangedValue(place, was.get(place), now.get(place)) for place in places if was.get(place) != now.get(place)
    )


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            name = each["key"] if isinstance(each, Mapping) and "key" in each else number
            yield from _flat(each, f"{place}[{name}]")
    else:
        yield place, value


def _shown(value: Any) -> str:
    words = "-" if value is None else str(value)
    return words if len(words) <= 60 else f"{words[:57]}..."


# -- why it may not be --------------------------------------------------------------------------------


def refusals(old: Programme, new: Programme, session: Session) -> tuple[Text, ...]:
    """Every reason why the season cannot go on with the new programme; empty where it can."""
    return (*_identity(old, new), *_stages(old, new, session), *_places(new, session))


def _identity(old: Programme, new: Programme) -> Iterator[Text]:
    if old.key != new.key:
        yield Text(
            et=f"key on uus ({new.key}): see on teine programm. Andke sellele oma andmekaust.",
            en=f"key is new ({new.key}): that is another programme. Give it a data folder of its own.",
        )
    if old.timezone != new.timezone:
        yield Text(et="timezone ei saa poolel teel muutuda.", en="timezone cannot change on the way.")


def _stages(old: Programme, new: Programme, session: Session) -> Iterator[Text]:
    kinds = {stage.key: stage.kind for stage in new.stages}
    been = _been(session)
    for stage in old.stages:
        if been[stage.key] and stage.key not in kinds:
            yield Text(
                et=f"Etappi {stage.key} ei saa ära võtta: seal on olnud {been[stage.key]} meeskonda.",
                en=f"Stage {stage.key} cannot go: {been[stage.key]} teams have been in it.",
            )
        elif stage.key in kinds and kinds[stage.key] != stage.kind:
            yield Text(et=f"Etapi {stage.key} liik ei saa muutuda.", en=f"The kind of stage {stage.key} cannot change.")
    kept = [stage.key for stage in old.stages if stage.key in kinds]
    if kept != [stage.key for stage in new.stages if stage.key in set(kept)]:
        yield Text(et="Etappide järjekord ei saa muutuda.", en="The order of stages cannot change.")
    for meeting in _fallen_away(new, session):
        yield Text(
            et=f"{meeting.stage}, rühm {meeting.group}: kohtumist ei ole enam failis. Jätke see kalendrilehel ära.",
            en=f"{meeting.stage}, group {meeting.group}: the session is no longer in the file. "
            "Cancel it on the calendar page.",
        )


def _been(session: Session) -> Counter[str]:
    pairs = session.execute(sa.select(HistoryRow.team_id, HistoryRow.to_state).distinct())
    return Counter(state for _, state in pairs if state)


def _fallen_away(new: Programme, session: Session) -> list[StageSession]:
    planned = {(stage.key, group) for stage in new.stages for group in stage.sessions}
    rows = session.scalars(sa.select(StageSession).where(StageSession.cancelled_at.is_(None)))
    return [row for row in rows if (row.stage, row.group) not in planned]


def _places(new: Programme, session: Session) -> Iterator[Text]:
    taken = queries.places_taken(session, Machine(new))
    if taken > new.capacity:
        yield Text(
            et=f"capacity on {new.capacity}, aga kohti on antud {taken}.",
            en=f"capacity is {new.capacity}, but {taken} places are given.",
        )
    groups = {group.key for group in new.groups}
    for key in session.scalars(sa.select(Team.group).where(Team.group.is_not(None)).distinct()):
        if key not in groups:
            yield Text(et=f"Rühmas {key} on meeskondi.", en=f"There are teams in group {key}.")


# -- what it brings -----------------------------------------------------------------------------------


def told(seen: Foreseen[None], old: Programme, new: Programme, session: Session) -> str:
    """What taking effect would do, for a terminal: mails by kind with whom they go to, and duties."""
    lines = [f"  duty {key}: {_at(was)} -> {_at(now)}" for key, (was, now) in _ahead(old, new, session).items()]
    lines += [f"{len(seen.mails)} mails to {seen.people} people; {len(seen.duties)} new duties."]
    kinds = Counter(mail.template for mail in seen.mails)
    for kind, number in kinds.items():
        teams = sorted(
            {mail.team for mail in seen.mails if mail.template == kind and mail.team}, key=formatting.sort_key
        )
        lines.append(f"  {kind}: {number}" + (f" ({', '.join(teams)})" if teams else ""))
    lines += [f"  new duty {duty.kind}: {_at(duty.at.astimezone(new.tz))}" for duty in seen.duties]
    return "\n".join(lines)


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


def _ahead(old: Programme, new: Programme, session: Session) -> dict[str, tuple[datetime, datetime | None]]:
    """The programme's own duties not performed yet whose moment differs: what it was and will be, or None."""
    due = {duty.key: duty.at for duty in of_programme(new)}
    moved = {d.key: (d.at, due.get(d.key)) for d in of_programme(old) if due.get(d.key) != d.at}
    ahead = set(session.scalars(sa.select(Duty.key).where(Duty.key.in_(moved), Duty.done_at.is_(None))))
    return {key: times for key, times in moved.items() if key in ahead}


# -- taking effect ------------------------------------------------------------------------------------


def take_effect(season: Season, session: Session, old: Programme, now: datetime) -> None:
    """Bring the running season to its new programme: people, sessions, duties, due dates; each team is told what
    changes for it. To be asked only where `refusals` has none."""
    moves.open_season(season, session, now)
    _move_sessions(season, session, old, now)
    _invite(season, session, now)
    _duties(season.programme, old, session, now)
    _due_dates(season, session, old, now)


def _move_sessions(season: Season, session: Session, old: Programme, now: datetime) -> None:
    """Those whose plan changed; one that was moved by hand keeps what it was given."""
    for meeting in session.scalars(sa.select(StageSession).where(StageSession.cancelled_at.is_(None))).all():
        was = _planned(old, meeting)
        planned = _planned(season.programme, meeting)
        if was is None or planned is None or was == planned or meeting.ends_at <= now:
            continue
        stands = (meeting.starts_at, meeting.ends_at, meeting.place)
        if stands == (was.start, was.end, was.place.as_dict()):
            sessions.move_session(season, session, meeting, planned.start, planned.end, planned.place, now)


def _planned(programme: Programme, meeting: StageSession) -> Any:
    stage = next((one for one in programme.stages if one.key == meeting.stage), None)
    return stage.sessions.get(meeting.group) if stage else None


def _invite(season: Season, session: Session, now: datetime) -> None:
    """To sessions that are new; whoever is invited already is not asked again."""
    for team in session.scalars(sa.select(Team).where(Team.state.in_(season.machine.stages)).order_by(Team.id)).all():
        for question in invitations.expect(season, session, team, now):
            invitations.invite(season, session, question, now)


def _duties(new: Programme, old: Programme, session: Session, now: datetime) -> None:
    """The programme's own duties that are still ahead move with its dates, or fall away with them."""
    for key, (_, at) in _ahead(old, new, session).items():
        if at is None:
            open_questions.void_duties(session, now, Duty.key == key)
        else:
            session.execute(sa.update(Duty).where(Duty.key == key, Duty.done_at.is_(None)).values(due_at=at))


def _due_dates(season: Season, session: Session, old: Programme, now: datetime) -> None:
    """Work that is asked already and was due by the old plan: the new day holds, and the contact is told."""
    query = sa.select(Question).where(Question.closed_at.is_(None), Question.kind.in_(WORK)).order_by(Question.id)
    for question in session.scalars(query).all():
        team, stage = question.team, question.stage
        if team is None or stage is None or question.due_at != old.due(stage, team.group):
            continue
        due = queries.work_due(session, season.programme, team, stage)
        if due is not None and due != question.due_at:
            open_questions.move_due(season, session, question, due, now)
            _tell(season, session, question, due, now)


def _tell(season: Season, session: Session, question: Question, due: datetime, now: datetime) -> None:
    assert question.team is not None and question.stage is not None
    contact = queries.contact(session, question.team.id)
    work = season.programme.stage(question.stage).work
    if contact is not None and work is not None:
        notice = Notice(
            template="due_moved",
            key=f"due_moved:{question.id}:{due:%Y%m%dT%H%M}",
            person=contact,
            team=question.team,
            question=question,
            stage=question.stage,
            facts={"work": work.name, "until": due},
        )
        season.post(session, notice, now)
