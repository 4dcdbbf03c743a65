"""Weighs a reply of which not every word is known: what answers in it, and what keeps that answer open.

A clause answers where an act of the question, or a turn of speech that answers it, is said in it; nothing in the same
sentence may limit it. Sentences beside it may tell of anything but conditions, doubts, other days and other people.
Tables: `words/sayings.tsv`, `words/vetoes.tsv`, `words/limits.tsv`. Pure, and linear in the clauses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from workflow.replies import acts, topics
from workflow.replies.clauses import Clause, Sense, split, turn_of_doubt
from workflow.replies.lexicon import common, doubt, turns, verbs
from workflow.replies.lexicon.forms import FORMS
from workflow.replies.lexicon.notation import words
from workflow.replies.words import rows

YES, NO, NONE = 1, -1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """sign: 1 yes, -1 no, 0 neither. fault: what keeps the answer open. sure: it was said in so many words."""

    sign: int = NONE
    fault: str = ""
    sure: bool = False
    strange: str = ""
    decided: Clause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One clause as it stands in the reply. plain: its words, but for those that answer. here: in a sentence that
    answers. acting: it speaks of what is asked. asking: in a sentence that is a question."""

    clause: Clause
    sign: int
    plain: str
    here: bool = False
    acting: bool = False
    asking: bool = False


@lru_cache(maxsize=64)
def _sayings(kind: str, sign: str) -> re.Pattern[str]:
    return turns.compiled(tuple(turn for s, kinds, turn in _SAYINGS if s == sign and kind in kinds.split()))


_SAYINGS: Final = tuple(rows("sayings.tsv"))
_VETOES: Final = tuple((name, where, turns.compiled((cell,))) for name, where, cell in rows("vetoes.tsv"))
_DAY: Final = ("day", "hours", "months")
_OF_A_NO: Final = (*_DAY, "how", "amount", "in part")
_PAST: Final = ("verify", "consent", "review", "hours_check")  # questions in which a time of day tells when it was done
_OTHERS: Final = words("ta tema nad nemad he she they you te keegi someone somebody everybody")
_ASKING: Final = ("kas", "could", "can", "is", "are", "will", "would", "does")  # begin a question about something else
_THAT: Final = ("et", "that", "whether", "kas")
_FIGURE: Final = re.compile(r"\d")
_NEXT: Final = re.compile(r"\b(jargmi\w*|next|teinekord|edaspidi)\b")
_DENYING: Final = verbs.DENYING | words("not never nor ära ärge")
_DENYING_ALL: Final = common.NEGATIONS - {"no"}


def weigh(kind: str, found: tuple[Clause, ...]) -> Weighed:
    """What the clauses of a reply say as a whole."""
    said = list(_said_by(found, kind))
    signs = {one.sign for one in said} - {NONE}
    if not signs:
        return Weighed(fault="neither yes nor no")
    if len(signs) > 1:
        return Weighed(fault="both yes and no")
    sign = signs.pop()
    bare = (Sense.BARE_YES, Sense.BARE_NO)
    sure = any(one.sign and one.clause.sense not in bare for one in said)
    decided = next(one.clause for one in said if one.sign)
    judge = _keeps_a_yes_open if sign > 0 else _keeps_a_no_open
    fault = next(filter(None, (judge(one, kind, sure=sure) for one in said)), "")
    strange = next(filter(None, (_strange(one, kind, sure=sure) for one in said)), "")
    return Weighed(sign=sign, fault=fault, sure=sure, strange=strange, decided=decided)


def _strange(one: Said, kind: str, *, sure: bool) -> str:
    """What in a clause is not understood, and may be what the answer is about: "Pakutud majutuse võtame vastu"."""
    heard = tuple(one.plain.split())
    if one.sign:
        return _unknown(heard, kind, coming=one.sign > 0 and kind in _COMING)
    short = len(heard) < TOLD and one.clause.sense is Sense.OTHER
    return one.plain if heard and sum((one.here, short, not sure)) > 1 else ""


TOLD: Final = 3  # words from which a clause tells something, and is no rider: "Jah, eks näis"
_COMING: Final = ("rsvp", "confirm_place")


@lru_cache(maxsize=8192)
def _unknown(heard: tuple[str, ...], kind: str, *, coming: bool) -> str:
    """The words that no table knows, but for whom or what one comes with or from: "esimese praamiga"."""
    strange: list[str] = []
    for word in heard:
        if word in common.KNOWN or word in FORMS or word in acts.beside(kind):
            continue
        strange.append(word)
        if coming and len(word) > 4 and word.endswith(("ga", "st", "lt")):
            strange = []
    return " ".join(strange)


