"""Judges a clause by the act that it names: what is done, whether it is denied, who does it, in which mood and tense.

A table says what each act means to each kind of question (`words/acts.tsv`); mood, person, tense and denial are
worked out here, once for all of them. A clause counts only when every word of it is known; the conditional, a request
and what somebody else does are no answers. Estonian forms are generated (`words/forms.et.tsv`).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workflow.replies.lexicon import common, no, yes
from workflow.replies.lexicon.forms import FORMS
from workflow.replies.lexicon.notation import words
from workflow.replies.lexicon.verbs import (
    BEFORE_ACTS,
    BESIDE,
    DENYING,
    DONE_BEFORE,
    DONE_TO,
    ENGLISH,
    FOR_A_TEAM,
    HEAD,
    ME,
    MEANS,
    MODALS,
    NOUNS,
    OF_THINGS,
    THEY,
    TO_COME,
    VERBS,
    English,
    Verb,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One clause. forms: of each dictionary form in it, which forms they are."""

    words: frozenset[str]
    forms: dict[str, set[str]]
    denied: int
    kind: str


_PREDICATES: Final = frozenset().union(*(one.particles for one in VERBS if one.lemma == "olema"))
_OF_COURSE: Final = words("muidugi loomulikult ikka kindlasti")
_BECAUSE_OF: Final = words("tõttu põhjusel põhjustel")
_JOINTS: Final = words("seega niisiis järelikult siis so therefore that")


@lru_cache(maxsize=8192)
def verdict(heard: tuple[str, ...], kind: str) -> int:
    """1 for yes, -1 for no, 0 where the clause is no plain act that answers this kind of question."""
    if kind not in HEAD[1:]:
        return 0
    heard = heard[2:] if heard[:2] == ("nii", "et") and len(heard) > 2 else heard
    heard = heard[1:] if len(heard) > 1 and _leads_in(heard) else heard
    said = frozenset(heard)
    return _estonian(heard, said, kind) or _english(heard, said, kind)


def _leads_in(heard: tuple[str, ...]) -> bool:
    """ "So we come"; Estonian "no muidugi" denies nothing."""
    return heard[0] in _JOINTS or (heard[0] == "no" and heard[1] in _OF_COURSE)


def likely(heard: tuple[str, ...], kind: str) -> bool:
    """Whether whoever was asked says, of themselves and undenied, an act that is a yes to this kind of question,
    whatever else the clause holds."""
    said = frozenset(heard)
    if kind not in HEAD[1:] or said & DENYING or said & _DENYING:
        return False
    plainly = {lemma for word in said for lemma, code in FORMS.get(word, ()) if code in ME}
    acts = [one for one in VERBS if one.lemma in plainly and (not one.particles or one.particles & said)]
    free = plainly.isdisjoint(MODALS.keys() - {"saama", "võima"})
    if free and any(MEANS.get(one.act, {}).get(kind) == 1 for one in acts):
        return True
    english = [one for one in ENGLISH if said & {one.bare, one.going} and not (one.verb.particles - said)]
    return bool(said & _US) and not said & (_OBLIGED | _WISHED) and any(MEANS[a.verb.act][kind] == 1 for a in english)


@lru_cache(maxsize=8192)
def open_verdict(heard: tuple[str, ...], kind: str) -> int:
    """`verdict` where words that are not known may stand beside the act: only of what whoever was asked says of
    themselves, or denies."""
    if kind not in HEAD[1:]:
        return 0
    return _estonian(heard, frozenset(heard), kind, known=False) or _english(heard, frozenset(heard), kind, known=False)


@lru_cache(maxsize=8192)
def mentions(heard: tuple[str, ...], kind: str, *, modals: bool) -> bool:
    """Whether any form of an act of this kind of question is in the clause, or of a verb that stands before one."""
    lemmas = _lemmas(kind) | (MODALS.keys() if modals else frozenset())
    if any(lemma in lemmas and code != "noun" for word in heard for lemma, code in FORMS.get(word, ())):
        return True
    return bool(frozenset(heard) & (_english_forms(kind) | (_WISHED | _OBLIGED if modals else frozenset())))


@lru_cache(maxsize=32)
def _lemmas(kind: str) -> frozenset[str]:
    """The verbs, but for "to be", of the acts that answer this kind of question."""
    return frozenset(one.lemma for one in VERBS if MEANS.get(one.act, {}).get(kind)) - {"olema"}


