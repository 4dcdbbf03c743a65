"""From a notice to a queued message: once, in the person's language, in its thread, with its calendar file."""

from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr

import icalendar
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing.compose import Composer, inserted
from mail.composing.message_bytes import calendar, reply_to, to_bytes, words
from mail.composing.samples import facts, sample
from mail.composing.threads import CAPPED, PER_THREAD
from tests.mail.message_rows import (  # fmt: skip
    COMPOSER,
    IDENTITY,
    NOW,
    PROGRAMME,
    SECRET,
    TEMPLATES,
    meeting,
    person,
    question,
    team,
)
from workflow.codes import DeliveryFault
from workflow.config.loader import When
from workflow.database.engine import Database
from workflow.database.models import Alert, Letter, Message
from workflow.journey.invitations import ALONE
from workflow.notices import CalendarEntry, Fact, Method, Notice
from workflow.rules.mail_kinds import MAIL_KINDS


def place_offer(session: Session, key: str = "k", **given: object) -> Notice:
    of = team(session)
    mari = person(session, of, **given)
    asked = question(session, of, mari, key=f"q:{key}")
    return Notice(
        template="place_offer", key=key, person=mari, team=of, question=asked, stage="workshop_1",
        facts=facts("place_offer"),
    )  # fmt: skip


def queued(session: Session, notice: Notice) -> Message:
    message = COMPOSER(session, notice, NOW)
    assert message is not None
    return message


def follow(asked: Notice, template: str, key: str, **given: Fact) -> Notice:
    return Notice(
        template=template, key=key, person=asked.person, team=asked.team, question=asked.question,
        stage=asked.stage, facts={**facts(template), **given},
    )  # fmt: skip


def test_a_notice_is_queued_in_the_callers_transaction(db: Database):
    with db.writing() as session:
        queued(session, place_offer(session))
    with db.reading() as session:
        message = session.scalars(sa.select(Message)).one()
    assert (message.status, message.to_address, message.lang) == ("queued", "mari.mets@example.org", "et")
    assert message.subject == "JAH või EI: koht programmis, Võru"
    assert "**JAH**" in message.body
    assert (message.created_at, message.next_at) == (NOW, NOW)
    assert message.auto_submitted == "auto-generated"


def test_what_is_rolled_back_was_never_queued(db: Database):
    def fail(session: Session) -> None:
        queued(session, place_offer(session))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        with db.writing() as session:
            fail(session)
    with db.reading() as session:
        assert session.scalars(sa.select(Message)).all() == []


def test_the_same_key_is_queued_once(db: Database):
    with db.writing() as session:
        notice = place_offer(session)
        assert queued(session, notice).key == "k"
        assert COMPOSER(session, notice, NOW) is None
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


def test_a_key_that_appears_meanwhile_is_not_an_error(db: Database):
    with db.writing() as session:
        notice = place_offer(session)
        row = COMPOSER.row(session, notice, NOW)
        assert queued(session, notice) is not None
        from_another = inserted(session, row)
    assert from_another is None


def test_each_person_is_written_to_in_their_own_language(db: Database):
    with db.writing() as session:
        message = queued(session, place_offer(session, lang="en"))
    assert message.subject == "YES or NO: place in the programme, Võru"
    assert "Group I" in message.body


def test_the_message_id_is_stable_and_tells_nothing(db: Database):
    with db.writing() as session:
        message = queued(session, place_offer(session))
    again = Composer(TEMPLATES, PROGRAMME, IDENTITY)
    with db.writing() as session:
        session.execute(sa.delete(Message))
        other = person(session, address="x@example.org")
        twin = again(session, Notice(template="sign_in", key="k", person=other, facts=facts("sign_in")), NOW)
    assert twin is not None
    assert twin.message_id == message.message_id
    assert message.message_id.endswith(f"@{IDENTITY.domain}>")
    assert "mari" not in message.message_id


def test_a_reply_goes_to_the_persons_own_secret_address(db: Database):
    with db.writing() as session:
        message = queued(session, place_offer(session))
        replies, source, wire = reply_to(message, IDENTITY), words(message, IDENTITY), to_bytes(message, IDENTITY)
    assert replies.startswith("r-") and SECRET in replies
    assert f"/q/{replies[2:].split('@')[0]}" in source and SECRET in wire.decode()
    assert SECRET not in repr(vars(message)), "the row holds no secret"


