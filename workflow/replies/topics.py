"""Recognises sentences beside an answer that are about something else: apologies, travel, food, an earlier letter.

A sentence, or a part of it between commas, is of a topic when every word of it is (`words/topics.tsv`). It is left out
before the answer is judged; a reply that says nothing else stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workflow.replies.lexicon import common, doubt
from workflow.replies.lexicon.notation import WORD, fold, words
from workflow.replies.lexicon.verbs import ACTING
from workflow.replies.words import rows

LONGEST: Final = 20  # words; a sentence with more says more
PARTS: Final = 12  # of a sentence; one with more is left as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Stems:
    """Whole words, and beginnings of words."""

    whole: frozenset[str]
    begins: tuple[str, ...]

    def has(self, word: str) -> bool:
        return word in self.whole or word.startswith(self.begins)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """core: groups of which each must have a word there. beside: all other words, but for so many `free` ones."""

    name: str
    core: tuple[Stems, ...]
    beside: Stems
    free: int


def _stems(told: frozenset[str]) -> Stems:
    begins = tuple(sorted(word[:-1] for word in told if word.endswith("*")))
    return Stems(whole=frozenset(word for word in told if not word.endswith("*")), begins=begins)


SMALL: Final = words(
    "et nii ja ning ka see selle eest the a an in for my our this so i am we are it to with me now just very"
)
TOPICS: Final = tuple(
    Topic(name=name, core=tuple(map(_stems, map(words, core.split("+")))), beside=_stems(words(beside)), free=int(free))
    for name, core, beside, free in rows("topics.tsv")
)
CORES: Final = Stems(
    whole=frozenset().union(*(topic.core[0].whole for topic in TOPICS)),
    begins=tuple(begin for topic in TOPICS for begin in topic.core[0].begins),
)
SPEAKING: Final = common.NEGATIONS | doubt.DOUBT | doubt.HOLDS_A_YES | doubt.AFFIRMS | common.YES
WHOLE: Final = words("kogu* terve* kõik* all* both* whole*")  # of a no these make a part; a yes they make wider


@lru_cache(maxsize=64)
def limits_of(*names: str, but: frozenset[str] = frozenset()) -> Stems:
    """The words of these rows of the table that limit an answer, but for some."""
    return _stems(frozenset().union(*(_LIMITING[name] for name in names)) - but)


_LIMITING: Final = {name: words(cell) for name, cell in rows("limits.tsv")}
KINDS_OF_LIMIT: Final = tuple(_LIMITING)
LIMITS: Final = limits_of(*KINDS_OF_LIMIT, but=WHOLE)
PLAIN_LIMITS: Final = limits_of(*(one for one in KINDS_OF_LIMIT if one != "family"), but=WHOLE)
SENTENCE = re.compile(r"[.!;:\n]*[^.!;:\n]+[.!;:\n]*\s*")
BETWEEN = re.compile(r"(?<=,)\s*|\s(?=(?:ja|ning|and|-)\s)")
LONG = re.compile(r"([^\W\d_])\1{2,}")
CONTACT = re.compile(r"\S+@\S+|https?://\S+")
CORRECTED = re.compile(
    r"^\W*(?:(?:aga|kuid|but)\b\s*)?"
    r"(?:(?:(?:siin|see) on )?[õo]ige(?: vastus| fail)?(?: on| oleks)?|vastus on|"
    r"the right (?:one|answer) is)?\s*[:,]?\s*",
    re.IGNORECASE,
)


def unsaid(text: str) -> str:
    """`text` without the sentences and parts that are of a topic; all of it where nothing would be left."""
    said = rest(text)
    return said if WORD.search(said) else text


def rest(text: str) -> str:
    """`text` without what is of a topic, and without "the right one is" after talk of an earlier letter."""
    if "?" in text:
        return text
    kept, before = [], ""
    for sentence in SENTENCE.finditer(CONTACT.sub(" ", text)):
        for part, topic in _told(_parts(sentence[0])):
            if not topic:
                part = part.lstrip(" -") if before else part
                kept.append(CORRECTED.sub("", part, count=1) if before == "earlier letter" else part)
            before = topic
    return "".join(kept).strip(" ,\n")


def _told(parts: list[str]) -> Iterator[tuple[str, str]]:
    """The parts, as many together as are of one topic, each with its topic or none."""
    at = 0
    while at < len(parts):
        runs = (("".join(parts[at:end]), end) for end in range(len(parts), at, -1))
        part, topic, at = next(
            ((run, topic, end) for run, end in runs if (topic := topic_of(run))), (parts[at], "", at + 1)
        )
        yield part, topic


def _parts(sentence: str) -> list[str]:
    ends = [found.start() for found in BETWEEN.finditer(sentence)]
    if len(ends) >= PARTS:
        return [sentence]
    return [sentence[begin:end] for begin, end in zip([0, *ends], [*ends, len(sentence)], strict=True)]


@lru_cache(maxsize=1024)
def topic_of(said: str) -> str:
    """The name of the topic that every word is of; empty where there is none."""
    heard = WORD.findall(LONG.sub(r"\1\1", fold(said)))
    if not 0 < len(heard) <= LONGEST or any(word.isdigit() for word in heard) or not any(map(CORES.has, heard)):
        return ""
    named = [fold(word) for word in WORD.findall(said)[1:] if word[0].isupper() and not said.isupper()]
    return next((topic.name for topic in TOPICS if _is_of(topic, heard, named)), "")


def _is_of(topic: Topic, heard: list[str], named: list[str]) -> bool:
    if not all(any(map(group.has, heard)) for group in topic.core):
        return False
    strange = [w for w in heard if not (w in SMALL or topic.beside.has(w) or any(group.has(w) for group in topic.core))]
    return len(strange) <= topic.free and not any(word in named or limits(word) for word in strange)


@lru_cache(maxsize=4096)
def limits(word: str) -> bool:
    """Whether a word beside an answer may limit it."""
    speaks = word in SPEAKING or word in ACTING or word in common.FIRST_NAMES or word.isdigit()
    return speaks or LIMITS.has(word) or any(one.search(word) for one in doubt.DOUBT_PATTERNS)


@lru_cache(maxsize=4096)
def plainly_limits(word: str) -> bool:
    """Whether a word beside an act surely limits or denies it: then it is not even asked whether the act was meant."""
    speaks = word in common.NEGATIONS or word in doubt.DOUBT or word in doubt.AFFIRMS or word.isdigit()
    return speaks or PLAIN_LIMITS.has(word) or any(one.search(word) for one in doubt.DOUBT_PATTERNS)
