"""Test mail: a copy of a mail as it stands, sent to the coordinator to look at in a real mail program.

The copy asks nothing: it has no addressee, so no secret address and no link that opens anything, and no calendar
file. A file that goes with the mail goes with the copy, too.
"""

from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database.models import Message, MessageFile, Person
from workflow.security.own_links import PLACEHOLDER
from workflow.text.bilingual import Text


def to_me(session: Session, message: Message, me: Person, domain: str, now: datetime) -> Text | None:
    """Queue the copy; or the sentence that says why not. The same words are sent once."""
    session.refresh(message, with_for_update=True)
    if me.address_state == "dead":
        return Text(et=f"Aadress {me.address} ei võta kirju vastu.", en=f"{me.address} does not take mail.")
    words = sha256(f"{message.subject}\n{message.body}".encode()).hexdigest()[:16]
    key = f"trial:{message.id}:{me.id}:{words}"
    if session.scalar(sa.select(Message.id).where(Message.key == key)) is not None:
        return Text(
            et="Just nende sõnadega proovikiri on teile juba saadetud.",
            en="A test with these very words was sent to you already.",
        )
    session.add(
        Message(
            key=key,
            template=message.template,
            lang=message.lang,
            person_id=me.id,
            to_name=me.name,
            to_address=me.address,
            subject=f"[{'test' if message.lang == 'en' else 'proov'}] {message.subject}"[:500],
            body=message.body.replace(PLACEHOLDER, "proov"),
            message_id=f"<trial-{message.id}-{me.id}-{words}@{domain}>",
            status=MessageStatus.QUEUED,
            created_at=now,
            next_at=now,
            files=[MessageFile(name=f.name, media_type=f.media_type, content=f.content) for f in message.files],
        )
    )
    session.flush()
    return None
