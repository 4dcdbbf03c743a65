"""Validates the mail templates for `teekond check`: every fault with file and line.

Must find here what would else be found when a mail is due: a missing file, an unknown name, a broken line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import TemplateSyntaxError

from mail.composing.facts import COMMON
from mail.composing.templates import ALWAYS_THERE, BODY_LINE, BadTemplate, Templates, parts
from workflow.rules.mail_kinds import MAIL_KINDS, MailKind
from workflow.text.bilingual import LANGUAGES


@dataclass(frozen=True, slots=True, order=True)
class TemplateFault:
    """What is wrong, and where; line 0 where the file itself is."""

    file: str
    line: int
    says: str


def check(folder: Path) -> tuple[TemplateFault, ...]:
    """All faults of the templates in `folder`, by file and line; none when every mail can be written."""
    templates = Templates(folder, ZoneInfo("Europe/Tallinn"))
    return tuple(sorted(fault for lang in LANGUAGES for fault in _language(templates, lang)))


def _language(templates: Templates, lang: str) -> Iterator[TemplateFault]:
    files = {file.stem: file for file in sorted((templates.folder / lang).glob("*.md"))}
    shared = {name: file for name, file in files.items() if name.startswith("_")}
    for name in sorted(MAIL_KINDS.keys() - files.keys()):
        yield TemplateFault(f"{lang}/{name}.md", 0, "the template is missing")
    for name in sorted(files.keys() - shared.keys() - MAIL_KINDS.keys()):
        yield TemplateFault(f"{lang}/{name}.md", 0, "no mail is called so")
    taken = set[str]()
    for name in sorted(files.keys() & MAIL_KINDS.keys()):
        piece = _Piece(templates, lang, f"{lang}/{name}.md", files[name].read_text(encoding="utf-8"))
        yield from _template(piece, MAIL_KINDS[name])
        taken |= piece.includes()
    yield from _shared(templates, lang, shared, taken)


@dataclass(frozen=True, slots=True)
class _Piece:
    templates: Templates
    lang: str
    file: str
    written: str

    def includes(self) -> set[str]:
        try:
            return self.templates.includes(parts(self.written).body, self.lang)
        except (BadTemplate, TemplateSyntaxError):
            return set()

    def line_of(self, name: str) -> int:
        found = re.search(rf"\b{re.escape(name)}\b", self.written)
        return self.written.count("\n", 0, found.start()) + 1 if found else 0


def _template(piece: _Piece, spec: MailKind) -> Iterator[TemplateFault]:
    try:
        whole = parts(piece.written)
    except BadTemplate as error:
        yield TemplateFault(piece.file, 1, str(error))
        return
    used = set[str]()
    for written, first in ((whole.subject, 1), (whole.body, BODY_LINE)):
        try:
            used |= piece.templates.uses(written, piece.lang)
        except TemplateSyntaxError as error:
            yield TemplateFault(piece.file, first - 1 + (error.lineno or 1), f"cannot be read: {error.message}")
            return
    yield from _names(piece, used, COMMON | spec.facts)
    for name in sorted(spec.facts - used):
        yield TemplateFault(piece.file, 0, f"the fact `{name}` is not said")


def _names(piece: _Piece, used: set[str], known: frozenset[str]) -> Iterator[TemplateFault]:
    for name in sorted(used - known - ALWAYS_THERE):
        yield TemplateFault(piece.file, piece.line_of(name), f"nothing is called `{name}` here")


def _shared(templates: Templates, lang: str, shared: dict[str, Path], taken: set[str]) -> Iterator[TemplateFault]:
    """Parts may use common names only; each must be there and be used."""
    for name, file in shared.items():
        piece = _Piece(templates, lang, f"{lang}/{file.name}", file.read_text(encoding="utf-8"))
        try:
            yield from _names(piece, templates.uses(piece.written, lang), COMMON)
        except TemplateSyntaxError as error:
            yield TemplateFault(piece.file, error.lineno or 1, f"cannot be read: {error.message}")
        if f"{name}.md" not in taken:
            yield TemplateFault(piece.file, 0, "no mail takes it in")
    for missing in sorted(taken - {file.name for file in shared.values()}):
        yield TemplateFault(f"{lang}/{missing}", 0, "a mail takes it in, but it is missing")
