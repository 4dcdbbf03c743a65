"""Alert pages: where the coordinator sees to what an alert is about, for *Today* and the digest.

One row for each kind; a path below the programme's own address. Pure: must never read the database.
"""

from collections.abc import Callable, Mapping
from typing import Final

from workflow.codes import AlertKind, MessageStatus
from workflow.database.models import Alert

HOME: Final = "/office"
Page = Callable[[Alert], str]


def page(alert: Alert) -> str:
    """The path of the page where this is seen to; *Today* itself where no page is about it alone."""
    return HOME + PAGES[AlertKind(alert.kind)](alert)


def _at(path: str) -> Page:
    return lambda _alert: path


def _team(alert: Alert) -> str:
    return f"/team/{alert.team_id}" if alert.team_id is not None else ""


def _question(alert: Alert) -> str:
    """Where it is answered on behalf."""
    return f"/question/{alert.about['question']}" if "question" in alert.about else _team(alert)


def _person(alert: Alert) -> str:
    return f"/people/{alert.person_id}" if alert.person_id is not None else _team(alert)


def _sign_ins(alert: Alert) -> str:
    return f"{_person(alert)}/sign-ins" if alert.person_id is not None else ""


def _session(alert: Alert) -> str:
    return f"/calendar/{alert.about['session']}" if "session" in alert.about else _team(alert)


def _letter(alert: Alert) -> str:
    """What was written; of words on a form, the meeting or team that they are about."""
    return f"/letter/{alert.about['letter']}" if "letter" in alert.about else _session(alert)


def _message(alert: Alert) -> str:
    return f"/outbox/{alert.about['message']}" if "message" in alert.about else "/outbox"


def _outbox(status: MessageStatus) -> Page:
    return _at(f"/outbox?status={status}")


_NO_PAGE: Final = _at("")
"""it is about the service as a whole: what to do stands in its words"""
_HOURS: Final = _at("/mentoring#held")
PAGES: Final[Mapping[AlertKind, Page]] = {
    AlertKind.AFTERWARDS: _letter,
    AlertKind.ATTENDANCE: _team,
    AlertKind.BEHIND: _team,
    AlertKind.BOUNCE: _person,
    AlertKind.CAPPED: _person,
    AlertKind.CLOCK: _at("/outbox"),
    AlertKind.CONFIG: _NO_PAGE,
    AlertKind.DAILY: _NO_PAGE,
    AlertKind.DEADLINE: _at("/selection"),
    AlertKind.DETAILS: _person,
    AlertKind.DISPUTE: _at("/mentoring"),
    AlertKind.DISOWNED: _team,
    AlertKind.DOMAIN: _at("/people"),
    AlertKind.ERASED: _team,
    AlertKind.FEW_COMING: _session,
    AlertKind.HOURS: _HOURS,
    AlertKind.LEFT: _team,
    AlertKind.MAILBOX: _NO_PAGE,
    AlertKind.MAILBOX_SILENT: _at("/inbox"),
    AlertKind.SAME_HOME: _at("/selection"),
    AlertKind.NO_REACTION: _team,
    AlertKind.QUORUM: _team,
    AlertKind.READING: _NO_PAGE,
    AlertKind.RELAY: _outbox(MessageStatus.QUEUED),
    AlertKind.RESTORED: _outbox(MessageStatus.HELD),
    AlertKind.ROUND_TRIP: _NO_PAGE,
    AlertKind.SIGN_IN: _sign_ins,
    AlertKind.SILENT: _question,
    AlertKind.SLOW: _message,
    AlertKind.STORM: _outbox(MessageStatus.HELD),
    AlertKind.UNCONFIRMED: _at("/selection"),
    AlertKind.UNDECIDED: _team,
    AlertKind.UNSENT: _message,
}
