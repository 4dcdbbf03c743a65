"""Further addresses of a person: asked about at the first one, and theirs once they say so there.

Letters from such an address are the person's; mails go on going to the first. Acts in the caller's transaction.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, AliasKind, HistoryEvent
from workflow.database.models import Alias, Person, Question
from workflow.records import open_questions
from workflow.records.history import alert, record
from workflow.rules.application import NO_ADDRESS, address_key
from workflow.rules.duties import end_of_day
from workflow.rules.questions import QuestionKind
from workflow.season import Actor, Season
from workflow.text.bilingual import Text

DAYS: Final = 14
"""so long may the person take to say whether it is theirs"""
FURTHER: Final = (AliasKind.ASKED, AliasKind.ALSO)


def ask(season: Season, session: Session, person: Person, address: str, now: datetime) -> Text | None:
    """Ask the person, at their first address, whether this one is theirs too; or the sentence that says why not."""
    session.refresh(person, with_for_update=True)
    key = address_key(address)
    refused = _refused(session, person, key)
    if refused is not None:
        return refused
    alias = Alias(person_id=person.id, kind=AliasKind.ASKED, value=address.strip(), key=key, at=now)
    session.add(alias)
    session.flush()
    open_questions.ask(
        season,
        session,
        open_questions.Ask(
            kind=QuestionKind.ADDRESS,
            key=f"address:{alias.id}",
            people=(person,),
            template="own_address",
            team=person.team,
            about={"alias": alias.id, "address": alias.value},
            due=end_of_day(now, DAYS, season.programme.tz),
            facts={"sender": alias.value},
        ),
        now,
    )
    return None


def _refused(session: Session, person: Person, key: str | None) -> Text | None:
    if key is None:
        return NO_ADDRESS
    if person.left_at is not None:
        return Text(et=f"{person.name} on lahkunud.", en=f"{person.name} has left.")
    if person.role == "coordinator":
        return Text(
            et="Koordinaator otsustab lehel, mitte kirjaga.", en="Coordinators decide on the page, not by mail."
        )
    taken = sa.select(Person.name).where(Person.address_key == key, Person.left_at.is_(None))
    name = session.scalar(taken.order_by(Person.id).limit(1))
    if name is not None:
        return Text(et=f"See on juba kirjas: {name}.", en=f"It is on file already: {name}.")
    known = sa.select(Alias.id).where(Alias.person_id == person.id, Alias.key == key, Alias.kind.in_(FURTHER))
    if session.scalar(known.limit(1)) is not None:
        return Text(et="Selle aadressi kohta on juba küsitud.", en="This address was asked about already.")
    return None


def answered(
    season: Season, session: Session, question: Question, person: Person, actor: Actor, now: datetime, *, theirs: bool
) -> Text:
    """What the person said about the address that they were asked about; the sentence that reads it back."""
    address = str(question.about.get("address", ""))
    alias = session.get(Alias, question.about.get("alias", 0))
    if alias is None or alias.kind != AliasKind.ASKED:
        return Text(
            et=f"Aadressi {address} kohta otsustati vahepeal teisiti.",
            en=f"The address {address} was decided about meanwhile.",
        )
    if not theirs:
        session.delete(alias)
        says = Text(
            et=f"{person.name} ütleb, et {address} ei ole tema aadress.",
            en=f"{person.name} says that {address} is not their address.",
        )
        alert(season, session, f"address:{alias.id}", AlertKind.DETAILS, says, now, team=person.team, person=person)
        return Text(
            et=f"Kirjad aadressilt {address} ei loe teie omadena.", en=f"Mails from {address} do not count as yours."
        )
    alias.kind, alias.at = AliasKind.ALSO, now
    _note(session, person, actor, now, Text(et=f"Lisati {address}", en=f"Added {address}"))
    return Text(
        et=f"Edaspidi loevad ka kirjad aadressilt {address} teie omadena. Meie kirjutame ikka siia.",
        en=f"From now on mails from {address} count as yours, too. We go on writing to this address.",
    )


def remove(session: Session, alias: Alias, actor: Actor, now: datetime) -> bool:
    """The address is theirs no more; False where it was none of theirs already."""
    session.refresh(alias, with_for_update=True)
    if alias.kind not in FURTHER:
        return False
    asked = sa.select(Question).where(Question.key == f"address:{alias.id}", Question.closed_at.is_(None))
    for question in session.scalars(asked):
        open_questions.close(session, question, "dropped", now)
    alias.kind, alias.at = AliasKind.FORMER, now
    _note(session, alias.person, actor, now, Text(et=f"Eemaldati {alias.value}", en=f"Removed {alias.value}"))
    return True


def _note(session: Session, person: Person, actor: Actor, now: datetime, says: Text) -> None:
    if person.team is not None:
        proof = {"person": person.id, "changes": [says.as_dict()]}
        record(session, person.team, HistoryEvent.ADDRESSES, actor, now, proof=proof)
