"""Config tables of a team: how many members, of which kinds, and where it comes from.

Pure. Each class is a table of config.toml; its docstrings are the reference in docs/configuration.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints
from pydantic.types import Strict

from workflow.config.types import ConfigPart, ConfigText, Count, Days, Flag
from workflow.text import formatting
from workflow.text.bilingual import Text

KindName = Annotated[str, Strict(), StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=20)]


class MemberKind(ConfigPart):
    """A kind of members, such as a side that they represent. Without any, all members of a team are alike."""

    key: KindName
    """Its name with each member, at most 20 characters. Never change it in mid-season."""
    name: ConfigText
    """A word for it, as over a column: `programmeerija`, `developer`."""
    one: ConfigText
    """One of them, as after the number 1: `programmeerija`, `developer`."""
    many: ConfigText
    """More of them, as after the number 2: `programmeerijat`, `developers`."""
    min: Days = 0
    """The fewest of them in a team."""
    max: Count | None = None
    """The most of them in a team; as many as there are members where it is left out."""

    def counted(self, number: int, lang: str) -> str:
        """So many of them, in words: `2 developers`."""
        return formatting.count(number, self.one.say(lang), self.many.say(lang), lang)


class TeamHome(ConfigPart):
    """Where a team comes from, as its application says: a town, a school. Left out, nobody is asked."""

    name: ConfigText
    """What such a place is called, as over a field of the form."""
    different: Flag = False
    """Whether each team should come from another one: the coordinator is told of a second team from the same."""


class TeamRule(ConfigPart):
    """Who makes up a team."""

    min_members: Count = 1
    """The fewest distinct members; at least the sum of what the kinds ask for."""
    max_members: Count | None = None
    """The most members; `[limits] members` where it is left out. With 1 a team is one person, and spoken to as one."""
    home: TeamHome | None = None
    kinds: tuple[MemberKind, ...] = ()

    @property
    def least(self) -> int:
        """The fewest members that satisfy every rule."""
        return max(self.min_members, sum(kind.min for kind in self.kinds))

    @property
    def alone(self) -> bool:
        """Whether every team is one person."""
        return self.max_members == 1

    def kind_name(self, key: str | None) -> Text:
        """The word for a kind; its key where the programme has it no more, nothing for nobody's kind."""
        found = next((kind.name for kind in self.kinds if kind.key == key), None)
        return found or Text(et=key or "", en=key or "")

    def kinds_of(self, number: int) -> list[str]:
        """Kinds of so many members, in keeping with the rule as far as that can be: in turn until there are the fewest
        of each, then as long as there may be more. Of no kind where the rule has none."""
        if not self.kinds:
            return [""] * number
        fewest = _in_turn([(kind.key, kind.min) for kind in self.kinds])
        beyond = _in_turn([(kind.key, (number if kind.max is None else kind.max) - kind.min) for kind in self.kinds])
        return [*fewest, *beyond][:number]

    def counted(self, lang: str) -> str:
        """The fewest of each kind that the rule asks for, in words; empty where it asks for none."""
        return formatting.listed([kind.counted(kind.min, lang) for kind in self.kinds if kind.min], lang)


def _in_turn(wanted: Sequence[tuple[str, int]]) -> list[str]:
    """Each key so many times, in turn."""
    return [key for nth in range(max(number for _, number in wanted)) for key, number in wanted if number > nth]
