"""What the pages are given by the composition root, and how a view gets at it. Must never make any of it itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from flask import current_app

from web.files.virus_scan import Scan
from workflow.config.loader import Programme, Settings
from workflow.database.engine import Database
from workflow.database.models import Letter, Message
from workflow.journey.certificates import Certificate
from workflow.journey.submissions import Upload
from workflow.notices import Enclosure, Fact, Words
from workflow.privacy.erasure_preview import Means
from workflow.season import Season
from workflow.security.keys import Keys

HOMES: Final = (Path("templates/web"), Path("teekond_share/templates/web"))
"""where the pages' templates stand beside the package: in a checkout, and where it is installed"""


def templates() -> Path:
    """The folder of the pages' templates."""
    beside = Path(__file__).resolve().parent.parent
    return next((beside / home for home in HOMES if (beside / home).is_dir()), beside / HOMES[0])


class Preview(Protocol):
    """A mail as it would look."""

    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


class Composer(Protocol):
    """Shows mails and says them anew; what it queues is none of the pages' business."""

    def preview(self, template: str, lang: str, sample: Mapping[str, Fact], /) -> Preview:
        """Raises Unsayable where the template is faulty."""
        ...

    def again(self, message: Message, /) -> Words | None:
        """See `workflow.notices.Rewrite`."""
        ...

    def invitation(self, message: Message, now: datetime, /) -> bytes | None:
        """See `workflow.notices.Refile`."""
        ...

    def enclosed(self, given: Certificate, /) -> Enclosure:
        """See `workflow.notices.Enclose`."""
        ...

    def shown(self, subject: str, body: str, lang: str, /) -> tuple[str, str]:
        """The text part and the HTML part of a body."""
        ...


class Demo(Protocol):
    """The demonstration's clock, its postman and its invented teams."""

    def now(self) -> datetime: ...

    def advance_to(self, moment: datetime, /) -> object: ...

    def advance_to_next(self) -> datetime: ...

    def reply(self, sender: str, recipient: str, subject: str, text: str, in_reply_to: str) -> None: ...

    def invent_teams(self, n: int, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Everything a page may use. `token` makes new secrets; `read_uploads` finds the files of a held letter."""

    db: Database
    season: Season
    composer: Composer
    settings: Settings
    now: Callable[[], datetime]
    keys: Keys
    token: Callable[[], str]
    read_uploads: Callable[[Letter], Sequence[Upload]]
    demo: Demo | None = None
    rights: Means | None = None
    """what forgetting a person takes of the installation"""
    samples: Callable[[str, str], Mapping[str, Fact]] | None = None
    """made-up facts for a template: what its preview shows where nothing real is known"""
    scan: Scan | None = None
    """the virus scanner, where there is one"""
    healthy: Callable[[], Mapping[str, Any]] = dict
    disk_free: Callable[[], int] | None = None
    """how many bytes are left where the books are kept"""
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
