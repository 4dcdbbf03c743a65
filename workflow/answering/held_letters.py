"""Letters that wait for the coordinator: each with its possible readings, resolved in one click.

A reading is one answer to one question by one person. What is chosen goes through the same door as every
answer, with the letter as its proof and the coordinator named as the one who read it so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.answering import submit as answering
from workflow.config.loader import Text
from workflow.database import notify as waking
from workflow.database.models import Letter, Person, Question
from workflow.journey.submissions import Upload
from workflow.replies.understand import Answer
from workflow.rules.answers import as_json, from_json
from workflow.rules.machine import Who
from workflow.season import Actor, Season


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a held letter."""

    question_id: int
    person_id: int
    answer: Answer

    def as_json(self) -> dict[str, Any]:
        return {"question": self.question_id, "person": self.person_id, "answer": as_json(self.answer)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reading":
        return cls(stored["question"], stored["person"], from_json(stored["answer"]))


def readings(letter: Letter) -> tuple[Reading, ...]:
    """The letter's possible readings, in the order in which they are offered."""
    return tuple(Reading.from_json(stored) for stored in letter.readings)


def resolve(
    season: Season,
    session: Session,
    letter: Letter,
    chosen: Reading,
    coordinator: Person,
    now: datetime,
    uploads: Sequence[Upload] = (),
) -> answering.Outcome | None:
    """Take the letter as this reading; None where it was resolved before. The sender gets the usual read-back."""
    session.refresh(letter, with_for_update=True)
    if letter.status not in ("held", "parked"):
        return None
    question, person = session.get_one(Question, chosen.question_id), session.get_one(Person, chosen.person_id)
    actor = Actor(
        who=Who.COORDINATOR if person.role == "coordinator" else Who.CONTACT,
        name=person.name,
        person=person,
        via="mail",
        letter=letter,
        question=question,
        proof={
            "message_id": letter.message_id,
            "rule": "read by the coordinator",
            "read_by": coordinator.name,
            "words": letter.text[:500],
            "sender": letter.sender,
        },
    )
    outcome = answering.answer(season, session, question, person, chosen.answer, actor, now, uploads)
    _done(letter, now, f"{coordinator.name}: {chosen.answer.kind}")
    letter.team_id, letter.question_id, letter.person_id = question.team_id, question.id, person.id
    return outcome


def dismiss(session: Session, letter: Letter, coordinator: Person, now: datetime, *, why: str = "") -> bool:
    """Nothing follows from this letter; it stays on record. False where it was resolved before."""
    session.refresh(letter, with_for_update=True)
    if letter.status not in ("held", "parked"):
        return False
    _done(letter, now, f"{coordinator.name}: {why or '-'}")
    return True


def again(session: Session, letter: Letter, now: datetime) -> bool:
    """A letter that could not be handled is tried again (a fault of ours may be mended); False for others.

    The number of attempts goes on: whoever still works on an earlier one must not settle this one.
    """
    session.refresh(letter, with_for_update=True)
    if letter.status != "parked":
        return False
    letter.status, letter.next_at, letter.leased_until, letter.reason = "new", now, None, ""
    letter.attempt += 1
    waking.ring(session)
    return True


def _done(letter: Letter, now: datetime, resolution: str) -> None:
    letter.status, letter.resolved_at, letter.resolution = "done", now, resolution


REASONS = {
    "unclear": Text(et="vastus ei olnud ühemõtteline", en="the answer was not plain"),
    "wrong_sender": Text(
        et="vastas keegi teine kui see, kellelt küsiti", en="someone other than the person asked replied"
    ),
    "no_sender": Text(et="saatjat ei saa kindlalt öelda", en="the sender cannot be told for certain"),
    "forged": Text(et="saatja kontroll nurjus", en="the sender's authentication failed"),
    "unrouted": Text(et="kiri ei kuulu ühegi küsimuse juurde", en="the letter belongs to no question"),
    "misleading": Text(
        et="kiri näeb välja nagu automaatvastus, aga on inimeselt", en="it looks automatic, but a person wrote it"
    ),
    "calendar": Text(et="kalendrivastus, mida peab vaatama inimene", en="a calendar answer that a person must see"),
    "withdraw_doubt": Text(
        et="loobumisest kirjutas keegi, kes ei ole kontaktisik ega asendaja",
        en="someone other than the contact or deputy wrote of withdrawing",
    ),
    "several": Text(et="üks kiri mitmele küsimusele", en="one letter to several questions"),
    "many": Text(
        et="samale küsimusele tuli ühe päeva jooksul väga palju vastuseid",
        en="very many answers to the same question came within a day",
    ),
    "cut": Text(
        et="kiri on liiga suur või keerukas, et seda lõpuni lugeda", en="the letter is too large to be read whole"
    ),
    "sealed": Text(
        et="saadetu on ümbrikus, mida siin avada ei saa (winmail.dat või krüpteeritud)",
        en="what was sent is wrapped up and cannot be opened here (winmail.dat or encrypted)",
    ),
    "report": Text(
        et="teade meie kirja kohaletoimetamisest, millest ei saadud aru",
        en="a report on the delivery of our mail that could not be understood",
    ),
    "duplicate": Text(et="sama Message-ID, teine sisu", en="the same Message-ID with other content"),
    "fault": Text(et="kirja ei õnnestunud käsitleda", en="the letter could not be handled"),
}
"""why a letter waits: `letters.outcome` -> the sentence shown"""
