"""Template pages: all mails, what each is for, and a preview in each language, with a chosen team's own data.

What only the occasion knows (a reason, a comment) is filled in from samples. Nothing here is queued or sent.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.orm import Session

from mail.composing import samples
from web.access.gate import framed, require
from web.context import here
from web.i18n.language import lang
from web.request import number
from workflow.config.loader import When
from workflow.database.models import Team
from workflow.notices import Fact, Unsayable
from workflow.rules.mail_kinds import MAIL_KINDS, SECTION_NAMES, when_sent
from workflow.text.bilingual import Text
from workflow.views import mail, mail_samples

blueprint = Blueprint("mails", __name__)


@blueprint.get("/mails")
@require("coordinator", "reader")
def page() -> str:
    """Every template with its purpose, by the part of the journey that it belongs to."""
    return render_template("office/mails.html", sections=sections(), kinds=MAIL_KINDS, held=_held)


def sections() -> list[tuple[Text, list[str]]]:
    """The parts of the journey in order, each with the names of its mails."""
    return [
        (title, [name for name, kind in MAIL_KINDS.items() if kind.section is section])
        for section, title in SECTION_NAMES.items()
    ]


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
    if template not in MAIL_KINDS:
        abort(404)
    chosen = request.args.get("in", lang())
    tongue = chosen if chosen in here().programme.languages else lang()
    team, search = session.get(Team, number(request.args.get("team")) or 0), request.args.get("q", "").strip()[:100]
    called = mail.teams_called(session, search) if search else {}
    if team is None and len(called) == 1:
        team = session.get(Team, next(iter(called)))
    return {
        "template": template,
        "tongue": tongue,
        "team": team,
        "called": called,
        "search": search,
        "kind": MAIL_KINDS[template],
        **_preview(template, tongue, _facts(session, template, team)),
    }


def _preview(template: str, tongue: str, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """As the template's file stands this moment; a fault in it is shown instead."""
    try:
        preview = here().composer.preview(template, tongue, facts)
    except Unsayable as fault:
        return {"preview": None, "fault": str(fault)}
    return {"preview": preview, "fault": ""}


def _facts(session: Session, template: str, team: Team | None) -> Mapping[str, Fact]:
    """Samples, with what is known of the programme and of the team laid over them."""
    known = samples.sample(template, here().settings.base_url)
    season = here().season
    real = mail_samples.of_team(season, session, team, template) if team else mail_samples.common(season.programme)
    return known | {name: fact for name, fact in real.items() if name in known}
