"""State changes of teams: applying, moving and undoing. The only module that assigns a team's state.

Each function acts in the caller's one transaction, on arguments alone: the season, a session, who acts, and
the time. A refusal writes nothing. What entering or leaving a state brings about (questions, invitations,
calendar entries, places passed on) happens in the same transaction as the move itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, HistoryEvent, MessageStatus
from workflow.config.loader import Undecided
from workflow.database.engine import lock_places
from workflow.database.models import Base, Duty, HistoryRow, LatePass, Message, Person, Question, Team
from workflow.journey import (
    certificates,
    invitations,
    members,
    mentoring,
    reflection,
    roster,
    sessions,
    submissions,
    verifying,
)
from workflow.journey.invitations import Calendars
from workflow.journey.reflection import Moment
from workflow.notices import Fact, Method, Notice, OwnPage
from workflow.records import approvals, attendance, evidence, on_duty, open_questions, queries
from workflow.records.history import WAIVED, alert, record
from workflow.rules import homes
from workflow.rules.application import Application
from workflow.rules.doors import Door
from workflow.rules.duties import decided_by, end_of_day, next_digest, next_retention, of_programme
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
from workflow.rules.questions import Lasts, QuestionKind, kinds_that
from workflow.rules.requirements import Facts, Requirement, missing, required
from workflow.season import CLOCK, Actor, Season
from workflow.security import own_links
from workflow.text import reasons
from workflow.text.bilingual import Text

CLOSED_BY_A_STEP = kinds_that(lambda row: row.lasts is Lasts.STEP)
CLOSED_WITH_A_STATE = kinds_that(lambda row: row.lasts is Lasts.STAGE)
CLOSED_AT_THE_END = kinds_that(lambda row: row.lasts is not Lasts.AFTERWARDS)


# -- the season begins ----------------------------------------------------------------------------


def open_season(season: Season, session: Session, now: datetime) -> None:
    """Lay the programme's people, sessions and dates into the tables; safe to call at every start, and by
    several processes at once: each waits for the one before it."""
    lock_places(session)
    roster.lay(season, session, now)
    sessions.seed(season, session)
    open_questions.note_duties(session, of_programme(season.programme))
    for daily in (next_digest(season.programme, now), next_retention(season.programme, now)):
        if not session.scalar(sa.select(Duty.id).where(Duty.kind == daily.kind, Duty.done_at.is_(None)).limit(1)):
            open_questions.note_duties(session, [daily])


# -- applying -------------------------------------------------------------------------------------


def apply(
    season: Season,
    session: Session,
    form: Application,
    now: datetime,
    late_pass: LatePass | None = None,
    *,
    place: str = "",
) -> Team:
    """Take in a checked application (see `workflow.rules.application.check`): the contact is asked to confirm the
    address. Nobody else is written to before that: until then the addresses are a stranger's word."""
    team, people = _applied(season, session, form, now, late=late_pass is not None)
    if late_pass is not None:
        late_pass.team_id = team.id
    contact = next(p for p in people if p.part == "contact")
    actor = Actor(who=Who.CONTACT, name=contact.name, person=contact, via=Door.PUBLIC, place=place)
    record(session, team, HistoryEvent.APPLIED, actor, now)
    verifying.ask(season, session, team.id, now)
    return team


def bring_in(
    season: Season,
    session: Session,
    form: Application,
    actor: Actor,
    now: datetime,
    proof: Mapping[str, Any],
    rests: Iterable[Base] = (),
) -> Team:
    """Write down a checked application that somebody of the office has, as they say it came. Nobody is written to
    before they say so (`verifying.ask`)."""
    team, _ = _applied(season, session, form, now)
    record(session, team, HistoryEvent.APPLIED, actor, now, proof=proof, rests=rests)
    return team


def _applied(
    season: Season, session: Session, form: Application, now: datetime, *, late: bool = False
) -> tuple[Team, list[Person]]:
    team = Team(
        name=form.name,
        home=form.home,
        lang=form.lang,
        state=APPLIED,
        state_since=now,
        applied_at=now,
        wish_group=form.wish_group,
        application=dict(form.answers),
        late_pass=late,
    )
    session.add(team)
    session.flush()
    return team, [members.add(season, session, team, member, now) for member in form.members]


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
    waited: bool = False,
) -> Decision | Refusal:
    """Take a step, or open the coordinator's approval of it, or refuse with every reason and write nothing.

    group: where to put a team that is selected. override: the coordinator's reason to pass over what is missing.
    standing: see `_facts_for`. waited: it was put before the coordinators, and nobody decided in time.
    """
    session.refresh(team, with_for_update=True)
    if season.machine.touches_places(trigger, team.state):
        lock_places(session)
    facts = _facts_for(season, session, team, trigger, standing)
    decision = season.machine.decide(facts, trigger, now, who=actor.who, override=override)
    if isinstance(decision, Refusal):
        return decision
    if decision.approval and not waited:
        ask_approval(season, session, team, decision, now, why=why, by=actor)
        return decision
    _enter(season, session, team, decision, actor, now, facts, why=why or override, group=group)
    return decision


