"""Says whether a later answer repeats what is known, adds to it, or contradicts it. Pure.

Used for letters to a question that is closed: what repeats may end quietly, all else must reach a person. In doubt
it adds: a letter read once too often costs a minute, one that nobody reads costs trust.
"""

import re
from enum import StrEnum
from typing import Final

from workflow.replies import clauses
from workflow.replies.answers import Answer, AnswerKind
from workflow.replies.clauses import Clause, Sense
from workflow.replies.lexicon import common

_OF_ANY: str = "confirm_place"
"""clauses are told apart by the kind of question; courtesy is the same in each"""


class Repetition(StrEnum):
    REPEATS = "repeats"
    """what is known already, or nothing at all"""
    ADDS = "adds"
    CONTRADICTS = "contradicts"
    """another answer, as plain as the first"""


def compared(said: Answer, known: Answer | None, *, files: bool = False) -> Repetition:
    """What this answer is beside the known one; known is None where the question closed without an answer.
    files: whether anything was attached."""
    if said.kind is AnswerKind.NONE:
        return Repetition.ADDS if files else Repetition.REPEATS
    if said.kind is AnswerKind.UNCLEAR:
        return Repetition.REPEATS if not files and courteous(said.text) else Repetition.ADDS
    if known is not None and _settles(said, known):
        return Repetition.REPEATS if not files and _same(said, known) else Repetition.ADDS
    return Repetition.ADDS if known is None else Repetition.CONTRADICTS


def courteous(text: str) -> bool:
    """Whether these words are thanks, greetings and "got it" alone."""
    return all(_polite(one) for one in clauses.clauses(text, _OF_ANY))


_REQUESTS: Final = re.compile(
    r"[?]|\b(?:palu(?:n|me|ks)|helista\w*|võtke ühendust|andke (?:mulle|meile) teada|soovi(?:n|me|ks\w*)"
    r"|please|call (?:me|us)|could (?:you|we)|can (?:you|we)|let (?:me|us) know|would like)\b",
    re.IGNORECASE,
)


def only_agrees(text: str, kind: str) -> bool:
    """Whether these words say yes to a question of this kind, politely or not, and nothing beside it."""
    return all(one.yes or _polite(one) for one in clauses.clauses(text, kind))


_TAKEN_FOR_A_WORD: Final = re.compile(r"^\s*(?:tagasi|return(?:ed)?)\s*[:,.–-]+\s*", re.IGNORECASE)


def without_the_word(text: str) -> str:
    """What is to be mended, without the word that sends the work back before it."""
    return _TAKEN_FOR_A_WORD.sub("", text, count=1) or text


def asks(text: str) -> bool:
    """Whether somebody may have to do something about these words beside taking the answer: a question, a request."""
    return _REQUESTS.search(text) is not None


def _polite(one: Clause) -> bool:
    words, courtesies = frozenset(one.words), common.ACKNOWLEDGING | common.POLITE_WORDS
    acknowledges = words <= courtesies | common.FILLERS and bool(words & courtesies)
    return one.sense is Sense.POLITE or (acknowledges and not one.no)


def _settles(said: Answer, known: Answer) -> bool:
    """Whether it gives the same kind of answer. YES to what was answered in figures or names confirms them, except
    that YES of a roll-call says that nobody was absent."""
    if said.kind is known.kind:
        return (said.choice, set(said.names)) == (known.choice, set(known.names))
    return said.kind is AnswerKind.YES and known.kind is AnswerKind.HOURS


def _same(said: Answer, known: Answer) -> bool:
    match said.kind:
        case AnswerKind.YES | AnswerKind.NAMES | AnswerKind.CHOICE:
            return True  # the reader takes neither with words beside it that hold anything
        case AnswerKind.NO:
            return said.text == known.text or _no_and_no_more(said.text)
        case AnswerKind.HOURS:
            return sorted(map(str, said.entries)) == sorted(map(str, known.entries))
    return said.text == known.text


def _no_and_no_more(text: str) -> bool:
    return all(one.no or _polite(one) for one in clauses.clauses(text, _OF_ANY))
