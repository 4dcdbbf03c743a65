"""What anybody sees and sends: the programme's page, the info day and the application."""

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa

from tests.web.conftest import Browser, Pages, build
from workflow.database.engine import Database
from workflow.database.models import InfoSignup, LatePass, Person, Question, SentForm, Team

CLOSED = datetime(2022, 2, 27, 22, 0, tzinfo=UTC)


def count(pages: Pages, table: Any) -> int:
    with pages.db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def form_token(browser: Browser, path: str = "/apply") -> str:
    return re.findall(r'name="form" value="([^"]+)"', browser.get(path).text)[0]


def typed(**changes: str) -> dict[str, str]:
    """A whole application, with some of it typed otherwise."""
    data = {
        "rows": "4", "name": "Võru", "home": "Võru vald", "lang": "et", "wish_group": "II", "contact": "0",
        "deputy": "1", "motivation": "Tahame kaasata külasid.", "community": "Neli külaseltsi.", "needs": "",
    }  # fmt: skip
    for i in range(4):
        data |= {
            f"members-{i}-name": f"Liige {i}", f"members-{i}-address": f"liige{i}@example.org",
            f"members-{i}-side": "municipality" if i < 2 else "community", f"members-{i}-post": "",
            f"members-{i}-phone": "",
        }  # fmt: skip
    return data | changes


# -- the programme ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["et", "en"])
def test_the_programme_says_everything_the_config_does(pages: Pages, lang: str) -> None:
    page = pages.browser().get(f"/?lang={lang}").text
    page = page.replace("&#39;", "'").replace("&#34;", '"')
    programme = pages.world.config.programme
    about = programme.about
    wanted = [about.intro, *about.goals, *about.outcomes_know, *about.outcomes_can, *about.who_may_apply]
    wanted += [*about.results, *about.reasons, about.free, about.places, about.form, about.mentoring, about.methodology]
    wanted += [
        *programme.organisers,
        *(s.name for s in programme.stages),
        *(t for s in programme.stages for t in s.topics),
    ]
    wanted += [s.work.instructions for s in programme.stages if s.work]
    wanted += [p.about for p in (*programme.trainers, *programme.coordinators)]
    for text in wanted:
        assert text.say(lang) in page, text.say(lang)
    for part in about.parts:
        assert part.say(lang).partition(": ")[2][1:] in page


def test_dates_are_those_of_both_groups_and_the_seminar(pages: Pages) -> None:
    page = pages.browser().get("/?lang=et").text
    for day in ("5. aprill", "6. aprill", "19. aprill", "20. aprill", "10. mai", "11. mai", "24. mai", "25. mai",
                "14. juuni", "15. juuni", "28. september", "16. veebruar", "21. juuni"):  # fmt: skip
        assert f"{day} 2022" in page


def test_a_session_that_moved_is_shown_where_it_is_now(pages: Pages) -> None:
    with pages.db.writing() as session:
        session.execute(sa.text("UPDATE sessions SET starts_at='2022-04-07 07:00:00', ends_at='2022-04-07 14:00:00' "
                                "WHERE stage='workshop_1' AND group_key='I'"))  # fmt: skip
    page = pages.browser().get("/?lang=et").text
    assert "7. aprill 2022" in page and "5. aprill 2022" not in page


def test_the_deadline_has_its_hour_and_the_time_left(pages: Pages) -> None:
    browser = pages.browser()
    assert "27. veebruaril kell 24.00" in browser.get("/?lang=et").text
    assert "26 päeva" in browser.get("/?lang=et").text
    pages.world.now = CLOSED - timedelta(minutes=61)
    assert "1 tund 1 minut" in browser.get("/?lang=et").text
    pages.world.now = CLOSED
    assert "Taotlusvoor lõppes" in browser.get("/?lang=et").text
    assert 'href="/apply">Täida' not in browser.get("/").text


def test_meetings_stand_in_the_order_in_which_they_come(pages: Pages) -> None:
    page = pages.browser().get("/?lang=et").text
    table = page.partition('id="dates"')[2].partition('id="stages"')[0]
    rows = re.findall(r'<th scope="row">([^<]+)</th>', table)
    assert rows == ["Infopäev", *(f"{n} töötuba" for n in ("I", "II", "III", "IV", "V")), "Nõustamine", "Lõpuseminar"]


