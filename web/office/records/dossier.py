"""Team dossiers as a ZIP download: a folder a stage, with a README in both languages.

Written to a temporary file and sent from there: however large it is, one file at a time is in memory. A file that the
virus scanner does not let pass is left out, and the README says so.
"""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Final

import sqlalchemy as sa
from flask import Blueprint, Response
from sqlalchemy.orm import Session

from web.access.gate import require
from web.access.security_log import event
from web.access.sessions import me
from web.context import ScanVerdict, here
from web.files.downloads import label, streamed
from web.office.acting import the_team
from workflow.database.models import File, Submission, Team
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.views import team_files
from workflow.views.team_files import Piece

blueprint = Blueprint("dossier", __name__)

IN_MEMORY: Final = 1024 * 1024
FOLDER_MAX: Final = 60
NOT_YET: Final = Text(et="ei ole veel", en="not yet")
NEWEST: Final = Text(et="Iga töö viimane vastu võetud seis.", en="The newest accepted version of each work.")
LEFT_OUT: Final = Text(et="Välja jäi (viirusekontroll)", en="left out (virus check)")


@blueprint.get("/team/<int:team_id>/dossier.zip")
@require("coordinator", "reader")
def one(team_id: int) -> Response:
    """One team's works."""
    with here().db.reading() as session:
        team = the_team(session, team_id)
        return streamed(f"{team.name}.zip", _packed(session, [team]))


@blueprint.get("/reports/dossiers.zip")
@require("coordinator", "reader")
def every() -> Response:
    """The works of all teams that handed anything in, a folder a team."""
    with here().db.reading() as session:
        query = sa.select(Team).where(Team.id.in_(sa.select(Submission.team_id)))
        teams = sorted(session.scalars(query), key=lambda team: (formatting.sort_key(team.name), team.id))
        return streamed(f"{here().programme.key}.zip", _packed(session, teams))


def _packed(session: Session, teams: Iterable[Team]) -> IO[bytes]:
    out = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed when the answer has left
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for team in teams:
            add_team(session, team, into)
    out.seek(0)
    return out


def root_of(team: Team) -> str:
    """The folder of the team's files."""
    return f"{_folder(team.name)}-{team.id}"


def add_team(session: Session, team: Team, into: zipfile.ZipFile) -> None:
    """Put the team's works into its folder, with a README."""
    root = root_of(team)
    found = team_files.pieces(here().programme, session, team)
    left_out = [name for piece in found for name in _piece(session, piece, root, into)]
    into.writestr(f"{root}/README.txt", _readme(team, found, left_out))


def _folder(name: str) -> str:
    return label(name)[:FOLDER_MAX].strip(" .") or "_"


def _piece(session: Session, piece: Piece, root: str, into: zipfile.ZipFile) -> Iterator[str]:
    """Writes the work's text and files; what was left out is named."""
    if piece.submission is None:
        return
    folder, taken = f"{root}/{piece.number:02d}-{_folder(piece.stage.name.et)}", set[str]()
    if piece.submission.text.strip():
        into.writestr(f"{folder}/{_free('tekst.txt', taken)}", piece.submission.text)
    for file in piece.submission.files:
        content = session.scalar(sa.select(File.content).where(File.id == file.id)) or b""
        if not _clean(file, content):
            yield file.name
        elif content:
            into.writestr(f"{folder}/{_free(label(file.name), taken)}", content)


def _free(name: str, taken: set[str]) -> str:
    """A name that no other file of the folder has, on systems that know no capitals either."""
    stem, dot, ending = name.rpartition(".")
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem or ending}-{number}{dot if stem else ''}{ending if stem else ''}"
    taken.add(free.casefold())
    return free


def _clean(file: File, content: bytes) -> bool:
    verdict = ScanVerdict.CLEAN if here().scan is None else here().scan(content)  # type: ignore[misc]
    known = me()
    event("file read" if verdict is ScanVerdict.CLEAN else f"file {verdict}", kind="file", number=file.id,
          person=known.id if known else None)  # fmt: skip
    return verdict is ScanVerdict.CLEAN


def _readme(team: Team, pieces: Iterable[Piece], left_out: list[str]) -> str:
    programme, now = here().programme, here().now()
    lines = [", ".join(filter(None, (team.name, team.home))), _both(programme.name), _day(now), ""]
    for piece in pieces:
        name = f"{piece.number:02d}  {_both(piece.stage.name)}"
        given = _day(piece.submission.at) if piece.submission else _both(NOT_YET)
        lines.append(f"{name}: {given}")
    lines += ["", _both(NEWEST), *(f"{_both(LEFT_OUT)}: {label(name)}" for name in left_out)]
    return "\r\n".join(lines) + "\r\n"


def _both(text: Text) -> str:
    return f"{text.et} / {text.en}"


def _day(moment: datetime) -> str:
    return moment.astimezone(here().programme.tz).date().isoformat()