def _said_by(found: tuple[Clause, ...], kind: str) -> Iterator[Said]:
    signs = [_says(one, before, kind) for before, one in zip((None, *found), found, strict=False)]
    here = {one.sentence for one, (sign, _) in zip(found, signs, strict=True) if sign}
    asking = {one.sentence for one in found if "?" in one.mark}
    first = {one.sentence: one.words[0] for one in reversed(found)}
    plainly = {number for number in asking if first[number] in _ASKING and number > min(here, default=number)}
    for one, (sign, plain) in zip(found, signs, strict=True):
        answers, asks = one.sentence in here, one.sentence in asking
        acting = acts.mentions(one.words, kind, modals=answers) or bool(set(one.words) & common.YES)
        acting = acting or (asks and one.sentence not in plainly)
        yield Said(clause=one, sign=sign, plain=plain, here=answers, acting=acting, asking=asks)


def _says(clause: Clause, before: Clause | None, kind: str) -> tuple[int, str]:
    """What a clause says, and its words but for those that say it. What is only reported ("ütlesin, et tulen"), or is
    of another time, says nothing."""
    heard = clause.words
    if heard[0] in _THAT and before is not None and before.sentence == clause.sentence:
        if before.words[-1] in ("nii", "so") and len(heard) > 1:
            heard = heard[1:]
        elif not before.decides:
            return NONE, clause.plain
    if clause.decides:
        return (YES if clause.yes else NO), ""
    if clause.sense in (Sense.POLITE, Sense.IDIOM):
        return NONE, ""
    return _spoken(heard, kind)


@lru_cache(maxsize=8192)
def _spoken(heard: tuple[str, ...], kind: str) -> tuple[int, str]:
    plain = " ".join(heard).replace("this one", "this").replace("that one", "that")
    act = acts.open_verdict(heard, kind)
    denied = turns.without(_sayings(kind, "-"), plain)
    denials = sum(word in _DENYING for word in heard)
    if (act < 0 or (denied is not None and not _twice_denied(plain, denied))) and denials < 2:
        return NO, plain if denied is None else denied
    if _DENYING_ALL & set(heard):
        return NONE, plain
    said = turns.without(_sayings(kind, "+"), plain)
    if act > 0 or said is not None:
        return (NONE if _NEXT.search(plain) else YES), plain if said is None else said
    return NONE, plain


def _twice_denied(plain: str, rest: str) -> bool:
    """ "EI ole midagi valesti": the words beside the turn deny it."""
    left = set(rest.split())
    return bool(_DENYING & left) and not (_DENYING & set(plain.split())) - left


_OF_THINGS: Final = ("scope", "other", "subst", "person", "ask")
"""vetoes that the words of an answer itself may look like: "have to miss this one", "to the next team"."""


@lru_cache(maxsize=4096)
def _of_the_past(heard: tuple[str, ...]) -> bool:
    """ "Kui teie kiri tuli, …": with a verb of the past it says when, and sets no condition."""
    codes = {code for word in heard for _, code in FORMS.get(word, ())}
    past = codes & _PAST_FORMS or any(word.endswith(("sin", "sime")) for word in heard)
    return heard[0] == "kui" and bool(past)


_PAST_FORMS: Final = {"sin", "sime", "s", "sid"}


def _counts(where: str, one: Said, *, sure: bool) -> bool:
    """Whether a veto that counts there counts in this clause."""
    match where:
        case "any":
            return True
        case "act":
            return one.here
        case "near":
            return one.here or one.acting or not sure
        case "colon":
            return ":" in one.clause.mark
    return one.asking


