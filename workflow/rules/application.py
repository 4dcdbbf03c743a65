"""Validation of an application form: every fault with its field, in one go, and nothing typed is ever lost.

Pure. The same rules serve the form and the replacing of members on the way.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from workflow.config.loader import Programme
from workflow.rules.requirements import Member, shortfall
from workflow.text.bilingual import Text, in_each
from workflow.text.unlinkable import holds_link

NAME_MAX = 200
PHONE_MAX = 40
NO_ADDRESS = Text(
    et="Kirjutage meiliaadress kujul nimi@asutus.ee.", en="Write a mail address such as name@example.org."
)
NO_LINK = Text(
    et="Kirjutage siia veebi- või meiliaadressita; lühendi punkti järele jätke tühik.",
    en="Write this without a web or mail address; leave a space behind the full stop of an abbreviation.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    name: str
    address: str
    side: str
    part: str = "member"
    post: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    name: str
    home: str = ""
    lang: str
    wish_group: str | None = None
    members: tuple[NewMember, ...]
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing to mend: the field (`members.2.address`) and what to do, in both languages."""

    field: str
    says: Text


def check(
    programme: Programme,
    typed: Mapping[str, str],
    members: Sequence[Mapping[str, str]],
    now: datetime,
    *,
    late_pass: bool = False,
) -> tuple[Application | None, tuple[FieldFault, ...]]:
    """The application, or every fault. `typed`: name, home, lang, wish_group and the programme's own fields by key;
    `members`: name, address, side, part, post and phone of each; blank rows are passed over."""
    rows = [
        (i, row)
        for i, row in enumerate(members)
        if any(clean(row.get(k, "")) for k in ("name", "address", "post", "phone"))
    ]
    faults = [*in_time(programme, now, late_pass=late_pass), *_required(programme, typed), *_members(programme, rows)]
    built = tuple(_member(programme, row) for _, row in rows)
    if not any(f.field.startswith("members") for f in faults):
        faults += _composition(programme, built)
    if faults:
        return None, tuple(faults)
    groups = {g.key for g in programme.groups}
    wish = typed.get("wish_group", "")
    return Application(
        name=_team_name(programme, typed, built),
        home=clean(typed.get("home", "")),
        lang=programme.lang(typed.get("lang")),
        wish_group=wish if wish in groups else None,
        members=_with_contact(built),
        answers={f.key: clean_text(typed.get(f.key, "")) for f in programme.apply.fields},
    ), ()


def _team_name(programme: Programme, typed: Mapping[str, str], members: tuple[NewMember, ...]) -> str:
    """As typed; who applies alone is the team."""
    return clean(typed.get("name", "")) or (members[0].name if programme.team.alone else "")


def in_time(programme: Programme, now: datetime, *, late_pass: bool) -> list[FieldFault]:
    """Why applications are not taken in at this moment, if they are not."""
    if late_pass or programme.apply.opens_at <= now < programme.apply.closes_at:
        return []
    if now < programme.apply.opens_at:
        return [
            FieldFault(
                "",
                Text(
                    et="Taotlusi ei saa veel esitada: taotlusvoor pole avatud.",
                    en="Applications are not open yet.",
                ),
            )
        ]
    return [
        FieldFault(
            "",
            Text(
                et="Taotluste tähtaeg on möödas. "
                "Kui soovite siiski osaleda, kirjutage koordinaatorile: ta saab teile anda loa.",
                en="The deadline has passed. "
                "If you still wish to take part, write to the coordinator, who can give you a pass.",
            ),
        )
    ]


def _required(programme: Programme, typed: Mapping[str, str]) -> list[FieldFault]:
    found = []
    asked = {} if programme.team.alone else {"name": Text(et="Kirjutage meeskonna nimi.", en="Write the team's name.")}
    if programme.team.home is not None:
        home = programme.team.home.name.capitalised()
        asked["home"] = Text(et=f"Täitke väli „{home.et}“.", en=f"Fill in “{home.en}”.")
    for key, missing in asked.items():
        fault = name_faults(clean(typed.get(key, "")), missing)
        if fault is not None:
            found.append(FieldFault(key, fault))
    for question in programme.apply.fields:
        value = clean_text(typed.get(question.key, ""))
        if question.required and not value:
            found.append(
                FieldFault(
                    question.key,
                    Text(
                        et=f"Vastake küsimusele „{question.label.et}“.",
                        en=f"Answer the question “{question.label.en}”.",
                    ),
                )
            )
        elif len(value) > question.max_length:
            found.append(FieldFault(question.key, _too_long(question.max_length)))
    return found


def _too_long(most: int) -> Text:
    return Text(et=f"Lühendage: kõige rohkem {most} tähemärki.", en=f"Make it shorter: at most {most} characters.")


