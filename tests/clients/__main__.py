"""Let real mail programs answer, correct and contradict each kind of question, and compare what came of it.

`python -m tests.clients [--keep] [--share N]`: a line for each letter that went wrong, and a table; exit status 1 where
one did. `--keep` writes the letters into `tests/data/client_letters`; `--share 4` tries every fourth combination of
kind, act and mode, so that each kind, act and mode still has its turn.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from _pytest.outcomes import Skipped

from tests.builders import Crew, World
from tests.clients.mail_servers import MailServers, mail_servers
from tests.clients.replies import CONTRADICTION, MODES, WORDS, Act, Mode, Program, Reply, written
from tests.clients.roundcube import roundcube
from tests.clients.thunderbird import thunderbird
from tests.open_questions import SCENES
from tests.paths import DATA
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter
from workflow.rules.questions import QuestionKind as Q

KEPT: Final = DATA / "client_letters"
PROGRAMS: Final[Sequence[Callable[[MailServers], AbstractContextManager[Program]]]] = (roundcube, thunderbird)
QUIET: Final = frozenset({"already", "late", "unrouted", "duplicate"})
"""outcomes in which nobody reads what was written"""


@dataclass(frozen=True)
class Tried:
    """One letter that a program wrote, and what came of it."""

    program: str
    version: str
    mode: str
    kind: Q
    act: Act
    words: str
    reads: str
    raw: bytes
    text: str
    outcome: str

    @property
    def well(self) -> bool:
        """Answers and corrections are taken or stand before a person as what they are; contradictions are read."""
        if self.act is Act.ANSWERS:
            return self.outcome == "accepted"
        return self.outcome not in QUIET and (self.act is Act.CONTRADICTS or self.outcome != "unclear")

    @property
    def name(self) -> str:
        return f"{self.program}-{self.mode}-{self.kind}-{self.act}"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__.splitlines()[0])
    arguments.add_argument("--keep", action="store_true", help="write the letters into tests/data/client_letters")
    arguments.add_argument("--share", type=int, default=1, help="try one of so many combinations")
    said = arguments.parse_args()
    tried: list[Tried] = []
    with mail_servers() as mail, tempfile.TemporaryDirectory() as home:
        for program in PROGRAMS:
            try:
                with program(mail) as running:
                    for one in _all(running, mail, Path(home), said.share):
                        _tell(one)
                        tried.append(one)
            except Skipped as left_out:
                print(f"left out: {left_out}")
    if said.keep:
        _keep(tried)
    return _closing(tried)


def _all(program: Program, mail: MailServers, home: Path, share: int) -> Iterator[Tried]:
    turn = 0
    for number, (kind, act) in enumerate(written()):
        for place, mode in enumerate(MODES):
            if (number + place) % share == 0:
                turn += 1
                yield _try(program, mode, mail, home / f"{program.name}{turn}", kind, act)


def _try(program: Program, mode: Mode, mail: MailServers, home: Path, kind: Q, act: Act) -> Tried:
    home.mkdir()
    with ExitStack() as stack:
        database = Database(sqlite_url(home))
        database.migrate()
        stack.callback(database.close)
        world = World(database)
        Crew(world, SCENES[kind](world))
        mail.receiver.world = world
        question, person, _ = world.asked(kind)
        asks = next(m for m in world.messages() if m.question_id == question.id and m.to_address == person.address)
        words, file = _words(kind, act, home)
        if act is not Act.ANSWERS:
            _answered(world, kind)
        mail.empty(person.address)
        uid = mail.uid(person.address, mail.brings(world, asks))
        program.reply(mode, Reply(person.address, uid, words, file))
        raw = mail.arrives()
        by = program.name, program.version, str(mode)
        return _came(world, Tried(*by, kind, act, words, _reads(kind, act), raw, text="", outcome=""))


def _words(kind: Q, act: Act, home: Path) -> tuple[str, Path | None]:
    row = WORDS[kind]
    if act is Act.CONTRADICTS:
        return CONTRADICTION, None
    if not row.file:
        return (row.first if act is Act.ANSWERS else row.other), None
    file = home / f"{kind}-{act}.pdf"
    file.write_bytes(b"%PDF-1.4 " + act.encode())
    return (row.first if act is Act.ANSWERS else row.other), file


def _reads(kind: Q, act: Act) -> str:
    row = WORDS[kind]
    return {Act.ANSWERS: row.reads, Act.CORRECTS: row.reads_other, Act.CONTRADICTS: ""}[act]


def _answered(world: World, kind: Q) -> None:
    files = {"esimene.pdf": b"%PDF-1.4 esimene"} if WORDS[kind].file else None
    letter = world.replies(kind, WORDS[kind].first, files=files)
    assert letter.outcome == "accepted", (kind, letter.outcome, letter.reason)


def _came(world: World, tried: Tried) -> Tried:
    world.inbox.handle_due(world.db, world.now)
    with world.db.reading() as session:
        letter = session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
        assert letter is not None
        return replace(tried, text=letter.text.strip(), outcome=str(letter.outcome))


def _tell(one: Tried) -> None:
    print(f"{'      ' if one.well else 'WRONG '}{one.name}: {one.outcome}: {one.text!r}", flush=True)


def _keep(tried: list[Tried]) -> None:
    KEPT.mkdir(exist_ok=True)
    for one in tried:
        (KEPT / f"{one.name}.eml").write_bytes(one.raw)
    rows = sorted(f"{one.name}\t{one.version}\t{one.kind}\t{one.act}\t{one.words}\t{one.reads}\n" for one in tried)
    (KEPT / "labels.tsv").write_text("".join(rows), encoding="utf-8")


def _closing(tried: list[Tried]) -> int:
    for (program, mode), many in sorted(Counter((one.program, one.mode) for one in tried).items()):
        wrong = sum(not one.well for one in tried if (one.program, one.mode) == (program, mode))
        print(f"{program}, {mode}: {many - wrong} of {many} as meant")
    if not tried:
        print("Nothing was tried: no program is installed.")
    return int(not all(one.well for one in tried))


if __name__ == "__main__":
    sys.exit(main())
