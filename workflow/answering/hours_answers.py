"""Answers about mentoring hours: what a mentor reports, takes back or corrects, and what the team says of it.

Called by `submit` and `effects` alone, in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from workflow.answering.afterwards import known
from workflow.answering.outcome import AnswerInProgress, AnswerOutcome, AnswerResult, done, settle_question
from workflow.database.models import HoursRow
from workflow.journey import mentoring
from workflow.records import open_questions
from workflow.replies.answers import AnswerKind, HoursEntry
from workflow.rules import hours
from workflow.rules.hours import EntryKind
from workflow.text import formatting
from workflow.text.bilingual import Text


def report(given: AnswerInProgress) -> AnswerOutcome:
    """A mentor's hours of a month, or YES to the list of what was booked."""
    entries, only = given.answer.entries, None
    if given.answer.kind is AnswerKind.YES:
        if not mentoring.shows_list(given.question):
            return _reopen_unclear(given)
        rows = mentoring.listed(given.session, given.question)
        entries = tuple(HoursEntry(minutes=r.minutes, day=r.day, note=r.note) for r in rows)
        only = {r.id for r in rows}
    return _book(given, [e for e in entries if e.minutes], only)


def _book(
    given: AnswerInProgress, entries: Sequence[HoursEntry], only: set[int] | None = None,
    instead: Sequence[HoursRow] = (),
) -> AnswerOutcome:  # fmt: skip
    found = mentoring.report(
        given.season, given.session, given.question, given.person, entries, given.actor, given.now,
        only=only, instead=instead,
    )  # fmt: skip
    mentoring.ask_check(given.season, given.session, given.question, given.person, found.booked, given.now)
    until = given.now + timedelta(hours=given.season.programme.reminders.readback_hours)
    told = (*(_booked(given, row) for row in found.booked), *(_repeated(given, row) for row in found.repeated))
    left = Text(
        et=f"Alles on {formatting.minutes(found.left, 'et')}.", en=f"{formatting.minutes(found.left, 'en')} left."
    )
    said = (*(told or (_none_added(given, only),)), *_month_so_far(given), left)
    return AnswerOutcome(AnswerResult.ACCEPTED, said, undo_until=until if found.booked else None)


def _none_added(given: AnswerInProgress, only: set[int] | None) -> Text:
    if only is not None and not only:
        return Text(
            et=f"{given.team.name}: need tunnid on juba kirjas, teist korda neid ei arvestata.",
            en=f"{given.team.name}: these hours are in the books already and do not count twice.",
        )
    return Text(et=f"{given.team.name}: tunde ei lisandunud.", en=f"{given.team.name}: no hours added.")


def _booked(given: AnswerInProgress, row: HoursRow) -> Text:
    on = hours.when(row.day, row.month)
    return Text(
        et=f"Märgitud {formatting.minutes(row.minutes, 'et')}, {given.team.name}, {on.et}.",
        en=f"Booked {formatting.minutes(row.minutes, 'en')}, {given.team.name}, {on.en}.",
    )


def _repeated(given: AnswerInProgress, row: HoursRow) -> Text:
    on = hours.when(row.day, row.month)
    return Text(
        et=f"{formatting.minutes(row.minutes, 'et')}, {given.team.name}, {on.et}: see on juba kirjas ja teist korda ei "
        "loe. Kui kohtumisi oli kaks, arvestab selle koordinaator, kes vaatab selle üle.",
        en=f"{formatting.minutes(row.minutes, 'en')}, {given.team.name}, {on.en}: this is in the books already and "
        "does not count twice. If there were two meetings, the coordinator, who looks at it, will count it.",
    )


def _month_so_far(given: AnswerInProgress) -> tuple[Text, ...]:
    """What the asked month adds up to now, so that whoever counted something twice sees it."""
    month = str(given.question.about["month"])
    rows = mentoring.given_in(given.session, given.team.id, given.person.id, month)
    if len(rows) < 2:
        return ()
    first, minutes = date.fromisoformat(f"{month}-01"), sum(each for _, each in rows)
    et, en = ((formatting.month(first, lang), formatting.minutes(minutes, lang)) for lang in ("et", "en"))
    return (Text(et=f"Kokku on teilt kirjas: {et[0]}, {et[1]}.", en=f"In all you have: {en[0]}, {en[1]}."),)


