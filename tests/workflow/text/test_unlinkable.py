"""What people type never becomes a link or an address in a mail program: refused in a name, unlinkable elsewhere."""

import re
import unicodedata
from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa

from mail.composing import markup
from tests.builders import World
from tests.case_table import each
from tests.web.conftest import Pages, build
from tests.web.public.test_programme import form_token, typed
from workflow.database.engine import Database
from workflow.database.models import Person, Team
from workflow.text.unlinkable import holds_link, unlinked

LINKS: Final = (
    "Win 1000 EUR now www.evil.example/win", "Go to evil.example/7 now", "https://evil.example", "HTTP://EVIL.EXAMPLE",
    "evil.example", "x.com", "Evil.Com", "ftp://evil.example", "mari@evil.example", "mari＠evil.example",
    "evil。example/win", "evil．example", "http://192.0.2.7/", "192.0.2.7/win", "mailto:x", "tel:+37255550100",
    "\\\\evil\\share", "(www.evil.example)", "»evil.example«", "javascript:alert(1)", "a.b.c.evil.example",
    "evil․com", "evil·com", "EVIL•COM", "1.2.3.4", "Vaata 192․0․2․7", "evil:8080/x", "evil：8080／x", "www evil",
    "evil .com", "evil ․com", "evil٫com", "evil۔com", "evil｡com", "ｅｖｉｌ．ｃｏｍ", "ｗｗｗ evil", "ⓔⓥⓘⓛ.ⓒⓞⓜ",
    "https∶//x", "mari﹫evil", "[2001:db8::7]", "[::1]", "skype:mari", "whatsapp:saada",
    "ev\u00adil\u200b.\u2060com", "evil\u200b․com",
)  # fmt: skip
NAMES: Final = (
    "Võru", "A.H.Tammsaare", "J. K. Tamm", "O'Neil", "Kati-Katri Koppel", "MTÜ „Küla & linn“", "Rõuge 2", "St. Anna",
    "Anna-Liisa Õ.", "Küla nr 5", "Kell 10:30", "Tartu/Elva", "#kogukond", "K.Ü. Kodu", "3,5 + 2", "Ÿ", "李 明",
    "Jaan J. Tamm", "MTÜ Õie & Pojad", "Kose v. 2.0", "A/S", "Võru · Antsla", "Võru·Antsla", "Teema: kultuur",
    "Kell 10:30/12", "12.03.2022", "3·5 km", "Jah… kindlasti", "...ja teised", "Projekt:Küla", "📚\u200d💻", "wwwõit",
    "p. 1.2.3",
)  # fmt: skip
FOLLOWED: Final = re.compile(
    r"https?://(?P<host>[^/\s:>]+)|\bwww\.\S+|[\w.+-]+@(?P<at>[\w-]+\.[\w.]+)|(?<![\w@.-])[\w-]+\.(?:example|com)\b|＠|。|．",
    re.IGNORECASE,
)
"""what mail programs look for, written apart from `workflow.text.unlinkable`"""
OURS: Final = ("localhost", "example.org", "teekond.example.org")


@each("text", LINKS)
def test_what_a_mail_program_follows_is_found_and_spelt_otherwise(text: str) -> None:
    assert holds_link(text)
    assert not FOLLOWED.search(unlinked(text)) and not holds_link(unlinked(text))
    bare = str.maketrans("", "", "[].。．｡＠﹫@:：\\ \u00ad\u200b\u2060․·•٫۔∶")
    assert unlinked(text).replace("[at]", "").translate(bare) == text.translate(bare), "every word is still to be read"
    assert unlinked(unlinked(text)) == unlinked(text)


@each("name", NAMES)
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    assert not holds_link(name) and unlinked(name) == name


