"""The second step: set up once, shown at each sign-in, never used twice, lost and found again."""

import re
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from mail.composing import samples
from tests.web.conftest import KEY, Browser, Pages, build
from web.access.sessions import OFFICE
from workflow.config.settings import SecondFactorPolicy as Wanted
from workflow.database.engine import Database
from workflow.database.models import Alert, Base, Message, Person, RecoveryCode, SecondFactor, WebSession
from workflow.sign_in import second_factors

COORDINATOR = "koordinaator@example.org"
SECOND = "/signin/second"


def half(pages: Pages, address: str = COORDINATOR) -> Browser:
    """Somebody whose link was good."""
    browser = pages.browser()
    browser.post("/signin", {"address": address})
    assert browser.post(pages.link()).headers["Location"] == SECOND
    return browser


def key(page: str) -> str:
    found = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)
    assert found is not None, page
    return found[1].replace(" ", "")


def totp(pages: Pages, shared: str, later: int = 0) -> str:
    return pyotp.TOTP(shared).at(int(pages.world.now.timestamp()) + later)


def set_up(pages: Pages, browser: Browser) -> tuple[str, list[str]]:
    """The app's key and the codes on paper of somebody who signs in for the first time."""
    shared = key(browser.get(SECOND).text)
    done = browser.post(f"{SECOND}/new/app", {"code": totp(pages, shared)})
    assert done.status_code == 200, done.text
    return shared, re.findall(r"<li><code>([\w-]+)</code>", done.text)


def is_in(browser: Browser) -> bool:
    return browser.get("/office").status_code == 200


def rows(pages: Pages, table: type[Base]) -> list[Any]:
    with pages.db.reading() as session:
        return list(session.execute(sa.select(table.__table__)))


def test_half_a_session_opens_nothing(pages: Pages) -> None:
    browser = half(pages)
    for path in ("/office", "/office/people", "/sign-ins", "/staff/trainer"):
        assert browser.get(path).status_code == 303 and "/signin?" in browser.get(path).headers["Location"]
    assert browser.post("/sign-ins/codes").status_code == 303


def test_the_app_is_set_up_at_the_first_sign_in_and_asked_at_the_next(pages: Pages) -> None:
    browser = half(pages)
    shared, paper = set_up(pages, browser)
    assert is_in(browser) and len(paper) == len(set(paper)) == 10
    assert all(code not in browser.get(path).text for code in paper for path in ("/sign-ins", SECOND))
    again = half(pages)
    assert 'name="code"' in again.get(SECOND).text and "<svg" not in again.get(SECOND).text.partition("<main")[2]
    assert again.post(f"{SECOND}/code", {"code": totp(pages, shared, 30)}).headers["Location"] == "/office"
    assert is_in(again)


def test_a_wrong_code_sets_nothing_up(pages: Pages) -> None:
    browser = half(pages)
    for wrong in ("000000", "", "abcdef", "123", "9" * 40):
        assert browser.post(f"{SECOND}/new/app", {"code": wrong}).status_code == 400
    assert rows(pages, SecondFactor) == [] and not is_in(browser)


def test_no_code_is_taken_twice(pages: Pages) -> None:
    shared, _ = set_up(pages, half(pages))
    used = totp(pages, shared)
    assert half(pages).post(f"{SECOND}/code", {"code": used}).status_code == 400
    fresh = totp(pages, shared, 30)
    assert half(pages).post(f"{SECOND}/code", {"code": fresh}).status_code == 303
    assert half(pages).post(f"{SECOND}/code", {"code": fresh}).status_code == 400
    assert half(pages).post(f"{SECOND}/code", {"code": totp(pages, shared, 3600)}).status_code == 400


def test_a_code_on_paper_cannot_be_guessed(pages: Pages) -> None:
    _, paper = set_up(pages, half(pages))
    assert len(set(paper)) == 10
    assert all(re.fullmatch(r"([a-z0-9]{4}-){6}[a-z0-9]{2}", code) for code in paper), paper


def test_a_code_on_paper_opens_once(pages: Pages) -> None:
    _, paper = set_up(pages, half(pages))
    typed = paper[3].upper().replace("-", " ")
    first = half(pages)
    assert first.post(f"{SECOND}/code", {"code": typed}).status_code == 303 and is_in(first)
    assert half(pages).post(f"{SECOND}/code", {"code": typed}).status_code == 400
    assert half(pages).post(f"{SECOND}/code", {"code": paper[4]}).status_code == 303


def test_neither_keys_nor_codes_stand_in_the_database(pages: Pages) -> None:
    shared, paper = set_up(pages, half(pages))
    kept = repr([*rows(pages, SecondFactor), *rows(pages, RecoveryCode)])
    assert shared not in kept and not any(code.replace("-", "") in kept or code in kept for code in paper)
    assert KEY not in kept and len(rows(pages, RecoveryCode)) == 10


