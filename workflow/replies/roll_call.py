"""Parser of attendance in words: who was absent. "Kõik", "kõik peale Diana", "Puudusid Andres Kuusk ja Diana Sepp".

Names are matched to the people expected, through case endings and slips of the pen; a name that fits two of them,
or none, makes the whole reply doubtful. Must never take someone for absent whom the reply does not name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from workflow.replies import clauses, roll_call_table, topics
from workflow.replies.lexicon import common, notation
from workflow.replies.lexicon import doubt as doubt_words
from workflow.replies.lexicon.notation import fold

LONGEST = 300  # words; a roll-call with more is a letter
ENDINGS = notation.words("""
    i e u a t d l s it et ut at id ed ud ad il el ul al ile ele ule ale ilt elt ult alt ist est ust ast is es
    us as iga ega uga aga ita eta uta ata ks ga ta le lt st ni na de te se sse
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Who was absent, spelt as expected; with a fault, only a reading to show."""

    names: tuple[str, ...] = ()
    fault: str = ""


class RollCallPart(StrEnum):
    """What a piece of a roll-call is about."""

    EVERYBODY = "everybody"
    NOBODY = "nobody"
    ABSENT = "absent"
    PRESENT = "present"
    BUT = "but"
    NAMES = "names"
    OTHER = "other"
    EMPTY = "empty"


class DoubtfulRollCall(Exception):
    """Caught in `read`: the reply as a whole is in doubt, why, and what it may have meant."""

    def __init__(self, why: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.names = names


# -- words ---------------------------------------------------------------------------------------------------

ALL = notation.words("whole kõik kõigil kõigi all everyone everybody full terve kogu täies")
OTHERS = notation.words("teised ülejäänud muud muidu others rest ülejäänutest")
GROUP = notation.words("""
    meeskond tiim meeskonna tiimi liikmed osalejad koosseisus koosseis team members participants liikmetest
    attendance inimesed oodatud registreeritud kutsutud rühm rühma grupp grupi rahvas seltskond kamp house
    osalejad group
""")
THERE = notation.words("""
    kohal olemas osalesid osales tulid tuli osalenud tulnud present there attended here came kohalolijad
    kohalolija osalejad osaleja platsis käisid käis esindatud showed turned
""")
AWAY = notation.words("""
    puudus puudusid puudub puuduvad puudunud puuduja puudujat puudujad puudujaid puudumas puudumine puudu absent missing
    missed no-shows no-show ära away puudumised puuduolijad
""")
SICK = notation.words("""
    haige haiged haigestus haigestusid haiguse tõttu haigestumise sick ill unwell puhkusel puhkuse reisil
    reisi tööl tööreisil tööülesannete komandeeringus lähetuses vabandas vabandasid vabandatud teatas teatasid
    põhjusega etteteatatult
    lapsega holiday vacation travelling traveling due illness excused sickness mõjuval
    põhjusel välismaal haigeks
""")
EXCUSES = notation.words("andis andsid teada ette põhjendas helistas")  # beside an absence, never alone
NOT = notation.words("ei pole polnud mitte not no")
NOT_BESIDE = notation.words(
    "up tulnud osalenud olnud jõudnud ilmunud saanud osaleda tulla come attend show up kohale"
)
STAYED = notation.words("jäi jäid tulemata eemale koju")  # jäi tulemata
NOBODY = notation.words("""
    keegi kedagi keda nobody none noone puudujaid puudujat puudujad absentees absences puudumisi
""")
PARTLY = notation.words("""
    asendas asendasid asemel lahkus lahkusid hilines hilinesid hiljem varem veebis zoomis osaliselt algul alguses lõpus
    nali left late later early earlier online partly replaced
""")
BUT = notation.words("peale välja arvatud va väljaarvatud except but ainult ainsana vaid only excluding save for")
LIGHT = common.MANNER | notation.words("""
    päeva ja ning and was were did have has been the a oli olid on see meie oma meil täna eile seekord töötoas
    töötoast seminaril koolitusel kohtumisel nimekirjas nimekirja list tema tänasel eilsel meeskonnast tiimist
    liige liikmed liikmetest kahjuks unfortunately today yesterday workshop at in of to from ka nii kokku
    time this seekord märkisin märkisime üles kirja panin panime marked noted registreerisin
    meeskonnaliikmed all absentees: it is järgmised järgmine need following by session kohalt ise kell väga
    tublid tublisti rõõmsalt ta nad sellest inimene inimest isik liiget osaleja osalejat
    person people member participant ühtegi ühtki
