"""Checklist of the demonstration: steps that tick themselves off by what has really happened. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from web.access import gate
from web.i18n.language import _
from workflow.codes import HistoryEvent, SubmissionStatus
from workflow.database.models import Attendance, HistoryRow, HoursRow, Message, Question, Submission, Team
from workflow.rules.duties import DutyKind
from workflow.rules.machine import COMPLETED


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStep:
    """One thing to try. `leads`: where it is done; `awaits`: the calendar's duty that has to come first."""

    key: str
    title: str
    says: str
    done: bool
    leads: str = ""
    button: str = ""
    awaits: str = ""


def _entered(*states: str) -> sa.ColumnElement[bool]:
    return HistoryRow.to_state.in_(states) & HistoryRow.undone_by_id.is_(None)


HAPPENED: Final[Mapping[str, sa.Select[Any]]] = {
    "applied": sa.select(Team.id),
    "replied": sa.select(Team.id).where(Team.verified_at.is_not(None)),
    "selected": sa.select(HistoryRow.id).where(_entered("selected")),
    "confirmed": sa.select(HistoryRow.id).where(
        HistoryRow.event == HistoryEvent.CONFIRM, HistoryRow.undone_by_id.is_(None)
    ),
    "met": sa.select(Attendance.id),
    "handed_in": sa.select(Submission.id),
    "accepted": sa.select(Submission.id).where(Submission.status == SubmissionStatus.ACCEPTED),
    "hours": sa.select(HoursRow.id).where(HoursRow.kind == "reported"),
    "completed": sa.select(HistoryRow.id).where(_entered(COMPLETED)),
}
"""what must have happened for a step to be done"""

ASKED_BY: Final[Mapping[str, str]] = {
    "replied": "verify", "confirmed": "confirm_place", "met": "roll_call", "handed_in": "homework",
    "accepted": "review", "hours": "hours",
}  # fmt: skip
"""the question whose mail is answered at a step"""


AWAITED: Final[Mapping[str, str]] = {
    "met": DutyKind.SESSION_OVER, "handed_in": DutyKind.WORK_ASK, "hours": DutyKind.HOURS_MONTH,
}  # fmt: skip
"""the calendar's duty that sends a step's mail"""


def steps(session: Session) -> list[DemoStep]:
    """All of them in order; several may be done out of turn."""
    done = session.execute(sa.select(*(query.exists().label(key) for key, query in HAPPENED.items()))).one()
    mails = {key: _waiting_mail(session, kind) for key, kind in ASKED_BY.items()}
    return [_step(key, bool(getattr(done, key)), mails.get(key)) for key in HAPPENED]


def _waiting_mail(session: Session, kind: str) -> int | None:
    """The mail that asks it, while somebody still waits for an answer."""
    query = sa.select(sa.func.min(Message.id)).join(Question, Question.id == Message.question_id)
    return session.scalar(
        query.where(Question.kind == kind, Question.closed_at.is_(None), Message.template == _asks(kind))
    )


def _asks(kind: str) -> str:
    return "place_offer" if kind == "confirm_place" else kind


def _step(key: str, done: bool, mail: int | None) -> DemoStep:
    title, says, leads, button = _words()[key]
    if key in ASKED_BY:
        leads, button = (url_for("demo.mail", number=mail) + "#mail", _("Open the mail")) if mail else ("", "")
    return DemoStep(
        key=key,
        title=title,
        says=says,
        done=done,
        leads=leads,
        button=button,
        awaits="" if mail else AWAITED.get(key, ""),
    )


def _at_the_desk() -> bool:
    known = gate.me()
    return known is not None and known.coordinator


def _words() -> dict[str, tuple[str, str, str, str]]:
    """Title, what to do, where, and what its button says."""
    desk = url_for("office.selection.page") if _at_the_desk() else url_for("demo.people", next="/office/selection")
    office = url_for("office.today") if _at_the_desk() else url_for("demo.people")
    return {
        "applied": (
            _("Send an application"),
            _("Fill in the form for an invented team. Addresses may end in @example.org."),
            url_for("public.apply"),
            _("Open the form"),
        ),
        "replied": (
            _("Reply YES to the mail"),
            _("The contact got a mail. Open it and reply: your answer travels as a real mail to the service."),
            "",
            "",
        ),
        "selected": (
            _("Select the team"),
            _("Enter as the coordinator and open Selection. Choose the team, look at every mail it causes, apply."),
            desk,
            _("Enter as the coordinator"),
        ),
        "confirmed": (
            _("Confirm the place"),
            _("The team's contact is offered a place by mail. Reply YES: invitations to all meetings follow."),
            "",
            "",
        ),
        "met": (
            _("Hold the first workshop"),
            _("Move the clock until the workshop is over. A trainer is asked who was there: reply ALL."),
            "",
            "",
        ),
        "handed_in": (
            _("Hand in the homework"),
            _(
                "The team's contact is asked for it after the workshop. Reply with the work made ready there, or open "
                "the form."
            ),
            "",
            "",
        ),
        "accepted": (
            _("Accept it as the trainer"),
            _("The trainer gets the work by mail. Reply YES, or RETURN: and what to mend."),
            "",
            "",
        ),
        "hours": (
            _("Give mentoring hours"),
            _("Once a team is at mentoring, assign it a mentor; each month the mentor is asked. Reply 2.5 h."),
            "",
            "",
        ),
        "completed": (
            _("Reach the end"),
            _("After the final seminar the last step waits for the coordinator's yes."),
            office,
            _("Enter as the coordinator"),
        ),
    }
