"""A reply in words: cut into clauses, and each clause judged on its own. Estonian and English.

A clause says yes or no only when every word of it is known: an unknown word makes it something else, never a
guess.
Takes the newly written text alone; must never look at the question's own words.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from workflow import wording
from workflow.wording import Phrases, fold

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+")
MARK = re.compile(
    r"[.!?;:,\n()\"*]+|\s-+\s|-{2,}|…|/|\s(?=(?:aga|kuid|but|ja|ning|and|et|sest|kuna|because|olen|oleme)\s)", re.IGNORECASE
)
STOP = re.compile(r"[.!?\n…]")
LONG = re.compile(r"([^\W\d_])\1{2,}")
SIX = re.compile(r"(?<=[^\W\d_])6(?=[^\W\d_])")
SHORT = (
    ("can't", "can not"), ("cannot", "can not"), ("won't", "will not"), ("n't", " not"), ("i'm", "i am"),
    ("'re", " are"), ("'ll", " will"), ("'ve", " have"), ("'d", " would"), ("t's", "t is"),
)  # fmt: skip
LOST = {
    "cant": "can not", "dont": "do not", "wont": "will not", "didnt": "did not", "isnt": "is not",
    "wasnt": "was not", "doesnt": "does not", "im": "i am", "thats": "that is",
}  # fmt: skip
EMOTICON = re.compile(r"(?<!\d)[:;=][-']?[)(DPp]+(?!\w)|<3(?!\d)")
CONTRAST = ("aga", "kuid", "but")


class Sense(StrEnum):
    BARE_YES = "bare yes"
    YES = "yes"
    BARE_NO = "bare no"
    NO = "no"
    IDIOM = "idiom"
    POLITE = "polite"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    raw: str
    words: tuple[str, ...]
    sense: Sense
    sentence: int
    mark: str  # the punctuation right after it

    @property
    def plain(self) -> str:
        return " ".join(self.words)

    @property
    def decides(self) -> bool:
        return self.yes or self.no

    @property
    def yes(self) -> bool:
        return self.sense in (Sense.YES, Sense.BARE_YES)

    @property
    def no(self) -> bool:
        return self.sense in (Sense.NO, Sense.BARE_NO)


def split(text: str) -> tuple[str, ...]:
    """The folded words of a text, contractions written out."""
    low = LONG.sub(r"\1\1", SIX.sub("o", fold(text)))
    for short, full in SHORT:
        low = low.replace(short, full)
    return tuple(part for word in WORD.findall(low) for part in LOST.get(word, word).split())


# -- what of a letter is not the answer: greeting, closing, name ---------------------------------------------

INLINE_CLOSING = re.compile(
    r"(?<=[.!,)\n]) *(?=(?:tervitades|lugupidamisega|mvh|parimate soovidega|heade soovidega|tervitustega|"
    r"best regards|kind regards|regards)\b)",
    re.IGNORECASE,
)
POSTSCRIPT = re.compile(r"^\W*(p\.? ?s\b|nb\b)", re.IGNORECASE)


def body(text: str, names_are_news: bool = False) -> str:
    """The text without quoted lines, greeting, closing and what stands below it.

    Where names are the answer, one at the end is not taken for the writer's."""
    lines = [line.strip() for line in INLINE_CLOSING.sub("\n", text).split("\n")]
    lines = [line for line in lines if line and not line.startswith(">") and not wording.DEVICE.search(line)]
    kept = _closed(lines)
    return greeted("\n".join(kept) if names_are_news else _signed(kept))


def _closed(lines: list[str]) -> list[str]:
    """Everything up to a closing line; a postscript below it still counts."""
    for at, line in enumerate(lines):
        if at and _closes(line):
            below = next((n for n, later in enumerate(lines[at:], at) if POSTSCRIPT.match(later)), len(lines))
            return lines[:at] + lines[below:]
    return lines


