"""The running Season (programme, state machine, mail queue, secret generator) and the Actor: what every act is handed.

Built once by the composition root and handed to every function that acts. Holds no session and no clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.config.loader import Programme
from workflow.config.settings import Retention
from workflow.database.models import Letter, Person, Question
from workflow.notices import Post, Secret
from workflow.rules.doors import POWER, Door
from workflow.rules.machine import Machine, Who
from workflow.security.own_links import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    programme: Programme
    machine: Machine
    post: Post
    secret: Secret
    link: Callable[[str], Link]
    """a new secret link for one mail, about what it is told"""
    base_url: str
    retention: Retention = field(default_factory=Retention)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts and on what ground. `proof` is kept with the step: words used, Message-ID, sender's verdict, rule."""

    who: Who
    name: str
    via: Door
    person: Person | None = None
    place: str = ""
    """the network address it came from (`workflow/security/client_network.py`), where there is one"""
    letter: Letter | None = None
    question: Question | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.who is Who.COORDINATOR and self.via not in POWER:
            raise ValueError(f"nobody acts as a coordinator by {self.via}")


CLOCK = Actor(who=Who.CALENDAR, name="Teekond", via=Door.CLOCK)
"""the service itself, when a deadline passes or nothing is missing any more"""
