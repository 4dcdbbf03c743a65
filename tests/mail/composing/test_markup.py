"""The small Markdown of mails: what it knows, what it does not, and that values stay words."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.composing import markup
from tests.case_table import each

BASE = "https://teekond.example.org"


class Seen(HTMLParser):
    """The tags, links and words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(page[page.index("<body") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.words += data


def page(source: str, marker: str = "") -> Seen:
    return Seen(markup.html(source, BASE, lang="et", title="pealkiri", marker=marker))


def test_text_is_wrapped_and_lists_are_indented():
    source = f"Tere!\n\n- {'sõna ' * 30}\n- teine\n\n1. üks\n2. kaks\n"
    lines = markup.text(source, BASE).splitlines()
    assert max(map(len, lines)) < 78
    assert lines[:3] == ["Tere!", "", lines[2]]
    assert lines[2].startswith("- sõna")
    assert lines[3].startswith("  sõna")
    assert lines[-4:] == ["- teine", "", "1. üks", "2. kaks"]


def test_a_link_keeps_its_address_in_the_text_part():
    assert markup.text(f"Vastake [vormil]({BASE}/q/abc).", BASE) == f"Vastake vormil <{BASE}/q/abc>.\n"
    assert markup.links(f"Vastake [vormil]({BASE}/q/abc).", BASE) == [f"{BASE}/q/abc"]


def test_a_link_alone_in_its_paragraph_looks_like_a_button():
    assert "background-color" in markup.html(f"[Vastan]({BASE}/q/abc)", BASE, lang="et", title="t")


@pytest.mark.parametrize(
    "source",
    [
        "[x](https://evil.example.org/)", f"[x]({BASE}.evil.example.org/)", "[x](javascript:alert(1))",
        "[x](//evil.example.org)", "![x](https://evil.example.org/p.png)", "<https://evil.example.org>",
        "<script>alert(1)</script>", "<img src=x>", "&lt;b&gt;", "https://evil.example.org", "    code", "```\nx\n```",
        "# pealkiri", "***", "| a | b |\n|---|---|", "[x]: https://evil.example.org\n\n[x]", "`x`", "~~x~~",
    ],
)  # fmt: skip
def test_what_the_source_does_not_know_stays_words(source: str):
    seen = page(source)
    assert set(seen.tags) <= {"body", "div", "p", "em", "strong"}
    assert seen.links == []


HOSTILE = [
    "**[x](http://evil)**{{7*7}}<script>", "- x", "1. x", "1) x", "> x", "# x", "+ x", "a\\", "*", "_x_", "`x`",
    "![x](y)", f"[x]({BASE}/q/abc)", "<a href='x'>", "&amp;", "=== x", "---", "~~x~~", "| x |", "\\*x\\*", "a\u2028b",
    "x\u202ey", "a\x00b", "a\ud800", "=?utf-8?q?a=0D=0ABcc:_x?=", "%(x)s ${x} {0.__class__}", "  x  ", "a\r\n\r\nb",
]  # fmt: skip


IN_A_LINK = "[{}](" + BASE + "/q/a)"


@pytest.mark.parametrize("frame", ["{}", "- {}", "> {}", "Tere, {}!", "**{}**", "Tere, **{}**, ja", IN_A_LINK])
@each("value", HOSTILE)
def test_an_escaped_value_is_only_ever_its_words(frame: str, value: str):
    plain, seen = page(frame.format("x")), page(frame.format(markup.escape(value)))
    assert (seen.tags, seen.links) == (plain.tags, plain.links)
    assert markup.one_line(value) in " ".join(seen.words.split())
    assert markup.one_line(value) in " ".join(markup.text(frame.format(markup.escape(value)), BASE).split())


@given(st.text(min_size=1, max_size=60).filter(lambda value: markup.one_line(value)))
def test_no_value_whatever_becomes_markup(value: str):
    assert page(f"Tere, {markup.escape(value)}!").tags == page("Tere, x!").tags
    assert page(f"- {markup.escape(value)}").tags == page("- x").tags


@given(st.text(max_size=200))
def test_lines_stay_lines_and_nothing_else(value: str):
    seen = page(f"> {markup.lines('x' + value)}")
    assert set(seen.tags) <= {"body", "div", "blockquote", "p", "br"}
    assert seen.links == []


def test_lines_are_shown_one_below_the_other():
    assert markup.text("> " + markup.lines("üks\n\n- kaks\n> kolm"), BASE) == "    üks\n    - kaks\n    > kolm\n"


@given(st.text(max_size=3000))
def test_no_line_of_text_is_too_long_for_mail(value: str):
    shown = markup.text(f"- {markup.escape('x' * 1000 + value)}", BASE)
    assert all(len(line.encode("utf-8", "replace")) < 998 for line in shown.split("\n"))


def test_the_page_says_its_language_and_loads_nothing():
    made = markup.html("Tere", BASE, lang="et", title="<b>", marker="##- siia -##")
    assert '<html lang="et">' in made
    assert "<title>&lt;b&gt;</title>" in made
    assert "##- siia -##" in made
    assert not any(word in made for word in ("src=", "<style", "<link", "url(", "@import"))
