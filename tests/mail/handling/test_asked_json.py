"""What a question said, from a file: every key reaches the reader of replies, in the form it knows."""

from datetime import date, time

from mail.handling.asked_json import from_json
from workflow.replies.answers import Asked

TODAY = date(2022, 8, 1)
SESSION = {"name": "II töötuba", "starts": "2022-04-12T10:00:00+03:00", "ends": "2022-04-12T16:00:00+03:00"}


def test_every_key_is_taken() -> None:
    said = {
        "sent": "2022-04-05T09:00:00+03:00",
        "session": SESSION,
        "roster": [{"team": "Sillaotsa", "names": ["Mari Mets"]}],
        "period": "2022-07",
        "team": "Sillaotsa",
        "other_teams": ["Jõeäär"],
        "person": {"name": "Kadri Lepik", "organisation": "Sillaotsa Vallavalitsus"},
    }
    assert from_json(said, TODAY) == Asked(
        today=TODAY, names=("Mari Mets",), days=(date(2022, 4, 12),), times=(time(10), time(16)), workshop=2,
        month="2022-07", sent=date(2022, 4, 5), team="Sillaotsa", signs=("Kadri Lepik", "Sillaotsa Vallavalitsus"),
        teams=("Jõeäär",),
    )  # fmt: skip


def test_days_are_of_the_session_asked_about_else_of_all_that_is_listed() -> None:
    offered = [SESSION, {"name": "III töötuba", "starts": "2022-04-26T10:00:00+03:00"}]
    listed = [{"day": "2022-07-12", "minutes": 90}]
    assert from_json({"sessions": offered, "listed": listed}, TODAY).days == (
        date(2022, 4, 12), date(2022, 4, 26), date(2022, 7, 12),
    )  # fmt: skip
    assert from_json({"session": SESSION, "sessions": offered}, TODAY).days == (date(2022, 4, 12),)
