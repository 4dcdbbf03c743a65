"""The examples in docs/examples/, tried with the real programs: what stands there works as it stands there."""

import json
import os
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import World
from tests.command_line import typed
from tests.conftest import leave_out
from tests.paths import ROOT
from tests.ports import answers, free_port
from tests.real.postfix import postfix
from tests.real.programs import folder, need, process, run, until
from tests.real.test_dovecot_imap import command
from tests.real.test_postfix_lmtp import Service, reply
from workflow.config.loader import load
from workflow.database.engine import Database

EXAMPLES = ROOT / "docs" / "examples"
UNITS = sorted((EXAMPLES / "systemd").glob("*.service"))


def test_each_timer_starts_a_unit_that_there_is() -> None:
    timers = sorted((EXAMPLES / "systemd").glob("*.timer"))
    assert timers and {one.stem for one in timers} <= {one.stem for one in UNITS}


def test_units_say_the_same_of_what_a_process_may() -> None:
    said = (unit.read_text().partition("# what it does not need")[2].partition("[Install]")[0] for unit in UNITS)
    fences = {each.strip() for each in said}
    assert len(fences) == 1


def test_what_the_compose_file_sets_is_a_key_and_what_it_mounts_is_there() -> None:
    box = EXAMPLES / "container"
    text = (box / "compose.yaml").read_text()
    set_there = dict(re.findall(r"^ {6}(TEEKOND_[A-Z_]+): (.+)$", text, re.MULTILINE))
    environ = {name: value.strip('"').replace("${HOST}", "teekond.example.org").replace("${POSTGRES_PASSWORD}", "x")
               for name, value in set_there.items()}  # fmt: skip
    found = load((ROOT / "config.toml").read_text(encoding="utf-8"), environ).service
    assert found.web.proxies == 1 and found.base_url == "https://teekond.example.org"
    assert found.database.url == "postgresql+psycopg://teekond:x@database/teekond"
    mounted = set(re.findall(r"\./([\w.]+):", text))
    assert mounted == {"config.toml", "Caddyfile"} and (box / "Caddyfile").is_file()
    ports = re.findall(r":(\d+)", " ".join(said("CMD")))
    assert "8025" in ports and "reverse_proxy teekond:8080" in (box / "Caddyfile").read_text()
    loop = re.search(r"do teekond (.*?); done", text)
    assert loop and typed(*loop[1].split()[4:5], "--help").returncode == 0


# -- systemd ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.stem)
def test_systemd_finds_no_fault_in_a_unit(unit: Path, tmp_path: Path) -> None:
    analyze = need("systemd-analyze", "systemd")
    text = unit.read_text()
    program = tmp_path / "teekond"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    placed = text.replace("/opt/teekond/bin/teekond", str(program))
    assert placed != text
    (tmp_path / unit.name).write_text(placed)
    named = str(tmp_path / unit.name.replace("@.", "@koos."))
    assert run([analyze, "verify", "--man=no", named]) == ""
    (tmp_path / unit.name).write_text(placed.replace("ProtectSystem=strict", "ProtectSystm=strict"))
    assert "ProtectSystm" in run([analyze, "verify", "--man=no", named])  # it would have been seen


def test_each_unit_runs_a_command_that_there_is() -> None:
    said = {unit.stem: re.findall(r"^ExecStart=.* --data \S+ (\S+)", unit.read_text(), re.MULTILINE) for unit in UNITS}
    assert said == {
        "teekond": ["serve"], "teekond-web": ["web"], "teekond-receive": ["receive"], "teekond-work": ["work"],
        "teekond@": ["serve"], "teekond-daily": ["daily"],
    }  # fmt: skip
    said = {stem: name for stem, (name,) in said.items()}
    for name in said.values():
        assert typed(name, "--help").returncode == 0


# -- nginx --------------------------------------------------------------------------------------------------------


@dataclass
class Site:
    home: Path
    port: int
    plain: int
    log: Path

    def get(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, list[tuple[str, str]], str]:
        """Status, headers and body, over https, as a visitor of teekond.example.org."""
        context = ssl.create_default_context(cafile=str(self.home / "cert.pem"))
        said = {"Host": "teekond.example.org", **{name.replace("_", "-"): value for name, value in headers.items()}}
        asks = urllib.request.Request(f"https://localhost:{self.port}{path}", data=data, headers=said)
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
        try:
            with opener.open(asks, timeout=30) as answer:
                return answer.status, answer.headers.items(), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, list(error.headers.items()), error.read().decode()


    def spoken(self, version: ssl.TLSVersion, ciphers: str) -> str:
        """What nginx chooses for somebody who speaks only this."""
        context = ssl.create_default_context(cafile=str(self.home / "cert.pem"))
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers)
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as talk,
        ):
            chosen = talk.cipher()
            assert chosen is not None
            return chosen[0]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with folder("ng") as home, _site(home) as found:
        yield found


