"""What somebody with the database's own tools can do to the books, and that `verify` names each of it.

Every change is plain SQL, with the append-only triggers dropped first, and is rolled back after it was looked at.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from mail.reading import letter
from tests.builders import DIGEST, World
from tests.paths import ROOT
from tests.season_snapshots import lived
from workflow.audit import schema_check, sealing
from workflow.audit.verify import verify
from workflow.database.engine import Database
from workflow.database.models import (
    Erasure,
    HistoryMark,
    HistoryRow,
    Import,
    MessageFile,
    RecoveryCode,
    ReportToken,
    SecondFactor,
    Team,
    WrittenFile,
    WrittenMail,
)
from workflow.privacy import erase_person, retention
from workflow.records import history_marks
from workflow.records.history import record
from workflow.records.row_seals import SEALED
from workflow.rules.machine import Trigger
from workflow.season import CLOCK
from workflow.security.chain import ERASABLE, FIXED, Head, linked
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys


def _season(world: World) -> None:
    """A team that came and handed in, one that withdrew, one never selected; a coordinator with two factors."""
    crew = world.apply("Võru", group="I").confirmed("I")
    world.apply("Räpina").selected().move(Trigger.WITHDRAW, why="ei jõua")
    world.apply("Setomaa").verified()
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    world.replies("roll_call", f"Puudus {crew.people()[3].name}")
    crew.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.send_all()
    with world.db.writing() as session:
        person = world.coordinator().person
        assert person is not None
        session.add_all(
            SecondFactor(person_id=person.id, kind="totp", label="", seed=str(n), made_at=world.now) for n in range(2)
        )
        session.add(RecoveryCode(person_id=person.id, code_hash="0" * 64, made_at=world.now))
        session.add(MessageFile(message_id=1, name="tunnistus.pdf", media_type="application/pdf", content=b"%PDF"))
        written = WrittenMail(name="own", author_id=person.id, created_at=world.now, updated_at=world.now)
        session.add(written)
        session.flush()
        session.add(
            WrittenFile(mail_id=written.id, name="kaart.pdf", media_type="application/pdf", size=4, sha256="0" * 64,
                        content=b"%PDF")
        )  # fmt: skip
        session.add(Erasure(mark="0" * 64, pseudonym="Endine liige 9", at=world.now))
        session.add(Import(kind="guests", file="a.csv", sha256="0" * 64, made=[], left_out=0, at=world.now, via="page"))
        told = {"purpose": "Excel", "tables": "teams", "lang": "et", "made_at": world.now, "ends_at": world.now}
        session.add(ReportToken(token_hash="0" * 64, **told))
    with world.db.writing() as session:
        history_marks.take(session, world.now)


@pytest.fixture
def world(db: Database) -> World:
    world = World(db)
    lived(world, _season)
    return world


@dataclass
class Attacker:
    """Has the database and this program's source, and not the service's key."""

    connection: Connection

    def sql(self, statement: str, **values: Any) -> None:
        result = self.connection.execute(sa.text(statement), values)
        if not statement.startswith(("CREATE", "DROP", "SET", "PRAGMA")):
            assert result.rowcount, "changed nothing"

    @property
    def on_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def free(self) -> None:
        """No trigger and no foreign key is in the way."""
        for table in ("history", "attendance"):
            for trigger in (f"{table}_stays", f"{table}_keeps"):
                self.sql(f"DROP TRIGGER {trigger}" + ("" if self.on_sqlite else f" ON {table}"))
        if not self.on_sqlite:
            self.sql("SET LOCAL session_replication_role = replica")

    def row(self, event: str) -> Any:
        query = sa.select(HistoryRow.__table__).where(HistoryRow.event == event).order_by(HistoryRow.id)
        return self.connection.execute(query).mappings().first()

    def linked_anew(self, team: int, keyed: KeyedDigest | None) -> None:
        """As our own code links rows; without the key, or with one of their own."""
        table, head = HistoryRow.__table__, Head()
        query = sa.select(table).where(HistoryRow.team_id == team).order_by(HistoryRow.number)
        for row in self.connection.execute(query).mappings().all():
            said = {key: row[key] for key in (*FIXED, *ERASABLE)}
            done = linked(said, head, row["salt"] or "", keyed=keyed)
            head = Head(done["number"], done["hash"])
            change = sa.update(HistoryRow).where(HistoryRow.id == row["id"])
            self.connection.execute(change.values(seal=done["seal"], hash=done["hash"]))


THEIRS = KeyedDigest.of(Keys("a key that the attacker made"))
WHY = "UPDATE history SET why = 'niisama' WHERE event = 'withdraw'"
REWRITTEN = "UPDATE history SET actor = 'Keegi Teine', why = 'niisama' WHERE event = 'withdraw'"


def _rewritten(by: Attacker, keyed: KeyedDigest | None) -> None:
    by.sql(REWRITTEN)
    by.linked_anew(by.row("withdraw")["team_id"], keyed)


def _rewritten_with_its_head(by: Attacker) -> None:
    _rewritten(by, None)
    team = by.row("withdraw")["team_id"]
    by.sql("UPDATE history_heads SET hash = (SELECT hash FROM history h WHERE h.team_id = history_heads.team_id "
           "ORDER BY number DESC LIMIT 1) WHERE team_id = :team", team=team)  # fmt: skip


def _newest_step_gone(by: Attacker) -> None:
    row = by.row("withdraw")
    for table in ("questions", "messages"):
        unnamed = sa.text(f"UPDATE {table} SET history_id = NULL WHERE history_id >= :id")
        by.connection.execute(unnamed, {"id": row["id"]})
    by.sql("DELETE FROM history WHERE team_id = :team AND number >= :number", team=row["team_id"], number=row["number"])
    by.sql("UPDATE teams SET state = :state, version = version - 1, left_from = NULL, state_since = (SELECT max(at) "
           "FROM history WHERE team_id = :team AND to_state IS NOT NULL) WHERE id = :team",
           state=row["from_state"], team=row["team_id"])  # fmt: skip


def _team_gone(by: Attacker) -> None:
    """The newest one, with everything that speaks of it."""
    team = by.connection.execute(sa.text("SELECT max(id) FROM teams")).scalar()
    people = "SELECT id FROM people WHERE team_id = :team"
    questions = "SELECT id FROM questions WHERE team_id = :team"
    for statement in (
        f"DELETE FROM addressees WHERE question_id IN ({questions}) OR person_id IN ({people})",
        f"DELETE FROM duties WHERE team_id = :team OR question_id IN ({questions})",
        f"DELETE FROM messages WHERE team_id = :team OR question_id IN ({questions}) OR person_id IN ({people})",
        f"UPDATE letters SET team_id = NULL, question_id = NULL, person_id = NULL WHERE person_id IN ({people})",
        "DELETE FROM history WHERE team_id = :team", "DELETE FROM history_heads WHERE team_id = :team",
        "DELETE FROM questions WHERE team_id = :team", "DELETE FROM attendance WHERE team_id = :team",
        "DELETE FROM invitations WHERE team_id = :team",
        "DELETE FROM people WHERE team_id = :team", "DELETE FROM alerts WHERE team_id = :team",
        "DELETE FROM teams WHERE id = :team",
    ):  # fmt: skip
        by.connection.execute(sa.text(statement), {"team": team})


def _all_history_gone(by: Attacker) -> None:
    by.connection.execute(sa.text("UPDATE questions SET history_id = NULL"))
    by.connection.execute(sa.text("UPDATE messages SET history_id = NULL"))
    by.sql("DELETE FROM history WHERE team_id = 1")


def _erasure_faked(by: Attacker) -> None:
    """With a row that says somebody was forgotten, and their pseudonym in the step."""
    at = by.row("withdraw")["at"]
    by.connection.execute(sa.insert(Erasure).values(mark="0" * 64, pseudonym="Endine liige 1", at=at))
    by.sql("UPDATE history SET actor = 'Endine liige 1', why = '', salt = NULL WHERE event = 'withdraw'")


def _trigger_planted(by: Attacker) -> None:
    if by.on_sqlite:
        by.sql("CREATE TRIGGER planted AFTER INSERT ON attendance BEGIN UPDATE attendance SET present = 1; END")
        return
    by.sql("CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS "
           "$$ BEGIN UPDATE attendance SET present = true; RETURN NULL; END $$")  # fmt: skip
    by.sql("CREATE TRIGGER planted AFTER INSERT ON attendance FOR EACH ROW EXECUTE FUNCTION planted()")


def _triggers_off(by: Attacker) -> None:
    """PostgreSQL can leave a trigger where it is, switched off."""
    by.sql("DROP TRIGGER history_keeps" if by.on_sqlite else "ALTER TABLE history DISABLE TRIGGER history_keeps")


def _letter_gone(by: Attacker) -> None:
    for table in ("history", "questions", "submissions", "messages"):
        by.connection.execute(sa.text(f"UPDATE {table} SET letter_id = NULL WHERE letter_id = 1"))
    by.sql("DELETE FROM letters WHERE id = 1")


def _sql(statement: str) -> Callable[[Attacker], None]:
    return lambda by: by.sql(statement)


def _bytes(statement: str) -> Callable[[Attacker], None]:
    return lambda by: by.sql(statement, bytes=b"muu")


CHANGES: Mapping[str, tuple[Callable[[Attacker], None], str]] = {
    # as tried in the study of what verify notices: what was done, and a word of what is told
    "why changed": (_sql(WHY), "the seal is broken"),
    "team's state changed": (_sql("UPDATE teams SET state = 'completed' WHERE id = 1"), "state is completed"),
    "erasure faked": (_erasure_faked, "not the service that erased"),
    "all history of a living team gone": (_all_history_gone, "has no history"),
    "triggers dropped": (lambda by: None, "trigger history_keeps"),
    "step rewritten, chain computed anew": (lambda by: _rewritten(by, None), "does not end with"),
    "newest step deleted, state set back": (_newest_step_gone, "does not end with"),
    "team deleted with its history": (_team_gone, "the sealed count says"),
    "attendance turned to present": (_sql("UPDATE attendance SET present = true WHERE present = false"), "attendance "),
    "due dates moved": (_sql("UPDATE questions SET due_at = '2023-01-01 00:00:00'"), "questions "),
    "asked earlier": (_sql("UPDATE questions SET asked_at = '2021-01-01 00:00:00'"), "questions "),
    "answers changed": (_sql("UPDATE questions SET answer = '{}' WHERE answer IS NOT NULL"), "questions "),
    "bodies of sent mails changed": (_sql("UPDATE messages SET body = 'muu' WHERE status = 'sent'"), "messages "),
    "raw letters changed": (_bytes("UPDATE letters SET raw = :bytes"), "letters "),
    "files changed": (_bytes("UPDATE files SET content = :bytes"), "files "),
    "verified_at changed": (_sql("UPDATE teams SET verified_at = NULL WHERE id = 3"), "teams 3"),
    "team's name changed": (_sql("UPDATE teams SET name = 'Muu' WHERE id = 1"), "teams 1"),
    "person's address changed": (_sql("UPDATE people SET address = 'muu@example.org' WHERE id = 1"), "people 1"),
    "second factors removed": (_sql("DELETE FROM second_factors"), "second_factors: "),
    "trigger planted": (_trigger_planted, "trigger planted"),
    # and what comes to mind next
    "chain computed anew with another key": (lambda by: _rewritten(by, THEIRS), "key that is not here"),
    "chain and head computed anew": (_rewritten_with_its_head, "the end of its history is broken"),
    "trigger switched off": (_triggers_off, "trigger history_keeps"),
    "a roll call's rows deleted": (_sql("DELETE FROM attendance WHERE present = false"), "attendance in "),
    "a file's digest changed along": (_bytes("UPDATE files SET content = :bytes, sha256 = 'x'"), "files "),
    "a second factor planted": (_sql("UPDATE second_factors SET seed = 'mine'"), "second_factors "),
    "seals taken off": (_sql("UPDATE attendance SET present = true, seal = NULL"), "is not sealed"),
    "all marks of a key taken away": (_sql("DELETE FROM sealed_counts"), "no sealed count"),
    "a letter deleted": (_letter_gone, "letters then, now"),
    "an index dropped": (_sql("DROP INDEX ix_letters_team_id"), "index ix_letters_team_id"),
}  # fmt: skip
NO_TRIGGERS_DROPPED = {"trigger switched off"}


def _told(world: World, connection: Connection) -> list[str]:
    """As the command looks: the database first, then the rows."""
    with Session(connection, info={KeyedDigest: DIGEST}) as session:
        rows = verify(session, world.season.machine).differences
        faults = [f"{place}: {says}" for place, says in schema_check.differences(world.db, connection)]
        return [*faults, *map(str, rows)]


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    with world.db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.rollback()


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_done_with_the_databases_own_tools_is_named(world: World, connection: Connection, change: str) -> None:
    act, word = CHANGES[change]
    by = Attacker(connection)
    if change not in NO_TRIGGERS_DROPPED:
        by.free()
    act(by)
    told = _told(world, connection)
    assert [one for one in told if word in one], told


def test_honest_books_are_told_of_nothing(world: World, connection: Connection) -> None:
    assert _told(world, connection) == []
    with world.db.reading() as session:
        found = verify(session, world.season.machine)
        taken = set(session.scalars(sa.select(HistoryMark.mark)))
    assert found.sealed > 40 and taken and set(found.marks) == taken and all(found.marks.values())


@pytest.mark.parametrize("table", [sealed.table.name for sealed in SEALED.values()])
def test_every_sealed_column_is_sealed(world: World, connection: Connection, table: str) -> None:
    """Each column of each table by itself: nothing is in the list and yet not looked at."""
    sealed = next(one for one in SEALED.values() if one.table.name == table)
    row = connection.execute(sa.select(sealed.table)).mappings().first()
    assert row is not None and DIGEST.holds(row["seal"], sealed.said(row))
    for column in sealed.plain:
        other: Any = b"x" if isinstance(sealed.table.c[column].type, sa.LargeBinary) else "another"
        assert not DIGEST.holds(row["seal"], sealed.said({**row, column: other})), column


def test_a_step_after_the_end_was_cut_off_does_not_make_it_good(world: World) -> None:
    with world.db.engine.connect() as connection:
        by = Attacker(connection)
        row = by.row("withdraw")
        if by.on_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        by.free()
        _newest_step_gone(by)
        with Session(connection, info={KeyedDigest: DIGEST}, join_transaction_mode="create_savepoint") as session:
            record(session, session.get_one(Team, row["team_id"]), "noted", CLOCK, world.now)
            session.flush()
            told = [str(one) for one in verify(session, world.season.machine).differences]
        assert any("does not end with" in one for one in told), told
        connection.rollback()


# -- what is honest stays clean -------------------------------------------------------------------


def test_erasure_and_retention_leave_clean_books(world: World) -> None:
    with world.db.writing() as session:
        erase_person.forget(
            world.season, session, "voru0@example.org", world.now, key=b"k", plain=lambda raw: letter.read(raw).text
        )
    _clean(world)
    with world.db.writing() as session:
        retention.run(world.season, session, datetime.fromisoformat("2040-01-01T00:00+00:00"))
    _clean(world)


def _clean(world: World) -> None:
    with world.db.engine.connect() as connection:
        assert _told(world, connection) == []


# -- another key, and books from before it --------------------------------------------------------


def _unsealed(world: World) -> None:
    """As books were before there was a key."""
    with world.db.engine.begin() as connection:
        by = Attacker(connection)
        if by.on_sqlite:
            (sql,) = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'history_stays'").one()
            connection.exec_driver_sql("DROP TRIGGER history_stays")
        else:
            by.sql("SET LOCAL session_replication_role = replica")
        for team in connection.execute(sa.text("SELECT id FROM teams")).scalars().all():
            by.linked_anew(team, None)
        for sealed in SEALED.values():
            connection.execute(sa.update(sealed.table).values(seal=None))
        for table in ("history_heads", "sealed_counts", "history_marks", "settings"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        if by.on_sqlite:
            connection.exec_driver_sql(sql)


def test_old_books_are_sealed_once_and_what_they_said_stays_checked(world: World) -> None:
    _unsealed(world)
    with world.db.writing() as session:
        assert sealing.adopt(session, world.now)
        assert not sealing.adopt(session, world.now)
    _clean(world)
    world.replies("verify", "JAH", team=3)
    with world.db.engine.connect() as connection:
        by = Attacker(connection)
        by.free()
        by.sql("UPDATE attendance SET present = true WHERE present = false")
        assert any("attendance " in one for one in _told(world, connection))
        connection.rollback()


def test_books_whose_seals_were_taken_away_are_not_sealed_anew(world: World) -> None:
    with world.db.writing() as session:
        session.execute(sa.text("DELETE FROM sealed_counts"))
        session.execute(sa.text("DELETE FROM settings"))
        assert not sealing.adopt(session, world.now)


def test_with_a_new_key_old_seals_hold_and_are_made_anew_before_the_old_key_goes(world: World) -> None:
    old = "a secret that only tests know, 32 bytes"
    world.db.seal_with(KeyedDigest.of(Keys("new", (old,))))
    assert _differences(world) == []
    with world.db.writing() as session:
        assert sealing.seal_anew(session) > 40
    world.db.seal_with(KeyedDigest.of(Keys("new", (), (old,))))
    assert _differences(world) == []
    world.db.seal_with(KeyedDigest.of(Keys("new")))
    assert any("key that is not here" in one for one in _differences(world))


def _differences(world: World) -> list[str]:
    with world.db.reading() as session:
        return [str(one) for one in verify(session, world.season.machine).differences]


def test_the_mark_of_a_weekly_mail_is_a_witness(world: World) -> None:
    """It goes out once a week with a morning's digest, and holds as long as nothing from before is changed."""
    world.wait(days=15)
    marks = [found for mail in world.messages("digest") if (found := re.findall(r"[0-9a-f]{64}", mail.body))]
    with world.db.reading() as session:
        kept = {row.mark: row.at for row in session.scalars(sa.select(HistoryMark))}
    assert marks and len(kept) > 1 and {one for (one,) in marks} < set(kept)
    moments = sorted(kept.values())
    assert all(later - before >= timedelta(days=7) for before, later in pairwise(moments))


# -- who writes past the ORM ----------------------------------------------------------------------


def test_whoever_writes_sealed_columns_by_a_statement_of_their_own_seals_them() -> None:
    """In the source every UPDATE of a sealed table by its class names the columns it sets, and none is sealed."""
    classes, seen = {model.__name__: sealed.plain for model, sealed in SEALED.items()}, 0
    for folder in ("workflow", "mail", "web", "service"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and (name := _updated(call)) in classes:
                    seen += 1
                    wrong = {word.arg for word in call.keywords if word.arg} & classes[name].keys()
                    assert not wrong, f"{path.name}:{call.lineno} sets {wrong} of {name} unsealed"
    assert seen > 5


def _updated(call: ast.Call) -> str:
    """The class in `sa.update(Class)….values(…)`; empty for other calls."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "values"):
        return ""
    inner: ast.expr = call.func.value
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr != "update":
        inner = inner.func.value
    is_update = isinstance(inner, ast.Call) and inner.args and isinstance(inner.args[0], ast.Name)
    return inner.args[0].id if is_update and isinstance(inner, ast.Call) and isinstance(inner.args[0], ast.Name) else ""
