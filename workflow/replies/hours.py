"""Parser of reported hours: "2,5", "2 h 30 min", "12.07 1,5 h; 19.07 45 min koosloome", "poolteist tundi".

Every figure in a reply must find its place as a day or a length of time; one left over, a range, an "about", a
day that cannot be or comes later than the letter makes the whole reply doubtful. Must never round or repair.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from workflow.replies import clauses, durations, occasion, topics
from workflow.replies.answers import Asked, HoursEntry
from workflow.replies.durations import DAY, LARGEST_BARE, NUMBERS, DoubtfulHours, Is, Token
from workflow.replies.lexicon import common, notation
from workflow.replies.lexicon import doubt as doubt_words
from workflow.replies.lexicon.notation import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What was read; with a fault, `entries` are only a reading to show."""

    entries: tuple[HoursEntry, ...] = ()
    fault: str = ""


# -- words ---------------------------------------------------------------------------------------------------

DOUBT = notation.words("""
    ringis ringi kandis jagu tunnike tunnikese paari napp hea good short päeva päev päevad nädalat days day weeks
    umbes ca circa ligi ligikaudu ligikaudselt kuni üle alla vähemalt rohkem vähem natuke peaaegu pea paar
    mõni mõned mitu miinimum maksimum maksimaalselt minimaalselt orienteeruvalt jäänud alles jääb jäi limiit
    puudu juurde veel lisaks soovin soovime taotlen taotleme vajan vajame vaja plaanis
    tuleb tulevad hakkab homme ülehomme järgmine järgmisel järgmised iga igal nädalas päevas kuus
    aasta aastal sõiduaeg sõiduaega sõitu
    korda kaupa á à vahel eksisin vale viga õige õiged tegelik asemel
    ära esialgne eeldatav kell alates sõit sõidu lisatasu eelmine
    tunniks jooksul around about approximately approx roughly almost nearly over under up least most more less
    couple few several some left remaining will going need want tomorrow next each every per
    daily weekly times x between wrong right correct correction from until till additional extra
    drive driving travel
""")
# Not given, or not to this team: by stem, so that no form of them is missed.
NOT_GIVEN = re.compile(
    r"\b(plaan|planeeri|broneeri|kavanda|kavatse|tuhista|plan|book|reserv|schedul|cancel|postpon)\w*"
)
ANOTHER_TEAM = re.compile(
    r"\b(teis(e|te|ele|tele|ega|tega)|muu(de)?|naabri\w*|(an)?other|different) (\w+ )?(meeskon|tiimi|team)\w*"
)
MEETINGS = notation.words(
    "kohtumist kohtumine kohtumised korda koosolekut nõustamist vestlust meetings meeting sessions calls"
)
BEFORE = notation.words("""
    minu tunnid
    arv mentor mentorin mentoreerisin mentordasin mentorlus mentorlust mentortunnid mentortunde nõustasin
    nõustasime nõustamine nõustamist nõustamisi nõustamised nõustamise kohtumine kohtumised kohtumist
    kohtumisi kohtumiste kohtusime kohtusin koosolek veebikohtumine telefonis teamsis zoomis tunnid tunde aeg
    aega ajakulu oli olid toimus toimusid tegin tegime kulus läks kestis kokku kestus maht sel selle sellel
    korra ühel once
    eelmisel möödunud kuu kuul kuus-kuul nädal nädalal perioodil panen pane kirja kirjuta kirjutage palun
    arvestus aruanne panustasin meeskonda tiimi tiimiga meeskonnaga
    tiimile meeskonnale nendega neile sai said olnud vestlus
    vestlused vastus tuli töö töötasin töötasime arutelu üks ühe mentoring mentored meeting meetings met had
    was were spent worked took total hours time this last past month log logged put down session sessions sum
    july june august call calls one phone chat videokõne telefonikõne kõne zoom teams
    altogether in all report advised coached we
""")
WEEKDAYS = notation.words("""
    esmaspäeval teisipäeval kolmapäeval neljapäeval reedel laupäeval pühapäeval monday tuesday wednesday thursday friday
    saturday sunday
""")
TOTAL = notation.words("kokku total summa sum altogether")
EACH = notation.words("kummalgi kumbki mõlemal mõlemad mõlemas each both")
MONTH_WORD = re.compile(durations.MONTH)
NOTHING = notation.phrases("""
    ei|polnud|pole tundi|kohtumist ühtegi
    ei|polnud|pole kohtumisi|kohtumist|tunde|midagi|nõustamisi|ühtegi
    ei|pole saanud kokku
    nil
    ei kohtunud|toimunud|olnud|nõustanud|kohtumisi|tunde
    kohtumisi|tunde|nõustamisi polnud|pole|puudusid
    mitte ühtegi|midagi|ühtki
    jäid kohtumised|tunnid ära
    no meetings|meeting|hours|sessions|calls
    not meet|met
    not any|have meetings|hours
    none
    nothing
    zero hours
    nada
""")
NOTHING_BESIDE = notation.words("""
    olnud ühtegi ühtki kohtumist kohtumisi mentorkohtumisi mentorkohtumist tunde toimunud sel selle eelmisel
    möödunud kuul kuu jooksul meil mul teinud tehtud kohtunud tiimiga meeskonnaga nendega did do have had any
    meetings hours were was there month last past to report log logged juulis juunis augustis mais aprillis
    septembris selles kuus july june august september paraku kahjuks kirja panna mida ole
""")


