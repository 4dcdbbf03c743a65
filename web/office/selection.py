"""Selection page: applications side by side, ranks and decisions that nobody sees until they are applied together.

Applying shows first every mail to every team, then does exactly that, best ranked first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash, kept_form
from web.access.gate import require
from web.context import here
from web.i18n.labels import TAKE
from web.i18n.language import _, said
from web.office import acting, drawings
from web.office.acting import actor, piles, still
from web.request import field, moment_of, number, numbers
from workflow.coordinator import adjustments
from workflow.database.models import Person, Team
from workflow.database.search import by_name
from workflow.journey import moves
from workflow.records import queries
from workflow.rules.application import clean_text
from workflow.rules.machine import APPLIED, WAITLISTED, Refusal, Trigger
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.views import board
from workflow.views.board import Standing

blueprint = Blueprint("selection", __name__)

Page = str | Response
CHOICES = (Trigger.SELECT, Trigger.WAITLIST, Trigger.DECLINE)
RANK_MAX, NOTE_MAX, COMPARED = 999, 4000, 4
PAGE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Places of a group (or of the programme): taken, planned by decisions not yet applied, in all."""

    name: str
    taken: int
    planned: int
    whole: int

    @property
    def over(self) -> bool:
        return self.taken + self.planned > self.whole

    @property
    def picture(self) -> object:
        words = _(
            "%(name)s: %(taken)s taken, %(planned)s planned, %(whole)s in all",
            name=self.name,
            taken=self.taken,
            planned=self.planned,
            whole=self.whole,
        )
        return drawings.seats(self.taken, self.planned, self.whole, words)


@blueprint.get("/selection")
@require("coordinator", "reader")
def page() -> str:
    """Applications side by side."""
    with here().db.reading() as session:
        return _page(session, {})


def _page(session: Session, faults: dict[str, Text]) -> str:
    page = number(request.args.get("page") or field("page")) or 1
    seen = board.candidates(here().season, session, here().now(), page=page, size=PAGE)
    return render_template(
        "office/selection.html",
        found=seen.found,
        window=seen.window,
        counts=_counts(session),
        choices=_choices(),
        decided=seen.decided,
        faults=faults,
        sizes=_sizes(seen.found),
    )


@blueprint.get("/selection/compare")
@require("coordinator", "reader")
def compare() -> Page:
    """Two to four applications in columns, everything about each in the same line."""
    ids = [n for n in map(number, request.args.getlist("team")) if n is not None]
    with here().db.reading() as session:
        found = board.compared(here().season, session, here().now(), ids[:COMPARED])
        members = {s.team.id: _sides(session, s.team) for s in found}
    if len(found) < 2:
        return flash.go(url_for("office.selection.page"), flash.warn(said(_TICK)))
    return render_template(
        "office/compare.html",
        found=found,
        members=members,
        sides=list(dict.fromkeys(side for each in members.values() for side in each)),
        choices=_choices(),
        waits=(APPLIED, WAITLISTED),
    )


def _sides(session: Session, team: Team) -> Mapping[str, list[Person]]:
    """The team's members by kind; under one head where the programme has no kinds."""
    found: defaultdict[str, list[Person]] = defaultdict(list, {kind.key: [] for kind in here().programme.team.kinds})
    for person in queries.members(session, team.id):
        found[person.side or ""].append(person)
    return found


def _choices() -> list[tuple[str, str]]:
    """(value, words) for the decision: select once per group."""
    programme = here().programme
    groups = [(f"select:{g.key}", f"{said(TAKE[Trigger.SELECT])}: {said(g.name)}") for g in programme.groups]
    plain = [] if groups else [("select:", said(TAKE[Trigger.SELECT]))]
    return [*groups, *plain, *((c.value, said(TAKE[c])) for c in CHOICES[1:])]


def _counts(session: Session) -> list[Count]:
    """The programme's places, then each group's."""
    season = here().season
    taken = queries.group_taken(session, season.machine)
    planned = board.planned(session)
    whole = Count(
        name=_("All places"),
        taken=queries.places_taken(session, season.machine),
        planned=sum(planned.values()),
        whole=season.programme.capacity,
    )
    groups = (
        Count(name=said(g.name), taken=taken.get(g.key, 0), planned=planned.get(g.key, 0), whole=g.size)
        for g in season.programme.groups
    )
    return [whole, *groups]


def _sizes(found: Sequence[Standing]) -> dict[int, tuple[int, ...]]:
    """team -> members of each kind; in all where the programme has no kinds."""
    kinds = [kind.key for kind in here().programme.team.kinds]
    sides = {s.team.id: [m.side for m in s.facts.members] for s in found}
    return {
        team: tuple(each.count(kind) for kind in kinds) if kinds else (len(each),) for team, each in sides.items()
    }


