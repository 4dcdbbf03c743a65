"""Somebody's browser: opens the form that a mail links to, fills it in and sends it, through the real pages.

Knows what stands on a page by reading it, as a browser does, the hidden token with it. Must never call what is
behind the pages.
"""

from enum import StrEnum
from io import BytesIO
from typing import Any

from lxml import html

from rehearsal.mails import Got
from rehearsal.meaning import Meaning
from rehearsal.setting import House

Fields = dict[str, Any]
REASON = "See ei ole õige. / This is not right."
"""what somebody writes where the form asks why, and they had said no more than no"""


class Said(StrEnum):
    """What the page said in the end."""

    NOTED = "noted"
    BEFORE = "before"
    """answered already: by a colleague, or from a letter of theirs that the coordinator has read meanwhile"""
    NO = "no"


def answer(house: House, got: Got, means: Meaning, number: int) -> Said:
    """Opens the form, fills it in and sends it. `number` tells this browser's network address from others'."""
    client, path = house.app.test_client(), f"/q/{got.secret}"
    address = {"REMOTE_ADDR": f"198.51.{number // 250 % 250}.{number % 250 + 1}"}
    page = client.get(path, environ_overrides=address)
    if page.status_code != 200:
        return Said.NO
    form = _form(page.get_data(as_text=True))
    if form is None:
        return Said.BEFORE if _answered(page.get_data(as_text=True)) else Said.NO
    fields = _hidden(form) | _filled(form, got.question.kind if got.question else "", means)
    done = client.post(path, data=fields, environ_overrides=address, content_type="multipart/form-data")
    return Said.NOTED if done.status_code == 200 and _noted(done.get_data(as_text=True)) else Said.NO


def _form(page: str) -> Any:
    """The form that asks for the answer; None where the question is closed."""
    forms = html.fromstring(page).xpath("//form[.//*[@name='answer' or @name='files']][not(.//button[@name='answer'])]")
    return forms[0] if forms else None


def _noted(page: str) -> bool:
    return bool(html.fromstring(page).xpath("//*[@role='status'][contains(@class, 'good')]"))


def _answered(page: str) -> bool:
    return bool(html.fromstring(page).xpath("//div[contains(@class, 'notice good')]"))


def _hidden(form: Any) -> Fields:
    return {one.get("name"): one.get("value", "") for one in form.xpath(".//input[@type='hidden']")}


def _choices(form: Any, name: str) -> list[str]:
    return [str(one.get("value")) for one in form.xpath(f".//input[@name='{name}']")]


def _filled(form: Any, kind: str, means: Meaning) -> Fields:
    match kind:
        case "homework" | "presentation":
            return _work(means)
        case "roll_call":
            return _roll_call(form, means)
        case "hours":
            return _hours(form, means)
        case "reflection":
            return _ratings(form, means)
    chosen = means.kind if means.kind in _choices(form, "answer") else ""
    needed = REASON if means.kind in ("no", "return") else ""
    return {"answer": chosen, "text": means.text or needed}


def _work(means: Meaning) -> Fields:
    files = [(BytesIO(one), f"too-{i + 1}.pdf", "application/pdf") for i, one in enumerate(means.files)]
    return {"text": means.text, "files": files}


def _roll_call(form: Any, means: Meaning) -> Fields:
    """Ticks the boxes that stand beside the names."""
    boxes = form.xpath(".//label[.//input[@name='absent']]")
    names = {_beside(label): label.xpath(".//input")[0].get("value") for label in boxes}
    ticked = [value for name, value in names.items() if name in means.names]
    return {"answer": "some" if ticked else "all", "absent": ticked}


def _ratings(form: Any, means: Meaning) -> Fields:
    """Presses one of each line's buttons, where the page has that line."""
    pressed = {f"rate-{outcome}": str(rating) for outcome, rating in means.ratings}
    return {name: value for name, value in pressed.items() if value in _choices(form, name)}


def _beside(label: Any) -> str:
    return " ".join(str(label.xpath("string(.//span/text()[normalize-space()][1])")).split())


def _hours(form: Any, means: Meaning) -> Fields:
    if means.kind == "yes":
        return {"answer": "listed"}
    if not means.entries:
        return {"answer": "none"}
    days, lengths = (form.xpath(f".//input[contains(@name, '{word}')]/@name") for word in ("day", "length"))
    filled: Fields = {"answer": "rows"}
    for (minutes, day), day_field, length_field in zip(means.entries, days, lengths, strict=False):
        filled |= {str(day_field): day.isoformat() if day else "", str(length_field): f"{minutes} min"}
    return filled
