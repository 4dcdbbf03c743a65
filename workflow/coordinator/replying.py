"""A coordinator's own reply to a letter: whom it goes to, under which subject, and the mail itself.

Acts in the caller's transaction. Whoever has the address on file is answered as that person, and gets the open
question's own address to reply to; anybody else is answered as a guest, with nothing that opens anything.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.answering import held_letters
from workflow.codes import LETTER_WAITS, HistoryEvent, LetterOutcome
from workflow.database.models import Letter, Message, Person, Question, Team
from workflow.journey.guests import Guest, as_person
from workflow.notices import Notice
from workflow.records import aliases
from workflow.records.history import record
from workflow.rules.application import address_key, clean_text
from workflow.rules.doors import Door, open_to
from workflow.season import Actor, Season
from workflow.text.bilingual import Text
from workflow.text.unlinkable import unlinked

REPLY: Final = "own_reply"
"""the kind of mail"""
REPLIED: Final = "replied"
"""how a letter was resolved that was put aside with the reply"""
MOST: Final = 20
"""replies to one letter"""
LONGEST: Final = 10_000
"""of what she writes, in characters"""
SUBJECT_MAX: Final = 300
_RE: Final = re.compile(r"(?:(?:re|vs|vastus|aw|sv|fwd?)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Whom a reply to a letter goes to. person: None where nobody on file has the address."""

    address: str
    person: Person | None
    question: Question | None
    """the open question that they may still answer by replying to the reply"""


def reply_to(session: Session, letter: Letter) -> ReplyTo | None:
    """The letter's sender; None where it names no address that mail can go to, or none that can be believed."""
    key = address_key(letter.sender)
    if key is None or letter.outcome == LetterOutcome.NO_SENDER:
        return None
    person = _on_file(session, letter, key)
    return ReplyTo(letter.sender.strip(), person, _still_open(session, letter, person) if person else None)


def _on_file(session: Session, letter: Letter, key: str) -> Person | None:
    """Of several people at one address the one whom the letter hangs on, else one of its team."""
    theirs = sa.or_(Person.address_key == key, Person.id.in_(aliases.owners(session, key)))
    people = session.scalars(sa.select(Person).where(theirs, Person.left_at.is_(None)).order_by(Person.id)).all()
    fits = sorted(people, key=lambda one: (one.id != letter.person_id, one.team_id != letter.team_id, one.id))
    return fits[0] if fits else None


def _still_open(session: Session, letter: Letter, person: Person) -> Question | None:
    """The question that the letter belongs to, where this person was asked it; none that is only guessed at."""
    question = session.get(Question, letter.question_id) if letter.question_id else None
    if question is None or question.closed_at is not None or not open_to(question.kind, person.role, Door.MAIL):
        return None
    return question if any(one.person_id == person.id for one in question.addressees) else None


def subject(letter: Letter) -> str:
    """That of the letter, once with `Re:` before it; what they typed there becomes no link."""
    about = _RE.sub("", letter.subject.strip(), count=1) if _RE.match(letter.subject.strip()) else letter.subject
    return f"Re: {unlinked(' '.join(about.split()))}".strip()[:SUBJECT_MAX]


def fault(words: str) -> Text | None:
    """Why this cannot be sent as a mail's words."""
    if not words.strip():
        return Text(et="Kirjutage, mida vastate.", en="Write what you reply.")
    if len(clean_text(words)) > LONGEST:
        return Text(et=f"Lühendage: kõige rohkem {LONGEST} tähemärki.", en=f"Shorten it: at most {LONGEST} characters.")
    return None


def reply(
    season: Season, session: Session, letter: Letter, words: str, lang: str, actor: Actor, now: datetime,
    *, aside: bool,
) -> Text | None:
    """Queue the reply; or the sentence that says why not. The same words answer a letter once.

    lang: of the mail where nobody on file has the address. aside: a letter that waits is put aside, too.
    """
    to, by = reply_to(session, letter), actor.person
    refused = _NOBODY if to is None else fault(words)
    if refused is not None or to is None or by is None:
        return refused or _NOBODY
    before = replies(session, letter)
    if len(before) >= MOST or any(_says(one) == clean_text(words) for one in before):
        return _SAID if len(before) < MOST else _ENOUGH
    person = to.person or as_person(session, Guest(name=to.address, address=to.address, lang=lang), now)
    team = session.get(Team, letter.team_id) if letter.team_id else person.team
    notice = Notice(
        template=REPLY,
        key=_key(letter, len(before) + 1),
        person=person,
        team=team,
        question=to.question,
        facts={"heading": subject(letter), "written": clean_text(words)},
        answering=letter,
        address="" if address_key(to.address) == person.address_key else to.address,
        signed_by=by,
    )
    if season.post(session, notice, now) is None:
        return _SAID
    if team is not None:
        record(session, team, HistoryEvent.WROTE, actor, now, why=subject(letter))
    if aside and letter.status in LETTER_WAITS:
        held_letters.dismiss(session, letter, by, now, why=REPLIED)
    return None


_SAID: Final = Text(et="Just need sõnad on sellele kirjale juba saadetud.", en="These very words were sent already.")
_ENOUGH: Final = Text(
    et="Sellele kirjale on juba palju kordi vastatud: kirjutage meeskonna lehelt.",
    en="This letter was replied to many times already: write from the team's page.",
)
_NOBODY: Final = Text(
    et="Selle kirja saatjal ei ole aadressi, kuhu vastata.", en="This letter names no address to reply to."
)


def replies(session: Session, letter: Letter) -> list[Message]:
    """What coordinators replied to a letter, in the order in which they wrote."""
    keys = [_key(letter, number) for number in range(1, MOST + 1)]
    return list(session.scalars(sa.select(Message).where(Message.key.in_(keys)).order_by(Message.id)))


def _key(letter: Letter, number: int) -> str:
    return f"{REPLY}:{letter.id}:{number}"


def _says(message: Message) -> str:
    return str(message.facts["values"].get("written", "")) if message.facts else ""
