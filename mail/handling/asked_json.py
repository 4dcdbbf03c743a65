"""What a question said, from a file: for the command that reads mails without a database. Pure; it must never guess."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from workflow.replies.answers import Asked

_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")


def from_json(said: Mapping[str, Any], today: date) -> Asked:
    """What `read --asked FILE` was told; every key may be missing. ValueError where one is not what it should be."""
    try:
        return _from_json(said, today)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not what a question says: {error}") from error


def _from_json(said: Mapping[str, Any], today: date) -> Asked:
    meeting = said.get("session") or {}
    moments = _moments([meeting])
    first = str(meeting.get("name", "")).split(" ")[0].rstrip(".").lower()
    person = said.get("person") or {}
    sent = datetime.fromisoformat(said["sent"]).date() if said.get("sent") else None
    return Asked(
        today=today,
        names=tuple(str(name) for team in said.get("roster", ()) for name in team["names"]),
        listed=bool(said.get("listed", True)),
        days=tuple(dict.fromkeys([at.date() for at in moments] or _listed_days(said))),
        times=tuple(at.time() for at in moments),
        workshop=_ROMAN.index(first) + 1 if first in _ROMAN else int(first) if first.isdigit() else None,
        month=str(said.get("period", "")),
        sent=sent,
        team=str(said.get("team", "")),
        signs=tuple(str(person[key]) for key in ("name", "organisation") if person.get(key)),
        teams=tuple(map(str, said.get("other_teams", ()))),
        form=str(said.get("form", "")),
        choices=tuple(map(str, said.get("choices", ()))),
    )


def _listed_days(said: Mapping[str, Any]) -> list[date]:
    """The days of the sessions offered and of the hours listed."""
    hours = [date.fromisoformat(str(one["day"])) for one in said.get("listed") or () if one.get("day")]
    return [at.date() for at in _moments(said.get("sessions") or ())] + hours


def _moments(meetings: Iterable[Mapping[str, Any]]) -> list[datetime]:
    return [datetime.fromisoformat(one[key]) for one in meetings for key in ("starts", "ends") if one.get(key)]
