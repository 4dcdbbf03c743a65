"""Queries shared by acts and pages: facts of teams, people, questions. Must never write."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.codes import HistoryEvent
from workflow.config.loader import EVERYONE, Programme, StageKind
from workflow.database.engine import among
from workflow.database.models import (
    Addressee,
    Attendance,
    Extension,
    HistoryRow,
    HoursRow,
    Invitation,
    Mentorship,
    Person,
    Question,
    StageSession,
    Submission,
    Team,
)
from workflow.records import attendance
from workflow.rules.hours import Balance, Entry, EntryKind, balance
from workflow.rules.machine import Machine
from workflow.rules.questions import QuestionKind
from workflow.rules.requirements import Facts, Member

SPEAK: Final = ("contact", "deputy")
_ORDER: Final[dict[str | None, int]] = {"contact": 0, "deputy": 1}
WITH_PEOPLE: Final = selectinload(Question.addressees).joinedload(Addressee.person)


def facts(session: Session, machine: Machine, team: Team, *, places: bool = True) -> Facts:
    """Everything a decision about this team rests on, as it stands in this transaction.

    places: whether the places that others hold are counted, too; a step that takes none need not know.
    """
    people = members(session, team.id)
    answered = _place_question(session, team.id)
    return Facts(
        team_id=team.id,
        name=team.name,
        applied_at=team.applied_at,
        verified=team.verified_at is not None,
        late_pass=team.late_pass,
        group=team.group,
        members=as_members(people),
        place_accepted={"yes": True, "no": False}.get(answered.outcome or "") if answered else None,
        place_due=answered.due_at if answered else None,
        attended=_attended(session, team.id),
        works=_works(session, team.id),
        mentors=tuple(m.person.name for m in mentorships(session, team.id)),
        places_taken=places_taken(session, machine, but=team.id) if places else 0,
        **_where_it_stands(session, machine, team),
    )


def moved_on(session: Session, machine: Machine, team: Team, before: Facts) -> Facts:
    """What was known of a team a moment ago, now that it has come to its next state and nothing else changed."""
    return replace(before, **_where_it_stands(session, machine, team))


def _where_it_stands(session: Session, machine: Machine, team: Team) -> dict[str, Any]:
    """Those of the facts that follow from the team's state."""
    programme, state, left_from = machine.programme, team.state, team.left_from
    at = left_from if left_from and state not in machine.live else state
    return {
        "state": state,
        "version": team.version,
        "session": _session_times(session, at, team.group),
        "work_due": work_due(session, programme, team, at),
        "hours": _balance(session, programme, team.id, mentoring_stage(programme, state)),
        "left_from": left_from,
    }


def members(session: Session, team_id: int) -> list[Person]:
    """The team's present members, contact first, then in the order in which they came."""
    return contact_first(session.scalars(sa.select(Person).where(Person.team_id == team_id, Person.left_at.is_(None))))


def contact_first(people: Iterable[Person]) -> list[Person]:
    """Contact, deputy, then as they came."""
    return sorted(people, key=lambda p: (_ORDER.get(p.part, 2), p.id))


def as_members(people: Iterable[Person]) -> tuple[Member, ...]:
    """Rows as the plain members that requirements are counted over."""
    return tuple(Member(id=p.id, name=p.name, address_key=p.address_key, side=p.side or "") for p in people)


def spokespeople(session: Session, team_id: int) -> list[Person]:
    """The contact, then the deputy, where there is one and the contact has confirmed the application."""
    team = session.get(Team, team_id)
    speak = SPEAK if team is not None and team.verified_at is not None else SPEAK[:1]
    return [person for person in members(session, team_id) if person.part in speak]


def confirmed(machine: Machine, team: Team) -> bool:
    """Whether those whom the application names may be written to: its contact has confirmed it, or the coordinator
    has let the team in all the same."""
    return team.verified_at is not None or team.state in machine.stages


def contact(session: Session, team_id: int) -> Person | None:
    """Whom the team's mail goes to: see `contact_of`."""
    return _reachable(spokespeople(session, team_id))


def contact_of(people: Iterable[Person]) -> Person | None:
    """Of these present members the contact, or the deputy where the contact's address is dead."""
    return _reachable([p for p in contact_first(people) if p.part in SPEAK])


def _reachable(speak: Sequence[Person]) -> Person | None:
    return next((p for p in speak if p.address_state != "dead"), speak[0] if speak else None)


def staff(session: Session, role: str, keys: Iterable[str] | None = None) -> list[Person]:
    """Trainers, mentors or coordinators; those of the given keys where keys are given."""
    query = sa.select(Person).where(Person.role == role, Person.left_at.is_(None)).order_by(Person.id)
    return list(session.scalars(query if keys is None else query.where(Person.key.in_(list(keys)))))