REASONS = notation.words("""
    puhkus puhkuse puhkuste puhkused puhkusel suvepuhkus suvi suve haige haiged holiday holidays vacation summer
""")
def _plainly_none(text: str) -> bool:
    first = _NONE_FIRST.match(text)
    low = fold(text[first.end() :] if first else text)
    if not (first or _NONE_HELD.search(low)) or "?" in text or "+" in text or FIGURE.search(low):
        return False
    plain = " ".join(clauses.split(low))
    open_ended = any(pattern.search(plain) for pattern in doubt_words.CONDITIONAL)
    given = _UNIT.search(_NONE_HELD.sub("", low).replace("tunde", ""))
    return not (open_ended or given or _UNSURE & set(plain.split()))


_UNSURE = notation.words("""
    vist ehk äkki kontrollin täpsustan maybe perhaps probably think veel yet alles hiljem later umbes ca ligi homme kuni
    sõit sõiduaega sõiduaeg sõitu plaanis plaanitud mõni vähemalt rohkem vähem aga kuid but vaid only just ainult või or
""")
AWAY = REASONS | common.FILLERS | notation.words("aeg tõttu kõik oli olid pärast of because on sest kuna")


WE_DID = ("sin", "sime", "ud")


def amount_in_doubt(text: str, beside: frozenset[str]) -> str:
    """The word that says the amount is another or not sure, in an answer that is made of the words `beside`."""
    return next((word for word in clauses.split(text) if word in DOUBT - beside), "")


_NONE_FIRST = re.compile(r"^\s*(?:0|null|zero|none)(?: ?(?:h|tundi|hours))?\s*(?:[.,;!\n]|$)", re.IGNORECASE)
_NONE_HELD = re.compile(
    r"\b(?:kohtumisi|noustamisi|tunde|nendega|tiimiga|meeskonnaga|kuul|juulis|juunis|juuli|neid)\b.{0,30}"
    r"\b(?:ei|pole|polnud) ?(?:olnud|toimunud|kohtu\w*|kordagi|uhtegi|saanud|tekkinud)?\b"
    r"|\b(?:ei|pole) (?:\S+ ){0,2}(?:kordagi|uhtegi|kohtumisi|tunde)\b"
    r"|\bno (?:meetings?|sessions?|hours|calls?)\b|\bnone (?:in|this|at all|to report)\b"
    r"|\b(?:did|have) not (?:meet|met)\b"
)


