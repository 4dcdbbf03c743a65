"""Builds the documents as a small static site: `make site` writes dist/site. No script, nothing from elsewhere.

A page stands where its document stands, so that links and pictures lead where they led. A link to a file that is
not there stops the building; a file beside the documents that is linked to is copied along.
"""

import html
import itertools
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).resolve().parent.parent
CSS: Final = ("web/static/teekond.css", "docs/site.css")
FIRST: Final = (
    "README.md", "docs/koordinaatorile.md", "docs/operating.md", "docs/another-programme.md", "docs/configuration.md",
    "docs/mailboxes.md", "docs/signing-in.md", "docs/mail.md", "docs/states.md", "docs/architecture.md",
    "docs/reliability.md",
)  # fmt: skip
"""the order of the navigation; what is not named follows by name"""
LAST: Final = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
ESTONIAN: Final = frozenset({"docs/koordinaatorile.md"})
TEMPLATE: Final = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Teekond</title>
{styles}
</head>
<body class="docs">
<a class="skip" href="#content">{skip}</a>
<div class="wrap sheet">
<nav aria-label="{contents}"><p class="brand">Teekond</p><ul>
{items}
</ul></nav>
<main id="content" tabindex="-1">
{body}
</main>
</div>
</body>
</html>
"""
MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


class MissingTarget(Exception):
    """A document links to what is not there."""


def documents() -> list[str]:
    """The documents' paths from the root, in the order of the navigation."""
    found = [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/*/*.md")]
    there = {path.relative_to(ROOT).as_posix() for path in found}
    first, last = ([name for name in names if (ROOT / name).is_file()] for names in (FIRST, LAST))
    return [*first, *sorted(there - set(first), key=lambda name: (name.count("/"), name)), *last]


def address(name: str) -> str:
    """Where a document's page stands in the site."""
    return "index.html" if name == "README.md" else name.removesuffix(".md") + ".html"


def slug(heading: str) -> str:
    """A heading's anchor, as the places that show such documents make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def build(out: Path) -> None:
    """The whole site, into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    names = documents()
    parsed = {name: MARKDOWN.parse(_plain((ROOT / name).read_text(encoding="utf-8"))) for name in names}
    titles = {name: _title(tokens) or name for name, tokens in parsed.items()}
    for name, tokens in parsed.items():
        _anchors(tokens)
        for token, attribute in _targets(tokens):
            token.attrSet(attribute, _lead(name, str(token.attrGet(attribute)), names, out))
        page = out / address(name)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_page(name, MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}), titles), encoding="utf-8")
    for css in CSS:
        shutil.copy(ROOT / css, out / Path(css).name)


def _plain(text: str) -> str:
    """Without the remarks that mark what is generated."""
    return re.sub(r"^<!--.*?-->\n?", "", text, flags=re.MULTILINE | re.DOTALL)


def _title(tokens: list[Token]) -> str:
    at = next((i for i, token in enumerate(tokens) if token.type == "heading_open"), None)
    return "" if at is None else _words(tokens[at + 1])


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _anchors(tokens: list[Token]) -> None:
    seen: dict[str, int] = {}
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            name = slug(_words(inline))
            seen[name] = seen.get(name, -1) + 1
            opening.attrSet("id", f"{name}-{seen[name]}" if seen[name] else name)


def _targets(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    for token in tokens:
        for child in token.children or ():
            if child.type in ("link_open", "image"):
                yield child, "href" if child.type == "link_open" else "src"


def _lead(name: str, target: str, names: list[str], out: Path) -> str:
    """Where a link leads in the site; a file that is not a document is copied to where it is looked for."""
    path, mark, fragment = target.partition("#")
    if not path or re.match(r"[a-z]+:", target):
        return target
    there = (ROOT / name).parent / unquote(path)
    if not there.resolve().is_relative_to(ROOT) or not there.exists():
        raise MissingTarget(f"{name}: {target}")
    known = there.resolve().relative_to(ROOT).as_posix()
    if known in names:
        up = "../" * name.count("/")
        return f"{up}{address(known)}{mark}{fragment}"
    if there.is_dir():
        raise MissingTarget(f"{name}: {target} is a folder; link to a file in it")
    copy = out / known
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(there, copy)
    return target


def _page(name: str, body: str, titles: dict[str, str]) -> str:
    up, estonian = "../" * name.count("/"), name in ESTONIAN
    items = (
        f'<li><a href="{up}{address(one)}"{" aria-current=" + chr(34) + "page" + chr(34) if one == name else ""}'
        f'{" lang=" + chr(34) + "et" + chr(34) if one in ESTONIAN else ""}>{html.escape(title)}</a></li>'
        for one, title in titles.items()
    )
    return TEMPLATE.format(
        lang="et" if estonian else "en",
        title=html.escape(titles[name]),
        skip="Sisu juurde" if estonian else "To the content",
        contents="Sisukord" if estonian else "Contents",
        styles="\n".join(f'<link rel="stylesheet" href="{up}{Path(css).name}">' for css in CSS),
        items="\n".join(items),
        body=body.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>"),
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "site")