""")
HOW_MANY = notation.words("""
    paar mõni mõned mitu mitmed enamik enamus osa pool palju keegi several few some most many
""")
COUNTS = {
    "uks": 1, "kaks": 2, "kolm": 3, "neli": 4, "viis": 5, "kuus": 6, "seitse": 7, "kaheksa": 8,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
}  # fmt: skip
VERBS = THERE | AWAY | SICK | notation.words("ei polnud not tulemata")
STRUCTURE = EXCUSES | ALL | OTHERS | GROUP | THERE | AWAY | SICK | NOT | NOT_BESIDE | STAYED | NOBODY | BUT | LIGHT
PRAISE = re.compile(
    r"\b(tore|tubli\w*|aktiiv\w*|hea|super|vahva|sujus|onnestus|laks hasti|great|good|nice|well|active|room\w*|"
    r"asjali\w*)\b"
)
ABBREVIATED = (
    (re.compile(r"\bv\. ?a\.?(?=\W|$)", re.IGNORECASE), "va"),
    (re.compile(r"\btäiskoosseis(us)?\b", re.IGNORECASE), "täies koosseisus"),
    (re.compile(r"\b100 ?%"), "kõik"),
    (re.compile(r"^\s*(jah|jaa|yes)\b[,.!]?\s+(?=(kõik|koik|all|everyone|everybody)\b)", re.IGNORECASE), ""),
    (re.compile(r"\b(all|everyone|everybody) of (them|us|you)\b", re.IGNORECASE), "all"),
    (re.compile(r"\b(apart from)\b", re.IGNORECASE), "except"),
    (
        re.compile(  # why: "…, kes andis ette teada", "…, sest oli haige"
            r",? (kes|who|sest|kuna|because)( ta| he| she)? "
            r"(?=(andis|teatas|vabandas|haigestus|(oli|on|jäi|was|is) (haige|haigeks|puhkusel|sick|ill)|called|let)\b)"
        ),
        " ",
    ),
    (re.compile(r"\bno one\b", re.IGNORECASE), "nobody"),
    (re.compile(r"\bfull house\b", re.IGNORECASE), "all present"),
    (re.compile(r"\bmade it\b", re.IGNORECASE), "came"),
    (re.compile(r"\bmake it\b", re.IGNORECASE), "come"),
    (re.compile(r"\b(?:herr|frau|mister|mr|mrs|ms|härra|proua|preili|hr|pr)\b\.? (?=[A-ZÕÄÖÜŠŽ])"), ""),
    (re.compile(r"\bno sign of\b", re.IGNORECASE), "absent:"),
    (re.compile(r"\bei olnud näha\b|\bei olnud kusagil\b", re.IGNORECASE), "puudus"),
    (re.compile(r"\bfull attendance\b", re.IGNORECASE), "all present"),
    (
        re.compile(
            r"\b(algusest lõpuni|lõpuni|terve(?:ks)? päeva(?:ks)?|kogu päeva|hommikust õhtuni|"
            r"from (?:start|beginning) to (?:finish|end)|until the (?:very )?end|"
            r"(?:for )?the (?:whole|entire) (?:day|session|time))\b",
            re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"\b(terve|kogu) (\w+) oli koos\b", re.IGNORECASE), r"\1 \2 oli kohal"),
    (re.compile(r"\s(?:ja|ning) teda (?:ei olnud|polnud)(?: kohal)?(?=\s*(?:[.,;\n]|$))", re.IGNORECASE), ""),
    (
        re.compile(  # why: ", tal oli hambaarst"
            r", (?:tal|ta|tema|he|she) (?:oli|on|jäi|was|had|has)\b"
            r"(?!.*\b(?:kohal|hil\w*|osa\w*|alg\w*|lõp\w*|there|late|left|veebi\w*|asem\w*))[^.,;?\n]{1,40}(?=[.,;\n]|$)",
            re.IGNORECASE,
        ),
        "",
    ),
    (re.compile(r"\b(all|everyone|everybody) else\b", re.IGNORECASE), "others"),
    (re.compile(r"\ball present and correct\b", re.IGNORECASE), "all present"),
    (re.compile(r"n't\b", re.IGNORECASE), " not"),
    (re.compile(r"\bcould not\b", re.IGNORECASE), "did not"),
    (re.compile(r"\b([^\W\d_])\.(?=\s)"), r"\1"),  # an initial
)

# -- names ---------------------------------------------------------------------------------------------------


EXACT, ENDED, MISTYPED, NO_MATCH = 0, 1, 2, 9


def _fits(said: str, name: str) -> int:
    """How well one word of a reply fits one word of a name: EXACT is best."""
    if said == name:
        return EXACT
    if len(name) == 1 or len(said) == 1:
        return ENDED if said[0] == name[0] and len(said) == 1 else NO_MATCH
    if _inflected(said, name):
        return ENDED
    most = 0 if min(len(name), len(said)) < 4 else 1 if len(name) < 8 else 2
    bare = [said, *(said[: -len(end)] for end in ENDINGS if said.endswith(end) and len(said) - len(end) >= 4)]
    near = most and said[:1] == name[:1] and min(clauses.distance(one, name, most) for one in bare) <= most
    swapped = most and clauses.distance(said, name, 1) <= 1
    return MISTYPED if near or swapped else NO_MATCH


# Strong and weak grade of a stem's end: Kuusk and Kuuse, Sepp and Sepa, Põld and Põllu.
WEAK = {"sk": "s", "pp": "p", "kk": "k", "tt": "t", "rd": "r", "rg": "r", "ld": "ll", "nd": "nn", "rk": "rg", "lg": "l"}


def _inflected(said: str, name: str) -> bool:
    """Dianat, Birgitil, Andrese, Toomast; Kuuse and Kuuske of Kuusk; Sepa of Sepp."""
    stems = {name, name[:-1] if name.endswith("s") else name, name[:-1] if name[-1] == name[-2:-1] else name}
    if any(said.startswith(stem) and said[len(stem) :] in ENDINGS | {""} for stem in stems if len(stem) > 1):
        return True
    for strong, soft in WEAK.items():
        if name.endswith(strong) and said.startswith(stem := name[: -len(strong)] + soft):
            return said[len(stem) :] in ENDINGS
    return name.endswith("i") and said.startswith(name[:-1] + "e") and said[len(name) :] in ENDINGS | {""}


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[\s\-]+", fold(name)) if part)


def _fit(said: tuple[str, ...], name: tuple[str, ...]) -> int:
    """How well the words fit a whole name: each must fit another part of it; the worst counts, more words help."""
    joined = (_fit_parts(said, (*name[:at], name[at] + name[at + 1], *name[at + 2 :])) for at in range(len(name) - 1))
    return min(_fit_parts(said, name), *(fit for fit in joined if fit <= ENDED), NO_MATCH)  # "Anneliis" for Anne-Liis


def _fit_parts(said: tuple[str, ...], name: tuple[str, ...]) -> int:
    if len(said) == 1:
        best = min(_fits(said[0], part) for part in name)
        return best if len(said[0]) > 1 else NO_MATCH
    left, worst = list(name), EXACT
    for word in said:
        best, at = min(((_fits(word, part), n) for n, part in enumerate(left)), default=(NO_MATCH, 0))
        if best == NO_MATCH:
            return NO_MATCH
        worst = max(worst, best)
        left.pop(at)
    return worst


def person(said: tuple[str, ...], roster: tuple[str, ...]) -> str:
    """The one expected person the words name."""
    fits = {name: _fit(said, _parts(name)) for name in roster}
    best = min(fits.values(), default=NO_MATCH)
    if best == NO_MATCH:
        raise DoubtfulRollCall(f"not expected: {' '.join(said)[:60]}")
    close = [name for name, fit in fits.items() if fit <= max(best, ENDED) and fit != NO_MATCH]
    if len(said) > 1 and best == EXACT:
        close = [name for name, fit in fits.items() if fit == EXACT]
    if len(close) != 1 or roster.count(close[0]) > 1:
        raise DoubtfulRollCall(f"may be two people: {' '.join(said)[:60]}")
    return close[0]


GONE = AWAY | SICK | STAYED | {"stayed"}

# -- pieces --------------------------------------------------------------------------------------------------

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?|[0-9]+")
APART = re.compile(r"[,;\n&:()]+|\s-+\s|\s(?:ja|ning|and)\s|\s\+\s|[.!](?:\s|$)|/", re.IGNORECASE)
SENTENCES = re.compile(r"[;\n]|[.!](?:\s|$)|(?<!\bva)\s-\s")


def _words(text: str) -> list[str]:
    return [found.rstrip(".") for found in WORD.findall(text)]


def _named(piece: str, roster: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The names in a sentence: runs of words that belong to no table, parted by commas and "ja"."""
    names: list[tuple[str, ...]] = []
    for chunk in APART.split(piece):
        if _words(chunk) and clauses.polite(clauses.split(chunk) or ("",)):
            continue
        run: list[str] = []
        told = False  # "Mari jäi koju vasikat ootama": what follows name and verb is why
        for word in [*_words(chunk), ""]:
            if word and (fold(word) not in STRUCTURE or _expected(word, roster)):
                run.append(word)
                continue
            if run and not (told and _is_why(run, roster)):
                names.append(tuple(run))
            run = []
            told |= bool(names) and fold(word) in GONE
    return names