def _closes(line: str) -> bool:
    found = split(line[:80])
    named = [word for word in found if word in CLOSING_WORDS]
    first = bool(found) and found[0] in CLOSING_WORDS
    return (
        first
        and says(tuple(named), wording.CLOSINGS, wording.CLOSING_BESIDE)
        and _names_only(line, CLOSING_WORDS)
    )


CLOSING_WORDS = wording.known(wording.CLOSINGS) | wording.CLOSING_BESIDE


def _names_only(line: str, allowed: frozenset[str]) -> bool:
    """Beside the allowed words the line holds at most three, and these look like names."""
    rest = [word for word in WORD.findall(line) if fold(word) not in allowed]
    return len(rest) <= 3 and all(map(_like_name, rest))


def _like_name(word: str) -> bool:
    return (word[0].isupper() and fold(word) not in wording.KNOWN) or fold(word) in wording.FIRST_NAMES


def _signed(lines: list[str]) -> str:
    """The lines without names standing alone at the end."""
    while (
        len(lines) > 1
        and 1 <= len(WORD.findall(lines[-1])) <= 3
        and "?" not in lines[-1]
        and _names_only(lines[-1], frozenset())
    ):
        lines = lines[:-1]
    return "\n".join(lines)


def _name_alone(line: str) -> bool:
    return 1 <= len(WORD.findall(line)) <= 3 and "?" not in line and _names_only(line, frozenset())


def greeted(text: str) -> str:
    """The text after its greeting and the name greeted."""
    seen, end = 0, 0
    for found in WORD.finditer(text[:120]):
        word, between = fold(found[0]), text[end : found.start()]
        if seen and any(mark in between for mark in "!.?\n:;"):
            break
        if word in wording.GREETINGS or (seen and (word in wording.GREETED or _like_name(found[0]))):
            seen, end = seen + 1, found.end()
            continue
        break
    alone = seen == 1 and fold(text[:end].strip()) in SHY_GREETINGS
    return text[end:].lstrip(" ,.!:;\n)-") if seen and not alone else text


SHY_GREETINGS = wording.words("hea head good kallis kallid armas lp dear ohtust morning evening hommik")


# -- clauses -------------------------------------------------------------------------------------------------


def clauses(text: str, kind: str) -> tuple[Clause, ...]:
    """The clauses of a body, each with its sense for this kind of question."""
    found: list[Clause] = []
    begin = sentence = 0
    for mark in [*MARK.finditer(text), None]:
        raw = text[begin : mark.start() if mark else len(text)]
        after = mark[0] if mark else ""
        for one in _leading(raw):
            if heard := split(EMOTICON.sub(" ", one)):
                heard = heard[1:] if _goes_on(heard, found) else heard
                found.append(
                    Clause(
                        raw=one.strip(), words=heard, sense=sense(heard, kind), sentence=sentence, mark=after
                    )
                )
        sentence += bool(STOP.search(after))
        begin = mark.end() if mark else begin
    return _name_at_end(found)


def _goes_on(heard: tuple[str, ...], found: list[Clause]) -> bool:
    """ "Kinnitame, et osaleme" says twice what it says."""
    return len(heard) > 1 and heard[0] == "et" and bool(found) and found[-1].sense is Sense.YES


HEAD = re.compile(r"\s*(jah|jaa|JAH|yes|YES|EI|NO)\b(?=\s+\S)", re.IGNORECASE)


def _leading(raw: str) -> tuple[str, ...]:
    """A first "jah", or an "EI" in capitals as the question asked for it, stands for itself."""
    head = HEAD.match(raw)
    if not head or (head[1].lower() in ("ei", "no") and not (head[1].isupper() and not raw[head.end() :].isupper())):
        return (raw,)
    return (raw[: head.end()], raw[head.end() :])


