"""Routes one letter to its question, submits the answer and acknowledges it. In the caller's transaction.

The order of the rules is the order of this file. Who may move anything: the person who was asked, writing from
their own address to their own secret address. A reply known only by its thread (In-Reply-To) counts as much where the
sender's domain vouches for it, or where the config says that addresses are by thread: see `_thread_counts`. All else
is kept and shown to the coordinator, never guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing.invites import uid
from mail.handling import asked_of, bounce_effects, known_sender, lookups, reply_text
from mail.handling.known_sender import KnownSender, receipt
from mail.handling.lookups import Route
from mail.identity import Identity
from mail.limited_reading.opening import OpenedLetter
from mail.reading import letter, sender
from mail.reading.calendar import CalendarReply
from mail.reading.letter import LetterKind
from mail.receiving import store
from mail.sending import round_trip
from workflow.answering import held_letters, submit
from workflow.answering.held_letters import came_from
from workflow.codes import LetterOutcome
from workflow.config.settings import Addresses
from workflow.database.models import Letter, Message, Person, Question
from workflow.journey import invitations
from workflow.journey.submissions import Upload
from workflow.notices import Notice
from workflow.records import aliases, open_questions, queries
from workflow.records.open_questions import decided_at
from workflow.replies import repetition, understand
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.application import address_key
from workflow.rules.doors import Door, open_to
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.rules.questions import QuestionKind, kind_of
from workflow.season import Season
from workflow.text.bilingual import Text

VERSIONS: Final = 5
"""so many versions of a work a day are taken in by themselves"""
HELD: Final = frozenset(held_letters.REASONS)
"""outcomes that wait for the coordinator"""
SIGN_IN_TO_DECIDE: Final = "sign_in_to_decide"
_OFFICE: Final = re.compile(r"From: (?:mailer-?daemon|mail-?daemon|post-?master)", re.IGNORECASE)
_THREAD: Final = ("In-Reply-To", "References", "To", "Cc")
"""what a signature must cover for a letter to be known by its thread: which mail it answers, and that it is to us"""
_MAILBOX: Final = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_OTHERS_CALENDAR: Final = frozenset({"REQUEST", "CANCEL", "ADD", "REFRESH", "DECLINECOUNTER"})


def files(read: letter.ParsedLetter) -> tuple[Upload, ...]:
    """What of a letter may be work handed in."""
    return tuple(Upload(a.name, a.media_type, a.content) for a in read.attachments if not a.inline)


def note(row: Letter, read: letter.ParsedLetter) -> None:
    """What was read, so that pages and searches need not read it again."""
    row.kind, row.sender, row.subject = read.kind.value, read.sender.shown[:320], read.subject[:500]
    row.message_id, row.text, row.quoted = read.message_id[:500], read.text, read.quoted
    row.files = [
        {"name": one.name, "media_type": one.media_type, "size": len(one.content)}
        for one in read.attachments
        if not one.inline
    ]


def _to_coordinators(message: Message) -> bool:
    """Whether it is one of the mails that tell coordinators of their work."""
    return message.template in MAIL_KINDS and MAIL_KINDS[message.template].to == "coordinator"


@dataclass(frozen=True, slots=True)
class Handling:
    """One letter, on its way to an outcome."""

    season: Season
    identity: Identity
    session: Session
    row: Letter
    opened: OpenedLetter
    now: datetime

    @property
    def read(self) -> letter.ParsedLetter:
        return self.opened.read

    @property
    def _sender_key(self) -> str | None:
        return address_key(self.read.sender.address or "")

    def run(self) -> LetterOutcome:
        """The letter's outcome; those in HELD wait for the coordinator."""
        if self.read.kind is LetterKind.BOUNCE:
            return bounce_effects.take(self.season, self.identity, self.session, self.row, self.opened, self.now)
        own = round_trip.recognised(self.identity, self.row, self.read)
        if own is not None:
            return round_trip.came(self.session, own, self.now)
        routes = self._routes()
        thread = [] if routes else self._by_thread()
        open_questions.hold(self.session, [question for question, _ in routes or thread])
        if self.read.kind is LetterKind.AUTOMATIC:
            return self._automatic(routes or thread)
        again = self._again(routes or thread) or self._to_the_office(routes or thread)
        if again:
            return again
        if thread:
            return self._by_thread_alone(*thread[0])
        if not routes:
            return self._unrouted()
        return self._routed(*routes[0]) if len(routes) == 1 else self._several(routes)

    def _automatic(self, routes: list[Route]) -> LetterOutcome:
        """Noted and never answered. A report on one of our mails that nobody could read is shown."""
        self.row.reason = "; ".join(self.read.robot.signs)[:1000]
        if routes:
            question = routes[0][0]
            self.row.question_id, self.row.team_id = question.id, question.team_id
            return LetterOutcome.AUTOMATIC
        message = bounce_effects.by_return_address(self.identity, self.session, self.row)
        if message is None:
            return LetterOutcome.AUTOMATIC
        self.row.question_id, self.row.team_id = message.question_id, message.team_id
        office = any(_OFFICE.match(sign) for sign in self.read.robot.signs)
        return LetterOutcome.REPORT if office and not self.row.envelope_from else LetterOutcome.AUTOMATIC

    def _again(self, routes: list[Route]) -> LetterOutcome | None:
        """A letter under a Message-ID that was here before: a copy changes nothing, other words are held."""
        if not self.read.message_id:
            return None
        before = lookups.before(self.session, self.row)
        if any(not store.same_words(one.raw, self.row.raw) for one in before):
            return LetterOutcome.DUPLICATE
        handled = {one.question_id for one in before}
        taken = before and all(question.id in handled for question, _ in routes)
        return LetterOutcome.COPY if taken else None

    # -- which question is it about? -----------------------------------------------------------

    def _routes(self) -> list[Route]:
        """Each question that it answers, with the person asked: by secret address, else by the mail replied to
        where that counts.

        The envelope says where it came to; the headers are looked at where a mailbox lost the envelope.
        """
        return (
            self._by_secret(self.row.recipients)
            or self._by_secret(self.read.to)
            or (self._by_thread() if self._thread_counts() else [])
            or self._by_secret(lookups.referred(self.read))
        )

    def _by_secret(self, addresses: Sequence[str]) -> list[Route]:
        return lookups.by_secret(self.session, addresses, self._sender_key)

    def _by_thread(self) -> list[Route]:
        """Some programs reply to From, not to Reply-To; the mail replied to still tells what it is about."""
        return lookups.by_thread(self.session, self._thread())

    def _thread(self) -> list[str]:
        """The Message-IDs of the mails that this letter answers, the nearest first."""
        return [self.read.in_reply_to, *reversed(self.read.references)]

    def _thread_counts(self) -> bool:
        """Whether the thread is proof enough. Our Message-IDs stand in every reply and forward, so whoever was in Cc
        of one has them: only the sender's own domain can say that this letter with this thread to us is theirs."""
        if self.identity.addresses is Addresses.THREAD:
            return True
        to_us = self.identity.from_address.lower() in self._written_to()
        return to_us and self.opened.verdict is sender.Verdict.PASS and sender.signed(self.opened.head, *_THREAD)

    def _written_to(self) -> set[str]:
        values = (value for name in ("To", "Cc") for value in self.opened.head.all(name))
        return {found.lower() for value in values for found in _MAILBOX.findall(value)}

    def _by_thread_alone(self, question: Question, asked: Person) -> LetterOutcome:
        """Its thread says what it is about, and nothing says who wrote it: only proposed, and never answered."""
        self.row.question_id, self.row.team_id, self.row.person_id = question.id, question.team_id, asked.id
        return self._hold(question, asked, LetterOutcome.THREAD)

    def _several(self, routes: list[Route]) -> LetterOutcome:
        """One letter to several questions: which of them it answers is for the coordinator to say."""
        for question, person in routes:
            self.row.team_id, self.row.person_id = question.team_id, person.id
            self._propose(question, person, self._understand(question))
        return LetterOutcome.SEVERAL

    def _unrouted(self) -> LetterOutcome:
        """Of people whom the sender's address names, what they say is heard; which question it may answer is only
        proposed to the coordinator. A From that names nobody plainly is told as such."""
        if self.read.sender.address is None:
            self.row.reason = "; ".join(self.read.sender.faults)[:1000]
            return LetterOutcome.NO_SENDER
        key = self._sender_key
        theirs = sa.or_(Person.address_key == key, Person.id.in_(aliases.owners(self.session, key or "")))
        named = sa.select(Person).where(theirs, Person.left_at.is_(None)).order_by(Person.id)
        people = self.session.scalars(named.limit(known_sender.MOST)).all() if key else ()
        for person in people:
            self.row.person_id, self.row.team_id = person.id, person.team_id
            for question in queries.open_questions(self.session, person_id=person.id):
                self._propose(question, person, self._understand(question))
        replied = lookups.replied_to(self.session, self._thread())
        if not people or not (replied or self._came_to_us()) or self._doubt() is not None:
            return LetterOutcome.UNROUTED
        return KnownSender(
            season=self.season, session=self.session, row=self.row, said=reply_text.said_in(self.read),
            replied_to=replied, now=self.now,
        ).take(people)  # fmt: skip

    def _came_to_us(self) -> bool:
        """Whether it is for the programme itself: by its envelope, or by its headers where a mailbox lost that."""
        own = self.identity.from_address.lower()
        return own in {one.lower() for one in self.row.recipients} or own in self._written_to()

    # -- what coordinators decide ----------------------------------------------------------------

    def _to_the_office(self, routes: list[Route]) -> LetterOutcome | None:
        """A reply to what coordinators are mailed decides nothing: it is kept, and they are told once where to decide.
        None where the letter is no such reply."""
        replied = lookups.replied_to(self.session, self._thread())
        question, asked = next((r for r in routes if not open_to(r[0].kind, r[1].role, Door.MAIL)), (None, None))
        if asked is None:
            if routes or replied is None or replied.person_id is None or not _to_coordinators(replied):
                return None
            asked = self.session.get_one(Person, replied.person_id)
        self.row.person_id = asked.id
        if question is not None:
            self.row.question_id, self.row.team_id = question.id, question.team_id
        doubt = self._doubt()
        if doubt is None and self._sender_key == asked.address_key and asked.left_at is None:
            self._tell_where(asked, question, replied)
        return doubt or LetterOutcome.OFFICE

    def _tell_where(self, coordinator: Person, question: Question | None, replied: Message | None) -> None:
        """Once for each question, or for each mail that asked none; never in answer to that very telling."""
        if replied is not None and replied.template == SIGN_IN_TO_DECIDE:
            return
        about = f"q{question.id}" if question is not None else f"m{replied.id if replied is not None else 0}"
        team = question.team if question is not None else None
        notice = Notice(
            template=SIGN_IN_TO_DECIDE,
            key=f"{SIGN_IN_TO_DECIDE}:{about}:{coordinator.id}",
            person=coordinator,
            team=team,
            question=question,
            facts={"decide_link": decided_at(self.season, question)},
            answering=self.row,
        )
        self.season.post(self.session, notice, self.now)

    # -- who says what? ------------------------------------------------------------------------

    def _routed(self, question: Question, asked: Person) -> LetterOutcome:
        self.row.question_id, self.row.team_id, self.row.person_id = question.id, question.team_id, asked.id
        held = self._doubt() or self._incomplete(question)
        if held:
            return self._hold(question, asked, held)
        person = submit.may_answer(self.session, question, self._sender_key or "")
        if person is None:
            return self._wrong_sender(question, asked)
        self.row.person_id = person.id
        if not self._fits_calendar(question, person):
            if self._outdated(question, person):
                return self._invite_anew(question)
            return self._hold(question, person, LetterOutcome.CALENDAR)
        return self._answer(question, person)

    def _doubt(self) -> LetterOutcome | None:
        """Why the sender cannot be believed, if so."""
        if self.read.sender.address is None:
            self.row.reason = "; ".join(self.read.sender.faults)
            return LetterOutcome.NO_SENDER
        if self.opened.verdict is sender.Verdict.FAIL:
            return LetterOutcome.FORGED
        # calendars answer by themselves: a robot's headers say nothing against their owner
        if self.read.robot.misleading and self.read.kind is not LetterKind.CALENDAR:
            self.row.reason = "; ".join(self.read.robot.signs)[:1000]
            return LetterOutcome.MISLEADING
        return None

    def _incomplete(self, question: Question) -> LetterOutcome | None:
        """Why what the person sent may be elsewhere than in what was read, if so."""
        if why := reply_text.incomplete(self.read, question.kind):
            self.row.reason = "; ".join(self.read.faults)[:1000]
        return why

    def _hold(self, question: Question, person: Person, why: LetterOutcome) -> LetterOutcome:
        self._propose(question, person, self._understand(question))
        return why

    def _wrong_sender(self, question: Question, asked: Person) -> LetterOutcome:
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
                facts={"sender": self.read.sender.shown, "writer": self._known_as(question)},
            )
            self.season.post(self.session, notice, self.now)
        return LetterOutcome.WRONG_SENDER

    def _known_as(self, question: Question) -> Text | None:
        """Who of the same team it was, as far as the address tells."""
        members = queries.members(self.session, question.team_id) if question.team_id is not None else []
        known = next((one for one in members if one.address_key == self._sender_key), None)
        if known is None:
            return None
        return Text(et=f"{known.name} samast meeskonnast", en=f"{known.name} of the same team")

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
        if not self._is_invited(question, person, said):
            return False
        meeting = queries.asked_session(self.session, question)
        return said.sequence >= meeting.timed + invitations.invitation(self.session, person, meeting.stage).sequence

    def _is_invited(self, question: Question, person: Person, said: CalendarReply) -> bool:
        """Whether it speaks of the session that the question is about, at this time or an earlier one."""
        if question.kind != QuestionKind.RSVP:
            return False
        meeting = queries.asked_session(self.session, question)
        return said.uid == uid(self.season.programme, meeting, person.id, self.identity.domain)

    def _outdated(self, question: Question, person: Person) -> bool:
        """A calendar's answer to a time that has changed since, while the question still waits."""
        said = self.read.calendar
        return (
            self.read.kind is LetterKind.CALENDAR
            and said is not None
            and said.is_answer
            and question.closed_at is None
            and self._is_invited(question, person, said)
        )

    def _invite_anew(self, question: Question) -> LetterOutcome:
        """Who pressed a button of the time before believes to have answered: once for each time they are told."""
        meeting = queries.asked_session(self.session, question)
        again = f"outdated:{question.id}:{meeting.timed}"
        invitations.invite(self.season, self.session, question, self.now, again=again, outdated=self.row)
        return LetterOutcome.OUTDATED

    # -- what does it say, and what follows? ---------------------------------------------------

    def _understand(self, question: Question) -> Answer:
        today = self.row.received_at.astimezone(self.season.programme.tz).date()
        asked, said = asked_of.asked(self.session, self.season, question, today), reply_text.said_in(self.read)
        if question.kind == QuestionKind.HOURS and question.closed_at is not None:
            return understand.understand_correction(said, asked)
        return understand.understand(question.kind, said, asked)

    def _answer(self, question: Question, person: Person) -> LetterOutcome:
        understood = self._understand(question)
        work = understood.kind is AnswerKind.SUBMISSION
        if work and lookups.taken(self.session, question, self.now) >= VERSIONS:
            self._propose(question, person, understood)
            return LetterOutcome.MANY
        actor = submit.actor_for(
            person,
            via=Door.CALENDAR if self.read.kind is LetterKind.CALENDAR else Door.MAIL,
            place=came_from(self.row),
            question=question,
            letter=self.row,
            proof={
                "message_id": self.read.message_id,
                "sender": self.read.sender.shown,
                "verdict": self.opened.verdict.value,
                "rule": understood.rule,
                "words": understood.words[:500],
                "addressee": lookups.addressee(question, self.row.recipients),
            },
        )
        outcome = submit.answer(
            self.season, self.session, question, person, understood, actor, self.now, files(self.read)
        )
        if outcome.result is submit.AnswerResult.AFTERWARDS:
            self._propose(question, person, understood)
            self.row.reason = understood.rule[:1000]
        if outcome.result is submit.AnswerResult.UNCLEAR:
            self._propose(question, person, understood)
            self.row.reason = understood.rule[:1000]
            return LetterOutcome.WITHDRAW_DOUBT if understood.kind is AnswerKind.WITHDRAW else LetterOutcome.UNCLEAR
        agreed = outcome.result is submit.AnswerResult.ACCEPTED and understood.kind is AnswerKind.YES
        noted = question.kind == QuestionKind.RSVP  # wishes stand on the session's page
        if agreed and ("?" in self.row.text or (not noted and repetition.asks(understood.text))):
            receipt(self.season, self.session, self.row, person, question.team, self.now, counted=True)
            return LetterOutcome.ASKS  # the answer counts, and the coordinator reads the rest
        return LetterOutcome(outcome.result)

    def _propose(self, question: Question, person: Person, understood: Answer) -> None:
        """Offer the coordinator the ways in which this letter may answer this question."""
        if not open_to(question.kind, person.role, Door.MAIL):
            return
        takes = kind_of(question.kind).takes
        found = [a for a in (*understood.readings, understood) if a.kind in takes]
        offered = [held_letters.Reading(question.id, person.id, a).as_json() for a in found]
        self.row.readings = [*self.row.readings, *(o for o in offered if o not in self.row.readings)]
