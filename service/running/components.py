"""The parts of a running service, each given what it needs of the house: receiver, mailbox, worker, pages, relay."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from wsgiref.types import WSGIApplication

import click
from sqlalchemy.orm import Session

from mail.composing import samples
from mail.group_commit import GroupCommit
from mail.handling import bounce_effects as bounced
from mail.handling import letter_json as reading
from mail.handling.inbox import uploads
from mail.mailbox.watcher import Mailbox
from mail.outgoing import Outgoing
from mail.receiving.recipients import Known
from mail.receiving.smtp_policy import Keeper
from mail.receiving.smtp_server import Listener
from mail.receiving.store import store
from mail.sending import outbox, round_trip
from service import erased_list
from service.assembly import House
from service.clocks import Clock
from service.running.worker import Job, Worker
from web.app import Demo, Web, create_app
from web.files import virus_scan as clamd
from workflow.config.loader import Config
from workflow.config.settings import Protocol
from workflow.config.types import Text
from workflow.database.models import Message, Person
from workflow.privacy.erasure_preview import Means
from workflow.records.history import alert
from workflow.schedule import heartbeat as pulse
from workflow.schedule import tick as calendar
from workflow.sign_in import links as sign_in_links

DUTIES = 20
"""so many are performed between one batch of letters and the next"""


def keeper(house: House, clock: Clock) -> Keeper:
    """Which addresses are this house's, and where their letters are kept."""
    known = Known(house.db, house.identity)
    commit = GroupCommit(lambda arrivals, now: store(house.db, arrivals, now), clock.now)
    return Keeper(known=known, at_once=known.at_once, commit=commit)


def listener(house: House, clock: Clock, address: tuple[str, int], *, beside: Sequence[Keeper] = ()) -> Listener:
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
    )


def receivers(house: House, clock: Clock, address: tuple[str, int] | None) -> tuple[Listener, ...]:
    """The receiver where the config or the command line has it; none where all mail comes to the mailbox."""
    settings = house.config.service.receive
    if settings.protocol is Protocol.NONE and address is None:
        if house.config.service.mailbox is None:
            raise click.ClickException('[receive] protocol = "none" needs a [mailbox]: else no mail would come in')
        return ()
    return (listener(house, clock, address or (settings.host, settings.port)),)


def mailbox(house: House, clock: Clock) -> tuple[Mailbox, ...]:
    """The mailbox that the config names, or none: the same store as the receiver's."""
    settings = house.config.service.mailbox
    if settings is None:
        return ()

    def tell(key: str, says: Text) -> None:
        with house.db.writing() as session:
            alert(house.season, session, key, "mailbox", says, clock.now(), urgent=True)

    taken = Mailbox(settings, store=lambda arrivals, now: store(house.db, arrivals, now), now=clock.now, tell=tell)
    return (taken,)


def worker(
    house: House, clock: Clock, transport: outbox.Transport, *, beat: Callable[[], None] | None = None
) -> Worker:
    """Handles what came in and performs what is due; beside it, sends what is queued. Neither waits for the other."""

    def take_in(now: datetime) -> int:
        handled = house.inbox.handle_due(house.db, now)
        return handled + calendar.tick(house.season, house.db, now, limit=DUTIES) + sign_in_links.post_links(
            house.season, house.db, now
        )  # fmt: skip

    def refused(session: Session, message: Message, person: Person, now: datetime) -> None:
        bounced.refused(house.season, session, message, person, now)

    outgoing = Outgoing(
        db=house.db, transport=transport, build=house.build, made_by=house.made_by, folder=house.data / "sending",
        refused=refused, connections=house.config.service.mail.connections,
        most_answers=house.season.programme.limits.automatic_answers_in_all,
    )  # fmt: skip
    jobs = [Job("letters and duties", take_in), Job("sending", outgoing.work)]
    if house.config.service.mail.round_trip:
        daily = round_trip.Daily(house.db, house.season, house.identity, transport, house.sign)
        jobs.append(Job("round trip", daily.work))
    return Worker(house.db, jobs, clock.now, beat=beat or pulse.Pulse(house.db, clock.now))


def relay(config: Config) -> outbox.Transport:
    """The mail server that takes what goes out, with the config's allow-list."""
    mail = config.service.mail
    password = mail.relay_password.get_secret_value() if mail.relay_password else ""
    return outbox.SmtpTransport(
        mail.relay_host,
        mail.relay_port,
        tls=mail.relay_tls,
        user=mail.relay_user,
        password=password,
        only_to=mail.only_to,
    )


def pages(house: House, clock: Clock, demo: Demo | None = None) -> WSGIApplication:
    """The pages, given what they may use."""
    scanner_at = house.config.service.web.clamd
    return create_app(
        Web(
            db=house.db, season=house.season, composer=house.composer, settings=house.config.service, now=clock.now,
            keys=house.keys, token=house.season.secret, read_uploads=uploads, demo=demo,
            rights=_rights(house),
            samples=samples.sample, scan=clamd.scanner(scanner_at) if scanner_at else None,
            disk_free=lambda: shutil.disk_usage(house.data).free, mark=house.key,
        )
    )  # fmt: skip


def _rights(house: House) -> Means:
    """What forgetting a person takes: as the command has it."""
    return Means(
        key=house.keys.newest.encode(), plain=reading.words, note=lambda marks: erased_list.note(house.data, marks)
    )
