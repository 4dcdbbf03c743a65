"""Workbook to fill in and bring back: the columns that the import knows, with examples and what may stand in each.

Made from the programme's config, so that its own questions, sides and groups stand in it. Pure.
"""

from workflow.codes import ImportKind
from workflow.config.loader import Programme
from workflow.importing import targets
from workflow.importing.targets import ANSWER, Target
from workflow.text.bilingual import Text
from workflow.views.funder_report import Table


def tables(kind: ImportKind, programme: Programme) -> tuple[Table, ...]:
    """The sheet to fill in, and one that explains its columns."""
    columns = [one for one in targets.of(kind, programme) if not one.key.startswith("contact.")]
    sheet = Table(key="rows", title=targets.NAMES[kind], columns=tuple(_heading(one) for one in columns), rows=())
    rows = tuple(_explained(programme, kind, one) for one in columns)
    about = Text(et="Selgitused", en="Explanations")
    heads = (Text(et="Veerg", en="Column"), Text(et="Mida kirjutada", en="What to write"))
    lang = programme.languages[0]
    notes = Table(key="notes", title=about, columns=heads,
                  rows=tuple((head.say(lang), says.say(lang)) for head, says in rows))  # fmt: skip
    return sheet, notes


def _heading(target: Target) -> Text:
    if target.key == "member.part":
        return Text(et="Kontaktisik", en="Contact")
    return Text(et=_capital(target.says.et), en=_capital(target.says.en))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _explained(programme: Programme, kind: ImportKind, target: Target) -> tuple[Text, Text]:
    return _heading(target), _of(programme, kind, target.key)


def _of(programme: Programme, kind: ImportKind, key: str) -> Text:
    if key.startswith(ANSWER):
        question = next(one for one in programme.apply.fields if one.key == key.removeprefix(ANSWER))
        needed = Text(et="vajalik", en="needed") if question.required else Text(et="võib jääda tühjaks", en="optional")
        most = question.max_length
        return Text(et=f"{needed.et}, kuni {most} tähemärki", en=f"{needed.en}, up to {most} characters")
    if key == "member.side":
        names = [names[0] for names in targets.sides(programme).values()]
        return Text(et=" / ".join(one.et for one in names), en=" / ".join(one.en for one in names))
    if key == "wish_group":
        names = [group.name for group in programme.groups]
        return Text(et=" / ".join(one.et for one in names), en=" / ".join(one.en for one in names))
    if key == "name" and kind is ImportKind.APPLICATIONS:
        return Text(
            et="Igal liikmel on oma rida; meeskonna andmed kirjutage tema esimesse ritta, järgmistes võivad need "
            "lahtrid tühjad olla.",
            en="Each member has a row; write the team's own data in its first one, they may be empty in the others.",
        )
    return _PLAIN.get(key, Text(et="vajalik", en="needed"))


_OPTIONAL = Text(et="võib jääda tühjaks", en="optional")
_PLAIN = {
    "lang": Text(et="eesti / inglise (tühjana eesti)", en="Estonian / English (empty: the programme's first)"),
    "member.part": Text(
        et="jah – kontaktisiku juures, asendaja – asendaja juures; tühjana on kontaktisik esimene liige",
        en="yes beside the contact, deputy beside the deputy; empty: the first member is the contact",
    ),
    **dict.fromkeys(("member.post", "member.phone", "first_name", "last_name", "phone", "role", "about"), _OPTIONAL),
}


def file_name(kind: ImportKind) -> str:
    return f"teekond-{kind.value}.xlsx"

