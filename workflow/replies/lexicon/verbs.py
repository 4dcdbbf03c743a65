"""Tables of the acts that answers name: their verbs, their forms, what each means to each kind of question.

Data from `words/`; Estonian forms are generated (`words/forms.et.tsv`). Must never judge.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from workflow.replies.lexicon.forms import FORMS
from workflow.replies.lexicon.notation import words
from workflow.replies.words import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """particles: of which one must stand in the clause, where there are any."""

    act: str
    lemma: str
    particles: frozenset[str] = frozenset()


class English(NamedTuple):
    """A verb with its forms: "come", "coming", "came"."""

    verb: Verb
    bare: str
    going: str
    done: str

    @property
    def forms(self) -> frozenset[str]:
        return frozenset((self.bare, self.going, self.done))


_SIGNS: Final = {"+": 1, "-": -1, ".": 0}
HEAD, *_ACTS = rows("acts.tsv")
MEANS: Final = {row[0]: dict(zip(HEAD[1:], map(_SIGNS.__getitem__, row[1:]), strict=True)) for row in _ACTS}


def _verb(act: str, lemma: str, particles: str = "") -> Verb:
    return Verb(act=act, lemma=lemma, particles=words(particles.replace("|", " ")))


VERBS: Final = tuple(_verb(*row) for row in rows("verbs.et.tsv"))
ENGLISH: Final = tuple(English(_verb(row[0], row[1], *row[4:]), *row[1:4]) for row in rows("verbs.en.tsv"))
NOUNS: Final = {row[0]: frozenset(row[1].split()) for row in rows("nouns.et.tsv")}
BESIDE: Final = {row[0]: words(row[1]) for row in rows("beside.tsv")}

BEFORE_ACTS: Final = {(one.act, one.lemma): one for one in VERBS if one.act not in MEANS}
MODALS: Final = {lemma: act for act, lemma in BEFORE_ACTS if lemma != "olema"}
DENYING: Final = words("ei pole polnud mitte ega")
ME: Final = {"n", "me"}
THEY: Final = {"b", "vad", "s", "sid"}
OF_THINGS: Final = ("suit", "be right", "happen", "be ours")  # what dates, hours and meetings do
DONE_BEFORE: Final = ("submit", "happen", "be ours")  # what the question asks about is past
DONE_TO: Final = (*DONE_BEFORE, "accept", "approve", "count", "let on", "confirm")
FOR_A_TEAM: Final = ("verify", "confirm_place")  # questions that a team or its office answers
TO_COME: Final = ("come", "attend", "join", "take part", "be there")  # beside these "homme" is the day asked about
_PASSING: Final = ("allow", "submit", "be ours", "approve", "count", "accept", "let on", "happen", "be")
_TELLING: Final = {one.lemma for one in VERBS if one.act not in _PASSING} - {"olema"}
ACTING: Final = frozenset(
    word for word, read in FORMS.items() if any(lemma in _TELLING and code != "noun" for lemma, code in read)
)
"""every form of a verb that says who comes, or what stands before one; of others it may be told in passing"""
