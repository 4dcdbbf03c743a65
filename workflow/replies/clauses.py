"""Clause parser of replies: cuts a reply into clauses and classifies each. Estonian and English.

A clause says yes or no only when every word of it is known: an unknown word makes it something else, never a
guess.
Takes the newly written text alone; must never look at the question's own words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from workflow.replies import acts, topics
from workflow.replies import names as name_parser
from workflow.replies.lexicon import common, doubt, no, notation, verbs, yes
from workflow.replies.lexicon.forms import FORMS, OF_VERBS
from workflow.replies.lexicon.notation import WORD, Phrases, fold

MARK = re.compile(
    r"[.!?;:,\n()\"*]+|\s-+\s|-{2,}|…|[/|]"
    r"|\s(?=(?:so|seega|niisiis)\s(?:no|yes|ei|jah)\s*[.!]*\s*$)"
    r"|[\U0001F300-\U0001FAFF\u2600-\u27BF]+"
    r"|\s(?=that\s(?:our|we|i|the|my)\s)"
    r"|\s(?=(?:aga|kuid|but|ja|ning|and|et|ega|sest|kuna|because)\s)"
    r"|(?<!kuid)(?<!aga)(?<!but)(?<!ning)(?<!sest)(?<!kuna)(?<!\bet)(?<!\bja)\s(?=(?:olen|oleme)\s)",
    re.IGNORECASE | re.MULTILINE,
)
STOP = re.compile(r"[.!?\n…]")
LONG = re.compile(r"([^\W\d_])\1{2,}")
SIX = re.compile(r"(?<=[^\W\d_])6(?=[^\W\d_])")
SHORT = (
    ("can't", "can not"), ("cannot", "can not"), ("won't", "will not"), ("n't", " not"), ("i'm", "i am"),
    ("'re", " are"), ("'ll", " will"), ("'ve", " have"), ("'d", " would"), ("t's", "t is"),
)  # fmt: skip
# A courteous form of the act itself: "we would like to confirm", "soovime kinnitada". A wish to come is none.
GLADLY = re.compile(r"\bwould (?:like|love|be (?:very )?(?:happy|glad|pleased|delighted)) to (?=(?:accept|confirm)\b)")
ASSURING = re.compile(r"\b(soovi(?:n|me)|taha(?:n|me)) (kinnita)da\b ?")
LOST = {
    "cant": "can not", "dont": "do not", "wont": "will not", "didnt": "did not", "isnt": "is not",
    "wasnt": "was not", "doesnt": "does not", "im": "i am", "thats": "that is",
}  # fmt: skip
EMOTICON = re.compile(r"(?<!\d)[:;=][-']?[)(DPp]+(?!\w)|<3(?!\d)")
POLITE_BEFORE = 12  # clauses of thanks that may come before a no
CONTRAST = ("aga", "kuid", "but")


class Sense(StrEnum):
    BARE_YES = "bare yes"
    YES = "yes"
    BARE_NO = "bare no"
    NO = "no"
    IDIOM = "idiom"
    POLITE = "polite"
    OTHER = "other"


DECIDED = (Sense.BARE_YES, Sense.YES, Sense.BARE_NO, Sense.NO)


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
    low = GLADLY.sub("gladly ", ASSURING.sub(r"\2n ", low))
    return tuple(part for word in WORD.findall(low) for part in LOST.get(word, _as_written(word)).split())


@lru_cache(maxsize=4096)
def _as_written(word: str) -> str:
    """ "kyll" is küll: a word that no table knows, as one that some table does."""
    if word in common.KNOWN or word in OF_VERBS:
        return word
    return next((one for one in _spellings(word) if one in common.KNOWN or one in OF_VERBS), word)


def _spellings(word: str) -> Iterator[str]:
    """The word as it may be meant: without ü at hand, as it is said ("esitand"), in slang ("kahjux"), stressed
    ("kohtunudki")."""
    yield from (word.replace(other, one) for other, one in (("y", "u"), ("x", "ks")) if other in word)
    if word.endswith("nd"):
        yield f"{word[:-1]}ud"
    if word.endswith(("ki", "gi")):
        yield word[:-2]


# -- clauses -------------------------------------------------------------------------------------------------


def clauses(text: str, kind: str) -> tuple[Clause, ...]:
    """The clauses of a body, each with its sense for this kind of question."""
    text = name_parser.unnamed(EMOTICON.sub(" , ", text))
    found: list[Clause] = []
    begin = sentence = 0
    for mark in [*MARK.finditer(text), None]:
        raw = text[begin : mark.start() if mark else len(text)]
        after = mark[0] if mark else ""
        for one in _leading(raw):
            if heard := _thanked(split(one), one):
                heard = _as_our_team(heard) if kind in verbs.FOR_A_TEAM else heard
                heard = heard[1:] if _goes_on(heard, found, kind) or _but_no(heard, found, kind) else heard
                heard, found = _led(heard, found, kind)
                clause = Clause(raw=one.strip(), words=heard, sense=sense(heard, kind), sentence=sentence, mark=after)
                found.append(_beside_others(clause, found))
        sentence += bool(STOP.search(after))
        begin = mark.end() if mark else begin
    return _name_at_end(found)


OUR = {"meie": "meeskond", "our": "team"}


def _as_our_team(heard: tuple[str, ...]) -> tuple[str, ...]:
    """ "Meie lasteaed", "our choir": whatever it is, it answers for itself where a team or an office is asked."""
    return tuple(
        OUR[before] if before in OUR and not (word in common.KNOWN or word in FORMS or topics.limits(word)) else word
        for before, word in zip(("", *heard), heard, strict=False)
    )


def _goes_on(heard: tuple[str, ...], found: list[Clause], kind: str) -> bool:
    """ "Kinnitame, et osaleme" says twice what it says."""
    after_yes = len(heard) > 1 and heard[0] == "et" and bool(found) and found[-1].sense is Sense.YES
    return after_yes and sense(heard[1:], kind) is Sense.YES


def _read_through(heard: tuple[str, ...], kind: str) -> bool:
    """ "Lugesin läbi, sobib": that it was read is part of the trainer's yes."""
    return kind == "review" and says(heard, common.READ_THROUGH, common.FILLERS | yes.YES_BESIDE["review"])


