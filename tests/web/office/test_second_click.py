"""Every form of the office sent twice: the second time nothing changes, and the page says how things stand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.web.conftest import Pages
from tests.web.office.test_today import lively
from tests.web.office_season import Desk, at_the_desk, decide, mentored, shown
from workflow.coordinator import mail_hold
from workflow.database.models import (
    Alert,
    Alias,
    Attendance,
    HoursRow,
    Letter,
    Mentorship,
    Message,
    Person,
    StageSession,
    Team,
)
from workflow.records import queries
from workflow.rules.doors import Door
from workflow.rules.machine import Trigger

Form = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form: where it goes and what is typed."""

    path: str
    typed: Form


def one(pages: Pages, query: sa.Select[Any]) -> Any:
    with pages.db.reading() as session:
        found = session.scalars(query).first()
        assert found is not None, query
        return found


def crew(pages: Pages) -> Crew:
    return Crew(pages.world, one(pages, sa.select(Team.id).where(Team.name == "Võru")))


def held(pages: Pages) -> int:
    """A mail that waits, as it was queued while its template had other words."""
    mail: int = one(pages, sa.select(Message.id).where(Message.template == "consent"))
    with pages.db.writing() as session:
        row = session.get_one(Message, mail)
        row.status, row.body = "held", "Enne\n"
    return mail


def sent_already(pages: Pages) -> int:
    """A mail that has left."""
    mail: int = one(pages, sa.select(Message.id).where(Message.template == "place_confirmed"))
    with pages.db.writing() as session:
        session.get_one(Message, mail).status = "sent"
    return mail


def members(pages: Pages) -> list[Person]:
    return crew(pages).people()


def _alert(pages: Pages) -> Sent:
    with pages.db.writing() as session:
        row = Alert(key="twice", kind="quorum", says={"et": "x", "en": "x"}, at=pages.world.now)
        session.add(row)
        session.flush()
        return Sent(f"/office/alert/{row.id}/settle", {})


def _step(pages: Pages, trigger: str, **typed: Any) -> Sent:
    return Sent(f"/office/team/{crew(pages).id}/step/{trigger}", {"do": "yes", "why": "Nii on parem.", **typed})


def _member(pages: Pages, what: str, **typed: Any) -> Sent:
    return Sent(f"/office/team/{crew(pages).id}/members/{members(pages)[-1].id}/{what}", typed)


def _new(pages: Pages) -> Sent:
    typed = {"name": "Uus Liige", "address": "uus.liige@example.org", "side": "community", "part": "member"}
    return Sent(f"/office/team/{crew(pages).id}/members", typed)


def _extend(pages: Pages) -> Sent:
    stage = crew(pages).state
    return Sent(f"/office/team/{crew(pages).id}/extend", {"stage": stage, "until": "2022-06-20T10:00", "why": "Haigus"})


def _undo(pages: Pages) -> Sent:
    with pages.db.reading() as session:
        row = queries.last_transition(session, crew(pages).id)
        assert row is not None
        return Sent(f"/office/team/{crew(pages).id}/undo", {"row": row.id, "why": "Eksitus", "how": "tell"})


def _session(pages: Pages) -> int:
    ahead = sa.select(StageSession.id).where(StageSession.starts_at > pages.world.now + timedelta(days=5))
    return int(one(pages, ahead.order_by(StageSession.starts_at)))


def _move(pages: Pages) -> Sent:
    typed = {"starts": "2022-06-01T10:00", "ends": "2022-06-01T16:00", "place_et": "Paide", "place_en": "Paide"}
    return Sent(f"/office/calendar/{_session(pages)}", typed)


def _attendance(pages: Pages) -> Sent:
    team, person = crew(pages).row, members(pages)[0]
    meeting = one(pages, sa.select(StageSession).where(StageSession.group == team.group).order_by(StageSession.id))
    with pages.db.writing() as session:
        session.add(
            Attendance(
                team_id=team.id, person_id=person.id, stage=meeting.stage, present=True,
                recorded_at=pages.world.now, via=Door.LINK,
            )
        )  # fmt: skip
    return Sent(f"/office/calendar/{meeting.id}/attendance", {f"came-{person.id}": "no", "why": "nimekirja järgi"})


