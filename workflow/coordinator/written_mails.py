"""Coordinators' own mails as rows: kept while they are written, sent at once or at a time, stopped before they leave.

Acts in the caller's transaction. A mail that was sent changes no more: it is copied instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.codes import MessageStatus
from workflow.coordinator import polls
from workflow.coordinator.audience import Audience
from workflow.coordinator.writing import LETTER, OwnWords
from workflow.database.models import Message, Person, WrittenFile, WrittenMail
from workflow.journey.submissions import Upload
from workflow.rules import file_types
from workflow.text.bilingual import LANGUAGES, Text

FILES: Final = 5
"""files that go with one mail"""
BYTES: Final = 5 * 1024 * 1024
"""of all its files together: what most mailboxes take, once it is encoded"""
AHEAD: Final = timedelta(days=120)
"""so far ahead may a mail be told to leave"""
SHORTEST: Final = timedelta(minutes=2)
"""before now: a moment chosen so long ago was chosen wrongly"""
NAME: Final = 60
"""characters of a file's name"""
SHOWN: Final = 20
"""drafts in a list"""
LONGEST: Final = 20_000
"""of what is kept of a field, in characters: more than may be sent, so that too much can be shortened"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenContent:
    """A mail as it stands on its page. typed: its other fields, whatever is wrong with them."""

    wanted: Audience
    words: OwnWords
    typed: Mapping[str, str]

    @property
    def empty(self) -> bool:
        """Whether nothing was written yet."""
        return not any(text.strip() for text in (*self.words.subject.values(), *self.words.body.values()))


def named(session: Session, name: str) -> WrittenMail | None:
    """The mail whose form has this name."""
    return session.scalars(sa.select(WrittenMail).where(WrittenMail.name == name)).first()


def content(mail: WrittenMail) -> WrittenContent:
    """What stands in the row."""
    subject, body = ({lang: str(said.get(lang, "")) for lang in LANGUAGES} for said in (mail.subject, mail.body))
    return WrittenContent(wanted=Audience.read(mail.audience), words=OwnWords(subject, body), typed=dict(mail.typed))


def keep(session: Session, name: str, given: WrittenContent, author: Person, now: datetime) -> WrittenMail:
    """The draft of this name with what stands on its page now; one that was sent stays as it is."""
    mail = named(session, name)
    if mail is None:
        mail = WrittenMail(name=name, author_id=author.id, created_at=now, updated_at=now)
        session.add(mail)
    if mail.sent_at is None:
        mail.audience = given.wanted.plain()
        mail.subject, mail.body = _clipped(given.words.subject), _clipped(given.words.body)
        mail.typed, mail.updated_at = _clipped(given.typed), now
    session.flush()
    return mail


def _clipped(typed: Mapping[str, str]) -> dict[str, Any]:
    return {name: text[:LONGEST] for name, text in typed.items() if text}


def begun(session: Session) -> list[WrittenMail]:
    """Drafts that say something yet, the last touched first."""
    query = sa.select(WrittenMail).where(WrittenMail.sent_at.is_(None)).options(selectinload(WrittenMail.author))
    rows = session.scalars(query.order_by(WrittenMail.updated_at.desc(), WrittenMail.id.desc()).limit(SHOWN))
    return [one for one in rows if not content(one).empty]


def begun_to(session: Session, author: Person, wanted: Audience) -> WrittenMail | None:
    """This coordinator's last draft to these very people."""
    return next((one for one in begun(session) if one.author_id == author.id and content(one).wanted == wanted), None)


def discard(session: Session, mail: WrittenMail) -> bool:
    """A draft is thrown away, and its tests stay as they are; False where it was sent, or has begun to leave."""
    session.refresh(mail, with_for_update=True)
    tests = Message.key.startswith(f"{LETTER}:test:")
    begun = sa.select(Message.id).where(Message.written_id == mail.id, ~tests).limit(1)
    if mail.sent_at is not None or session.scalar(begun) is not None:
        return False
    of_tests = sa.update(Message).where(Message.written_id == mail.id).values(written_id=None)
    session.execute(of_tests.execution_options(synchronize_session=False))
    session.delete(mail)
    session.flush()
    return True


