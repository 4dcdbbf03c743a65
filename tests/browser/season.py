"""Seasons with every page in them: while applications come in, between two workshops, before the seminar, in a demo.

Each gives the pages as (name, path): the public ones, the doors of each kind of question, open and closed, and of
those who sign in. Plain builders over `tests.builders`; people answer by mail here, the tests are about how pages look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tests.browser.conftest import Site
from tests.builders import Crew, World
from tests.web.conftest import Pages
from tests.web.office_season import decide, mentored
from tests.web.public.test_drafts import fields
from tests.web.public.test_drafts import keep as kept
from tests.web.public.test_programme import typed
from workflow.database.models import Message, Question, StageSession, Team, WrittenMail
from workflow.journey import mentoring
from workflow.records import queries
from workflow.rules.machine import Trigger

BETWEEN = datetime(2022, 4, 6, 16, 0, tzinfo=UTC)
AUTUMN = datetime(2022, 9, 10, 9, 0, tzinfo=UTC)
PDF = {"Kaart õ.pdf": b"%PDF-1.4 the map of our communities"}


@dataclass(frozen=True, slots=True)
class Look:
    """One page to be looked at; `by` a role that signs in for it, else by anybody."""

    name: str
    path: str
    by: str = ""


def doors(pages: Pages, which: dict[str, tuple[str, int | None]]) -> list[Look]:
    """The latest question of each kind, of a team where one is named."""
    return [Look(name, pages.door(kind, team=team)) for name, (kind, team) in which.items()]


# -- while applications come in -----------------------------------------------------------------------------------


def applying(site: Site) -> list[Look]:
    """February: the public pages, empty pages of the office, an application that waits and places that are offered."""
    world, pages = site.world, site.pages
    waiting, counted = world.apply("Anija", group="II"), world.apply("Õru").verified()
    offered, left = world.apply("Kose").selected("I"), world.apply("Saku", members=5).verified()
    confirmed = world.apply("Valga").confirmed("II")
    left.replies("consent", "EI", person=left.people()[-1].address)
    gone = world.apply("Tapa").selected("I")
    gone.move(Trigger.WITHDRAW)
    decide(world, counted, Trigger.SELECT, "I", 1)
    offered.replies("confirm_place", "Jah, aga kas kuupäevad võivad muutuda?", person=offered.contact.address)
    return [
        Look("programme", "/"),
        Look("application", "/apply"),
        Look("draft", kept(pages.browser())),
        Look("draft, sent", _sent_draft(pages)),
        Look("draft, gone", "/apply/draft/" + "a" * 40),
        Look("info day", "/info-day"),
        Look("info day, signed up", "/info-day?done=1"),
        Look("your data", "/privacy"),
        Look("sign in", "/signin"),
        Look("sign in, old link", "/signin/" + "a" * 32),
        Look("no such page", "/nothing"),
        Look("no such door", "/q/" + "b" * 26),
        *doors(
            pages,
            {
                "verify": ("verify", waiting.id),
                "verify, answered": ("verify", counted.id),
                "consent": ("consent", counted.id),
                "consent, no longer theirs": ("consent", left.id),
                "place": ("confirm_place", offered.id),
                "place, answered": ("confirm_place", confirmed.id),
                "place, fell away": ("confirm_place", gone.id),
                "coming?": ("rsvp", confirmed.id),
                "own ratings, asked": ("reflection", confirmed.id),
            },
        ),
        *office(site, offered),
    ]


def _sent_draft(pages: Pages) -> str:
    """A draft from which an application came."""
    browser = pages.browser()
    path = kept(browser)
    browser.post("/apply", fields(browser.get(path).text) | typed(name="Viru"))
    return path


# -- between two workshops ----------------------------------------------------------------------------------------


def between(site: Site) -> list[Look]:
    """April: roll-calls, homework, reviews and a step that waits for the coordinator."""
    world, pages = site.world, site.pages
    late, undecided = world.apply("Tapa").selected("I"), world.apply("Rae").verified()
    decide(world, undecided, Trigger.SELECT, "II", 1)
    busy, handed, done, other, _ = (world.apply(name).confirmed(g) for name, g in GROUPS)
    world.wait_until(BETWEEN - timedelta(hours=2))
    world.wait_until(BETWEEN)
    _roll_call(pages)
    for crew in (handed, done):
        crew.replies("homework", "Kaart on lisatud.", files=PDF)
    world.replies("review", "JAH, väga hea!", team=done.id)
    busy.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=busy.contact.address)
    other.replies("rsvp", "LOOBUME", person=other.contact.address)
    world.decides(team=other.id)
    busy.replies("homework", "jah, aga kas saab hiljem?", person=busy.contact.address)
    _failed(pages)
    mentored(world, handed, 600, 500)
    return [
        Look("application, closed", "/apply"),
        Look("info day, over", "/info-day"),
        *doors(
            pages,
            {
                "place, too late": ("confirm_place", late.id),
                "homework": ("homework", busy.id),
                "homework, handed in": ("homework", handed.id),
                "homework, accepted": ("homework", done.id),
                "review": ("review", handed.id),
                "review, answered": ("review", done.id),
            },
        ),
        Look("roll-call", _roll(pages, closed=False)),
        Look("roll-call, answered", _roll(pages, closed=True)),
        *office(site, busy),
    ]


GROUPS = (("Võru", "I"), ("Kose", "I"), ("Saku", "I"), ("Põlva", "II"), ("Räpina", "II"))


def _roll(pages: Pages, *, closed: bool) -> str:
    with pages.db.reading() as session:
        query = sa.select(Question).where(Question.kind == "roll_call", Question.closed_at.is_not(None) == closed)
        question = session.scalars(query.order_by(Question.id)).first()
        assert question is not None, f"no roll-call, closed: {closed}"
        return f"/q/{question.addressees[0].secret}"


def _roll_call(pages: Pages) -> None:
    """The first group's trainer says who was there."""
    with pages.db.reading() as session:
        question = session.scalars(sa.select(Question).filter_by(kind="roll_call", group="I")).one()
        address = question.addressees[0].person.address, question.addressees[0].secret
    world = pages.world
    world.write(address[0], f"r-{address[1]}@{world.identity.domain}", "Kõik olid kohal")


