"""Secrets in others' words are found in every spelling that mail programs give them, and nothing else is touched."""

import hashlib
import itertools
import random
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, unquote

import pytest

from tests.builders import World
from workflow.database.engine import Database
from workflow.database.models import Draft, LatePass, SignIn
from workflow.records import masking
from workflow.records.masking import known
from workflow.security.spelled_secrets import MASK, masked, spelled

SECRET = "abcdefghijklmnopqrstuvwx2z"
BASE = "https://teekond.example.org"
HOLDERS = {
    "question": f"{BASE}/q/{SECRET}", "address": f"r-{SECRET}@teekond.example.org",
    "plus address": f"koos+r-{SECRET}@example.org", "sign-in": f"{BASE}/signin/{SECRET}?next=/office",
    "draft": f"{BASE}/apply/draft/{SECRET}", "late pass": f"{BASE}/apply?pass={SECRET}",
    "reference": f"<r-{SECRET}@teekond.example.org>", "alone": SECRET,
}  # fmt: skip
"""where a secret stands"""


def _whole(words: str) -> str:
    return f"https://eur02.safelinks.protection.outlook.com/?url={quote(words, safe='')}&data=05%7C02%7Cmari"


def _broken(between: str, at: int) -> Callable[[str], str]:
    def broken(words: str) -> str:
        place = words.lower().index(SECRET) + at
        return words[:place] + between + words[place:]

    return broken


CODED: dict[str, Callable[[str], str]] = {
    "as it is": str, "in capitals": str.upper, "in mixed case": str.title, "safe link": _whole,
    "safe link within one": lambda words: _whole(_whole(words)), "thrice": lambda words: _whole(_whole(_whole(words))),
    "underscores": lambda words: words.replace("/", "_").replace(":", "-3A").replace("?", "-3F").replace("=", "-3D"),
    "signs lost": lambda words: quote(words, safe="").replace("%", ""),
    "all coded": lambda words: "".join(f"%{ord(sign):02x}" for sign in words),
}  # fmt: skip
BETWEEN = ["\n", "\r\n", "\n> ", "\n> > ", "\n>>", "  \n", "\n    ", "\n| ", "\u00ad", "\n\n"]
AROUND = ["{}", "Vastake siin: {}.", "<{}>", '"{}"', "[link]({})", "vaata\n{}\nTervitades Mari", "> {}\n> Mari", "{}{}"]


@pytest.mark.parametrize("how", CODED)
@pytest.mark.parametrize("holder", HOLDERS)
def test_a_secret_is_found_however_it_is_coded_and_broken(holder: str, how: str) -> None:
    chance = random.Random(f"{holder} {how}")
    for around in AROUND:
        words = CODED[how](HOLDERS[holder])
        spellings = [words]
        if SECRET in words.lower():
            spellings += [_broken(between, chance.randrange(1, len(SECRET)))(words) for between in BETWEEN]
        for spelling in spellings:
            said = around.format(spelling, spelling)
            assert SECRET in {one.secret for one in spelled(said)}, said
            left = masked(said, frozenset({SECRET}))
            assert MASK in left and SECRET not in _bare(left), left


def _bare(words: str) -> str:
    """Letters and digits alone, decoded until nothing is left to decode."""
    while (decoded := unquote(words)) != words:
        words = decoded
    return "".join(sign for sign in words.lower() if sign.isalnum())


def test_only_what_opens_something_is_masked() -> None:
    other = SECRET[::-1]
    words = f"{BASE}/q/{SECRET} ja {BASE}/q/{other} ning koostöövõimekusearendamiseeelistus, 100 %\n" * 3
    assert masked(words, frozenset({SECRET})) == words.replace(SECRET, MASK)
    assert masked(words, frozenset()) == words


def test_ordinary_words_ask_for_nothing() -> None:
    words = "Tere! Jah, tuleme hea meelega: neli inimest.\n> Palun vastake JAH või EI.\nTervitades\nMari\n"
    assert list(spelled(words * 50)) == []


@pytest.mark.parametrize("piece", ["a", "%2F", "a\n", "%25", "abc\n> ", "%", "a1 \n", "\u00ad", "ab%41"])
def test_looking_takes_linear_time(piece: str) -> None:
    words = (piece * 100_000)[:200_000]
    began = time.process_time()
    assert sum(1 for _ in spelled(words)) >= 0
    assert time.process_time() - began < 2


def test_every_kind_of_secret_is_looked_up(db: Database) -> None:
    world = World(db)
    world.apply("Võru")
    _, _, address = world.asked("verify")
    asked, given, kept, link = address[2:28], "lateletterspasstwentysixes", "draftdraftdraftdraft123456", "s" * 26
    digest = {one: hashlib.sha256(one.encode()).hexdigest() for one in (kept, link)}
    later = world.now + timedelta(days=1)
    with db.writing() as session:
        session.add(LatePass(secret=given, address="a@example.org", until=later))
        session.add(
            Draft(
                secret_hash=digest[kept], address="a@example.org", address_key="a@example.org", lang="et", content={},
                created_at=world.now, updated_at=world.now, expires_at=later,
            )
        )  # fmt: skip
        session.add(SignIn(token_hash=digest[link], person_id=1, expires_at=later))
        assert known(session, [asked, given, kept, link, "b" * 26]) == {asked, given, kept, link}
        value = {"a": [f"/q/{asked.upper()}", 7, None], "b": ("x", {"c": f"pass={given}"})}
        assert masking.out_of(session, value) == {"a": [f"/q/{MASK}", 7, None], "b": ["x", {"c": f"pass={MASK}"}]}


def test_several_secrets_beside_each_other_all_go() -> None:
    secrets = ["".join(pair) for pair in itertools.product(["abcdefghijklm"], ["nopqrstuvwxyz", "2345672345672"])]
    assert masked("".join(secrets), frozenset(secrets)) == MASK * 2
