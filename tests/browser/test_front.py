"""The list of programmes, and what a closed one says, are for everyone: by axe, in a narrow window, by keyboard."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page
from waitress.server import create_server

from tests.browser.conftest import Site
from tests.browser.test_pages import barriers, too_wide
from web.context import KEY
from web.front.dispatch import Front, Mounted, Shut
from web.front.pages import create_front


@pytest.mark.parametrize("lang", ["et", "en"])
def test_the_list_leads_to_each_programme(site: Site, browse: Callable[..., Page], lang: str) -> None:
    pages, programme = site.pages, site.world.config.programme
    pages.app.extensions[KEY] = replace(pages.app.extensions[KEY], mark="koos")
    shut = [Shut(key="vana")]
    mounted: list[Mounted] = []
    server: Any = create_server(Front(mounted, shut, lambda *_: []), host="127.0.0.1", port=0)
    url = f"http://127.0.0.1:{server.effective_port}"
    mounted.append(
        Mounted(
            key="koos", programme=programme, base_url=f"{url}/p/koos", places=[("127.0.0.1", "/p/koos")], app=pages.app
        )
    )
    front = Front(mounted, shut, create_front(mounted, shut, lambda: site.world.now))
    server.application = front
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        page = browse(replace(site, url=url))
        found: list[str] = []
        for where, status in ((f"/?lang={lang}", 200), (f"/p/vana?lang={lang}", 503), (f"/nothing?lang={lang}", 404)):
            answer = page.goto(where)
            assert answer is not None and answer.status == status
            assert page.locator("html").get_attribute("lang") == lang
            found += [f"{where}: {fault}" for fault in (*barriers(page, colours=True), *too_wide(page))]
        assert found == [], "\n".join(found)
        page.goto(f"/?lang={lang}")
        page.keyboard.press("Tab")
        assert page.locator(":focus").get_attribute("href") == "#main"
        page.get_by_role("link", name=programme.name.say(lang)).click()
        assert page.url.startswith(f"{url}/p/koos/")
        page.locator("main").get_by_role("link").first.wait_for()
        assert page.locator("html").get_attribute("lang") == lang
    finally:
        server.close()
        server.task_dispatcher.shutdown()
