"""DNS checks (MX, SPF, DKIM, DMARC): what is there, what is wrong with it, and the very line to set instead.

Looks and tells. Must never believe that a record is right because there is one: two SPF records count as none, and a
key that is not the one we sign with makes every signature wrong.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.resolver

from service.doctor.checks import CheckResult, same
from workflow.config.settings import Protocol, Settings
from workflow.text.bilingual import Text

Lookup = Callable[[str, str], Sequence[str] | None]
"""name, type -> records as text; empty where there is none, None where nobody answers"""
HERE: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ExpectedRecord:
    """A record of the domain: its name, its type, how it begins (a pattern), the line to set, and what may be wrong
    with those that are there."""

    name: str
    type: str
    begins: str
    line: str
    wrong: Callable[[Sequence[str]], Text | None]


def lookup(server: tuple[str, int] | None = None) -> Lookup:
    """Asks the machine's own name servers, or the one named."""
    resolver = dns.resolver.Resolver(configure=server is None)
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]

    def ask(name: str, kind: str) -> Sequence[str] | None:
        try:
            answer = resolver.resolve(name, kind, lifetime=5)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.exception.DNSException:
            return None
        return [_text(one) if kind == "TXT" else one.to_text() for one in answer]

    return ask


def _text(record: object) -> str:
    strings: Sequence[bytes] = getattr(record, "strings", ())
    return b"".join(strings).decode("utf-8", "replace")


def records(settings: Settings, ask: Lookup, published: str = "") -> Iterator[CheckResult]:
    """Each record that is wanted, and what is there. `published`: the record of the key that signs here."""
    for one in wanted(settings, ask, published):
        what, found = same(f"DNS {one.type} {one.name}"), ask(one.name, one.type)
        if found is None:
            yield CheckResult(what, Text(et="nimeserver ei vasta", en="no name server answers"), Text(
                et=f"Kontrollige selle masina DNSi. Kirje peab olema selline: {one.line}",
                en=f"Check this machine's DNS. The record must be like: {one.line}",
            ))  # fmt: skip
            continue
        held = [record for record in found if re.match(one.begins, record, re.IGNORECASE)]
        if not held:
            yield CheckResult(what, Text(et="puudub", en="missing"), Text(
                et=f"Lisage domeeni haldaja juures kirje: {one.line}",
                en=f"Add the record at your domain's host: {one.line}",
            ))  # fmt: skip
            continue
        yield CheckResult(what, same("; ".join(held)[:300]), one.wrong(held))


def wanted(settings: Settings, ask: Lookup, published: str) -> Iterator[ExpectedRecord]:
    """Records without which mail does not come in, or goes out and is thought to be spam."""
    mail, host = settings.mail, settings.mail.from_address.rpartition("@")[2].lower()
    if settings.receive.protocol is not Protocol.NONE:
        line = f"{mail.domain}. MX 10 mx.{mail.domain}."
        yield ExpectedRecord(mail.domain, "MX", "", line, lambda held: _mx(held, ask, line))
    spf = f'{host}. TXT "v=spf1 mx{"" if mail.relay_host in HERE else f" a:{mail.relay_host}"} -all"'
    yield ExpectedRecord(host, "TXT", r"v=spf1\b", spf, lambda held: _spf(held, spf))
    if mail.dkim_selector:
        name = f"{mail.dkim_selector}._domainkey.{host}"
        dkim = f'{name}. TXT "{published or "v=DKIM1; k=…; p=…"}"'
        yield ExpectedRecord(name, "TXT", "", dkim, lambda held: _dkim(held, published, dkim))
    dmarc = f'_dmarc.{host}. TXT "v=DMARC1; p=quarantine"'
    yield ExpectedRecord(f"_dmarc.{host}", "TXT", r"v=dmarc1\b", dmarc, lambda held: _dmarc(held, dmarc))


# -- what may be wrong with a record that is there -----------------------------------------------------------------


def _mx(held: Sequence[str], ask: Lookup, line: str) -> Text | None:
    """Somebody must be at the other end: RFC 7505 says with a lone dot that nobody is."""
    servers = [record.split()[-1].rstrip(".") for record in held]
    if not any(servers):
        return Text(
            et=f"See kirje ütleb, et domeen kirju vastu ei võta. Pange asemele: {line}",
            en=f"This record says that the domain takes no mail. Set instead: {line}",
        )
    lost = [server for server in servers if server and ask(server, "A") == () and ask(server, "AAAA") == ()]
    if not lost:
        return None
    return Text(
        et=f"Serveril {', '.join(lost)} ei ole aadressi: lisage talle A-kirje masina IP-aadressiga.",
        en=f"{', '.join(lost)} has no address: add an A record for it with the machine's IP address.",
    )


def _spf(held: Sequence[str], line: str) -> Text | None:
    words = held[0].lower().split()
    if len(held) > 1:
        return _several("SPF", line)
    if "+all" in words or "all" in words:
        return Text(
            et=f"Kirje lubab kõigil selle domeeni nimel saata. Lõpetage see sõnaga -all: {line}",
            en=f"The record lets everybody send in this domain's name. End it with -all: {line}",
        )
    return None


def _dkim(held: Sequence[str], published: str, line: str) -> Text | None:
    if len(held) > 1:
        return _several("DKIM", line)
    there, ours = _tag(held[0], "p"), _tag(published, "p")
    if not there:
        return Text(
            et=f"Võti on tagasi võetud (p= on tühi): allkirjad ei kehti. Pange asemele: {line}",
            en=f"The key is revoked (p= is empty): no signature counts. Set instead: {line}",
        )
    if ours and there != ours:
        return Text(
            et=f"Seal on teine võti kui failis dkim_key_file: meie allkirjad ei kehti. Pange asemele: {line}",
            en=f"Another key stands there than in dkim_key_file: our signatures do not count. Set instead: {line}",
        )
    return None


def _dmarc(held: Sequence[str], line: str) -> Text | None:
    if len(held) > 1:
        return _several("DMARC", line)
    if _tag(held[0], "p").lower() not in ("none", "quarantine", "reject"):
        return Text(
            et=f"Kirjes puudub p= (none, quarantine või reject), nii ei kehti see. Pange asemele: {line}",
            en=f"The record lacks p= (none, quarantine or reject) and does not count so. Set instead: {line}",
        )
    return None


def _several(what: str, line: str) -> Text:
    return Text(
        et=f"{what}-kirjeid on mitu ja siis ei kehti ükski: jätke alles üks, näiteks: {line}",
        en=f"There are several {what} records, and then none counts: leave one, such as: {line}",
    )


def _tag(record: str, name: str) -> str:
    """The value of a tag in `v=…; k=…; p=…`."""
    pairs = (part.partition("=") for part in record.split(";"))
    return next(("".join(value.split()) for key, _, value in pairs if key.strip().lower() == name), "")
