"""The invented people: what each means when a mail asks something of them, and when they get round to it.

They know what stands in the mails that reached them, and their own lives. The coordinator is in `office`.
"""

import calendar
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from rehearsal import machines, mails, manners, office, words
from rehearsal.cast import Crew, Fate, Invented
from rehearsal.mails import Asked, Got
from rehearsal.meaning import MAYBE, NO, UNCLEAR, YES, Meaning
from rehearsal.record import Act
from rehearsal.world import World
from workflow.journey import reflection

ASKING = frozenset((
    "verify", "consent", "place_offer", "session_invitation", "session_moved", "roll_call", "homework",
    "work_returned", "presentation", "review", "hours", "hours_check", "approve", "reflection", "reminder",
    "passed_on", "place_confirmed",
))  # fmt: skip
READ_BACK = frozenset(("read_back", "other_answered", "application_counts", "work_received"))


def receive(world: World, got: Got) -> None:
    """A mail has come: the person it came to reads it, or a machine does."""
    person = world.people.get(got.to)
    if person is None or _bounced(world, person, got) or person.gone:
        return
    if got.template in ("unclear", "asked_back"):
        _asked_again(world, person, got)
    elif got.template == "wrong_sender":
        _from_the_right_address(world, person, got)
    elif got.template == "sign_in_to_decide":
        _sent_to_the_page(world, person, got)
    elif got.template == "form_only":
        _sent_to_the_form(world, person, got)
    elif got.template in READ_BACK and got.question is not None:
        _second_thoughts(world, person, got, got.question)
    elif got.template == "digest":
        _from_the_digest(world, person, got)
    elif got.template in ASKING and got.question is not None:
        asked(world, person, got, got.question)


def asked(world: World, person: Invented, got: Got, question: Asked) -> None:
    """Decide what to mean, and how and when to say it; once for each question."""
    key = (question.id, person.address)
    if got.template == "session_moved":
        world.planned.discard(key)
    if key in world.planned:
        return
    world.planned.add(key)
    MINDS[question.kind](world, person, got)


def intend(
    world: World, person: Invented, got: Got, means: Meaning, when: datetime, manner: manners.Manner | None = None
) -> None:
    assert got.question is not None
    world.intents[got.question.id, person.address] = means
    (manner or manners.manner_for(world, got.question.kind))(world, person, got, means, when)


# -- what bounces, and what is asked again ----------------------------------------------------------


def _bounced(world: World, person: Invented, got: Got) -> bool:
    """A mailbox that is no more, from shortly before the third meeting on; one that was slow, once."""
    if not person.bounces or world.now.astimezone(world.tz).date() < _mailboxes_end(world):
        return False
    if not person.gone:
        person.gone = True
        report(world, person, got, hard=True)
    return True


def _mailboxes_end(world: World) -> date:
    """Far enough into the season that the team has its place, and early enough that mails are still to come."""
    stages = world.house.season.programme.stages
    meetings = sorted(min(one.start for one in stage.sessions.values()) for stage in stages if stage.sessions)
    return meetings[min(2, len(meetings) - 1)].date() - timedelta(days=5)


def report(world: World, person: Invented, got: Got, *, hard: bool) -> None:
    """Some server reports that a mail did not arrive."""
    message_id = world.new_id(person)
    act = world.record.add(Act(
        number=len(world.record.acts), at=world.now, who=person.address, via="machine", means=UNCLEAR, clear=False,
        team=got.team, message_id=message_id, note="not delivered" if hard else "delayed",
    ))  # fmt: skip
    world.hand_over(act, "", got.envelope_from, machines.undelivered(got, message_id, world.now, hard=hard))


def _asked_again(world: World, person: Invented, got: Got) -> None:
    """Once more in the words asked for; whoever is not understood even so takes the form."""
    means = world.intents.get((got.question.id, person.address)) if got.question else None
    means = means or _of_someone_else(world, got)
    if means is None or got.question is None:
        return
    times = world.turn(f"again {got.question.id} {person.address}")
    when = world.after(world.rng("again", got.number), 2, 9)
    if times == 0:
        world.at(when, lambda: manners.again_plainly(world, person, got, means))
    elif times == 1 and got.secret:
        world.at(when, lambda: world.fill_in(person, got, means, note="asked again"))


def _of_someone_else(world: World, got: Got) -> Meaning | None:
    """A member who answers in the contact's place means what the contact meant."""
    return next((m for (q, _), m in world.intents.items() if got.question and q == got.question.id), None)


