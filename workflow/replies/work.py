"""Recognises work handed in by reply, and the trainer's "TAGASI: what to mend".

A file is work unless the words beside it say otherwise; a text is work only when it is long enough and speaks of the
matter, not of itself: promises, excuses and questions are letters, not work.
"""

import re
from dataclasses import dataclass

from workflow.replies import clauses
from workflow.replies.lexicon import common, doubt, notation
from workflow.replies.lexicon.notation import fold

ENOUGH = 12  # words a text must have to be the work itself
SENTENCES, SENTENCE = 3, 6  # so many sentences of so many words tell of something, whatever it is
MUCH = 60  # words from which a text may hold a word or two that letters are made of

# What a file must not have beside it: it is not the work, not the last of it, or not yet.
NOT_YET = re.compile(
    r"\b(mustand\w*|visand\w*|esialgne|esialgse\w*|poolik\w*|pooleli|vale (fail|manus|versioon)\w*|naidis\w*|template|"
    r"arge arvestage|ara arvesta|lopli(k|ku)\b.{0,40}\b(saadan|saadame|tuleb|hiljem|homme|jargmi\w+)|ulejaanu\w*|"
    r"taiendame|taiendan|asendame|asendan|parandame|lisame veel|uus versioon tuleb|hiljem|homme|ulehomme|"
    r"lisaaeg\w*|ajapikendus\w*|pikendus\w*|pikendada|tahtaeg\w*|ei joua|ei saa|ei ole valmis|pole valmis|"
    r"(ei ole|pole) (veel )?(lopli\w*|taielik\w*|viimane)|"
    r"(ei ole|pole|is not|isn't|not) (see |the )?(meie|minu|oige|our|ours|mine|right)|naabri\w*|kellegi teise|"
    r"ei joudnud|ei (kaib|kai|kaivad|puutu)|teise meeskonna|eelmi(ne|se)\w*|"
    r"draft|wrong (file|attachment|version)|not (the )?(final|finished|ready|complete)|unfinished|incomplete|"
    r"will (send|follow|submit|finish|replace)|to follow|later|tomorrow|extension|extend|deadline|postpone|disregard|"
    r"in progress|(final|last|full|rest|complete)\b.{0,20}\bfollows|"
    r"ignore|can not|could not|did not manage|rest of it|first part|esimene osa|loobu\w*)\b"
)
# A question beside a file is harmless when it asks only whether the file came, opens, or will do.
ABOUT_THE_FILE = re.compile(
    r"\b(sobib|sobivad|kobib|kahtte|katte|avane\w*|naed|naete|korras|olemas|oige|piisav|loetav|joudis|joudsid|"
    r"received|arrive\w*|get it|got it|open\w*|okay|ok|fine|right|enough|works?)\b"
)
# What letters are made of, and work is not.
LETTER = re.compile(
    r"\b(saadan|saadame|saatsin|saatsime|saata|esitan|esitame|esitada|esitama|tahtae\w*|vabandust|vabanda\w*|kahjuks|"
    r"manuse\w*|manus|lisatud|fail\w*|homme|ulehomme|hiljem|peagi|varsti|jargmi\w+ nadal\w*|nadala lopuks|teile|teil|"
    r"teie|sulle|sinu|palun|palume|kusimus\w*|kodutoo\w*|haige\w*|puhkus\w*|joua|joudnud|joudsime|aega|pikendus\w*|"
    r"lisaaeg\w*|kiri|kirja|kirjale|vastus\w*|abi|linki?|oleme alles|alles|veel ei|ei saa|ei saanud|ei leidnud|aru|"
    r"koolitus\w*|tootuba\w*|tootoa(s|st|sse|le)?|kohtumi\w+|kokku saada|komandeeringus|loobu\w*|https?|www|"
    r"sorry|send|sent|sending|submit\w*|attach\w*|tomorrow|later|deadline|extension|please|homework|assignment|"
    r"question\w*|you|your|unfortunately|apolog\w+|holiday|vacation|sick|ill|manage|link|file|workshop|withdraw|"
    r"vastan|helista\w*|teada|motlen|motleme|arutame|vaatame|loodan|loodame|"
    r"proovi\w+ (saata|jouda|esitada|teha|homme)|plaanime saata|hope|will get)\b"
)
# What the programme's work speaks of.
MATTER = re.compile(
    r"\b(klien\w+|sihtruhm\w*|sihtgrup\w+|kasutaja\w*|vaartus\w*|kanal\w*|tulu\w*|kulu\w*|eelarve\w*|probleem\w*|lahendus\w*|"
    r"huipotees\w*|hupotees\w*|prototu\w*|eesmar\w+|moodik\w*|moodame|teenus\w*|partner\w*|ressurs\w*|tegevus\w*|ari\w*|"
    r"hin[dn]\w*|turg|turul\w*|turundus\w*|konkuren\w*|kogukon\w+|vald|valla\w*|omavalitsus\w*|elani\w+|noor\w*|eaka\w*|"
    r"vajadus\w*|huvi\w*|pilo[ot]\w*|test\w*|katse\w*|tulemus\w*|mudel\w*|strateegi\w*|risk\w*|ajakava\w*|vastuta\w*|"
    r"maks[ai]\w*|euro\w*|raakisi\w*|vestlesi\w*|kusitle\w*|"
    r"suhe\w*|suhte\w*|pakkumi\w*|toode|toote\w*|muu[ak]\w*|muub|inimes\w*|vabatahtli\w*|transpor\w*|hooldus\w*|koosloo\w*|"
    r"customer\w*|client\w*|user\w*|value\w*|channel\w*|revenue\w*|cost\w*|budget\w*|problem\w*|solution\w*|hypothes\w*|"
    r"prototype\w*|goal\w*|metric\w*|service\w*|partner\w*|resource\w*|activit\w*|market\w*|price\w*|pricing|communit\w*|"
    r"municipalit\w*|resident\w*|need\w*|pilot\w*|result\w*|model\w*|strateg\w*|risk\w*|target\w*|audience|people)\b"
)
HEADING = re.compile(r"(?:^|[.;\n])\s*(?:[0-9]{1,2}[.)] ?|[-•*] ?)?[^\W\d_][\w \-/]{1,40}:(?=\s)", re.MULTILINE)