def places_taken(session: Session, machine: Machine, *, but: int | None = None) -> int:
    """How many places are held, by teams other than `but`."""
    query = sa.select(sa.func.count()).select_from(Team).where(Team.state.in_(machine.holding))
    return session.scalar(query.where(Team.id != but) if but else query) or 0


def group_taken(session: Session, machine: Machine) -> dict[str, int]:
    """Places held in each group."""
    query = sa.select(Team.group, sa.func.count()).where(Team.state.in_(machine.holding)).group_by(Team.group)
    return {group: count for group, count in session.execute(query) if group}


def next_waiting(session: Session) -> list[Team]:
    """The waiting list, best first: by rank, those without one by when they applied."""
    query = sa.select(Team).where(Team.state == "waitlisted")
    return list(session.scalars(query.order_by(Team.rank.is_(None), Team.rank, Team.applied_at, Team.id)))


def stages_led(programme: Programme, trainer: Person) -> list[str]:
    """The stages whose sessions this trainer leads."""
    return [one.key for one in programme.stages if not one.trainers or trainer.key in one.trainers]


def travelling(session: Session, machine: Machine, group: str) -> list[Team]:
    """Teams whose place is confirmed and who are on the way, of a group (`*`: of all)."""
    query = sa.select(Team).where(Team.state.in_(machine.stages), in_group(group)).order_by(Team.id)
    return list(session.scalars(query))


def in_group(group: str) -> sa.ColumnElement[bool]:
    """Teams of a group (`*`: of all)."""
    return sa.true() if group == EVERYONE else Team.group == group


def with_members(session: Session, teams: Sequence[Team]) -> list[tuple[Team, list[Person]]]:
    """Each team with its present members, contact first, read for all of them together."""
    people: dict[int, list[Person]] = {team.id: [] for team in teams}
    query = sa.select(Person).where(among(Person.team_id, "teams"), Person.left_at.is_(None))
    for person in session.scalars(query, {"teams": list(people)}):
        people[person.team_id or 0].append(person)
    return [(team, contact_first(people[team.id])) for team in teams]


def sessions_of(session: Session, group: str | None) -> list[StageSession]:
    """The group's sessions in order of time, those that all share included, cancelled ones not."""
    groups = (group or EVERYONE, EVERYONE)
    query = sa.select(StageSession).where(StageSession.cancelled_at.is_(None)).order_by(StageSession.starts_at)
    return list(session.scalars(query.where(StageSession.group.in_(groups))))


def asked_session(session: Session, question: Question) -> StageSession:
    """The session that a question of this kind (`rsvp`) asks about."""
    return session.get_one(StageSession, question.about["session"])


def stage_session(session: Session, stage: str | None, group: str | None) -> StageSession | None:
    """The session of a stage for a group: its own, or the one that all share."""
    return next((s for s in sessions_of(session, group) if s.stage == stage), None)


def _session_times(session: Session, stage: str, group: str | None) -> tuple[datetime, datetime] | None:
    found = stage_session(session, stage, group)
    return (found.starts_at, found.ends_at) if found else None


def invitation(session: Session, person: Person, stage: str) -> Invitation | None:
    """The person's invitation to a stage's session, where there is one."""
    query = sa.select(Invitation).where(Invitation.person_id == person.id, Invitation.stage == stage)
    return session.scalars(query).first()


def work_due(session: Session, programme: Programme, team: Team, stage: str) -> datetime | None:
    """The team's due date for a stage's work: its latest extension, else the programme's."""
    query = sa.select(Extension.until).where(Extension.team_id == team.id, Extension.stage == stage)
    extended = session.scalars(query.order_by(Extension.id.desc()).limit(1)).first()
    return extended or planned_due(programme, stage, team.group)


def planned_due(programme: Programme, stage: str, group: str | None) -> datetime | None:
    """The programme's own due date; None for a state that is no stage."""
    return programme.due(stage, group) if any(s.key == stage for s in programme.stages) else None


def _place_question(session: Session, team_id: int) -> Question | None:
    asked = questions_of(session, team_id, (QuestionKind.CONFIRM_PLACE,))
    return asked[-1] if asked else None


def questions_of(
    session: Session, team_id: int, kinds: Collection[QuestionKind] | None = None, *, open_only: bool = False
) -> list[Question]:
    """What a team was asked, of these kinds, in order."""
    query = sa.select(Question).where(Question.team_id == team_id).order_by(Question.id)
    query = query if kinds is None else query.where(Question.kind.in_(list(kinds)))
    return list(session.scalars(query.where(Question.closed_at.is_(None)) if open_only else query))


def _attended(session: Session, team_id: int) -> dict[str, int]:
    """How many were at each session, of those whose attendance was recorded."""
    return attendance.numbers(session, [team_id]).get(team_id, {})


def _works(session: Session, team_id: int) -> dict[str, str]:
    query = sa.select(Submission.stage, Submission.status).where(Submission.team_id == team_id).order_by(Submission.id)
    return {row.stage: row.status for row in session.execute(query)}