@contextmanager
def _site(home: Path) -> Iterator[Site]:
    nginx, openssl = need("nginx", "nginx-light"), need("openssl", "openssl")
    run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "7000", "-keyout", str(home / "key.pem"), "-out", str(home / "cert.pem"), "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"]
    )  # fmt: skip
    plain, tls, pages = free_port(), free_port(), free_port()
    text = (EXAMPLES / "nginx.conf").read_text()
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
        ("http://127.0.0.1:8080", f"http://127.0.0.1:{pages}"),
        ("/etc/letsencrypt/live/teekond.example.org/fullchain.pem", f"{home}/cert.pem"),
        ("/etc/letsencrypt/live/teekond.example.org/privkey.pem", f"{home}/key.pem"),
        ("/var/log/nginx/teekond.log", f"{home}/site.log"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    rooms = "".join(f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (home / "nginx.conf").write_text(
        f"daemon off; pid {home}/pid; error_log {home}/nginx.log;\nevents {{}}\nhttp {{ {rooms}\n"
        f"access_log {home}/access.log;\n{text}\n}}\n"
    )
    run([nginx, "-t", "-p", str(home), "-c", str(home / "nginx.conf")])
    config = (ROOT / "config.toml").read_text().replace("[web]\n", "[web]\nproxies = 1\n", 1)
    assert "proxies = 1" in config
    serve = command(home, config + '\n[log]\nformat = "json"\n', "web", "--web", f"127.0.0.1:{pages}")
    env = {**os.environ, "TEEKOND_BASE_URL": "https://teekond.example.org"}
    with process(serve, home / "log", env=env):
        with process([nginx, "-p", str(home), "-c", str(home / "nginx.conf")], home / "nginx.out"):
            until(lambda: answers(pages) and answers(tls), "pages and nginx listen")
            yield Site(home, tls, plain, home / "log")


def test_a_page_comes_through_nginx_with_each_header_once(site: Site) -> None:
    status, headers, body = site.get("/")
    assert status == 200 and "Koosloome" in body
    named = [name.lower() for name, _ in headers]
    for name in ("strict-transport-security", "content-security-policy", "x-frame-options", "cache-control"):
        assert named.count(name) == 1, name
    assert dict(headers)["Server"] == "nginx"


def test_old_ways_to_encrypt_are_not_spoken(site: Site) -> None:
    two = ssl.TLSVersion.TLSv1_2
    assert site.spoken(two, "ALL:@SECLEVEL=0").endswith("-GCM-SHA384")
    assert site.spoken(ssl.TLSVersion.TLSv1_3, "ALL").startswith("TLS_")
    for version, ciphers in (
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (two, "AES128-SHA:@SECLEVEL=0"),
        (two, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"),
    ):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            site.spoken(version, ciphers)


def test_figures_stay_inside_and_health_is_told(site: Site) -> None:
    assert site.get("/metrics")[0] == 403
    assert site.get("/healthz")[0] == 200
    assert site.get("/readyz")[0] == 503  # no worker runs here


def test_what_visitors_say_of_their_own_address_counts_for_nothing(site: Site) -> None:
    assert site.get("/signin", data=b"address=a@example.org", X_Forwarded_For="203.0.113.9")[0] in (400, 403)
    events = [json.loads(line) for line in site.log.read_text().splitlines() if line.startswith("{")]
    assert {one["from"] for one in events if one.get("event") == "form refused"} == {"127.0.0.1"}
    assert "203.0.113.9" not in site.log.read_text()


def test_a_work_of_many_megabytes_passes_nginx(site: Site) -> None:
    status, _, body = site.get("/q/" + "a" * 26, data=b"x" * 30_000_000)
    assert status != 413 or "nginx" not in body


def test_no_log_of_nginx_holds_a_secret_whatever_happens(site: Site) -> None:
    """Links in mails carry one: seen over http and https, with the service there and without."""
    secret = "s3cret" + "a" * 20
    with socket.create_connection(("127.0.0.1", site.plain), timeout=10) as line:
        line.sendall(f"GET /q/{secret} HTTP/1.1\r\nHost: teekond.example.org\r\nConnection: close\r\n\r\n".encode())
        assert b"301" in line.makefile("rb").readline()
    assert site.get(f"/q/{secret}")[0] == 404
    alone, (port, plain, away) = site.home / "alone", (free_port() for _ in range(3))
    alone.mkdir()
    text = (site.home / "nginx.conf").read_text().replace(f"{site.home}/pid", f"{alone}/pid")
    behind = text.partition("proxy_pass http://")[2].partition(";")[0]
    for old, new in ((f":{site.port} ", f":{port} "), (f":{site.plain};", f":{plain};"), (behind, f"127.0.0.1:{away}")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (alone / "nginx.conf").write_text(text)
    with process([need("nginx", "nginx-light"), "-p", str(site.home), "-c", str(alone / "nginx.conf")], alone / "out"):
        until(lambda: answers(port), "nginx listens")
        assert Site(site.home, port, plain, site.log).get(f"/q/{secret}")[0] == 502
    logs = [file for file in site.home.rglob("*") if file.suffix == ".log" or file.name in ("log", "out", "nginx.out")]
    assert {"access.log", "nginx.log", "site.log", "log"} <= {file.name for file in logs}, "looked for where they are"
    assert [file.name for file in logs if secret in file.read_text(errors="replace")] == []


# -- Postfix ------------------------------------------------------------------------------------------------------


def test_postfix_hands_mail_on_as_the_example_says(sqlite_db: Database) -> None:
    service = Service(World(sqlite_db))
    service.listener.start()
    text = (EXAMPLES / "postfix" / "main.cf").read_text()
    placed = text.replace("127.0.0.1:8025", f"127.0.0.1:{service.listener.port}")
    assert placed != text
    try:
        service.world.apply()
        _, asked, address = service.world.asked("verify")
        with postfix(1, more=f"\n{placed}") as server:
            server.bring(reply(asked.address, address), address, sender=asked.address)
            assert [one.outcome for one in service.letters(1)] == ["accepted"]
            with smtplib.SMTP("127.0.0.1", server.smtp, timeout=60) as world:
                world.ehlo()
                world.mail("mari@example.net")
                code, said = world.rcpt(f"r-{'a' * 26}@teekond.example.org")
                assert code == 550 and b"please reply to the mail you got" in said
                assert world.rcpt("keegi@elsewhere.example")[0] == 554
    finally:
        service.listener.stop()


# -- container ----------------------------------------------------------------------------------------------------


CONTAINERFILE = EXAMPLES / "container" / "Containerfile"


def said(instruction: str) -> list[str]:
    """What stands behind each such instruction, in order."""
    lines = CONTAINERFILE.read_text().splitlines()
    return [line.removeprefix(f"{instruction} ") for line in lines if line.startswith(f"{instruction} ")]


def test_the_container_holds_the_wheel_and_what_it_needs_and_nothing_of_an_installation() -> None:
    (copied,) = said("COPY")
    assert copied == "service.lock teekond-*.whl /src/"
    needed, install = said("RUN")
    assert needed == "pip install --no-cache-dir --require-hashes -r /src/service.lock"
    assert install.startswith("pip install --no-cache-dir --no-deps /src/teekond-*.whl && useradd ")
    guide = (ROOT / "docs" / "operating.md").read_text()  # whose lines are run by tests/service/test_wheel.py
    for line in (needed, install.partition(" && ")[0]):
        assert line.replace("--no-cache-dir ", "").replace("/src/teekond", "dist/teekond").replace("/src/", "") in guide


def test_the_container_serves_as_its_user_where_nothing_but_the_data_folder_can_be_written() -> None:
    """Its own words, with other ports: the file system read-only, as `podman run --read-only` has it."""
    unshare = need("unshare", "util-linux", root=True)
    setpriv = need("setpriv", "util-linux", root=True)
    if subprocess.run([unshare, "-m", "true"], capture_output=True, check=False).returncode != 0:
        leave_out("mount namespaces are not allowed here", "run the tests where unshare -m works")
    (entry,), (serve,), (healthy,), user = said("ENTRYPOINT"), said("CMD"), said("HEALTHCHECK CMD"), said("USER")
    assert user == ["teekond"] and said("VOLUME") == ["/data"]
    assert "useradd --uid 1000 teekond && install -d -o teekond -m 700 /data /copies" in said("RUN")[-1]
    web, smtp = free_port(), free_port()
    places = {"/config.toml": str(ROOT / "config.toml"), "/data": "/mnt", "0.0.0.0:8080": f"127.0.0.1:{web}",
              "0.0.0.0:8025": f"127.0.0.1:{smtp}"}  # fmt: skip
    words = [places.get(word, word) for word in json.loads(entry)[1:] + json.loads(serve)]
    with folder("box") as home:
        data = home / "data"
        data.mkdir(mode=0o700)
        os.chown(data, 1000, 1000)
        inside = (
            f"set -e; mount --make-rprivate /; mount --bind {data} /mnt; mount -o remount,ro,bind /; "
            "mount -t tmpfs -o mode=1777 tmpfs /var/tmp; if touch /nothing 2> /dev/null; then exit 77; fi; "
            'exec "$@"'
        )
        python = [sys.executable, str(ROOT / "teekond.py"), *words]
        as_user = [setpriv, "--reuid=1000", "--regid=1000", "--clear-groups", "--no-new-privs", *python]
        with process([unshare, "-m", "sh", "-c", inside, "sh", *as_user], home / "log"):
            until(lambda: answers(web) and answers(smtp), "the container listens")
            check = [word.replace(":8080", f":{web}") for word in json.loads(healthy)]
            run([sys.executable, *check[1:]])
            made = {file.name: file.stat() for file in data.iterdir()}
        assert {"secret_key", "teekond.sqlite"} <= set(made)
        assert {(one.st_uid, one.st_gid) for one in made.values()} == {(1000, 1000)}
        assert made["secret_key"].st_mode & 0o077 == 0
