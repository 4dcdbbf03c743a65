"""Values of reply parsing: the reply and what it was asked, the kinds of answer, the answer understood. Pure."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class AnswerKind(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"  # only from a calendar's TENTATIVE, never from words
    HOURS = "hours"
    NAMES = "names"
    SUBMISSION = "submission"
    RETURN = "return"
    RATINGS = "ratings"  # only from the form
    CHOICE = "choice"  # one of the words that a poll lists
    WORDS = "words"  # a poll answered in the writer's own words
    UNCLEAR = "unclear"
    NONE = "none"
    STATUS = "status"  # SEIS
    HELP = "help"  # ABI
    WITHDRAW = "withdraw"  # LOOBUME


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursEntry:
    """Time given to a team; `day` is None where none was said."""

    minutes: int
    day: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    kind: AnswerKind
    text: str = ""  # comment, reason, what to mend, or the submitted text
    entries: tuple[HoursEntry, ...] = ()
    ratings: tuple[tuple[str, int], ...] = ()  # reflection: by learning outcome; never kept with the answer
    choice: str = ""  # poll: the listed word, as it is listed
    names: tuple[str, ...] = ()  # roll-call: those absent, spelt as in the roster where there is one
    readings: tuple["Answer", ...] = ()  # unclear: what it may have meant, for the coordinator's buttons
    rule: str = ""  # which rule matched, kept as proof
    words: str = ""  # the very words that decided
    likely: AnswerKind | None = None  # unclear: what the mail back asks about, in so many words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyContent:
    """The reply: its newly written text, its real attachments, and what the calendar part said. comment: what the
    person wrote beside the button that they pressed."""

    text: str
    attachments: tuple[str, ...] = ()
    automatic: bool = False
    partstat: str | None = None
    comment: str = ""
    sender: str = ""  # the name in From, as it was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the question showed: the day the letter came, the names expected, whether hours were listed.

    `days` are those that stood in the question: of its session, of all that are offered, of the application, of the
    hours listed. `times` and `workshop` are when and which the session asked about is; `month` is the month whose
    hours are asked for, as "2022-07"; `sent` is the day of the question's mail. `team` is the asked person's team,
    `signs` their own name and their organisation's; `teams` are the names of the other teams, whose hours and affairs
    are none of this answer; `form` is how a poll is answered (yes_no, choice, words) and `choices` what it lists. Each
    is empty where none is meant."""

    today: date
    names: tuple[str, ...] = ()
    listed: bool = True
    days: tuple[date, ...] = ()
    times: tuple[time, ...] = ()
    workshop: int | None = None
    month: str = ""
    sent: date | None = None
    team: str = ""
    signs: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    form: str = ""
    choices: tuple[str, ...] = ()
