"""SIGKILL at random moments: receivers, workers and pages of a whole installation, while thousands answer.

Correspondents keep a history of their own and send again until they are acknowledged; a relay notes what it took.
Afterwards sets are compared: what was acknowledged, what is stored, what moved, what was sent. Now and then
everything is killed at once, as when the power fails, and only then are the leases of the dead let go.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.receiving.store import STOPPED
from tests.mail.scripted_relay import Relay
from tests.reliability import invariants, open_season
from tests.reliability.correspondents import Book, Correspondents
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import FellOver, Installation, Kind, time_passes
from tests.reliability.open_season import PER_PAIR, Task
from tests.reliability.postgresql import fresh_database
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import HistoryRow, Letter, Message, Person, Question, Team

POWER_CUT_EVERY = 4
"""each so manieth kill takes everything at once"""
KILLED_OVER = 0.8
"""of the answers: how much is handled when the last kill comes"""
VICTIMS = (Kind.WORK, Kind.WORK, Kind.WORK, Kind.RECEIVE, Kind.RECEIVE, Kind.WEB)
DRAIN_SECONDS = 600
BACK_SECONDS = 60
"""so soon after everything was killed at once the service handles letters again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    answers: int
    kills: int

    @property
    def pairs(self) -> int:
        return -(-self.answers // PER_PAIR)


SIZES = {Scale.SHORT: Size(answers=1500, kills=25), Scale.LONG: Size(answers=10_000, kills=100)}


@dataclass(slots=True, kw_only=True)
class Ran:
    """What happened in one run; judged in `figures`."""

    tasks: list[Task]
    book: Book
    took: list[tuple[str, str]]
    """(recipient, Message-ID) as the relay took them"""
    kills: Counter[str]
    moments: int
    back: list[float]
    """seconds from each start after everything was killed at once until the next letter was handled"""
    seconds: float
    complaints: list[str]
    handed_back: int = 0


def run(scale: Scale) -> list[Figure]:
    return on("sqlite", SIZES[scale])


def on(kind: str, size: Size, seed: int = 7) -> list[Figure]:
    """The harness on one kind of database."""
    with TemporaryDirectory(prefix="teekond-kill-") as folder, fresh_database(kind) as url:
        (Path(folder) / "data").mkdir()
        db = Database(url or sqlite_url(Path(folder) / "data"))
        where = "SQLite" if kind == "sqlite" else "PostgreSQL"
        try:
            return figures(db, _run(db, Path(folder), url, size, Random(seed)), where, size)
        except FellOver as why:
            lines = str(why).strip().splitlines()
            said = " … ".join(dict.fromkeys([lines[0], *[line for line in lines if "Error" in line][-1:]]))
            return [
                Figure(
                    promise=f"Whatever is killed, the service goes on ({where})", asked="to the end", measured=said,
                    done=f"a run of {size.answers} answers that came to no end", holds=False,
                )
            ]  # fmt: skip
        finally:
            db.close()


# -- the run ----------------------------------------------------------------------------------------


def _run(db: Database, folder: Path, url: str | None, size: Size, chance: Random) -> Ran:
    config = open_season.config_file(folder)
    tasks = open_season.lay(db, config, datetime.now(UTC), size.pairs, chance)
    with Relay() as relay, Installation(folder, config, relay.port, url) as house:
        house.start(*house.places)
        began = time.monotonic()
        smtp, web = ([p.port for p in house.of(kind)] for kind in (Kind.RECEIVE, Kind.WEB))
        with Correspondents(tasks, smtp, web) as people:
            back = _kill_on(db, house, people, size, len(tasks), chance)
            _wait(lambda: not people.busy(), db, people, "people still wait for an acknowledgement")
        handed_back = _finish(db, house)
        seconds = time.monotonic() - began
        house.stop(*house.places)
        return Ran(
            tasks=tasks, book=people.book, took=[(to, _id_of(data)) for _, to, data in relay.taken],
            kills=Counter({k.value: sum(p.kills for p in house.of(k)) for k in Kind}), moments=size.kills,
            back=back, seconds=seconds, complaints=house.complaints(), handed_back=handed_back,
        )  # fmt: skip


def _kill_on(
    db: Database, house: Installation, people: Correspondents, size: Size, answers: int, chance: Random
) -> list[float]:
    """Kill after kill, spread over the answers: each comes when that much more was handled since the last one. The
    last fifth is left: after the last kill, too, somebody writes, and it shows that the service goes on."""
    back = []
    for number in range(1, size.kills + 1):
        goal = int(answers * number / size.kills * KILLED_OVER)
        _wait(lambda g=goal: people.handled >= g, db, people, f"nothing is handled any more before kill {number}")
        time.sleep(chance.uniform(0, 0.15))
        if number % POWER_CUT_EVERY == 0:
            back.append(_cut_the_power(db, house, people))
        else:
            victim = chance.choice(house.of(chance.choice(VICTIMS)))
            house.kill(victim)
            house.start(victim)
    return back


def _cut_the_power(db: Database, house: Installation, people: Correspondents) -> float:
    """How many seconds it took from the start until the next letter was handled."""
    for place in house.places:
        house.kill(place)
    time_passes(db)
    before, began = _letters_through(db), time.monotonic()
    house.start(*house.places)
    _wait(lambda: _letters_through(db) > before, db, people, "nothing is handled after everything was killed")
    return time.monotonic() - began


def _finish(db: Database, house: Installation) -> int:
    """Let everything come to its end. Letters whose handling the kills broke off too often are handed back, as
    the coordinator would; how many these were."""
    handed_back = 0
    for _ in range(10):
        workers = house.of(Kind.WORK)
        _wait_for(lambda: _idle(db), "letters or mails still wait")
        house.stop(*workers)
        time_passes(db)
        handed_back += (parked := _hand_back(db))
        over = not parked and not _waiting(db)
        house.start(*workers)
        if over:
            return handed_back
    return handed_back


def _hand_back(db: Database) -> int:
    with db.writing() as session:
        again = sa.update(Letter).where(Letter.status == "parked", Letter.reason == STOPPED)
        values = {"status": "new", "reason": "", "attempt": 0, "outcome": None}  # no worker lives who could hold one
        return len(session.execute(again.values(**values).returning(Letter.id)).all())


def _wait(true: Callable[[], bool], db: Database, people: Correspondents, what: str) -> None:
    def look() -> bool:
        people.handled = _letters_through(db) + len(people.book.forms)
        return true()

    _wait_for(look, what, 0.1)


def _wait_for(true: Callable[[], bool], what: str, pause: float = 0.2, most: float = DRAIN_SECONDS) -> None:
    end = time.monotonic() + most
    while not true():
        if time.monotonic() > end:
            raise FellOver(what)
        time.sleep(pause)


def _letters_through(db: Database) -> int:
    with db.reading() as session:
        through = sa.select(sa.func.count()).select_from(Letter).where(Letter.status != "new")
        return session.scalar(through) or 0


def _idle(db: Database) -> bool:
    """Whether the workers have nothing more that they may take: what is left is leased to the dead."""
    now = datetime.now(UTC)
    with db.reading() as session:
        letters = sa.select(Letter.id).where(
            Letter.status == "new", Letter.next_at <= now,
            sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= now),
        )  # fmt: skip
        mails = sa.select(Message.id).where(Message.status == "queued", Message.next_at <= now)
        return session.scalar(letters.limit(1)) is None and session.scalar(mails.limit(1)) is None


