"""Serialisation of answers as JSON: with a question, with a held letter's readings, in a step's proof. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflow.replies.answers import Answer, AnswerKind, HoursEntry
from workflow.rules.questions import PollForm

TEXT_MAX = 5000


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain values; a long text is cut, the letter itself keeps all of it."""
    return {
        "kind": answer.kind.value,
        "text": answer.text[:TEXT_MAX],
        "names": list(answer.names),
        "entries": [_entry(e) for e in answer.entries],
        "rule": answer.rule,
        "words": answer.words[:500],
        **({"choice": answer.choice} if answer.choice else {}),
    }


def answers_form(answer: Answer, about: Mapping[str, Any]) -> bool:
    """Whether it is an answer of the form that a poll asks for. about: of the question."""
    form = about.get("form")
    if form == PollForm.CHOICE:
        return answer.kind is AnswerKind.CHOICE and answer.choice in about.get("choices", ())
    return answer.kind in ((AnswerKind.WORDS,) if form == PollForm.WORDS else (AnswerKind.YES, AnswerKind.NO))


def _entry(entry: HoursEntry) -> dict[str, Any]:
    return {"minutes": entry.minutes, "day": entry.day.isoformat() if entry.day else None, "note": entry.note}


def from_json(stored: Mapping[str, Any]) -> Answer:
    """The answer again. Raises KeyError or ValueError where the values were never made by `as_json`."""
    return Answer(
        kind=AnswerKind(stored["kind"]),
        text=stored["text"],
        names=tuple(stored["names"]),
        entries=tuple(
            HoursEntry(minutes=e["minutes"], day=date.fromisoformat(e["day"]) if e["day"] else None, note=e["note"])
            for e in stored["entries"]
        ),
        rule=stored["rule"],
        words=stored["words"],
        choice=stored.get("choice", ""),
    )
