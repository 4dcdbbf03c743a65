"""Parsers of the question forms, one for each kind: what was typed becomes one answer, or faults at their fields.
Pure.

No choice is ever made for anybody: what was not chosen is a fault.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from werkzeug.datastructures import MultiDict

from web.forms import Faults, lines
from workflow.journey.reflection import HIGHEST, LOWEST
from workflow.journey.submissions import Upload
from workflow.replies import hours
from workflow.replies.answers import Answer, AnswerKind, Asked, HoursEntry
from workflow.rules.application import clean
from workflow.rules.questions import PollForm, QuestionKind
from workflow.text.bilingual import Text

RULE: Final = "form"
ROWS: Final = 12
"""rows of hours a form may have"""
SMALL: Final = re.compile(r"(?:[0-9]|1[0-2])(?:[.,][0-9]+)?")
CHOOSE: Final = Text(et="Valige vastus.", en="Choose an answer.")
Form = MultiDict[str, str]
Read = tuple[Answer | None, Faults]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContext:
    """What a form is read against."""

    today: date
    outcomes: Sequence[str] = ()
    """the learning outcomes to be rated, by key"""
    names: Sequence[tuple[int, str]] = ()
    """whom a roll-call expects: (id, name)"""
    listed: bool = False
    """whether hours were listed that can be confirmed"""
    uploads: Sequence[Upload] = ()
    largest: int = 0
    """the largest file, in bytes"""
    number: int = 0
    """the most files"""
    form: str = ""
    """of a poll: how it is answered"""
    choices: Sequence[str] = ()
    """of a poll: the words that it lists"""


def read(kind: QuestionKind, form: Form, given: FormContext) -> Read:
    """The one answer that the form gives to a question of this kind, or every fault."""
    return READERS[kind](form, given)


def _answer(kind: AnswerKind, form: Form, text: str = "") -> Answer:
    return Answer(kind=kind, text=text, rule=RULE, words=clean(form.get("answer", ""))[:40])


def _choice(form: Form, options: Mapping[str, AnswerKind], reasons: Mapping[str, Text]) -> Read:
    """A choice with a comment; `reasons`: which choices need one, and what to say where it is missing."""
    chosen, text = form.get("answer", ""), lines(form, "text")
    if chosen not in options:
        return None, {"answer": CHOOSE}
    if chosen in reasons and not text:
        return None, {"text": reasons[chosen]}
    return _answer(options[chosen], form, text), {}


def _yes_no(form: Form, given: FormContext) -> Read:
    return _choice(form, {"yes": AnswerKind.YES, "no": AnswerKind.NO}, {})


def _what_is_wrong(form: Form, given: FormContext) -> Read:
    says = Text(et="Kirjutage, mis on valesti.", en="Write what is wrong.")
    return _choice(form, {"yes": AnswerKind.YES, "no": AnswerKind.NO}, {"no": says})


def _coming(form: Form, given: FormContext) -> Read:
    return _choice(form, {"yes": AnswerKind.YES, "no": AnswerKind.NO, "maybe": AnswerKind.MAYBE}, {})


def _review(form: Form, given: FormContext) -> Read:
    says = Text(
        et="Kirjutage, mida parandada: meeskond saab selle kirjaga.", en="Write what to mend: the team is told."
    )
    return _choice(form, {"yes": AnswerKind.YES, "return": AnswerKind.RETURN}, {"return": says})


# -- roll-call ----------------------------------------------------------------------------------------------------


def _roll_call(form: Form, given: FormContext) -> Read:
    """Everybody, or those ticked as absent: said twice over, so that neither is an oversight."""
    ticked = set(form.getlist("absent"))
    absent = tuple(name for number, name in given.names if str(number) in ticked)
    match form.get("answer"):
        case "all" if absent:
            return None, {"answer": _both(absent)}
        case "all":
            return _answer(AnswerKind.NAMES, form), {}
        case "some" if not absent:
            says = Text(et="Märkige, kes puudusid.", en="Tick those who were absent.")
            return None, {"absent": says}
        case "some":
            return Answer(kind=AnswerKind.NAMES, names=absent, rule=RULE, words=", ".join(absent)[:500]), {}
    return None, {"answer": CHOOSE}


def _both(absent: Sequence[str]) -> Text:
    names = ", ".join(absent)
    return Text(
        et=f"Valisite, et kõik olid kohal, aga märkisite puudujaks: {names}. Kumb on õige?",
        en=f"You chose that everybody was there, yet ticked as absent: {names}. Which is right?",
    )


# -- work ---------------------------------------------------------------------------------------------------------


def _work(form: Form, given: FormContext) -> Read:
    text = lines(form, "text")
    if len(given.uploads) > given.number:
        return None, {"files": _too_many(given.number)}
    large = [one.name for one in given.uploads if len(one.content) > given.largest]
    if large:
        return None, {"files": _too_large(large, given.largest)}
    if any(not one.content for one in given.uploads):
        empty = ", ".join(one.name for one in given.uploads if not one.content)
        return None, {"files": Text(et=f"Fail on tühi: {empty}.", en=f"The file is empty: {empty}.")}
    if not text and not given.uploads:
        return None, {"files": Text(et="Lisage fail või kirjutage töö tekstina.", en="Add a file or write a text.")}
    return Answer(kind=AnswerKind.SUBMISSION, text=text, rule=RULE, words=text[:200]), {}


def _too_many(most: int) -> Text:
    return Text(
        et=f"Korraga saab saata kuni {most} faili. Valige olulisemad või pakkige failid kokku (zip).",
        en=f"At most {most} files at a time. Choose those that matter, or pack them together (zip).",
    )


def _too_large(names: Sequence[str], most: int) -> Text:
    size, which = f"{most // (1024 * 1024)} MB", ", ".join(names)
    return Text(
        et=f"Fail on suurem kui {size}: {which}. Saatke väiksem fail või kirjutage teksti sisse link, kust selle saab.",
        en=f"Larger than {size}: {which}. Send a smaller file, or write a link to it into the text.",
    )


# -- hours --------------------------------------------------------------------------------------------------------


def _hours(form: Form, given: FormContext) -> Read:
    match form.get("answer"):
        case "listed" if given.listed:
            return _answer(AnswerKind.YES, form), {}
        case "none":
            return _answer(AnswerKind.HOURS, form), {}
        case "rows":
            return _rows(form, given.today)
    return None, {"answer": CHOOSE}


def rows(form: Form) -> list[dict[str, str]]:
    """The rows of hours as typed."""
    keys = ("day", "length", "note")
    return [{key: form.get(f"hours-{i}-{key}", "")[:500] for key in keys} for i in range(ROWS)]


def _rows(form: Form, today: date) -> Read:
    faults: Faults = {}
    found: list[HoursEntry] = []
    for i, row in enumerate(rows(form)):
        if any(value.strip() for value in row.values()):
            found += _entry(row, f"hours.{i}.", today, faults)
    if not found and not faults:
        faults["hours.0.length"] = Text(et="Kirjutage, kui kaua nõustasite.", en="Write how long you advised them.")
    if faults:
        return None, faults
    words = "; ".join(clean(row["length"]) for row in rows(form) if row["length"].strip())
    return Answer(kind=AnswerKind.HOURS, entries=tuple(found), rule=RULE, words=words[:500]), {}


def _entry(row: Mapping[str, str], place: str, today: date, faults: Faults) -> list[HoursEntry]:
    length, day = _length(row["length"], today), _day(row["day"])
    if length is None:
        faults[place + "length"] = Text(
            et="Kirjutage pikkus kujul 1,5 või 1 h 30 min või 45 min.",
            en="Write the length as 1.5 or 1 h 30 min or 45 min.",
        )
    if row["day"].strip() and (day is None or day > today):
        faults[place + "day"] = Text(et="Valige päev, mis on juba olnud.", en="Choose a day that has already been.")
    return [] if length is None else [HoursEntry(minutes=length, day=day, note=clean(row["note"])[:300])]


def _length(written: str, today: date) -> int | None:
    """Minutes, read as a reply would be; None where it is not plainly one length of time."""
    plain = clean(written)[:60]
    # a bare "1.5" might be the first of May in a letter; in this field it can only be a length
    found = hours.read(f"{plain} h" if SMALL.fullmatch(plain) else plain, Asked(today=today))
    if found.fault or len(found.entries) != 1 or found.entries[0].day is not None:
        return None
    minutes = found.entries[0].minutes
    return minutes if 0 < minutes <= 24 * 60 else None


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None


# -- reflection ---------------------------------------------------------------------------------------------------

RATINGS: Final = {str(number): number for number in range(LOWEST, HIGHEST + 1)}


def _ratings(form: Form, given: FormContext) -> Read:
    """Those that were chosen; what was skipped or left is no rating, and nothing at all is no answer."""
    chosen = tuple((key, RATINGS[said]) for key in given.outcomes if (said := form.get(f"rate-{key}", "")) in RATINGS)
    if not chosen:
        first = f"rate-{given.outcomes[0]}" if given.outcomes else ""
        says = Text(
            et="Valige vähemalt üks hinnang. Kui te vastata ei soovi, sulgege lihtsalt leht.",
            en="Choose at least one rating. If you would rather not answer, simply close the page.",
        )
        return None, {first: says}
    return Answer(kind=AnswerKind.RATINGS, ratings=chosen, rule=RULE), {}


def _poll(form: Form, given: FormContext) -> Read:
    """Yes or no, one of the listed words by its number, or a text."""
    if given.form == PollForm.WORDS:
        text = lines(form, "text")
        says = Text(et="Kirjutage vastus.", en="Write your answer.")
        given_words = Answer(kind=AnswerKind.WORDS, text=text, rule=RULE, words=text[:200])
        return (given_words, {}) if text else (None, {"text": says})
    if given.form == PollForm.YES_NO:
        return _yes_no(form, given)
    options = {str(number): word for number, word in enumerate(given.choices)}
    chosen = form.get("answer", "")
    if chosen not in options:
        return None, {"answer": CHOOSE}
    word = options[chosen]
    return Answer(kind=AnswerKind.CHOICE, choice=word, text=lines(form, "text"), rule=RULE, words=word[:40]), {}


READERS: Final[Mapping[QuestionKind, Callable[[Form, FormContext], Read]]] = {
    QuestionKind.VERIFY: _yes_no,
    QuestionKind.CONSENT: _yes_no,
    QuestionKind.CONFIRM_PLACE: _yes_no,
    QuestionKind.RSVP: _coming,
    QuestionKind.ROLL_CALL: _roll_call,
    QuestionKind.HOMEWORK: _work,
    QuestionKind.PRESENTATION: _work,
    QuestionKind.REVIEW: _review,
    QuestionKind.HOURS: _hours,
    QuestionKind.HOURS_CHECK: _what_is_wrong,
    QuestionKind.REFLECTION: _ratings,
    QuestionKind.ADDRESS: _yes_no,
    QuestionKind.POLL: _poll,
}
