"""Channels of an act (mail, form, sign-in, command line, clock), and which of them carry a coordinator's authority.
Pure.

History keeps of every step through which door it came and from which network address. A secret link or address may be
forwarded, searched for or read over a shoulder: it answers what its person was asked, and never stands for a
coordinator. That power is behind the sign-in (or in the hands of whoever runs the server).
"""

from enum import StrEnum
from typing import Final

from workflow.rules.questions import kind_of


class Door(StrEnum):
    MAIL = "mail"
    """a reply, kept as a letter"""
    CALENDAR = "calendar"
    """a mail program's answer button: a letter too"""
    LINK = "link"
    """the form behind a secret link"""
    PAGE = "page"
    """a page that asks for signing in"""
    PUBLIC = "public"
    """a form that anybody may fill in"""
    CLOCK = "clock"
    """the service itself, when a moment comes"""
    COMMAND = "command"
    """the command line, or a changed config"""


POWER: Final = frozenset({Door.PAGE, Door.COMMAND})
"""the doors through which a coordinator acts as one"""


def open_to(kind: str, role: str, door: Door) -> bool:
    """Whether a question of this kind, put to a person of this role, is answered through this door."""
    return door in POWER or not (role == "coordinator" or kind_of(kind).signed_in)
