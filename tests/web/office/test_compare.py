"""Two to four applications in columns: all about each in the same line, decided on in place, nobody told."""

import pytest

from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from workflow.database.models import Team


def test_applications_stand_in_columns(pages: Pages) -> None:
    one, two = pages.world.apply("Võru", group="I").verified(), pages.world.apply("Saku", members=6)
    with pages.db.writing() as session:
        session.get_one(Team, two.id).application = {"motivation": "Sest me ei jõua <b>üksi</b>."}
    page = at_the_desk(pages).get(f"/office/selection/compare?team={one.id}&team={two.id}")
    assert page.count('scope="col"') == 2 and "Võru Mari Kask" in page and "Saku Epp Saar" in page
    assert "Kontaktisik pole oma aadressi veel kinnitanud" in page and "I rühm" in page and "soovi ei ole" in page
    for field in pages.world.season.programme.apply.fields:
        assert field.label.et in page
    assert "<b>üksi</b>" not in page
    assert page.count('data-team="Võru"') == page.count('data-team="Saku"') >= 8


def test_the_ticked_are_compared_and_what_was_typed_is_kept(pages: Pages) -> None:
    one, two, three = (pages.world.apply(name).verified() for name in ("Võru", "Saku", "Tapa"))
    form = {f"decision-{one.id}": "waitlist", f"rank-{one.id}": "2", "do": "compare", "compare": [one.id, two.id]}
    page = at_the_desk(pages).send("/office/selection", **form)
    assert "Taotlused kõrvuti" in page and f'name="decision-{two.id}"' in page
    assert f'name="decision-{three.id}"' not in page
    assert (one.row.provisional, one.row.rank) == ("waitlist", 2)


@pytest.mark.parametrize("chosen", [0, 1, 5])
def test_none_one_or_too_many_are_not_compared_and_it_is_said(pages: Pages, chosen: int) -> None:
    teams = [pages.world.apply(f"Küla {i}").id for i in range(5)]
    page = at_the_desk(pages).send("/office/selection", do="compare", compare=teams[:chosen])
    assert "Märkige kaks kuni neli meeskonda" in page


@pytest.mark.parametrize("query", ["", "?team=1", "?team=999&team=998", "?team=x&team=%27"])
def test_who_is_not_there_is_not_compared(pages: Pages, query: str) -> None:
    pages.world.apply("Võru")
    desk = at_the_desk(pages)
    assert desk.browser.get(f"/office/selection/compare{query}").status_code == 303


def test_note_rank_and_decision_are_written_down_there_and_nobody_is_told(pages: Pages) -> None:
    one, two = pages.world.apply("Võru").verified(), pages.world.apply("Saku").verified()
    mails, desk = len(pages.world.messages()), at_the_desk(pages)
    form = {f"decision-{one.id}": "select:I", f"rank-{one.id}": "1", f"note-{one.id}": "Tugev kogukond.\nKüsida lisa."}
    form |= {f"decision-{two.id}": "", f"note-{two.id}": ""}
    page = desk.send("/office/selection", do="compare", compare=[one.id, two.id], **form)
    assert "Kellelegi ei saadetud midagi" in page and "Tugev kogukond." in page
    assert (one.row.note, one.row.rank, one.row.provisional_group) == ("Tugev kogukond.\nKüsida lisa.", 1, "I")
    assert len([m for m in pages.world.messages() if m.template != "sign_in"]) == mails
