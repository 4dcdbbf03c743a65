"""What a question's form sends, read in bounds: its files, and what its fields are read against.

Used behind a secret link and by a coordinator who answers for somebody. Must never answer anything.
"""

from typing import Any, Final

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from web.context import here
from web.forms import Faults
from web.public import question_forms
from web.public.question_page import OpenedQuestion
from web.uploads import MARGIN
from web.uploads import given as given_files
from workflow.database.models import File, Submission
from workflow.journey.submissions import Upload
from workflow.rules.questions import WORK
from workflow.text.bilingual import Text

FILES: Final = 10
"""files one form may carry"""


def make_room() -> None:
    """Work comes with files: its form may be larger than the others. There is room for more than is taken, so that
    what is too large is told without losing the text beside it."""
    request.max_content_length = FILES * here().programme.limits.upload_bytes + MARGIN


def shown(found: OpenedQuestion, typed: MultiDict[str, str], faults: Faults) -> dict[str, Any]:
    """What the templates of a question's form read, whoever fills it in."""
    return {
        "door": found, "kind": found.kind.value, "question": found.question, "person": found.person,
        "team": found.team, "stage": found.stage, "seen": found.seen, "typed": typed,
        "rows": question_forms.rows(typed), "files": FILES, "faults": faults,
    }  # fmt: skip


def given(found: OpenedQuestion, files: tuple[Upload, ...]) -> question_forms.FormContext:
    people = [(p.id, p.name) for _, members in found.seen.get("teams", ()) for p in members]
    return question_forms.FormContext(
        today=here().now().astimezone(here().programme.tz).date(),
        names=people,
        outcomes=[one.key for one in found.seen.get("outcomes", ())],
        listed=bool(found.seen.get("entries")),
        uploads=files,
        largest=here().programme.limits.upload_bytes,
        number=FILES,
        form=found.seen.get("form", ""),
        choices=found.seen.get("choices", ()),
    )


def uploads() -> tuple[Upload, ...]:
    """The files that came with the form."""
    return given_files(FILES, here().programme.limits.upload_bytes)


def too_much(session: Session, found: OpenedQuestion, files: tuple[Upload, ...]) -> Faults:
    """What a team's files may come to in all."""
    if found.kind not in WORK or not files or found.team is None:
        return {}
    query = sa.select(sa.func.sum(File.size)).join(Submission, Submission.id == File.submission_id)
    before = session.scalar(query.where(Submission.team_id == found.team.id)) or 0
    most = here().programme.limits.team_bytes
    if before + sum(len(one.content) for one in files) <= most:
        return {}
    size = f"{most // (1024 * 1024)} MB"
    says = Text(
        et=f"Meeskonna failide maht ({size}) saab täis. Saatke väiksem fail või kirjutage koordinaatorile.",
        en=f"The team's files would come to more than {size}. Send a smaller file or write to the coordinator.",
    )
    return {"files": says}
