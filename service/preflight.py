"""Pre-flight checks: vulnerable versions of Python and libraries, and network file systems under the database.

Versions with known holes, and a database file on a network disk, are refused before anything is opened. An old Python
is told of at each start and by `teekond doctor`, and not refused: distributions mend holes under the number that was
there, and those we know of are closed on our side too (docs/security/asvs.md, 15.2.1). Must never open a database or
make a folder.
"""

import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from service.invocation import MOUNTS
from workflow.config.installation.oidc import LIBRARIES
from workflow.config.loader import Programme
from workflow.config.settings import Settings

LEAST: Final[Mapping[str, tuple[int, ...]]] = {"aiosmtpd": (1, 4, 6), "werkzeug": (3, 0, 6), "jinja2": (3, 1, 6)}
"""libraries that take what strangers send, and the first version without known holes (CVE-2024-27305, CVE-2024-34083;
CVE-2024-49767; CVE-2025-27516)"""
PYTHONS: Final[Mapping[tuple[int, int], int]] = {(3, 11): 15, (3, 12): 13, (3, 13): 12, (3, 14): 3}
"""the first release of each with what is known of its `email` mended (CVE-2024-6923, CVE-2026-1299)"""
AFAR: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs"}
    | {"smb3", "smbfs", "fuse.ceph", "fuse.davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"}
)
"""file systems on which machines do not see each other's locks and shared memory as SQLite's log needs them"""
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


class PreflightError(Exception):
    """The service may not be started here; the words say why and what to do."""


def check_libraries(version: Callable[[str], str]) -> None:
    """None of those that strangers talk to may be older than its mended version."""
    old = [
        f"{name} {version(name)} has known holes: {'.'.join(map(str, least))} or newer is needed"
        for name, least in LEAST.items()
        if numbers(version(name)) < least
    ]
    if old:
        raise PreflightError(f"{'; '.join(old)}. Install what requirements.lock names.")


def check_driver(url: str, find: Callable[[str], object] = find_spec) -> None:
    """PostgreSQL is spoken to through a driver that not everybody installs."""
    if url.startswith("postgresql") and find("psycopg") is None:
        raise PreflightError(
            "The driver for PostgreSQL is missing: pip install --require-hashes -r service.lock, or "
            "'teekond[postgresql]'."
        )


def check_directory(settings: Settings, find: Callable[[str], object] = find_spec) -> None:
    """Sign-in by a directory needs libraries that not everybody installs."""
    if settings.oidc is not None and (missing := [name for name in LIBRARIES if find(name) is None]):
        raise PreflightError(
            f"[oidc] needs {', '.join(missing)}: pip install --require-hashes -r service.lock, or 'teekond[oidc]'."
        )


def check_certificates(programme: Programme, find: Callable[[str], object] = find_spec) -> None:
    """Certificates are set by a typesetter of 80 MB that not everybody installs."""
    if programme.certificates is not None and find("typst") is None:
        raise PreflightError(
            "[certificates] needs typst: pip install --require-hashes -r service.lock, or 'teekond[certificates]'. "
            "Without certificates, take that section out of the config."
        )


def numbers(version: str) -> tuple[int, ...]:
    """`3.1.6rc1` as (3, 1, 6): what follows a release's numbers does not count."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def mended_python(running: tuple[int, int, int]) -> str:
    """The release with the known holes mended, where this one is older; else nothing."""
    least = PYTHONS.get(running[:2], 0)
    return f"{running[0]}.{running[1]}.{least}" if running[2] < least else ""


def check_disk(url: str, mounts: str) -> None:
    """A database in a file lies on a disk of this machine. `mounts` is what the system says of its disks."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        return
    file = Path(address.database).resolve()
    kind = file_system(file, mounts)
    if kind in AFAR:
        raise PreflightError(
            f"{file} would lie on a network disk ({kind}), where SQLite loses what two machines write at once. Name a "
            "data folder on a disk of this machine (--data), or use PostgreSQL: TEEKOND_DATABASE__URL."
        )


def file_system(file: Path, mounts: str) -> str:
    """The kind of file system that a file lies on; empty where the system says nothing of it (proc(5), mountinfo)."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, _, behind = line.partition(" - ")
        where, words = before.split()[4:5], behind.split()
        if not where or not words:
            continue
        point = Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), where[0]))
        depth = len(point.parts)
        if file.is_relative_to(point) and depth >= best:  # of two on one point the later one lies on top
            best, kind = depth, words[0]
    return kind


def read_mounts(file: Path = MOUNTS) -> str:
    """What the system says of its disks; nothing where it is not Linux."""
    return file.read_text(encoding="utf-8", errors="surrogateescape") if file.exists() else ""
