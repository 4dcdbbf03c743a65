"""Health checks of an installation's surroundings: one finding a part, each fault with what to do about it.

Looks and tells; the one thing it does is to mail the service itself, where it is asked to. Must never change the books,
start a season, or tell a secret.
"""

import shutil
import socket
import stat
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from cryptography import x509

from mail.limited_reading import trial
from mail.limited_reading.reader import Reader
from mail.receiving.tls_certificate import TlsCertificate
from service.clocks import Clock
from service.preflight import PreflightError, check_disk, mended_python
from workflow.config.settings import Protocol, Receive, Settings
from workflow.coordinator import mail_hold as hold_state
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Letter
from workflow.text.bilingual import Text

MIB: Final = 1024 * 1024
LEAST_FREE: Final = 1024 * MIB
"""under this the disk is told of, long before the receiver takes no more letters"""
APART: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`what` was looked at; `says` how it is; `do` what to do about it, where it is not as it should be."""

    what: Text
    says: Text
    do: Text | None = None

    @property
    def well(self) -> bool:
        return self.do is None

    def lines(self, lang: str) -> list[str]:
        said = [f"{'ok ' if self.well else '!! '} {self.what.say(lang)}: {self.says.say(lang)}"]
        return said if self.do is None else [*said, f"    -> {self.do.say(lang)}"]


def same(words: str) -> Text:
    """What a machine said, in no language of ours."""
    return Text(et=words, en=words)


# -- the installation ---------------------------------------------------------------------------------------------

PAGES: Final = Text(et="Veebiaadress", en="Web address")
KEY: Final = Text(et="Salajane võti", en="Secret key")
DISK: Final = Text(et="Ketas", en="Disk")
READING: Final = Text(et="Kirjade lugemine", en="Reading letters")
PROGRAM: Final = Text(et="Teekond", en="Teekond")
PYTHON: Final = Text(et="Python", en="Python")
ACCOUNT: Final = Text(et="Andmebaasi konto", en="Database account")
_WHO: Final = """
    SELECT current_user, rolsuper, COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)
    FROM pg_roles WHERE rolname = current_user
