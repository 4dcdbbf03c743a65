"""The keys of a service: its own secret keys, and the key that signs its mail.

The secret keys come from the environment, else from a file beside the database, which its owner alone can read; the
first is made at the first start. A process reads them when it starts, and goes by those until it ends.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from mail.identity import Identity
from mail.sending import dkim as signing
from service.invocation import Told
from workflow.config.loader import Config, Programme, Settings
from workflow.config.settings import Mail
from workflow.security import keys
from workflow.security.keys import Kept, Keys

log = logging.getLogger("teekond")

FILE = "secret_key"


def own(told: Told, config: Config) -> Keys:
    """From the environment, else made once and kept beside the database."""
    if from_environment(config):
        return keys.joined(kept(told, config))
    file = told.data / FILE
    if not file.exists():
        _begin(file, Kept(key=told.key(), made=told.clock.now()))
    return keys.joined(kept(told, config))


def from_environment(config: Config) -> bool:
    return config.service.secret_key is not None


def kept(told: Told, config: Config) -> tuple[Kept, ...]:
    """Every key that there is, newest first; none before the first start."""
    if from_environment(config):
        return _given(config.service, told.clock.now())
    file = told.data / FILE
    try:
        return keys.read(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, keys.Unreadable) as error:
        why = "it is not text" if isinstance(error, UnicodeDecodeError) else error
        raise click.ClickException(f"{file}: {why}. Put the file back from your copy of it.") from None


def change(told: Told, act: Callable[[Sequence[Kept]], Sequence[Kept]]) -> tuple[Kept, ...]:
    """The file's keys as `act` leaves them: written whole and durably, by one command at a time."""
    file, fresh = told.data / FILE, told.data / f"{FILE}.new"
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            there = _dated(keys.read(file.read_text(encoding="ascii")), file)
            after = tuple(act(there))
            out.write(keys.write(after))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    except FileExistsError as error:
        raise click.ClickException(f"{fresh} is there: another command changes the keys, or was cut off. If none runs, "
                                   "delete it and try again.") from error  # fmt: skip
    except (OSError, UnicodeDecodeError, keys.Unreadable) as error:
        fresh.unlink(missing_ok=True)
        why = "it is not text" if isinstance(error, UnicodeDecodeError) else error
        raise click.ClickException(f"{file}: {why}. Nothing was changed.") from None
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return after


def identity(programme: Programme, service: Settings, these: Keys) -> Identity:
    """Who the service is in its mails: what older keys signed comes back to it too."""
    older = [key.encode() for key in these.older]
    return Identity.of(programme, service, these.newest.encode(), older=older)


def _given(service: Settings, now: datetime) -> tuple[Kept, ...]:
    newest = [service.secret_key] if service.secret_key is not None else []
    believed = [Kept(key=one.get_secret_value()) for one in (*newest, *service.older_secret_keys)]
    return *believed, *(Kept(key=one.get_secret_value(), retired=now) for one in service.retired_secret_keys)


def _begin(file: Path, first: Kept) -> None:
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(keys.write([first]))
    try:
        os.link(fresh, file)  # the first of several processes wins, and nobody reads half a key
    except FileExistsError:
        log.debug("another process made the secret key")
    finally:
        fresh.unlink()


def _dated(there: Sequence[Kept], file: Path) -> Sequence[Kept]:
    """A key from before dates were kept was made when its file was."""
    made = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    return [replace(one, made=one.made or made) for one in there]


def signing_key(mail: Mail) -> bytes:
    """The key that signs, as it is kept; nothing where none does."""
    return Path(mail.dkim_key_file).read_bytes() if mail.dkim_key_file else b""


def published(mail: Mail) -> str:
    """The record that the domain has to publish for this key; empty where there is none, or none that can be read."""
    if mail.dkim_key_file is None:
        return ""
    try:
        return signing.record(Path(mail.dkim_key_file).read_bytes())
    except (OSError, signing.UnfitKey):
        return ""  # what is wrong with the key is told where it would sign


def signer(mail: Mail) -> signing.Sign | None:
    """Signs with the key that the config names; nothing where it names none."""
    if mail.dkim_selector is None and mail.dkim_key_file is None:
        return None
    if mail.dkim_selector is None or mail.dkim_key_file is None:
        raise click.ClickException("[mail] dkim_selector and dkim_key_file: both or none")
    domain = mail.from_address.rpartition("@")[2].lower()
    try:
        return signing.signer(domain=domain, selector=mail.dkim_selector, key=signing_key(mail))
    except (OSError, signing.UnfitKey) as error:
        raise click.ClickException(f"[mail] dkim_key_file: {error}") from error
