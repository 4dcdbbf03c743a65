"""Composes a mail from a notice: template, thread and calendar file, queued in the caller's transaction.

What will be said is decided here, once, and can be seen from then on. Must never send anything, and never
commit: if the step that caused the mail is rolled back, so is the mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing import certificate_pdf, invites, markup, message_bytes, pacing, threads
from mail.composing.facts import COMMON, Value, ask, asked, told, values
from mail.composing.stored_facts import StoredFacts, from_json, to_json
from mail.composing.templates import Templates
from mail.composing.threads import Thread
from mail.identity import Identity
from mail.reading.characters import one_line
from workflow.codes import DeliveryFault, MessageStatus
from workflow.config.loader import Programme, When
from workflow.database import notify
from workflow.database.engine import digest_of, insert
from workflow.database.models import Message, MessageFile, Person
from workflow.notices import Certificate, Enclosure, Fact, MailWords, Method, Notice
from workflow.records import on_duty
from workflow.records.row_seals import with_seal
from workflow.rules.mail_kinds import MAIL_KINDS, when_sent

_SUBJECT_CAP: Final = 500
_TAKER: Final = "taker"


@dataclass(frozen=True, slots=True)
class MailPreview:
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
        return inserted(session, row)

    def preview(self, template: str, lang: str, sample: Mapping[str, Fact]) -> MailPreview:
        """The mail with sample values, common ones among them; those left out are empty. Raises Unsayable."""
        known: dict[str, Value] = dict.fromkeys(COMMON, "")
        rendered = self.templates.render_mended(template, lang, {**known, **told(sample, lang)})
        return MailPreview(rendered.subject, rendered.body, *self.shown(rendered.subject, rendered.body, lang))

    def again(self, message: Message) -> MailWords | None:
        """The words that its template says today of the facts it kept; None where it kept none. Raises Unsayable."""
        if message.facts is None:
            return None
        kept = from_json(message.template, message.facts)
        rendered = self.templates.render_mended(message.template, message.lang, kept.values)
        return MailWords(one_line(kept.subject or rendered.subject, _SUBJECT_CAP), rendered.body)

    def invitation(self, message: Message, now: datetime) -> bytes | None:
        """Its calendar file with the address that it goes to now; None where there is none to be made."""
        if message.facts is None or message.calendar_method is None:
            return None
        kept = from_json(message.template, message.facts)
        who = invites.Invited(name=message.to_name, address=message.to_address, lang=message.lang)
        method = Method(message.calendar_method)
        return invites.written(method, kept.slots, kept.values, self.identity, who=who, now=now)

    def enclosed(self, given: Certificate) -> Enclosure:
        """A certificate as the file that goes with its mail; its name tells nothing of anybody."""
        name = "tunnistus.pdf" if given.lang == "et" else "certificate.pdf"
        return Enclosure(name, certificate_pdf.MEDIA_TYPE, certificate_pdf.pdf(given, self.certificate))

    def shown(self, subject: str, body: str, lang: str) -> tuple[str, str]:
        """The text part and the HTML part of a body, as the coordinator's pages show them."""
        base = self.identity.base_url
        return markup.text(body, base), markup.html(body, base, lang=lang, title=subject)

    def sent(self, message: Message) -> tuple[str, str]:
        """The HTML part with its own link in it, and where replies go: as its addressee alone has it."""
        source = message_bytes.words(message, self.identity)
        return self.shown(message.subject, source, message.lang)[1], message_bytes.reply_to(message, self.identity)

    def row(self, session: Session, notice: Notice, now: datetime) -> dict[str, Any]:
        """The message as a row, not queued yet."""
        person, team, letter, mine = notice.person, notice.team, notice.answering, asked(notice)
        lang, name, address = person.lang, person.name, notice.address or person.address
        facts = values(notice, self.programme, self.identity, lang, _signer(session, notice))
        seen = session.info.setdefault(Templates, set())  # one transaction says all its mails in the same words
        rendered = self.templates.render(notice.template, lang, facts, seen)
        thread = threads.thread(session, notice, self.identity)
        status, fault = self._status(notice)
        subject = _written_subject(notice) or _threads_subject(notice, thread)
        slots = invites.slots(notice, facts, self.programme, self.identity, lang)
        who = invites.Invited(name=name, address=address, lang=lang)
        calendar = (
            invites.written(notice.calendar, slots, facts, self.identity, who=who, now=now) if notice.calendar else None
        )
        return {
            "key": notice.key, "template": notice.template, "lang": lang,
            "person_id": person.id, "team_id": team.id if team else None,
            "question_id": notice.question.id if notice.question else None,
            "letter_id": letter.id if letter else None,
            "written_id": notice.written.id if notice.written else None,
            "history_id": notice.history.id if notice.history else None,
            "addressee_id": mine.id if mine else None, "link_seed": notice.link_seed,
            "to_name": one_line(name, 200), "to_address": address,
            "subject": one_line(subject or rendered.subject, _SUBJECT_CAP), "body": rendered.body,
            "calendar": calendar,
            "calendar_method": notice.calendar.value if notice.calendar and calendar else None,
            "message_id": threads.message_id(notice.key, self.identity),
            "in_reply_to": thread.in_reply_to, "references": thread.references,
            "auto_submitted": _auto_submitted(notice),
            "status": status, "fault": fault or "",
            "created_at": now, "next_at": pacing.leaves_at(session, notice, now),
            "facts": to_json(StoredFacts(facts, subject, slots, ask(notice, facts, lang, self.programme.tz))),
        }  # fmt: skip

    def _status(self, notice: Notice) -> tuple[MessageStatus, DeliveryFault | None]:
        if notice.person.address_state == "dead":
            return MessageStatus.HELD, DeliveryFault.DEAD_ADDRESS
        held = when_sent(self.programme, notice.template) is When.AFTER_APPROVAL
        return MessageStatus.HELD if held else MessageStatus.QUEUED, None


