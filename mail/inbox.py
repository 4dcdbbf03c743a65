"""Stored letters, handled: routed, understood, acted on, read back. One transaction a letter.

The order of the rules is the order of this file. Who may move anything: the person who was asked, writing from
their own address to their own secret address. All else is kept and shown to the coordinator, never guessed.
A letter that cannot be handled is tried again, then parked with its reason; it never holds up the rest.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail import bounced, bounces, headers, letter, reading, sender, store
from mail.characters import one_line
from mail.identity import Identity
from mail.invitation import CalendarReply
from mail.invites import uid
from mail.letter import LetterKind
from workflow import answering, answers, letters, mentoring, queries
from workflow.answers import Answer, AnswerKind, Asked
from workflow.application import address_key
from workflow.database import Database
from workflow.meetings import attendance
from workflow.models import Letter, Message, Person, Question, StageSession
from workflow.notices import Notice
from workflow.questions import KINDS, QuestionKind
from workflow.season import Season
from workflow.works import Upload

LEASE: Final = timedelta(minutes=5)
VERSIONS: Final = 5
"""so many versions of a work a day are taken in by themselves"""
_SECRET: Final = re.compile(r"^r-([a-z0-9]{16,60})@", re.IGNORECASE)
_CUT: Final = frozenset({"mail too large", "too many parts", "parts too deep"})
_SEALED: Final = frozenset({"winmail.dat", "encrypted"})
_ADDRESSES: Final = 20  # of a letter's recipients that are looked up
_OFFICE: Final = re.compile(r"From: (?:mailer-?daemon|mail-?daemon|post-?master)", re.IGNORECASE)
_OTHERS_CALENDAR: Final = frozenset({"REQUEST", "CANCEL", "ADD", "REFRESH", "DECLINECOUNTER"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What handling a letter needs beside the letter itself."""

    season: Season
    identity: Identity
    authserv_id: str | None = None
    dns: sender.Dns | None = None
    """where given, signatures are checked here too: TXT records by name"""
    check: Callable[[bytes, sender.Dns], sender.Verdict] = sender.dkim
    """how they are checked: `sender.dkim`, or `sender.dmarc` with what the domain asks for"""

    def known(self, db: Database, address: str) -> bool:
        """Whether a recipient is one of ours: a secret address that was given out, a signed return address,
        or the service's own. Raises where the database cannot be asked: the sender's server tries again."""
        lowered = address.lower()
        if lowered == self.identity.from_address.lower():
            return True
        if not lowered.endswith("@" + self.identity.domain.lower()):
            return False
        found = _SECRET.match(lowered)
        if found is None:
            return bounces.verp_key(lowered, self.identity.secret) is not None
        with db.reading() as session:
            return queries.addressee_by_secret(session, found[1]) is not None

    def handle_due(self, db: Database, now: datetime, *, limit: int = 20) -> int:
        """Handle the letters that are due, oldest first. Returns how many there were."""
        with db.reading() as session:
            if not store.any_due(session, now):
                return 0  # an idle look takes no lock from anybody who writes
        with db.writing() as session:
            claimed = store.claim(session, now, limit=limit, lease=LEASE)
        for row in claimed:
            self._handle_one(db, row, now)
        return len(claimed)

    def _handle_one(self, db: Database, row: Letter, now: datetime) -> None:
        try:
            forged = self._forged(db, row.id)
            with db.writing() as session:
                mine = session.get_one(Letter, row.id, with_for_update=True)
                if mine.status == "new" and mine.attempt == row.attempt:
                    self.handle(session, mine, now, forged=forged)
        except Exception as error:  # a fault of ours: the letter is kept, tried again, and shown when parked
            reason = one_line(f"{type(error).__name__}: {str(error)[:300]}")
            with db.writing() as session:
                store.retry(session, row, now, reason)
            self._show(db, row.id)

    def _forged(self, db: Database, letter_id: int) -> bool:
        """Whether the From domain's own signature does not hold. Asks the network, so outside of any transaction."""
        if self.dns is None:
            return False
        with db.reading() as session:
            raw = session.get_one(Letter, letter_id).raw
        return self.check(raw, self.dns) is sender.Verdict.FAIL

    def _show(self, db: Database, letter_id: int) -> None:
        """What could be read of a letter that could not be handled, for whoever looks at it when it is parked."""
        with suppress(sa.exc.DBAPIError), db.writing() as session:  # it is parked in any case
            mine = session.get_one(Letter, letter_id)
            if mine.status == "parked":
                _note(mine, letter.read(mine.raw))
                mine.outcome = "fault"

    def handle(self, session: Session, row: Letter, now: datetime, *, forged: bool = False) -> None:
        """Read one letter and act on it, in the caller's transaction."""
        read = letter.read(_with_return_path(row))
        _note(row, read)
        outcome = _Handling(self, session, row, read, now, forged).run()
        row.status = "held" if outcome in HELD else "done"
        row.outcome, row.leased_until = outcome, None


