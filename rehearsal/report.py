"""stub"""
from pathlib import Path
from typing import Any
def write(out: Path, world: Any, summary: Any) -> None: ...
