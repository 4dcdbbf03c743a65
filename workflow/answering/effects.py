"""Handlers of answers, one for each kind of question: EFFECTS is the table.

Each is called by `submit` alone, when the question is open and takes this kind of answer, in the
caller's transaction; it says what was done, or refuses and has done nothing.
"""

from collections.abc import Callable, Mapping

from workflow.answering import hours_answers, own_addresses
from workflow.answering.outcome import AnswerInProgress, AnswerOutcome, AnswerResult, done, refused
from workflow.answering.read_back import post, said
from workflow.codes import AlertKind, HistoryEvent
from workflow.journey import attendance, invitations, members, moves, reflection, submissions, verifying
from workflow.records import queries
from workflow.records.history import alert, record
from workflow.replies.answers import AnswerKind
from workflow.rules.answers import answers_form, as_json
from workflow.rules.machine import Decision, Refusal, Trigger, state_name
from workflow.rules.questions import QuestionKind
from workflow.text import formatting
from workflow.text.bilingual import Text


def _verify(given: AnswerInProgress) -> AnswerOutcome:
    if given.answer.kind is AnswerKind.NO:
        team, who, words = given.team.name, given.person.name, given.answer.text
        part = verifying.PARTS[given.person.part or "member"]
        says = Text(
            et=f"{team}: {part.et.lower()} {who} ütleb, et taotlus ei ole tema saadetud. {words}".strip(),
            en=f"{team}: the {part.en.lower()} {who} says the application is not theirs. {words}".strip(),
        )
        record(given.session, given.team, HistoryEvent.DISOWNED, given.actor, given.now, why=given.answer.text)
        alert(
            given.season,
            given.session,
            f"disowned:{given.team.id}",
            AlertKind.DISOWNED,
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
    record(given.session, given.team, HistoryEvent.VERIFIED, given.actor, given.now)
    members.ask_consents(given.season, given.session, given.team, given.now)
    lack = members.lack(given.season.machine, given.session, given.team)
    closes = given.season.programme.apply.closes_at
    post(given, "application_counts", given.person, {"closes_at": closes, "missing": (lack,) if lack else ()})
    return done("Taotlus läheb arvesse.", "The application counts.", told=True)


def _consent(given: AnswerInProgress) -> AnswerOutcome:
    if given.answer.kind is AnswerKind.YES:
        return done(
            f"Kinnitasite, et kuulute meeskonda {given.team.name}.",
            f"You confirmed that you are on the team {given.team.name}.",
        )
    told = members.leave(given.season, given.session, given.person, given.actor, given.now, why=given.answer.text)
    return done(
        f"Eemaldasime teid meeskonnast {given.team.name}. Rohkem me teile ei kirjuta.",
        f"We took you off the team {given.team.name}. We will not write to you again.",
        told=told,
    )


def _confirm_place(given: AnswerInProgress) -> AnswerOutcome:
    yes = given.answer.kind is AnswerKind.YES
    moved = _place_moved(given, yes)
    if isinstance(moved, Refusal):
        return refused(moved)
    told = moved is not None and not moved.approval
    if not (yes and told):  # else the other one has the news itself
        _tell_other(given, yes)
    said = (
        Text(et="Koht on teie.", en="The place is yours.")
        if yes
        else Text(et="Märkisime, et te ei võta kohta vastu.", en="We noted that you do not take the place.")
    )
    return AnswerOutcome(AnswerResult.ACCEPTED, (said,), told=told)


def _place_moved(given: AnswerInProgress, yes: bool) -> Decision | Refusal | None:
    """The step that the answer asks for; None where a corrected answer finds the team on its way already."""
    on_its_way = given.team.state in given.season.machine.stages
    if yes and on_its_way:
        return None
    trigger = Trigger.CONFIRM if yes else Trigger.WITHDRAW if on_its_way else Trigger.RELEASE
    why = given.answer.text[:500]
    return moves.move(given.season, given.session, given.team, trigger, given.actor, given.now, why=why)


def _tell_other(given: AnswerInProgress, yes: bool) -> None:
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
    AnswerKind.NO: Text(et="te ei tule", en="you are not coming"),
    AnswerKind.MAYBE: Text(et="võib-olla tulete", en="you may be coming"),
}