def _members(programme: Programme, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[FieldFault]:
    found, seen = [], {}
    for i, row in rows:
        found += member_faults(programme, row, f"members.{i}.")
        key = address_key(row.get("address", ""))
        if key and key in seen:
            found.append(
                FieldFault(
                    f"members.{i}.address",
                    Text(
                        et="See aadress on juba teisel liikmel: igal liikmel peab olema oma aadress.",
                        en="Another member has this address already: each member needs one of their own.",
                    ),
                )
            )
        seen[key] = i
    if len(rows) > programme.most_members:
        found.append(
            FieldFault(
                "members",
                Text(
                    et=f"Kõige rohkem {programme.most_members} liiget.",
                    en=f"At most {programme.most_members} members.",
                ),
            )
        )
    return found


def member_faults(programme: Programme, row: Mapping[str, str], place: str = "") -> list[FieldFault]:
    """What is wrong with one member as typed."""
    found = person_faults(programme, row, place)
    if address_key(row.get("address", "")) is None:
        found.append(FieldFault(place + "address", NO_ADDRESS))
    return found


def person_faults(
    programme: Programme, row: Mapping[str, str], place: str = "", *, on_a_team: bool = True
) -> list[FieldFault]:
    """What is wrong with a person's details, but for their address; whoever is on no team is of no kind."""
    found = []
    fault = name_faults(clean(row.get("name", "")), Text(et="Kirjutage liikme nimi.", en="Write the member's name."))
    if fault is not None:
        found.append(FieldFault(place + "name", fault))
    found += [FieldFault(place + key, NO_LINK) for key in ("post", "phone") if holds_link(clean(row.get(key, "")))]
    kinds = programme.team.kinds
    if on_a_team and kinds and kind_of(programme, row) not in {kind.key for kind in kinds}:
        one = in_each(lambda lang: " / ".join(kind.one.say(lang) for kind in kinds))
        says = Text(et=f"Valige, kes liige on: {one.et}.", en=f"Choose who the member is: {one.en}.")
        found.append(FieldFault(place + "side", says))
    return found


def kind_of(programme: Programme, row: Mapping[str, str]) -> str:
    """The kind of a member as typed; where there is one kind alone, nobody has to say it."""
    kinds = programme.team.kinds
    return kinds[0].key if len(kinds) == 1 else row.get("side", "") if kinds else ""


def name_faults(value: str, missing: Text) -> Text | None:
    """What is wrong with a name of one line, as it would stand in mails."""
    if not value:
        return missing
    if len(value) > NAME_MAX:
        return _too_long(NAME_MAX)
    return NO_LINK if holds_link(value) else None


def _member(programme: Programme, row: Mapping[str, str]) -> NewMember:
    part = row.get("part", "member")
    return NewMember(
        name=clean(row.get("name", "")),
        address=row.get("address", "").strip(),
        side=kind_of(programme, row),
        part=part if part in ("contact", "deputy") else "member",
        post=clean(row.get("post", "")),
        phone=clean(row.get("phone", ""))[:PHONE_MAX],
    )


def _with_contact(members: tuple[NewMember, ...]) -> tuple[NewMember, ...]:
    """Exactly one contact (the first member unless another is named) and at most one deputy."""
    contact = next((m for m in members if m.part == "contact"), members[0])
    deputy = next((m for m in members if m.part == "deputy" and m is not contact), None)
    return tuple(
        NewMember(
            name=m.name,
            address=m.address,
            side=m.side,
            post=m.post,
            phone=m.phone,
            part="contact" if m is contact else "deputy" if m is deputy else "member",
        )
        for m in members
    )


def _composition(programme: Programme, members: tuple[NewMember, ...]) -> list[FieldFault]:
    plain = tuple(Member(id=0, name=m.name, address_key=address_key(m.address) or "", side=m.side) for m in members)
    lack = shortfall(programme, plain)
    return [FieldFault("members", lack)] if lack else []


@lru_cache(maxsize=64)  # one letter's sender is compared several times
def address_key(address: str) -> str | None:
    """The address as compared: lower case, the domain in ASCII; None where it is no plain address (RFC 5321)."""
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return (found.ascii_email or found.normalized).lower()


_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def clean(value: str) -> str:
    """One line of text as a person meant it: NFC, no controls, breaks or direction marks, no lone surrogates."""
    text = unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(_BREAKS.sub(" ", text).split())


def clean_text(value: str) -> str:
    """Several lines of text, the same way; line breaks become newlines."""
    text = unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode("utf-8"))
    text = re.sub(r"\r\n?|\u2028|\u2029", "\n", text)
    return _CONTROLS.sub("", text).strip()
