"""What must hold whatever broke, as queries over a database: each that does not hold is one sentence.

I1 an acknowledged letter is stored · I2 every stored letter is in exactly one known state, once · I3 a team's state
and version are what its history adds up to · I4 each transition has one cause, and that cause no second one · I5 the
mails a transition causes exist, each with a Message-ID of its own · I6 nothing is written to anybody after they left.
Must never write, and never ask the code that it judges what is right: only the table of steps is taken from there.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.engine import BUSY_SECONDS, Database
from workflow.database.models import HistoryRow, Letter, Message, Person, Question, Team
from workflow.rules.machine import TABLE

LETTER_STATES = frozenset({"new", "done", "held", "parked"})
MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
MAILS = {row.trigger.value: row.notices for row in TABLE}
AT_TIMES = frozenset({"stage_done"})
"""mails of a step that it does not always cause: going on to a stage of the same kind is no news"""
WAITED = timedelta(seconds=BUSY_SECONDS)
"""an act's clock is read before its turn comes: who wrote first may have read it later, by so much at most"""
FAREWELL = frozenset({"membership_ended"})
"""what somebody who leaves is still told: that they did"""


def broken(db: Database, acknowledged: Collection[str] = ()) -> list[str]:
    """Every invariant that does not hold. `acknowledged`: Message-IDs of letters that got their 250."""
    with db.reading() as session:
        return [
            *_i1(session, acknowledged),
            *_i2(session),
            *_i3(session),
            *_i4(session),
            *_i5(session),
            *_i6(session),
        ]


def stored(session: Session) -> Counter[str]:
    """How often each Message-ID is stored; the header as it came, not as it was read."""
    found = (MESSAGE_ID.search(raw) for raw in session.scalars(sa.select(Letter.raw)))
    return Counter(match[1].decode(errors="replace") for match in found if match)


def _i1(session: Session, acknowledged: Collection[str]) -> Iterator[str]:
    there = stored(session) if acknowledged else Counter()
    for one in sorted(set(acknowledged) - set(there))[:20]:
        yield f"I1: {one} was acknowledged and is not stored"


def _i2(session: Session) -> Iterator[str]:
    for one, count in stored(session).items():
        if count > 1:
            yield f"I2: {one} is stored {count} times"
    for letter in session.scalars(sa.select(Letter).order_by(Letter.id)):
        if letter.status not in LETTER_STATES:
            yield f"I2: letter {letter.id} is {letter.status}"
        if letter.status in ("done", "held") and (letter.outcome is None or letter.leased_until is not None):
            yield f"I2: letter {letter.id} is {letter.status} without an outcome, or somebody holds it still"
        if letter.status == "new" and letter.outcome is not None:
            yield f"I2: letter {letter.id} waits and has an outcome: {letter.outcome}"


def _i3(session: Session) -> Iterator[str]:
    rows: dict[int, list[HistoryRow]] = defaultdict(list)
    for row in session.scalars(sa.select(HistoryRow).order_by(HistoryRow.team_id, HistoryRow.number)):
        rows[row.team_id].append(row)
    for team in session.scalars(sa.select(Team).order_by(Team.id)):
        yield from _folded(team, rows[team.id])


def _folded(team: Team, rows: list[HistoryRow]) -> Iterator[str]:
    if [row.number for row in rows] != list(range(1, len(rows) + 1)):
        yield f"I3: team {team.id}'s history has gaps: {[row.number for row in rows]}"
    state, steps = "applied", 0
    for row in rows:
        if row.to_state is None:
            continue
        if row.from_state != state:
            yield f"I3: team {team.id}, line {row.number}: from {row.from_state}, but it was {state}"
        state, steps = row.to_state, steps + 1
    if (team.state, team.version) != (state, steps):
        yield f"I3: team {team.id} is {team.state} (version {team.version}); history says {state} ({steps})"


def _i4(session: Session) -> Iterator[str]:
    steps = session.scalars(
        sa.select(HistoryRow).where(HistoryRow.to_state.is_not(None)).order_by(HistoryRow.team_id, HistoryRow.number)
    ).all()
    causes: Counter[tuple[str, int, int]] = Counter()
    for row in steps:
        if not row.actor or "via" not in row.proof:
            yield f"I4: line {row.number} of team {row.team_id} ({row.event}) says nothing of its cause"
        if row.undone_by_id is None and row.question_id is not None:
            causes["question", row.question_id, row.team_id] += 1
        if row.letter_id is not None:
            causes["letter", row.letter_id, row.team_id] += 1
    for (kind, number, team), count in causes.items():
        if count > 1:
            yield f"I4: {kind} {number} moved team {team} {count} times"
    answered = sa.select(Question).where(Question.letter_id.is_not(None)).order_by(Question.id)
    for question in session.scalars(answered):
        letter = session.get(Letter, question.letter_id)
        if letter is None or letter.question_id != question.id or letter.status not in ("done", "held", "parked"):
            yield f"I4: question {question.id} was answered by a letter that does not say so"


def _i5(session: Session) -> Iterator[str]:
    told: dict[int, set[str]] = defaultdict(set)
    ids: Counter[str] = Counter()
    for message in session.scalars(sa.select(Message)):
        ids[message.message_id] += 1
        if message.history_id is not None:
            told[message.history_id].add(message.template)
    yield from (f"I5: Message-ID {one} is on {count} mails" for one, count in ids.items() if count > 1)
    anybody = set(session.scalars(sa.select(Person.team_id).where(Person.part.in_(("contact", "deputy")))))
    for row in session.scalars(sa.select(HistoryRow).where(HistoryRow.to_state.is_not(None))):
        lacking = set(MAILS.get(row.event, ())) - AT_TIMES - told[row.id]
        if lacking and row.team_id in anybody and row.proof.get("via") != "laid":
            yield f"I5: {row.event} of team {row.team_id} (line {row.number}) told nobody: {sorted(lacking)}"


def _i6(session: Session) -> Iterator[str]:
    gone = {p.id: p for p in session.scalars(sa.select(Person).where(Person.left_at.is_not(None)))}
    query = sa.select(Message).where(Message.person_id.in_(gone), Message.letter_id.is_(None))
    for message in session.scalars(query.order_by(Message.id)) if gone else ():
        left = gone[message.person_id or 0].left_at
        if left is not None and message.created_at > left + WAITED and message.template not in FAREWELL:
            yield f"I6: {message.template} was written to person {message.person_id} after they left"
