"""Round-trip check, a mail that the service sends to itself through the relay and back: whoever waits for answers
must know that the way is open. Once a day where `[mail] round_trip` says so, and whenever the doctor asks.

It is known by its signed Message-ID or return address, which nobody else can make. It answers nothing, and no page
shows it. Must never ask twice in a day, and never fail for what a relay says.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.identity import Identity
from mail.reading import letter
from mail.reading.automatic import bounces
from mail.sending.transport import DeliveryOutcome, Fate, Transport
from workflow.audit import backup
from workflow.codes import AlertKind, LetterOutcome
from workflow.coordinator import mail_hold
from workflow.database.engine import Database, insert
from workflow.database.models import Letter, Setting
from workflow.records.history import alert
from workflow.season import Season
from workflow.text.bilingual import Text

KEPT: Final = "round_trip"
OUTCOME: Final = LetterOutcome.ROUND_TRIP
EVERY: Final = timedelta(days=1)
PATIENCE: Final = timedelta(hours=1)
"""so long it may be under way before it counts as lost"""
LOOK: Final = timedelta(minutes=1)
BEGINS: Final = "rt"
Sign = Callable[[bytes], bytes]
log = logging.getLogger("teekond")


def key(now: datetime) -> str:
    """What one round trip is known by."""
    return f"{BEGINS}{now:%Y%m%d%H%M%S}"


def message_id(about: str, identity: Identity) -> str:
    return f"<{bounces.verp_local(about, identity.secret)}@{identity.domain}>"


def write(about: str, identity: Identity, now: datetime, *, to: str) -> bytes:
    """The mail itself."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = identity.from_address, to, "Teekond: round trip"
    mail["Date"], mail["Message-ID"] = format_datetime(now), message_id(about, identity)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Teekond sent this mail to itself, to see that mail arrives. Nothing is to be done.\n")
    return mail.as_bytes()


def send(
    about: str, identity: Identity, transport: Transport, now: datetime, *, to: str = "", sign: Sign | None = None
) -> DeliveryOutcome:
    """Hand it to the relay, for the address that only this trip has, or for `to`."""
    address = to or identity.return_address(about)
    mail = write(about, identity, now, to=address)
    with transport.line() as line:
        return line.send(identity.from_address, address, sign(mail) if sign else mail)


def recognised(identity: Identity, row: Letter, read: letter.ParsedLetter) -> str | None:
    """Which round trip a letter is; None for every other letter, a report that one was lost among them."""
    if read.kind is letter.LetterKind.BOUNCE:
        return None
    for said in (read.message_id, *row.recipients):
        found = identity.returned_to(said)
        if found and found.startswith(BEGINS):
            return found
    return None


def came(session: Session, about: str, now: datetime) -> LetterOutcome:
    """It is back: written down where it is the one that is waited for. The letter's outcome."""
    state = _state(session)
    if state.get("key") == about:
        _keep(session, {**state, "came": now.isoformat()})
    return OUTCOME


class Daily:
    """The day's round trip as a job: sent when it is time, told when it is lost. `work` is called as often as one
    likes and looks once a minute."""

    def __init__(
        self, db: Database, season: Season, identity: Identity, transport: Transport, sign: Sign | None = None
    ) -> None:
        self._db, self._season, self._identity = db, season, identity
        self._transport, self._sign = transport, sign
        self._look_at: datetime | None = None

    def work(self, now: datetime) -> int:
        """Nothing ever waits for it: 0."""
        if self._look_at is not None and now < self._look_at <= now + LOOK:
            return 0
        self._look_at = now + LOOK
        with self._db.reading() as session:
            idle = not (_is_time(session, now) or _is_lost(_state(session), now))
        if not idle:
            self._act(now)
        return 0

    def _act(self, now: datetime) -> None:
        with self._db.writing() as session:
            if _is_lost(state := _state(session, hold=True), now):
                self._tell(session, state, now)
            mine = _is_time(session, now)
            if mine:  # claimed before it is sent: of several workers one sends it
                _keep(session, {"key": key(now), "sent": now.isoformat()})
        if mine:
            self._send(now)

    def _send(self, now: datetime) -> None:
        outcome = send(key(now), self._identity, self._transport, now, sign=self._sign)
        if outcome.fate is Fate.SENT:
            return
        log.warning("the day's round trip was not taken: %s %s", outcome.fate.value, outcome.fault or outcome.says)
        if outcome.fate is Fate.WITHHELD:  # a trial run: mail leaves for a few only
            with self._db.writing() as session:
                _keep(session, {**_state(session, hold=True), "told": True})

    def _tell(self, session: Session, state: dict[str, Any], now: datetime) -> None:
        says = Text(
            et="Teekonna kiri iseendale ei ole tunni aja jooksul tagasi jõudnud. Võib-olla ei jõua kohale ka teiste "
            "kirjad. Käsk „teekond doctor“ ütleb, mis on katki.",
            en="Teekond's mail to itself has not come back within an hour. Other people's mail may not arrive either. "
            "The command `teekond doctor` says what is broken.",
        )
        alert(self._season, session, f"round_trip:{state['key']}", AlertKind.ROUND_TRIP, says, now, urgent=True)
        _keep(session, {**state, "told": True})


def _is_time(session: Session, now: datetime) -> bool:
    sent = _state(session).get("sent")
    held = backup.on_hold(session) or mail_hold.current(session) is not None
    return (sent is None or now - datetime.fromisoformat(sent) >= EVERY) and not held


def _is_lost(state: dict[str, Any], now: datetime) -> bool:
    if "sent" not in state or "came" in state or "told" in state:
        return False
    return now - datetime.fromisoformat(state["sent"]) > PATIENCE


def _state(session: Session, *, hold: bool = False) -> dict[str, Any]:
    query = sa.select(Setting.value).where(Setting.key == KEPT)
    found = session.scalar(query.with_for_update() if hold else query)
    state: dict[str, Any] = json.loads(found) if found else {}
    return state


def _keep(session: Session, state: dict[str, Any]) -> None:
    row = insert(session.get_bind(), Setting).values(key=KEPT, value=json.dumps(state))
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value}))
