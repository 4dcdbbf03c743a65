"""Duty page: who is away and who stands in, what is open, and handing the season to another coordinator."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash, kept_form
from web.access.gate import require
from web.access.security_log import event
from web.context import here
from web.i18n.language import _
from web.office.acting import coordinator
from web.office.confirm import Plan, confirmed
from web.request import field, moment_of, number
from workflow.coordinator import duty
from workflow.database.models import Person
from workflow.records import on_duty, open_questions, queries
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.views import mail

blueprint = Blueprint("duty", __name__)

NOTES = 4000


@blueprint.get("/duty")
@require("coordinator")
def page() -> str:
    """My absence, who is on duty, and all that is open."""
    with here().db.reading() as session:
        me, today = coordinator(session), on_duty.today(here().programme, here().now())
        staff = queries.staff(session, "coordinator")
        away = next((row for row in on_duty.absences(session, today) if row.person_id == me.id), None)
        return render_template(
            "office/duty.html",
            person=me,
            watch=on_duty.look(session, today),
            away=away,
            stand_in=next((one for one in staff if away is not None and one.id == away.stand_in_id), None),
            others=[one for one in staff if one.id != me.id],
            staff=staff,
            last=on_duty.last_hand_over(session),
            seen=mail.today(here().season, session, here().now()),
            asked=lambda question: open_questions.asked(here().season, question),
        )


@blueprint.post("/duty/away")
@require("coordinator")
def be_away() -> Response:
    """I am away until a day, or back."""
    with here().db.writing() as session:
        me, until = coordinator(session), moment_of(field("until"))
        if field("do") == "back":
            duty.be_back(here().season, session, me, here().now())
            return _home(flash.good(_("Welcome back: what waits comes to you again.")))
        stand_in = _other(session, "stand_in")
        day = until.date() if until is not None else None
        refused = duty.be_away(here().season, session, me, day, stand_in, here().now())
    if refused is not None:
        return kept_form.back(url_for("office.duty.page"), {"until": refused})
    if stand_in is None:
        return _home(flash.warn(_("Noted. Nobody stands in: what waits goes on coming to you.")))
    return _home(flash.good(_("Noted. Until then %(name)s stands in.", name=stand_in.name)))


@blueprint.post("/duty/hand-over")
@require("coordinator")
def hand_over() -> Response | str:
    """The season goes to another coordinator, once it was shown what that brings."""
    notes = field("notes")[:NOTES]
    with here().db.writing() as session:
        giver, taker = coordinator(session), _other(session, "to")
        if taker is None:
            says = Text(et="Valige, kellele.", en="Choose to whom.")
            return kept_form.back(url_for("office.duty.page"), {"to": says})
        done = confirmed(session, _plan(session, giver, taker, notes))
        if not isinstance(done, str):
            event("season handed over", person=giver.id, to=taker.id)
    return done


def _plan(session: Session, giver: Person, taker: Person, notes: str) -> Plan:
    def act(season: Season, now: datetime) -> Text | None:
        return duty.hand_over(season, session, giver, taker, notes, now)

    about: list[Any] = [giver.id, taker.id]
    return Plan(
        title=_("Hand the season over to %(name)s", name=taker.name),
        lead=_(
            "The digest, new steps and urgent notices go to %(name)s from then on. You keep all rights.",
            name=taker.name,
        ),
        do=_("Hand it over"),
        done=_("%(name)s is responsible for the season now.", name=taker.name),
        back=url_for("office.duty.page"),
        act=act,
        about=about,
    )


def _other(session: Session, name: str) -> Person | None:
    """The coordinator chosen in a field of the form."""
    chosen = number(field(name))
    return next((one for one in queries.staff(session, "coordinator") if one.id == chosen), None)


def _home(*told: flash.FlashMessage) -> Response:
    return flash.go(url_for("office.duty.page"), *told)