def _letter(pages: Pages, what: str, **typed: Any) -> Sent:
    waits = one(pages, sa.select(Letter.id).where(Letter.status == "held"))
    return Sent(f"/office/letter/{waits}/{what}", typed)


def _again(pages: Pages) -> Sent:
    sent = _letter(pages, "again")
    with pages.db.writing() as session:
        session.execute(sa.update(Letter).where(Letter.status == "held").values(status="parked"))
    return sent


def _mentor(pages: Pages) -> Person:
    with pages.db.reading() as session:
        return queries.staff(session, "mentor")[1]


def _hours(pages: Pages, what: str, kind: str, **typed: Any) -> Sent:
    row = one(pages, sa.select(HoursRow.id).where(HoursRow.kind == kind))
    return Sent(f"/office/hours/{row}/{what}", typed)


def _selection(pages: Pages) -> Sent:
    saku = one(pages, sa.select(Team.id).where(Team.name == "Saku"))
    return Sent("/office/selection", {f"decision-{saku}": "waitlist", f"rank-{saku}": "3", "do": "save"})


def _let_go(pages: Pages) -> Sent:
    with pages.db.writing() as session:
        mail_hold.begin(session, "Kadri", pages.world.now)
    return Sent("/office/mail-hold/release", {})


def _own_address(pages: Pages) -> Sent:
    letter = crew(pages).replies("rsvp", "JAH", person=members(pages)[0].address, sender="mujalt@example.com")
    assert letter.outcome == "wrong_sender"
    return Sent(f"/office/letter/{letter.id}/own-address", {})


def _further(pages: Pages) -> Sent:
    person = members(pages)[0].id
    with pages.db.writing() as session:
        alias = Alias(person_id=person, kind="also", value="x@example.com", key="x@example.com", at=pages.world.now)
        session.add(alias)
        session.flush()
        return Sent(f"/office/people/{person}/addresses/{alias.id}/remove", {})


