"""Components of a running service, each given what it needs: receiver, mailbox, worker, pages, relay."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from wsgiref.types import WSGIApplication

import click
from sqlalchemy.orm import Session

from mail.handling import bounce_effects, reply_text
from mail.handling.inbox import uploads
from mail.limited_reading.reader import ReaderDown
from mail.mailbox.records import Books
from mail.mailbox.watcher import Mailbox
from mail.receiving.letter_quota import LetterQuota
from mail.receiving.recipients import Known
from mail.receiving.smtp_policy import Keeper
from mail.receiving.smtp_server import Listener
from mail.receiving.store import store
from mail.receiving.store_thread import StoreThread
from mail.sending import outbox, round_trip
from service import erased_list, mail_tokens, preflight
from service.assembly import Service, unfit
from service.clocks import Clock
from service.running.trial_letter import TrialLetter
from service.running.worker import Job, Worker
from service.version import version
from web.app import DemoPowers, Web, create_app
from web.files import virus_scan
from workflow.codes import AlertKind
from workflow.config.loader import Config
from workflow.config.settings import Protocol
from workflow.database.models import Message, Person
from workflow.privacy.erasure_preview import Means
from workflow.records.history import alert
from workflow.schedule import clock_ahead, heartbeat, tick
from workflow.sign_in import links
from workflow.text.bilingual import Text

LETTERS, DUTIES = 10, 20
"""so many letters are handled, then so many duties, by one look at the clock"""


def keeper(house: Service, clock: Clock) -> Keeper:
    """Which addresses are this house's, and where their letters are kept."""
    known = Known(house.db, house.identity)
    thread = StoreThread(lambda arrivals, now: store(house.db, arrivals, now), clock.now)
    return Keeper(known=known, at_once=known.at_once, store=thread, quota=_quota(house, clock, known))


def _quota(house: Service, clock: Clock, known: Known) -> LetterQuota:
    return LetterQuota(house.db, known.public, house.identity.secret, clock.now)


def listener(house: Service, clock: Clock, address: tuple[str, int], *, beside: Sequence[Keeper] = ()) -> Listener:
    """The receiver: a letter is durable before it is acknowledged. `beside`: the other houses it serves."""
    receive = house.config.service.receive
    known = Known(house.db, house.identity)
    return Listener(
        address,
        hostname=house.identity.domain,
        known=known,
        at_once=known.at_once,
        store=lambda arrivals, now: store(house.db, arrivals, now),
        now=clock.now,
        free=lambda: shutil.disk_usage(house.data).free,
        lmtp=receive.protocol == "lmtp",
        beside=beside,
        quota=_quota(house, clock, known),
        certificate=house.certificate,
    )


def receivers(house: Service, clock: Clock, address: tuple[str, int] | None) -> tuple[Listener, ...]:
    """The receiver where the config or the command line has it; none where all mail comes to the mailbox."""
    settings = house.config.service.receive
    if settings.protocol is Protocol.NONE and address is None:
        if house.config.service.mailbox is None:
            raise click.ClickException('[receive] protocol = "none" needs a [mailbox]: else no mail would come in')
        return ()
    return (listener(house, clock, address or (settings.host, settings.port)),)


def mailbox(house: Service, clock: Clock) -> tuple[Mailbox, ...]:
    """The mailbox that the config names, or none: the same store as the receiver's."""
    settings = house.config.service.mailbox
    if settings is None:
        return ()

    def tell(key: str, says: Text) -> None:
        with house.db.writing() as session:
            about = {"mailbox": key.split(":")[1]}
            alert(house.season, session, key, AlertKind.MAILBOX, says, clock.now(), about=about, urgent=True)

    taken = Mailbox(
        settings, store=lambda arrivals, now: store(house.db, arrivals, now), now=clock.now, tell=tell,
        books=Books(house.db, house.identity, settings), token=house.season.secret,
        tokens=mail_tokens.of_mailbox(house.config.service, house.data, clock),
    )  # fmt: skip
    return (taken,)


def worker(
    house: Service, clock: Clock, transport: outbox.Transport, *, beat: Callable[[], None] | None = None
) -> Worker:
    """Handles what came in and performs what is due; beside it, sends what is queued. Neither waits for the other."""
    try_reading = TrialLetter(house.db, house.season, house.inbox.reader)

    def take_in(now: datetime) -> int:
        handled = 0
        if try_reading(now):
            try:
                handled = house.inbox.handle_due(house.db, now, limit=LETTERS)
            except ReaderDown as error:
                try_reading.judge(str(error), now)
        return handled + tick.tick(house.season, house.db, now, limit=DUTIES) + links.post_links(
            house.season, house.db, now
        )  # fmt: skip

    def refused(session: Session, message: Message, person: Person, now: datetime) -> None:
        bounce_effects.refused(house.season, session, message, person, now)

    unsettled: outbox.Unsettled = []
    watch_clock = clock_ahead.Watch(house.db)

    def send(now: datetime) -> int:
        watch_clock(now)
        most = house.season.programme.limits.automatic_answers_in_all
        return outbox.deliver(
            house.db, now, transport, build=house.build, refused=refused, unsettled=unsettled, most_answers=most
        ).handled

    jobs = [Job("letters and duties", take_in, interrupt=house.inbox.reader.interrupt), Job("sending", send)]
    if house.config.service.mail.round_trip:
        daily = round_trip.Daily(house.db, house.season, house.identity, transport, house.sign)
        jobs.append(Job("round trip", daily.work))
    return Worker(house.db, jobs, clock.now, beat=beat or heartbeat.Pulse(house.db, clock.now))


def relay(config: Config, data: Path, clock: Clock) -> outbox.Transport:
    """The mail server that takes what goes out, with the config's allow-list."""
    mail = config.service.mail
    password = mail.relay_password.get_secret_value() if mail.relay_password else ""
    return outbox.SmtpTransport(
        mail.relay_host,
        mail.relay_port,
        tls=mail.relay_tls,
        user=mail.relay_user,
        password=password,
        tokens=mail_tokens.of_relay(config.service, data, clock),
        only_to=mail.only_to,
    )


def pages(house: Service, clock: Clock, demo: DemoPowers | None = None) -> WSGIApplication:
    """The pages, given what they may use."""
    scanner_at = house.config.service.web.clamd
    with unfit():
        preflight.check_directory(house.config.service)
        preflight.check_certificates(house.config.programme)
    return create_app(
        Web(
            db=house.db, season=house.season, composer=house.composer, settings=house.config.service, now=clock.now,
            keys=house.keys, token=house.season.secret, read_uploads=partial(uploads, house.inbox.reader), demo=demo,
            rights=_rights(house),
            scan=virus_scan.scanner(scanner_at) if scanner_at else None,
            disk_free=lambda: shutil.disk_usage(house.data).free, mark=house.key, version=version,
        )
    )  # fmt: skip


def _rights(house: Service) -> Means:
    """What forgetting a person takes: as the command has it."""
    return Means(
        key=house.keys.newest.encode(),
        plain=reply_text.words_by(house.inbox.reader),
        note=lambda marks: erased_list.note(house.data, marks),
    )