def none_at_all(text: str) -> bool:
    """ "Kohtumisi ei olnud": one clause says so; what else is said holds no hours and takes nothing back."""
    if _plainly_none(text):
        return True
    beside = common.FILLERS | common.SORRY | NOTHING_BESIDE | AWAY
    beside |= {word for word in clauses.split(text) if MONTH_WORD.match(word)}
    found = clauses.clauses(text, "hours")
    nothing = [one for one in found if clauses.says(one.words, NOTHING, beside)]
    others = [one for one in found if one not in nothing and not clauses.polite(one.words)]
    rest = [one for one in others if not set(one.words) <= AWAY or not set(one.words) & REASONS]
    rest = [one for one in rest if any(topics.limits(word) or word.endswith(WE_DID) for word in one.words)]
    return bool(nothing) and not rest and "?" not in text


# -- sentences that hold no hours ------------------------------------------------------------------------------------

_APART = re.compile(r"(?<=[.!;])(?<!\d\.)\s+(?=\S)|\n+")
_UNIT = re.compile(
    r"\b(?:tund\w*|tunni\w*|minut\w*|min|h|hours?|hrs?|minutes?|mins?|veerand\w*|pool\w*|half|quarter)\b"
)
_LENGTH = re.compile(r"\b(?:tund\w*|tunni\w*|minut\w*|min|h|hours?|minutes?)\b")
FIGURE = re.compile(r"[0-9½]")
_NOT_HELD = re.compile(
    r"\b(?:jai(?:d)?|jaeti) (?:\S+ ){0,5}(?:ara|pidamata|toimumata)\b|\b(?:ei|pole) (?:\S+ ){0,2}"
    r"(?:toimu\w*|kasuta\w*|saanud kokku|kohtu\w*|pee\w+)\b|\bwas (?:cancelled|called off)\b"
    r"|\bdid not (?:happen|take place)\b"
)
_NO_OTHERS = re.compile(
    r"\b(?:muid|muud|rohkem|teisi|other|others|more|further)\b.{0,40}\b(?:ei|pole|polnud|no|not|none|were none)\b"
    r"|\b(?:no|not any) (?:other|more|further)\b|\b(?:ei|polnud|pole) (?:\S+ ){0,2}(?:muid|muud|rohkem)\b"
)
_OF_AMOUNTS = notation.words("""
    umbes ca circa ligikaudu rohkem vähem lisaks lisage veel kokku total sum vale valed valesti viga õige õiged
    tegelik tegelikult asemel eelmine eelmises eelmise juunis mais aprillis augustis june august plaan plaanis
    homme hiljem ülejäänud rest more less about roughly correct wrong instead actually also plus again later tomorrow
    topelt poole kaks kolm neli viis kuus two three four five both mõlemal igal each kumbki
""")


def without_asides(text: str, asked: Asked) -> str:
    """`text` without the sentences that hold no hours and change none: "Sõiduaega ma ei arvestanud. Kohvi jõime ka",
    "19. juuli jäi ära". Where none holds any hours, all of it."""
    parts = [part for part in _APART.split(text) if part.strip()]
    kept = [part for part in parts if not _is_aside(part, asked)]
    held = [part for part in kept if FIGURE.search(part) or _UNIT.search(fold(part))]
    return "\n".join(kept) if held and len(kept) < len(parts) else text


def _is_aside(part: str, asked: Asked) -> bool:
    low = fold(part)
    if _NO_OTHERS.search(low) and not FIGURE.search(low):
        return True
    if _NOT_HELD.search(low) and not _LENGTH.search(low) and not occasion.another_team(part, asked):
        return True
    in_order = clauses.split(part)
    heard = set(in_order)
    amount = FIGURE.search(low) or _UNIT.search(low) or heard & _OF_AMOUNTS or ANOTHER_TEAM.search(low)
    doubted = heard & (doubt_words.DOUBT - _NO_DOUBT) or NOT_GIVEN.search(low)
    open_ended = clauses.turn_of_doubt(" ".join(in_order))
    return len(heard) > 2 and not amount and not doubted and not open_ended and not occasion.another_team(part, asked)


_NO_DOUBT = notation.words("kui aga kuid but though mis kes kus who what which how told asked ütles räägin kuidas enne")
"""of what is told beside the hours these say nothing against them"""

