"""First line of today's page: where the season stands, in one sentence, and where to act."""

from dataclasses import dataclass

from flask import url_for

from web.context import here
from web.i18n.labels import heading
from web.i18n.language import _, ngettext, said
from workflow.config.loader import EVERYONE
from workflow.views.phase import Phase, SeasonNow


@dataclass(frozen=True, slots=True)
class SeasonLine:
    """What it says, and the page that it leads to: its words and its address."""

    says: str
    go: str
    where: str
    waits: bool
    """something waits for the coordinators, though no row of the page says so"""


def line(now: SeasonNow) -> SeasonLine | None:
    """The sentence of this phase; None where there is nothing to tell."""
    selection = (_("Choose the teams"), url_for("office.selection.page"))
    if now.phase is Phase.APPLYING:
        if not now.applications:
            return None
        says = _("Applications: %(all)s, complete: %(complete)s.", all=now.applications, complete=now.complete)
        ends = _("Days until applying ends: %(n)s.", n=now.days) if now.days else _("Applying ends today.")
        return SeasonLine(f"{says} {ends}", *selection, now.to_choose)
    if now.phase is Phase.CHOOSING:
        says = _("Applying is over: choose the teams. Applications: %(all)s, complete: %(complete)s, free places: "
                 "%(free)s.", all=now.applications, complete=now.complete, free=now.free)  # fmt: skip
        return SeasonLine(says, *selection, waits=True)
    if now.phase is Phase.OFFERED:
        says = _("Places confirmed: %(confirmed)s, not answered yet: %(offered)s, free: %(free)s.",
                 confirmed=now.confirmed, offered=now.offered, free=now.free)  # fmt: skip
        return SeasonLine(says, _("Board"), url_for("office.board.page"), waits=False)
    return _of_session(now) if now.session is not None else _over(now)


def _of_session(now: SeasonNow) -> SeasonLine:
    meeting = now.session
    assert meeting is not None
    group = "" if meeting.group == EVERYONE else f", {said(here().programme.group(meeting.group).name)}"
    name = f"{said(heading(here().programme, meeting.stage))}{group}"
    when = _("today") if now.days == 0 else _("tomorrow") if now.days == 1 else _("in %(days)s", days=_days(now.days))
    told = [_("coming: %(n)s", n=now.coming), _("silent: %(n)s", n=now.silent)] if now.coming or now.silent else []
    told += [_("works late: %(n)s", n=now.late)] if now.late else []
    says = f"{name} {when}" + (f": {', '.join(told)}." if told else ".")
    return SeasonLine(says, _("See the session"), url_for("office.calendar.one", session_id=meeting.id), waits=False)


def _days(n: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", n)


def _over(now: SeasonNow) -> SeasonLine | None:
    if not now.completed:
        return None
    says = _("The sessions are over. Teams that completed the programme: %(n)s.", n=now.completed)
    return SeasonLine(says, _("Reports"), url_for("office.reports.page"), waits=False)
