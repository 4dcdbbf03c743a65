"""Board page: all teams by state, what is missing and which steps lead on, with the journey as a picture above."""

from flask import Blueprint, render_template, request
from markupsafe import Markup

from web.access.gate import require
from web.context import here
from web.i18n.labels import heading
from web.i18n.language import _, said
from web.office import drawings
from web.request import number
from workflow.rules.machine import COMPLETED, OUT, WAITLISTED
from workflow.views import board
from workflow.views.board import Board, Sought

blueprint = Blueprint("board", __name__)


@blueprint.get("/board")
@require("coordinator", "reader")
def page() -> str:
    """The board; `group` and `q` leave some teams only."""
    group, search = request.args.get("group", ""), request.args.get("q", "").strip()[:100]
    known = group if any(g.key == group for g in here().programme.groups) else ""
    sought = Sought(group=known, search=search, page=number(request.args.get("page")) or 1)
    with here().db.reading() as session:
        seen = board.board(here().season, session, here().now(), sought)
    kept = {name: value for name, value in {"group": known, "q": search}.items() if value}
    return render_template(
        "office/board.html", seen=seen, group=known, search=search, kept=kept, pictures=_pictures(seen), out=OUT
    )


def _pictures(seen: Board) -> Markup:
    """The journey, wide and tall; the page's style shows the one that fits."""
    stops = [_stop(state, count) for state, count in seen.counts.items()]
    title = _("Teams on the journey")
    words = drawings.sentence((s.name, s.count) for s in stops) or _("There are no teams.")
    return drawings.journey(_line(stops), title, words) + drawings.journey_down(stops, title, words)


def _stop(state: str, count: int) -> drawings.Stop:
    name = said(heading(here().programme, state))
    return drawings.Stop(key=state, name=name, count=count, side=state == WAITLISTED, out=state in OUT)


def _line(stops: list[drawings.Stop]) -> list[drawings.Stop]:
    """The line in the journey's order, what stands off it last."""
    order = {COMPLETED: 1}
    return sorted(stops, key=lambda s: 2 if s.side or s.out else order.get(s.key, 0))
