"""The approval page: what is shown is what happens, and nothing happens by looking."""

from html import unescape

import pytest

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk, shown
from workflow.database.models import Question, Team
from workflow.rules.machine import Trigger


def step(crew: Crew, trigger: str) -> str:
    return f"/office/team/{crew.id}/step/{trigger}"


def outcome(pages: Pages, kind: str, crew: Crew) -> str | None:
    question, _, _ = pages.world.asked(kind, team=crew.id)
    with pages.db.reading() as session:
        return session.get_one(Question, question.id).outcome


def test_looking_at_any_step_changes_nothing(pages: Pages) -> None:
    applied, selected, on = pages.world.apply("Võru"), pages.world.apply("Saku").selected(), pages.world.apply("Tapa")
    on.confirmed()
    desk = at_the_desk(pages)
    before = pages.digest()
    for crew in (applied, selected, on):
        for trigger in Trigger:
            desk.get(step(crew, trigger))
        desk.get(f"/office/team/{crew.id}/undo")
    assert pages.digest() == before


def test_what_was_shown_is_what_is_sent(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    desk = at_the_desk(pages)
    page = desk.get(step(crew, "select"))
    assert "Koha pakkumine" in page and "own-link" in page
    earlier = len(pages.world.messages())
    after = desk.send(step(crew, "select"), **shown(page), group="I", do="yes")
    assert crew.state == "selected" and "Saatmisele läks 2 kirja" in after
    sent = pages.world.messages()[earlier:]
    assert [m.template for m in sent] == ["place_offer", "place_offer"]
    for message in sent:
        text, _ = pages.world.composer.shown(message.subject, message.body, message.lang)
        secret = pages.world.reply_to(message).removeprefix("r-").partition("@")[0]
        assert " ".join(text.replace(secret, "•••").split()) in " ".join(unescape(page).split())
        assert message.to_address in page


def test_the_chosen_group_is_shown_and_taken(pages: Pages) -> None:
    crew = pages.world.apply("Võru", group="I").verified()
    desk = at_the_desk(pages)
    first = desk.get(step(crew, "select"))
    again = desk.send(step(crew, "select"), **shown(first), group="II", do="yes")
    assert "Vahepeal on midagi muutunud" in again and crew.state == "applied"
    assert "II rühm" in again
    desk.send(step(crew, "select"), **shown(again), group="II", do="yes")
    assert (crew.state, crew.row.group) == ("selected", "II")


def test_if_anything_changed_meanwhile_it_is_shown_again(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    desk = at_the_desk(pages)
    page = desk.get(step(crew, "decline"))
    with pages.db.writing() as session:
        session.get_one(Team, crew.id).name = "Võru ja Rõuge"
    again = desk.send(step(crew, "decline"), **shown(page), do="yes")
    assert "Vahepeal on midagi muutunud" in again and crew.state == "applied"
    desk.send(step(crew, "decline"), **shown(again), do="yes")
    assert crew.state == "declined"


def test_a_passing_minute_is_no_change_but_a_new_day_is(pages: Pages) -> None:
    one, two = pages.world.apply("Võru").verified(), pages.world.apply("Saku").verified()
    desk = at_the_desk(pages)
    first, second = desk.get(step(one, "select")), desk.get(step(two, "select"))
    pages.world.wait(minutes=20)
    desk.send(step(one, "select"), **shown(first), do="yes", group="I")
    pages.world.wait(days=1)
    late = at_the_desk(pages).send(step(two, "select"), **shown(second), do="yes", group="I")
    assert one.state == "selected"
    assert two.state == "applied" and "Vahepeal on midagi muutunud" in late


def test_a_second_click_does_nothing_a_second_time(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    desk = at_the_desk(pages)
    form = {**shown(desk.get(step(crew, "waitlist"))), "do": "yes"}
    desk.send(step(crew, "waitlist"), **form)
    before, mails = pages.digest(), len(pages.world.messages())
    again = desk.send(step(crew, "waitlist"), **form)
    assert "Sellest seisust (ootenimekirjas) ei saa" in again
    assert len(pages.world.messages()) == mails and pages.digest() == before


def test_over_what_is_missing_only_with_a_reason(pages: Pages) -> None:
    crew = confirmed(pages.world)
    desk = at_the_desk(pages)
    page = desk.get(step(crew, "advance"))
    assert "Osalemine on märkimata" in page
    refused = desk.send(step(crew, "advance"), **shown(page), do="yes")
    assert "Kirjutage põhjus" in refused and crew.state == "workshop_1"
    desk.send(step(crew, "advance"), **shown(page), do="yes", why="Olid haiged, tegid järele")
    assert crew.state == "workshop_2"
    last = crew.history()[-1]
    assert last.why == "Olid haiged, tegid järele" and len(last.proof["overridden"]) == 2


def test_what_is_firm_is_never_passed_over(pages: Pages) -> None:
    crews = [pages.world.apply(f"Vald {i}").selected() for i in range(10)]
    eleventh = pages.world.apply("Saku").verified()
    desk = at_the_desk(pages)
    page = desk.get(step(eleventh, "select"))
    assert "Kõik 10 kohta on täis" in page and 'name="digest"' not in page
    desk.send(step(eleventh, "select"), do="yes", why="ikkagi", digest="x", seen=pages.world.now.isoformat())
    assert eleventh.state == "applied" and len(crews) == 10


def test_the_open_approval_is_answered_by_the_page(pages: Pages) -> None:
    crew = confirmed(pages.world)
    crew.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=crew.contact.address)
    desk = at_the_desk(pages)
    page = desk.get(step(crew, "withdraw"))
    assert "See samm ootab teie otsust" in page and "Loobume kahjuks" in page
    desk.send(step(crew, "withdraw"), **shown(page), do="yes")
    assert crew.state == "withdrawn" and outcome(pages, "approve", crew) == "yes"
    assert crew.history()[-1].proof | {"via": "page", "place": "127.0.0.1"} == crew.history()[-1].proof


def test_not_approved_needs_a_reason_and_keeps_it(pages: Pages) -> None:
    crew = confirmed(pages.world)
    crew.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=crew.contact.address)
    desk = at_the_desk(pages)
    assert "Kirjutage, miks te seda ei kinnita" in desk.send(step(crew, "withdraw"), do="no")
    after = desk.send(step(crew, "withdraw"), do="no", why="Rääkisime, jäävad")
    assert "Samm jäi kinnitamata" in after and crew.state == "workshop_1"
    assert (crew.history()[-1].event, crew.history()[-1].why) == ("not_approved", "Rääkisime, jäävad")
    assert "ei oota enam kinnitust" in desk.send(step(crew, "withdraw"), do="no", why="veel kord")


@pytest.mark.parametrize("trigger", ["withdraw", "release"])
def test_a_typed_reason_counts_from_the_first_press(pages: Pages, trigger: str) -> None:
    """Nothing changed but the coordinator's own words, and those are in the mail."""
    crew = pages.world.apply().selected() if trigger == "release" else confirmed(pages.world)
    desk = at_the_desk(pages)
    form = shown(desk.get(step(crew, trigger)))
    desk.send(step(crew, trigger), **form, do="yes", why="Vallavalitsus vahetus")
    assert crew.state in ("withdrawn", "released")
    assert any("Vallavalitsus vahetus" in mail.body for mail in pages.world.messages())


def test_a_typed_reason_hides_no_change(pages: Pages) -> None:
    crew = confirmed(pages.world)
    desk = at_the_desk(pages)
    form = shown(desk.get(step(crew, "withdraw")))
    with pages.world.db.writing() as session:
        session.get_one(Team, crew.id).version += 1
    seen = desk.send(step(crew, "withdraw"), **form, do="yes", why="Vallavalitsus vahetus")
    assert crew.state == "workshop_1" and "Vallavalitsus vahetus" in seen


@pytest.mark.parametrize("path", ["/office/team/1/step/fly", "/office/team/999/step/select", "/office/team/999/undo"])
def test_unknown_steps_and_teams_are_not_found(pages: Pages, path: str) -> None:
    pages.world.apply("Võru")
    assert at_the_desk(pages).browser.get(path).status_code == 404


# -- undo -----------------------------------------------------------------------------------------


def test_undo_shows_what_comes_with_it_and_drafts_corrections(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    crew.move(Trigger.WAITLIST)
    told(pages)
    desk = at_the_desk(pages)
    path, row = f"/office/team/{crew.id}/undo", crew.history()[-1].id
    assert "kirja on juba saadetud" in desk.get(path)
    after = desk.confirm(path, row=row, how="tell", why="Vale rida tabelis")
    assert "samm on tagasi võetud" in after and crew.state == "applied"
    drafts = crew.got("correction")
    assert {m.status for m in drafts} == {"held"} and len(drafts) == 2
    assert "Vale rida tabelis" in drafts[0].body
    assert [r.event for r in crew.history()][-2:] == ["waitlist", "undo"]


def test_a_silent_undo_writes_to_nobody(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    crew.move(Trigger.WAITLIST)
    told(pages)
    desk = at_the_desk(pages)
    desk.confirm(f"/office/team/{crew.id}/undo", row=crew.history()[-1].id, how="silent", why="Klõpsasin valesti")
    assert crew.state == "applied" and crew.got("correction") == []


def test_undo_asks_for_the_reason_and_the_way(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    crew.move(Trigger.WAITLIST)
    desk = at_the_desk(pages)
    page = desk.send(f"/office/team/{crew.id}/undo", row=crew.history()[-1].id)
    assert "Kirjutage põhjus" in page and "Valige, kas vead" in page and crew.state == "waitlisted"


def test_only_the_last_step_can_be_undone(pages: Pages) -> None:
    crew = pages.world.apply("Võru").verified()
    crew.move(Trigger.WAITLIST)
    first = crew.history()[-1].id
    crew.move(Trigger.SELECT)
    after = at_the_desk(pages).send(f"/office/team/{crew.id}/undo", row=first, how="silent", why="x")
    assert "ei ole enam meeskonna viimane samm" in after and crew.state == "selected"


def test_a_team_without_a_step_has_nothing_to_undo(pages: Pages) -> None:
    crew = pages.world.apply("Võru")
    assert "ei ole sammu, mida tagasi võtta" in at_the_desk(pages).get(f"/office/team/{crew.id}/undo")


def told(pages: Pages) -> None:
    """All that was queued has left."""
    with pages.db.writing() as session:
        for message in pages.world.messages():
            session.merge(message).status = "sent"
