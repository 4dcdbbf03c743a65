"""A coordinator's letter as a row: kept while it is written, sent at a time, with files, stopped before it leaves."""

from datetime import timedelta
from email import message_from_bytes
from io import BytesIO

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from mail.composing import message_bytes, pacing
from mail.sending import queue
from tests.web.conftest import Pages
from tests.web.office.mail.test_write import WHERE, WORDS, _hidden, _letters, _writes
from tests.web.office_season import Desk, at_the_desk
from workflow.coordinator import written_mails
from workflow.database.models import Message, Team, WrittenFile, WrittenMail
from workflow.notices import Notice
from workflow.schedule import clock_ahead

PDF = b"%PDF-1.4 kaart"


def _kept(pages: Pages) -> list[WrittenMail]:
    with pages.db.reading() as session:
        rows = session.scalars(sa.select(WrittenMail).order_by(WrittenMail.id)).all()
        session.expunge_all()
        return list(rows)


def _posted(desk: Desk, **typed: object) -> TestResponse:
    """Only the answer to the form itself."""
    return desk.browser.post(WHERE, typed)


def test_what_is_typed_is_kept_and_found_again_on_another_device(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    where = f"{WHERE}?team={crew.id}"
    typed = {"team": crew.id, "letter": _hidden(desk.get(where), "letter"), "do": "keep"}
    assert _posted(desk, **typed, body_et="Võtke").status_code == 204
    assert _posted(desk, **typed, body_et="Võtke kummikud").status_code == 204
    elsewhere = at_the_desk(pages)
    page = elsewhere.browser.get(where, follow_redirects=True).text
    assert "Võtke kummikud" in page and len(_kept(pages)) == 1
    assert "Võtke kummikud" not in elsewhere.get(f"{where}&new=1")
    assert "Mustandid" in elsewhere.get(WHERE) and _letters(pages) == []


@pytest.mark.parametrize("do", ["show", "test", "send", "save", "count", "anything"])
def test_every_form_leads_to_a_page_that_can_be_read_again(pages: Pages, do: str) -> None:
    """Back and reload ask nothing, and nothing typed is lost: whatever is wrong stands beside its field."""
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    answer = _posted(desk, do=do, team=crew.id, subject_et="", body_et="{{ nmae }} Kallid sõbrad")
    assert answer.status_code == 303
    page = desk.get(answer.headers["Location"])
    assert "Kallid sõbrad" in page
    assert ('id="body_et-error"' in page) == ('id="subject_et-error"' in page) == (do in ("show", "test", "send"))


def test_a_draft_is_thrown_away_and_one_that_was_sent_is_not(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    desk.send(WHERE, do="test", team=crew.id, **WORDS)
    (draft,) = _kept(pages)
    assert "ära visatud" in desk.send(f"{WHERE}/{draft.id}", do="discard") and _kept(pages) == []
    _writes(desk, team=crew.id, **WORDS)
    (sent,) = _kept(pages)
    assert "Midagi ei tehtud" in desk.send(f"{WHERE}/{sent.id}", do="discard") and len(_kept(pages)) == 1


def test_what_was_sent_has_a_page_and_changes_no_more(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = _writes(desk, team=crew.id, side="members", **WORDS)
    (sent,) = _kept(pages)
    assert page.count("/office/outbox/") == 4 and "Kati-Katri" in page
    assert _posted(desk, do="keep", letter=sent.name, team=crew.id, body_et="Muu").status_code == 204
    assert "Muu" not in desk.get(f"{WHERE}/{sent.id}") and sent.sent_at is not None
    copied = desk.send(f"{WHERE}/{sent.id}", do="copy")
    assert "Homme sajab." in copied and _hidden(copied, "letter") != sent.name
    assert "Saadetud kirjad" in desk.get(f"{WHERE}?new=1")


# -- at a time ----------------------------------------------------------------------------------------------------


def _local(pages: Pages, **ahead: int) -> str:
    at = (pages.world.now + timedelta(**ahead)).astimezone(pages.world.season.programme.tz)
    return f"{at:%Y-%m-%dT%H:%M}"


def test_a_letter_leaves_at_its_time_and_no_clock_pulls_it_back(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    pages.world.send_all()
    page = _writes(desk, team=crew.id, leave=_local(pages, days=3), **WORDS)
    assert "Kiri läheb välja" in page
    (mail,) = _letters(pages)
    with pages.db.writing() as session:
        assert clock_ahead.mend(session, pages.world.now) == 0
        session.get_one(Message, mail.id).next_at += timedelta(hours=9)  # later than anybody said: that is a clock's
        assert clock_ahead.mend(session, pages.world.now) == 1
        session.get_one(Message, mail.id).next_at = mail.next_at
        assert queue.claim(session, pages.world.now, timedelta(minutes=15)) is None
    with pages.db.writing() as session:
        claimed = queue.claim(session, mail.next_at + timedelta(minutes=1), timedelta(minutes=15))
        assert claimed is not None and claimed.id == mail.id


def test_a_letter_put_off_holds_up_no_other_mail_to_the_same_people(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    for number in range(3):
        _writes(desk, team=crew.id, leave=_local(pages, days=9), subject_et=f"Teade {number}", body_et="Tere")
    soon = Notice(template="work_accepted", key="x", person=crew.contact)
    with pages.db.reading() as session:
        assert pacing.leaves_at(session, soon, pages.world.now) <= pages.world.now + timedelta(hours=1)


@pytest.mark.parametrize(
    ("ahead", "says"), [({"hours": -3}, "möödas"), ({"days": 200}, "päeva ette"), (None, "Valige")]
)
def test_a_time_that_cannot_be_meant_is_a_fault_beside_its_field(
    pages: Pages, ahead: dict[str, int] | None, says: str
) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    leave = "homme" if ahead is None else _local(pages, **ahead)
    page = at_the_desk(pages).send(WHERE, do="show", team=crew.id, leave=leave, **WORDS)
    assert says in page and 'id="leave-error"' in page and f'value="{leave}"' in page and not _hidden(page, "shown")


def test_what_has_not_left_is_stopped(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = _writes(desk, team=crew.id, side="members", leave=_local(pages, days=3), **WORDS)
    assert "Jäta 4 kirja saatmata" in page
    (mail,) = _kept(pages)
    assert "4 kirja jääb saatmata" in desk.send(f"{WHERE}/{mail.id}", do="stop")
    assert {one.status for one in _letters(pages)} == {"dropped"}


# -- what is sent is what was seen --------------------------------------------------------------------------------


def test_a_value_that_changed_since_it_was_shown_is_shown_again(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", team=crew.id, **WORDS)
    with pages.db.writing() as session:
        session.get_one(Team, crew.id).name = "Uus nimi"
    kept = {"letter": _hidden(page, "letter"), "shown": _hidden(page, "shown"), "team": crew.id}
    again = desk.send(WHERE, do="send", **kept, **WORDS)
    assert "midagi ei saadetud" in again and "Kummikud kaasa, Uus nimi" in again and _letters(pages) == []


# -- files --------------------------------------------------------------------------------------------------------


def _with(desk: Desk, files: dict[str, bytes], **typed: object) -> str:
    given = [(BytesIO(content), name) for name, content in files.items()]
    return desk.send(WHERE, files=given, **typed)


def test_a_file_is_kept_once_and_goes_with_each_mail(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = _with(desk, {"õppekäigu kaart.pdf": PDF}, do="show", team=crew.id, side="members", **WORDS)
    typed = {"team": crew.id, "side": "members", "letter": _hidden(page, "letter"), "shown": _hidden(page, "shown")}
    desk.send(WHERE, do="send", **typed, **WORDS)
    with pages.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WrittenFile)) == 1
        mails = session.scalars(sa.select(Message).where(Message.template == "own_letter")).all()
        assert len(mails) == 4
        for mail in mails:
            parsed = message_from_bytes(message_bytes.to_bytes(mail, pages.world.identity))
            (part,) = [one for one in parsed.walk() if one.get_content_disposition() == "attachment"]
            assert part.get_filename() == "õppekäigu kaart.pdf" and part.get_content_type() == "application/pdf"
            assert part.get_payload(decode=True) == PDF
    mail_id = _kept(pages)[0].id
    assert desk.browser.get(f"{WHERE}/{mail_id}/file/1").data == PDF
    assert desk.browser.get(f"{WHERE}/{mail_id + 1}/file/1").status_code == 404


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"x.exe": b"MZ\x90\x00"}, "ei võta postkastid"), ({"töö.pdf": b"MZ\x90\x00"}, "ei võta postkastid"),
        ({"tühi.pdf": b""}, "Fail on tühi"), ({f"{n}.pdf": PDF + bytes([n]) for n in range(6)}, "kuni 5 faili"),
        ({"suur.pdf": PDF + b"0" * written_mails.BYTES}, "suuremad kui 5 MB"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_go_is_said_and_the_text_stays(pages: Pages, files: dict[str, bytes], says: str) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    page = _with(at_the_desk(pages), files, do="show", team=crew.id, **WORDS)
    assert says in page and "Homme sajab." in page
    with pages.db.reading() as session:
        assert session.scalars(sa.select(WrittenFile)).all() == []


def test_a_file_is_taken_off_and_the_same_one_twice_is_one(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = _with(desk, {"kaart.pdf": PDF, "koopia.pdf": PDF}, do="save", team=crew.id, **WORDS)
    number = page.partition('name="off" value="')[2].partition('"')[0]
    assert page.count('name="off"') == 1
    page = desk.send(WHERE, do="save", team=crew.id, letter=_hidden(page, "letter"), off=number, **WORDS)
    assert 'name="off"' not in page
