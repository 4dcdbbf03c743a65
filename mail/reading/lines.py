"""Marked lines of a mail, shared by the passes that find quotes and signatures: text, and its class (new, quote,
signature …).
"""

from enum import IntEnum
from typing import Final, NamedTuple

LOOK: Final = 400  # how much of a line is looked at


class LineMark(IntEnum):
    """What a line is taken for."""

    TEXT = 0
    QUOTE = 1
    SIGNATURE = 2  # surely none of the answer
    CLOSING = 3  # a signature by its looks; is the text after all when there is no other
    REST = 4  # an HTML node below which all is quote


class TextLine(NamedTuple):
    text: str
    mark: LineMark


class Page:
    """The lines at work: texts stay, marks change. Used by one reading of a mail and then thrown away."""

    def __init__(self, lines: list[TextLine]) -> None:
        self.texts = [line.text for line in lines]
        self.marks = [line.mark for line in lines]
        self.blank = [not text or text.isspace() for text in self.texts]

    def next(self, at: int) -> int:
        """The first line from `at` on that is not blank; the number of lines when there is none."""
        while at < len(self.texts) and self.blank[at]:
            at += 1
        return at

    def set(self, start: int, end: int, mark: LineMark) -> None:
        for at in range(start, end):
            self.marks[at] = mark

    def regions(self) -> list[list[int]]:
        """The stretches of text between quotes, each as numbers of its lines, signature nodes left out."""
        found: list[list[int]] = [[]]
        quote, text = LineMark.QUOTE, LineMark.TEXT  # looked up once: an enum's members are slow to reach
        for at, mark in enumerate(self.marks):
            if mark is quote:
                found.append([])
            elif mark is text:
                found[-1].append(at)
        return [region for region in found if any(not self.blank[at] for at in region)]
