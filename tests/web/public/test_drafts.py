"""An application begun, kept, and continued by its mailed link: nothing typed is lost, no link is a dead end."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.web.conftest import Browser, Pages
from tests.web.public.test_programme import CLOSED, count, form_token, typed
from workflow.database.models import Draft, LatePass, Person, Team

ADDRESS = "liige0@example.org"


def begun(**changes: str) -> dict[str, str]:
    """What little a person may have typed: the contact's address, and half a thought."""
    data = {"rows": "2", "contact": "0", "deputy": "", "name": "Võ", "motivation": "Pooleli lau"}
    return data | {"members-0-address": ADDRESS, "members-1-address": "vigane@", "keep": "1"} | changes


def keep(browser: Browser, **changes: str) -> str:
    """Keeps it; the path it is found at from now on."""
    answer = browser.post("/apply", begun(form=form_token(browser), **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def mailed(pages: Pages) -> list[str]:
    """The paths in the mails with links."""
    links = [
        re.findall(r"http://localhost:8080(/apply/draft/[a-z0-9]+)", pages.world.source(mail))
        for mail in pages.world.messages("draft")
    ]
    return [link for found in links for link in found]


def the(pages: Pages) -> Draft:
    with pages.db.reading() as session:
        found = session.scalars(sa.select(Draft)).one()
        session.expunge(found)
        return found


def fields(page: str) -> dict[str, str]:
    """The form as a browser would send it again: what stands in it, without pressing anything."""
    found = dict(re.findall(r'<input type="(?:text|email|tel|hidden)" name="([^"]+)" value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', page))
    found |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)"[^>]*checked', page))
    return {name: value for name, value in found.items() if name not in ("csrf", "mails")}


def test_an_unfinished_application_is_kept_and_its_link_mailed_once(pages: Pages) -> None:
    browser = pages.browser()
    path = keep(browser)
    page = browser.get(f"{path}?lang=et").text
    assert "Taotlus on alles" in page and ADDRESS in page
    for value in ("Võ", "Pooleli lau", "vigane@"):
        assert value in page
    assert mailed(pages) == [path], "the mail leads to the same page"
    assert pages.world.messages("draft")[0].to_address == ADDRESS
    assert count(pages, Team) == 0 and not pages.world.messages("verify")


def test_another_browser_continues_and_sends_it(pages: Pages) -> None:
    keep(pages.browser(), name="Võru poolik")
    (path,) = mailed(pages)
    other = pages.browser()
    data = fields(other.get(path).text)
    assert data["name"] == "Võru poolik" and data["members-0-address"] == ADDRESS
    sent = other.post("/apply", data | typed(form=data["form"]))
    assert sent.status_code == 303 and other.get(sent.headers["Location"]).status_code == 200
    assert count(pages, Team) == 1
    draft = the(pages)
    assert draft.team_id is not None and draft.content == {}, "what was typed stands in the application now"
    page = pages.browser().get(f"{path}?lang=et")
    assert page.status_code == 200 and "See taotlus on saadetud" in page.text and "Võru" in page.text


@pytest.mark.parametrize(("lang", "says"), [("et", "ärge seda jätkake"), ("en", "do not continue it")])
def test_whoever_is_sent_the_link_of_somebody_elses_draft_is_told_not_to_go_on(
    pages: Pages, lang: str, says: str
) -> None:
    """Anybody may begin one in anybody's name, and keeps the link: what its addressee then writes they would read."""
    browser = pages.browser()
    assert browser.post(f"/apply?lang={lang}", begun(form=form_token(browser))).status_code == 303
    (mail,) = pages.world.messages("draft")
    assert says in " ".join(pages.world.source(mail).split())


def test_saving_again_changes_the_same_draft_and_mails_nothing(pages: Pages) -> None:
    browser = pages.browser()
    path = keep(browser)
    data = fields(browser.get(path).text)
    again = browser.post("/apply", data | {"keep": "1", "motivation": "Terve lause."})
    assert again.headers["Location"] == path
    assert "Terve lause." in pages.browser().get(path).text
    assert count(pages, Draft) == 1 and len(mailed(pages)) == 1


def test_saving_the_same_form_twice_changes_nothing_the_second_time(pages: Pages) -> None:
    browser = pages.browser()
    data = begun(form=form_token(browser))
    first = browser.post("/apply", data)
    before = pages.digest()
    second = browser.post("/apply", data)
    assert second.headers["Location"] == first.headers["Location"] and pages.digest() == before


def test_the_link_is_mailed_again_when_asked_but_not_without_end(pages: Pages) -> None:
    browser = pages.browser()
    path = keep(browser)
    for mails in (1, 2):
        assert browser.post(path, {"mails": str(mails)}).headers["Location"] == path
        before = pages.digest()
        browser.post(path, {"mails": str(mails)})
        assert pages.digest() == before, "a second click"
    browser.post(path, {"mails": "3"})
    assert mailed(pages) == [path] * 3


def test_known_and_unknown_addresses_get_the_same_answer(pages: Pages) -> None:
    pages.world.apply("Võru").verified()
    with pages.db.reading() as session:
        known = session.scalars(sa.select(Person.address).where(Person.part == "contact")).first()
    shown = []
    for address in (str(known), "keegi@example.org"):
        browser = pages.browser()
        page = browser.get(keep(browser, **{"members-0-address": address})).text.replace(address, "X")
        shown.append(re.sub(r"[0-9a-f]{32,64}|(?<=/draft/)[a-z0-9]{26}|(?<=value=\")[a-z0-9]{26}(?=\")", "", page))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("address", ["", "mari", "a@b>\r\nRCPT TO:<x@example.org"])
def test_without_an_address_nothing_is_kept_and_nothing_is_lost(pages: Pages, address: str) -> None:
    browser, before = pages.browser(), pages.digest()
    answer = browser.post("/apply?lang=et", begun(form=form_token(browser), **{"members-0-address": address}))
    assert answer.status_code == 400 and "Kirjutage kontaktisiku meiliaadress" in answer.text
    assert 'href="#members-0-address"' in answer.text and "Pooleli lau" in answer.text
    assert pages.digest() == before


def test_a_link_that_opens_nothing_says_what_to_do(pages: Pages) -> None:
    for path in ("/apply/draft/" + "a" * 40, "/apply/draft/x", "/apply/draft/%00"):
        answer = pages.browser().get(f"{path}?lang=et")
        assert answer.status_code == 404 and "Seda mustandit enam ei ole" in answer.text
        assert 'href="/apply"' in answer.text


def test_after_the_deadline_the_words_are_still_there_and_a_pass_opens_them(pages: Pages) -> None:
    path = keep(pages.browser())
    pages.world.now = CLOSED + timedelta(days=1)
    page = pages.browser().get(f"{path}?lang=et").text
    assert "tähtaeg on möödas" in page and "Pooleli lau" in page and 'name="form"' not in page
    secret = "hilineja0000000000000000001"
    with pages.db.writing() as session:
        session.add(LatePass(secret=secret, address=ADDRESS, why="", until=CLOSED + timedelta(days=3)))
    browser = pages.browser()
    data = fields(browser.get(path, query_string={"pass": f"http://localhost:8080/apply?pass={secret}"}).text)
    assert data["motivation"] == "Pooleli lau"
    assert browser.post("/apply", data | typed(form=data["form"])).status_code == 303


def test_drafts_vanish_some_days_after_the_deadline(pages: Pages) -> None:
    path = keep(pages.browser())
    days = pages.world.config.programme.apply.draft_days
    pages.world.wait_until(CLOSED + timedelta(days=days, minutes=-1))
    assert count(pages, Draft) == 1 and "Pooleli lau" in pages.browser().get(path).text
    pages.world.wait_until(CLOSED + timedelta(days=days, minutes=1))
    assert count(pages, Draft) == 0 and pages.browser().get(path).status_code == 404


def test_the_secret_itself_is_kept_nowhere_but_in_the_mail(pages: Pages) -> None:
    secret = keep(pages.browser()).rpartition("/")[2]
    assert secret not in str(vars(the(pages)))


def test_looking_at_a_draft_changes_nothing(pages: Pages) -> None:
    path = keep(pages.browser())
    before = pages.digest()
    for lang in ("et", "en"):
        assert f'<html lang="{lang}">' in pages.browser().get(f"{path}?lang={lang}").text
    assert pages.digest() == before


# -- nothing is lost ----------------------------------------------------------------------------------------------


def _cookieless(pages: Pages, path: str, data: dict[str, Any]) -> Any:
    """Sent by a browser that has lost its cookies since it was given the form."""
    return pages.app.test_client().post(path, data={"csrf": "0" * 64, **data})


@pytest.mark.parametrize("press", [{}, {"keep": "1"}, {"add": "1"}])
def test_an_expired_form_is_shown_again_with_what_was_typed(pages: Pages, press: dict[str, str]) -> None:
    data, before = typed(form="f" * 32), pages.digest()
    answer = _cookieless(pages, "/apply?lang=et", data | press)
    assert answer.status_code == 400 and "Vorm aegus, aga kirjutatu on alles" in answer.text
    for key in ("name", "motivation", "members-3-address"):
        assert data[key] in answer.text
    assert pages.digest() == before


def test_a_form_from_elsewhere_is_neither_taken_nor_shown(pages: Pages) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = pages.app.test_client().post("/apply", data=typed(form="f" * 32), headers=headers)
        assert answer.status_code == 400 and "liige3@example.org" not in answer.text


# -- a second application -----------------------------------------------------------------------------------------


def sent(browser: Browser, **changes: str) -> Any:
    return browser.post("/apply?lang=et", typed(form=form_token(browser), **changes))


def test_back_and_send_again_shows_the_same_receipt(pages: Pages) -> None:
    browser = pages.browser()
    first = sent(browser)
    before = pages.digest()
    second = sent(browser)
    assert second.headers["Location"] == first.headers["Location"] and pages.digest() == before
    assert len(pages.world.messages("verify")) == 1


def test_a_changed_second_application_is_answered_kindly(pages: Pages) -> None:
    browser = pages.browser()
    receipt = sent(browser).headers["Location"]
    before = pages.digest()
    answer = sent(browser, motivation="Veel parem põhjus.")
    assert answer.status_code == 409 and pages.digest() == before
    assert "Teilt on juba taotlus" in answer.text and f'href="{receipt}"' in answer.text
    assert "Veel parem põhjus." in answer.text and "koordinaator@example.org" in answer.text


def test_another_team_with_the_same_contact_is_one_more_press_away(pages: Pages) -> None:
    browser = pages.browser()
    sent(browser)
    answer = sent(browser, name="Rõuge", another="1")
    assert answer.status_code == 303 and count(pages, Team) == 2
    mail = pages.world.messages("verify")[-1]
    assert "Rõuge" in mail.body and "Võru" in mail.body and mail.to_address == ADDRESS


def test_from_another_browser_only_the_mail_tells_of_the_first_application(pages: Pages) -> None:
    pages_shown = []
    for name in ("Võru", "Rõuge"):
        browser = pages.browser()
        answer = sent(browser, name=name)
        assert answer.status_code == 303
        page = browser.get(answer.headers["Location"]).text
        pages_shown.append(re.sub(r"[0-9a-f]{32,64}|received/\d+", "", page).replace(f"<dd>{name}</dd>", ""))
    assert pages_shown[0] == pages_shown[1]
    first, second = (mail.body for mail in pages.world.messages("verify"))
    assert "varasem taotlus" in second and "varasem taotlus" not in first


def test_a_draft_sent_elsewhere_meanwhile_is_told_and_keeps_the_words(pages: Pages) -> None:
    path = keep(pages.browser())
    one, two = pages.browser(), pages.browser()
    first, second = (fields(browser.get(path).text) for browser in (one, two))
    assert one.post("/apply", first | typed(form=first["form"])).status_code == 303
    answer = two.post("/apply?lang=et", second | typed(form=second["form"], motivation="Minu oma sõnad."))
    assert answer.status_code == 409 and "Teilt on juba taotlus" in answer.text and "Minu oma sõnad." in answer.text
    assert count(pages, Team) == 1


def test_the_deadline_is_that_of_the_programme(pages: Pages) -> None:
    keep(pages.browser())
    expires: datetime = the(pages).expires_at
    assert expires == CLOSED + timedelta(days=pages.world.config.programme.apply.draft_days)
    assert "27. veebruaril kell 24.00" in pages.world.messages("draft")[0].body
