"""A notice becomes a message: words, thread and calendar file, queued in the caller's transaction.

What will be said is decided here, once, and can be seen from then on. Must never send anything, and never
commit: if the step that caused the mail is rolled back, so is the mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail import spoken
from mail.composing import certificate_pdf as certificate
from mail.composing import invites, markup, threads
from mail.composing.facts import COMMON, Value, asked, told, values
from mail.composing.invites import Invited
from mail.composing.stored_facts import Kept, Slot, from_json, to_json
from mail.composing.templates import Templates
from mail.composing.threads import Thread
from mail.identity import Identity
from mail.reading.characters import one_line
from workflow import pending
from workflow.config.loader import Programme, When
from workflow.database import notify as waking
from workflow.database.engine import insert
from workflow.database.models import Addressee, Message, MessageFile
from workflow.journey.certificates import Certificate
from workflow.notices import NOTICES, Enclosure, Fact, Method, Notice, Words, when_sent
from workflow.records import queries

_SUBJECT_CAP: Final = 500
DEAD: Final = "the address does not take mail"


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as it would look, queued nowhere."""

    subject: str
    body: str
    text: str
    html: str


class Composer:
    """The `Post` of the journey: `templates` is the folder with `et/` and `en/`."""

    def __init__(self, templates: Path, programme: Programme, identity: Identity) -> None:
        self.templates = Templates(templates, programme.tz)
        self.certificate = templates.parent / "certificate.typ"
        self.programme = programme
        self.identity = identity

    def __call__(self, session: Session, notice: Notice, now: datetime) -> Message | None:
        """Queues the notice; None where its key was queued before, or where the person was told enough."""
        if _queued_before(session, notice.key) or threads.capped(session, notice, self.programme, now):
            return None
        row = self.row(session, notice, now)
        if notice.certificate is not None:
            return _enclosing(session, row, self.enclosed(notice.certificate))
        return _queue(session, row)

    def preview(self, template: str, lang: str, sample: Mapping[str, Fact]) -> Preview:
        """The mail with sample values, common ones among them; those left out are empty. Raises Unsayable."""
        known: dict[str, Value] = dict.fromkeys(COMMON, "")
        rendered = self.templates.render_mended(template, lang, {**known, **told(sample, lang)})
        return Preview(rendered.subject, rendered.body, *self.shown(rendered.subject, rendered.body, lang))

    def again(self, message: Message) -> Words | None:
        """The words that its template says today of the facts it kept; None where it kept none. Raises Unsayable."""
        if message.facts is None:
            return None
        kept = from_json(message.template, message.facts)
        rendered = self.templates.render_mended(message.template, message.lang, kept.values)
        return Words(one_line(kept.subject or rendered.subject, _SUBJECT_CAP), rendered.body)

    def invitation(self, message: Message, now: datetime) -> bytes | None:
        """Its calendar file with the address that it goes to now; None where there is none to be made."""
        if message.facts is None or message.calendar_method is None:
            return None
        kept = from_json(message.template, message.facts)
        who = invites.Invited(
            name=message.to_name, address=message.to_address, lang=message.lang, organiser=message.reply_to
        )
        return self._file(Method(message.calendar_method), kept.slot, kept.values, who, now)

    def enclosed(self, given: Certificate) -> Enclosure:
        """A certificate as the file that goes with its mail; its name tells nothing of anybody."""
        name = "tunnistus.pdf" if given.lang == "et" else "certificate.pdf"
        return Enclosure(name, certificate.MEDIA_TYPE, certificate.pdf(given, self.certificate))

    def shown(self, subject: str, body: str, lang: str) -> tuple[str, str]:
        """The text part and the HTML part of a body, as the coordinator's pages show them."""
        base = self.identity.base_url
        return markup.text(body, base), markup.html(body, base, lang=lang, title=subject)

    def row(self, session: Session, notice: Notice, now: datetime) -> dict[str, Any]:
        """The message as a row, not queued yet."""
        person, team, letter, mine = notice.person, notice.team, notice.answering, asked(notice)
        lang, name, address = person.lang, person.name, person.address
        facts = values(notice, self.programme, self.identity, lang, mine)
        seen = session.info.setdefault(Templates, set())  # one transaction says all its mails in the same words
        rendered = self.templates.render(notice.template, lang, facts, seen)
        thread = threads.thread(session, notice, self.identity)
        reply_to = self._reply_to(mine)
        status, reason = self._status(notice)
        subject = _threads_subject(notice, thread)
        slot = invites.slot(notice, facts, self.programme, self.identity, sequence=_sequence(session, notice))
        who = invites.Invited(name=name, address=address, lang=lang, organiser=reply_to)
        calendar = self._file(notice.calendar, slot, facts, who, now)
        return {
            "key": notice.key, "template": notice.template, "lang": lang,
            "person_id": person.id, "team_id": team.id if team else None,
            "question_id": notice.question.id if notice.question else None,
            "letter_id": letter.id if letter else None,
            "history_id": notice.history.id if notice.history else None,
            "to_name": one_line(name, 200), "to_address": address,
            "subject": one_line(subject or rendered.subject, _SUBJECT_CAP), "body": rendered.body,
            "calendar": calendar,
            "calendar_method": notice.calendar.value if notice.calendar and calendar else None,
            "message_id": threads.message_id(notice.key, self.identity),
            "in_reply_to": thread.in_reply_to, "references": self._references(mine, thread.references),
            "reply_to": reply_to,
            "auto_submitted": "auto-replied" if letter else "auto-generated",
            "status": status, "error": reason, "created_at": now, "next_at": now,
            "facts": to_json(notice.template, Kept(facts, subject, slot)),
        }  # fmt: skip

    def _reply_to(self, mine: Addressee | None) -> str:
        """The person's own secret address for this question, else where the service's mail comes from."""
        return self.identity.reply_address(mine.secret) if mine else self.identity.from_address

    def _references(self, mine: Addressee | None, ids: str) -> str:
        return f"{self.identity.reference(mine.secret)} {ids}".strip() if mine else ids

    def _status(self, notice: Notice) -> tuple[str, str]:
        if notice.person.address_state == "dead":
            return "held", DEAD
        held = when_sent(self.programme, notice.template) is When.AFTER_APPROVAL
        return ("held", "") if held else ("queued", "")

    def _file(
        self, method: Method | None, slot: Slot | None, facts: Mapping[str, Value], who: Invited, now: datetime
    ) -> bytes | None:
        if method is None or slot is None:
            return None
        return invites.written(method, slot, facts, self.programme, self.identity, who=who, now=now)


