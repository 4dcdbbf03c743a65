"""Archive of the season in one ZIP: the tables as a workbook, of each team its works, mails both ways, decisions,
attendance by name and certificates, and a list of all files with their digests.

For whoever ran the programme, to be kept after the service is gone. Written to a temporary file, one file at a time.
"""

import zipfile
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Final

import sqlalchemy as sa
from flask import Blueprint, Response
from sqlalchemy.orm import Session, undefer

from web.access.gate import myself, require
from web.access.security_log import event
from web.context import here
from web.files.downloads import label, streamed
from web.i18n.labels import EVENTS, heading, word
from web.i18n.language import lang, said
from web.office.records import dossier
from web.office.records.spreadsheet import comma_separated, xlsx
from workflow.database.models import HistoryRow, Letter, Message, MessageFile, Team
from workflow.records import attendance
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.views import funder_report
from workflow.views.funder_report import Table

blueprint = Blueprint("archive", __name__)

MAILS: Final = (
    Text(et="Aeg", en="Time"), Text(et="Suund", en="Direction"), Text(et="Kes", en="Who"),
    Text(et="Pealkiri", en="Subject"), Text(et="Tekst", en="Text"),
)  # fmt: skip
DECISIONS: Final = (
    Text(et="Aeg", en="Time"), Text(et="Mis", en="What"), Text(et="Seisust", en="From"), Text(et="Seisu", en="To"),
    Text(et="Kes", en="Who"), Text(et="Miks", en="Why"),
)  # fmt: skip
CAME: Final = (Text(et="Kohtumine", en="Session"), Text(et="Nimi", en="Name"), Text(et="Kohal", en="Present"))
OUT: Final = Text(et="väljuv", en="out")
IN: Final = Text(et="saabunud", en="in")
LIST: Final = Text(et="NIMEKIRI.txt", en="LIST.txt")


@blueprint.post("/reports/archive")
@require("coordinator")
def archive() -> Response:
    """Everything of the season, to be kept by whoever ran it."""
    event("season archived", person=myself().id)
    with here().db.reading() as session:
        day = here().now().astimezone(here().programme.tz).date()
        return streamed(f"{here().programme.key}-{day}.zip", _packed(session))


def _packed(session: Session) -> IO[bytes]:
    out = SpooledTemporaryFile(max_size=dossier.IN_MEMORY)  # noqa: SIM115  closed when the answer has left
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        tables = funder_report.tables(here().season, session, lang())
        into.writestr(f"{here().programme.key}.xlsx", xlsx(tables, lang()))
        teams = session.scalars(sa.select(Team)).all()
        for team in sorted(teams, key=lambda one: (formatting.sort_key(one.name), one.id)):
            dossier.add_team(session, team, into)
            root = dossier.root_of(team)
            for table in (_mails(session, team), _decisions(session, team), _came(session, team)):
                into.writestr(f"{root}/{table.key}.csv", comma_separated(table, lang()))
            _certificates(session, team, root, into)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as into:
        into.writestr(said(LIST), _list(into))
    out.seek(0)
    return out


def _list(into: zipfile.ZipFile) -> str:
    """Each file with its digest (SHA-256), as `sha256sum -c` reads it."""
    return "".join(f"{sha256(into.read(name)).hexdigest()}  {name}\n" for name in sorted(into.namelist()))


def _mails(session: Session, team: Team) -> Table:
    """Every mail to and from the team's people, in the order of time; secrets stand in none."""
    sent = sa.select(Message).where(Message.team_id == team.id, Message.sent_at.is_not(None))
    came = sa.select(Letter).where(Letter.team_id == team.id)
    rows: list[tuple[datetime, tuple[str, ...]]] = [
        (one.sent_at or one.created_at, (said(OUT), one.to_name, one.subject, _text(one)))
        for one in session.scalars(sent)
    ]
    rows += [(one.received_at, (said(IN), one.sender, one.subject, one.text)) for one in session.scalars(came)]
    return _table("kirjad", "mails", MAILS, ((_at(at), *rest) for at, rest in sorted(rows)))


def _text(message: Message) -> str:
    return here().composer.shown(message.subject, message.body, message.lang)[0]


def _decisions(session: Session, team: Team) -> Table:
    query = sa.select(HistoryRow).where(HistoryRow.team_id == team.id).order_by(HistoryRow.number)
    return _table("otsused", "decisions", DECISIONS, (
        (_at(row.at), said(word(EVENTS, row.event)), _state(row.from_state), _state(row.to_state), row.actor, row.why)
        for row in session.scalars(query)
    ))  # fmt: skip


def _state(key: str | None) -> str:
    return said(heading(here().programme, key)) if key else ""


def _came(session: Session, team: Team) -> Table:
    """Attendance by name, as it stands now."""
    yes, no = (Text(et="jah", en="yes"), Text(et="ei", en="no"))
    return _table("osavott", "attendance", CAME, (
        (_state(one.stage), one.person.name, said(yes if one.present else no))
        for one in attendance.of_team(session, team.id)
    ))  # fmt: skip


def _table(et: str, en: str, columns: tuple[Text, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    key = et if lang() == "et" else en
    return Table(key=key, title=Text(et=et, en=en), columns=columns, rows=tuple(rows))


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(here().programme.tz):%Y-%m-%d %H:%M}"


def _certificates(session: Session, team: Team, root: str, into: zipfile.ZipFile) -> None:
    query = sa.select(MessageFile, Message.to_name).join(Message, Message.id == MessageFile.message_id)
    query = query.where(Message.team_id == team.id, Message.template == "certificate").order_by(MessageFile.id)
    for file, name in session.execute(query.options(undefer(MessageFile.content))):
        folder = "tunnistused" if lang() == "et" else "certificates"
        into.writestr(f"{root}/{folder}/{file.id}-{label(name)}.pdf", file.content)
