"""Records attendance of sessions, append-only: what a roll-call says, and each correction as a new row."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, HistoryEvent
from workflow.config.loader import EVERYONE
from workflow.database.models import Attendance, HistoryRow, Person, Question, StageSession, Team
from workflow.journey import certificates, moves
from workflow.notices import Certificate
from workflow.records import attendance, queries
from workflow.records.history import alert, record
from workflow.rules.machine import COMPLETED, Trigger
from workflow.rules.questions import QuestionKind
from workflow.season import Actor, Season
from workflow.text.bilingual import Text


def roll_call(
    session: Session, team: Team, stage: str, came: Mapping[Person, bool], actor: Actor, now: datetime
) -> HistoryRow:
    """One team's part of a roll-call: a row for each of these people, and a line of the team's history about them."""
    rows = [_noted(session, person, stage, present, actor, now) for person, present in came.items()]
    return record(session, team, HistoryEvent.ATTENDANCE, actor, now, proof=_proof(stage, rows), rests=rows)


def _noted(
    session: Session, person: Person, stage: str, present: bool, actor: Actor, now: datetime, why: str = ""
) -> Attendance:
    """The row that stands from now on: a new one, or the one that says so already."""
    assert person.team_id is not None
    before = attendance.of_person(session, person, stage)
    if before is not None and before.present == present:
        return before
    row = Attendance(
        team_id=person.team_id,
        person_id=person.id,
        stage=stage,
        present=present,
        recorded_at=now,
        recorded_by_id=actor.person.id if actor.person else None,
        via=actor.via.value,
        why=why,
        replaces_id=before.id if before else None,
    )
    session.add(row)
    session.flush()  # its history names it
    return row


def _proof(stage: str, rows: Iterable[Attendance]) -> dict[str, object]:
    """What a line of history says of the rows that it rests on."""
    some = list(rows)
    return {
        "stage": stage,
        "present": sum(row.present for row in some),
        "of": len(some),
        "attendance": [row.id for row in some],
    }


# -- corrections ----------------------------------------------------------------------------------


def called(session: Session, meeting: StageSession) -> list[tuple[Team, list[tuple[Person, bool | None]]]]:
    """Whose attendance of a session can be corrected, by team: everybody recorded there and the present members of
    their teams; None of whom nobody has recorded."""
    stands = session.scalars(attendance.standing(Attendance.stage == meeting.stage)).all()
    found = []
    for team in session.scalars(sa.select(Team).where(Team.id.in_({row.team_id for row in stands})).order_by(Team.id)):
        came = {row.person: row.present for row in stands if row.team_id == team.id}
        people = [*came, *(person for person in queries.members(session, team.id) if person not in came)]
        if meeting.group in (EVERYONE, team.group):
            found.append((team, [(person, came.get(person)) for person in people]))
    return found


def unanswered(session: Session, meeting: StageSession) -> list[Question]:
    """The roll-calls of a session that wait for their trainers."""
    query = sa.select(Question).where(
        Question.kind == QuestionKind.ROLL_CALL, Question.stage == meeting.stage, Question.closed_at.is_(None)
    )
    return [one for one in session.scalars(query.order_by(Question.id)) if one.about.get("session") == meeting.id]


def correct(
    season: Season,
    session: Session,
    stage: str,
    came: Mapping[Person, bool],
    actor: Actor,
    now: datetime,
    *,
    why: str,
) -> tuple[Text, ...]:
    """Record who was there after all. Old rows stay; what follows (the next step, certificates) follows now, and what
    does not hold any more is put before the coordinator. What changed, in sentences; nothing where all stood so."""
    said: list[Text] = []
    for team_id in sorted({person.team_id or 0 for person in came}):
        team = session.get_one(Team, team_id)
        session.refresh(team, with_for_update=True)
        said += _corrected(season, session, team, stage, came, actor, now, why)
    return tuple(said)


def _corrected(
    season: Season,
    session: Session,
    team: Team,
    stage: str,
    came: Mapping[Person, bool],
    actor: Actor,
    now: datetime,
    why: str,
) -> list[Text]:
    before = {row.person_id: row for row in attendance.of_team(session, team.id) if row.stage == stage}
    mine = {person: present for person, present in came.items() if person.team_id == team.id}
    stood = {person: before[person.id].present if person.id in before else None for person in mine}
    differs = {person: present for person, present in mine.items() if stood[person] != present}
    if not differs:
        return []
    earned = _certificates(season, session, team, now)
    for person, present in differs.items():
        _noted(session, person, stage, present, actor, now, why)
    session.flush()
    rows = [row for row in attendance.of_team(session, team.id) if row.stage == stage]
    replaced = [before[person.id] for person in differs if person.id in before]
    proof = {**_proof(stage, rows), "replaces": [row.id for row in replaced]}
    line = record(
        session, team, HistoryEvent.ATTENDANCE_CORRECTED, actor, now, why=why, proof=proof, rests=[*rows, *replaced]
    )
    said = [_change(team, person, stood[person], present) for person, present in differs.items()]
    need = season.programme.attend_at_least
    counts = sum(row.present for row in before.values()), sum(row.present for row in rows)
    said.append(_count(team, counts, need))
    moves.settle(season, session, team, now)
    session.flush()
    later = [*_belied(session, team, stage, counts[1], need), *_certified(season, session, team, line, earned, now)]
    if later:
        says = Text(et=" ".join(one.et for one in later), en=" ".join(one.en for one in later))
        about, key = {"stage": stage}, f"attendance:{line.id}"
        alert(season, session, key, AlertKind.ATTENDANCE, says, now, team=team, about=about)
    return [*said, *later]


def _change(team: Team, person: Person, before: bool | None, present: bool) -> Text:
    was, now = _WORDS[before], _WORDS[present]
    return Text(
        et=f"{team.name}, {person.name}: {was.et} → {now.et}.", en=f"{team.name}, {person.name}: {was.en} → {now.en}."
    )


_WORDS: Final = {
    True: Text(et="kohal", en="present"),
    False: Text(et="puudus", en="absent"),
    None: Text(et="märkimata", en="not recorded"),
}


def _count(team: Team, counts: tuple[int, int], need: int) -> Text:
    before, after = counts
    met = Text(et="nõue on täidetud", en="the requirement is met")
    if after < need:
        met = Text(et="nõue ei ole täidetud", en="the requirement is not met")
    return Text(
        et=f"{team.name}: kohal {before} → {after}, vaja vähemalt {need}: {met.et}.",
        en=f"{team.name}: {before} → {after} present, {need} needed: {met.en}.",
    )


def _belied(session: Session, team: Team, stage: str, came: int, need: int) -> list[Text]:
    """A step out of this stage that still stands, though too few were there."""
    left = sa.select(HistoryRow.id).where(
        HistoryRow.team_id == team.id,
        HistoryRow.from_state == stage,
        HistoryRow.event.in_([Trigger.ADVANCE, Trigger.COMPLETE]),
        HistoryRow.undone_by_id.is_(None),
    )
    if came >= need or session.scalar(left.limit(1)) is None:
        return []
    return [
        Text(
            et=f"{team.name} on sellest etapist juba edasi liikunud. Samm jääb kehtima; kui see ei ole õige, võtke see "
            "meeskonna lehel tagasi.",
            en=f"{team.name} has moved on from this stage already. The step stands; if that is not right, take it back "
            "on the team's page.",
        )
    ]


def _certificates(season: Season, session: Session, team: Team, now: datetime) -> dict[int, Certificate]:
    if team.state != COMPLETED:
        return {}
    return {person.id: one for person, one in certificates.earned(season.programme, session, team, now)}


def _certified(
    season: Season, session: Session, team: Team, line: HistoryRow, before: Mapping[int, Certificate], now: datetime
) -> list[Text]:
    """Certificates after a correction: a new one is put before the coordinator, one that holds no more is named."""
    after, said = _certificates(season, session, team, now), []
    for person in queries.members(session, team.id):
        old, new = before.get(person.id), after.get(person.id)
        if new is not None and old is None:
            certificates.send(season, session, team, person, new, line, now)
            said.append(
                Text(
                    et=f"{person.name} on nüüd tunnistuse teeninud.", en=f"{person.name} has earned a certificate now."
                )
            )
        elif new is None and old is not None:
            said.append(
                Text(
                    et=f"{person.name} ei ole enam tunnistust teeninud. Vaadake tema tunnistuse kiri üle.",
                    en=f"{person.name} has not earned the certificate any more. Look at the mail with it.",
                )
            )
        elif new is not None and old is not None and new.sessions != old.sessions:
            said.append(
                Text(
                    et=f"{person.name}: tunnistusel on nüüd teised kohtumised. Tehke see uuesti.",
                    en=f"{person.name}: the certificate lists other sessions now. Make it anew.",
                )
            )
    return said