def _rsvp(given: AnswerInProgress) -> AnswerOutcome:
    """Expected attendance; may be said again until the session begins."""
    meeting = queries.asked_session(given.session, given.question)
    given.question.answer, given.question.outcome = as_json(given.answer), given.answer.kind
    given.question.answered_by_id, given.question.answered_via = given.person.id, given.actor.via
    asked = given.question.addressees[0].person
    invitations.invitation(given.session, asked, meeting.stage).expected = given.answer.kind
    given.session.flush()
    invitations.look_who_comes(given.season, given.session, given.team, meeting, given.now)
    coming, programme = _COMING[given.answer.kind], given.season.programme
    name = state_name(programme, meeting.stage)
    return done(
        f"{name.et}, {formatting.on(meeting.starts_at, 'et', programme.tz)}: märkisime, et {coming.et}.",
        f"{name.en}, {formatting.on(meeting.starts_at, 'en', programme.tz)}: we noted that {coming.en}.",
    )


def _reflection(given: AnswerInProgress) -> AnswerOutcome:
    """Own ratings; they may be changed until the time is over. The question itself only knows that there are some."""
    question = given.question
    number = reflection.note(given.session, question, given.person, given.answer.ratings)
    question.answer, question.outcome = {"kind": given.answer.kind.value, "text": ""}, given.answer.kind
    question.answered_by_id, question.answered_via = given.person.id, given.actor.via
    return AnswerOutcome(
        AnswerResult.ACCEPTED,
        (
            Text(et=f"Hinnanguid salvestatud: {number}.", en=f"Ratings saved: {number}."),
            Text(
                et="Kuni vastamise tähtajani võite neid samal lehel muuta.",
                en="You may change them on the same page until the form closes.",
            ),
        ),
    )


def _roll_call(given: AnswerInProgress) -> AnswerOutcome:
    """Who was absent; everybody else expected was there. Teams whose stage is done by it move on."""
    assert given.question.stage is not None
    absent, came, missed = set(given.answer.names), 0, []
    teams = queries.expected(given.session, given.season.machine, given.question)
    for team, people in teams:
        here = {person: person.name not in absent for person in people}
        attendance.roll_call(given.session, team, given.question.stage, here, given.actor, given.now)
        came += sum(here.values())
        missed += [person.name for person, present in here.items() if not present]
    given.session.flush()
    for team, _ in teams:
        moves.settle(given.season, given.session, team, given.now)
    absent_et = f"Puudusid: {', '.join(missed)}." if missed else "Kõik olid kohal."
    absent_en = f"Absent: {', '.join(missed)}." if missed else "Everybody was there."
    hours = given.season.programme.reminders.readback_hours
    again = Text(
        et=f"Kui midagi on valesti, vastake {hours} tunni jooksul uuesti: siis kehtib uus vastus.",
        en=f"If anything is wrong, answer again within {hours} hours: the new answer then counts.",
    )
    counted = Text(et=f"Kohal {came}. {absent_et}", en=f"{came} attended. {absent_en}")
    return AnswerOutcome(AnswerResult.ACCEPTED, (counted, again))


def correct_roll_call(given: AnswerInProgress) -> AnswerOutcome | None:
    """Whoever answered a roll-call says it again and otherwise: those people alone are corrected. None where it says
    nothing new."""
    assert given.question.stage is not None
    absent, session = set(given.answer.names), given.session
    people = [p for _, some in queries.on_roll(session, given.season.machine, given.question) for p in some]
    came = {person: person.name not in absent for person in people}
    given.question.answer, given.question.outcome = as_json(given.answer), given.answer.kind
    given.question.letter_id = given.actor.letter.id if given.actor.letter else None
    said = attendance.correct(
        given.season, session, given.question.stage, came, given.actor, given.now, why=given.answer.text[:500]
    )
    return AnswerOutcome(AnswerResult.ACCEPTED, said) if said else None