def ask_approval(
    season: Season,
    session: Session,
    team: Team,
    decision: Decision,
    now: datetime,
    *,
    why: str = "",
    by: Actor | None = None,
) -> Question:
    """Put a step before the coordinators; the first answer counts. by: whose word it follows from, if anybody's.

    The first step of a day is mailed at once; those after it stand beside it on the page that the mail leads to, and
    in the next morning's digest, which names every step that waits.
    """
    people = on_duty.people(session, on_duty.today(season.programme, now))
    facts: dict[str, Fact] = {
        "move": TRIGGER_NAMES[decision.trigger],
        "missing": (reasons.said(why),) if why else (),
        "mails": decision.notices,
        "decide_link": open_questions.decide_link(season, team, decision.trigger),
        "again": False,
        "by_itself": season.programme.undecided(decision.trigger) is Undecided.AUTOMATIC,
    }
    return open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.APPROVE,
            key=f"approve:{team.id}:{decision.trigger}:{team.version}",
            people=people,
            template="" if approvals.told_today(session, people, now, season.programme.tz) else "approve",
            team=team,
            stage=team.state,
            about={"trigger": decision.trigger, "version": team.version, "why": why, **approvals.cause(by)},
            due=decided_by(season.programme, decision.trigger, now),
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
        HistoryEvent(decision.trigger),
        actor,
        now,
        source=decision.source,
        target=decision.target,
        why=why,
        proof={
            "overridden": [r.says.as_dict() for r in decision.overridden],
            WAIVED: [r.key for r in decision.overridden],
            "group": team.group,
        },
        rests=_ground(session, team, decision),
    )
    _close_what_is_past(session, team, decision.source, now)
    team.left_from = decision.source if decision.target in OUT else None
    team.state, team.state_since, team.version = decision.target, now, team.version + 1
    team.provisional = None
    _Entering(season, session, team, decision, row, now, why, facts).run()


def _ground(session: Session, team: Team, decision: Decision) -> list[Base]:
    """What leaving a stage for the next rests on: who was there, and the work."""
    if decision.trigger not in (Trigger.ADVANCE, Trigger.COMPLETE):
        return []
    came = (row for row in attendance.of_team(session, team.id) if row.stage == decision.source)
    return [*came, *evidence.works(queries.latest_submission(session, team.id, decision.source))]


def _choose_group(season: Season, session: Session, team: Team, group: str | None) -> None:
    """Before the step is written down: history says in which group the team was put."""
    wish = group or team.provisional_group or team.group or team.wish_group
    team.group = sessions.choose_group(season.programme, queries.group_taken(session, season.machine), wish)


