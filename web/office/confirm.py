"""Two-step confirmation of a form: its consequences on one page, and then exactly that.

A form comes here twice. The first time nothing is done: the page lists every mail and move. The second time it
carries the digest of what was shown; if that still holds the act is done, else it is shown again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash, kept_form
from web.context import here
from web.office.acting import piles, season, still
from workflow.records.preview import Foreseen
from workflow.season import Season
from workflow.text.bilingual import Text

OURS: Final = ("csrf", "digest", "seen", "change")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done. `act` returns the sentence that says why not; or, when it did it, what changes beside
    mails and steps, where there is anything."""

    title: str
    do: str
    done: str
    back: str
    act: Callable[[Season, datetime], Text | tuple[Text, ...] | None]
    lead: str = ""
    about: list[Any] = field(default_factory=list)
    danger: bool = False
    form: str = ""
    """the page whose form it is, where that is not `back`"""
    field: str = ""
    """the one whose words decide whether it can be done, where one does"""
    typed: str = ""
    """a name of the words that were typed, if any: the page offers to change them, by the same form with `change`"""


def confirmed(session: Session, plan: Plan) -> Response | str:
    """Do it if it was shown and still holds; else show it. To be called in a writing transaction."""
    same, foreseen, _ = still(session, plan.act, plan.about)
    if isinstance(foreseen.result, Text):
        return kept_form.back(plan.form or plan.back, {plan.field: foreseen.result})
    if not same:
        return _shown(plan, foreseen)
    plan.act(season(session), here().now())
    return flash.go(plan.back, flash.good(plan.done))


def _shown(plan: Plan, foreseen: Foreseen[Any]) -> str:
    fields = [(name, value) for name in request.form if name not in OURS for value in request.form.getlist(name)]
    return render_template(
        "office/confirm.html",
        plan=plan,
        foreseen=foreseen,
        piles=piles(foreseen.mails),
        fields=fields,
        changed="digest" in request.form,
        seen=here().now().isoformat(),
    )
