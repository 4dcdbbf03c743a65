"""Mails that people cause who have confirmed nothing: to whom they go, how many they are, and what is told of it.

CAUSES is every form that anybody may send without signing in, with what keeps its mails few; a form that is not there
fails the test.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from mail.composing import samples
from mail.handling import bounce_effects
from tests.builders import Crew, World
from tests.web.conftest import Browser, Pages, build
from tests.web.public.test_drafts import begun, fields
from tests.web.public.test_programme import count, form_token, typed
from web.access import roles
from web.access.gate import OPEN_ROOMS
from workflow.database.engine import Database
from workflow.database.models import Alert, Draft, Duty, InfoSignup, Message, Person, Question, Team
from workflow.journey import members, moves
from workflow.records import first_mails, mail_quota
from workflow.records.mail_quota import MailCause
from workflow.rules.machine import Refusal, Trigger
from workflow.schedule import clock_ahead, tick
from workflow.sign_in import links

OUTSIDE: Final = {"REMOTE_ADDR": "192.0.2.7"}
COORDINATOR: Final = "koordinaator@example.org"


def apply(pages: Pages, n: int, place: str | None = None, **changes: str) -> TestResponse:
    """A stranger's application, with addresses of its own."""
    browser = pages.browser()
    named = {f"members-{i}-address": f"voor{n}-{i}@example.org" for i in range(4)}
    data = typed(form=form_token(browser), name=f"Meeskond {n}", **named | changes)
    return browser.post("/apply?lang=et", data, environ_base={"REMOTE_ADDR": place or f"192.0.{n // 200}.{n % 200}"})


def keep(pages: Pages, n: int) -> TestResponse:
    browser = pages.browser()
    data = begun(form=form_token(browser), **{"members-0-address": f"mustand{n}@example.org"})
    return browser.post("/apply?lang=et", data, environ_base=OUTSIDE)


def mail_draft(pages: Pages, n: int) -> TestResponse:
    browser = pages.browser()
    path = keep(pages, 0).headers.get("Location") if n == 0 else None
    path = path or _draft_path(pages)
    return browser.post(path, {"mails": str(n + 1)}, environ_base=OUTSIDE)


def _draft_path(pages: Pages) -> str:
    return re.findall(r"http://localhost:8080(/apply/draft/[a-z0-9]+)", pages.world.messages("draft")[0].body)[0]


def sign_up(pages: Pages, n: int) -> TestResponse:
    data = {"name": "Anu Tamm", "address": f"kylaline{n}@example.org"}
    return pages.browser().post("/info-day?lang=et", data, environ_base=OUTSIDE)


