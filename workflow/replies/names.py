"""Recognises the names of teams and organisations in a reply, and the line a writer signs with.

"Meeskond Sild kinnitab" and "Põlva vald kinnitab" say what "meeskond kinnitab" says. A name is known by its capital
letter and by the word beside it; must never take away a word that some table knows.
"""

import re

from workflow.replies.lexicon import common
from workflow.replies.lexicon.notation import WORD, fold, words

# Words an organisation's name begins or ends with.
LEGAL = words("mtü oü sa fie tü ngo ltd llc npo")
BODIES = words("""
    vald vallavalitsus vallavalitsuse linnavalitsus linnavalitsuse linn osavald osavallavalitsus omavalitsus
    selts külaselts seltsing ühing liit
    rahvamaja raamatukogu kool põhikool gümnaasium lasteaed muuseum keskus noortekeskus arenduskeskus päevakeskus
    sihtasutus kogukond municipality association council society village foundation library
""")
OWNERS = words("valla linna küla alevi osavalla kogukonna seltsi maakonna")
TITLES = words("""
    kantselei osakonna talituse büroo teenistuse projektijuht juhataja vallavanem
    abivallavanem asevallavanem linnapea abilinnapea spetsialist arendusspetsialist
    peaspetsialist arendusjuht tegevjuht juht nõunik arendusnõunik esimees esinaine juhatuse liige mentor koolitaja
    kontaktisik kontakt koordinaator vallasekretär asetäitja vabatahtlik noorsootöötaja manager coordinator chair
    chairman mayor director lead officer trainer adviser project deputy
""")
NEVER_A_NAME = words("ülejäänud enamus enamik keegi keegist rest most kõik mitte ainult")
CAPITAL = r"\b(?-i:[A-ZÕÄÖÜŠŽ])[^\W_]{0,40}(?:[-+&'][^\W_]{0,40}){0,3}"
CALLED = rf"(?:[„“\"«'][^„“”\"»'\n]{{1,40}}[“”\"»']|{CAPITAL}(?:\s{CAPITAL}){{0,3}})"
NAMED_AFTER = re.compile(
    rf"\b(?P<of>meeskon(?:d|na|nalt)|tiimi?|tiimilt|team|{'|'.join(sorted(LEGAL))})\s+(?P<name>{CALLED})",
    re.IGNORECASE,
)
NAMED_BEFORE = re.compile(
    rf"(?P<name>{CAPITAL}(?:\s{CAPITAL}){{0,3}}(?:\s(?:{'|'.join(sorted(OWNERS))}))?)\s+"
    rf"(?P<of>meeskon(?:d|na)|tiimi?|team|{'|'.join(sorted(LEGAL | BODIES))})\b",
    re.IGNORECASE,
)
TEAM_WORD = re.compile(r"meeskon|tiim|team", re.IGNORECASE)


def unnamed(text: str) -> str:
    """The text with its named teams and organisations called just that; a shout in capitals stays as it is."""
    if text.isupper():
        return text
    return NAMED_BEFORE.sub(_before, NAMED_AFTER.sub(_after, text))


_TEAM_CALLED = re.compile(
    r"(?<![^\W\d_])(?:meeskon(?:d|na|nalt)|tiimi?|team)\s+(?P<name>(?-i:[A-ZÕÄÖÜŠŽ])[^\W\d_]+)", re.IGNORECASE
)


def team_named(text: str) -> str:
    """The name of a team that the text calls by it: "meeskonna Vilinurme koht". Empty where it names none."""
    found = (one["name"] for one in _TEAM_CALLED.finditer(text) if not text.isupper())
    return next((name for name in found if _is_name(name)), "")


def _after(found: re.Match[str]) -> str:
    kept = found["of"] if TEAM_WORD.match(found["of"]) else "meeskond"
    name = found["name"]
    if not name[0].isalpha():
        return kept
    taken = _proper(name.split())
    left = name.split()[len(taken) :]
    return " ".join([kept, *left]) if taken else found[0]


def _proper(names: list[str]) -> list[str]:
    """The first of these words up to one that may be more than a name."""
    taken: list[str] = []
    for name in names:
        if not _is_name(name):
            break
        taken.append(name)
    return taken


def _is_name(word: str) -> bool:
    low = fold(word).rstrip("+")
    return low not in common.KNOWN | NEVER_A_NAME and low not in common.FIRST_NAMES


def _before(found: re.Match[str]) -> str:
    names = [one for one in found["name"].split() if fold(one) not in OWNERS]
    taken = _proper(names[::-1])[::-1]
    team = bool(TEAM_WORD.match(found["of"]))
    opens = not found.string[: found.start()].strip() or found.string[: found.start()].rstrip()[-1] in ".!?\n"
    if not taken or (team and len(taken) == 1 and len(names) == 1 and opens):  # "Ülejäänud meeskond"
        return found[0]
    return " ".join([*names[: len(names) - len(taken)], found["of"] if team else "meeskond"])


SIGNED_WORDS = 8


def of_a_legal_body(line: str) -> bool:
    """A name with its legal form, whatever its words: "Jah & Pojad OÜ"; only where nothing but a signature stands."""
    said = WORD.findall(line)
    legal = bool({fold(one) for one in (*said[:1], *said[-1:])} & LEGAL)
    return legal and 1 < len(said) <= SIGNED_WORDS and not any(map(str.islower, said))


def signs(raw: str) -> bool:
    """Only a name, an organisation or a title, as people write below or after their answer."""
    said = WORD.findall(raw)
    if not said or len(said) > SIGNED_WORDS:
        return False
    placed = LEGAL | BODIES | OWNERS | TITLES
    ends = fold(said[-1]) in LEGAL | BODIES | TITLES or fold(said[0]) in LEGAL
    return ends and all(fold(word) in placed or _may_sign(word, legal=bool(_low(said) & LEGAL)) for word in said)


def _low(said: list[str]) -> set[str]:
    return {fold(word) for word in said}


def _may_sign(word: str, legal: bool) -> bool:
    """A capital; a word some table knows only in the name of a legal body ("Hea Kodu MTÜ")."""
    harmless = legal and fold(word) not in common.NEGATIONS | common.BARE_YES | NEVER_A_NAME
    return word[0].isupper() and (harmless or common.like_name(word))
