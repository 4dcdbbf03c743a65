"""Pagination of long lists: the page shown and the links to the others. Pure but for its two queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which page of how many rows; a page that does not exist is the nearest that does."""

    total: int
    size: int
    page: int = 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def at(self) -> int:
        return min(max(self.page, 1), self.pages)

    @property
    def offset(self) -> int:
        return (self.at - 1) * self.size

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def near(self) -> list[int | None]:
        """The pages to name: the ends, this one and its neighbours; None where some are left out."""
        named = sorted({1, self.at - 1, self.at, self.at + 1, self.pages} & set(range(1, self.pages + 1)))
        found: list[int | None] = []
        for number in named:
            if found and number - 1 != found[-1]:
                found.append(None)
            found.append(number)
        return found


@dataclass(frozen=True, slots=True)
class Paged(Generic[R]):
    """The rows of one page."""

    rows: tuple[R, ...]
    window: Window


def cut(rows: Sequence[R], *, page: int, size: int) -> Paged[R]:
    """One page of rows that are all at hand."""
    window = Window(total=len(rows), size=size, page=page)
    return Paged(tuple(rows[window.offset : window.offset + size]), window)


def paged(session: Session, query: sa.Select[Any], *, page: int, size: int) -> Paged[Any]:
    """One page of the query's rows (of its first column); the whole is counted in the database. Two queries."""
    counted = sa.select(sa.func.count()).select_from(query.order_by(None).options().subquery())
    window = Window(total=session.scalar(counted) or 0, size=size, page=page)
    rows = session.scalars(query.limit(size).offset(window.offset)).all()
    return Paged(tuple(rows), window)
