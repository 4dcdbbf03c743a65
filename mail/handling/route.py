"""What one letter does: routed, understood, acted on, read back. In the caller's transaction.

The order of the rules is the order of this file. Who may move anything: the person who was asked, writing from
their own address to their own secret address. All else is kept and shown to the coordinator, never guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing.invites import uid
from mail.handling import bounce_effects as bounced
from mail.handling import letter_json as reading
from mail.handling.lookups import SECRET, Desk, Opened, Route, referred, takes_work
from mail.identity import Identity
from mail.reading import letter, sender
from mail.reading.calendar import CalendarReply
from mail.reading.letter import LetterKind
from mail.receiving import store
from mail.sending import round_trip
from workflow.answering import held_letters as letters
from workflow.answering import submit as answering
from workflow.database.models import Letter, Person, Question, StageSession
from workflow.journey import mentoring
from workflow.journey.sessions import attendance
from workflow.journey.submissions import Upload
from workflow.notices import Notice
from workflow.records import queries
from workflow.replies import understand as answers
from workflow.replies.understand import Answer, AnswerKind, Asked
from workflow.rules.questions import KINDS, QuestionKind
from workflow.season import Season

VERSIONS: Final = 5
"""so many versions of a work a day are taken in by themselves"""
HELD: Final = frozenset(letters.REASONS)
"""outcomes that wait for the coordinator"""
_CUT: Final = frozenset({"mail too large", "too many parts", "parts too deep"})
_SEALED: Final = frozenset({"winmail.dat", "encrypted"})
_OFFICE: Final = re.compile(r"From: (?:mailer-?daemon|mail-?daemon|post-?master)", re.IGNORECASE)
_OTHERS_CALENDAR: Final = frozenset({"REQUEST", "CANCEL", "ADD", "REFRESH", "DECLINECOUNTER"})


def files(read: letter.Letter) -> tuple[Upload, ...]:
    """What of a letter may be work handed in."""
    return tuple(Upload(a.name, a.media_type, a.content) for a in read.attachments if not a.inline)


def note(row: Letter, read: letter.Letter) -> None:
    """What was read, so that pages and searches need not read it again."""
    row.kind, row.sender, row.subject = read.kind.value, read.sender.shown[:320], read.subject[:500]
    row.message_id, row.text, row.quoted = read.message_id[:500], read.text, read.quoted


def _workshop(stage: str) -> int | None:
    """Which workshop it is, as people count them: 2 of `workshop_2`."""
    number = re.search("_([1-9])$", stage)
    return int(number[1]) if number else None


def _read_as(question: Question) -> str:
    """As an answer to which kind a letter is read: after hours were noted, only JAH or EI to the read-back."""
    closed_hours = question.kind == QuestionKind.HOURS and question.closed_at is not None
    return QuestionKind.HOURS_CHECK if closed_hours else question.kind


@dataclass(frozen=True, slots=True)
class Handling:
    """One letter, on its way to an outcome."""

    season: Season
    identity: Identity
    authserv_id: str | None
    desk: Desk
    row: Letter
    opened: Opened
    now: datetime

    @property
    def session(self) -> Session:
        return self.desk.session

    @property
    def read(self) -> letter.Letter:
        return self.opened.read

    @property
    def _sender_key(self) -> str | None:
        return self.desk.key(self.read.sender.address or "")

    def run(self) -> str:
        """The letter's outcome; those in HELD wait for the coordinator."""
        if self.read.kind is LetterKind.BOUNCE:
            return bounced.take(self.season, self.identity, self.session, self.row, self.read, self.now)
        own = round_trip.recognised(self.identity, self.row, self.read)
        if own is not None:
            return round_trip.came(self.session, own, self.now)
        routes = self._routes()
        if self.read.kind is LetterKind.AUTOMATIC:
            return self._automatic(routes)
        again = self._again(routes)
        if again:
            return again
        if not routes:
            return self._unrouted()
        return self._routed(*routes[0]) if len(routes) == 1 else self._several(routes)

    def _automatic(self, routes: list[Route]) -> str:
        """Noted and never answered. A report on one of our mails that nobody could read is shown."""
        self.row.reason = "; ".join(self.read.robot.signs)[:1000]
        if routes:
            question = routes[0][0]
            self.row.question_id, self.row.team_id = question.id, question.team_id
            return "automatic"
        message = bounced.by_return_address(self.identity, self.session, self.row)
        if message is None:
            return "automatic"
        self.row.question_id, self.row.team_id = message.question_id, message.team_id
        office = any(_OFFICE.match(sign) for sign in self.read.robot.signs)
        return "report" if office and not self.row.envelope_from else "automatic"

    def _again(self, routes: list[Route]) -> str | None:
        """A letter under a Message-ID that was here before: a copy changes nothing, other words are held."""
        if not self.read.message_id:
            return None
        before = self.desk.before(self.row)
        if any(not store.same_words(one.raw, self.row.raw) for one in before):
            return "duplicate"
        handled = {one.question_id for one in before}
        taken = before and all(question.id in handled for question, _ in routes)
        return "copy" if taken else None

    # -- which question is it about? -----------------------------------------------------------

    def _routes(self) -> list[Route]:
        """Each question it may be about, with the person asked: by secret address, else by the mail replied to.

        The envelope says where it came to; the headers are looked at where a mailbox lost the envelope.
        """
        return self._by_secret(self.row.recipients) or (
            self._by_secret(self.read.to) or self._by_thread() or self._by_secret(referred(self.read))
        )

    def _by_secret(self, addresses: Sequence[str]) -> list[Route]:
        return self.desk.by_secret(addresses, self._sender_key)

    def _by_thread(self) -> list[Route]:
        """Some programs reply to From, not to Reply-To; the mail replied to still tells what it is about."""
        return self.desk.by_thread([self.read.in_reply_to, *reversed(self.read.references)])

    def _several(self, routes: list[Route]) -> str:
        """One letter to several questions: which of them it answers is for the coordinator to say."""
        for question, person in routes:
            self.row.team_id, self.row.person_id = question.team_id, person.id
            self._propose(question, person, self._understand(question))
        return "several"

    def _unrouted(self) -> str:
        """A guess by the sender's address is only proposed to the coordinator."""
        key = self._sender_key
        people = self.session.scalars(
            sa.select(Person).where(Person.address_key == key, Person.left_at.is_(None)).order_by(Person.id)
        ).all()
        for person in people if key else ():
            self.row.person_id, self.row.team_id = person.id, person.team_id
            for question in queries.open_questions(self.session, person_id=person.id):
                self._propose(question, person, self._understand(question))
        return "unrouted"

    # -- who says what? ------------------------------------------------------------------------

    def _routed(self, question: Question, asked: Person) -> str:
        self.row.question_id, self.row.team_id, self.row.person_id = question.id, question.team_id, asked.id
        held = self._doubt() or self._incomplete(question)
        if held:
            return self._hold(question, asked, held)
        person = answering.may_answer(self.session, question, self._sender_key or "")
        if person is None:
            return self._wrong_sender(question, asked)
        self.row.person_id = person.id
        if not self._fits_calendar(question, person):
            return self._hold(question, person, "calendar")
        return self._answer(question, person)

    def _doubt(self) -> str | None:
        """Why the sender cannot be believed, if so."""
        if self.read.sender.address is None:
            self.row.reason = "; ".join(self.read.sender.faults)
            return "no_sender"
        if self.opened.forged or self._verdict() is sender.Verdict.FAIL:
            return "forged"
        # calendars answer by themselves: a robot's headers say nothing against their owner
        if self.read.robot.misleading and self.read.kind is not LetterKind.CALENDAR:
            self.row.reason = "; ".join(self.read.robot.signs)[:1000]
            return "misleading"
        return None

    def _verdict(self) -> sender.Verdict:
        """What our own server says of the sender's domain."""
        return sender.authentication(self.opened.head, self.authserv_id)

    def _incomplete(self, question: Question) -> str | None:
        """Why what the person sent may be elsewhere than in what was read, if so."""
        faults = set(self.read.faults)
        files = [one for one in self.read.attachments if not one.inline]
        sealed = "encrypted" in faults or (faults & _SEALED and takes_work(question) and len(files) == 1)
        why = "cut" if faults & _CUT else "sealed" if sealed else None
        if why:
            self.row.reason = "; ".join(self.read.faults)[:1000]
        return why

    def _hold(self, question: Question, person: Person, why: str) -> str:
        self._propose(question, person, self._understand(question))
        return why

    def _wrong_sender(self, question: Question, asked: Person) -> str:
        """Somebody else answered: held, and the person who was asked is told where to answer."""
        self._propose(question, asked, self._understand(question))
        if question.closed_at is None:
            notice = Notice(
                template="wrong_sender",
                key=f"wrong_sender:{self.row.id}",
                person=asked,
                team=question.team,
                question=question,
                stage=question.stage,
                facts={"sender": self.read.sender.shown},
            )
            self.season.post(self.session, notice, self.now)
        return "wrong_sender"

    def _fits_calendar(self, question: Question, person: Person) -> bool:
        """A calendar's word must be a REPLY to this invitation; somebody's own invitation answers nothing,
        while ours may come back beside what a person wrote."""
        said = self.read.calendar
        if self.read.kind is LetterKind.CALENDAR:
            return said is not None and said.is_answer and self._answers_invitation(question, person, said)
        foreign = said is not None and said.method in _OTHERS_CALENDAR
        return not foreign or (said is not None and said.uid.endswith(f"@{self.identity.domain}"))

    def _answers_invitation(self, question: Question, person: Person, said: CalendarReply) -> bool:
        """The very invitation, as it stands now; a stale one answers nothing."""
        if question.kind != QuestionKind.RSVP:
            return False
        meeting = self.session.get_one(StageSession, question.about["session"])
        sequence = meeting.sequence + attendance(self.session, person, meeting.stage).sequence
        return said.sequence >= sequence and said.uid == uid(
            self.season.programme, meeting, person.id, self.identity.domain
        )

    # -- what does it say, and what follows? ---------------------------------------------------

    def _understand(self, question: Question) -> Answer:
        season = self.season
        meeting = self._meeting(question)
        tz = season.programme.tz
        asked = Asked(
            today=self.row.received_at.astimezone(tz).date(),
            names=queries.roster(self.session, season.machine, question) if question.kind == "roll_call" else (),
            listed=mentoring.shows_list(question) if question.kind == "hours" else True,
            days=tuple({at.astimezone(tz).date(): 1 for at in (meeting.starts_at, meeting.ends_at)}) if meeting else (),
            workshop=_workshop(meeting.stage) if meeting else None,
        )
        return answers.understand(_read_as(question), reading.said_in(self.read), asked)

    def _meeting(self, question: Question) -> StageSession | None:
        """The session that is asked about, as it stands now: its day said again adds nothing to an answer."""
        if question.kind not in answers.ABOUT_A_SESSION:
            return None
        return queries.stage_session(self.session, question.stage, question.group)

    def _answer(self, question: Question, person: Person) -> str:
        understood = self._understand(question)
        if understood.kind is AnswerKind.SUBMISSION and self.desk.taken(question) >= VERSIONS:
            self._propose(question, person, understood)
            return "many"
        actor = answering.actor_for(
            person,
            via="calendar" if self.read.kind is LetterKind.CALENDAR else "mail",
            question=question,
            letter=self.row,
            proof={
                "message_id": self.read.message_id,
                "sender": self.read.sender.shown,
                "verdict": self._verdict().value,
                "rule": understood.rule,
                "words": understood.words[:500],
                "to": next((r for r in self.row.recipients if SECRET.match(r)), ""),
            },
        )
        outcome = answering.answer(
            self.season, self.session, question, person, understood, actor, self.now, files(self.read)
        )
        if outcome.result is answering.Result.UNCLEAR:
            self._propose(question, person, understood)
            self.row.reason = understood.rule[:1000]
            return "withdraw_doubt" if understood.kind is AnswerKind.WITHDRAW else "unclear"
        return outcome.result.value

    def _propose(self, question: Question, person: Person, understood: Answer) -> None:
        """Offer the coordinator the ways in which this letter may answer this question."""
        takes = KINDS[QuestionKind(question.kind)].takes
        found = [a for a in (*understood.readings, understood) if a.kind in takes]
        offered = [letters.Reading(question.id, person.id, a).as_json() for a in found]
        self.row.readings = [*self.row.readings, *(o for o in offered if o not in self.row.readings)]