def ask_link(pages: Pages, n: int) -> TestResponse:
    pages.world.now += timedelta(minutes=4)
    answer = pages.browser().post("/signin", {"address": COORDINATOR}, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"})
    links.post_links(pages.world.season, pages.db, pages.world.now)
    return answer


NO_MAIL: Final = "no mail without a secret that was mailed before"
CAUSES: Final[Mapping[str, Callable[[Pages, int], TestResponse] | str]] = {
    "public.send": lambda pages, n: apply(pages, n, OUTSIDE["REMOTE_ADDR"]),
    "public.mail_draft": mail_draft,
    "public.sign_up": sign_up,
    "signin.send": ask_link,
    "door.give": NO_MAIL,
    "own_details.give": NO_MAIL,
    "feed.of_member": NO_MAIL,
    "signin.enter": NO_MAIL,
    "signin.leave": NO_MAIL,
    "second.code": NO_MAIL,
    "second.passkey": NO_MAIL,
    "second.new_app": NO_MAIL,
    "second.new_passkey": NO_MAIL,
}
TAKEN_IN: Final = {"public.send": Team, "public.sign_up": InfoSignup}
MOST: Final = {"public.send": 30, "public.mail_draft": 3, "public.sign_up": 30, "signin.send": 100}


def mails(pages: Pages) -> list[Message]:
    return [one for one in pages.world.messages() if one.template != "alert"]


def test_every_form_that_anybody_may_send_stands_in_the_table(pages: Pages) -> None:
    open_forms = {
        rule.endpoint
        for rule in pages.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and roles.ANYBODY in roles.may(pages.app, rule.endpoint, OPEN_ROOMS)
    }
    assert open_forms == set(CAUSES)
    assert set(MOST) == {endpoint for endpoint, cause in CAUSES.items() if callable(cause)}


@pytest.mark.parametrize("endpoint", sorted(MOST))
def test_however_often_it_is_sent_from_one_place_the_mails_stay_few(pages: Pages, endpoint: str) -> None:
    cause = CAUSES[endpoint]
    assert callable(cause)
    answers = []
    for n in range(120 if endpoint == "signin.send" else 50):
        if endpoint != "signin.send" and n % 15 == 14:
            pages.world.now += timedelta(seconds=61)  # the limit of forms a minute is not what is looked at
        answers.append(cause(pages, n))
    assert 0 < len(mails(pages)) <= MOST[endpoint]
    if endpoint != "signin.send":
        assert {one.status_code for one in answers} == {303}
    if endpoint in TAKEN_IN:
        assert count(pages, TAKEN_IN[endpoint]) == 50


@pytest.mark.parametrize("endpoint", sorted(endpoint for endpoint, cause in CAUSES.items() if cause == NO_MAIL))
def test_a_form_that_needs_a_secret_mails_nothing_without_one(pages: Pages, endpoint: str) -> None:
    pages.world.apply()
    before = len(pages.world.messages())
    (rule,) = [r for r in pages.app.url_map.iter_rules() if r.endpoint == endpoint and "POST" in (r.methods or ())]
    path = re.sub(r"<[^>]+>", "b" * 26, rule.rule)
    pages.browser().post(path, {"answer": "yes", "address": COORDINATOR, "code": "123456"})
    assert len(pages.world.messages()) == before


# -- who is written to --------------------------------------------------------------------------------------------


def test_thirty_applications_with_twenty_members_each_write_to_their_contacts_alone(pages: Pages) -> None:
    for n in range(30):
        more = {"rows": "20"} | {
            f"members-{i}-{key}": value
            for i in range(4, 20)
            for key, value in (("name", "Mari Maasikas"), ("address", f"x{n}-{i}@example.org"), ("side", "community"))
        }
        assert apply(pages, n, **more).status_code == 303
    pages.world.wait(days=60)
    written = [one for one in mails(pages) if one.template not in ("digest",)]
    assert sorted(one.to_address for one in written) == sorted(f"voor{n}-0@example.org" for n in range(30))


def silent(crew: Crew) -> None:
    """Nothing is answered."""


def disowned(crew: Crew) -> None:
    assert crew.replies("verify", "EI").outcome == "accepted"


def unclear(crew: Crew) -> None:
    crew.replies("verify", "Mis see on?")


def dead(crew: Crew) -> None:
    """The contact's address is none."""
    (mail,) = crew.got("verify")
    with crew.world.db.writing() as session:
        person = session.get_one(Person, crew.contact.id)
        person.address_state = "dead"
        bounce_effects.refused(crew.world.season, session, session.merge(mail), person, crew.world.now)


def declined(crew: Crew) -> None:
    assert not isinstance(crew.move(Trigger.DECLINE), Refusal)


def deputy_named(crew: Crew) -> None:
    world = crew.world
    with world.db.writing() as session:
        person = session.get_one(Person, crew.people()[2].id)
        members.appoint(world.season, session, person, "deputy", world.coordinator(), world.now)


HAPPENS: Final = (silent, disowned, unclear, dead, declined, deputy_named)


@pytest.mark.parametrize("happens", HAPPENS, ids=lambda one: one.__name__)
def test_whatever_happens_before_the_contact_confirms_nobody_else_is_written_to(
    db: Database, happens: Callable[[Crew], None]
) -> None:
    world = World(db)
    crew = world.apply()
    others = {one.address for one in crew.people()} - {crew.contact.address}
    happens(crew)
    world.wait(days=60)
    assert [one.template for one in world.messages() if one.to_address in others] == []


def test_the_named_members_are_told_once_the_contact_has_confirmed(db: Database) -> None:
    world = World(db)
    crew = world.apply()
    assert crew.got("consent") == []
    crew.replies("verify", "JAH")
    assert [one.to_address for one in crew.got("consent")] == [one.address for one in crew.people()[1:]]
    assert all(crew.contact.name in one.body for one in crew.got("consent"))


def test_a_team_that_the_coordinator_lets_in_unconfirmed_has_its_members_told_when_it_takes_its_place(
    db: Database,
) -> None:
    world = World(db)
    crew = world.apply()
    with world.db.writing() as session:
        team = session.get_one(Team, crew.id)
        moved = moves.move(
            world.season, session, team, Trigger.SELECT, world.coordinator(), world.now, override="Helistasin."
        )
        assert not isinstance(moved, Refusal)
    assert {one.to_address for one in crew.got("place_offer")} == {crew.contact.address}
    crew.replies("confirm_place", "JAH", person=crew.contact.address)
    assert len(crew.got("consent")) == 3


def applied_with_twenty(pages: Pages, n: int, **changes: str) -> Crew:
    """A stranger's application from outside that names nineteen others, and its contact's yes."""
    more = {"rows": "20"} | {
        f"members-{i}-{key}": value
        for i in range(4, 20)
        for key, value in (("name", "Mari Maasikas"), ("address", f"x{n}-{i}@example.org"), ("side", "community"))
    }
    assert apply(pages, n, **{"place": OUTSIDE["REMOTE_ADDR"], **more, **changes}).status_code == 303
    with pages.db.reading() as session:
        number = session.scalars(sa.select(sa.func.max(Team.id))).one()
    return Crew(pages.world, number).verified()


def test_named_members_count_against_the_place_of_the_application_and_the_rest_wait_their_turn(pages: Pages) -> None:
    crews = [applied_with_twenty(pages, n) for n in range(3)]
    assert len(pages.world.messages("consent")) == 30
    others = {one.address for crew in crews for one in crew.people()[1:]}
    hours = []
    while len(pages.world.messages("consent")) < 57 and len(hours) < 5:
        before = len(pages.world.messages("consent"))
        pages.world.wait(minutes=61)
        hours.append(len(pages.world.messages("consent")) - before)
    assert max(hours) <= 30
    assert {one.to_address for one in pages.world.messages("consent")} == others and len(others) == 57
    with pages.db.reading() as session:
        assert len(session.scalars(sa.select(Alert).where(Alert.kind == "unconfirmed")).all()) == 1


def test_a_stranger_named_by_many_teams_gets_five_a_day_and_none_is_lost(db: Database) -> None:
    world = World(db)
    crews = [world.apply(f"Meeskond {letter}") for letter in "ABCDEFG"]
    for crew in crews:
        with db.writing() as session:
            person = session.get_one(Person, crew.people()[2].id)
            person.address = person.address_key = "ohver@example.org"
        crew.verified()
    told = [len([one for one in world.messages("consent") if one.to_address == "ohver@example.org"])]
    world.wait(hours=23)
    told.append(len([one for one in world.messages("consent") if one.to_address == "ohver@example.org"]))
    world.wait(hours=2)
    told.append(len([one for one in world.messages("consent") if one.to_address == "ohver@example.org"]))
    assert told == [5, 5, 7]


def test_all_in_all_two_hundred_named_members_an_hour_and_none_who_left_meanwhile(db: Database) -> None:
    world = World(db)
    crews = [world.apply(f"Meeskond {letter}", members=20).verified() for letter in "ABCDEFGHIJK"]
    assert len(world.messages("consent")) == 200
    gone = crews[-1].people()[-1]
    with db.writing() as session:
        members.leave(world.season, session, session.get_one(Person, gone.id), world.coordinator(), world.now)
    world.wait(hours=2)
    told = [one.to_address for one in world.messages("consent")]
    assert len(told) == 208 and gone.address not in told


@pytest.mark.parametrize("template", ["verify", "draft", "info_day", "info_day_reminder", "consent"])
@pytest.mark.parametrize("lang", ["et", "en"])
def test_no_subject_to_an_unconfirmed_address_holds_what_somebody_typed(db: Database, template: str, lang: str) -> None:
    world, ad = World(db), "Odavad laenud"
    stranger = dict.fromkeys(("name", "team", "home", "contact", "earlier"), ad)
    subject = world.composer.preview(template, lang, {**samples.sample(template), **stranger}).subject
    assert subject and ad not in subject


# -- the caps -----------------------------------------------------------------------------------------------------


def test_one_address_gets_five_a_day_whatever_the_form_and_the_place(pages: Pages) -> None:
    target = {"members-0-address": "ohver@example.org"}
    answers = [apply(pages, n, f"198.51.100.{n}", **target).status_code for n in range(4)]
    browser = pages.browser()
    kept = begun(form=form_token(browser), **{"members-0-address": "Ohver@EXAMPLE.org"})
    for path, data in (("/apply", kept), ("/info-day", {"name": "Ohver", "address": "OHVER@example.org"})):
        answers.append(browser.post(path, data, environ_base={"REMOTE_ADDR": "203.0.113.1"}).status_code)
    assert answers == [303] * 6
    assert len(mails(pages)) == 5
    pages.world.now += timedelta(days=1)
    assert apply(pages, 9, "198.51.100.99", **target).status_code == 303
    assert len(mails(pages)) == 6


def test_all_in_all_two_hundred_an_hour_from_however_many_places(pages: Pages) -> None:
    taken = 0
    for n in range(205):
        browser = pages.browser()
        data = {"name": "Anu", "address": f"k{n}@example.org"}
        answer = browser.post("/info-day", data, environ_base={"REMOTE_ADDR": f"198.51.{n // 200}.{n % 200}"})
        taken += answer.status_code == 303
    assert (taken, count(pages, InfoSignup), len(pages.world.messages("info_day"))) == (205, 205, 200)


def test_a_flood_of_one_form_does_not_close_another(pages: Pages) -> None:
    for n in range(201):
        data = {"name": "Anu", "address": f"k{n}@example.org"}
        answer = pages.browser().post("/info-day", data, environ_base={"REMOTE_ADDR": f"198.51.{n // 200}.{n % 200}"})
    assert "waits=" in answer.headers["Location"]
    assert apply(pages, 1).status_code == 303 and len(pages.world.messages("verify")) == 1
    assert keep(pages, 2).status_code == 303 and len(pages.world.messages("draft")) == 1


def test_a_place_that_is_stopped_uses_up_nothing_of_what_others_need(pages: Pages) -> None:
    for n in range(60):
        if n % 15 == 14:
            pages.world.now += timedelta(seconds=61)
        apply(pages, n, OUTSIDE["REMOTE_ADDR"], **{"members-0-address": f"a{n % 7}@example.org"})
    assert apply(pages, 99, "198.51.100.9", **{"members-0-address": "aus@example.org"}).status_code == 303


def test_two_processes_count_together(db: Database) -> None:
    one, two = build(db), build(Database(db.url))
    data = {"name": "Anu", "address": "anu@example.org"}
    for n in range(35):
        data["address"] = f"k{n}@example.org"
        pages = (one, two)[n % 2]
        pages.world.now += timedelta(seconds=10)
        assert pages.browser().post("/info-day", data, environ_base=OUTSIDE).status_code == 303
    assert len(one.world.messages("info_day")) == 30
    two.db.close()


# -- what is over a cap is kept -----------------------------------------------------------------------------------

VICTIM: Final = "ohver@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that has somebody mailed who confirmed nothing: sent by `send` with an address, from a place; the template
    of its mail, and what the page says of it meanwhile."""

    send: Callable[[Browser, str, str, str], TestResponse]
    template: str
    says: Mapping[str, tuple[str, ...]]


def _apply(browser: Browser, address: str, place: str, lang: str) -> TestResponse:
    data = typed(form=form_token(browser), **{"members-0-address": address})
    return browser.post(f"/apply?lang={lang}", data, environ_base={"REMOTE_ADDR": place})


def _keep(browser: Browser, address: str, place: str, lang: str) -> TestResponse:
    data = begun(form=form_token(browser), **{"members-0-address": address})
    return browser.post(f"/apply?lang={lang}", data, environ_base={"REMOTE_ADDR": place})


def _sign_up(browser: Browser, address: str, place: str, lang: str) -> TestResponse:
    data = {"name": "Anu Tamm", "address": address}
    return browser.post(f"/info-day?lang={lang}", data, environ_base={"REMOTE_ADDR": place})


FORMS: Final = {
    MailCause.APPLICATION: Form(
        send=_apply,
        template="verify",
        says={
            "et": ("Kinnituskiri tuleb hiljem", "Teie taotlus on käes"),
            "en": ("The mail to confirm it comes later", "Your application came in"),
        },
    ),
    MailCause.DRAFT: Form(
        send=_keep,
        template="draft",
        says={
            "et": ("Taotlus on alles", "läheb link, millega igas seadmes jätkata", "järjehoidjasse"),
            "en": ("Your application is kept", "leaves to ohver@example.org after", "bookmark this page"),
        },
    ),
    MailCause.INFO_DAY: Form(
        send=_sign_up,
        template="info_day",
        says={
            "et": ("Olete kirja pandud; kinnituskiri tuleb hiljem", "läheb kinnituskiri liitumislingiga teele ise"),
            "en": ("You are signed up; the confirmation comes later", "leaves after"),
        },
    ),
}


def test_each_cause_of_a_mail_to_somebody_unconfirmed_waits_as_a_duty_of_its_own(pages: Pages) -> None:
    assert set(first_mails.WAITS_AS) == set(MailCause) == set(FORMS) | {MailCause.NAMED_MEMBER}
    assert len(set(first_mails.WAITS_AS.values())) == len(MailCause)


Flood = Callable[[Pages, Form], str]
"""uses a cap up; where the next one comes from"""


def used_up(pages: Pages, cause: MailCause, most: int, place: str | None) -> None:
    """So many mails to so many others, caused before."""
    with pages.db.writing() as session:
        for n in range(most):
            address = f"k{n}@example.org"
            assert mail_quota.wait_until(pages.world.season, session, cause, address, place, pages.world.now) is None


def an_address(pages: Pages, form: Form) -> str:
    for n in range(5):
        apply(pages, n, f"198.51.100.{n}", **{"members-0-address": VICTIM})
    return "203.0.113.1"


def an_address_from_one_place(pages: Pages, form: Form) -> str:
    for n in range(4):
        apply(pages, n, OUTSIDE["REMOTE_ADDR"], **{"members-0-address": VICTIM})
    return OUTSIDE["REMOTE_ADDR"]


def a_place(pages: Pages, form: Form) -> str:
    used_up(pages, MailCause.DRAFT, 30, OUTSIDE["REMOTE_ADDR"])
    return OUTSIDE["REMOTE_ADDR"]


def all_of_a_cause(pages: Pages, form: Form) -> str:
    (cause,) = [cause for cause, one in FORMS.items() if one is form]
    used_up(pages, cause, 200, None)
    return "203.0.113.1"


OVER: Final[Mapping[Flood, int]] = {an_address: 24, an_address_from_one_place: 24, a_place: 1, all_of_a_cause: 1}
"""each cap, and after how many hours the mail leaves at the latest"""


def to_victim(pages: Pages, form: Form) -> list[Message]:
    return [one for one in pages.world.messages(form.template) if one.to_address == VICTIM]


@pytest.mark.parametrize("flood", OVER, ids=lambda one: one.__name__)
@pytest.mark.parametrize("cause", FORMS)
def test_what_is_over_a_cap_is_kept_and_its_mail_leaves_by_itself_once(
    pages: Pages, cause: MailCause, flood: Flood
) -> None:
    form = FORMS[cause]
    place = flood(pages, form)
    before = len(to_victim(pages, form))
    assert form.send(pages.browser(), VICTIM, place, "et").status_code == 303
    assert len(to_victim(pages, form)) == before
    for _ in range(OVER[flood]):
        pages.world.wait(minutes=61)
    *_, mail = to_victim(pages, form)
    assert (len(to_victim(pages, form)), mail.status) == (before + 1, "queued")
    pages.world.wait(hours=30)
    assert len(to_victim(pages, form)) == before + 1


@pytest.mark.parametrize("lang", ["et", "en"])
@pytest.mark.parametrize("cause", FORMS)
def test_whoever_sent_it_reads_that_it_is_kept_and_when_its_mail_leaves(
    pages: Pages, cause: MailCause, lang: str
) -> None:
    form, browser = FORMS[cause], pages.browser()
    place = an_address(pages, form)
    sent = form.send(browser, VICTIM, place, lang)
    page = browser.get(sent.headers["Location"]).text
    assert all(words in page for words in (*form.says[lang], {"et": "2. veebruar", "en": "2 February"}[lang])), page
    pages.world.wait(hours=25)
    assert form.says[lang][1] not in browser.get(sent.headers["Location"]).text


def test_an_application_over_a_cap_is_answered_as_any_other(pages: Pages) -> None:
    an_address(pages, FORMS[MailCause.APPLICATION])
    apply(pages, 99, "203.0.113.1", **{"members-0-address": VICTIM})
    with pages.db.reading() as session:
        team = session.scalars(sa.select(Team).order_by(Team.id.desc())).first()
        assert team is not None and team.name == "Meeskond 99"
    office = pages.browser()
    office.sign_in(pages, COORDINATOR)
    for lang, says in (("et", "Kinnituskiri kontaktile ootab oma järge"), ("en", "mail to confirm waits for its turn")):
        assert says in office.get(f"/office/team/{team.id}?lang={lang}").text
    pages.world.wait(hours=25)
    (mail,) = [one for one in pages.world.messages("verify") if one.team_id == team.id]
    assert "Meeskond 99" in mail.body
    assert Crew(pages.world, team.id).replies("verify", "JAH").outcome == "accepted"


def test_a_draft_that_waits_is_continued_and_its_link_leaves_to_the_address_it_has_then(pages: Pages) -> None:
    place, browser = an_address(pages, FORMS[MailCause.DRAFT]), pages.browser()
    path = _keep(browser, VICTIM, place, "et").headers["Location"]
    data = fields(browser.get(path).text)
    assert "members-0-address" in data
    browser.post("/apply", data | {"keep": "1", "members-0-address": "oige@example.org"})
    pages.world.wait(hours=25)
    assert [one.to_address for one in pages.world.messages("draft")] == ["oige@example.org"]
    assert path in pages.world.source(pages.world.messages("draft")[0])


def test_the_link_asked_for_again_over_a_cap_waits_once_and_the_page_says_when(pages: Pages) -> None:
    browser = pages.browser()
    path = _keep(browser, VICTIM, "198.51.100.99", "et").headers["Location"]
    an_address(pages, FORMS[MailCause.DRAFT])
    for _ in range(2):
        assert browser.post(path, {"mails": "1"}, environ_base=OUTSIDE).status_code == 303
    page = browser.get(f"{path}?lang=en").text
    assert "leaves to ohver@example.org after" in page and "Mail the link again" not in page
    pages.world.wait(hours=26)
    assert len(pages.world.messages("draft")) == 2
    assert "Mail the link again" in browser.get(f"{path}?lang=en").text


def test_a_draft_that_was_sent_or_is_over_is_mailed_no_link_any_more(pages: Pages) -> None:
    place, browser = an_address(pages, FORMS[MailCause.DRAFT]), pages.browser()
    path = _keep(browser, VICTIM, place, "et").headers["Location"]
    data = fields(browser.get(path).text)
    assert browser.post("/apply", data | typed(form=data["form"])).status_code == 303
    pages.world.wait_until(pages.world.config.programme.apply.closes_at - timedelta(hours=1))
    late = pages.browser()
    an_address(pages, FORMS[MailCause.DRAFT])
    _keep(late, VICTIM, place, "et")
    pages.world.wait(days=2)
    assert pages.world.messages("draft") == []


def test_the_number_of_a_draft_that_ended_given_again_neither_mutes_nor_keeps_the_new_one(pages: Pages) -> None:
    _keep(pages.browser(), VICTIM, "198.51.100.1", "et")
    with pages.db.writing() as session:
        (old,) = session.scalars(sa.select(Draft))
        number = old.id
        session.delete(old)
    pages.world.wait(hours=25)
    for n in range(4):
        apply(pages, n, f"198.51.100.{n}", **{"members-0-address": "teine@example.org"})
    _keep(pages.browser(), "teine@example.org", "198.51.100.9", "et")
    _keep(pages.browser(), "teine@example.org", "198.51.100.8", "et")
    with pages.db.reading() as session:
        new = [one.id for one in session.scalars(sa.select(Draft))]
    assert number in new
    pages.world.wait(hours=25)
    assert [one.to_address for one in pages.world.messages("draft")].count("teine@example.org") == 2
    pages.world.wait_until(pages.world.config.programme.apply.closes_at + timedelta(days=60))
    assert count(pages, Draft) == 0


def test_a_guest_whose_welcome_still_waits_is_not_reminded_and_none_is_welcomed_afterwards(pages: Pages) -> None:
    info = pages.world.config.programme.info_day
    assert info is not None and info.reminder_days
    pages.world.wait_until(info.start - timedelta(days=max(info.reminder_days), hours=20))
    place = an_address(pages, FORMS[MailCause.INFO_DAY])
    _sign_up(pages.browser(), VICTIM, place, "et")
    _sign_up(pages.browser(), "teine@example.org", place, "et")
    with pages.db.writing() as session:
        session.execute(sa.update(Duty).where(Duty.kind == "welcome_mail").values(due_at=info.end + timedelta(hours=1)))
    pages.world.wait_until(info.end + timedelta(days=1))
    assert {one.to_address for one in pages.world.messages("info_day_reminder")} == {"teine@example.org"}
    assert [one.to_address for one in pages.world.messages("info_day")] == ["teine@example.org"]


def test_the_network_address_of_a_form_is_kept_until_its_mail_leaves(pages: Pages) -> None:
    place = an_address(pages, FORMS[MailCause.DRAFT])
    _keep(pages.browser(), VICTIM, place, "et")
    _sign_up(pages.browser(), VICTIM, place, "et")

    def places() -> list[str]:
        with pages.db.reading() as session:
            return [*session.scalars(sa.select(Draft.place)), *session.scalars(sa.select(InfoSignup.place))]

    assert places() == [place, place]
    pages.world.wait(hours=25)
    assert places() == ["", ""]


def test_a_mail_that_waits_is_not_taken_for_one_from_a_clock_that_was_ahead(pages: Pages) -> None:
    apply(pages, 99, an_address(pages, FORMS[MailCause.APPLICATION]), **{"members-0-address": VICTIM})
    with pages.db.writing() as session:
        assert clock_ahead.mend(session, pages.world.now) == 0
    pages.world.wait(hours=3)
    assert len(pages.world.messages("verify")) == 5


def test_of_a_team_that_went_on_or_left_meanwhile_nobody_is_asked(pages: Pages) -> None:
    apply(pages, 99, an_address(pages, FORMS[MailCause.APPLICATION]), **{"members-0-address": VICTIM})
    crew = Crew(pages.world, count(pages, Team))
    declined(crew)
    pages.world.wait(hours=25)
    assert [one for one in pages.world.messages("verify") if one.team_id == crew.id] == []


def test_the_coordinator_is_told_once_a_day_and_by_one_mail(pages: Pages) -> None:
    for n in range(40):
        if n % 15 == 14:
            pages.world.now += timedelta(seconds=61)
        sign_up(pages, n)
    with pages.db.reading() as session:
        (told,) = session.scalars(sa.select(Alert).where(Alert.kind == "unconfirmed"))
    assert "Avalikest vormidest" in told.says["et"] and "public forms" in told.says["en"]
    assert [one.to_address for one in pages.world.messages("alert")] == [COORDINATOR]


def test_no_reminder_goes_to_an_address_that_nobody_has_confirmed(db: Database) -> None:
    world = World(db)
    crew = world.apply()
    with db.reading() as session:
        question = session.scalars(sa.select(Question).where(Question.team_id == crew.id)).one()
        assert question.closed_at is None
    world.wait(days=60)
    tick.tick(world.season, world.db, world.now)
    assert [one.template for one in world.messages() if one.to_address == crew.contact.address] == ["verify"]
