"""STARTTLS: offered where there is a certificate; nothing said in plain is carried out in TLS."""

import smtplib
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mail.receiving.smtp_policy import SmtpLimits
from mail.receiving.smtp_server import Listener
from mail.receiving.tls_certificate import TlsCertificate
from service.secret_keys import tls_certificate
from tests.mail.receiving.test_smtp_server import MAIL, NOW, SECRET, Client, Shelf
from workflow.config.settings import Receive

DAY = timedelta(days=1)


def write_certificate(folder: Path, *, days: float = 90, name: str = "mx.example.org") -> tuple[Path, Path]:
    """A self-signed certificate and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until = datetime.now(UTC) + days * DAY

    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 100 * DAY)
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    certificate, key_file = folder / "mx.pem", folder / "mx.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    return certificate, key_file


@contextmanager
def listening(shelf: Shelf, certificate: TlsCertificate | None, *, lmtp: bool = False, timeout: float = 60
              ) -> Iterator[Listener]:  # fmt: skip
    listener = Listener(
        ("127.0.0.1", 0), hostname="kogu.example.org", known=lambda address: address.lower() == SECRET, store=shelf,
        now=lambda: NOW, certificate=certificate, lmtp=lmtp, limits=SmtpLimits(timeout=timeout),
    )  # fmt: skip
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_certificate(tmp_path)


def unverified() -> ssl.SSLContext:
    """As mail servers do it among each other: encrypted, whoever it is."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def served(listener: Listener) -> bytes:
    """The certificate that a client is shown."""
    with smtplib.SMTP("127.0.0.1", listener.port, timeout=20) as client:
        client.starttls(context=unverified())
        assert isinstance(client.sock, ssl.SSLSocket)
        return client.sock.getpeercert(binary_form=True) or b""


