"""Classifies a reply: the newly written text becomes one answer to one question, or *unclear*. Estonian and English.

The rule of the house: a wrong guess is worse than none. Only what is plainly, wholly one answer counts;
ifs and buts, two answers, a question back or nothing are *unclear*, with the possible readings beside it.

Pure and total: no clock, no environment, no randomness; never raises, and takes time linear in the text.
It must never be given quotes, signatures or subjects: cutting those away is the reader's work, not ours.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from workflow.replies import acts, choices, clauses, occasion, roll_call, salutations, topics, weighing
from workflow.replies import hours as hours_parser
from workflow.replies import work as work_parser
from workflow.replies.answers import Answer, AnswerKind, Asked, ReplyContent
from workflow.replies.clauses import Clause, Sense
from workflow.replies.lexicon import common, doubt, notation, verbs
from workflow.replies.lexicon import yes as yes_words
from workflow.replies.repetition import courteous
from workflow.replies.weighing import Weighed

LONGEST = 64 * 1024  # of a text, in bytes as UTF-8 at most four times as many
LONGEST_ANSWER = 8000  # characters; a longer letter says more than yes, no, hours or names
WORDS_BESIDE_A_YES = 60
WORDS_BESIDE_A_NO = 160


def understand(kind: str, said: ReplyContent, asked: Asked) -> Answer:
    """The one answer the reply plainly gives to a question of this kind, else *unclear*."""
    if said.automatic:
        return Answer(kind=AnswerKind.NONE, rule="automatic")
    text = notation.tidy(said.text[:LONGEST]).strip()
    asked = replace(asked, signs=(said.sender or next(iter(asked.signs), ""), *asked.signs))
    if kind == "rsvp" and said.partstat:
        return _by_calendar(said.partstat, text, notation.tidy(said.comment[:LONGEST]).strip(), asked)
    if not text and not said.attachments:
        return Answer(kind=AnswerKind.NONE, rule="empty")
    found = _always(text, said, asked) or READERS.get(kind, UNKNOWN).read(kind, text, said, asked)
    # what no rule could make anything of is a person's words all the same: who judges them later has them whole
    return replace(found, text=text) if found.kind is AnswerKind.UNCLEAR and not found.text else found


def _body(text: str, asked: Asked, names_are_news: bool = False) -> str:
    signs = tuple(name for name in asked.signs if name not in asked.names)
    return salutations.body(text, signs, names_are_news)


def judged(body: str, asked: Asked) -> str:
    """What of a body is to be judged: not what the question said itself, nor what is about something else."""
    return salutations.greeted(topics.unsaid(occasion.unsaid(body, asked)))


def _unknown(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    return unclear("no such question", kind)


# -- words that hold for every question ----------------------------------------------------------------------

ALWAYS = {
    "seis": AnswerKind.STATUS, "status": AnswerKind.STATUS, "abi": AnswerKind.HELP, "help": AnswerKind.HELP,
}  # fmt: skip


ASKING_FOR = notation.words("""
    saatke saada öelge soovin soovime vajan vajame on meie minu meeskonna tiimi mulle meile what is our my team the of a
    send need us me
""")
BESIDE = common.POLITE_WORDS | ASKING_FOR


def _always(text: str, said: ReplyContent, asked: Asked) -> Answer | None:
    """SEIS and ABI, alone in a letter but for politeness."""
    heard = clauses.split(_body(text, asked)[:200])
    plain = tuple(word for word in heard if word not in BESIDE)
    if len(plain) == 1 and plain[0] in ALWAYS and not said.attachments:
        return Answer(kind=ALWAYS[plain[0]], rule="word for every question", words=plain[0])
    return None


# -- unclear -------------------------------------------------------------------------------------------------

YES_OR_NO = (AnswerKind.YES, AnswerKind.NO)


def unclear(rule: str, kind: str, *readings: Answer, text: str = "", words: str = "") -> Answer:
    """Nothing moves; `readings` are what it may have meant, else all that the question can be answered."""
    may = readings or tuple(Answer(kind=one, text=text) for one in READERS.get(kind, UNKNOWN).may_mean)
    return Answer(kind=AnswerKind.UNCLEAR, text=text, readings=may, rule=rule, words=words)


# -- the calendar's own buttons ------------------------------------------------------------------------------

PARTSTATS = {
    "ACCEPTED": AnswerKind.YES, "DECLINED": AnswerKind.NO, "TENTATIVE": AnswerKind.MAYBE,
}  # fmt: skip


def _by_calendar(partstat: str, text: str, comment: str, asked: Asked) -> Answer:
    """The button counts, unless the person wrote the opposite beside it. A comment is the person's own words: it must
    say the same as the button, or be a courtesy; a text may be the program's."""
    answer = PARTSTATS.get(partstat.upper())
    if answer is None:
        return unclear(f"calendar says {partstat[:40]}", "rsvp", text=text)
    written = _yes_or_no("rsvp", text, asked).kind if text else answer
    if written in YES_OR_NO and answer in YES_OR_NO and written != answer:
        return unclear("calendar and words differ", "rsvp", text=text)
    if comment and not courteous(comment) and _yes_or_no("rsvp", comment, asked).kind is not answer:
        return unclear("a comment beside the button", "rsvp", Answer(kind=answer, text=comment), text=comment)
    return Answer(kind=answer, text=comment or text, rule="calendar", words=partstat)


