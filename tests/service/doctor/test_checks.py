"""The doctor: what is well is said to be, each fault is told with what to do about it, in both languages."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.identity import Identity
from mail.sending.outbox import SmtpTransport
from service.doctor import checks, mail_servers
from service.doctor.checks import CheckResult
from service.doctor.mail_loop import Trip, arrival
from tests.builders import FEBRUARY, READER, World, config
from tests.mail.limited_reading.broken_reader import LAST_WORDS, broken_reader
from tests.mail.receiving.test_starttls import write_certificate
from tests.mail.scripted_relay import Relay
from tests.ports import free_port
from workflow.config.loader import Settings
from workflow.config.settings import Addresses, MailboxSettings, Tls
from workflow.database.engine import Database, sqlite_url

PLAIN = config().service


def ill(finding: CheckResult | None) -> str:
    """What it tells to do; both languages say something of their own."""
    assert finding is not None and finding.do is not None, finding
    assert finding.do.et != finding.do.en
    first, second = finding.lines("en")
    assert first.startswith("!! ") and second.strip().startswith("->")
    assert finding.lines("et")[1] != second
    return finding.do.en


def changed(table: str, **given: object) -> Settings:
    part = getattr(PLAIN, table)
    return PLAIN.model_copy(update={table: part.model_copy(update=given)})


def test_links_must_be_https() -> None:
    assert checks.web_address(PLAIN.model_copy(update={"base_url": "https://teekond.example.org"})).well
    assert "https" in ill(checks.web_address(PLAIN.model_copy(update={"base_url": "http://teekond.example.org"})))


def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    assert checks.secret_key(file, from_environment=False).well
    file.write_text("k" * 64)
    file.chmod(0o600)
    assert checks.secret_key(file, from_environment=False).well
    file.chmod(0o640)
    found = checks.secret_key(file, from_environment=False)
    assert ill(found) == f"Other users can read the key. Run: chmod 600 {file}"
    assert "kkk" not in "".join(found.lines("en"))
    assert checks.secret_key(file, from_environment=True).well


def test_a_trial_letter_is_read_and_a_reader_that_is_broken_is_told(tmp_path: Path) -> None:
    assert checks.reading(READER).well
    with broken_reader(tmp_path) as reader:
        found = checks.reading(reader)
    assert "may start processes" in ill(found) and LAST_WORDS in found.says.en


def test_a_disk_that_fills_is_told() -> None:
    assert checks.disk(checks.LEAST_FREE).well
    assert "Make room" in ill(checks.disk(checks.LEAST_FREE - 1))


def test_a_database_that_is_well_changes_nothing_by_being_looked_at(db: Database) -> None:
    with db.engine.begin() as connection:
        before = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    found = checks.database(db)
    assert found.well and found.says.en.startswith(db.engine.dialect.name)
    assert checks.database(db).well
    with db.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == before


def test_a_database_without_tables_or_with_none_behind_it_is_told(tmp_path: Path) -> None:
    empty = Database(sqlite_url(tmp_path))
    assert "Starting the service" in ill(checks.database(empty))
    empty.close()
    away = Database("sqlite:////no/such/folder/teekond.sqlite")
    found = checks.database(away)
    assert "does not answer" in ill(found)
    away.close()


def test_a_password_in_the_databases_address_is_never_told() -> None:
    away = Database(f"postgresql+psycopg://user:sala-0101@127.0.0.1:{free_port()}/x")
    found = checks.database(away)
    assert "TEEKOND_DATABASE__URL" in ill(found) and "sala-0101" not in str(found)


def test_an_account_that_may_do_anything_is_told(postgresql_db: Database) -> None:
    assert "OWNER teekond" in ill(checks.account(postgresql_db)), "the tests are the server's master"
    with postgresql_db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE own_rights LOGIN")
    mine = Database(postgresql_db.engine.url.set(username="own_rights").render_as_string(hide_password=False))
    try:
        found = checks.account(mine)
        assert found is not None and found.well and found.says.en == "own_rights"
    finally:
        mine.close()
        with postgresql_db.engine.begin() as connection:
            connection.exec_driver_sql("DROP ROLE own_rights")


@pytest.mark.parametrize(
    ("address", "encrypted", "well"),
    [
        ("postgresql+psycopg://t@db.example.org/x?sslmode=verify-full", True, True),
        ("postgresql+psycopg://t@db.example.org/x?sslmode=verify-full", False, False),
        ("postgresql+psycopg://t@db.example.org/x?sslmode=require", True, False),
        ("postgresql+psycopg://t@db.example.org/x", False, False),
        ("postgresql+psycopg://t@127.0.0.1/x", False, True),
        ("postgresql+psycopg://t@localhost:5433/x", False, True),
        ("postgresql+psycopg:///x?host=/run/postgresql", False, True),
    ],
)
def test_the_way_to_a_database_elsewhere_is_to_be_protected(address: str, encrypted: bool, well: bool) -> None:
    found = checks.judged("teekond", sa.make_url(address), mighty=False, encrypted=encrypted)
    assert found.well is well
    assert well or "sslmode=verify-full" in ill(found)


def test_a_file_has_no_account_and_one_that_does_not_answer_is_told_of_once(sqlite_db: Database) -> None:
    assert checks.account(sqlite_db) is None
    away = Database(f"postgresql+psycopg://teekond@127.0.0.1:{free_port()}/x")
    assert checks.account(away) is None
    away.close()


def test_clocks_that_differ_are_told() -> None:
    assert checks.clocks(FEBRUARY, FEBRUARY - checks.APART).well
    assert "time synchronisation" in ill(checks.clocks(FEBRUARY, FEBRUARY + timedelta(minutes=2)))


class At:
    """A clock that stands where it is put."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def test_a_clock_behind_what_is_in_the_books_is_told(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    world.apply()
    long_ago = FEBRUARY - timedelta(days=400)
    assert checks.clock(sqlite_db, At(FEBRUARY + timedelta(minutes=1)), long_ago, True).well
    found = checks.clock(sqlite_db, At(FEBRUARY - timedelta(days=2)), long_ago, True)
    assert "wait until that moment has passed" in ill(found) and f"{FEBRUARY:%Y-%m-%d %H:%M}" in found.says.en