"""


def web_address(settings: Settings) -> CheckResult:
    """Links in mails are secrets: they travel over https, or stay on this machine."""
    url = settings.base_url
    if url.startswith("https://"):
        return CheckResult(PAGES, same(url))
    return CheckResult(PAGES, same(url), Text(
        et="Kirjades olevad lingid peavad olema https: seadke base_url aadressile, mida inimesed näevad "
        "(https://…), ja "
        "pange ette server, mis räägib TLSi; näide: docs/examples/nginx.conf.",
        en="Links in mails must be https: set base_url to the address people see (https://…), and put a server "
        "in front "
        "that speaks TLS; an example: docs/examples/nginx.conf.",
    ))  # fmt: skip


def secret_key(file: Path, *, from_environment: bool) -> CheckResult:
    """Nobody but the service reads the key."""
    if from_environment:
        return CheckResult(KEY, Text(et="keskkonnast", en="from the environment"))
    if not file.exists():
        return CheckResult(KEY, Text(et="tehakse esimesel käivitamisel", en="will be made at the first start"))
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return CheckResult(KEY, same(f"{file}: {mode:o}"), Text(
            et=f"Teised kasutajad saavad võtit lugeda. Tehke: chmod 600 {file}",
            en=f"Other users can read the key. Run: chmod 600 {file}",
        ))  # fmt: skip
    return CheckResult(KEY, same(f"{file}: {mode:o}"))


def disk(free: int) -> CheckResult:
    says = Text(et=f"vaba {free // MIB} MiB", en=f"{free // MIB} MiB free")
    if free >= LEAST_FREE:
        return CheckResult(DISK, says)
    return CheckResult(DISK, says, Text(
        et=f"Vabastage ruumi: alla {LEAST_FREE // MIB} MiB on liiga vähe, alla 175 MiB ei võeta kirju enam vastu.",
        en=f"Make room: less than {LEAST_FREE // MIB} MiB is too little, below 175 MiB no letters are taken.",
    ))  # fmt: skip


def program(version: str) -> CheckResult:
    """Which version looks here: another one than serves, perhaps."""
    return CheckResult(PROGRAM, same(version))


def python(running: tuple[int, int, int]) -> CheckResult:
    """An old release is no fault by itself: a distribution may have mended it under the number it had."""
    said, mended = ".".join(map(str, running)), mended_python(running)
    if not mended:
        return CheckResult(PYTHON, same(said))
    return CheckResult(PYTHON, Text(
        et=f"{said}; selle e-kirjade töötlemise teadaolevad vead on parandatud versioonis {mended} või teie "
        "distributsioonis sama numbri all. Uuendage, kui saate",
        en=f"{said}; its email parser has known bugs, fixed in {mended}; your distribution may have fixed them without "
        "changing the version. Update when you can",
    ))  # fmt: skip


def reading(reader: Reader) -> CheckResult:
    """A trial letter can be read, in the process that reads strangers' letters."""
    fault = trial.fault(reader)
    if fault is None:
        return CheckResult(READING, Text(et="proovikiri on loetud", en="a trial letter was read"))
    return CheckResult(READING, same(fault), Text(
        et="Kirjade lugemiseks käivitab Teekond eraldi protsessi. Paigaldage Teekond uuesti sellesama Pythoniga ja "
        "kontrollige, et teenus tohib protsesse käivitada ja kasutada 512 MiB mälu (systemd, konteineri piirangud).",
        en="Teekond starts a process of its own to read letters. Install Teekond again with this same Python, and see "
        "that the service may start processes and use 512 MiB of memory (limits of systemd or of the container).",
    ))  # fmt: skip


def ground(url: str, mounts: str) -> CheckResult | None:
    """A database in a file must not lie on a network disk; None where it does not."""
    try:
        check_disk(url, mounts)
    except PreflightError as unfit:
        return CheckResult(DISK, same(str(unfit)), Text(
            et="Pange andmekaust selle masina oma kettale (--data) või kasutage PostgreSQLi (TEEKOND_DATABASE__URL). "
            "Teenus siin ei käivitu.",
            en="Put the data folder on a disk of this machine (--data), or use PostgreSQL (TEEKOND_DATABASE__URL). The "
            "service does not start here.",
        ))  # fmt: skip
    return None


# -- the database -------------------------------------------------------------------------------------------------

DATABASE: Final = Text(et="Andmebaas", en="Database")
CLOCK: Final = Text(et="Kell", en="Clock")
MAIL: Final = Text(et="Väljuvad kirjad", en="Outgoing mail")


NOT_BEGUN: Final = CheckResult(DATABASE, Text(et="tehakse esimesel käivitamisel", en="will be made at the first start"))


def is_begun(db: Database) -> bool:
    """Whether there is a database to look into; a file that is not there is made by looking. A server that is away
    has one, for all that can be seen."""
    file = db.engine.url.database
    return db.engine.dialect.name != "sqlite" or bool(file and Path(file).exists())


FOLDER: Final = Text(et="Andmekaust", en="Data folder")