def _waiting(db: Database) -> bool:
    with db.reading() as session:
        letters = session.scalar(sa.select(Letter.id).where(Letter.status == "new").limit(1))
        unsent = ("queued", "sending", "uncertain")
        return letters is not None or session.scalar(
            sa.select(Message.id).where(Message.status.in_(unsent)).limit(1)
        ) is not None  # fmt: skip


def _id_of(data: bytes) -> str:
    found = invariants.MESSAGE_ID.search(data)
    return found[1].decode() if found else ""


# -- the comparison ----------------------------------------------------------------------------------


def figures(db: Database, ran: Ran, where: str, size: Size) -> list[Figure]:
    """Each promise with what was found, over {kills} and {answers} that are counted, not assumed."""
    with db.reading() as session:
        there = invariants.stored(session)
        states = Counter(session.scalars(sa.select(Letter.status)))
        effects = _effects(session, ran.tasks)
        lost_mails, twice, other_ids = _sent(session, ran.took)
        untold = _untold(session, ran)
        outcomes = Counter(session.scalars(sa.select(Letter.outcome)))
        messages = Counter(session.scalars(sa.select(Message.status)))
    acknowledged = set(ran.book.letters.values())
    lost = acknowledged - set(there)
    broken = invariants.broken(db, acknowledged)
    kills = sum(ran.kills.values())
    done = (
        f"{where}: {len(ran.book.letters)} letters and {len(ran.book.forms)} forms acknowledged in "
        f"{ran.seconds:.0f} s, {ran.moments} kills ({len(ran.back)} of everything at once: {kills} processes; "
        + ", ".join(f"{name} {count}" for name, count in sorted(ran.kills.items()))
        + f"), {ran.book.tries['broken off']} letters broken off and sent again"
    )
    enough = (
        ran.moments >= size.kills and ran.book.done == len(ran.tasks) >= size.answers
        and ran.book.tries["broken off"] > 0 and all(ran.kills[k.value] for k in Kind)
    )  # fmt: skip
    steps = sum(1 for t in {t.team for t in ran.tasks if t.kind == "confirm_place"})

    def figure(promise: str, asked: str, measured: str, *, holds: bool) -> Figure:
        return Figure(promise=f"{promise} ({where})", asked=asked, measured=measured, done=done, holds=holds and enough)

    return [
        figure(
            "An acknowledged letter is never lost, and stored once", "0 lost, 0 twice",
            f"{len(lost)} lost of {len(acknowledged)}, {sum(c - 1 for c in there.values())} twice",
            holds=not lost and all(c == 1 for c in there.values()),
        ),
        figure(
            "After everything was killed at once letters are handled again", f"within {BACK_SECONDS} s",
            f"after {median(ran.back):.1f} s, {max(ran.back):.1f} s at most", holds=max(ran.back) < BACK_SECONDS,
        ),
        figure(
            "Every stored letter ends in one state", "0 waiting, 0 parked",
            ", ".join(f"{k} {v}" for k, v in sorted(states.items())) + f"; {ran.handed_back} handed back by hand",
            holds=set(states) <= {"done", "held"},
        ),
        figure(
            "Each answer has its effect once", "0 missing, 0 duplicated",
            f"{len(effects)} wrong of {len(ran.tasks)} answers and {steps} transitions"
            + (f": {'; '.join(effects[:5])}" if effects else ""),
            holds=not effects and steps > 0,
        ),
        figure(
            "Nobody hears that something failed", "0 refusals (5xx), 0 error pages",
            f"{ran.book.tries['refused']} refusals, {_error_pages(ran.book)} error pages",
            holds=not ran.book.tries["refused"] and not _error_pages(ran.book),
        ),
        figure(
            "No mail is missing", "0 missing",
            f"{lost_mails} missing, {len(untold)} people untold; {sum(messages.values())} queued, "
            + ", ".join(f"{k} {v}" for k, v in sorted(messages.items()))
            + (f": {'; '.join(untold[:5])}" if untold else ""),
            holds=not lost_mails and not untold and set(messages) == {"sent"},
        ),
        figure(
            "A mail goes out twice at most once a kill, with the same Message-ID",
            f"at most {ran.kills['work']} (workers killed)", f"{twice} twice, {other_ids} under another Message-ID",
            holds=twice <= ran.kills["work"] and not other_ids,
        ),
        figure(
            "Invariants I1 to I6", "0 broken",
            f"{len(broken)} broken" + (f": {'; '.join(broken[:5])}" if broken else ""),
            holds=not broken,
        ),
        figure(
            "Nothing ends in a fault of ours", "0 letters",
            f"{outcomes['fault']} letters; {len(ran.complaints)} complaints in the logs"
            + (f": {'; '.join(ran.complaints[:3])}" if ran.complaints else ""),
            holds=not outcomes["fault"],
        ),
    ]  # fmt: skip


