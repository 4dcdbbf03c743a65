"""The invented coordinator's steps at the desk: applications, selection, held letters, mentors, hours, members.

Taken through the same functions as the office's pages use, with the coordinator as the one who acts.
"""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.handling.inbox import uploads
from rehearsal.cast import Crew, Fate, Invented
from rehearsal.mails import Got
from rehearsal.meaning import Meaning
from rehearsal.record import Act, Step
from rehearsal.world import World
from workflow.answering import held_letters, on_behalf
from workflow.codes import AlertKind, LetterStatus
from workflow.coordinator import steps
from workflow.coordinator.mentors import assign
from workflow.coordinator.steps import StepRequest
from workflow.database.models import Alert, HoursRow, Letter, Person, Question, StageSession, Team
from workflow.journey import members, mentoring, moves, sessions
from workflow.records import queries
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules import application, hours
from workflow.rules.application import NewMember
from workflow.rules.doors import Door
from workflow.rules.machine import Refusal, Trigger, Who
from workflow.schedule import alert_checks
from workflow.schedule.alert_checks import NeedsPerson
from workflow.season import Actor
from workflow.text.bilingual import Text

DECISIONS = {
    Fate.COMPLETES: Trigger.SELECT,
    Fate.RELEASED: Trigger.SELECT,
    Fate.WITHDRAWS: Trigger.SELECT,
    Fate.STEPS_IN: Trigger.WAITLIST,
    Fate.WAITS: Trigger.WAITLIST,
}
RANKS = list(Fate)


def coordinator(session: Session, address: str = "") -> Actor:
    """The one with this address, or the first."""
    staff = queries.staff(session, "coordinator")
    person = next((one for one in staff if one.address == address), staff[0])
    return Actor(who=Who.COORDINATOR, name=person.name, person=person, via=Door.PAGE)


def _note(
    world: World, team: str, what: str, about: str = "", minutes: int = 0, day: date | None = None, stage: str = ""
) -> None:
    after = len(world.record.acts)
    world.record.steps.append(
        Step(at=world.now, team=team, what=what, about=about, minutes=minutes, day=day, stage=stage, after=after)
    )


# -- applying and selecting -------------------------------------------------------------------------


def apply(world: World, crew: Crew) -> None:
    """The team sends its application by the form."""
    season = world.house.season
    typed = {"name": crew.name, "home": f"{crew.name} vald", "lang": crew.lang, "wish_group": crew.wish}
    typed |= {f.key: f"Soovime {crew.name} rahvaga rohkem koos teha." for f in season.programme.apply.fields}
    rows = [{"name": m.name, "address": m.address, "side": m.side, "part": m.part} for m in crew.members]
    form, faults = application.check(season.programme, typed, rows, world.now)
    if form is None:
        raise ValueError(f"{crew.name}: {faults}")
    with world.house.db.writing() as session:
        moves.apply(season, session, form, world.now)


def select(world: World) -> None:
    """Provisional decisions, ranked, and then all of them at once."""
    crews = {c.name: c for c in world.cast.crews}
    with world.house.db.writing() as session:
        teams = list(session.scalars(sa.select(Team).order_by(Team.id)))
        for rank, team in enumerate(sorted(teams, key=lambda t: RANKS.index(crews[t.name].fate)), 1):
            team.rank = rank
            moves.provide(team, DECISIONS.get(crews[team.name].fate, Trigger.DECLINE))
        session.flush()
        for team, moved in moves.apply_all(world.house.season, session, teams, coordinator(session), world.now):
            if isinstance(moved, Refusal):
                why = " ".join(r.says.en for r in moved.reasons)
                world.record.refused.append(f"{team.name} could not be moved ({moved.trigger}): {why}")
            else:
                _note(world, team.name, moved.trigger.value)


def decide(world: World, got: Got, means: Meaning) -> None:
    """The coordinator signs in and decides the step that a mail told of."""
    asked = got.question
    assert asked is not None
    act = world.record.add(Act(
        number=len(world.record.acts), at=world.now, who=got.to, via="office", means=means, question=asked,
        team=got.team, note="decided on the page",
    ))  # fmt: skip
    with world.house.db.writing() as session:
        question, who = session.get_one(Question, asked.id), coordinator(session, got.to)
        trigger, season = Trigger(asked.trigger), world.house.season
        if question.closed_at is not None and question.answered_by_id is None:
            act.taken = act.void = True  # the service took the step, or it fell away
        elif question.closed_at is not None or question.team is None:
            act.taken = act.second = question.answered_by_id is not None
        elif means.kind == "yes":
            act.taken = not steps.take(season, session, question.team, StepRequest(trigger=trigger), who, world.now)
        else:
            act.taken = not steps.turn_down(season, session, question.team, trigger, "ei", who, world.now)
        fell_away = act.void and question.outcome == "dropped"
    if not fell_away:  # what is decided of a step that nobody asks for any more ends nothing
        world.record.follow(act)


