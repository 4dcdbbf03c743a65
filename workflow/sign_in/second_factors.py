"""Second factors and OpenID Connect accounts as rows: whose they are, and resetting them when somebody lost theirs.
Must never check a factor.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind
from workflow.database.models import Person, RecoveryCode, SecondFactor, Setting
from workflow.notices import Fact, Notice
from workflow.records import history_heads, queries
from workflow.records.history import alert
from workflow.rules.application import address_key
from workflow.season import Season
from workflow.sign_in.links import STAFF, shut_out
from workflow.text.bilingual import Text

WATCHED: Final = frozenset({"coordinator", "reader"})
"""whoever sees everybody's data: a change of theirs is told to the coordinators too"""
CHANGES: Final[Mapping[str, Text]] = {
    "totp made": Text(et="seati üles koode näitav äpp", en="an app that shows codes was set up"),
    "passkey made": Text(et="loodi pääsuvõti", en="a passkey was made"),
    "totp removed": Text(et="eemaldati koode näitav äpp", en="an app that shows codes was removed"),
    "passkey removed": Text(et="eemaldati pääsuvõti", en="a passkey was removed"),
    "codes renewed": Text(
        et="tehti uued koodid paberile, vanad enam ei kehti",
        en="new codes on paper were made, and the old ones no longer work",
    ),
    "reset": Text(
        et="koordinaator või teenuse hooldaja nullis selle, järgmisel sisselogimisel seate üles uue",
        en="a coordinator or whoever runs the service reset it, and your next sign-in sets up a new one",
    ),
}
"""what can become of somebody's ways of signing in, in the words of the mail that says so"""


def rows_of(session: Session, person: Person) -> list[int]:
    """One human's rows in the table of people: the same address in each of their roles."""
    query = sa.select(Person.id).where(Person.address_key == person.address_key, Person.role.in_(STAFF))
    return list(session.scalars(query.order_by(Person.id)))


def of(session: Session, people: Sequence[int]) -> list[SecondFactor]:
    """The second factors of one human, in the order they were made."""
    query = sa.select(SecondFactor).where(SecondFactor.person_id.in_(people))
    return list(session.scalars(query.order_by(SecondFactor.id)))


def remove(session: Session, people: Sequence[int]) -> None:
    """Passkeys, apps and codes on paper of these rows away; and which account of a directory they are."""
    gone = session.execute(sa.delete(SecondFactor).where(SecondFactor.person_id.in_(people)))
    history_heads.fewer(session, history_heads.FACTORS, int(getattr(gone, "rowcount", 0)))
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id.in_(people)))
    session.execute(sa.delete(Setting).where(Setting.key.in_([_account(one) for one in people])))


def is_account(session: Session, people: Sequence[int], account: str) -> bool:
    """Whether it is the directory's account that this human came by before; the first one is theirs from then on.

    An address can pass to somebody else within an organisation; an account's own name cannot (OpenID Connect, 5.7).
    """
    digest = sha256(account.encode()).hexdigest()
    known = session.scalars(sa.select(Setting.value).where(Setting.key.in_([_account(one) for one in people]))).all()
    if not known:
        session.add(Setting(key=_account(people[0]), value=digest))
    return not known or digest in known


def _account(person_id: int) -> str:
    return f"directory:{person_id}"


def tell(
    season: Season, session: Session, person: Person, change: str, cause: str, now: datetime, *, browser: str = ""
) -> None:
    """Mails one of CHANGES to the person, and to the other coordinators where it is about somebody who sees everybody's
    data: whoever has taken over a mailbox can take the person's own mail away, and not theirs (ASVS 5.0, 6.3.7).

    `cause` sets one change of a kind apart from the next; `browser` is the program it was made with, where known."""
    roles = set(session.scalars(sa.select(Person.role).where(Person.id.in_(rows_of(session, person)))))
    others = queries.staff(session, "coordinator") if roles & WATCHED else []
    _mail(season, session, person, person, change, cause, now, browser)
    for other in others:
        if other.address_key != person.address_key:
            _mail(season, session, person, other, change, cause, now, browser)


def _mail(
    season: Season, session: Session, whose: Person, to: Person, change: str, cause: str, now: datetime, browser: str
) -> None:
    own = to is whose
    page = "/sign-ins" if own else f"/office/people/{whose.id}/sign-ins"
    facts: dict[str, Fact] = {
        "own": own, "whose": whose.name, "what": CHANGES[change], "at": now, "browser": browser,
        "sign_ins_link": f"{season.base_url}{page}",
    }  # fmt: skip
    key = f"sign_in_changed:{change}:{whose.id}:{cause}:{to.id}"
    season.post(session, Notice(template="sign_in_changed", key=key, person=to, facts=facts), now)


def reset(season: Season, session: Session, person: Person, by: str, now: datetime) -> int:
    """Take all of them away and end the sessions: the next sign-in sets up anew. Every coordinator is told by mail, and
    whoever it is about. Returns how many there were."""
    people = rows_of(session, person)
    there = of(session, people)
    remove(session, people)
    shut_out(session, people, now)
    says = Text(
        et=f"{person.name}: sisselogimise teine aste nulliti ({by}). Järgmisel sisselogimisel seatakse uus. Kui te "
        "sellest ei teadnud, uurige kohe.",
        en=f"{person.name}: the second step of signing in was reset ({by}). The next sign-in sets up a new one. If "
        "you did not know of this, look into it at once.",
    )
    alert(season, session, f"second_factor:{person.id}:{now.isoformat()}", AlertKind.SIGN_IN, says, now, urgent=True)
    if person.role != "coordinator":  # they were told just now
        tell(season, session, person, "reset", now.isoformat(), now)
    return len(there)


def reset_address(season: Season, session: Session, address: str, by: str, now: datetime) -> int | None:
    """As `reset`, for whoever works here under that address; None where nobody does."""
    key = address_key(address)
    query = sa.select(Person).where(Person.address_key == key, Person.role.in_(STAFF), Person.left_at.is_(None))
    person = session.scalars(query.order_by(Person.id)).first()
    return None if person is None else reset(season, session, person, by, now)