def _close_what_is_past(session: Session, team: Team, source: str, now: datetime) -> None:
    """Steps proposed from the state just left hold no more, and what it still asked for was passed over."""
    open_questions.drop_open(session, team, now, kinds=CLOSED_BY_A_STEP)
    open_questions.drop_open(session, team, now, kinds=CLOSED_WITH_A_STATE, stage=source)


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
        calendars = self._calendars()
        if target in OUT:
            self._go_out()
        elif target == SELECTED:
            ask_place(self.season, self.session, self.team, self.now, self.row)
            _tell_neighbours(self.season, self.session, self.team, self.now)
        if target == COMPLETED:
            open_questions.drop_open(self.session, self.team, self.now, kinds=CLOSED_AT_THE_END)
            mentoring.end(self.session, self.team, self.now)
        standing = self._standing() if target in self.season.machine.stages else None
        if trigger is not Trigger.SELECT:
            self._tell(self._facts(trigger, calendars), calendars)
        if self._joins():
            self._set_out()
        if target == COMPLETED:
            self._certify()
            reflection.ask(self.season, self.session, self.team, Moment.END, self.now, history=self.row)
        if standing is not None:
            settle(self.season, self.session, self.team, self.now, standing)

    def _joins(self) -> bool:
        """Whether the team's journey begins or goes on: all its sessions ahead concern it from now on."""
        again = self.decision.trigger is Trigger.REINSTATE and self.team.state in self.season.machine.stages
        return self.decision.trigger is Trigger.CONFIRM or again

    def _calendars(self) -> Calendars:
        """What the move puts into each member's calendar, or takes out of it."""
        if self.decision.target in OUT:
            return invitations.take_back(self.session, self.team, self.now)
        if not self._joins():
            return {}
        invitations.expect(self.season, self.session, self.team, self.now, history=self.row)
        people = queries.members(self.session, self.team.id)
        return {person.id: invitations.dates_of(self.session, person) for person in people}

    def _standing(self) -> Facts:
        """What is known of the team where it is now; a team that merely went on has changed in nothing else."""
        machine = self.season.machine
        if self.decision.trigger is Trigger.ADVANCE:
            return queries.moved_on(self.session, machine, self.team, self.before)
        return queries.facts(self.session, machine, self.team, places=False)

    def _audience(self) -> list[Person]:
        """Those who speak for the team; everybody where everybody's calendar or season changes."""
        stages, decision = self.season.machine.stages, self.decision
        left = decision.target in OUT and decision.source in stages
        everybody = left or self._joins() or decision.target == COMPLETED
        return (queries.members if everybody else queries.spokespeople)(self.session, self.team.id)

    def _tell(self, facts: dict[str, Fact], calendars: Calendars) -> None:
        forms = self._forms() if self.decision.trigger is Trigger.CONFIRM else {}
        for template in self.decision.notices:
            for person in self._audience():
                entries = calendars.get(person.id, ())
                own = {**facts, **forms.get(person.id, {})}
                self.season.post(
                    self.session,
                    Notice(
                        template=template,
                        key=f"{template}:{self.row.id}:{person.id}",
                        person=person,
                        team=self.team,
                        stage=self.team.state,
                        calendar=Method.PUBLISH if entries else None,
                        entries=entries,
                        facts=own,
                        history=self.row,
                    ),
                    self.now,
                )

    def _forms(self) -> dict[int, dict[str, Fact]]:
        """The form on which each member rates themselves at the start: the mail with the dates leads there."""
        asked = reflection.ask(
            self.season, self.session, self.team, Moment.START, self.now, history=self.row, in_a_mail=True
        )
        return {
            door.person_id: {
                "rate_link": OwnPage(f"{self.season.base_url}/q/{own_links.door(door.id)}"), "rate_until": one.due_at,
            }
            for one in asked
            for door in one.addressees
        }  # fmt: skip

    def _certify(self) -> None:
        """A certificate to each member who earned one; it waits for the coordinator."""
        for person, given in certificates.earned(self.season.programme, self.session, self.team, self.now):
            certificates.send(self.season, self.session, self.team, person, given, self.row, self.now)

    def _facts(self, trigger: Trigger, calendars: Calendars) -> dict[str, Fact]:
        programme, team = self.season.programme, self.team
        match trigger:
            case Trigger.CONFIRM:
                return sessions.welcome_facts(self.season, self.session, team, self.now)
            case Trigger.ADVANCE:
                done = state_name(programme, self.decision.source)
                accepted = submissions.just_accepted(
                    self.session, team, programme.stage(self.decision.source), self.now
                )
                return {"done": done, **accepted, **sessions.stage_facts(self.season, self.session, team)}
            case Trigger.WAITLIST:
                ahead = [other.id for other in queries.next_waiting(self.session)]
                return {"rank": ahead.index(team.id) + 1}
            case Trigger.RELEASE | Trigger.WITHDRAW:
                return {"why": reasons.said(self.why), "removed": len(calendars)}
            case Trigger.REINSTATE:
                said: dict[str, Fact] = {"state": state_name(programme, team.state), "why": reasons.said(self.why)}
                facts = sessions.dates_facts(self.season, self.session, team.group, ahead_of=self.now)
                return {**said, "dates": facts["dates"] if calendars else ()}
        return {}

    def _set_out(self) -> None:
        """What the team is asked once it has heard that it is in."""
        if self.team.verified_at is None:  # the coordinator let them in all the same
            members.ask_consents(self.season, self.session, self.team, self.now)
        people = queries.members(self.session, self.team.id)
        invitations.invite_to_near(self.season, self.session, self.team, people, self.now)
        catch_up(self.season, self.session, self.team, self.now, self.row)
        reflection.ask(self.season, self.session, self.team, Moment.START, self.now, history=self.row)

    def _go_out(self) -> None:
        open_questions.drop_open(self.session, self.team, self.now)
        mentoring.end(self.session, self.team, self.now)
        if self.decision.source in self.season.machine.holding:
            pass_place_on(self.season, self.session, self.now)


