"""Valid programmes of any shape, by number: groups, stages, works, languages, and what waits for the coordinator.

Whatever `teekond check` accepts, `teekond rehearse` plays to its end with nothing wrong. `.ci/run` tries more of them:
`python -m tests.rehearsal.random_programmes`; with `--first N --many M` others.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from service.commands import rehearse
from tests.rehearsal.rehearsed import run
from workflow.config.loader import load
from workflow.config.parts import TRIGGERS

DAY = timedelta(days=1)
FIRST = datetime(2027, 3, 22, tzinfo=UTC)
"""three weeks after applications have closed: each team has answered for its place"""
MANY = 12


def made(number: int) -> str:
    """The config of one programme."""
    return "\n".join(_Maker(Random(number), number).lines()) + "\n"


class _Maker:
    def __init__(self, rng: Random, number: int) -> None:
        self.rng, self.number = rng, number
        self.langs: Sequence[str] = rng.choice([("et", "en"), ("en",), ("et",)])
        self.groups = [f"G{n}" for n in range(rng.choice([0, 1, 2, 3]))]
        self.kinds = [rng.choice(["workshop"] * 3 + ["mentoring", "seminar", "work"]) for _ in range(rng.randint(1, 5))]
        self.day = FIRST

    def text(self, words: str) -> str:
        if len(self.langs) == 1:
            return json.dumps(words)
        return f'{{ et = "{words} (et)", en = "{words} (en)" }}'

    def lines(self) -> Iterator[str]:
        yield from self._top()
        for nth, kind in enumerate(self.kinds):
            yield from self._stage(nth, kind)
        yield from self._people()
        yield from self._rules()

    def _top(self) -> Iterator[str]:
        rng, size, least = self.rng, self.rng.randint(2, 4), self.rng.choice([1, 1, 2, 4])
        zone = rng.choice(["Europe/Tallinn", "America/New_York", "Europe/Helsinki"])
        yield from (
            f'key = "any-{self.number}"', f"name = {self.text('The programme')}", f"short_name = {self.text('Any')}",
            f'timezone = "{zone}"', f"languages = {json.dumps(self.langs)}",
            f"capacity = {size * len(self.groups) or rng.randint(2, 6)}",
            f"attend_at_least = {rng.randint(1, min(2, least))}", f"organisers = [{self.text('Somebody')}]",
            "[about]", f"intro = {self.text('About it.')}",
        )  # fmt: skip
        if rng.random() < 0.5:
            yield f"outcomes_know = [{self.text('one')}, {self.text('two')}]"
            yield f"outcomes_can = [{self.text('three')}]"
        if rng.random() < 0.5:
            yield from (
                "[info_day]", f"name = {self.text('Info day')}", "start = 2027-02-10T14:00:00",
                "end = 2027-02-10T15:30:00", f"place = {self.text('Online')}",
            )  # fmt: skip
        yield from ("[apply]", "opens = 2027-02-01", "before = 2027-02-25", f"place_answer_days = {rng.choice([3, 7])}")
        if rng.random() < 0.7:
            yield from ("[[apply.fields]]", 'key = "why"', f"label = {self.text('Why?')}")
        yield from ("[team]", f"min_members = {least}")
        yield from self._kinds(least)
        for key in self.groups:
            yield from ("[[groups]]", f'key = "{key}"', f"name = {self.text('Group ' + key)}", f"size = {size}")

    def _kinds(self, least: int) -> Iterator[str]:
        """Kinds of members: none, one that all are of, or several; a largest team; a home, or none."""
        rng = self.rng
        if rng.random() < 0.4:
            yield f"max_members = {least if rng.random() < 0.5 else least + 2}"
        if rng.random() < 0.5:
            yield f"home = {{ name = {self.text('school')}, different = {rng.choice(['true', 'false'])} }}"
        many = rng.choice([0, 0, 1, 2, 3])
        for nth in range(many):
            yield from ("[[team.kinds]]", f'key = "kind{nth}"')
            yield from (f"{key} = {self.text(f'{key} {nth}')}" for key in ("name", "one", "many"))
            yield f"min = {rng.randint(0, least // many)}"

    def _stage(self, nth: int, kind: str) -> Iterator[str]:
        rng, days = self.rng, self.rng.choice([35, 70] if kind == "mentoring" else [7, 14, 30])
        yield from ("[[stages]]", f'key = "s{nth}"', f'kind = "{kind}"', f"name = {self.text(f'Stage {nth}')}")
        works = {
            "workshop": ["homework", "plan"], "mentoring": ["results"], "seminar": ["presentation"],
            "work": ["homework", "plan", "results"],
        }  # fmt: skip
        work = rng.choice([*works[kind], *([None] if kind != "work" else [])])
        due = {"workshop": 4, "mentoring": days - 1, "seminar": days - 2, "work": days}[kind]
        if kind == "mentoring":
            last = self.day + days * DAY
            yield from (f"start = {self.day:%Y-%m-%d}", f"end = {last:%Y-%m-%d}", f"hours = {rng.choice([4, 16])}")
            if rng.random() < 0.4:
                yield f"hours_from = {self.day - 10 * DAY:%Y-%m-%d}"
            if rng.random() < 0.3:
                yield f"hours_until = {last + 7 * DAY:%Y-%m-%d}"
        elif rng.random() < 0.8:
            yield 'trainers = ["t1"]'
        if kind == "work":
            yield f"start = {self.day:%Y-%m-%d}"
        if work:
            yield from ("[stages.work]", f'kind = "{work}"', f"name = {self.text(f'work {nth}')}")
            yield f"due = {self.day + due * DAY:%Y-%m-%dT17:00:00}"
        if kind not in ("mentoring", "work"):
            yield from self._sessions(self.day if kind == "workshop" else self.day + days * DAY)
        self.day += (days + 8) * DAY

    def _sessions(self, day: datetime) -> Iterator[str]:
        for nth, key in enumerate(["*"] if not self.groups or self.rng.random() < 0.3 else self.groups):
            starts = day + nth * DAY + timedelta(hours=10)
            yield from (
                f'[stages.sessions."{key}"]', f"start = {starts:%Y-%m-%dT%H:%M:%S}",
                f"end = {starts + timedelta(hours=6):%Y-%m-%dT%H:%M:%S}", f"place = {self.text('Somewhere')}",
            )  # fmt: skip

    def _people(self) -> Iterator[str]:
        trainers = ["t1"] * (not {"workshop", "seminar", "work"}.isdisjoint(self.kinds))
        mentors = ["m1", "m2"] * ("mentoring" in self.kinds)
        people = {"trainers": trainers, "mentors": mentors, "coordinators": ["c1", "c2"][: self.rng.randint(1, 2)]}
        for table, keys in people.items():
            for key in keys:
                yield from (
                    f"[[{table}]]", f'key = "{key}"', f'name = "Person {key}"', f'address = "{key}@example.org"',
                    f'lang = "{self.langs[0]}"', 'phone = "+372 5555 0101"', f"role = {self.text('somebody')}",
                )  # fmt: skip

    def _rules(self) -> Iterator[str]:
        if self.rng.random() < 0.8:
            yield "[approve]"
            for trigger in TRIGGERS:
                yield f'{trigger} = "{self.rng.choice(["coordinator", "automatic"])}"'
        if self.rng.random() < 0.3:
            yield from ("[certificates]", f"sessions = {self.rng.randint(1, 2)}")
        yield from ("[mail]", 'domain = "any.example.org"', 'from_name = "Any"', 'from_address = "us@any.example.org"')


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal.random_programmes")
    parser.add_argument("--first", type=int, default=100, help="number of the first programme")
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--teams", type=int, default=5)
    given, wrong = parser.parse_args(), 0
    for number in range(given.first, given.first + given.many):
        with TemporaryDirectory(prefix="teekond-any-") as folder:
            summary = run(Path(folder), teams=given.teams, seed=number, config=load(made(number), {}))
        wrong += not summary.passed
        first, *_ = rehearse.told_of(summary, Path(folder))
        print(f"programme {number}: {first} {summary.faults or ''}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
