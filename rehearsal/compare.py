"""The two counts side by side: what the service has in its tables, and what the rehearsal's own books say.

Reads, never writes. Each difference is one sentence; how many there are of a kind is the kind's number.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rehearsal import attention, burden, expected, journeys
from rehearsal.cast import Fate
from rehearsal.expected import Heard
from rehearsal.meaning import Meaning
from rehearsal.record import ONE_ANSWER, WORKS, Act
from rehearsal.setting import Summary
from rehearsal.world import World
from workflow.answering import held_letters
from workflow.codes import HistoryEvent, LetterOutcome, LetterStatus, MessageStatus
from workflow.config.loader import Programme, StageKind
from workflow.database.models import HistoryRow, Letter, Message, Question, Submission, Team
from workflow.journey import reflection
from workflow.records import attendance, queries
from workflow.rules.doors import Door
from workflow.rules.questions import KINDS, WORK_QUESTION, QuestionKind

ENDS = {
    Fate.COMPLETES: "completed",
    Fate.STEPS_IN: "completed",
    Fate.RELEASED: "released",
    Fate.WITHDRAWS: "withdrawn",
    Fate.WAITS: "waitlisted",
}
"""where the story leaves a team; the others are declined"""
ON_ITS_WAY = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCERTAIN)


@dataclass(slots=True)
class Faults:
    wrong_moves: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        return {name: some for name, some in asdict(self).items() if some}


def summary(world: World, seed: int, seconds: float) -> Summary:
    """Everything compared and counted."""
    with world.house.db.reading() as session:
        letters = list(session.scalars(sa.select(Letter).order_by(Letter.id)))
        messages = list(session.scalars(sa.select(Message).order_by(Message.id)))
        faults = _faults(world, session, letters, messages)
        answered = _answered(session)
        silences = attention.silences(session)
        teams = Counter(session.scalars(sa.select(Team.state).order_by(Team.state)))
    answering = {m.id for m in messages if m.letter_id is not None}
    mails = [
        burden.Sent(to=g.to, at=g.at, template=g.template, answers=g.number in answering) for g in world.record.mails
    ]
    begun, found = sum(not mail.answers for mail in mails), burden.loads(mails, _roles(world))
    return Summary(
        teams=_sorted(teams),
        letters=_sorted(Counter(le.outcome or le.status for le in letters)),
        messages=_sorted(Counter(m.status for m in messages)),
        answered=answered,
        seed=seed,
        seconds=round(seconds, 1),
        wrong_moves=len(faults.wrong_moves),
        lost=len(faults.lost),
        duplicates=len(faults.duplicates),
        unread=len(faults.unread),
        stale=len(faults.stale),
        false_silences=silences,
        acts=attention.acts(world),
        asked_again=sum(1 for a in _held(world, letters) if a.stands and a.answers),
        not_shown=_not_shown(answered, messages, world.house.season.programme) if len(world.cast.crews) > 1 else (),
        faults=faults.as_json(),
        begun=begun,
        kinds=burden.by_kind(mails),
        loads=found,
        over=burden.over(found, begun) if len(world.cast.crews) == burden.FOR_TEAMS else (),
    )


def _roles(world: World) -> dict[str, str]:
    """Address -> role, of everybody; those of teams that did not complete stand apart. A mentor who trains too counts
    as a trainer, and a deputy whose contact's mailbox is no more as the contact whose work is now theirs."""
    programme = world.house.season.programme
    staff = {"mentor": programme.mentors, "trainer": programme.trainers, "coordinator": programme.coordinators}
    found = {person.address: role for role, people in staff.items() for person in people}
    for address, crew in world.crews.items():
        part = world.people[address].part or "member"
        stands_in = part == "deputy" and any(one.part == "contact" and one.bounces for one in crew.members)
        completes = ENDS.get(crew.fate) == "completed"
        found[address] = ("contact" if stands_in else part) if completes else "of other teams"
    return found


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _held(world: World, letters: list[Letter]) -> list[Act]:
    waits = (world.record.by_message.get(le.message_id) for le in letters if le.outcome in held_letters.REASONS)
    return [act for act in waits if act is not None]