# -- the info day -------------------------------------------------------------------------------------------------


def test_a_guest_is_put_down_and_welcomed_with_a_calendar_file(pages: Pages) -> None:
    browser = pages.browser()
    answer = browser.post("/info-day", {"name": "Anu Tamm", "address": "anu@example.org"}, follow_redirects=True)
    assert (answer.status_code == 200 and "postkasti" in answer.text) or "mailbox" in answer.text
    mail = pages.world.messages("info_day")[0]
    assert mail.calendar is not None and b"METHOD:PUBLISH" in mail.calendar and b"20220216" in mail.calendar
    assert count(pages, InfoSignup) == 1


@pytest.mark.parametrize("lang", ["et", "en"])
def test_the_info_day_can_be_taken_into_any_calendar(pages: Pages, lang: str) -> None:
    browser = pages.browser()
    assert 'href="/info-day.ics"' in browser.get(f"/info-day?lang={lang}").text
    before, answer = pages.digest(), browser.get(f"/info-day.ics?lang={lang}")
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    info = pages.world.config.programme.info_day
    assert info is not None and (event.decoded("dtstart"), event.decoded("dtend")) == (info.start, info.end)
    assert info.name.say(lang) in event["summary"] and answer.mimetype == "text/calendar"
    assert pages.digest() == before


def test_the_same_guest_twice_is_one_guest_and_is_told_nothing_else(pages: Pages) -> None:
    answers = [
        pages.browser().post("/info-day", {"name": n, "address": a}, follow_redirects=True).text
        for n, a in [("Anu", "anu@example.org"), ("Anu T", "ANU@example.org"), ("Jaan", "jaan@example.org")]
    ]
    assert len({re.sub(r'value="[0-9a-f]{64}"', "", one) for one in answers}) == 1
    assert count(pages, InfoSignup) == 2 and len(pages.world.messages("info_day")) == 2


@pytest.mark.parametrize(
    ("name", "address", "says"),
    [
        ("", "anu@example.org", "Kirjutage oma nimi"),
        ("Anu", "anu", "Kirjutage meiliaadress"),
        ("Anu http://evil.example", "anu@example.org", "ainult nimi"),
        ("x" * 90, "anu@example.org", "ainult nimi"),
        ("Anu", "a@b>\r\nRCPT TO:<x@example.org", "Kirjutage meiliaadress"),
    ],
)
def test_what_is_wrong_with_a_guest_is_said_and_kept(pages: Pages, name: str, address: str, says: str) -> None:
    before = pages.digest()
    answer = pages.browser().post("/info-day?lang=et", {"name": name, "address": address})
    assert answer.status_code == 400 and says in answer.text and 'id="faults"' in answer.text
    assert f'value="{name}"' in answer.text
    assert pages.digest() == before


def test_after_the_info_day_nobody_is_put_down(pages: Pages) -> None:
    pages.world.now = datetime(2022, 2, 17, tzinfo=UTC)
    assert "läbi" in pages.browser().get("/info-day?lang=et").text
    assert pages.browser().post("/info-day", {"name": "Anu", "address": "anu@example.org"}).status_code == 400
    assert count(pages, InfoSignup) == 0


# -- the application ----------------------------------------------------------------------------------------------


def test_an_application_comes_in_and_is_read_back_whole(pages: Pages) -> None:
    browser = pages.browser()
    sent = browser.post("/apply?lang=et", typed(form=form_token(browser)))
    assert sent.status_code == 303
    receipt = browser.get(sent.headers["Location"]).text
    for value in ("Võru vald", "II rühm", "Tahame kaasata külasid.", "Neli külaseltsi.", "liige3@example.org", "JAH"):
        assert value in receipt
    mail = pages.world.messages("verify")[0]
    assert mail.to_address == "liige0@example.org"
    assert not pages.world.messages("consent"), "nobody else is written to at a stranger's word"
    with pages.db.reading() as session:
        parts = {p.address: p.part for p in session.scalars(sa.select(Person).where(Person.role == "member"))}
    assert parts["liige0@example.org"] == "contact" and parts["liige1@example.org"] == "deputy"


