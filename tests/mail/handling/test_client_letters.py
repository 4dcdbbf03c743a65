"""Letters that real mail programs wrote (`make clients`), read again without the programs: what was typed, all of it
and nothing else, and what it answers."""

from datetime import date
from typing import Final, NamedTuple

import pytest

from mail.handling.reply_text import said_in
from mail.reading import letter
from tests.clients.replies import WORDS, Act
from tests.paths import DATA
from workflow.replies.answers import AnswerKind, Asked
from workflow.replies.understand import understand
from workflow.rules.questions import QuestionKind

KEPT: Final = DATA / "client_letters"
ROSTER: Final = ("Võru Mari Kask", "Võru Jüri Tamm", "Võru Tiina Lepp", "Võru Ants Mänd")


class Label(NamedTuple):
    name: str
    version: str
    kind: QuestionKind
    act: Act
    typed: str
    reads: str


def _labels() -> list[Label]:
    lines = (KEPT / "labels.tsv").read_text(encoding="utf-8").splitlines()
    parts = [line.split("\t") for line in lines]
    return [
        Label(name, version, QuestionKind(kind), Act(act), typed, reads)
        for name, version, kind, act, typed, reads in parts
    ]


LABELS: Final = _labels()


def test_each_program_kind_and_act_is_kept() -> None:
    assert {path.stem for path in KEPT.glob("*.eml")} == {one.name for one in LABELS}
    wanted = {(program, kind, act) for program in ("Roundcube", "Thunderbird") for kind in WORDS for act in Act}
    assert {(one.name.split("-")[0], one.kind, one.act) for one in LABELS} == wanted


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_what_was_typed_is_what_is_read(label: Label) -> None:
    read = letter.read((KEPT / f"{label.name}.eml").read_bytes())
    assert " ".join(read.text.split()) == label.typed
    today = date(2022, 7, 13)
    asked = Asked(today=today, names=ROSTER if label.kind is QuestionKind.ROLL_CALL else (), month="2022-07")
    answer = understand(label.kind, said_in(read), asked)
    assert answer.kind == (label.reads or AnswerKind.UNCLEAR), answer
