"""Thousands of small cases in few tests: each case is tried, and the failure names all that went wrong.

A test of its own for each (`pytest.mark.parametrize`) costs more than such a case itself, in every process.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any


def each(names: str, cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `pytest.mark.parametrize(names, cases)`, in one test; `names` with commas between them."""
    keys, rows = [name.strip() for name in names.split(",")], list(cases)
    assert rows, "no cases: the test would find nothing to do"

    def tried(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def all_of_them(**given: Any) -> None:
            wrong = []
            for row in rows:
                values: Sequence[Any] = row if len(keys) > 1 else (row,)
                try:
                    test(**given, **dict(zip(keys, values, strict=True)))
                except AssertionError as error:
                    wrong.append(f"{values}: {error}")
            assert not wrong, f"{len(wrong)} of {len(rows)}:\n" + "\n".join(wrong)

        signature = inspect.signature(test)
        kept = [one for one in signature.parameters.values() if one.name not in keys]
        all_of_them.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return all_of_them

    return tried
