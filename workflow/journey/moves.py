"""The journey: applying, moving and undoing. The only module that assigns a team's state.

Each function acts in the caller's one transaction, on arguments alone: the season, a session, who acts, and
the time. A refusal writes nothing. What entering or leaving a state brings about (questions, invitations,
calendar entries, places passed on) happens in the same transaction as the move itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import gathered
from workflow.config.loader import Text
from workflow.database.engine import lock_places
from workflow.database.models import Duty, HistoryRow, LatePass, Message, Person, Question, Team
from workflow.journey import certificates, members, mentoring, reflection
from workflow.journey import roster as staff
from workflow.journey import sessions as meetings
from workflow.journey import submissions as works
from workflow.journey.reflection import Moment
from workflow.notices import Fact, Notice
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.records.history import record
from workflow.rules.application import Application
from workflow.rules.duties import end_of_day, next_digest, next_retention, of_programme
from workflow.rules.machine import (
    APPLIED,
    COMPLETED,
    OUT,
    SELECTED,
    TRIGGER_NAMES,
    Decision,
    Refusal,
    Trigger,
    Who,
    state_name,
)
from workflow.rules.questions import QuestionKind
from workflow.rules.requirements import Facts, Requirement, missing, required
from workflow.season import CLOCK, Actor, Season
from workflow.text import reasons as own_reasons

APPROVAL_DAYS = 3
REFLECTION = QuestionKind.REFLECTION
PASSED_OVER = (QuestionKind.CONFIRM_PLACE, QuestionKind.HOMEWORK, QuestionKind.PRESENTATION, QuestionKind.REVIEW)
"""questions of one state; an override that leaves it leaves them behind"""


# -- the season begins ----------------------------------------------------------------------------


def open_season(season: Season, session: Session, now: datetime) -> None:
    """Lay the programme's people, sessions and dates into the tables; safe to call at every start, and by
    several processes at once: each waits for the one before it."""
    lock_places(session)
    staff.lay(season, session, now)
    meetings.seed(season, session)
    asking.note_duties(session, of_programme(season.programme))
    for daily in (next_digest(season.programme, now), next_retention(season.programme, now)):
        if not session.scalar(sa.select(Duty.id).where(Duty.kind == daily.kind, Duty.done_at.is_(None)).limit(1)):
            asking.note_duties(session, [daily])


# -- applying -------------------------------------------------------------------------------------


def apply(
    season: Season, session: Session, form: Application, now: datetime, late_pass: LatePass | None = None
) -> Team:
    """Take in a checked application (see `workflow.rules.application.check`): the contact is asked to confirm the
    address, and each named member is told."""
    team = Team(
        name=form.name,
        municipality=form.municipality,
        lang=form.lang,
        state=APPLIED,
        state_since=now,
        applied_at=now,
        wish_group=form.wish_group,
        application=dict(form.answers),
        late_pass=late_pass is not None,
    )
    session.add(team)
    session.flush()
    people = [members.add(season, session, team, member, now) for member in form.members]
    if late_pass is not None:
        late_pass.team_id = team.id
    contact = next(p for p in people if p.part == "contact")
    record(session, team, "applied", Actor(who=Who.CONTACT, name=contact.name, person=contact, via="form"), now)
    _ask_to_verify(season, session, team, contact, form, now)
    for person in people:
        if person is not contact:
            members.ask_consent(season, session, team, person, contact.name, now)
    return team


def _ask_to_verify(
    season: Season, session: Session, team: Team, contact: Person, form: Application, now: datetime
) -> None:
    closes = season.programme.apply.closes_at
    due = closes if closes > now else now + timedelta(days=APPROVAL_DAYS)
    asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.VERIFY,
            key=f"verify:{team.id}",
            people=(contact,),
            template="verify",
            team=team,
            due=due,
            facts={"application": _full_copy(season, form), "closes_at": due},
        ),
        now,
    )


def _full_copy(season: Season, form: Application) -> tuple[tuple[Text | str, ...], ...]:
    """The whole application as (label, value) lines, as it goes into the receipt."""
    labels = {
        "contact": Text(et="Kontaktisik", en="Contact"),
        "deputy": Text(et="Asendaja", en="Deputy"),
        "member": Text(et="Liige", en="Member"),
    }
    sides = {
        "municipality": Text(et="omavalitsus", en="municipality"),
        "community": Text(et="kogukond", en="community"),
    }
    lines: list[tuple[Text | str, ...]] = [
        (Text(et="Meeskond", en="Team"), form.name),
        (Text(et="Omavalitsus", en="Municipality"), form.municipality),
    ]
    if form.wish_group:
        lines.append((Text(et="Eelistatud rühm", en="Preferred group"), season.programme.group(form.wish_group).name))
    for m in form.members:
        side = sides[m.side]
        lines.append(
            (
                labels[m.part],
                Text(et=f"{m.name}, {m.address}, {side.et}", en=f"{m.name}, {m.address}, {side.en}"),
            )
        )
    return (
        *lines,
        *((f.label, form.answers.get(f.key, "")) for f in season.programme.apply.fields if form.answers.get(f.key)),
    )


# -- moving ---------------------------------------------------------------------------------------


def consider(
    season: Season,
    session: Session,
    team: Team,
    trigger: Trigger,
    who: Who,
    now: datetime,
    *,
    override: str = "",
) -> Decision | Refusal:
    """What the machine says of a step, as things stand in this transaction. Writes nothing."""
    return season.machine.decide(_facts_for(season, session, team, trigger), trigger, now, who=who, override=override)


def _facts_for(season: Season, session: Session, team: Team, trigger: Trigger, standing: Facts | None = None) -> Facts:
    """What a step is decided by. standing: what was looked up of the team just now, without others' places."""
    places = season.machine.touches_places(trigger, team.state)
    if standing is not None and not places:
        return standing
    return queries.facts(session, season.machine, team, places=places)


