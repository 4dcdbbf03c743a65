"""Several programmes in one folder: `KEY.toml` each, checked for clashes before anything of theirs is opened.

Each gets its own config, its own data folder (KEY in the data folder), its own tables (a SQLite file there, or a schema
of its own in PostgreSQL) and its own part of the environment. What two of them would both be is refused to one of
them, in words; the others go on. Must never open a database, or put one programme's settings into another.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
import sqlalchemy as sa

from service import os_errors
from service.invocation import Invocation, text_of
from workflow.config.environment import PREFIX
from workflow.config.faults import ConfigFaults
from workflow.config.loader import Config, load
from workflow.config.settings import Protocol
from workflow.database.engine import in_schema, schema_of
from workflow.rules.mail_kinds import MAIL_KINDS

KEY: Final = re.compile(r"(?=.{1,40}$)[a-z0-9]+(?:-[a-z0-9]+)*")
FOR: Final = f"{PREFIX}FOR_"
"""TEEKOND_FOR_KOOS__MAIL__RELAY_PASSWORD is TEEKOND_MAIL__RELAY_PASSWORD of koos.toml alone"""
OWN: Final = frozenset({f"{PREFIX}SECRET_KEY", f"{PREFIX}OLDER_SECRET_KEYS", f"{PREFIX}RETIRED_SECRET_KEYS"})
"""what no two programmes may share"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A programme that is not served, and why."""

    key: str
    why: str
    places: tuple[tuple[str, str], ...] = ()
    """host and path of its pages, where they are known"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A programme whose config is whole."""

    key: str
    told: Invocation
    config: Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The programmes of a folder: those that can be opened, and those that cannot. `strange`: variables of the
    environment that are for a programme that is not there."""

    read: tuple[Read, ...]
    closed: tuple[Closed, ...]
    strange: tuple[str, ...] = ()


def keys(told: Invocation) -> list[str]:
    """The names of the folder's configs."""
    assert told.programmes is not None, "ask where there are several"
    with os_errors.of(told.programmes):
        return sorted(file.stem for file in told.programmes.iterdir() if file.suffix == ".toml")


def one(told: Invocation, key: str) -> Invocation:
    """What the commands are told of this programme alone."""
    assert told.programmes is not None, "ask where there are several"
    if key not in (known := keys(told)):
        raise click.ClickException(f"there is no programme {key!r}; there are: {', '.join(known) or 'none'}")
    return replace(
        told, programmes=None, programme=key, config=told.programmes / f"{key}.toml", data=told.data / key,
        environ=_environ(told.environ, key),
    )  # fmt: skip


def in_turn(told: Invocation, look: Callable[[Invocation], int]) -> int:
    """What `look` finds in each programme, one after another; in the one there is, where there is no folder. One
    that cannot be looked at counts, and the others have their turn."""
    if told.programmes is None:
        return look(told)
    found = 0
    for key in keys(told):
        click.echo(f"-- {key}")
        try:
            found += look(one(told, key))
        except click.ClickException as error:
            click.echo(f"Error: {error.format_message()}", err=True)
            found += 1
    return found


def read_all(told: Invocation) -> Sorted:
    """Every config of the folder, each by itself: one that is broken closes its own programme only."""
    read: list[Read] = []
    closed: list[Closed] = []
    for key in keys(told):
        found = _read(told, key)
        read.append(found) if isinstance(found, Read) else closed.append(found)
    if not read and not closed:
        raise click.ClickException(f"{told.programmes}: no programme is there; put its config there as KEY.toml")
    refused: dict[str, Closed] = {}
    for each in (*_claimed_twice(read), *_of_two_tongues(read)):
        before = refused.get(each.key)
        refused[each.key] = replace(each, why=f"{before.why}\n{each.why}") if before else each
    return Sorted(
        read=tuple(each for each in read if each.key not in refused),
        closed=tuple(sorted([*closed, *refused.values()], key=lambda each: each.key)),
        strange=_strange(told.environ, keys(told)),
    )


def _read(told: Invocation, key: str) -> Read | Closed:
    if KEY.fullmatch(key) is None:
        why = "the file's name is the programme's: small letters, digits and single hyphens only, at most 40"
        return Closed(key=key, why=why)
    shared = sorted(OWN & set(told.environ))
    if shared:
        why = f"{shared[0]} would be every programme's; name it {FOR}{_upper(key)}__{shared[0].removeprefix(PREFIX)}"
        return Closed(key=key, why=why)
    alone = one(told, key)
    try:
        return _placed(Read(key=key, told=alone, config=load(text_of(alone), alone.environ, MAIL_KINDS)))
    except click.ClickException as error:
        return Closed(key=key, why=f"the config cannot be read: {error.message}")
    except ConfigFaults as faults:
        return Closed(key=key, why="\n".join(fault.line_text("en") for fault in faults.faults))


