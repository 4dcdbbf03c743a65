"""What an act means is worked out once for all questions: by who says it, in which mood, denied or not.

Metamorphic: each act of the table is put into each turn, for each kind of question that the table names.
"""

import pytest

from tests.workflow.replies import make_forms
from workflow.replies import acts
from workflow.replies.clauses import split
from workflow.replies.lexicon import verbs
from workflow.replies.lexicon.forms import FORMS

HEAD = tuple(verbs.HEAD[1:])


def forms(lemma: str, code: str) -> list[str]:
    return [form for form, read in FORMS.items() if (lemma, code) in read]


def said(verb: verbs.Verb, code: str, before: str = "") -> list[str]:
    """The verb in this form, with its particle, as a clause."""
    particle = next(iter(sorted(verb.particles)), "")
    return [" ".join(filter(None, (before, form, particle))) for form in forms(verb.lemma, code)]


def verdicts(clauses: list[str], kind: str) -> set[int]:
    return {acts.verdict(split(one), kind) for one in clauses}


ACTS = [verb for verb in verbs.VERBS if verb.act in verbs.MEANS and verb.lemma != "olema"]
DOING = [verb for verb in ACTS if verb.act not in (*verbs.OF_THINGS, *verbs.DONE_BEFORE)]
MEANT = [(verb, kind, sign) for verb in DOING for kind, sign in verbs.MEANS[verb.act].items() if sign]


def test_the_generated_forms_are_as_fresh_as_their_lists() -> None:
    second = (make_forms.WORDS / "forms.et.tsv").read_text(encoding="utf-8").splitlines()[1]
    assert second == f"# {make_forms.digest()}", "run make forms"


def test_every_verb_and_noun_of_the_lists_has_its_forms() -> None:
    made = {lemma for read in FORMS.values() for lemma, _ in read}
    listed = {*make_forms.lemmas("verbs.et.tsv", 1), *make_forms.lemmas("nouns.et.tsv", 1)}
    assert listed <= made


def test_the_table_has_no_empty_cell() -> None:
    assert all(set(row) == set(HEAD) for row in verbs.MEANS.values())
    unknown = {verb.act for verb in verbs.VERBS} | {one.verb.act for one in verbs.ENGLISH}
    assert verbs.MEANS.keys() <= unknown and unknown - verbs.MEANS.keys() <= {
        "can", "possible", "want", "decide", "may", "must", "ready", "be", "stay",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["n", "me"])
def test_an_act_said_of_oneself_means_what_the_table_says(code: str) -> None:
    wrong = [(v.lemma, kind) for v, kind, sign in MEANT if verdicts(said(v, code), kind) != {sign}]
    assert len(MEANT) > 50 and not wrong


def test_a_denied_act_is_the_opposite_and_a_denied_refusal_nothing() -> None:
    wrong = [
        (v.lemma, kind)
        for v, kind, sign in MEANT
        if verdicts(said(v, "o", "ei"), kind) != {-1 if sign > 0 else 0}
    ]  # fmt: skip
    assert not wrong


@pytest.mark.parametrize("code", ["ks", "ksin", "ksime", "ge", "o", "b", "vad", "s", "takse", "ti", "da", "ma", "mast"])
def test_another_mood_another_person_or_no_finite_form_is_no_answer(code: str) -> None:
    """The conditional is a doubt, an imperative a request, the third person somebody else."""
    wrong = [(v.lemma, kind, one) for v, kind, _ in MEANT for one in said(v, code) if acts.verdict(split(one), kind)]
    assert not wrong


@pytest.mark.parametrize(
    "turn", ["kui {}", "{} vist", "{} homme kell kaks", "{} Mari asemel", "pool tiimi {}", "{} ega ei"]
)
def test_a_word_that_is_not_known_makes_it_no_answer(turn: str) -> None:
    wrong = [
        (v.lemma, kind) for v, kind, _ in MEANT for one in said(v, "n") if acts.verdict(split(turn.format(one)), kind)
    ]
    assert not wrong


MODALS = (
    ("ei saa {da}", -1), ("ei õnnestu {da}", -1), ("ei ole võimalik {da}", -1), ("pole võimalik {da}", -1),
    ("ei soovi {da}", -1), ("ei taha {da}", -1), ("otsustasime mitte {da}", -1), ("jään {mata}", -1),
    ("saan {da}", 1), ("otsustasime {da}", 1), ("oleme valmis {ma}", 1),
    ("soovin {da}", 0), ("saaksin {da}", 0), ("pean {ma}", 0), ("ei oleks võimalik {da}", 0), ("saavad {da}", 0),
)  # fmt: skip


@pytest.mark.parametrize(("turn", "sign"), MODALS)
def test_what_stands_before_an_act_counts_for_each_act_alike(turn: str, sign: int) -> None:
    coming = [v for v in DOING if v.act in ("come", "attend") and v.lemma in ("tulema", "osalema")]
    said_of = [turn.format(**{c: forms(v.lemma, c)[0] for c in ("da", "ma", "mata")}) for v in coming]
    assert {acts.verdict(split(one), kind) for one in said_of for kind in ("rsvp", "confirm_place")} == {sign}


ENGLISH = (
    ("rsvp", "i will attend", 1), ("rsvp", "we are not coming", -1), ("rsvp", "i am unable to join", -1),
    ("rsvp", "i can not make it", -1), ("rsvp", "i may attend", 0), ("rsvp", "she is not coming", 0),
    ("rsvp", "i would attend", 0), ("rsvp", "i can not wait", 0), ("confirm_place", "we must decline", -1),
    ("confirm_place", "we do not decline", 0), ("confirm_place", "we have to accept", 0),
    ("verify", "we have not submitted any application", -1), ("verify", "it was submitted by our municipality", 1),
    ("consent", "i do not agree", -1), ("confirm_place", "they accept the place", 0),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "clause", "sign"), ENGLISH)
def test_english_acts(kind: str, clause: str, sign: int) -> None:
    assert acts.verdict(split(clause), kind) == sign