# -- files --------------------------------------------------------------------------------------------------------


def attach(session: Session, mail: WrittenMail, files: Sequence[Upload]) -> Text | None:
    """Put these files with the mail, each once; or the sentence that says why none of them is."""
    there = {one.sha256: one for one in mail.files}
    new = {sha256(one.content).hexdigest(): one for one in files}
    fresh = {mark: one for mark, one in new.items() if mark not in there}
    refused = _refused(fresh.values(), len(there), sum(one.size for one in there.values()))
    if refused is not None:
        return refused
    for mark, one in fresh.items():
        name = one.name[-NAME:].strip(" .") or "fail"
        kind = file_types.media_type(name)
        mail.files.append(
            WrittenFile(name=name, media_type=kind, size=len(one.content), sha256=mark, content=one.content)
        )
    session.flush()
    return None


def _refused(fresh: Iterable[Upload], count: int, size: int) -> Text | None:
    for one in fresh:
        count, size = count + 1, size + len(one.content)
        if not one.content:
            return Text(et=f"Fail on tühi: {one.name}.", en=f"The file is empty: {one.name}.")
        if file_types.mark(one.name, one.content):
            return Text(
                et=f"Seda faili ei võta postkastid vastu: {one.name}. Lisage PDF, pilt, dokument või tabel.",
                en=f"Mailboxes do not take this file: {one.name}. Attach a PDF, a picture, a document or a table.",
            )
    if count > FILES:
        return Text(et=f"Kirjaga läheb kuni {FILES} faili.", en=f"At most {FILES} files go with a mail.")
    if size > BYTES:
        most = f"{BYTES // (1024 * 1024)} MB"
        return Text(
            et=f"Failid on kokku suuremad kui {most}. Pange suurem fail veebi ja kirjutage teksti selle link.",
            en=f"The files are larger than {most} together. Put a large file on the web and write its link.",
        )
    return None


def detach(session: Session, mail: WrittenMail, numbers: Sequence[int]) -> None:
    """Take these files off the draft."""
    if mail.sent_at is None:
        mail.files = [one for one in mail.files if one.id not in numbers]
        session.flush()


# -- when it leaves -----------------------------------------------------------------------------------------------


def when_fault(leave_at: datetime | None, typed: str, now: datetime) -> Text | None:
    """What is wrong with the moment at which it is to leave."""
    if not typed.strip():
        return None
    if leave_at is None:
        return Text(et="Valige päev ja kellaaeg.", en="Choose a day and a time.")
    if leave_at < now - SHORTEST:
        return Text(et="See aeg on juba möödas.", en="This time has passed.")
    if leave_at > now + AHEAD:
        return Text(et=f"Valige aeg kuni {AHEAD.days} päeva ette.", en=f"Choose a time within {AHEAD.days} days.")
    return None


def stop(session: Session, mail: WrittenMail, now: datetime) -> int:
    """What has not left yet never leaves; how many mails that was."""
    waits = Message.status.in_((MessageStatus.QUEUED, MessageStatus.HELD))
    change = sa.update(Message).where(Message.written_id == mail.id, waits)
    gone = change.values(status=MessageStatus.DROPPED, next_at=now).returning(Message.person_id)
    people = session.scalars(gone.execution_options(synchronize_session=False)).all()
    polls.close(session, mail.name, [one for one in people if one is not None], now)
    return len(people)


def copy(session: Session, mail: WrittenMail, name: str, author: Person, now: datetime) -> WrittenMail:
    """A new draft with the same words, people and files; when it leaves is chosen anew."""
    given = content(mail)
    typed = {key: text for key, text in given.typed.items() if key not in ("leave", "due")}
    made = keep(session, name, WrittenContent(wanted=given.wanted, words=given.words, typed=typed), author, now)
    attach(session, made, [Upload(one.name, one.media_type, one.content) for one in mail.files])
    return made
