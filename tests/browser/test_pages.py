"""Every page in both languages: for people who do not see or point, at 400 % zoom, light, nothing from elsewhere."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Response

from tests.browser.conftest import WIDE, Site, sideways, sign_in
from tests.browser.season import SEASONS, Look, address
from tests.web.front.test_demo import Stage as Stand

LANGUAGES = ("et", "en")
NARROW = {"width": 320, "height": 256}
"""a window of 1280 by 1024 at 400 %"""
MOST = 60 * 1024
Stage = Callable[..., Site]
Browse = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Season:
    site: Site
    looks: list[Look]


@pytest.fixture(scope="module", params=SEASONS)
def season(request: pytest.FixtureRequest, stage: Stage) -> Season:
    site = stage(demo=Stand if request.param == "shown" else None)
    return Season(site, list(SEASONS[request.param](site)))


def visits(season: Season, page: Page) -> Iterator[tuple[Look, str, Response]]:
    """Each page in turn and in each language, signed in as whoever it is for."""
    signed = ""
    for look in sorted(season.looks, key=lambda look: look.by):
        if look.by != signed:
            sign_in(page, season.site, address(season.site.world, look.by))
            signed = look.by
        for lang in LANGUAGES:
            yield look, lang, opened(page, look, lang)


def opened(page: Page, look: Look, lang: str) -> Response:
    response = page.goto(f"{look.path}{'&' if '?' in look.path else '?'}lang={lang}", wait_until="load")
    assert response is not None and urlsplit(page.url).path == urlsplit(look.path).path, (look, page.url)
    assert page.get_attribute("html", "lang") == lang, look
    return response


@dataclass
class Watch:
    """What a page asked for and complained about."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def begin(self) -> None:
        self.asked.clear()
        self.said.clear()


AXE = """rules => axe.run({iframes: false, resultTypes: ['violations'], rules: rules})
    .then(results => results.violations)"""
INLINE = "document.querySelectorAll('[style], style, script:not([src]), [onclick], [onload], [onsubmit]').length"
# what went over the line: each page is opened as if for the first time
WEIGHT = """performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
    .filter(e => e.initiatorType !== 'img' && e.initiatorType !== 'iframe')
    .reduce((sum, e) => sum + e.encodedBodySize, 0)"""


BUILT = """[...document.querySelectorAll('*')].map(e => e.tagName + [...e.attributes].map(a => ' ' + a.name + '=' +
    (['class', 'id', 'for', 'role', 'type', 'name', 'scope', 'tabindex', 'headers'].includes(a.name) ||
     /^aria-(?!label$|description$|valuetext$)/.test(a.name) ? a.value : a.value.trim() !== '')).join('') +
    [...e.childNodes].map(n => n.nodeType === 3 && n.data.trim() ? '.' : '').join('')).join('|')"""
"""how a page is built, whatever the language of its words: of a page built as it was a moment ago axe says the same"""
UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"


def test_every_page_is_for_everyone_light_and_its_own(season: Season, browse: Browse) -> None:
    page, found, seen = browse(season.site), [], Counter[str]()
    watch, built = Watch(page), ""
    for look, lang, response in visits(season, page):
        page.evaluate(UNFOLD)
        before, built = built, page.evaluate(BUILT)
        first = lang == LANGUAGES[0]
        kept_out = barriers(page, colours=first) if first or built != before else ()
        faults = [*_own(page, watch, season.site, response), *kept_out, *too_wide(page)]
        found += [f"{look.name}, {lang}: {fault}" for fault in faults]
        page.set_viewport_size(WIDE)
        watch.begin()
        seen[lang] += 1
    assert found == [], "\n".join(found)
    assert seen == dict.fromkeys(LANGUAGES, len(season.looks))


def barriers(page: Page, *, colours: bool) -> Iterator[str]:
    """What keeps somebody out, by all the rules of axe. Whether colours stand out takes it three quarters of the time,
    and they are the same in each language."""
    page.evaluate(AXE_SCRIPT)
    for each in page.evaluate(AXE, {"color-contrast": {"enabled": colours}}):
        yield from (f"{each['id']} {node['target']} {node['failureSummary']}" for node in each["nodes"])


def too_wide(page: Page) -> Iterator[str]:
    page.set_viewport_size(NARROW)
    if (over := sideways(page)) > 0:
        yield f"{over} px wider than its window: {page.evaluate(WIDEST)}"


def _own(page: Page, watch: Watch, site: Site, response: Response) -> Iterator[str]:
    if (weight := int(page.evaluate(WEIGHT))) > MOST:
        yield f"weighs {weight} bytes"
    if page.evaluate(INLINE):
        yield "has style or script within"
    if "default-src 'none'" not in response.headers["content-security-policy"]:
        yield "has no strict policy"
    yield from (f"asks {url}" for url in watch.asked if not url.startswith((site.url, "data:")))
    yield from (f"complains: {said}" for said in watch.said if _is_complaint(said, response))


def _is_complaint(said: str, response: Response) -> bool:
    """A page of errors is told of by the browser, too; that is no fault of the page."""
    return not (response.status >= 400 and said.startswith("Failed to load resource"))


WIDEST = """[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest('.scroll')).slice(0, 6).map(e => e.tagName + '.' + e.className).join(' ')"""
