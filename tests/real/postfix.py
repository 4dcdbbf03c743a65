"""Postfix as the mail server in front of the service: it takes mail for the domain, and hands it on by LMTP."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from tests.ports import answers, free_port
from tests.real.programs import folder, need, process, run, until

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
relay_domains = example.org
relay_transport = lmtp:inet:127.0.0.1:{receiver}
transport_maps = inline:{{ kadunud.example=lmtp:inet:127.0.0.1:{receiver} }}
# ask the service whether it knows an address, and pass its sentence on in the dialogue
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = {recipients}
unverified_recipient_reject_code = 550
address_verify_map =
address_verify_poll_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
# whatever part of it breaks off is started again at once, not after a minute
transport_retry_time = 1s
service_throttle_time = 1s
"""
VERIFIED = "reject_unauth_destination, reject_unverified_recipient"

MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{relay} inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o smtpd_recipient_restrictions=
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    home: Path
    smtp: int = field(default_factory=free_port)
    """where the world brings mail"""
    relay: int = field(default_factory=free_port)
    """where the service hands mail in"""

    @property
    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    def waiting(self) -> int:
        """Letters in its queue."""
        rooms = ("incoming", "active", "deferred")
        return sum(1 for room in rooms for one in (self.home / "queue" / room).rglob("*") if one.is_file())

    def bring(self, raw: bytes | EmailMessage, *recipients: str, sender: str = "mari@example.net") -> None:
        """As another organisation's server does."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=60) as world:
            world.sendmail(sender, recipients, bytes(raw))


@contextmanager
def postfix(receiver: int, *, recipients: str = VERIFIED, more: str = "") -> Iterator[Postfix]:
    """A Postfix that runs until the block ends; `receiver` is the port where the service speaks LMTP; `more` stands
    behind the other lines of its main.cf and wins."""
    need("postfix", "postfix", root=True)
    master = need("master", "postfix")
    with folder("pf") as home:
        server = Postfix(home)
        (home / "main.cf").write_text(MAIN.format(home=home, receiver=receiver, recipients=recipients) + more)
        (home / "master.cf").write_text(MASTER.format(smtp=server.smtp, relay=server.relay))
        (home / "queue").mkdir()
        (home / "data").mkdir()
        run(["chown", "postfix", str(home / "data")])
        run(["postfix", "-c", str(home), "check"])
        with process([master, "-c", str(home), "-d"], home / "out"):
            # Its logger first: until that reads, ten lines (net.unix.max_dgram_qlen) make everybody wait for
            # everybody, the logger too, and two who knock at once make nearly as many.
            until(lambda: "daemon started" in server.log, "Postfix keeps a log")
            until(lambda: answers(server.smtp) and answers(server.relay), "Postfix listens")
            with _looking_again(home):
                try:
                    yield server
                except BaseException as error:
                    error.add_note(f"Postfix's log ends:\n{server.log[-4000:]}")
                    raise


@contextmanager
def _looking_again(home: Path) -> Iterator[None]:
    """As `postqueue -f`, every two seconds. A letter whose delivery still holds its file when its turn comes again is
    put among those that come in, and there it is seen when the next one comes: here none does. In earnest minutes lie
    between two turns; here a second, and on a busy machine that is too short."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(2):
            with socket.socket(socket.AF_UNIX) as manager, suppress(OSError):  # it is not there yet, or not any more
                manager.connect(f"{home}/queue/public/qmgr")
                manager.sendall(b"DAFI")
                ended.wait(0.2)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()
