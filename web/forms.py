"""Form parsing: what was typed goes in, plain values or faults come out, nothing is lost. Pure.

Must never read the request, the database or the clock.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from workflow.config.loader import Programme
from workflow.rules.application import FieldFault, clean, clean_text
from workflow.rules.requirements import Member, composition
from workflow.text.bilingual import Text

Faults = dict[str, Text]
PARTS: Final = ("name", "address", "side", "post", "phone")
LONGEST: Final = 20_000
"""of a text field that is kept to be shown again"""


EXPIRED: Final = Text(
    et="Vorm oli liiga kaua lahti. Midagi ei saadetud; teie tekst on alles.",
    en="The form was open for too long. Nothing was sent; your words are kept.",
)


def by_field(faults: Iterable[FieldFault]) -> Faults:
    """The first fault of each field, in the order in which they were found."""
    found: Faults = {}
    for fault in faults:
        found.setdefault(fault.field, fault.says)
    return found


# -- the application ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An application as it stands on the page: kept whole, whatever is wrong with it."""

    fields: Mapping[str, str]
    members: tuple[Mapping[str, str], ...]
    contact: int = 0
    deputy: int = -1

    def rows(self) -> list[dict[str, str]]:
        """Members with the part each plays."""
        return [{**row, "part": self._part(i)} for i, row in enumerate(self.members)]

    def _part(self, i: int) -> str:
        return "contact" if i == self.contact else "deputy" if i == self.deputy else "member"


def blank(programme: Programme, lang: str) -> Typed:
    """An empty form with as many rows as a team needs members."""
    rule = programme.team
    sides = [kind.key for kind in rule.kinds for _ in range(kind.min)]
    rows = [{"side": sides[i] if i < len(sides) else ""} for i in range(rule.least)]
    return Typed(fields={"lang": lang}, members=tuple(rows))


def typed(programme: Programme, form: MultiDict[str, str]) -> Typed:
    """What was typed."""
    keys = ("name", "home", "lang", "wish_group", *(field.key for field in programme.apply.fields))
    count = min(_whole(form.get("rows", ""), 0), programme.most_members + 1)
    members = tuple({part: form.get(f"members-{i}-{part}", "")[:500] for part in PARTS} for i in range(count))
    return Typed(
        fields={key: form.get(key, "")[:LONGEST] for key in keys},
        members=members,
        contact=_whole(form.get("contact", ""), 0),
        deputy=_whole(form.get("deputy", ""), -1),
    )


def kept(programme: Programme, content: Mapping[str, Any]) -> Typed:
    """What was typed and kept; questions asked since then are empty, those no longer asked are gone."""
    before = blank(programme, str(content.get("fields", {}).get("lang", "")))
    members = tuple({part: str(row.get(part, "")) for part in PARTS} for row in content.get("members", ()))
    return Typed(
        fields={**before.fields, **content.get("fields", {})},
        members=members or before.members,
        contact=int(content.get("contact", 0)),
        deputy=int(content.get("deputy", -1)),
    )


def _whole(written: str, otherwise: int) -> int:
    return int(written) if re.fullmatch(r"[0-9]{1,3}", written) else otherwise


def with_row(now: Typed, most: int) -> Typed:
    """One more row, while there may be more."""
    rows = (*now.members, {}) if len(now.members) < most else now.members
    return Typed(fields=now.fields, members=rows, contact=now.contact, deputy=now.deputy)


def without_row(now: Typed, gone: int) -> Typed:
    """One row less; who speaks for the team stays the same person where they are still there."""
    rows = tuple(row for i, row in enumerate(now.members) if i != gone)
    return Typed(
        fields=now.fields, members=rows, contact=max(_after(now.contact, gone), 0), deputy=_after(now.deputy, gone)
    )


def _after(place: int, gone: int) -> int:
    return -1 if place == gone else place - 1 if place > gone else place


def speakers(now: Typed) -> tuple[FieldFault, ...]:
    """Who writes for the team must be two different members who are there."""
    there = [i for i, row in enumerate(now.members) if any(clean(row.get(k, "")) for k in ("name", "address"))]
    found = []
    if there and now.contact not in there:
        says = Text(et="Valige kontaktisikuks liige, kes on kirjas.", en="Choose a contact who is among the members.")
        found.append(FieldFault("contact", says))
    if now.deputy >= 0 and now.deputy == now.contact:
        says = Text(et="Asendaja peab olema keegi teine kui kontaktisik.", en="The deputy must be someone else.")
        found.append(FieldFault("deputy", says))
    elif now.deputy >= 0 and there and now.deputy not in there:
        says = Text(et="Valige asendajaks liige, kes on kirjas.", en="Choose a deputy who is among the members.")
        found.append(FieldFault("deputy", says))
    return tuple(found)


def counted(members: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """How many of each kind there are so far, by what was typed."""
    people = [
        Member(id=i, name=clean(row.get("name", "")), address_key=key.strip().lower(), side=row.get("side", ""))
        for i, row in enumerate(members)
        if (key := row.get("address", "") or row.get("name", "")).strip()
    ]
    found = composition(tuple(people))
    return {**found.kinds, "total": found.total}


def lines(form: MultiDict[str, str], name: str) -> str:
    """A text of several lines."""
    return clean_text(form.get(name, "")[:LONGEST])