def latest_submission(session: Session, team_id: int, stage: str) -> Submission | None:
    query = sa.select(Submission).where(Submission.team_id == team_id, Submission.stage == stage)
    return session.scalars(query.order_by(Submission.id.desc()).limit(1)).first()


def mentorships(session: Session, team_id: int, *, at: datetime | None = None) -> list[Mentorship]:
    """Who mentors a team now; at: those who did at that moment."""
    then = sa.and_(Mentorship.since <= at, Mentorship.until >= at) if at is not None else sa.false()
    query = sa.select(Mentorship).where(
        Mentorship.team_id == team_id, sa.or_(Mentorship.until.is_(None), then)
    )
    return list(session.scalars(query.order_by(Mentorship.id)))


def ledger(session: Session, team_id: int, stage: str | None = None) -> list[HoursRow]:
    """The team's ledger in the order in which it was written."""
    query = sa.select(HoursRow).where(HoursRow.team_id == team_id).order_by(HoursRow.id)
    return list(session.scalars(query if stage is None else query.where(HoursRow.stage == stage)))


def entries(rows: Sequence[HoursRow]) -> tuple[Entry, ...]:
    """Ledger rows as the plain entries that `workflow.rules.hours` adds up."""
    return tuple(
        Entry(
            id=r.id,
            person_id=r.person_id,
            kind=EntryKind(r.kind),
            minutes=r.minutes,
            about_id=r.about_id,
            day=r.day,
            month=r.month,
            note=r.note,
        )
        for r in rows
    )


def mentoring_stage(programme: Programme, state: str) -> str | None:
    """The mentoring stage a team is in, or else the programme's first one; None where there is none."""
    keys = [s.key for s in programme.stages if s.kind is StageKind.MENTORING]
    return state if state in keys else next(iter(keys), None)


def ledger_balance(session: Session, programme: Programme, team_id: int, stage: str | None = None) -> Balance:
    """What the team has used of a mentoring stage's hours and has left, in minutes."""
    team = session.get_one(Team, team_id)
    return _balance(session, programme, team_id, stage or mentoring_stage(programme, team.state))


def _balance(session: Session, programme: Programme, team_id: int, stage: str | None) -> Balance:
    if stage is None:
        return Balance(0, 0, 0)
    return balance(entries(ledger(session, team_id, stage)), programme.stage(stage).minutes)


def open_questions(session: Session, *, team_id: int | None = None, person_id: int | None = None) -> list[Question]:
    """What is asked and not answered yet, soonest due first."""
    query = sa.select(Question).where(Question.closed_at.is_(None))
    if team_id is not None:
        query = query.where(Question.team_id == team_id)
    if person_id is not None:
        query = query.join(Addressee).where(Addressee.person_id == person_id)
    return list(session.scalars(query.order_by(Question.due_at.is_(None), Question.due_at, Question.id)))


def addressee_by_secret(session: Session, secret: str) -> Addressee | None:
    """Whose secret address this is; secrets survive lower-casing by the way."""
    return session.scalars(sa.select(Addressee).where(Addressee.secret == secret.lower())).first()


def expected(session: Session, machine: Machine, question: Question) -> list[tuple[Team, list[Person]]]:
    """Whom a roll-call asks about: each travelling team of the group with its present members."""
    return with_members(session, travelling(session, machine, question.group or EVERYONE))


def on_roll(session: Session, machine: Machine, question: Question) -> list[tuple[Team, list[Person]]]:
    """Whom a roll-call is about, team by team: once it is answered those whom the answer put down, though a team has
    completed or a member has left since; until then those whom it asks about."""
    if question.answered_by_id is None:
        return expected(session, machine, question)
    group = () if question.group in (None, EVERYONE) else (Team.group == question.group,)
    called = attendance.standing(Attendance.stage == question.stage).order_by(None).subquery()
    query = (
        sa.select(Team, Person)
        .join(called, called.c.team_id == Team.id)
        .join(Person, called.c.person_id == Person.id)
    )
    people: dict[Team, list[Person]] = {}
    for team, person in session.execute(query.where(*group).order_by(Team.id)):
        people.setdefault(team, []).append(person)
    return [(team, contact_first(some)) for team, some in people.items()]


def roster(session: Session, machine: Machine, question: Question) -> tuple[str, ...]:
    """The names a roll-call's answer is matched against."""
    return tuple(p.name for _, people in on_roll(session, machine, question) for p in people)


def last_transition(session: Session, team_id: int) -> HistoryRow | None:
    """The team's latest transition that still stands."""
    query = sa.select(HistoryRow).where(
        HistoryRow.team_id == team_id,
        HistoryRow.to_state.is_not(None),
        HistoryRow.from_state.is_not(None),
        HistoryRow.undone_by_id.is_(None),
        HistoryRow.event != HistoryEvent.UNDO,
    )
    return session.scalars(query.order_by(HistoryRow.number.desc()).limit(1)).first()
