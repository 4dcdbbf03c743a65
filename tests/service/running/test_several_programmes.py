"""Two programmes and two broken ones in one real process, over real SMTP and HTTP: each works by itself alone."""

import http.cookiejar
import json
import re
import smtplib
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from rehearsal.sink import Sink
from tests.conftest import own_database
from tests.paths import ROOT
from tests.service.commands.test_run import TEEKOND, Process, run
from tests.web.public.test_programme import typed
from workflow.database.engine import Database, in_schema, sqlite_url
from workflow.database.models import Addressee, Letter, Message, Person, Question, Team, WebSession

KEYS = ("koos", "noored-2027")
ADDRESS = {"koos": "koosloome@teekond.example.org", "noored-2027": "noored@teekond.example.org"}
SECONDS = 30


class Wall:
    def now(self) -> datetime:
        return datetime.now(UTC)


def until(found: Callable[[], object], what: str) -> None:
    """Wait until it is so; the service works in its own time."""
    end = time.monotonic() + SECONDS
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@dataclass
class Browser:
    """A browser of one person, with cookies."""

    base: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self.opener.open(f"{self.base}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, path: str, data: dict[str, str], page: str) -> str:
        """A form of that page, with its hidden fields."""
        hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', self.get(page))
        sent = urllib.parse.urlencode({**dict(hidden), **data}).encode()
        origin = "/".join(self.base.split("/")[:3])
        request = urllib.request.Request(f"{self.base}{path}", data=sent, headers={"Origin": origin})
        with self.opener.open(request, timeout=20) as answer:
            return str(answer.read().decode())


@dataclass
class Several:
    """The service, the mail server that takes its mails, and each programme's books."""

    process: Process
    sink: Sink
    books: dict[str, Database]
    mails: list[str] = field(default_factory=list)

    def arrived(self) -> list[str]:
        """Every mail that ever came, whoever looked before."""
        self.mails.extend(one.raw.decode("utf-8", "replace") for one in self.sink.collect())
        return self.mails

    def base(self, key: str) -> str:
        return f"http://localhost:{self.process.web}/p/{key}"

    def status(self, path: str, host: str = "") -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.process.web}{path}")
        if host:
            request.add_header("Host", host)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def count(self, key: str, table: type, *which: sa.ColumnElement[bool]) -> int:
        with self.books[key].reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table).where(*which)) or 0

    def addressee(self, key: str, kind: str) -> tuple[str, str]:
        """The newest question of a kind: its secret, and whom it asks."""
        query = sa.select(Addressee).join(Addressee.question).where(Question.kind == kind).order_by(Addressee.id.desc())
        with self.books[key].reading() as session:
            found = session.scalars(query).first()
            assert found is not None, kind
            return found.secret, found.person.address

    def send(self, sender: str, *to: str, text: str = "JAH", number: int = 0) -> dict[str, tuple[int, bytes]]:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(to), "Re: Koosloome"
        mail["Message-ID"] = f"<{sender}.{number}.{len(to)}@example.org>"
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.process.smtp, timeout=20) as client:
            return client.send_message(mail)


