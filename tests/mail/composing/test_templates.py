"""Every mail in every language: it is whole, it says what it should, and values in it stay words."""

import re
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from mail.composing import markup
from mail.composing.message_bytes import to_bytes
from mail.composing.samples import sample
from mail.composing.templates_check import TemplateFault, check
from mail.reading import headers
from tests.case_table import each
from tests.mail.composing.test_markup import Seen
from tests.mail.composing.test_message_bytes import parsed
from tests.mail.message_rows import COMPOSER, IDENTITY, TEMPLATES, message
from workflow.notices import Fact, Minutes
from workflow.replies.answers import Asked, ReplyContent
from workflow.replies.understand import understand
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.text.bilingual import LANGUAGES, Text

MAILS = [(name, lang) for name in sorted(MAIL_KINDS) for lang in LANGUAGES]
ASKING = [(name, lang) for name, lang in MAILS if MAIL_KINDS[name].asks]
HOSTILE = [
    "**[x](http://evil)**{{7*7}}<script>", "{% for x in y %}{{ config }}", "a\r\nBcc: evil@example.org",
    "a\u2028\u2029b\x0bc", "=?utf-8?q?a=0D=0ABcc:_x?=", "- [x](http://localhost:8080/q/y)", "1. *x* _y_ `z`",
    "<img src=x onerror=alert(1)>&amp;", "a\x00\ud800\u202eb", "%(x)s ${x} {0.__class__} #{x}", "> # \\",
]  # fmt: skip
SLIPS = re.compile(r"\*\*|\[|\]|{|}|None|\(\)|[ \n][.,;:]|\n\n\n|\S  +\S")
CALLS = {
    "et": re.compile("JAH või EI|Palun|Kas |Saatke|Mitu|Kes |Ootame|Otsustage|Tähtaeg on möödas"),
    "en": re.compile(
        "YES or NO|Please|(?:Did|Do|Does|Is|Are) |We are waiting for|Send|How many|Who |Waiting for|Overdue|Improve"
    ),
}
"""how a subject says that an answer is owed"""
OWN_LINKS = {"own_page", "link", "office_link", "apply_link", "sign_in_link", "sign_ins_link"}


def typed(facts: dict[str, Fact], value: str) -> dict[str, Fact]:
    """The same facts, every word in them exchanged for `value`."""
    return {name: fact if name in OWN_LINKS else _typed(fact, value) for name, fact in facts.items()}


def _typed(fact: Fact, value: str) -> Fact:
    if isinstance(fact, tuple):
        return tuple(_typed(one, value) for one in fact)  # type: ignore[return-value,arg-type]
    return value if isinstance(fact, str | Text) and fact else fact


def seen(name: str, lang: str, facts: dict[str, Fact]) -> Seen:
    return Seen(COMPOSER.preview(name, lang, facts).html)


def unbroken(tags: list[str], name: str) -> list[str]:
    """A value of several lines may break the line where its template says so; what a coordinator wrote by hand may
    have paragraphs; and nothing else."""
    own = ("br", "p") if MAIL_KINDS[name].by_hand else ("br",)
    return [tag for tag in tags if tag not in own]


def letters(words: str) -> str:
    """What is left where line ends, bullets and addresses of links are taken away."""
    return re.sub(r"\s|-|<http://localhost:8080[^>]*>", "", words)


@each("name, lang", MAILS)
def test_a_mail_is_whole(name: str, lang: str):
    mail = COMPOSER.preview(name, lang, sample(name))
    assert mail.subject
    assert not SLIPS.search(mail.text.replace("\n    ", "\n")), mail.text
    assert all(len(line) < 78 or " " not in line.strip() for line in mail.text.splitlines())
    assert len(mail.text.split()) < 220


@each("name, lang", ASKING)
def test_a_mail_that_asks_says_until_when_and_links_to_the_form(name: str, lang: str):
    mail = COMPOSER.preview(name, lang, sample(name))
    assert f'href="{sample(name)["link"]}"' in mail.html
    assert CALLS[lang].search(mail.subject) or name in ("consent", "reflection", "session_reminder")
    if not (MAIL_KINDS[name].session and name != "roll_call") and name != "wrong_sender":
        assert re.search(r"kell\s\d\d?\.\d\d" if lang == "et" else r"at\s\d\d?:\d\d", mail.text)


