"""Erases a person (GDPR article 17): their team goes on, the records stay under a pseudonym, and nothing of theirs is
left.

In one transaction: they leave, what was asked of them alone closes or goes to somebody else, mails to them are
dropped, their rows are erased as the register says, and their name and addresses go from what others wrote. Of the
address a keyed hash stays, so that a backup that is restored forgets them again (`reapply`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.config.loader import ConfigPerson as Named
from workflow.database.engine import Database
from workflow.database.models import Erasure, Letter, Message, Person
from workflow.journey import departures, members
from workflow.journey.departures import Cause
from workflow.privacy import erase_rows, find_person
from workflow.privacy.categories import Someone
from workflow.privacy.erase_rows import Plain, Touched
from workflow.rules.application import address_key
from workflow.rules.doors import Door
from workflow.season import Season
from workflow.security.keys import mac
from workflow.sign_in import second_factors
from workflow.text.bilingual import Text

FORMER: Final = {
    "member": Text(et="Endine liige", en="Former member"),
    "guest": Text(et="Endine külaline", en="Former guest"),
    "trainer": Text(et="Endine koolitaja", en="Former trainer"),
    "mentor": Text(et="Endine mentor", en="Former mentor"),
}
SOMEBODY: Final = Text(et="Endine kasutaja", en="Former user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was done, to be told to whoever asked for it."""

    pseudonym: str
    touched: tuple[Touched, ...]
    closed: int
    passed: int
    dropped: int
    waiting: int
    namesakes: int
    in_mailbox: int

    def lines(self, lang: str) -> tuple[str, ...]:
        """What was touched, what stays, and why."""
        return (*self.does(lang), *self.stays(lang))

    def does(self, lang: str) -> tuple[str, ...]:
        """What was touched."""
        named = Text(et=f"Varjunimi raamatutes: {self.pseudonym}", en=f"Pseudonym in the books: {self.pseudonym}")
        return tuple(text.say(lang) for text in (named, *map(_touched, self.touched), *_done(self)))

    def stays(self, lang: str) -> tuple[str, ...]:
        """What stays, and why."""
        return tuple(text.say(lang) for text in _stays(self))


def forget(
    season: Season,
    session: Session,
    address: str,
    now: datetime,
    *,
    key: bytes,
    plain: Plain,
    via: Door = Door.COMMAND,
) -> Forgotten | Text:
    """Erase the person of this address, or say why nothing was done. `key`: the installation's secret; `plain`: the
    words of a raw letter."""
    session.flush()
    who = find_person.find(session, address)
    if not find_person.is_known(session, who):
        return Text(et=f"Aadressi {address} ei ole kuskil kirjas.", en=f"{address} stands nowhere here.")
    rows = list(session.scalars(sa.select(Person).where(Person.id.in_(who.ids)).order_by(Person.id)))
    named = _in_config(season, rows)
    if named is not None:
        return named
    namesakes = len({r.name for r in rows if find_person.distinct(r.name)} - who.names)
    pseudonym = _pseudonym(session, rows)
    for row in rows:
        row.name = pseudonym  # before anybody is told that they left
    _leave(season, session, rows, via, now)
    closed, passed = departures.questions(season, session, who.ids, now, cause=Cause.ERASED)
    dropped = _drop_mails(session, who)
    left = erase_rows.waiting(session, who, plain)
    erase_rows.waiting_letters(session, who)
    touched = (*erase_rows.own_rows(session, who, pseudonym), *erase_rows.others_words(session, who, pseudonym, plain))
    _end(session, who, now)
    marks = [mark(each, key) for each in sorted(who.keys)]
    session.add_all(Erasure(mark=each, pseudonym=pseudonym, at=now) for each in marks)
    session.flush()
    session.expire_all()
    return Forgotten(
        pseudonym=pseudonym, touched=touched, closed=closed, passed=passed, dropped=dropped, waiting=left,
        namesakes=namesakes, in_mailbox=_in_mailbox(session),
    )  # fmt: skip


