"""Replies that real mail programs write to a mail as it really goes out, sent over SMTP, and what is understood.

The mail they quote holds the words JAH and EI; only what the person added may count.
"""

import mailbox
import os
import pty
import re
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.receiving import store
from mail.receiving.smtp_server import Listener
from tests.builders import Crew, World
from tests.paths import ROOT
from tests.real.programs import PATIENCE, need, run, until
from workflow.database.engine import Database
from workflow.database.models import Letter, Message


@dataclass(frozen=True)
class Desk:
    """A person's desk: the mail they got, their name, and where their program hands in its mail."""

    got: bytes
    me: str
    smtp: int
    home: Path

    def mbox(self) -> Path:
        box = mailbox.mbox(self.home / "inbox")
        box.add(self.got)
        box.close()
        return self.home / "inbox"


@dataclass(frozen=True)
class Offered:
    """A team that was offered its place, and the receiver that waits for its reply."""

    world: World
    team: Crew
    mail: Message
    desk: Desk

    def reply(self) -> Letter:
        """The one letter that came, handled."""
        count = sa.select(sa.func.count(Letter.id)).where(Letter.status == "new")
        until(lambda: self._ask(count) == 1, "the reply came")
        assert self.world.inbox.handle_due(self.world.db, self.world.now) == 1
        with self.world.db.reading() as session:
            found = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
        assert found is not None
        return found

    def _ask(self, query: sa.Select[int]) -> int | None:
        with self.world.db.reading() as session:
            return session.scalar(query)


@pytest.fixture(params=["et", "en"])
def offered(request: pytest.FixtureRequest, sqlite_db: Database, tmp_path: Path) -> Iterator[Offered]:
    world = World(sqlite_db)
    team = world.apply(lang=request.param).selected()
    mail = next(one for one in team.got("place_offer") if one.to_address == team.contact.address)
    receiver = Listener(
        ("127.0.0.1", 0),
        hostname="teekond.example.org",
        known=lambda address: world.inbox.known(world.db, address),
        store=lambda arrivals, now: store.store(world.db, arrivals, now),
        now=lambda: world.now,
    )
    receiver.start()
    desk = Desk(message_bytes.to_bytes(mail, world.identity), mail.to_address, receiver.port, tmp_path)
    yield Offered(world, team, mail, desk)
    receiver.stop()


# -- the programs -------------------------------------------------------------------------------


def s_nail(desk: Desk, text: str, *, honour: bool = True) -> None:
    """Quotes with `~m` below what was written, each line behind a tab."""
    settings = {
        "v15-compat": "yes", "mta": f"smtp://127.0.0.1:{desk.smtp}", "smtp-auth": "none", "from": desk.me,
        "smtp-hostname": "example.org", "hostname": "example.org", "ttycharset": "utf-8", "sendwait": "yes",
    }  # fmt: skip
    settings |= {"reply-to-honour": "yes"} if honour else {}
    options = [part for name, value in settings.items() for part in ("-S", f"{name}={value}")]
    said = f"reply 1\n{text}\n\n~m 1\n~.\nxit\n".encode()
    program = need("s-nail", "s-nail")
    run([program, "-:", "/", "-#", *options, "-f", str(desk.mbox())], said=said, env=environment(desk))


def s_nail_to_from(desk: Desk, text: str) -> None:
    """As it comes: it passes over Reply-To and writes to the service's own address."""
    s_nail(desk, text, honour=False)


NEOMUTT = """
set folder = "{home}"
set from = "{me}"
set realname = "Mari"
set smtp_url = "smtp://127.0.0.1:{port}"
set smtp_authenticators = ""
set ssl_starttls = no
set ssl_force_tls = no
set hostname = "example.org"
set reply_to = yes
set include = yes
set fast_reply = yes
set autoedit = yes
set copy = no
set wait_key = no
set confirmappend = no
set mark_old = no
set quit = yes
set move = no
set abort_unmodified = no
set editor = "/bin/sh {home}/editor"
push "<reply><send-message><exit>"
"""


def neomutt(desk: Desk, text: str) -> None:
    """Its own reply with its own attribution, written in an editor, on a terminal; below the quote where the
    text begins with an empty line."""
    below = text.startswith("\n")
    order = f'"$1" {desk.home}/text' if below else f'{desk.home}/text "$1"'
    (desk.home / "text").write_text(text + "\n\n")
    (desk.home / "editor").write_text(f'cat {order} > {desk.home}/both && cat {desk.home}/both > "$1"\n')
    (desk.home / "rc").write_text(NEOMUTT.format(me=desk.me, port=desk.smtp, home=desk.home))
    program = need("neomutt", "neomutt")
    on_a_terminal([program, "-n", "-F", str(desk.home / "rc"), "-f", str(desk.mbox())], environment(desk))


