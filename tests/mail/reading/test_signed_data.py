"""A mail that is signed and wrapped is read like one that is not; what is encrypted stays closed."""

import base64
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from mail.handling.reply_text import said_in
from mail.reading import letter, signed_data

INNER = 'Content-Type: text/plain; charset="utf-8"\r\n\r\nJah, tulen hea meelega. õäöü\r\n'.encode()
FORGED = b"From: kadri@example.org\r\nAuto-Submitted: auto-replied\r\n" + INNER


def wrapped(inner: bytes) -> bytes:
    """What a mail program makes of `inner`: CMS signed-data with the content inside."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime(2022, 4, 5, tzinfo=UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kadri@example.org")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=2))
    certificate = built.sign(key, hashes.SHA256())
    signer = pkcs7.PKCS7SignatureBuilder().set_data(inner).add_signer(certificate, key, hashes.SHA256())
    return signer.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def in_pieces(inner: bytes) -> bytes:
    """The same without lengths told beforehand, the content in pieces, as Outlook writes it."""
    pieces = b"".join(bytes((0x04, len(inner[at : at + 20]))) + inner[at : at + 20] for at in range(0, len(inner), 20))
    content = bytes.fromhex("3080 06092a864886f70d010701 a080 2480") + pieces + bytes(6)
    head = bytes.fromhex("3080 06092a864886f70d010702 a080 3080 020101 310f300d06096086480165030402010500")
    return head + content + bytes(6)


def mail(data: bytes, kind: str = 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"') -> bytes:
    head = f"From: Mari <mari@example.org>\r\nTo: r-x@example.org\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(data)


KINDS = (
    'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
    "application/x-pkcs7-mime",
    'application/octet-stream; name="smime.p7m"',
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrap", [wrapped, in_pieces])
def test_what_is_signed_and_wrapped_is_read(wrap: object, kind: str) -> None:
    read = letter.read(mail(wrap(INNER), kind))  # type: ignore[operator]
    assert (read.text, read.faults, said_in(read).attachments) == ("Jah, tulen hea meelega. õäöü", (), ())


def test_a_file_inside_is_a_file() -> None:
    inner = EmailMessage()
    inner.set_content("Meie kodutöö.")
    inner.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="too.pdf")
    read = letter.read(mail(wrapped(inner.as_bytes())))
    assert (read.text, said_in(read).attachments) == ("Meie kodutöö.", ("too.pdf",))


def test_what_is_inside_says_nothing_of_who_sent_it() -> None:
    read = letter.read(mail(wrapped(FORGED)))
    assert (read.sender.address, read.kind.value, read.text[:3]) == ("mari@example.org", "person", "Jah")


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_opened_is_said_to_be_encrypted(kind: str) -> None:
    enveloped = bytes.fromhex("3080 06092a864886f70d010703 a080") + b"\x00" * 40
    assert "encrypted" in letter.read(mail(enveloped, kind)).faults


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 400))
def test_any_bytes_are_opened_or_left(noise: bytes, begin: int, end: int) -> None:
    whole = in_pieces(INNER)
    broken = whole[: min(begin, end)] + noise + whole[max(begin, end) :]
    assert len(signed_data.content(broken)) <= len(broken)