@blueprint.post("/selection")
@require("coordinator")
def save() -> Page:
    """Keep ranks and decisions; nobody is told anything."""
    with here().db.writing() as session:
        teams = [team for team in _candidates(session) if f"decision-{team.id}" in request.form]
        bad = [team.name for team in teams if not _noted(session, team)]
    where = url_for("office.selection.page", page=number(field("page")))
    told = [flash.bad(_("%(name)s: the rank is 1–%(most)s.", name=name, most=RANK_MAX)) for name in bad]
    if field("do") == "compare":
        return _compared(told)
    if field("do") == "apply" and not told:
        return flash.go(url_for("office.selection.look"))
    says = _("Saved. Nobody was told anything.")
    return flash.go(where, flash.good(says), *told)


def _compared(told: list[flash.FlashMessage]) -> Response:
    """On to the ticked ones side by side; what was typed is kept."""
    chosen = numbers("compare")
    if not 2 <= len(chosen) <= COMPARED:
        return flash.go(
            url_for("office.selection.page", page=number(field("page"))), flash.warn(said(_TICK)), *told
        )
    saved = flash.good(_("Saved. Nobody was told anything."))
    return flash.go(url_for("office.selection.compare", team=chosen), saved, *told)


_TICK = Text(
    et="Märkige kaks kuni neli meeskonda, mida võrrelda. Järk ja otsused on salvestatud.",
    en="Tick two to four teams to compare. Ranks and decisions are saved.",
)


def _candidates(session: Session) -> list[Team]:
    query = sa.select(Team).where(Team.state.in_((APPLIED, WAITLISTED)))
    return list(session.scalars(query.order_by(by_name(Team.name), Team.id)))


def _noted(session: Session, team: Team) -> bool:
    """Write down one team's rank and decision as typed; False where the rank is none."""
    typed = field(f"rank-{team.id}")
    rank = number(typed)
    choice, _colon, group = request.form.get(f"decision-{team.id}", "").partition(":")
    known = group if any(g.key == group for g in here().programme.groups) else None
    chosen = Trigger(choice) if choice in set(CHOICES) and (choice, team.state) != ("waitlist", WAITLISTED) else None
    moves.provide(team, chosen, known if chosen is Trigger.SELECT else None)
    if f"note-{team.id}" in request.form:
        team.note = clean_text(request.form[f"note-{team.id}"])[:NOTE_MAX]
    if typed and (rank is None or not 1 <= rank <= RANK_MAX):
        return False
    team.rank = rank
    return True


# -- apply all ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of one team's decision."""

    name: str
    words: str
    reasons: tuple[Text, ...]


def _all(season: Season, session: Session, now: datetime) -> tuple[DecisionResult, ...]:
    """Carry out every provisional decision; a result for each."""
    done = moves.apply_all(season, session, _candidates(session), actor(session), now)
    return tuple(
        DecisionResult(
            team.name,
            said(TAKE[moved.trigger]),
            tuple(r.says for r in moved.reasons) if isinstance(moved, Refusal) else (),
        )
        for team, moved in done
    )


def _marks(session: Session) -> list[object]:
    return [(t.id, t.version, t.state, t.rank, t.provisional, t.provisional_group) for t in _candidates(session)]


@blueprint.get("/selection/apply")
@require("coordinator")
def look() -> Page:
    """Every consequence of all decisions together."""
    return _look(changed=False)


def _look(*, changed: bool) -> Page:
    with here().db.writing() as session:
        chosen = any(team.provisional for team in _candidates(session))
        _same, foreseen, _now = still(session, lambda season, at: _all(season, session, at), _marks(session))
        session.rollback()
    if not chosen:
        nobody = _("No decision is noted: nothing is done.")
        return flash.go(url_for("office.selection.page"), flash.warn(nobody))
    return render_template(
        "office/apply_all.html",
        foreseen=foreseen,
        piles=piles(foreseen.mails),
        changed=changed,
        seen=here().now().isoformat(),
    )


@blueprint.post("/selection/apply")
@require("coordinator")
def apply_all() -> Page:
    """Do exactly what was shown; the result of each on the next page."""
    with here().db.writing() as session:
        same, _foreseen, _now = still(session, lambda season, at: _all(season, session, at), _marks(session))
        done = _all(acting.season(session), session, here().now()) if same else ()
    if not same:
        return _look(changed=True)
    return render_template("office/applied.html", done=done)


# -- late passes ----------------------------------------------------------------------------------


@blueprint.post("/selection/pass")
@require("coordinator")
def late_pass() -> Page:
    """Leave to apply after the deadline, by mail to one address."""
    until, lang = moment_of(field("until"), end_of_day=True), here().programme.lang(field("pass_lang"))
    where = url_for("office.selection.page")
    if until is None:
        says = Text(et="Valige, mis ajani luba kehtib.", en="Choose until when it holds.")
        return kept_form.back(f"{where}#pass", {"until": says})
    with here().db.writing() as session:
        given = adjustments.issue_pass(
            acting.season(session), session, field("address"), field("why"), until, lang,
            here().now(),
        )  # fmt: skip
    if isinstance(given, Text):
        return kept_form.back(f"{where}#pass", {"address": given})
    return flash.go(where, flash.good(_("The pass is sent: %(address)s.", address=given.address)))
