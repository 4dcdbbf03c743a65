"""Page that approves one step of a team: the move, what is met, every mail it will cause, and what it starts. Then
exactly that.

Looking at it changes nothing: the step is taken in a transaction that is rolled back. Taking it needs the digest
of what was shown; whatever changed meanwhile is shown again instead.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import require
from web.context import here
from web.i18n.labels import TAKE
from web.i18n.language import _, ngettext, said
from web.office import acting
from web.office.acting import actor, piles, still, the_team
from web.office.confirm import Plan, confirmed
from web.request import field, number
from workflow.config.loader import Undecided
from workflow.coordinator import steps
from workflow.coordinator.steps import StepRequest
from workflow.database.models import HistoryRow, Team
from workflow.journey import moves, sessions
from workflow.records import approvals, queries
from workflow.records.preview import Foreseen, foresee
from workflow.rules.machine import SELECTED, Refusal, Trigger, state_name
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.views import team as team_view

blueprint = Blueprint("approval", __name__)

Page = str | Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The step as it would go: `reasons` stand in the way, `mendable` ones can be passed over with a reason."""

    wanted: StepRequest
    foreseen: Foreseen[tuple[Text, ...]]
    digest: str
    """of what would happen, whatever reason is typed"""
    target: str | None
    reasons: tuple[Text, ...]
    mendable: bool
    same: bool

    @property
    def possible(self) -> bool:
        return not self.foreseen.result


def _trigger(word: str) -> Trigger:
    return Trigger(word) if word in set(Trigger) else abort(404)


@blueprint.get("/team/<int:team_id>/step/<trigger>")
@require("coordinator")
def step(team_id: int, trigger: str) -> Page:
    """The page as it stands; nothing is kept of what was tried."""
    return _page(team_id, _trigger(trigger), request.args.get("why", ""), request.args.get("group", ""))


def _page(team_id: int, trigger: Trigger, why: str, group: str, *, faults: dict[str, Text] | None = None) -> str:
    with here().db.writing() as session:
        look = _look(session, the_team(session, team_id), trigger, why, group)
        session.rollback()
    with here().db.reading() as session:
        return _render(session, the_team(session, team_id), look, faults or {})


def _render(session: Session, team: Team, look: Look, faults: dict[str, Text]) -> str:
    asked = steps.open_approval(session, team, look.wanted.trigger)
    standing = team_view.standing(here().season, session, team, here().now(), [asked] if asked else [])
    return render_template(
        "office/approval.html",
        team=team,
        look=look,
        standing=standing,
        title=said(TAKE[look.wanted.trigger]),
        piles=piles(look.foreseen.mails),
        asked=asked,
        statements=approvals.statements(session, asked) if asked else (),
        groups=_groups(session, look),
        faults=faults,
        changed=request.method == "POST" and not look.same and request.form.get("do") != "show",
        seen=here().now().isoformat(),
        by_itself=asked is not None
        and here().programme.undecided(look.wanted.trigger) is Undecided.AUTOMATIC
        and not approvals.contested(session, asked),
        tells_why=look.wanted.trigger in _TELLS_WHY,
    )


_TELLS_WHY = (Trigger.RELEASE, Trigger.WITHDRAW, Trigger.REINSTATE)
"""steps whose mails say the reason"""


def _look(session: Session, team: Team, trigger: Trigger, why: str, group: str) -> Look:
    season, now = acting.season(session), here().now()
    session.refresh(team, with_for_update=True)
    plain = moves.consider(season, session, team, trigger, actor(session).who, now)
    refused = plain.reasons if isinstance(plain, Refusal) else ()
    mendable = bool(refused) and not any(r.firm for r in refused)
    wanted = StepRequest(trigger=trigger, why=why, group=_group(session, team, trigger, group), override=mendable)
    marks = steps.marks(season, session, team, wanted, now)
    unsaid = replace(wanted, why=steps.UNSAID)
    same, plainly, at = still(
        session, lambda season, at: steps.take(season, session, team, unsaid, actor(session), at), marks
    )
    foreseen = foresee(
        season, session, lambda season: steps.take(season, session, team, wanted, actor(session), at), about=marks
    )
    target = season.machine.next_state(trigger, team.state, team.left_from)
    return Look(
        wanted=wanted,
        foreseen=foreseen,
        digest=plainly.digest,
        target=target,
        reasons=tuple(r.says for r in refused),
        mendable=mendable,
        same=same,
    )


def _group(session: Session, team: Team, trigger: Trigger, chosen: str) -> str | None:
    """The group a selected team goes to: as chosen, else where it would go by itself."""
    programme = here().programme
    if trigger is not Trigger.SELECT or not programme.groups:
        return None
    if any(g.key == chosen for g in programme.groups):
        return chosen
    taken = queries.group_taken(session, here().season.machine)
    return sessions.choose_group(programme, taken, team.provisional_group or team.group or team.wish_group)


def _groups(session: Session, look: Look) -> list[tuple[str, str, str]]:
    """(key, name, places left) for the form; none where the step does not place the team."""
    if look.target != SELECTED or look.wanted.group is None:
        return []
    programme, taken = here().programme, queries.group_taken(session, here().season.machine)
    return [
        (
            g.key,
            said(g.name),
            ngettext("%(num)s place left", "%(num)s places left", g.size - taken.get(g.key, 0)),
        )
        for g in programme.groups
    ]


