"""A mail that has left, sent once more: "I did not get it". A copy with the same words and the same way to answer, to
the address that the person has now.

Acts in the caller's transaction. Must never send what is over, nor to where the person no longer reads.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database import notify
from workflow.database.models import Message, MessageFile, Person
from workflow.notices import Refile
from workflow.records import aliases, undelivered
from workflow.rules.application import address_key
from workflow.text.bilingual import Text

NEVER: Final = frozenset({"address_changed", "sign_in_changed", "digest", "alert"})
"""kinds that are meant for one moment, or for an address that is the person's no more"""


def again(session: Session, message: Message, domain: str, refile: Refile, now: datetime) -> Message | Text:
    """Queue the copy; or the sentence that says why not. Once a day for each mail, copies of it among them. domain: of
    our Message-IDs: as hard to guess as the mail's own, for they may say which question a reply answers."""
    session.refresh(message, with_for_update=True)
    person = session.get(Person, message.person_id) if message.person_id else None
    refused = _refused(session, message, person, now)
    if refused is not None or person is None:
        return refused or _NOBODY
    day, stem = f"{now:%Y%m%d}", message.message_id.strip("<>").rpartition("@")[0]
    first = message.key.split(":")[1] if message.key.startswith("again:") else message.id
    key = f"again:{first}:{day}"
    if session.scalar(sa.select(Message.id).where(Message.key == key)) is not None:
        return Text(et="See kiri on täna juba uuesti saadetud.", en="This mail was sent again today already.")
    copy = Message(
        key=key, template=message.template, lang=message.lang, person_id=person.id, team_id=message.team_id,
        question_id=message.question_id, letter_id=message.letter_id, written_id=message.written_id,
        addressee_id=message.addressee_id,
        link_seed=message.link_seed, to_name=message.to_name, to_address=_where(session, message, person),
        subject=message.subject, body=message.body, calendar=message.calendar, calendar_method=message.calendar_method,
        message_id=f"<{stem}.{day}@{domain}>", in_reply_to=message.in_reply_to,
        references=message.references, auto_submitted=message.auto_submitted, status=MessageStatus.QUEUED,
        created_at=now, next_at=now, facts=message.facts,
        files=[MessageFile(name=f.name, media_type=f.media_type, content=f.content) for f in message.files],
    )  # fmt: skip
    if copy.calendar is not None and copy.to_address != message.to_address:
        copy.calendar = refile(copy, now) or copy.calendar
    session.add(copy)
    session.flush()
    notify.ring(session)
    return copy


def _where(session: Session, message: Message, person: Person) -> str:
    """Where the person reads now; a reply to a further address of theirs goes there again."""
    key = address_key(message.to_address) if message.letter_id is not None else None
    theirs = key is not None and person.id in aliases.owners(session, key)
    return message.to_address if theirs else person.address


def _refused(session: Session, message: Message, person: Person | None, now: datetime) -> Text | None:
    if message.status != MessageStatus.SENT or message.template in NEVER:
        return Text(et="Seda kirja ei saa uuesti saata.", en="This mail cannot be sent again.")
    if person is None or person.left_at is not None:
        return _NOBODY
    if person.address_state == "dead":
        return Text(
            et=f"Aadress {person.address} ei võta kirju vastu. Parandage see enne.",
            en=f"{person.address} does not take mail. Mend the address first.",
        )
    over = sa.select(Message.id).where(Message.id == message.id, undelivered.is_over(now))
    if session.scalar(over) is not None:
        return Text(
            et="See, millest kiri räägib, on läbi: kirjutage parem ise.",
            en="What this mail is about is over: rather write yourself.",
        )
    return None


_NOBODY: Final = Text(et="Seda inimest ei ole enam.", en="This person is not with us any more.")
