"""Application form: its rows, and the application taken in once, however often it is sent.

Whatever is wrong, the form is shown again with what was typed. Must never show or tell who is known here: what a
browser sent before is shown to that browser alone.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import forms
from web.access import cookies, csrf, rate_limits, security_log
from web.context import here
from web.forms import Faults, Typed
from web.i18n.language import lang
from workflow.database.models import Draft, LatePass, SentForm, Team
from workflow.journey import drafts, guests, verifying
from workflow.journey.guests import FormSender
from workflow.records import queries
from workflow.rules.application import Application, check

FORM: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")
SECRET: Final = re.compile(r"[a-z0-9]{16,60}")
Page = str | tuple[str, int] | Response


# -- the form -----------------------------------------------------------------------------------------------------


def phase() -> str:
    """`before`, `open` or `closed`: whether applications are taken now."""
    return here().programme.apply.phase(here().now())


def show() -> Page:
    """The form, or why there is none today."""
    with here().db.reading() as session:
        leave = leave_given(session)
        if phase() != "open" and leave is None:
            return closed()
        until = due(leave)
    return form_page(forms.blank(here().programme, lang()), {}, until)


def closed(**more: Any) -> str:
    """Why nothing is taken in now, and what can be done."""
    return render_template("public/apply_closed.html", phase=phase(), had_pass="pass" in request.values, **more)


def leave_given(session: Session) -> LatePass | None:
    """The leave to be late that came along; a link pasted whole will do."""
    given = request.values.get("pass", "").strip()
    return guests.late_pass(session, given.rpartition("pass=")[2], here().now())


def due(leave: LatePass | None) -> datetime:
    """Until when this application may be sent."""
    return leave.until if leave else here().programme.apply.closes_at


def form_page(now: Typed, faults: Faults, until: datetime, *, form: str = "", focus: int = -1, **more: Any) -> str:
    """The form as it stands. `form`: its one-time key; a new one where there is none yet."""
    given = {"secret": request.form.get("draft", ""), "draft": None, "waits": None, "stale": False, "earlier": ()}
    return render_template(
        "public/apply.html",
        typed=now,
        faults=faults,
        form=form if FORM.fullmatch(form) else here().token(),
        have=forms.counted(now.members),
        until=until,
        focus=focus,
        first_dates=_first_dates(),
        keep_days=here().settings.retention.people_days,
        kept_until=until + timedelta(days=here().programme.apply.draft_days),
        **given | more,
    )


def _first_dates() -> dict[str, str]:
    """The days on which each group meets, in a line."""
    met = {g.key: [s.session(g.key) for s in here().programme.stages] for g in here().programme.groups}
    tz = here().programme.tz
    return {key: ", ".join(f"{one.start.astimezone(tz):%-d.%m}" for one in all_ if one) for key, all_ in met.items()}


def again() -> Page:
    """An expired form: nothing is done, and everything typed into it stands in a new one."""
    with here().db.reading() as session:
        until = due(leave_given(session))
    now = forms.typed(here().programme, request.form)
    return form_page(now, {}, until, form=request.form.get("form", ""), stale=True), 400


# -- sending ------------------------------------------------------------------------------------------------------


@csrf.keeps(again)
def send() -> Page:
    """Adds or removes a row, keeps a draft, or takes the application in: once, however often it is sent."""
    now, form = forms.typed(here().programme, request.form), request.form.get("form", "")
    if not FORM.fullmatch(form):
        return again()
    changed = _rows_changed(now)
    if changed is not None:
        until = here().programme.apply.closes_at
        return form_page(changed, {}, until, form=form, focus=len(changed.members) - 1 if "add" in request.form else -1)
    try:
        return _keep(now, form) if "keep" in request.form else _take_in(now, form)
    except IntegrityError:  # the same form twice at the same moment: the other one was first
        return _keep(now, form) if "keep" in request.form else _take_in(now, form)


def _rows_changed(now: Typed) -> Typed | None:
    if "add" in request.form:
        return forms.with_row(now, here().programme.most_members)
    gone = request.form.get("remove", "")
    return forms.without_row(now, int(gone)) if gone.isdecimal() and len(gone) < 4 else None


def _take_in(now: Typed, form: str) -> Page:
    with here().db.writing() as session:
        sender = _sender(now, form)
        row = guests.form_received(session, sender.form) or guests.received_from(session, sender)
        if row is not None:
            return _receipt_of(row)
        leave = leave_given(session)
        built, found = check(here().programme, now.fields, now.rows(), here().now(), late_pass=leave is not None)
        faults = forms.by_field((*found, *forms.speakers(now)))
        if built is None or faults:
            return form_page(now, faults, due(leave), form=form), 400
        earlier = [] if "another" in request.form else _earlier(session, sender, built)
        if earlier:
            return form_page(now, {}, due(leave), form=form, earlier=earlier), 409
        row = guests.apply_once(here().season, session, sender, built, here().now(), leave)
        security_log.waits(verifying.waits_until(session, session.get_one(Team, row.team_id)))
        drafts.sent(session, request.form.get("draft", ""), row.team_id, here().now())
        return _receipt_of(row)


def _sender(now: Typed, form: str) -> FormSender:
    said = json.dumps(asdict(now), sort_keys=True)
    browser, content = cookies.digest(cookies.browser()), cookies.digest(said)
    return FormSender(form=_mine(form), browser=browser, content=content, place=rate_limits.whence())


def _mine(form: str) -> str:
    """The form's key: of no use in any other browser."""
    return cookies.digest(f"{form}:{cookies.browser()}")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An application that came before; `number`: of its receipt, where this browser sent it."""

    team: Team
    number: int | None


def _earlier(session: Session, sender: FormSender, built: Application) -> list[Earlier]:
    """What came before from this browser with the same contact, or by the link of the same draft."""
    mine = [Earlier(team, form.id) for form, team in guests.others_from(session, sender, _contact(built))]
    draft = drafts.find(session, request.form.get("draft", ""))
    team = session.get(Team, draft.team_id) if draft is not None and draft.team_id is not None else None
    return mine or ([Earlier(team, None)] if team is not None else [])


def _contact(built: Application) -> str:
    return next(one.address for one in built.members if one.part == "contact")


def _receipt_of(row: SentForm) -> Response:
    return redirect(url_for("public.receipt", number=row.id), 303)


def receipt(number: int) -> str:
    """The full copy of what came in, in the browser that sent it."""
    with here().db.reading() as session:
        row = session.get(SentForm, number)
        if row is None or row.browser_hash != cookies.digest(cookies.browser()):
            abort(404)
        team = session.get_one(Team, row.team_id)
        waits = verifying.waits_until(session, team)
        return render_template("public/receipt.html", team=team, members=queries.members(session, team.id), waits=waits)


# -- keeping it for later -----------------------------------------------------------------------------------------


def _keep(now: Typed, form: str) -> Page:
    """Only the contact's address is needed: the link goes there."""
    with here().db.writing() as session:
        row = guests.form_received(session, _mine(form))
        if row is not None:
            return _receipt_of(row)
        leave = leave_given(session)
        faults = forms.by_field(drafts.check(here().programme, now.rows(), here().now(), late_pass=leave is not None))
        if faults:
            return form_page(now, faults, due(leave), form=form), 400
        known, link = _continued(session), here().season.link(f"draft:{_mine(form)}")
        address, place = now.members[now.contact]["address"].strip(), rate_limits.whence()
        kept = drafts.DraftContent(address=address, lang=lang(), content=asdict(now), place=place)
        draft = known or drafts.find(session, link.secret, lock=True)  # of a second click
        security_log.waits(drafts.save(here().season, session, draft, link, kept, due(leave), here().now()))
    secret = request.form["draft"] if known else link.secret
    return redirect(url_for("public.draft", secret=secret, **_pass()), 303)


