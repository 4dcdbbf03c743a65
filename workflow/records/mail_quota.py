"""Rate limit of mails to people who have confirmed nothing: per recipient and day, per network address and hour, and
all in all per hour for each cause.

Whoever types an address into a public form makes us write to it; so does the contact whose yes has the named members
told. Counted in the caller's transaction, together with what causes the mail. What is over a cap uses up nothing of
any. Must never tell whether an address is known here: it counts what was typed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from workflow.codes import AlertKind
from workflow.config.loader import Programme
from workflow.database import rate_counts
from workflow.database.engine import digest_of, lock_places
from workflow.records.history import alert
from workflow.rules.application import address_key
from workflow.season import Season
from workflow.text.bilingual import Text

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
_Cap = tuple[str, int, timedelta]
"""what is counted, how many at most, and within how long"""


class MailCause(StrEnum):
    """Each has an hourly budget of its own: a flood of one form must not close another."""

    APPLICATION = "applications"
    DRAFT = "drafts"
    INFO_DAY = "info day"
    NAMED_MEMBER = "named members"


def wait_until(
    season: Season, session: Session, cause: MailCause, address: str, place: str | None, now: datetime
) -> datetime | None:
    """Counts one mail to the address, caused from this network address; None where it may go, else when to try again.
    The coordinator is told once a day."""
    lock_places(session)  # looked at and counted as one
    connection = session.connection()
    caps = list(_caps(season.programme, session, cause, address, place))
    for key, most, window in caps:
        until = rate_counts.full_until(connection, key, most, window, now)
        if until is not None:
            _tell(season, session, now)
            return until
    for key, _, window in caps:
        rate_counts.add(connection, key, 1, window, now)
    return None


def _caps(programme: Programme, session: Session, cause: MailCause, address: str, place: str | None) -> Iterator[_Cap]:
    most = programme.limits
    to = address_key(address) or address.lower()
    if place is not None:
        by = "a yes" if cause is MailCause.NAMED_MEMBER else "a form"  # a team's yes closes no form to its neighbours
        yield _key(session, f"mails from a place:{by}:{place}"), most.unconfirmed_mails_per_place, HOUR
        if cause is not MailCause.NAMED_MEMBER:  # one place leaves one for the address's owner
            own = max(1, most.unconfirmed_mails_per_address - 1)
            yield _key(session, f"mails from a place to an address:{place}:{to}"), own, DAY
    yield _key(session, f"mails to an address:{to}"), most.unconfirmed_mails_per_address, DAY
    yield _key(session, f"mails in all:{cause}"), most.unconfirmed_mails_in_all, HOUR


def _key(session: Session, said: str) -> str:
    """A digest: no address stands in the table."""
    digest = digest_of(session)
    return digest.make(f"tries:{said}") if digest else sha256(f"tries:{said}".encode()).hexdigest()


def _tell(season: Season, session: Session, now: datetime) -> None:
    says = Text(
        et="Avalikest vormidest tuli rohkem kirju, kui kinnitamata aadressidele saata tohib. Taotlused, mustandid ja "
        "infopäevale tulijad võetakse ikka vastu; nende kirjad ootavad oma järge ja lähevad hiljem ise. Vaadake, kas "
        "taotluste või infopäevale tulijate hulgas on väljamõeldud ridu. Kui kõik on ehtsad, suurendage piire "
        "(konfiguratsioonis [limits] unconfirmed_mails_…).",
        en="The public forms caused more mails than may go to addresses that nobody has confirmed. Applications, "
        "drafts and guests of the info day are still taken in; their mails wait for their turn and leave later by "
        "themselves. See whether there are invented rows among the applications or the guests of the info day. If all "
        "are real, raise the limits ([limits] unconfirmed_mails_… in the configuration).",
    )
    alert(season, session, f"unconfirmed:{now.date()}", AlertKind.UNCONFIRMED, says, now, urgent=True)