def _signer(session: Session, notice: Notice) -> Person | None:
    """Whoever acts, else whose season it is; None where that is as the config says."""
    if notice.signed_by is not None:
        return notice.signed_by
    if _TAKER not in session.info:  # one transaction asks once, however many mails it queues
        session.info[_TAKER] = on_duty.taker(session)
    taker: Person | None = session.info[_TAKER]
    return taker


def _written_subject(notice: Notice) -> str:
    """That which a coordinator wrote, whole."""
    return str(notice.facts["heading"]) if MAIL_KINDS[notice.template].by_hand else ""


def _auto_submitted(notice: Notice) -> str:
    """What a person wrote is no automatic mail (RFC 3834): theirs may answer that somebody is away."""
    if MAIL_KINDS[notice.template].by_hand:
        return "no"
    return "auto-replied" if notice.answering else "auto-generated"


def _threads_subject(notice: Notice, thread: Thread) -> str:
    """That of the mail which asked, where this one answers a reply to it: the thread stays one."""
    return f"Re: {thread.subject}" if thread.subject and notice.answering else ""


def _queued_before(session: Session, key: str) -> bool:
    session.flush()
    return session.scalar(sa.select(Message.id).where(Message.key == key)) is not None


def _enclosing(session: Session, row: dict[str, Any], file: Enclosure) -> Message | None:
    """The mail with its file."""
    message = inserted(session, row)
    if message is not None:
        message.files = [MessageFile(name=file.name, media_type=file.media_type, content=file.content)]
        session.flush()
    return message


def inserted(session: Session, row: dict[str, Any]) -> Message | None:
    """Somebody else may queue the same key at the same time: the second one to come queues nothing."""
    notify.ring(session)
    sealed = with_seal(digest_of(session), Message, row)
    return session.scalars(_inserting(session.connection().engine), [sealed]).first()


@lru_cache(maxsize=4)
def _inserting(engine: sa.Engine) -> Any:
    """Made once: putting it together takes longer than carrying it out."""
    return insert(engine, Message).on_conflict_do_nothing().returning(Message)