@lru_cache(maxsize=32)
def _english_forms(kind: str) -> frozenset[str]:
    return frozenset().union(*(one.forms for one in ENGLISH if MEANS[one.verb.act].get(kind)))


def said_plainly(kind: str) -> frozenset[str]:
    """The forms in which whoever was asked says, or denies, what answers this kind of question."""
    lemmas = _lemmas(kind)
    return frozenset(w for w, read in FORMS.items() if any(m in lemmas and code in {*ME, "o"} for m, code in read))


# -- Estonian ------------------------------------------------------------------------------------------------


def _estonian(in_order: tuple[str, ...], said: frozenset[str], kind: str, *, known: bool = True) -> int:
    forms: dict[str, set[str]] = {}
    denied = sum(word in DENYING for word in in_order)
    said = _without_reason(in_order) if denied else said
    for word in said - common.BARE_YES:  # "jaa" is no "jää"
        for lemma, code in FORMS.get(word, ()):
            if code != "noun":
                forms.setdefault(lemma, set()).add(code)
    heard = Heard(words=said, forms=forms, denied=denied, kind=kind)
    if heard.denied > 1 or not (forms or heard.denied or said & _PREDICATES):
        return 0
    modal = [lemma for lemma in forms if lemma in MODALS]
    found = [one for one in _named(heard) if known or one.act != "be ours"]
    modal = [lemma for lemma in modal if lemma not in {one.lemma for one in found}]
    if len(modal) > 1 or (known and not _known(heard, found, modal)):
        return 0
    if len(found) > 1:
        return _all_say(heard, found) if not modal and not heard.denied else 0
    if not found and not known:
        return 0
    if not known and found[0].lemma == "olema" and "olema" not in forms and not denied:
        return 0  # "umbes nii": without its verb it is known only where every word is
    sign = _sign(heard, found[0] if found else None, _modal(heard, modal))
    return sign if sign >= 0 or not said & common.QUANTITIES else 0


def _without_reason(heard: tuple[str, ...]) -> frozenset[str]:
    """The words but for "ametiülesannete tõttu", "tervislikel põhjustel": a reason may be any."""
    ends = [at for at, word in enumerate(heard) if word in _BECAUSE_OF]
    return frozenset(word for at, word in enumerate(heard) if at not in ends and at + 1 not in ends)


def _all_say(heard: Heard, found: list[Verb]) -> int:
    """ "Kinnitame, kõik sobib" without its comma: several acts that say the same."""
    signs = {_sign(heard, one, "") for one in found}
    return signs.pop() if len(signs) == 1 else 0


def _named(heard: Heard) -> list[Verb]:
    """The verbs of acts in the clause, those with a particle before the same without."""
    able = heard.forms.keys() or {"olema"}  # "kohal", "meie oma": it is, unsaid
    able = able | ({"olema"} if heard.words & {"pole", "polnud"} else set())
    found = [one for one in VERBS if one.act in MEANS and one.lemma in able]
    found = [one for one in found if one.act != "be ours" or heard.kind == "verify"]
    found = [one for one in found if not one.particles or one.particles & heard.words]
    closer = {one.lemma for one in found if one.particles}
    found = [one for one in found if one.particles or one.lemma not in closer]
    others = [one for one in found if one.lemma not in MODALS or one.particles]
    return _one_act([one for one in others if MEANS[one.act].get(heard.kind)] or others[:1], heard)


def _one_act(found: list[Verb], heard: Heard) -> list[Verb]:
    """Without what only describes ("esitatud andmed on tõesed"), and without "it is ours" beside an act."""
    predicates = [one for one in found if one.lemma == "olema" and one.act != "be ours"]
    if len(found) > 1 and predicates:
        found = [one for one in found if one.lemma == "olema" or heard.forms[one.lemma] != {"tud"}]
    if len(found) > 1 and len({one.lemma for one in found} - {"olema"}) == 1:
        found = [one for one in found if one.lemma != "olema" or one in predicates]
    same = {(one.lemma, MEANS[one.act][heard.kind]) for one in found}
    return found[:1] if len(same) == 1 else found


def _modal(heard: Heard, modal: list[str]) -> str:
    """What stands before the act: "can", "want" … or nothing."""
    if modal:
        return MODALS[modal[0]]
    before = (one for one in BEFORE_ACTS.values() if one.lemma == "olema" and one.particles & heard.words)
    return next((one.act for one in before), "")


