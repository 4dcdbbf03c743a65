"""Every text of the pages stands in the catalogue, translated, with the same places to fill in; none beside it."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from flask import render_template_string
from jinja2 import nodes

from tests.case_table import each
from tests.web.conftest import Pages
from web.context import templates
from web.i18n import catalogue, extract, labels
from web.i18n.language import _, ngettext, pgettext
from workflow.text.bilingual import Text

CODE = Path(extract.__file__).parent.parent
SOURCES = sorted(p for p in templates().rglob("*.html"))
PLACE = re.compile(r"%\((\w+)\)s")
TAG = re.compile(r"<[^>]*>")
OUR_LETTERS = re.compile("[õäöüšžÕÄÖÜŠŽ]")


def texts() -> list[Message]:
    return [message for message in catalogue.read("et") if message.id]


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


# -- the catalogue ------------------------------------------------------------------------------------------------


def test_no_text_of_the_pages_is_missing_and_none_is_left_over():
    used = {(m.context, m.id) for m in extract.extracted() if m.id}
    kept = {(m.context, m.id) for m in texts()}
    assert len(used) > 500
    assert (used - kept, kept - used) == (set(), set()), "run `make messages` and translate what it names"


def test_every_text_is_translated_and_read():
    assert extract.unfinished(catalogue.read("et")) == []


def test_the_catalogue_stands_as_make_messages_writes_it():
    assert extract.written(extract.renewed("et")) == catalogue.path("et").read_bytes()


def test_a_new_text_is_named_until_it_is_translated():
    kept = Catalog(locale="et")
    kept.add("A text with its words", "Tekst oma sõnadega")
    kept.add("A text nobody has translated", "")
    kept.add("A text that changed", "Tekst, mis muutus", flags=["fuzzy"])
    kept.add(("%(num)s egg", "%(num)s eggs"), ("%(num)s muna", ""))
    assert [m.id for m in extract.unfinished(kept)] == [
        "A text nobody has translated", "A text that changed", ("%(num)s egg", "%(num)s eggs")
    ]  # fmt: skip


def test_both_languages_have_the_same_places_to_fill_in_and_the_same_marks():
    for message in texts():
        for said in extract.forms(message):
            assert set(PLACE.findall(said)) == set(PLACE.findall(ids(message)[-1])), message.id
            assert sorted(TAG.findall(said)) == sorted(TAG.findall(ids(message)[-1])), message.id


def test_a_per_cent_sign_is_doubled_or_begins_a_place():
    for message in texts():
        for said in (*ids(message), *extract.forms(message)):
            assert "%" not in PLACE.sub("", said).replace("%%", ""), said


def test_no_text_can_break_out_of_an_attribute():
    """Templates put texts on the page as they are written, an attribute's quotes included."""
    for message in texts():
        for said in (*ids(message), *extract.forms(message)):
            assert not re.search(r'[<>"&]', re.sub(r"</?strong>", "", said)), said


def test_plural_texts_have_both_forms_and_estonian_chooses_by_one():
    kept = catalogue.read("et")
    assert (kept.num_plurals, kept.plural_expr) == (2, "(n != 1)")
    plurals = [m for m in texts() if isinstance(m.id, tuple)]
    assert plurals and all(len(extract.forms(m)) == 2 for m in plurals)
    said = [catalogue.words("et").ngettext("%(num)s day", "%(num)s days", n) % {"num": n} for n in (0, 1, 2, 21)]
    assert said == ["0 päeva", "1 päev", "2 päeva", "21 päeva"]


def test_a_text_the_catalogue_lacks_stays_english():
    assert catalogue.words("et").gettext("Nobody wrote this") == "Nobody wrote this"


# -- in the page's language ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "said"), [("et", ["Tere, Õie!", "1 päev", "3 päeva", "Aeg"]),
                                            ("en", ["Hello, Õie!", "1 day", "3 days", "Date"])])  # fmt: skip
def test_code_speaks_the_pages_language(pages: Pages, lang: str, said: list[str]):
    with pages.app.test_request_context(f"/?lang={lang}"):
        days = [ngettext("%(num)s day", "%(num)s days", n) for n in (1, 3)]
        assert [_("Hello, %(name)s!", name="Õie"), *days, pgettext("of a mail", "Date")] == said


def test_values_put_into_a_text_are_harmless_on_the_page(pages: Pages):
    source = '{{ _("Hello, %(name)s!", name=name) }} {% trans left=name %}The team has <strong>{{ left }}</strong> of '
    source += "mentoring left.{% endtrans %}"
    with pages.app.test_request_context("/?lang=et"):
        page = render_template_string(source, name="<script>alert(1)</script>")
    harmless = "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert page == f"Tere, {harmless}! Meeskonnal on alles <strong>{harmless}</strong> nõustamist."


@pytest.mark.parametrize("path", ["/", "/apply", "/signin", "/nowhere", "/q/nothing"])
def test_every_page_names_its_language(pages: Pages, path: str):
    for lang in ("et", "en"):
        assert f'<html lang="{lang}"' in pages.browser().get(f"{path}?lang={lang}").text


