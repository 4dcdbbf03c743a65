"""What stood in the question adds nothing to its answer; another day, hour or team makes the answer unclear."""

from datetime import date, time

import pytest

from tests.case_table import each
from workflow.replies.answers import Answer, Asked, ReplyContent
from workflow.replies.understand import understand

TODAY = date(2022, 8, 1)
SESSION = date(2022, 4, 12)
ASKED = {
    "verify": Asked(today=TODAY, days=(date(2022, 2, 20),), team="Sillaotsa"),
    "confirm_place": Asked(today=TODAY, days=(SESSION, date(2022, 4, 26)), team="Sillaotsa"),
    "rsvp": Asked(today=TODAY, days=(SESSION,), times=(time(10), time(15, 30)), workshop=1),
    "hours_check": Asked(today=TODAY, days=(date(2022, 7, 12), date(2022, 7, 19)), teams=("Soomaa Suits", "Jõeäär")),
    "review": Asked(today=TODAY, teams=("Soomaa Suits", "Jõeäär")),
    "hours": Asked(today=TODAY, month="2022-07", teams=("Soomaa Suits", "Jõeäär")),
}
SAID = (
    ("verify", "Jah, taotlus on minu esitatud {}", "20.02.2022", "21.03.2022"),
    ("confirm_place", "Jah, võtame. Kohtumiseni {}!", "12. aprillil", "19. aprillil"),
    ("confirm_place", "Tuleme {}", "26. aprillil", "27. aprillil"),
    ("confirm_place", "{} meeskond kinnitab osalemist", "Sillaotsa", "Põllu"),
    ("rsvp", "Jah, tulen {}", "kell 10", "kell 11"),
    ("rsvp", "Jah, tulen {}", "kell 10.00-15.30", "kell 10-12"),
    ("rsvp", "Jah, tulen {}", "10ks", "11ks"),
    ("rsvp", "Osalen {}", "teisipäeval", "reedel"),
    ("hours_check", "Kohtumised {} toimusid", "12.07 ja 19.07", "12.07 ja 21.07"),
)
OTHERS = (
    ("hours_check", "Jah, Jõeäärega kohtumised toimusid"),
    ("review", "Võtan Jõeääre töö vastu"),
    ("review", "Jah, Soomaa Suitsu töö sobib"),
    ("hours", "2 h Jõeäärega"),
    ("hours", "2 h Soomaa Suitsule"),
)


def read(kind: str, text: str, *, sender: str = "") -> Answer:
    said = ReplyContent(text=text, sender=sender)
    return understand(kind, said, ASKED.get(kind, Asked(today=TODAY)))


@each("kind, text, asked, other", SAID)
def test_what_the_question_said_adds_nothing_and_another_makes_it_unclear(
    kind: str, text: str, asked: str, other: str
) -> None:
    assert read(kind, text.format(asked)).kind == "yes"
    assert read(kind, text.format(other)).kind == "unclear"


@each("kind, text", OTHERS)
def test_an_answer_about_another_team_is_none(kind: str, text: str) -> None:
    assert read(kind, text).kind == "unclear"


@pytest.mark.parametrize("below", ["", "\narendusnõunik\nJah & Ei OÜ", "\nMTÜ Ei Tule\n+372 5555 0131"])
def test_the_writers_own_name_on_a_line_closes_the_letter(below: str) -> None:
    assert read("rsvp", f"Tulen kohale\nRiho Ei-Tule{below}", sender="Riho Ei-Tule").kind == "yes"


def test_a_reason_keeps_the_day_that_the_question_named() -> None:
    assert read("hours_check", "EI: 12.07 kohtumist ei toimunud").text == "12.07 kohtumist ei toimunud"
