"""What is looked up while letters are handled, read for all of them together: whose secret addresses these are, what
came before under the same Message-ID, how much of a work was taken in today. Questions and teams are held from here
on. Must never decide anything, and never outlive its transaction.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail import spoken
from mail.reading import letter
from mail.reading.headers import Headers
from workflow import gathered
from workflow.database.engine import among
from workflow.database.models import Addressee, Letter, Message, Person, Question
from workflow.gathered import parts
from workflow.records import queries
from workflow.replies.understand import AnswerKind
from workflow.rules.application import address_key
from workflow.rules.questions import KINDS, QuestionKind

SECRET: Final = re.compile(r"^(?:[^\s@+]{1,64}\+)?r-([a-z0-9]{16,60})@", re.IGNORECASE)
"""a secret address, on a domain of its own or behind the plus sign of another"""
_ADDRESSES: Final = 20  # of a letter's recipients that are looked up
_COPIES: Final = 10
_DAY: Final = timedelta(days=1)

Route = tuple[Question, Person]

# put together once: with few letters at a time that takes as long as reading
_WITH_PEOPLE: Final = sa.select(Question).where(among(Question.id, "ids")).options(gathered.WITH_PEOPLE)
_BY_SECRET: Final = (
    sa.select(Addressee, Question.team_id)
    .join(Question, Question.id == Addressee.question_id)
    .where(among(Addressee.secret, "secrets"))
)
_COPIES_OF: Final = sa.select(Letter).where(among(Letter.message_id, "message_ids")).order_by(Letter.id)


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter as it was read; `forged`: its own domain's signature does not hold."""

    read: letter.Letter
    head: Headers
    forged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Looked up for some letters of one transaction."""

    session: Session
    now: datetime
    teams: frozenset[int]
    _addressees: dict[str, Addressee]
    _keys: frozenset[str]
    _questions: dict[int, Question]
    _copies: dict[str, list[Letter]]
    _taken: dict[int, int]

    @classmethod
    def of(cls, session: Session, letters: Sequence[tuple[Letter, Opened]], now: datetime) -> "Desk":
        """Teams are held first, then questions, then people, each in order of their numbers: two who want the same
        ones then wait for each other instead of both."""
        addressees, teams = _addressees(session, {s for row, opened in letters for s in _secrets_of(row, opened)})
        found = gathered.begin(session)
        found.gather(teams)
        questions: list[Question] = found.lock(Question, {a.question_id for a in addressees.values()})
        found.join(questions)
        people = {a.person_id for a in addressees.values()} | found.members()
        found.lock_people(people)
        spoken.gather(session, people, (q.id for q in questions), now - _DAY)
        found.read_ahead()
        queries.sessions_of(session, None)
        for some in parts([q.id for q in questions if q.team_id not in teams or q.kind in gathered.MANY]):
            session.scalars(_WITH_PEOPLE, {"ids": some}).all()  # the others came with their teams
        return cls(
            session=session, now=now, teams=found.teams,
            _addressees=addressees, _keys=frozenset(key for a in addressees.values() if (key := a.person.address_key)),
            _questions={q.id: q for q in questions},
            _copies=_copies(session, {row.id for row, _ in letters}, {o.read.message_id[:500] for _, o in letters}),
            _taken=_taken(session, [q.id for q in questions if takes_work(q)], now),
        )  # fmt: skip

    def key(self, address: str) -> str | None:
        """`address_key`; that of somebody who is known here is known to be one already."""
        plain = address.lower()
        return plain if plain in self._keys and address.isascii() else address_key(address)

    def by_secret(self, addresses: Sequence[str], sender_key: str | None) -> list[Route]:
        """Each question that these addresses belong to, with the person asked; of several, the sender."""
        found: dict[int, Route] = {}
        for secret in _secrets(addresses):
            one = self._addressees.get(secret)
            if one is not None and (one.question_id not in found or one.person.address_key == sender_key):
                found[one.question_id] = (self._questions[one.question_id], one.person)
        return list(found.values())

    def by_thread(self, ids: Iterable[str]) -> list[Route]:
        """The nearest mail of ours decides: an answer to mere news answers no earlier question."""
        wanted = [i for i in ids if i]
        query = sa.select(Message).where(Message.message_id.in_(wanted))
        messages = {m.message_id: m for m in self.session.scalars(query)} if wanted else {}
        message = next((messages[i] for i in wanted if i in messages), None)
        if message is None or message.question_id is None or message.person_id is None:
            return []
        question = self.session.get_one(Question, message.question_id)
        return [(question, self.session.get_one(Person, message.person_id))]

    def before(self, row: Letter) -> list[Letter]:
        """The letters that came before under the same Message-ID, the first ones first."""
        return [one for one in self._copies.get(row.message_id, ()) if one.id < row.id][:_COPIES]

    def taken(self, question: Question) -> int:
        """How many letters with work to this question were taken within a day: each version is mailed to others."""
        return self._taken.get(question.id, 0)

    def handled(self, row: Letter) -> None:
        """From now on this letter is one of those before."""
        if row.message_id:
            copies = self._copies.setdefault(row.message_id, [])
            copies.append(row)
            copies.sort(key=lambda one: one.id)
        if row.outcome == "accepted" and row.question_id is not None and row.received_at > self.now - _DAY:
            self._taken[row.question_id] = self._taken.get(row.question_id, 0) + 1


def referred(read: letter.Letter) -> list[str]:
    """Secrets among the ids of the mails that this one answers; the nearest alone counts."""
    ids = [i.strip("<>") for i in (read.in_reply_to, *reversed(read.references))]
    return [i for i in ids if SECRET.match(i)][:1]


def _secrets(addresses: Sequence[str]) -> list[str]:
    return [match[1].lower() for match in map(SECRET.match, addresses) if match][:_ADDRESSES]


def _secrets_of(row: Letter, opened: Opened) -> list[str]:
    return [*_secrets(row.recipients), *_secrets(opened.read.to), *_secrets(referred(opened.read))]


def _addressees(session: Session, secrets: set[str]) -> tuple[dict[str, Addressee], set[int]]:
    """Whose addresses these are, and the teams that their questions are about."""
    found: dict[str, Addressee] = {}
    teams: set[int] = set()
    for some in parts(sorted(secrets)):
        for one, team in session.execute(_BY_SECRET, {"secrets": some}):
            found[one.secret] = one
            teams |= {team} if team is not None else set()
    return found, teams


def _copies(session: Session, own: set[int], message_ids: set[str]) -> dict[str, list[Letter]]:
    found: defaultdict[str, list[Letter]] = defaultdict(list)
    for some in parts(sorted(message_ids - {""})):
        for row in session.scalars(_COPIES_OF, {"message_ids": some}):
            if row.id not in own:
                found[row.message_id].append(row)
    return dict(found)


def takes_work(question: Question) -> bool:
    """Whether it is answered by handing in work."""
    return AnswerKind.SUBMISSION in KINDS[QuestionKind(question.kind)].takes


def _taken(session: Session, questions: Sequence[int], now: datetime) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in parts(questions):
        query = sa.select(Letter.question_id, sa.func.count()).where(
            Letter.question_id.in_(some), Letter.outcome == "accepted", Letter.received_at > now - _DAY
        )
        counted = session.execute(query.group_by(Letter.question_id))
        found |= {question: count for question, count in counted if question is not None}
    return found