def _placed(read: Read) -> Read | Closed:
    """Where mail comes in; and with pages at the top of a host, or under /p/KEY: any other path might hide another
    programme's."""
    base, service = read.config.service.base_url, read.config.service
    if service.receive.protocol is Protocol.NONE and service.mailbox is None:
        return Closed(key=read.key, why='[receive] protocol = "none" needs a [mailbox]: else no mail would come in')
    if urlsplit(base).path in ("", f"/p/{read.key}"):
        return read
    return Closed(key=read.key, why=f"base_url {base}: its path is /p/{read.key}, or there is none")


# -- the environment ----------------------------------------------------------------------------------------------


def _upper(key: str) -> str:
    return key.upper().replace("-", "_")


def _environ(environ: Mapping[str, str], key: str) -> dict[str, str]:
    """What holds for all, and over it what is for this programme."""
    mine = f"{FOR}{_upper(key)}__"
    shared = {name: value for name, value in environ.items() if not name.startswith(FOR)}
    own = {name.removeprefix(mine): value for name, value in environ.items() if name.startswith(mine)}
    return shared | {f"{PREFIX}{name}": value for name, value in own.items()}


def _strange(environ: Mapping[str, str], known: Sequence[str]) -> tuple[str, ...]:
    theirs = tuple(f"{FOR}{_upper(key)}__" for key in known)
    return tuple(sorted(name for name in environ if name.startswith(FOR) and not name.startswith(theirs)))


# -- where its books are ------------------------------------------------------------------------------------------


def own_url(told: Invocation, url: str) -> str:
    """The database of this programme alone: its own schema, where PostgreSQL's address names none."""
    if told.programme is None or not url.startswith("postgresql") or schema_of(url):
        return url
    return in_schema(url, f"p_{told.programme.replace('-', '_')}")


# -- what only one can have ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """What nobody else may have, and what to do where somebody has."""

    what: str
    of: Callable[[Read], Iterable[str]]
    do: str


def _address(one: Read) -> Iterable[str]:
    yield one.config.service.mail.from_address.lower()


def places(config: Config) -> list[tuple[str, str]]:
    """Host and path of the pages, under each name that they answer to."""
    base = urlsplit(config.service.base_url)
    return [(name, base.path) for name in dict.fromkeys(((base.hostname or ""), *config.service.web.hosts))]


def _pages(one: Read) -> Iterable[str]:
    return (f"{name}{path}" for name, path in places(one.config))


def _books(one: Read) -> Iterable[str]:
    url = sa.make_url(own_url(one.told, one.config.service.database.url))
    if url.get_backend_name() != "sqlite" or Path(url.database or "").is_absolute():
        yield url.render_as_string()


def _mailbox(one: Read) -> Iterable[str]:
    box = one.config.service.mailbox
    if box is not None:
        yield f"{box.user} at {box.host}, {box.folder}"


CLAIMS: Final = (
    _Claim("[mail] from_address", _address, "give it an address of its own"),
    _Claim("base_url", _pages, "give it a host of its own, or this one with /p/{key} behind it"),
    _Claim("[database] url", _books, "give it a database, a file or a ?schema= of its own"),
    _Claim("[mailbox]", _mailbox, "give it a mailbox or a folder of its own"),
)


def _eldest_first(read: Sequence[Read]) -> list[Read]:
    """Who has a data folder already, and so ran before, keeps what it had."""
    return sorted(read, key=lambda one: (not one.told.data.is_dir(), one.key))


def _of_two_tongues(read: Sequence[Read]) -> Iterator[Closed]:
    """One port speaks one protocol."""
    spoken: dict[tuple[str, int], Read] = {}
    for each in _eldest_first(read):
        mine = each.config.service.receive
        if mine.protocol is Protocol.NONE:
            continue
        first = spoken.setdefault((mine.host, mine.port), each)
        if (theirs := first.config.service.receive.protocol) is not mine.protocol:
            why = f"[receive] {mine.host}:{mine.port} speaks {theirs} for {first.key}; do so too, or take another port"
            yield Closed(key=each.key, why=why)


def _claimed_twice(read: Sequence[Read]) -> Iterator[Closed]:
    """Those that want what another has."""
    for claim in CLAIMS:
        holders: dict[str, Read] = {}
        for each in _eldest_first(read):
            for value in claim.of(each):
                holder = holders.setdefault(value, each)
                if holder is not each:
                    why = f"{claim.what}: {value} is taken by {holder.key}; {claim.do.format(key=each.key)}"
                    yield Closed(key=each.key, why=why)
