"""The manners in which people answer: at once or late, plainly or not, from the right address or another.

Each takes what somebody means and turns it into letters and forms on the agenda. Which manner is whose is dealt
from a deck by the kind of question, so that each is seen in every rehearsal large enough.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from rehearsal import machines, office, words
from rehearsal.cast import Invented
from rehearsal.mails import Got
from rehearsal.meaning import NO, UNCLEAR, YES, Meaning
from rehearsal.record import Act
from rehearsal.world import World

Manner = Callable[[World, Invented, Got, Meaning, datetime], None]


def by_mail(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    world.at(when, lambda: _mail(world, person, got, means))


def _mail(world: World, person: Invented, got: Got, means: Meaning, **rest: object) -> Act:
    return world.write(person, got, means, world.loosely(person, got, means), **rest)  # type: ignore[arg-type]


def by_form(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    world.at(when, lambda: _form(world, person, got, means))


def _form(world: World, person: Invented, got: Got, means: Meaning) -> None:
    world.fill_in(person, got, means)


def twice_the_same(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """The mail program sends the same letter a second time."""
    world.at(when, lambda: _mail(world, person, got, means, copies=2, note="sent twice by the mail program"))


def to_from(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Some programs reply to From and not to Reply-To."""
    world.at(when, lambda: _mail(world, person, got, means, recipient=got.sender, note="replied to From"))


