"""Files that a form sends, read in bounds. Must never keep them."""

from typing import Final

from flask import request

from workflow.journey.submissions import Upload
from workflow.rules.application import clean

MARGIN: Final = 1024 * 1024
"""bytes that a form may have beside its files: what every form may have"""


def is_large() -> bool:
    """Whether the form at hand needs more room than others."""
    return request.method == "POST" and (request.content_length or 0) > MARGIN


def given(number: int, most: int) -> tuple[Upload, ...]:
    """The files that came, each name a label only. Of what is more than `number`, or larger than `most` bytes, just
    enough is read to tell so."""
    files = [one for one in request.files.getlist("files") if one.filename]
    return tuple(
        Upload(clean(one.filename or "")[-150:] or "fail", (one.mimetype or "")[:120], one.read(most + 1))
        for one in files[: number + 1]
    )
