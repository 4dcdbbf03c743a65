"""Our own secrets in letters: every candidate in what is kept or shown of one, and the letter without those that are.
Pure.

Replies quote our mails, and so the links and addresses in them. Whoever may read the letter must not be able to answer
in its writer's name. The raw letter stays as it came.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from mail.reading.letter import ParsedLetter
from workflow.security.spelled_secrets import masked, spelled


def candidates(read: ParsedLetter, most: int) -> frozenset[str]:
    """Everything in the letter that may be a secret; one more than `most` where there are more than these."""
    found: set[str] = set()
    for one in chain.from_iterable(map(spelled, _words(read))):
        found.add(one.secret)
        if len(found) > most:
            break
    return frozenset(found)


def without(read: ParsedLetter, secrets: frozenset[str]) -> ParsedLetter:
    """The letter without these."""

    def mask(words: str) -> str:
        return masked(words, secrets)

    bounce = read.bounce
    return replace(
        read,
        subject=mask(read.subject), text=mask(read.text), quoted=mask(read.quoted),
        sender=replace(read.sender, shown=mask(read.sender.shown), name=mask(read.sender.name)),
        attachments=tuple(replace(each, name=mask(each.name)) for each in read.attachments),
        robot=replace(read.robot, signs=tuple(map(mask, read.robot.signs))),
        bounce=bounce and replace(
            bounce, recipients=tuple(replace(each, reason=mask(each.reason)) for each in bounce.recipients)
        ),
    )  # fmt: skip


def _words(read: ParsedLetter) -> Iterator[str]:
    """Everything of it that is kept or shown."""
    yield from (read.subject, read.text, read.quoted, read.sender.shown, read.sender.name)
    yield from (each.name for each in read.attachments)
    yield from read.robot.signs
    if read.bounce is not None:
        yield from (each.reason for each in read.bounce.recipients)