def test_a_clock_behind_the_programs_own_files_is_told(sqlite_db: Database) -> None:
    assert "behind now" in ill(checks.clock(sqlite_db, At(FEBRUARY), FEBRUARY + timedelta(days=1), True))
    assert checks.clock(sqlite_db, At(FEBRUARY), FEBRUARY + checks.APART, True).well


def test_a_clock_that_nothing_keeps_right_is_told_and_one_of_which_nothing_is_known_is_not(tmp_path: Path) -> None:
    empty = Database(sqlite_url(tmp_path))
    assert "set-ntp" in ill(checks.clock(empty, At(FEBRUARY), FEBRUARY, False))
    unknown = checks.clock(empty, At(FEBRUARY), FEBRUARY, None)
    assert unknown.well and "cannot be seen" in unknown.says.en
    assert list(tmp_path.iterdir()) == []  # looking made no database


@pytest.mark.parametrize(
    ("says", "known"), [("echo yes", True), ("echo no", False), ("echo; exit 1", None), ("echo what", None)]
)
def test_what_the_system_says_of_its_clock_is_taken_at_its_word(tmp_path: Path, says: str, known: bool | None) -> None:
    program = tmp_path / "timedatectl"
    program.write_text(f'#!/bin/sh\n[ "$*" = "show --property=NTPSynchronized --value" ] || exit 9\n{says}\n')
    program.chmod(0o755)
    assert checks.synchronised(str(program)) is known
    assert checks.synchronised(str(tmp_path / "none")) is None


def test_the_databases_own_clock_is_asked(postgresql_db: Database) -> None:
    now = datetime.now(UTC)
    assert checks.clock(postgresql_db, At(now), FEBRUARY, None).well
    assert "apart" in (found := checks.clock(postgresql_db, At(now - timedelta(hours=1)), FEBRUARY, None)).says.en
    assert "time synchronisation" in ill(found)


def test_a_relay_is_told_from_one_that_is_away_or_refuses() -> None:
    with Relay() as server:
        assert mail_servers.relay(SmtpTransport("127.0.0.1", server.port), "here").well
    assert "relay_host" in ill(mail_servers.relay(SmtpTransport("127.0.0.1", server.port), "here"))
    with Relay() as closed:
        closed.greets = ["554 go away"]
        assert "relay_host" in ill(mail_servers.relay(SmtpTransport("127.0.0.1", closed.port), "here"))