def _is_why(run: list[str], roster: tuple[str, ...]) -> bool:
    """Whether several words in small letters name nobody expected and limit nothing."""
    small = len(run) > 1 and all(word.islower() and not topics.LIMITS.has(fold(word)) for word in run)
    return small and bool(roster) and not _names_somebody({fold(one) for one in run}, roster)


def _expected(word: str, roster: tuple[str, ...]) -> bool:
    """A member called as a word of the tables is: "Vaid", "Kell"."""
    return word[0].isupper() and any(fold(word) == part for name in roster for part in _parts(name))


def _resolve(names: Iterable[tuple[str, ...]], roster: tuple[str, ...], sure: bool) -> tuple[str, ...]:
    found: list[str] = []
    for words in names:
        if roster:
            found.extend(_people(words, roster))
        elif not _looks_like_a_name(words, sure):
            raise DoubtfulRollCall(f"no name: {' '.join(words)[:60]}")
        else:
            found.append(" ".join(words))
    return tuple(dict.fromkeys(found))


def _people(words: tuple[str, ...], roster: tuple[str, ...]) -> list[str]:
    folded = tuple(part for word in words for part in _parts(word))
    try:
        return [person(folded, roster)]
    except DoubtfulRollCall:
        if len(folded) not in (2, 4):
            raise
    if len(folded) == 2 and not all(any(_fits(word, _parts(name)[0]) <= ENDED for name in roster) for word in folded):
        raise DoubtfulRollCall(f"not expected: {' '.join(words)[:60]}")
    half = len(folded) // 2  # names in a row without a comma
    return [person(folded[:half], roster), person(folded[half:], roster)]