def _led(heard: tuple[str, ...], found: list[Clause], kind: str) -> tuple[tuple[str, ...], list[Clause]]:
    """ "Otsustasime, et ei osale": what leads up to an answer says nothing beside it."""
    if len(heard) < 2 or heard[0] != "et" or not found or sense(heard[1:], kind) not in DECIDED:
        return heard, found
    if not says(found[-1].words, common.LEADS, common.FILLERS | common.SORRY | common.LEADS_BESIDE):
        return heard, found
    return heard[1:], [*found[:-1], replace(found[-1], sense=Sense.POLITE)]


def _beside_others(clause: Clause, found: list[Clause]) -> Clause:
    """The clause as the one before it lets it be understood."""
    if found and _echoes(clause, found[-1]):
        return replace(clause, sense=Sense.YES)
    if found and _thanked_for(clause, found[-1]):
        return replace(clause, sense=Sense.POLITE)
    return clause


def _echoes(clause: Clause, before: Clause) -> bool:
    """ "Jah, saan": the verb of the question after a yes, with nothing else."""
    there = frozenset(clause.words)
    after_yes = before.sense is Sense.BARE_YES and before.sentence == clause.sentence
    return after_yes and there <= common.ECHOES | common.FILLERS and bool(there & common.ECHOES)


def _thanked_for(clause: Clause, before: Clause) -> bool:
    """ "Aitäh, et teada andsite"."""
    thanks = before.sense is Sense.POLITE and bool(common.THANKS & set(before.words))
    return thanks and clause.words[0] == "et" and not (doubtful(clause) or holds_back(clause))


def _thanked(heard: tuple[str, ...], raw: str) -> tuple[str, ...]:
    """Thanks without the name of who is thanked."""
    if not common.THANKS & set(heard):
        return heard
    names = {fold(word) for word in WORD.findall(raw)[1:] if common.like_name(word)}
    rest = tuple(word for word in heard if word not in names)
    return rest if rest and polite(rest) else heard


def _but_no(heard: tuple[str, ...], found: list[Clause], kind: str) -> bool:
    """ "Täname, aga peame loobuma": what is contrasted is only politeness."""
    if heard[0] not in CONTRAST or len(heard) == 1 or len(found) > POLITE_BEFORE:
        return False
    return all(one.sense is Sense.POLITE for one in found) and sense(heard[1:], kind) in (Sense.NO, Sense.BARE_NO)


HEAD = re.compile(r"\s*(jah|jaa+|yes|ei|no)\b(?=\s+(?P<next>\S+))", re.IGNORECASE)
BEGINNING = notation.words("""
    me ma meie mina kahjuks paraku seekord sel see kogu kõik tänan aitäh sorry thanks we i it not unfortunately
""")


