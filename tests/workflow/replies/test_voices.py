"""Lists of replies, each in one voice, written with what is expected before any rule was made for them.

They stand for letters that nobody has seen. What they show is a share, so no rule may be made for a single line of
theirs; nothing in them may ever move anything the wrong way. A line: kind, expected, text ("¶" is a new line, "[file]"
an attachment); the whole reader is measured, from the bytes to the answer.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from email.message import EmailMessage

import pytest

from mail.handling.reply_text import said_in
from mail.reading import letter
from tests.paths import DATA
from tests.workflow.replies.test_blind_replies import expected, shown
from workflow.replies.answers import Answer, AnswerKind, Asked
from workflow.replies.understand import understand

LISTS = DATA / "replies"
TODAY = date(2022, 8, 1)
ROSTER = ("Mari Maasikas", "Jüri Tamm", "Kristiina Põld", "Tõnu Saar", "Anne-Liis Kask", "John Miller")
SESSION = {"days": (date(2022, 4, 12),), "times": (time(10), time(15, 30)), "workshop": 1}
OFFERED = (date(2022, 4, 12), date(2022, 4, 26), date(2022, 5, 10))
ASKED = {
    "verify": Asked(today=TODAY, days=(date(2022, 2, 20),)),
    "confirm_place": Asked(today=TODAY, days=OFFERED),
    "hours_check": Asked(today=TODAY, days=(date(2022, 7, 12), date(2022, 7, 19)), month="2022-07"),
    "rsvp": Asked(today=TODAY, **SESSION),  # type: ignore[arg-type]
    "roll_call": Asked(today=TODAY, names=ROSTER, **SESSION),  # type: ignore[arg-type]
    "hours": Asked(today=TODAY, month="2022-07"),
}
# Plain replies understood: at first sight, before any rule; now; of how many.
UNDERSTOOD = {
    "clerk": (31, 43, 43), "volunteer": (34, 45, 46), "mentor": (31, 43, 43), "trainer": (28, 36, 36),
    "office": (62, 103, 107), "youth": (72, 102, 107), "elder": (45, 70, 72), "abroad": (70, 87, 89),
    "mobile": (78, 115, 117), "valley": (82, 117, 124), "coast": (48, 66, 72), "library": (56, 73, 78),
    "market": (55, 83, 91), "officials": (47, 80, 108), "phones": (47, 71, 108), "hurried": (43, 62, 108),
    "asides": (35, 94, 150), "tempting": (0, 0, 0), "newcomers": (51, 73, 108), "schools": (80, 81, 108),
    "village": (75, 77, 108),
}  # fmt: skip

# Written to mislead, and read wrongly still: each is known, so that one more or one fewer is seen.
MISREAD = {
    "Thanks for the place on the bus, we take it gladly!",
    "Yes, I sent an application to the sheep breeders' fund, and thank you for confirming it!",
    "EI: õige pole, vale ka mitte, kohtumine oli, aga pool ajast rääkisime jalgpallist.",
    "Olen praegu Soomes objektil. Lastakse sealt ajoissa minema, olen kohal.",
    "RETURN: to me, please, I deleted the attachment before reading it.",
}


def rows(voice: str) -> Iterator[tuple[str, str, str]]:
    for line in (LISTS / f"{voice}.tsv").read_text().splitlines():
        kind, wanted, text = line.split("\t", 2)
        yield kind, wanted, text


SENDERS = {
    "office": "Urmas Põldsaar <urmas.poldsaar@example.org>",
    "youth": "Greete Mänd <greete@example.org>",
    "elder": "Linda Kask <linda@example.org>",
}
HOME = {SENDERS["office"]: "Sillaotsa Vallavalitsus"}
OURS = ("Palun vastake hiljemalt 20. aprillil. JAH kinnitab, EI loobub.", "Kui midagi on valesti, kirjutage, mis.")
QUOTES = {
    "[quote]": "¶¶________________________________¶From: Teekond <r-x@teekond.example.org>¶"
    "Sent: Tuesday, April 5, 2022 9:00 AM¶To: Urmas Põldsaar¶Subject: JAH või EI¶¶" + "¶".join(OURS),
    "[gmail]": "¶¶Kontakt Teekond (<r-x@teekond.example.org>) kirjutas kuupäeval T, 5. aprill 2022 kell 09:00:¶¶> "
    + "¶> ".join(OURS),
}


def raw(text: str, sender: str = "Kadri Lepik <kadri@example.org>") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "r-x@teekond.example.org", "Re: x"
    whole = text.replace("[file]", "")
    for name, quote in QUOTES.items():
        whole = whole.replace(name, quote)
    mail.set_content(whole.replace("¶", "\n").rstrip() + "\n")
    if "[file]" in text:
        mail.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="too.pdf")
    return mail.as_bytes()


def answer(kind: str, text: str, sender: str = "Kadri Lepik <kadri@example.org>") -> Answer:
    asked = ASKED.get(kind, Asked(today=TODAY))
    others = ("Soomaa Suits", "Jõeäär") if kind in ("hours", "hours_check", "review") else ()
    asked = replace(asked, team="Sillaotsa", teams=others, signs=(HOME.get(sender, ""),))
    return understand(kind, said_in(letter.read(raw(text, sender))), asked)


@pytest.mark.parametrize("voice", UNDERSTOOD)
def test_replies_in_this_voice_move_nothing_the_wrong_way(voice: str) -> None:
    found = [(kind, wanted, text, answer(kind, text)) for kind, wanted, text in rows(voice)]
    moved = [one for one in found if one[3].kind not in (AnswerKind.UNCLEAR, AnswerKind.NONE)]
    wrong = {one[2] for one in moved if shown(one[3]) not in expected(one[1])}
    assert wrong == MISREAD & {one[2] for one in found}
    plain = [one for one in found if "unclear" not in one[1]]
    right = [one for one in plain if shown(one[3]) in expected(one[1])]
    assert (len(right), len(plain)) == UNDERSTOOD[voice][1:]