def _looks_like_a_name(words: tuple[str, ...], sure: bool) -> bool:
    """Without people to compare with: capitals, no word of the tables, and a first name or a word of absence."""
    if (
        len(words) > 3
        or (HOW_MANY | roll_call_table.EVENTS) & {fold(word) for word in words}
        or any(not _free(word) or word.isdecimal() for word in words)
    ):
        return False
    if fold(words[0]).split("-")[0] in common.FIRST_NAMES:
        return len(words) == 1 or all(word[0].isupper() for word in words[1:]) or words[0][0].islower()
    return all(word[0].isupper() for word in words) and (len(words) > 1 or sure)


def _free(word: str) -> bool:
    """No word of the tables; a first name is one all the same ("Jaan", folded like "jään")."""
    return fold(word) not in common.KNOWN or (word[0].isupper() and fold(word) in common.FIRST_NAMES)


# -- the reply -----------------------------------------------------------------------------------------------


def read(text: str, roster: tuple[str, ...]) -> Absent:
    """Who was absent by a reply, its greeting and closing cut off; with a fault where any part is in doubt."""
    roster = tuple(name for name in roster if _parts(name))
    try:
        return Absent(names=_absent(text, roster))
    except DoubtfulRollCall as doubt:
        return Absent(names=doubt.names, fault=str(doubt))


