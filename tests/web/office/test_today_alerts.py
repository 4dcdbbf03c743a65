"""What must be known stands on today's page: a team too small, a team that is silent, a mailbox that is silent."""

from datetime import timedelta

import pytest

from mail.receiving import store
from mail.receiving.store import Arrival
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from tests.workflow.schedule.test_silence import looked, mailed


@pytest.mark.parametrize(
    ("lang", "too_small", "silent"),
    [("et", "Saku", "ei ole reageerinud 3 kirjale"), ("en", "Saku", "has not reacted to 3 mails")],
)  # fmt: skip
def test_alerts_stand_on_todays_page_until_they_are_settled(
    pages: Pages, lang: str, too_small: str, silent: str
) -> None:
    world = pages.world
    crew = world.apply("Saku").verified()
    desk = at_the_desk(pages)
    assert 'id="alerts"' not in desk.get("/office", lang)
    crew.replies("consent", "EI, see on eksitus", person=crew.people()[3].address)
    quorum = desk.get("/office", lang)
    assert 'id="alerts"' in quorum and too_small in quorum.partition('id="alerts"')[2]
    world.now += timedelta(hours=30)
    mailed(world, world.apply("Võru"), 3)
    assert len(looked(world)) == 1
    assert silent in at_the_desk(pages).get("/office", lang)


def test_a_fresh_desk_says_what_to_do_first(pages: Pages) -> None:
    desk = at_the_desk(pages)
    page = desk.get("/office")
    assert "Enne esimest taotlust" in page and "/office/mails" in page and "/office/calendar" in page
    pages.world.apply("Võru")
    assert "Enne esimest taotlust" not in desk.get("/office")


@pytest.mark.parametrize(
    ("lang", "all_read", "nothing", "one", "two"),
    [("et", "Kõik kirjad on loetud", "Midagi ei oota", "ei ole veel lugenud <strong>1</strong> kirja; see saabus",
      "ei ole veel lugenud <strong>2</strong> kirja; vanim saabus"),
     ("en", "Every letter is read", "Nothing waits", "<strong>1</strong> letter waits to be read by Teekond since",
      "<strong>2</strong> letters wait to be read by Teekond, the oldest since")],
)  # fmt: skip
def test_letters_that_stay_unread_are_told_of_with_since_when(
    pages: Pages, lang: str, all_read: str, nothing: str, one: str, two: str
) -> None:
    """However little else waits: the reader may be broken."""
    world = pages.world
    desk = at_the_desk(pages)
    came = world.now

    def comes(words: str) -> None:
        raw = f"From: a@example.org\r\n\r\n{words}".encode()
        store.store(world.db, [Arrival(envelope_from="", recipients=("x",), raw=raw, via="smtp")], world.now)

    comes("first")
    world.now = came + timedelta(seconds=50)
    page = desk.get("/office", lang)
    assert all_read in page and one not in page
    world.now = came + timedelta(seconds=70)
    page = desk.get("/office", lang)
    assert one in page and all_read not in page and nothing not in page
    comes("second")
    world.now = came + timedelta(minutes=5)
    assert two in desk.get("/office", lang)
    world.inbox.handle_due(world.db, world.now)
    page = desk.get("/office", lang)
    assert two not in page and one not in page
