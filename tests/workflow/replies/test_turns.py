"""Turns of an understood answer, over every short body of the lists: what changes nothing, and what leaves it open.

Metamorphic: no single answer is expected here, only that one and its turn agree, or that the turn moves nothing. The
shares stand in docs/mail.md.
"""

from itertools import islice

import pytest

from tests.workflow.replies.test_blind_replies import REPLIES
from tests.workflow.replies.test_voices import UNDERSTOOD, answer, rows
from workflow.replies.answers import AnswerKind
from workflow.replies.lexicon.notation import fold

KINDS = ("verify", "consent", "confirm_place", "rsvp", "hours_check")
EACH = 50  # bodies of a kind, so that the test stays short
SAME = {
    "greeted": "Tere päevast! {}",
    "thanked": "Suur tänu kirja eest! {}",
    "late": "Vabandan hilise vastuse pärast. {}",
    "hurried": "Vastan kiirelt telefonist. {}",
    "until then": "{} Kohtumiseni 12. aprillil!",
    "a good day": "{}¶¶Ilusat päeva!¶Kadri Lepik",
    "an office below": "{}¶¶Lugupidamisega¶Kadri Lepik¶arendusnõunik¶Ei & Jah MTÜ¶+372 5555 0102",
}
OPEN = {
    "if": "Kui kõik õnnestub, siis {}",
    "perhaps": "{} Aga see pole veel kindel.",
    "asked": "{} Kas nii võib?",
    "said by another": "Mart ütles: {}",
    "another day": "{} Aga hoopis 27. aprillil.",
    "for a while": "Esialgu vastan nii: {}",
    "partly": "{} Ainult pooleks päevaks.",
    "somebody else": "{} Minu asemel tuleb Mart.",
    "later": "Homme ütlen, kas {}",
}
OF_ITS_DAYS = {"until then": ("confirm_place", "rsvp")}  # only these questions name that day


def understood() -> list[tuple[str, str, AnswerKind]]:
    """Bodies that are read as yes or no, so many of each kind."""
    listed = [(kind, text) for voice in UNDERSTOOD for kind, _, text in rows(voice)]
    listed += [(kind, text) for kind, text, _ in REPLIES]
    plain = [(kind, text) for kind, text in listed if 0 < len(text) < 70 and "¶" not in text and "[" not in text]
    short = [(kind, text if text[-1] in ".!)" else f"{text}.") for kind, text in plain]
    found = [
        (kind, text, found.kind)
        for kind in KINDS
        for text in islice((text for one, text in short if one == kind), EACH)
        if (found := answer(kind, text)).kind in (AnswerKind.YES, AnswerKind.NO)
    ]
    return found


BODIES = understood()


def test_there_are_many_bodies() -> None:
    assert len(BODIES) > 150


@pytest.mark.parametrize("turn", SAME)
def test_what_changes_nothing_leaves_the_answer(turn: str) -> None:
    """A share, for one word more may stand in the way; the opposite is never read."""
    bodies = [one for one in BODIES if one[0] in OF_ITS_DAYS.get(turn, KINDS)]
    said = [answer(kind, SAME[turn].format(text)).kind for kind, text, _ in bodies]
    opposite = {AnswerKind.YES: AnswerKind.NO, AnswerKind.NO: AnswerKind.YES}
    assert not [b for b, now in zip(bodies, said, strict=True) if now is opposite[b[2]]]
    share = sum(now is one[2] for one, now in zip(bodies, said, strict=True)) / len(bodies)
    assert share >= 0.97, share


def test_letters_without_their_marks_are_the_same() -> None:
    assert not [text for kind, text, was in BODIES if answer(kind, fold(text)).kind is not was]


@pytest.mark.parametrize("turn", OPEN)
def test_what_leaves_it_open_moves_nothing(turn: str) -> None:
    """A yes becomes none; a no may stay one, for why it is said changes nothing."""
    said = [(kind, text, was, answer(kind, OPEN[turn].format(text)).kind) for kind, text, was in BODIES]
    assert not [one for one in said if one[3] is AnswerKind.YES]
