"""Files that leave: saved and never run, under a name that means nothing; marked, scanned, and noted."""

import json
import logging
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from werkzeug.http import parse_options_header

from tests.season_snapshots import confirmed
from tests.web.conftest import Pages, build
from tests.web.files.clamd_server import CLOSES, EICAR, Clamd
from tests.web.office_season import at_the_desk
from tests.web.test_staff import APRIL
from web.app import create_app
from web.context import ScanVerdict, Web
from web.files import downloads, virus_scan
from workflow.database.engine import Database
from workflow.rules import file_types

NAMES = {
    "../../etc/passwd": "_.._etc_passwd",
    "..\\..\\windows\\x.exe": "_.._windows_x.exe",
    "a\x00.exe.pdf": "a_.exe.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "a_Set-Cookie_ x=1.pdf",
    "kodu\u202efdp.exe": "kodu_fdp.exe",
    "CON.pdf": "_CON.pdf",
    "nul": "_nul",
    '"; filename="evil.exe': "_; filename=_evil.exe",
    " . . ": "fail",
    "o\u0303un.pdf": "\u00f5un.pdf",
    "C:\\fakepath\\töö.pdf": "C_fakepath_töö.pdf",
    "\u2028\u2029": "_",
    "\udc80.pdf": "?.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_label_and_the_header_is_whole(pages: Pages, name: str) -> None:
    with pages.app.test_request_context():
        answer = downloads.attachment(name, b"x")
    (header,) = answer.headers.get_all("Content-Disposition")
    kind, parts = parse_options_header(header)
    assert kind == "attachment" and parts["filename"] == NAMES[name].replace("?", "_")
    assert "\r" not in header and "\n" not in header and header.isascii()
    assert unquote(header.partition("filename*=UTF-8''")[2]) == NAMES[name].replace("?", "_")


def test_a_long_name_keeps_its_ending(pages: Pages) -> None:
    assert downloads.label("x" * 500 + ".pdf").endswith("x.pdf") and len(downloads.label("x" * 500)) == 150


def test_names_never_reach_the_disk(pages: Pages, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    work(pages, {name or "x": b"%PDF-1.4" for name in NAMES if name.isprintable()})
    fresh = {p.name.partition("-")[0] for p in set(tmp_path.rglob("*")) - before}
    assert fresh <= {"teekond.sqlite"}


def work(pages: Pages, files: dict[str, bytes]) -> int:
    crew = confirmed(pages.world, "Võru", "I", until=APRIL)
    crew.replies("homework", "Siin see on.", person=crew.contact.address, files=files)
    return crew.id


def test_a_file_leaves_as_bytes_to_be_saved(pages: Pages) -> None:
    team = work(pages, {"töö.pdf": b"<html><script>alert(1)</script>"})
    desk = at_the_desk(pages)
    answer = desk.browser.get("/office/file/1")
    assert answer.data == b"<html><script>alert(1)</script>" and answer.mimetype == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"].split("; ")
    assert "sisu ei vasta nimele" in desk.get(f"/office/team/{team}")


def test_every_read_of_a_file_is_noted_with_who_and_which(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    work(pages, {"töö.pdf": b"%PDF-1.4"})
    door = pages.door("review")
    desk = at_the_desk(pages)
    with caplog.at_level(logging.INFO, "teekond.security"):
        desk.browser.get("/office/file/1")
        pages.browser().get(f"{door}/file/1")
        desk.browser.get("/office/letter/1/raw")
    told = [one for r in caplog.records if (one := json.loads(r.message))["event"] == "file read"]
    assert [(one["event"], one["kind"], one["number"]) for one in told] == [
        ("file read", "file", 1), ("file read", "file", 1), ("file read", "letter", 1),
    ]  # fmt: skip
    assert all(one["person"] for one in told) and told[0]["person"] != told[1]["person"]
    assert "töö" not in caplog.text and door not in caplog.text


# -- kinds ----------------------------------------------------------------------------------------------------------


def packed(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "mark"),
    [
        ("töö.pdf", b"%PDF-1.7 ...", ""),
        ("TÖÖ.PDF", b"%PDF-1.7 ...", ""),
        ("töö.docx", packed("word/document.xml"), ""),
        ("tabel.csv", b"a;b\n1;2", ""),
        ("kiri.txt", "Tere, õhtust".encode(), ""),
        ("pilt.jpg", b"\xff\xd8\xff\xe0", ""),
        ("pilt.heic", b"\x00\x00\x00\x18ftypheic", ""),
        ("töö.pdf", b"<html><body>", "mismatch"),
        ("töö.pdf", b"MZ\x90\x00", "mismatch"),
        ("töö.docx", b"%PDF-1.7", "mismatch"),
        ("pilt.png", b"<svg onload=alert(1)>", "mismatch"),
        ("kiri.txt", b"\xef\xbb\xbf  <HTML><script>", "mismatch"),
        ("kiri.txt", b"MZ\x90\x00\x03\x00\x00", "mismatch"),
        ("kiri.txt", packed("a"), "mismatch"),
        ("tabel.xlsm", packed("xl/workbook.xml"), "macros"),
        ("töö.docx", packed("word/document.xml", "word/vbaProject.bin"), "macros"),
        ("töö.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....V\x00B\x00A\x00", "macros"),
        ("leht.html", b"<html>", "unusual"),
        ("pilt.svg", b"<svg>", "unusual"),
        ("otsetee.lnk", b"L\x00\x00\x00", "unusual"),
        ("plaat.iso", b"", "unusual"),
        ("märkmed.one", b"", "unusual"),
        ("arve.pdf.exe", b"MZ", "unusual"),
        ("ilma-lõputa", b"x", "unusual"),
        (".pdf", b"%PDF-", "unusual"),
    ],
)
def test_a_file_is_marked_where_its_name_and_content_do_not_agree(name: str, content: bytes, mark: str) -> None:
    assert file_types.mark(name, content) == mark


def test_an_archive_is_never_opened_however_it_is_made(pages: Pages) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 50_000_000)
    team = work(pages, {"pomm.zip": bomb.getvalue(), "katki.zip": b"PK\x03\x04" + b"\xff" * 100})
    assert [file_types.mark("pomm.zip", bomb.getvalue()), team] == ["", team]
    assert at_the_desk(pages).browser.get("/office/file/1").data == bomb.getvalue()


# -- the scanner ----------------------------------------------------------------------------------------------------


def scanned(db: Database, where: str) -> Pages:
    pages = build(db)
    web: Web = pages.app.extensions["teekond"]
    changed = {name: getattr(web, name) for name in Web.__slots__}  # type: ignore[attr-defined]
    pages.app = create_app(Web(**{**changed, "scan": virus_scan.scanner(where)}))
    return pages


def test_a_virus_stays_inside_and_is_kept(sqlite_db: Database, tmp_path: Path) -> None:
    scanner = Clamd(tmp_path)
    pages = scanned(sqlite_db, str(scanner.path))
    work(pages, {"puhas.pdf": b"%PDF-1.4 kaart", "viirus.pdf": EICAR})
    desk = at_the_desk(pages)
    assert desk.browser.get("/office/file/1").data == b"%PDF-1.4 kaart"
    held = desk.browser.get("/office/file/2?lang=et")
    assert held.status_code == 403 and EICAR not in held.data and "Viirusetõrje leidis" in held.text
    assert pages.browser().get(f"{pages.door('review')}/file/2").status_code == 403
    assert scanner.scanned == 3
    scanner.end()


@pytest.mark.parametrize("way", [CLOSES, "stream: OK but", "ERROR\0", "stream: X ERROR\0", "\0", "x" * 5000])
def test_no_answer_is_no_leave(sqlite_db: Database, tmp_path: Path, way: str) -> None:
    scanner = Clamd(tmp_path, way=way)
    assert virus_scan.scanner(str(scanner.path))(b"%PDF-1.4") is ScanVerdict.UNSCANNED
    scanner.end()


def test_a_scanner_that_is_away_holds_everything(sqlite_db: Database, tmp_path: Path) -> None:
    pages = scanned(sqlite_db, str(tmp_path / "nobody.ctl"))
    work(pages, {"puhas.pdf": b"%PDF-1.4 kaart"})
    answer = at_the_desk(pages).browser.get("/office/file/1?lang=en")
    assert answer.status_code == 403 and "does not answer" in answer.text and b"kaart" not in answer.data


@pytest.mark.parametrize("size", [0, 1, virus_scan.CHUNK, virus_scan.CHUNK + 1, 3 * virus_scan.CHUNK, 5_000_000])
def test_files_of_every_size_are_scanned_whole(tmp_path: Path, size: int) -> None:
    scanner = Clamd(tmp_path)
    scan = virus_scan.scanner(str(scanner.path))
    assert scan(b"x" * size) is ScanVerdict.CLEAN and scan(b"x" * size + EICAR) is ScanVerdict.INFECTED
    assert scanner.scanned == 2
    scanner.end()


def test_what_is_too_large_for_the_scanner_is_held(tmp_path: Path) -> None:
    scanner = Clamd(tmp_path, most=1_000_000)
    assert virus_scan.scanner(str(scanner.path))(b"x" * 8_000_000) is ScanVerdict.UNSCANNED
    scanner.end()
