"""Renders queued mails again after a template was changed, from the facts stored with each.

Only subject and body change; to whom, in which thread and under which Message-ID it goes stays as it was. Words that
somebody wrote by hand are overwritten only by one who says so having seen what comes in their place. Acts in the
caller's transaction; must never touch a mail that may have left.
"""

from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.config.loader import Programme
from workflow.database.models import Message, MessageFile, Team
from workflow.journey import certificates
from workflow.notices import Enclose, MailWords, Rewrite, Unsayable
from workflow.text.bilingual import Text

WAITS: Final = (MessageStatus.HELD, MessageStatus.QUEUED, MessageStatus.FAILED, MessageStatus.BOUNCED)
"""statuses of mails that reached nobody yet"""


def anew(rewrite: Rewrite, message: Message) -> MailWords | Text:
    """The words that the template says today; or the sentence that says why there are none."""
    try:
        words = rewrite(message)
    except Unsayable as fault:
        return Text(
            et=f"Kirjapõhjas „{message.template}“ on viga, kiri jäi muutmata: {fault}",
            en=f"The template “{message.template}” is faulty, the mail stays as it was: {fault}",
        )
    return words if words is not None else _NO_FACTS


_NO_FACTS: Final = Text(
    et="Selle kirja andmeid ei ole alles: muutke seda käsitsi.",
    en="What this mail was made of is not kept: change it by hand.",
)


def regenerate(session: Session, message: Message, rewrite: Rewrite, *, over: str = "") -> Text | None:
    """Say the mail anew; None when done, or the sentence that says why it stays as it was.

    over: the mark of the words that were looked at, where the coordinator's own may be overwritten by them.
    """
    session.refresh(message, with_for_update=True)
    if message.status not in WAITS:
        return Text(
            et=f"Kiri „{message.subject}“ ei oota enam: midagi ei muudetud.",
            en=f"“{message.subject}” no longer waits: nothing was changed.",
        )
    words = anew(rewrite, message)
    if isinstance(words, Text):
        return words
    if same(message, words):
        return _SAME
    if message.edited_at is not None and over != mark(words):
        return BY_HAND
    message.subject, message.body, message.edited_at = words.subject, words.body, None
    return None


def enclose_again(
    session: Session, programme: Programme, message: Message, enclose: Enclose, now: datetime
) -> Text | None:
    """Make its certificate anew, of what is known of the member today; None when done, or why it stays as it was."""
    session.refresh(message, with_for_update=True)
    if message.status not in WAITS:
        return _GONE
    team = session.get(Team, message.team_id) if message.team_id else None
    earned = certificates.earned(programme, session, team, now) if team is not None else ()
    given = next(((person, one) for person, one in earned if person.id == message.person_id), None)
    if given is None:
        return _NOT_EARNED
    person, certificate = given
    file = enclose(certificate)
    message.to_name = person.name
    if [(kept.name, kept.content) for kept in message.files] != [(file.name, file.content)]:
        message.files = [MessageFile(name=file.name, media_type=file.media_type, content=file.content)]
    return None


_GONE: Final = Text(
    et="See kiri ei oota enam: midagi ei muudetud.", en="This mail no longer waits: nothing was changed."
)
_NOT_EARNED: Final = Text(
    et="Praeguse seisuga ei ole see liige tunnistust teeninud: midagi ei muudetud. Üleliigse kirja jätke saatmata.",
    en="As things stand this member has earned no certificate: nothing was changed. Drop the mail if it is not wanted.",
)


def same(message: Message, words: MailWords) -> bool:
    """Whether the mail says this already."""
    return (message.subject, message.body) == (words.subject, words.body)


def mark(words: MailWords) -> str:
    """Tells words that were looked at from others."""
    return sha256(f"{words.subject}\n{words.body}".encode()).hexdigest()[:16]


_SAME: Final = Text(
    et="Kiri ütleb juba seda, mida kirjapõhi: midagi ei muudetud.",
    en="The mail says what its template says already: nothing was changed.",
)
BY_HAND: Final = Text(
    et="Seda kirja on käsitsi muudetud: avage kiri ja otsustage, kumb tekst jääb.",
    en="This mail was changed by hand: open it and decide which words stay.",
)
