"""The register of personal data: whole, single, and what the record of processing is made from."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.paths import ROOT
from workflow.config.settings import Retention
from workflow.database.models import Base
from workflow.privacy.categories import GROUNDS, SINCE, TOLD, ErasureMethod, HeldColumns, Keep, Purpose, empty
from workflow.privacy.record_page import days_of, page
from workflow.privacy.register import REGISTER, twice, unknown


def test_every_column_of_every_table_is_declared_personal_or_plain() -> None:
    assert list(unknown()) == [], "say in workflow/privacy/register.py what these columns hold"


def test_no_column_is_declared_twice() -> None:
    assert list(twice()) == []


def test_a_new_column_is_noticed() -> None:
    class Other(DeclarativeBase):
        metadata = sa.MetaData()

    class Visitor(Other):
        __tablename__ = "visitors"
        id: Mapped[int] = mapped_column(primary_key=True)
        birthday: Mapped[str]

    assert Visitor.__tablename__ == "visitors"
    assert "visitors.birthday" in list(unknown(Other.metadata))


def test_the_register_is_not_empty_and_says_of_each_why_how_long_and_how() -> None:
    assert sum(len(held.columns) for held in REGISTER) > 60
    assert set(GROUNDS) == set(Purpose) and set(SINCE) == set(Keep) and set(TOLD) == set(ErasureMethod)
    assert {held.purpose for held in REGISTER} == set(Purpose)


@pytest.mark.parametrize("keep", [each for each in Keep if each is not Keep.WHILE_USED])
def test_each_period_is_a_key_of_the_config(keep: Keep) -> None:
    assert days_of(Retention(), keep) > 0


@pytest.mark.parametrize("held", REGISTER, ids=lambda held: f"{held.table.name}-{'-'.join(held.columns)[:30]}")
def test_what_is_erased_can_be_written(held: HeldColumns) -> None:
    """An emptied column has a value that its type takes, and what must be unique is not emptied."""
    for name, how in held.columns.items():
        column = held.table.c[name]
        assert how is not ErasureMethod.BLANK or not column.unique
        assert how is not ErasureMethod.BLANK or column.nullable or empty(column) is not None
        assert how is not ErasureMethod.REMOVE or held.removes


def test_columns_with_words_in_them_are_personal_or_few() -> None:
    """Free text is where people stand: the plain columns that are long enough for it are known by name."""
    personal = {(held.table.name, name) for held in REGISTER for name in held.columns}
    free = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Text | sa.JSON | sa.LargeBinary) and (table.name, column.name) not in personal
    }
    assert free == {
        ("sessions", "place"), ("duties", "about"), ("alerts", "about"), ("history_marks", "upto"),
        ("written_mails", "audience"), ("imports", "made"),
    }  # fmt: skip


def test_the_record_of_processing_is_what_the_register_says() -> None:
    written = (ROOT / "docs" / "record-of-processing.md").read_text(encoding="utf-8")
    assert page().rstrip() == written.rstrip(), "run: make processing"
