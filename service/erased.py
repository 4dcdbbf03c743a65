"""The list of who was erased, beside the database: whom a restored backup must forget again.

Marks and moments, no addresses. Written durably before the erasure itself is.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from mail import reading
from service.house import real_house
from service.told import Told
from workflow import erasure

FILE: Final = "erased.jsonl"


def note(data: Path, marks: Mapping[str, datetime]) -> None:
    """Durable before the erasure itself is: a backup that is restored must not bring anybody back."""
    lines = [json.dumps({"mark": mark, "at": at.isoformat()}) for mark, at in sorted(marks.items())]
    fresh = data / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write("".join(f"{line}\n" for line in {**dict.fromkeys(_lines(data)), **dict.fromkeys(lines)}))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(data / FILE)


def _lines(data: Path) -> list[str]:
    file = data / FILE
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def forget_again(told: Told) -> int:
    """After a restore: whoever was erased since the copy was made is erased again."""
    noted = [json.loads(line) for line in _lines(told.data)]
    if not noted:
        return 0
    house, clock = real_house(told)
    known = [(each["mark"], datetime.fromisoformat(each["at"])) for each in noted]
    with house.db.writing() as session:
        done = erasure.reapply(
            house.season, session, known, clock.now(), keys=[key.encode() for key in house.keys.known],
            plain=reading.words,
        )  # fmt: skip
    erasure.scrub(house.db)
    return len(done)