HELD: Final = frozenset(letters.REASONS)
"""outcomes that wait for the coordinator"""


def uploads(row: Letter) -> Sequence[Upload]:
    """The files of a stored letter, a signature's pictures left out."""
    return _files(letter.read(row.raw))


def _with_return_path(row: Letter) -> bytes:
    """The letter; where the envelope named no sender, with the header that says so: people's mails have one."""
    block, _ = headers.split(row.raw)
    said = row.via == "imap" or row.envelope_from or not block or "Return-Path" in headers.parse(block)
    return row.raw if said else b"Return-Path: <>\r\n" + row.raw


def _files(read: letter.Letter) -> tuple[Upload, ...]:
    return tuple(Upload(a.name, a.media_type, a.content) for a in read.attachments if not a.inline)


def _read_as(question: Question) -> str:
    """As an answer to which kind a letter is read: after hours were noted, only JAH or EI to the read-back."""
    closed_hours = question.kind == QuestionKind.HOURS and question.closed_at is not None
    return QuestionKind.HOURS_CHECK if closed_hours else question.kind


def _note(row: Letter, read: letter.Letter) -> None:
    """What was read, so that pages and searches need not read it again."""
    row.kind, row.sender, row.subject = read.kind.value, read.sender.shown[:320], read.subject[:500]
    row.message_id, row.text, row.quoted = read.message_id[:500], read.text, read.quoted


Route = tuple[Question, Person]


