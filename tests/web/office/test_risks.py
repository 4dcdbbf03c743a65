"""Today's list of what goes wrong if nobody acts: each with when it is too late, and the act beside it."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import event

from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk, mentored
from workflow.database.models import Draft, HoursRow, Question, Team, WrittenMail
from workflow.views import risks
from workflow.views.risks import Risk, RiskKind


def _found(pages: Pages) -> dict[RiskKind, Risk]:
    with pages.db.reading() as session:
        return {one.kind: one for one in risks.risks(pages.world.season, session, pages.world.now)}


def _list(desk: Desk, lang: str = "et") -> str:
    return desk.get("/office", lang).partition('id="risks"')[2].partition("</section>")[0]


def test_a_season_in_which_nothing_runs_out_has_no_such_list(pages: Pages) -> None:
    pages.world.apply("Võru").confirmed("I")
    assert _found(pages) == {} and 'id="risks"' not in at_the_desk(pages).get("/office")


def test_silent_people_before_a_session_with_the_letter_to_them(pages: Pages) -> None:
    crew = pages.world.apply("Võru").invited("I")
    risk = _found(pages)[RiskKind.SILENT]
    assert (risk.number, risk.coming) == (4, 0) and risk.session is not None
    page = _list(at_the_desk(pages))
    assert "4 inimest ei ole vastanud" in page
    assert f'href="/office/write?session={risk.session.id}&amp;said=none"' in page
    assert "4 people are silent" in _list(at_the_desk(pages), "en")
    with pages.db.writing() as session:
        session.execute(sa.text("UPDATE invitations SET expected = 'yes'"))
    assert RiskKind.SILENT not in _found(pages) and crew.id


def test_works_by_stage_late_ones_first_and_marked(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    pages.world.wait_until(pages.world.season.programme.session("workshop_1", "I").end + timedelta(hours=2))
    with pages.db.writing() as session:
        (work,) = session.scalars(sa.select(Question).where(Question.kind == "homework"))
        work.due_at = pages.world.now + timedelta(days=8)
    assert RiskKind.WORK not in _found(pages), "later is no fault yet"
    for ahead, look in ((3, "risk now"), (-1, "risk late")):
        with pages.db.writing() as session:
            session.get_one(Question, work.id).due_at = pages.world.now + timedelta(days=ahead)
        page = _list(at_the_desk(pages))
        assert look in page and "1 töö on esitamata" in page and "side=owing" in page
    assert _found(pages)[RiskKind.WORK].late == 1 and crew.id


def test_a_place_that_runs_out(pages: Pages) -> None:
    pages.world.apply("Võru").selected("I")
    assert RiskKind.PLACE not in _found(pages)
    with pages.db.writing() as session:
        (asked,) = session.scalars(sa.select(Question).where(Question.kind == "confirm_place"))
        asked.due_at = pages.world.now + timedelta(days=2)
    assert _found(pages)[RiskKind.PLACE].number == 1
    assert "1 meeskond ei ole vastanud" in _list(at_the_desk(pages))


def test_hours_that_are_nearly_used(pages: Pages) -> None:
    world = pages.world
    crew = world.apply("Võru").confirmed("I")
    mentored(world, crew, 60)
    stage = world.season.programme.stage("mentoring")
    with pages.db.writing() as session:
        session.get_one(Team, crew.id).state = stage.key
        row = session.scalars(sa.select(HoursRow)).one()
        row.minutes, row.kind = int(stage.minutes * 0.7), "reported"
    assert RiskKind.HOURS not in _found(pages)
    with pages.db.writing() as session:
        session.scalars(sa.select(HoursRow)).one().minutes = int(stage.minutes * 0.9)
    risk = _found(pages)[RiskKind.HOURS]
    assert risk.team is not None and risk.team.id == crew.id and 0 < risk.number <= stage.minutes * 0.11


def test_what_is_left_unfinished(pages: Pages) -> None:
    now = pages.world.now = pages.world.season.programme.apply.closes_at - timedelta(days=3)
    with pages.db.writing() as session:
        session.add(
            Draft(secret_hash="x", address="m@example.org", address_key="m@example.org", lang="et", created_at=now,
                  updated_at=now, expires_at=now + timedelta(days=9))
        )  # fmt: skip
        by = pages.world.coordinator().person
        session.add(WrittenMail(name="x", author=by, created_at=now, updated_at=now))
    assert set(_found(pages)) == {RiskKind.APPLICATIONS}, "a letter begun just now is no fault"
    pages.world.now += timedelta(hours=2)
    page = _list(at_the_desk(pages))
    assert "1 taotlus on pooleli" in page and "1 teie kiri on veel mustand" in page
    assert [one.kind for one in _found(pages).values()] == [RiskKind.APPLICATIONS, RiskKind.LETTERS]


def test_the_number_of_queries_does_not_grow_with_the_teams(pages: Pages) -> None:
    counts = []
    for names in (("Võru",), ("Kose", "Saku", "Tapa")):
        for name in names:
            pages.world.apply(name).confirmed("I")
        counts.append(_queries(pages))
    assert counts[0] == counts[1] > 3


def _queries(pages: Pages) -> int:
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    with pages.db.reading() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        risks.risks(pages.world.season, session, pages.world.now + timedelta(days=50))
        event.remove(engine, "before_cursor_execute", note)
    return len(statements)
