"""A mail as an invented person sees it: read from the bytes that arrived, as their mail program would show it.

Which template it was made from, and which question it asks, is looked up in the table of messages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message as Mime
from email.parser import BytesParser
from email.utils import parseaddr

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from rehearsal.sink import Taken
from workflow.database.engine import Database
from workflow.database.models import Addressee, Message, Question, Team
from workflow.rules.questions import QuestionKind

_PARSER = BytesParser()
_LINK = re.compile(r"/q/([a-z0-9]{16,60})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question a mail belongs to, as the tables know it; never its answer."""

    id: int
    key: str
    kind: str
    stage: str
    due_at: datetime | None
    month: str = ""
    group: str = ""
    trigger: str = ""
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A mail that arrived."""

    at: datetime
    envelope_from: str
    to: str
    message_id: str
    references: str
    subject: str
    sender: str
    reply_to: str
    text: str
    calendar: str
    secret: str
    """of the form that the mail links to"""
    number: int
    template: str
    team: str
    question: Asked | None


def read(db: Database, taken: Sequence[Taken]) -> list[Got]:
    """The mails, in the order in which the service queued them."""
    if not taken:
        return []
    parsed = [(one, _PARSER.parsebytes(one.raw)) for one in taken]
    rows = _rows(db, [str(mail["Message-ID"]).strip() for _, mail in parsed])
    got = [_got(one, mail, *rows[str(mail["Message-ID"]).strip()]) for one, mail in parsed]
    linked = _linked(db, {one.secret for one in got if one.secret and one.question is None})
    got = [replace(one, question=linked[one.secret]) if one.secret in linked else one for one in got]
    return sorted(got, key=lambda g: g.number)


def _linked(db: Database, secrets: set[str]) -> dict[str, Asked]:
    """Secret of a form -> its question, for mails that ask nothing but link to one."""
    query = sa.select(Addressee.secret, Question).join(Question, Addressee.question_id == Question.id)
    with db.reading() as session:
        found = session.execute(query.where(Addressee.secret.in_(secrets))).all() if secrets else ()
        return {secret: _asked(question) for secret, question in found}


def steps_that_wait(db: Database) -> list[tuple[str, Asked]]:
    """Team and question of each step that waits for the coordinators, as the digest names them."""
    query = sa.select(Team.name, Question).join(Team, Question.team_id == Team.id)
    query = query.where(Question.kind == QuestionKind.APPROVE, Question.closed_at.is_(None))
    with db.reading() as session:
        return [(team, _asked(question)) for team, question in session.execute(query.order_by(Question.id))]


def _rows(db: Database, ids: list[str]) -> dict[str, tuple[Message, Question | None, Team | None]]:
    found: dict[str, tuple[Message, Question | None, Team | None]] = {}
    with db.reading() as session:
        for some in (ids[i : i + 500] for i in range(0, len(ids), 500)):
            query = (
                sa.select(Message, Question, Team)
                .options(joinedload(Message.addressee))
                .outerjoin(Question, Message.question_id == Question.id)
                .outerjoin(Team, Message.team_id == Team.id)
                .where(Message.message_id.in_(some))
            )
            found |= {m.message_id: (m, q, t) for m, q, t in session.execute(query).all()}
    return found


def _got(taken: Taken, mail: Mime, row: Message, question: Question | None, team: Team | None) -> Got:
    text = _part(mail, "text/plain")
    links = _LINK.findall(text)
    own = row.addressee.secret if row.addressee is not None else ""
    return Got(
        at=taken.at,
        envelope_from=taken.envelope_from,
        to=taken.recipients[0],
        message_id=str(mail["Message-ID"]).strip(),
        references=" ".join(str(mail["References"] or "").split()),
        subject=" ".join(str(make_header(decode_header(str(mail["Subject"])))).split()),
        sender=parseaddr(str(mail["From"]))[1],
        reply_to=parseaddr(str(mail["Reply-To"] or ""))[1],
        text=text,
        calendar=_calendar(mail),
        secret=own if own in links else next(iter(links), ""),
        number=row.id,
        template=row.template,
        team=team.name if team else "",
        question=_asked(question) if question else None,
    )


def _asked(question: Question) -> Asked:
    return Asked(
        id=question.id,
        key=question.key,
        kind=question.kind,
        stage=question.stage or "",
        due_at=question.due_at,
        month=str(question.about.get("month", "")),
        group=question.group or "",
        trigger=str(question.about.get("trigger", "")),
        listed=bool(question.about.get("entries")),
    )


def _part(mail: Mime, kind: str) -> str:
    """The text of the first part of a kind."""
    part = next((one for one in mail.walk() if one.get_content_type() == kind), None)
    content = part.get_payload(decode=True) if part is not None else b""
    return content.decode("utf-8").replace("\r\n", "\n") if isinstance(content, bytes) else ""


def _calendar(mail: Mime) -> str:
    found = _part(mail, "text/calendar")
    return found if "METHOD:REQUEST" in found else ""
