"""Address verification: the contact of an application is asked to confirm it by mail, with a full copy.

Each function acts in the caller's one transaction. Must never write to anybody but the contact.
"""

from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Person, Team
from workflow.journey import members
from workflow.notices import Fact
from workflow.records import first_mails, open_questions, queries
from workflow.records.first_mails import FirstMail
from workflow.records.mail_quota import MailCause
from workflow.rules.machine import APPLIED, WAITLISTED
from workflow.rules.questions import QuestionKind
from workflow.season import Season
from workflow.text.bilingual import Text, in_each

AFTER_CLOSING = timedelta(days=3)
"""so long may the contact take where applications have closed"""
PARTS = {
    "contact": Text(et="Kontaktisik", en="Contact"),
    "deputy": Text(et="Asendaja", en="Deputy"),
    "member": Text(et="Liige", en="Member"),
}


def ask(season: Season, session: Session, team_id: int, now: datetime) -> datetime | None:
    """Ask the contact where the rate limit allows it now; else when. A team that went on or left is not asked."""
    team = session.get(Team, team_id)
    contact = queries.contact(session, team_id)
    if team is None or contact is None or team.verified_at is not None or team.state not in (APPLIED, WAITLISTED):
        return None
    if open_questions.asked_already(session, _key(team)):
        return None
    mail = FirstMail(
        cause=MailCause.APPLICATION,
        row=team.id,
        key=str(team.id),
        address=contact.address,
        place=members.applied_from(session, team),
        team=team,
        send=lambda: _ask(season, session, team, contact, now),
    )
    return first_mails.send_or_wait(season, session, mail, now)


def _ask(season: Season, session: Session, team: Team, contact: Person, now: datetime) -> None:
    """With a copy of the application; an earlier one of theirs is told of."""
    people = queries.members(session, team.id)
    closes = season.programme.apply.closes_at
    due = closes if closes > now else now + AFTER_CLOSING
    earlier = _of_earlier(_in_already(season, session, team, contact))
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.VERIFY,
            key=_key(team),
            people=(contact,),
            template="verify",
            team=team,
            due=due,
            facts={"application": _full_copy(season, team, people), **earlier, "closes_at": due},
        ),
        now,
    )


def asked(session: Session, team: Team) -> bool:
    """Whether the contact was asked, or will be as soon as the rate limit allows it."""
    return open_questions.asked_already(session, _key(team)) or waits_until(session, team) is not None


def waits_until(session: Session, team: Team) -> datetime | None:
    """When the contact's mail leaves at the earliest; None where it has left."""
    return first_mails.waits_until(session, MailCause.APPLICATION, str(team.id))


def _key(team: Team) -> str:
    return f"verify:{team.id}"


def _in_already(season: Season, session: Session, team: Team, contact: Person) -> Team | None:
    """Another application, in the running or on the way, that came before with the same contact."""
    query = (
        sa.select(Team)
        .join(Person, Person.team_id == Team.id)
        .where(Person.address_key == contact.address_key, Person.part == "contact", Person.left_at.is_(None))
        .where(Team.state.in_(season.machine.live), Team.id < team.id)
        .order_by(Team.id.desc())
    )
    return session.scalars(query).first()


def _of_earlier(team: Team | None) -> dict[str, Fact]:
    """What the contact is told of an application that came before: in the one mail that they get."""
    if team is None:
        return {"earlier": "", "at": None, "counts": False}
    return {"earlier": team.name, "at": team.applied_at, "counts": team.verified_at is not None}


def _told_of(person: Person, kind: Text, lang: str) -> str:
    return ", ".join(filter(None, (person.name, person.address, kind.say(lang))))


def _full_copy(season: Season, team: Team, people: list[Person]) -> tuple[tuple[Text | str, ...], ...]:
    """The whole application as (label, value) lines, as it goes into the receipt."""
    rule = season.programme.team
    lines: list[tuple[Text | str, ...]] = [] if rule.alone else [(Text(et="Meeskond", en="Team"), team.name)]
    if rule.home is not None:
        lines.append((rule.home.name.capitalised(), team.home))
    if team.wish_group:
        lines.append((Text(et="Eelistatud rühm", en="Preferred group"), season.programme.group(team.wish_group).name))
    for one in people:
        label = Text(et="Teie", en="You") if rule.alone else PARTS[one.part or "member"]
        lines.append((label, in_each(partial(_told_of, one, rule.kind_name(one.side)))))
    answers = team.application
    return (*lines, *((f.label, answers[f.key]) for f in season.programme.apply.fields if answers.get(f.key)))