def ask_place(season: Season, session: Session, team: Team, now: datetime, row: HistoryRow | None) -> Question:
    """Offer the place to contact and deputy; the first answer wins."""
    due = end_of_day(now, season.programme.apply.place_answer_days, season.programme.tz)
    return open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.CONFIRM_PLACE,
            key=f"place:{team.id}:{team.version}",
            template="place_offer",
            team=team,
            people=tuple(queries.spokespeople(session, team.id)),
            due=due,
            history=row,
            stage=SELECTED,
            facts=sessions.dates_facts(season, session, team.group),
        ),
        now,
    )


def catch_up(season: Season, session: Session, team: Team, now: datetime, row: HistoryRow | None = None) -> None:
    """Ask for the works of sessions and stages that have begun already: a team that joins late owes them too."""
    for stage in season.programme.stages:
        if stage.work is not None and submissions.asked_from(season, session, team, stage) <= now:
            submissions.ask_work(season, session, team, stage.key, now, history=row)


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
    if not any(sessions.sessions_ahead(session, group, now) for group in groups):
        return
    for team in queries.next_waiting(session):
        key = f"approve:{team.id}:{Trigger.SELECT}:{team.version}"
        if session.scalar(sa.select(Question.id).where(Question.key == key, Question.closed_at.is_(None))) is None:
            move(season, session, team, Trigger.SELECT, CLOCK, now)
            return


def _tell_neighbours(season: Season, session: Session, team: Team, now: datetime) -> None:
    """Two teams with a place from one home are told to the coordinator, once for the two, where each should have its
    own."""
    home = season.programme.team.home
    if home is None or not home.different:
        return
    held = sa.select(Team).where(Team.state.in_(season.machine.holding), Team.id != team.id)
    for other in session.scalars(held.order_by(Team.id)):
        if homes.same(team.home, other.home, home.name):
            first, second = sorted((team.id, other.id))
            says = Text(
                et=f"{team.name} ja {other.name}: {home.name.et} on mõlemal sama ({team.home}).",
                en=f"{team.name} and {other.name}: both have the same {home.name.en} ({team.home}).",
            )
            alert(season, session, f"same_home:{first}:{second}", AlertKind.SAME_HOME, says, now, team=team)


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
        unsent=tuple(m for m in mails if m.status in (MessageStatus.QUEUED, MessageStatus.HELD)),
        sent=tuple(
            m for m in mails if m.status not in (MessageStatus.QUEUED, MessageStatus.HELD, MessageStatus.DROPPED)
        ),
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
    calendars = _take_back(session, team, found, now)
    back = record(
        session,
        team,
        HistoryEvent.UNDO,
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
        _correct(season, session, team, message, row, why, now, calendars)
    return found


def _take_back(session: Session, team: Team, found: Undoing, now: datetime) -> Calendars:
    """Returns what is to go from calendars by it."""
    for message in found.unsent:
        message.status = MessageStatus.DROPPED
    for question in found.questions:
        open_questions.close(session, question, "dropped", now)
    gone = invitations.take_back(session, team, now) if found.invitations else {}
    _close_what_is_past(session, team, team.state, now)
    return gone


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
            invitations.expect(season, session, team, now)
            invitations.invite_to_near(season, session, team, queries.members(session, team.id), now)
        catch_up(season, session, team, now)


def _correct(
    season: Season,
    session: Session,
    team: Team,
    message: Message,
    row: HistoryRow,
    why: str,
    now: datetime,
    calendars: Calendars,
) -> None:
    """Draft a correction to someone who was told what no longer holds; it waits for the coordinator."""
    person = session.get(Person, message.person_id) if message.person_id else None
    if person is None:
        return
    entries = calendars.pop(person.id, ())
    facts: dict[str, Fact] = {"undone": message.subject, "why": why, "removed": len(entries)}
    session.flush()
    draft = season.post(
        session,
        Notice(
            template="correction",
            key=f"correction:{row.id}:{message.id}",
            person=person,
            team=team,
            calendar=Method.PUBLISH if entries else None,
            entries=entries,
            facts=facts,
        ),
        now,
    )
    if draft is not None:
        draft.status = MessageStatus.HELD


def lacking(season: Season, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    """What the team still has to do where it stands."""
    return missing(required(season.programme, facts, now))
