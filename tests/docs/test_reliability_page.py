"""docs/reliability.md begins with a summary for the operator, made from the figures below it and from nothing else."""

import re

from tests.reliability import report

PAGE = report.PAGE.read_text(encoding="utf-8")


def test_the_page_is_the_one_that_is_made_anew_from_its_figures() -> None:
    assert report.page(report.parts_of(PAGE)) == PAGE


def test_each_line_of_the_summary_has_its_figures() -> None:
    lines = report.summary(report.parts_of(PAGE)["harnesses"]).splitlines()
    assert len(lines) == len(report.SUMMARY) > 8
    assert [line for line in lines if report.NOT_MEASURED in line] == []


def test_a_promise_that_was_not_kept_or_not_measured_shows_in_the_summary() -> None:
    figures = report.parts_of(PAGE)["harnesses"]
    counted, promise = report.SUMMARY[0].shown[0]
    row = re.search(rf"^\| {re.escape(promise)} \|.*$", figures, re.MULTILINE)
    assert row is not None
    broken = figures.replace(row[0], row[0].replace("| yes |", "| **no** |"))
    assert f"{counted}: **not kept: " in report.summary(broken)
    assert f"{counted}: {report.NOT_MEASURED}" in report.summary(figures.replace(row[0] + "\n", ""))