def answer(world: World, got: Got, means: Meaning) -> None:
    """The coordinator, asked where there is no trainer, answers on the page."""
    assert got.question is not None
    act = world.record.add(Act(
        number=len(world.record.acts), at=world.now, who=got.to, via="office", means=means, question=got.question,
        team=got.team, note="answered on the page",
    ))  # fmt: skip
    said = Answer(kind=AnswerKind(means.kind), text=means.text, names=tuple(sorted(means.names)), rule="form", words="")
    with world.house.db.writing() as session:
        question, who = session.get_one(Question, got.question.id), coordinator(session, got.to)
        if question.closed_at is None and who.person is not None:
            season = world.house.season
            refused = on_behalf.give(season, session, question, who.person, said, who, "ise vaadatud", world.now)
            act.taken = refused is None
        else:
            act.taken = act.void = True
    world.record.follow(act)


def let_lie(world: World, got: Got, until: datetime) -> None:
    """The coordinator is away until then: a place given up is released by itself when its time is over."""
    asked, since = got.question, world.now
    if asked is not None and asked.trigger == Trigger.RELEASE and asked.due_at is not None and asked.due_at < until:
        world.at(asked.due_at, lambda: _released(world, got.team, since))


def _released(world: World, team: str, since: datetime) -> None:
    """Nobody of the team has said anything more about its place."""
    later = [act for act in world.record.acts if act.team == team and act.at > since and act.question is not None]
    if not any(act.question is not None and act.question.kind == "confirm_place" for act in later):
        _note(world, team, Trigger.RELEASE)
        world.record.fall_away(team)


# -- the desk, each working day ---------------------------------------------------------------------


def desk(world: World) -> None:
    """What waits: letters nobody could be sure of, hours over the cap, hours in dispute."""
    if world.at_desk(world.now) != world.now:
        return
    with world.house.db.reading() as session:
        waiting = list(
            session.scalars(sa.select(Letter.id).where(Letter.status == LetterStatus.HELD).order_by(Letter.id))
        )
        alerts = list(session.scalars(sa.select(Alert.id).where(Alert.standing()).order_by(Alert.id)))
    world.record.notices.update(alerts)
    for letter in waiting:
        _letter(world, letter)
    for alert in alerts:
        _alert(world, alert)


def _letter(world: World, letter_id: int) -> None:
    """Ring up whoever wrote, and take the letter as they meant it, or as nothing."""
    with world.house.db.writing() as session:
        letter, actor = session.get_one(Letter, letter_id), coordinator(session)
        act = world.record.by_message.get(letter.message_id)
        if letter.received_at > world.now - timedelta(hours=20) or actor.person is None:
            return
        world.record.letters_decided += 1
        means = _meant(world, act)
        chosen = next((r for r in held_letters.readings(letter) if means and _is(r, means)), None)
        if act is None or means is None or chosen is None:
            held_letters.dismiss(session, letter, actor.person, world.now, why="vastus on teada")
            return
        resolved = world.record.add(Act(
            number=len(world.record.acts), at=world.now, who=act.who, via="office", means=means, taken=True,
            question=act.question, team=act.team, note=f"the coordinator read letter {act.number} so",
        ))  # fmt: skip
        world.record.follow(resolved)
        given = uploads(world.house.inbox.reader, letter.raw)
        held_letters.resolve(world.house.season, session, letter, chosen, actor.person, world.now, given or ())


def _meant(world: World, act: Act | None) -> Meaning | None:
    """What the writer meant, where their question still waits for it."""
    if act is None or act.question is None or not world.record.open(act.question, world.now):
        return None
    decided = world.record.decided(act.question.id)
    if act.second or (decided is not None and decided is not act):
        return None
    return world.intents.get((act.question.id, act.who))


def _is(reading: held_letters.Reading, means: Meaning) -> bool:
    answer = reading.answer
    if answer.kind.value != means.kind:
        return False
    if means.kind == "hours":
        return [(e.minutes, e.day) for e in answer.entries] == list(means.entries)
    return means.kind != "names" or set(answer.names) == means.names


def _alert(world: World, alert_id: int) -> None:
    """What she can mend is mended, and falls away then; what no fact ends she has read; the rest ends by itself."""
    with world.house.db.writing() as session:
        alert = session.get_one(Alert, alert_id)
        if alert.kind == AlertKind.HOURS:
            _settle(world, session, session.get_one(HoursRow, alert.about["hours"]))
        elif alert.kind == AlertKind.DISPUTE:
            _correct(world, session, session.get_one(Question, alert.about["question"]))
        elif _only_read(alert):
            alert.settled_at = world.now


