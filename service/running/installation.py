"""One process's programmes: a single one, or all those of a folder, behind the same commands.

Of several each is a house of its own, with its own books; they share the ports, the threads that work, and nothing
else. Must never end the others for what is wrong with one.
"""

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeAlias
from wsgiref.types import WSGIApplication

import click

from mail.mailbox.watcher import Mailbox
from mail.receiving.smtp_policy import Keeper
from mail.receiving.smtp_server import Listener
from mail.receiving.store_thread import StoreThread
from service import logs, preflight, programmes
from service.assembly import Service, opened, real_house
from service.clocks import Clock
from service.invocation import Invocation
from service.programmes import Closed, Read
from service.running import components
from service.running.pool import Pool
from service.running.process import ServicePart
from service.running.worker import Worker
from web.front.dispatch import Front, Mounted, Shut
from web.front.pages import create_front
from workflow.config import settings
from workflow.config.settings import Log, LogFormat, LogLevel

At: TypeAlias = tuple[str, int]
log = logging.getLogger("teekond")


class Installation(Protocol):
    """The parts of a service, as the commands start them."""

    @property
    def web_at(self) -> list[At]:
        """Where the configs want the pages served."""

    @property
    def houses(self) -> Sequence[Service]:
        """The programmes that are served."""

    def receivers(self, at: At | None) -> Sequence[Listener]: ...
    def mailboxes(self) -> Sequence[Mailbox]: ...
    def worker(self) -> ServicePart: ...
    def pages(self) -> WSGIApplication: ...


def installation(told: Invocation) -> Installation:
    """What there is to serve; each house is opened and its tables are brought up to date."""
    found = _many(told) if told.programmes is not None else One(*real_house(told))
    warn_of_python((sys.version_info.major, sys.version_info.minor, sys.version_info.micro))  # the log is set up now
    return found


def warn_of_python(running: tuple[int, int, int]) -> None:
    """At each start, where this Python is older than what is known of its `email` was mended in (row R20 of the list of
    threats). Not refused: see `service.preflight`."""
    if mended := preflight.mended_python(running):
        log.warning(
            "Python %s reads mail with known holes, mended in %s or by a distribution under the old number: update it "
            "when you can (`teekond doctor` says more)", ".".join(map(str, running)), mended,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class One:
    """One programme: what its config says."""

    house: Service
    clock: Clock

    @property
    def web_at(self) -> list[At]:
        return [_web_at(self.house)]

    @property
    def houses(self) -> Sequence[Service]:
        return [self.house]

    def receivers(self, at: At | None) -> Sequence[Listener]:
        return components.receivers(self.house, self.clock, at)

    def mailboxes(self) -> Sequence[Mailbox]:
        return components.mailbox(self.house, self.clock)

    def worker(self) -> ServicePart:
        return _worker(self.house, self.clock)

    def pages(self) -> WSGIApplication:
        return components.pages(self.house, self.clock)


@dataclass(frozen=True, slots=True)
class Many:
    """Several programmes beside each other. `closed` are not served, and what comes for them is not turned away."""

    served: tuple[One, ...]
    closed: tuple[Closed, ...]
    told: Invocation

    @property
    def houses(self) -> Sequence[Service]:
        return [one.house for one in self.served]

    @property
    def web_at(self) -> list[At]:
        return list(dict.fromkeys(_web_at(one.house) for one in self.served))

    def receivers(self, at: At | None) -> Sequence[Listener]:
        """One for each address that the configs name; those that name the same one share it."""
        wanted: dict[At, list[One]] = {}
        for one in self.served:
            receive = one.house.config.service.receive
            if at is not None or receive.protocol is not settings.Protocol.NONE:
                wanted.setdefault(at or (receive.host, receive.port), []).append(one)
        return [self._receiver(where, those) for where, those in wanted.items()]

    def _receiver(self, where: At, those: Sequence[One]) -> Listener:
        first, *others = those
        beside = [components.keeper(one.house, one.clock) for one in others]
        if self.closed:
            beside.append(Keeper(known=_perhaps, store=StoreThread(_never, first.clock.now), at_once=True))
        return components.listener(first.house, first.clock, where, beside=beside)

    def mailboxes(self) -> Sequence[Mailbox]:
        return [box for one in self.served for box in one.mailboxes()]

    def worker(self) -> ServicePart:
        return Pool({
            one.house.key: _worker(one.house, one.clock)
            for one in self.served
        })  # fmt: skip

    def pages(self) -> WSGIApplication:
        mounted = [_mounted(one) for one in self.served]
        shut = [Shut(key=one.key, places=one.places) for one in self.closed]
        return Front(mounted, shut, create_front(mounted, shut, self.told.clock.now))


class Closing(Exception):
    """A programme is closed: whether the address is its own cannot be said now."""


def _perhaps(_address: str) -> NoReturn:
    """Nobody's address may be one of a closed programme: the sender's server is asked to come again."""
    raise Closing


def _never(_arrivals: object, _now: object) -> NoReturn:
    raise Closing


def _worker(house: Service, clock: Clock) -> Worker:
    return components.worker(house, clock, components.relay(house.config, house.data, clock))


def _web_at(house: Service) -> At:
    return house.config.service.web.host, house.config.service.web.port


def _mounted(one: One) -> Mounted:
    house = one.house
    return Mounted(
        key=house.key, programme=house.config.programme, base_url=house.config.service.base_url,
        places=programmes.places(house.config), app=logs.named(house.key, components.pages(house, one.clock)),
    )  # fmt: skip


# -- opening ------------------------------------------------------------------------------------------------------


def _many(told: Invocation) -> Many:
    found = programmes.read_all(told)
    logs.set_up(_fullest([one.config.service.log for one in found.read]), verbose=told.verbose)
    for name in found.strange:
        log.warning("%s is for a programme that is not there", name)
    opened_now = [_open(one) for one in found.read]
    served = tuple(one for one in opened_now if isinstance(one, One))
    closed = (*found.closed, *(one for one in opened_now if isinstance(one, Closed)))
    for one in closed:
        click.echo("\n    ".join([f"{one.key} is closed:", *one.why.splitlines()]), err=True)
        log.error("the programme %s is closed; `teekond check` tells why", one.key)
    if not served:
        raise click.ClickException("no programme can be served")
    return Many(served=served, closed=closed, told=told)


def _open(one: Read) -> One | Closed:
    try:
        with logs.of_programme(one.key):
            return One(*opened(one.told, one.config))
    except click.ClickException as error:
        why = error.message
    except Exception as error:  # whatever is wrong with this one, the others go on
        log.exception("the programme %s cannot be opened", one.key)
        why = f"{type(error).__name__}: {logs.clean(str(error))}"
    return Closed(key=one.key, why=why, places=tuple(programmes.places(one.config)))


def _fullest(wanted: Sequence[Log]) -> Log:
    """One log for all: JSON where any wants it, and as much as the most curious wants."""
    levels = list(LogLevel)
    level = min((one.level for one in wanted), key=levels.index, default=LogLevel.WARNING)
    json = any(one.format is LogFormat.JSON for one in wanted)
    return Log(format=LogFormat.JSON if json else LogFormat.TEXT, level=level)