def _from_the_right_address(world: World, person: Invented, got: Got) -> None:
    means = world.intents.get((got.question.id, person.address)) if got.question else None
    rng = world.rng("right", got.number)
    if means is not None and rng.random() < 0.7:
        world.at(world.after(rng, 2, 9), lambda: manners.again_plainly(world, person, got, means))


def _sent_to_the_form(world: World, person: Invented, got: Got) -> None:
    """Most take it then; whoever did not want to rate themselves does not."""
    means = world.intents.get((got.question.id, person.address)) if got.question else None
    rng = world.rng("form only", got.number)
    if means is not None and got.secret and rng.random() < 0.8:
        world.at(world.after(rng, 1, 9), lambda: world.fill_in(person, got, means, note="sent to the form"))


def _from_the_digest(world: World, person: Invented, got: Got) -> None:
    """Steps that had no mail of their own are decided from the morning's."""
    for team, question in mails.steps_that_wait(world.house.db):
        if (question.id, person.address) not in world.planned:
            world.planned.add((question.id, person.address))
            world.record.note_question(team, question)
            one = replace(got, question=question, team=team)
            when = world.at_desk(world.after(world.rng("approve", question.id), 1, 7))
            office.let_lie(world, one, when)
            intend(world, person, one, YES, when, manners.on_the_page)


def _sent_to_the_page(world: World, person: Invented, got: Got) -> None:
    """A coordinator who replied where nothing is decided by mail signs in and decides."""
    means = world.intents.get((got.question.id, person.address)) if got.question else None
    if means is not None:
        world.at(world.after(world.rng("page", got.number), 1, 5), lambda: office.decide(world, got, means))


def _second_thoughts(world: World, person: Invented, got: Got, question: Asked) -> None:
    means = world.again.pop(question.id, None)
    if means is None:
        return
    when = world.after(world.rng("second", got.number), 1, 6)
    said = words.plainly(question.kind, means, person.lang)
    if means.kind == "submission":
        said = words.BESIDE_FILE[person.lang][0]
    takes_back, first = question.kind == "hours" and means.kind == "no", world.record.decided(question.id)
    if means.kind == "hours" and first is not None and first.means.kind == "yes":
        return  # whether a figure corrects a list depends on how many lines it had: tests of hours try it
    one_line = means.kind == "hours" and first is not None and len(first.means.entries) == 1  # else it is not plain
    corrects = question.kind == "roll_call" or one_line  # within the hours that the read-back names
    world.at(when, lambda: world.write(
        person, got, means, means.text or said, second=not corrects, takes_back=takes_back, corrects=corrects,
        note="takes it back" if takes_back else "corrects it" if corrects else "second answer",
    ))  # fmt: skip


# -- members ----------------------------------------------------------------------------------------


def _crew(world: World, person: Invented) -> Crew:
    return world.crews[person.address]


def _verify(world: World, person: Invented, got: Got) -> None:
    crew = _crew(world, person)
    if crew.fate is Fate.SILENT:
        return
    means = NO if crew.fate is Fate.NOT_OURS else YES
    intend(world, person, got, means, world.after(world.rng("verify", person.address), 0.5, 40))


def _consent(world: World, person: Invented, got: Got) -> None:
    crew = _crew(world, person)
    rng = world.rng("consent", person.address)
    if crew.fate is Fate.SHRINKS and person is crew.members[-1]:
        person.gone = True
        intend(world, person, got, NO, world.after(rng, 4, 60), manners.by_mail)
    else:
        intend(world, person, got, YES, world.after(rng, 4, 60))


def _confirm_place(world: World, person: Invented, got: Got) -> None:
    """The contact answers; a deputy who hears of it may answer too."""
    crew, due = _crew(world, person), got.question.due_at if got.question else None
    rng = world.rng("place", person.address)
    if person.part != "contact":
        return
    if crew.fate is Fate.RELEASED and world.away is not None:
        intend(world, person, got, NO, world.after(rng, 2, 20), manners.by_mail)
        return
    if crew.fate is Fate.RELEASED:
        if due is not None and not world.house.season.programme.waits("release"):
            world.at(due, lambda: world.record.fall_away(got.team))
        world.at(world.after(rng, 9, 30, since=due), lambda: world.write(
            person, got, YES, words.wrapped(rng, "Jah, võtame koha vastu!", "et", person.name), note="too late",
        ))  # fmt: skip
        return
    plain = crew.fate is not Fate.COMPLETES
    intend(world, person, got, YES, world.after(rng, 2, 70), manners.by_mail if plain else None)