def _failed(pages: Pages) -> None:
    with pages.db.writing() as session:
        mail = session.scalars(sa.select(Message).where(Message.template == "verify")).first()
        assert mail is not None
        mail.status, mail.error = "failed", "550 5.1.1 no such user"
        held = session.scalars(sa.select(Message).where(Message.template == "place_confirmed")).first()
        if held is not None:
            held.status = "held"


# -- before the seminar -------------------------------------------------------------------------------------------


def autumn(site: Site) -> list[Look]:
    """September: hours reported and checked, presentations called for."""
    world, pages = site.world, site.pages
    asked, told, checked = (world.apply(name).confirmed("I") for name in ("Kose", "Saku", "Võru"))
    world.now = AUTUMN - timedelta(days=2)
    for crew, booked in ((asked, True), (told, False), (checked, False)):
        _ask_hours(pages, crew, booked=booked)
    for crew in (told, checked):
        crew.replies("hours", "06.09 1,5 h koosloome kava")
    checked.replies("hours_check", "JAH")
    world.wait_until(AUTUMN)
    told.replies("presentation", "Siin on.", files=PDF)
    return [
        *doors(
            pages,
            {
                "hours": ("hours", asked.id),
                "hours, may be taken back": ("hours", told.id),
                "hours checked": ("hours_check", told.id),
                "hours checked, answered": ("hours_check", checked.id),
                "presentation": ("presentation", asked.id),
                "presentation, handed in": ("presentation", told.id),
            },
        ),
        Look("own ratings", pages.door("reflection")),
        Look("mentoring", "/office/mentoring", by="coordinator"),
        Look("team", f"/office/team/{told.id}", by="coordinator"),
        Look("board", "/office/board", by="coordinator"),
    ]