def _reopen_unclear(given: AnswerInProgress) -> AnswerOutcome:
    """JAH without a list says nothing: the question stays open."""
    open_questions.reopen(given.session, given.question, given.now)
    return AnswerOutcome(AnswerResult.UNCLEAR)


def check(given: AnswerInProgress) -> AnswerOutcome:
    """The team's word on what its mentor reported."""
    right = given.answer.kind is AnswerKind.YES
    mentoring.check(
        given.season, given.session, given.question, right, given.answer.text, given.actor, given.now,
        by=given.person.name,
    )  # fmt: skip
    if right:
        return done("Aitäh, tunnid on kinnitatud.", "Thank you, the hours are confirmed.")
    return done(
        "Märkisime, et tunnid on valed. Koordinaator võtab ühendust.",
        "We noted that the hours are wrong. The coordinator will be in touch.",
    )


# -- within the read-back time --------------------------------------------------------------------


def amended(given: AnswerInProgress) -> AnswerOutcome | None:
    """NO takes the hours back and asks again; other hours take the place of those reported. None where it is neither,
    or does not plainly say what it takes the place of."""
    if given.answer.kind is AnswerKind.NO:
        return _taken_back(given)
    if given.answer.kind is AnswerKind.HOURS:
        return _corrected(given)
    return None


def _taken_back(given: AnswerInProgress) -> AnswerOutcome | None:
    """None where there is nothing to take back, for there were no hours or the coordinator has settled them: what NO
    means then only a person can tell."""
    if not mentoring.take_back(given.season, given.session, given.question, given.actor, given.now):
        before = mentoring.was_taken_back(given.session, given.question)
        return AnswerOutcome(AnswerResult.ALREADY) if before else None
    again = mentoring.ask_hours(
        given.season, given.session, given.team, given.person,
        f"hours_again:{given.question.id}:{given.now:%Y%m%dT%H%M%S}",
        str(given.question.about.get("month", "")), given.now, instead=True,
        stage=given.question.stage,
    )  # fmt: skip
    return done(
        "Võtsime need tunnid tagasi ja küsime uuesti.",
        "We took these hours back and ask again.",
        told=again is not None,
    )


def _corrected(given: AnswerInProgress) -> AnswerOutcome | None:
    """"Tegelikult 2 h": what was reported is taken back, and what should stand is booked in its place."""
    before = mentoring.told(given.session, given.question)
    entries = corrected([HoursEntry(minutes=m, day=r.day, note=r.note) for r, m in before], given.answer.entries)
    if not before or entries is None or _settled_since(given, len(before)):
        return None
    rows = mentoring.take_back(given.season, given.session, given.question, given.actor, given.now)
    given.question.about = {**given.question.about, "instead": True}
    given = replace(given, answer=replace(given.answer, kind=AnswerKind.HOURS, entries=tuple(entries)))
    settle_question(given)
    return _book(given, entries, only=set(), instead=[row for row in rows if row.kind == EntryKind.REPORTED])


def _settled_since(given: AnswerInProgress, lines: int) -> bool:
    """Whether the coordinator has settled a line of the answer: then it is not plain what a correction is of."""
    answer = known(given.question)
    said = [e for e in answer.entries if e.minutes] if answer is not None and answer.kind is AnswerKind.HOURS else None
    return said is not None and len(said) != lines


def corrected(before: Sequence[HoursEntry], said: Sequence[HoursEntry]) -> list[HoursEntry] | None:
    """What a correction leaves of what was reported: all of it is replaced where there was one line or every day is
    said anew; else the lines whose days it names. None where it is not plain which lines are meant, or nothing
    changes."""
    days = [one.day for one in before]
    if len(before) == 1 and len(said) == 1 and said[0].day is None:
        result = [replace(said[0], day=days[0], note=said[0].note or before[0].note)]
    elif len(before) == 1 or not said:
        result = list(said)
    elif None in days or any(one.day not in days for one in said) or len(set(days)) < len(days):
        return None
    else:
        new = {one.day: one for one in said}
        result = [replace(new.get(one.day, one), note=new.get(one.day, one).note or one.note) for one in before]
    same = [(one.day, one.minutes) for one in result] == [(one.day, one.minutes) for one in before]
    return None if same else result
