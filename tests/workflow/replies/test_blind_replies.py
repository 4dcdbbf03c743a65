"""Replies written without looking at the rules: what is plain is understood, and nothing is read the wrong way.

A plain reply that is asked about again is a nuisance, not a failure; those known are listed, so that one fewer or one
more is seen.
"""

from datetime import date

import pytest

from tests.case_table import each
from tests.workflow.replies import replies_blind, replies_blind_later
from workflow.replies.answers import Answer, AnswerKind, Asked, ReplyContent
from workflow.replies.understand import understand

TODAY = date(2022, 8, 1)
ROSTER = ("Mari Maasikas", "Jüri Tamm", "Kristiina Põld", "Tõnu Saar", "Anne-Liis Kask", "John Miller")
SESSION = date(2022, 4, 12)  # a Tuesday: the first workshop, which an `rsvp` and a `roll_call` are about
REPLIES = (
    *replies_blind.FIRST,
    *replies_blind.SECOND,
    *replies_blind.THIRD,
    *replies_blind.FOURTH,
    *replies_blind_later.FIFTH,
    *replies_blind_later.SIXTH,
    *replies_blind_later.SEVENTH,
    *replies_blind_later.EIGHTH,
)
STILL = (AnswerKind.UNCLEAR, AnswerKind.NONE)

# Plain to a person, and asked again all the same: another session than the one asked about, a wish that may not be an
# answer, a clock time, a substitute, a link instead of the work.
ASKED_AGAIN = frozenset(
    line.strip()
    for line in """
Töö link: https://example.org/kodutoo/sild
Tere! Jah, plaanin tulla.
Mina ei saa tulla, aga Kersti tuleb minu asemel.
Soovime osaleda.
Kinnitan osalemist II töötoas.
Ei, räägin nendega enne.
EI - ootame lepingu ära
Ei, las parandavad enne plaani ära
Jah, see olin mina, kes saatis.
Mari jäi haigeks, Tõnul oli vallavolikogu. Ülejäänud olid kohal.
12/07 2 h; 19/07 2 h
Hi, we'd love to take part, thank you so much!
Jah, minuga on arvestatud õigesti.
Osaleme mõlemad
tunnike
Pass, sorry.
Jah, see taotlus tuli meilt. Loodud meeskond ootab vastust.
Võtame! Aitäh!
Kohal nagu kellavärk :)
""".splitlines()
    if line.strip()
)

