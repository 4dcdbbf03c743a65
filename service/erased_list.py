"""List of erased people beside the database: whom a restored backup must erase again.

Marks and moments, no addresses. Written durably before the erasure itself is.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from workflow.database import private_files

FILE: Final = "erased.jsonl"


def note(data: Path, marks: Mapping[str, datetime]) -> None:
    """Durable before the erasure itself is: a backup that is restored must not bring anybody back."""
    more = [json.dumps({"mark": mark, "at": at.isoformat()}) for mark, at in sorted(marks.items())]
    private_files.change(
        data / FILE, lambda before: "".join(f"{line}\n" for line in dict.fromkeys([*before.splitlines(), *more]))
    )


def lines(data: Path) -> list[str]:
    file = data / FILE
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
