"""The doctor against a real Postfix and a real Dovecot: all is well, and each thing that can be broken."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command_line import typed
from tests.laid_books import lay
from tests.paths import ROOT
from tests.real.dovecot import PASSWORD, USER, Dovecot
from tests.real.postfix import Postfix, postfix
from tests.real.programs import process, until
from tests.real.test_dovecot_imap import command


@contextmanager
def provider(mail_server: Dovecot, more: str = "") -> Iterator[Postfix]:
    routes = f"\nrelay_domains = example.com\nrelay_transport = lmtp:inet:127.0.0.1:{mail_server.lmtp}\n{more}"
    with postfix(1, recipients="reject_unauth_destination", more=routes) as server:
        yield server


def config(mail_server: Dovecot, server: Postfix, addresses: str, **said: str) -> str:
    text = (ROOT / "config.toml").read_text()
    exchanged = {
        'domain = "teekond.example.org"': f'domain = "example.com"\naddresses = "{addresses}"',
        'from_address = "koosloome@teekond.example.org"': 'from_address = "koosloome@example.com"',
        "relay_port = 25": f"relay_port = {said.get('relay', server.relay)}",
        'protocol = "smtp"': 'protocol = "none"',
    }
    for old, new in exchanged.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    tls = said.get("tls", "none")
    port = mail_server.imaps if tls == "tls" else mail_server.imap
    box = f'\n[mailbox]\nhost = "{said.get("host", "localhost")}"\nport = {port}\ntls = "{tls}"\nuser = "{USER}"\n'
    return text + box + f'folder = "{said.get("folder", "INBOX")}"\n'


def asked(
    home: Path, text: str, *said: str, password: str = PASSWORD, wait: float = 20, **trusts: str
) -> tuple[int, str]:
    """What the doctor says."""
    env = {**os.environ, **trusts, "TEEKOND_MAILBOX__PASSWORD": password, "TEEKOND_BASE_URL": "https://teekond.example.com"}
    _, _, *words = command(home, text, "doctor", "--no-dns", "--lang", "en", f"--wait={wait}", *said)
    done = typed(*words, env=env)
    assert "Traceback" not in done.stderr, done.stderr
    assert password not in done.stdout + done.stderr
    return done.returncode, done.stdout


LOOKED_AT = [
    "Teekond", "Python", "Reading letters", "Web address", "Secret key", "Disk", "Database", "Clock", "Relay",
    "Mailbox", "Receiver", "Round trip",
]  # fmt: skip


@pytest.mark.parametrize("addresses", ["plus", "thread"])
def test_where_all_is_well_it_says_so(mail_server: Dovecot, tmp_path: Path, addresses: str) -> None:
    with provider(mail_server) as server:
        code, said = asked(lay(tmp_path), config(mail_server, server, addresses))
    assert (code, said.count("!!")) == (0, 0), said
    assert [line.removeprefix("ok ").strip().partition(":")[0] for line in said.splitlines()] == LOOKED_AT
    assert "Round trip: koosloome" in said


def test_beside_a_service_that_runs_it_finds_the_letter_among_those_taken_in(
    mail_server: Dovecot, tmp_path: Path
) -> None:
    with provider(mail_server) as server:
        text = config(mail_server, server, "plus")
        env = {**os.environ, "TEEKOND_MAILBOX__PASSWORD": PASSWORD}
        with process(command(tmp_path, text, "serve", "--web", "127.0.0.1:0"), tmp_path / "log", env=env):
            until(lambda: "teekond serve" in (tmp_path / "log").read_text(), "the service runs")
            code, said = asked(tmp_path, text)
            until(lambda: mail_server.count("Teekond") == 1, "the service took the letter")
    assert (code, said.count("!!")) == (0, 0), said


def test_a_provider_that_drops_the_plus_sign_is_found_out(mail_server: Dovecot, tmp_path: Path) -> None:
    # a provider that takes such mail and loses it
    (tmp_path / "lost").write_text("/\\+/ discard:\n")
    with provider(mail_server, f"transport_maps = regexp:{tmp_path / 'lost'}\n") as server:
        code, said = asked(lay(tmp_path), config(mail_server, server, "plus"), wait=4)
    assert code == 1 and said.count("!!") == 1 and 'addresses = "thread"' in said


def test_a_wrong_password_is_told_and_shown_nowhere(mail_server: Dovecot, tmp_path: Path) -> None:
    with provider(mail_server) as server:
        code, said = asked(
            lay(tmp_path), config(mail_server, server, "plus"), password="wrong-word-0102", wait=0
        )
    assert code == 1 and said.count("!!") == 1 and "TEEKOND_MAILBOX__PASSWORD" in said


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_mailbox_with_a_certificate_of_ones_own_is_told_until_it_is_trusted(
    mail_server: Dovecot, tmp_path: Path, tls: str
) -> None:
    own = str(mail_server.home / "cert.pem")
    with provider(mail_server) as server:
        text = config(mail_server, server, "plus", tls=tls)
        code, said = asked(lay(tmp_path), text, wait=0)
        assert code == 1 and said.count("!!") == 1 and "SSL_CERT_FILE" in said and "self-signed" in said, said
        code, said = asked(tmp_path, text, wait=0, SSL_CERT_FILE=own)
        assert (code, said.count("!!")) == (0, 0), said
        other = config(mail_server, server, "plus", tls=tls, host="127.0.0.1")
        code, said = asked(tmp_path, other, wait=0, SSL_CERT_FILE=own)
    assert code == 1 and "[mailbox] host must be a name that stands in the certificate" in said


def test_a_folder_that_is_none_and_a_relay_that_is_away_are_both_told(mail_server: Dovecot, tmp_path: Path) -> None:
    with provider(mail_server) as server:
        text = config(mail_server, server, "plus", folder="Pole", relay="1")
        code, said = asked(lay(tmp_path), text, wait=1)
    assert code == 1 and "[mailbox] host, port, tls and folder" in said and "relay_host, relay_port" in said
    assert "Round trip: again" in said


def test_a_mailbox_that_cannot_be_opened_does_not_break_the_round_trip(mail_server: Dovecot, tmp_path: Path) -> None:
    with provider(mail_server) as server:
        code, said = asked(lay(tmp_path), config(mail_server, server, "thread", folder="Pole"), wait=1)
    assert code == 1 and said.count("!!") == 2 and "did not come back" in said
