"""Answers: what a reply or a form does. The one door through which every question is answered.

A mail, a form and a calendar button come here alike. One call is one transaction of the caller's: the answer,
what it moves, its history with the proof, and every mail it causes. Second answers and late ones change
nothing and say so; what is not plainly an answer changes nothing either.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from workflow import asking, gathered, journey, meetings, members, mentoring, queries, reflection, say, works
from workflow.answer_json import as_json
from workflow.answers import Answer, AnswerKind
from workflow.duties import EXPIRES
from workflow.machine import Decision, Refusal, Trigger, Who, state_name
from workflow.models import Person, Question, StageSession, Team
from workflow.notices import Fact, Minutes, Notice
from workflow.programme import Text
from workflow.questions import KINDS, QuestionKind
from workflow.recording import alert, record
from workflow.season import Actor, Season


class Result(StrEnum):
    ACCEPTED = "accepted"
    UNCLEAR = "unclear"
    ALREADY = "already"
    LATE = "late"
    REFUSED = "refused"
    STATUS = "status"
    HELP = "help"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer: `done` are the sentences that read it back (or say why not)."""

    result: Result
    done: tuple[Text, ...] = ()
    undo_until: datetime | None = None
    told: bool = False
    """a mail that reads the answer back is already on its way to this person"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer on its way through the door."""

    season: Season
    session: Session
    question: Question
    person: Person
    answer: Answer
    actor: Actor
    now: datetime
    uploads: Sequence[works.Upload] = ()

    @property
    def came_at(self) -> datetime:
        """When the answer came to us: a letter may have lain unread for a while, and that is not its writer's fault."""
        return self.actor.letter.received_at if self.actor.letter else self.now

    @property
    def team(self) -> Team:
        assert self.question.team is not None
        return self.question.team


def answer(
    season: Season,
    session: Session,
    question: Question,
    person: Person,
    said: Answer,
    actor: Actor,
    now: datetime,
    uploads: Sequence[works.Upload] = (),
) -> Outcome:
    """Give this person's answer to this question, and tell them what became of it where they wrote a mail."""
    if question.team is not None:
        gathered.hold(session, question.team)  # before its question: who takes or undoes a step comes that way too
    gathered.hold(session, question)
    given = Given(
        season=season,
        session=session,
        question=question,
        person=person,
        answer=said,
        actor=actor,
        now=now,
        uploads=uploads,
    )
    outcome = _decide(given)
    if actor.letter is not None:
        _tell(given, outcome)
    return outcome


def _decide(given: Given) -> Outcome:
    kind, question = given.answer.kind, given.question
    if kind in _ANY_QUESTION:
        return _ANY_QUESTION[kind](given)
    if question.closed_at is not None:
        return _closed(given)
    if _too_late(given):
        return Outcome(Result.LATE)
    spec = KINDS[QuestionKind(question.kind)]
    if kind not in spec.takes:
        return Outcome(Result.UNCLEAR)
    if not spec.stays_open:
        _settle_question(given)
    outcome = _EFFECTS[QuestionKind(question.kind)](given)
    if outcome.result is Result.REFUSED:
        asking.reopen(
            given.session, question, given.now
        )  # nothing was done, so nothing was answered: it may be tried again
    return outcome


def _too_late(given: Given) -> bool:
    """Whether it came when the question had ended already, though nobody had closed it yet."""
    due = given.question.due_at
    return given.question.kind in EXPIRES and due is not None and given.came_at >= due


def _settle_question(given: Given) -> None:
    given.question.answer = as_json(given.answer)
    given.question.answered_by_id, given.question.answered_via = given.person.id, given.actor.via
    given.question.letter_id = given.actor.letter.id if given.actor.letter else None
    asking.close(given.session, given.question, given.answer.kind, given.now)


# -- questions that are closed --------------------------------------------------------------------


def _closed(given: Given) -> Outcome:
    question = given.question
    if (
        question.kind == QuestionKind.HOURS
        and given.answer.kind is AnswerKind.NO
        and question.answered_by_id == given.person.id
    ):
        return _take_hours_back(given)
    if (
        question.kind in (QuestionKind.HOMEWORK, QuestionKind.PRESENTATION)
        and given.answer.kind is AnswerKind.SUBMISSION
    ):
        return _newer_version(given)
    return Outcome(Result.LATE if question.answered_by_id is None else Result.ALREADY)