def data_folder(folder: Path) -> CheckResult | None:
    """Nobody but the service reads what is in it; None where that is so, or there is none yet."""
    there = [path for path in (folder, *sorted(folder.glob("teekond.sqlite*"))) if path.exists()]
    open_to_all = [path for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_to_all:
        return None
    return CheckResult(FOLDER, same(", ".join(map(str, open_to_all))), Text(
        et=f"Teised kasutajad pääsevad isikuandmete juurde. Tehke: chmod -R go= {folder}",
        en=f"Other users can reach personal data. Run: chmod -R go= {folder}",
    ))  # fmt: skip


def database(db: Database) -> CheckResult:
    """It answers, has today's tables, and can be written to."""
    try:
        with db.engine.connect() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            connection.execute(sa.text("CREATE TEMPORARY TABLE doctor_was_here (id INTEGER)"))
            _written(connection)
            connection.rollback()
        at_head = db.at_head()
    except (sa.exc.SQLAlchemyError, OSError) as error:
        return CheckResult(DATABASE, same(type(getattr(error, "orig", None) or error).__name__), Text(
            et="Andmebaas ei vasta või sinna ei saa kirjutada. Kontrollige [database] url, parooli "
            "(TEEKOND_DATABASE__URL) "
            "ja andmekausta õigusi.",
            en="The database does not answer or cannot be written to. Check [database] url, the password "
            "(TEEKOND_DATABASE__URL) and the rights on the data folder.",
        ))  # fmt: skip
    says = same(f"{db.engine.dialect.name} {version}")
    if at_head:
        return CheckResult(DATABASE, says)
    return CheckResult(DATABASE, says, Text(
        et="Tabelid on teisest versioonist. Teenuse käivitamine viib need ise tänasele kujule; uuema versiooni "
        "tabelite "
        "jaoks paigaldage see uuem versioon.",
        en="The tables are of another version. Starting the service brings them up to date by itself; for "
        "tables of a "
        "newer version install that version.",
    ))  # fmt: skip


def account(db: Database) -> CheckResult | None:
    """Who the service is to a database server; None for a file, or where nobody answers (`database` tells of it)."""
    if db.engine.dialect.name != "postgresql":
        return None
    try:
        with db.engine.connect() as connection:
            name, mighty, encrypted = connection.execute(sa.text(_WHO)).one()
    except (sa.exc.SQLAlchemyError, OSError):
        return None
    return judged(name, db.engine.url, mighty=mighty, encrypted=encrypted)


def judged(name: str, url: sa.URL, *, mighty: bool, encrypted: bool) -> CheckResult:
    """An account has its own database and no more, and nobody listens on the way there."""
    if mighty:
        return CheckResult(ACCOUNT, same(name), Text(
            et="Sellel kontol on andmebaasiserveris kõik õigused. Looge teenusele oma: CREATE ROLE teekond "
            "LOGIN PASSWORD '…'; CREATE DATABASE teekond OWNER teekond;",
            en="This account has all rights on the database server. Make one for the service: CREATE ROLE teekond "
            "LOGIN PASSWORD '…'; CREATE DATABASE teekond OWNER teekond;",
        ))  # fmt: skip
    near = _is_near(url.host or str(url.query.get("host", "")))
    if not near and not (encrypted and url.query.get("sslmode") == "verify-full"):
        return CheckResult(ACCOUNT, same(name), Text(
            et="Ühendus teises masinas oleva andmebaasiga ei ole krüpteeritud: lisage andmebaasi aadressi lõppu "
            "?sslmode=verify-full ja vajadusel &sslrootcert=fail.",
            en="The connection to the database on another machine is not encrypted: add ?sslmode=verify-full "
            "to the end of its address, and &sslrootcert=FILE where its certificate is your own.",
        ))  # fmt: skip
    return CheckResult(ACCOUNT, same(name))


def _is_near(host: str) -> bool:
    """On this machine: a socket's folder, or the loopback."""
    return host in ("", "localhost", "::1") or host.startswith(("/", "127."))


def _written(connection: sa.Connection) -> None:
    """A write that is taken back: a read-only disk or user shows only so."""
    if sa.inspect(connection).has_table("alembic_version"):
        connection.execute(sa.text("DELETE FROM alembic_version WHERE version_num = ''"))


def clock(db: Database, mine: Clock, installed: datetime, synchronised: bool | None) -> CheckResult:
    """This machine's clock agrees with all it can be compared with: the database's own, what was written down before,
    when this program was `installed`, and what the system says of itself (None: it does not say)."""
    now = mine.now()
    try:
        theirs, written = _database_clock(db), _newest_moment(db)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        return CheckResult(CLOCK, same(type(error).__name__), Text(et="Vt andmebaas.", en="See the database."))
    if theirs is not None and not clocks(now, theirs).well:
        return clocks(now, theirs)
    return behind(now, installed) or behind(now, written) or _kept_right(now, synchronised)


def mail_hold(db: Database) -> CheckResult | None:
    """Whether somebody holds all mail; None where nobody does, or the books cannot be read (`database` tells of it)."""
    try:
        if not db.exists() or not db.at_head():
            return None
        with db.reading() as session:
            held = hold_state.current(session)
    except (sa.exc.SQLAlchemyError, OSError):
        return None
    if held is None:
        return None
    since = f"{held.since:%Y-%m-%d %H:%M} UTC, {held.by}"
    says = Text(et=f"kõik kirjad on kinni alates {since}", en=f"all mail is held since {since}")
    return CheckResult(MAIL, says, Text(
        et="Laske kirjad teele lehel „Täna“ või käsuga „teekond release“, kui põhjus on möödas.",
        en="Let it go on the page “Today”, or with `teekond release`, once the reason is over.",
    ))  # fmt: skip


def _database_clock(db: Database) -> datetime | None:
    """SQLite has none of its own."""
    if db.engine.dialect.name != "postgresql":
        return None
    with db.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.clock_timestamp()))


