"""One act takes a sheet's rows in, with its proof, and mails nobody; another act lets the first mails go."""

from dataclasses import replace

import sqlalchemy as sa

from tests.builders import World
from tests.workflow.importing.import_sheets import THIRTY, read, row_a_member, sheet
from workflow.audit import verify
from workflow.codes import ImportKind
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Import, InfoSignup, Question, Team
from workflow.importing import taking
from workflow.importing.taking import SheetImport
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.season import Actor
from workflow.text.bilingual import Text

KADRI = Actor(who=Who.COORDINATOR, name="Kadri", via=Door.COMMAND, place="192.0.2.1")


def given(teams: list[str] = THIRTY) -> SheetImport:
    return SheetImport(
        kind=ImportKind.APPLICATIONS, file="taotlused.xlsx", sha256="a" * 64, rows=read(row_a_member(teams))
    )


def guests(*names: str) -> SheetImport:
    rows = read(sheet(("Nimi", "E-post"), *((name, f"{name}@example.org") for name in names)), ImportKind.GUESTS)
    return SheetImport(kind=ImportKind.GUESTS, file="külalised.csv", sha256="b" * 64, rows=rows)


def take(world: World, what: SheetImport) -> Text | tuple[Text, ...]:
    with world.db.writing() as session:
        return taking.take_in(world.season, session, what, KADRI, world.now)


def write(world: World) -> Text | tuple[Text, ...]:
    with world.db.writing() as session:
        books = session.scalars(sa.select(Import).order_by(Import.id.desc())).first()
        assert books is not None
        return taking.write_to(world.season, session, books, KADRI, world.now)


def test_thirty_applications_are_taken_in_and_nobody_is_written_to(db: Database) -> None:
    world = World(db)
    done = take(world, given())
    assert isinstance(done, tuple) and len(done) == 30
    world.wait(days=1)
    assert world.messages("verify") == []
    with db.reading() as session:
        teams = session.scalars(sa.select(Team).order_by(Team.id)).all()
        assert [(t.name, t.state, t.verified_at, len(t.people)) for t in teams] == [
            (name, "applied", None, 4) for name in THIRTY
        ]
        books = session.scalars(sa.select(Import)).one()
        row = session.scalars(sa.select(HistoryRow).where(HistoryRow.team_id == teams[1].id)).one()
        assert (row.event, row.actor) == ("applied", "Kadri")
        assert row.proof["sheet"] == books.sha256 and row.proof["row"] == 6
        assert books.made == [t.id for t in teams] and taking.unasked(session, books) == 30


def test_mails_leave_by_an_act_of_their_own_within_the_limits_of_an_hour(db: Database) -> None:
    world = World(db)
    take(world, given())
    done = write(world)
    sent = len(world.messages("verify"))
    assert sent == 30 and done == ()
    assert isinstance(write(world), Text), "once"
    with db.reading() as session:
        assert session.scalars(sa.select(Import)).one().mailed_at == world.now
        assert session.scalar(sa.select(sa.func.count(Question.id)).where(Question.kind == "verify")) == 30


def test_the_same_file_again_takes_nothing_in(db: Database) -> None:
    world = World(db)
    take(world, given(["Võru"]))
    assert isinstance(take(world, given(["Võru"])), Text)
    done = take(world, given(["Võru", "Põlva"]))
    assert isinstance(done, tuple) and [one.en for one in done] == ["Row 6: Põlva"]


def test_rows_with_faults_are_left_out_and_counted(db: Database) -> None:
    world, what = World(db), given(["Võru", "Põlva"])
    wrong = replace(what, rows=(replace(what.rows[0], item=None), what.rows[1]))
    take(world, wrong)
    with db.reading() as session:
        assert session.scalars(sa.select(Import.left_out)).one() == 1


def test_guests_come_to_the_info_day_and_are_welcomed_when_it_is_said(db: Database) -> None:
    world = World(db)
    take(world, guests("mari", "jaan"))
    assert world.messages("info_day") == []
    assert isinstance(take(world, guests("mari")), Text)
    write(world)
    assert {m.to_name for m in world.messages("info_day")} == {"mari", "jaan"}
    with db.reading() as session:
        assert all(row.welcomed_at for row in session.scalars(sa.select(InfoSignup)))


def test_a_file_that_was_exchanged_afterwards_is_found_out(db: Database) -> None:
    world = World(db)
    take(world, given(["Võru"]))
    with db.reading() as session:
        assert verify.verify(session, world.season.machine).differences == []
    with db.engine.begin() as connection:
        connection.execute(sa.update(Import.__table__).values(sha256="c" * 64))
    with db.reading() as session:
        (found,) = verify.verify(session, world.season.machine).differences
        assert found.place == "imports 1" and "seal is broken" in found.says
    with db.engine.begin() as connection:
        connection.execute(sa.delete(Import.__table__))
    with db.reading() as session:
        (found,) = verify.verify(session, world.season.machine).differences
        assert found.place == "imports 1" and "is gone" in found.says
