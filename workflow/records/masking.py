"""Masks secrets in text that somebody else wrote: looks up which of the candidates were given out. How they are found:
`workflow/security/spelled_secrets.py`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.engine import among
from workflow.database.models import Addressee, Draft, LatePass, SignIn
from workflow.security.spelled_secrets import masked, spelled

_KEPT: Final = sa.union_all(
    sa.select(Addressee.secret).where(among(Addressee.secret, "secrets")),
    sa.select(LatePass.secret).where(among(LatePass.secret, "secrets")),
    sa.select(Draft.secret_hash).where(among(Draft.secret_hash, "digests")),
    sa.select(SignIn.token_hash).where(among(SignIn.token_hash, "digests")),
)
"""what is kept of all that opens a link"""


def known(session: Session, secrets: Iterable[str]) -> frozenset[str]:
    """Those of them that open something; asks the database once, and not at all where there are none."""
    plain = {secret: secret for secret in secrets}
    if not plain:
        return frozenset()
    digests = {hashlib.sha256(secret.encode()).hexdigest(): secret for secret in plain}
    found = session.scalars(_KEPT, {"secrets": sorted(plain), "digests": sorted(digests)})
    return frozenset((plain | digests)[one] for one in found)


def out_of(session: Session, value: Any) -> Any:
    """A value without secrets: words, and whatever holds words."""
    secrets = known(session, {one.secret for words in _words(value) for one in spelled(words)})
    return _mapped(value, lambda words: masked(words, secrets))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _words(each)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(each, change) for key, each in value.items()}
    return [_mapped(each, change) for each in value] if isinstance(value, list | tuple) else value
