"""Members on the way: consent, leaving, joining, the deputy, and whether a team is still large enough."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.config.loader import Text
from workflow.database.models import Person, Team
from workflow.journey import sessions as meetings
from workflow.notices import Notice
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.records.history import alert, record
from workflow.rules.application import NewMember, address_key
from workflow.rules.duties import end_of_day
from workflow.rules.machine import Machine
from workflow.rules.questions import QuestionKind
from workflow.rules.requirements import shortfall
from workflow.season import Actor, Season

CONSENT_DAYS = 14


def add(season: Season, session: Session, team: Team, new: NewMember, now: datetime) -> Person:
    """Write a member down and tell them that they were named (silence is consent)."""
    person = Person(
        role="member",
        name=new.name,
        address=new.address,
        address_key=address_key(new.address) or new.address.lower(),
        address_state="ok",
        lang=team.lang,
        phone=new.phone,
        team_id=team.id,
        side=new.side,
        part=new.part,
        post=new.post,
        joined_at=now,
    )
    session.add(person)
    session.flush()
    return person


def ask_consent(season: Season, session: Session, team: Team, person: Person, named_by: str, now: datetime) -> None:
    """Tell a named member; only EI changes anything."""
    asking.ask(
        season,
        session,
        asking.Ask(
            kind=QuestionKind.CONSENT,
            key=f"consent:{person.id}",
            people=(person,),
            template="consent",
            team=team,
            due=end_of_day(now, CONSENT_DAYS, season.programme.tz),
            facts={"contact": named_by},
        ),
        now,
    )


def join(season: Season, session: Session, team: Team, new: NewMember, actor: Actor, now: datetime) -> Person:
    """A new member on the way: told, and invited to the sessions that are still ahead."""
    if new.part in ("contact", "deputy"):
        _step_down(session, team, new.part)
    person = add(season, session, team, new, now)
    record(session, team, "joined", actor, now, proof={"person": person.id})
    ask_consent(season, session, team, person, actor.name, now)
    if team.state in season.machine.stages:
        meetings.invite(season, session, team, now, people=[person])
    if new.part in ("contact", "deputy"):
        _hand_over(season, session, team, person, now)
    check_quorum(season, session, team, now)
    return person


def leave(season: Season, session: Session, person: Person, actor: Actor, now: datetime, *, why: str = "") -> None:
    """A member leaves: invitations are taken back, the deputy becomes the contact where the contact left."""
    team = person.team
    assert team is not None
    part, person.left_at, person.part = person.part, now, "member"
    session.flush()
    meetings.uninvite(
        season,
        session,
        team,
        now,
        people=[person],
        why=Text(et="te ei ole enam meeskonna liige", en="you are no longer a member of the team"),
    )
    record(session, team, "left", actor, now, why=why, proof={"person": person.id})
    if part == "contact":
        _promote(season, session, team, now)
    _tell_contact(season, session, team, person, now)
    check_quorum(season, session, team, now)


def _promote(season: Season, session: Session, team: Team, now: datetime) -> None:
    """The deputy speaks for the team now, else the member who came first."""
    people = queries.members(session, team.id)
    heir = next((p for p in people if p.part == "deputy"), people[0] if people else None)
    if heir is not None:
        heir.part = "contact"
        session.flush()
        _hand_over(season, session, team, heir, now)


def _step_down(session: Session, team: Team, part: str) -> None:
    for person in queries.members(session, team.id):
        if person.part == part:
            person.part = "member"
    session.flush()


def appoint(season: Season, session: Session, person: Person, part: str, actor: Actor, now: datetime) -> None:
    """Make a member the contact or the deputy; open questions to the team are put to them too."""
    assert person.team is not None
    _step_down(session, person.team, part)
    person.part = part
    session.flush()
    record(session, person.team, "appointed", actor, now, proof={"person": person.id, "part": part})
    _hand_over(season, session, person.team, person, now)


SPOKEN = frozenset(
    {
        QuestionKind.VERIFY,
        QuestionKind.CONFIRM_PLACE,
        QuestionKind.HOMEWORK,
        QuestionKind.PRESENTATION,
        QuestionKind.HOURS_CHECK,
    }
)
"""questions put to whoever speaks for the team"""


def _hand_over(season: Season, session: Session, team: Team, person: Person, now: datetime) -> None:
    """Put what the team still owes to its new contact or deputy."""
    for question in queries.open_questions(session, team_id=team.id):
        if question.kind in SPOKEN and person.id not in {a.person_id for a in question.addressees}:
            asking.put_to(season, session, question, person)
            asking.remind(season, session, question, person, f"handover:{question.id}:{person.id}", now)


def _tell_contact(season: Season, session: Session, team: Team, gone: Person, now: datetime) -> None:
    contact = queries.contact(session, team.id)
    if contact is not None:
        facts = {"member": gone.name, "shortfall": lack(season.machine, session, team)}
        season.post(
            session,
            Notice(template="member_left", key=f"member_left:{gone.id}", person=contact, team=team, facts=facts),
            now,
        )


def lack(machine: Machine, session: Session, team: Team) -> Text | None:
    """What the team's composition lacks today."""
    return shortfall(machine.programme, queries.as_members(queries.members(session, team.id)))


def check_quorum(season: Season, session: Session, team: Team, now: datetime) -> None:
    """Eligibility is checked all season: a lost quorum is put before the coordinator, naming who must act."""
    short = lack(season.machine, session, team)
    if short is None or team.state not in season.machine.live:
        return
    contact = queries.contact(session, team.id)
    who = contact.name if contact else "?"
    says = Text(
        et=f"{team.name}: koosseis ei vasta enam nõuetele. {short.et} Uue liikme peab leidma {who}.",
        en=f"{team.name}: the team is no longer large enough. {short.en} {who} must find a new member.",
    )
    alert(
        season,
        session,
        f"quorum:{team.id}:{len(queries.members(session, team.id))}:{now:%Y%m%d}",
        "quorum",
        says,
        now,
        team=team,
        urgent=True,
    )