def _take_hours_back(given: Given) -> Outcome:
    """EI to the read-back, within the hours that the programme allows."""
    allowed = timedelta(hours=given.season.programme.reminders.readback_hours)
    closed = given.question.closed_at
    if closed is None or given.came_at > closed + allowed:
        return Outcome(Result.LATE)
    if not mentoring.take_back(given.season, given.session, given.question, given.actor, given.now):
        return Outcome(Result.ALREADY)
    again = mentoring.ask_hours(
        given.season,
        given.session,
        given.team,
        given.person,
        f"hours_again:{given.question.id}:{given.now:%Y%m%dT%H%M%S}",
        str(given.question.about.get("month", "")),
        given.now,
    )
    for check in queries.open_questions(given.session, team_id=given.team.id):
        if check.kind == QuestionKind.HOURS_CHECK and check.key.startswith(f"hours_check:{given.question.id}:"):
            asking.close(given.session, check, "dropped", given.now)
    return Outcome(
        Result.ACCEPTED,
        (
            Text(
                et="Võtsime need tunnid tagasi ja küsime uuesti.",
                en="We took these hours back and ask again.",
            ),
        ),
        told=again is not None,
    )


def _newer_version(given: Given) -> Outcome:
    """Work may be sent again until somebody has read it; the very same work changes nothing."""
    assert given.question.stage is not None
    latest = queries.latest_submission(given.session, given.team.id, given.question.stage)
    if latest is None or latest.status != "handed_in" or works.same_again(latest, given.answer.text, given.uploads):
        return Outcome(Result.ALREADY)
    return _hand_in(given)


# -- words that fit any question ------------------------------------------------------------------


def _status(given: Given) -> Outcome:
    return Outcome(Result.STATUS)


def _help(given: Given) -> Outcome:
    return Outcome(Result.HELP)


def _withdraw(given: Given) -> Outcome:
    """A contact or deputy withdraws: an approval is opened; nobody is lost by one mail."""
    team, person = given.person.team, given.person
    if team is None or person.part not in ("contact", "deputy") or team.state not in given.season.machine.live:
        return Outcome(Result.UNCLEAR)
    moved = journey.move(
        given.season,
        given.session,
        team,
        Trigger.WITHDRAW,
        given.actor,
        given.now,
        why=given.answer.text[:500],
    )
    if isinstance(moved, Refusal):
        return Outcome(Result.REFUSED, tuple(r.says for r in moved.reasons))
    if moved.approval:
        given.season.post(
            given.session,
            Notice(
                template="withdraw_noted",
                key=f"withdraw_noted:{team.id}:{team.version}:{person.id}",
                person=person,
                team=team,
                question=given.question,
                answering=given.actor.letter,
            ),
            given.now,
        )
    return Outcome(Result.WITHDRAW, told=True)


_ANY_QUESTION: Mapping[AnswerKind, Callable[[Given], Outcome]] = {
    AnswerKind.STATUS: _status,
    AnswerKind.HELP: _help,
    AnswerKind.WITHDRAW: _withdraw,
}


# -- what each kind's answer does -----------------------------------------------------------------


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
        return Outcome(
            Result.ACCEPTED,
            (
                Text(
                    et="Märkisime, et taotlus ei ole teie saadetud. See ei lähe arvesse.",
                    en="We noted that the application is not yours. It does not count.",
                ),
            ),
        )
    given.team.verified_at = given.now
    record(given.session, given.team, "verified", given.actor, given.now)
    lack = members.lack(given.season.machine, given.session, given.team)
    closes = given.season.programme.apply.closes_at
    _post(given, "application_counts", given.person, {"closes_at": closes, "missing": (lack,) if lack else ()})
    return Outcome(Result.ACCEPTED, (Text(et="Taotlus läheb arvesse.", en="The application counts."),), told=True)


def _consent(given: Given) -> Outcome:
    if given.answer.kind is AnswerKind.YES:
        return Outcome(
            Result.ACCEPTED,
            (
                Text(
                    et=f"Kinnitasite, et kuulute meeskonda {given.team.name}.",
                    en=f"You confirmed that you are on the team {given.team.name}.",
                ),
            ),
        )
    members.leave(given.season, given.session, given.person, given.actor, given.now, why=given.answer.text)
    return Outcome(
        Result.ACCEPTED,
        (
            Text(
                et=f"Eemaldasime teid meeskonnast {given.team.name}. Rohkem me teile ei kirjuta.",
                en=f"We took you off the team {given.team.name}. We will not write to you again.",
            ),
        ),
    )