def _name_at_end(found: list[Clause]) -> tuple[Clause, ...]:
    """Without the writer's name as the last clause."""
    if len(found) < 2 or found[-1].mark.strip(" .\n"):
        return tuple(found)
    names = WORD.findall(found[-1].raw)
    first = bool(names) and fold(names[0]) in wording.FIRST_NAMES
    if len(names) <= 3 and all(map(_like_name, names)) and (first or len(names) == 2):
        return tuple(found[:-1])
    return tuple(found)


def says(heard: tuple[str, ...], phrases: Phrases, beside: frozenset[str] = frozenset()) -> bool:
    """Some phrase is wholly in the clause, and every other word may stand beside it."""
    there = frozenset(heard)
    allowed = _allowed(phrases) | beside
    return there <= allowed and any(one <= there for one in phrases)


@lru_cache(maxsize=256)
def _allowed(phrases: Phrases) -> frozenset[str]:
    return wording.known(phrases)


def sense(heard: tuple[str, ...], kind: str) -> Sense:
    """What the words of one clause say to a question of this kind."""
    if _idiom(heard):
        return Sense.IDIOM
    if verdict := _no(heard, kind) or _yes(heard, kind):
        return verdict
    return Sense.POLITE if polite(heard) or frozenset(heard) <= wording.FILLERS else Sense.OTHER


def _idiom(heard: tuple[str, ...]) -> bool:
    return says(heard, wording.IDIOMS, wording.FILLERS | wording.IDIOM_BESIDE | wording.BARE_YES)


def _yes(heard: tuple[str, ...], kind: str) -> Sense | None:
    there = frozenset(heard)
    bare = there & wording.BARE_YES or says(heard, wording.FIRM_YES, there)
    if there <= wording.BARE_YES | wording.FILLERS and bare:
        return Sense.BARE_YES
    beside = wording.FILLERS | wording.YES | wording.YES_BESIDE.get(kind, frozenset())
    if there <= beside and there & wording.YES:
        return Sense.YES
    return Sense.YES if says(heard, wording.YES_SAYS.get(kind, ()), beside) else None


def _no(heard: tuple[str, ...], kind: str) -> Sense | None:
    there = frozenset(heard)
    fillers = (wording.FILLERS | wording.SORRY) - wording.QUANTITIES
    if there <= fillers | wording.NO and there & wording.NO:
        return Sense.BARE_NO
    if says(heard, wording.FIRM_NO, fillers | wording.FIRM_BESIDE):
        return Sense.NO
    beside = fillers | wording.NO_BESIDE.get(kind, frozenset())
    phrases = wording.NO_SAYS.get(kind, ())
    return Sense.NO if says(heard, phrases, beside) and not _twice_denied(heard, phrases) else None


def _twice_denied(heard: tuple[str, ...], phrases: Phrases) -> bool:
    """ "We are not declining" is no refusal."""
    there, denials = frozenset(heard), sum(word in wording.DENIALS for word in heard)
    refused = any(one <= there and not one & wording.NEGATIONS for one in phrases)
    return denials > 1 or bool(denials and refused)


def polite(heard: tuple[str, ...]) -> bool:
    """Thanks, wishes and apologies; "but thanks" as well."""
    rest = frozenset(heard[1:] if heard[0] in CONTRAST else heard)
    return rest <= wording.POLITE_WORDS | wording.FILLERS and bool(rest & wording.POLITE_CORE)


# -- doubt ---------------------------------------------------------------------------------------------------


def doubtful(clause: Clause) -> str:
    """The word or turn in a clause that leaves its writer's answer open; empty where there is none."""
    if word := next((word for word in clause.words if word in wording.DOUBT), ""):
        return word
    return next(
        (found[0] for pattern in wording.DOUBT_PATTERNS if (found := pattern.search(clause.plain))), ""
    )


def holds_back(clause: Clause) -> str:
    """The word beside a yes that keeps it from being whole."""
    refusing = wording.NEGATIONS | wording.HOLDS_A_YES
    return next((w for w in clause.words if w in refusing or w.isdigit() or w.endswith("mata")), "")
