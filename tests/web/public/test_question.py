"""The door: every kind of question answered by its form, every wrong form explained, nothing answered by looking."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.season_snapshots import confirmed, lived
from tests.web.conftest import Browser, Pages
from workflow.database.models import Attendance, File, HoursRow, Invitation, Reflection, Submission, Team
from workflow.journey import mentoring
from workflow.records import queries
from workflow.rules.machine import Trigger

AFTER_FIRST = datetime(2022, 4, 5, 16, 0, tzinfo=UTC)
BEFORE_SEMINAR = datetime(2022, 9, 10, tzinfo=UTC)
SUMMER = datetime(2022, 7, 12, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.4 the map of our communities"


def give(pages: Pages, door: str, **data: Any) -> Any:
    return Browser(pages.app.test_client()).post(f"{door}?lang=et", data)


def refused(pages: Pages, door: str, says: str, **data: Any) -> str:
    """The form comes back with what is wrong, and nothing has changed."""
    before = pages.digest()
    answer = give(pages, door, **data)
    assert answer.status_code == 400, answer.text
    assert says in answer.text and 'id="faults"' in answer.text
    assert pages.digest() == before
    return str(answer.text)


def travelling(pages: Pages) -> Crew:
    return Crew(pages.world, lived(pages.world, _travelling))


def _travelling(world: World) -> int:
    crew = world.apply("Kose").confirmed("I")
    world.wait_until(AFTER_FIRST)
    return crew.id


def submitted(pages: Pages, crew: Crew, text: str = "Kaart on lisatud.") -> Submission:
    answer = give(pages, pages.door("homework", team=crew.id), text=text, files=(io.BytesIO(PDF), "../Kaart õ.pdf"))
    assert answer.status_code == 200, answer.text
    with pages.db.reading() as session:
        found = queries.latest_submission(session, crew.id, "workshop_1")
        assert found is not None
        session.expunge_all()
        return found


def asked_for_hours(pages: Pages, *, booked: bool = False) -> Crew:
    world = pages.world
    crew = confirmed(world, "Kose", "I")
    world.now = SUMMER
    with pages.db.writing() as session:
        team, mentor = session.get_one(Team, crew.id), queries.staff(session, "mentor")[1]
        mentoring.assign(world.season, session, team, mentor, world.coordinator(), world.now)
        if booked:
            mentoring.book(
                world.season, session, team, mentor, world.now - timedelta(days=3), 90, world.coordinator(), world.now
            )
        mentoring.ask_hours(world.season, session, team, mentor, "asked", "2022-07", world.now)
    return crew


def reported(pages: Pages) -> list[tuple[int, str | None, str]]:
    with pages.db.reading() as session:
        rows = session.scalars(sa.select(HoursRow).where(HoursRow.kind == "reported").order_by(HoursRow.id))
        return [(row.minutes, row.day.isoformat() if row.day else None, row.note) for row in rows]


# -- whoever comes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["nothing", "a" * 26, "A" * 26, "%00", "a" * 500, "x;y", "õõõõõõõõõõõõõõõõõõõõ"])
def test_no_other_secret_opens_anything(pages: Pages, secret: str) -> None:
    browser, usual = pages.browser(), pages.browser().get("/q/" + "b" * 26)
    answer = browser.get(f"/q/{secret}")
    assert answer.status_code == usual.status_code == 404
    same = re.compile(r'href="/q/[^"?]*')
    assert same.sub("", answer.text) == same.sub("", usual.text)
    assert browser.post(f"/q/{secret}", {"answer": "yes"}).status_code == 404


def test_the_door_says_who_asks_whom_for_what_until_when(pages: Pages) -> None:
    crew = pages.world.apply("Võru")
    page = pages.browser().get(f"{pages.door('verify')}?lang=et").text
    for said in (
        "Kas see taotlus on teie saadetud?",
        "Kati-Katri Koppel",
        crew.contact.name,
        "27. veebruaril kell 24.00",
    ):
        assert said in page
    assert not re.search(r'type="radio"[^>]*checked', page), "nothing is chosen beforehand"


def test_the_door_speaks_the_language_of_whoever_was_asked(pages: Pages) -> None:
    pages.world.apply("Anija", lang="en")
    assert '<html lang="en">' in pages.browser().get(pages.door("verify"), headers={"Accept-Language": "et"}).text


def test_looking_a_hundred_times_answers_nothing(pages: Pages) -> None:
    pages.world.apply("Võru")
    door, browser, before = pages.door("verify"), pages.browser(), pages.digest()
    for _ in range(100):
        browser.get(f"{door}?answer=yes")
        browser.client.head(door)
    assert pages.digest() == before


@pytest.mark.parametrize("kind", ["verify", "consent", "confirm_place", "rsvp"])
def test_pressing_the_button_without_choosing_answers_nothing(pages: Pages, kind: str) -> None:
    crew = pages.world.apply("Võru")
    if kind == "consent":
        crew.verified()
    elif kind == "confirm_place":
        crew.selected("I")
    elif kind == "rsvp":
        crew.confirmed("I")
    kept = refused(pages, pages.door(kind), "Valige vastus", text="Minu sõnad")
    assert "Minu sõnad" in kept
    refused(pages, pages.door(kind), "Valige vastus", answer="maybe" if kind != "rsvp" else "return")


# -- one by one ---------------------------------------------------------------------------------------------------


def test_verify(pages: Pages) -> None:
    crew = pages.world.apply("Võru")
    answer = give(pages, pages.door("verify"), answer="yes")
    assert answer.status_code == 200 and "Taotlus läheb arvesse." in answer.text
    assert crew.row.verified_at == pages.world.now
    assert [row.proof["via"] for row in crew.history() if row.event == "verified"] == ["link"]


def test_consent_refused(pages: Pages) -> None:
    crew = pages.world.apply("Võru", members=5).verified()
    name = crew.people()[-1].name
    answer = give(pages, pages.door("consent"), answer="no", text="Ei ole nendega.")
    assert "Eemaldasime teid" in answer.text
    assert name not in [p.name for p in crew.people()]
    again = pages.browser().get(f"{pages.door('consent')}?lang=et").text
    assert "ei ole enam" in again


def test_confirm_place(pages: Pages) -> None:
    crew = pages.world.apply("Võru").selected("I")
    door = pages.door("confirm_place", person=crew.contact.address)
    assert "5. aprill 2022" in pages.browser().get(f"{door}?lang=et").text
    assert "Koht on teie." in give(pages, door, answer="yes").text
    assert crew.state == "workshop_1"
    deputy = pages.browser().get(f"{pages.door('confirm_place', person=crew.people()[1].address)}?lang=et").text
    assert "Sellele on vastatud" in deputy and crew.contact.name in deputy


def test_rsvp_may_be_said_again(pages: Pages) -> None:
    confirmed(pages.world, "Võru", "I")
    door = pages.door("rsvp")
    for value, words in (("maybe", "võib-olla tulete"), ("no", "ei tule"), ("yes", "tulete")):
        assert words in give(pages, door, answer=value).text
        with pages.db.reading() as session:
            assert value in set(session.scalars(sa.select(Invitation.expected)))


def test_roll_call(pages: Pages) -> None:
    crew = travelling(pages)
    people, door = crew.people(), pages.door("roll_call")
    refused(pages, door, "Valige vastus")
    refused(pages, door, "Märkige, kes puudusid", answer="some")
    both = refused(pages, door, "Kumb on õige?", answer="all", absent=[str(people[1].id)])
    assert re.search(rf'value="{people[1].id}" checked', both)
    refused(pages, door, "Märkige, kes puudusid", answer="some", absent=["999999"])
    answer = give(pages, door, answer="some", absent=[str(people[1].id)])
    assert "Kohal 3" in answer.text and people[1].name in answer.text
    with pages.db.reading() as session:
        seats = {s.person_id: s.present for s in session.scalars(sa.select(Attendance)) if s.stage == "workshop_1"}
    assert seats == {p.id: p is not people[1] for p in people}


def test_roll_call_with_everybody(pages: Pages) -> None:
    travelling(pages)
    assert "Kõik olid kohal" in give(pages, pages.door("roll_call"), answer="all").text


def test_homework_with_a_file_and_words(pages: Pages) -> None:
    crew = travelling(pages)
    refused(pages, pages.door("homework"), "Lisage fail või kirjutage")
    refused(pages, pages.door("homework"), "Fail on tühi", files=(io.BytesIO(b""), "tühi.pdf"))
    found = submitted(pages, crew)
    assert found.text == "Kaart on lisatud." and found.status == "handed_in"
    with pages.db.reading() as session:
        kept = session.scalars(sa.select(File)).one()
        assert kept.content == PDF and kept.size == len(PDF)


def test_a_newer_version_may_be_sent_until_it_is_read(pages: Pages) -> None:
    crew = travelling(pages)
    submitted(pages, crew)
    door = pages.door("homework")
    assert "uue versiooni" in pages.browser().get(f"{door}?lang=et").text
    assert "Sellele on vastatud" not in give(pages, door, text="Parem tekst.").text
    assert "Töö on kohal" in give(pages, door, text="Veel parem tekst.").text
    give(pages, pages.door("review"), answer="yes")
    before = pages.digest()
    assert "Sellele on vastatud" in give(pages, door, text="Liiga hilja.").text
    assert pages.digest() == before


def test_files_that_are_too_large_are_refused_with_their_names(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    travelling(pages)
    limits = pages.world.config.programme.limits.model_copy(update={"upload_bytes": 10, "team_bytes": 30})
    programme = pages.world.config.programme.model_copy(update={"limits": limits})
    object.__setattr__(pages.world.season, "programme", programme)
    files = [(io.BytesIO(b"x" * 11), "suur.pdf"), (io.BytesIO(b"x"), "väike.pdf")]
    page = refused(pages, pages.door("homework"), "suur.pdf", text="Kiri", files=files)
    assert "Kiri" in page
    small = [(io.BytesIO(b"x" * 10), f"{i}.pdf") for i in range(4)]
    refused(pages, pages.door("homework"), "saab täis", files=small)


MB = 1024 * 1024


def test_files_as_large_as_is_said_are_taken(pages: Pages) -> None:
    travelling(pages)
    most = pages.world.config.programme.limits.upload_bytes
    answer = give(pages, pages.door("homework"), files=(io.BytesIO(b"x" * most), "suur.pdf"))
    assert answer.status_code == 200 and "Töö on kohal" in answer.text
    with pages.db.reading() as session:
        assert session.scalars(sa.select(File.size)).one() == most


def test_what_is_too_large_says_so_and_keeps_the_words_beside_it(pages: Pages) -> None:
    travelling(pages)
    files = (io.BytesIO(b"x" * (60 * MB)), "film.mp4")
    page = refused(pages, pages.door("homework"), "film.mp4", text="Pikk saatesõna.", files=files)
    assert "Pikk saatesõna." in page and "Fail on suurem kui 25 MB" in page


def test_more_files_than_are_taken_are_told_and_none_is_left_out_in_silence(pages: Pages) -> None:
    travelling(pages)
    files = [(io.BytesIO(b"x"), f"{i}.pdf") for i in range(11)]
    assert "Kiri" in refused(pages, pages.door("homework"), "kuni 10 faili", text="Kiri", files=files)


@pytest.mark.parametrize("kind", ["nothing", "rsvp"])
def test_only_those_asked_for_work_may_send_much(pages: Pages, kind: str) -> None:
    travelling(pages)
    door = "/q/" + "a" * 26 if kind == "nothing" else pages.door("rsvp")
    assert give(pages, door, answer="yes", files=(io.BytesIO(b"x" * (2 * MB)), "a.pdf")).status_code == 413


def test_an_expired_form_comes_back_with_what_was_typed(pages: Pages) -> None:
    travelling(pages)
    before = pages.digest()
    data = {"csrf": "0" * 64, "text": "Pikk saatesõna.", "answer": "some"}
    for kind in ("homework", "roll_call"):
        answer = pages.app.test_client().post(f"{pages.door(kind)}?lang=et", data=data)
        assert answer.status_code == 400 and "Vorm aegus, aga kirjutatu on alles" in answer.text
        assert ("Pikk saatesõna." in answer.text) == (kind == "homework")
    assert pages.digest() == before


def test_words_that_come_too_late_are_shown_and_where_things_stand(pages: Pages) -> None:
    crew = travelling(pages)
    submitted(pages, crew)
    give(pages, pages.door("review"), answer="yes")
    page = give(pages, pages.door("review"), answer="return", text="Lisage allikad.").text
    assert "jäi saatmata" in page and "Lisage allikad." in page and "on praegu siin:" in page


def test_review_accepts_or_returns_with_a_comment(pages: Pages) -> None:
    crew = travelling(pages)
    submitted(pages, crew)
    door = pages.door("review")
    page = pages.browser().get(f"{door}?lang=et").text
    assert "Kaart on lisatud." in page and "Kaart õ.pdf" in page
    refused(pages, door, "Kirjutage, mida parandada", answer="return")
    assert "saatsime töö teie märkusega tagasi" in give(pages, door, answer="return", text="Lisage allikad.").text
    again = pages.browser().get(f"{pages.door('homework')}?lang=et").text
    assert "Lisage allikad." in again and "parandada" in again


def test_a_file_is_given_out_to_be_kept_not_opened(pages: Pages) -> None:
    crew = travelling(pages)
    submitted(pages, crew)
    with pages.db.reading() as session:
        number = session.scalars(sa.select(File.id)).one()
    answer = pages.browser().get(f"{pages.door('review')}/file/{number}")
    assert answer.data == PDF and answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "/" not in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert pages.browser().get(f"{pages.door('review')}/file/{number + 1}").status_code == 404
    assert pages.browser().get(f"{pages.door('rsvp')}/file/{number}").status_code == 404


def test_presentation(pages: Pages) -> None:
    crew = confirmed(pages.world, "Kose", "I", until=BEFORE_SEMINAR)
    answer = give(pages, pages.door("presentation", team=crew.id), files=(io.BytesIO(PDF), "slaidid.pdf"))
    assert "Töö on kohal" in answer.text


@pytest.mark.parametrize(
    ("length", "minutes"),
    [("1,5", 90), ("1.5", 90), ("1 h 30 min", 90), ("45 min", 45), ("2 tundi", 120), ("pool tundi", 30)],
)
def test_hours_are_read_as_people_write_them(pages: Pages, length: str, minutes: int) -> None:
    asked_for_hours(pages)
    row = {"hours-0-length": length, "hours-0-day": "2022-07-11", "hours-0-note": "Koosloome kava"}
    answer = give(pages, pages.door("hours"), answer="rows", **row)
    assert "Alles on" in answer.text and "Võta tagasi" in answer.text
    assert reported(pages) == [(minutes, "2022-07-11", "Koosloome kava")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({}, "kui kaua"),
        ({"length": "palju"}, "Kirjutage pikkus"),
        ({"length": "2-3 h"}, "Kirjutage pikkus"),
        ({"length": "30 h"}, "Kirjutage pikkus"),
        ({"length": "1 h", "day": "2022-07-13"}, "juba olnud"),
        ({"length": "1 h", "day": "eile"}, "juba olnud"),
        ({"note": "ainult märkus"}, "Kirjutage pikkus"),
    ],
)
def test_wrong_hours_are_explained_and_kept(pages: Pages, row: dict[str, str], says: str) -> None:
    asked_for_hours(pages)
    data = {f"hours-0-{key}": value for key, value in row.items()}
    page = refused(pages, pages.door("hours"), says, answer="rows", **data)
    assert all(f'value="{value}"' in page for value in row.values())


def test_no_hours_and_the_list_as_booked(pages: Pages) -> None:
    asked_for_hours(pages)
    refused(pages, pages.door("hours"), "Valige vastus", answer="listed")
    assert "tunde ei lisandunud" in give(pages, pages.door("hours"), answer="none").text
    assert reported(pages) == []


def test_the_booked_list_is_confirmed_and_taken_back(pages: Pages) -> None:
    asked_for_hours(pages, booked=True)
    door = pages.door("hours")
    assert "Märgitud 1,5 h" in give(pages, door, answer="listed").text
    assert "Võtsime need tunnid tagasi" in give(pages, door, answer="take_back").text
    before = pages.digest()
    assert "Sellele on vastatud" in give(pages, door, answer="take_back").text or pages.digest() == before


def test_hours_check(pages: Pages) -> None:
    asked_for_hours(pages)
    give(pages, pages.door("hours"), answer="rows", **{"hours-0-length": "2"})
    door = pages.door("hours_check")
    refused(pages, door, "Kirjutage, mis on valesti", answer="no")
    assert "tunnid on valed" in give(pages, door, answer="no", text="Oli üks tund.").text


# -- afterwards ---------------------------------------------------------------------------------------------------


def test_a_second_answer_changes_nothing_and_says_who_answered(pages: Pages) -> None:
    crew = pages.world.apply("Võru")
    door = pages.door("verify")
    give(pages, door, answer="yes")
    before = pages.digest()
    again = give(pages, door, answer="no")
    assert again.status_code == 200 and "Sellele on vastatud" in again.text and "JAH" in again.text
    assert pages.digest() == before and crew.row.verified_at is not None
    assert "koordinaator@example.org" in pages.browser().get(door).text


def test_a_question_whose_time_ran_out_is_explained(pages: Pages) -> None:
    crew = pages.world.apply("Võru").selected("I")
    pages.world.wait(days=9)
    page = pages.browser().get(f"{pages.door('confirm_place', team=crew.id)}?lang=et").text
    assert "aeg sai läbi" in page and "koordinaator@example.org" in page


def test_a_question_that_fell_away_is_explained(pages: Pages) -> None:
    crew = pages.world.apply("Võru").selected("I")
    crew.move(Trigger.WITHDRAW)
    page = pages.browser().get(f"{pages.door('confirm_place', team=crew.id)}?lang=et").text
    assert "langes ära" in page


def ratings_door(pages: Pages) -> str:
    crew = confirmed(pages.world, "Võru", "I")
    return pages.door("reflection", team=crew.id)


def test_ratings_have_no_default_and_may_be_skipped_one_by_one(pages: Pages) -> None:
    door = ratings_door(pages)
    page = pages.browser().get(f"{door}?lang=et").text
    assert page.count('type="radio"') == 12 * 6 and "checked" not in page
    assert "vabatahtlik" in page and 'href="/privacy"' in page and "vastata ka meie kirjale" not in page
    empty = give(pages, door, answer="ratings")
    assert empty.status_code == 400 and "Valige vähemalt üks hinnang" in empty.text
    done = give(pages, door, answer="ratings", **{"rate-know_1": "4", "rate-can_2": "skip", "rate-can_3": "5"})
    assert done.status_code == 200 and "Hinnanguid salvestatud: 2" in done.text


def test_ratings_are_shown_again_to_whoever_gave_them_and_can_be_changed(pages: Pages) -> None:
    door = ratings_door(pages)
    give(pages, door, answer="ratings", **{"rate-know_1": "4"})
    page = pages.browser().get(f"{door}?lang=en").text
    assert page.count("checked") == 1 and "may change them" in page
    give(pages, door, answer="ratings", **{"rate-know_1": "2", "rate-know_9": "5", "rate-can_1": "6"})
    with pages.db.reading() as session:
        rows = session.execute(sa.select(Reflection.outcome, Reflection.rating)).all()
    assert [tuple(row) for row in rows] == [("know_1", 2)]
    pages.world.wait(days=16)
    closed = pages.browser().get(f"{door}?lang=en").text
    assert "This has been answered" in closed and 'type="radio"' not in closed
