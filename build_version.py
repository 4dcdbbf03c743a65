"""Version of a build: a release's own, and between releases the commit that it was built from. For the build, and for
a checkout; what is installed has it in its metadata.

No two commits make the same version, so that an upgrade is never taken for what is there already.
"""

import re
import subprocess
from hashlib import sha256
from pathlib import Path

RELEASE = "0.1.0"
HERE = Path(__file__).resolve().parent


def version(here: Path = HERE) -> str:
    """As PEP 440 has it: `0.1.0` at the tag `v0.1.0`, else `0.1.0.dev507+g1a2b3c4d5` with the number of commits, and
    behind it a digest of what is not committed. Without git: what the source archive says of itself."""
    commit = _git(here, "rev-parse", "--short=9", "HEAD")
    if not commit or not (here / ".git").exists():  # an archive within somebody else's repository is not that one
        return _of_archive(here) or f"{RELEASE}+unknown"
    changed = _git(here, "diff", "HEAD")
    if not changed and f"v{RELEASE}" in _git(here, "tag", "--points-at", "HEAD").split():
        return RELEASE
    digest = f".d{sha256(changed.encode()).hexdigest()[:8]}" if changed else ""
    return f"{RELEASE}.dev{_git(here, 'rev-list', '--count', 'HEAD')}+g{commit}{digest}"


def _git(here: Path, *words: str) -> str:
    """What git says; nothing where there is none, or it does not know this folder."""
    try:
        done = subprocess.run(["git", "-C", str(here), *words], capture_output=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def _of_archive(here: Path) -> str:
    try:
        found = re.search(r"^Version: (\S+)$", (here / "PKG-INFO").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""