def _continued(session: Session) -> Draft | None:
    """The draft that is being continued, if one is."""
    given = request.form.get("draft", "")
    return drafts.find(session, given, lock=True) if SECRET.fullmatch(given) else None


def _pass() -> dict[str, Any]:
    return {"pass": request.form["pass"]} if request.form.get("pass") else {}


def draft(secret: str) -> Page:
    """The form as it was left; or where things stand with it."""
    with here().db.reading() as session:
        found = drafts.find(session, secret) if SECRET.fullmatch(secret) else None
        if found is None or found.expires_at <= here().now():
            return render_template("public/draft_gone.html", phase=phase()), 404
        if found.team_id is not None:
            team = session.get_one(Team, found.team_id)
            waits = verifying.waits_until(session, team)
            return render_template("public/draft_sent.html", team=team, at=found.updated_at, waits=waits)
        leave = leave_given(session)
        now = forms.kept(here().programme, found.content)
        if phase() != "open" and leave is None:
            return closed(draft=found, typed=now)
        return form_page(now, {}, due(leave), secret=secret, draft=found, waits=drafts.waits_until(session, found))


def mail_draft(secret: str) -> Page:
    """The link once more, to the same address; a second click sends nothing more."""
    with here().db.writing() as session:
        found = drafts.find(session, secret, lock=True) if SECRET.fullmatch(secret) else None
        if found is not None and str(found.mails) == request.form.get("mails"):
            _mail_again(session, found)
    return redirect(url_for("public.draft", secret=secret), 303)


def _mail_again(session: Session, found: Draft) -> None:
    if found.expires_at > here().now() and drafts.may_be_mailed(found):
        security_log.waits(drafts.mail_again(here().season, session, found, rate_limits.whence(), here().now()))