def _rsvp(world: World, person: Invented, got: Got) -> None:
    crew = _crew(world, person)
    rng = world.rng("rsvp", person.address, got.question.stage if got.question else "")
    if crew.fate is Fate.WITHDRAWS and person.part == "contact" and world.turn(f"leaves {crew.name}") == 0:
        when = world.after(rng, 130, 170)
        world.at(when, lambda: withdraw(world, person, got))
        return
    if got.template == "session_invitation" and person is world.cast.crews[0].members[-1] and world.turn("slow") == 0:
        report(world, person, got, hard=False)
    due = got.question.due_at if got.question else None
    latest = (due - world.now).total_seconds() / 3600 - 60 if due else 400
    means = rng.choices((YES, NO, MAYBE), (8, 2, 1))[0]
    manner = manners.button(True) if means is MAYBE or (got.calendar and rng.random() < 0.3) else None
    manner = manner if got.calendar else manners.by_mail if means is not MAYBE else manners.says_nothing
    intend(world, person, got, means, world.after(rng, 3, max(4, min(latest, 300))), manner)


def withdraw(world: World, person: Invented, got: Got) -> None:
    means = Meaning(kind="withdraw")
    act = world.write(person, got, means, world.loosely(person, got, means), note="withdraws")
    if act.stands and not world.house.season.programme.waits("withdraw"):
        world.record.fall_away(act.team)


def _work(world: World, person: Invented, got: Got) -> None:
    """Done as a rule before it is due; written into the mail at times, mostly a file."""
    question, crew = got.question, _crew(world, person)
    assert question is not None
    rng = world.rng(
        "work", crew.number, question.stage, got.template, world.turn(f"work {crew.number} {question.stage}")
    )
    means = _piece(world, crew, question, rng.randrange(10**6), as_text=rng.random() < 0.2)
    hours = (question.due_at - world.now).total_seconds() / 3600 if question.due_at else 72
    when = world.after(rng, min(30, hours / 3), max(31, hours - 14))
    intend(world, person, got, means, when)


def _piece(world: World, crew: Crew, question: Asked, n: int, *, as_text: bool) -> Meaning:
    if as_text and question.kind == "homework":
        return Meaning(kind="submission", text=words.work(crew.lang, crew.name, n % 90 + 10))
    content = f"%PDF-1.4\n% {crew.name} {question.stage} {n}\n".encode()
    return Meaning(kind="submission", files=(content,) if n % 4 else (content, content + b"% lisa\n"))


def _hours_check(world: World, person: Invented, got: Got) -> None:
    rng = world.rng("check", got.number)
    means = NO if world.turn("checked") % 6 == 4 else YES
    manner = manners.by_mail if means is NO else None
    intend(world, person, got, means, world.after(rng, 3, 100), manner)


def _reflect(world: World, person: Invented, got: Got) -> None:
    """Higher at the end than at the start, as a rule; a line here and there is left out."""
    question = got.question
    assert question is not None
    rng = world.rng("reflects", person.address, question.key.split(":")[1])
    lowest = 2 if question.key.startswith("reflection:end") else 1
    asked = [one.key for one in reflection.outcomes(world.house.season.programme)]
    rated = [(key, rng.randint(lowest, lowest + 3)) for key in asked if rng.random() < 0.9]
    means = Meaning(kind="ratings", ratings=tuple(rated or [(asked[0], 3)]))
    when, manner = world.after(rng, 2, 100), None
    if got.template == "place_confirmed":  # beside much else: a reply to it is about something else
        manner = manners.by_form if rng.random() < 0.8 else manners.says_nothing
    intend(world, person, got, means, when, manner)


# -- trainers and mentors ---------------------------------------------------------------------------


def _on_duty(world: World, person: Invented, got: Got) -> bool:
    """Of several who were asked one answers, as they have agreed."""
    assert got.question is not None
    stage = world.house.season.programme.stage(got.question.stage)
    asked_too = sorted(t.address for t in world.house.season.programme.trainers if t.key in stage.trainers)
    asked_too = asked_too or sorted(t.address for t in world.house.season.programme.trainers)
    asked_too = asked_too or [world.house.season.programme.contact.address]
    return asked_too[got.question.id % len(asked_too)] == person.address


def _roll_call(world: World, person: Invented, got: Got) -> None:
    if not _on_duty(world, person, got):
        return
    absent = frozenset(name for team in _expected(got) for name in _absent(world, got, team))
    rng = world.rng("roll call", got.question.stage if got.question else "", got.subject)
    _as_staff(world, person, got, Meaning(kind="names", names=absent), world.after(rng, 1, 40))


