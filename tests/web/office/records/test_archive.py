"""The whole season in one ZIP: what it ran on can go, and who ran it has everything."""

import io
import zipfile
from hashlib import sha256

import sqlalchemy as sa

from tests.web.conftest import Pages
from tests.web.full_season import in_april
from tests.web.office_season import at_the_desk
from workflow.database.models import Addressee, Message


def test_the_archive_has_everything_by_name_and_no_secret(pages: Pages) -> None:
    season = in_april(pages)
    pages.world.replies("roll_call", f"Puudus {season.mine.people()[3].name}")
    pages.world.send_all()
    with pages.db.writing() as session:
        session.execute(sa.update(Message).where(Message.files.any()).values(template="certificate"))
    desk = at_the_desk(pages)
    assert 'action="/office/reports/archive"' in desk.get("/office/reports")
    answer = desk.browser.post("/office/reports/archive")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert packed.testzip() is None
    names, root = packed.namelist(), f"{season.mine.row.name}-{season.mine.id}"
    assert f"{pages.world.season.programme.key}.xlsx" in names and f"{root}/README.txt" in names
    mails, decisions, came = (packed.read(f"{root}/{name}.csv").decode("utf-8-sig")
                              for name in ("kirjad", "otsused", "osavott"))  # fmt: skip
    assert "väljuv" in mails and "saabunud" in mails and "koos koeraga" in mails
    assert "Koht on kinnitatud" in mails and season.mine.contact.name in decisions
    assert f"{season.mine.people()[3].name};ei" in came and f"{season.mine.people()[0].name};jah" in came
    assert any(name.startswith(f"{root}/tunnistused/") for name in names)
    with pages.db.reading() as session:
        secrets = session.scalars(sa.select(Addressee.secret)).all()
    text = "".join(packed.read(name).decode("utf-8", "replace") for name in names if name.endswith((".csv", ".txt")))
    assert not [one for one in secrets if one in text]


def test_the_list_tells_every_file_and_its_digest(pages: Pages) -> None:
    pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    packed = zipfile.ZipFile(io.BytesIO(desk.browser.post("/office/reports/archive?lang=en").data))
    lines = dict(reversed(line.split("  ", 1)) for line in packed.read("LIST.txt").decode().splitlines())
    assert set(lines) == set(packed.namelist()) - {"LIST.txt"}
    assert all(sha256(packed.read(name)).hexdigest() == digest for name, digest in lines.items())
