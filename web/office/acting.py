"""What the coordinator's pages share: who acts, rows by their ids, moments as typed, consequences as shown.

Must never write by itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any, Final, NoReturn, TypeVar

from flask import abort, request
from sqlalchemy.orm import Session

from web.access.gate import myself
from web.context import here
from web.i18n.labels import MAILS, word
from web.i18n.language import said
from workflow.database.models import Person, Team
from workflow.records.preview import Foreseen, ForeseenMail, foresee, hidden
from workflow.rules.machine import Who
from workflow.season import Actor, Season

R = TypeVar("R")
CALENDAR_NAMES: Final = {"REQUEST": "invite.ics", "CANCEL": "cancel.ics", "PUBLISH": "event.ics"}


def coordinator(session: Session) -> Person:
    """The coordinator who is signed in."""
    return session.get_one(Person, myself().people["coordinator"])


def actor(session: Session) -> Actor:
    """The coordinator as the one who acts, by a form."""
    person = coordinator(session)
    return Actor(who=Who.COORDINATOR, name=person.name, person=person, via="form")


def found(row: R | None) -> R:
    """The row, or the page that says there is none."""
    return row if row is not None else _missing()


def _missing() -> NoReturn:
    abort(404)


def the_team(session: Session, team_id: int) -> Team:
    return found(session.get(Team, team_id))


# -- what was typed -------------------------------------------------------------------------------


def field(name: str) -> str:
    return request.form.get(name, "").strip()


def number(value: str | None) -> int | None:
    """A whole number as typed, of a row's size; None for anything else."""
    plain = (value or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else None


def numbers(name: str) -> list[int]:
    """The ids ticked."""
    return [n for n in map(number, request.form.getlist(name)) if n is not None]


def moment_of(value: str, *, end_of_day: bool = False) -> datetime | None:
    """`2022-04-05T10:00` or `2022-04-05` in the programme's zone; None where it is neither."""
    tz = here().programme.tz
    try:
        if "T" in value:
            return datetime.fromisoformat(value).replace(tzinfo=tz)
        at = time(23, 59) if end_of_day else time()
        return datetime.combine(date.fromisoformat(value), at, tzinfo=tz)
    except ValueError:
        return None


def length_of(value: str) -> int | None:
    """Minutes of hours as typed: `1,5`, `1.5`, `2`; None where it is no length under a day."""
    try:
        minutes = round(float(value.strip().lower().removesuffix("h").replace(",", ".")) * 60)
    except (ValueError, OverflowError):
        return None
    return minutes if 0 <= minutes <= 24 * 60 else None


def typed(at: datetime) -> str:
    """A moment as a date-and-time field takes it."""
    return f"{at.astimezone(here().programme.tz):%Y-%m-%dT%H:%M}"


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
        Pile(said(word(MAILS, template)), tuple(map(_shown, some)))
        for template, some in groupby(by_template, key=lambda m: m.template)
    ]


def _shown(mail: ForeseenMail) -> ShownMail:
    return ShownMail(mail, hidden(here().composer.shown(mail.subject, mail.body, mail.lang)[0]))


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
    foreseen = foresee(here().season, session, lambda season: act(season, when), about=about)
    return at is not None and foreseen.digest == request.form.get("digest"), foreseen, when