_OF_A_DAY = re.compile(
    r"(?<![\d.,:])(?P<day>[0-9]{1,2})(?:[.-]?nda(?:l|st|ks)?|[.-]?dal|[.-]?mal|st|nd|rd|th)\b(?! of)",
    re.IGNORECASE,
)


def dated(text: str, asked: Asked) -> str:
    """ "14ndal", "on the 14th": of the month that is asked for."""
    if not asked.month:
        return text
    month = int(asked.month[5:7])

    def full(found: re.Match[str]) -> str:
        around = fold(text[max(0, found.start() - 12) : found.end() + 14])
        return found[0] if MONTH_NAMED.search(around) else f"{found['day']}.{month:02}."

    return _OF_A_DAY.sub(full, text)


AS_BOOKED = re.compile(
    r",?\s*\b(?:nagu|as) (?:\w+ )?(?:broneeritud|plaanitud|kokku lepitud|kirjas|booked|planned|agreed|listed)\b"
    r"|\b(?:broneeritud|booked)(?= (?:tunnid|ajad|kohtumised|hours|sessions|meetings|times)\b)",
    re.IGNORECASE,
)


LEAD = re.compile(
    r"(?:(?:ei|no|vabandust|vabandan|sorry|oi|oih|oops)\s*[,.:;!\n–-]|(?:tegelikult|tegelik|hoopis|parandus|parandan|"
    r"palun parandage|eksisin|õige on|õige oleks|õigesti on|peab olema|peaks olema|pidi olema|actually|in fact|"
    r"correction|correct is|it should be|should be|it was actually)\b)[\s,.:;!–-]*(?:on|oli|was|is|it was)?\b\s*",
    re.IGNORECASE,
)


def without_lead(text: str) -> str:
    """A correction without the words that only say that it is one: "Ei, tegelikult oli 2 h" is "2 h". A bare no counts
    as such only with a mark behind it, for "ei olnud 2 h" says the opposite."""
    while (found := LEAD.match(text)) is not None and found.end() < len(text):
        text = text[found.end() :]
    return text


# -- the reply -----------------------------------------------------------------------------------------------


def read(text: str, asked: Asked) -> Hours:
    """The entries of a reply, its greeting and closing cut off; with a fault where any part is in doubt."""
    if none_at_all(text):
        return Hours()
    try:
        _for_this_team(text, asked)
        entries = _entries(_numbered(_table(_halves(text))), asked.today)
        _in_the_month(text, entries, asked.month)
        return Hours(entries=entries)
    except DoubtfulHours as doubt:
        return Hours(fault=str(doubt))


def _halves(text: str) -> str:
    text = re.sub(r"^[*•-] +", "", text, flags=re.MULTILINE)
    text = OF_THE_MONTH.sub(lambda found: found[1] or "", text)
    text = re.sub(r"([0-9]) ?½", r"\1,5", text)
    return text.replace("½", "0,5")


OF_THE_MONTH = re.compile(
    rf"\b(?:({durations.MONTH}) ?kuu[sl]?(?: jooksul)?|(?:{durations.MONTH} ?)?kuu jooksul)\b", re.IGNORECASE
)  # "juuli kuus" is no six, "juulikuu jooksul" no amount


HEADS = notation.words("""
    kuupäev kuupäevad päev aeg tunnid tunde tundi kestus märkus märkused teema tegevus
    date day time hours duration note notes topic activity
""")
CELLS = re.compile(r"[ ]*[|\t][| \t]*")


def _table(text: str) -> str:
    """Rows of cells as lines of words, without their head."""
    if not all(CELLS.search(line) for line in text.split("\n")):
        return text
    rows = [CELLS.sub(" ", line).strip() for line in text.split("\n")]
    rows = [row for row in rows if row.strip(" -+:=")]
    return "\n".join(rows[1:] if rows and set(fold(rows[0]).split()) <= HEADS else rows)