def test_sent_twice_it_is_one_application_with_the_same_receipt(pages: Pages) -> None:
    browser = pages.browser()
    data = typed(form=form_token(browser))
    first, second = browser.post("/apply", data), browser.post("/apply", data | {"name": "Muu"})
    assert first.headers["Location"] == second.headers["Location"]
    assert count(pages, Team) == 1 and len(pages.world.messages("verify")) == 1


def test_pressed_twice_at_the_same_moment_it_is_one_application(db: Database) -> None:
    pages = build(db)
    browser = pages.browser()
    data = typed(form=form_token(browser), csrf=browser.token())
    cookie = browser.client.get_cookie("browser")
    assert cookie is not None
    answers: list[int] = []

    def send() -> None:
        client = pages.app.test_client()
        client.set_cookie("browser", cookie.value)
        answers.append(client.post("/apply", data=data).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 4 and count(pages, Team) == 1


def test_the_receipt_is_for_the_browser_that_sent_it(pages: Pages) -> None:
    browser = pages.browser()
    where = browser.post("/apply", typed(form=form_token(browser))).headers["Location"]
    assert browser.get(where).status_code == 200
    assert pages.browser().get(where).status_code == 404
    assert browser.get("/apply/received/" + "0" * 32).status_code == 404


WRONG = [
    ({"name": ""}, "name", "Kirjutage meeskonna nimi"),
    ({"home": " \u200b".replace("\u200b", "")}, "home", "Täitke väli „Omavalitsus“"),
    ({"name": "x" * 201}, "name", "Lühendage"),
    ({"motivation": ""}, "motivation", "Vastake küsimusele"),
    ({"community": "y" * 2001}, "community", "Lühendage"),
    ({"members-1-name": ""}, "members-1-name", "Kirjutage liikme nimi"),
    ({"members-1-address": "jaan"}, "members-1-address", "Kirjutage meiliaadress"),
    ({"members-1-address": "LIIGE0@example.org"}, "members-1-address", "juba teisel liikmel"),
    ({"members-2-side": ""}, "members-2-side", "Valige, kes liige on"),
    ({"members-2-side": "mõlemat"}, "members-2-side", "Valige, kes liige on"),
    ({"members-3-side": "municipality"}, "members", "Puudu on 1 kogukonna esindaja"),
    ({"rows": "3"}, "members", "puudu"),
    ({"rows": "0"}, "members", "puudu"),
    ({"deputy": "0"}, "deputy", "keegi teine"),
    ({"contact": "9"}, "contact", "Valige kontaktisikuks"),
    ({"deputy": "9"}, "deputy", "Valige asendajaks"),
]


@pytest.mark.parametrize(("change", "field", "says"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_all_is_kept(
    pages: Pages, change: dict[str, str], field: str, says: str
) -> None:
    browser = pages.browser()
    data = typed(form=form_token(browser), **change)
    before = pages.digest()
    answer = browser.post("/apply?lang=et", data)
    assert answer.status_code == 400 and pages.digest() == before
    assert f'href="#{field}"' in answer.text, "the summary leads to the field"
    assert f'id="{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert says in answer.text
    rows = int(data["rows"])
    for key, value in data.items():
        number = re.match(r"members-(\d)-(name|address)", key)
        if value and ((number and int(number[1]) < rows) or key in ("name", "home", "motivation", "form")):
            assert value in answer.text, key


def test_every_fault_is_told_in_one_go(pages: Pages) -> None:
    browser = pages.browser()
    answer = browser.post("/apply", {"form": form_token(browser), "rows": "4"})
    assert answer.text.count('<li><a href="#') == 5


def test_rows_come_and_go_without_javascript(pages: Pages) -> None:
    browser = pages.browser()
    data, before = typed(form=form_token(browser)), pages.digest()
    more = browser.post("/apply", data | {"add": "1"})
    assert more.status_code == 200 and 'name="members-4-name"' in more.text and 'value="Liige 3"' in more.text
    less = browser.post("/apply", data | {"remove": "0"})
    assert less.text.count("data-member>") == 3 and "Liige 0" not in less.text and 'value="Liige 1"' in less.text
    assert 'name="rows" value="3"' in less.text
    assert re.search(r'<option value="0"[^>]* selected>Liige 1', less.text), "the deputy is still the same person"
    assert pages.digest() == before


def test_more_rows_than_allowed_are_not_given(pages: Pages) -> None:
    browser = pages.browser()
    most = pages.world.config.programme.limits.members
    answer = browser.post("/apply", {"form": form_token(browser), "rows": str(most), "add": "1"})
    assert answer.text.count("data-member>") == most


def test_the_meter_counts_what_was_typed(pages: Pages) -> None:
    browser = pages.browser()
    answer = browser.post("/apply", typed(form=form_token(browser), **{"members-3-address": "", "members-3-name": ""}))
    assert [*map(int, re.findall(r"<span data-count>(\d+)</span>", answer.text))] == [2, 1, 3]


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "{{7*7}}", "\x00\ud800".encode("utf-8", "replace").decode()]
)
def test_hostile_words_stay_words(pages: Pages, value: str) -> None:
    browser = pages.browser()
    sent = browser.post("/apply", typed(form=form_token(browser), name=f"T{value}", motivation=value + "x"))
    page = browser.get(sent.headers["Location"]).text
    assert "<script>alert" not in page and "T49" not in page


@pytest.mark.parametrize(("when", "says"), [
    (datetime(2022, 1, 31, 21, 59, tzinfo=UTC), "ei ole veel avatud"), (CLOSED, "tähtaeg on möödas"),
])  # fmt: skip
def test_outside_the_window_the_form_is_explained_and_refused(pages: Pages, when: datetime, says: str) -> None:
    browser = pages.browser()
    data = typed(form=form_token(browser))
    pages.world.now = when
    assert says in browser.get("/apply?lang=et").text
    assert browser.post("/apply", data).status_code == 400 and count(pages, Team) == 0


def test_the_last_moment_is_in_time(pages: Pages) -> None:
    browser = pages.browser()
    data = typed(form=form_token(browser))
    pages.world.now = CLOSED - timedelta(seconds=1)
    assert browser.post("/apply", data).status_code == 303


def test_a_pass_opens_the_form_once_until_its_time(pages: Pages) -> None:
    pages.world.now = CLOSED + timedelta(days=1)
    secret = "hilineja0000000000000000001"
    with pages.db.writing() as session:
        session.add(LatePass(secret=secret, address="a@example.org", why="", until=CLOSED + timedelta(days=3)))
    browser = pages.browser()
    form = form_token(browser, f"/apply?pass={secret}")
    assert 'name="pass"' in browser.get(f"/apply?pass={secret}").text
    assert browser.post("/apply", typed(form=form)).status_code == 400, "without the pass it is late"
    assert browser.post("/apply", typed(form=form, **{"pass": secret})).status_code == 303
    with pages.db.reading() as session:
        assert session.scalars(sa.select(Team)).one().late_pass
    assert "kasutatud" in browser.get(f"/apply?pass={secret}&lang=et").text
    other = typed(form="x" * 32, **{"pass": secret})
    assert pages.browser().post("/apply", other).status_code == 400


@pytest.mark.parametrize("secret", ["", "x", "%00", "' OR 1=1", "a" * 99])
def test_no_other_pass_opens_the_form(pages: Pages, secret: str) -> None:
    pages.world.now = CLOSED
    assert 'name="form"' not in pages.browser().get(f"/apply?pass={secret}").text


def test_nothing_personal_stands_in_what_is_noted_of_a_form(pages: Pages) -> None:
    browser = pages.browser()
    form = form_token(browser)
    browser.post("/apply", typed(form=form))
    cookie = browser.client.get_cookie("browser")
    with pages.db.reading() as session:
        row = session.scalars(sa.select(SentForm)).one()
    assert cookie is not None and form not in row.form_hash and cookie.value not in row.browser_hash
    assert count(pages, Question) == 1