def _answered(session: Session) -> dict[str, dict[str, int]]:
    """How many questions of each kind were answered by which way."""
    query = (
        sa.select(Question.kind, Question.answered_via, sa.func.count())
        .where(Question.answered_by_id.is_not(None))
        .group_by(Question.kind, Question.answered_via)
    )
    found = {kind.value: dict.fromkeys((way.value for way in _ways(kind)), 0) for kind in KINDS}
    for kind, via, count in session.execute(query):
        found[kind][str(via)] = count
    return found


def _ways(kind: QuestionKind) -> tuple[Door, ...]:
    """By which ways a kind should be seen answered, beside others."""
    return (Door.PAGE,) if KINDS[kind].signed_in else (Door.MAIL, Door.LINK)


def _not_shown(answered: dict[str, dict[str, int]], messages: list[Message], programme: Programme) -> tuple[str, ...]:
    """Kinds that were not answered in all their ways. Ratings count on the form alone: a reply must have been sent
    there. What a signed-in page decides must have had a reply that was sent there too."""
    never, templates = _never_asked(programme), {message.template for message in messages}
    sent_on = {QuestionKind.REFLECTION: "form_only", QuestionKind.APPROVE: "sign_in_to_decide"}

    def shown(kind: QuestionKind) -> bool:
        ways = [way for way in _ways(kind) if (kind, way) != (QuestionKind.REFLECTION, Door.MAIL)]
        return all(answered[kind][way] for way in ways) and sent_on.get(kind, "") in {"", *templates}

    return tuple(kind.value for kind in KINDS if kind not in never and not shown(kind))


def _never_asked(programme: Programme) -> set[str]:
    """Kinds of question that this programme has no occasion for: who has no mentors is not asked for hours."""
    works = {WORK_QUESTION[stage.work.kind] for stage in programme.stages if stage.work}
    mentoring = any(stage.kind is StageKind.MENTORING for stage in programme.stages)
    occasions = {
        "address": False,  # the coordinator's own idea: nobody here presses the button
        "poll": False,
        "hours": mentoring,
        "hours_check": mentoring,
        "homework": QuestionKind.HOMEWORK in works,
        "presentation": QuestionKind.PRESENTATION in works,
        "reflection": programme.reflection is not None and bool(reflection.outcomes(programme)),
    }
    return {kind for kind, asked in occasions.items() if not asked}


def _faults(world: World, session: Session, letters: list[Letter], messages: list[Message]) -> Faults:
    said = expected.heard(world.record, [a.message_id for a in _held(world, letters)])
    faults = Faults()
    faults.wrong_moves += [*world.record.refused, *_moved_by(world, letters), *_answers(session, said)]
    faults.wrong_moves += [*_attendance(session, said), *_works(session, said), *_hours(world, session, said)]
    for fault, twice in _journeys(world, session, said):
        (faults.duplicates if twice else faults.wrong_moves).append(fault)
    faults.lost += [*_letters_lost(world, letters), *_mails_lost(world, messages)]
    faults.duplicates += [*_letters_twice(world, session, letters), *_mails_twice(world)]
    faults.unread += attention.unread(world, letters)
    faults.stale += attention.stale(world, session)
    return faults


# -- moved wrongly ----------------------------------------------------------------------------------


def _moved_by(world: World, letters: list[Letter]) -> Iterator[str]:
    """Letters that moved something and should not have."""
    for letter in letters:
        act = world.record.by_message.get(letter.message_id)
        if letter.outcome != LetterOutcome.ACCEPTED or act is None:
            continue
        if not (act.clear and act.entitled and act.in_time) or (act.second and not act.takes_back):
            yield f"letter {letter.id} of {act.who} ({act.note}, {act.means.says()}) was taken for an answer"


