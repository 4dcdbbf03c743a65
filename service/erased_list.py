"""List of erased people beside the database: whom a restored backup must erase again.

Marks and moments, no addresses. Written durably before the erasure itself is.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

FILE: Final = "erased.jsonl"


def note(data: Path, marks: Mapping[str, datetime]) -> None:
    """Durable before the erasure itself is: a backup that is restored must not bring anybody back."""
    fresh_lines = [json.dumps({"mark": mark, "at": at.isoformat()}) for mark, at in sorted(marks.items())]
    fresh = data / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write("".join(f"{line}\n" for line in {**dict.fromkeys(lines(data)), **dict.fromkeys(fresh_lines)}))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(data / FILE)


def lines(data: Path) -> list[str]:
    file = data / FILE
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
