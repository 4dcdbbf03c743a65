"""Sender of a mail and its authentication: From, Authentication-Results, DKIM, DMARC. Pure, total but for DNS.

An address is taken only from one From header holding one plain mailbox: where two parsers might see two
people, nobody is named and the mail waits for a person. It must never guess, never prefer a display name to
the address, and never believe an Authentication-Results that our own server did not write.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from mail.reading import headers as header_block
from mail.reading.characters import one_line
from mail.reading.headers import Headers, decode_words

if TYPE_CHECKING:
    import authres
    import dkim as dkimpy

FIELD_CAP: Final = 998
RESULTS_CAP: Final = 4 * 1024
MAIL_CAP: Final = 26 * 1024 * 1024
SIGNATURE_CAP: Final = 4
LINES_CAP: Final = 1_000_000

Dns = Callable[[str], bytes | None]


class Verdict(StrEnum):
    """What somebody we trust says about the sender's domain."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"


class SenderFault(StrEnum):
    """Why a From header names nobody."""

    MISSING = "no From header"
    SEVERAL = "more than one From header"
    BLOCK = "the header block is damaged"
    CONTROL = "control characters in From"
    CHARSET = "From is not UTF-8"
    LENGTH = "From is too long"
    SYNTAX = "From is not one plain mailbox"
    LOCAL_PART = "unusual characters before the @"
    DOMAIN = "the domain is not a host name"
    NAME = "the name holds another address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """`address` is None unless beyond doubt; `shown` is what a person may see as the address in any case."""

    address: str | None
    name: str
    shown: str
    faults: tuple[str, ...] = ()


# A phrase as people's programs write it: atoms (dots allowed, RFC 5322 4.1), quoted strings, raw UTF-8.
# Possessive repeats, or a long name would be tried in every division.
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\U0010ffff]++"
_QUOTED: Final = r'"(?:[^"\\]|\\[\x20-\x7e])*"'
_COMMENT: Final = r"\([^()<>@,;:\\\"]*\)"
_ADDRESS: Final = r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+"
_NAMED: Final = re.compile(
    rf"(?P<name>(?:[ \t]*+(?:{_ATOM}|{_QUOTED}|{_COMMENT}))*+)[ \t]*+"
    rf"<[ \t]*(?P<address>{_ADDRESS})[ \t]*>[ \t]*(?:{_COMMENT})?[ \t]*"
)
_BARE: Final = re.compile(rf"[ \t]*(?P<address>{_ADDRESS})[ \t]*(?P<name>{_COMMENT})?[ \t]*")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_IN_NAME: Final = re.compile(r"(?<![^\s<>()\[\],;:\\\"'@])[^\s<>()\[\],;:\\\"'@]++@[^\s<>()\[\],;:\\\"'@]+")
_ANGLE: Final = re.compile(r"<([^<>]*)>")
_INVISIBLE: Final = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff\ufff9-\uffff]"
)
# What the header reader reports where another reader might see another From.
_DAMAGE: Final = frozenset(
    {"bare CR in headers", "header block too long", "too many headers", "line that is no header"}
)


def from_header(headers: Headers) -> Sender:
    """The sender of a mail. Any doubt gives an address of None and says why in `faults`."""
    found = headers.raw("From")
    if len(found) != 1:
        fault = SenderFault.SEVERAL if found else SenderFault.MISSING
        return _nobody(found[-1] if found else b"", fault)
    if _DAMAGE & set(headers.faults):
        return _nobody(found[0], SenderFault.BLOCK)
    return _from_value(found[0])


def _from_value(raw: bytes) -> Sender:
    if len(raw) > FIELD_CAP:
        return _nobody(raw, SenderFault.LENGTH)
    try:
        text = re.sub(r"\r?\n[ \t]", " ", raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _nobody(raw, SenderFault.CHARSET)
    if _CONTROL.search(text):
        return _nobody(raw, SenderFault.CONTROL)
    match = _BARE.fullmatch(text) or _NAMED.fullmatch(text)
    return _from_parts(raw, match["name"] or "", match["address"]) if match else _nobody(raw, SenderFault.SYNTAX)


def _from_parts(raw: bytes, name: str, address: str) -> Sender:
    local, _, domain = address.partition("@")
    host = ascii_domain(domain)
    if not _LOCAL.fullmatch(local) or len(local) > 64 or local.startswith("=?"):
        return _nobody(raw, SenderFault.LOCAL_PART)
    if host is None:
        return _nobody(raw, SenderFault.DOMAIN)
    plain, decoded = f"{local}@{host}", decode_words(_unquoted(name))
    if _CONTROL.search(decoded):
        return _nobody(raw, SenderFault.CONTROL)
    if not _name_agrees(decoded, address, plain):
        return _nobody(raw, SenderFault.NAME)
    return Sender(address=plain, name=_one_line(decoded), shown=visible(plain))


def _name_agrees(name: str, *own: str) -> bool:
    """A name may repeat the address it stands before, and hold no other and no angle bracket.

    Readers that decode encoded words before they parse would take that other address for the sender.
    """
    allowed = {one.casefold() for one in own}
    if {one.casefold() for one in _IN_NAME.findall(name)} - allowed:
        return False
    return not re.search("[<>]", name) and name.count("@") == len(_IN_NAME.findall(name))


def _unquoted(name: str) -> str:
    text = re.sub(r"\\(.)", r"\1", name.strip())
    return text.replace('"', "").strip("() \t")


def _nobody(raw: bytes, fault: SenderFault) -> Sender:
    text = raw[:FIELD_CAP].decode("utf-8", "replace")
    angles = _ANGLE.findall(text)
    address = angles[-1] if angles else text
    return Sender(address=None, name="", shown=visible(address)[:254], faults=(fault,))


def visible(address: str) -> str:
    """`address` without anything invisible or turning the direction of writing (U+202A-E, U+2066-9 ...)."""
    return _INVISIBLE.sub("", address)


def _one_line(text: str) -> str:
    return one_line(_INVISIBLE.sub(" ", text), 200)


def ascii_domain(domain: str) -> str | None:
    """The domain in lower-case ASCII (IDNA), or None when it is no host name."""
    try:
        host = domain.lower().encode("ascii" if domain.isascii() else "idna").decode("ascii")
    except (UnicodeError, ValueError):
        return None
    labels = host.split(".")
    fine = len(host) <= 253 and all(_LABEL.fullmatch(one) for one in labels)
    return host if fine and not labels[-1].isdigit() else None


# -- what our own mail server found out (RFC 8601) ----------------------------------------------


def authentication(headers: Headers, authserv_id: str | None) -> Verdict:
    """What the topmost Authentication-Results bearing our `authserv_id` says of the From domain.

    Without a configured id nothing counts. dmarc decides; where it is silent, an aligned dkim or spf pass
    is a pass, and a failure with no pass is a fail.
    """
    results = _our_results(headers, authserv_id) if authserv_id else None
    domain = _domain(headers) if results else None
    if not results or domain is None:
        return Verdict.NONE
    said = [one for one in results if one.method == "dmarc"]
    return _dmarc(said, domain) if said else _aligned(results, domain)


def _domain(headers: Headers) -> str | None:
    address = from_header(headers).address
    return address.rpartition("@")[2] if address else None


def _our_results(headers: Headers, authserv_id: str) -> "list[authres.AuthenticationResult] | None":
    for value in headers.all("Authentication-Results"):
        if not re.match(rf"\s*{re.escape(authserv_id)}(?![\w.:-])", value, re.IGNORECASE):
            continue
        return _parsed(value[:RESULTS_CAP], authserv_id)
    return None


def _parsed(value: str, authserv_id: str) -> "list[authres.AuthenticationResult] | None":
    import authres

    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except Exception:  # the library raises much, Microsoft's form without an id among it
        return None
    return list(header.results) if header.authserv_id.lower() == authserv_id.lower() else None


def _dmarc(said: "list[authres.AuthenticationResult]", domain: str) -> Verdict:
    if any(one.result == "fail" for one in said):
        return Verdict.FAIL
    passed = (one for one in said if one.result == "pass")
    return Verdict.PASS if any(_speaks_of(one, "from", domain) for one in passed) else Verdict.NONE


def _speaks_of(result: "authres.AuthenticationResult", name: str, domain: str) -> bool:
    values = [one.value for one in result.properties if one.name.lower() == name]
    return all(aligned(str(one).rpartition("@")[2], domain) for one in values)


_IDENTITY: Final = {"dkim": ("d", "i"), "spf": ("mailfrom",)}


def _aligned(results: "list[authres.AuthenticationResult]", domain: str) -> Verdict:
    checked = [one for one in results if one.method in _IDENTITY]
    for one in checked:
        about = [str(p.value).rpartition("@")[2] for p in one.properties if p.name in _IDENTITY[one.method]]
        if one.result == "pass" and about and all(aligned(each, domain) for each in about):
            return Verdict.PASS
    failed = any(one.result == "fail" for one in checked)
    return Verdict.FAIL if failed else Verdict.NONE


def aligned(signer: str, domain: str) -> bool:
    """One domain is the other or lies below it (narrower than RFC 7489 3.1: needs no public suffix list)."""
    one, other = signer.strip(".").lower(), domain.lower()
    nested = one.endswith("." + other) or other.endswith("." + one)
    return one == other or (nested and "." in one and "." in other)


def signed(headers: Headers, *names: str) -> bool:
    """Whether every signature of the From domain covers all fields of these names (RFC 6376, 5.4.2).

    A signed mail can be sent again by anybody, with fields added that its signature leaves out: a verdict on the
    domain says nothing of such a field. True where the domain signed nothing, for then there is nothing to repeat.
    """
    domain = _domain(headers)
    signatures = [_tag_list(value) for value in headers.all("DKIM-Signature")]
    own = [tags for tags in signatures if domain is None or aligned(tags.get("d", ""), domain)]
    covered = [Counter(tags.get("h", "").lower().split(":")) for tags in own]
    return all(of[name.lower()] >= len(headers.raw(name)) for of in covered for name in names)


def _tag_list(value: str) -> dict[str, str]:
    """The tags of a DKIM-Signature (RFC 6376, 3.2), their values without any space."""
    pairs = (part.partition("=") for part in value.split(";")[:50])
    return {tag.strip(): "".join(said.split()) for tag, _, said in pairs}


# -- signatures checked by ourselves (RFC 6376) -------------------------------------------------


def dkim(raw: bytes, dns: Dns) -> Verdict:
    """Whether a DKIM signature of the From domain holds. `dns` gives the TXT record of a name, or None.

    At most 4 signatures are looked at. One with a body length (l=) counts for nothing, for text can be
    added below it. FAIL: the sender's domain signed, and no signature holds.
    """
    block, _ = header_block.split(raw)
    domain = _domain(header_block.parse(block))
    if domain is None or b"dkim-signature" not in block.lower() or _too_big(raw):
        return Verdict.NONE
    import dkim as dkimpy

    try:
        mail = dkimpy.DKIM(raw)
    except Exception:  # no mail by the library's reading, so no signature either
        return Verdict.NONE
    checks = [_signature(mail, index, domain, dns) for index in range(SIGNATURE_CAP)]
    return next((one for one in (Verdict.PASS, Verdict.FAIL) if one in checks), Verdict.NONE)


def dmarc(raw: bytes, dns: Dns) -> Verdict:
    """The signature's verdict, read as the From domain's own policy wants it (RFC 7489).

    FAIL: the domain publishes quarantine or reject, and no signature of that domain holds. SPF is left to the mail
    server that took the letter in, for only it has seen who brought it; its word is in Authentication-Results.
    """
    signed, domain = dkim(raw, dns), _domain(header_block.parse(header_block.split(raw)[0]))
    if signed is Verdict.PASS or domain is None:
        return signed
    return Verdict.FAIL if _policy(domain, dns) in _STRICT else signed


_STRICT: Final = frozenset({"quarantine", "reject"})
_TAG: Final = re.compile(rb"\s*([a-z]{1,8})\s*=\s*([^;\s]{1,100})\s*")


def _policy(domain: str, dns: Dns) -> str:
    """What the domain asks for: its own record, else that of the nearest domain above it; "" where none does."""
    labels = domain.split(".")
    for at in range(max(1, len(labels) - 1)):
        tags = _tags(dns(f"_dmarc.{'.'.join(labels[at:])}") or b"")
        if tags.get("v") == "dmarc1":
            return tags.get("sp", tags.get("p", "")) if at else tags.get("p", "")
    return ""


def _tags(record: bytes) -> dict[str, str]:
    found = (_TAG.fullmatch(part) for part in record[:1000].lower().split(b";"))
    return {tag[1].decode(): tag[2].decode("ascii", "replace") for tag in found if tag}


def _too_big(raw: bytes) -> bool:
    """Hashing is linear, but the library takes a mail apart line by line."""
    return len(raw) > MAIL_CAP or raw.count(b"\n") > LINES_CAP


def _signature(mail: "dkimpy.DKIM", index: int, domain: str, dns: Dns) -> Verdict:
    lookup = _Lookup(dns)
    try:
        prepared = mail.verify_headerprep(index)
        if not prepared or b"l" in prepared[0] or not aligned(prepared[0][b"d"].decode("ascii"), domain):
            return Verdict.NONE
        good = mail.verify(index, dnsfunc=lookup)
    except Exception:  # the library raises on every malformed signature or key
        good = False
    if good:
        return Verdict.PASS
    return Verdict.NONE if lookup.failed else Verdict.FAIL


class _Lookup:
    """`dns` as the library calls it; the network's troubles are no verdict on the sender."""

    def __init__(self, dns: Dns) -> None:
        self.dns, self.failed = dns, False

    def __call__(self, name: bytes | str, timeout: int = 5) -> bytes | None:
        text = name.decode("ascii") if isinstance(name, bytes) else name
        try:
            record = self.dns(text.rstrip("."))
        except Exception:  # whatever a resolver raises
            record = None
        self.failed = record is None
        return record
