"""What a column of a sheet may be: the fields of an application, a guest or somebody of the staff. Pure.

Everything that depends on the programme (its questions, sides and groups) is taken from its config.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from workflow.codes import ImportKind
from workflow.config.loader import Programme
from workflow.text.bilingual import Text

NAMES: Final[Mapping[ImportKind, Text]] = {
    ImportKind.APPLICATIONS: Text(et="Taotlused", en="Applications"),
    ImportKind.GUESTS: Text(et="Infopäeva külalised", en="Guests of the info day"),
    ImportKind.TRAINERS: Text(et="Koolitajad", en="Trainers"),
    ImportKind.MENTORS: Text(et="Mentorid", en="Mentors"),
}
PERSON: Final[Mapping[str, Text]] = {
    "name": Text(et="nimi", en="name"),
    "address": Text(et="e-post", en="email"),
    "side": Text(et="pool", en="side"),
    "post": Text(et="amet või roll", en="post or role"),
    "phone": Text(et="telefon", en="phone"),
}
TEAM: Final[Mapping[str, Text]] = {
    "name": Text(et="Meeskonna nimi", en="Team's name"),
    "lang": Text(et="Keel", en="Language"),
    "wish_group": Text(et="Eelistatud rühm", en="Preferred group"),
}
LISTED: Final[Mapping[str, Text]] = {
    "name": Text(et="Nimi", en="Name"),
    "first_name": Text(et="Eesnimi", en="First name"),
    "last_name": Text(et="Perekonnanimi", en="Last name"),
    "address": Text(et="E-post", en="Email"),
    "lang": Text(et="Keel", en="Language"),
}
STAFF: Final[Mapping[str, Text]] = {
    **LISTED,
    "phone": Text(et="Telefon", en="Phone"),
    "role": Text(et="Roll", en="Role"),
    "about": Text(et="Tutvustus", en="About"),
}
PART: Final = Text(et="liige: kontaktisik või asendaja", en="member: contact or deputy")
ANSWER: Final = "answer:"
CONTACT: Final = 0
"""the number of the contact's own columns, where a form asks for the contact apart from the members"""


@dataclass(frozen=True, slots=True)
class Target:
    """What a column becomes. `key`: `home`, `answer:motivation`, `member.2.address`; without a number where
    each member has a row of their own."""

    key: str
    says: Text


def of(kind: ImportKind, programme: Programme, members: int = 0) -> tuple[Target, ...]:
    """All that a column may be. `members`: so many have numbered columns."""
    if kind is ImportKind.APPLICATIONS:
        return tuple(_application(programme, members))
    fields = LISTED if kind is ImportKind.GUESTS else STAFF
    return tuple(Target(key, says) for key, says in fields.items())


def _application(programme: Programme, members: int) -> Iterator[Target]:
    yield Target("name", TEAM["name"])
    if programme.team.home is not None:
        yield Target("home", programme.team.home.name.capitalised())
    for key in ("lang", *(("wish_group",) if programme.groups else ())):
        yield Target(key, TEAM[key])
    for question in programme.apply.fields:
        yield Target(ANSWER + question.key, question.label)
    person = {key: says for key, says in PERSON.items() if key != "side" or asks_side(programme)}
    for key, says in person.items():
        yield Target(person_key(None, key), Text(et=f"liige: {says.et}", en=f"member: {says.en}"))
    yield Target(person_key(None, "part"), PART)
    for key, says in person.items():
        yield Target(person_key(CONTACT, key), Text(et=f"kontaktisik: {says.et}", en=f"contact: {says.en}"))
    for number in range(1, members + 1):
        for key, says in person.items():
            both = Text(et=f"liige {number}: {says.et}", en=f"member {number}: {says.en}")
            yield Target(person_key(number, key), both)


def person_key(number: int | None, field: str) -> str:
    """A member's column: `member.address`, `contact.address` or `member.2.address`."""
    if number is None:
        return f"member.{field}"
    return f"contact.{field}" if number == CONTACT else f"member.{number}.{field}"


def person_of(key: str) -> tuple[int | None, str] | None:
    """Which member's column it is and what of them; None of other columns."""
    parts = key.split(".")
    if parts[0] == "contact" and len(parts) == 2:
        return CONTACT, parts[1]
    if parts[0] != "member" or not parts[-1]:
        return None
    return (None, parts[1]) if len(parts) == 2 else (int(parts[1]), parts[2])


def sides(programme: Programme) -> Mapping[str, tuple[Text, ...]]:
    """What a member may be, by its key: what the programme calls it, the words that a form shows first."""
    return {kind.key: (kind.one, kind.name) for kind in programme.team.kinds}


def asks_side(programme: Programme) -> bool:
    """Whether a row must say it: with one kind alone, or none, nobody has to."""
    return len(programme.team.kinds) > 1