def _leading(raw: str) -> tuple[str, ...]:
    """A first "jah", or an "EI" in capitals as the question asked for it, stands for itself; not that of "EI ole"."""
    head = HEAD.match(raw)
    if not head:
        return (raw,)
    denies = head[1].lower() in ("ei", "no")
    begins = head["next"][0].isdigit() or fold(head["next"]) in BEGINNING
    asked_for = head[1].isupper() and not raw[head.end() :].isupper() and begins
    return (raw,) if denies and not asked_for else (raw[: head.end()], raw[head.end() :])


def _name_at_end(found: list[Clause]) -> tuple[Clause, ...]:
    """Without the writer's name, title and organisation as the last clauses."""
    kept = found
    while len(kept) > 1 and not kept[-1].mark.strip(" .,\n-") and _signature(kept[-1].raw):
        kept = kept[:-1]
    several = any(one.words[0] in JOINING for one in found[len(kept) :])
    return tuple(found if several and not STOP.search(kept[-1].mark) else kept)


JOINING = ("ja", "ning", "and")


def _signature(raw: str) -> bool:
    names = WORD.findall(raw)
    names = names[1:] if names and names[0] in JOINING else names
    first = bool(names) and fold(names[0]) in common.FIRST_NAMES
    named = bool(names) and len(names) <= 3 and all(map(common.like_name, names)) and (first or len(names) == 2)
    return named or name_parser.signs(raw)


def says(heard: tuple[str, ...], phrases: Phrases, beside: frozenset[str] = frozenset()) -> bool:
    """Some phrase is wholly in the clause, and every other word may stand beside it."""
    there = frozenset(heard)
    allowed = _allowed(phrases) | beside
    return there <= allowed and any(one <= there for one in phrases)


@lru_cache(maxsize=256)
def _allowed(phrases: Phrases) -> frozenset[str]:
    return notation.known(phrases)


@lru_cache(maxsize=8192)
def sense(heard: tuple[str, ...], kind: str) -> Sense:
    """What the words of one clause say to a question of this kind."""
    heard = tuple(mended(word, kind) for word in heard)
    if _idiom(heard):
        return Sense.IDIOM
    if verdict := _no(heard, kind) or _yes(heard, kind):
        return verdict
    if said := acts.verdict(heard, kind):
        return Sense.YES if said > 0 else Sense.NO
    neutral = frozenset(heard) <= common.FILLERS | common.SORRY | common.GREETINGS or _read_through(heard, kind)
    return Sense.POLITE if neutral or polite(heard) else Sense.OTHER


@lru_cache(maxsize=2048)
def mended(word: str, kind: str) -> str:
    """A long word with one slip inside it, its beginning and its ending untouched: "kinitame".

    Endings carry the meaning ("kinnitaks", "kinnitas"): a slip there is none of ours to mend."""
    if not 6 <= len(word) <= 20 or word in common.KNOWN:
        return word
    says = known_words(kind)
    near = [one for one in says if one[-3:] == word[-3:] and one[0] == word[0] and distance(one, word, 1) == 1]
    return near[0] if len(near) == 1 else word


@lru_cache(maxsize=32)
def known_words(kind: str) -> frozenset[str]:
    tables = (yes.YES_SAYS.get(kind, ()), no.NO_SAYS.get(kind, ()))
    return frozenset(word for word in notation.known(*tables) | common.YES | acts.said_plainly(kind) if len(word) >= 6)


