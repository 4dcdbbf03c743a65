"""Choosing teams: in peace first, then all together, and exactly as shown."""

from datetime import UTC, datetime

import pytest

from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk, decide, shown
from workflow.database.models import LatePass, Team
from workflow.rules.machine import Trigger

APPLY = "/office/selection/apply"


def test_applications_stand_side_by_side(pages: Pages) -> None:
    pages.world.apply("Võru", group="I").verified()
    pages.world.apply("Saku")
    desk = at_the_desk(pages)
    page = desk.get("/office/selection")
    assert "2 + 2" in page and "Sest me tahame." in page and "I rühm" in page
    assert "Kontaktisik pole oma aadressi veel kinnitanud" in page
    assert "Choosing teams" in desk.get("/office/selection", "en")


def test_saved_decisions_are_told_to_nobody(pages: Pages) -> None:
    one, two = pages.world.apply("Võru").verified(), pages.world.apply("Saku").verified()
    desk = at_the_desk(pages)
    mails = len(pages.world.messages())
    form = {f"decision-{one.id}": "select:II", f"rank-{one.id}": "1", f"decision-{two.id}": "waitlist", "do": "save"}
    after = desk.send("/office/selection", **form)
    assert "Kellelegi ei saadetud midagi" in after and len(pages.world.messages()) == mails
    assert (one.row.provisional, one.row.provisional_group, one.row.rank) == ("select", "II", 1)
    assert two.row.provisional == "waitlist" and one.state == two.state == "applied"
    assert "II rühm: võetud 0, kavas 1, kokku 5" in after
    desk.send("/office/selection", **{**form, f"decision-{one.id}": ""})
    assert one.row.provisional is None


@pytest.mark.parametrize("rank", ["0", "-1", "1000", "esimene", "1.5", "²"])
def test_a_wrong_rank_is_said_and_not_kept(pages: Pages, rank: str) -> None:
    crew = pages.world.apply("Võru").verified()
    page = at_the_desk(pages).send(
        "/office/selection", **{f"decision-{crew.id}": "decline", f"rank-{crew.id}": rank, "do": "apply"}
    )
    assert "järk peab olema arv" in page and crew.row.rank is None


def test_teams_that_are_not_on_the_form_stay_as_they_are(pages: Pages) -> None:
    one, two = pages.world.apply("Võru").verified(), pages.world.apply("Saku").verified()
    decide(pages.world, two, Trigger.DECLINE, rank=7)
    at_the_desk(pages).send("/office/selection", **{f"decision-{one.id}": "waitlist", "do": "save"})
    assert (two.row.provisional, two.row.rank) == ("decline", 7)


def test_all_decisions_are_applied_as_shown_with_a_result_each(pages: Pages) -> None:
    one, two, three = (pages.world.apply(n).verified() for n in ("Võru", "Saku", "Tapa"))
    four = pages.world.apply("Keila")
    decide(pages.world, one, Trigger.SELECT, "II", 1)
    decide(pages.world, two, Trigger.WAITLIST)
    decide(pages.world, three, Trigger.DECLINE)
    decide(pages.world, four, Trigger.SELECT, "I", 2)
    desk = at_the_desk(pages)
    page = desk.get(APPLY)
    assert "Neid otsuseid rakendada ei saa" in page and "Kontaktisik pole oma aadressi" in page
    assert page.count('class="amail"') == 6 and page.count('<span class="badge">II rühm</span>') == 1
    after = desk.send(APPLY, **shown(page))
    assert [c.state for c in (one, two, three, four)] == ["selected", "waitlisted", "declined", "applied"]
    assert one.row.group == "II" and "ei tehtud" in after and after.count("tehtud</span>") == 4
    sent = [m for m in pages.world.messages() if m.template in ("place_offer", "waitlisted", "declined")]
    assert len(sent) == 6


def test_what_changed_meanwhile_is_shown_again(pages: Pages) -> None:
    one, two = pages.world.apply("Võru").verified(), pages.world.apply("Saku").verified()
    decide(pages.world, one, Trigger.SELECT, "I", 1)
    desk = at_the_desk(pages)
    page = desk.get(APPLY)
    decide(pages.world, two, Trigger.DECLINE)
    again = desk.send(APPLY, **shown(page))
    assert "Vahepeal on midagi muutunud" in again and one.state == two.state == "applied"


def test_a_second_click_applies_nothing_again(pages: Pages) -> None:
    one = pages.world.apply("Võru").verified()
    decide(pages.world, one, Trigger.DECLINE)
    desk = at_the_desk(pages)
    form = shown(desk.get(APPLY))
    desk.send(APPLY, **form)
    assert "Ühtegi otsust ei ole märgitud" in desk.send(APPLY, **form)
    assert len(one.got("declined")) == 2


def test_nobody_chosen_means_nobody(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    desk = at_the_desk(pages)
    assert "Ühtegi otsust ei ole märgitud" in desk.browser.get(APPLY, follow_redirects=True).text
    assert "Ühtegi otsust ei ole märgitud" in desk.send("/office/selection", do="apply")
    assert crew.state == "applied"


def test_more_decisions_than_places_are_counted_and_refused(pages: Pages) -> None:
    crews = [pages.world.apply(f"Vald {i}").verified() for i in range(11)]
    for i, crew in enumerate(crews):
        decide(pages.world, crew, Trigger.SELECT, "I" if i % 2 else "II", i + 1)
    desk = at_the_desk(pages)
    assert "Üle piiri: 1" in desk.get("/office/selection")
    page = desk.get(APPLY)
    assert "Kõik 10 kohta on täis" in page
    desk.send(APPLY, **shown(page))
    assert [c.state for c in crews].count("selected") == 10 and crews[-1].state == "applied"


# -- late passes ----------------------------------------------------------------------------------


def passes(pages: Pages) -> list[LatePass]:
    with pages.db.reading() as session:
        return list(session.query(LatePass))


def test_a_late_pass_is_mailed_and_opens_the_form(pages: Pages) -> None:
    pages.world.now = datetime(2022, 3, 1, 9, 0, tzinfo=UTC)
    desk = at_the_desk(pages)
    form = {"address": "Hilja@Example.org", "until": "2022-03-05", "why": "helistas", "pass_lang": "et"}
    assert "Luba on saadetud" in desk.send("/office/selection/pass", **form)
    assert "on luba juba olemas" in desk.send("/office/selection/pass", **form)
    (given,) = passes(pages)
    (mail,) = pages.world.messages("late_pass")
    assert given.secret in pages.world.source(mail) and mail.to_address == "Hilja@Example.org"
    assert "5. märtsil" in mail.body
    page = pages.browser().get(f"/apply?pass={given.secret}")
    assert page.status_code == 200 and 'name="name"' in page.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"until": ""}, "Valige, mis ajani luba kehtib"),
        ({"until": "2020-01-01"}, "kehtima tulevikus"),
        ({"address": "mitte"}, "Kirjutage meiliaadress"),
    ],
)
def test_wrong_passes_are_refused(pages: Pages, change: dict[str, str], says: str) -> None:
    form = {"address": "hilja@example.org", "until": "2022-03-05", "why": "", **change}
    assert says in at_the_desk(pages).send("/office/selection/pass", **form)
    assert passes(pages) == []


def test_a_team_that_left_the_list_is_not_decided(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    crew.move(Trigger.SELECT)
    at_the_desk(pages).send("/office/selection", **{f"decision-{crew.id}": "decline", "do": "save"})
    with pages.db.reading() as session:
        assert session.get_one(Team, crew.id).provisional is None