def _newest_moment(db: Database) -> datetime | None:
    """The last moment that stands in the books: nothing can have happened later than now."""
    if not db.exists() or not db.at_head():
        return None
    with db.reading() as session:
        found = [session.scalar(sa.select(sa.func.max(column))) for column in (Letter.received_at, HistoryRow.at)]
    return max((moment for moment in found if moment is not None), default=None)


def behind(now: datetime, known: datetime | None) -> CheckResult | None:
    """A fault where something known to be past lies ahead."""
    if known is None or known <= now + APART:
        return None
    says = Text(
        et=f"näitab {now:%Y-%m-%d %H:%M} UTC, aga midagi on kirja pandud juba {known:%Y-%m-%d %H:%M} UTC",
        en=f"shows {now:%Y-%m-%d %H:%M} UTC, but something was written down at {known:%Y-%m-%d %H:%M} UTC already",
    )
    return CheckResult(CLOCK, says, Text(
        et="Kell on praegu taga või oli varem ees. Vaadake, mis aeg päriselt on (timedatectl), ja lülitage "
        "ajasünkroonimine sisse (timedatectl set-ntp true). Kui kell on nüüd õige, oodake see hetk ära: tähtajad ja "
        "meeldetuletused käivad kella järgi.",
        en="The clock is behind now, or was ahead before. See what time it really is (timedatectl) and switch time "
        "synchronisation on (timedatectl set-ntp true). If the clock is right now, wait until that moment has passed: "
        "deadlines and reminders go by the clock.",
    ))  # fmt: skip


def _kept_right(now: datetime, synchronised: bool | None) -> CheckResult:
    if synchronised is False:
        says = Text(et=f"{now:%Y-%m-%d %H:%M:%S} UTC, sünkroonimata", en=f"{now:%Y-%m-%d %H:%M:%S} UTC, not kept right")
        return CheckResult(CLOCK, says, Text(
            et="Seda kella ei hoia keegi õige: lülitage ajasünkroonimine sisse (timedatectl set-ntp true).",
            en="Nothing keeps this clock right: switch time synchronisation on (timedatectl set-ntp true).",
        ))  # fmt: skip
    if synchronised is None:
        return CheckResult(CLOCK, Text(
            et=f"{now:%Y-%m-%d %H:%M:%S} UTC; kas seda sünkroonitakse, pole siit näha",
            en=f"{now:%Y-%m-%d %H:%M:%S} UTC; whether anything keeps it right cannot be seen from here",
        ))  # fmt: skip
    return CheckResult(CLOCK, Text(et=f"{now:%Y-%m-%d %H:%M:%S} UTC, sünkroonitud", en=f"{now:%Y-%m-%d %H:%M:%S} UTC"))


