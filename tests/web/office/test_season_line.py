"""Today's first line says where the season stands; it never says that nothing waits while applications do."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from workflow.database.models import Invitation, Person
from workflow.rules.machine import Trigger
from workflow.views.phase import Phase, season_now

CLOSED = datetime(2022, 3, 1, 9, 0, tzinfo=UTC)


def test_while_teams_apply_it_counts_those_that_are_complete(pages: Pages) -> None:
    apply = pages.world.apply
    assert "Taotlusi:" not in at_the_desk(pages).get("/office")
    short = apply("Kose").verified()
    apply("Võru").verified()
    apply("Saku")
    with pages.db.writing() as session:
        session.execute(sa.update(Person).where(Person.id == short.people()[3].id).values(left_at=pages.world.now))
    page = at_the_desk(pages).get("/office")
    assert "Taotlusi: 3, neist täielikke: 1. Taotlemise lõpuni on päevi: 26." in page
    assert "Taotlused ootavad valikut" in page and "Teid ei oota midagi" not in page
    assert 'href="/office/selection"' in page.partition('class="lead"')[2][:300]
    assert "Applications: 3, complete: 1." in at_the_desk(pages).get("/office", "en")


def test_when_the_round_is_over_it_says_to_choose_until_all_are_decided(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    pages.world.wait_until(CLOSED)
    page = at_the_desk(pages).get("/office")
    assert "valige meeskonnad. Taotlusi: 1, neist täielikke: 1, vabu kohti: 10." in page
    assert "Teid ei oota midagi" not in page
    crew.move(Trigger.SELECT, group="I")
    offered = at_the_desk(pages).get("/office")
    assert "Kohti kinnitatud: 0, vastamata: 1, vabu: 9." in offered


def test_before_a_session_it_says_who_comes_and_what_is_late(pages: Pages) -> None:
    start = pages.world.season.programme.stage("workshop_1").sessions["I"].start
    confirmed(pages.world, "Võru", "I", wishes="I", until=start - timedelta(days=5))
    page = at_the_desk(pages).get("/office")
    assert "I töötuba, I rühm 5 päeva pärast: tuleb: 0, vastamata: 4." in page
    with pages.db.writing() as session:
        contact = sa.select(Person.id).where(Person.address == "voru0@example.org").scalar_subquery()
        yes = sa.update(Invitation).where(Invitation.person_id == contact, Invitation.stage == "workshop_1")
        session.execute(yes.values(expected="yes"))
    assert "tuleb: 1, vastamata: 3." in at_the_desk(pages).get("/office")


def test_after_the_last_session_it_is_over(pages: Pages) -> None:
    with pages.db.reading() as session:
        now = season_now(pages.world.season, session, datetime(2023, 6, 1, tzinfo=UTC))
    assert (now.phase, now.to_choose) == (Phase.OVER, False)
