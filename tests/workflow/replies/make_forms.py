"""Writes workflow/replies/words/forms.et.tsv: the forms of the Estonian verbs and nouns that replies are made of.

Run at development time (`make forms`) with the Python of an environment that has EstNLTK 1.7, whose Vabamorf makes the
forms. The service never needs it; `test_acts.py` holds that the file is as fresh as the lists it is made from.
"""

import hashlib
import importlib
from pathlib import Path

from workflow.replies import words

WORDS = Path(words.__file__).parent
LISTS = ("verbs.et.tsv", "nouns.et.tsv")
VERB = (
    "n", "me", "sin", "sime", "b", "vad", "s", "sid", "o", "ge", "ks", "ksin", "ksime", "ksid",
    "da", "ma", "mas", "mast", "mata", "nud", "tud", "takse", "ti",
)  # fmt: skip
CASES = ("n", "g", "p", "in", "el", "all", "ad", "abl", "tr", "ter", "es", "kom")
NOUN = ("adt", "sg ill", *(f"{number} {case}" for number in ("sg", "pl") for case in CASES))


def lemmas(file: str, column: int) -> list[str]:
    """The dictionary forms in one column of a list, each once."""
    lines = (WORDS / file).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and line[0] != "#"]
    return list(dict.fromkeys(one for row in rows for one in row[column].split()))


def digest() -> str:
    """What the lists are made of, as the generated file names it."""
    return hashlib.sha256(b"".join((WORDS / name).read_bytes() for name in LISTS)).hexdigest()


def main() -> None:
    synthesize = importlib.import_module("estnltk.vabamorf.morf").synthesize
    rows = {
        (form, lemma, code) for lemma in lemmas(LISTS[0], 1) for code in VERB for form in synthesize(lemma, code, "V")
    }
    rows |= {
        (form, lemma, "noun") for lemma in lemmas(LISTS[1], 1) for code in NOUN for form in synthesize(lemma, code, "S")
    }
    head = f"# Made by Vabamorf: form, dictionary form, which form it is. Never edited: make forms.\n# {digest()}\n"
    lines = "".join("\t".join(row) + "\n" for row in sorted(rows))
    (WORDS / "forms.et.tsv").write_text(head + lines, encoding="utf-8")


if __name__ == "__main__":
    main()
