"""Search and collation: case- and accent-insensitive matching and sorting by the Estonian alphabet.

Both databases get the same two functions: SQLite from Python (see `workflow.database.engine`), PostgreSQL by
translating letter by letter. Pure but for the expressions that it makes.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

ALPHABET: Final = "abcdefghijklmnopqrsšzžtuvwõäöüxy"
_PLACES: Final = {letter: chr(ord("A") + place) for place, letter in enumerate(ALPHABET)}
"""each letter's place, as a character that sorts there by its number"""


def folded(words: str | None) -> str:
    """Without case and accents: `Õun` and `oun` are one."""
    plain = unicodedata.normalize("NFKD", (words or "").casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=32_768)
def placed(words: str | None) -> str:
    """What sorts names as Estonian does: … s š z ž t u v w õ ä ö ü x y; other accents count as plain letters."""
    return "".join(_place(letter) for letter in unicodedata.normalize("NFC", words or "").lower())


def _place(letter: str) -> str:
    if letter in _PLACES:
        return _PLACES[letter]
    plain = folded(letter)
    return "".join(_PLACES.get(one, one) for one in plain)


class _Folded(GenericFunction[str]):
    name = "folded"
    type = sa.String()
    inherit_cache = True


class _Placed(GenericFunction[str]):
    name = "placed"
    type = sa.String()
    inherit_cache = True


def _latin() -> Sequence[str]:
    """Letters with accents that a name here may have, small and capital, each of one letter underneath."""
    return [c for c in map(chr, range(0xC0, 0x180)) if c.isalpha() and len(folded(c)) == 1 and folded(c).isascii()]


_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FOLD: Final = (_CAPITALS + "".join(_latin()), _CAPITALS.lower() + "".join(map(folded, _latin())))
_SORTED: Final = [*_CAPITALS, *_CAPITALS.lower(), *_latin()]
_PLACE: Final = ("".join(_SORTED), "".join(map(placed, _SORTED)))


@compiles(_Folded, "postgresql")
def _folded_there(element: Any, compiler: SQLCompiler, **rest: Any) -> str:
    return _translated(element, compiler, *_FOLD, **rest)


@compiles(_Placed, "postgresql")
def _placed_there(element: Any, compiler: SQLCompiler, **rest: Any) -> str:
    return f'{_translated(element, compiler, *_PLACE, **rest)} COLLATE "C"'


def _translated(element: Any, compiler: SQLCompiler, what: str, into: str, **rest: Any) -> str:
    """The letters are ours and hold no quote."""
    return f"translate({compiler.process(element.clauses, **rest)}, '{what}', '{into}')"


# -- expressions ----------------------------------------------------------------------------------


def by_name(column: Any) -> sa.ColumnElement[str]:
    """To order by."""
    return _Placed(column)


def has(search: str, *columns: Any) -> sa.ColumnElement[bool]:
    """Whether every word that was typed stands somewhere in these columns; nothing typed is found everywhere."""
    whole: Any = sa.literal("")
    for column in columns:
        whole = whole + " " + sa.func.coalesce(column, "")
    return sa.and_(sa.true(), *(_Folded(whole).contains(word, autoescape=True) for word in folded(search).split()))
