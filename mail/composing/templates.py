"""Loads and compiles the mail templates: a subject and a body each, in every language.

A template is data of ours and values are data of anybody's: a value is made harmless where it enters the
source, and is never looked at by the template language again. An unknown name is an error, not a gap.
"""

import os
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Final

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment

from mail.composing import markup
from mail.composing.facts import COMMON, Value
from mail.reading.characters import one_line
from workflow.notices import Unsayable
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.text import formatting
from workflow.text.bilingual import LANGUAGES, Text

SUBJECT_VALUE_CAP: Final = 80
SUBJECT_LENGTH: Final = 60
_VALUE_LENGTHS: Final = (40, 32, 26, 20, 16, 12)
_LAYOUT: Final = re.compile(
    r"Subject: (?P<subject>[^\n]+)\nTitle: (?P<title>[^\n]+)\n\n(?P<body>.+)", re.DOTALL
)


_TAKES_IN: Final = re.compile(r"""^{% include ["'](?P<name>_[a-z_]{1,39})\.md["'] %}\n?""", re.MULTILINE)
"""as the template language does, with the line end behind it; what is written in another way it takes in itself"""
_NAME: Final = re.compile(r"[a-z][a-z_]{1,39}")
ALWAYS_THERE: Final = frozenset({"n"})
"""what the template language itself gives: `n` counts things"""


class Source(str):
    """Source whose values are harmless already: `escape` leaves it alone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A subject of one line, and a body as `mail.composing.markup` reads it."""

    subject: str
    body: str


BODY_LINE: Final = 4
"""the line of a template file on which its body begins"""


@dataclass(frozen=True, slots=True)
class Parts:
    """A template file taken apart; `title` is what people call this mail."""

    subject: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A template ready to be used, with the parts it takes in, as their files stood at `stamps`, its own first."""

    stamps: tuple[tuple[int, int], ...]
    takes_in: tuple[str, ...]
    subject: Template
    body: Template


class BadTemplate(Unsayable):
    """The file is not laid out as a template, or asks for what there is not."""


def parts(written: str) -> Parts:
    """The front matter and the body. Raises BadTemplate."""
    found = _LAYOUT.fullmatch(written)
    if found is None:
        raise BadTemplate("it must begin with `Subject: …`, then `Title: …`, then an empty line")
    return Parts(found["subject"], found["title"], found["body"])


class Templates:
    """Those of one folder: `<lang>/<name>.md`, and parts of them in `<lang>/_<name>.md`."""

    def __init__(self, folder: Path, tz: tzinfo) -> None:
        self.folder = folder
        self._bodies = {lang: _environment(folder / lang, lang, tz) for lang in LANGUAGES}
        for lang, env in self._bodies.items():
            env.filters["title"] = partial(self.title, lang=lang)
        self._subjects = {
            lang: env.overlay(finalize=_in_subject(lang, tz)) for lang, env in self._bodies.items()
        }
        self._compiled: dict[tuple[str, str], _Compiled] = {}

    def render(
        self, name: str, lang: str, values: Mapping[str, Value], seen: set[tuple[str, str]] | None = None
    ) -> Rendered:
        """The mail in these words. Raises jinja2's UndefinedError for a value that is missing.

        seen: templates whose files were looked at already, and which are taken as they stood then.
        """
        seen = set() if seen is None else seen
        if (name, lang) not in seen:
            try:
                self._look(name, lang)
            except BadTemplate:  # while a mended file is faulty, as it stood before: a mail that is due still leaves
                if (name, lang) not in self._compiled:
                    raise
            seen.add((name, lang))
        return _rendered(self._compiled[name, lang], values)

    def render_mended(self, name: str, lang: str, values: Mapping[str, Value]) -> Rendered:
        """The same from the file as it stands this moment. Raises BadTemplate for whatever is wrong with it."""
        self._look(name, lang)
        try:
            return _rendered(self._compiled[name, lang], values)
        except TemplateError as error:
            raise BadTemplate(str(error)) from error

    def title(self, name: str, lang: str) -> str:
        """What people call this mail; words that name none stay as they are."""
        file = self.folder / lang / f"{name}.md"
        if not _NAME.fullmatch(name) or not file.exists():
            return name
        return parts(file.read_text(encoding="utf-8")).title

    def _look(self, name: str, lang: str) -> None:
        """Take it as its file stands this moment. Raises BadTemplate."""
        found = self._compiled.get((name, lang))
        if found is None or self._stamps(lang, name, *found.takes_in) != found.stamps:
            self._compiled[name, lang] = self._compile(name, lang)

    def _stamps(self, lang: str, *names: str) -> tuple[tuple[int, int], ...]:
        """When each file was last written, in nanoseconds, and its size in bytes; 0 while there is none."""
        return tuple(_written(f"{self.folder}/{lang}/{name}.md") for name in names)

    def _compile(self, name: str, lang: str) -> _Compiled:
        """Raises BadTemplate."""
        stamps = self._stamps(lang, name)
        try:
            whole = parts((self.folder / lang / f"{name}.md").read_text(encoding="utf-8"))
            self._check(name, whole.subject, lang)
            self._check(name, whole.body, lang)  # by itself first: a fault is told with its line
            takes_in = tuple(dict.fromkeys(found["name"] for found in _TAKES_IN.finditer(whole.body)))
            stamps += self._stamps(lang, *takes_in)
            said = _TAKES_IN.sub(partial(self._part, lang), whole.body)
            self._check(name, said, lang)
            subject, body = self._subjects[lang].from_string(whole.subject), self._bodies[lang].from_string(said)
            for each in (subject, body):  # what jinja2 looks up anew in two mappings for each mail, in one
                each.globals = dict(each.globals)
            return _Compiled(stamps, takes_in, subject, body)
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            raise BadTemplate(str(error)) from error

    def _check(self, name: str, written: str, lang: str) -> None:
        unknown = self.uses(written, lang) - _known(name)
        if unknown:
            raise BadTemplate(f"nothing is called `{min(unknown)}` here")

    def _part(self, lang: str, found: re.Match[str]) -> str:
        """What a template takes in, in its place: looked up once, not for each mail. Raises BadTemplate."""
        try:
            part = (self.folder / lang / f"{found['name']}.md").read_text(encoding="utf-8").removesuffix("\n")
        except FileNotFoundError:
            raise BadTemplate(f"there is no `{found['name']}.md` here") from None
        return part + '{{ "" }}'  # a line end that follows the part is not one that follows the part's last tag

    def uses(self, written: str, lang: str) -> set[str]:
        """The names a piece of template asks for. Raises jinja2's TemplateSyntaxError."""
        return set(meta.find_undeclared_variables(self._bodies[lang].parse(written)))

    def includes(self, written: str, lang: str) -> set[str]:
        """The parts it takes in."""
        found = meta.find_referenced_templates(self._bodies[lang].parse(written))
        return {name for name in found if name}