def _known(heard: Heard, found: list[Verb], modal: list[str]) -> bool:
    """Whether every word is of the act, of what may be its object, or says nothing."""
    lemmas = {*modal, "olema", *(one.lemma for one in found)}
    rest = {word for word in heard.words if not _of(word, lemmas)} - DENYING
    particles = frozenset().union(*(one.particles for one in (*found, *BEFORE_ACTS.values())))
    coming = any(one.act in TO_COME for one in found)
    if not heard.denied:
        rest -= {word for word in rest if word[-2:] == "ga" and word[:-2] in common.FIRST_NAMES}
    days = yes.THE_DAY if coming else frozenset()
    sure = () if heard.denied else (common.BARE_YES, BESIDE["said"])
    tables = no.NO_BESIDE if heard.denied else yes.YES_BESIDE
    allowed = (particles, common.FILLERS, beside(heard.kind), tables.get(heard.kind, frozenset()), days, *sure)
    return all(any(word in table for table in allowed) for word in rest)


def _of(word: str, lemmas: set[str]) -> bool:
    return any(lemma in lemmas and code != "noun" for lemma, code in FORMS.get(word, ()))


@lru_cache(maxsize=32)
def beside(kind: str) -> frozenset[str]:
    """Words that may stand beside an act in an answer to this kind of question."""
    lemmas = NOUNS["*"] | NOUNS.get(kind, frozenset()) | (NOUNS["own"] if kind in FOR_A_TEAM else frozenset())
    nouns = {word for word, read in FORMS.items() if any(code == "noun" and lemma in lemmas for lemma, code in read)}
    return BESIDE["*"] | BESIDE.get(kind, frozenset()) | nouns


@lru_cache(maxsize=1)
def _own() -> frozenset[str]:
    return frozenset(word for word, read in FORMS.items() if any(lemma in NOUNS["own"] for lemma, _ in read))


def _sign(heard: Heard, verb: Verb | None, modal: str) -> int:
    if verb is None:
        bare = modal in ("can", "possible") and heard.denied and heard.kind in ("rsvp", "confirm_place")
        return -1 if bare and _refuses(heard, modal) else 0
    sign = MEANS[verb.act].get(heard.kind, 0)
    codes = heard.forms.get(verb.lemma, set())
    said = _after(heard, codes, modal, sign) if modal else _plainly(heard, verb, codes)
    if not said or (sign < 0 and heard.denied):
        return 0  # "we do not decline" is no yes
    return -sign if heard.denied or said == "denied" else sign


def _plainly(heard: Heard, verb: Verb, codes: set[str]) -> str:
    """Whether the act itself is said, or denied, of whoever was asked."""
    be, ours = heard.forms.get("olema", set()), bool(heard.words & _own()) and heard.kind in FOR_A_TEAM
    past, to = verb.act in DONE_BEFORE, verb.act in DONE_TO
    if verb.lemma == "olema":
        is_so = codes & ({"o", "nud"} if heard.denied else ME | THEY | {"sin", "sime"})
        fits = is_so or (verb.act != "be ours" and not (codes or heard.forms.keys() - {"olema"}))
        return "said" if fits else ""
    if heard.denied:
        denied = "o" in codes or ("nud" in codes and past) or ("tud" in codes and to)
        return "said" if denied else ""
    if codes & ME or ("mas" in codes and be & ME) or (codes & {"sin", "sime"} and past):
        return "said"
    if codes & {"b", "vad"}:
        return "said" if verb.act in OF_THINGS or ours else ""
    if codes & {"s", "sid"}:
        return "said" if verb.act in ("happen", "be ours") or (past and ours) else ""
    if "nud" in codes and past:
        return "said" if be & ME or (be and ours) else ""
    return "said" if "tud" in codes and to and be & {"b", "vad", "s", "sid", "n", "me"} else ""


