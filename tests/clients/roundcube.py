"""Roundcube in Chromium, as its user has it: plain text or HTML editor, answering above or below the quote."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from docs.pictures import CHROMIUM
from tests.clients.mail_servers import MailServers
from tests.clients.replies import MODES, Mode, Reply
from tests.conftest import leave_out
from tests.ports import answers, free_port
from tests.real.programs import folder, need, process, run, until

INSTALLED: Final = Path("/usr/share/roundcube")
PAGES: Final = Path("/var/lib/roundcube/public_html")
SETTINGS: Final = Path("/etc/roundcube")
CONFIG: Final = """<?php
$config = [
  'db_dsnw' => 'sqlite:///{home}/roundcube.sqlite?mode=0640',
  'imap_host' => '127.0.0.1:{imap}', 'smtp_host' => '127.0.0.1:{relay}', 'smtp_user' => '', 'smtp_pass' => '',
  'des_key' => 'twenty-four-characters!!', 'plugins' => [], 'skin' => 'elastic', 'language' => 'et_EE',
  'log_dir' => '{home}/logs', 'temp_dir' => '{home}/temp', 'session_lifetime' => 600, 'ip_check' => false,
  'no_save_sent_messages' => true, 'htmleditor' => {html}, 'reply_mode' => {above}, 'draft_autosave' => 0,
  'compose_save_localstorage' => false, 'identities_level' => 0, 'mdn_requests' => 2,
];
"""


@dataclass
class Roundcube:
    """One installation for each mode, and one signed-in page for each of them and each person."""

    mail: MailServers
    browser: Browser
    ports: dict[Mode, int]
    version: str
    pages: dict[tuple[Mode, str], Page] = field(default_factory=dict)
    name: str = "Roundcube"

    def reply(self, mode: Mode, reply: Reply) -> None:
        """Opens the reply to this mail, types below or above the quote where the cursor stands, attaches, sends."""
        page = self._signed_in(mode, reply.owner)
        page.goto(f"{self._url(mode)}?_task=mail&_action=compose&_reply_uid={reply.uid}&_mbox=INBOX")
        if mode.html:
            page.wait_for_function("window.tinymce && tinymce.activeEditor && tinymce.activeEditor.initialized")
            page.wait_for_timeout(400)  # the editor puts its cursor a moment after it says that it is ready
            page.evaluate("tinymce.activeEditor.focus()")
            page.keyboard.press("Control+Home" if mode.above else "Control+End")
        else:
            page.wait_for_selector("#composebody")
            page.focus("#composebody")
        page.keyboard.type(reply.text)
        if reply.file:
            page.set_input_files("input[type=file]", str(reply.file))
            page.wait_for_selector("#attachment-list li.odf, #attachment-list li:not(.uploading) .attachment-name")
            page.wait_for_function("!document.querySelector('#attachment-list li.uploading')")
        page.click("button.send, a.send")

    def _url(self, mode: Mode) -> str:
        return f"http://127.0.0.1:{self.ports[mode]}/"

    def _signed_in(self, mode: Mode, owner: str) -> Page:
        known = self.pages.get((mode, owner))
        if known is not None:
            return known
        page = self.browser.new_context(locale="et-EE", viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(self._url(mode))
        page.fill("#rcmloginuser", owner)
        page.fill("#rcmloginpwd", self.mail.password)
        page.click("#rcmloginsubmit")
        page.wait_for_selector("#messagelist")
        self.pages[mode, owner] = page
        return page


@contextmanager
def roundcube(mail: MailServers) -> Iterator[Roundcube]:
    """Runs until the block ends, on ports of its own; left out where Debian's package is not installed."""
    php, chromium = need("php", "php-cli"), need("chromium", "chromium")
    if not PAGES.exists():
        leave_out("Roundcube is not installed", "apt-get install roundcube-core roundcube-sqlite3")
    with folder("rc") as home, ExitStack() as stack:
        (home / "logs").mkdir()
        (home / "temp").mkdir()
        with sqlite3.connect(home / "roundcube.sqlite") as database:
            database.executescript((INSTALLED / "SQL" / "sqlite.initial.sql").read_text())
        ports = {mode: stack.enter_context(_serving(php, home, mail, mode)) for mode in MODES}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        stack.callback(browser.close)
        yield Roundcube(mail, browser, ports, _version())


@contextmanager
def _serving(php: str, home: Path, mail: MailServers, mode: Mode) -> Iterator[int]:
    port, settings = free_port(), home / str(mode)
    settings.mkdir()
    for name in ("defaults.inc.php", "mimetypes.php"):
        shutil.copy(SETTINGS / name, settings / name)
    said = {"home": home, "imap": mail.imap, "relay": mail.relay, "html": int(mode.html), "above": int(mode.above)}
    (settings / "config.inc.php").write_text(CONFIG.format(**said))
    env = {"ROUNDCUBE_CONFIG_DIR": str(settings), "PATH": "/usr/bin:/bin"}
    with process([php, "-S", f"127.0.0.1:{port}", "-t", str(PAGES)], home / f"{mode}.log", env=env):
        until(lambda: answers(port), "Roundcube answers")
        yield port


def _version() -> str:
    return run(["dpkg-query", "-W", "-f", "${source:Upstream-Version}", "roundcube-core"]).strip()