def _answers(session: Session, said: Heard) -> Iterator[str]:
    """Questions whose answer is not the one that was meant."""
    for question in session.scalars(sa.select(Question).order_by(Question.id)):
        if question.kind in WORKS:
            continue
        meant, given = said.answer(question.id), question.answer if question.answered_by_id else None
        if meant is None and given is None:
            continue
        where = f"question {question.id} ({question.key})"
        if meant is None or given is None:
            yield f"{where}: {meant.means.says() if meant else 'nothing'} was meant, {(given or {}).get('kind')} counts"
        elif not _same(given | {"ratings": reflection.given(session, question)}, meant.means):
            counts = f"{given['kind']} {given.get('names')} {given.get('entries')}"
            yield f"{where}: {meant.who} meant {meant.means.says()}, {counts} counts"
        elif question.answered_by is not None and question.answered_by.address != meant.who:
            yield f"{where}: answered by {meant.who}, put down to {question.answered_by.address}"


def _same(given: dict[str, Any], means: Meaning) -> bool:
    if given["kind"] != means.kind:
        return False
    if means.kind == "names":
        return set(given["names"]) == means.names
    if means.kind == "hours":
        entries = [(e["minutes"], e["day"]) for e in given["entries"] if e["minutes"]]
        return entries == [(m, d.isoformat() if d else None) for m, d in means.entries]
    if means.kind == "ratings":
        return bool(given["ratings"] == dict(means.ratings))
    return True


def _journeys(world: World, session: Session, said: Heard) -> Iterator[tuple[str, bool]]:
    """Teams whose steps are not those that should have been taken; with True, steps taken twice."""
    teams = session.scalars(sa.select(Team).order_by(Team.id)).all()
    told = journeys.journeys(world.house.season.programme, said, {team.name: team.group for team in teams})
    for team in teams:
        rows = session.scalars(
            sa.select(HistoryRow)
            .where(HistoryRow.team_id == team.id, HistoryRow.from_state.is_not(None))
            .order_by(HistoryRow.number)
        )
        went = [(row.event, row.to_state or "") for row in rows]
        should = told[team.name]
        if went != should:
            twice = any(count > Counter(should)[step] > 0 for step, count in Counter(went).items())
            yield f"{team.name} went {went}, should have gone {should}", twice
        last = should[-1][1] if should else "applied"
        if team.state != last:
            yield f"{team.name} is in {team.state}, should be in {last}", False


def _attendance(session: Session, said: Heard) -> Iterator[str]:
    """Members put down as present who were absent, or the other way round."""
    for row in session.scalars(attendance.standing()):
        person, team = row.person, session.get_one(Team, row.team_id)
        missing = expected.absent(said, row.stage, team.group)
        if missing is None or row.present == (person.name in missing):
            yield f"{person.name} is put down as {'present' if row.present else 'absent'} at {row.stage}"


def _works(session: Session, said: Heard) -> Iterator[str]:
    """Works on file that are not those handed in."""
    filed: dict[tuple[str, str], list[Submission]] = {}
    query = sa.select(Submission, Team.name).join(Team, Submission.team_id == Team.id).order_by(Submission.id)
    for submission, name in session.execute(query):
        filed.setdefault((name, submission.stage), []).append(submission)
    asked = {(a.team, a.question.stage) for acts in said.acts.values() for a in acts if a.question and _is_work(a)}
    for team, stage in sorted(asked | set(filed)):
        there, should = filed.get((team, stage), []), expected.works(said, team, stage)
        if len(there) != len(should) or not all(_filed(s, m) for s, m in zip(there, should, strict=True)):
            yield f"{team}, {stage}: {len(should)} works were handed in, {len(there)} others are on file"


def _is_work(act: Act) -> bool:
    return act.question is not None and act.question.kind in WORKS


