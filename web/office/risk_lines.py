"""Lines of today's list of what goes wrong if nobody acts: one sentence each, how soon it is, and the act beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for

from web.context import here
from web.i18n.labels import heading
from web.i18n.language import _, lang, minutes, ngettext, said
from workflow.config.loader import EVERYONE
from workflow.text import formatting
from workflow.views.risks import SOON, Risk, RiskKind

LATE, NOW, LATER = "late", "now", "later"


@dataclass(frozen=True, slots=True)
class RiskLine:
    """What it says and by when; how soon that is (late, now or later); the words of the act and its address."""

    says: str
    by: str
    look: str
    go: str
    where: str


def line(risk: Risk, now: datetime) -> RiskLine:
    """The line of one of them."""
    says, go, where = SAYS[risk.kind](risk)
    return RiskLine(says, _by(risk), _look(risk, now), go, where)


def _look(risk: Risk, now: datetime) -> str:
    if risk.at is None:
        return LATER
    return LATE if risk.at <= now else NOW if risk.at <= now + SOON else LATER


def _by(risk: Risk) -> str:
    return formatting.on(risk.at, lang(), here().programme.tz) if risk.at is not None else ""


def _silent(risk: Risk) -> tuple[str, str, str]:
    meeting = risk.session
    assert meeting is not None
    group = "" if meeting.group == EVERYONE else f", {said(here().programme.group(meeting.group).name)}"
    name = f"{said(heading(here().programme, meeting.stage))}{group}"
    silent = ngettext("%(num)s person is silent", "%(num)s people are silent", risk.number)
    says = _("%(name)s: %(silent)s, coming: %(coming)s.", name=name, silent=silent, coming=risk.coming)
    return says, _("Write to the silent"), url_for("office.write.page", session=meeting.id, said="none")


def _work(risk: Risk) -> tuple[str, str, str]:
    stage = said(heading(here().programme, risk.stage))
    says = ngettext("%(stage)s: %(num)s work is not handed in", "%(stage)s: %(num)s works are not handed in",
                    risk.number, stage=stage)  # fmt: skip
    late = f", {_('of these late: %(n)s', n=risk.late)}." if risk.late else "."
    return f"{says}{late}", _("Write to them"), url_for("office.write.page", side="owing", state=risk.stage)


def _place(risk: Risk) -> tuple[str, str, str]:
    says = ngettext("%(num)s team has not answered whether it takes its place.",
                    "%(num)s teams have not answered whether they take their places.", risk.number)  # fmt: skip
    return says, _("Write to them"), url_for("office.write.page", side="owing", state="selected")


def _hours(risk: Risk) -> tuple[str, str, str]:
    assert risk.team is not None
    says = _("%(team)s: mentor hours left: %(left)s.", team=risk.team.name, left=minutes(risk.number))
    return says, _("Mentoring"), f"{url_for('office.mentoring.page')}#team-{risk.team.id}"


def _applications(risk: Risk) -> tuple[str, str, str]:
    says = ngettext("%(num)s application is begun and not sent: its writer has the link.",
                    "%(num)s applications are begun and not sent: their writers have the links.",
                    risk.number)  # fmt: skip
    return says, "", ""


def _letters(risk: Risk) -> tuple[str, str, str]:
    says = ngettext("%(num)s letter of yours is a draft still.", "%(num)s letters of yours are drafts still.",
                    risk.number)  # fmt: skip
    return says, _("See the drafts"), url_for("office.write.page", new=1)


SAYS: Final = {
    RiskKind.SILENT: _silent, RiskKind.WORK: _work, RiskKind.PLACE: _place, RiskKind.HOURS: _hours,
    RiskKind.APPLICATIONS: _applications, RiskKind.LETTERS: _letters,
}  # fmt: skip