def test_who_was_not_asked_has_no_secret_address(db: Database):
    with db.writing() as session:
        asked = place_offer(session)
        jaan = person(session, asked.team, address="jaan@example.org")
        other = Notice(template="other_answered", key="o", person=jaan, team=asked.team, question=asked.question,
                       facts=facts("other_answered"))  # fmt: skip
        message = queued(session, other)
        assert reply_to(message, IDENTITY) == IDENTITY.from_address
        assert SECRET not in words(message, IDENTITY)


def test_mails_of_a_team_and_a_stage_are_one_thread(db: Database):
    with db.writing() as session:
        asked = place_offer(session)
        first = queued(session, asked)
        second = queued(session, follow(asked, "stage_done", "s"))
        elsewhere = queued(session, Notice(template="stage_done", key="e", person=asked.person, team=asked.team,
                                           stage="workshop_2", facts=facts("stage_done")))  # fmt: skip
    assert first.in_reply_to == second.in_reply_to
    assert elsewhere.in_reply_to != first.in_reply_to


def test_a_reminder_follows_the_mail_that_asked_and_says_what_it_is(db: Database):
    with db.writing() as session:
        asked = place_offer(session)
        first = queued(session, asked)
        reminder = queued(session, follow(asked, "reminder", "r"))
    assert reminder.subject != first.subject
    assert reminder.in_reply_to == first.message_id
    assert reminder.references.split() == [first.in_reply_to, first.message_id]


def test_a_mail_that_asks_nothing_more_does_not_say_please_reply(db: Database):
    with db.writing() as session:
        asked = place_offer(session)
        first = queued(session, asked)
        told = queued(session, follow(asked, "other_answered", "o"))
    assert "JAH või EI" not in told.subject
    assert told.in_reply_to == first.message_id


def letter(session: Session, message_id: str) -> Letter:
    row = Letter(digest=message_id, received_at=NOW, via="smtp", envelope_from="", recipients=[], raw=b"", next_at=NOW,
                 message_id=message_id, readings=[])  # fmt: skip
    session.add(row)
    session.flush()
    return row


def test_an_answer_to_a_letter_joins_its_thread_and_says_that_a_machine_wrote_it(db: Database):
    with db.writing() as session:
        asked = place_offer(session)
        first = queued(session, asked)
        answer = Notice(template="unclear", key="u", person=asked.person, team=asked.team, question=asked.question,
                        answering=letter(session, "<abc@mail.example.org>"))  # fmt: skip
        message = queued(session, answer)
    assert message.in_reply_to == "<abc@mail.example.org>"
    assert message.references.split()[1:] == [first.message_id, "<abc@mail.example.org>"]
    assert message.auto_submitted == "auto-replied"
    assert message.subject == f"Re: {first.subject}"


@pytest.mark.parametrize("given", ["", "abc", "<a b@c>\r\nBcc: x", "<a@b> <c@d>", "<[x]@[y]>\n", "<õ@x>"])
def test_a_letters_id_that_is_none_is_not_referred_to(sqlite_db: Database, given: str):
    with sqlite_db.writing() as session:
        asked = place_offer(session)
        answer = Notice(template="unclear", key="u", person=asked.person, team=asked.team, question=asked.question,
                        answering=letter(session, given))  # fmt: skip
        message = queued(session, answer)
        raw = to_bytes(message, IDENTITY)
    assert b"Bcc" not in raw
    assert message.in_reply_to == message.references.split()[-1]


def test_mail_after_approval_waits(sqlite_db: Database):
    held = PROGRAMME.model_copy(update={"send": {"place_offer": When.AFTER_APPROVAL}})
    with sqlite_db.writing() as session:
        message = Composer(TEMPLATES, held, IDENTITY)(session, place_offer(session), NOW)
    assert message is not None
    assert message.status == "held"


def test_a_link_to_sign_in_does_not_wait_where_all_mails_do(sqlite_db: Database):
    held = PROGRAMME.model_copy(update={"send": {"default": When.AFTER_APPROVAL}})
    with sqlite_db.writing() as session:
        asked = place_offer(session)
        sign_in = Notice(template="sign_in", key="s", person=asked.person, facts=facts("sign_in"))
        messages = [Composer(TEMPLATES, held, IDENTITY)(session, one, NOW) for one in (asked, sign_in)]
    assert [message.status for message in messages if message] == ["held", "queued"]


def test_mail_to_a_dead_address_waits_and_says_why(sqlite_db: Database):
    with sqlite_db.writing() as session:
        message = queued(session, place_offer(session, address_state="dead"))
    assert (message.status, message.fault) == ("held", DeliveryFault.DEAD_ADDRESS)


