"""Explains delivery errors: why a mail waits, did not leave or did not arrive, in words that a coordinator reads.

What a mail server answers stays beside them, in its own words: whoever runs the server wants those. Pure but for
the page's language.
"""

from typing import Final

from web.i18n.language import said
from workflow.codes import DeliveryFault
from workflow.records.undelivered import FAULTS
from workflow.text import delivery_failures

LONGEST: Final = 120


def delivery(error: str, fault: str = "") -> str:
    """What to show of a mail's `error` and `fault`, or of what a server said of an address."""
    ours, theirs = said(FAULTS[DeliveryFault(fault)]) if fault else "", _said_by_server(error)
    return f"{ours}: {theirs}" if ours and theirs else ours or theirs


def _said_by_server(error: str) -> str:
    failure = delivery_failures.known(error)
    plain = error if len(error) <= LONGEST else error[: LONGEST - 1] + "…"
    return f"{said(failure.says)} ({plain})" if failure else plain