def _filed(submission: Submission, means: Meaning) -> bool:
    return {f.sha256 for f in submission.files} == means.digests and (
        not means.text or means.text[:60] in " ".join(submission.text.split())
    )


def _hours(world: World, session: Session, said: Heard) -> Iterator[str]:
    """Teams whose hours do not add up, in each mentoring stage by itself."""
    programme = world.house.season.programme
    teams = session.scalars(sa.select(Team).order_by(Team.id)).all()
    for stage in (one for one in programme.stages if one.kind is StageKind.MENTORING):
        for team in teams:
            stands = queries.ledger_balance(session, programme, team.id, stage.key)
            should = expected.ledger(said, team.name, stage.key, stage.minutes)
            used, what = stands.used - stands.reserved, f"{team.name}, {stage.key}:"
            if used != should.used:
                yield f"{what} {used} minutes are used, {should.used} should be"
            if stands.used > stands.cap:
                yield f"{what} {stands.used} of {stands.cap} minutes are used"


# -- lost -------------------------------------------------------------------------------------------


def _letters_lost(world: World, letters: list[Letter]) -> Iterator[str]:
    """Letters that were acknowledged and then not kept, or not brought to an end; and those turned away."""
    stored = {letter.message_id: letter for letter in letters}
    for act in world.record.acts:
        what = f"{act.via} {act.number} of {act.who} ({act.means.says()}, {act.note})"
        letter = stored.get(act.message_id)
        if not act.taken and act.via == "form" and not act.in_time:
            continue  # the page said, rightly, that the question is closed
        if not act.taken:
            yield f"{what} was turned away"
        elif act.message_id and letter is None:
            yield f"{what} was acknowledged and is not there"
        elif letter is not None and (letter.status != LetterStatus.DONE or letter.outcome is None):
            yield f"{what} is still {letter.status}: {letter.outcome} {letter.reason}".strip()


def _mails_lost(world: World, messages: list[Message]) -> Iterator[str]:
    """Mails that never came to the sink."""
    came = {got.message_id for got in world.record.mails}
    for message in messages:
        if message.status in ON_ITS_WAY or (
            message.status in (MessageStatus.SENT, MessageStatus.BOUNCED) and message.message_id not in came
        ):
            yield f"mail {message.id} ({message.template} to {message.to_address}) is {message.status} and never came"


# -- twice ------------------------------------------------------------------------------------------


def _letters_twice(world: World, session: Session, letters: list[Letter]) -> Iterator[str]:
    """Letters that moved something twice, and questions that took two letters."""
    query = (
        sa.select(HistoryRow.letter_id, HistoryRow.event, sa.func.count())
        .where(HistoryRow.letter_id.is_not(None))
        .group_by(HistoryRow.letter_id, HistoryRow.event)
        .having(sa.func.count() > 1)
    )
    for letter_id, event, count in session.execute(query):
        if event not in (HistoryEvent.ATTENDANCE, HistoryEvent.ATTENDANCE_CORRECTED):  # a row for each team
            yield f"letter {letter_id} caused {event} {count} times"
    taken: Counter[int] = Counter()
    for letter in letters:
        act = world.record.by_message.get(letter.message_id)
        if letter.outcome == LetterOutcome.ACCEPTED and act and act.question and not (act.takes_back or act.corrects):
            taken[act.question.id] += act.question.kind in ONE_ANSWER
    yield from (f"question {question} took {count} letters" for question, count in taken.items() if count > 1)
    stored = Counter(letter.message_id for letter in letters if letter.message_id in world.record.by_message)
    yield from (f"letter {message_id} is there {n} times" for message_id, n in stored.items() if n > 1)


def _mails_twice(world: World) -> Iterator[str]:
    """Mails that came more than once: the same mail, or another one of the same cause to the same person."""
    came = Counter((got.to, got.message_id) for got in world.record.mails)
    yield from (f"mail {message_id} came to {to} {n} times" for (to, message_id), n in came.items() if n > 1)
