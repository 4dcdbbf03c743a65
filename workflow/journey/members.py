"""Team members: consent, leaving, joining, the deputy, and the minimum size of a team."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, HistoryEvent
from workflow.database.models import HistoryRow, Person, Team
from workflow.journey import invitations, sessions
from workflow.notices import CalendarEntry, Method, Notice
from workflow.records import first_mails, open_questions, queries
from workflow.records.first_mails import FirstMail
from workflow.records.history import alert, record
from workflow.records.mail_quota import MailCause
from workflow.rules.application import NewMember, address_key
from workflow.rules.duties import end_of_day
from workflow.rules.machine import Machine
from workflow.rules.questions import AskedOf, QuestionKind, kinds_that
from workflow.rules.requirements import shortfall
from workflow.season import Actor, Season
from workflow.text.bilingual import Text

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


def ask_consents(season: Season, session: Session, team: Team, now: datetime) -> None:
    """Tell everybody whom the application names, beside the contact who confirmed it; whoever was told is not told
    again."""
    for person in queries.members(session, team.id):
        if person.part != "contact":
            tell_named(season, session, person.id, now)


def tell_named(season: Season, session: Session, person_id: int, now: datetime) -> datetime | None:
    """Tell this member where the rate limit allows it now; else when. Who is there no more is not told."""
    person = session.get(Person, person_id)
    team = person.team if person is not None and person.left_at is None else None
    if person is None or team is None or team.state not in season.machine.live:
        return None
    if open_questions.asked_already(session, _consent_key(person)):
        return None
    contact = next((one for one in queries.members(session, team.id) if one.part == "contact"), None)
    named_by = contact.name if contact else team.name
    mail = FirstMail(
        cause=MailCause.NAMED_MEMBER,
        row=person.id,
        key=str(person.id),
        address=person.address,
        place=applied_from(session, team),
        team=team,
        send=lambda: ask_consent(season, session, team, person, named_by, now),
    )
    return first_mails.send_or_wait(season, session, mail, now)


def applied_from(session: Session, team: Team) -> str:
    """The network address that the application came from; empty where it is not known, and of one that the office
    brought in: nobody outside caused it."""
    query = sa.select(HistoryRow.proof).where(HistoryRow.team_id == team.id, HistoryRow.event == HistoryEvent.APPLIED)
    proof = session.scalars(query.order_by(HistoryRow.number)).first() or {}
    return "" if "import" in proof else str(proof.get("place", ""))


def _consent_key(person: Person) -> str:
    return f"consent:{person.id}"


def ask_consent(season: Season, session: Session, team: Team, person: Person, named_by: str, now: datetime) -> None:
    """Tell a named member; only EI changes anything."""
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.CONSENT,
            key=_consent_key(person),
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
    record(session, team, HistoryEvent.JOINED, actor, now, proof={"person": person.id})
    if queries.confirmed(season.machine, team):
        ask_consent(season, session, team, person, actor.name, now)
    if team.state in season.machine.stages:
        sessions.welcome(season, session, team, person, now)
    if new.part in ("contact", "deputy"):
        _hand_over(season, session, team, person, now)
    check_quorum(season, session, team, now)
    return person


def leave(season: Season, session: Session, person: Person, actor: Actor, now: datetime, *, why: str = "") -> bool:
    """A member leaves: the sessions ahead go from their calendar, the deputy becomes the contact where the contact
    left. Returns whether the member is told by a mail of its own."""
    team = person.team
    assert team is not None
    part, person.left_at, person.part = person.part, now, "member"
    session.flush()
    gone = invitations.take_back(session, team, now, people=[person]).get(person.id, ())
    record(session, team, HistoryEvent.LEFT, actor, now, why=why, proof={"person": person.id})
    if part == "contact":
        _promote(season, session, team, now)
    told = bool(gone) or (actor.person is not person and queries.confirmed(season.machine, team))
    if told:
        _tell_leaver(season, session, team, person, gone, now)
    _tell_contact(season, session, team, person, now)
    check_quorum(season, session, team, now)
    return told


def _tell_leaver(
    season: Season, session: Session, team: Team, person: Person, gone: tuple[CalendarEntry, ...], now: datetime
) -> None:
    """What happened to them, once; that the sessions go from their calendar follows from it."""
    season.post(
        session,
        Notice(
            template="membership_ended",
            key=f"membership_ended:{person.id}:{now:%Y%m%dT%H%M%S}",
            person=person,
            team=team,
            calendar=Method.PUBLISH if gone else None,
            entries=gone,
            facts={"removed": len(gone)},
        ),
        now,
    )


def rejoin(season: Season, session: Session, person: Person, actor: Actor, now: datetime) -> None:
    """A member who had left is back: invited again to the sessions that are still ahead."""
    team = person.team
    assert team is not None
    person.left_at = None
    session.flush()
    record(session, team, HistoryEvent.JOINED, actor, now, proof={"person": person.id})
    if team.state in season.machine.stages:
        sessions.welcome(season, session, team, person, now)
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
    record(session, person.team, HistoryEvent.APPOINTED, actor, now, proof={"person": person.id, "part": part})
    _hand_over(season, session, person.team, person, now)


_NOW_YOURS: Mapping[str, Text] = {
    "contact": Text(
        et="Olete nüüd oma meeskonna kontaktisik: see küsimus ootab teie vastust.",
        en="You are now your team's contact: this question waits for your answer.",
    ),
    "deputy": Text(
        et="Olete nüüd oma meeskonna asendaja: sellele küsimusele võite vastata ka teie.",
        en="You are now your team's deputy: you may answer this question, too.",
    ),
}
TO_SPOKESPEOPLE = kinds_that(lambda row: row.asked_of in (AskedOf.CONTACT, AskedOf.CONTACT_AND_DEPUTY))


def _hand_over(season: Season, session: Session, team: Team, person: Person, now: datetime) -> None:
    """Put what the team still owes to its new contact or deputy."""
    if person not in queries.spokespeople(session, team.id):
        return
    for question in queries.open_questions(session, team_id=team.id):
        if question.kind in TO_SPOKESPEOPLE:
            key = f"handover:{question.id}"
            open_questions.pass_on(season, session, question, person, _NOW_YOURS[person.part or ""], key, now)


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
        AlertKind.QUORUM,
        says,
        now,
        team=team,
        urgent=True,
    )
