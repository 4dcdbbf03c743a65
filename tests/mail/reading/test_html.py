"""How much markup a page may hold: counted as browsers divide it, before any parser sees it."""

import re
import time

import pytest

from mail.reading import html as html_body
from mail.reading import introductions, quote_phrases, sender

MIB = 1024 * 1024
MANY = " ".join(f"a{n:05x}" for n in range(100_000))


@pytest.mark.parametrize(
    "hides",
    [
        "",
        '<style><p a="</style>',
        '<!-- <p a=" -->',
        "<!--><b a=b>",
        "<textarea></TEXTAREA>",
        '<![CDATA[ <p a=" ]]>',
        '<!DOCTYPE html "> ',
        '<? a=">',
        '<p a=b="c>',
        '<p ="foo>',
        '<svg><style><p a="</style>',
        "<p/a='>'/>",
        '</b a=">">',
        '<title><p a="</title >',
        "<p\na\t=\n'>'>",
    ],
)
def test_a_tag_of_very_many_attributes_is_cut_away_wherever_it_hides(hides: str) -> None:
    begin = time.process_time()
    for kind in ("p", "/p", "x-y"):
        html = f"<p>JAH</p>{hides}<{kind} {MANY}>x"
        kept = html_body.ordinary(html)
        assert kept == f"<p>JAH</p>{hides}"
        html_body.lines_of(kept)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("value", ['=">"', "='<p '", "=b", " = '\n'", "/"])
def test_values_do_not_hide_how_many_there_are(value: str) -> None:
    most, over = (
        "<p " + " ".join(f"a{n}{value}" for n in range(many)) + ">x</p>"
        for many in (html_body.ATTRIBUTES_CAP, html_body.ATTRIBUTES_CAP + 1)
    )
    assert html_body.ordinary(most) == most
    assert html_body.ordinary(over) == ""


@pytest.mark.parametrize(
    "html",
    [
        "",
        "JAH",
        "a < b && c > d",
        "<p>x",
        "<p a='",
        "<!-- open",
        '<style>p > a { b: c } <p a="</style><b>x</b>',
        "</",
        "<",
        "<a href='https://example.org/?a=1&b=2'>x</a>",
        '<p title="' + "word " * 5000 + '">x</p>',
        "<img src=data:" + "A" * 100_000 + ">",
        "<title>a<b</title>",
        "<!---->x",
        "<!--->x",
        "<script>if (a<b) {}</script>x",
        "<O:P></O:P>",
        "<p" + " " * 5000 + ">",
    ],
)
def test_an_ordinary_page_stays_whole(html: str) -> None:
    assert html_body.ordinary(html) == html


@pytest.mark.parametrize(
    "thing",
    ["<b>", "<", "<a", "<a b=", "<a b='", "<!-", "<!--", "-", "<style>", "<style><", "/", "&", "<a b=\"'", "</p ", "="],
)
def test_looking_takes_linear_time(thing: str) -> None:
    begin = time.process_time()
    kept = html_body.ordinary(thing * (MIB // len(thing)))
    assert time.process_time() - begin < 0.5
    assert kept.count("<") <= html_body.TAGS_CAP


@pytest.mark.parametrize("pattern", [sender._IN_NAME, introductions._DASHED, quote_phrases.RULE])
@pytest.mark.parametrize("thing", ["a", "-", "_", "=", "*", "—", "#", " ", "a-", "- ", "@", ". "])
def test_patterns_for_names_and_rules_take_linear_time(pattern: re.Pattern[str], thing: str) -> None:
    begin = time.process_time()
    pattern.search(thing * 50_000)
    assert time.process_time() - begin < 0.3