def _as_staff(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    """By mail or form; a coordinator who is asked where there is no trainer answers on the page."""
    intend(world, person, got, means, when, _on_the_page if person.role == "coordinator" else None)


def _on_the_page(world: World, person: Invented, got: Got, means: Meaning, when: datetime) -> None:
    world.at(world.at_desk(when), lambda: office.answer(world, got, means))


def _expected(got: Got) -> list[list[str]]:
    """The members expected, team by team, as the mail lists them."""
    text = got.text.replace("\n  ", " ")
    lines = [line[2:] for line in text.splitlines() if line.startswith("- ") and " – " in line]
    return [line.partition(" – ")[2].split(", ") for line in lines]


def _absent(world: World, got: Got, team: list[str]) -> list[str]:
    """Who did not come; as many of each team as must always do."""
    stage, needed = got.question.stage if got.question else "", world.house.season.programme.attend_at_least
    missing = [name for name in team if world.rng("absent", stage, name).random() < 0.08]
    return missing[: max(0, len(team) - needed)]


def _review(world: World, person: Invented, got: Got) -> None:
    """Whoever had it first answers, be it late: those asked later leave it to them."""
    if got.template == "passed_on":
        return
    rng = world.rng("review", got.number)
    nth = world.turn(f"review {got.team} {got.question.stage if got.question else ''}")
    comment = rng.choice(words.RETURNED[person.lang])
    means = Meaning(kind="return", text=comment) if nth == 0 and world.turn("reviews") % 5 == 3 else YES
    _as_staff(world, person, got, means, world.after(rng, 6, 70))


GREEDY = (120, 420, 330, 240)
"""minutes a month, from mentoring's first on, of a team that wants more than there is"""


def _hours(world: World, person: Invented, got: Got) -> None:
    question = got.question
    assert question is not None
    rng = world.rng("hours", got.team, person.address, question.month, got.number)
    when = world.after(rng, 3, 90)
    if question.listed:
        intend(world, person, got, YES, when)
        return
    if world.turn("hours asked") % 11 == 6:
        world.again[question.id] = NO
        intend(world, person, got, _given(world, got.team, question, rng.randrange(6)), when, manners.by_mail)
        return
    intend(world, person, got, _given(world, got.team, question, rng.randrange(6)), when)


def _given(world: World, team: str, question: Asked, n: int) -> Meaning:
    """The hours of a month: one number, or two days with theirs."""
    crew = next(c for c in world.cast.crews if c.name == team)
    greedy = _greedy(world, question) if crew.number % 5 == 0 else 0
    minutes = greedy or (0, 60, 90, 120, 150, 105)[n]
    if not minutes:
        return Meaning(kind="hours", entries=())
    if n % 2 and not greedy:
        first, second = _two_days(world, question)
        return Meaning(kind="hours", entries=((minutes - 45, first), (45, second)))
    return Meaning(kind="hours", entries=((minutes, None),))


def _mentoring(world: World, question: Asked) -> tuple[date, date]:
    """The days that hours may be of."""
    window = world.house.season.programme.stage(question.stage).hours_window
    assert window is not None
    return window


def _greedy(world: World, question: Asked) -> int:
    begins, (year, number) = _mentoring(world, question)[0], map(int, question.month.split("-"))
    nth = (year - begins.year) * 12 + number - begins.month
    return GREEDY[nth] if 0 <= nth < len(GREEDY) else 0


def _two_days(world: World, question: Asked) -> tuple[date, date]:
    """Two days of a month, a week apart where mentoring leaves room for it."""
    begins, ends = _mentoring(world, question)
    opens = date.fromisoformat(f"{question.month}-01")
    closes = min(ends, opens.replace(day=calendar.monthrange(opens.year, opens.month)[1]))
    first = max(begins + timedelta(days=1), opens.replace(day=12))
    return min(first, closes), min(first + timedelta(days=7), closes)


def _approve(world: World, person: Invented, got: Got) -> None:
    soon = world.after(world.rng("approve", got.number), 1, 7)
    when = world.at_desk(soon)
    if when != soon:
        office.let_lie(world, got, when)
    intend(world, person, got, YES, when)


MINDS: dict[str, Callable[[World, Invented, Got], None]] = {
    "verify": _verify, "consent": _consent, "confirm_place": _confirm_place, "rsvp": _rsvp, "roll_call": _roll_call,
    "homework": _work, "presentation": _work, "review": _review, "hours": _hours, "hours_check": _hours_check,
    "approve": _approve, "reflection": _reflect,
}  # fmt: skip
"""what each kind of question makes people think"""