@dataclass(frozen=True, slots=True)
class _Handling:
    inbox: Inbox
    session: Session
    row: Letter
    read: letter.Letter
    now: datetime
    forged: bool = False

    def run(self) -> str:
        """The letter's outcome; those in HELD wait for the coordinator."""
        if self.read.kind is LetterKind.BOUNCE:
            return bounced.take(self.inbox.season, self.inbox.identity, self.session, self.row, self.read, self.now)
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
        message = bounced.by_return_address(self.inbox.identity, self.session, self.row)
        if message is None:
            return "automatic"
        self.row.question_id, self.row.team_id = message.question_id, message.team_id
        office = any(_OFFICE.match(sign) for sign in self.read.robot.signs)
        return "report" if office and not self.row.envelope_from else "automatic"

    def _again(self, routes: list[Route]) -> str | None:
        """A letter under a Message-ID that was here before: a copy changes nothing, other words are held."""
        if not self.read.message_id:
            return None
        same = sa.select(Letter).where(Letter.message_id == self.row.message_id, Letter.id < self.row.id)
        before = self.session.scalars(same.order_by(Letter.id).limit(10)).all()
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
        return self._by_secret(self.row.recipients) or self._by_secret(self.read.to) or self._by_thread()

    def _by_secret(self, addresses: Sequence[str]) -> list[Route]:
        found: dict[int, Route] = {}
        sender_key = address_key(self.read.sender.address or "")
        for secret in [match[1] for match in map(_SECRET.match, addresses) if match][:_ADDRESSES]:
            one = queries.addressee_by_secret(self.session, secret)
            if one is not None and (one.question_id not in found or one.person.address_key == sender_key):
                found[one.question_id] = (one.question, one.person)
        return list(found.values())

    def _by_thread(self) -> list[Route]:
        """Some programs reply to From, not to Reply-To; the mail replied to still tells what it is about.

        The nearest mail of ours decides: an answer to mere news answers no earlier question.
        """
        ids = [i for i in (self.read.in_reply_to, *reversed(self.read.references)) if i]
        query = sa.select(Message).where(Message.message_id.in_(ids))
        messages = {m.message_id: m for m in self.session.scalars(query)} if ids else {}
        message = next((messages[i] for i in ids if i in messages), None)
        if message is None or message.question_id is None or message.person_id is None:
            return []
        question = self.session.get_one(Question, message.question_id)
        return [(question, self.session.get_one(Person, message.person_id))]

    def _several(self, routes: list[Route]) -> str:
        """One letter to several questions: which of them it answers is for the coordinator to say."""
        for question, person in routes:
            self.row.team_id, self.row.person_id = question.team_id, person.id
            self._propose(question, person, self._understand(question))
        return "several"

    def _unrouted(self) -> str:
        """A guess by the sender's address is only proposed to the coordinator."""
        key = address_key(self.read.sender.address or "")
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
        person = answering.may_answer(self.session, question, address_key(self.read.sender.address or "") or "")
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
        head = headers.parse(headers.split(self.row.raw)[0])
        if self.forged or sender.authentication(head, self.inbox.authserv_id) is sender.Verdict.FAIL:
            return "forged"
        # calendars answer by themselves: a robot's headers say nothing against their owner
        if self.read.robot.misleading and self.read.kind is not LetterKind.CALENDAR:
            self.row.reason = "; ".join(self.read.robot.signs)[:1000]
            return "misleading"
        return None

    def _incomplete(self, question: Question) -> str | None:
        """Why what the person sent may be elsewhere than in what was read, if so."""
        faults = set(self.read.faults)
        files = [one for one in self.read.attachments if not one.inline]
        wants_files = AnswerKind.SUBMISSION in KINDS[QuestionKind(question.kind)].takes
        sealed = "encrypted" in faults or (faults & _SEALED and wants_files and len(files) == 1)
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
            self.inbox.season.post(self.session, notice, self.now)
        return "wrong_sender"

    def _fits_calendar(self, question: Question, person: Person) -> bool:
        """A calendar's word must be a REPLY to this invitation; somebody's own invitation answers nothing,
        while ours may come back beside what a person wrote."""
        said = self.read.calendar
        if self.read.kind is LetterKind.CALENDAR:
            return said is not None and said.is_answer and self._answers_invitation(question, person, said)
        foreign = said is not None and said.method in _OTHERS_CALENDAR
        return not foreign or (said is not None and said.uid.endswith(f"@{self.inbox.identity.domain}"))

    def _answers_invitation(self, question: Question, person: Person, said: CalendarReply) -> bool:
        """The very invitation, as it stands now; a stale one answers nothing."""
        if question.kind != QuestionKind.RSVP:
            return False
        meeting = self.session.get_one(StageSession, question.about["session"])
        sequence = meeting.sequence + attendance(self.session, person, meeting.stage).sequence
        return said.sequence >= sequence and said.uid == uid(
            self.inbox.season.programme, meeting, person.id, self.inbox.identity.domain
        )

    # -- what does it say, and what follows? ---------------------------------------------------

    def _understand(self, question: Question) -> Answer:
        season = self.inbox.season
        asked = Asked(
            today=self.row.received_at.astimezone(season.programme.tz).date(),
            names=queries.roster(self.session, season.machine, question) if question.kind == "roll_call" else (),
            listed=bool(mentoring.listed(self.session, question)) if question.kind == "hours" else True,
        )
        return answers.understand(_read_as(question), reading.said_in(self.read), asked)

    def _answer(self, question: Question, person: Person) -> str:
        understood = self._understand(question)
        if understood.kind is AnswerKind.SUBMISSION and self._taken(question) >= VERSIONS:
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
                "rule": understood.rule,
                "words": understood.words[:500],
                "to": next((r for r in self.row.recipients if _SECRET.match(r)), ""),
            },
        )
        outcome = answering.answer(
            self.inbox.season, self.session, question, person, understood, actor, self.now, _files(self.read)
        )
        if outcome.result is answering.Result.UNCLEAR:
            self._propose(question, person, understood)
            self.row.reason = understood.rule[:1000]
            return "withdraw_doubt" if understood.kind is AnswerKind.WITHDRAW else "unclear"
        return outcome.result.value

    def _taken(self, question: Question) -> int:
        """How many letters to this question were taken within a day: each new version of a work is mailed to others."""
        taken = sa.select(sa.func.count()).where(
            Letter.question_id == question.id,
            Letter.outcome == "accepted",
            Letter.received_at > self.now - timedelta(days=1),
        )
        return self.session.scalar(taken) or 0

    def _propose(self, question: Question, person: Person, understood: Answer) -> None:
        """Offer the coordinator the ways in which this letter may answer this question."""
        takes = KINDS[QuestionKind(question.kind)].takes
        found = [a for a in (*understood.readings, understood) if a.kind in takes]
        offered = [letters.Reading(question.id, person.id, a).as_json() for a in found]
        self.row.readings = [*self.row.readings, *(o for o in offered if o not in self.row.readings)]
