"""People whose names are words of doubt: whole, they are names; otherwise the words keep their meaning."""

from datetime import date

import pytest

from workflow.replies.answers import Answer, AnswerKind, Asked, ReplyContent
from workflow.replies.understand import understand

ROSTER = ("Ülle Aru", "Reet Kivi", "Sulev Sild")


def answer(text: str) -> Answer:
    return understand("roll_call", ReplyContent(text=text), Asked(today=date(2022, 4, 21), names=ROSTER))


@pytest.mark.parametrize("text", ["Ülle Aru", "Reet Kivi\nÜlle Aru", "Puudusid: Reet Kivi, Ülle Aru"])
def test_a_whole_name_is_a_name_whatever_its_words_mean(text: str) -> None:
    found = answer(text)
    assert found.kind is AnswerKind.NAMES
    assert set(found.names) == {name for name in ROSTER if name in text}


DOUBTFUL = ("Ma ei saa aru, kas Ülle puudus", "Vist Ülle Aru", "Ülle Aru, kui ma õigesti aru sain")


@pytest.mark.parametrize("text", DOUBTFUL)
def test_beside_a_name_such_words_still_mean_doubt(text: str) -> None:
    assert answer(text).kind is AnswerKind.UNCLEAR
