"""What a queued mail keeps of the facts it was made of, as plain JSON, and those facts again. Pure.

Kept are the values of the mail's own language, the subject of the thread it stands in, and its place in a calendar;
what was empty is left out. Must never hold more than the mail itself says: it is erased with the mail's words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mail.composing.facts import COMMON, Value
from workflow.notices import NOTICES

UNKEPT: Final = frozenset({"sign_in"})
"""mails whose facts open a door: nobody says them again"""


@dataclass(frozen=True, slots=True)
class Slot:
    """A mail's place in a calendar: which entry, its how-manieth change, from when until when."""

    uid: str
    sequence: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Facts by name; `subject` where it is not the template's own; `slot` where there is a calendar file."""

    values: Mapping[str, Value]
    subject: str = ""
    slot: Slot | None = None


def to_json(template: str, kept: Kept) -> dict[str, Any] | None:
    """As it is stored; None for a mail whose facts are not kept."""
    if template in UNKEPT:
        return None
    values = {
        name: value if type(value) is str else _plain(value)  # as most are: twenty of them with each mail
        for name, value in kept.values.items()
        if value != "" and value != ()
    }
    return {"values": values, "subject": kept.subject, "slot": _placed(kept.slot) if kept.slot else None}


def _placed(slot: Slot) -> dict[str, Any]:
    return {"uid": slot.uid, "sequence": slot.sequence, "from": _plain(slot.start), "to": _plain(slot.end)}


def from_json(template: str, stored: Mapping[str, Any]) -> Kept:
    """What was stored; every name that the template may use is there again."""
    names = COMMON | (NOTICES[template].facts if template in NOTICES else frozenset())
    values = {name: _value(one) for name, one in stored["values"].items()}
    return Kept({**dict.fromkeys(names, ""), **values}, stored["subject"], _slot(stored["slot"]))


def _slot(stored: Mapping[str, Any] | None) -> Slot | None:
    if stored is None:
        return None
    return Slot(stored["uid"], stored["sequence"], _moment(stored["from"]), _moment(stored["to"]))


def _plain(value: Value) -> Any:
    """A moment is told from words by standing in a place of its own."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _value(stored: Any) -> Value:
    if isinstance(stored, list):
        return tuple(_value(one) for one in stored)
    if isinstance(stored, dict):
        return _moment(stored)
    assert isinstance(stored, (str, int, bool))
    return stored


def _moment(stored: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(stored["at"])
