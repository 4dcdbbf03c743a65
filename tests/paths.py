"""Where things lie in the checkout: counted once, so that a test file can move."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "tests" / "data"
CORPUS: Final = ROOT.parent / "shared" / "corpus"
"""a folder beside the checkout that need not be there"""
