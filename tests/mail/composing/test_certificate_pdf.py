"""A certificate is one accessible page; what people are called is text on it and nothing else."""

from datetime import date

import pytest

from mail.composing import certificate_pdf
from tests.paths import ROOT
from workflow.notices import Certificate

TEMPLATE = ROOT / "templates" / "certificate.typ"


def one(name: str = "Õie Pärn", lang: str = "et") -> Certificate:
    return Certificate(
        lang=lang,
        title="Tunnistus" if lang == "et" else "Certificate",
        name=name,
        team="Meeskond: Võru",
        took_part="osales programmis",
        programme="Koosloome koolitus- ja arendusprogramm",
        period="5. aprill 2022 – 28. september 2022",
        sessions_title="Osaletud kohtumised",
        sessions=("I töötuba, 5. aprill 2022", "II töötuba, 19. aprill 2022"),
        organisers=("MTÜ Näidis", "Näidisministeerium"),
        issued="30. september 2022",
        signer="Kati Koordinaator",
        signer_role="koordinaator",
        day=date(2022, 9, 30),
    )


@pytest.mark.parametrize("lang", ["et", "en"])
def test_the_page_is_tagged_has_a_language_and_says_it_is_accessible(lang: str) -> None:
    made = certificate_pdf.pdf(one(lang=lang), TEMPLATE)
    assert made.startswith(b"%PDF-") and made.count(b"/Type /Page\n") + made.count(b"/Type/Page\n") <= 1
    for sign in (b"pdfuaid:part", b"/MarkInfo", b"/StructTreeRoot", f"/Lang ({lang})".encode()):
        assert sign in made.replace(b"/Lang(", b"/Lang ("), sign


def test_the_same_certificate_gives_the_same_bytes() -> None:
    assert certificate_pdf.pdf(one(), TEMPLATE) == certificate_pdf.pdf(one(), TEMPLATE)
    assert certificate_pdf.pdf(one(), TEMPLATE) != certificate_pdf.pdf(one("Ants Kask"), TEMPLATE)


@pytest.mark.parametrize(
    "name", ["*bold* #panic() [x]", "$x$ <label> @ref", '"; #sys.exit()', "\\ \u202e\u2028 ", "Ж 漢 😀", "n" * 200]
)
def test_names_are_never_read_as_markup(name: str) -> None:
    assert certificate_pdf.pdf(one(name), TEMPLATE).startswith(b"%PDF-")
