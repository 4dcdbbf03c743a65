"""What a queued mail keeps: enough to say it again in other words, for every mail there is."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest
from sqlalchemy.orm import Session

from mail.composing.compose import Composer
from mail.composing.facts import told, values
from mail.composing.samples import facts
from mail.composing.stored_facts import Slot, StoredFacts, from_json, to_json
from tests.builders import World
from tests.mail.message_rows import COMPOSER, IDENTITY, NOW, PROGRAMME, TEMPLATES, meeting, person, question, team
from workflow.database.engine import Database
from workflow.database.models import Message
from workflow.notices import Notice, Unsayable
from workflow.rules.mail_kinds import MAIL_KINDS


@pytest.fixture
def mended(tmp_path: Path) -> Path:
    """Templates of one's own, to be mended."""
    shutil.copytree(TEMPLATES, tmp_path / "email")
    return tmp_path / "email"


def queued(session: Session, composer: Composer, template: str, **given: object) -> Message:
    of = team(session)
    mari = person(session, of)
    notice = Notice(
        template=template, key=f"k:{template}", person=mari, team=of, question=question(session, of, mari),
        stage="workshop_1", session=meeting(session), facts=facts(template), **given,
    )  # fmt: skip
    message = composer(session, notice, NOW)
    assert message is not None
    return message


def spoil(file: Path, old: str, new: str) -> None:
    written = file.read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("template", sorted(MAIL_KINDS))
def test_every_mail_says_the_same_again_of_what_it_kept(sqlite_db: Database, template: str) -> None:
    with sqlite_db.writing() as session:
        number = queued(session, COMPOSER, template).id
    with sqlite_db.reading() as session:
        message = session.get_one(Message, number)
        again = COMPOSER.again(message)
    assert again is not None
    assert (again.subject, again.body) == (message.subject, message.body)


@pytest.mark.parametrize("lang", ["et", "en"])
def test_what_is_kept_survives_json(lang: str) -> None:
    for template in MAIL_KINDS:
        given = told(facts(template), lang)
        kept = StoredFacts(given, "Re: x", (Slot("uid", 2, NOW, NOW + timedelta(hours=1), "I", "Viljandi", 7, "yes"),))
        found = from_json(template, json.loads(json.dumps(to_json(kept))))
        assert {name: found.values[name] for name in given} == given
        assert (found.subject, found.slots) == (kept.subject, kept.slots)


def test_it_keeps_nothing_that_it_did_not_say(sqlite_db: Database) -> None:
    with sqlite_db.writing() as session:
        of = team(session)
        mari = person(session, of)
        notice = Notice(template="declined", key="k", person=mari, team=of, facts=facts("declined"))
        message = COMPOSER(session, notice, NOW)
        assert message is not None and message.facts is not None
        allowed = values(notice, PROGRAMME, IDENTITY, "et")
        assert message.facts["values"].items() <= {n: v for n, v in allowed.items() if isinstance(v, str)}.items()


def test_a_mended_template_counts_at_once(db: Database, mended: Path) -> None:
    composer = Composer(mended, PROGRAMME, IDENTITY)
    with db.writing() as session:
        message = queued(session, composer, "waitlisted")
        spoil(mended / "et" / "waitlisted.md", "{{ rank }}", "nr {{ rank }}")
        again = composer.again(message)
        assert again is not None and "nr 3" in again.body and "nr 3" not in message.body
        of_now = composer.templates.render("waitlisted", "et", from_json("waitlisted", message.facts or {}).values)
        assert "nr 3" in of_now.body


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{ rank }}", "{{ rang }}", "rang"),
        ("{{ rank }}", "{{ rank", "unexpected"),
        ("Subject:", "Sub:", "Subject"),
    ],
)
def test_a_faulty_template_is_told_and_mails_that_are_due_leave_in_the_old_words(
    sqlite_db: Database, mended: Path, old: str, new: str, says: str
) -> None:
    composer = Composer(mended, PROGRAMME, IDENTITY)
    with sqlite_db.writing() as session:
        message = queued(session, composer, "waitlisted")
        spoil(mended / "et" / "waitlisted.md", old, new)
        with pytest.raises(Unsayable, match=says):
            composer.again(message)
        kept = from_json("waitlisted", message.facts or {}).values
        assert composer.templates.render("waitlisted", "et", kept).body == message.body


def test_a_mended_part_counts_at_once_and_a_faulty_one_not_at_all(sqlite_db: Database, mended: Path) -> None:
    composer, sign = Composer(mended, PROGRAMME, IDENTITY), mended / "et" / "_sign.md"
    with sqlite_db.writing() as session:
        message = queued(session, composer, "waitlisted")
    kept = from_json("waitlisted", message.facts or {}).values
    spoil(sign, "Heade soovidega", "Kõike head")
    good = composer.templates.render("waitlisted", "et", kept).body
    assert good == message.body.replace("Heade soovidega", "Kõike head") != message.body
    for wrong in ("{{ coordinatr }}", "{% if %}"):
        spoil(sign, "{{ coordinator }}", wrong)
        assert composer.templates.render("waitlisted", "et", kept).body == good
        spoil(sign, wrong, "{{ coordinator }}")
    sign.unlink()
    assert composer.templates.render("waitlisted", "et", kept).body == good


def test_a_subject_made_anew_is_what_it_was(sqlite_db: Database) -> None:
    with sqlite_db.writing() as session:
        of = team(session)
        mari = person(session, of)
        asked = question(session, of, mari)
        first = Notice(
            template="place_offer", key="a", person=mari, team=of, question=asked, facts=facts("place_offer")
        )
        COMPOSER(session, first, NOW)
        second = Notice(template="reminder", key="b", person=mari, team=of, question=asked, facts=facts("reminder"))
        message = COMPOSER(session, second, NOW)
        assert message is not None
        again = COMPOSER.again(message)
    assert again is not None and again.subject == message.subject
    assert message.subject == "Kas meeskond Võru võtab koha vastu?"


def test_a_calendar_file_made_anew_names_the_address_of_now(db: Database) -> None:
    world = World(db)
    world.apply().invited()
    sent = world.messages("session_invitation")[0]
    with db.writing() as session:
        message = session.get_one(Message, sent.id)
        old = event(message.calendar)
        message.to_address = "mari.uus@example.org"
        made = world.composer.invitation(message, world.now + timedelta(days=1))
    new = event(made)
    assert new["attendee"] == "mailto:mari.uus@example.org" and old["attendee"] != new["attendee"]
    for name in ("uid", "sequence", "dtstart", "dtend", "summary", "organizer", "location"):
        assert new[name] == old[name], name


def test_a_mail_without_a_calendar_file_gets_none(sqlite_db: Database) -> None:
    with sqlite_db.writing() as session:
        assert COMPOSER.invitation(queued(session, COMPOSER, "declined"), NOW) is None


def event(content: bytes | None) -> icalendar.Event:
    assert content is not None
    (found,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return found