@each("name, lang", MAILS)
def test_a_subject_is_short_and_calls_for_an_answer_only_where_one_is_owed(name: str, lang: str):
    subject = COMPOSER.preview(name, lang, sample(name)).subject
    assert len(subject) <= 60
    assert not subject.startswith(str(sample(name)["short"].say(lang)))  # type: ignore[union-attr]
    assert MAIL_KINDS[name].asks or not re.search("palun vastake|please reply|JAH või EI|YES or NO", subject)


MONTH = (
    "jaanuar|veebruar|märts|aprill|mai|juuni|juuli|august|septemb|oktoob|novemb|detsemb"
    "|January|February|March|April|May|June|July|August|September|October|November|December"
)
BREAKS = re.compile(
    rf"\d\.?[ \n]+(?:{MONTH})|\b(?:kell|at)[ \n]+\d|\d[ \n]+(?:h|min|tundi|päeva|days?|hours?)\b"
    r"|\b[IVX]+[ \n]+(?:töötuba|rühm)|\b[Ww]orkshop[ \n]+[IVX]+\b"
)


@each("name, lang", MAILS)
def test_no_line_ends_within_a_date_a_time_or_a_number(name: str, lang: str):
    mail = COMPOSER.preview(name, lang, sample(name))
    assert not BREAKS.search(mail.text), BREAKS.search(mail.text)


@each("name, lang", MAILS)
def test_long_names_are_cut_in_a_subject_and_nowhere_else(name: str, lang: str):
    long = "Saaremaa vanade pärimuskogukondade ühendkoda"
    facts = {**sample(name), "team": long, "stage": "Kogukondade koosloome suvekooli avapäev", "work": long}
    mail = COMPOSER.preview(name, lang, facts)
    assert 3 < len(mail.subject) <= 60
    assert "…" not in mail.body


@each("name, lang", MAILS)
def test_a_mail_does_without_what_may_be_missing(name: str, lang: str):
    never = {"name", "team", "programme", "short", "coordinator", "coordinator_address"}
    facts = {key: fact if key in never | OWN_LINKS or isinstance(fact, datetime | Minutes) else _nothing(fact)
             for key, fact in sample(name).items()}  # fmt: skip
    mail = COMPOSER.preview(name, lang, {**facts, "due": None, "link": ""})
    assert "None" not in mail.text
    assert "\n\n\n" not in mail.text


def _nothing(fact: Fact) -> Fact:
    return () if isinstance(fact, tuple) else 0 if isinstance(fact, int) else ""


@each("name, lang", MAILS)
def test_text_and_html_say_the_same(name: str, lang: str):
    for value in ("", *HOSTILE):
        mail = COMPOSER.preview(name, lang, typed(sample(name), value) if value else sample(name))
        assert letters(Seen(mail.html).words) == letters(mail.text)


@each("name, lang", MAILS)
def test_values_never_become_markup_or_links_or_template_code(name: str, lang: str):
    plain = seen(name, lang, typed(sample(name), "x"))
    for value in HOSTILE:
        found = seen(name, lang, typed(sample(name), value))
        assert unbroken(found.tags, name) == unbroken(plain.tags, name)
        assert found.links == plain.links
        assert all(link.startswith("http://localhost:8080/") for link in found.links)
        assert markup.one_line(value) in " ".join(found.words.split())


@each("name, lang", MAILS)
def test_values_never_become_headers_or_recipients(name: str, lang: str):
    for value in HOSTILE:
        mail = COMPOSER.preview(name, lang, typed(sample(name), value))
        built = to_bytes(message(subject=mail.subject, body=mail.body, to_name=value, lang=lang), IDENTITY)
        block = headers.parse(headers.split(built)[0])
        assert len(block.fields) == 12
        assert block.text("Subject") == mail.subject
        assert [one.addr_spec for one in parsed(built)["To"].addresses] == ["mari.mets@example.org"]
        assert max(len(line) for line in built.split(b"\r\n")) <= 998