def on_a_terminal(command: list[str], env: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    try:
        while os.read(ours, 4096):
            pass
    except OSError:
        pass  # the terminal is gone with its last program
    finally:
        os.close(ours)
    assert running.wait(PATIENCE) == 0


def swaks(desk: Desk, text: str) -> None:
    """Says in the dialogue what it is told; the quote is written as web mail does."""
    got = message_from_bytes(desk.got, policy=policy.default)
    body = got.get_body(("plain",))
    assert body is not None
    quoted = "".join(f"> {line}\n" for line in body.get_content().splitlines())
    (desk.home / "body").write_text(f"{text}\n\nteisip, 1. märts 2022 kell 10:00 {got['From']} kirjutas:\n{quoted}")
    run(
        [need("swaks", "swaks"), "--server", "127.0.0.1", "--port", str(desk.smtp), "--helo", "example.org",
         "--from", desk.me, "--to", parseaddr(got["Reply-To"])[1], "--body", f"@{desk.home}/body",
         "--add-header", f"In-Reply-To: {got['Message-ID']}", "--add-header", "MIME-Version: 1.0",
         "--add-header", "Content-Type: text/plain; charset=utf-8", "--add-header", "Content-Transfer-Encoding: 8bit",
         "--h-Subject", "Re: koht"]
    )  # fmt: skip


def python(desk: Desk, text: str) -> None:
    """The standard library, in two parts, quoting the HTML as web mail does."""
    got = message_from_bytes(desk.got, policy=policy.default)
    html = got.get_body(("html",))
    assert html is not None
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = desk.me, got["Reply-To"], f"Re: {got['Subject']}"
    mail["In-Reply-To"], mail["Message-ID"] = got["Message-ID"], "<reply.1@example.org>"
    quote = "".join(f"> {line}\n" for line in html.get_content().splitlines() if "<" not in line)
    mail.set_content(f"{text}\n\nOn Tue, 1 Mar 2022 at 10:00, {got['From']} wrote:\n{quote}")
    mail.add_alternative(
        f"<div>{text}</div><br><div class='gmail_quote'><blockquote>{html.get_content()}</blockquote></div>",
        subtype="html",
    )
    with smtplib.SMTP("127.0.0.1", desk.smtp, timeout=30) as relay:
        relay.send_message(mail, desk.me, [parseaddr(got["Reply-To"])[1]])


def environment(desk: Desk) -> dict[str, str]:
    """Nothing of the machine's own settings; no proxy, no dead.letter in somebody's home."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(desk.home), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    return kept | {"TMPDIR": str(desk.home), "TZ": "Europe/Tallinn"}


PROGRAMS = [s_nail, neomutt, swaks, python]
ANSWERS = [("JAH", "yes"), ("Jah, tuleme hea meelega!", "yes"), ("EI", "no"), ("Ei saa tulla.", "no")]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("text", "answer"), ANSWERS)
def test_a_reply_is_understood(offered: Offered, program: Callable[[Desk, str], None], text: str, answer: str) -> None:
    program(offered.desk, text)
    letter = offered.reply()
    assert (letter.via, letter.sender, letter.outcome) == ("smtp", offered.mail.to_address, "accepted"), letter.text
    assert letter.recipients == [offered.world.reply_to(offered.mail)]
    assert letter.text.strip() == text
    assert re.search(r"\b(JAH|YES)\b", letter.quoted) or program is python
    question, _, _ = offered.world.asked("confirm_place", team=offered.team.id)
    assert question.outcome == answer
    assert offered.team.state == ("workshop_1" if answer == "yes" else "selected")


@pytest.mark.parametrize("text", ["JAH", "EI"])
def test_a_reply_to_the_plain_address_waits_for_the_coordinator(offered: Offered, text: str) -> None:
    """Its thread alone names the question, and whoever has the mail knows that: it is shown, and changes nothing."""
    s_nail_to_from(offered.desk, text)
    letter = offered.reply()
    assert letter.recipients == [offered.world.identity.from_address]
    assert (letter.status, letter.outcome) == ("held", "thread"), letter.text
    assert (letter.sender, letter.text.strip()) == (offered.mail.to_address, text)
    question, _, _ = offered.world.asked("confirm_place", team=offered.team.id)
    assert question.outcome is None and offered.team.state == "selected"
    assert letter.question_id == question.id, "it is offered with the question it may answer"


@pytest.mark.parametrize("text", ["\nJAH", "\nEi"])
def test_an_answer_below_the_quote_is_understood(offered: Offered, text: str) -> None:
    neomutt(offered.desk, text)
    letter = offered.reply()
    assert (letter.outcome, letter.text.strip()) == ("accepted", text.strip())
    assert letter.quoted.count("\n") > 5
    question, _, _ = offered.world.asked("confirm_place", team=offered.team.id)
    assert question.outcome == ("yes" if text == "\nJAH" else "no")


def test_the_readmes_own_line_is_a_reply(offered: Offered) -> None:
    """As it stands there, with this test's port and the addresses that the page shows."""
    (line,) = re.findall(r"^ *(swaks .+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    desk, to = offered.desk, offered.world.reply_to(offered.mail)
    for old, new in (
        ("localhost:8025", f"127.0.0.1:{desk.smtp}"), ("mari@example.org", desk.me), ("r-….@teekond.example.org", to)
    ):  # fmt: skip
        assert line.count(old) == 1
        line = line.replace(old, new)
    run([need("swaks", "swaks"), *line.split()[1:]])
    letter = offered.reply()
    assert (letter.outcome, letter.text.strip()) == ("accepted", "JAH")
    assert offered.team.state == "workshop_1"
