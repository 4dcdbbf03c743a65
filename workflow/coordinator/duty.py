"""Coordinators' absences, and handing the season from one coordinator to another.

Acts in the caller's transaction. Must never sign anybody in or out: every coordinator keeps all rights.
"""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from workflow.database.models import Absence, HandOver, Person
from workflow.notices import Notice
from workflow.records import on_duty
from workflow.season import Season
from workflow.text.bilingual import Text

LONGEST: Final = timedelta(days=366)


def be_away(
    season: Season, session: Session, person: Person, until: date | None, stand_in: Person | None, now: datetime
) -> Text | None:
    """From now on this coordinator is away until the morning of that day; the sentence that says why not."""
    today = on_duty.today(season.programme, now)
    if until is None or not today < until <= today + LONGEST:
        return Text(
            et="Valige päev, mil olete tagasi: homme või hiljem, kõige rohkem aasta pärast.",
            en="Choose the day on which you are back: tomorrow or later, within a year.",
        )
    session.add(
        Absence(person_id=person.id, until=until, stand_in_id=stand_in.id if stand_in is not None else None, at=now)
    )
    session.flush()
    return None


def be_back(season: Season, session: Session, person: Person, now: datetime) -> None:
    """This coordinator is here from now on."""
    session.add(Absence(person_id=person.id, until=on_duty.today(season.programme, now), at=now))
    session.flush()


def hand_over(
    season: Season, session: Session, giver: Person, taker: Person, notes: str, now: datetime
) -> Text | None:
    """From now on the season is the taker's, who is told by mail; the sentence that says why not."""
    watch = on_duty.look(session, on_duty.today(season.programme, now))
    if watch is not None and watch.responsible.id == taker.id:
        return Text(et=f"Hooaja eest vastutab juba {taker.name}.", en=f"{taker.name} is responsible already.")
    row = HandOver(from_id=giver.id, to_id=taker.id, notes=notes, at=now)
    session.add(row)
    session.flush()
    if giver.id != taker.id:
        facts = {"giver": giver.name, "note": notes, "office_link": f"{season.base_url}/office/duty"}
        notice = Notice(template="handed_over", key=f"handed_over:{row.id}", person=taker, facts=facts)
        season.post(session, notice, now)
    return None