def _only_read(alert: Alert) -> bool:
    """Whether reading it is all there is to do: words on a form, and what needs a person's "Settled"."""
    words = alert.kind in (AlertKind.AFTERWARDS, AlertKind.ATTENDANCE) and "letter" not in alert.about
    return words or isinstance(alert_checks.CHECKS[AlertKind(alert.kind)], NeedsPerson)


def _settle(world: World, session: Session, row: HoursRow) -> None:
    """Hours over the cap: in turn count what is left, grant more, drop them. What its mentor has taken back meanwhile
    waits for nothing."""
    choice = ("left", "grant", "drop")[world.turn("settled") % 3]
    team = session.get_one(Team, row.team_id)
    refused = mentoring.settle_held(world.house.season, session, row, choice, coordinator(session), world.now)
    if refused is None:
        _note(world, team.name, "settle", choice, row.minutes, stage=row.stage)


def _correct(world: World, session: Session, check: Question) -> None:
    """A dispute: the coordinator has talked to both, and it was half an hour less. What the mentor has taken back
    meanwhile needs no correction."""
    counts = {e.id: m for e, m in hours.effective(queries.entries(queries.ledger(session, check.team_id or 0)))}
    for entry in (e for e in check.about["entries"][:1] if e in counts):
        row = session.get_one(HoursRow, entry)
        minutes = max(0, counts[entry] - 30)
        why = "meeskonnaga üle räägitud"
        if mentoring.correct(world.house.season, session, row, minutes, why, coordinator(session), world.now):
            name = session.get_one(Team, row.team_id).name
            _note(world, name, "correct", "", minutes - counts[entry], stage=row.stage)


# -- on the way -------------------------------------------------------------------------------------


def _travelling(world: World, session: Session) -> list[Team]:
    return queries.travelling(session, world.house.season.machine, "*")


def assign_mentors(world: World) -> None:
    """Each team that has no mentor yet gets one, in turn."""
    with world.house.db.writing() as session:
        mentors = queries.staff(session, "mentor")
        without = [team for team in _travelling(world, session) if not queries.mentorships(session, team.id)]
        for nth, team in enumerate(without if mentors else ()):
            mentor = mentors[nth % len(mentors)]
            _note(world, team.name, "mentor", mentor.address)
            assign(world.house.season, session, team, mentor, coordinator(session), world.now)


def book(world: World, starts: datetime, minutes: int) -> None:
    """Every third team books a session with its mentor."""
    with world.house.db.writing() as session:
        for team in _travelling(world, session)[1::3]:
            mentor = next((m.person for m in queries.mentorships(session, team.id)), None)
            if mentor is None:
                continue
            mentoring.book(world.house.season, session, team, mentor, starts, minutes, coordinator(session), world.now)
            stage = queries.mentoring_stage(world.house.season.programme, team.state) or ""
            _note(world, team.name, "book", mentor.address, minutes, starts.astimezone(world.tz).date(), stage)


def move_session(world: World, stage: str, group: str, by: timedelta) -> None:
    """A session is put off: everybody is told, and what they said of the old time holds no more."""
    with world.house.db.writing() as session:
        meeting = session.scalars(
            sa.select(StageSession).where(StageSession.stage == stage, StageSession.group == group)
        ).one()
        world.record.session_moves([q.id for q in sessions.rsvps_of(session, meeting)], world.now)
        place = Text(**meeting.place)
        starts, ends = meeting.starts_at + by, meeting.ends_at + by
        sessions.move_session(world.house.season, session, meeting, starts, ends, place, world.now)


def replace_member(world: World, crew: Crew) -> None:
    """Somebody leaves a team and somebody else takes their place."""
    leaving, spare = crew.members[-1], crew.spare
    assert spare is not None
    with world.house.db.writing() as session:
        person = session.scalars(sa.select(Person).where(Person.address == leaving.address)).one()
        team = session.get_one(Team, person.team_id)
        actor = coordinator(session)
        members.leave(world.house.season, session, person, actor, world.now, why="läks teisele tööle")
        new = NewMember(name=spare.name, address=spare.address, side=spare.side)
        members.join(world.house.season, session, team, new, actor, world.now)
    _gone(world, crew, leaving)
    crew.members.append(spare)


def _gone(world: World, crew: Crew, leaving: Invented) -> None:
    leaving.gone = True
    world.record.leaves(leaving.address)
    _note(world, crew.name, "replace", leaving.name)