def move(
    season: Season,
    session: Session,
    team: Team,
    trigger: Trigger,
    actor: Actor,
    now: datetime,
    *,
    why: str = "",
    override: str = "",
    group: str | None = None,
    standing: Facts | None = None,
) -> Decision | Refusal:
    """Take a step, or open the coordinator's approval of it, or refuse with every reason and write nothing.

    group: where to put a team that is selected. override: the coordinator's reason to pass over what is missing.
    standing: see `_facts_for`.
    """
    gathered.hold(session, team)
    if season.machine.touches_places(trigger, team.state):
        lock_places(session)
    facts = _facts_for(season, session, team, trigger, standing)
    decision = season.machine.decide(facts, trigger, now, who=actor.who, override=override)
    if isinstance(decision, Refusal):
        return decision
    if decision.approval:
        ask_approval(season, session, team, decision, now, why=why)
        return decision
    _enter(season, session, team, decision, actor, now, facts, why=why or override, group=group)
    return decision


def ask_approval(
    season: Season, session: Session, team: Team, decision: Decision, now: datetime, *, why: str = ""
) -> Question:
    """Put a step before the coordinators; the first answer counts."""
    facts: dict[str, Fact] = {
        "move": TRIGGER_NAMES[decision.trigger],
        "missing": (own_reasons.said(why),) if why else (),
        "mails": decision.notices,
    }
    return asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.APPROVE,
            key=f"approve:{team.id}:{decision.trigger}:{team.version}",
            people=tuple(queries.staff(session, "coordinator")),
            template="approve",
            team=team,
            stage=team.state,
            about={"trigger": decision.trigger, "version": team.version, "why": why},
            due=end_of_day(now, APPROVAL_DAYS, season.programme.tz),
            facts=facts,
        ),
        now,
    )


def _enter(
    season: Season,
    session: Session,
    team: Team,
    decision: Decision,
    actor: Actor,
    now: datetime,
    facts: Facts,
    *,
    why: str,
    group: str | None,
) -> None:
    """The one place where a team's state changes."""
    if decision.target == SELECTED:
        _choose_group(season, session, team, group)
    row = record(
        session,
        team,
        decision.trigger,
        actor,
        now,
        source=decision.source,
        target=decision.target,
        why=why,
        proof={"overridden": [r.says.model_dump() for r in decision.overridden], "group": team.group},
    )
    _close_what_is_past(session, team, decision.source, now)
    team.left_from = decision.source if decision.target in OUT else None
    team.state, team.state_since, team.version = decision.target, now, team.version + 1
    team.provisional = None
    _Entering(season, session, team, decision, row, now, why, facts).run()


