"""The fault sweep: each call of each scene is made to fail, one after the other, and the scene goes on.

After each fault people and machines try again; then the invariants hold, and what is left behind is what it would have
been without the fault. Must never count a fault that did not happen: a scene ends when it has no n-th call.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reliability import invariants
from tests.reliability.fault_injection import FAULTS, Breaker, BreakingRelay, Call
from tests.reliability.figures import Figure, Scale
from tests.reliability.scenarios import SCRIPTS, GaveUp, Prepared, Scene, Script, meaning
from workflow.database.engine import Database

ALWAYS = (Call.COMMIT, Call.SMTP)
"""calls that the short version leaves none out of: what is half done is done there"""
Ends = dict[str, list[tuple[object, ...]]]
STRIDE = {Scale.SHORT: 11, Scale.LONG: 1}
"""of a scene's calls each so manieth is failed (an odd one, so that every sort of call has its turn)"""


@dataclass(slots=True)
class Swept:
    """What became of one scene."""

    name: str
    calls: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    """times that somebody had to try again"""
    wrong: list[str] = field(default_factory=list)


def run(scale: Scale) -> list[Figure]:
    logging.disable(logging.CRITICAL)  # every fault is logged, as it should be
    try:
        with TemporaryDirectory(prefix="teekond-faults-") as folder:
            template = Path(folder) / "template.sqlite"
            database = Database(f"sqlite:///{template}")
            database.migrate()
            database.close()
            swept = [sweep(script, Path(folder), template, scale) for script in SCRIPTS]
            return [_total(swept), *(_figure(one, scale) for one in swept)]
    finally:
        logging.disable(logging.NOTSET)


def _total(swept: list[Swept]) -> Figure:
    many, wrong = sum(sum(one.faults.values()) for one in swept), sum(len(one.wrong) for one in swept)
    sorts = sum((one.faults for one in swept), Counter[str]())
    return Figure(
        promise="Whatever call fails, it ends as it would have: all scenes",
        asked="0 other endings, 0 invariants broken",
        measured=f"{wrong} of {many}",
        done=f"{many} faults over {len(swept)} scenes of {sum(one.calls for one in swept)} calls: "
        + ", ".join(f"{count} {sort}" for sort, count in sorted(sorts.items())),
        holds=not wrong and len(swept) >= 8 and set(Call) == {Call(sort.partition(":")[0]) for sort in sorts},
    )


def _figure(swept: Swept, scale: Scale) -> Figure:
    many = sum(swept.faults.values())
    sorts = ", ".join(f"{count} {sort}" for sort, count in sorted(swept.faults.items()))
    return Figure(
        promise=f"Whatever call fails, it ends as it would have: {swept.name}",
        asked="0 other endings, 0 invariants broken",
        measured=f"{len(swept.wrong)} of {many}" + (f": {'; '.join(swept.wrong[:5])}" if swept.wrong else ""),
        done=f"{many} faults in a scene of {swept.calls} calls, {swept.seen} times somebody had to try again: {sorts}",
        holds=not swept.wrong and many * STRIDE[scale] >= swept.calls > 5,
    )


def sweep(script: Script, folder: Path, template: Path, scale: Scale) -> Swept:
    """Every call of one scene with every fault that it may have; the short version takes a part, one fault each."""
    own = folder / script.name.replace(" ", "-")
    own.mkdir()
    sweeping = _Sweeping(Prepared.of(script, own, template), Swept(script.name))
    sweeping.undisturbed()
    for number, kind in enumerate(sweeping.kinds, start=1):
        if scale is Scale.LONG or number % STRIDE[scale] == 1 or kind in ALWAYS:
            for turn in range(len(FAULTS[kind]) if scale is Scale.LONG else 1):
                sweeping.once(number, number + turn)
    return sweeping.swept


@dataclass(slots=True)
class _Sweeping:
    prepared: Prepared
    swept: Swept
    kinds: list[Call] = field(default_factory=list)
    """the scene's calls, in their order"""
    ends: Ends = field(default_factory=dict)
    """what the scene leaves behind where nothing fails"""

    def undisturbed(self) -> None:
        """Twice: what a process does only at its first time is no call of the scene."""
        with self._begun(Breaker()) as scene:
            self.prepared.script.act(scene)
        breaker = Breaker()
        with self._begun(breaker) as scene:
            self.prepared.script.act(scene)
            self.swept.calls, self.kinds = breaker.calls, breaker.kinds
            breaker.disarm()
            self.ends = meaning(scene.db)
            self.swept.wrong += [f"without a fault: {one}" for one in _faulty(scene, self.ends, None)]
            if scene.errors:
                self.swept.wrong.append(f"without a fault: {scene.errors} errors")

    def once(self, number: int, turn: int) -> None:
        """One run with the given call failing, in the `turn`-th way that it can."""
        breaker = Breaker()
        with self._begun(breaker, number, turn) as scene:
            said = []
            try:
                self.prepared.script.act(scene)
            except GaveUp as why:
                said.append(str(why))
            failed = breaker.failed
            breaker.disarm()
            if failed is None:
                self.swept.wrong.append(f"call {number} did not come: the scene is not the same each time")
                return
            found = meaning(scene.db)
            said += [*_faulty(scene, found, failed[0]), *_differences(self.ends, found)]
        self.swept.faults[f"{failed[0]}: {failed[1]}"] += 1
        self.swept.seen += scene.errors
        self.swept.wrong += [f"call {number} ({failed[0]}: {failed[1]}): {one}" for one in said]

    @contextmanager
    def _begun(self, breaker: Breaker, number: int = 0, turn: int = 0) -> Iterator[Scene]:
        with ExitStack() as stack:
            relay = stack.enter_context(BreakingRelay(breaker)) if self.prepared.script.smtp else None
            scene = self.prepared.begin(breaker, relay)
            stack.callback(scene.db.close)
            stack.enter_context(breaker.watching(scene.db))
            breaker.arm(number, turn)
            yield scene


def _faulty(scene: Scene, found: Ends, failed: Call | None) -> list[str]:
    """Invariants broken, and mails that came too often or never."""
    said = invariants.broken(scene.db, scene.acknowledged)
    return [*said, *_deliveries(scene.relay, found, failed)] if scene.relay else said


def _differences(wanted: Ends, found: Ends) -> list[str]:
    said = []
    for name, rows in wanted.items():
        more, less = Counter(found[name]) - Counter(rows), Counter(rows) - Counter(found[name])
        if more or less:
            said.append(f"{name}: {list(more.elements())[:3]} instead of {list(less.elements())[:3]}")
    return said


def _deliveries(relay: BreakingRelay, found: Ends, failed: Call | None) -> list[str]:
    """Each mail came once; where the relay's own answer was lost, one of them at most twice, and then byte for byte."""
    again = sum(count - 1 for count in relay.given.values())
    said = [f"{again} mails came again"] if again > (failed is Call.SMTP) else []
    if len(relay.given) != len(found["mails"]):
        said.append(f"{len(relay.given)} different mails came of {len(found['mails'])}")
    return said
