"""Logging: lines for people, or one JSON object an event (`[log]`).

Times are UTC. Must never hold what a person wrote, an address or a secret: of a fault its kind and place are told
and not its words, which may be anything; a path that carries a secret is cut; a request is named by its endpoint.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.access import request_log
from workflow.config.settings import Log, LogFormat
from workflow.database import outage

SECRETS: Final = (
    (re.compile(r"(/(?:q|signin|apply/draft)/|[?&]pass=)(?!second\b)[\w-]{12,}", re.IGNORECASE), r"\1…"),
    (re.compile(r"\b([rb]-)[a-z0-9]{1,60}(?:-[a-z2-7]{16})?@", re.IGNORECASE), r"\1…@"),
    (re.compile(r"(://[^/@:\s]*:)[^/@\s]+@"), r"\1…@"),
)
"""secrets by their looks: links, addresses, passwords in addresses of databases"""
LONGEST: Final = 1000
FRAMES: Final = 12
PROGRAMME: Final = ContextVar("programme", default="")
"""whose work is being done, where one process does that of several"""


def set_up(settings: Log, *, verbose: bool) -> None:
    """From now on the whole process logs so, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines() if settings.format is LogFormat.TEXT else JsonLines())
    handler.addFilter(_with_request)
    handler.addFilter(_is_news)
    level = logging.INFO if verbose else getattr(logging, settings.level.value.upper())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("teekond.security").setLevel(logging.INFO)  # who came in belongs into every log


@contextmanager
def of_programme(key: str) -> Iterator[None]:
    """What is logged meanwhile by this thread is about this programme, and says so."""
    before = PROGRAMME.set(key)
    try:
        yield
    finally:
        PROGRAMME.reset(before)


def named(key: str, app: WSGIApplication) -> WSGIApplication:
    """The same pages; what is logged while they answer is about this programme."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with of_programme(key):
            return app(environ, start_response)

    return answer


def _with_request(record: logging.LogRecord) -> bool:
    whose = {"programme": PROGRAMME.get()} if PROGRAMME.get() else {}
    record.request = whose | request_log.context()
    return True


def _is_news(record: logging.LogRecord) -> bool:
    """Of an outage of the database one line told already, for all who run into it."""
    return not outage.of_record(record)


def clean(words: str) -> str:
    """On one line, cut, and without what looks like a secret."""
    for pattern, instead in SECRETS:
        words = pattern.sub(instead, words)
    return " ".join(words.split())[:LONGEST]


def fault(record: logging.LogRecord) -> dict[str, Any]:
    """The kind of a fault and where it happened; those it came from too."""
    found = record.exc_info[1] if record.exc_info else None
    if found is None:
        return {}
    chain = [found]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    return {"error": [type(one).__name__ for one in chain], "where": _where(found.__traceback__)}


def _where(tb: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(tb)[-FRAMES:]
    return [f"{'/'.join(one.filename.rsplit('/', 2)[-2:])}:{one.lineno} {one.name}" for one in frames]


class JsonLines(logging.Formatter):
    """One object an event."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        words = record.getMessage()
        told |= json.loads(words) if record.name == "teekond.security" else {"says": clean(words)}
        told |= {**getattr(record, "request", {}), **fault(record)}
        return json.dumps(told, ensure_ascii=False)


class Lines(logging.Formatter):
    """One line an event, for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%d %H:%M:%SZ}"
        request = " ".join(map(str, getattr(record, "request", {}).values()))
        broken = fault(record)
        tail = f" <- {' <- '.join(broken['error'])} at {'; '.join(broken['where'])}" if broken else ""
        where = f"{record.name} [{request}]" if request else record.name
        return f"{at} {record.levelname} {where} {clean(record.getMessage())}{tail}"