def hand_in(given: AnswerInProgress) -> AnswerOutcome:
    submissions.hand_in(
        given.season,
        given.session,
        given.question,
        given.person,
        given.answer.text,
        given.uploads,
        given.actor,
        given.now,
    )
    moves.settle(given.season, given.session, given.team, given.now)
    return done("Töö on kohal.", "The work has arrived.", told=True)


def _review(given: AnswerInProgress) -> AnswerOutcome:
    name = given.team.name
    if given.answer.kind is AnswerKind.RETURN:
        submissions.send_back(
            given.season,
            given.session,
            given.question,
            given.person,
            given.answer.text,
            given.actor,
            given.now,
        )
        return done(f"{name}: saatsime töö teie märkusega tagasi.", f"{name}: we returned the work with your comment.")
    submissions.accept(
        given.season, given.session, given.question, given.person, given.answer.text, given.actor, given.now
    )
    moves.settle(given.season, given.session, given.team, given.now)
    submissions.tell_accepted(given.season, given.session, given.question, given.now)
    return done(f"{name}: töö on vastu võetud.", f"{name}: the work is accepted.")


def _approve(given: AnswerInProgress) -> AnswerOutcome:
    """The coordinator's yes takes the step as it was shown; if the team moved meanwhile, nothing happens."""
    about, team = given.question.about, given.team
    if about["version"] != team.version:
        return AnswerOutcome(
            AnswerResult.REFUSED,
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
            HistoryEvent.NOT_APPROVED,
            given.actor,
            given.now,
            why=given.answer.text,
            proof={"trigger": about["trigger"]},
        )
        return done(f"{team.name}: sammu ei tehtud.", f"{team.name}: the step was not taken.")
    moved = moves.move(
        given.season,
        given.session,
        team,
        Trigger(about["trigger"]),
        given.actor,
        given.now,
        why=given.answer.text or str(about.get("why", "")),
    )
    return _moved(given, moved)


def _moved(given: AnswerInProgress, moved: Decision | Refusal) -> AnswerOutcome:
    if isinstance(moved, Refusal):
        return refused(moved)
    name = state_name(given.season.programme, moved.target)
    return done(f"{given.team.name}: uus seis on „{name.et}“.", f"{given.team.name} is now: {name.en}.")


def _address(given: AnswerInProgress) -> AnswerOutcome:
    theirs = given.answer.kind is AnswerKind.YES
    says = own_addresses.answered(
        given.season, given.session, given.question, given.person, given.actor, given.now, theirs=theirs
    )
    return done(says.et, says.en)


def _poll(given: AnswerInProgress) -> AnswerOutcome:
    """A coordinator's own question: noted, and moved is nothing; it may be said again until it is due."""
    question, answer = given.question, given.answer
    if not answers_form(answer, question.about):
        return AnswerOutcome(AnswerResult.UNCLEAR)
    question.answer, question.outcome = as_json(answer), answer.kind
    question.answered_by_id, question.answered_via = given.person.id, given.actor.via
    question.letter_id = given.actor.letter.id if given.actor.letter else None
    noted = said(question)
    return done(f"Märkisime teie vastuse: {noted.et}.", f"We noted your answer: {noted.en}.")


EFFECTS: Mapping[QuestionKind, Callable[[AnswerInProgress], AnswerOutcome]] = {
    QuestionKind.VERIFY: _verify,
    QuestionKind.CONSENT: _consent,
    QuestionKind.CONFIRM_PLACE: _confirm_place,
    QuestionKind.RSVP: _rsvp,
    QuestionKind.ROLL_CALL: _roll_call,
    QuestionKind.HOMEWORK: hand_in,
    QuestionKind.REVIEW: _review,
    QuestionKind.HOURS: hours_answers.report,
    QuestionKind.HOURS_CHECK: hours_answers.check,
    QuestionKind.APPROVE: _approve,
    QuestionKind.PRESENTATION: hand_in,
    QuestionKind.REFLECTION: _reflection,
    QuestionKind.ADDRESS: _address,
    QuestionKind.POLL: _poll,
}
