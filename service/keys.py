"""The keys of a service: the secret key beside its database, and the key that signs its mail."""

import logging
import os
from pathlib import Path

import click

from mail import signing
from service.told import Told
from workflow.programme import Config
from workflow.service_settings import Mail

log = logging.getLogger("teekond")


def secret_key(told: Told, config: Config) -> str:
    """From the environment, else made once and kept beside the database, readable by its owner alone."""
    if config.service.secret_key is not None:
        return config.service.secret_key.get_secret_value()
    file = told.data / "secret_key"
    if not file.exists():
        fresh = told.data / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(told.key())
        try:
            os.link(fresh, file)  # the first of several processes wins, and nobody reads half a key
        except FileExistsError:
            log.debug("another process made the secret key")
        finally:
            fresh.unlink()
    return file.read_text(encoding="ascii").strip()


def signer(mail: Mail) -> signing.Sign | None:
    """Signs with the key that the config names; nothing where it names none."""
    if mail.dkim_selector is None and mail.dkim_key_file is None:
        return None
    if mail.dkim_selector is None or mail.dkim_key_file is None:
        raise click.ClickException("[mail] dkim_selector and dkim_key_file: both or none")
    domain = mail.from_address.rpartition("@")[2].lower()
    try:
        key = Path(mail.dkim_key_file).read_bytes()
        return signing.signer(domain=domain, selector=mail.dkim_selector, key=key)
    except (OSError, signing.UnfitKey) as error:
        raise click.ClickException(f"[mail] dkim_key_file: {error}") from error