def _error_pages(book: Book) -> int:
    return sum(count for said, count in book.tries.items() if said.startswith("form page"))


def _effects(session: Session, tasks: list[Task]) -> list[str]:
    """Answers whose effect is not there exactly once: one sentence each."""
    questions = {q.id: q for q in session.scalars(sa.select(Question))}
    people = {p.id: p for p in session.scalars(sa.select(Person))}
    events: Counter[tuple[int, str, int | None]] = Counter()
    for row in session.scalars(sa.select(HistoryRow)):
        events[row.team_id, row.event, row.question_id] += 1
    versions = {t.id: (t.state, t.version, t.verified_at) for t in session.scalars(sa.select(Team))}
    outcomes: dict[int, Counter[str]] = defaultdict(Counter)
    for question, outcome in session.execute(sa.select(Letter.question_id, Letter.outcome)):
        outcomes[question or 0][outcome or "none"] += 1
    wrong = []
    for asked in {t.question: t for t in tasks}.values():
        question, state = questions[asked.question], versions[asked.team]
        accepted = outcomes[asked.question]["accepted"] + (question.answered_via == "link")
        expected = {
            "verify": (events[asked.team, "verified", asked.question] == 1 and state[2] is not None),
            "confirm_place": (events[asked.team, "confirm", asked.question] == 1 and state[:2] == ("workshop_1", 2)),
            "consent": (
                events[asked.team, "left", asked.question] == (asked.says == "no")
                and (people[asked.person].left_at is not None) == (asked.says == "no")
            ),
        }[asked.kind]
        if question.outcome != asked.says or question.answered_by_id is None or accepted != 1 or not expected:
            wrong.append(
                f"question {question.id} ({asked.kind}, {asked.says}): {question.outcome}, accepted {accepted} times, "
                f"team {state[0]} version {state[1]}"
            )
    return wrong


