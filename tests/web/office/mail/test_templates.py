"""Mail templates: every one with its purpose and preview in each language, with a real team's data."""

import pytest

from mail.composing import samples
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office.test_board import counted
from tests.web.office_season import at_the_desk, mentored
from web.i18n import labels
from web.office.mail.templates import sections
from workflow.database.models import Team
from workflow.rules.mail_kinds import MAIL_KINDS, SECTION_NAMES, AnswerLimit, Section
from workflow.views import mail_samples


def test_every_mail_has_a_purpose_in_both_languages_and_a_place() -> None:
    for kind in MAIL_KINDS.values():
        assert kind.title.et and kind.title.en and kind.purpose.et and kind.purpose.et != kind.purpose.en
    assert [name for _, names in sections() for name in names] == list(MAIL_KINDS)
    assert {kind.section for kind in MAIL_KINDS.values()} == set(SECTION_NAMES) == set(Section)
    assert {kind.to for kind in MAIL_KINDS.values()} <= set(labels.RECIPIENTS)


TO_NO_QUESTION = ("status", "help", "heard", "signed_off")
"""what answers a letter that may have come without a question"""


def test_a_row_of_a_mail_contradicts_itself_nowhere() -> None:
    for name, kind in MAIL_KINDS.items():
        assert kind.facts <= samples.facts(name).keys(), f"{name}: a fact without a sample"
        assert kind.follows or kind.limit is AnswerLimit.NONE or name in TO_NO_QUESTION, f"{name}: answers what?"
        assert kind.held is False or kind.to not in ("coordinator", "staff"), f"{name}: nobody would see that it waits"


def test_every_mail_that_speaks_of_work_is_shown_with_a_stage_that_has_some(pages: Pages) -> None:
    team = pages.world.apply("Võru").verified()
    works = [stage.work.name for stage in pages.world.season.programme.stages if stage.work]
    with pages.db.reading() as session:
        row = session.get_one(Team, team.id)
        for name, kind in MAIL_KINDS.items():
            if "work" in kind.facts:
                assert mail_samples.of_team(pages.world.season, session, row, name)["work"] in works, name


def test_the_list_names_them_all(pages: Pages) -> None:
    desk = at_the_desk(pages)
    page, english = desk.get("/office/mails"), desk.get("/office/mails", "en")
    for name in MAIL_KINDS:
        assert f'href="/office/mails/{name}"' in page
    assert "Palume aadressi" in page or "palume aadressi" in page
    assert "confirm this address" in english and len(page.encode()) < 60_000


@pytest.mark.parametrize("lang", ["et", "en"])
def test_each_is_shown_with_samples_and_with_a_teams_data(pages: Pages, lang: str) -> None:
    team = confirmed(pages.world, "Jõgeva", "I", wishes="I")
    mentored(pages.world, team, 90)
    desk = at_the_desk(pages)
    before = pages.digest()
    for name in MAIL_KINDS:
        for chosen in ("", f"&team={team.id}"):
            page = desk.get(f"/office/mails/{name}?in={lang}{chosen}")
            assert 'sandbox title="' in page and "Undefined" not in page, name
            frame = desk.browser.get(f"/office/mails/{name}/html?in={lang}{chosen}")
            assert frame.status_code == 200 and "sandbox" in frame.headers["Content-Security-Policy"], name
    assert pages.digest() == before


def test_the_teams_own_facts_stand_in_it(pages: Pages) -> None:
    team = confirmed(pages.world, "Jõgeva", "II", wishes="II")
    mentor = mentored(pages.world, team, 90)
    desk = at_the_desk(pages)
    own = f"in=et&team={team.id}"
    offer = desk.get(f"/office/mails/place_confirmed?{own}")
    text = " ".join(offer.partition("mailtext")[2].split())
    assert "Meeskonna Jõgeva koht" in text and "teie rühm on II rühm" in text and "6. aprill 2022" in text
    assert mentor.name in desk.get(f"/office/mails/mentor_assigned?{own}")
    assert "14,5 h" in " ".join(desk.get(f"/office/mails/mentor_welcome?{own}").split())
    assert "14.5 h" in " ".join(desk.get(f"/office/mails/mentor_welcome?in=en&team={team.id}").split())
    assert "Jõgeva" not in desk.get("/office/mails/place_confirmed?in=et").partition("mailtext")[2]


def test_what_is_no_template_team_or_language(pages: Pages) -> None:
    desk = at_the_desk(pages)
    for name in ("none", "_form", "..%2Fet%2Fverify", "verify.md"):
        assert desk.browser.get(f"/office/mails/{name}").status_code == 404, name
    assert "näidised" in desk.get("/office/mails/verify?in=fi&team=999") and "verify.md" in desk.get(
        "/office/mails/verify"
    )


def test_the_number_of_queries_stays(pages: Pages) -> None:
    team = confirmed(pages.world, "Jõgeva", "I", wishes="I")
    desk = at_the_desk(pages)
    with counted(pages) as made:
        desk.get(f"/office/mails/session_invitation?team={team.id}")
    assert len(made) <= 20