def _for_this_team(text: str, asked: Asked) -> None:
    """No hours that were given to another team, or not given yet."""
    low = fold(text)
    if found := NOT_GIVEN.search(low) or ANOTHER_TEAM.search(low):
        raise DoubtfulHours(f"in doubt: {found[0]}")
    if team := occasion.another_team(text, asked):
        raise DoubtfulHours(f"another team: {team}")


def _in_the_month(text: str, entries: tuple[HoursEntry, ...], month: str) -> None:
    """No day and no name of another month than the one asked about, where one was."""
    if not month:
        return
    if any(one.day and f"{one.day:%Y-%m}" != month for one in entries):
        raise DoubtfulHours("a day of another month than asked")
    number = int(month[5:7])
    if found := next(
        (found for found in MONTH_NAMED.finditer(fold(text)) if durations.month(found[0]) != number), None
    ):
        raise DoubtfulHours(f"another month than asked: {found[0]}")


MONTH_NAMED = re.compile(rf"\b{durations.MONTH}(?:\b|(?<=\.))")


NUMBERED = re.compile(r"^\s*([0-9]{1,2})[.)]\s+(?=[0-9])", re.MULTILINE)


def _numbered(text: str) -> str:
    """Without the numbers of a numbered list."""
    lines = text.split("\n")
    if len(lines) > 1 and [found[1] for found in NUMBERED.finditer(text)] == [str(n + 1) for n in range(len(lines))]:
        return NUMBERED.sub("", text)
    return text


Segment = list[Token]


def _entries(text: str, today: date) -> tuple[HoursEntry, ...]:
    tokens = list(durations.tokens(text, today))
    _check(text, tokens)
    segments = [part for part in _segments(tokens) if part]
    if (bare := _bare(segments)) is not None:
        return bare
    found = [_segment(part, text) for part in _headed(segments)]
    entries = _without_total([one for part in found for one in part[0]], [total for _, total in found if total])
    return _possible(entries)


SIGNS = frozenset("+~≈<>×*=%/#$€?|")


def _check(text: str, tokens: Segment) -> None:
    """No doubt, no sign that reckons, no range, no yes or no among the figures."""
    if any(token.raw in SIGNS for token in tokens if token.what is Is.MARK):
        raise DoubtfulHours("a sign beside the figures")
    if any(char.isnumeric() and not char.isascii() for char in text):
        raise DoubtfulHours("figures of another script")
    for span in (token for token in tokens if token.what is Is.TIME):
        text = text[: span.begin] + " " * (span.end - span.begin) + text[span.end :]
    heard = clauses.split(text)
    bad = (DOUBT | doubt_words.DOUBT | common.NEGATIONS | common.BARE_YES) - notation.words("once korra")
    if word := next((word for word in heard if word in bad), ""):
        raise DoubtfulHours(f"in doubt: {word}")
    if turn := clauses.turn_of_doubt(" ".join(heard)):
        raise DoubtfulHours(f"in doubt: {turn}")
    _no_ranges(tokens)


def _no_ranges(tokens: Segment) -> None:
    figure = (Is.DAY, Is.TIME, Is.NUMBER)
    for before, mark, after in zip([None, *tokens], tokens, tokens[1:], strict=False):
        if mark.raw != "-" or after.what not in figure:
            continue
        if before is not None and before.what in figure and (before.what is not Is.DAY or after.what is Is.DAY):
            raise DoubtfulHours("a range")
        tight = mark.end == after.begin and after.what is not Is.DAY
        if tight and not (before is not None and before.what is Is.DAY and before.end == mark.begin):
            raise DoubtfulHours("a negative number")


def _segments(tokens: Segment) -> list[Segment]:
    parts: list[Segment] = [[]]
    for token in tokens:
        if token.what is Is.STOP:
            parts.append([])
        elif token.what is not Is.MARK:
            parts[-1].append(token)
    return parts


