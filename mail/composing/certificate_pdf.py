"""Renders a certificate as an accessible PDF (PDF/UA-1, ISO 14289-1) with Typst and its own fonts.

The same certificate gives the same bytes. Must never decide who earned one: `workflow/journey/certificates.py` does.
"""

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from workflow.lazy_module import Later
from workflow.notices import Certificate

if TYPE_CHECKING:
    import typst
else:
    typst = Later("typst")  # a typesetter with its fonts: only who makes certificates needs it

STANDARD: Final = "ua-1"
MEDIA_TYPE: Final = "application/pdf"
KEPT: Final = 64
"""so many pages are remembered: what was shown before a step is what the step then sends"""


@lru_cache(maxsize=KEPT)
def pdf(certificate: Certificate, template: Path) -> bytes:
    """One A4 page; names go in as data and are never read as markup.

    A name in letters that our font has not is set in one of the machine's, and where there is none either the page
    still comes, with the mark for a missing letter: then it does not call itself PDF/UA.
    """
    given = json.dumps(asdict(certificate) | {"day": certificate.day.timetuple()[:3]})
    for own_fonts_only in (True, False):
        try:
            return _page(given, template, own_fonts_only, STANDARD)
        except typst.TypstError:
            continue
    return _page(given, template, False, None)


def _page(given: str, template: Path, own_fonts_only: bool, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        str(template),
        format="pdf",
        sys_inputs={"given": given},
        pdf_standards=standard,
        ignore_system_fonts=own_fonts_only,
    )
