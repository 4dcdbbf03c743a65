"""Replies written without looking at the rules: what is plain is understood, and nothing is read the wrong way.

A plain reply that is asked about again is a nuisance, not a failure; those known are listed, so that one fewer or one
more is seen.
"""

from datetime import date

import pytest

from tests.workflow import replies_blind
from workflow.answers import Answer, AnswerKind, Asked, Said, understand

TODAY = date(2022, 8, 1)
ROSTER = ("Mari Maasikas", "Jüri Tamm", "Kristiina Põld", "Tõnu Saar", "Anne-Liis Kask", "John Miller")
REPLIES = (*replies_blind.FIRST, *replies_blind.SECOND, *replies_blind.THIRD)
STILL = (AnswerKind.UNCLEAR, AnswerKind.NONE)

# Plain to a person, and asked again all the same: a day or a session this reader cannot compare with the question's,
# a wish that may not be an answer, a clock time, a substitute, a link instead of the work.
ASKED_AGAIN = frozenset(
    line.strip()
    for line in """
12.07.2022 kell 10.00-11.30
Töö link: https://example.org/kodutoo/sild
12.07 10:00-11:30 ärimudeli arutelu
Tere! Jah, plaanin tulla.
Mina ei saa tulla, aga Kersti tuleb minu asemel.
Soovime osaleda.
Tere! Ma ei saa 12. aprillil osaleda, sest mul on samal ajal volikogu istung. Edu!
Kinnitan osalemist II töötoas.
12/07 2 h; 19/07 2 h
Sobib, olen käpp.
Jah, me osaleme. Kalendrikutsed said ka kätte.
Jah, olen 12. aprillil kohal.
Hi, we'd love to take part, thank you so much!
I will attend, see you on Tuesday.
Jah, minuga on arvestatud õigesti.
Jah, kõigile sobib.
Jah, kinnitame. Kõik liikmed on kuupäevadega kursis.
Fine by me.
Keegi ei puudunud, aitäh küsimast!
Hello! We are delighted to accept your offer. Best, Anna
Osaleme mõlemad
Olen kursis ja nõus.
Ma ei taha selles programmis osaleda.
Tere päevast! Kõik klapib, meie taotlus.
tunnike
Osalen. Näeme teisipäeval!
Puhkus, 0 h
Meeskond otsustas kohast loobuda.
Pass, sorry.
Jah, see taotlus tuli meilt. Loodud meeskond ootab vastust.
Jah, mul on see kalendris.
Minu poolt arvestatud.
Jah, olen meeskonnas.
Sure, see you then!
All of them were there.
Please take my name off the list.
Jah, kõik olid kohal
I don't want to be part of this.
Yes, correct, I'm on board.
""".splitlines()
    if line.strip()
)


def answer(kind: str, text: str) -> Answer:
    base, _, attached = kind.partition("+")
    asked = Asked(today=TODAY, names=ROSTER if base == "roll_call" else (), listed=base != "hours_unlisted")
    said = Said(text=text.replace("¶", "\n"), attachments=("plaan.pdf",) if attached else ())
    return understand(base.removesuffix("_open").removesuffix("_unlisted"), said, asked)


def shown(found: Answer) -> str:
    """The answer as the lists write it."""
    if found.kind is AnswerKind.NAMES:
        return f"names {';'.join(sorted(found.names))}" if found.names else "yes"
    if found.kind is AnswerKind.HOURS:
        each = (f"{one.minutes}@{one.day}" if one.day else f"{one.minutes}" for one in found.entries)
        return f"hours {';'.join(each) or '0'}"
    return found.kind


def expected(wanted: str) -> list[str]:
    if wanted.startswith("names "):
        return [f"names {';'.join(sorted(wanted.removeprefix('names ').split(';')))}"]
    return wanted.split("|")


@pytest.mark.parametrize(("kind", "text", "wanted"), REPLIES)
def test_no_reply_is_read_the_wrong_way(kind: str, text: str, wanted: str) -> None:
    found = answer(kind, text)
    assert found.kind in STILL or shown(found) in expected(wanted)


@pytest.mark.parametrize(("kind", "text", "wanted"), [one for one in REPLIES if "unclear" not in one[2]])
def test_a_plain_reply_is_understood_or_known_to_be_asked_again(kind: str, text: str, wanted: str) -> None:
    assert (shown(answer(kind, text)) in expected(wanted)) is (text not in ASKED_AGAIN)