def _absent(text: str, roster: tuple[str, ...]) -> tuple[str, ...]:
    text = _without_reasons(text, roster)
    for pattern, full in ABBREVIATED:
        text = pattern.sub(full, text)
    if "?" in text:
        raise DoubtfulRollCall("a question back")
    text = roll_call_table.in_words(_unthanked(text))
    if roll_call_table.TICKS.search(text):
        raise DoubtfulRollCall("a sign between the names")
    if len(_words(text)) > LONGEST:
        raise DoubtfulRollCall("too long for a roll-call")
    present: list[str] = []
    absent: list[str] = []
    everybody = whole = others = bare = spoken = thanked = False
    heading: RollCallPart | None = None
    pieces = _pieces(BULLET.sub("", text))
    for at, piece in enumerate(pieces):
        if everybody and at == len(pieces) - 1 and _signs(piece, roster):
            break
        part, names = _judge(piece, roster, heading)
        heading = part if part in (RollCallPart.ABSENT, RollCallPart.PRESENT) and (not names or heading) else None
        heard = {fold(word) for word in _words(piece)}
        thanked |= bool(common.THANKS & heard)
        if thanked and part is RollCallPart.NAMES and at == len(pieces) - 1:
            raise DoubtfulRollCall("a name below thanks may be the writer's", names)
        others |= part is RollCallPart.EVERYBODY and bool(OTHERS & heard)
        whole |= part is RollCallPart.EVERYBODY and not OTHERS & heard
        if (everybody and part is RollCallPart.NAMES) or (
            whole and part is RollCallPart.ABSENT and names and not BUT & heard
        ):
            raise DoubtfulRollCall("everybody, and a name", names)
        bare |= part is RollCallPart.NAMES
        spoken |= bool(names) and part in (RollCallPart.ABSENT, RollCallPart.PRESENT) and heading is None
        if bare and spoken:
            raise DoubtfulRollCall("a name without its verb", names)
        everybody |= part in (RollCallPart.EVERYBODY, RollCallPart.NOBODY, RollCallPart.BUT)
        (present if part is RollCallPart.PRESENT else absent).extend(names)
    if others and not whole and not absent:
        raise DoubtfulRollCall("the others, and nobody else")
    return _reckon(tuple(dict.fromkeys(present)), tuple(dict.fromkeys(absent)), everybody, roster)


WHY = re.compile(
    r",? (?:kes|sest|kuna|tal|temal|ta|tema|neil|nad|mõlemal|mõlemad|mõlema|nende|who|because|since|as|due to|"
    r"he|she|they|both|his|her|their)\b(?P<said>[^.;!?\n]*)",
    re.IGNORECASE,
)


def _without_reasons(text: str, roster: tuple[str, ...]) -> str:
    """Without why somebody was absent ("…, kes teatas ette, et on istungil"): it may be told in any words that name
    nobody expected and speak of nobody's coming."""
    if not roster:
        return text

    def kept(found: re.Match[str]) -> str:
        heard = {fold(word) for word in _words(found["said"])}
        before = {fold(word) for word in _words(re.split(r"[.;!?\n]", text[: found.start()])[-1])}
        told = heard & (COMING | PARTLY | OTHERS | ALL | BUT) or _names_somebody(heard, roster)
        why = heard and not told and before & GONE and _names_somebody(before, roster)
        return "" if why else found[0]

    return WHY.sub(kept, text)


COMING = THERE - notation.words("present here there esindatud") | notation.words("jõudis jõudsid ilmus ilmusid osa")


def _names_somebody(heard: set[str], roster: tuple[str, ...]) -> bool:
    parts = {part for name in roster for part in _parts(name)}
    return any(_fits(word, part) <= ENDED for word in heard for part in parts if len(word) > 2)


def _is_aside(piece: str, roster: tuple[str, ...]) -> bool:
    """Whether a sentence names nobody expected, nobody else, and says nothing of presence: "Lisan pildid homme"."""
    said = _words(piece)
    heard = {fold(word) for word in said}
    of_people = STRUCTURE - LIGHT - EXCUSES - BUT - OTHERS
    spoken = heard & (of_people | PARTLY | HOW_MANY | doubt_words.DOUBT - BUT - {"muidu"} | common.NEGATIONS)
    named = any(word[0].isupper() for word in said[1:]) or heard & common.FIRST_NAMES
    told = spoken or named or any(map(str.isdecimal, heard)) or _names_somebody(heard, roster)
    return bool(roster) and len(said) > 1 and not told


def _unthanked(text: str) -> str:
    """Without thanks as the last words after a comma: "keegi ei puudunud, aitäh küsimast"."""
    before, comma, last = text.rpartition(",")
    heard = clauses.split(last)
    return before if comma and heard and clauses.polite(heard) else text


