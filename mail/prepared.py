"""Mails made ahead: the bytes of a message that waits, kept beside it until it is sent.

Making a mail takes ten times as long as handing it over. What waits for its hour, or for a relay that is away, is
made meanwhile, and leaves as fast as the relay takes it. The database itself drops what was made once the message is
changed (a trigger); what another sender's name, key or address made is not used. Must never send.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing import message_bytes as build
from mail.identity import Identity
from mail.sending.queue import Claimed
from workflow.database.engine import Database, insert
from workflow.database.models import Message, PreparedMail
from workflow.notices import NOTICES

Build = Callable[[Message], tuple[str, bytes]]
"""the envelope's sender and the mail's bytes"""
Made = Callable[[], tuple[str, bytes]]
"""the same of one mail, when its turn comes"""

ENCLOSING: Final = tuple(name for name, spec in NOTICES.items() if spec.encloses)
AHEAD: Final = timedelta(hours=1)
"""what falls due within the hour is made now"""


def mark(identity: Identity, *keys: bytes) -> str:
    """What tells apart mails made by another sender: another name, address, secret, key to sign, or way to build."""
    sample = _sample(identity.base_url)
    made = build.to_bytes(sample, identity), build.envelope_from(sample, identity).encode(), *keys
    return sha256(b"\0".join(sha256(one).digest() for one in made)).hexdigest()


def prepare(db: Database, now: datetime, build_mail: Build, made_by: str, *, limit: int = 50) -> int:
    """Make up to `limit` of the mails that wait, and drop what was sent; how many rows that was. Call it when there is
    nothing to send."""
    given = {"until": now + AHEAD, "by": made_by, "most": limit}
    with db.reading() as session:
        one = given | {"most": 1}
        if session.scalar(_any_unmade(), one) is None and session.scalar(_spent(), one) is None:
            return 0  # an idle look takes no lock from anybody who writes
    with db.writing() as session:
        dropped = list(session.scalars(_spent(), given))
        waiting = session.scalars(_unmade(), given).all()
        made = [row for message in waiting if (row := _made(message, build_mail, made_by)) is not None]
        session.execute(_dropping(), {"mails": [*dropped, *(row["message_id"] for row in made)]})
        if made:
            session.execute(insert(session.get_bind(), PreparedMail).on_conflict_do_nothing(), made)
    return len(made) + len(dropped)


def of(session: Session, mails: Sequence[Claimed], build_mail: Build, made_by: str) -> list[tuple[Claimed, Made]]:
    """Each with how it is made: read, where that was done ahead; else built when its turn comes."""
    found = {
        row.message_id: (row.sender, row.content)
        for row in session.execute(_prepared(), {"mails": [mail.id for mail in mails], "by": made_by})
    }
    messages = _messages(session, [mail.id for mail in mails if mail.id not in found])
    return [(mail, partial(found.__getitem__, mail.id) if mail.id in found else partial(build_mail, messages[mail.id]))
            for mail in mails]  # fmt: skip


def _made(message: Message, build_mail: Build, made_by: str) -> dict[str, Any] | None:
    """A row; None for one that cannot be made: sending it will say why."""
    try:
        sender, content = build_mail(message)
    except Exception:
        return None
    return {"message_id": message.id, "made_by": made_by, "sender": sender, "content": content}


def _messages(session: Session, ids: Sequence[int]) -> Mapping[int, Message]:
    """Whole, with what goes with them: they are built when this transaction is over."""
    if not ids:
        return {}
    query = sa.select(Message).where(Message.id.in_(ids)).execution_options(populate_existing=True)
    messages = {message.id: message for message in session.scalars(query)}
    for message in messages.values():
        build.enclosed(message)
    return messages


def _sample(base_url: str) -> Message:
    """With a bit of everything that building one may do otherwise some day."""
    return Message(
        id=1, template="homework", lang="et", to_name="Jüri Õun", to_address="juri@example.org", subject="Töö",
        body=f"Tere, **Jüri**!\n\n- [üks]({base_url}/q)\n\n> kaks", message_id="<m@example.org>",
        in_reply_to="", references="",
        reply_to="r-1@example.org", auto_submitted="auto-generated", created_at=datetime(2022, 1, 1, tzinfo=UTC),
    )  # fmt: skip


# -- statements ---------------------------------------------------------------------------------


@cache
def _unmade() -> sa.Select[Message]:
    """What waits and was not made yet, by us. What encloses files is made when it is sent."""
    made = sa.exists().where(PreparedMail.message_id == Message.id, PreparedMail.made_by == sa.bindparam("by"))
    waits = Message.status == "queued", Message.next_at <= sa.bindparam("until")
    query = sa.select(Message).where(*waits, Message.template.not_in(ENCLOSING), ~made)
    return query.order_by(Message.next_at, Message.id).limit(sa.bindparam("most"))


@cache
def _any_unmade() -> sa.Select[int]:
    return _unmade().with_only_columns(Message.id)


@cache
def _spent() -> sa.Select[int]:
    """What need not be kept twice: the mail has left, or will not."""
    query = sa.select(PreparedMail.message_id).join(Message, Message.id == PreparedMail.message_id)
    return query.where(Message.status.in_(("sent", "failed", "dropped", "bounced"))).limit(sa.bindparam("most"))


@cache
def _prepared() -> sa.Select[int, str, bytes]:
    return sa.select(PreparedMail.message_id, PreparedMail.sender, PreparedMail.content).where(
        PreparedMail.message_id.in_(sa.bindparam("mails", expanding=True)),
        PreparedMail.made_by == sa.bindparam("by"),
    )


@cache
def _dropping() -> sa.Delete:
    return sa.delete(PreparedMail).where(PreparedMail.message_id.in_(sa.bindparam("mails", expanding=True)))