def _confirm_place(given: Given) -> Outcome:
    yes = given.answer.kind is AnswerKind.YES
    trigger = Trigger.CONFIRM if yes else Trigger.RELEASE
    moved = journey.move(
        given.season, given.session, given.team, trigger, given.actor, given.now, why=given.answer.text[:500]
    )
    if isinstance(moved, Refusal):
        return Outcome(Result.REFUSED, tuple(r.says for r in moved.reasons))
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
            _post(
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
    return Outcome(
        Result.ACCEPTED,
        (
            Text(
                et=f"{name.et}, {say.on(meeting.starts_at, 'et', programme.tz)}: märkisime, et {coming.et}.",
                en=f"{name.en}, {say.on(meeting.starts_at, 'en', programme.tz)}: we noted that {coming.en}.",
            ),
        ),
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
    return Outcome(Result.ACCEPTED, (Text(et=f"Kohal {came}. {absent_et}", en=f"{came} attended. {absent_en}"),))


def _hand_in(given: Given) -> Outcome:
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
    return Outcome(Result.ACCEPTED, (Text(et="Töö on kohal.", en="The work has arrived."),), told=True)


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
        return Outcome(
            Result.ACCEPTED,
            (
                Text(
                    et=f"{name}: saatsime töö teie märkusega tagasi.",
                    en=f"{name}: we returned the work with your comment.",
                ),
            ),
        )
    works.accept(given.season, given.session, given.question, given.person, given.answer.text, given.actor, given.now)
    journey.settle(given.season, given.session, given.team, given.now)
    return Outcome(Result.ACCEPTED, (Text(et=f"{name}: töö on vastu võetud.", en=f"{name}: the work is accepted."),))


def _hours(given: Given) -> Outcome:
    entries = given.answer.entries
    if given.answer.kind is AnswerKind.YES:
        entries = tuple(mentoring.listed(given.session, given.question))
        if not entries:
            return _reopen_unclear(given)
    report = mentoring.report(
        given.season,
        given.session,
        given.question,
        given.person,
        [e for e in entries if e.minutes],
        given.actor,
        given.now,
    )
    mentoring.ask_check(given.season, given.session, given.question, given.person, report.booked, given.now)
    until = given.now + timedelta(hours=given.season.programme.reminders.readback_hours)
    done = tuple(_booked(given, r.minutes, r.day) for r in report.booked) or (
        Text(et=f"{given.team.name}: tunde ei lisandunud.", en=f"{given.team.name}: no hours added."),
    )
    left = Text(et=f"Alles on {say.minutes(report.left, 'et')}.", en=f"{say.minutes(report.left, 'en')} left.")
    return Outcome(Result.ACCEPTED, (*done, left), undo_until=until if report.booked else None)


def _booked(given: Given, minutes: int, day: Any) -> Text:
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
    said = (
        Text(et="Aitäh, tunnid on kinnitatud.", en="Thank you, the hours are confirmed.")
        if right
        else Text(
            et="Märkisime, et tunnid on valed. Koordinaator võtab ühendust.",
            en="We noted that the hours are wrong. The coordinator will be in touch.",
        )
    )
    return Outcome(Result.ACCEPTED, (said,))


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
        return Outcome(
            Result.ACCEPTED,
            (Text(et=f"{team.name}: sammu ei tehtud.", en=f"{team.name}: the step was not taken."),),
        )
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
        return Outcome(Result.REFUSED, tuple(r.says for r in moved.reasons))
    name = state_name(given.season.programme, moved.target)
    return Outcome(
        Result.ACCEPTED,
        (Text(et=f"{given.team.name}: uus seis on „{name.et}“.", en=f"{given.team.name} is now: {name.en}."),),
    )


_EFFECTS: Mapping[QuestionKind, Callable[[Given], Outcome]] = {
    QuestionKind.VERIFY: _verify,
    QuestionKind.CONSENT: _consent,
    QuestionKind.CONFIRM_PLACE: _confirm_place,
    QuestionKind.RSVP: _rsvp,
    QuestionKind.ROLL_CALL: _roll_call,
    QuestionKind.HOMEWORK: _hand_in,
    QuestionKind.REVIEW: _review,
    QuestionKind.HOURS: _hours,
    QuestionKind.HOURS_CHECK: _hours_check,
    QuestionKind.APPROVE: _approve,
    QuestionKind.PRESENTATION: _hand_in,
    QuestionKind.REFLECTION: _reflection,
}


# -- telling the person who wrote -----------------------------------------------------------------


def _tell(given: Given, outcome: Outcome) -> None:
    """Answer the letter: read the answer back, unless a mail that does so is on its way already."""
    if outcome.told:
        return
    template, facts = _reply(given, outcome)
    _post(given, template, given.person, facts)


def _reply(given: Given, outcome: Outcome) -> tuple[str, dict[str, Fact]]:
    match outcome.result:
        case Result.UNCLEAR:
            return ("form_only" if given.question.kind == QuestionKind.REFLECTION else "unclear"), {}
        case Result.ALREADY:
            return "already", _already(given)
        case Result.LATE:
            return "late", {"closed_at": given.question.closed_at or given.question.due_at}
        case Result.STATUS:
            return "status", status(given.season, given.session, given.person, given.now)
        case Result.HELP:
            return "help", {
                "open": tuple(
                    asking.asked(given.season, q)
                    for q in queries.open_questions(given.session, person_id=given.person.id)
                )
            }
    return "read_back", {"done": outcome.done, "undo_until": outcome.undo_until}


def _already(given: Given) -> dict[str, Fact]:
    by = given.question.answered_by
    return {"who": by.name if by else "", "said": said(given.question), "at": given.question.closed_at}


_SAID = {
    "yes": Text(et="JAH", en="YES"),
    "no": Text(et="EI", en="NO"),
    "submission": Text(et="töö esitatud", en="work handed in"),
    "hours": Text(et="tunnid märgitud", en="hours noted"),
    "names": Text(et="puudujad märgitud", en="absences noted"),
    "return": Text(et="töö tagasi saadetud", en="work returned"),
    "ratings": Text(et="hinnangud antud", en="ratings given"),
    "maybe": Text(et="VÕIB-OLLA", en="MAYBE"),
    "expired": Text(et="tähtaeg läks mööda", en="the time ran out"),
    "dropped": Text(et="küsimus langes ära", en="the question fell away"),
}


def said(question: Question) -> Text:
    """What a question's answer was, in a word or two."""
    return _SAID.get(question.outcome or "", Text(et="", en=""))


def status(season: Season, session: Session, person: Person, now: datetime) -> dict[str, Fact]:
    """Where the person's team stands: place, next date, what is missing, hours left."""
    team = person.team
    if team is None:
        open_now = tuple(asking.asked(season, q) for q in queries.open_questions(session, person_id=person.id))
        return {"state": None, "next_date": None, "next": None, "missing": open_now, "left": None}
    facts = queries.facts(session, season.machine, team)
    ahead = [m for m in queries.sessions_of(session, team.group) if m.starts_at > now]
    mentored = bool(facts.mentors)
    return {
        "state": state_name(season.programme, team.state),
        "next_date": ahead[0].starts_at if ahead else None,
        "next": state_name(season.programme, ahead[0].stage) if ahead else None,
        "missing": tuple(r.says for r in journey.lacking(season, facts, now)),
        "left": Minutes(facts.hours.left) if mentored else None,
    }


def _post(given: Given, template: str, person: Person, facts: dict[str, Fact], *, answering: bool = True) -> None:
    letter = given.actor.letter if answering else None
    cause = f"letter{letter.id}" if letter else f"q{given.question.id}:{given.now:%Y%m%dT%H%M%S%f}"
    given.season.post(
        given.session,
        Notice(
            template=template,
            key=f"{template}:{cause}:{person.id}",
            person=person,
            team=given.question.team or person.team,
            question=given.question,
            stage=given.question.stage,
            facts=facts,
            answering=letter,
        ),
        given.now,
    )


def may_answer(session: Session, question: Question, address_key: str) -> Person | None:
    """The person at this address who may answer: an addressee, or any member of the team where the kind allows."""
    people = [a.person for a in question.addressees]
    if KINDS[QuestionKind(question.kind)].any_member and question.team_id is not None:
        people += queries.members(session, question.team_id)
    return next((p for p in people if p.address_key == address_key and p.left_at is None), None)


def actor_for(person: Person, *, via: str, question: Question, **rest: Any) -> Actor:
    """Who acts, by the person's role: coordinators as such, everyone else as the one asked."""
    who = Who.COORDINATOR if person.role == "coordinator" else Who.CONTACT
    return Actor(who=who, name=person.name, person=person, via=via, question=question, **rest)