BULLET = re.compile(r"^(?:[*•-]|[0-9]{1,2}[.)]) +(?=\D)", re.MULTILINE)


def _signs(piece: str, roster: tuple[str, ...]) -> bool:
    """The writer's own name below "kõik": up to three names, none of anybody expected."""
    names = _words(piece)
    expected = any(_fits(fold(word), part) != NO_MATCH for word in names for name in roster for part in _parts(name))
    return len(names) <= 3 and not expected and all(map(common.like_name, names))


def _pieces(text: str) -> list[str]:
    """Sentences, and within them the halves that speak of somebody else."""
    return [half for piece in SENTENCES.split(text) for half in _halves(piece) if _words(half)]


def _halves(sentence: str) -> list[str]:
    """ "Birgit ja Carl olid kohal, Diana puudus": one half a verb, each with its names."""
    parts = _rejoined([part for part in re.split(r",(?=\s)", sentence) if _words(part)])
    parts = [half for part in parts for half in _each_with_a_verb(part)]
    spoken = [bool(VERBS & {fold(word) for word in _words(part)} or PRAISE.search(fold(part))) for part in parts]
    if sum(spoken) < 2:
        return [sentence]
    if not spoken[0]:
        return _before_verbs(parts, spoken)
    pieces: list[str] = []
    for part, verb in zip(parts, spoken, strict=True):
        if verb:
            pieces.append(part)
        else:
            pieces[-1] += "," + part
    return pieces


def _each_with_a_verb(part: str) -> list[str]:
    """ "Mari oli kohal ja Jüri puudus" is two halves; "Mari ja Jüri puudusid" is one."""
    halves = re.split(r"\s(?:ja|ning|and)\s", part)
    spoken = [VERBS & {fold(word) for word in _words(half)} or PRAISE.search(fold(half)) for half in halves]
    return halves if len(halves) > 1 and all(spoken) else [part]


def _rejoined(parts: list[str]) -> list[str]:
    """ "Kõik, välja arvatud Diana" is one half, not two."""
    whole: list[str] = []
    for part in parts:
        if whole and BUT & {fold(word) for word in _words(part)} - {"ainult", "only"}:
            whole[-1] += "," + part
        else:
            whole.append(part)
    return whole


def _before_verbs(parts: list[str], spoken: list[bool]) -> list[str]:
    """Names stand before their verb; names after the last verb belong to nobody knows which."""
    if not spoken[-1]:
        raise DoubtfulRollCall("whose verb is it")
    pieces: list[str] = []
    waiting = ""
    for part, verb in zip(parts, spoken, strict=True):
        waiting += part + ("" if verb else ",")
        if verb:
            pieces, waiting = [*pieces, waiting], ""
    return pieces


def _reckon(
    present: tuple[str, ...], absent: tuple[str, ...], everybody: bool, roster: tuple[str, ...]
) -> tuple[str, ...]:
    """The absent, where those said to be present leave no doubt."""
    if set(present) & set(absent):
        raise DoubtfulRollCall("present and absent")
    if present and not everybody and set(present) | set(absent) != set(roster):
        raise DoubtfulRollCall("only those present are named", tuple(name for name in roster if name not in present))
    if not present and not absent and not everybody:
        raise DoubtfulRollCall("nobody is named")
    return tuple(name for name in roster if name in absent) if roster else absent


def _spelt_out(piece: str, roster: tuple[str, ...]) -> set[str]:
    """The words of whole names of people expected, as they stand there: Ülle Aru is no doubt ("aru")."""
    heard = f" {' '.join(fold(word) for word in _words(piece))} "
    whole = (parts for name in roster if len(parts := _parts(name)) > 1 and f" {' '.join(parts)} " in heard)
    return {part for parts in whole for part in parts}


def _judge(piece: str, roster: tuple[str, ...], heading: RollCallPart | None) -> tuple[RollCallPart, tuple[str, ...]]:
    """What a sentence says, and of whom."""
    heard = {fold(word) for word in _words(piece)}
    if clauses.polite(clauses.split(piece)) or (not heading and _is_aside(piece, roster)):
        return RollCallPart.EMPTY, ()
    if doubts := heard & (doubt_words.DOUBT - STRUCTURE) - _spelt_out(piece, roster):
        raise DoubtfulRollCall(f"in doubt: {min(doubts)}")
    raw = _named(piece, roster)
    counts = [_number(word) for one in raw for word in one if _count(word)]
    named = [tuple(word for word in one if not _count(word)) for one in raw]
    named = [one for one in named if one]
    part = _part(heard, bool(named), heading)
    if part is RollCallPart.NAMES and PRAISE.search(fold(piece)):
        return _beside(piece, named, roster)
    if part is RollCallPart.OTHER or (part in (RollCallPart.EVERYBODY, RollCallPart.NOBODY) and named):
        return _beside(piece, named, roster)
    names = _resolve(named, roster, sure=part is not RollCallPart.NAMES)
    _counted(counts, part, names, roster)
    return part, names


