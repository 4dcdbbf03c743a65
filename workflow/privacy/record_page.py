"""Generates docs/record-of-processing.md from the register: `python -m workflow.privacy.record_page`.

The record that GDPR article 30 asks for, in both languages; a test keeps it true. Periods are the config's defaults:
an installation that changes them says so in its own config.toml.
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from workflow.config.settings import Retention
from workflow.privacy.categories import GROUNDS, SINCE, TOLD, Keep
from workflow.privacy.register import REGISTER
from workflow.text.bilingual import Text

HEAD: Final = """# Isikuandmete töötlemise register · Record of processing

IKÜM artikkel 30 · GDPR article 30. This page is written by `make processing` from `workflow/privacy/register.py`,
in which every column of every table is declared; a column that is not fails the build.

- **Vastutav töötleja · Controller**: `[privacy] controller` in config.toml, else the programme's organisers.
- **Kontakt · Contact**: `[privacy] contact`, else the first coordinator.
- **Kelle andmed · Whose data**: meeskondade liikmed, infopäeva külalised, koolitajad, mentorid, koordinaatorid ·
  members of teams, guests of the info day, trainers, mentors, coordinators.
- **Kellele · Recipients**: programmi töötajad oma rolli piires; `[privacy] processors` · the programme's staff,
  each within their role; `[privacy] processors`. The service itself calls
  no third party.
- **Turvameetmed · Safeguards**: [SECURITY.md](../SECURITY.md).
- **Kustutamine · Erasure**: `teekond forget ADDRESS`, `teekond retention`; afterwards a pseudonym stays in the books.
"""

SPOKEN_OF: Final = Text(et="nimi ja aadress asendatakse", en="name and address in them are replaced")


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join((HEAD, *_purposes(), *_tables()))


def _purposes() -> Iterator[str]:
    yield "## Eesmärgid ja alused · Purposes and grounds\n"
    for purpose, ground in GROUNDS.items():
        yield f"### `{purpose}`\n"
        for lang in ("et", "en"):
            yield f"- {ground.purpose.say(lang)} {ground.basis.say(lang)}"
        yield ""
        yield "| andmed · data | säilitatakse · kept |"
        yield "| --- | --- |"
        yield from (f"| {_both(h.what)} | {_both(period(h.keep))} |" for h in REGISTER if h.purpose is purpose)
        yield ""


def period(keep: Keep, rules: Retention | None = None) -> Text:
    """How long a category is kept, in words."""
    if keep is Keep.WHILE_USED:
        return SINCE[keep]
    days = days_of(rules or Retention(), keep)
    return Text(et=f"{days} päeva {SINCE[keep].et}", en=f"{days} days {SINCE[keep].en}")


def days_of(rules: Retention, keep: Keep) -> int:
    """The period that the config gives a category."""
    return int(getattr(rules, f"{keep.value}_days"))


def _tables() -> Iterator[str]:
    yield "## Tabelid ja veerud · Tables and columns\n"
    yield "| table | column | purpose | kept | erased: own rows | kustutamisel |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for held in sorted(REGISTER, key=lambda each: each.table.name):
        for how, columns in groupby(sorted(held.columns.items(), key=lambda c: c[1]), key=lambda c: c[1]):
            names = ", ".join(f"`{name}`" for name, _ in columns)
            told = TOLD[how] if held.whose else SPOKEN_OF
            yield f"| {held.table.name} | {names} | {held.purpose} | {held.keep} | {told.en} | {told.et} |"


def _both(text: Text) -> str:
    return f"{text.et} · {text.en}"


if __name__ == "__main__":
    sys.stdout.write(page().rstrip() + "\n")