def _choose_group(season: Season, session: Session, team: Team, group: str | None) -> None:
    """Before the step is written down: history says in which group the team was put."""
    wish = group or team.provisional_group or team.group or team.wish_group
    team.group = meetings.choose_group(season.programme, queries.group_taken(session, season.machine), wish)


def _close_what_is_past(session: Session, team: Team, source: str, now: datetime) -> None:
    """Steps proposed from the state just left hold no more, and what it still asked for was passed over."""
    asking.drop_open(session, team, now, kinds=[QuestionKind.APPROVE])
    asking.drop_open(session, team, now, kinds=PASSED_OVER, stage=source)


@dataclass(frozen=True, slots=True)
class _Entering:
    """What a move brings about, beside the new state itself."""

    season: Season
    session: Session
    team: Team
    decision: Decision
    row: HistoryRow
    now: datetime
    why: str
    before: Facts
    """what the move was decided by"""

    def run(self) -> None:
        trigger, target = self.decision.trigger, self.decision.target
        if target in OUT:
            self._go_out()
        elif target == SELECTED:
            ask_place(self.season, self.session, self.team, self.now, self.row)
        elif trigger is Trigger.CONFIRM:
            self._confirmed()
        elif trigger is Trigger.REINSTATE:
            self._back_again()
        if target == COMPLETED:
            asking.drop_open(self.session, self.team, self.now, kinds=[k for k in QuestionKind if k != REFLECTION])
            mentoring.end(self.session, self.team, self.now)
        standing = self._standing() if target in self.season.machine.stages else None
        if trigger is not Trigger.SELECT:
            self._tell(self._audience(target), self._facts(trigger, standing))
        if target == COMPLETED:
            self._certify()
            reflection.ask(self.season, self.session, self.team, Moment.END, self.now, history=self.row)
        if standing is not None:
            settle(self.season, self.session, self.team, self.now, standing)

    def _standing(self) -> Facts:
        """What is known of the team where it is now; a team that merely went on has changed in nothing else."""
        machine = self.season.machine
        if self.decision.trigger is Trigger.ADVANCE:
            return queries.moved_on(self.session, machine, self.team, self.before)
        return queries.facts(self.session, machine, self.team, places=False)

    def _audience(self, target: str) -> list[Person]:
        return (queries.members if target == COMPLETED else queries.spokespeople)(self.session, self.team.id)

    def _tell(self, people: Iterable[Person], facts: dict[str, Fact]) -> None:
        for template in self.decision.notices:
            for person in people if template != "session_invitation" else ():
                self.season.post(
                    self.session,
                    Notice(
                        template=template,
                        key=f"{template}:{self.row.id}:{person.id}",
                        person=person,
                        team=self.team,
                        stage=self.team.state,
                        facts=facts,
                        history=self.row,
                    ),
                    self.now,
                )

    def _certify(self) -> None:
        """A certificate to each member who earned one; it waits for the coordinator."""
        for person, given in certificates.earned(self.season.programme, self.session, self.team, self.now):
            self.season.post(
                self.session,
                Notice(
                    template="certificate",
                    key=f"certificate:{self.row.id}:{person.id}",
                    person=person,
                    team=self.team,
                    facts={"attended": given.sessions},
                    history=self.row,
                    certificate=given,
                ),
                self.now,
            )

    def _facts(self, trigger: Trigger, standing: Facts | None) -> dict[str, Fact]:
        programme, team = self.season.programme, self.team
        match trigger:
            case Trigger.CONFIRM:
                return {
                    "group": group_name(self.season, team.group),
                    "dates": dates(self.season, self.session, team.group),
                }
            case Trigger.ADVANCE:
                assert standing is not None  # whoever advances is in a stage then
                tasks = tuple(r.says for r in lacking(self.season, standing, self.now))
                return {"next": state_name(programme, team.state), "tasks": tasks}
            case Trigger.WAITLIST:
                return {"rank": team.rank}
            case Trigger.RELEASE | Trigger.WITHDRAW:
                return {"why": own_reasons.said(self.why)}
            case Trigger.REINSTATE:
                return {"state": state_name(programme, team.state), "why": own_reasons.said(self.why)}
        return {}

    def _confirmed(self) -> None:
        meetings.invite(self.season, self.session, self.team, self.now, history=self.row)
        catch_up(self.season, self.session, self.team, self.now, self.row)
        reflection.ask(self.season, self.session, self.team, Moment.START, self.now, history=self.row)

    def _back_again(self) -> None:
        if self.team.state in self.season.machine.stages:
            self._confirmed()

    def _go_out(self) -> None:
        why = Text(et="meeskond ei osale enam programmis", en="the team no longer takes part")
        meetings.uninvite(self.season, self.session, self.team, self.now, why=why, history=self.row)
        asking.drop_open(self.session, self.team, self.now)
        mentoring.end(self.session, self.team, self.now)
        if self.decision.source in self.season.machine.holding:
            pass_place_on(self.season, self.session, self.now)


