"""What goes out signed is verified by the receiving side's own reader, with the record a domain would publish."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dkim as dkimpy
import pytest

from mail.composing import message_bytes
from mail.reading import sender
from mail.reading.sender import Verdict
from mail.sending import dkim
from tests.builders import World
from tests.conftest import leave_out
from tests.mail import message_rows
from tests.paths import DATA
from workflow.database.engine import Database

RSA = (DATA / "dkim_key_for_tests.pem").read_bytes()
RSA_RECORD = b"v=DKIM1; k=rsa; p=" + (DATA / "dkim_key_for_tests.txt").read_bytes().strip()
SEED = bytes(range(32))
ED25519_PUBLIC = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
"""the public half of SEED"""
ED25519_RECORD = f"v=DKIM1; k=ed25519; p={ED25519_PUBLIC}".encode()
IN_PEM = (
    b"-----BEGIN PRIVATE KEY-----\n"
    + base64.b64encode(bytes.fromhex("302e020100300506032b657004220420") + SEED)
    + b"\n-----END PRIVATE KEY-----\n"
)
KEYS = [(RSA, RSA_RECORD), (base64.b64encode(SEED), ED25519_RECORD), (IN_PEM, ED25519_RECORD)]

OUTGOING = message_bytes.to_bytes(message_rows.message(), message_rows.IDENTITY)
DOMAIN = message_rows.IDENTITY.from_address.partition("@")[2]


def signed(key: bytes, domain: str = DOMAIN) -> bytes:
    return dkim.signer(domain=domain, selector="kiri", key=key)(OUTGOING)


@pytest.mark.parametrize(("key", "record"), KEYS, ids=["rsa", "ed25519", "ed25519 in PEM"])
def test_a_signed_mail_is_verified_by_its_domains_record(key: bytes, record: bytes) -> None:
    asked: list[str] = []

    def dns(name: str) -> bytes:
        asked.append(name)
        return record

    mail = signed(key)
    assert mail.endswith(OUTGOING)
    assert sender.dkim(mail, dns) is Verdict.PASS
    assert asked == [f"kiri._domainkey.{DOMAIN}"]
    assert dkimpy.verify(mail, dnsfunc=lambda name, timeout=5: record)


CHANGES = [
    (b"JAH", b"JAH JAH"),
    (b"\r\nSubject:", b"\r\nSubject: teine\r\nSubject:"),
    (b"\r\nFrom:", b"\r\nFrom: keegi@example.org\r\nFrom:"),
    (b"<r-", b"<x-"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
@pytest.mark.parametrize(("key", "record"), KEYS[:2], ids=["rsa", "ed25519"])
def test_whatever_is_changed_on_the_way_breaks_it(key: bytes, record: bytes, before: bytes, after: bytes) -> None:
    changed = signed(key).replace(before, after, 1)
    assert changed != signed(key)
    assert not dkimpy.verify(changed, dnsfunc=lambda name, timeout=5: record)


def test_the_signed_headers_are_whole_and_lines_stay_short() -> None:
    head = signed(RSA)[: -len(OUTGOING)]
    said = b"".join(head.split()).lower()
    assert head.endswith(b"\r\n") and max(map(len, head.split(b"\r\n"))) <= 100
    assert b";l=" not in said
    for name in (b"from", b"reply-to", b"message-id", b"in-reply-to", b"auto-submitted"):
        assert name in said


@pytest.mark.parametrize(
    "key",
    [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", base64.b64encode(b"short")],
)
def test_a_key_that_cannot_sign_is_found_at_once_and_not_shown(key: bytes) -> None:
    with pytest.raises(dkim.UnfitKey) as found:
        dkim.signer(domain=DOMAIN, selector="kiri", key=key)
    assert not key or key.decode() not in str(found.value)
    assert found.value.__cause__ is None


def test_a_key_that_openssl_made_signs(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        leave_out("openssl is not installed", "apt-get install openssl")
    file = tmp_path / "key.pem"
    made = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", file], check=False)
    assert made.returncode == 0
    public = subprocess.run(
        ["openssl", "pkey", "-in", file, "-pubout", "-outform", "DER"], capture_output=True, check=True
    )
    record = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public.stdout[-32:])
    assert sender.dkim(signed(file.read_bytes()), lambda name: record) is Verdict.PASS


# -- signatures of what comes in ----------------------------------------------------------------


def reply(world: World, sign: Callable[[bytes], bytes] = lambda mail: mail) -> bytes:
    _, asked, address = world.asked("verify")
    return sign(f"From: {asked.address}\r\nTo: {address}\r\nMessage-ID: <1@example.org>\r\n\r\nJAH\r\n".encode())


def changed(mail: bytes) -> bytes:
    return dkim.signer(domain="example.org", selector="s1", key=RSA)(mail).replace(b"JAH", b"jah")


WHOLE = dkim.signer(domain="example.org", selector="s1", key=RSA)
ALIEN = dkim.signer(domain="teine.example", selector="s1", key=RSA)


@pytest.mark.parametrize(
    ("sign", "record", "outcome"),
    [
        (WHOLE, RSA_RECORD, "accepted"),
        (changed, RSA_RECORD, "forged"),
        (WHOLE, ED25519_RECORD, "forged"),
        (changed, None, "accepted"),
        (lambda mail: ALIEN(mail).replace(b"JAH", b"jah"), RSA_RECORD, "accepted"),
        (lambda mail: mail, RSA_RECORD, "accepted"),
    ],
    ids=["whole", "changed", "another key", "no record", "of somebody else", "unsigned"],
)
def test_a_broken_signature_of_the_senders_own_domain_is_held_where_we_check(
    sqlite_db: Database, sign: Callable[[bytes], bytes], record: bytes | None, outcome: str
) -> None:
    world = World(sqlite_db)
    world.apply()
    world.inbox = replace(world.inbox, dns=lambda name: record)
    letter = world.deliver(reply(world, sign), world.asked("verify")[2])
    assert letter.outcome == outcome


def test_signatures_are_not_looked_at_where_nothing_says_so(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = world.apply()
    letter = world.deliver(reply(world, changed), world.asked("verify")[2])
    assert letter.outcome == "accepted"
    assert team.row.verified_at == world.now


def test_an_answer_whose_envelope_names_no_sender_waits_for_a_person(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = world.apply()
    before = len(world.messages())
    assert world.deliver(reply(world), world.asked("verify")[2], sender="").outcome == "misleading"
    assert (team.row.verified_at, len(world.messages())) == (None, before)
