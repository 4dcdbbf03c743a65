"""Updates the gettext catalogue from the sources: `make messages`. For those who work on Teekond.

Texts found in `web/*.py` and `templates/web` are added, what is no longer used goes, translations stay. What is left to
translate is named; it shows in English meanwhile. The service itself never comes here.
"""

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from web.context import templates
from web.i18n import catalogue

HEADER: Final = """\
# What the pages say, in Estonian. The source texts are English; `make messages` adds new ones.
msgid ""
msgstr ""
"Language: {lang}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
LOUD: Final = {"silent": "false"}
"""a template that cannot be read stops the work instead of losing its texts"""


def extracted() -> Catalog:
    """Every text the sources hand to the catalogue."""
    found = Catalog()
    for folder, shown, method in _sources():
        options = {pattern: LOUD for pattern, _ in method}
        for name, line, text, _, context in extract_from_dir(folder, method, options):
            found.add(text, locations=[(f"{shown}/{name}", line)], context=context)
    return found


def _sources() -> Iterator[tuple[Path, str, Sequence[tuple[str, str]]]]:
    yield Path(__file__).parent.parent, "web", [("**.py", "python")]
    yield templates(), "templates/web", [("**.html", "jinja2")]


def renewed(lang: str) -> Catalog:
    """The language's catalogue with exactly the texts of the sources."""
    kept = catalogue.read(lang)
    kept.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    return kept


def written(kept: Catalog) -> bytes:
    """A catalogue as it stands in the repository: in order, without dates, so that two changes rarely meet."""
    out = BytesIO()
    out.write(HEADER.format(lang=kept.locale_identifier, plural=kept.plural_forms).encode())
    write_po(out, kept, width=0, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return out.getvalue().rstrip(b"\n") + b"\n"


def unfinished(kept: Catalog) -> list[Message]:
    """Texts without a translation, or with one that is marked as a guess."""
    return [m for m in kept if m.id and (m.fuzzy or not all(forms(m)))]


def forms(message: Message) -> list[str]:
    """What a text is called: one form, or one for each plural."""
    said = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return [str(one or "") for one in said]


def main(lang: str = "et") -> int:
    """Writes the catalogue and names what is left to translate."""
    kept = renewed(lang)
    catalogue.path(lang).write_bytes(written(kept))
    left = unfinished(kept)
    for message in left:
        print(f"to translate: {message.id}")
    print(f"{catalogue.path(lang)}: {len(kept)} texts, {len(left)} left to translate")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