WORK_HEADING = re.compile(
    r"(siin on )?(meie |tiimi |meeskonna [^:\n]{1,40})?(kodutöö|töö|our homework)[^:\n]{0,40}:", re.IGNORECASE
)


def fault_of_file(body: str) -> str:
    """Why the files beside these words are not to be taken for the work; empty where they are."""
    if found := NOT_YET.search(_flat(body)):
        return f"not the work yet: {found[0][:60]}"
    asking = [one for one in re.findall(r"[^.!?\n]*\?", body) if not ABOUT_THE_FILE.search(_flat(one))]
    return f"a question beside the file: {asking[0].strip()[:80]}" if asking else ""


def fault_of_text(body: str) -> str:
    """Why these words, without a file, are not the work itself; empty where they are."""
    body = WORK_HEADING.sub("", body)
    heard, flat = clauses.split(body), _flat(body)
    matter = len({found[0][:5] for found in MATTER.finditer(flat)})
    if len(heard) < ENOUGH:
        return "no file, and too short to be the work"
    if "?" in body and not (len(heard) >= MUCH and matter >= 6):
        return "a question back"
    letterlike = [found[0] for found in LETTER.finditer(flat)]
    if letterlike and (len(heard) < MUCH or len(letterlike) * 40 > len(heard)):
        return f"a letter, not the work: {letterlike[0]}"
    structure = matter + len(HEADING.findall(body))
    told = sum(len(clauses.split(one)) >= SENTENCE for one in re.split(r"[.!]\s", body))
    if structure < 3 and not (told >= SENTENCES and not letterlike):
        return "no file, and not plainly the work"
    return ""


def _flat(text: str) -> str:
    return " ".join(fold(text).split())


# -- returned ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    head: str
    comment: str
    fault: str = ""


HEAD = re.compile(
    r"\s*(?:(?:palun|saadan|saadame|saatke|saata|annan|anname|suunan|töö|kodutöö|läheb|homework|please|sending|send|"
    r"sent|to be|it|this|i am|i'm|we are) ){0,4}"
    r"(?:tagasi|tagastan|tagastame|tagastage|tagastatud|tagastada|returned|returning|return|(?<=(?:t|d|g) )back|"
    r"(?:vajab (?:veel )?(?:parandamist|täiendamist|täpsustamist)|needs (?:more )?(?:work|revision|mending))(?= ?:))"
    r"(?: (?:töö|kodutöö|it|this|the work|to the team|meeskonnale|parandamiseks|täiendamiseks)){0,2}"
    r"(?P<mark>\s*[:,.;!\n-][\s:,.;!-]*|\s+|$)",
    re.IGNORECASE,
)
MENDING = re.compile(
    r"(palun|lisa\w*|paranda\w*|taienda\w*|tapsusta\w*|puudu\w*|sest|kuna|vaja|kirjuta\w*|muut\w*|uleva\w*|eelarve\w*|"
    r"please|add|fix|needs?|missing|because|improve|revise|clarify)\b"
)
OR = notation.words("või or")
EITHER = OR | common.BARE_YES
LATER = notation.words("homme hiljem veel tagasi")
EMPTY_COMMENTS = LATER | common.NEGATIONS | doubt.DOUBT | common.POLITE_WORDS | common.FILLERS


def _respelt(body: str) -> str:
    """ "tagsi: …" and "TAGAIS: …" begin as the question asked, but for a slip."""
    first = re.match(r"\s*([^\W\d_]{5,8})(?=\s*:)", body)
    slipped = first and clauses.distance(fold(first[1]), "tagasi", 1) == 1
    return f"Tagasi{body[first.end() :]}" if first and slipped else body


def returned(body: str) -> Returned | None:
    """The comment after TAGASI; None where the reply does not begin so."""
    head = HEAD.match(_respelt(body))
    if head is None:
        return None
    body = head.string
    comment = body[head.end() :].strip()
    found = Returned(head=head[0].strip(), comment=comment)
    if not comment or all(word in EMPTY_COMMENTS for word in clauses.split(comment)):
        return Returned(head=found.head, comment=comment, fault="returned without saying why")
    # "TAGASI: jah, idee on hea, aga …": written as the question asked for it, it may begin with any word but "or".
    as_asked = bool({":", "-"} & set(head["mark"])) and found.head.isupper() and len(clauses.split(comment)) > 2
    apart = head["mark"].strip() or "\n" in head["mark"] or (found.head.isupper() and not comment.isupper())
    if not apart and not MENDING.match(fold(comment)):
        return Returned(head=found.head, comment=comment, fault="returned or not")
    first = clauses.split(comment)[0]
    if first in (OR if as_asked else EITHER) or (first in common.NEGATIONS and ":" not in head["mark"]):
        return Returned(head=found.head, comment=comment, fault="returned or not")
    agreed = (one for one in clauses.clauses(comment[:2000], "review") if one.yes)
    accepted = (one for one in agreed if not (as_asked and one.sense is clauses.Sense.BARE_YES))
    if one := next(accepted, None):
        return Returned(head=found.head, comment=comment, fault=f"returned and accepted: {one.raw[:40]}")
    return found