# -- calendar files -----------------------------------------------------------------------------


def invitation(session: Session, method: Method, **given: object) -> Notice:
    asked = place_offer(session, key=f"rsvp:{method}", **given)
    met = meeting(session)
    assert asked.question is not None
    entry = CalendarEntry(session=met, sequence=0, door=asked.question.addressees[0])
    return Notice(
        template="session_invitation", key=f"i:{method}", person=asked.person, team=asked.team, question=asked.question,
        stage="workshop_1", session=met, calendar=method, entries=(entry,),
        facts=ALONE | {"outdated": False},
    )  # fmt: skip


def test_an_invitation_carries_a_file_that_answers_to_the_secret_address(db: Database):
    with db.writing() as session:
        message = queued(session, invitation(session, Method.REQUEST))
        replies, sent = reply_to(message, IDENTITY), calendar(message, IDENTITY)
    assert message.calendar is not None and b"r-" not in message.calendar
    event = icalendar.Calendar.from_ical(sent).walk("VEVENT")[0]
    assert replies.startswith("r-") and event["ORGANIZER"] == f"mailto:{replies}"
    assert max(map(len, sent.split(b"\r\n"))) <= 75
    assert event["ATTENDEE"] == "mailto:mari.mets@example.org"
    assert event["SUMMARY"] == "Koosloome: I töötuba"
    assert event["LOCATION"] == "Viljandi"
    assert event["DTSTART"].dt.isoformat() == "2022-04-05T10:00:00+03:00"
    assert "kell 10.00–17.00" in message.body


def test_an_entry_keeps_its_uid_and_organiser_whatever_the_mail_asks(sqlite_db: Database):
    with sqlite_db.writing() as session:
        notice = invitation(session, Method.REQUEST)
        first = queued(session, notice)
        later = (replace(notice.entries[0], sequence=3, removed=True),)
        cancelled = queued(session, Notice(
            template="session_cancelled", key="c", person=notice.person, team=notice.team, stage="workshop_1",
            session=notice.session, calendar=Method.CANCEL, entries=later, facts={"why": "x"},
        ))  # fmt: skip
        files = [calendar(m, IDENTITY) for m in (first, cancelled)]
    old, new = (icalendar.Calendar.from_ical(file).walk("VEVENT")[0] for file in files)
    assert old["UID"] == new["UID"] and old["ORGANIZER"] == new["ORGANIZER"] != f"mailto:{IDENTITY.from_address}"
    assert (old["SEQUENCE"], new["SEQUENCE"]) == (0, 3)
    assert cancelled.calendar_method == "CANCEL"


def test_the_info_day_is_published_not_asked(sqlite_db: Database):
    with sqlite_db.writing() as session:
        guest = person(session, role="guest")
        told = facts("info_day")
        notice = Notice(template="info_day", key="d", person=guest, calendar=Method.PUBLISH, facts=told)
        message = queued(session, notice)
    event = icalendar.Calendar.from_ical(message.calendar or b"").walk("VEVENT")[0]
    assert "ATTENDEE" not in event
    assert event["SUMMARY"].startswith("Koosloome: Programmi tutvustav")


def test_a_hostile_name_adds_nothing_to_the_calendar_file(sqlite_db: Database):
    with sqlite_db.writing() as session:
        notice = invitation(session, Method.REQUEST, name='x\r\nATTENDEE:mailto:evil@example.org";X=1')
        assert notice.team is not None
        notice.team.name = "x\r\nATTENDEE:mailto:evil@example.org"
        message = queued(session, notice)
    calendar = icalendar.Calendar.from_ical(message.calendar or b"")
    assert len(calendar.walk("VEVENT")) == 1
    assert calendar.walk("VEVENT")[0]["ATTENDEE"] == "mailto:mari.mets@example.org"


@pytest.mark.parametrize(
    ("address", "attendee"),
    [("mari@õde.example.org", "mailto:mari@xn--de-bka.example.org"), ("õ@example.org", None), ("a b@c", None)],
)
def test_an_address_no_calendar_takes_never_stops_the_step(sqlite_db: Database, address: str, attendee: str | None):
    with sqlite_db.writing() as session:
        message = queued(session, invitation(session, Method.REQUEST, address=address))
    assert (message.calendar is None, message.calendar_method is None) == (attendee is None, attendee is None)
    if message.calendar is not None:
        assert icalendar.Calendar.from_ical(message.calendar).walk("VEVENT")[0]["ATTENDEE"] == attendee


