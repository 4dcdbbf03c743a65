"""All the mails there are: what each is for, and how it looks in each language, with a chosen team's own data.

What only the occasion knows (a reason, a comment) is filled in from samples. Nothing here is queued or sent.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.orm import Session

from web.access.gate import framed, require
from web.context import Preview, here
from web.i18n.language import lang
from web.office.acting import number
from web.purposes import PURPOSES, SECTIONS
from workflow.config.loader import When
from workflow.database.models import Team
from workflow.notices import NOTICES, Fact, Unsayable, when_sent
from workflow.views import mail as overview_mail
from workflow.views import mail_samples as overview_facts

blueprint = Blueprint("mails", __name__)


@blueprint.get("/mails")
@require("coordinator", "reader")
def page() -> str:
    """Every template with its purpose, by the part of the journey that it belongs to."""
    return render_template("office/mails.html", sections=SECTIONS, purposes=PURPOSES, specs=NOTICES, held=_held)


def _held(template: str) -> bool:
    return when_sent(here().programme, template) is When.AFTER_APPROVAL


@blueprint.get("/mails/<template>")
@require("coordinator", "reader")
def one(template: str) -> str:
    """One template as it looks: `in` chooses the language, `team` whose data it shows."""
    with here().db.reading() as session:
        return render_template("office/mail.html", **_shown(session, template), held=_held(template))


@blueprint.get("/mails/<template>/html")
@require("coordinator", "reader")
def html(template: str) -> Response:
    """The HTML part, for a frame that runs nothing and loads nothing."""
    with here().db.reading() as session:
        preview = _shown(session, template)["preview"]
        return framed(preview.html if preview else "")


def _shown(session: Session, template: str) -> dict[str, Any]:
    if template not in NOTICES or here().samples is None:
        abort(404)
    chosen = request.args.get("in", lang())
    tongue = chosen if chosen in here().programme.languages else lang()
    team, search = session.get(Team, number(request.args.get("team")) or 0), request.args.get("q", "").strip()[:100]
    called = overview_mail.teams_called(session, search) if search else {}
    if team is None and len(called) == 1:
        team = session.get(Team, next(iter(called)))
    return {
        "template": template,
        "tongue": tongue,
        "team": team,
        "called": called,
        "search": search,
        "purpose": PURPOSES[template],
        "spec": NOTICES[template],
        **_preview(template, tongue, _facts(session, template, team)),
    }


def _preview(template: str, tongue: str, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """As the template's file stands this moment; a fault in it is shown instead."""
    try:
        preview: Preview = here().composer.preview(template, tongue, facts)
    except Unsayable as fault:
        return {"preview": None, "fault": str(fault)}
    return {"preview": preview, "fault": ""}


def _facts(session: Session, template: str, team: Team | None) -> Mapping[str, Fact]:
    """Samples, with what is known of the programme and of the team laid over them."""
    samples = here().samples
    known = dict(samples(template, here().settings.base_url)) if samples else {}
    season = here().season
    real = overview_facts.of_team(season, session, team, template) if team else overview_facts.common(season.programme)
    return known | {name: fact for name, fact in real.items() if name in known}