def _threads_subject(notice: Notice, thread: Thread) -> str:
    """That of the mail which asked, where this one asks again or answers a reply to it: the thread stays one."""
    if thread.subject and notice.answering:
        return f"Re: {thread.subject}"
    return thread.subject if NOTICES[notice.template].asks else ""


def _sequence(session: Session, notice: Notice) -> int:
    """The session's own, and what this person's invitation was changed beside it."""
    if notice.session is None or notice.calendar is None:
        return 0
    seat = queries.seat(session, notice.person, notice.session.stage)
    return notice.session.sequence + (seat.sequence if seat else 0)


def _queued_before(session: Session, key: str) -> bool:
    """Of a key that somebody else queued, or queues just now, the mail is left out when it is written."""
    waiting = pending.of(session)
    if waiting is not None:
        return waiting.queued(key)
    session.flush()
    return session.scalar(sa.select(Message.id).where(Message.key == key)) is not None


def _queue(session: Session, row: dict[str, Any]) -> Message | None:
    waiting = pending.of(session)
    if waiting is None:
        return inserted(session, row)
    spoken.note(session, row)
    return waiting.queue(row)


def _enclosing(session: Session, row: dict[str, Any], file: Enclosure) -> Message | None:
    """The mail with its file, written at once: what waits to be written goes first, as before any statement."""
    message = inserted(session, row)
    if message is not None:
        spoken.note(session, row)
        message.files = [MessageFile(name=file.name, media_type=file.media_type, content=file.content)]
        session.flush()
    return message


def inserted(session: Session, row: dict[str, Any]) -> Message | None:
    """Somebody else may queue the same key at the same time: the second one to come queues nothing."""
    statement = insert(session.get_bind(), Message).values(**row).on_conflict_do_nothing()
    waking.ring(session)
    return session.scalars(statement.returning(Message)).first()