def ask_place(season: Season, session: Session, team: Team, now: datetime, row: HistoryRow | None) -> Question:
    """Offer the place to contact and deputy; the first answer wins."""
    due = end_of_day(now, season.programme.apply.place_answer_days, season.programme.tz)
    return asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.CONFIRM_PLACE,
            key=f"place:{team.id}:{team.version}",
            template="place_offer",
            team=team,
            people=tuple(queries.spokespeople(session, team.id)),
            due=due,
            history=row,
            stage=SELECTED,
            facts={"group": group_name(season, team.group), "dates": dates(season, session, team.group)},
        ),
        now,
    )


def catch_up(season: Season, session: Session, team: Team, now: datetime, row: HistoryRow | None = None) -> None:
    """Ask for the works of sessions and stages that have begun already: a team that joins late owes them too."""
    for stage in season.programme.stages:
        if stage.work is not None and works.asked_from(season, session, team, stage) <= now:
            works.ask_work(season, session, team, stage.key, now, history=row)


def settle(season: Season, session: Session, team: Team, now: datetime, standing: Facts | None = None) -> None:
    """Where nothing is missing any more, the next step is due: taken, or put before the coordinator.

    standing: see `_facts_for`.
    """
    for trigger in (Trigger.ADVANCE, Trigger.COMPLETE):
        if trigger in season.machine.triggers(team.state):
            move(season, session, team, trigger, CLOCK, now, standing=standing)
            standing = None


def pass_place_on(season: Season, session: Session, now: datetime) -> None:
    """A place came free: propose the next of the waiting list, while its journey can still be joined in full."""
    groups: list[str | None] = [g.key for g in season.programme.groups] or [None]
    if not any(meetings.sessions_ahead(session, group, now) for group in groups):
        return
    for team in queries.next_waiting(session):
        key = f"approve:{team.id}:{Trigger.SELECT}:{team.version}"
        if session.scalar(sa.select(Question.id).where(Question.key == key, Question.closed_at.is_(None))) is None:
            move(season, session, team, Trigger.SELECT, CLOCK, now)
            return


def group_name(season: Season, group: str | None) -> Text:
    return season.programme.group(group).name if group else Text(et="", en="")


def dates(season: Season, session: Session, group: str | None) -> tuple[tuple[Text | datetime | str, ...], ...]:
    """A group's sessions as (stage's name, start, end, place)."""
    return tuple(
        (season.programme.stage(m.stage).name, m.starts_at, m.ends_at, Text(**m.place))
        for m in queries.sessions_of(session, group)
    )


# -- provisional decisions ------------------------------------------------------------------------


def provide(team: Team, trigger: Trigger | None, group: str | None = None) -> None:
    """Note a decision that nobody outside sees until it is applied; None takes it back."""
    team.provisional = trigger
    team.provisional_group = group


def apply_all(
    season: Season, session: Session, teams: Iterable[Team], actor: Actor, now: datetime
) -> list[tuple[Team, Decision | Refusal]]:
    """Carry out the provisional decisions of these teams, best ranked first; a result for each."""
    order = {Trigger.SELECT: 0, Trigger.WAITLIST: 1, Trigger.DECLINE: 2}
    waiting = [t for t in teams if t.provisional]
    waiting.sort(key=lambda t: (order[Trigger(t.provisional or "")], t.rank or 10**6, t.id))
    return [
        (t, move(season, session, t, Trigger(t.provisional or ""), actor, now, group=t.provisional_group))
        for t in waiting
    ]


