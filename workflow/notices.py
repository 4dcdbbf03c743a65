"""Notices: what someone must be told, as plain values. `mail.composing.compose` turns each into a message.

NOTICES is the one list of all the mails there are: what each is for, which facts its template gets beside
the common ones, and whether it asks something. Must never know how a mail is built or sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from workflow.config.loader import Programme, Text, When
from workflow.database.models import HistoryRow, Letter, Message, Person, Question, StageSession, Team
from workflow.journey.certificates import Certificate


@dataclass(frozen=True, slots=True)
class Minutes:
    """A length of time in whole minutes; said as `1,5 h` in Estonian and `1.5 h` in English."""

    value: int


Plain = str | int | bool | datetime | date | Text | Minutes | None
Fact = Plain | tuple[Plain, ...] | tuple[tuple[Plain, ...], ...]


class Method(StrEnum):
    """What a calendar file asks of the calendar it meets (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


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
    facts: Mapping[str, Fact] = field(default_factory=dict)
    answering: Letter | None = None
    """the letter this mail answers: it joins that thread and is marked auto-replied"""
    history: HistoryRow | None = None
    certificate: Certificate | None = None
    """goes with the mail as a PDF"""


class Post(Protocol):
    """Queues a notice as a message in the caller's transaction; None where it was queued before or is capped."""

    def __call__(self, session: Session, notice: Notice, now: datetime) -> Message | None: ...


class Unsayable(ValueError):
    """The words cannot be made: what is wrong with the template, or what it asks for and the mail does not know."""


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's subject and the source of its body."""

    subject: str
    body: str


class Rewrite(Protocol):
    """A queued mail's words made anew of the facts it kept; None where it kept none. Raises Unsayable."""

    def __call__(self, message: Message, /) -> Words | None: ...


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


Role = Literal["contact", "member", "trainer", "mentor", "coordinator", "guest", "staff", "anyone"]


@dataclass(frozen=True, slots=True)
class Spec:
    """`facts`: names its template gets beside the common ones. `asks`: a reply is expected. `session`: it is about
    one. `held`: it waits for the coordinator, unless the config says otherwise of this very mail. `encloses`: a file
    goes with it."""

    purpose: str
    to: Role
    facts: frozenset[str] = frozenset()
    asks: bool = False
    session: bool = False
    held: bool = False
    encloses: bool = False

    @property
    def usually(self) -> When | None:
        """When it leaves unless the config names this very mail; None: as the config says of all others. What shows
        the coordinators that something waits, and what lets people in, must not wait itself."""
        if self.held:
            return When.AFTER_APPROVAL
        return When.AT_ONCE if self.to in ("coordinator", "staff") else None


def _spec(purpose: str, to: Role, facts: str = "", *, asks: bool = False, session: bool = False) -> Spec:
    return Spec(purpose, to, frozenset(facts.split()), asks, session)


NOTICES: Mapping[str, Spec] = {
    # applying
    "verify": _spec(
        "application came: a full copy; confirm this address", "contact", "application closes_at", asks=True
    ),
    "consent": _spec("you were named as a member; say so if that is wrong", "member", "contact", asks=True),
    "application_counts": _spec("the application counts; what comes next", "contact", "closes_at missing"),
    "applied_twice": _spec("a second application came with the same contact", "contact", "earlier at counts"),
    "draft": _spec("the link to continue an application that was kept", "guest", "draft_link closes_at kept_until"),
    "late_pass": _spec("you may apply after the deadline", "guest", "until apply_link"),
    # places
    "place_offer": _spec("the team was selected; confirm the place", "contact", "group dates", asks=True),
    "waitlisted": _spec("the team is on the waiting list", "contact", "rank"),
    "declined": _spec("the team was not selected", "contact"),
    "place_confirmed": _spec("the place is the team's; its group's dates", "contact", "group dates"),
    "place_released": _spec("the place was passed on", "contact", "why"),
    "other_answered": _spec("the other of you answered already", "contact", "who said"),
    # sessions
    "session_invitation": _spec("invitation to one session, with calendar file", "member", asks=True, session=True),
    "session_reminder": _spec("the session is near", "member", "days said", asks=True, session=True),
    "session_moved": _spec("the session has a new time", "member", "old_start", asks=True, session=True),
    "session_cancelled": _spec("the session falls away", "member", "why", session=True),
    "roll_call": _spec("who was there?", "trainer", "expected", asks=True, session=True),
    # work
    "homework": _spec("hand in this stage's work", "contact", "work", asks=True),
    "work_received": _spec("the work arrived; a trainer reads it", "member", "work files words"),
    "review": _spec("read the work; accept or return it", "trainer", "work files words who", asks=True),
    "work_accepted": _spec("the work was accepted", "contact", "work comment"),
    "work_returned": _spec("the work came back with a comment", "contact", "work comment", asks=True),
    "presentation": _spec("hand in the presentation for the seminar", "contact", "work", asks=True),
    "stage_done": _spec("the team moves to its next stage", "contact", "next tasks"),
    "extension": _spec("a later due date was granted", "contact", "work until why"),
    "due_moved": _spec("the work is due on another day", "contact", "work until"),
    # mentoring
    "mentor_assigned": _spec("your mentor is …", "contact", "mentor mentor_address left"),
    "mentor_welcome": _spec("your team is …", "mentor", "contact contact_address members left"),
    "hours": _spec("which hours did you give?", "mentor", "period entries left", asks=True),
    "hours_held": _spec("more hours than are left: they wait for the coordinator", "mentor", "asked left"),
    "hours_settled": _spec("what became of the hours that waited", "mentor", "settled left"),
    "hours_check": _spec("are these mentor hours right?", "contact", "mentor entries left", asks=True),
    # ends and turns
    "reflection": _spec("how do you rate what you know and can do? (a form)", "member", "end again", asks=True),
    "completed": _spec("the programme is done; thanks", "member"),
    "certificate": Spec(
        "your certificate of taking part, as a PDF", "member", frozenset({"attended"}), held=True, encloses=True
    ),
    "withdraw_noted": _spec("we heard that you withdraw; the coordinator will confirm", "contact"),
    "withdrawn": _spec("the team has withdrawn", "contact", "why"),
    "reinstated": _spec("the team is in again", "contact", "state why"),
    "correction": _spec("we told you something that no longer holds", "contact", "undone why"),
    "member_left": _spec("a member left the team; is it still large enough", "contact", "member shortfall"),
    # answers to letters
    "read_back": _spec("we understood you so", "anyone", "done undo_until"),
    "reminder": _spec("this still waits for your answer", "anyone", "asked overdue", asks=True),
    "unclear": _spec("we could not be sure; the exact words to reply", "anyone", asks=True),
    "form_only": _spec("this is answered on its form, not by mail", "anyone", asks=True),
    "wrong_sender": _spec("somebody else answered a question put to you; it was held", "anyone", "sender", asks=True),
    "already": _spec("this question was answered before; nothing changed", "anyone", "who said at"),
    "late": _spec("the answer came too late; nothing changed; whom to turn to", "anyone", "closed_at"),
    "status": _spec("where the team stands", "anyone", "state next_date next missing left"),
    "help": _spec("the words that can be replied", "anyone", "open"),
    # guests and the office
    "info_day": _spec("welcome to the info day, with calendar file", "guest", "start end place join_link"),
    "info_day_reminder": _spec("the info day is near", "guest", "start end place join_link"),
    "approve": _spec("a step waits for your yes", "coordinator", "move missing mails", asks=True),
    "digest": _spec("what waits for you this morning", "coordinator", "approvals letters alerts late office_link"),
    "alert": _spec("something you must know now", "coordinator", "says office_link"),
    "sign_in": _spec("your link to sign in", "staff", "sign_in_link minutes"),
    "sign_in_changed": _spec(
        "how somebody signs in was changed; what to do if it was not they", "staff",
        "own whose what at browser sign_ins_link",
    ),
}
"""name of the template -> what it is for. Facts, by name:
application: ((label, value), …) · missing, tasks, next, mails, open, done, approvals, letters, alerts, late:
(sentence, …)
attended: (session, …) ·
dates: ((stage's name, start, end, place), …) · expected: ((team, names), …) · files, members: (name, …) ·
entries: ((day, Minutes, note), …) · closes_at, until, undo_until, at, old_start, start, end, next_date: moments
left, asked (hours_held): Minutes · the rest: text. A Text is said in the addressee's language."""


Secret = Callable[[], str]
"""makes a new secret of lower-case letters and digits, at least 128 bits"""


def when_sent(programme: Programme, template: str) -> When:
    """Whether a mail leaves at once or after the coordinator's yes; one that there is no more as all others do."""
    return programme.when_sent(template, NOTICES[template].usually if template in NOTICES else None)