def _known(name: str) -> frozenset[str]:
    """What the template of this mail may ask for."""
    return COMMON | ALWAYS_THERE | (MAIL_KINDS[name].facts if name in MAIL_KINDS else frozenset())


def _rendered(template: _Compiled, values: Mapping[str, Value]) -> Rendered:
    context = template.body.new_context(dict(values))  # one for both: making it takes longer than saying a subject
    subject = "".join(template.subject.root_render_func(context))
    if len(subject) > SUBJECT_LENGTH:
        subject = _short_subject(template, values)
    body = "".join(template.body.root_render_func(context))
    return Rendered(one_line(subject, 300).strip(), body.strip() + "\n")


def _short_subject(template: _Compiled, values: Mapping[str, Value]) -> str:
    """The subject with its long names cut at a word, as little as will do: a list shows no more of it."""
    subject = ""
    for most in _VALUE_LENGTHS:
        cut = {name: _cut(value, most) if type(value) is str else value for name, value in values.items()}
        subject = "".join(template.subject.root_render_func(template.subject.new_context(cut)))
        if len(subject) <= SUBJECT_LENGTH:
            return subject
    return _cut(subject, SUBJECT_LENGTH)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else textwrap.shorten(words, most, placeholder="…") or words[: most - 1] + "…"


def _written(file: str) -> tuple[int, int]:
    """Asked for each mail: no Path is made."""
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@cache
def _environment(folder: Path, lang: str, tz: tzinfo) -> SandboxedEnvironment:
    """One of a kind in a process: each template is compiled once, whoever composes."""
    made = SandboxedEnvironment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, finalize=_in_body(lang, tz),
        trim_blocks=True, lstrip_blocks=True, autoescape=False,
    )  # fmt: skip
    made.filters |= _filters(lang, tz)
    made.globals = {"n": lambda count, one, many: formatting.count(count, one, many, lang)}
    return made


_Spoken = Callable[[datetime, str, tzinfo], str]

_ANSWERS: Final = {
    "yes": Text(et="JAH", en="YES"),
    "no": Text(et="EI", en="NO"),
    "maybe": Text(et="VÕIB-OLLA", en="MAYBE"),
}


def _filters(lang: str, tz: tzinfo) -> dict[str, Callable[..., object]]:
    def answer(given: str) -> str:
        return _ANSWERS[given].say(lang) if given in _ANSWERS else given

    return {
        "on": _of_moment(formatting.on, lang, tz),
        "until": _of_moment(formatting.until, lang, tz),
        "till": _of_moment(formatting.till, lang, tz),
        "span": lambda start, end: formatting.span(start, end, lang, tz),
        "month": lambda month: _month(str(month), lang),
        "lines": lambda value: Source(markup.lines(str(value))),
        "paragraphs": lambda value: Source(markup.paragraphs(str(value))),
        "each": _each,
        "answer": answer,
    }


def _of_moment(spoken: _Spoken, lang: str, tz: tzinfo) -> Callable[[Value], Value]:
    """Says a moment; words that came instead of one stay as they are."""
    return lambda value: spoken(value, lang, tz) if isinstance(value, datetime) else value


def _month(given: str, lang: str) -> str:
    """`2022-07` in words; words that came instead stay as they are."""
    try:
        return formatting.month(date.fromisoformat(f"{given}-01"), lang)
    except ValueError:
        return given


def _each(value: Value) -> Iterable[Value]:
    """The sentences of a fact that may be one, several or none."""
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def _in_body(lang: str, tz: tzinfo) -> Callable[[object], str]:
    def shown(value: object) -> str:
        if type(value) is str:
            return markup.escape(value)
        return value if isinstance(value, Source) else markup.escape(_words(value, lang, tz))

    return shown


def _in_subject(lang: str, tz: tzinfo) -> Callable[[object], str]:
    return lambda value: one_line(_words(value, lang, tz), SUBJECT_VALUE_CAP)


def _words(value: object, lang: str, tz: tzinfo) -> str:
    if isinstance(value, datetime):
        return formatting.moment(value, lang, tz)
    if isinstance(value, int) and not isinstance(value, bool):
        return formatting.number(value, lang)
    return str(value)
