"""Helpers shared by the coordinator's pages: who acts, rows by their ids, moments as typed, consequences as shown.

Must never write by itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from flask import request
from sqlalchemy.orm import Session

from web.access.gate import myself
from web.access.rate_limits import whence
from web.context import here
from web.i18n.labels import MAILS, word
from web.i18n.language import said
from web.request import found
from workflow.database.models import Person, Team
from workflow.notices import Signing
from workflow.records.preview import Foreseen, ForeseenMail, foresee
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.season import Actor, Season

CALENDAR_NAMES: Final = {"REQUEST": "invite.ics", "CANCEL": "cancel.ics", "PUBLISH": "event.ics"}


def coordinator(session: Session) -> Person:
    """The coordinator who is signed in."""
    return session.get_one(Person, myself().people["coordinator"])


def actor(session: Session) -> Actor:
    """The coordinator as the one who acts, from a page that asked for signing in."""
    person = coordinator(session)
    return Actor(who=Who.COORDINATOR, name=person.name, person=person, via=Door.PAGE, place=whence())


def season(session: Session) -> Season:
    """The season as this coordinator acts in it: mails that follow bear their name."""
    return replace(here().season, post=Signing(here().season.post, coordinator(session)))


def the_team(session: Session, team_id: int) -> Team:
    return found(session.get(Team, team_id))


# -- consequences ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail to be, with its text part as it will be sent."""

    mail: ForeseenMail
    text: str

    @property
    def calendar_name(self) -> str:
        return CALENDAR_NAMES.get(self.mail.calendar or "", "")


@dataclass(frozen=True, slots=True)
class Pile:
    """Mails made from one template."""

    name: str
    mails: tuple[ShownMail, ...]

    @property
    def subjects(self) -> list[list[ShownMail]]:
        """The same, put together by subject: one session's invitations to all its people."""
        found: dict[str, list[ShownMail]] = {}
        for one in self.mails:
            found.setdefault(one.mail.subject, []).append(one)
        return list(found.values())


def piles(mails: Iterable[ForeseenMail]) -> list[Pile]:
    """Mails by template, in the order in which they first come."""
    mails = tuple(mails)
    order = {template: i for i, template in enumerate(dict.fromkeys(m.template for m in mails))}
    by_template = sorted(mails, key=lambda m: order[m.template])
    return [
        Pile(said(word(MAILS, template)), tuple(map(shown, some)))
        for template, some in groupby(by_template, key=lambda m: m.template)
    ]


def shown(mail: ForeseenMail) -> ShownMail:
    """The mail with its text part."""
    return ShownMail(mail, here().composer.shown(mail.subject, mail.body, mail.lang)[0])


def seen_at() -> datetime | None:
    """When the page that the form came from was made, if that was today: dates in its mails still hold."""
    now, tz = here().now(), here().programme.tz
    try:
        at = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        return None
    fresh = at.tzinfo is not None and at <= now and at.astimezone(tz).date() == now.astimezone(tz).date()
    return at if fresh else None


def still(
    session: Session, act: Callable[[Season, datetime], Any], about: list[Any]
) -> tuple[bool, Foreseen[Any], datetime]:
    """Whether the act would bring exactly what was shown; what it would bring; and as of when.

    It is foreseen as of the moment at which the page was shown, so that a passing minute is no change.
    """
    at = seen_at()
    when = at or here().now()
    foreseen = foresee(season(session), session, lambda season: act(season, when), about=about)
    return at is not None and foreseen.digest == request.form.get("digest"), foreseen, when
