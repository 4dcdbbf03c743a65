"""What a person newly wrote, as one answer to one question. Estonian and English.

The rule of the house: a wrong guess is worse than none. Only what is plainly, wholly one answer counts;
ifs and buts, two answers, a question back or nothing are *unclear*, with the possible readings beside it.

Pure and total: no clock, no environment, no randomness; never raises, and takes time linear in the text.
It must never be given quotes, signatures or subjects: cutting those away is the reader's work, not ours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from workflow.replies import clauses as reading_words
from workflow.replies import hours as reading_hours
from workflow.replies import occasion as reading_occasion
from workflow.replies import roll_call as reading_names
from workflow.replies import salutations as reading_letter
from workflow.replies import work as reading_work
from workflow.replies.clauses import Clause, Sense
from workflow.replies.hours import HoursEntry as HoursEntry
from workflow.replies.lexicon import common as wording
from workflow.replies.lexicon import doubt as wording_doubt
from workflow.replies.lexicon import notation as wording_tables
from workflow.replies.lexicon import yes as wording_yes


class AnswerKind(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"  # only from a calendar's TENTATIVE, never from words
    HOURS = "hours"
    NAMES = "names"
    SUBMISSION = "submission"
    RETURN = "return"
    RATINGS = "ratings"  # only from the form
    UNCLEAR = "unclear"
    NONE = "none"
    STATUS = "status"  # SEIS
    HELP = "help"  # ABI
    WITHDRAW = "withdraw"  # LOOBUME


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    kind: AnswerKind
    text: str = ""  # comment, reason, what to mend, or the submitted text
    entries: tuple[HoursEntry, ...] = ()
    ratings: tuple[tuple[str, int], ...] = ()  # reflection: by learning outcome; never kept with the answer
    names: tuple[str, ...] = ()  # roll-call: those absent, spelt as in the roster where there is one
    readings: tuple["Answer", ...] = ()  # unclear: what it may have meant, for the coordinator's buttons
    rule: str = ""  # which rule matched, kept as proof
    words: str = ""  # the very words that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The reply: its newly written text, its real attachments, and what the calendar part said."""

    text: str
    attachments: tuple[str, ...] = ()
    automatic: bool = False
    partstat: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the question showed: the day the letter came, the names expected, whether hours were listed.

    `days` and `workshop` are when and which the session asked about is; empty where no session is meant."""

    today: date
    names: tuple[str, ...] = ()
    listed: bool = True
    days: tuple[date, ...] = ()
    workshop: int | None = None


LONGEST = 64 * 1024  # of a text, in bytes as UTF-8 at most four times as many
LONGEST_ANSWER = 8000  # characters; a longer letter says more than yes, no, hours or names
WORDS_BESIDE_A_YES = 60
WORDS_BESIDE_A_NO = 160
ABOUT_A_SESSION = ("rsvp", "roll_call")


def understand(kind: str, said: Said, asked: Asked) -> Answer:
    """The one answer the reply plainly gives to a question of this kind, else *unclear*."""
    if said.automatic:
        return Answer(kind=AnswerKind.NONE, rule="automatic")
    text = wording_tables.tidy(said.text[:LONGEST]).strip()
    if kind in ABOUT_A_SESSION and len(text) <= LONGEST_ANSWER:
        text = reading_occasion.unsaid(text, asked.days, asked.workshop)
    if kind == "rsvp" and said.partstat:
        return _by_calendar(said.partstat, text)
    if not text and not said.attachments:
        return Answer(kind=AnswerKind.NONE, rule="empty")
    return _always(text, said) or READERS.get(kind, _unknown)(kind, text, said, asked)


def _unknown(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    return unclear("no such question", kind)


# -- words that hold for every question ----------------------------------------------------------------------

ALWAYS = {
    "seis": AnswerKind.STATUS, "status": AnswerKind.STATUS, "abi": AnswerKind.HELP, "help": AnswerKind.HELP,
}  # fmt: skip


ASKING_FOR = wording_tables.words("""
    saatke saada öelge soovin soovime vajan vajame on meie minu meeskonna tiimi mulle meile what is our my team the of a
    send need us me
