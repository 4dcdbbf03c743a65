"""What a team is made of is the config's: kinds of members, their words, a home, the fewest and the most."""

import re

import pytest

from tests.paths import ROOT
from workflow.config.loader import TeamRule, check, load
from workflow.config.team.rule import MemberKind
from workflow.rules.requirements import Member, shortfall
from workflow.text.bilingual import Text

CONFIG = (ROOT / "config.toml").read_text(encoding="utf-8")
EARLIER = "[team]\nmin_members = 4\nmin_municipality = 2\nmin_community = 2\n"
"""as the config of the first programme said it before kinds were a list"""


def with_team(team: str) -> str:
    """The default config with another `[team]`."""
    text, found = re.subn(r"\[team\]\n(?:.+\n)+", team, CONFIG)
    assert found == 1
    return text


def kind(key: str, least: int = 0, most: int | None = None) -> MemberKind:
    return MemberKind(
        key=key, name=Text(et=key, en=key), one=Text(et=f"{key}-üks", en=f"{key}-one"),
        many=Text(et=f"{key}-mitu", en=f"{key}-many"), min=least, max=most,
    )  # fmt: skip


def test_the_first_programmes_earlier_config_means_what_its_config_means_now() -> None:
    now = load(CONFIG, {}).programme.team
    was = load(with_team(EARLIER), {}).programme.team
    assert was.model_dump() == {**now.model_dump(), "min_members": 4} and was.least == now.least == 4


@pytest.mark.parametrize(
    ("team", "least", "kinds"),
    [
        ("[team]\nmin_community = 3\n", 5, [2, 3]),
        ("[team]\nmin_municipality = 0\nmin_community = 0\n", 4, [0, 0]),
        ("[team]\nmin_members = 3\n", 3, []),
        ("[team]\nmin_members = 1\nmax_members = 1\n", 1, []),
    ],
)
def test_what_a_team_of_earlier_and_of_today_asks_for(team: str, least: int, kinds: list[int]) -> None:
    rule = load(with_team(team).replace("attend_at_least = 2\n", ""), {}).programme.team
    assert (rule.least, [one.min for one in rule.kinds]) == (least, kinds)


def test_how_many_must_attend_is_never_more_than_the_smallest_team() -> None:
    alone = with_team("[team]\nmax_members = 1\n")
    assert [fault.place for fault in check(alone, {})] == ["attend_at_least"]
    assert load(alone.replace("attend_at_least = 2\n", ""), {}).programme.attend_at_least == 1
    assert load(CONFIG.replace("attend_at_least = 2\n", ""), {}).programme.attend_at_least == 2


WORDS = 'name = "A", one = "a", many = "as"'


@pytest.mark.parametrize(
    ("team", "place"),
    [
        ("[team]\nmin_members = 3\nmax_members = 2\n", "team.max_members"),
        (f"[team]\nkinds = [{{ key = 'a', {WORDS}, min = 2, max = 1 }}]\n", "team.kinds[0].max"),
        (f"[team]\nmin_members = 3\nkinds = [{{ key = 'a', {WORDS}, max = 2 }}]\n", "team.kinds"),
        (f"[team]\nkinds = [{{ key = 'a', {WORDS}, min = 2 }}, {{ key = 'a', {WORDS} }}]\n", "team.kinds[1].key"),
        (f"[team]\nkinds = [{{ key = '{'a' * 21}', {WORDS}, min = 2 }}]\n", "team.kinds[0].key"),
        ("[team]\nmin_members = 2\nkinds = [{ key = 'a', name = 'A' }]\n", "team.kinds[0].one"),
        ("[team]\nmin_members = 2\nhome = { different = true }\n", "team.home.name"),
        ("[team]\nmin_members = 2\nmin_developers = 2\n", "team.min_developers"),
    ],
)
def test_what_cannot_be_is_told_at_its_place(team: str, place: str) -> None:
    assert place in [fault.place for fault in check(with_team(team), {}) if fault.severity == "fault"]


KINDS = (kind("a", 1, 2), kind("b", 2))


@pytest.mark.parametrize(
    ("rule", "sides", "says"),
    [
        (TeamRule(kinds=KINDS), "abb", None),
        (TeamRule(kinds=KINDS), "ab", "The team has 1 a-one and 1 b-one. Still missing: 1 b-one."),
        (TeamRule(kinds=KINDS), "b", "The team has 0 a-many and 1 b-one. Still missing: 1 a-one and 1 b-one."),
        (TeamRule(kinds=KINDS), "aaabb", "The team has 3 a-many and 2 b-many. Allowed are at most 2 a-many."),
        (TeamRule(min_members=5, kinds=KINDS), "abb", "The team has 1 a-one and 2 b-many. Still missing: 2 members."),
        (TeamRule(min_members=2), "x", "The team has 1 member. Still missing: 1 member."),
        (TeamRule(min_members=2), "xy", None),
        (TeamRule(max_members=1), "xy", "The team has 2 members. Allowed are at most 1 member."),
    ],
)
def test_a_composition_is_told_in_the_programmes_words(rule: TeamRule, sides: str, says: str | None) -> None:
    members = tuple(Member(id=i, name="", address_key=str(i), side=side) for i, side in enumerate(sides))
    programme = load(CONFIG, {}).programme.model_copy(update={"team": rule})
    said = shortfall(programme, members)
    assert (said.en if said else None) == says
    assert said is None or ("üks" in said.et or "mitu" in said.et or "liige" in said.et)


@pytest.mark.parametrize("number", range(1, 9))
def test_kinds_of_an_invented_team_keep_to_the_rule(number: int) -> None:
    rule = TeamRule(kinds=(kind("a", 1, 2), kind("b", 2), kind("c", 0, 1)))
    made = rule.kinds_of(number)
    assert len(made) == number and made.count("a") <= 2 and made.count("c") <= 1
    assert number < rule.least or (made.count("a") >= 1 and made.count("b") >= 2)
