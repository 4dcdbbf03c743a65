"""What must be known stands on today's page: a team too small, a team that is silent, a mailbox that is silent."""

from datetime import timedelta

import pytest

from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from tests.workflow.schedule.test_silence import looked, mailed


@pytest.mark.parametrize(
    ("lang", "too_small", "silent", "mailbox"),
    [("et", "Saku", "ei ole reageerinud 3 kirjale", "Postkast on vait"),
     ("en", "Saku", "has not reacted to 3 mails", "The mailbox is silent")],
)  # fmt: skip
def test_alerts_stand_on_todays_page_until_they_are_settled(
    pages: Pages, lang: str, too_small: str, silent: str, mailbox: str
) -> None:
    world = pages.world
    crew = world.apply("Saku")
    desk = at_the_desk(pages)
    assert 'id="alerts"' not in desk.get("/office", lang)
    crew.replies("consent", "EI, see on eksitus", person=crew.people()[3].address)
    quorum = desk.get("/office", lang)
    assert 'id="alerts"' in quorum and too_small in quorum.partition('id="alerts"')[2]
    world.now += timedelta(hours=30)
    mailed(world, world.apply("Võru"), 3)
    assert len(looked(world)) == 2
    page = at_the_desk(pages).get("/office", lang)
    assert silent in page and mailbox in page


def test_a_fresh_desk_says_what_to_do_first(pages: Pages) -> None:
    desk = at_the_desk(pages)
    page = desk.get("/office")
    assert "Enne esimest taotlust" in page and "/office/mails" in page and "/office/calendar" in page
    pages.world.apply("Võru")
    assert "Enne esimest taotlust" not in desk.get("/office")
