"""What should have come of it all, reckoned from the rehearsal's own books: answers, works and hours.

Knows the rules of the programme in the plainest form. Must never look at what the service made of anything, but
for one thing: which letters it would rather put before the coordinator than act on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rehearsal.mails import Asked
from rehearsal.meaning import Meaning
from rehearsal.record import WORKS, Act, Record, Step

REVIEWED = ("homework", "plan")
MAY_CHANGE = ("rsvp", "reflection", "roll_call")


@dataclass(frozen=True, slots=True)
class Heard:
    """What of the acts should have moved something: by question, in the order in which it was said."""

    record: Record
    acts: Mapping[int, list[Act]]
    leaving: tuple[Act, ...] = ()
    """letters by which teams withdraw"""
    by_team: dict[str, list[Act]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for question in self.acts:
            act = self.answer(question)
            if act is not None:
                self.by_team.setdefault(act.team, []).append(act)

    def answer(self, question: int) -> Act | None:
        """The answer that should count; where one may change one's mind, the last."""
        given = self.acts.get(question, [])
        if not given:
            return None
        return given[-1] if self.record.asked[question].kind in MAY_CHANGE or given[-1].corrects else given[0]

    def of(self, kind: str, team: str, stage: str = "") -> list[Act]:
        """The counting answers to a team's questions of a kind."""
        there = self.by_team.get(team, ())
        return [a for a in there if a.question and a.question.kind == kind and stage in ("", a.question.stage)]


def heard(record: Record, held: Iterable[str]) -> Heard:
    """`held`: Message-IDs of letters that were put before the coordinator; they moved nothing by themselves."""
    waits = set(held)
    found: dict[int, list[Act]] = {}
    for act in record.acts:
        if act.question is not None and act.answers and act.stands and act.message_id not in waits:
            found.setdefault(act.question.id, []).append(act)
    leaving = (a for a in record.acts if a.means.kind == "withdraw" and a.stands and a.message_id not in waits)
    return Heard(record, found, tuple(leaving))


# -- the journey ------------------------------------------------------------------------------------


def worked_at(said: Heard, team: str, stage: str, work: str) -> datetime | None:
    """When the stage's work was all that is asked for: accepted, or handed in where nobody reviews it."""
    if work in REVIEWED:
        return next((a.at for a in said.of("review", team, stage) if a.means.kind == "yes"), None)
    return next((a.at for kind in WORKS for a in said.of(kind, team, stage)), None)


def called_at(said: Heard, stage: str, group: str | None, joined: datetime) -> datetime | None:
    """When a roll was called that had a team on it which has travelled since `joined`."""
    for question, asked in _roll_calls(said, stage, group):
        first = next(iter(said.acts.get(question, ())), None)
        if first is not None and joined <= min(got.at for got in said.record.mails if got.question == asked):
            return first.at
    return None


def _roll_calls(said: Heard, stage: str, group: str | None) -> Iterator[tuple[int, Asked]]:
    for question, asked in said.record.asked.items():
        if asked.kind == "roll_call" and asked.stage == stage and asked.group in (group, "*"):
            yield question, asked


def absent(said: Heard, stage: str, group: str | None) -> frozenset[str] | None:
    """Who was absent from the group's session of a stage; None where no roll-call was answered."""
    answers = (said.answer(question) for question, _ in _roll_calls(said, stage, group))
    return next((answer.means.names for answer in answers if answer is not None), None)


def works(said: Heard, team: str, stage: str) -> list[Meaning]:
    """The works that should be on file, in order; the very same again is none."""
    found: list[Meaning] = []
    asked = {a.question.id for kind in WORKS for a in said.of(kind, team, stage) if a.question}
    for act in (a for q in sorted(asked) for a in said.acts[q]):
        found += [act.means] if act.means not in found else []
    return found


# -- hours ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Ledger:
    """A team's hours in one mentoring stage, in minutes, kept by hand."""

    cap: int
    used: int = 0
    reserved: dict[str, list[Step]] = field(default_factory=dict)
    booked: dict[int, int] = field(default_factory=dict)
    """minutes booked by the answer to a question"""
    lines: list[tuple[int, str, str, date | None, int]] = field(default_factory=list)
    """what stands: question, mentor, month, day, minutes"""

    @property
    def left(self) -> int:
        return self.cap - self.used - sum(s.minutes for some in self.reserved.values() for s in some)

    def report(self, act: Act) -> None:
        """A mentor's answer: what was reserved and is past is settled by it; what crosses the cap waits."""
        assert act.question is not None
        past = [s for s in self.reserved.get(act.who, []) if s.day is None or s.day <= act.at.date()]
        self.reserved[act.who] = [s for s in self.reserved.get(act.who, []) if s not in past]
        if act.means.kind == "yes":
            given = [(s.minutes, s.day, False) for s in past]
        else:
            given = [(minutes, day, self._repeats(act, minutes, day)) for minutes, day in act.means.entries]
        for minutes, day, repeats in given:
            if minutes <= self.left and not repeats:
                self.used += minutes
                self.booked[act.question.id] = self.booked.get(act.question.id, 0) + minutes
                self.lines.append((act.question.id, act.who, _month(act, day), day, minutes))

    def _repeats(self, act: Act, minutes: int, day: date | None) -> bool:
        """Whether the same is there already: as long, in the same month, of no other day; or the month's sum."""
        there = [(at, m) for _, who, month, at, m in self.lines if (who, month) == (act.who, _month(act, day))]
        again = any(m == minutes and (at == day or None in (at, day)) for at, m in there)
        return again or (day is None and bool(there) and minutes == sum(m for _, m in there))

    def take_back(self, act: Act) -> None:
        assert act.question is not None
        self.used -= self.booked.pop(act.question.id, 0)
        self.lines = [line for line in self.lines if line[0] != act.question.id]

    def step(self, step: Step) -> None:
        """What the coordinator did."""
        if step.what == "book":
            self.reserved.setdefault(step.about, []).append(step)
        if step.what == "correct":
            self.used += step.minutes
        if step.what == "settle" and step.about == "grant":
            self.cap += max(0, step.minutes - self.left)
            self.used += step.minutes
        if step.what == "settle" and step.about == "left":
            self.used += min(self.left, step.minutes)


def _month(act: Act, day: date | None) -> str:
    assert act.question is not None
    return f"{day:%Y-%m}" if day else act.question.month


def ledger(said: Heard, team: str, stage: str, cap: int) -> Ledger:
    """The team's hours of one mentoring stage as they should stand in the end."""
    book = Ledger(cap)
    counted = {id(a) for a in said.of("hours", team, stage)}
    events: list[tuple[int, int, Act | Step]] = [
        (a.number, 1, a) for a in said.record.acts
        if a.team == team and a.question and a.question.stage == stage
        and (id(a) in counted or (a.takes_back and a.taken))
    ]  # fmt: skip
    events += [(s.after, 0, s) for s in said.record.steps if s.team == team and s.stage == stage]
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if isinstance(event, Step):
            book.step(event)
        elif event.takes_back:
            book.take_back(event)
        else:
            book.report(event)
    return book
