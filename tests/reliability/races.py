"""Many at once: processes that do the same thing at the same moment, round after round. One wins, nobody sees an error.

Fifty answers to one question (by mail and by form, yes and no), teams for the last place (by the coordinator's step, by
her letters and by her forms), mentors for the last hour, undoings of one step, and an approval against an undoing.
Each process has a connection pool of its own, as workers on several machines have.
"""

import dataclasses
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from queue import Empty
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import sqlalchemy as sa

from mail.handling.inbox import Inbox
from mail.receiving.store import Arrival, store
from tests.builders import FEBRUARY, READER, Crew, World, config
from tests.forked_processes import BORN
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import FellOver
from tests.reliability.postgresql import fresh_database
from workflow.answering import submit
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import HistoryRow, Letter, Message, Person, Question, Team
from workflow.journey import mentoring, moves
from workflow.records import queries
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.doors import Door
from workflow.rules.machine import Decision, Trigger, Who
from workflow.rules.questions import KINDS, QuestionKind

PROCESSES: Final = 4
ANSWERS: Final = 50
PATIENCE: Final = 120
HEAD_START: Final = 0.05
"""seconds that an approval has before the undoing, every other round: else the undoing, which does less, mostly wins"""
MANY: Final = 20
"""in so many rounds each side wins at least once"""
AUTOMATIC: Final = {'release = "coordinator"': 'release = "automatic"'}
ROOMY: Final = {"capacity = 10": "capacity = 100000", "size = 5": "size = 50000", **AUTOMATIC}
ONE_PLACE: Final = {"capacity = 10": "capacity = 1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    answers: int
    places: int
    hours: int
    undone: int


SIZES = {
    Scale.SHORT: Size(answers=3, places=2, hours=1, undone=2),
    Scale.LONG: Size(answers=200, places=50, hours=20, undone=50),
}


def run(scale: Scale) -> list[Figure]:
    kinds = ("sqlite",) if scale is Scale.SHORT else ("sqlite", "postgresql")
    return [figure for kind in kinds for figure in on(kind, SIZES[scale])]


def on(kind: str, size: Size) -> list[Figure]:
    """All contests on one kind of database; where one could not be held, why."""
    try:
        return _contests(kind, size)
    except (FellOver, sa.exc.DBAPIError) as error:
        why = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        promise, done = f"nobody sees an error ({kind})", "contests that came to no end"
        return [Figure(promise=promise, asked="0", measured=why, done=done, holds=False)]


def _contests(kind: str, size: Size) -> list[Figure]:
    with track(kind, ROOMY) as racing:
        answers = [_answers(racing, number) for number in range(size.answers)]
        undone = [_undone(racing, number) for number in range(size.undone)]
        against = [_approved_against_undone(racing, number) for number in range(size.undone)]
        hours = [_last_hour(racing, number) for number in range(size.hours)]
    with track(kind, ONE_PLACE) as racing:
        places = [_last_place(racing, number) for number in range(size.places)]
        approved = [_last_place_approved(racing, number) for number in range(size.places)]
    return [
        *_of_answers(kind, answers), _of_undone(kind, undone), _of_against(kind, against), _of_hours(kind, hours),
        _of_places(kind, places), _of_approved(kind, approved),
    ]  # fmt: skip


# -- the processes ------------------------------------------------------------------------------


@dataclass
class Track:
    """A season and the processes that race on it."""

    world: World
    racers: list[ForkServerProcess]
    orders: "list[Queue[Any]]"
    said: "Queue[Any]"

    def race(self, *orders: tuple[Any, ...]) -> list[Any]:
        """Give each process its order; all begin at once. What each came to, in no order."""
        for queue, order in zip(self.orders, orders, strict=True):
            queue.put(order)
        return [self._next() for _ in orders]

    def _next(self) -> Any:
        """Raises FellOver where one has ended, or has nothing to say."""
        for _ in range(PATIENCE):
            with suppress(Empty):
                return self.said.get(timeout=1)
            if not all(racer.is_alive() for racer in self.racers):
                raise FellOver("a process that raced has ended by itself")
        raise FellOver(f"a process that raced has nothing to say for {PATIENCE} s")


@contextmanager
def track(kind: str, changes: dict[str, str]) -> Iterator[Track]:
    with TemporaryDirectory() as folder, fresh_database(kind) as url:
        url = url or sqlite_url(Path(folder))
        db = Database(url)
        db.migrate()
        world = _world(db, changes)
        line, said = BORN.Barrier(PROCESSES), BORN.Queue()
        orders = [BORN.Queue() for _ in range(PROCESSES)]
        racers = [BORN.Process(target=_racer, args=(url, changes, queue, said, line)) for queue in orders]
        for racer in racers:
            racer.start()
        try:
            yield Track(world, racers, orders, said)
        finally:
            for queue in orders:
                queue.put(None)
            for racer in racers:
                racer.join(20)
                racer.kill()
            db.close()


def _racer(url: str, changes: dict[str, str], orders: "Queue[Any]", said: "Queue[Any]", line: Barrier) -> None:
    db = Database(url)
    world = _world(db, changes)
    while (order := orders.get()) is not None:
        name, now, *rest = order
        world.now = now
        try:
            line.wait(PATIENCE)
            said.put(CONTESTS[name](world, *rest))
        except Exception as error:  # what a person would have seen as an error
            said.put(f"error: {type(error).__name__}: {error}"[:300])
    db.close()


def _world(db: Database, changes: dict[str, str]) -> World:
    """A season whose secrets no other process gives out."""
    world = World(db, config(changes), FEBRUARY)
    world.season = dataclasses.replace(world.season, secret=lambda: secrets.token_hex(13))
    world.inbox = Inbox(season=world.season, identity=world.identity, reader=READER)
    return world


def _handle(world: World) -> str:
    """A worker's part: whatever letters there are, a few at a time."""
    done = 0
    while handled := world.inbox.handle_due(world.db, world.now, limit=3):
        done += handled
    return f"handled {done}"


def _form(world: World, question_id: int, person_id: int, kinds: list[str]) -> str:
    """The pages' part: one form after another."""
    results = []
    for kind in kinds:
        with world.db.writing() as session:
            question, person = session.get_one(Question, question_id), session.get_one(Person, person_id)
            via = Door.PAGE if KINDS[QuestionKind(question.kind)].signed_in else Door.LINK
            actor = submit.actor_for(person, via=via, question=question)
            said = Answer(kind=AnswerKind(kind), words=kind)
            results.append(submit.answer(world.season, session, question, person, said, actor, world.now).result)
    return " ".join(results)


def _select(world: World, team_id: int) -> str:
    with world.db.writing() as session:
        team = session.get_one(Team, team_id)
        moved = moves.move(world.season, session, team, Trigger.SELECT, world.coordinator(), world.now)
    return "selected" if isinstance(moved, Decision) else "refused"


def _undo(world: World, team_id: int, row_id: int, after: float = 0) -> str:
    time.sleep(after)
    with world.db.writing() as session:
        team, row = session.get_one(Team, team_id), session.get_one(HistoryRow, row_id)
        done = moves.undo(world.season, session, team, row, world.coordinator(), world.now, why="proov")
    return "undone" if done is not None else "refused"


CONTESTS: Final[dict[str, Callable[..., str]]] = {"handle": _handle, "form": _form, "select": _select, "undo": _undo}


# -- fifty answers to one question --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    transitions: int
    outcomes: Counter[str]
    forms: Counter[str]
    errors: tuple[str, ...]
    mails: int
    """what the contact and the deputy were told of answers that came too late"""


def _answers(racing: Track, number: int) -> Round:
    world, chance = racing.world, Random(number)
    crew = world.apply(f"Vald {number}").selected()
    question, people = _asked(world, crew, "confirm_place")
    arrivals = [_reply(chance.choice(people), chance.choice(("JAH", "EI")), f"{number}.{n}") for n in range(ANSWERS)]
    before = len(crew.history())
    store(world.db, arrivals, world.now)
    forms = ("form", world.now, question.id, people[0][0].id, ["yes", "no", "yes"])
    said = racing.race(*[("handle", world.now)] * (PROCESSES - 1), forms)
    with world.db.reading() as session:
        letters = session.scalars(sa.select(Letter).where(Letter.question_id == question.id)).all()
        rows = session.scalars(sa.select(HistoryRow).where(HistoryRow.team_id == crew.id)).all()[before:]
        told = sa.select(sa.func.count()).where(Message.question_id == question.id, Message.template == "already")
        mails = session.scalar(told) or 0
    errors = [one for one in said if one.startswith("error")]
    wrong = (one for one in letters if one.attempt != 1 or one.status not in ("done", "held"))
    errors += [f"{one.status} {one.reason}" for one in wrong]
    return Round(
        transitions=sum(row.to_state is not None for row in rows),
        outcomes=Counter(one.outcome or "" for one in letters),
        forms=Counter(word for one in said if not one.startswith(("handled", "error")) for word in one.split()),
        errors=tuple(errors),
        mails=mails,
    )


def _asked(world: World, crew: Crew, kind: str) -> tuple[Question, list[tuple[Person, str]]]:
    """The team's open question of a kind, with whom it was put to and where they reply."""
    with world.db.reading() as session:
        question = next(q for q in queries.open_questions(session, team_id=crew.id) if q.kind == kind)
        return question, [(a.person, f"r-{a.secret}@{world.identity.domain}") for a in question.addressees]


def _reply(who: tuple[Person, str], text: str, number: str) -> Arrival:
    person, to = who
    raw = f"From: {person.address}\r\nTo: {to}\r\nMessage-ID: <race.{number}@example.org>\r\n\r\n{text}\r\n"
    return Arrival(envelope_from=person.address, recipients=(to,), raw=raw.encode(), via="smtp")


def _of_answers(kind: str, rounds: list[Round]) -> list[Figure]:
    letters = sum(sum(one.outcomes.values()) for one in rounds)
    forms = sum(sum(one.forms.values()) for one in rounds)
    won = sum(one.outcomes["accepted"] + one.forms["accepted"] for one in rounds)
    known = sum(one.outcomes[word] + one.forms[word] for one in rounds for word in ("already", "afterwards"))
    errors = [error for one in rounds for error in one.errors]
    done = f"{len(rounds)} rounds on {kind}, {letters} letters and {forms} forms by {PROCESSES} processes"
    each = [one.transitions for one in rounds]
    whole = letters == ANSWERS * len(rounds) and forms == 3 * len(rounds) and len(rounds) > 0
    return [
        Figure(
            promise=f"of {ANSWERS} answers at once one counts ({kind})", asked="1 transition a round",
            measured=f"{min(each, default=0)} to {max(each, default=0)}", done=done, holds=whole and set(each) == {1},
        ),
        Figure(
            promise=f"the others hear that it was answered ({kind})", asked="all of them, none twice over",
            measured=f"{won} accepted, {known} answered before; {sum(one.mails for one in rounds)} mails say so",
            done=done, holds=whole and won == len(rounds) and known == letters + forms - won
            and all(1 <= one.mails <= 10 for one in rounds),
        ),
        Figure(
            promise=f"nobody sees an error ({kind})", asked="0", measured=f"{len(errors)} {errors[:1]}", done=done,
            holds=whole and not errors,
        ),
    ]  # fmt: skip


# -- one step, undone and undone again ----------------------------------------------------------


def _undone(racing: Track, number: int) -> tuple[Counter[str], int]:
    world = racing.world
    crew = world.apply(f"Tagasi {number}").selected()
    row = next(row for row in reversed(crew.history()) if row.to_state == "selected")
    said = racing.race(*[("undo", world.now, crew.id, row.id)] * PROCESSES)
    return Counter(said), sum(row.event == "undo" for row in crew.history()) if crew.state == "applied" else -1


def _of_undone(kind: str, rounds: list[tuple[Counter[str], int]]) -> Figure:
    right = [said == {"undone": 1, "refused": PROCESSES - 1} and rows == 1 for said, rows in rounds]
    return Figure(
        promise=f"a step undone by several at once is undone once ({kind})", asked="1 of 4, the others refused",
        measured=f"{sum(right)} rounds so" + ("" if all(right) else f"; {rounds[right.index(False)]}"),
        done=f"{len(rounds)} rounds on {kind}", holds=bool(rounds) and all(right),
    )  # fmt: skip


# -- an approval against an undoing -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A step approved twice at once while two undo the step before it."""

    state: str
    withdrawn: int
    undone: int
    """steps of each kind that history tells of"""
    accepted: int
    said_undone: int
    answers: int
    faults: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Either the team left, or its last step is undone; never both, and who was told so was told right."""
        one = (self.state, self.withdrawn, self.undone) in {("withdrawn", 1, 0), ("applied", 0, 1)}
        honest = (self.accepted, self.said_undone) == (self.withdrawn, self.undone)
        return one and honest and self.answers == 2 and not self.faults


def _approved_against_undone(racing: Track, number: int) -> Against:
    world = racing.world
    crew = world.apply(f"Vastu {number}").selected()
    row = next(row for row in reversed(crew.history()) if row.to_state == "selected")
    question, her = _approval(world, crew, Trigger.WITHDRAW)
    form = ("form", world.now, question.id, her.id, ["yes"])
    undo = ("undo", world.now, crew.id, row.id, HEAD_START * (number % 2))
    said = racing.race(form, form, undo, undo)
    forms = [one for one in said if not one.startswith(("error", "undone", "refused"))]
    events = Counter(row.event for row in crew.history())
    faults = [one for one in said if one.startswith("error")]
    return Against(
        state=crew.state, withdrawn=events["withdraw"], undone=events["undo"],
        accepted=forms.count("accepted"), said_undone=said.count("undone"), answers=len(forms), faults=tuple(faults),
    )  # fmt: skip


def _approval(world: World, crew: Crew, trigger: Trigger) -> tuple[Question, Person]:
    """The step put before the coordinator: the question, and whom it is put to."""
    with world.db.writing() as session:
        team = session.get_one(Team, crew.id)
        decision = moves.consider(world.season, session, team, trigger, Who.COORDINATOR, world.now)
        assert isinstance(decision, Decision), decision
        moves.ask_approval(world.season, session, team, decision, world.now)
    question, people = _asked(world, crew, "approve")
    return question, people[0][0]


def _of_against(kind: str, rounds: list[Against]) -> Figure:
    right = [one.right for one in rounds]
    left = sum(one.withdrawn for one in rounds)
    return Figure(
        promise=f"a step approved while the one before it is undone: one of both ({kind})", asked="1 of 2, told so",
        measured=f"{sum(right)} rounds so" + ("" if all(right) else f"; {rounds[right.index(False)]}"),
        done=f"{len(rounds)} rounds on {kind}: {left} approved, {len(rounds) - left} undone",
        holds=bool(rounds) and all(right) and (len(rounds) < MANY or 0 < left < len(rounds)),
    )  # fmt: skip


# -- the last hour ------------------------------------------------------------------------------


def _last_hour(racing: Track, number: int) -> tuple[int, Counter[str], list[str]]:
    """Two mentors report an hour each where one is left. How many minutes are left, how the letters ended, errors."""
    world = racing.world
    world.now = FEBRUARY
    crew = world.apply(f"Tund {number}").confirmed()
    world.now = datetime(2022, 7, 20, 10, tzinfo=UTC) + timedelta(minutes=number)
    for _ in range(5):
        crew.move(Trigger.ADVANCE, override="harjutus")
    with world.db.reading() as session:
        mentors = queries.staff(session, "mentor")[:2]
    arrivals = []
    for turn, person in enumerate([mentors[0], *mentors]):
        with world.db.writing() as session:
            team, mentor = session.get_one(Team, crew.id), session.get_one(Person, person.id)
            if turn < 2:
                mentoring.assign(world.season, session, team, mentors[turn], world.coordinator(), world.now)
            mentoring.ask_hours(world.season, session, team, mentor, f"race:{crew.id}:{turn}", "2022-07", world.now)
        question, _, to = world.asked("hours", team=crew.id)
        if turn == 0:
            world.write(person.address, to, "12.07 15 h")
        else:
            arrivals.append(_reply((person, to), "13.07 1 h", f"h{number}.{turn}"))
        assert question.team_id == crew.id
    if _left(world, crew) != 60:
        return _left(world, crew), Counter(), ["the hours before the last were not noted"]
    store(world.db, arrivals, world.now)
    said = racing.race(*[("handle", world.now)] * PROCESSES)
    with world.db.reading() as session:
        ids = [f"<race.h{number}.{turn}@example.org>" for turn in (1, 2)]
        letters = session.scalars(sa.select(Letter).where(Letter.message_id.in_(ids))).all()
    world.now = FEBRUARY
    faults = [one for one in said if one.startswith("error")]
    faults += [f"{one.status} {one.reason}" for one in letters if one.status != "done" or one.attempt != 1]
    return _left(world, crew), Counter(one.outcome or "" for one in letters), faults


def _left(world: World, crew: Crew) -> int:
    with world.db.reading() as session:
        return queries.ledger_balance(session, world.season.programme, crew.id).left


def _of_hours(kind: str, rounds: list[tuple[int, Counter[str], list[str]]]) -> Figure:
    left = [each for each, _, _ in rounds]
    faults = [fault for _, _, found in rounds for fault in found]
    letters = sum(sum(outcomes.values()) for _, outcomes, _ in rounds)
    return Figure(
        promise=f"two mentors for the last hour never pass the cap ({kind})", asked="0 minutes left, 1 report held",
        measured=f"{min(left, default=-1)} to {max(left, default=-1)} minutes left, {len(faults)} errors {faults[:1]}",
        done=f"{len(rounds)} rounds on {kind}, {letters} letters",
        holds=bool(rounds) and set(left) == {0} and not faults and letters == 2 * len(rounds),
    )  # fmt: skip


# -- the last place -----------------------------------------------------------------------------


def _last_place(racing: Track, number: int) -> tuple[Counter[str], int]:
    """Each process gives the only place to another team. What each heard; how many teams have it now."""
    world = racing.world
    crews = [world.apply(f"Koht {number} {n}").verified() for n in range(PROCESSES)]
    said = racing.race(*[("select", world.now, crew.id) for crew in crews])
    having = [crew for crew in crews if crew.state == "selected"]
    for crew in having:
        assert isinstance(crew.move(Trigger.WITHDRAW), Decision)
    return Counter(said), len(having)


def _of_places(kind: str, rounds: list[tuple[Counter[str], int]]) -> Figure:
    right = [said == {"selected": 1, "refused": PROCESSES - 1} and having == 1 for said, having in rounds]
    return Figure(
        promise=f"the last place is given once ({kind})", asked="1 of 4, the others refused",
        measured=f"{sum(right)} rounds so" + ("" if all(right) else f"; {rounds[right.index(False)]}"),
        done=f"{len(rounds)} rounds on {kind}, {PROCESSES} teams each", holds=bool(rounds) and all(right),
    )  # fmt: skip


def _last_place_approved(racing: Track, number: int) -> tuple[Counter[str], int, list[str]]:
    """Four teams wait for the coordinator's yes to the only place, and get it at once."""
    world = racing.world
    crews = [world.apply(f"Luba {number} {n}").verified() for n in range(PROCESSES)]
    asked = [_approval(world, crew, Trigger.SELECT) for crew in crews]
    said = racing.race(*(("form", world.now, question.id, her.id, ["yes"]) for question, her in asked))
    faults = [one for one in said if one.startswith("error")]
    heard = Counter(one for one in said if not one.startswith("error"))
    having = [crew for crew in crews if crew.state == "selected"]
    for crew in having:
        assert isinstance(crew.move(Trigger.WITHDRAW), Decision)
    return heard, len(having), faults


def _of_approved(kind: str, rounds: list[tuple[Counter[str], int, list[str]]]) -> Figure:
    right = [
        heard == {"accepted": 1, "refused": PROCESSES - 1} and having == 1 and not faults
        for heard, having, faults in rounds
    ]
    return Figure(
        promise=f"the last place is given once, by approvals too ({kind})", asked="1 of 4, the others refused",
        measured=f"{sum(right)} rounds so" + ("" if all(right) else f"; {rounds[right.index(False)]}"),
        done=f"{len(rounds)} rounds on {kind}, 4 approvals each", holds=bool(rounds) and all(right),
    )  # fmt: skip
