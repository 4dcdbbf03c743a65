"""Plain replies turned into doubtful ones: whatever was plain before, nothing may move after.

Each answer of the blind lists is put into sentences that leave it open, take it back or give it to somebody else.
"""

from itertools import cycle

import pytest

from tests.workflow.replies.test_blind_replies import REPLIES, STILL, answer, expected, shown

YES_OR_NO = ("verify", "consent", "confirm_place", "rsvp", "hours_check", "approve", "review")
OPEN = (
    "{}, aga ainult siis, kui Mari ka", "{} - kui eelarve lubab", "Kui vald lubab, siis {}",
    "{}. Annan homme kindla vastuse.", "{} (pole veel kindel)", "Vist {}", "{}, juhul kui saame toetust",
    "{}, if we get the funding", "I think {}", "{}, unless something changes", "{}. Peame veel arutama.",
    "{}, kuid esialgu tinglikult", "Loodetavasti {}", "{}?", "{}... või ei", "{}, aga see ei ole kindel",
    "{}, ütleb Mari", "Mari arvates {}", "{}. Nali.", "{} - nalja teen", "{}. Vabandust, vale kiri.",
    "{}. See oli teisele inimesele mõeldud.", "{}. Ära seda arvesta.", "{}. Ignore this please", "{} / vastupidi",
    "Tahaks, et {}", "{} oleks tore", "{}. Aga küsin veel üle.",
)  # fmt: skip
HOURS = (
    "umbes {}", "{} või rohkem", "vist {}", "kuni {}", "{} (kontrollin veel üle)", "{} oli plaanis", "homme {}",
    "{} x 2", "{} + sõit", "{}, sellest pool sõit", "{}?", "{} sõiduaega", "{}, aga Mari ütles muud",
)  # fmt: skip
ABSENT = (
    "vist {}", "{}?", "{}, aga ei ole kindel", "Mari ütles, et {}", "{} enne lõunat", "{} alguses", "{} (tuli hiljem)",
    "{}, lahkus varem", "esialgu {}", "{} veebis", "{}, asendas Kalle",
)  # fmt: skip


def plain(*kinds: str) -> list[tuple[str, str]]:
    """Short replies of one line that are understood, without their last mark."""
    told = ("unclear", "return", "help", "status")  # what is to be mended may be any words
    rows = [(kind, text) for kind, text, wanted in REPLIES if kind in kinds and not any(one in wanted for one in told)]
    short = [
        (kind, text.rstrip(" .!")) for kind, text in rows if len(text) < 60 and "¶" not in text and ": " not in text
    ]
    return [(kind, text) for kind, text in short if answer(kind, text).kind not in STILL]


@pytest.mark.parametrize(
    ("kinds", "turns", "enough"),
    [(YES_OR_NO, OPEN, 400), (("hours", "hours_unlisted"), HOURS, 60), (("roll_call",), ABSENT, 60)],
    ids=["yes or no", "hours", "roll-call"],
)
def test_an_answer_left_open_or_taken_back_moves_nothing(
    kinds: tuple[str, ...], turns: tuple[str, ...], enough: int
) -> None:
    rows = plain(*kinds)
    said = [(kind, turn.format(text)) for (kind, text), turn in zip(rows, cycle(turns), strict=False)]
    moved = [(kind, text, shown(answer(kind, text))) for kind, text in said if answer(kind, text).kind not in STILL]
    assert len(said) >= enough
    assert not moved


def test_the_expected_is_written_in_any_order() -> None:
    assert expected("names B;A|unclear") == ["names A;B", "unclear"]
