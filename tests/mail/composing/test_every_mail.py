"""Each mail with each of its facts there and missing, in both languages, and the mails that differ by role and state:
nothing empty is said, no two paragraphs are one, nothing asks where nothing is owed, and each thing has one name."""

import csv
import re
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from mail.composing.compose import MailPreview
from mail.composing.samples import sample
from tests.builders import World
from tests.mail.composing.test_templates import CALLS, MAILS
from tests.mail.message_rows import COMPOSER, TEMPLATES
from tests.season_snapshots import confirmed
from workflow.answering.read_back import owed, status
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Person, Team
from workflow.notices import Fact, Minutes, Notice
from workflow.records import queries
from workflow.rules.mail_kinds import MAIL_KINDS

FORBIDDEN = {
    "an empty value": re.compile(
        r"\*\*\*\*|[(„“]\s*[)”]|„“|: ?\.|\?\.|: \n\n|\(\)|\bNone\b|, ,| [,.;]|^\s*-\s*$", re.MULTILINE
    ),
    "a plural in brackets": re.compile(r"\w\((?:t|d|s|te|id|es)\)"),
    "kuni with the adessive": re.compile(r"\bkuni (?:\w+l, )?(?:\d+\.\s)?\w+(?:päeval|reedel|[rt]il|lil|nil|mail)\b"),
    "two paragraphs in one": re.compile(r"\d[.:]\d\d [A-ZÕÄÖÜ][a-zõäöü]+ |[a-zõäöü]\*\* \*\*|\.[A-ZÕÄÖÜ][a-zõäöü]+ "),
}
STAYS = {"name", "team", "programme", "short", "coordinator", "coordinator_address", "words"}
"""what every mail knows, or that mail alone has"""
ALWAYS = {
    "approve": {"move", "decide_link"}, "status": {"state"}, "read_back": {"done"}, "reminder": {"asked"},
    "passed_on": {"asked", "why"}, "alert": {"says"}, "correction": {"undone", "state"}, "reinstated": {"state"},
    "decision_late": {"awaits"}, "asked_back": {"likely"}, "mentor_assigned": {"mentor", "mentor_address"},
    "handed_over": {"giver"}, "member_left": {"member"}, "sign_in_changed": {"what", "whose"},
    "hours_settled": {"settled"}, "wrong_sender": {"sender"}, "own_address": {"sender"},
    "other_answered": {"who", "said"}, "consent": {"contact"}, "hours_check": {"mentor"},
    "mentor_welcome": {"contact", "contact_address", "members"},
}  # fmt: skip
NEEDED = {
    "stage", "work", "done", "next", "when", "place", "start", "end", "awaits", "join_link", "expected", "entries",
    "attended", "who", "application", "period", "minutes", "days", "ask_days", "state", "session_day",
    "until", "at", "ends", "undo_until", "starts", "closes_at", "kept_until", "ahead_days", "ahead_start", "ahead_end",
    "rate_until", "ahead_place", "ahead_link",
}  # fmt: skip


def variants(name: str) -> Iterator[tuple[str, dict[str, Fact]]]:
    """The mail with all that it can say, then without each thing that it can do without, then without all of them."""
    whole = sample(name)
    yield "whole", whole
    may_go = [one for one in whole if one in MAIL_KINDS[name].facts | {"also", "news", "topics", "instructions", "due"}]
    may_go = [one for one in may_go if one not in STAYS | NEEDED | ALWAYS.get(name, set())]
    for one in may_go:
        yield f"without {one}", {**whole, one: _nothing(whole[one])}
    yield "bare", {**whole, **{one: _nothing(whole[one]) for one in may_go}}


def _nothing(fact: Fact) -> Fact:
    if isinstance(fact, Minutes):
        return fact
    return () if isinstance(fact, tuple) else False if isinstance(fact, bool) else ""


def faults(mail: MailPreview, lang: str, *, asks: bool) -> list[str]:
    said = mail.text.replace("\N{NO-BREAK SPACE}", " ")
    body = re.sub(r" ?<http[^>]*>", "", said)
    found = [
        f"{what}: {body[max(0, hit.start() - 30) : hit.end() + 20]!r}"
        for what, sign in FORBIDDEN.items()
        for hit in sign.finditer(body)
    ]
    if not asks and CALLS[lang].search(mail.subject):
        found.append(f"the subject asks: {mail.subject}")
    return found