# -- undo -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What taking back a transition would bring: shown first, then done exactly so."""

    back_to: str
    unsent: tuple[Message, ...]
    """withdrawn before anyone saw them"""
    sent: tuple[Message, ...]
    """each addressee needs a correction"""
    questions: tuple[Question, ...]
    invitations: int


def undoing(season: Season, session: Session, row: HistoryRow) -> Undoing:
    """The consequences of undoing this transition, as things stand."""
    mails = session.scalars(sa.select(Message).where(Message.history_id == row.id).order_by(Message.id)).all()
    asked = session.scalars(
        sa.select(Question).where(Question.history_id == row.id, Question.closed_at.is_(None))
    ).all()
    return Undoing(
        back_to=row.from_state or "",
        unsent=tuple(m for m in mails if m.status in ("queued", "held")),
        sent=tuple(m for m in mails if m.status not in ("queued", "held", "dropped")),
        questions=tuple(q for q in asked if q.kind != QuestionKind.RSVP),
        invitations=sum(q.kind == QuestionKind.RSVP for q in asked),
    )


def undo(
    season: Season,
    session: Session,
    team: Team,
    row: HistoryRow,
    actor: Actor,
    now: datetime,
    *,
    why: str,
    silent: bool = False,
) -> Undoing | None:
    """Take back the team's last transition; None where it is not its last. History keeps both.

    silent: no correction is drafted to those who were told already.
    """
    session.refresh(team, with_for_update=True)
    last = queries.last_transition(session, team.id)
    if last is None or last.id != row.id or team.state != row.to_state:
        return None
    lock_places(session)
    found = undoing(season, session, row)
    _take_back(season, session, team, found, now)
    back = record(
        session,
        team,
        "undo",
        actor,
        now,
        source=row.to_state,
        target=row.from_state,
        why=why,
        proof={"undoes": row.number},
    )
    row.undone_by_id = back.id
    team.state, team.state_since, team.version = found.back_to, now, team.version + 1
    team.left_from = _left_from(session, team) if found.back_to in OUT else None
    session.flush()
    _reopen(season, session, team, row, now)
    for message in () if silent else found.sent:
        _correct(season, session, team, message, row, why, now)
    return found


def _take_back(season: Season, session: Session, team: Team, found: Undoing, now: datetime) -> None:
    for message in found.unsent:
        message.status = "dropped"
    for question in found.questions:
        asking.close(session, question, "dropped", now)
    if found.invitations:
        why = Text(et="kutse saadeti ekslikult", en="the invitation was sent by mistake")
        meetings.uninvite(season, session, team, now, why=why)
    _close_what_is_past(session, team, team.state, now)


def _left_from(session: Session, team: Team) -> str | None:
    query = sa.select(HistoryRow.from_state).where(
        HistoryRow.team_id == team.id, HistoryRow.to_state == team.state, HistoryRow.undone_by_id.is_(None)
    )
    return session.scalars(query.order_by(HistoryRow.number.desc()).limit(1)).first()


def _reopen(season: Season, session: Session, team: Team, row: HistoryRow, now: datetime) -> None:
    """What the undone step had ended goes on: a place to confirm, invitations, works."""
    if team.state == SELECTED:
        ask_place(season, session, team, now, None)
    if team.state in season.machine.stages:
        if row.to_state in OUT:
            meetings.invite(season, session, team, now)
        catch_up(season, session, team, now)


def _correct(
    season: Season, session: Session, team: Team, message: Message, row: HistoryRow, why: str, now: datetime
) -> None:
    """Draft a correction to someone who was told what no longer holds; it waits for the coordinator."""
    person = session.get(Person, message.person_id) if message.person_id else None
    if person is None or message.template in ("session_invitation", "session_cancelled"):
        return
    facts: dict[str, Fact] = {"undone": message.subject, "why": why}
    session.flush()
    draft = season.post(
        session,
        Notice(
            template="correction",
            key=f"correction:{row.id}:{message.id}",
            person=person,
            team=team,
            facts=facts,
        ),
        now,
    )
    if draft is not None:
        draft.status = "held"


def lacking(season: Season, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    """What the team still has to do where it stands."""
    return missing(required(season.programme, facts, now))