def _after(heard: Heard, codes: set[str], modal: str, sign: int) -> str:
    """The same where the act stands after "can", "want", "must" …"""
    how = heard.forms.get(next((one for one in heard.forms if MODALS.get(one) == modal), "olema"), set())
    needed = {"ma"} if modal in ("must", "ready") else {"da", "mata"} if modal == "stay" else {"da"}
    if not codes & (needed | ({"ma"} if modal == "can" and heard.denied else set())):
        return ""
    if modal == "stay":
        return "denied" if "mata" in codes and how & (ME | {"b"}) and not heard.denied else ""
    if modal == "want":
        return "said" if heard.denied and "o" in how else ""
    if modal == "may":
        return "said" if sign > 0 and not heard.denied and heard.kind in ("review", "approve") and "b" in how else ""
    if modal == "must":
        return "said" if sign < 0 and not heard.denied and how & (ME | {"b"}) else ""
    if modal == "decide":
        decided = how & {"sin", "sime"} or ("nud" in how and heard.forms.get("olema")) or "s" in how
        ours = how & {"sin", "sime"} or heard.forms.get("olema", set()) & ME or heard.kind in FOR_A_TEAM
        return "said" if decided and ours and not heard.words & (DENYING - {"mitte"}) else ""
    if heard.denied:
        return "said" if _refuses(heard, modal) and "kinnitama" not in heard.forms else ""
    return "said" if sign > 0 and how & (ME | {"b"}) else ""


def _refuses(heard: Heard, modal: str) -> bool:
    """ "Ei saa", "pole võimalik", "ei õnnestu": denied, and in no other mood."""
    lemmas = [one for one in heard.forms if MODALS.get(one) == modal] or ["olema"]
    return all(not heard.forms.get(one) or heard.forms[one] & {"o", "nud"} for one in lemmas)


# -- English -------------------------------------------------------------------------------------------------

_AUXILIARIES: Final = words("i we am are is was were be been being will shall do did have has had can to going by")
_DENYING: Final = words("not never unable")
_OBLIGED: Final = words("must need have")
_ENGLISH_FORMS: Final = frozenset().union(*(one.forms for one in ENGLISH))
_WISHED: Final = words("want wish able intend plan would like")
_PAST: Final = words("have has had was were did")
_BEFORE_BARE: Final = words("can will do did able unable want wish like never decided")
_DECIDED: Final = words("decided agreed")
_WE_TOGETHER: Final = words("team group municipality association school")
_US: Final = words("i we")
_OURS: Final = words("our my us me by municipality team mine ours")


def _english(heard: tuple[str, ...], said: frozenset[str], kind: str, *, known: bool = True) -> int:
    if said.isdisjoint(_ENGLISH_FORMS):
        return 0
    denied = sum(word in _DENYING for word in heard)
    found = [one for one in ENGLISH if said & one.forms and (not one.verb.particles or one.verb.particles & said)]
    found = [one for one in found if one.verb.particles] or found
    answering = [one for one in found if MEANS[one.verb.act][kind]]
    signs = {MEANS[one.verb.act][kind] for one in answering}
    if len(signs) != 1 or denied > 1 or (denied and len(answering) > 1):
        return 0
    if not (said <= _english_beside(answering, kind, denied) if known else said.isdisjoint(_WISHED) or denied):
        return 0
    sign = signs.pop()
    if denied:
        return -sign if sign > 0 and _denied(said, answering[0]) else 0
    return sign if any(_asserted(said, one, sign) for one in answering) else 0


def _english_beside(known: list[English], kind: str, denied: int) -> frozenset[str]:
    """Every word that may be there."""
    allowed = common.ENGLISH_FILLERS | _AUXILIARIES | _OBLIGED | _DENYING | beside(kind)
    allowed |= _WISHED if denied else common.BARE_YES | BESIDE["said"] | words("able")
    allowed |= yes.THE_DAY if all(one.verb.act in TO_COME for one in known) else frozenset()
    return allowed.union(*(one.verb.particles | one.forms for one in known))


def _denied(said: frozenset[str], one: English) -> bool:
    if one.bare == "am":
        return bool(said & {"am", "are"})
    if one.done in said and one.verb.act in DONE_TO:
        return one.verb.act == "submit" or bool(said & _PAST)
    going = one.going in said and bool(said & {"am", "are", "is", "be"})
    return going or (one.bare in said and bool(said & _BEFORE_BARE))


def _asserted(said: frozenset[str], one: English, sign: int) -> bool:
    if one.done in said:
        return one.verb.act in DONE_BEFORE and bool(said & (_US | _OURS))
    if one.bare in said:
        ours = bool(said & (_DECIDED | {"will"}) and said & _WE_TOGETHER)
        return ours or (bool(said & _US) and (sign < 0 or not said & _OBLIGED))
    return one.going in said and bool(said & (_US | {"am", "are"}))