def _vetoed(one: Said, *, sure: bool, but: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> str:
    for name, where, pattern in _VETOES:
        if name in but or (only and name not in only):
            continue
        if not _counts(where, one, sure=sure):
            continue
        if name == "condition" and _of_the_past(one.clause.words):
            continue
        heard = one.plain if name in _OF_THINGS else one.clause.plain
        if hit := pattern.search(heard):
            return f"{name}: {hit[0]}"
    return ""


def _keeps_a_yes_open(one: Said, kind: str, *, sure: bool) -> str:
    """What in a clause keeps a yes open; empty where nothing does."""
    plain = one.plain
    short = one.clause.sense is Sense.POLITE or len(one.clause.words) <= TOLD
    if one.asking and (one.here or one.acting or not sure or one.plain == ""):
        return f"a question: {one.clause.plain[:40]}"
    if kind in _COMING and short and not one.sign and (day := _another_day(one.clause.words)):
        return day
    if not plain:
        return "" if one.clause.decides else _vetoed(one, sure=sure, only=("condition",))
    if one.here and not one.sign and plain.split()[0] in _THAT:
        return f"that: {plain[:40]}"
    if word := _vetoed(one, sure=sure, but=("ack", "person") if sure else ()):
        return word
    heard, limit = tuple(plain.split()), ""
    if one.sign or not sure:
        limit = _limit(heard, _of_a_yes(kind))
    elif one.here:
        limit = _limit(heard, _beside_a_yes(kind), others=False)
    if limit:
        return f"limited: {limit}"
    if one.here and (turn := turn_of_doubt(plain)):
        return f"in doubt: {turn}"
    if (one.here or one.acting) and any(mood.search(plain) for mood in doubt.CONDITIONAL):
        return f"conditional: {plain[:40]}"
    if one.here and _FIGURE.search(plain):
        return f"figures: {plain[:40]}"
    if not one.sign and one.acting and _DENYING & set(heard):
        return f"denied: {plain[:40]}"
    return ""


_NOT_KNOWN: Final = re.compile(r"\b(?:ei tea|not know)\b")  # "nope, not mine, don't know them"
_OF_REASONS: Final = ("ack", "scope", "person", "until")
_OF_A_REASON: Final = (*_OF_REASONS, "doubt", "what", "other", "subst")


def _keeps_a_no_open(one: Said, kind: str, *, sure: bool) -> str:
    """What in a clause keeps a no open: beside it stand its reasons, which may be any."""
    if one.asking:
        return f"a question: {one.clause.plain[:40]}"
    if not one.plain:
        return ""
    if one.here and (word := _vetoed(_first_word(one), sure=True, only=("doubt",))):
        return word
    of_reasons = _OF_REASONS if one.sign or (one.here and not sure) else _OF_A_REASON
    if kind in ("verify", "consent") and sure and not one.sign and _NOT_KNOWN.search(one.plain):
        of_reasons = (*of_reasons, "pending")
    if word := _vetoed(one, sure=True, but=of_reasons):
        return word
    if one.sign and _FIGURE.search(one.plain):
        return f"figures: {one.plain[:40]}"
    if one.sign and (turn := turn_of_doubt(one.clause.plain)):
        return f"in doubt: {turn}"
    if one.sign and (limit := _limit(tuple(one.plain.split()), _of_a_no(kind), by=True)):
        return f"limited: {limit}"
    return ""


def taken_back(text: str) -> str:
    """The words that take back what is said elsewhere in a text, or make a joke of it; empty where there are none."""
    plain = " ".join(split(text))
    hits = (pattern.search(plain) for name, where, pattern in _VETOES if (name, where) == ("retract", "any"))
    return next((hit[0] for hit in hits if hit), "")


def _first_word(one: Said) -> Said:
    """ "Loodetavasti …": a doubt in front is of the whole sentence, one behind the no is of its reason."""
    return replace(one, clause=replace(one.clause, words=one.clause.words[:1]))


@lru_cache(maxsize=16)
def _of_a_yes(kind: str) -> topics.Stems:
    """What limits a yes in its own clause."""
    past = ("day", "hours") if kind in _PAST else ()
    wider = topics.WHOLE | (words("mõlem*") if kind == "hours_check" else frozenset())
    return topics.limits_of(*(one for one in topics.KINDS_OF_LIMIT if one not in ("family", *past)), but=wider)


@lru_cache(maxsize=16)
def _beside_a_yes(kind: str) -> topics.Stems:
    """What limits a yes from beside it in its sentence."""
    return topics.limits_of("wrong", "in part", *(() if kind in _PAST else _DAY), but=topics.WHOLE)


@lru_cache(maxsize=16)
def _of_a_no(kind: str) -> topics.Stems:
    return topics.limits_of(*_OF_A_NO, *(() if kind in _PAST else ("letter",)))


@lru_cache(maxsize=8192)
def _limit(heard: tuple[str, ...], limits: topics.Stems, *, others: bool = True, by: bool = False) -> str:
    """The word in a clause that changes what is answered: another time, person, place or amount. by: so does what it
    would have been done with ("ei tule bussiga")."""
    of_acts = _particles(heard)
    for word in heard:
        if word in of_acts:
            continue
        if (others and (word in _OTHERS or word in common.FIRST_NAMES)) or limits.has(word):
            return word
        if by and len(word) > 4 and word.endswith("ga") and word not in common.KNOWN and word not in FORMS:
            return word
    return ""


def _another_day(heard: tuple[str, ...]) -> str:
    """ "Kohtumiseni 19. aprillil": the day asked about was left out before."""
    day = _limit(heard, topics.limits_of("day", "months"), others=False)
    return f"another day: {day}" if day or any(map(str.isdigit, heard)) else ""


@lru_cache(maxsize=8192)
def _particles(heard: tuple[str, ...]) -> frozenset[str]:
    """The words in a clause that belong to the verb of an act: "osa" in "võtame osa"."""
    lemmas = {lemma for word in heard for lemma, code in FORMS.get(word, ()) if code != "noun"}
    estonian = (one.particles for one in verbs.VERBS if one.lemma in lemmas)
    english = (one.verb.particles for one in verbs.ENGLISH if not one.forms.isdisjoint(heard))
    return frozenset().union(*estonian, *english)
