"""What a person newly wrote, as one answer to one question. Estonian and English.

The rule of the house: a wrong guess is worse than none. Only what is plainly, wholly one answer counts;
ifs and buts, two answers, a question back or nothing are *unclear*, with the possible readings beside it.

Pure and total: no clock, no environment, no randomness; never raises, and takes time linear in the text.
It must never be given quotes, signatures or subjects: cutting those away is the reader's work, not this module's.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AnswerKind(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"  # only from a calendar's TENTATIVE, never from words
    HOURS = "hours"
    NAMES = "names"
    SUBMISSION = "submission"
    RETURN = "return"
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
    names: tuple[str, ...] = ()  # roll-call: those absent, spelt as in the roster where there is one
    readings: tuple["Answer", ...] = ()  # unclear: what it may have meant, for the coordinator's buttons
    rule: str = ""  # which rule matched, kept as proof
    words: str = ""  # the very words that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The reply: its newly written text, its real attachments, and what the calendar part said."""

    text: str
    attachments: tuple[str, ...] = ()
    automatic: bool = False
    partstat: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the question showed: the day the letter came, the names expected, whether hours were listed."""

    today: date
    names: tuple[str, ...] = ()
    listed: bool = True


def understand(kind: str, said: Said, asked: Asked) -> Answer:
    """The one answer the reply plainly gives to a question of this kind, else *unclear*."""
    if said.automatic:
        return Answer(kind=AnswerKind.NONE, rule="automatic")
    return Answer(kind=AnswerKind.UNCLEAR, rule="nothing understood")
