"""Errors of the operating system in plain words: what a command says of a file, folder or disk that refuses it.

Must never explain away a mistake of ours: a file that is missing is the caller's fault only where the caller named it.
"""

import errno
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

REFUSED: Final[Mapping[int, str]] = {
    errno.EACCES: "no permission; run the command as the user who owns it",
    errno.EPERM: "no permission; run the command as the user who owns it",
    errno.EROFS: "its file system is read-only",
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "it grows too large for the file system",
    errno.EIO: "the disk has an error",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "it is a folder, not a file",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "its links lead in a circle",
}
"""what the system refuses whoever asks, in plain words"""
_NAMED: Final[Mapping[int, str]] = {
    **REFUSED,
    errno.ENOENT: "there is no such file or folder",
    errno.EEXIST: "it is there already; name another",
}
"""the same of a path that the caller named"""


def why(error: OSError) -> str:
    """The reason in plain words."""
    if isinstance(error, ssl.SSLError):  # its number is not the system's
        return str(error)
    return _NAMED.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__


@contextmanager
def of(place: Path | str, more: str = "") -> Iterator[None]:
    """A path that the caller named is refused or missing: said in one sentence, with `more` behind it.

    Raises click.ClickException instead of OSError.
    """
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{error.filename or place}: {why(error)}{more}") from error
