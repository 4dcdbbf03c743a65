"""Serialisation of a queued mail's template facts as JSON, and back. Pure.

Kept are the values of the mail's own language, the subject of the thread it stands in, and its place in a calendar;
what was empty is left out. Must never hold more than the mail itself says: it is erased with the mail's words.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mail.composing.facts import COMMON, Value
from workflow.rules.mail_kinds import MAIL_KINDS


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry of a mail's calendar file: which one, its how-manieth change, from when until when, what and where."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    title: str
    place: str
    door: int | None = None
    """number of the addressee whose secret address is its organiser; the service's own address where there is none"""
    said: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """Facts by name; `subject` where it is not the template's own; `slots` where there is a calendar file; `ask` is
    what a list of mails shows beside the subject."""

    values: Mapping[str, Value]
    subject: str = ""
    slots: tuple[Slot, ...] = ()
    ask: str = ""


def to_json(kept: StoredFacts) -> dict[str, Any]:
    """As it is stored."""
    values = {
        name: value if type(value) is str else _plain(value)  # as most are: twenty of them with each mail
        for name, value in kept.values.items()
        if value != "" and value != ()
    }
    slots = [_placed(slot) for slot in kept.slots]
    return {"values": values, "subject": kept.subject, "slots": slots, **({"ask": kept.ask} if kept.ask else {})}


def _placed(slot: Slot) -> dict[str, Any]:
    return {**asdict(slot), "start": _plain(slot.start), "end": _plain(slot.end)}


def from_json(template: str, stored: Mapping[str, Any]) -> StoredFacts:
    """What was stored; every name that the template may use is there again."""
    names = COMMON | (MAIL_KINDS[template].facts if template in MAIL_KINDS else frozenset())
    values = {name: _value(one) for name, one in stored["values"].items()}
    slots = tuple(map(_slot, stored["slots"]))
    return StoredFacts({**dict.fromkeys(names, ""), **values}, stored["subject"], slots, stored.get("ask", ""))


def _slot(stored: Mapping[str, Any]) -> Slot:
    return Slot(**{**stored, "start": _moment(stored["start"]), "end": _moment(stored["end"])})


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
