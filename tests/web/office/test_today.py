"""The coordinator's desk: today, who may come in, that looking changes nothing, and the calendar."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from mail.reading.sender import Verdict
from tests.builders import World
from tests.paths import ROOT
from tests.season_snapshots import confirmed, lived
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk, decide, mentored
from web.i18n import labels
from web.public import question_forms
from workflow.answering.outcome import AnswerResult
from workflow.codes import HistoryEvent, LetterOutcome, MessageStatus
from workflow.database.models import Alert, Letter, Message, StageSession
from workflow.replies.clauses import DECIDED
from workflow.rules.duties import DutyKind
from workflow.rules.hours import EntryKind
from workflow.rules.machine import Trigger

MAY = datetime(2022, 4, 7, 9, 0, tzinfo=UTC)


def lively(pages: Pages) -> None:
    lived(pages.world, _lively)


def _lively(world: World) -> None:
    """A season with something on every page."""
    team = world.apply("Võru", group="I").confirmed()
    decide(world, world.apply("Saku").verified(), Trigger.SELECT, "I", 1)
    world.wait_until(MAY)
    team.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=team.contact.address)
    team.replies("homework", "jah, aga kas saab hiljem?", person=team.contact.address)
    mentored(world, team, 600, 500)
    with world.db.writing() as session:
        failed = session.scalars(sa.select(Message).where(Message.template == "verify")).first()
        assert failed is not None
        failed.status, failed.error = "failed", "550 5.1.1 no such user"


def routes(pages: Pages) -> list[str]:
    """Every page of the office that can be looked at, with ids that exist."""
    ids = {
        "team_id": "1",
        "message_id": "1",
        "letter_id": "1",
        "session_id": "3",
        "trigger": "advance",
        "file_id": "1",
        "person_id": "1",
        "question_id": "1",
        "mail_id": "1",
    }
    found = []
    for rule in pages.app.url_map.iter_rules():
        if str(rule).startswith("/office") and "GET" in (rule.methods or ()):
            path = str(rule)
            for name, value in ids.items():
                path = path.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
            found.append(f"{path}?team=1&team=2" if path.endswith("/compare") else path)
    return found


def forms(pages: Pages) -> list[str]:
    found = [str(r) for r in pages.app.url_map.iter_rules() if "POST" in (r.methods or ())]
    plain = []
    for path in found:
        if path.startswith("/office"):
            for part in [p for p in path.split("/") if p.startswith("<")]:
                path = path.replace(part, "advance" if "int:" not in part else "1")
            plain.append(path)
    return plain


@pytest.mark.parametrize("lang", ["et", "en"])
def test_every_page_opens_in_both_languages_and_changes_nothing(pages: Pages, lang: str) -> None:
    lively(pages)
    desk = at_the_desk(pages)
    before = pages.digest()
    for path in routes(pages):
        answer = desk.browser.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code in (200, 404), path
        if answer.status_code == 200 and answer.mimetype == "text/html" and "/html" not in path:
            assert f'<html lang="{lang}">' in answer.text, path
    assert pages.digest() == before
    assert len(routes(pages)) >= 18


def test_nobody_else_comes_in(pages: Pages) -> None:
    lively(pages)
    trainer = pages.browser()
    trainer.sign_in(pages, pages.world.season.programme.trainers[0].address)
    stranger, before = pages.browser(), pages.digest()
    for path in routes(pages):
        assert stranger.get(path).status_code == 303, path
        assert trainer.get(path).status_code == 403, path
    for path in forms(pages):
        assert stranger.post(path, {"do": "yes"}).status_code == 303, path
        assert trainer.post(path, {"do": "yes"}).status_code == 403, path
    assert pages.digest() == before and len(forms(pages)) >= 20


SHOWN_AGAIN = ("/reply", "/write")
"""long texts: the form comes back with them, and nothing is done"""


def test_no_form_is_taken_without_its_token(pages: Pages) -> None:
    lively(pages)
    desk = at_the_desk(pages)
    before = pages.digest()
    for path in forms(pages):
        answer = desk.browser.client.post(path, data={"do": "yes"})
        assert answer.status_code == 400, path
        assert not path.endswith(SHOWN_AGAIN) or "Midagi ei saadetud" in answer.text
    assert pages.digest() == before


def test_today_says_what_waits_and_for_whom(pages: Pages) -> None:
    lively(pages)
    page = at_the_desk(pages).get("/office")
    assert "märkida loobunuks" in page and "/office/team/1/step/withdraw" in page
    assert "vastus ei olnud ühemõtteline" in page
    assert "550 5.1.1 no such user" in page
    assert "Kes puudusid? I töötuba" in page


def test_an_empty_today_says_what_is_next(pages: Pages) -> None:
    page = at_the_desk(pages).get("/office")
    assert "Teid ei oota midagi" in page and "Järgmine kohtumine" in page and "I töötuba" in page
    assert "Nothing waits for you" in at_the_desk(pages).get("/office", "en")


def test_an_alert_is_settled_once(pages: Pages) -> None:
    with pages.db.writing() as session:
        session.add(Alert(key="x", kind="quorum", says={"et": "Liiga vähe", "en": "Too few"}, at=pages.world.now))
    desk = at_the_desk(pages)
    assert "Liiga vähe" in desk.get("/office")
    assert "Märgitud korda aetuks" in desk.send("/office/alert/1/settle")
    assert "See oli juba korras" in desk.send("/office/alert/1/settle")
    assert "Liiga vähe" not in desk.get("/office")
    assert desk.browser.post("/office/alert/99/settle").status_code == 404


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/office", ["Täna"]),
        ("/office/team/1/step/withdraw", ["Meeskonnad"]),
        ("/office/people/1/forget", ["Inimesed"]),
        ("/office/people/4/sign-ins", ["Inimesed"]),
        ("/office/mails/verify", ["Kirjad"]),
        ("/privacy", []),
    ],
)
def test_the_menu_marks_where_one_is(pages: Pages, path: str, marked: list[str]) -> None:
    lively(pages)
    menu = at_the_desk(pages).get(path).partition('<nav class="menu full"')[2].partition("</nav>")[0]
    assert re.findall(r'aria-current="page">([^<]+)<', menu) == marked and menu.count("<a ") == 6


def test_words_are_told_once(pages: Pages) -> None:
    desk = at_the_desk(pages)
    assert "Ühtegi kirja ei olnud valitud" in desk.send("/office/outbox", do="release")
    assert "Ühtegi kirja ei olnud valitud" not in desk.get("/office/outbox")


def test_words_of_the_next_page_cannot_be_forged(pages: Pages) -> None:
    desk = at_the_desk(pages)
    desk.browser.client.set_cookie("told", "W1siZ29vZCIsIjxzY3JpcHQ-Il1d.AAAA.BBBB", path="/office")
    assert "&lt;script" not in desk.get("/office") and 'class="told"' not in desk.get("/office")


def test_every_word_of_the_service_has_a_name_on_the_pages() -> None:
    assert set(DutyKind) == set(labels.DUTIES)
    assert set(EntryKind) == set(labels.HOURS)
    assert set(LetterOutcome) - {LetterOutcome.ROUND_TRIP} == set(labels.OUTCOMES)
    assert {*AnswerResult} <= {*LetterOutcome}
    assert set(Trigger) == set(labels.TAKE)
    assert set(Trigger) <= set(HistoryEvent) == set(labels.EVENTS)
    assert set(MessageStatus) == set(labels.STATUSES)
    assert set(Verdict) - {Verdict.FAIL} == set(labels.VERDICTS)  # what fails is held, and no proof


def test_every_rule_by_which_an_answer_counts_has_a_name_on_the_pages() -> None:
    said = {rule for source in sources() for kind, rule in RULE.findall(source) if kind not in NEVER_A_PROOF}
    kept = {rule for source in sources() for rule in re.findall(r'"rule": "([^"]+)"', source)}
    assert {f"{sense} in words" for sense in DECIDED} | said | kept | {question_forms.RULE} == set(labels.RULES)
    assert "calendar" in said and len(said) > 5


RULE = re.compile(r'Answer\(\s*kind=(?:AnswerKind\.)?(\w+),[^)"]*rule="([^"]+)"')
NEVER_A_PROOF = ("NONE", "UNCLEAR", "ALWAYS")


def sources() -> list[str]:
    """Where answers are made; a foreseen one is taken back."""
    files = [path for room in ("workflow", "web", "mail", "service") for path in (ROOT / room).rglob("*.py")]
    return [path.read_text(encoding="utf-8") for path in files if path.name not in ("preview.py", "schema_check.py")]


# -- calendar -------------------------------------------------------------------------------------


def meeting(pages: Pages, stage: str = "workshop_1", group: str = "I") -> StageSession:
    with pages.db.reading() as session:
        return session.scalars(sa.select(StageSession).filter_by(stage=stage, group=group)).one()


def test_a_session_is_moved_after_showing_who_is_told(pages: Pages) -> None:
    crew = confirmed(pages.world, "Võru", "I", wishes="I")
    desk, old = at_the_desk(pages), meeting(pages)
    form = {"starts": "2022-04-07T10:00", "ends": "2022-04-07T16:00", "place_et": "Paide", "place_en": "Paide"}
    first = desk.send(f"/office/calendar/{old.id}", **form)
    assert "Kohtumise uus aeg" in first and "4 inimest" in first and crew.got("session_moved") == []
    assert meeting(pages).starts_at == old.starts_at
    after = desk.confirm(f"/office/calendar/{old.id}", **form)
    assert "on muudetud" in after and len(crew.got("session_moved")) == 4
    assert meeting(pages).sequence == 1 and meeting(pages).place["et"] == "Paide"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"starts": ""}, "Kirjutage, millal algab"),
        ({"starts": "2021-04-07T10:00"}, "Uus algus peab olema tulevikus"),
        ({"ends": "2022-04-07T09:00"}, "Lõpp peab olema pärast algust"),
        ({"place_et": ""}, "Kirjutage koht"),
        ({"starts": "<script>"}, "Kirjutage, millal algab"),
    ],
)
def test_wrong_times_are_refused(pages: Pages, change: dict[str, str], says: str) -> None:
    form = {"starts": "2022-04-07T10:00", "ends": "2022-04-07T16:00", "place_et": "Paide", "place_en": "Paide"}
    desk, old = at_the_desk(pages), meeting(pages)
    assert says in desk.send(f"/office/calendar/{old.id}", **{**form, **change})
    assert meeting(pages).sequence == 0


def test_the_same_move_twice_tells_nobody_twice(pages: Pages) -> None:
    crew = confirmed(pages.world, "Võru", "I", wishes="I")
    desk, old = at_the_desk(pages), meeting(pages)
    form = {"starts": "2022-04-07T10:00", "ends": "2022-04-07T16:00", "place_et": "Paide", "place_en": "Paide"}
    desk.confirm(f"/office/calendar/{old.id}", **form)
    assert "kehtivad juba" in desk.send(f"/office/calendar/{old.id}", **form)
    assert len(crew.got("session_moved")) == 4


def test_letters_and_raw_mail_never_become_a_page(pages: Pages) -> None:
    lively(pages)
    desk = at_the_desk(pages)
    with pages.db.reading() as session:
        letter = session.scalars(sa.select(Letter)).first()
        assert letter is not None
        raw = letter.raw
    answer = desk.browser.get(f"/office/letter/{letter.id}/raw")
    assert answer.data == raw and answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
