"""Plain builders for rows that mails are made from, and for one message by hand."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from mail.composing.compose import Composer
from mail.identity import Identity
from tests.paths import ROOT
from workflow.config.loader import Programme, load
from workflow.database.models import Addressee, Message, Person, Question, StageSession, Team

TEMPLATES = ROOT / "templates" / "email"
NOW = datetime(2022, 3, 1, 8, 0, tzinfo=UTC)
SECRET = "abcdefghijklmnopqrstuvwxyz"

CONFIG = load((ROOT / "config.toml").read_text(encoding="utf-8"), {})
PROGRAMME: Programme = CONFIG.programme
IDENTITY = Identity.of(PROGRAMME, CONFIG.service, b"a secret of tests, 32 bytes long")
COMPOSER = Composer(TEMPLATES, PROGRAMME, IDENTITY)


def team(session: Session, **given: Any) -> Team:
    row = Team(**{
        "name": "Võru", "home": "Võru vald", "lang": "et", "state": "workshop_1", "state_since": NOW,
        "applied_at": NOW, "group": "I", **given,
    })  # fmt: skip
    session.add(row)
    session.flush()
    return row


def person(session: Session, of: Team | None = None, **given: Any) -> Person:
    row = Person(**{
        "role": "member", "name": "Mari Mets", "address": "mari.mets@example.org", "address_state": "ok",
        "address_key": "mari.mets@example.org", "lang": "et", "team_id": of.id if of else None, "joined_at": NOW,
        **given,
    })  # fmt: skip
    session.add(row)
    session.flush()
    return row


def question(session: Session, of: Team, *people: Person, **given: Any) -> Question:
    row = Question(**{
        "key": "q:1", "kind": "confirm_place", "team_id": of.id, "stage": "workshop_1", "about": {}, "asked_at": NOW,
        "due_at": datetime(2022, 4, 5, 7, tzinfo=UTC), **given,
    })  # fmt: skip
    session.add(row)
    session.flush()
    for number, one in enumerate(people):
        session.add(Addressee(question=row, person=one, secret=f"{row.id}{number}{SECRET}"))
    session.flush()
    return row


def meeting(session: Session, **given: Any) -> StageSession:
    row = StageSession(**{
        "stage": "workshop_1", "group": "I", "place": {"et": "Viljandi", "en": "Viljandi"}, "sequence": 0,
        "starts_at": datetime(2022, 4, 5, 7, tzinfo=UTC), "ends_at": datetime(2022, 4, 5, 14, tzinfo=UTC), **given,
    })  # fmt: skip
    session.add(row)
    session.flush()
    return row


def message(**given: Any) -> Message:
    """A queued message that was never near a database."""
    return Message(**{
        "id": 7, "key": "k", "template": "place_offer", "lang": "et", "to_name": "Mari Mets",
        "to_address": "mari.mets@example.org", "subject": "Koosloome: Võru, koht programmis – palun vastake",
        "body": "Tere!\n\nVastake **JAH** või **EI**.\n", "calendar": None, "calendar_method": None,
        "message_id": "<m.0123456789abcdef@example.org>", "in_reply_to": "<t.0@example.org>",
        "references": "<t.0@example.org>", "addressee": Addressee(secret=SECRET),
        "auto_submitted": "auto-generated", "status": "queued", "created_at": NOW, "next_at": NOW, **given,
    })  # fmt: skip
