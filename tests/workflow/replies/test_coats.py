"""The same answer in another coat: what stands round it changes nothing, whatever it was that was understood.

Metamorphic: every short plain reply of the lists is dressed in each coat, from the bytes of the mail to the answer.
"""

from itertools import cycle, islice

import pytest

from mail.handling.reply_text import said_in
from mail.reading import letter
from tests.workflow.replies.test_blind_replies import REPLIES, shown
from tests.workflow.replies.test_blind_replies import answer as bare
from tests.workflow.replies.test_voices import answer as dressed_answer
from tests.workflow.replies.test_voices import raw
from workflow.replies.answers import AnswerKind

ABOVE = {
    "late": "Vabandust, et alles nüüd vastan. ",
    "late in english": "Sorry for the late reply. ",
    "very late": "Vabandan hilinenud vastuse pärast! ",
    "calendar": "Vaatasin kalendri üle. ",
}
BELOW = {
    "office": "¶¶Heade soovidega¶Kadri Lepik¶Jah & Pojad OÜ¶tel 5550 1234",
    "office with title": "¶¶Kadri Lepik¶Koolitaja¶MTÜ Ei Ole Hilja¶tel 5550 1234",
    "printing": "¶¶Enne kirja väljatrükkimist mõtle, kas see on ikka vajalik!",
    "printing in english": "¶¶Do you really need a paper copy? Think before you print",
    "store": "¶¶Outlook for Androidi hankimine",
    "product": "¶¶Sent from Mail<https://example.com/fwlink/?LinkId=5> for Windows 10",
    "markdown": "¶¶Get [Outlook for Android](https://example.com/x)",
    "links": "¶¶Links:¶------¶[1] http://localhost:8080/q/sgltb2escwyo4preypanzzguso",
}
KINDS = ("verify", "consent", "confirm_place", "rsvp", "hours_check")


def plain() -> list[tuple[str, str]]:
    """Short replies that are understood bare, some of each kind."""
    rows = [(kind, text) for kind, text, _ in REPLIES if len(text) < 60 and "¶" not in text and kind in KINDS]
    known = [(kind, text) for kind, text in rows if bare(kind, text).kind in (AnswerKind.YES, AnswerKind.NO)]
    return [one for kind in KINDS for one in islice((row for row in known if row[0] == kind), 12)]


@pytest.mark.parametrize("coat", [*ABOVE, *BELOW])
def test_what_stands_round_an_answer_changes_nothing(coat: str) -> None:
    rows = plain()
    assert len(rows) >= 50
    wrong = []
    for kind, text in rows:
        whole = text if text[-1] in ".!?)" else f"{text}."
        found = dressed_answer(kind, ABOVE.get(coat, "") + whole + BELOW.get(coat, ""))
        if shown(found) != shown(bare(kind, text)):
            wrong.append((kind, text, shown(found), found.rule))
    assert not wrong


OTHER = ("Jah, kui {}", "Võib-olla {}", "{}, aga teisel päeval")


def test_a_coat_hides_no_doubt() -> None:
    """What leaves an answer open leaves it open under each coat."""
    coats = cycle([*ABOVE.items(), *BELOW.items()])
    for (kind, text), turn, (name, coat) in zip(plain(), cycle(OTHER), coats, strict=False):
        open_one = turn.format(text.rstrip(".!"))
        said = coat + open_one if name in ABOVE else open_one + coat
        assert dressed_answer(kind, said).kind in (AnswerKind.UNCLEAR, AnswerKind.NONE), said


def test_armour_is_no_word_of_the_person() -> None:
    head = "-----BEGIN PGP SIGNED MESSAGE-----¶Hash: SHA512¶¶"
    seal = "¶-----BEGIN PGP SIGNATURE-----¶¶iQEz=JAH¶-----END PGP SIGNATURE-----"
    assert said_in(letter.read(raw(f"{head}Jah, tulen{seal}"))).text == "Jah, tulen"