def test_five_tries_end_the_half_session_but_lock_nobody_out(pages: Pages) -> None:
    shared, _ = set_up(pages, half(pages))
    thief = half(pages)
    answers = [thief.post(f"{SECOND}/code", {"code": "000000"}) for _ in range(6)]
    assert [a.status_code for a in answers] == [400] * 5 + [303]
    assert answers[-1].headers["Location"] == "/signin?why=tries"
    assert thief.post(f"{SECOND}/code", {"code": totp(pages, shared, 30)}).headers["Location"] == "/signin"
    owner = half(pages)
    assert owner.post(f"{SECOND}/code", {"code": totp(pages, shared, 30)}).status_code == 303 and is_in(owner)


def test_guessing_on_and_on_tells_the_coordinators_and_leaves_paper_codes_working(pages: Pages) -> None:
    _, paper = set_up(pages, half(pages))
    for round_of_links in range(5):
        thief = half(pages)
        for _ in range(5):
            thief.post(f"{SECOND}/code", {"code": "000000"})
        pages.world.wait(minutes=4 if round_of_links < 4 else 0)
    (told,) = (row for row in rows(pages, Alert) if row.kind == "sign_in")
    assert "Kati-Katri Koppel" in told.says["et"]
    pages.world.wait(minutes=16)
    assert half(pages).post(f"{SECOND}/code", {"code": paper[0]}).status_code == 303


def test_half_a_session_ends_after_ten_minutes(pages: Pages) -> None:
    shared, _ = set_up(pages, half(pages))
    late = half(pages)
    pages.world.wait(minutes=11)
    assert late.post(f"{SECOND}/code", {"code": totp(pages, shared)}).headers["Location"] == "/signin"
    assert not is_in(late)


def test_the_session_gets_a_new_id_at_each_step(pages: Pages) -> None:
    browser = pages.browser()
    seen = []
    for step in (lambda: browser.post("/signin", {"address": COORDINATOR}), lambda: browser.post(pages.link())):
        step()
        cookie = browser.client.get_cookie("session")
        seen.append(cookie.value.partition(".")[0] if cookie else "")
    set_up(pages, browser)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    seen.append(cookie.value.partition(".")[0])
    assert seen[0] == "" and len(set(seen)) == 3
    browser.client.set_cookie("session", cookie.value.replace(seen[2], seen[1]))
    assert not is_in(browser)


def test_looking_at_the_pages_of_the_second_step_changes_nothing(pages: Pages) -> None:
    browser = half(pages)
    before = pages.digest()
    pages_seen = {browser.get(path).text for path in (SECOND, f"{SECOND}/new") for _ in range(3)}
    assert len({key(page) for page in pages_seen}) == 1 and pages.digest() == before


def test_trainers_are_offered_and_coordinators_are_required(sqlite_db: Database) -> None:
    pages = build(sqlite_db)
    trainer = pages.world.season.programme.trainers[0].address
    browser = pages.browser()
    browser.post("/signin", {"address": trainer})
    assert browser.post(pages.link()).headers["Location"] == "/staff/trainer"
    shared = key(browser.get(f"{SECOND}/new").text)
    assert browser.post(f"{SECOND}/new/app", {"code": totp(pages, shared)}).status_code == 200
    assert half(pages, trainer).post(f"{SECOND}/code", {"code": totp(pages, shared, 30)}).status_code == 303
    assert {"coordinator", "reader"} == OFFICE == second_factors.WATCHED


def test_where_the_config_says_so_everyone_has_to_have_a_second_factor(sqlite_db: Database) -> None:
    web = build(sqlite_db).world.config.service.web.model_copy(update={"second_factor": Wanted.EVERYONE})
    pages = build(sqlite_db, settings={"web": web})
    trainer = pages.world.season.programme.trainers[0].address
    browser = half(pages, trainer)
    set_up(pages, browser)
    assert browser.get("/staff/trainer").status_code == 200


# -- changing and resetting -----------------------------------------------------------------------------------------


def test_changing_ways_in_asks_again_after_ten_minutes(pages: Pages) -> None:
    browser = half(pages)
    shared, paper = set_up(pages, browser)
    assert browser.get(f"{SECOND}/new").status_code == 200
    pages.world.wait(minutes=11)
    for path in ("/sign-ins/codes", "/sign-ins/factor/1/remove"):
        assert browser.post(path).headers["Location"] == f"{SECOND}?next=/sign-ins"
    assert browser.get(f"{SECOND}/new").status_code == 303
    assert browser.post(f"{SECOND}/new/app", {"code": totp(pages, shared)}).status_code == 403
    old = browser.client.get_cookie("session")
    assert browser.post(f"{SECOND}/code", {"code": totp(pages, shared), "next": "/sign-ins"}).status_code == 303
    assert old is not None and browser.client.get_cookie("session") != old
    new = browser.post("/sign-ins/codes").text
    assert len(re.findall(r"<li><code>", new)) == 10 and paper[0] not in new
    assert half(pages).post(f"{SECOND}/code", {"code": paper[0]}).status_code == 400


