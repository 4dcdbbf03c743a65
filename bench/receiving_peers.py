"""The peers of the receiver, each running until its block ends: bare aiosmtpd, salmon-mail, Postfix, Mailman 3.

Each keeps to what it does by itself: aiosmtpd discards; salmon parses a letter, asks its router and puts it into its
queue (a Maildir); Postfix queues it durably and delivers it to a Maildir; Mailman looks the list up and puts the
letter into its own queue folder.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.peers import NotHere, python_with
from tests.ports import answers, free_port

ROOT = Path(__file__).resolve().parent.parent
SALMON, MAILMAN = "salmon-mail==3.3.0", "mailman==3.3.10"
LIST = "koosloome@lists.example.org"
PATIENCE = 60

Peer = tuple[int, Callable[[], None]]
"""the port, and a call that waits until it has nothing left to do"""

SALMON_SERVER = """
import logging, sys, types
from salmon import queue, routing, server
from salmon.routing import nolocking, route, stateless

logging.disable(logging.CRITICAL)
kept = queue.Queue(sys.argv[2])
handlers = types.ModuleType("handlers")
sys.modules["handlers"] = handlers

@route(".+")
@stateless
@nolocking
def START(message):
    kept.push(message)

handlers.START = START
receiver = server.SMTPReceiver("127.0.0.1", int(sys.argv[1]))
receiver.start()
"""

POSTFIX_MAIN = """
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
virtual_mailbox_domains = example.org
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_client_connection_rate_limit = 0
"""
POSTFIX_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - n n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

MAILMAN_CFG = """
[mailman]
layout: here
site_owner: owner@example.org
[paths.here]
var_dir: {home}/var
[mta]
incoming: mailman.mta.null.NullMTA
lmtp_host: 127.0.0.1
lmtp_port: {port}
[database]
url: sqlite:///{home}/mailman.db
"""


@contextmanager
def ours(which: str) -> Iterator[Peer]:
    """One of `bench.receivers`: the product's, or bare aiosmtpd."""
    with folder() as home:
        where = str(free_port()) if which == "discards" else str(home)
        with server([sys.executable, "-m", "bench.receivers", which, where], cwd=ROOT, log=home / "log") as running:
            assert running.stdout is not None
            said = running.stdout.readline()
            if not said:
                raise RuntimeError((home / "log").read_text(encoding="utf-8")[-2000:])
            yield int(said), _at_rest


@contextmanager
def salmon() -> Iterator[Peer]:
    python = python_with(SALMON)
    with folder() as home:
        (home / "peer.py").write_text(SALMON_SERVER, encoding="utf-8")
        port = free_port()
        with server([str(python), str(home / "peer.py"), str(port), str(home / "kept")], cwd=home, log=home / "log"):
            until_answers(port, "salmon", home / "log")
            yield port, _at_rest


@contextmanager
def postfix() -> Iterator[Peer]:
    """Its port, and a call that waits until all it took is in the Maildir: what it still does must not burden us."""
    master = program("master", "Postfix")
    if os.getuid() != 0:
        raise NotHere("Postfix starts only for root")
    with folder() as home:
        port, owner = free_port(), pwd.getpwnam("postfix")
        numbers = {"uid": owner.pw_uid, "gid": owner.pw_gid}
        (home / "main.cf").write_text(POSTFIX_MAIN.format(home=home, **numbers), encoding="ascii")
        (home / "master.cf").write_text(POSTFIX_MASTER.format(port=port), encoding="ascii")
        for room in ("queue", "data", "mail"):
            (home / room).mkdir()
        for room in ("data", "mail"):
            os.chown(home / room, owner.pw_uid, owner.pw_gid)
        subprocess.run(["postfix", "-c", str(home), "check"], check=True, capture_output=True, timeout=PATIENCE)
        with server([master, "-c", str(home), "-d"], cwd=home, log=home / "out"):
            until_answers(port, "Postfix", home / "log")
            yield port, lambda: _until_delivered(home / "queue")


@contextmanager
def mailman() -> Iterator[Peer]:
    tools = python_with(MAILMAN).parent
    with folder() as home:
        port, config = free_port(), home / "mailman.cfg"
        config.write_text(MAILMAN_CFG.format(home=home, port=port), encoding="ascii")
        create = [str(tools / "mailman"), "-C", str(config), "--run-as-root", "create", "--domain", LIST]
        made = subprocess.run(create, cwd=home, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if made.returncode:
            raise NotHere(f"Mailman does not make a list here: {(made.stderr or made.stdout).strip()[-200:]}")
        runner = [str(tools / "runner"), "-C", str(config), "--runner", "lmtp:0:1"]
        with server(runner, cwd=home, log=home / "log"):
            until_answers(port, "Mailman", home / "log")
            yield port, _at_rest


def _at_rest() -> None:
    """It does nothing more once it has answered."""


def _until_delivered(queue: Path) -> None:
    rooms = ("incoming", "active")
    given_up = time.monotonic() + PATIENCE
    while any(one.is_file() for room in rooms for one in (queue / room).rglob("*")):
        if time.monotonic() > given_up:
            raise RuntimeError("Postfix does not deliver what it took")
        time.sleep(0.05)


# -- processes ----------------------------------------------------------------------------------


def program(name: str, package: str) -> str:
    """Where a program of the system is. Raises NotHere."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/postfix/sbin")
    if found is None:
        raise NotHere(f"{package} is not installed")
    return found


@contextmanager
def server(command: Sequence[str], *, cwd: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as out:
        running = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out, start_new_session=True
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that a program of another user may enter."""
    with tempfile.TemporaryDirectory(prefix="tk-bench-", dir="/tmp", ignore_cleanup_errors=True) as path:
        Path(path).chmod(0o755)
        yield Path(path)


def until_answers(port: int, what: str, log: Path) -> None:
    given_up = time.monotonic() + PATIENCE
    while time.monotonic() < given_up:
        if answers(port):
            return
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace")[-300:] if log.exists() else ""
    raise NotHere(f"{what} does not answer: {said.strip()}")