def distance(one: str, other: str, most: int) -> int:
    """Edits (a swap of neighbours counts once) that part two words; more than `most` is `most + 1`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return min(last[-1], most + 1)


def _idiom(heard: tuple[str, ...]) -> bool:
    if says(heard, common.WISHES, common.FILLERS | common.WISHES_BESIDE):
        return True
    return says(heard, common.IDIOMS, common.FILLERS | common.IDIOM_BESIDE | common.BARE_YES)


def _yes(heard: tuple[str, ...], kind: str) -> Sense | None:
    there = frozenset(heard)
    if kind == "rsvp" and there & yes.ATTENDING:
        there -= yes.THE_DAY | {
            word for word in there if word[:-2] in common.FIRST_NAMES and word[-2:] == "ga"
        }
    bare = there & common.BARE_YES or says(heard, common.FIRM_YES, there)
    if there <= common.BARE_YES | common.FILLERS and bare:
        return Sense.BARE_YES
    beside = common.FILLERS | common.YES | yes.YES_BESIDE.get(kind, frozenset())
    if there <= beside and there & common.YES:
        return Sense.YES
    return Sense.YES if says(tuple(there), yes.YES_SAYS.get(kind, ()), beside) else None


ESTONIAN_NO = notation.words("ei eii ei-ei")
ENGLISH = (common.ENGLISH_FILLERS | common.ENGLISH_SORRY) - common.QUANTITIES  # "no" begins Estonian sentences too


def _no(heard: tuple[str, ...], kind: str) -> Sense | None:
    there = frozenset(heard)
    if heard[0] in common.THANKS and "for" in there:
        return None
    fillers = (common.FILLERS | common.SORRY) - common.QUANTITIES
    if there <= (fillers if there & ESTONIAN_NO else ENGLISH) | common.NO and there & common.NO:
        return Sense.BARE_NO
    if says(heard, common.FIRM_NO, fillers | common.FIRM_BESIDE):
        return Sense.NO
    beside = fillers | no.NO_BESIDE.get(kind, frozenset())
    phrases = no.NO_SAYS.get(kind, ())
    return Sense.NO if says(heard, phrases, beside) and not _twice_denied(heard, phrases) else None


def _twice_denied(heard: tuple[str, ...], phrases: Phrases) -> bool:
    """ "We are not declining" is no refusal."""
    there, denials = frozenset(heard), sum(word in common.DENIALS for word in heard)
    refused = any(one <= there and not one & common.NEGATIONS for one in phrases)
    refused = refused or any(word.startswith(REFUSING) for word in heard)
    return denials > 1 or bool(denials and refused)


REFUSING = ("loobu", "keeldu", "declin", "refus", "withdraw")


def polite(heard: tuple[str, ...]) -> bool:
    """Thanks, wishes and apologies; "but thanks" as well."""
    rest = frozenset(heard[1:] if heard[0] in CONTRAST else heard)
    if _thanks_for(heard) or _wishes(heard):
        return True
    return rest <= common.POLITE_WORDS | common.FILLERS | common.SORRY and bool(rest & common.POLITE_CORE)


MOST_THANKS = 9


def _thanks_for(heard: tuple[str, ...]) -> bool:
    """ "Aitäh küsimast", "tänan kiire vastuse eest", "thanks for asking": for what, need not be known."""
    if not common.THANKS & set(heard[:3]) or len(heard) > MOST_THANKS:
        return False
    what = "eest" in heard or "for" in heard or heard[-1].endswith("mast")
    refusing = common.NEGATIONS | doubt.DOUBT | doubt.HOLDS_A_YES | doubt.AFFIRMS | common.YES
    return what and not refusing & set(heard) and not any(word.isdigit() for word in heard)


MOST_WISHES = 8
STATES = notation.words("on oli ole is was are vale wrong viga puudu")  # what a wish never does


def _wishes(heard: tuple[str, ...]) -> bool:
    """ "Palju edu järgmises töötoas", "good luck with the choice": a wish, whatever it is for."""
    begins = heard[1:] if heard[0] in ("palju", "kõike", "koike", "very", "have", "a") else heard
    if not begins or begins[0] not in common.WISHING or len(heard) > MOST_WISHES:
        return False
    refusing = common.NEGATIONS | doubt.DOUBT | doubt.AFFIRMS | common.YES | STATES
    plain = not refusing & set(heard) and not any(word.isdigit() for word in heard)
    return plain and not turn_of_doubt(" ".join(heard))


# -- doubt ---------------------------------------------------------------------------------------------------


def doubtful(clause: Clause) -> str:
    """The word or turn in a clause that leaves its writer's answer open; empty where there is none."""
    if word := next((word for word in clause.words if word in doubt.DOUBT), ""):
        return word
    return turn_of_doubt(clause.plain)


def turn_of_doubt(plain: str) -> str:
    """The turn of speech in folded words that leaves an answer open; empty where there is none."""
    return next((found[0] for pattern in doubt.DOUBT_PATTERNS if (found := pattern.search(plain))), "")


def holds_back(clause: Clause) -> str:
    """The word beside a yes that keeps it from being whole."""
    refusing = common.NEGATIONS | doubt.HOLDS_A_YES
    return next((word for word in clause.words if word in refusing or word.isdigit() or _orders(word)), "")


def _orders(word: str) -> bool:
    """An imperative ("lisage", "saatke") or a thing left undone ("tulemata")."""
    return word.endswith(("ge", "ke", "mata")) and word not in NO_ORDERS


NO_ORDERS = notation.words("selge julge väike valge arvamata lahke like")
