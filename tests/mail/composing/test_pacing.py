"""At most two mails an hour to one person, of those that can wait; none of them is lost, and none waits for long."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from mail.composing.samples import facts
from tests.mail.message_rows import COMPOSER, NOW, person, team
from workflow.codes import MessageStatus
from workflow.database.engine import Database
from workflow.database.models import Person
from workflow.notices import Notice


def post(session: Session, to: Person, template: str, key: str, now: datetime = NOW) -> datetime:
    notice = Notice(template=template, key=key, person=to, team=None, facts=facts(template))
    message = COMPOSER(session, notice, now)
    assert message is not None
    return message.next_at


def test_the_third_waits_for_an_hour_to_pass_since_the_first(sqlite_db: Database) -> None:
    with sqlite_db.writing() as session:
        mentor = person(session, role="mentor", address="m@example.org", address_key="m@example.org")
        leaves = [post(session, mentor, "mentor_welcome", f"k{n}", NOW + timedelta(minutes=n)) for n in range(5)]
    waits = [(at - NOW) / timedelta(minutes=1) for at in leaves]
    assert waits == [0, 1, 60, 61, 120]
    for at in leaves:
        assert sum(at <= other < at + timedelta(hours=1) for other in leaves) <= 2


@pytest.mark.parametrize("template", ["session_reminder", "sign_in", "place_confirmed", "alert", "approve", "digest"])
def test_what_is_of_the_day_or_lets_people_in_never_waits(sqlite_db: Database, template: str) -> None:
    with sqlite_db.writing() as session:
        somebody = person(session, team(session))
        assert {post(session, somebody, template, f"k{n}") for n in range(4)} == {NOW}


def test_mails_that_did_not_leave_are_not_counted(sqlite_db: Database) -> None:
    with sqlite_db.writing() as session:
        mentor = person(session, role="mentor", address="m@example.org", address_key="m@example.org")
        for n in range(3):
            notice = Notice(template="mentor_welcome", key=f"k{n}", person=mentor, facts=facts("mentor_welcome"))
            message = COMPOSER(session, notice, NOW)
            assert message is not None and message.next_at == NOW
            message.status = MessageStatus.DROPPED
            session.flush()