""")
BESIDE = wording.POLITE_WORDS | ASKING_FOR


def _always(text: str, said: Said) -> Answer | None:
    """SEIS and ABI, alone in a letter but for politeness."""
    heard = reading_words.split(reading_letter.body(text)[:200])
    plain = tuple(word for word in heard if word not in BESIDE)
    if len(plain) == 1 and plain[0] in ALWAYS and not said.attachments:
        return Answer(kind=ALWAYS[plain[0]], rule="word for every question", words=plain[0])
    return None


# -- unclear -------------------------------------------------------------------------------------------------

YES_OR_NO = (AnswerKind.YES, AnswerKind.NO)
MAY_MEAN = {
    "review": (AnswerKind.YES, AnswerKind.RETURN),
    "homework": (AnswerKind.SUBMISSION,),
    "presentation": (AnswerKind.SUBMISSION,),
    "roll_call": (AnswerKind.NAMES,),
    "hours": (AnswerKind.YES, AnswerKind.HOURS),
}


def unclear(rule: str, kind: str, *readings: Answer, text: str = "", words: str = "") -> Answer:
    """Nothing moves; `readings` are what it may have meant, else all that the question can be answered."""
    may = readings or tuple(Answer(kind=one, text=text) for one in MAY_MEAN.get(kind, YES_OR_NO))
    return Answer(kind=AnswerKind.UNCLEAR, text=text, readings=may, rule=rule, words=words)


# -- the calendar's own buttons ------------------------------------------------------------------------------

PARTSTATS = {
    "ACCEPTED": AnswerKind.YES, "DECLINED": AnswerKind.NO, "TENTATIVE": AnswerKind.MAYBE,
}  # fmt: skip


def _by_calendar(partstat: str, text: str) -> Answer:
    """The button counts, unless the person wrote the opposite beside it."""
    answer = PARTSTATS.get(partstat.upper())
    if answer is None:
        return unclear(f"calendar says {partstat[:40]}", "rsvp", text=text)
    written = _yes_or_no("rsvp", text).kind if text else answer
    if written in YES_OR_NO and answer in YES_OR_NO and written != answer:
        return unclear("calendar and words differ", "rsvp", text=text)
    return Answer(kind=answer, text=text, rule="calendar", words=partstat)


# -- yes or no -----------------------------------------------------------------------------------------------


def _read_yes_or_no(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    return _yes_or_no(kind, text)


def _yes_or_no(kind: str, text: str) -> Answer:
    body = reading_letter.body(text)
    if len(body) > LONGEST_ANSWER:
        return unclear("too long", kind, text=body)
    found = reading_words.clauses(body, kind)
    return _withdrawal(kind, found, body) or _decide(kind, found, body)


def _decide(kind: str, found: tuple[Clause, ...], body: str) -> Answer:
    yes, no = [one for one in found if one.yes], [one for one in found if one.no]
    readings = [*(_yes(one, found, body) for one in yes[:1]), *(_no(one, found, body) for one in no[:1])]
    fault = _fault(kind, found, body) or (_fault_of_yes(kind, found, body) if yes else _fault_of_no(kind, found))
    if fault:
        return unclear(fault, kind, *readings, text=body)
    return readings[0]


def _yes(decided: Clause, found: tuple[Clause, ...], body: str) -> Answer:
    beside = " ".join(one.raw for one in found if one is not decided and one.sense is not Sense.POLITE)
    return Answer(kind=AnswerKind.YES, text=beside, rule=f"{decided.sense} in words", words=decided.raw)


def _no(decided: Clause, found: tuple[Clause, ...], body: str) -> Answer:
    return Answer(kind=AnswerKind.NO, text=_reason(body), rule=f"{decided.sense} in words", words=decided.raw)


BARE_NO = re.compile(r"(?:ei|no)\b[\s:;,.!-]*", re.IGNORECASE)


def _reason(body: str) -> str:
    """What stands beside the no; a reply that says no in a sentence is its own reason."""
    head = BARE_NO.match(body)
    bare = head and (len(head[0].strip()) > 2 or body[:2].isupper() or head.end() == len(body))
    return body[head.end() :].strip() if head and bare else body


def _fault(kind: str, found: tuple[Clause, ...], body: str) -> str:
    """Why these clauses are no whole answer, in whichever direction."""
    if "?" in body:
        return "a question back"
    if any(sign in body for sign in wording_doubt.DOUBTFUL_SIGNS):
        return "a doubtful sign"
    if not any(one.decides for one in found):
        return "neither yes nor no"
    if any(one.yes for one in found) and any(one.no for one in found):
        return "both yes and no"
    if any(one.mark in ("/", "|") for one in found):
        return "two words to choose from"
    if reason_given(kind, found):
        return ""
    open_ones = (one for one in found if one.sense is Sense.OTHER and not _explains(kind, one, found))
    doubts = (word for one in open_ones if (word := reading_words.doubtful(one)))
    word = next(doubts, "")
    return f"in doubt: {word}" if word else ""


MISTAKE = re.compile(r"\b(eksitus\w*|eksikombel|ekslikult|kogemata|mistake|mistaken\w*|accident\w*)\b")


HOW_MUCH = wording_tables.words("vaid once")


def _explains(kind: str, clause: Clause, found: tuple[Clause, ...]) -> bool:
    """ "Ei. Keegi kirjutas mu aadressi vist kogemata": the doubt is about how it came, not about the no;
    "Ei, saime kokku vaid tunniks" says how long it was."""
    if not found[0].no or any(one.yes for one in found):
        return False
    if kind == "hours_check" and not wording.BARE_YES & set(clause.words):
        amount = HOW_MUCH & set(clause.words)
        rest = tuple(word for word in clause.words if word not in amount)
        only = amount == {"vaid"} or bool({"only", "just"} & set(rest))
        return bool(amount) and only and not reading_words.doubtful(replace(clause, words=rest))
    return kind in ("verify", "consent") and bool(MISTAKE.search(clause.plain))


def reason_given(kind: str, found: tuple[Clause, ...]) -> bool:
    """ "EI: why", as the question asked for it: the reason may hold any word."""
    return kind in ("hours_check", "approve") and found[0].sense is Sense.BARE_NO and ":" in found[0].mark


SAD = re.compile(r"(?<![\w\d])[:;=][-']?\((?!\w)|☹|😞|😢|😭")
MORE = re.compile(r"\+ ?[^\W\d]")
THEY = wording_tables.words("tuleb tulevad osaleb osalevad comes attends")
WE = wording_tables.words("kõik meeskond tiim meie team all everyone")


def _fault_of_yes(kind: str, found: tuple[Clause, ...], body: str) -> str:
    others = [one for one in found if one.sense is Sense.OTHER]
    if "..." in body or "…" in body:
        return "trails off"
    if SAD.search(body):
        return "a sad yes"
    if MORE.search(body):
        return "something added"
    if sum(len(one.words) for one in others) > WORDS_BESIDE_A_YES:
        return "too much beside the yes"
    if word := next(filter(None, map(reading_words.holds_back, others)), ""):
        return f"holds back: {word}"
    if kind == "rsvp" and any(THEY & set(one.words) and not WE & set(one.words) for one in others):
        return "somebody else comes"
    anchor = re.compile(f"{wording.ANCHORS.pattern}|{wording_yes.KIND_ANCHORS.get(kind, '$^')}")
    anchored = {one.sentence for one in others if anchor.search(one.plain)}
    stray = next((one.raw for one in others if one.sentence not in anchored), "")
    return f"something else beside the yes: {stray[:80]}" if stray else ""


def _fault_of_no(kind: str, found: tuple[Clause, ...]) -> str:
    others = [one for one in found if one.sense is Sense.OTHER]
    if sum(len(one.words) for one in others) > WORDS_BESIDE_A_NO:
        return "too much beside the no"
    if any(one.sense is Sense.IDIOM for one in found):
        return "no and no objection"
    means = wording_doubt.MEANS if kind in ("verify", "consent", "confirm_place", "rsvp") else frozenset()
    if any({"ootan", "ootame"} & set(one.words) for one in found) and not reason_given(kind, found):
        return "waits for something"
    word = next((word for one in others for word in one.words if word in means), "")
    if word:
        return f"about the means to answer: {word}"
    if one := next((one for one in others if _affirms(one)), None):
        return f"takes the no back: {one.raw[:80]}" if not reason_given(kind, found) else ""
    return "no in one language, the rest in another" if _mixed(found, others) else ""


def _affirms(clause: Clause) -> bool:
    said = set(clause.words)
    return bool(said & wording_doubt.AFFIRMS) and not said & wording.NEGATIONS


ENGLISH = wording_tables.words("""
    i we you he she it they us our my me the a an is are was were am be been not do did does have has had will
    can that this there for in of to with from at on as by so sorry due out away sick ill