@pytest.mark.parametrize(("name", "lang"), MAILS)
def test_nothing_empty_is_said_whatever_is_missing(name: str, lang: str) -> None:
    told = [
        f"{which}: {fault}"
        for which, facts in variants(name)
        for fault in faults(COMPOSER.preview(name, lang, facts), lang, asks=_asks(name, facts))
    ]
    assert told == []


def _asks(name: str, facts: dict[str, Fact]) -> bool:
    """Whether an answer is owed to this very mail."""
    decides = name == "approve" or MAIL_KINDS[name].by_hand or (name == "application_counts" and bool(facts["missing"]))
    return (MAIL_KINDS[name].asks and (name != "session_reminder" or facts["said"] != "yes")) or decides


@pytest.mark.parametrize("lang", ["et", "en"])
@pytest.mark.parametrize("days", [0, 1, 2, 7])
@pytest.mark.parametrize("said", ["yes", "no", "maybe", ""])
def test_a_reminder_of_a_session_asks_only_whom_it_has_to(said: str, days: int, lang: str) -> None:
    mail = COMPOSER.preview("session_reminder", lang, {**sample("session_reminder"), "said": said, "days": days})
    assert faults(mail, lang, asks=said != "yes") == []


STATES = ["applied", "selected", "waitlisted", "declined", "workshop_1", "mentoring", "final_seminar", "completed",
          "withdrawn", "released"]  # fmt: skip
ROLES = ["contact", "deputy", "member", "trainer", "mentor", "coordinator"]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> World:
    db = Database(sqlite_url(tmp_path_factory.mktemp("mails")))
    db.migrate()
    world = World(db)
    confirmed(world, wishes="I")
    return world


@pytest.mark.parametrize("lang", ["et", "en"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("template", ["status", "help"])
def test_where_things_stand_is_said_to_each_in_each_state(
    season: World, template: str, state: str, role: str, lang: str
) -> None:
    with season.db.writing() as session:
        team = session.get_one(Team, 1)
        before, team.state = team.state, state
        person = _somebody(session, team, role)
        person.lang = lang
        facts = status(season.season, session, person, season.now, about=team) if template == "status" else owed(
            season.season, session, person)  # fmt: skip
        key = f"{template}:{state}:{role}:{lang}"
        notice = Notice(template=template, key=key, person=person, team=team, facts=facts)
        row = COMPOSER.row(session, notice, season.now)
        team.state = before
    subject, body = row["subject"], row["body"]
    text, html = COMPOSER.shown(subject, body, lang)
    assert faults(MailPreview(subject, body, text, html), lang, asks=False) == []


def _somebody(session: Session, team: Team, role: str) -> Person:
    if role in ("contact", "deputy", "member"):
        return next(one for one in queries.members(session, team.id) if (one.part or "member") == role)
    return queries.staff(session, role)[0]


# -- the language of templates --------------------------------------------------------------------

GLUED = re.compile(r"^(?=[^{\n]*[^{\s])[^\n]*{% end(?:if|for) %}\n\n(?=[^\n{])", re.MULTILINE)
"""a tag at a line's end takes the line end with it: a blank line behind it is none"""


@pytest.mark.parametrize(("name", "lang"), MAILS)
def test_a_blank_line_behind_a_tag_stays_one(name: str, lang: str) -> None:
    written = (TEMPLATES / lang / f"{name}.md").read_text(encoding="utf-8").partition("\n\n")[2]
    assert [found[0] for found in GLUED.finditer(written)] == []


# -- one word for one thing -----------------------------------------------------------------------

GLOSSARY = list(csv.DictReader(
    (TEMPLATES.parent / "glossary.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
))  # fmt: skip


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: f"{row['lang']} {row['thing']}")
def test_each_thing_has_one_name_in_mails(row: dict[str, str]) -> None:
    other = re.compile(row["not"])
    assert not other.search(row["keep"])
    for file in sorted((TEMPLATES / row["lang"]).glob("*.md")):
        words = re.sub(r"{[{%].*?[%}]}", " ", file.read_text(encoding="utf-8"))
        found = other.search(words)
        assert found is None, f"{file.name}: {found and found[0]} – better: {row['keep']}"