def configs(folder: Path, relay: int, *, url: str = "") -> None:
    """As an operator makes them: two seasons from the default one, then an address and a place for each."""
    folder.mkdir()
    start = datetime.now(UTC).date() + timedelta(days=50)
    for key in KEYS:
        file = folder / f"{key}.toml"
        made = run("--config", str(ROOT / "config.toml"), "init", "--start", f"{start}", "--out", str(file))
        assert made.returncode == 0, made.stderr
        text = file.read_text(encoding="utf-8")
        for old, new in {
            'base_url = "http://localhost:8080"': f'base_url = "http://localhost:8080/p/{key}"',
            'from_address = "koosloome@teekond.example.org"': f'from_address = "{ADDRESS[key]}"',
            'relay_host = "localhost"': 'relay_host = "127.0.0.1"',
            "relay_port = 25": f"relay_port = {relay}",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    (folder / "vana.toml").write_text('capacity = "ten"', encoding="utf-8")
    (folder / "Halb Nimi.toml").write_text("", encoding="utf-8")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def several(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    folder, sink = tmp_path_factory.mktemp("several"), Sink(Wall())
    sink.start()
    configs(folder / "p", sink.port)
    words = ("--programmes", str(folder / "p"), "--data", str(folder / "d"))
    words += ("serve", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0")
    try:
        if request.param == "sqlite":
            process = Process(*words)
            books = {key: Database(sqlite_url(folder / "d" / key)) for key in KEYS}
            yield from _at_work(Several(process, sink, books))
            return
        with own_database(request.getfixturevalue("postgresql_server")) as database:
            url = database.render_as_string(hide_password=False)
            process = Process(*words, env={"TEEKOND_DATABASE__URL": url})
            books = {key: Database(in_schema(url, f"p_{key.replace('-', '_')}")) for key in KEYS}
            yield from _at_work(Several(process, sink, books))
    finally:
        sink.stop()


def _at_work(several: Several) -> Iterator[Several]:
    try:
        for key in KEYS:
            browser = Browser(several.base(key))
            browser.post("/apply", typed(name=f"Meeskond {key}", deputy="1"), "/apply")
            until(lambda key=key: several.count(key, Message, Message.status == "sent"), f"mails of {key} leave")
            secret, contact = several.addressee(key, "verify")
            several.send(contact, f"r-{secret}@teekond.example.org", number=900)
            until(lambda key=key: several.count(key, Question, Question.kind == "consent"), "members are told")
        yield several
    finally:
        ended = several.process.end()
        for one in several.books.values():
            one.close()
    assert ended == 0


def test_a_team_applies_in_each_and_its_mails_say_where_from(several: Several) -> None:
    for key in KEYS:
        with several.books[key].reading() as session:
            assert session.scalars(sa.select(Team.name)).all() == [f"Meeskond {key}"]
            bodies = session.scalars(sa.select(Message.body)).all()
        links = {found for body in bodies for found in re.findall(r"http://localhost:8080(/p/[^/]+)/q/", body)}
        assert links == {f"/p/{key}"}
    def of(key: str) -> list[str]:
        return [mail for mail in several.arrived() if f"<{ADDRESS[key]}>" in mail]

    for key in KEYS:
        until(lambda key=key: of(key), f"mails of {key} arrive")
        assert not any(ADDRESS[other] in mail for mail in of(key) for other in KEYS if other != key)


def test_the_first_page_lists_them_and_a_closed_one_says_so(several: Several) -> None:
    status, page = several.status("/", host="localhost")
    assert status == 200
    assert [f'href="http://localhost:8080/p/{key}/?lang=' in page for key in KEYS] == [True, True]
    assert "vana" not in page
    assert several.status("/p/vana/apply")[0] == 503
    assert several.status("/p/none")[0] == 404
    assert several.status("/", host="evil.example.net")[0] == 400
    assert several.status("/p/koos/", host="evil.example.net")[0] == 400


def test_watchers_hear_of_each_programme(several: Several) -> None:
    until(lambda: all(several.status(f"/p/{key}/readyz")[0] == 200 for key in KEYS), "a worker gives a sign of life")
    status, said = several.status("/readyz")
    ready = json.loads(said)
    assert status == 503 and ready["ok"] is False
    assert {key: ready["programmes"][key]["ok"] for key in ready["programmes"]} == {
        "koos": True, "noored-2027": True, "vana": False, "Halb Nimi": False
    }  # fmt: skip
    assert several.status("/healthz")[0] == 200
    for key in KEYS:
        status, said = several.status(f"/p/{key}/readyz")
        assert (status, json.loads(said)["programme"]) == (200, key)
    figures = several.status("/metrics")[1]
    for key in KEYS:
        assert re.search(rf'^teekond_messages{{programme="{key}",status="sent"}} [1-9]', figures, re.MULTILINE)
    assert 'teekond_programmes{state="closed"} 2' in figures
    heads = [line for line in figures.splitlines() if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads))


def test_an_answer_moves_its_own_programme_only(several: Several) -> None:
    secret, asked = several.addressee("koos", "consent")
    before = several.count("noored-2027", Letter)
    several.send(asked, f"r-{secret}@teekond.example.org", number=1)
    until(lambda: several.count("koos", Letter, Letter.status == "done"), "the answer is handled")
    assert several.count("noored-2027", Letter) == before


def test_a_letter_to_both_is_in_both_before_it_is_acknowledged(several: Several) -> None:
    secrets = {key: several.addressee(key, "consent")[0] for key in KEYS}
    before = {key: several.count(key, Letter) for key in KEYS}
    refused = several.send(
        "keegi@example.net", *(f"r-{secrets[key]}@teekond.example.org" for key in KEYS), text="Tere kõigile!", number=2
    )
    assert refused == {}
    assert {key: several.count(key, Letter) for key in KEYS} == {key: n + 1 for key, n in before.items()}
    for key in KEYS:
        with several.books[key].reading() as session:
            newest = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
            assert newest is not None and newest.recipients == [f"r-{secrets[key]}@teekond.example.org"]


def test_people_of_one_who_write_to_the_others_secret_address_are_held(several: Several) -> None:
    """The addressees of the second programme are the same people here: a stranger to it is who is not among them."""
    secret = several.addressee("noored-2027", "consent")[0]
    with several.books["noored-2027"].reading() as session:
        before = session.scalars(sa.select(Question.closed_at)).all()
    several.send("koordinaator.koos@example.net", f"r-{secret}@teekond.example.org", number=3)
    until(
        lambda: several.count("noored-2027", Letter, Letter.sender.contains("koordinaator.koos@example.net"),
                              Letter.status != "new"),
        "the stranger's letter is handled",
    )  # fmt: skip
    with several.books["noored-2027"].reading() as session:
        letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
        assert letter is not None and letter.status == "held"
        assert session.scalars(sa.select(Question.closed_at)).all() == before


def test_while_one_is_closed_no_address_is_called_unknown(several: Several) -> None:
    """It may be the closed one's: the sender's server comes again, and nothing is lost."""
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        several.send("mari@example.org", "r-aaaaaaaaaaaaaaaaaaaaaaaaaa@teekond.example.org", number=4)
    assert [code for code, _ in refused.value.recipients.values()] == [451]


def test_a_door_of_one_is_none_of_the_others(several: Several) -> None:
    for key, other in (KEYS, KEYS[::-1]):
        secret = several.addressee(key, "consent")[0]
        assert several.status(f"/p/{key}/q/{secret}", host="localhost")[0] == 200
        assert several.status(f"/p/{other}/q/{secret}", host="localhost")[0] == 404


def test_signed_in_to_one_is_signed_in_to_no_other(several: Several) -> None:
    with several.books["koos"].reading() as session:
        trainer = session.scalars(sa.select(Person.address).where(Person.role == "trainer")).first()
    assert trainer is not None
    browser = Browser(several.base("koos"))
    before = len(several.arrived())
    browser.post("/signin", {"address": trainer}, "/signin")
    until(lambda: any("/signin/" in mail for mail in several.arrived()[before:]), "the link is mailed")
    with several.books["koos"].reading() as session:
        kept = session.scalars(sa.select(Message.body).where(Message.template == "sign_in")).one()
    assert "/p/koos/signin/own-link" in kept, "the books hold no link that opens anything"
    (mail,) = (mail for mail in several.arrived()[before:] if "/signin/" in mail)
    found = re.search(r"/p/koos(/signin/[\w-]+)", mail.replace("=\n", ""))
    assert found is not None
    browser.post(found[1], {}, found[1])
    assert "signin" not in browser.opener.open(f"{browser.base}/staff/trainer", timeout=20).url
    assert several.count("koos", WebSession) == 1 and several.count("noored-2027", WebSession) == 0
    names = {cookie.name for cookie in browser.jar}
    assert {"session-koos", "browser-koos"} <= names
    there = browser.opener.open(f"{several.base('noored-2027')}/staff/trainer", timeout=20).url
    assert there.startswith(f"{several.base('noored-2027')}/signin")
    session_cookie = next(cookie for cookie in browser.jar if cookie.name == "session-koos")
    session_cookie.name = "session-noored-2027"
    browser.jar.set_cookie(session_cookie)
    there = browser.opener.open(f"{several.base('noored-2027')}/staff/trainer", timeout=20).url
    assert there.startswith(f"{several.base('noored-2027')}/signin")


@pytest.mark.parametrize(("part", "ways"), [("web", ["--web"]), ("receive", ["--smtp"]), ("work", [])])
def test_each_part_runs_by_itself_for_all_of_them(part: str, ways: list[str], tmp_path: Path) -> None:
    configs(tmp_path / "p", 25)
    words = ["--programmes", str(tmp_path / "p"), "--data", str(tmp_path / "d"), part]
    words += [word for way in ways for word in (way, "127.0.0.1:0")]
    with subprocess.Popen([*TEEKOND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stderr is not None
            assert process.stdout.readline().startswith(f"teekond {part}: ")
        finally:
            process.terminate()
        said = process.stderr.read()
        assert process.wait(30) == 0, said
        assert "vana is closed" in said
    assert sorted(one.name for one in (tmp_path / "d").iterdir()) == sorted(KEYS)


def test_both_are_asked_at_once_and_answer(several: Several) -> None:
    """Pages of both from many visitors at the same time never show the other's team."""
    wrong: list[str] = []

    def visit(key: str) -> None:
        for _ in range(10):
            page = several.status(f"/p/{key}/apply", host="localhost")[1]
            if f"/p/{key}/" not in page or any(f"/p/{other}/" in page for other in KEYS if other != key):
                wrong.append(key)

    threads = [threading.Thread(target=visit, args=(key,)) for key in KEYS * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