""")


def _mixed(found: tuple[Clause, ...], others: list[Clause]) -> bool:
    """ "No" begins many an Estonian sentence that denies nothing."""
    english = any(word in ("no", "nope", "nah") for one in found if one.sense is Sense.BARE_NO for word in one.words)
    return english and any(not ENGLISH & set(one.words) for one in others)


# -- leaving altogether --------------------------------------------------------------------------------------

LEAVING = wording_tables.phrases("""
    loobume|loobun|loobub programmist|programmi|teekonnast|teekonnalt|osalemisest|taotlusest|kandideerimisest
    peame|soovime|otsustasime|pean|soovin|tahame loobuma|loobuda programmist|teekonnast|osalemisest|taotlusest
    otsustanud|sunnitud|otsustas|peab loobuma|loobuda programmist|teekonnast|osalemisest
    loobume
    võtame|võtan taotluse|avalduse tagasi
    lahkume programmist
    astume programmist välja
    katkestame osalemise|programmi|teekonna|osalemist
    withdraw|withdrawing
    withdraw|withdrawing application
    drop|dropping out
""")
LEAVING_BESIDE = wording_tables.words("""
    oma meie meeskond programmis osalemise from programme program application have decided must need to
    oleme olen otsustasime otsustanud edasisest teekonna teekond koha kohast wish want like would
