"""What an answer does, by the kind of the question it answers: EFFECTS is the table, one function a kind.

Each is called by the door alone (`submit.py`), when the question is open and takes this kind of answer, in the
caller's transaction; it says what was done, or refuses and has done nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from workflow.answering.outcome import Given, Outcome, Result, done, refused
from workflow.answering.read_back import post
from workflow.config.loader import Text
from workflow.database.models import StageSession
from workflow.journey import members, mentoring, reflection
from workflow.journey import moves as journey
from workflow.journey import sessions as meetings
from workflow.journey import submissions as works
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.records.history import alert, record
from workflow.replies.understand import AnswerKind, HoursEntry
from workflow.rules.answers import as_json
from workflow.rules.machine import Decision, Refusal, Trigger, state_name
from workflow.rules.questions import QuestionKind
from workflow.text import formatting as say


def _verify(given: Given) -> Outcome:
    if given.answer.kind is AnswerKind.NO:
        team, who, words = given.team.name, given.person.name, given.answer.text
        says = Text(
            et=f"{team}: kontaktisik {who} ütleb, et taotlus ei ole tema saadetud. {words}".strip(),
            en=f"{team}: the contact {who} says the application is not theirs. {words}".strip(),
        )
        record(given.session, given.team, "disowned", given.actor, given.now, why=given.answer.text)
        alert(
            given.season,
            given.session,
            f"disowned:{given.team.id}",
            "disowned",
            says,
            given.now,
            team=given.team,
            urgent=True,
        )
        return done(
            "Märkisime, et taotlus ei ole teie saadetud. See ei lähe arvesse.",
            "We noted that the application is not yours. It does not count.",
        )
    given.team.verified_at = given.now
    record(given.session, given.team, "verified", given.actor, given.now)
    lack = members.lack(given.season.machine, given.session, given.team)
    closes = given.season.programme.apply.closes_at
    post(given, "application_counts", given.person, {"closes_at": closes, "missing": (lack,) if lack else ()})
    return done("Taotlus läheb arvesse.", "The application counts.", told=True)


def _consent(given: Given) -> Outcome:
    if given.answer.kind is AnswerKind.YES:
        return done(
            f"Kinnitasite, et kuulute meeskonda {given.team.name}.",
            f"You confirmed that you are on the team {given.team.name}.",
        )
    members.leave(given.season, given.session, given.person, given.actor, given.now, why=given.answer.text)
    return done(
        f"Eemaldasime teid meeskonnast {given.team.name}. Rohkem me teile ei kirjuta.",
        f"We took you off the team {given.team.name}. We will not write to you again.",
    )


def _confirm_place(given: Given) -> Outcome:
    yes = given.answer.kind is AnswerKind.YES
    trigger = Trigger.CONFIRM if yes else Trigger.RELEASE
    moved = journey.move(
        given.season, given.session, given.team, trigger, given.actor, given.now, why=given.answer.text[:500]
    )
    if isinstance(moved, Refusal):
        return refused(moved)
    _tell_other(given, yes)
    said = (
        Text(et="Koht on teie.", en="The place is yours.")
        if yes
        else Text(et="Märkisime, et te ei võta kohta vastu.", en="We noted that you do not take the place.")
    )
    return Outcome(Result.ACCEPTED, (said,), told=not moved.approval)


def _tell_other(given: Given, yes: bool) -> None:
    said = Text(et="JAH", en="YES") if yes else Text(et="EI", en="NO")
    for addressee in given.question.addressees:
        if addressee.person_id != given.person.id:
            post(
                given,
                "other_answered",
                addressee.person,
                {"who": given.person.name, "said": said},
                answering=False,
            )


_COMING = {
    AnswerKind.YES: Text(et="tulete", en="you are coming"),
    AnswerKind.NO: Text(et="ei tule", en="you are not coming"),
    AnswerKind.MAYBE: Text(et="võib-olla tulete", en="you may be coming"),
}


def _rsvp(given: Given) -> Outcome:
    """Expected attendance; may be said again until the session begins."""
    meeting = given.session.get_one(StageSession, given.question.about["session"])
    given.question.answer, given.question.outcome = as_json(given.answer), given.answer.kind
    given.question.answered_by_id, given.question.answered_via = given.person.id, given.actor.via
    meetings.attendance(given.session, given.question.addressees[0].person, meeting.stage).expected = given.answer.kind
    coming, programme = _COMING[given.answer.kind], given.season.programme
    name = state_name(programme, meeting.stage)
    return done(
        f"{name.et}, {say.on(meeting.starts_at, 'et', programme.tz)}: märkisime, et {coming.et}.",
        f"{name.en}, {say.on(meeting.starts_at, 'en', programme.tz)}: we noted that {coming.en}.",
    )


def _reflection(given: Given) -> Outcome:
    """Own ratings; they may be changed until the time is over. The question itself only knows that there are some."""
    question = given.question
    number = reflection.note(given.session, question, given.person, given.answer.ratings)
    question.answer, question.outcome = {"kind": given.answer.kind.value, "text": ""}, given.answer.kind
    question.answered_by_id, question.answered_via = given.person.id, given.actor.via
    return Outcome(
        Result.ACCEPTED,
        (
            Text(et=f"Hinnanguid salvestatud: {number}.", en=f"Ratings saved: {number}."),
            Text(
                et="Kuni vastamise tähtajani võite neid samal lehel muuta.",
                en="You may change them on the same page until the form closes.",
            ),
        ),
    )


def _roll_call(given: Given) -> Outcome:
    """Who was absent; everybody else expected was there. Teams whose stage is done by it move on."""
    assert given.question.stage is not None
    absent, came, missed = set(given.answer.names), 0, []
    teams = queries.expected(given.session, given.season.machine, given.question)
    for team, people in teams:
        here = [p for p in people if p.name not in absent]
        for person in people:
            seat = meetings.attendance(given.session, person, given.question.stage)
            seat.present, seat.recorded_at = person in here, given.now
        came += len(here)
        missed += [p.name for p in people if p not in here]
        record(
            given.session,
            team,
            "attendance",
            given.actor,
            given.now,
            proof={"stage": given.question.stage, "present": len(here), "of": len(people)},
        )
    given.session.flush()
    for team, _ in teams:
        journey.settle(given.season, given.session, team, given.now)
    absent_et = f"Puudusid: {', '.join(missed)}." if missed else "Kõik olid kohal."
    absent_en = f"Absent: {', '.join(missed)}." if missed else "Everybody was there."
    return done(f"Kohal {came}. {absent_et}", f"{came} attended. {absent_en}")


def hand_in(given: Given) -> Outcome:
    works.hand_in(
        given.season,
        given.session,
        given.question,
        given.person,
        given.answer.text,
        given.uploads,
        given.actor,
        given.now,
    )
    journey.settle(given.season, given.session, given.team, given.now)
    return done("Töö on kohal.", "The work has arrived.", told=True)


def _review(given: Given) -> Outcome:
    name = given.team.name
    if given.answer.kind is AnswerKind.RETURN:
        works.send_back(
            given.season,
            given.session,
            given.question,
            given.person,
            given.answer.text,
            given.actor,
            given.now,
        )
        return done(f"{name}: saatsime töö teie märkusega tagasi.", f"{name}: we returned the work with your comment.")
    works.accept(given.season, given.session, given.question, given.person, given.answer.text, given.actor, given.now)
    journey.settle(given.season, given.session, given.team, given.now)
    return done(f"{name}: töö on vastu võetud.", f"{name}: the work is accepted.")


def _hours(given: Given) -> Outcome:
    entries, only = given.answer.entries, None
    if given.answer.kind is AnswerKind.YES:
        if not mentoring.shows_list(given.question):
            return _reopen_unclear(given)
        rows = mentoring.listed(given.session, given.question)
        entries = tuple(HoursEntry(minutes=r.minutes, day=r.day, note=r.note) for r in rows)
        only = {r.id for r in rows}
    report = mentoring.report(
        given.season,
        given.session,
        given.question,
        given.person,
        [e for e in entries if e.minutes],
        given.actor,
        given.now,
        only=only,
    )
    mentoring.ask_check(given.season, given.session, given.question, given.person, report.booked, given.now)
    until = given.now + timedelta(hours=given.season.programme.reminders.readback_hours)
    booked = tuple(_booked(given, r.minutes, r.day) for r in report.booked) or (_none_added(given, only),)
    left = Text(et=f"Alles on {say.minutes(report.left, 'et')}.", en=f"{say.minutes(report.left, 'en')} left.")
    return Outcome(Result.ACCEPTED, (*booked, left), undo_until=until if report.booked else None)


def _none_added(given: Given, only: set[int] | None) -> Text:
    if only is not None and not only:
        return Text(
            et=f"{given.team.name}: need tunnid on juba kirjas, teist korda neid ei arvestata.",
            en=f"{given.team.name}: these hours are in the books already and do not count twice.",
        )
    return Text(et=f"{given.team.name}: tunde ei lisandunud.", en=f"{given.team.name}: no hours added.")


def _booked(given: Given, minutes: int, day: date | None) -> Text:
    et, en = ((f", {say.day(day, lang)}" if day else "") for lang in ("et", "en"))
    return Text(
        et=f"Märgitud {say.minutes(minutes, 'et')}, {given.team.name}{et}.",
        en=f"Booked {say.minutes(minutes, 'en')}, {given.team.name}{en}.",
    )


def _reopen_unclear(given: Given) -> Outcome:
    """JAH without a list says nothing: the question stays open."""
    asking.reopen(given.session, given.question, given.now)
    return Outcome(Result.UNCLEAR)


def _hours_check(given: Given) -> Outcome:
    right = given.answer.kind is AnswerKind.YES
    mentoring.check(given.season, given.session, given.question, right, given.answer.text, given.actor, given.now)
    if right:
        return done("Aitäh, tunnid on kinnitatud.", "Thank you, the hours are confirmed.")
    return done(
        "Märkisime, et tunnid on valed. Koordinaator võtab ühendust.",
        "We noted that the hours are wrong. The coordinator will be in touch.",
    )


def _approve(given: Given) -> Outcome:
    """The coordinator's yes takes the step as it was shown; if the team moved meanwhile, nothing happens."""
    about, team = given.question.about, given.team
    if about["version"] != team.version:
        return Outcome(
            Result.REFUSED,
            (
                Text(
                    et=f"{team.name}: seis on vahepeal muutunud, midagi ei tehtud.",
                    en=f"{team.name}: things changed meanwhile; nothing was done.",
                ),
            ),
        )
    if given.answer.kind is AnswerKind.NO:
        record(
            given.session,
            team,
            "not_approved",
            given.actor,
            given.now,
            why=given.answer.text,
            proof={"trigger": about["trigger"]},
        )
        return done(f"{team.name}: sammu ei tehtud.", f"{team.name}: the step was not taken.")
    moved = journey.move(
        given.season,
        given.session,
        team,
        Trigger(about["trigger"]),
        given.actor,
        given.now,
        why=given.answer.text or str(about.get("why", "")),
    )
    return _moved(given, moved)


def _moved(given: Given, moved: Decision | Refusal) -> Outcome:
    if isinstance(moved, Refusal):
        return refused(moved)
    name = state_name(given.season.programme, moved.target)
    return done(f"{given.team.name}: uus seis on „{name.et}“.", f"{given.team.name} is now: {name.en}.")


EFFECTS: Mapping[QuestionKind, Callable[[Given], Outcome]] = {
    QuestionKind.VERIFY: _verify,
    QuestionKind.CONSENT: _consent,
    QuestionKind.CONFIRM_PLACE: _confirm_place,
    QuestionKind.RSVP: _rsvp,
    QuestionKind.ROLL_CALL: _roll_call,
    QuestionKind.HOMEWORK: hand_in,
    QuestionKind.REVIEW: _review,
    QuestionKind.HOURS: _hours,
    QuestionKind.HOURS_CHECK: _hours_check,
    QuestionKind.APPROVE: _approve,
    QuestionKind.PRESENTATION: hand_in,
    QuestionKind.REFLECTION: _reflection,
}