def test_a_language_chosen_by_hand_is_remembered_even_where_something_is_wrong(pages: Pages):
    browser = pages.browser()
    browser.get("/nowhere?lang=en")
    assert '<html lang="en"' in browser.get("/").text and '<html lang="en"' in browser.get("/nowhere").text
    assert "There is no such page" in browser.get("/nowhere").text
    browser.get("/?lang=et")
    assert "Sellist lehte ei ole" in browser.get("/nowhere").text


def test_choices_stand_in_the_order_of_their_names():
    table = {key: Text(et=et, en=en) for key, et, en in [
        ("a", "õpe", "study"), ("b", "zoom", "zoom"), ("c", "šeff", "chef"), ("d", "Vald", "parish"),
        ("e", "ülo", "all"), ("f", "Sade", "rain"), ("g", "žest", "gesture"), ("h", "Tund", "hour"),
    ]}  # fmt: skip
    assert [table[key].et for key in labels.by_name(table, table, "et")] == [
        "Sade", "šeff", "zoom", "žest", "Tund", "Vald", "õpe", "ülo",
    ]  # fmt: skip
    assert labels.by_name(table, table, "en")[0] == "e"


# -- no text beside the catalogue ---------------------------------------------------------------------------------

NAMES = {"Teekond", "Demo", "English", "Eesti", "keeles", "kB", "SMTP", "XLSX", "CSV", "Message-ID", "invite.ics"}
"""words that are the same in both languages, or say their own language's name"""
UNSEEN = re.compile(r"\{% trans.*?endtrans %\}|\{% block (?:width|body_class) %\}[^<]*?\{% endblock %\}", re.S)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
STYLE = re.compile(r"(?<=\ufffc)[ ]?(?:id|aria-[a-z]+)=\"[^\"]*\"")
"""marks that a macro puts into somebody else's tag"""
SHOWN = ("alt", "aria-label", "placeholder", "title")
"""attributes that people read or hear"""


class Visible(HTMLParser):
    """The words of a page's source that people would see or hear, its expressions taken out."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inside = ""
        self.feed(STYLE.sub("", EXPRESSION.sub("\N{OBJECT REPLACEMENT CHARACTER}", UNSEEN.sub("", source))))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        for name, value in attrs:
            if name in SHOWN:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside != "code":
            self.words += re.findall(r"[^\W\d_]{2,}(?:[.-][^\W\d_]{2,})*", data)


@each("source", SOURCES)
def test_no_page_has_words_outside_the_catalogue(source: Path):
    assert set(Visible(source.read_text()).words) - NAMES == set()


def test_words_outside_the_catalogue_would_be_seen():
    page = '<p class="soft">Lisa <b>meeskond</b> {{ _("Add") }}</p><img alt="Pilt"><code>config</code>'
    assert Visible(page).words == ["Lisa", "meeskond", "Pilt"]


def literals(tree: nodes.Node) -> Iterator[str]:
    """The strings of a template's expressions that do not go through the catalogue."""
    if isinstance(tree, nodes.Call) and isinstance(tree.node, nodes.Name) and tree.node.name in CALLS:
        for child in (*tree.args, *tree.kwargs):
            if not isinstance(child, nodes.Const):
                yield from literals(child)
        return
    if isinstance(tree, nodes.Const) and isinstance(tree.value, str):
        yield tree.value
    for child in tree.iter_child_nodes():
        yield from literals(child)


CALLS = ("_", "gettext", "ngettext", "pgettext")


@each("source", SOURCES)
def test_no_expression_of_a_page_has_words_outside_the_catalogue(pages: Pages, source: Path):
    """A choice of languages names each in its own; else every word is handed to the catalogue."""
    beside = [text for text in literals(pages.app.jinja_env.parse(source.read_text())) if speaks(text)]
    assert set(beside) - {"English", "Eesti keeles", "in English"} == set()


def speaks(text: str) -> bool:
    """Whether a string is meant for people: a capital and small letters, or letters no identifier has."""
    return bool(re.search(r"\b[A-ZÕÄÖÜ][a-zõäöü]+", text) or OUR_LETTERS.search(text))


def test_no_code_of_the_pages_has_estonian_outside_the_catalogue():
    """But for values in both languages at once, which the core speaks too."""
    found = {
        (source.name, text)
        for source in sorted(CODE.glob("*.py"))
        for text in loose(ast.parse(source.read_text()))
        if OUR_LETTERS.search(text)
    }
    assert found == set()


def loose(tree: ast.AST) -> Iterator[str]:
    """Strings outside docstrings and outside `Text(et=…, en=…)`."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ("Text", "_t"):
        return
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        yield from loose(child)


def test_no_code_of_the_pages_uses_the_catalogues_name_for_something_else():
    for source in sorted(CODE.glob("*.py")):
        tree = ast.parse(source.read_text())
        if any(isinstance(n, ast.Name) and n.id == "_" and isinstance(n.ctx, ast.Load) for n in ast.walk(tree)):
            stored = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "_" and stores(n)]
            assert stored == [], source.name


def stores(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)
