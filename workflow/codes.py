"""Codes: the closed sets that columns of the database hold, each value named once.

Values only; must never hold what a code means for a journey. What people read instead: `web/i18n/labels.py`.
"""

from enum import StrEnum
from typing import Final


class LetterStatus(StrEnum):
    """Where the handling of an incoming mail stands."""

    NEW = "new"
    DONE = "done"
    HELD = "held"
    """waits for the coordinator"""
    PARKED = "parked"
    """could not be handled"""


LETTER_WAITS: Final = (LetterStatus.HELD, LetterStatus.PARKED)
"""a letter that stands before the coordinator"""


class LetterOutcome(StrEnum):
    """What became of an incoming mail."""

    ACCEPTED = "accepted"
    ALREADY = "already"
    SIGN_IN = "sign_in"
    LATE = "late"
    REFUSED = "refused"
    STATUS = "status"
    HELP = "help"
    WITHDRAW = "withdraw"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    BOUNCE_UNKNOWN = "bounce_unknown"
    BOUNCE_UNPROVEN = "bounce_unproven"
    DELAYED = "delayed"
    COPY = "copy"
    DUPLICATE = "duplicate"
    ROUND_TRIP = "round_trip"
    ERASED = "erased"
    REPORT = "report"
    SEVERAL = "several"
    UNROUTED = "unrouted"
    HEARD = "heard"
    SIGNED_OFF = "signed_off"
    NO_SENDER = "no_sender"
    FORGED = "forged"
    MISLEADING = "misleading"
    WRONG_SENDER = "wrong_sender"
    MANY = "many"
    UNCLEAR = "unclear"
    WITHDRAW_DOUBT = "withdraw_doubt"
    THREAD = "thread"
    AFTERWARDS = "afterwards"
    ASKS = "asks"
    CALENDAR = "calendar"
    OUTDATED = "outdated"
    OFFICE = "office"
    CUT = "cut"
    SEALED = "sealed"
    OVER_LIMIT = "over_limit"
    FAULT = "fault"


class MessageStatus(StrEnum):
    """Where an outgoing mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    """waits for the coordinator"""
    FAILED = "failed"
    BOUNCED = "bounced"
    UNCERTAIN = "uncertain"
    """it may have been taken; tried again"""
    DROPPED = "dropped"


NOT_ARRIVED: Final = (MessageStatus.FAILED, MessageStatus.BOUNCED, MessageStatus.UNCERTAIN)
"""a mail that could not be delivered, as far as is known: it may be tried again"""
NOT_SENT: Final = (MessageStatus.HELD, MessageStatus.QUEUED, *NOT_ARRIVED)
"""a mail that may still leave: it waits, or did not arrive"""


class DeliveryFault(StrEnum):
    """Why the service itself keeps a mail back, or tries no more; what a server says of one is in its own words."""

    DEAD_ADDRESS = "dead_address"
    NOT_LISTED = "not_listed"
    UNSPEAKABLE_ADDRESS = "unspeakable_address"
    TOO_MANY_ANSWERS = "too_many_answers"
    BROKE_OFF = "broke_off"
    RESTORED = "restored"
    GIVEN_UP = "given_up"
    """after the time that a mail is tried; the server's last words stand beside it"""
    OVER = "over"
    """dropped: what it is about is over"""


class SubmissionStatus(StrEnum):
    """Where a work that was handed in stands."""

    HANDED_IN = "handed_in"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    """a newer version took its place"""


class DutyOutcome(StrEnum):
    """How a duty ended."""

    DONE = "done"
    LATE = "late"
    """too late to be of use"""
    VOID = "void"
    """no longer needed"""


class ImportKind(StrEnum):
    """What the rows of a sheet that is brought in are."""

    APPLICATIONS = "applications"
    GUESTS = "guests"
    TRAINERS = "trainers"
    MENTORS = "mentors"


class HistoryEvent(StrEnum):
    """What happened to a team; the steps of the state machine among them."""

    APPLIED = "applied"
    VERIFIED = "verified"
    DISOWNED = "disowned"
    SELECT = "select"
    WAITLIST = "waitlist"
    DECLINE = "decline"
    CONFIRM = "confirm"
    RELEASE = "release"
    ADVANCE = "advance"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    UNDO = "undo"
    NOT_APPROVED = "not_approved"
    ANSWER_CORRECTED = "answer_corrected"
    ATTENDANCE = "attendance"
    ATTENDANCE_CORRECTED = "attendance_corrected"
    HANDED_IN = "handed_in"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    EXTENDED = "extended"
    JOINED = "joined"
    LEFT = "left"
    APPOINTED = "appointed"
    READDRESSED = "readdressed"
    DETAILS = "details"
    RENAMED = "renamed"
    ADDRESSES = "addresses"
    MENTOR = "mentor"
    MENTOR_LEFT = "mentor_left"
    BOOKED = "booked"
    HOURS = "hours"
    HOURS_CONFIRMED = "hours_confirmed"
    HOURS_DISPUTED = "hours_disputed"
    HOURS_SETTLED = "hours_settled"
    HOURS_CORRECTED = "hours_corrected"
    HOURS_TAKEN_BACK = "hours_taken_back"
    WROTE = "wrote"
    """a coordinator wrote to people of the team, in words of their own"""


class AliasKind(StrEnum):
    """What another name or address of a person is."""

    NAME = "name"
    """a name of before"""
    FORMER = "former"
    """an address of before"""
    ASKED = "asked"
    """an address about which the person was asked and has not said yet"""
    ALSO = "also"
    """an address that is theirs too: letters from it are theirs, mails go on going to the first"""


class AlertKind(StrEnum):
    """What an alert to the coordinator is about."""

    AFTERWARDS = "afterwards"
    ATTENDANCE = "attendance"
    BEHIND = "behind"
    BOUNCE = "bounce"
    CAPPED = "capped"
    CLOCK = "clock"
    CONFIG = "config"
    DAILY = "daily"
    DEADLINE = "deadline"
    DETAILS = "details"
    DISPUTE = "dispute"
    DISOWNED = "disowned"
    DOMAIN = "domain"
    ERASED = "erased"
    FEW_COMING = "few_coming"
    HOURS = "hours"
    LEFT = "left"
    MAILBOX = "mailbox"
    MAILBOX_SILENT = "mailbox_silent"
    SAME_HOME = "same_home"
    NO_REACTION = "no_reaction"
    QUORUM = "quorum"
    READING = "reading"
    RELAY = "relay"
    RESTORED = "restored"
    ROUND_TRIP = "round_trip"
    SIGN_IN = "sign_in"
    SILENT = "silent"
    SLOW = "slow"
    STORM = "storm"
    UNCONFIRMED = "unconfirmed"
    UNDECIDED = "undecided"
    UNSENT = "unsent"