FORMS: dict[str, Callable[[Pages], Sent]] = {
    "office.settle": _alert,
    "office.approval.take": lambda pages: _step(pages, "withdraw"),
    "office.approval.take_back": _undo,
    "office.team.add": _new,
    "office.team.leave": lambda pages: _member(pages, "leave", why="Kolis ära"),
    "office.team.appoint": lambda pages: _member(pages, "appoint", part="deputy"),
    "office.team.rename": lambda pages: Sent(f"/office/team/{crew(pages).id}/name", {"team_name": "Uus nimi"}),
    "office.team.extend": _extend,
    "office.calendar.move": _move,
    "office.calendar.cancel": lambda pages: Sent(f"/office/calendar/{_session(pages)}/cancel", {"why": "Haigus"}),
    "office.calendar.correct": _attendance,
    "office.inbox.read": lambda pages: _letter(pages, "read", reading="0"),
    "office.inbox.again": _again,
    "office.inbox.own_address": _own_address,
    "office.people.remove_address": _further,
    "office.inbox.dismiss": lambda pages: _letter(pages, "dismiss", why="Ei midagi"),
    "office.outbox.edit": lambda pages: Sent(f"/office/outbox/{held(pages)}/edit", {"subject": "Uus", "body": "Sõnad"}),
    "office.outbox.test": lambda pages: Sent(f"/office/outbox/{held(pages)}/test", {}),
    "office.outbox.anew": lambda pages: Sent(f"/office/outbox/{held(pages)}/anew", {}),
    "office.outbox.again": lambda pages: Sent(f"/office/outbox/{sent_already(pages)}/again", {}),
    "office.outbox.single": lambda pages: Sent(f"/office/outbox/{held(pages)}", {"do": "release"}),
    "office.outbox.ticked": lambda pages: Sent("/office/outbox", {"do": "drop", "mail": held(pages)}),
    "office.mail_hold.begin": lambda pages: Sent("/office/mail-hold", {}),
    "office.mail_hold.release": _let_go,
    "office.people.correct": lambda pages: Sent(
        f"/office/people/{members(pages)[-1].id}/details", {"name": "Uus Nimi"}
    ),
    "office.people.mend": lambda pages: Sent(
        f"/office/people/{members(pages)[-1].id}/address", {"address": "kolmas@example.org"}
    ),
    "office.mentoring.assign": lambda pages: Sent(
        f"/office/team/{crew(pages).id}/mentor", {"mentor": _mentor(pages).id}
    ),
    "office.mentoring.release": lambda pages: Sent(
        f"/office/mentorship/{one(pages, sa.select(Mentorship.id))}/end", {}
    ),
    "office.mentoring.book": lambda pages: Sent(
        f"/office/team/{crew(pages).id}/book",
        {"mentor": one(pages, sa.select(Mentorship.person_id)), "starts": "2022-06-01T10:00", "hours": "1"},
    ),
    "office.mentoring.settle": lambda pages: _hours(pages, "settle", "held", choice="drop"),
    "office.mentoring.correct": lambda pages: _hours(pages, "correct", "reported", hours="2", why="Eksitus"),
    "office.selection.save": _selection,
    "office.selection.apply_all": lambda pages: Sent("/office/selection/apply", {}),
    "office.selection.late_pass": lambda pages: Sent(
        "/office/selection/pass", {"address": "hiline@example.org", "until": "2022-06-01", "why": ""}
    ),
}
ELSEWHERE = frozenset({
    "office.people.end_sign_ins", "office.people.reset_factor", "office.outbox.file_anew", "office.outbox.again",
})  # fmt: skip
"""forms that other tests send twice"""


def test_no_form_of_the_office_is_forgotten(pages: Pages) -> None:
    found = {
        rule.endpoint
        for rule in pages.app.url_map.iter_rules()
        if str(rule).startswith("/office") and "POST" in (rule.methods or ())
    }
    missing = {endpoint for endpoint in found - FORMS.keys() if endpoint.split(".")[1] in KEPT_HERE}
    assert missing <= ELSEWHERE and not FORMS.keys() - found


KEPT_HERE = frozenset({
    "settle", "approval", "team", "calendar", "inbox", "outbox", "people", "mentoring", "selection", "mails", "board",
})  # fmt: skip
"""the parts of the office that this file speaks of"""


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_second_click_changes_nothing_and_says_how_things_stand(pages: Pages, endpoint: str) -> None:
    lively(pages)
    desk, sent = at_the_desk(pages), FORMS[endpoint](pages)
    before = pages.digest()
    typed = _looked_at(desk, sent)
    desk.send(sent.path, **typed)
    after = pages.digest()
    assert after != before, "the first click must do something, or the second proves nothing"
    page = desk.send(sent.path, **typed)
    assert pages.digest() == after
    assert 'class="notice' in page


def _looked_at(desk: Desk, sent: Sent) -> Form:
    """What is typed, and the mark of the page that lists consequences where one comes first."""
    if sent.path.endswith("/apply") or "/step/" in sent.path:
        page = desk.get(sent.path + ("?why=" + sent.typed["why"] if "why" in sent.typed else ""))
        return {**sent.typed, **shown(page)}
    page = desk.send(sent.path, **sent.typed) if _asks_first(sent.path) else ""
    return {**sent.typed, **(shown(page) if 'name="digest"' in page else {})}


def _asks_first(path: str) -> bool:
    ends = (
        "/members", "/leave", "/appoint", "/extend", "/undo", "/cancel", "/mentor", "/name", "/details", "/address",
        "/own-address",
    )  # fmt: skip
    return path.endswith(ends) or "/calendar/" in path


_ = (UTC, datetime, decide, mentored, Trigger)
