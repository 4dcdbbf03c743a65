"""Only a mailbox: the whole service on one account. Mail leaves through a real Postfix, comes back into a real
Dovecot, and is fetched from there over IMAP; nothing listens for mail but the provider.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import parseaddr
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.mailbox.watcher import Mailbox
from mail.receiving import store
from mail.sending import outbox
from tests.builders import World, config
from tests.mail.scripted_relay import Relay
from tests.paths import ROOT
from tests.real.dovecot import PASSWORD, USER, Dovecot
from tests.real.postfix import Postfix, postfix
from tests.real.programs import process, until
from tests.real.test_dovecot_imap import QUICK, begun, books, command, mail, settings, taken, token
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter
from workflow.rules.machine import Trigger
from workflow.schedule import heartbeat

OWN = "koosloome@example.com"
ROUTES = """
relay_domains = example.com
relay_transport = lmtp:inet:127.0.0.1:{mailbox}
transport_maps = inline:{{ {{ example.org = smtp:[127.0.0.1]:{people} }} }}
"""


@dataclass
class Account:
    """The service on one account, and the people it writes to."""

    world: World
    provider: Postfix
    people: Relay

    def send(self) -> None:
        """What is queued leaves through the provider."""
        world, out = self.world, outbox.SmtpTransport("127.0.0.1", self.provider.relay)
        before = len(self.people.taken)
        sent = outbox.deliver(
            world.db, world.now, out,
            build=lambda m: (message_bytes.envelope_from(m, world.identity), message_bytes.to_bytes(m, world.identity)),
        )  # fmt: skip
        assert sent.handled == sent.sent > 0, f"{sent}\n{self.provider.log}"
        until(lambda: len(self.people.taken) - before >= sent.sent, "people have their mails")

    def got(self, address: str, template: str) -> Message:
        """The latest mail of a kind, as it came to somebody."""
        ids = {m.message_id for m in self.world.messages(template) if m.to_address == address}
        assert ids, template
        mails = [message_from_bytes(raw) for _, to, raw in self.people.taken if to == address]
        return next(mail for mail in reversed(mails) if mail["Message-ID"] in ids)

    def answers(self, mail: Message, text: str, *, to: str | None = None, known_as: str | None = None) -> str:
        """A person's mail program replies; `known_as`: the id that the provider gave the mail instead of ours.
        Returns what became of the letter."""
        reply, there = EmailMessage(), self._letters()
        reply["From"], reply["To"] = mail["To"], to or mail["Reply-To"]
        reply["Subject"], reply["Message-ID"] = "Re: vastus", f"<{len(there)}@mail.example.org>"
        last = known_as or mail["Message-ID"]
        reply["In-Reply-To"], reply["References"] = last, " ".join(f"{mail['References'] or ''} {last}".split())
        reply.set_content(text)
        self.provider.bring(reply, to or mail["Reply-To"], sender=mail["To"].rpartition("<")[2].strip(">"))
        until(lambda: len(self._letters()) > len(there), "the letter is fetched")
        self.world.inbox.handle_due(self.world.db, self.world.now)
        return self._letters()[-1].outcome or ""

    def _letters(self) -> list[Letter]:
        with self.world.db.reading() as session:
            return list(session.scalars(sa.select(Letter).order_by(Letter.id)))


@contextmanager
def account(db: Database, mail_server: Dovecot, addresses: str) -> Iterator[Account]:
    said = {
        'domain = "teekond.example.org"': f'domain = "example.com"\naddresses = "{addresses}"',
        'from_address = "koosloome@teekond.example.org"': f'from_address = "{OWN}"',
    }
    world = World(db, config(said))
    box = settings(mail_server)
    fetched = Mailbox(
        box, store=lambda arrivals, now: store.store(db, arrivals, now), books=books(db, box, world.identity),
        now=lambda: world.now, token=token, pace=QUICK, context=mail_server.context(),
    )  # fmt: skip
    with Relay() as people:
        more = ROUTES.format(mailbox=mail_server.lmtp, people=people.port)
        with postfix(1, recipients="reject_unauth_destination", more=more) as provider:
            fetched.start()
            try:
                yield Account(world, provider, people)
            finally:
                fetched.stop()


@pytest.mark.parametrize("addresses", ["plus", "thread"])
def test_a_team_applies_verifies_is_selected_and_confirms(
    sqlite_db: Database, mail_server: Dovecot, addresses: str
) -> None:
    with account(sqlite_db, mail_server, addresses) as one:
        team = one.world.apply()
        one.send()
        asked = one.got(team.contact.address, "verify")
        to = parseaddr(asked["Reply-To"])[1]
        assert to.startswith("koosloome+r-") is (addresses == "plus") and to.endswith("@example.com")
        assert one.answers(asked, "JAH") == "accepted"
        assert team.row.verified_at == one.world.now
        team.move(Trigger.SELECT)
        one.send()
        place = one.got(team.contact.address, "place_offer")
        assert one.answers(place, "Jah, tuleme!") == "accepted"
        assert team.state == "workshop_1"
        assert mail_server.count("INBOX") == 0 and mail_server.count("Teekond") == 2


def test_replies_find_their_question_where_the_provider_gives_mails_other_ids(
    sqlite_db: Database, mail_server: Dovecot
) -> None:
    with account(sqlite_db, mail_server, "thread") as one:
        team = one.world.apply()
        one.send()
        asked = one.got(team.contact.address, "verify")
        assert one.answers(asked, "JAH", known_as="<0102018f@provider.example.com>") == "accepted"
        assert team.row.verified_at == one.world.now


def test_somebody_else_with_the_same_thread_moves_nothing(sqlite_db: Database, mail_server: Dovecot) -> None:
    with account(sqlite_db, mail_server, "thread") as one:
        team = one.world.apply()
        one.send()
        asked = one.got(team.contact.address, "verify")
        asked.replace_header("To", "keegi@example.org")
        assert one.answers(asked, "JAH") == "wrong_sender"
        assert team.row.verified_at is None


def test_a_bounce_to_the_plus_address_finds_its_mail(sqlite_db: Database, mail_server: Dovecot) -> None:
    with account(sqlite_db, mail_server, "plus") as one:
        team = one.world.apply()
        one.people.says[team.contact.address] = ["550 5.1.1 no such user"]
        out = outbox.SmtpTransport("127.0.0.1", one.provider.relay)
        world = one.world
        outbox.deliver(
            world.db, world.now, out,
            build=lambda m: (message_bytes.envelope_from(m, world.identity), message_bytes.to_bytes(m, world.identity)),
        )  # fmt: skip
        until(lambda: one._letters(), "Postfix's report is fetched")
        world.inbox.handle_due(world.db, world.now)
        (letter,) = one._letters()
        assert (letter.kind, letter.outcome) == ("bounce", "bounce")
        assert letter.recipients[0].startswith("koosloome+b-")


def test_the_service_runs_without_a_receiver_where_it_has_a_mailbox(mail_server: Dovecot, tmp_path: Path) -> None:
    plain = (ROOT / "config.toml").read_text().replace('protocol = "smtp"', 'protocol = "none"')
    plain = plain.replace("koosloome@teekond.example.org", USER)
    assert 'protocol = "none"' in plain
    box = f'\n[mailbox]\nhost = "localhost"\nport = {mail_server.imap}\ntls = "none"\nuser = "{USER}"\n'
    serve = command(tmp_path, plain + box, "serve", "--web", "127.0.0.1:0")
    env = {**os.environ, "TEEKOND_MAILBOX__PASSWORD": PASSWORD}
    with process(serve, tmp_path / "log", env=env):
        until(lambda: begun(tmp_path), "reading has begun")
        mail_server.append(mail(1))
        taken(mail_server, there=1)
        until(lambda: worker_seen(tmp_path), "the worker gave a sign of life")
    assert "mail on port" not in (tmp_path / "log").read_text()


def test_without_a_receiver_and_without_a_mailbox_nothing_is_started(tmp_path: Path) -> None:
    plain = (ROOT / "config.toml").read_text().replace('protocol = "smtp"', 'protocol = "none"')
    serve = command(tmp_path, plain, "serve", "--web", "127.0.0.1:0")
    done = subprocess.run(serve, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "needs a [mailbox]" in done.stderr


def worker_seen(data: Path) -> bool:
    db = Database(sqlite_url(data))
    try:
        with db.reading() as session:
            return heartbeat.last(session) is not None
    finally:
        db.close()
