"""A running season: the programme with what the journey needs to act, and who acts in it.

Built once by the composition root and handed to every function that acts. Holds no session and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.config.loader import Programme
from workflow.config.settings import Retention
from workflow.database.models import Letter, Person, Question
from workflow.notices import Post, Secret
from workflow.rules.machine import Machine, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    programme: Programme
    machine: Machine
    post: Post
    secret: Secret
    base_url: str
    retention: Retention = field(default_factory=Retention)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts and on what ground. `proof` is kept with the step: words used, Message-ID, sender's verdict, rule."""

    who: Who
    name: str
    person: Person | None = None
    via: str = "calendar"
    """mail, form, calendar (a mail program's answer button) or clock"""
    letter: Letter | None = None
    question: Question | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)


CLOCK = Actor(who=Who.CALENDAR, name="Teekond", via="clock")
"""the service itself, when a deadline passes or nothing is missing any more"""
