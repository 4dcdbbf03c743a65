"""Notices: one mail to one person, as plain values; `mail.composing.compose` turns each into a message.

The kinds of mail there are stand in `workflow/rules/mail_kinds.py`. Must never know how a mail is built or sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy.orm import Session

from workflow.database.models import (
    Addressee,
    HistoryRow,
    Letter,
    Message,
    Person,
    Question,
    StageSession,
    Team,
    WrittenMail,
)
from workflow.text.bilingual import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate of participation: what stands on the page, in its language; `day` is the day of issue."""

    lang: str
    title: str
    name: str
    team: str
    took_part: str
    programme: str
    period: str
    sessions_title: str
    sessions: tuple[str, ...]
    organisers: tuple[str, ...]
    issued: str
    signer: str
    signer_role: str
    day: date


@dataclass(frozen=True, slots=True)
class Minutes:
    """A length of time in whole minutes; said as `1,5 h` in Estonian and `1.5 h` in English."""

    value: int


class OwnPage(str):
    """The address of one of our own pages: it stays a link, even among words that people typed."""

    __slots__ = ()


Plain = str | int | bool | datetime | date | Text | Minutes | None
Fact = Plain | tuple[Plain, ...] | tuple[tuple[Plain, ...], ...]


class Method(StrEnum):
    """What a calendar file asks of the calendar it meets (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One session in one person's calendar. `sequence` counts its changes (RFC 5545), `said` is what they answered."""

    session: StageSession
    sequence: int
    door: Addressee | None
    """whose secret address is its organiser: an entry has the same one for good"""
    said: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One mail to one person. `key` is its cause: the same key is never mailed twice."""

    template: str
    key: str
    person: Person
    team: Team | None = None
    question: Question | None = None
    """the question it asks, or (for a read-back) the one that a reply to it belongs to"""
    stage: str | None = None
    session: StageSession | None = None
    calendar: Method | None = None
    entries: tuple[CalendarEntry, ...] = ()
    """the sessions in its calendar file; none where the file is of the moments `start` and `end` in its facts"""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    answering: Letter | None = None
    """the letter this mail answers: it joins that thread and is marked auto-replied"""
    history: HistoryRow | None = None
    certificate: Certificate | None = None
    """goes with the mail as a PDF"""
    address: str = ""
    """where it goes, if not to the person's address on file"""
    signed_by: Person | None = None
    """the coordinator whose act it follows from: their name stands under it"""
    written: WrittenMail | None = None
    """the coordinator's own mail to many that it is one of: its files go with it, and it leaves when that says"""
    link_seed: str = ""
    """of the link in its facts that is no question's: see `workflow/security/own_links.py`"""


class Post(Protocol):
    """Queues a notice as a message in the caller's transaction; None where it was queued before or is capped."""

    def __call__(self, session: Session, notice: Notice, now: datetime) -> Message | None: ...


@dataclass(frozen=True, slots=True)
class Signing:
    """A post whose mails bear the name of the coordinator who acts."""

    post: Post
    by: Person

    def __call__(self, session: Session, notice: Notice, now: datetime) -> Message | None:
        return self.post(session, replace(notice, signed_by=self.by), now)


class Unsayable(ValueError):
    """The words cannot be made: what is wrong with the template, or what it asks for and the mail does not know."""


@dataclass(frozen=True, slots=True)
class MailWords:
    """A mail's subject and the source of its body."""

    subject: str
    body: str


class Rewrite(Protocol):
    """A queued mail's words made anew of the facts it kept; None where it kept none. Raises Unsayable."""

    def __call__(self, message: Message, /) -> MailWords | None: ...


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


class Enclose(Protocol):
    """A certificate as the file that goes with its mail."""

    def __call__(self, certificate: Certificate, /) -> Enclosure: ...


class Refile(Protocol):
    """A queued mail's calendar file made anew for the address that it goes to now; None where that cannot be."""

    def __call__(self, message: Message, now: datetime, /) -> bytes | None: ...


Secret = Callable[[], str]
"""makes a new secret of lower-case letters and digits, at least 128 bits"""
