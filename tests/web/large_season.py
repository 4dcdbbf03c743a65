"""A season with far more in it than fits on a page: rows written straight into the tables, many at a time."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tests.web.conftest import Pages
from workflow.database.models import Alert, Base, HistoryRow, HoursRow, Letter, Message, Person, Question, Team


def teams(pages: Pages, number: int) -> None:
    """Teams of four, applied or travelling."""
    now = pages.world.now
    first = _next(pages, Team)
    _insert(pages, Team, [
        {
            "id": first + i, "name": f"Õhtune meeskond {i:04d}", "home": "Võru vald", "lang": "et",
            "state": "applied" if i % 3 else "workshop_1", "state_since": now, "applied_at": now, "verified_at": now,
            "group": "I" if i % 2 else "II", "wish_group": "I", "version": 1,
            "application": {"why": "Sest me tahame, et küla elaks. " * 8},
        }
        for i in range(number)
    ])  # fmt: skip
    _insert(pages, Person, [
        {
            "role": "member", "name": f"Õie Liige {i} {j}", "address": f"l{i}.{j}@example.org",
            "address_key": f"l{i}.{j}@example.org", "address_state": "ok", "lang": "et", "joined_at": now,
            "side": "municipality" if j % 2 else "community", "part": "contact" if j == 0 else "member",
            "team_id": first + i,
        }
        for i in range(number)
        for j in range(4)
    ])  # fmt: skip


def mails(pages: Pages, number: int, *, start: int = 0) -> None:
    """Mails of every status about the first team, letters that wait, and open questions to thirty teams."""
    now = pages.world.now
    team, person = _least(pages, Team), _least(pages, Person)
    _insert(pages, Message, [
        {
            "key": f"crowd:{i}", "template": "consent", "lang": "et", "person_id": person, "team_id": team,
            "to_name": f"Õnne Ööbik {i}", "to_address": f"onne{i}@example.org", "message_id": f"<{i}@example.org>",
            "subject": f"Koosloome: Õhtune meeskond, üks kiri neist paljudest {i}", "body": f"Tere, Õnne! {i}\n" * 20,
            "status": ("held", "sent", "failed", "queued")[i % 4], "created_at": now, "next_at": now, "error": "",
        }
        for i in range(start, start + number)
    ])  # fmt: skip
    _insert(pages, Letter, [
        {
            "digest": f"crowd {i}", "received_at": now, "via": "smtp", "envelope_from": "a@example.org",
            "recipients": [], "raw": b"Subject: x\r\n\r\nx", "status": "held" if i % 2 else "done", "next_at": now,
            "outcome": "unclear", "sender": f"Ülo Õun <ulo{i}@example.org>", "subject": f"Re: Küsimus {i}",
            "text": "Kas me saaksime töö esitada pisut hiljem? " * 90, "quoted": "> Tere!\n" * 50, "team_id": team,
        }
        for i in range(start, start + number)
    ])  # fmt: skip
    _insert(pages, Question, [
        {
            "key": f"crowd:{i}", "kind": "approve" if i % 3 == 0 else "homework", "team_id": team + i % 30,
            "stage": "workshop_1", "asked_at": now, "due_at": now + timedelta(days=i % 30),
            "about": {"trigger": "withdraw", "version": 0} if i % 3 == 0 else {},
        }
        for i in range(start, start + number)
    ])  # fmt: skip


def events(pages: Pages, number: int, *, start: int = 0) -> None:
    """Alerts, a long history of the first team, and hours that every team was given."""
    now, team, person = pages.world.now, _least(pages, Team), _least(pages, Person)
    _insert(pages, Alert, [
        {"key": f"crowd:{i}", "kind": "quorum", "says": {"et": f"Liiga vähe {i}", "en": f"Too few {i}"}, "at": now,
         "team_id": team}
        for i in range(start, start + number)
    ])  # fmt: skip
    _insert(pages, HistoryRow, [
        {"team_id": team, "number": 100 + i, "at": now, "event": "answered", "actor": "Õie Liige",
         "why": "Vastas kirjaga, mis oli üsna pikk. " * 5, "proof": {"words": "jah " * 20, "rule": "yes"}}
        for i in range(start, start + number)
    ])  # fmt: skip
    with pages.db.reading() as session:
        everybody = list(session.scalars(sa.select(Team.id)))
    _insert(pages, HoursRow, [
        {"team_id": one, "stage": "mentoring", "person_id": person, "kind": "reported", "minutes": 90, "at": now,
         "day": now.date(), "month": f"{now:%Y-%m}", "note": "koosloome"}
        for one in everybody
    ])  # fmt: skip


def _insert(pages: Pages, table: type[Base], rows: list[dict[str, Any]]) -> None:
    with pages.db.writing() as session:
        session.execute(sa.insert(table), rows)


def _next(pages: Pages, table: Any) -> int:
    with pages.db.reading() as session:
        return (session.scalar(sa.select(sa.func.max(table.id))) or 0) + 1


def _least(pages: Pages, table: Any) -> int:
    with pages.db.reading() as session:
        return session.scalar(sa.select(sa.func.min(table.id)).where(getattr(table, "team_id", table.id).is_not(None)))