# -- every mail there is ------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["et", "en"])
@pytest.mark.parametrize("template", sorted(MAIL_KINDS))
def test_every_notice_becomes_a_mail_that_can_be_sent(sqlite_db: Database, template: str, lang: str):
    name = "**[x](http://evil)**{{7*7}}<script>\u2028=?utf-8?q?a=0D=0ABcc:_x?="
    with sqlite_db.writing() as session:
        asked = place_offer(session, lang=lang, name=name)
        assert asked.team is not None
        asked.team.name = name
        met = meeting(session) if MAIL_KINDS[template].session else None
        message = queued(session, Notice(
            template=template, key="t", person=asked.person, team=asked.team, question=asked.question,
            stage="workshop_1", session=met, facts=facts(template),
        ))  # fmt: skip
        raw = to_bytes(message, IDENTITY)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ").split("\r\n")
    assert [parseaddr(line)[1] for line in head if line.startswith("To: ")] == ["mari.mets@example.org"]
    assert not any(line.startswith("Bcc") for line in head)


# -- too much -----------------------------------------------------------------------------------


def test_what_the_service_answers_by_itself_is_capped_per_thread_and_told_once(db: Database):
    with db.writing() as session:
        asked = place_offer(session)
        hourly = [NOW + n * timedelta(hours=1) for n in range(PER_THREAD + 5)]
        said = [COMPOSER(session, follow(asked, "unclear", f"u:{at}"), at) for at in hourly]
        alerts = session.scalars(sa.select(Alert)).all()
    assert [message is not None for message in said] == [True] * PER_THREAD + [False] * 5
    assert len(alerts) == 1
    assert "Mari Mets" in alerts[0].says["et"]


def test_the_cap_per_day_counts_all_threads_and_ends_with_the_day(sqlite_db: Database):
    cap = PROGRAMME.limits.automatic_mails_per_day
    with sqlite_db.writing() as session:
        mari = person(session)

        def ask_help(number: int, at: timedelta = timedelta(0)) -> Message | None:
            notice = Notice(template="help", key=f"h:{number}", person=mari, facts=facts("help"))
            return COMPOSER(session, notice, NOW + at)

        said = [ask_help(number, timedelta(minutes=20 * number)) for number in range(cap + 3)]
        assert sum(message is not None for message in said) == cap
        assert ask_help(100, timedelta(days=2)) is not None


def test_in_an_hour_only_so_many_answers_that_moved_nothing(db: Database):
    with db.writing() as session:
        mari = person(session)

        def says(template: str, number: int, at: timedelta = timedelta(0)) -> bool:
            notice = Notice(template=template, key=f"{template}:{number}", person=mari, facts=facts(template))
            return COMPOSER(session, notice, NOW + at) is not None

        said = [says(("help", "status", "unclear")[number % 3], number) for number in range(9)]
        assert said == [True] * PROGRAMME.limits.automatic_mails_per_hour + [False] * 4
        assert [says("read_back", number) for number in range(10)] == [True] * 10, "ten works accepted at one sitting"
        assert says("help", 100, timedelta(hours=1, minutes=1))
        assert [alert.kind for alert in session.scalars(sa.select(Alert))] == ["capped"]


def test_what_was_caused_by_a_step_is_never_capped(sqlite_db: Database):
    with sqlite_db.writing() as session:
        asked = place_offer(session)
        for number in range(PER_THREAD + 5):
            COMPOSER(session, follow(asked, "unclear", f"u:{number}"), NOW)
        assert COMPOSER(session, follow(asked, "place_confirmed", "p"), NOW) is not None
    assert {"unclear", "read_back", "help", "status"} <= CAPPED <= MAIL_KINDS.keys()


@pytest.mark.parametrize("lang", ["et", "en"])
@pytest.mark.parametrize("site", ["https://teekond.example.org", "https://example.org/p/koosloome"])
def test_a_preview_s_links_are_links_wherever_the_service_lives(site: str, lang: str) -> None:
    composer = Composer(TEMPLATES, PROGRAMME, replace(IDENTITY, base_url=site))
    linked = 0
    for template in MAIL_KINDS:
        seen = composer.preview(template, lang, sample(template, site))
        assert "](" not in seen.text and "localhost" not in seen.text, (template, seen.text)
        linked += seen.html.count(f'href="{site}/')
    assert linked > 20
