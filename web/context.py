"""Application context: what the composition root gives the pages, and how a view gets at it. Must never make any of it
itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from flask import current_app

from mail.composing.compose import Composer
from workflow.config.loader import Programme, Settings
from workflow.database.engine import Database
from workflow.journey.submissions import Upload
from workflow.privacy.erasure_preview import Means
from workflow.season import Season
from workflow.security.keys import Keys

HOMES: Final = (Path("templates/web"), Path("teekond_share/templates/web"))
"""where the pages' templates stand beside the package: in a checkout, and where it is installed"""


def templates() -> Path:
    """The folder of the pages' templates."""
    beside = Path(__file__).resolve().parent.parent
    return next((beside / home for home in HOMES if (beside / home).is_dir()), beside / HOMES[0])


class ScanVerdict(StrEnum):
    """What a virus scanner says of a file."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNED = "unscanned"


Scan = Callable[[bytes], ScanVerdict]


class DemoPowers(Protocol):
    """The demonstration's clock, its postman and its invented teams."""

    def now(self) -> datetime: ...

    def advance_to(self, moment: datetime, /) -> object: ...

    def advance_to_next(self) -> datetime: ...

    def reply(self, sender: str, recipient: str, subject: str, text: str, in_reply_to: str) -> None: ...

    def invent_teams(self, n: int, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Everything a page may use. `token` makes new secrets; `read_uploads` finds the files in the
    bytes of a letter; None where they cannot be read within the limits."""

    db: Database
    season: Season
    composer: Composer
    """for mails as they look; what it queues is none of the pages' business"""
    settings: Settings
    now: Callable[[], datetime]
    keys: Keys
    token: Callable[[], str]
    read_uploads: Callable[[bytes], Sequence[Upload] | None]
    demo: DemoPowers | None = None
    rights: Means | None = None
    """what forgetting a person takes of the installation"""
    scan: Scan | None = None
    """the virus scanner, where there is one"""
    healthy: Callable[[], Mapping[str, Any]] = dict
    disk_free: Callable[[], int] | None = None
    """how many bytes are left where the books are kept"""
    version: Callable[[], str] = lambda: ""
    """of the running program; empty where nobody says"""
    mark: str = ""
    """the programme's name among several of one installation: its cookies and its figures carry it"""
    templates: Path = field(default_factory=templates)

    @property
    def programme(self) -> Programme:
        return self.season.programme

    @property
    def secure(self) -> bool:
        """Whether people reach the pages over https."""
        return self.settings.base_url.startswith("https://")


KEY: Final = "teekond"


def here() -> Web:
    """What the root gave to the application that answers this request."""
    found = current_app.extensions[KEY]
    assert isinstance(found, Web)
    return found