# Found by trying to mislead the rules: each of these once moved something, or might have.
MISLEADING = (
    ("confirm_place", "Ülejäänud meeskond kinnitab osalemist"),
    ("confirm_place", "Põlva vald kinnitab, Võru vald ei kinnita"),
    ("confirm_place", "Põlva vald kinnitab osalemist, kogukond veel mõtleb"),
    ("confirm_place", "Jah, Tartus"),
    ("confirm_place", "Jah¶¶Tervitades¶Mari¶Ei tea siiski"),
    ("confirm_place", "Jah¶¶Lugupidamisega¶Mari¶Ootame vallavanema otsust"),
    ("confirm_place", "Jah¶¶Mvh¶Mari¶¶Ei, ikka ei tule"),
    ("confirm_place", "Ei¶¶Tervitades¶Mari¶Tegelikult tuleme"),
    ("confirm_place", "Otsustasime, et ei loobu"),
    ("confirm_place", "Otsustasime, et osaleme, aga hiljem"),
    ("confirm_place", "Oleme nõus osalema teises voorus"),
    ("confirm_place", "Meeskond ei loobu"),
    ("confirm_place", "Meeskond peab loobuma Marist"),
    ("confirm_place", "Thanks for declining"),
    ("confirm_place", "Jah, oleme kursis"),
    ("consent", "Olen teises meeskonnas"),
    ("verify", "Tegu pole eksitusega"),
    ("verify", "Ei. Kogemata kirjutasin ei, õige vastus on jah"),
    ("rsvp", "Kalendris on muu, tulen"),
    ("rsvp", "Jah, Mari ja Jüri tulevad"),
    ("rsvp", "Tulen, Mari ja Jüri"),
    ("roll_call", "Jüri oli"),
    ("roll_call", "Kõik teised"),
    ("roll_call", "Rühm"),
    ("roll_call", "Kõik kohal, aitäh, Jüri puudus"),
    ("roll_call", "Jüri andis ette teada"),
    ("roll_call", "Jüri ei olnud puudu"),
    ("roll_call", "Mari, Jüri - kohal"),
    ("roll_call", "Mari - kohal¶Jüri - puudus"),
    ("roll_call", "kohal - Mari, puudu - Jüri"),
    ("roll_call", "Mari ✓¶Jüri ✗"),
    ("roll_call", "Mari oli, Jüri ei olnud"),
    ("roll_call", "Mari oli kohal ja Jüri ei olnud kohal"),
    ("roll_call", "Jüri puudus¶Mari"),
    ("roll_call", "19.04 puudus Mari"),
    ("roll_call_open", "Töötuba jäi ära"),
    ("roll_call_open", "Enamik puudus"),
    ("hours", "12.07 ja 19.07 2 h"),
    ("hours", "12.07 ja 19.07 mõlemal kokku 2 h"),
    ("hours", "12.07 2 h, 19.07 2 h kokku 3 h"),
    ("hours", "mõlemad 2 h"),
    ("hours_check", "Ei, vaid jah"),
    ("hours_check", "Ei, once more please"),
    ("review", "Töö on olemas"),
    ("review", "Vajab täiendamist, aga sobib"),
    ("review", "Vastab nõuetele osaliselt"),
    ("confirm_place", "Me ei taha kohta ära anda"),
    ("confirm_place", "I pass this on to the mayor"),
    ("confirm_place", "Jah. Kalendris on sel ajal muu asi"),
    ("confirm_place", "Jah :("),
    ("confirm_place", "We would love to accept. Unfortunately we can't."),
    ("rsvp", "Jah, 12. aprillil, mitte 19."),
    ("rsvp", "Tulen 12. ja 19. aprillil"),
    ("rsvp", "Osalen II töötoas"),
    ("rsvp", "Ei tule 19.04"),
    ("homework+file", "See ei ole lõplik"),
    ("approve", "EI - või noh, vaatame veel homme"),
    ("approve", "teeme nii, et ootame"),
    ("approve", "I may approve"),
)


def answer(kind: str, text: str) -> Answer:
    base, _, attached = kind.partition("+")
    names = ROSTER if base == "roll_call" else ()
    asked = Asked(today=TODAY, names=names, listed=base != "hours_unlisted", days=(SESSION,), workshop=1)
    said = ReplyContent(text=text.replace("¶", "\n"), attachments=("plaan.pdf",) if attached else ())
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
    return [_sorted(one) for one in wanted.split("|")]


def _sorted(one: str) -> str:
    return f"names {';'.join(sorted(one.removeprefix('names ').split(';')))}" if one.startswith("names ") else one


@each("kind, text, wanted", REPLIES)
def test_no_reply_is_read_the_wrong_way(kind: str, text: str, wanted: str) -> None:
    found = answer(kind, text)
    assert found.kind in STILL or shown(found) in expected(wanted)


@each("kind, text, wanted", [one for one in REPLIES if "unclear" not in one[2]])
def test_a_plain_reply_is_understood_or_known_to_be_asked_again(kind: str, text: str, wanted: str) -> None:
    assert (shown(answer(kind, text)) in expected(wanted)) is (text not in ASKED_AGAIN)


@each("kind, text", MISLEADING)
def test_a_reply_that_would_mislead_moves_nothing(kind: str, text: str) -> None:
    assert answer(kind, text).kind is AnswerKind.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Jah¶¶Lugupidamisega¶Mari Mets¶Kultuuri- ja spordiosakonna juhataja¶Näidise vald",
        "Jah¶¶Mvh¶Mari Mets¶Tel +372 5555 0103¶Kiri on mõeldud ainult adressaadile. Kui see pole teile, kustutage.",
        "Jah. Tänan! Mari, Mahe Mets MTÜ",
    ],
)
def test_what_stands_below_a_closing_and_says_nothing_takes_nothing_away(text: str) -> None:
    assert answer("confirm_place", text).kind is AnswerKind.YES