LOOKS: Final = {
    "evil{}com": r"\b(?:FULL STOP|ONE DOT LEADER|MIDDLE DOT|DOT OPERATOR|BULLET|DECIMAL SEPARATOR|HYPHENATION POINT)$",
    "mari{}evil": r"\bCOMMERCIAL AT$",
    "evil{}8080/x": r"(?<!SEMI)\bCOLON$|^RATIO$",
    "evil:8080{}x": r"(?<!REVERSE )(?<!TRIPLE )\bSOLIDUS$|^DIVISION SLASH$",
    "www{}evil": r"\bFULL STOP$|\b(?:EM|EN|NO-BREAK|IDEOGRAPHIC|THIN) SPACE$",
}
"""a shape, and the names in Unicode of what may stand in it: the whole of Unicode is gone through"""


@pytest.mark.parametrize("shape", LOOKS)
def test_any_character_of_a_class_is_taken_for_its_plain_one(shape: str) -> None:
    names = ((chr(n), unicodedata.name(chr(n), "")) for n in range(0x20, 0x20000))
    like = [one for one, name in names if unicodedata.category(one)[0] in "PSZ" and re.search(LOOKS[shape], name)]
    assert len(like) > 2 and all(holds_link(shape.format(one)) for one in like), [
        (one, unicodedata.name(one)) for one in like if not holds_link(shape.format(one))
    ]
    for one in like:
        spelt = unlinked(shape.format(one))
        assert "[" in spelt and not holds_link(spelt) and unlinked(spelt) == spelt, (one, spelt)


@pytest.mark.parametrize("field", ["name", "home", "members-2-name", "members-2-post", "members-2-phone"])
def test_a_name_with_a_link_is_refused_in_the_form_and_nothing_typed_is_lost(sqlite_db: Database, field: str) -> None:
    pages: Pages = build(sqlite_db)
    browser = pages.browser()
    for n, text in enumerate(LINKS):
        if n % 15 == 14:
            pages.world.now += timedelta(seconds=61)
        page = browser.post("/apply?lang=et", typed(form=form_token(browser), **{field: text}))
        assert page.status_code == 400 and "veebi- või meiliaadressita" in page.text, text
        assert "Tahame kaasata külasid." in page.text
    assert pages.world.messages() == []


@pytest.mark.parametrize("text", ["www.evil.example/win", "evil.com", "mari@evil.example"])
def test_whatever_stands_in_the_books_no_mail_of_a_season_links_to_it(db: Database, text: str) -> None:
    """Names from before the forms refused them, answers to the application's questions, words of letters."""
    world = World(db)
    crew = world.apply("Võru")
    with db.writing() as session:
        session.execute(sa.update(Team).values(name=f"Võida {text}", home=f"{text} vald"))
        session.execute(sa.update(Person).where(Person.team_id == crew.id).values(name=f"Mari {text}"))
    crew.confirmed("I")
    crew.replies("rsvp", f"Jah, vt {text}", person=crew.contact.address)
    crew.replies("rsvp", "LOOBUME", person=crew.contact.address)
    world.write("keegi@example.org", world.asked("rsvp", team=crew.id)[2], f"EI {text}")
    world.wait(days=10)
    seen = world.messages()
    assert len({one.template for one in seen}) > 8
    for one in seen[1:]:  # the first was made before the names were changed
        for said in (one.subject, markup.text(one.body, world.identity.base_url)):
            for found in FOLLOWED.finditer(said):
                host = (found["host"] or found["at"] or found[0].rpartition("@")[2]).rstrip(".").lower()
                assert host in OURS, (one.template, found[0], said)


def test_the_contacts_copy_of_the_application_holds_no_link(db: Database) -> None:
    pages = build(db)
    browser = pages.browser()
    words = "Vaata https://evil.example/win ja mari@evil.example"
    sent = browser.post("/apply?lang=et", typed(form=form_token(browser), motivation=words))
    assert sent.status_code == 303
    (mail,) = pages.world.messages("verify")
    text = markup.text(mail.body, pages.world.identity.base_url)
    for shown in ("https[:]//evil[.]example/win", "mari[at]evil[.]example", "liige3[at]example[.]org"):
        assert shown in text