def test_the_last_second_factor_of_a_coordinator_stays(pages: Pages) -> None:
    browser = half(pages)
    set_up(pages, browser)
    assert browser.post("/sign-ins/factor/1/remove").status_code == 303
    assert len(rows(pages, SecondFactor)) == 1
    shared = key(browser.get(f"{SECOND}/new").text)
    assert browser.post(f"{SECOND}/new/app", {"code": totp(pages, shared)}).headers["Location"] == "/sign-ins"
    assert browser.post("/sign-ins/factor/1/remove").status_code == 303
    assert [row.id for row in rows(pages, SecondFactor)] == [2]


def colleague(pages: Pages) -> Person:
    with pages.db.writing() as session:
        person = Person(
            role="coordinator", key="teine", name="Teine Koordinaator", address="teine@example.org",
            address_key="teine@example.org", lang="et", joined_at=pages.world.now,
        )  # fmt: skip
        session.add(person)
        session.flush()
        return person


def test_a_colleague_resets_a_lost_second_step_and_everybody_is_told(pages: Pages) -> None:
    other = colleague(pages)
    lost = pages.browser()
    lost.sign_in(pages, COORDINATOR)
    helper = pages.browser()
    helper.sign_in(pages, other.address)
    with pages.db.reading() as session:
        mine = session.scalars(sa.select(Person).where(Person.address == COORDINATOR)).first()
    assert mine is not None
    path = f"/office/people/{mine.id}/sign-ins"
    assert "Teine aste" in helper.get(f"{path}?lang=et").text
    assert helper.post(f"{path}/reset").status_code == 303 and is_in(lost)
    assert helper.post(f"{path}/reset", {"sure": "yes"}).status_code == 303
    assert not is_in(lost) and [r.person_id for r in rows(pages, SecondFactor)] == [other.id]
    assert {m.to_address for m in pages.world.messages("alert")} == {COORDINATOR, other.address}
    assert "<svg" in half(pages).get(SECOND).text