def mark(address: str, key: bytes) -> str:
    """How an erased address is remembered: who has the list alone cannot try addresses against it."""
    return mac(key, f"erased:{address.lower()}").hex()


def marks(session: Session) -> dict[str, datetime]:
    """The erasure list: each mark and when it was last asked for."""
    rows = session.execute(sa.select(Erasure.mark, sa.func.max(Erasure.at)).group_by(Erasure.mark))
    return {found: at for found, at in rows if at is not None}


def reapply(
    season: Season,
    session: Session,
    known: Iterable[tuple[str, datetime]],
    now: datetime,
    *,
    keys: Sequence[bytes],
    plain: Plain,
) -> list[Forgotten]:
    """After a backup was restored: forget again everybody on the list who came before they were erased.

    `known`: (mark, when), from the list kept outside the database; `keys`: every one that may have made such a mark,
    the newest first. Somebody who came back since stays."""
    listed = dict(known)
    done = []
    for address in sorted(find_person.addresses(session)):
        canonical = address_key(address) or address
        at = _marked(listed, {canonical: None, address: None}, keys)
        if at is not None and not _came_back(session, canonical, at):
            found = forget(season, session, address, now, key=keys[0], plain=plain)
            if isinstance(found, Forgotten):
                done.append(found)
    return done


def _marked(listed: Mapping[str, datetime], spellings: Iterable[str], keys: Sequence[bytes]) -> datetime | None:
    """When they were last erased; None where no key makes a mark that stands on the list."""
    found = (listed.get(mark(spelling, key)) for spelling in spellings for key in keys)
    return max((at for at in found if at is not None), default=None)


def _came_back(session: Session, key: str, at: datetime) -> bool:
    later = sa.select(Person.id).where(Person.address_key == key, Person.joined_at > at)
    return session.scalar(later.limit(1)) is not None


def scrub(db: Database) -> None:
    """Rewrite the files, so that no freed page and no log still holds what was erased."""
    connection = db.engine.raw_connection()
    try:
        if db.engine.dialect.name == "sqlite":
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                connection.cursor().execute(statement).fetchall()
            return
    finally:
        connection.close()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("VACUUM (FULL)")


# -- leaving --------------------------------------------------------------------------------------


def _in_config(season: Season, rows: list[Person]) -> Text | None:
    keys = {(role, p.key) for role, people in _staff(season).items() for p in people}
    named = [row for row in rows if row.key is not None and (row.role, row.key) in keys]
    if not named:
        return None
    where = ", ".join(f"{row.role} „{row.key}“" for row in named)
    return Text(
        et=f"See inimene on failis config.toml ({where}). Võtke ta sealt välja, käivitage teenus uuesti ja proovige "
        "siis: muidu paneks järgmine käivitus ta tagasi. Midagi ei tehtud.",
        en=f"This person stands in config.toml ({where}). Take them out, start the service again and then try: "
        "the next start would bring them back. Nothing was done.",
    )


def _staff(season: Season) -> dict[str, tuple[Named, ...]]:
    programme = season.programme
    return {
        "trainer": programme.trainers, "mentor": programme.mentors, "coordinator": programme.coordinators,
        "reader": programme.readers,
    }  # fmt: skip


def _pseudonym(session: Session, rows: list[Person]) -> str:
    """As "Endine liige 7": numbered over everybody who was forgotten here."""
    before = session.scalar(sa.select(sa.func.count(sa.distinct(Erasure.pseudonym)))) or 0
    words = FORMER.get(rows[0].role, SOMEBODY) if rows else SOMEBODY
    return f"{words.say(rows[0].lang if rows else 'et')} {before + 1}"


def _leave(season: Season, session: Session, rows: list[Person], via: Door, now: datetime) -> None:
    """Out of their teams, as somebody who leaves: a new contact, invitations taken back, quorum looked at."""
    actor = departures.by_itself(via)
    for row in rows:
        if row.team is not None and row.left_at is None:
            members.leave(season, session, row, actor, now)
        departures.mentorships(season, session, row, actor, now)
    session.flush()


