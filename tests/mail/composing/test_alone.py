"""Who applies alone is spoken to as one: no mail to a member or a mentor speaks of a team then, in either language."""

import re

import pytest

from mail.composing.samples import sample
from tests.mail.composing.test_every_mail import COMPOSER
from workflow.notices import Fact
from workflow.rules.mail_kinds import MAIL_KINDS

OF_SEVERAL = {"consent", "member_left", "membership_ended", "other_answered"}
"""nobody who is alone gets these"""
TO = ("contact", "member", "mentor")
NAMED = sorted(name for name, kind in MAIL_KINDS.items() if kind.to in TO and name not in OF_SEVERAL)
A_TEAM = {
    "et": re.compile(r"\bmeeskon\w*|\basendaja\w*", re.IGNORECASE),
    "en": re.compile(r"\bteams?\b|\bdeputy\b", re.IGNORECASE),
}


def without(fact: Fact) -> Fact:
    """A sample that itself speaks of a team says nothing."""
    return "" if any(words.search(str(fact)) for words in A_TEAM.values()) else fact


@pytest.mark.parametrize("lang", ["et", "en"])
@pytest.mark.parametrize("name", NAMED)
def test_a_mail_to_one_person_speaks_of_no_team(name: str, lang: str) -> None:
    facts = {key: without(fact) for key, fact in sample(name).items()}
    mail = COMPOSER.preview(name, lang, {**facts, "alone": True})
    assert A_TEAM[lang].findall(f"{mail.subject}\n{mail.text}") == []


def test_there_are_mails_to_judge_and_the_same_ones_do_speak_of_a_team() -> None:
    told = {name for name in NAMED if A_TEAM["en"].search(COMPOSER.preview(name, "en", sample(name)).text)}
    assert len(NAMED) > 25 and len(told) > 12