def test_nobody_resets_their_own(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    (row,) = rows(pages, SecondFactor)
    browser.post(f"/office/people/{row.person_id}/sign-ins/reset", {"sure": "yes"})
    assert rows(pages, SecondFactor) == [row]


# -- every change is told by mail -----------------------------------------------------------------------------------


def told(pages: Pages) -> list[tuple[str, str]]:
    """Whom the mails about changes went to since the last look, and what they say was changed."""
    with pages.db.writing() as session:
        query = sa.select(Message).where(Message.template == "sign_in_changed").order_by(Message.id)
        found = [(row.to_address, row.body) for row in session.scalars(query)]
        session.execute(sa.delete(Message).where(Message.template == "sign_in_changed"))
    return found


def changes(pages: Pages) -> list[tuple[str, str]]:
    """The same, with the words in bold that name the change."""
    return sorted((to, re.findall(r"\*\*([^*]+)\*\*", body)[-1]) for to, body in told(pages))


def test_a_stranger_with_the_mailbox_sets_up_a_second_step_and_the_other_coordinators_hear_of_it(pages: Pages) -> None:
    """Whoever reads the mailbox can drop the person's own copy, and not their colleagues'."""
    other = colleague(pages)
    thief = half(pages)
    thief.client.environ_base["HTTP_USER_AGENT"] = "Firefox/1 Windows"
    set_up(pages, thief)
    theirs, others = sorted(told(pages), key=lambda mail: mail[0])
    assert (theirs[0], others[0]) == (COORDINATOR, other.address)
    for _, body in (theirs, others):
        assert "seati üles koode näitav äpp" in body and "kell " in body and "Firefox, Windows" in body
    assert "http://localhost:8080/sign-ins>" in theirs[1] and "vahetage postkasti parool" in theirs[1]
    (page,) = re.findall(r"http://localhost:8080(/office/people/\d+/sign-ins)>", others[1])
    helper = pages.browser()
    helper.sign_in(pages, other.address)
    assert "Kati-Katri Koppel" in others[1] and "Kati-Katri Koppel" in helper.get(page).text
    helper.post(f"{page}/end")
    assert not is_in(thief)


def test_each_change_of_a_coordinators_second_step_is_told_and_nothing_else_is(pages: Pages) -> None:
    both = (COORDINATOR, colleague(pages).address)
    browser = half(pages)
    assert browser.post(f"{SECOND}/new/app", {"code": "000000"}).status_code == 400 and told(pages) == []
    set_up(pages, browser)
    assert changes(pages) == [(one, "seati üles koode näitav äpp") for one in both]
    browser.post("/sign-ins/codes")
    assert changes(pages) == [(one, "tehti uued koodid paberile, vanad enam ei kehti") for one in both]
    browser.post("/sign-ins/factor/1/remove")  # the last one stays
    assert told(pages) == []
    shared = key(browser.get(f"{SECOND}/new").text)
    browser.post(f"{SECOND}/new/app", {"code": totp(pages, shared)})
    assert changes(pages) == [(one, "seati üles koode näitav äpp") for one in both]
    browser.post("/sign-ins/factor/1/remove")
    assert changes(pages) == [(one, "eemaldati koode näitav äpp") for one in both]
    browser.get("/sign-ins")
    half(pages).post(f"{SECOND}/code", {"code": totp(pages, shared, 30)})
    assert told(pages) == [], "looking and signing in change nothing"


def test_a_trainers_second_step_is_told_to_the_trainer_alone(pages: Pages) -> None:
    colleague(pages)
    trainer = pages.world.season.programme.trainers[0].address
    browser = pages.browser()
    browser.post("/signin", {"address": trainer})
    browser.post(pages.link())
    shared = key(browser.get(f"{SECOND}/new").text)
    browser.post(f"{SECOND}/new/app", {"code": totp(pages, shared)})
    assert [to for to, _ in told(pages)] == [trainer]
    with pages.db.writing() as session:
        assert second_factors.reset_address(pages.world.season, session, trainer, "kolleeg", pages.world.now) == 1
    ((to, what),) = changes(pages)
    assert to == trainer and "nullis" in what


def test_every_change_has_its_words_in_both_languages_and_a_row_in_both_mails(pages: Pages) -> None:
    seen = 0
    for change, text in second_factors.CHANGES.items():
        for lang in ("et", "en"):
            for own in (True, False):
                facts = {**samples.sample("sign_in_changed"), "what": text, "own": own}
                mail = pages.world.composer.preview("sign_in_changed", lang, facts)
                assert text.say(lang) in " ".join(mail.text.split()), (change, lang, own)
                seen += 1
    assert seen == 4 * 6


# -- where I am signed in -------------------------------------------------------------------------------------------


def test_my_sign_ins_are_listed_and_ended_one_by_one_or_all(pages: Pages) -> None:
    here, there, third = pages.browser(), pages.browser(), pages.browser()
    for browser, agent in ((here, "Firefox/1 Windows"), (there, "Chrome/1 Android"), (third, "Safari/1 iPhone")):
        browser.client.environ_base["HTTP_USER_AGENT"] = agent
        assert browser.sign_in(pages, COORDINATOR).status_code == 303
    page = here.get("/sign-ins").text
    assert all(name in page for name in ("Firefox, Windows", "Chrome, Android", "Safari, iOS"))
    standing = [row for row in rows(pages, WebSession) if not row.half and row.ended_at is None]
    android = next(row.id for row in standing if row.browser == "Chrome, Android")
    here.post("/sign-ins/end", {"which": android})
    assert not is_in(there) and is_in(third) and is_in(here)
    here.post("/sign-ins/end", {"which": "all"})
    assert not is_in(third) and not is_in(here)
    assert all(row.ended_at for row in rows(pages, WebSession))


def test_nobody_ends_the_sign_ins_of_others(pages: Pages) -> None:
    known = pages.browser()
    known.sign_in(pages, COORDINATOR)
    trainer = pages.browser()
    trainer.sign_in(pages, pages.world.season.programme.trainers[0].address)
    with pages.db.reading() as session:
        mine = session.scalars(sa.select(Person.id).where(Person.address == COORDINATOR)).one()
    others = [row.id for row in rows(pages, WebSession) if row.person_id == mine and not row.ended_at]
    assert len(others) == 1
    for which in others:
        assert trainer.post("/sign-ins/end", {"which": which}).status_code == 303
    assert is_in(known) and trainer.get("/sign-ins").status_code == 200


@pytest.mark.parametrize(("minutes", "stays"), [(29, True), (31, False)])
def test_the_office_is_left_after_half_an_hour_of_nothing(pages: Pages, minutes: int, stays: bool) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    pages.world.wait(minutes=minutes)
    assert is_in(browser) is stays


def test_trainers_are_left_in_for_two_hours(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, pages.world.season.programme.trainers[0].address)
    pages.world.wait(minutes=119)
    assert browser.get("/staff/trainer").status_code == 200
    pages.world.wait(minutes=121)
    assert browser.get("/staff/trainer").status_code == 303


def test_twelve_hours_are_the_most_however_busy(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    for _ in range(12 * 60 // 29):
        pages.world.wait(minutes=29)
        assert is_in(browser)
    pages.world.wait(minutes=29)
    assert not is_in(browser)