def _sent(session: Session, took: list[tuple[str, str]]) -> tuple[int, int, int]:
    """(missing, sent twice, sent under a Message-ID that no mail has or to somebody else)."""
    mails = {m.message_id: m.to_address for m in session.scalars(sa.select(Message))}
    counted = Counter(took)
    missing = sum(1 for one, to in mails.items() if (to, one) not in counted)
    foreign = sum(count for (to, one), count in counted.items() if mails.get(one) != to)
    return missing, sum(count - 1 for count in counted.values()), foreign


def _untold(session: Session, ran: Ran) -> list[str]:
    """What people should have been told and were not, by the correspondents' own books."""
    told: Counter[tuple[str, str]] = Counter(
        (template, to) for template, to in session.execute(sa.select(Message.template, Message.to_address))
    )
    contacts = {
        p.team_id: p.address for p in session.scalars(sa.select(Person).where(Person.address.like("%.0@example.org")))
    }
    by_mail = {n: task for n, task in ((t.number, t) for t in ran.tasks) if n in ran.book.letters}
    wrong = []
    for task in ran.tasks:
        expected = {
            "verify": [("application_counts", task.address)],
            "consent": [("read_back", task.address)] if task.number in by_mail and task.says == "no" else [],
            "confirm_place": [("place_confirmed", task.address)],
        }[task.kind]
        if task.says == "no":
            expected.append(("member_left", contacts[task.team]))
        wrong += [f"{to} was not told {template}" for template, to in expected if not told[template, to]]
    places: dict[int, list[Task]] = defaultdict(list)
    for task in ran.tasks:
        if task.kind == "confirm_place":
            places[task.question].append(task)
    for both in places.values():
        if [told["place_confirmed", task.address] for task in both] != [1] * len(both):
            wrong.append(f"not each of {[t.address for t in both]} was told once that the place is theirs")
    return wrong
