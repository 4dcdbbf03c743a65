"""The doctor and the domain's records, asked of a real name server: what is there, what is wrong, the line to set."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from mail.sending import dkim
from service.doctor import dns
from service.doctor.checks import CheckResult
from teekond import main
from tests.name_server import Zone, name_server
from tests.paths import ROOT
from tests.service.doctor.test_checks import PLAIN, changed, ill
from workflow.config.settings import Protocol

HOST = "teekond.example.org"
KEY = ROOT / "tests" / "data" / "dkim_key_for_tests.pem"
PUBLISHED = dkim.record(KEY.read_bytes())
SIGNING = changed("mail", dkim_selector="kiri", dkim_key_file=str(KEY), relay_host="relay.example.net")


def txt(words: str) -> list[str]:
    """As a zone file has it: in strings of at most 255."""
    return [" ".join(f'"{words[at : at + 255]}"' for at in range(0, len(words), 255))]


WELL: Zone = {
    (HOST, "MX"): ["10 mx.example.org."],
    ("mx.example.org", "A"): ["192.0.2.1"],
    (HOST, "TXT"): ['"some-verification=1"', '"v=spf1 mx a:relay.example.net -all"'],
    (f"kiri._domainkey.{HOST}", "TXT"): txt(PUBLISHED),
    (f"_dmarc.{HOST}", "TXT"): ['"v=DMARC1; p=reject"'],
}


def found(zone: Zone) -> list[CheckResult]:
    with name_server(zone) as server:
        return list(dns.records(SIGNING, dns.lookup(server), PUBLISHED))


def the_ill(zone: Zone) -> str:
    """What is to be done about the one record that is wrong."""
    (bad,) = [one for one in found(zone) if not one.well]
    return ill(bad)


def test_a_domain_with_all_its_records_is_well() -> None:
    looked = found(WELL)
    assert [one.well for one in looked] == [True] * 4
    assert [one.what.en for one in looked] == [
        f"DNS MX {HOST}", f"DNS TXT {HOST}", f"DNS TXT kiri._domainkey.{HOST}", f"DNS TXT _dmarc.{HOST}",
    ]  # fmt: skip
    assert looked[1].says.en == "v=spf1 mx a:relay.example.net -all"


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ((HOST, "MX"), f"{HOST}. MX 10 mx.{HOST}."),
        ((HOST, "TXT"), f'{HOST}. TXT "v=spf1 mx a:relay.example.net -all"'),
        ((f"kiri._domainkey.{HOST}", "TXT"), f'kiri._domainkey.{HOST}. TXT "{PUBLISHED}"'),
        ((f"_dmarc.{HOST}", "TXT"), f'_dmarc.{HOST}. TXT "v=DMARC1; p=quarantine"'),
    ],
)
def test_a_record_that_is_missing_is_told_with_the_line_to_set(missing: tuple[str, str], line: str) -> None:
    assert the_ill({key: value for key, value in WELL.items() if key != missing}).endswith(line)


@pytest.mark.parametrize(
    ("key", "records", "says"),
    [
        ((HOST, "MX"), ["0 ."], "takes no mail"),
        ((HOST, "MX"), ["10 away.example.org."], "away.example.org has no address"),
        ((HOST, "TXT"), ['"v=spf1 mx -all"', '"v=spf1 a -all"'], "leave one"),
        ((HOST, "TXT"), ['"v=spf1 +all"'], "lets everybody send"),
        ((HOST, "TXT"), ['"v=spf10 mx"', '"google-site=v=spf1"'], "Add the record"),
        ((f"kiri._domainkey.{HOST}", "TXT"), ['"v=DKIM1; k=rsa; p="'], "revoked"),
        ((f"kiri._domainkey.{HOST}", "TXT"), ['"v=DKIM1; k=rsa; p=MIIBother"'], PUBLISHED),
        ((f"kiri._domainkey.{HOST}", "TXT"), [*txt(PUBLISHED), '"v=DKIM1; p=x"'], "leave one"),
        ((f"_dmarc.{HOST}", "TXT"), ['"v=DMARC1; rua=mailto:x@example.org"'], "lacks p="),
        ((f"_dmarc.{HOST}", "TXT"), ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'], "leave one"),
    ],
)
def test_a_record_that_is_there_and_wrong_is_told(key: tuple[str, str], records: list[str], says: str) -> None:
    assert says in the_ill({**WELL, key: records})


@pytest.mark.parametrize("records", [["v=DKIM1; p=x; k=rsa"], ["k=ed25519; p=x"]])
def test_without_the_key_at_hand_any_key_that_is_published_will_do(records: list[str]) -> None:
    zone = {**WELL, (f"kiri._domainkey.{HOST}", "TXT"): [f'"{one}"' for one in records]}
    with name_server(zone) as server:
        looked = list(dns.records(SIGNING, dns.lookup(server)))
    assert [one.well for one in looked] == [True] * 4


def test_where_the_relay_is_this_machine_the_line_names_no_other() -> None:
    lines = [one.line for one in dns.wanted(PLAIN, lambda _name, _kind: (), "")]
    assert f'{HOST}. TXT "v=spf1 mx -all"' in lines


def test_without_a_receiver_no_mx_is_wanted_and_a_silent_name_server_is_told() -> None:
    settings = changed("receive", protocol=Protocol.NONE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        closed = silent.getsockname()[1]
    looked = list(dns.records(settings, dns.lookup(("127.0.0.1", closed))))
    assert [one.what.en.split()[1] for one in looked] == ["TXT", "TXT"]
    assert all("Check this machine's DNS" in ill(one) for one in looked)


def test_the_command_asks_the_name_server_that_it_is_given(tmp_path: Path) -> None:
    with name_server(WELL) as (host, port):
        done = CliRunner().invoke(
            main,
            ["--config", str(ROOT / "config.toml"), "--data", str(tmp_path), "doctor", "--lang", "en", "--wait", "0",
             "--dns-server", f"{host}:{port}"],
            env={"TEEKOND_MAIL__DKIM_SELECTOR": "kiri", "TEEKOND_MAIL__DKIM_KEY_FILE": str(KEY),
                 "TEEKOND_MAIL__RELAY_PORT": "1"},
        )  # fmt: skip
    told = [line for line in done.output.splitlines() if "DNS" in line]
    assert len(told) == 4 and all(line.startswith("ok ") for line in told), done.output


def test_the_record_of_a_key_is_the_one_that_its_signatures_are_checked_with() -> None:
    text = (ROOT / "tests" / "data" / "dkim_key_for_tests.txt").read_text().strip()
    assert f"v=DKIM1; k=rsa; p={text}" == PUBLISHED
    with pytest.raises(dkim.UnfitKey) as fault:
        dkim.record(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert "AAAA" not in str(fault.value)