def synchronised(program: str = "timedatectl") -> bool | None:
    """What the system says of its clock; None where it does not say."""
    found = shutil.which(program)
    if found is None:
        return None
    asked = [found, "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None  # a finding of its own would be about the tool, not about the clock
    return {"yes": True, "no": False}.get(done.stdout.strip()) if done.returncode == 0 else None


def clocks(mine: datetime, theirs: datetime) -> CheckResult:
    apart = abs(theirs - mine)
    says = Text(et=f"erinevus {apart.total_seconds():.1f} s", en=f"{apart.total_seconds():.1f} s apart")
    if apart <= APART:
        return CheckResult(CLOCK, says)
    return CheckResult(CLOCK, says, Text(
        et="Selle masina ja teise serveri kellad lähevad lahku: lülitage ajasünkroonimine sisse (timedatectl "
        "set-ntp true).",
        en="This machine's clock and the other server's differ: switch time synchronisation on (timedatectl "
        "set-ntp true).",
    ))  # fmt: skip


# -- the receiver -------------------------------------------------------------------------------------------------

RECEIVER: Final = Text(et="Vastuvõtja", en="Receiver")


def receiver(settings: Settings) -> CheckResult:
    """Somebody listens where mail is to come in."""
    at = settings.receive
    where = f"{at.protocol.value} {at.host}:{at.port}"
    if at.protocol is Protocol.NONE:
        return CheckResult(RECEIVER, Text(et="pole: kirjad tulevad postkasti", en="none: mail comes to the mailbox"))
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(at.host, at.host)
    try:
        socket.create_connection((host, at.port), timeout=10).close()
    except OSError as error:
        return CheckResult(RECEIVER, same(f"{where}: {error_words(error)}"), Text(
            et="Keegi ei võta kirju vastu: käivitage `teekond serve` või `teekond receive` ja proovige uuesti.",
            en="Nobody takes mail in: start `teekond serve` or `teekond receive`, then try again.",
        ))  # fmt: skip
    return CheckResult(RECEIVER, same(where))


CERTIFICATE: Final = Text(et="Vastuvõtja sertifikaat", en="Receiver's certificate")
SOON: Final = timedelta(days=14)


def certificate(receive: Receive, now: datetime) -> CheckResult | None:
    """The receiver's certificate can be loaded and has not run out; None where STARTTLS is not offered."""
    file = receive.certificate_file
    if file is None or receive.key_file is None:
        return None
    try:
        TlsCertificate(Path(file), Path(receive.key_file))
        until = x509.load_pem_x509_certificate(Path(file).read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return CheckResult(CERTIFICATE, same(f"{file}: {error_words(error)}"), Text(
            et="Kontrollige faile [receive] certificate_file ja key_file: sertifikaat oma ahelaga ja selle juurde käiv "
            "võti (PEM, paroolita), mida teenus saab lugeda.",
            en="Check the files [receive] certificate_file and key_file: the certificate with its chain and the key "
            "that goes with it (PEM, no passphrase), which the service can read.",
        ))  # fmt: skip
    says = Text(et=f"{file}, kehtib kuni {until:%Y-%m-%d}", en=f"{file}, valid until {until:%Y-%m-%d}")
    if until > now + SOON:
        return CheckResult(CERTIFICATE, says)
    return CheckResult(CERTIFICATE, says, Text(
        et="Sertifikaat on aegunud või aegub kahe nädala jooksul: uuendage failid. Teenust ei ole vaja taaskäivitada.",
        en="The certificate has run out or will within two weeks: renew the files. No restart is needed.",
    ))  # fmt: skip


def error_words(error: BaseException) -> str:
    """On one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