def _ask_hours(pages: Pages, crew: Crew, *, booked: bool) -> None:
    world = pages.world
    with pages.db.writing() as session:
        team, mentor = session.get_one(Team, crew.id), queries.staff(session, "mentor")[1]
        me, now = world.coordinator(), world.now
        mentoring.assign(world.season, session, team, mentor, me, now)
        if booked:
            mentoring.book(world.season, session, team, mentor, now - timedelta(days=3), 90, me, now)
        mentoring.ask_hours(world.season, session, team, mentor, f"asked {team.id}", "2022-09", now)


# -- the demonstration --------------------------------------------------------------------------------------------


def shown(site: Site) -> list[Look]:
    """What only a demonstration has, and what it adds to the other pages."""
    site.world.apply("Võru").selected("I")
    return [
        Look("programme, shown", "/"),
        Look("application, shown", "/apply"),
        Look("first ten minutes", "/demo"),
        Look("mails", "/demo/mails"),
        Look("one mail", f"/demo/mails/{site.world.messages('place_offer')[0].id}"),
        Look("people", "/demo/people"),
        Look("today, shown", "/office", by="coordinator"),
    ]


# -- the office ---------------------------------------------------------------------------------------------------


def office(site: Site, crew: Crew) -> Iterator[Look]:
    """Every page of those who sign in, with numbers that exist."""
    chosen = {"team_id": str(crew.id), "message_id": "1", "letter_id": "1"}
    chosen |= {"trigger": "withdraw", "template": "place_offer"}
    chosen |= {"session_id": _coming(site.world), "person_id": str(crew.contact.id)}
    chosen |= {"question_id": _asked(site.world, crew), "mail_id": _draft(site.world)}
    yield Look("every letter", "/office/inbox?show=all", by="coordinator")
    yield Look("a colleague's sign-ins", f"/office/people/{_trainer(site.world)}/sign-ins", by="coordinator")
    for rule in site.pages.app.url_map.iter_rules():
        path, whose = str(rule), _whose(str(rule))
        if whose and "GET" in (rule.methods or ()) and _is_page(path):
            for name, value in chosen.items():
                path = path.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
            assert "<" not in path, f"{path}: a page with a new kind of number; say above which one to look at"
            yield Look(path, path + ("?team=1&team=2" if path.endswith("/compare") else ""), by=whose)


def _asked(world: World, crew: Crew) -> str:
    """A question of the team that is answered for somebody, or corrected."""
    with world.db.reading() as session:
        query = sa.select(Question.id).where(Question.team_id == crew.id, Question.kind == "verify")
        return str(session.scalars(query).one())


def _draft(world: World) -> str:
    """A letter that the coordinator has begun."""
    with world.db.writing() as session:
        by, at = world.coordinator().person, {"created_at": world.now, "updated_at": world.now}
        words = {"subject": {"et": "Kummikud"}, "body": {"et": "Tere!"}}
        mail = WrittenMail(name="mustand", author=by, audience={"side": "speakers"}, **words, **at)
        session.add(mail)
        session.flush()
        return str(mail.id)


def _whose(path: str) -> str:
    first, _, rest = path[1:].partition("/")
    return {"office": "coordinator", "staff": rest.partition("/")[0]}.get(first, "")


def address(world: World, role: str) -> str:
    """Where somebody of this role gets mail: the first of them, of mentors the one who has a team."""
    with world.db.reading() as session:
        return queries.staff(session, role)[0].address


def _trainer(world: World) -> int:
    with world.db.reading() as session:
        return queries.staff(session, "trainer")[0].id


def _is_page(path: str) -> bool:
    """Files, and what a frame shows, are no pages of ours; only who signs in has sign-ins."""
    files = ("file_id>", "/raw", "/html", "message_id>/calendar", "message_id>/file", ".ics", ".csv", ".xlsx", ".zip")
    files += ("/sign-ins",)
    return not path.endswith(files)


def _coming(world: World) -> str:
    """The next meeting."""
    with world.db.reading() as session:
        query = sa.select(StageSession.id).where(StageSession.starts_at > world.now).order_by(StageSession.starts_at)
        return str(session.scalars(query).first())


SEASONS = {"applying": applying, "between": between, "autumn": autumn, "shown": shown}