def der(file: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(file.read_text())


@pytest.mark.parametrize(("lmtp", "way"), [(False, smtplib.SMTP), (True, smtplib.LMTP)])
def test_a_letter_comes_in_over_tls(files: tuple[Path, Path], *, lmtp: bool, way: Callable[..., smtplib.SMTP]) -> None:
    shelf = Shelf()
    with listening(shelf, TlsCertificate(*files), lmtp=lmtp) as listener, way("127.0.0.1", listener.port) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        client.starttls(context=unverified())
        client.ehlo()
        assert not client.has_extn("starttls"), "no TLS within TLS"
        assert client.docmd("STARTTLS")[0] == 503
        letter = MAIL + b"x" * 70 + b"\r\n" + b"".join(b"%070d\r\n" % n for n in range(40_000))
        client.sendmail("mari@example.org", SECRET, letter)
        client.sendmail("mari@example.org", SECRET, MAIL)
    assert [one.raw for one in shelf.kept] == [letter, MAIL]
    assert {one.peer for one in shelf.kept} == {"127.0.0.1"}


def test_without_a_certificate_it_is_not_offered() -> None:
    with listening(Shelf(), None) as listener:
        client = Client(listener)
        assert "STARTTLS" not in client.say(b"EHLO sender.example.org")
        assert client.say(b"STARTTLS")[:3] in ("454", "500", "502")


@pytest.mark.parametrize(
    "behind", [b"NOOP\r\n", b"RSET\r\nMAIL FROM:<evil@example.org>\r\n", b"N", b"\r\n", b"\x16\x03"]
)
def test_what_is_said_in_plain_behind_starttls_is_not_carried_out(files: tuple[Path, Path], behind: bytes) -> None:
    """Injected on the way, it would count as said within TLS (CVE-2011-0411 and its kind, CVE-2024-34083)."""
    shelf = Shelf()
    with listening(shelf, TlsCertificate(*files)) as listener:
        client = Client(listener)
        client.say(b"EHLO sender.example.org")
        client.socket.sendall(b"STARTTLS\r\n" + behind)
        assert client.hear().startswith("554")
        assert client.file.read() == b"", "nothing more is answered, and the connection ends"
        assert Client(listener).letter(MAIL).startswith("250")


def test_what_was_said_before_tls_is_forgotten(files: tuple[Path, Path]) -> None:
    """Greeting, sender and recipients could have been put in on the way (RFC 3207, 4.2)."""
    with listening(Shelf(), TlsCertificate(*files)) as listener, smtplib.SMTP("127.0.0.1", listener.port) as client:
        client.ehlo()
        client.mail("evil@example.org")
        client.rcpt(SECRET)
        client.starttls(context=unverified())
        assert client.docmd("DATA")[0] == 503
        client.ehlo()
        assert client.docmd("DATA")[0] == 503


def cut_off(client: Client) -> None:
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.file.close()
    client.socket.close()


def hang_up(client: Client) -> None:
    client.socket.shutdown(socket.SHUT_WR)


def say_nonsense(client: Client) -> None:
    client.socket.sendall(b"EHLO this is no handshake\r\n" * 4)


def say_nothing(client: Client) -> None:
    """Held until the receiver loses patience."""


@pytest.mark.parametrize("breaks", [cut_off, hang_up, say_nonsense, say_nothing])
def test_a_handshake_that_fails_leaves_nothing_behind(
    files: tuple[Path, Path], caplog: pytest.LogCaptureFixture, breaks: Callable[[Client], None]
) -> None:
    with listening(Shelf(), TlsCertificate(*files), timeout=1) as listener:
        there = [Client(listener) for _ in range(30)]
        for client in there:
            client.say(b"EHLO sender.example.org")
            assert client.say(b"STARTTLS").startswith("220")
            breaks(client)
        until = time.monotonic() + 15
        while listener._house._inside and time.monotonic() < until:
            time.sleep(0.05)
        assert not listener._house._inside, "each one's place is free again"
        assert Client(listener).letter(MAIL).startswith("250")
    assert not caplog.records, "strangers do not fill the log"


def test_only_tls_that_is_still_safe(files: tuple[Path, Path]) -> None:
    old = unverified()
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with listening(Shelf(), TlsCertificate(*files)) as listener, smtplib.SMTP("127.0.0.1", listener.port) as client:
        with pytest.raises((ssl.SSLError, OSError)):
            client.starttls(context=old)
    assert TlsCertificate(*files).context().options & ssl.OP_NO_RENEGOTIATION


def test_a_renewed_certificate_holds_from_the_next_connection_on(files: tuple[Path, Path], tmp_path: Path) -> None:
    with listening(Shelf(), TlsCertificate(*files)) as listener:
        first = der(files[0])
        assert served(listener) == first
        write_certificate(tmp_path, name="renewed.example.org")
        assert served(listener) == der(files[0]) != first


def test_half_renewed_or_lost_files_leave_the_one_before_in_use(
    files: tuple[Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(Shelf(), TlsCertificate(*files)) as listener:
        first, key = der(files[0]), files[1].read_bytes()
        write_certificate(tmp_path, name="renewed.example.org")
        new_key = files[1].read_bytes()
        files[1].write_bytes(key)
        assert [served(listener) for _ in range(3)] == [first] * 3
        assert len(caplog.records) == 1, "once, not at each connection"
        files[1].unlink()
        assert served(listener) == first
        files[1].write_bytes(new_key)
        assert served(listener) == der(files[0]) != first


def test_files_that_do_not_fit_are_told_at_the_start(tmp_path: Path, files: tuple[Path, Path]) -> None:
    (tmp_path / "other").mkdir()
    _, other = write_certificate(tmp_path / "other")
    locked = tmp_path / "locked.key"
    locked.write_bytes(serialization.load_pem_private_key(files[1].read_bytes(), None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"0101")
    ))  # fmt: skip
    for certificate, key in (
        (files[0], other),
        (files[0], tmp_path / "none"),
        (files[1], files[1]),
        (files[0], locked),
    ):
        with pytest.raises(OSError):
            TlsCertificate(certificate, key)


@pytest.mark.parametrize(
    ("certificate_file", "key_file"), [("mx.pem", None), (None, "mx.key"), ("none.pem", "none.key")]
)
def test_half_a_config_is_told_before_anything_starts(certificate_file: str | None, key_file: str | None) -> None:
    with pytest.raises(click.ClickException, match="certificate_file and key_file"):
        tls_certificate(Receive(certificate_file=certificate_file, key_file=key_file))


def test_whoever_is_there_over_tls_is_sent_away_when_it_stops(files: tuple[Path, Path]) -> None:
    with listening(Shelf(), TlsCertificate(*files)) as listener:
        client = smtplib.SMTP("127.0.0.1", listener.port, timeout=20)
        client.starttls(context=unverified())
        listener.stop()
        assert client.getreply()[0] == 421
        client.close()
