"""Dovecot as an installation's mailbox: one account, in which every address of the domain is delivered."""

import imaplib
import pwd
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import answers, free_port
from tests.real.programs import folder, need, process, run, until

USER, PASSWORD = "koosloome@example.org", "näidis sõna 0101"
ANY_PASSWORD = "pilvelaev0101"
"""where every address has a mailbox"""

ONE_ACCOUNT = "driver = passwd-file\n  args = username_format=%u {home}/users"
ANY_ACCOUNT = "driver = static\n  args = password={word}"
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap lmtp
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login
mail_location = maildir:{home}/mail{each}
mail_uid = {user}
mail_gid = {user}
first_valid_uid = 1
imap_capability = {capability}
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota
}}
plugin {{
  quota = count:User quota
  quota_rule = *:storage={quota}
  quota_vsizes = yes
}}
passdb {{
  {passwords}
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={home}/mail allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
"""


@dataclass
class Dovecot:
    home: Path
    imap: int = field(default_factory=free_port)
    imaps: int = field(default_factory=free_port)
    lmtp: int = field(default_factory=free_port)

    def write(
        self,
        *,
        capability: str = "",
        separator: str = "/",
        prefix: str = "",
        quota: str = "1G",
        for_all: bool = False,
    ) -> None:
        """Its configuration; `for_all` gives every address a mailbox of its own, with the same password."""
        user = "dovecot"
        said = {"imap": self.imap, "imaps": self.imaps, "lmtp": self.lmtp, "home": self.home, "user": user}
        said["each"] = "/%u" if for_all else ""
        said["passwords"] = ANY_ACCOUNT.format(word=ANY_PASSWORD) if for_all else ONE_ACCOUNT.format(home=self.home)
        config = CONFIG.format(**said, capability=capability, separator=separator, prefix=prefix, quota=quota)
        (self.home / "dovecot.conf").write_text(config)
        (self.home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        (self.home / "mail").mkdir(exist_ok=True)
        entry = pwd.getpwnam(user)
        run(["chown", f"{entry.pw_uid}:{entry.pw_gid}", str(self.home / "mail")])
        run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "7000", "-keyout", str(self.home / "key.pem"), "-out", str(self.home / "cert.pem"),
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        )  # fmt: skip

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [need("dovecot", "dovecot-imapd"), "-F", "-c", str(self.home / "dovecot.conf")]
        with process(command, self.home / "log"):
            until(lambda: answers(self.imap) and answers(self.lmtp), "Dovecot listens")
            yield
        until(lambda: not answers(self.imap), "Dovecot has ended")

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.home / "cert.pem"))

    # -- what a person or a server does with the mailbox ----------------------------------------

    @contextmanager
    def client(self, user: str = USER, password: str = "") -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=30) as client:
            client.authenticate("PLAIN", lambda _: f"\0{user}\0{password or PASSWORD}".encode())
            yield client

    def deliver(self, raw: bytes, *recipients: str, sender: str = "mari@example.org") -> None:
        """By LMTP: Dovecot writes Return-Path and Delivered-To."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as relay:
            relay.sendmail(sender, recipients, raw)

    def append(self, raw: bytes, room: str = "INBOX") -> None:
        """As a mail program that copies a letter there: nothing is added to it."""
        with self.client() as client:
            said = client.append(f'"{room}"', "", "", raw)
            assert said[0] == "OK", said

    def count(self, room: str) -> int:
        """Letters in a folder, without those marked as deleted and readers' marks; 0 where there is none."""
        with self.client() as client:
            if client.select(f'"{room}"', readonly=True)[0] != "OK":
                return 0
            found = client.uid("SEARCH", "UNDELETED", "NOT", "HEADER", "X-Teekond-Reader", '""')[1][0]
            return len(found.split()) if found else 0

    def do(self, *commands: str) -> None:
        with self.client() as client:
            for command in commands:
                name, *rest = command.split(" ", 1)
                said = getattr(client, name)(*rest)
                assert said[0] == "OK", (command, said)


@contextmanager
def dovecot_at_rest(**settings: Any) -> Iterator[Dovecot]:
    """A Dovecot that is set up and not started."""
    need("dovecot", "dovecot-imapd", root=True)
    need("lmtp", "dovecot-lmtpd")
    need("openssl", "openssl")
    with folder("dc") as home:
        server = Dovecot(home)
        server.write(**settings)
        yield server


@contextmanager
def dovecot(**settings: Any) -> Iterator[Dovecot]:
    """A Dovecot that runs until the block ends."""
    with dovecot_at_rest(**settings) as server, server.running():
        yield server