@blueprint.post("/team/<int:team_id>/step/<trigger>")
@require("coordinator")
def take(team_id: int, trigger: str) -> Page:
    """Take the step, or answer no; with `do=show` only look again with other words."""
    what, why, group = _trigger(trigger), field("why"), field("group")
    if field("do") == "no":
        return _turn_down(team_id, what, why, group)
    if field("do") != "yes":
        return _page(team_id, what, why, group)
    done = _take(team_id, what, why, group)
    return done if done is not None else _page(team_id, what, why, group, faults=_faults(team_id, what, why))


def _faults(team_id: int, trigger: Trigger, why: str) -> dict[str, Text]:
    if why:
        return {}
    return {"why": _WHY} if _mendable(team_id, trigger) else {}


def _mendable(team_id: int, trigger: Trigger) -> bool:
    with here().db.reading() as session:
        team = the_team(session, team_id)
        plain = moves.consider(here().season, session, team, trigger, actor(session).who, here().now())
        return isinstance(plain, Refusal) and not any(r.firm for r in plain.reasons)


_WHY = Text(
    et="Kirjutage põhjus: miks võib meeskond edasi minna, kuigi midagi on puudu?",
    en="Write the reason: why may the team go on although something is missing?",
)


def _take(team_id: int, trigger: Trigger, why: str, group: str) -> Response | None:
    """The step, done; None where it must be shown again."""
    now = here().now()
    with here().db.writing() as session:
        team, season = the_team(session, team_id), acting.season(session)
        look = _look(session, team, trigger, why, group)
        if not look.same or not look.possible or (look.mendable and not why):
            return None
        if steps.take(season, session, team, look.wanted, actor(session), now):
            session.rollback()
            return None
        name, state = team.name, said(state_name(here().programme, team.state))
    mails = ngettext("%(num)s mail", "%(num)s mails", len(look.foreseen.mails))
    says = _("%(name)s: done. Now: %(state)s. %(mails)s.", name=name, state=state, mails=mails)
    return flash.go(url_for("office.team.page", team_id=team_id), flash.good(says))


def _turn_down(team_id: int, trigger: Trigger, why: str, group: str) -> Page:
    if not why:
        return _page(team_id, trigger, why, group, faults={"why": _WHY_NOT})
    with here().db.writing() as session:
        team = the_team(session, team_id)
        refused = steps.turn_down(acting.season(session), session, team, trigger, why, actor(session), here().now())
        if refused:
            session.rollback()
    back = url_for("office.team.page", team_id=team_id)
    if refused:
        return flash.go(back, flash.bad(" ".join(said(r) for r in refused)))
    return flash.go(back, flash.good(_("Not approved. The reason is kept.")))


_WHY_NOT = Text(et="Kirjutage, miks te seda ei kinnita.", en="Write why you do not approve it.")


# -- undo -----------------------------------------------------------------------------------------


@blueprint.get("/team/<int:team_id>/undo")
@require("coordinator")
def undo(team_id: int) -> Page:
    """What taking back the last step would bring, and the choice how."""
    with here().db.reading() as session:
        return _undo_page(session, the_team(session, team_id), {})


def _undo_page(session: Session, team: Team, faults: dict[str, Text]) -> str:
    row = queries.last_transition(session, team.id)
    return render_template(
        "office/undo.html",
        team=team,
        row=row,
        undoing=moves.undoing(here().season, session, row) if row else None,
        faults=faults,
        why=field("why") if request.method == "POST" else "",
        how=field("how") if request.method == "POST" else "",
    )


@blueprint.post("/team/<int:team_id>/undo")
@require("coordinator")
def take_back(team_id: int) -> Page:
    """Shown once more with every mail, then done."""
    why, how, row_id = field("why"), field("how"), number(field("row"))
    with here().db.writing() as session:
        team = the_team(session, team_id)
        faults = _undo_faults(why, how)
        if faults:
            return _undo_page(session, team, faults)
        row = session.get(HistoryRow, row_id) if row_id else None
        if row is None or row.team_id != team.id:
            abort(404)
        return confirmed(session, _undo_plan(session, team, row, why, silent=how == "silent"))


def _undo_faults(why: str, how: str) -> dict[str, Text]:
    found = {}
    if not why:
        found["why"] = Text(et="Kirjutage põhjus: see jääb ajalukku.", en="Write the reason: it stays in the history.")
    if how not in ("tell", "silent"):
        found["how"] = Text(et="Valige, kas vead parandatakse kirjaga.", en="Choose whether corrections are written.")
    return found


def _undo_plan(session: Session, team: Team, row: HistoryRow, why: str, *, silent: bool) -> Plan:
    who = actor(session)

    def act(season: Season, now: datetime) -> Text | None:
        found = moves.undo(season, session, team, row, who, now, why=why, silent=silent)
        return _NOT_LAST if found is None else None

    back = said(state_name(here().programme, row.from_state or team.state))
    about: list[Any] = [team.id, team.version, row.id, silent]
    return Plan(
        title=_("%(team)s: take back the last step", team=team.name),
        lead=_("The team goes back to: %(back)s.", back=back),
        do=_("Take it back"),
        done=_("%(team)s: the step is taken back.", team=team.name),
        back=url_for("office.team.page", team_id=team.id),
        act=act,
        about=about,
        danger=True,
    )


_NOT_LAST = Text(
    et="See ei ole enam meeskonna viimane samm: midagi ei muudetud.",
    en="This is no longer the team's last step: nothing was changed.",
)
