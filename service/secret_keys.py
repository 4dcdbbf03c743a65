"""Loads and stores the service's keys: its own secret keys, and the DKIM key that signs its mail.

The secret keys come from the environment, else from a file beside the database, which its owner alone can read; the
first is made at the first start. A process reads them when it starts, and goes by those until it ends.
"""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from mail.identity import Identity
from mail.receiving.tls_certificate import TlsCertificate
from mail.sending import dkim
from service import os_errors
from service.invocation import Invocation
from workflow.config.loader import Config, Programme, Settings
from workflow.config.settings import MailSettings, Receive
from workflow.database import private_files
from workflow.security import keys
from workflow.security.keys import Keys, StoredKey

log = logging.getLogger("teekond")

FILE = "secret_key"


def own(told: Invocation, config: Config) -> Keys:
    """From the environment, else made once and kept beside the database."""
    if from_environment(config):
        return keys.joined(kept(told, config))
    file = told.data / FILE
    if not file.exists():
        _begin(file, StoredKey(key=told.key(), made=told.clock.now()))
    return keys.joined(kept(told, config))


def standing(told: Invocation, config: Config) -> Keys:
    """The keys that there are; none is made. Raises click.ClickException where there is none."""
    there = kept(told, config)
    if not there:
        raise click.ClickException(f"there is no secret key in {told.data}. Check --data, or give TEEKOND_SECRET_KEY")
    return keys.joined(there)


def from_environment(config: Config) -> bool:
    return config.service.secret_key is not None


def kept(told: Invocation, config: Config) -> tuple[StoredKey, ...]:
    """Every key that there is, newest first; none before the first start."""
    if from_environment(config):
        return _given(config.service, told.clock.now())
    file = told.data / FILE
    try:
        return keys.read(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, keys.Unreadable) as error:
        lost = "" if isinstance(error, OSError) else ". Put the file back from your copy of it"
        raise click.ClickException(f"{file}: {_why(error)}{lost}.") from None


def change(told: Invocation, act: Callable[[Sequence[StoredKey]], Sequence[StoredKey]]) -> tuple[StoredKey, ...]:
    """The file's keys as `act` leaves them: written whole and durably, by one command at a time."""
    file, fresh = told.data / FILE, told.data / f"{FILE}.new"
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            private_files.hand_over(out.fileno(), told.data)
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
        with suppress(OSError):  # the folder that refused it may refuse this too
            fresh.unlink(missing_ok=True)
        raise click.ClickException(f"{file}: {_why(error)}. Nothing was changed.") from None
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return after


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return os_errors.why(error)
    return "it is not text" if isinstance(error, UnicodeDecodeError) else str(error)


def identity(programme: Programme, service: Settings, these: Keys) -> Identity:
    """Who the service is in its mails: what older keys signed comes back to it too."""
    older = [key.encode() for key in these.older]
    return Identity.of(programme, service, these.newest.encode(), older=older)


def _given(service: Settings, now: datetime) -> tuple[StoredKey, ...]:
    newest = [service.secret_key] if service.secret_key is not None else []
    believed = [StoredKey(key=one.get_secret_value()) for one in (*newest, *service.older_secret_keys)]
    return *believed, *(StoredKey(key=one.get_secret_value(), retired=now) for one in service.retired_secret_keys)


def _begin(file: Path, first: StoredKey) -> None:
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        private_files.hand_over(out.fileno(), file.parent)
        out.write(keys.write([first]))
    try:
        os.link(fresh, file)  # the first of several processes wins, and nobody reads half a key
    except FileExistsError:
        log.debug("another process made the secret key")
    finally:
        fresh.unlink()


def _dated(there: Sequence[StoredKey], file: Path) -> Sequence[StoredKey]:
    """A key from before dates were kept was made when its file was."""
    made = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    return [replace(one, made=one.made or made) for one in there]


def signing_key(mail: MailSettings) -> bytes:
    """The key that signs, as it is kept; nothing where none does."""
    return Path(mail.dkim_key_file).read_bytes() if mail.dkim_key_file else b""


def tls_certificate(receive: Receive) -> TlsCertificate | None:
    """What the receiver offers STARTTLS with; None where the config names nothing."""
    if receive.certificate_file is None and receive.key_file is None:
        return None
    if receive.certificate_file is None or receive.key_file is None:
        raise click.ClickException("[receive] certificate_file and key_file: both or none")
    try:
        return TlsCertificate(Path(receive.certificate_file), Path(receive.key_file))
    except OSError as error:
        raise click.ClickException(f"[receive] certificate_file and key_file: {_why(error)}") from error


def published(mail: MailSettings) -> str:
    """The record that the domain has to publish for this key; empty where there is none, or none that can be read."""
    if mail.dkim_key_file is None:
        return ""
    try:
        return dkim.record(Path(mail.dkim_key_file).read_bytes())
    except (OSError, dkim.UnfitKey):
        return ""  # what is wrong with the key is told where it would sign


def signer(mail: MailSettings) -> dkim.Sign | None:
    """Signs with the key that the config names; nothing where it names none."""
    if mail.dkim_selector is None and mail.dkim_key_file is None:
        return None
    if mail.dkim_selector is None or mail.dkim_key_file is None:
        raise click.ClickException("[mail] dkim_selector and dkim_key_file: both or none")
    domain = mail.from_address.rpartition("@")[2].lower()
    try:
        return dkim.signer(domain=domain, selector=mail.dkim_selector, key=signing_key(mail))
    except (OSError, dkim.UnfitKey) as error:
        raise click.ClickException(f"[mail] dkim_key_file: {_why(error)}") from error
