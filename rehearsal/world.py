"""The rehearsal's world: the service's house, the clock, the people's agenda, and the ways in which they answer.

An agenda holds what somebody has decided to do, by its moment; nothing is done in any other way. Chance comes from
the seed and from stable names alone, so that no timing of threads can change what happens.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from rehearsal import browser, styles, words
from rehearsal.cast import Cast, Crew, Invented
from rehearsal.mails import Asked, Got
from rehearsal.meaning import Meaning
from rehearsal.record import Act, Record
from rehearsal.setting import Clock, House
from rehearsal.sink import MailProgram
from rehearsal.styles import Draft, File, Look

STEP = timedelta(minutes=30)
WAKES, SLEEPS = 8, 21


@dataclass(slots=True, kw_only=True)
class World:
    house: House
    clock: Clock
    cast: Cast
    seed: int
    program: MailProgram
    record: Record = field(default_factory=Record)
    people: dict[str, Invented] = field(default_factory=dict)
    crews: dict[str, Crew] = field(default_factory=dict)
    """by the address of each member"""
    agenda: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    turns: Counter[str] = field(default_factory=Counter)
    planned: set[tuple[int, str]] = field(default_factory=set)
    intents: dict[tuple[int, str], Meaning] = field(default_factory=dict)
    again: dict[int, Meaning] = field(default_factory=dict)
    """questions that somebody will answer a second time, and with what"""
    away: tuple[datetime, datetime] | None = None
    """from when until when the coordinator sees to nothing"""
    counter: int = 0

    def __post_init__(self) -> None:
        self.people, self.crews = self.cast.by_address(), self.cast.crew_of()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def tz(self) -> ZoneInfo:
        return self.house.season.programme.tz

    def rng(self, *about: object) -> Random:
        return Random("|".join(map(str, (self.seed, *about))))

    def turn(self, about: str) -> int:
        """How many times this was asked before."""
        self.turns[about] += 1
        return self.turns[about] - 1

    # -- the agenda -------------------------------------------------------------------------------

    def at(self, moment: datetime, what: Callable[[], object]) -> None:
        """Do something at a moment, or now if it is past."""
        self.counter += 1
        heapq.heappush(self.agenda, (max(moment, self.now), self.counter, what))

    def due(self) -> datetime | None:
        return self.agenda[0][0] if self.agenda else None

    def act(self) -> bool:
        """Do the next thing that is due now; False where nothing is."""
        if not self.agenda or self.agenda[0][0] > self.now:
            return False
        heapq.heappop(self.agenda)[2]()
        return True

    def after(self, rng: Random, low: float, high: float, *, since: datetime | None = None) -> datetime:
        """A waking moment, between `low` and `high` hours from now."""
        moment = (since or self.now) + timedelta(hours=rng.uniform(low, high))
        local = moment.astimezone(self.tz)
        if local.hour < WAKES:
            local = local.replace(hour=WAKES, minute=local.minute)
        if local.hour >= SLEEPS:
            local = (local + timedelta(days=1)).replace(hour=WAKES)
        cut = local.replace(minute=local.minute // 30 * 30, second=0, microsecond=0)
        return max(cut, self.now.astimezone(self.tz) + STEP)

    def at_desk(self, moment: datetime) -> datetime:
        """The moment, or the coordinator's first one back at work."""
        return self.away[1] if self.away is not None and self.away[0] <= moment < self.away[1] else moment

    # -- answering --------------------------------------------------------------------------------

    def new_id(self, person: Invented) -> str:
        return f"<{self.seed}.{len(self.record.acts)}.{self.turn('ids')}@{person.address.rpartition('@')[2]}>"

    def write(
        self, person: Invented, got: Got, means: Meaning, said: str, *, note: str = "",
        clear: bool = True, second: bool = False, takes_back: bool = False, corrects: bool = False, sender: str = "",
        recipient: str = "", copies: int = 1, look: Look | None = None,
    ) -> Act:  # fmt: skip
        """Reply to a mail by mail."""
        message_id, sender = self.new_id(person), sender or person.address
        act = self.record.add(Act(
            number=len(self.record.acts), at=self.now, who=person.address, via="mail", means=means,
            question=got.question, team=got.team, clear=clear, entitled=sender in self._entitled(person, got),
            second=second, takes_back=takes_back, corrects=corrects, message_id=message_id, copies=copies, note=note,
        ))  # fmt: skip
        files = [File(f"too-{i + 1}.pdf", "application/pdf", one) for i, one in enumerate(means.files)]
        raw = styles.write(Draft(
            got=got, look=look or person.look, lang=person.lang, name=person.name, sender=sender,
            recipient=recipient or got.reply_to or got.sender, words=said, message_id=message_id, at=self.now,
            files=files,
        ))  # fmt: skip
        self.hand_over(act, sender, recipient or got.reply_to or got.sender, raw)
        return act

    def hand_over(self, act: Act, sender: str, recipient: str, raw: bytes) -> None:
        """Send the bytes, as often as the act says; it is taken once the server has said so each time."""
        replies = [self.program.send(sender, recipient, raw) for _ in range(act.copies)]
        act.taken = all(replies)
        self.record.follow(act)

    def _entitled(self, person: Invented, got: Got) -> Sequence[str]:
        crew = self.crews.get(got.to)
        any_member = got.question is not None and got.question.kind in ("homework", "presentation", "hours_check")
        return (got.to, *(m.address for m in crew.present if crew and any_member)) if crew else (got.to,)

    def fill_in(self, person: Invented, got: Got, means: Meaning, *, note: str = "") -> Act:
        """Answer by the form that the mail links to."""
        act = self.record.add(Act(
            number=len(self.record.acts), at=self.now, who=person.address, via="form", means=means,
            question=got.question, team=got.team, note=note,
        ))  # fmt: skip
        said = browser.answer(self.house, got, means, act.number)
        act.taken = said is not browser.Said.NO
        act.second = act.second or said is browser.Said.BEFORE
        self.record.follow(act)
        return act

    def loosely(self, person: Invented, got: Got, means: Meaning) -> str:
        """The words for a meaning, as this person writes."""
        rng = self.rng("words", got.message_id and got.number, person.address, means.kind)
        kind = got.question.kind if got.question else ""
        said = words.loosely(rng, kind, means, person.lang)
        return said if means.kind == "names" else words.wrapped(rng, said, person.lang, person.name)

    def plainly(self, person: Invented, asked: Asked | None, means: Meaning) -> str:
        return words.plainly(asked.kind if asked else "", means, person.lang)
