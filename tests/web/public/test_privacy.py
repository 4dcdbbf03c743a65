"""The privacy notice says what the register and config.toml say, in both languages, and can be found."""

from html import unescape

import pytest

from tests.web.conftest import Pages
from workflow.privacy.categories import GROUNDS, Keep
from workflow.privacy.record_page import days_of
from workflow.privacy.register import REGISTER


@pytest.mark.parametrize("lang", ["et", "en"])
def test_it_tells_every_purpose_ground_and_period(pages: Pages, lang: str) -> None:
    page = unescape(pages.browser().get(f"/privacy?lang={lang}").text)
    for ground in GROUNDS.values():
        assert ground.purpose.say(lang) in page and ground.basis.say(lang) in page
    rules = pages.world.config.service.retention
    kept = [h for h in REGISTER if h.keep is not Keep.WHILE_USED]
    assert len(kept) > 15
    for held in kept:
        assert held.what.say(lang) in page
        assert f"{days_of(rules, held.keep)} {'päeva' if lang == 'et' else 'days'}" in page


def test_it_names_who_answers_and_whom_to_write_to(pages: Pages) -> None:
    page = unescape(pages.browser().get("/privacy?lang=et").text)
    programme = pages.world.config.programme
    assert all(one.et in page for one in programme.organisers)
    assert f"mailto:{programme.contact.address}" in page and "Andmekaitse Inspektsioonile" in page


@pytest.mark.parametrize("path", ["/", "/apply", "/info-day", "/signin"])
def test_it_is_linked_where_data_is_asked_for(pages: Pages, path: str) -> None:
    assert 'href="/privacy"' in pages.browser().get(path).text


@pytest.mark.parametrize("path", ["/apply", "/info-day"])
def test_forms_link_it_beside_their_own_words(pages: Pages, path: str) -> None:
    assert pages.browser().get(path).text.count('href="/privacy"') == 2