def test_a_link_of_ours_cannot_be_left():
    for slip in (") evil [x](http://localhost:8080/y", "> evil <http://localhost:8080/y", '"title"', " x", "\\"):
        facts = {**sample("sign_in"), "sign_in_link": f"http://localhost:8080/signin/abc{slip}"}
        found = seen("sign_in", "et", facts)
        assert len(found.links) <= 1
        assert "evil" not in found.words


WORDS_OFFERED = [
    ("verify", "verify", {"et": ["JAH", "EI"], "en": ["YES", "NO"]}, ["yes", "no"]),
    ("consent", "consent", {"et": ["EI"], "en": ["NO"]}, ["no"]),
    ("place_offer", "confirm_place", {"et": ["JAH", "EI"], "en": ["YES", "NO"]}, ["yes", "no"]),
    ("session_invitation", "rsvp", {"et": ["JAH", "EI"], "en": ["YES", "NO"]}, ["yes", "no"]),
    ("roll_call", "roll_call", {"et": ["KÕIK"], "en": ["ALL"]}, ["names"]),
    ("review", "review", {"et": ["JAH", "TAGASI:"], "en": ["YES", "RETURN:"]}, ["yes", "return"]),
    ("hours", "hours", {"et": ["JAH", "2,5", "12.07 1,5 h; 19.07 45 min"],
                        "en": ["YES", "2.5 h", "12.07 1.5 h; 19.07 45 min"]},
     ["yes", "hours", "hours"]),
    ("hours_check", "hours_check", {"et": ["JAH", "EI:"], "en": ["YES", "NO:"]}, ["yes", "no"]),
    ("place_confirmed", "verify", {"et": ["SEIS", "ABI"], "en": ["STATUS", "HELP"]}, ["status", "help"]),
    ("help", "verify", {"et": ["SEIS", "ABI", "LOOBUME"], "en": ["STATUS", "HELP", "WE WITHDRAW"]},
     ["status", "help", "withdraw"]),
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "kind", "words", "meant"), WORDS_OFFERED)
def test_the_words_a_mail_asks_for_are_understood(
    name: str, kind: str, words: dict[str, list[str]], meant: list[str], lang: str
):
    body = COMPOSER.preview(name, lang, sample(name)).body
    for word, answer in zip(words[lang], meant, strict=True):
        assert f"**{word}**" in body
        reply = f"{word} kaart on puudu" if word.endswith(":") else word
        heard = understand(kind, ReplyContent(text=reply), Asked(today=date(2022, 8, 1), names=("Mari Mets",)))
        assert heard.kind == answer, (word, heard)


def test_the_templates_have_no_fault():
    assert check(TEMPLATES) == ()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "email"))


def spoil(file: Path, old: str, new: str) -> None:
    written = file.read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new, 1), encoding="utf-8")


def test_each_fault_is_told_with_its_file_and_line(copy: Path):
    spoil(copy / "et" / "waitlisted.md", "{{ rank }}", "{{ rang }}")
    spoil(copy / "en" / "verify.md", "Subject:", "Subjekt:")
    spoil(copy / "en" / "declined.md", "{{ name }}", "{{ name")
    spoil(copy / "et" / "extension.md", "{{ why }}", "")
    spoil(copy / "et" / "_sign.md", "{{ coordinator }}", "{{ coordinatrix }}")
    (copy / "et" / "late.md").unlink()
    (copy / "en" / "unheard_of.md").write_text("Subject: x\nTitle: x\n\nx\n", encoding="utf-8")
    assert {(fault.file, fault.line) for fault in check(copy)} == {
        ("et/waitlisted.md", 6), ("en/verify.md", 1), ("en/declined.md", 6), ("et/_sign.md", 2),
        ("et/late.md", 0), ("en/unheard_of.md", 0),
    }  # fmt: skip


def test_a_fact_that_is_not_said_and_a_part_that_is_missing_are_faults(copy: Path):
    spoil(copy / "en" / "waitlisted.md", "{% if rank %}**number {{ rank }}** {% endif %}", "")
    (copy / "et" / "_form.md").unlink()
    assert check(copy) == (
        TemplateFault("en/waitlisted.md", 0, "the fact `rank` is not said"),
        TemplateFault("et/_form.md", 0, "a mail takes it in, but it is missing"),
    )
