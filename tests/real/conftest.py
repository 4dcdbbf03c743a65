"""Real mail programs for the tests of this folder; each is left out where it is not installed."""

from collections.abc import Iterator

import pytest

from tests.real.dovecot import Dovecot, dovecot


@pytest.fixture
def mail_server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server
