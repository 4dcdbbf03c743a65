"""Letters held for review by the coordinator: each with its possible readings, resolved in one click.

A reading is one answer to one question by one person. What is chosen goes through the same door as every
answer, with the letter as its proof and the coordinator named as the one who read it so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from workflow.answering import corrections, submit
from workflow.codes import LETTER_WAITS, LetterOutcome, LetterStatus
from workflow.database import notify
from workflow.database.models import Letter, Person, Question
from workflow.journey.submissions import Upload
from workflow.replies.answers import Answer
from workflow.rules.answers import as_json, from_json
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.season import Actor, Season
from workflow.security.client_network import place as as_place
from workflow.text.bilingual import Text


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
    *,
    place: str = "",
) -> submit.AnswerOutcome | None:
    """Take the letter as this reading; None where it was resolved before. The sender gets the usual read-back.
    place: the network address that the coordinator sits at."""
    session.refresh(letter, with_for_update=True)
    if letter.status not in LETTER_WAITS:
        return None
    question, person = session.get_one(Question, chosen.question_id), session.get_one(Person, chosen.person_id)
    actor = _actor(letter, question, person, coordinator, place)
    outcome = submit.answer(season, session, question, person, chosen.answer, actor, now, uploads, amends=True)
    _done(session, letter, now, f"{coordinator.name}: {chosen.answer.kind}")
    letter.team_id, letter.question_id, letter.person_id = question.team_id, question.id, person.id
    return outcome


def _actor(letter: Letter, question: Question, person: Person, coordinator: Person, place: str) -> Actor:
    """Its writer; where an answer is corrected by it, the coordinator, who takes back what the first one caused."""
    actor = submit.actor_for(
        person,
        via=Door.MAIL,
        place=came_from(letter),
        question=question,
        letter=letter,
        proof={
            "message_id": letter.message_id,
            "rule": "read by the coordinator",
            "read_by": coordinator.name,
            "words": letter.text[:500],
            "sender": letter.sender,
            "read_from": place,
        },
    )
    if not corrections.may_correct(question):
        return actor
    return replace(
        actor, who=Who.COORDINATOR, name=coordinator.name, person=coordinator, via=Door.PAGE, place=place,
        proof={**actor.proof, "on_behalf": person.name},
    )  # fmt: skip


def came_from(letter: Letter) -> str:
    """The network address that brought the letter; a mailbox's server says nothing of its sender."""
    return "" if letter.via == "imap" else as_place(letter.peer) or ""


def dismiss(session: Session, letter: Letter, coordinator: Person, now: datetime, *, why: str = "") -> bool:
    """Nothing follows from this letter; it stays on record. False where it was resolved before."""
    session.refresh(letter, with_for_update=True)
    if letter.status not in LETTER_WAITS:
        return False
    _done(session, letter, now, f"{coordinator.name}: {why or '-'}")
    return True


def again(session: Session, letter: Letter, now: datetime) -> bool:
    """A letter that could not be handled is tried again (a fault of ours may be mended); False for others.

    The number of attempts goes on: whoever still works on an earlier one must not settle this one.
    """
    session.refresh(letter, with_for_update=True)
    if letter.status != LetterStatus.PARKED:
        return False
    letter.status, letter.next_at, letter.leased_until, letter.reason = LetterStatus.NEW, now, None, ""
    letter.attempt += 1
    notify.ring(session)
    return True


def _done(session: Session, letter: Letter, now: datetime, resolution: str) -> None:
    letter.status, letter.resolved_at, letter.resolution = LetterStatus.DONE, now, resolution


REASONS: Final[Mapping[str, Text]] = {
    LetterOutcome.UNCLEAR: Text(et="vastus ei olnud ühemõtteline", en="the answer was not plain"),
    LetterOutcome.WRONG_SENDER: Text(
        et="vastas keegi teine kui see, kellelt küsiti", en="someone other than the person asked replied"
    ),
    LetterOutcome.NO_SENDER: Text(et="saatjat ei saa kindlalt öelda", en="the sender cannot be told for certain"),
    LetterOutcome.FORGED: Text(et="saatja kontroll nurjus", en="the sender's authentication failed"),
    LetterOutcome.THREAD: Text(
        et="vastab meie kirjale, kuid ei tulnud selle vastuse aadressile ja saatja ei ole tõendatud",
        en="replies to our mail, but did not come to its reply address, and its sender is not proven",
    ),
    LetterOutcome.UNROUTED: Text(et="kiri ei kuulu ühegi küsimuse juurde", en="the letter belongs to no question"),
    LetterOutcome.HEARD: Text(
        et="kiri programmi aadressile inimeselt, keda me teame",
        en="a letter to the programme's address by a known person",
    ),
    LetterOutcome.MISLEADING: Text(
        et="kiri näeb välja nagu automaatvastus, aga on inimeselt", en="it looks automatic, but a person wrote it"
    ),
    LetterOutcome.CALENDAR: Text(
        et="kalendrivastus, mida peab vaatama inimene", en="a calendar answer that a person must see"
    ),
    LetterOutcome.WITHDRAW_DOUBT: Text(
        et="loobumisest kirjutas keegi, kes ei ole kontaktisik ega asendaja",
        en="someone other than the contact or deputy wrote of withdrawing",
    ),
    LetterOutcome.OFFICE: Text(
        et="vastus koordinaatori kirjale: kirjaga ei otsustata midagi, otsustage lehel",
        en="a reply to a mail for coordinators: nothing is decided by mail, decide on the page",
    ),
    LetterOutcome.AFTERWARDS: Text(
        et="küsimus on vastatud või aeg läbi, aga kirjas on midagi uut",
        en="the question is answered or its time is over, but the letter says something new",
    ),
    LetterOutcome.ASKS: Text(
        et="vastus läks arvesse, aga kirjas on ka küsimus", en="the answer counts, but the letter asks something, too"
    ),
    LetterOutcome.SEVERAL: Text(et="üks kiri mitmele küsimusele", en="one letter to several questions"),
    LetterOutcome.MANY: Text(
        et="samale küsimusele tuli ühe päeva jooksul väga palju vastuseid",
        en="very many answers to the same question came within a day",
    ),
    LetterOutcome.CUT: Text(
        et="kiri on liiga suur või keerukas, et seda lõpuni lugeda", en="the letter is too large to be read whole"
    ),
    LetterOutcome.OVER_LIMIT: Text(
        et="kirja lugemine võttis rohkem aega või mälu, kui üks kiri võtta tohib; vaadake kirja ennast",
        en="reading the letter took more time or memory than a letter may take; look at the letter itself",
    ),
    LetterOutcome.SEALED: Text(
        et="saadetu on ümbrikus, mida siin avada ei saa (winmail.dat või krüpteeritud)",
        en="what was sent is wrapped up and cannot be opened here (winmail.dat or encrypted)",
    ),
    LetterOutcome.REPORT: Text(
        et="teade meie kirja kohaletoimetamisest, millest ei saadud aru",
        en="a report on the delivery of our mail that could not be understood",
    ),
    LetterOutcome.BOUNCE_UNPROVEN: Text(
        et="teade, et meie kiri ei jõudnud kohale, kuid miski ei tõenda seda; küsige inimeselt, kas aadress töötab",
        en="a report that our mail did not arrive, which nothing proves; ask the person if the address works",
    ),
    LetterOutcome.DUPLICATE: Text(et="sama Message-ID, teine sisu", en="the same Message-ID with other content"),
    LetterOutcome.FAULT: Text(et="kirja ei õnnestunud käsitleda", en="the letter could not be handled"),
}
"""why a letter waits: `letters.outcome` -> the sentence shown"""