def unclear_first(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Says yes and no first; answers plainly when asked again."""
    world.at(when, lambda: _mail(world, person, got, UNCLEAR, clear=False, note="unclear"))


def from_elsewhere(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Writes from another address first."""
    world.at(when, lambda: _mail(world, person, got, means, sender=person.other, note="from another address"))


def asks_first(word: str) -> Manner:
    """SEIS or ABI before the answer itself."""

    def manner(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
        world.at(when, lambda: _mail(world, person, got, Meaning(kind=word)))
        by_mail(world, person, got, means, when + timedelta(hours=2))

    return manner


def twice(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Answers, and once that is read back, answers again and otherwise."""
    assert got.question is not None
    world.again[got.question.id] = otherwise(got.question.kind, means)
    world.at(when, lambda: world.write(person, got, means, world.plainly(person, got.question, means)))


def otherwise(kind: str, means: Meaning) -> Meaning:
    """Another answer to the same question."""
    if kind == "hours":
        return Meaning(kind="hours", entries=((means.minutes + 60, None),))
    if kind == "review":
        return YES if means.kind == "return" else Meaning(kind="return", text="TAGASI: palun lisage näiteid")
    if means.kind == "names":
        return Meaning(kind="names", names=frozenset())
    if kind in ("homework", "presentation"):
        return means
    return NO if means.kind == "yes" else YES


def away_first(honest: bool) -> Manner:
    """An answering machine answers first, the person later."""

    def manner(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
        world.at(world.now, lambda: answering_machine(world, person, got, honest=honest))
        by_mail(world, person, got, means, when + timedelta(hours=5))

    return manner


def answering_machine(world: World, person: Invented, got: Got, *, honest: bool) -> None:
    message_id = world.new_id(person)
    act = world.record.add(Act(
        number=len(world.record.acts), at=world.now, who=person.address, via="machine", means=UNCLEAR, clear=False,
        question=got.question, team=got.team, message_id=message_id, note="out of office",
    ))  # fmt: skip
    raw = machines.out_of_office(got, person, message_id, world.now, honest=honest)
    world.hand_over(act, "" if honest else person.address, got.reply_to or got.sender, raw)


def late(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Lets the due date pass and answers after the reminders."""
    due = got.question.due_at if got.question else None
    by_mail(world, person, got, means, world.after(world.rng("late", got.number), 20, 60, since=due or when))


def by_a_colleague(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Another member of the team answers in the contact's place, from an address of their own."""
    others = [m for m in world.crews[person.address].present if m is not person and not m.bounces] or [person]
    other = others[got.number % len(others)]
    world.at(when, lambda: _mail(world, other, got, means, note="answered by another member"))


def button(organizer: bool) -> Manner:
    """Presses a button in the calendar."""

    def manner(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
        world.at(when, lambda: press(world, person, got, means, organizer=organizer))

    return manner


def press(world: World, person: Invented, got: Got, means: Meaning, *, organizer: bool = True) -> None:
    message_id = world.new_id(person)
    act = world.record.add(Act(
        number=len(world.record.acts), at=world.now, who=person.address, via="calendar", means=means,
        question=got.question, team=got.team, message_id=message_id, note="calendar button",
        void=world.record.outdated(got),
    ))  # fmt: skip
    raw = machines.button(got, person, means.kind, message_id, world.now, organizer=organizer)
    world.hand_over(act, person.address, got.reply_to, raw)


def changes_plan(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Says one thing, and two days later another: an expected attendance may change."""
    by_mail(world, person, got, means, when)
    by_mail(world, person, got, NO if means.kind == "yes" else YES, when + timedelta(days=2))


def rates_by_mail(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Writes the ratings into a reply, though a form was asked for: they count once they stand on the form."""
    world.at(when, lambda: _mail(world, person, got, means, clear=False, note="rated by mail"))


def rates_again(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Fills the form in, and two days later thinks better of themselves."""
    better = replace(means, ratings=tuple((outcome, min(5, rating + 1)) for outcome, rating in means.ratings))
    by_form(world, person, got, means, when)
    by_form(world, person, got, better, when + timedelta(days=2))


def says_nothing(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Never answers."""


def on_the_page(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Signs in and decides there."""
    world.at(when, lambda: office.decide(world, got, means))


def replies_first(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """Replies to a mail that no reply decides; the page is where they are sent (`people`)."""
    world.at(when, lambda: _mail(world, person, got, means, clear=False, note="replied to what the page decides"))


MANY: tuple[Manner, ...] = (
    by_mail, unclear_first, by_form, from_elsewhere, twice, twice_the_same, by_mail, late, to_from,
    away_first(True), by_form, asks_first("status"), away_first(False), by_mail, asks_first("help"), by_form,
)  # fmt: skip
PROMPT = tuple(m for m in MANY if m is not late)
DECKS: dict[str, tuple[Manner, ...]] = {
    "verify": PROMPT,
    "consent": (says_nothing, says_nothing, says_nothing, by_mail, says_nothing, twice, by_form, says_nothing),
    "confirm_place": PROMPT,
    "rsvp": (
        button(True), by_mail, says_nothing, button(True), button(False), by_form, says_nothing, button(True),
        changes_plan, unclear_first, button(True), says_nothing, twice_the_same, button(True), from_elsewhere,
    ),
    "roll_call": (twice, by_mail, unclear_first, by_form, late, by_mail, to_from),
    "homework": (*MANY, by_a_colleague, by_mail, by_form, by_a_colleague),
    "presentation": (*MANY, by_a_colleague),
    "review": MANY,
    "hours": (by_mail, by_mail, twice, by_form, unclear_first, by_mail, late, by_mail, by_form, from_elsewhere),
    "hours_check": (by_mail, twice, says_nothing, by_form, by_a_colleague, by_mail, unclear_first, says_nothing),
    "approve": (on_the_page, on_the_page, replies_first, on_the_page),
    "reflection": (
        by_form, by_form, rates_by_mail, says_nothing, by_form, rates_again, unclear_first, by_form, says_nothing,
        by_form, rates_by_mail,
    ),
}  # fmt: skip
"""which manner comes after which, for each kind of question"""


FIRST: dict[str, tuple[Manner, Manner]] = {
    "reflection": (rates_by_mail, by_form), "approve": (replies_first, on_the_page),
}  # fmt: skip


def manner_for(world: World, kind: str) -> Manner:
    """The next manner of the kind's deck; the first two of each kind are a mail and a form, or a page."""
    turn = world.turn(kind)
    if turn < 2:
        return FIRST.get(kind, (by_mail, by_form))[turn]
    deck = DECKS[kind]
    return deck[(turn + world.rng("deck", kind).randrange(len(deck))) % len(deck)]


def again_plainly(world: World, person: Invented, got: Got, means: Meaning) -> None:
    """Asked once more, people use the very words they were given."""
    assert got.question is not None
    said = words.plainly(got.question.kind, means, person.lang)
    if means.kind == "submission":
        said = world.loosely(person, got, means)
    world.write(person, got, means, said, note="asked again")