def _count(word: str) -> bool:
    return (word.isdecimal() and len(word) < 4) or fold(word) in COUNTS


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else COUNTS[fold(word)]


def _counted(counts: list[int], part: RollCallPart, names: tuple[str, ...], roster: tuple[str, ...]) -> None:
    """A number said must be the number of those named, or of all expected."""
    right = len(roster) if part is RollCallPart.EVERYBODY else len(names)
    if counts and (len(counts) > 1 or (counts[0] != right and (roster or part is not RollCallPart.EVERYBODY))):
        raise DoubtfulRollCall("a number that does not fit")


def _part(heard: set[str], named: bool, heading: RollCallPart | None) -> RollCallPart:
    denied, away, there = heard & NOT, heard & (AWAY | SICK | STAYED), heard & THERE
    if heard & BUT and named:
        plain = (heard & ALL and not denied and not heard & AWAY) or (heard & NOBODY and denied and heard & AWAY)
        only = heard & notation.words("ainult vaid only ainsana") and (away or denied) and not heard & ALL
        return RollCallPart.BUT if plain else RollCallPart.ABSENT if only else RollCallPart.OTHER
    grouped = heard & (ALL | OTHERS) or (heard & GROUP and there)
    if grouped and not named:
        return RollCallPart.OTHER if denied or away else RollCallPart.EVERYBODY
    if heard <= HEADINGS and not named:
        return RollCallPart.ABSENT
    if heard & NOBODY and not named:
        said = denied or heard & notation.words("nobody none noone")
        return RollCallPart.NOBODY if said and _about_absence(heard) else RollCallPart.OTHER
    if denied and heard & AWAY and not named:
        return RollCallPart.NOBODY if heard & NOBODY else RollCallPart.OTHER
    if denied:
        return (
            RollCallPart.ABSENT
            if named and not away and (heard & (NOT_BESIDE | {"polnud"}) or there)
            else RollCallPart.OTHER
        )
    if away:
        return RollCallPart.ABSENT if not there else RollCallPart.OTHER
    if heard & OTHERS:
        return RollCallPart.OTHER
    if there:
        return RollCallPart.PRESENT if named else heading_of(there)
    if named and (heard & EXCUSES or (heard & WERE and not heading and not heard & (NOBODY | HEADINGS - WERE))):
        return RollCallPart.OTHER
    if named and heard & GROUP and not heading:
        return RollCallPart.OTHER  # "Liikmed: Mari, Jüri": a list of whom?
    return heading or RollCallPart.NAMES if named else RollCallPart.EMPTY


WERE = notation.words("oli olid was were")
HEADINGS = notation.words("puudujad puuduja puudusid puudus puudu absentees absent missing olid oli")


def _about_absence(heard: set[str]) -> bool:
    return bool(heard & (AWAY | NOBODY - notation.words("keegi kedagi keda nobody none noone")))


def heading_of(there: set[str]) -> RollCallPart:
    """ "Kohal:" above a list."""
    return RollCallPart.PRESENT if there else RollCallPart.EMPTY


def _beside(piece: str, named: list[tuple[str, ...]], roster: tuple[str, ...]) -> tuple[RollCallPart, tuple[str, ...]]:
    """A sentence about the day rather than about people does no harm; any other is a doubt."""
    heard = clauses.split(piece)
    plain = " ".join(heard)
    about_people = _names_somebody(set(heard), roster)
    spoils = common.NEGATIONS | AWAY | NOT | doubt_words.DOUBT | PARTLY
    harmful = about_people or spoils & set(heard) or re.search(r"\d", plain)
    if PRAISE.search(plain) and not harmful:
        return RollCallPart.EMPTY, ()
    raise DoubtfulRollCall(f"not about absence alone: {piece.strip()[:80]}")
