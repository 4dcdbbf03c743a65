"""Normalises attendance written as a table, one line a person: dashes and colons become the words they stand for.

"Mari - puudus" is "Mari puudus" and never the heading "puudus:" of whoever stands on the next line.
"""

import re

from workflow.replies.lexicon import common
from workflow.replies.lexicon.notation import fold, words

# What may take place or fall through, and is nobody: "töötuba jäi ära", "päev oli tore".
EVENTS = words("""
    töötuba töötoad koolitus kohtumine seminar üritus koosolek infopäev sündmus päev workshop session meeting
    training event day
""")
_STATUS = (
    r"(?:(?:oli|olid|was|were) )?(?:puudus(?:id)?|puudub|puuduvad|puudu|kohal|olemas|osales(?:id)?|haige|puhkusel|"
    r"absent|missing|present|there|sick|ill|ei olnud(?: kohal)?|polnud(?: kohal)?|ei tulnud|ei osalenud|not present)"
)
_MARKED_OFF = r"(?<=[^\W\d_]) ?(?:\s-|[-:|=]) ?"
_ENDS = r" *(?:[,;.(\n]|$)"
_WAS = re.compile(rf"{_MARKED_OFF}(oli|olid|was|were)(?={_ENDS})", re.IGNORECASE)
_ROW = re.compile(rf"{_MARKED_OFF}(?={_STATUS}{_ENDS})", re.IGNORECASE)
_HEADED = re.compile(rf"(?<![^\W\d_])({_STATUS}) - (?=[^\W\d_])", re.IGNORECASE)
_STATED = re.compile(rf"(?:{_STATUS}|not)$", re.IGNORECASE)
# "Mari oli, Jüri ei olnud": who simply was, was there.
_SIMPLY = re.compile(r"([^\W\d_]+) (oli|olid|was|were)(?= *(?:[,;.\n]|$)| (?:ja|ning|aga|and|but) )", re.IGNORECASE)
TICKS = re.compile(r"[/+~✓✔✗✘❌✅☑☒☐×]")


def in_words(text: str) -> str:
    """The rows as sentences: "Mari - oli" says "Mari kohal", "kohal - Mari" says "kohal: Mari"."""
    text = _SIMPLY.sub(lambda found: f"{found[0]} kohal" if _may_name(found[1]) else found[0], text)
    return _HEADED.sub(r"\1: ", _ROW.sub(" ", _WAS.sub(r" \1 kohal", text)))


def _may_name(word: str) -> bool:
    return fold(word) not in common.KNOWN | EVENTS and not _STATED.match(word)