def _end(session: Session, who: Someone, now: datetime) -> None:
    """Nothing can reach them, and no start of the service finds them again."""
    second_factors.remove(session, sorted(who.ids))
    session.execute(
        sa.update(Person)
        .where(Person.id.in_(who.ids))
        .values(address_state="dead", key=None, left_at=sa.func.coalesce(Person.left_at, sa.bindparam("now", now)))
        .execution_options(synchronize_session=False)
    )


def _drop_mails(session: Session, who: Someone) -> int:
    """Nothing more leaves for them."""
    own = sa.or_(Message.person_id.in_(who.ids), sa.func.lower(Message.to_address).in_(who.keys))
    change = (
        sa.update(Message)
        .where(own, Message.status.not_in([MessageStatus.SENT, MessageStatus.DROPPED]))
        .values(status=MessageStatus.DROPPED)
    )
    result = session.execute(change.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))


def _in_mailbox(session: Session) -> int:
    """Letters whose words are gone here and whose copies wait to be removed: `mail/mailbox/upkeep.py` does."""
    query = sa.select(sa.func.count()).select_from(Letter)
    return session.scalar(query.where(Letter.mailbox_key.is_not(None), sa.func.length(Letter.raw) == 0)) or 0


# -- what is told ---------------------------------------------------------------------------------


def _touched(each: Touched) -> Text:
    what, n = each.held.what, each.rows
    if each.spoken_of:
        return Text(et=f"Teiste sõnadest asendatud: {what.et} ({n})", en=f"Replaced in others' words: {what.en} ({n})")
    return Text(et=f"Kustutatud: {what.et} ({n})", en=f"Erased: {what.en} ({n})")


def _done(found: Forgotten) -> list[Text]:
    counts = (
        (
            found.in_mailbox,
            Text(
                et="Koopiaid postkastis (teenus kustutab need poole tunni jooksul)",
                en="Copies in the mailbox (the service removes them within half an hour)",
            ),
        ),
        (found.dropped, Text(et="Saatmata kirju talle ära jäetud", en="Unsent mails to them dropped")),
        (found.passed, Text(et="Küsimusi edasi antud", en="Questions passed on")),
        (found.closed, Text(et="Küsimusi suletud", en="Questions closed")),
    )
    return [Text(et=f"{t.et}: {n}", en=f"{t.en}: {n}") for n, t in counts if n]


def _stays(found: Forgotten) -> list[Text]:
    stays = [
        Text(
            et="Jääb varjunime alla: osavõtt, tunnid ja ajaloo sammud. Rahastaja peab saama neid kontrollida.",
            en="Stays under the pseudonym: attendance, hours and the steps of history. The funder must be able to "
            "check them.",
        ),
        Text(
            et="Ei ole otsitud: eesnimed ja hüüdnimed teiste tekstides, teiste saadetud failide sisu.",
            en="Not looked for: first names and nicknames in others' words, the content of files others sent.",
        ),
        Text(
            et="Varukoopiad: varem tehtud koopiates on andmed alles, kuni need kustutatakse; taastamisel kustutatakse "
            "inimene uuesti.",
            en="Backups: copies made before still hold the data until they are deleted; restoring one forgets the "
            "person again.",
        ),
    ]
    if found.namesakes:
        stays.append(
            Text(
                et="Sama nimega on siin veel keegi: seda nime teiste tekstides ei asendatud.",
                en="Somebody else here bears the same name: it was not replaced in others' words.",
            )
        )
    if found.waiting:
        stays.append(
            Text(
                et=f"Koordinaatorit ootab veel {found.waiting} kirja, kus temast räägitakse. Lahendage need ja "
                "käivitage käsk uuesti.",
                en=f"{found.waiting} letters that speak of them still wait for the coordinator. Settle them and run "
                "this again.",
            )
        )
    return stays