""")


def _withdrawal(kind: str, found: tuple[Clause, ...], body: str) -> Answer | None:
    """LOOBUME, to any question but the one about the place, where it is a no."""
    if kind == "confirm_place" or "?" in body:
        return None
    beside = (wording.FILLERS | wording.SORRY | LEAVING_BESIDE) - wording.QUANTITIES
    left = [one for one in found if reading_words.says(one.words, LEAVING, beside)]
    rest = [one for one in found if one not in left]
    if not left or any(one.yes or reading_words.doubtful(one) for one in rest):
        return None
    return Answer(kind=AnswerKind.WITHDRAW, text=body, rule="leaving in words", words=left[0].raw)


# -- hours ------------------------------------------------------------------------------------------------------------

FIGURES = re.compile(r"[0-9½]")


def _read_hours(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    """JAH to the list shown, or lengths of time, with or without their days."""
    body = reading_letter.body(text)
    if len(body) > LONGEST_ANSWER:
        return unclear("too long", kind, text=body)
    if not FIGURES.search(body):
        agreed = _yes_or_no(kind, text)
        refused = agreed.kind is AnswerKind.NO and not agreed.text  # to what was booked: there is no other list
        if agreed.kind is AnswerKind.WITHDRAW or refused or (agreed.kind is AnswerKind.YES and asked.listed):
            return agreed
    hours = reading_hours.read(body, asked.today)
    if hours.fault:
        return unclear(hours.fault, kind, text=body)
    return Answer(kind=AnswerKind.HOURS, text=body, entries=hours.entries, rule="hours", words=body[:200])


# -- roll-call --------------------------------------------------------------------------------------------------------


def _read_roll_call(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    """Those absent; nobody absent is an answer with no names."""
    body = reading_letter.body(text, names_are_news=True)
    if len(body) > LONGEST_ANSWER:
        return unclear("too long", kind, text=body)
    absent = reading_names.read(body, asked.names)
    found = Answer(kind=AnswerKind.NAMES, text=body, names=absent.names, rule="roll-call", words=body[:200])
    if not absent.fault:
        return found
    readings = (found,) if absent.names else ()
    return _withdrawal(kind, reading_words.clauses(body, kind), body) or unclear(
        absent.fault, kind, *readings, text=body
    )


# -- work handed in, and what is said of it -------------------------------------------------------------------------


def _read_work(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    """A file, or a text that is the work itself; a question or a promise is neither."""
    body = reading_letter.body(text)
    short = body if len(body) <= LONGEST_ANSWER else ""
    if leaving := _withdrawal(kind, reading_words.clauses(short, kind), short):
        return unclear("leaving, with a file", kind, leaving) if said.attachments else leaving
    work = Answer(kind=AnswerKind.SUBMISSION, text=text, rule="work", words=body[:200])
    fault = reading_work.fault_of_file(body) if said.attachments else reading_work.fault_of_text(body)
    return unclear(fault, kind, work, text=body) if fault else replace(work, text=body or text)


def _read_review(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    """JAH, or "TAGASI: what to mend"."""
    body = reading_letter.body(text)
    returned = reading_work.returned(body)
    if returned is None:
        agreed = _yes_or_no(kind, text)
        sent_back = Answer(kind=AnswerKind.RETURN, text=_reason(body))
        if agreed.kind is AnswerKind.NO:
            return unclear("refused, not returned", kind, sent_back, text=body)
        if said.attachments and agreed.kind is AnswerKind.YES:
            return unclear("accepted, with a file", kind, agreed, sent_back, text=body)
        return agreed
    answer = Answer(kind=AnswerKind.RETURN, text=returned.comment, rule="returned in words", words=returned.head)
    return unclear(returned.fault, kind, answer, text=body) if returned.fault else answer


def _read_nothing(kind: str, text: str, said: Said, asked: Asked) -> Answer:
    """A form alone answers it; that somebody leaves the programme is heard all the same."""
    body = reading_letter.body(text)[:LONGEST_ANSWER]
    leaving = _withdrawal(kind, reading_words.clauses(body, kind), body)
    return leaving or Answer(kind=AnswerKind.UNCLEAR, text=body, rule="answered on its form")


Reader = Callable[[str, str, Said, Asked], Answer]
READERS: dict[str, Reader] = dict.fromkeys(
    ("verify", "consent", "confirm_place", "rsvp", "hours_check", "approve"), _read_yes_or_no
)
READERS["hours"] = _read_hours
READERS["roll_call"] = _read_roll_call
READERS |= {"homework": _read_work, "presentation": _read_work, "review": _read_review}
READERS["reflection"] = _read_nothing