# -- yes or no -----------------------------------------------------------------------------------------------


def _read_yes_or_no(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    return _yes_or_no(kind, text, asked)


def _yes_or_no(kind: str, text: str, asked: Asked) -> Answer:
    body = _body(text, asked)
    if len(body) > LONGEST_ANSWER:
        return unclear("too long", kind, text=body)
    if team := occasion.another_team(body, asked):
        return unclear(f"another team: {team}", kind, text=body)
    found = clauses.clauses(judged(body, asked), kind)
    answer = _withdrawal(kind, found, body) or _decide(kind, found, body)
    if kind == "confirm_place" and answer.kind is AnswerKind.NO and occasion.some_days_only(body, asked):
        return unclear("some of the days", kind, text=body)  # "26. aprillil me ei saa" gives no place back
    return answer


BUT = ("aga", "kuid", "but")


def _decide(kind: str, found: tuple[Clause, ...], body: str) -> Answer:
    """Yes or no where every word of the answer is known, or the rest of the letter leaves it be; else unclear."""
    yes, no = [one for one in found if one.yes], [one for one in found if one.no]
    readings = [*(_yes(one, found, body) for one in yes[:1]), *(_no(one, found, body) for one in no[:1])]
    fault = _fault(kind, found, body) or (_fault_of_yes(kind, found, body) if yes else _fault_of_no(kind, found))
    weighed = _weighed(kind, found, body, fault)
    if not fault and not _taken_back(kind, weighed, no=bool(no)):
        return readings[0]
    stands = weighed.decided is not None and not weighed.fault and not _closed_to_weighing(fault)
    if stands and not weighed.strange and weighed.decided is not None:
        return (_yes if weighed.sign > 0 else _no)(weighed.decided, found, body)
    asked = stands and weighed.sign > 0 and kind in ASKED_BACK
    likely = AnswerKind.YES if asked else _likely(kind, found, fault)
    fault = f"{fault} / {weighed.fault or weighed.strange}"
    return replace(unclear(fault, kind, *readings, text=body), likely=likely)


def _weighed(kind: str, found: tuple[Clause, ...], body: str, fault: str) -> Weighed:
    """The clauses as a whole, a no as it is judged where every word is known."""
    weighed = weighing.weigh(kind, found)
    if body.count("?") > sum(one.mark.count("?") for one in found):
        return replace(weighed, fault="a question back")
    contrast = fault.startswith(tuple(f"in doubt: {one}" for one in BUT))
    against = _fault_of_no(kind, found) or ("" if weighed.sure and not contrast else fault)
    return replace(weighed, fault=against) if weighed.sign < 0 and not weighed.fault and against else weighed


def _taken_back(kind: str, weighed: Weighed, *, no: bool) -> bool:
    """Whether something beside an answer of which every word is known takes it back."""
    if no:
        return kind != "hours_check" and weighed.fault.startswith(("both", "retract"))
    return weighed.fault.startswith(OVERRIDE)


OVERRIDE = ("both", "condition", "retract", "subst", "reported", "choice", "question")
"""what keeps a yes open although every word of its own clauses is known"""


def _closed_to_weighing(fault: str) -> bool:
    return fault.startswith(
        ("two words", "a sad yes", "a doubtful sign", "no in one", "trails off", "something added")
    )


ASKED_BACK = ("verify", "consent", "confirm_place", "rsvp", "hours_check", "review")
OPEN_BESIDE = (
    "something else beside the yes", "holds back: ", "neither yes nor no", *(f"in doubt: {one}" for one in BUT)
)  # fmt: skip


def _likely(kind: str, found: tuple[Clause, ...], fault: str) -> AnswerKind | None:
    """YES where the act itself is said, and what stands beside it opens no doubt and sets no limit; a refusal is
    never presumed."""
    if not fault.startswith(OPEN_BESIDE) or kind not in ASKED_BACK or any(one.no for one in found):
        return None
    others = [one for one in found if one.sense is Sense.OTHER]
    acts_said = [one for one in others if acts.likely(one.words, kind)]
    agreed = {one.sentence for one in (*acts_said, *(one for one in found if one.yes))}
    whole = bool(acts_said) or any(one.sense is Sense.YES for one in found)
    apart = whole or all(one.sentence not in agreed or len(one.words) >= TOLD for one in others)
    harmless = all(_harmless(one, acting=one in acts_said, asking=whole) for one in others)
    return AnswerKind.YES if agreed and apart and harmless else None


def _harmless(clause: Clause, *, acting: bool, asking: bool) -> bool:
    """Whether a clause beside the yes neither limits it nor speaks of the letter: "Palun pange mulle midagi lihata".

    acting: it says the act itself, among words not known. asking: only so far that the person may be asked."""
    heard = clause.words[1:] if clause.words[0] in BUT else clause.words
    if not heard or heard[0] in ("et", "that") or clauses.doubtful(replace(clause, words=heard)):
        return False
    limits = topics.plainly_limits if asking else topics.limits
    known = REQUESTS | (verbs.ACTING if acting else frozenset())
    return not any(limits(word) for word in heard if word not in known)


TOLD = 4  # words from which a clause after a bare yes tells something, and is no rider to it: "Jah, eks näis"
REQUESTS = notation.words("palun palume please see ka ja koos")


def _says_nothing(clause: Clause) -> bool:
    """Whether a clause beside an act tells of some other matter, and asks for nothing: "terve küla räägib juba". A
    rider is short: "Eks näis", "My boss permitting"."""
    harmless = _harmless(clause, acting=False, asking=False) and not clauses.holds_back(clause)
    return harmless and len(clause.words) >= TOLD


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


CHOICE = ("/", "|")


def _fault(kind: str, found: tuple[Clause, ...], body: str) -> str:
    """Why these clauses are no whole answer, in whichever direction."""
    if "?" in body:
        return "a question back"
    if any(sign in body for sign in doubt.DOUBTFUL_SIGNS):
        return "a doubtful sign"
    if not any(one.decides for one in found):
        return "neither yes nor no"
    if any(one.yes for one in found) and any(one.no for one in found):
        return "both yes and no"
    if any(one.mark in CHOICE for one in found):
        return "two words to choose from"
    if reason_given(kind, found):
        return ""
    refused = any(one.no for one in found)
    open_ones = (one for one in found if one.sense is Sense.OTHER and not _explains(kind, one, found))
    open_ones = (one for one in open_ones if not (refused and _regrets(one)))
    doubts = (word for one in open_ones if (word := clauses.doubtful(one)))
    word = next(doubts, "")
    return f"in doubt: {word}" if word else ""


NEXT_TIME = notation.words("järgmine järgmisel kord korral kindlasti hea meelega ka next time definitely surely")


def _regrets(clause: Clause) -> bool:
    """ "Aga arst keelas sõita", "aga järgmine kord kindlasti": the contrast beside a no takes nothing from it."""
    rest = clause.words[1:] if clause.words[0] in BUT else ()
    if rest and common.NEGATIONS & set(rest) and not clauses.doubtful(replace(clause, words=rest)):
        return not _affirms(replace(clause, words=tuple(word for word in rest if word not in common.NEGATIONS)))
    return bool(rest) and (NEXT_TIME.issuperset(rest) or not any(map(topics.limits, rest)))


MISTAKE = re.compile(
    r"\b(ei tea (sellest|midagi)|eksinud|eksitus\w*|eksikombel|ekslikult|kogemata|mistake|mistaken\w*|accident\w*)\b"
)


HOW_MUCH = notation.words("vaid once")


def _explains(kind: str, clause: Clause, found: tuple[Clause, ...]) -> bool:
    """ "Ei. Keegi kirjutas mu aadressi vist kogemata": the doubt is about how it came, not about the no;
    "Ei, saime kokku vaid tunniks" says how long it was."""
    first = next((one for one in found if one.sense is not Sense.POLITE), found[0])
    if not first.no or any(one.yes for one in found):
        return False
    if kind == "hours_check" and not common.BARE_YES & set(clause.words):
        amount = HOW_MUCH & set(clause.words)
        rest = tuple(word for word in clause.words if word not in amount)
        only = amount == {"vaid"} or bool({"only", "just", "we", "i"} & set(rest))
        return bool(amount) and only and not clauses.doubtful(replace(clause, words=rest))
    return kind in ("verify", "consent") and bool(MISTAKE.search(clause.plain))


def reason_given(kind: str, found: tuple[Clause, ...]) -> bool:
    """ "EI: why", as the question asked for it: the reason may hold any word."""
    return kind in ("hours_check", "approve") and found[0].sense is Sense.BARE_NO and ":" in found[0].mark


SAD = re.compile(r"(?<![\w\d])[:;=][-']?\((?!\w)|☹|😞|😢|😭")
MORE = re.compile(r"\+ ?[^\W\d]")
THEY = notation.words("tuleb tulevad osaleb osalevad comes attends")
WE = notation.words("kõik meeskond tiim meie team all everyone")


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
    if kind == "rsvp" and any(THEY & set(one.words) and not WE & set(one.words) for one in others):
        return "somebody else comes"
    if any(one.sense is Sense.YES for one in found) and all(map(_says_nothing, others)):
        return ""
    if word := next(filter(None, map(clauses.holds_back, others)), ""):
        return f"holds back: {word}"
    anchor = re.compile(f"{common.ANCHORS.pattern}|{yes_words.KIND_ANCHORS.get(kind, '$^')}")
    anchored = {one.sentence for one in others if anchor.search(one.plain)}
    stray = next((one.raw for one in others if one.sentence not in anchored), "")
    return f"something else beside the yes: {stray[:80]}" if stray else ""


def _fault_of_no(kind: str, found: tuple[Clause, ...]) -> str:
    others = [one for one in found if one.sense is Sense.OTHER]
    if sum(len(one.words) for one in others) > WORDS_BESIDE_A_NO:
        return "too much beside the no"
    if any(one.sense is Sense.IDIOM for one in found):
        return "no and no objection"
    means = doubt.MEANS if kind in ("verify", "consent", "confirm_place", "rsvp") else frozenset()
    if any({"ootan", "ootame"} & set(one.words) for one in found) and not reason_given(kind, found):
        return "waits for something"
    lost = [one for one in others if set(one.words) & (common.NEGATIONS | MEANT_TO) and not _on_a_list(one)]
    word = next((word for one in lost for word in one.words if word in means), "")
    if word:
        return f"about the means to answer: {word}"
    if one := next((one for one in others if _affirms(one)), None):
        return f"takes the no back: {one.raw[:80]}" if not reason_given(kind, found) else ""
    return "no in one language, the rest in another" if _mixed(found, others) else ""


MEANT_TO = notation.words("aru kas kus kuidas where how tried proovisin")


def _on_a_list(clause: Clause) -> bool:
    """ "Palun mind mitte kirja panna": no letter."""
    return "kirja" in clause.words and any(word.startswith(("pan", "pand")) for word in clause.words)


def _affirms(clause: Clause) -> bool:
    said = set(clause.words)
    return bool(said & doubt.AFFIRMS) and not said & common.NEGATIONS


ENGLISH = notation.words("""
    i we you he she it they us our my me the a an is are was were am be been not do did does have has had will
    can that this there for in of to with from at on as by so sorry due out away sick ill
""")


def _mixed(found: tuple[Clause, ...], others: list[Clause]) -> bool:
    """ "No" begins many an Estonian sentence that denies nothing."""
    english = any(word in ("no", "nope", "nah") for one in found if one.sense is Sense.BARE_NO for word in one.words)
    return english and any(not ENGLISH & set(one.words) for one in others)


# -- leaving altogether --------------------------------------------------------------------------------------

LEAVING = notation.phrases("""
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
LEAVING_BESIDE = notation.words("""
    oma meie meeskond programmis osalemise from programme program application have decided must need to
    oleme olen otsustasime otsustanud edasisest teekonna teekond koha kohast wish want like would
""")


def _withdrawal(kind: str, found: tuple[Clause, ...], body: str) -> Answer | None:
    """LOOBUME, to any question but the one about the place, where it is a no."""
    if kind == "confirm_place" or "?" in body or any(one.mark in CHOICE for one in found):
        return None
    beside = (common.FILLERS | common.SORRY | LEAVING_BESIDE) - common.QUANTITIES
    left = [one for one in found if clauses.says(one.words, LEAVING, beside)]
    rest = [one for one in found if one not in left]
    if not left or any(one.yes or clauses.doubtful(one) for one in rest):
        return None
    return Answer(kind=AnswerKind.WITHDRAW, text=body, rule="leaving in words", words=left[0].raw)


# -- hours ------------------------------------------------------------------------------------------------------------

OF_A_YES = (
    notation.known(yes_words.YES_SAYS["hours"]) | yes_words.YES_BESIDE["hours"] | common.FILLERS | common.POLITE_WORDS
)


def _read_hours(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    """JAH to the list shown, or lengths of time, with or without their days."""
    body = _body(text, asked)
    if len(body) > LONGEST_ANSWER:
        return unclear("too long", kind, text=body)
    said_of_hours = hours_parser.dated(hours_parser.without_asides(topics.unsaid(body), asked), asked)
    if not hours_parser.FIGURE.search(body):
        agreed = _yes_or_no(kind, hours_parser.AS_BOOKED.sub("", text) if asked.listed else text, asked)
        refused = agreed.kind is AnswerKind.NO and not agreed.text  # to what was booked: there is no other list
        if agreed.kind is AnswerKind.YES and (word := hours_parser.amount_in_doubt(body, OF_A_YES)):
            return unclear(f"in doubt: {word}", kind, agreed, text=body)
        if agreed.kind is AnswerKind.WITHDRAW or refused or (agreed.kind is AnswerKind.YES and asked.listed):
            return agreed
    told = said_of_hours if said_of_hours == body else hours_parser.without_lead(said_of_hours)
    hours = hours_parser.read(told, asked)
    if hours.fault:
        return unclear(hours.fault, kind, text=body)
    return Answer(kind=AnswerKind.HOURS, text=body, entries=hours.entries, rule="hours", words=body[:200])


def understand_correction(said: ReplyContent, asked: Asked) -> Answer:
    """A reply to hours that were read back: the right hours ("Tegelikult 2 h"), JAH or EI."""
    hours = understand("hours", replace(said, text=hours_parser.without_lead(_body(said.text, asked))), asked)
    return hours if hours.kind is AnswerKind.HOURS else understand("hours_check", said, asked)


# -- roll-call --------------------------------------------------------------------------------------------------------


LEADING = re.compile(
    r"^(?:(?:käesolevaga )?(?:kinnita|teata)(?:n|me),? et |"
    r"(?:jah|jaa|jep|yes|yep),? (?=kõik|all|everyone))",
    re.IGNORECASE,
)


def _read_roll_call(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    """Those absent; nobody absent is an answer with no names."""
    body = _body(text, asked, names_are_news=True)
    if len(body) > LONGEST_ANSWER:
        return unclear("too long", kind, text=body)
    absent = roll_call.read(LEADING.sub("", judged(body, asked), count=1), asked.names)
    found = Answer(kind=AnswerKind.NAMES, text=body, names=absent.names, rule="roll-call", words=body[:200])
    if not absent.fault:
        return found
    readings = (found,) if absent.names else ()
    return _withdrawal(kind, clauses.clauses(body, kind), body) or unclear(absent.fault, kind, *readings, text=body)


# -- work handed in, and what is said of it -------------------------------------------------------------------------


def _read_work(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    """A file, or a text that is the work itself; a question or a promise is neither."""
    body = _body(text, asked)
    short = body if len(body) <= LONGEST_ANSWER else ""
    if leaving := _withdrawal(kind, clauses.clauses(short, kind), short):
        return unclear("leaving, with a file", kind, leaving) if said.attachments else leaving
    work = Answer(kind=AnswerKind.SUBMISSION, text=text, rule="work", words=body[:200])
    fault = work_parser.fault_of_file(topics.rest(body)) if said.attachments else work_parser.fault_of_text(body)
    return unclear(fault, kind, work, text=body) if fault else replace(work, text=body or text)


def _read_review(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    """JAH, or "TAGASI: what to mend"."""
    body = _body(text, asked)
    returned = work_parser.returned(body)
    if returned is None:
        agreed = _yes_or_no(kind, text, asked)
        sent_back = Answer(kind=AnswerKind.RETURN, text=_reason(body))
        if agreed.kind is AnswerKind.NO and agreed.rule.startswith(str(Sense.OTHER)):
            return replace(sent_back, text=body, rule="returned in words", words=agreed.words)
        if agreed.kind is AnswerKind.NO:
            return unclear("refused, not returned", kind, sent_back, text=body)
        if said.attachments and agreed.kind is AnswerKind.YES:
            return unclear("accepted, with a file", kind, agreed, sent_back, text=body)
        return agreed
    answer = Answer(kind=AnswerKind.RETURN, text=returned.comment, rule="returned in words", words=returned.head)
    fault = returned.fault or (weighing.taken_back(returned.comment) and "returned, and taken back")
    return unclear(fault, kind, answer, text=body) if fault else answer


def _read_nothing(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    """A form alone answers it; that somebody leaves the programme is heard all the same."""
    body = _body(text, asked)[:LONGEST_ANSWER]
    leaving = _withdrawal(kind, clauses.clauses(body, kind), body)
    return leaving or Answer(kind=AnswerKind.UNCLEAR, text=body, rule="answered on its form")


def _read_poll(kind: str, text: str, said: ReplyContent, asked: Asked) -> Answer:
    """What a coordinator asked in her own words: yes or no, one of the listed words, or whatever is written."""
    if asked.form == "yes_no":
        return _yes_or_no("address", text, asked)  # of no matter of ours: no act but yes and no is known of it
    body = _body(text, asked)
    leaving = _withdrawal(kind, clauses.clauses(body[:LONGEST_ANSWER], kind), body[:LONGEST_ANSWER])
    if leaving or len(body) > LONGEST_ANSWER:
        return leaving or unclear("too long", kind, text=body)
    if asked.form == "words":
        return Answer(kind=AnswerKind.WORDS, text=body or text, rule="own words", words=body[:200])
    chosen = choices.read(body, asked.choices)
    if chosen.fault:
        may = tuple(Answer(kind=AnswerKind.CHOICE, text=body, choice=one) for one in asked.choices)
        return unclear(chosen.fault, kind, *may, text=body)
    return Answer(kind=AnswerKind.CHOICE, text=body, choice=chosen.word, rule="one of the list", words=body[:200])


@dataclass(frozen=True, slots=True)
class KindReader:
    """How replies to one kind of question are read.

    may_mean: what is offered to the coordinator where a reply is unclear. about_a_session: it asks about one session.
    """

    read: Callable[[str, str, ReplyContent, Asked], Answer]
    may_mean: tuple[AnswerKind, ...] = YES_OR_NO
    about_a_session: bool = False


UNKNOWN = KindReader(_unknown)
READERS: Mapping[str, KindReader] = {
    "verify": KindReader(_read_yes_or_no),
    "consent": KindReader(_read_yes_or_no),
    "confirm_place": KindReader(_read_yes_or_no),
    "rsvp": KindReader(_read_yes_or_no, about_a_session=True),
    "roll_call": KindReader(_read_roll_call, (AnswerKind.NAMES,), about_a_session=True),
    "homework": KindReader(_read_work, (AnswerKind.SUBMISSION,)),
    "presentation": KindReader(_read_work, (AnswerKind.SUBMISSION,)),
    "review": KindReader(_read_review, (AnswerKind.YES, AnswerKind.RETURN)),
    "hours": KindReader(_read_hours, (AnswerKind.YES, AnswerKind.HOURS)),
    "hours_check": KindReader(_read_yes_or_no),
    "approve": KindReader(_read_yes_or_no),
    "reflection": KindReader(_read_nothing, ()),
    "address": KindReader(_read_yes_or_no),
    "poll": KindReader(_read_poll),
}
