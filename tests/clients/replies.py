"""What people write to each kind of question (an answer, a correction of it, words that contradict it), and how."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from workflow.rules.questions import QuestionKind as Q


@dataclass(frozen=True)
class Reply:
    """A reply as a program is asked to write it. owner: whose mailbox; uid: the mail's number in it."""

    owner: str
    uid: str
    text: str
    file: Path | None = None


@dataclass(frozen=True)
class Mode:
    """html: its HTML editor, else plain text. above: answers stand above the quote."""

    html: bool
    above: bool

    def __str__(self) -> str:
        return f"{'html' if self.html else 'plain'}-{'above' if self.above else 'below'}"


MODES: Final = tuple(Mode(html, above) for html in (True, False) for above in (True, False))


class Program(Protocol):
    """A mail program that runs: what it is called, and how it writes a reply and sends it."""

    name: str
    version: str

    def reply(self, mode: Mode, reply: Reply) -> None: ...


class Act(StrEnum):
    """answers: the first words to an open question. corrects: another answer by who has answered.
    contradicts: words beside the answers, by who has answered."""

    ANSWERS = "answers"
    CORRECTS = "corrects"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True)
class Words:
    """first, other: what is typed; reads and reads_other: what it means, as `AnswerKind`. file: whether one is sent."""

    first: str
    reads: str
    other: str
    reads_other: str
    file: bool = False


WORDS: Final[dict[Q, Words]] = {
    Q.VERIFY: Words("JAH", "yes", "EI, see ei ole meie taotlus.", "no"),
    Q.CONSENT: Words("Jah, olen nõus.", "yes", "EI", "no"),
    Q.CONFIRM_PLACE: Words("Jah, võtame koha vastu.", "yes", "Kahjuks me ei saa osaleda.", "no"),
    Q.RSVP: Words("Tulen.", "yes", "Ei saa tulla, olen lähetuses.", "no"),
    Q.ROLL_CALL: Words("KÕIK", "names", "Puudus Võru Jüri Tamm", "names"),
    Q.HOMEWORK: Words("Saadan meie kaardistuse.", "submission", "Siin on uus versioon.", "submission", file=True),
    Q.REVIEW: Words("JAH", "yes", "TAGASI: lisage kaart", "return"),
    Q.HOURS: Words("12.07 1,5 h", "hours", "12.07 2 h", "hours"),
    Q.HOURS_CHECK: Words("JAH", "yes", "EI: see kohtumine jäi ära", "no"),
    Q.PRESENTATION: Words("Lisan esitluse.", "submission", "Uus esitlus on lisatud.", "submission", file=True),
}
CONTRADICTION: Final = "Kahjuks läks kõik teisiti, palun helistage mulle."


def written() -> Iterator[tuple[Q, Act]]:
    """Each kind with each act."""
    return ((kind, act) for kind in WORDS for act in Act)
