"""Takes the pictures in docs/ and README.md from a demo that runs for it: `make pictures`. Needs Chromium.

Must never touch a real season: it starts a demo of its own in a temporary folder.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
READY = re.compile(r"http://localhost:(\d+)")
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, PHONE = {"width": 1200, "height": 800}, {"width": 360, "height": 740}
PUBLIC = {"programme": ("/", WIDE), "apply": ("/apply", PHONE)}
OFFICE = {
    "today": ("/office", WIDE), "board": ("/office/board", WIDE),
    "selection": ("/office/selection", WIDE), "team": ("/office/team/1", WIDE), "calendar": ("/office/calendar", WIDE),
    "mentoring": ("/office/mentoring", WIDE), "compare": ("/office/selection/compare?team=7&team=8&team=9", WIDE),
    "step": ("/office/team/7/step/select", WIDE), "outbox": ("/office/outbox", WIDE), "inbox": ("/office/inbox", WIDE),
    "session": ("/office/calendar/1", WIDE), "reports": ("/office/reports", WIDE),
}  # fmt: skip


def main() -> None:
    """All pictures, in Estonian, from a season that has a few teams on their way."""
    data = Path(tempfile.mkdtemp(prefix="teekond-pictures-"))
    command = [sys.executable, str(HERE.parent / "teekond.py"), "--data", str(data), "demo"]
    command += ["--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        ready = READY.search(demo.stdout.readline())
        assert ready
        _take(f"http://localhost:{ready[1]}")
    finally:
        demo.terminate()
        demo.wait(30)
        shutil.rmtree(data)


def _take(base: str) -> None:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        visitor, desk = (browser.new_context(locale="et-EE").new_page() for _ in range(2))
        _prepare(desk, base)
        for page, looks in ((visitor, PUBLIC), (desk, OFFICE)):
            for name, (path, size) in looks.items():
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang=et")
                page.screenshot(path=str(HERE / "pictures" / f"{name}.png"))
        browser.close()


def _prepare(page: Page, base: str) -> None:
    """Invented teams, of which a few are selected and have confirmed their place."""
    page.goto(f"{base}/demo?lang=et")
    page.click("form button:has-text('12')")
    page.goto(f"{base}/demo/people")
    page.click("main form button >> nth=0")
    for team in range(1, 7):
        page.goto(f"{base}/office/team/{team}/step/select")
        page.click("button:has-text('Vali programmi')")
    for team in range(1, 5):
        page.goto(f"{base}/office/team/{team}/step/confirm")
        reason = page.query_selector("textarea")
        if reason is not None:
            reason.fill("Kinnitas telefonis.")
        page.click("main form button[type=submit], main form button >> nth=0")
    _write_unclearly(page, base)


def _write_unclearly(page: Page, base: str) -> None:
    """A reply that could mean anything waits for the coordinator."""
    page.goto(f"{base}/demo/mails?lang=et")
    page.fill("#text", "Tere! Meil on sel nädalal vallavolikogu, arutame selle seal läbi.")
    page.click("form:has(#text) p.actions button")
    page.goto(f"{base}/office/inbox")
    for _ in range(20):
        if page.query_selector(".came"):
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the letter did not come")


if __name__ == "__main__":
    main()