def _bare(segments: list[Segment]) -> tuple[HoursEntry, ...] | None:
    """One number and nothing else of weight: hours, unless it may be minutes or a day."""
    tokens = [token for part in segments for token in part]
    if len(tokens) == 1 and NUMBERS.get(fold(tokens[0].raw)) == 0:
        return ()
    figures = [token for token in tokens if token.what is not Is.WORD]
    if len(figures) != 1 or figures[0].what is not Is.NUMBER:
        return None
    after = [token for part in segments if figures[0] in part for token in part[part.index(figures[0]) + 1 :]]
    if any(not _light(token) for token in tokens if token.what is Is.WORD) or not all(map(_counts_hours, after)):
        raise DoubtfulHours("a number among other words")
    if figures[0].minutes > LARGEST_BARE * 60:
        raise DoubtfulHours("hours or minutes")
    if figures[0].day is not None:
        raise DoubtfulHours("hours or a day")
    return _possible([HoursEntry(minutes=figures[0].minutes)])


def _counts_hours(token: Token) -> bool:
    """What may follow a bare number: it is a total, or of some month; not "3 kohtumist"."""
    word = fold(token.raw)
    return word in TOTAL or bool(MONTH_WORD.fullmatch(word))


def _light(token: Token) -> bool:
    word = fold(token.raw)
    known = word in BEFORE or word in common.FILLERS or word in common.POLITE_WORDS
    return known or bool(MONTH_WORD.fullmatch(word))


def _headed(segments: list[Segment]) -> list[Segment]:
    """A day alone on its line heads the next one."""
    joined: list[Segment] = []
    for part in segments:
        if joined and [token.what for token in joined[-1]] == [Is.DAY] and part[0].what is not Is.DAY:
            joined[-1] = joined[-1] + part
        else:
            joined.append(part)
    return joined


def _segment(part: Segment, text: str) -> tuple[list[HoursEntry], int | None]:
    """The entries of a line or sentence, or its total in minutes."""
    part = [_before_a_span(token, after) for token, after in zip(part, [*part[1:], None], strict=True)]
    figures = [_placed(token, before) for before, token in zip([None, *part], part, strict=False)]
    days = [token for token in figures if token.what is Is.DAY]
    times = [token for token in figures if token.what is Is.TIME]
    if not days and not times:
        _counted(part, 0)
        return [], None
    if not days:
        if durations.is_span(times[0]):
            raise DoubtfulHours("a time of day without its date")
        return _undated(part, times, text)
    figures, total = _total_apart(figures)
    times = [token for token in figures if token.what is Is.TIME]
    heard = {fold(token.raw) for token in part}
    if len(days) == 2 and len(times) == 1 and EACH & heard and (total is not None or not TOTAL & heard):
        return [HoursEntry(minutes=times[0].minutes, day=token.day) for token in days], total
    if len(days) != len(times) or EACH & heard:
        raise DoubtfulHours("days and hours do not pair")
    _counted(part, len(days))
    return _dated(figures, text), total


def _total_apart(part: Segment) -> tuple[Segment, int | None]:
    """The days and lengths without a length called the total: "12.07 2 h ja 19.07 2 h, kokku 4 h"."""
    times = [at for at, token in enumerate(part) if token.what is Is.TIME]
    days = sum(token.what is Is.DAY for token in part)
    before = [at for at in times if at and fold(part[at - 1].raw) in TOTAL]
    called = before or [at for at in times if at + 1 < len(part) and fold(part[at + 1].raw) in TOTAL]
    if len(times) != days + 1 or len(called) != 1 or called[0] not in (times[0], times[-1]):
        return part, None
    total = called[0]
    return [token for at, token in enumerate(part) if at != total and fold(token.raw) not in TOTAL], part[total].minutes


def _before_a_span(token: Token, after: Token | None) -> Token:
    """ "12.7 9-10.30": what may be a day is one before a time of day."""
    dated = token.day is not None and after is not None and after.what is Is.TIME and durations.is_span(after)
    return replace(token, what=Is.DAY) if dated else token


def _placed(token: Token, before: Token | None) -> Token:
    """A number right after a day counts hours; anywhere else it says nothing certain."""
    if token.what is not Is.NUMBER:
        return token
    if before is None or before.what is not Is.DAY or not 0 < token.minutes <= LARGEST_BARE * 60:
        raise DoubtfulHours(f"a stray number: {token.raw}")
    return replace(token, what=Is.TIME, day=None)


