"""How long each kind of mail is of use: one row each, so that what is over is not sent to somebody late.

A mail leaves within seconds, save where an address, the relay or the coordinator holds it; what it is about may be
over meanwhile. Pure: must never know how a mail is sent.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Lasting(StrEnum):
    QUESTION = "question"
    """until the question that it puts is closed"""
    STEP = "step"
    """until the team takes another step than the one it tells of"""
    WEEK = "week"
    """it answers or tells of something of the day: a week later nobody can use it"""
    ALWAYS = "always"


LASTING: Final[Mapping[str, Lasting]] = {
    "verify": Lasting.QUESTION,
    "consent": Lasting.QUESTION,
    "application_counts": Lasting.STEP,
    "draft": Lasting.ALWAYS,
    "late_pass": Lasting.ALWAYS,
    "place_offer": Lasting.QUESTION,
    "waitlisted": Lasting.STEP,
    "declined": Lasting.STEP,
    "place_confirmed": Lasting.STEP,
    "place_released": Lasting.STEP,
    "other_answered": Lasting.WEEK,
    "session_invitation": Lasting.QUESTION,
    "session_reminder": Lasting.QUESTION,
    "session_moved": Lasting.QUESTION,
    "session_place": Lasting.QUESTION,
    "session_cancelled": Lasting.WEEK,
    "membership_ended": Lasting.ALWAYS,
    "roll_call": Lasting.QUESTION,
    "homework": Lasting.QUESTION,
    "work_received": Lasting.WEEK,
    "review": Lasting.QUESTION,
    "work_accepted": Lasting.ALWAYS,
    "work_returned": Lasting.QUESTION,
    "presentation": Lasting.QUESTION,
    "stage_done": Lasting.STEP,
    "extension": Lasting.QUESTION,
    "due_moved": Lasting.QUESTION,
    "mentor_assigned": Lasting.ALWAYS,
    "mentor_welcome": Lasting.ALWAYS,
    "hours": Lasting.QUESTION,
    "hours_held": Lasting.WEEK,
    "hours_settled": Lasting.ALWAYS,
    "hours_check": Lasting.QUESTION,
    "reflection": Lasting.QUESTION,
    "completed": Lasting.ALWAYS,
    "certificate": Lasting.ALWAYS,
    "withdraw_noted": Lasting.WEEK,
    "decision_late": Lasting.WEEK,
    "withdrawn": Lasting.STEP,
    "reinstated": Lasting.STEP,
    "correction": Lasting.ALWAYS,
    "member_left": Lasting.ALWAYS,
    "read_back": Lasting.WEEK,
    "reminder": Lasting.QUESTION,
    "passed_on": Lasting.QUESTION,
    "unclear": Lasting.QUESTION,
    "asked_back": Lasting.QUESTION,
    "form_only": Lasting.QUESTION,
    "wrong_sender": Lasting.QUESTION,
    "already": Lasting.WEEK,
    "late": Lasting.WEEK,
    "fell_away": Lasting.WEEK,
    "status": Lasting.WEEK,
    "help": Lasting.WEEK,
    "heard": Lasting.WEEK,
    "own_letter": Lasting.ALWAYS,
    "own_reply": Lasting.ALWAYS,
    "address_changed": Lasting.WEEK,
    "details_changed": Lasting.WEEK,
    "own_address": Lasting.QUESTION,
    "signed_off": Lasting.WEEK,
    "info_day": Lasting.ALWAYS,
    "info_day_reminder": Lasting.WEEK,
    "approve": Lasting.QUESTION,
    "sign_in_to_decide": Lasting.WEEK,
    "handed_over": Lasting.ALWAYS,
    "digest": Lasting.WEEK,
    "alert": Lasting.WEEK,
    "sign_in": Lasting.WEEK,
    "sign_in_changed": Lasting.ALWAYS,
}


def templates(*lasting: Lasting) -> tuple[str, ...]:
    """The kinds of mail that last so, for queries."""
    return tuple(name for name, how in LASTING.items() if how in lasting)
