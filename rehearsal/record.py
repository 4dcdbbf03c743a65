"""The rehearsal's own books: what each person meant with each letter and form, and what the coordinator did.

Kept beside the service and never read from it, so that the two can be compared in the end. What a question's
answer should be follows from here alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from rehearsal.mails import Asked, Got
from rehearsal.meaning import Meaning

ONE_ANSWER = ("verify", "consent", "confirm_place", "review", "hours", "hours_check", "approve")
WORKS = ("homework", "presentation")
ENDS = ("withdraw", "release", "complete")
ASKED_ON = ("reflection", "hours", "hours_check")
"""kinds that are asked beyond completing"""
"""steps after which nothing more is asked of a team"""
CLOSES_ITSELF = ("confirm_place", "consent", "rsvp", "hours_check", "reflection")
"""kinds that take no answer after their due date; others wait"""


@dataclass(slots=True, kw_only=True)
class Act:
    """One letter or form of one person.

    clear: nobody could take it for anything else; entitled: from the person asked; in_time: the question still
    waits, as far as the one who wrote it can know; second: given on top of an answer that was read back already.
    """

    number: int
    at: datetime
    who: str
    via: str
    """mail, form, calendar, machine or office"""
    means: Meaning
    question: Asked | None = None
    team: str = ""
    clear: bool = True
    entitled: bool = True
    in_time: bool = True
    second: bool = False
    void: bool = False
    """said of something that has changed since: it counted then and does not now"""
    takes_back: bool = False
    """EI to hours that were read back: they are reversed"""
    corrects: bool = False
    """other hours than those that were read back: they take their place"""
    message_id: str = ""
    taken: bool = False
    """the server said 250, or the page said it was saved"""
    copies: int = 1
    note: str = ""

    @property
    def stands(self) -> bool:
        """Whether it should move something."""
        return self.clear and self.entitled and self.in_time and self.taken and not (self.second or self.void)

    @property
    def answers(self) -> bool:
        """Whether it answers its question at all: words that fit any question do not."""
        return self.question is not None and self.means.kind not in ("status", "help", "withdraw", "unclear", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something the coordinator did in the office, about a team."""

    at: datetime
    team: str
    what: str
    """release (by itself), select, waitlist, decline, mentor, book, settle, correct, replace"""
    about: str = ""
    minutes: int = 0
    day: date | None = None
    stage: str = ""
    """the mentoring stage whose hours it is about"""
    after: int = 0
    """how many letters and forms there were before it"""


@dataclass(slots=True)
class Record:
    acts: list[Act] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    mails: list[Got] = field(default_factory=list)
    asked: dict[int, Asked] = field(default_factory=dict)
    teams_asked: dict[str, set[int]] = field(default_factory=dict)
    fallen: set[int] = field(default_factory=set)
    """questions that wait no more"""
    moved: dict[int, datetime] = field(default_factory=dict)
    """questions about sessions -> when their session got another time"""
    refused: list[str] = field(default_factory=list)
    """steps of the coordinator that the service would not take"""
    by_message: dict[str, Act] = field(default_factory=dict)
    notices: set[int] = field(default_factory=set)
    """alerts that stood before the coordinator when she sat at her desk"""
    letters_decided: int = 0
    """held letters that she had to read and decide"""

    def note_mail(self, got: Got) -> None:
        self.mails.append(got)
        if got.question is not None:
            self.note_question(got.team, got.question)

    def note_question(self, team: str, question: Asked) -> None:
        """This was asked about the team, in a mail of its own or among others."""
        self.asked[question.id] = question
        self.teams_asked.setdefault(team, set()).add(question.id)

    def open(self, question: Asked, now: datetime) -> bool:
        """Whether the question still takes answers, as far as these books know."""
        due = self.asked.get(question.id, question).due_at
        over = question.kind in CLOSES_ITSELF and due is not None and due <= now
        return not over and question.id not in self.fallen

    def add(self, act: Act) -> Act:
        """Write down a letter or form about to be handed over."""
        if act.question is not None and act.answers:
            act.in_time = act.in_time and self.open(act.question, act.at) and not self._read(act)
        self.acts.append(act)
        if act.message_id:
            self.by_message[act.message_id] = act
        return act

    def decided(self, question: int) -> Act | None:
        """The clear answer that was given so far, if any."""
        return next((a for a in self.acts if a.question and a.question.id == question and a.stands and a.answers), None)

    def _read(self, act: Act) -> bool:
        """Whether an earlier version of this work has been read: then no newer one is taken."""
        if act.question is None or act.question.kind not in WORKS or self.decided(act.question.id) is None:
            return False
        return any(self.decided(q) is not None for q in self._reviews(act) if q not in self.fallen)

    def _reviews(self, act: Act) -> list[int]:
        """The questions whether the work is accepted, asked since it was first asked for."""
        stage, since = (act.question.stage, act.question.id) if act.question else ("", 0)
        asked = (self.asked[q] for q in self.teams_asked.get(act.team, ()))
        return [q.id for q in asked if q.kind == "review" and q.stage == stage and q.id > since]

    def follow(self, act: Act) -> None:
        """What no longer waits for an answer once this one has been given."""
        if not (act.taken and act.clear and act.entitled and act.in_time and act.question):
            return
        if act.takes_back or act.corrects:
            about = f"hours_check:{act.question.id}:"
            self._fall(q for q in self.teams_asked.get(act.team, ()) if self.asked[q].key.startswith(about))
        elif act.question.kind in WORKS and not act.second:
            self._fall(q for q in self._reviews(act) if self.decided(q) is None)
        elif not act.second and act.means.kind == "yes" and act.question.trigger in ENDS:
            stays = ASKED_ON if act.question.trigger == "complete" else ()
            others = (q for q in self.teams_asked.get(act.team, ()) if q != act.question.id)
            self._fall(q for q in others if self.asked[q].kind not in stays)

    def fall_away(self, team: str) -> None:
        """The team is out: nothing that it was asked waits any more."""
        self._fall(self.teams_asked.get(team, ()))

    def session_moves(self, questions: Iterable[int], now: datetime) -> None:
        """What was said of the time before counts no more."""
        self.moved.update(dict.fromkeys(questions, now))
        for act in self.acts:
            if act.question is not None and act.question.id in self.moved:
                act.void = True

    def outdated(self, got: Got) -> bool:
        """Whether this mail's calendar entry is of a time that has changed since."""
        return got.question is not None and got.at < self.moved.get(got.question.id, got.at)

    def leaves(self, address: str) -> None:
        """Somebody is of the team no more: nobody asks them whether they come."""
        own = (got.question for got in self.mails if got.to == address)
        self._fall(question.id for question in own if question is not None and question.kind == "rsvp")

    def _fall(self, questions: Iterable[int]) -> None:
        self.fallen.update(questions)