def _undated(part: Segment, times: Segment, text: str) -> tuple[list[HoursEntry], int | None]:
    if len(times) > 1:
        raise DoubtfulHours("several lengths of time and no day")
    begin = part.index(times[0])
    if EACH & {fold(token.raw) for token in part}:
        raise DoubtfulHours("the same length several times")
    heard = {fold(token.raw) for token in part}
    if heard & TOTAL:
        return [], times[0].minutes
    if times[0].minutes and {"koik", "koigil"} & heard:
        raise DoubtfulHours("all of them, or each")
    if WEEKDAYS & heard:
        raise DoubtfulHours("a weekday without its date")
    resting = times[0].minutes == 0 and heard & REASONS
    if any(not _light(token) and not (resting and fold(token.raw) in AWAY) for token in part[:begin]):
        raise DoubtfulHours("something else that takes time")
    _counted(part, 1)
    return [HoursEntry(minutes=times[0].minutes, note=_note(text, part[begin + 1 :]))], None


def _counted(part: Segment, entries: int) -> None:
    """ "Kaks kohtumist" is no length of time, but any other number in words is a doubt."""
    for token, after in zip(part, [*part[1:], None], strict=False):
        word = fold(token.raw)
        if token.what is not Is.WORD or word not in NUMBERS or word in ("uks", "one", "uhe"):
            continue
        if after is None or fold(after.raw) not in MEETINGS or entries not in (0, NUMBERS[word]):
            raise DoubtfulHours(f"a stray number: {token.raw}")


def _dated(part: Segment, text: str) -> list[HoursEntry]:
    """Days and lengths in turn, whichever comes first; the words after a pair are its note."""
    figures = [token for token in part if token.what is not Is.WORD]
    pairs = list(zip(figures[::2], figures[1::2], strict=True))
    if any({a.what, b.what} != {Is.DAY, Is.TIME} or a.what is not pairs[0][0].what for a, b in pairs):
        raise DoubtfulHours("days and hours do not pair")
    entries = []
    for at, (first, second) in enumerate(pairs):
        until = pairs[at + 1][0].begin if at + 1 < len(pairs) else part[-1].end
        between = [t for t in part if t.what is Is.WORD and first.end <= t.begin < until]
        day, time = (first, second) if first.what is Is.DAY else (second, first)
        entries.append(HoursEntry(minutes=time.minutes, day=day.day, note=_note(text, between)))
    return entries


def _note(text: str, tokens: Segment) -> str:
    joining = notation.words("ja ning and")
    kept = [token.raw for token in tokens]
    while kept and fold(kept[-1]) in joining:
        kept.pop()
    while kept and fold(kept[0]) in joining:
        kept.pop(0)
    note = " ".join(kept)
    return "" if note and clauses.polite(clauses.split(note)) else note


def _without_total(entries: list[HoursEntry], totals: list[int]) -> list[HoursEntry]:
    if not totals:
        return entries
    if not entries and len(totals) == 1:
        return [HoursEntry(minutes=totals[0])]
    if set(totals) != {sum(one.minutes for one in entries)}:
        raise DoubtfulHours("the total is not the sum")
    return entries


def _possible(entries: list[HoursEntry]) -> tuple[HoursEntry, ...]:
    """All dated or none, nothing of no length beside others, no day of more than 24 hours."""
    if not entries:
        raise DoubtfulHours("no hours")
    if len({one.day is None for one in entries}) > 1:
        raise DoubtfulHours("some days are missing")
    if any(one.minutes == 0 for one in entries) and (len(entries) > 1 or entries[0].day):
        raise DoubtfulHours("no hours beside a day")
    for day in {one.day for one in entries}:
        if sum(one.minutes for one in entries if one.day == day) > DAY:
            raise DoubtfulHours("more than 24 hours a day")
    return tuple(one for one in entries if one.minutes)