def test_a_mailbox_that_nobody_answers_at_is_told() -> None:
    port = free_port()
    for tls in Tls:
        away = MailboxSettings(host="127.0.0.1", user="koosloome@example.org", port=port, tls=tls)
        assert "host, port, tls and folder" in ill(mail_servers.mailbox(away))


def test_a_receiver_that_nobody_started_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert checks.receiver(changed("receive", port=port)).well
    assert "teekond serve" in ill(checks.receiver(changed("receive", port=port)))
    assert checks.receiver(changed("receive", port=port, protocol=checks.Protocol.NONE)).well


@pytest.mark.parametrize(("days", "well"), [(15, True), (13, False), (-1, False)])
def test_a_certificate_of_the_receiver_that_runs_out_is_told(tmp_path: Path, days: float, *, well: bool) -> None:
    certificate, key = write_certificate(tmp_path, days=days)
    settings = changed("receive", certificate_file=str(certificate), key_file=str(key)).receive
    found = checks.certificate(settings, datetime.now(UTC))
    assert found is not None and found.well is well
    assert well or "No restart" in ill(found)


def test_a_certificate_that_cannot_be_loaded_is_told_and_none_is_no_fault(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    key.write_bytes(certificate.read_bytes())
    settings = changed("receive", certificate_file=str(certificate), key_file=str(key)).receive
    assert "key_file" in ill(checks.certificate(settings, datetime.now(UTC)))
    assert checks.certificate(changed("receive").receive, datetime.now(UTC)) is None


# -- round trip ---------------------------------------------------------------------------------------------------


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def moments() -> Iterator[int]:
    yield from range(10_000)


def trip(
    world: World, relay: Relay, addresses: Addresses, *, drops_plus: bool = False, closed: bool = False
) -> CheckResult:
    """A round trip whose mail comes back into the real store, unless a fault is asked for."""
    identity = Identity.of(world.season.programme, changed("mail", addresses=addresses), world.identity.secret)
    world.now += timedelta(hours=1)
    looked = arrival(world.db, None, world.now)

    def arrived(wanted: str) -> bool:
        for sender, recipient, raw in relay.taken:
            if not (closed or (drops_plus and "+" in recipient)):
                world.deliver(raw, recipient, sender=sender)
        relay.taken.clear()
        return looked(wanted)

    out, ticks = SmtpTransport("127.0.0.1", relay.port), moments()
    now = lambda: world.now + timedelta(seconds=next(ticks))  # noqa: E731
    return Trip(identity=identity, transport=out, sign=None, now=now, arrived=arrived, seconds=0.2).findings()


@pytest.mark.parametrize("addresses", list(Addresses))
def test_a_mail_that_comes_back_is_well(world: World, addresses: Addresses) -> None:
    with Relay() as relay:
        found = trip(world, relay, addresses)
    assert found.well, found


def test_a_dropped_plus_sign_is_told_from_a_closed_way(world: World) -> None:
    with Relay() as relay:
        assert 'addresses = "thread"' in ill(trip(world, relay, Addresses.PLUS, drops_plus=True))
    with Relay() as relay:
        assert "did not come back" in ill(trip(world, relay, Addresses.PLUS, closed=True))
    with Relay() as relay:
        assert "did not come back" in ill(trip(world, relay, Addresses.DOMAIN, closed=True))


def test_what_the_relay_said_is_told(world: World) -> None:
    with Relay() as relay:
        relay.to_mail = ["530 5.7.0 sign in first"]
        found = trip(world, relay, Addresses.DOMAIN)
    assert "only_to" in ill(found) and "530 5.7.0 sign in first" in found.says.en


def test_a_server_that_lets_nobody_send_as_a_plus_address_is_told(world: World) -> None:
    """As Exchange does: mail to such an address comes in, mail from one is refused."""
    with Relay() as relay:
        relay.to_mail = ["554 5.2.252 SendAsDenied; t@example.org not allowed to send as t+b-1@example.org"]
        assert 'addresses = "thread"' in ill(trip(world, relay, Addresses.PLUS))
