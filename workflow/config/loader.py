"""Loads config.toml into a frozen Programme and Settings, validated once; every fault is reported with its line.

Pure: the text and the environment are arguments. Nothing here reads a file, the clock or os.environ,
and nothing is guessed: what is not plainly right is a fault, and all faults are told in one go.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from workflow.config.dates import DATE_RULES
from workflow.config.draft import read_draft
from workflow.config.due import DUE_RULES
from workflow.config.environment import PREFIX, known_keys, overlay
from workflow.config.faults import ConfigFault, ConfigFaults, Severity, UnplacedFault, sentence
from workflow.config.installation import rules as installation_rules
from workflow.config.locations import Path, dotted, line_of, lines_of
from workflow.config.parts import (
    TRIGGERS,
    About,
    ApplicationQuestion,
    Apply,
    ApprovalRule,
    ConfigPerson,
    Group,
    InfoDay,
    Limits,
    Reminders,
    Undecided,
    When,
)
from workflow.config.programme import Programme
from workflow.config.rules import RULES, mails_are_known
from workflow.config.settings import Settings
from workflow.config.stages import EVERYONE, Session, Stage, StageKind, Work, WorkKind
from workflow.config.syntax import syntax_fault
from workflow.config.team.earlier import modern
from workflow.config.team.rule import MemberKind, TeamRule
from workflow.config.types import HOME_ZONE, ConfigPart

__all__ = [
    "EVERYONE",
    "TRIGGERS",
    "About",
    "ApplicationQuestion",
    "Apply",
    "ApprovalRule",
    "Config",
    "ConfigFault",
    "ConfigFaults",
    "ConfigPerson",
    "Group",
    "InfoDay",
    "Limits",
    "MemberKind",
    "Programme",
    "Reminders",
    "Session",
    "Settings",
    "Severity",
    "Stage",
    "StageKind",
    "TeamRule",
    "Undecided",
    "When",
    "Work",
    "WorkKind",
    "check",
    "load",
]


@dataclass(frozen=True, slots=True)
class Config:
    """What config.toml and the environment say: the programme, and this installation of the service."""

    programme: Programme
    service: Settings
    text: str = ""
    """what it was read from: a running season keeps it"""


ROOTS: Final = (Programme, Settings)
ALL_RULES: Final = (*RULES, *DATE_RULES, *DUE_RULES)


def load(text: str, environ: Mapping[str, str], mails: Collection[str] | None = None) -> Config:
    """What the file's text says, with the environment's TEEKOND_… over it. `mails`: the names that `[send]` may use;
    without them, as for a season begun long ago, any.

    Raises ConfigFaults, which tells every reason why it cannot be used. Warnings do not stand in
    the way; `check` tells them.
    """
    config, faults = _read(text, environ, mails)
    if config is None:
        raise ConfigFaults(tuple(fault for fault in faults if fault.severity is Severity.FAULT))
    return config


def load_programme(text: str, environ: Mapping[str, str]) -> Programme:
    """The programme alone, as a season was begun with it: the installation's tables are today's file's, and what the
    environment says of them is about that file. Raises ConfigFaults."""
    theirs = {name: words for name, words in environ.items() if _is_of_programme(name)}
    said = modern(tomllib.loads(text.removeprefix("\ufeff")))
    data = {key: value for key, value in said.items() if key in Programme.model_fields}
    overlaid = overlay(data, theirs, (Programme,))
    zone = _zone(overlaid.data.get("timezone"))
    programme, shape = _validated(Programme, overlaid.data, zone)
    draft = read_draft(_without_unknown(overlaid.data, shape), zone)
    findings = [*overlaid.findings, *shape, *chain.from_iterable(rule(draft) for rule in ALL_RULES)]
    faults = tuple(_placed(one, {}, overlaid.variables) for one in findings if one.severity is Severity.FAULT)
    if faults or programme is None:
        raise ConfigFaults(faults)
    return programme


def _is_of_programme(variable: str) -> bool:
    return variable.removeprefix(PREFIX).lower().partition("__")[0] in Programme.model_fields


def check(text: str, environ: Mapping[str, str], mails: Collection[str] | None = None) -> tuple[ConfigFault, ...]:
    """Every fault and warning, in the order of the file; `mails` as for `load`."""
    return _read(text, environ, mails)[1]


def _read(
    text: str, environ: Mapping[str, str], mails: Collection[str] | None
) -> tuple[Config | None, tuple[ConfigFault, ...]]:
    # Some editors put a byte order mark first; TOML knows none.
    text = text.removeprefix("\ufeff")
    try:
        data = modern(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, (syntax_fault(str(error), text),)
    overlaid = overlay(data, environ, ROOTS)
    zone = _zone(overlaid.data.get("timezone"))
    config, shape = _shaped(overlaid.data, zone)
    draft = read_draft(_without_unknown(overlaid.data, shape), zone)
    findings = [*overlaid.findings, *shape, *chain.from_iterable(rule(draft) for rule in ALL_RULES)]
    findings += mails_are_known(overlaid.data.get("send"), mails) if mails is not None else ()
    lines = lines_of(text) if findings else {}  # a walk over every character: only where there is something to place
    faults = tuple(sorted((_placed(finding, lines, overlaid.variables) for finding in findings), key=_in_order))
    stopped = any(fault.severity is Severity.FAULT for fault in faults)
    return None if stopped or config is None else replace(config, text=text), faults


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name)) if name is not None else HOME_ZONE
    except (KeyError, ValueError, OSError):
        return HOME_ZONE


def _shaped(data: Mapping[str, Any], zone: ZoneInfo) -> tuple[Config | None, list[UnplacedFault]]:
    """The configuration, if every part of it has its shape; else what has not."""
    mine = {key: value for key, value in data.items() if key in Programme.model_fields}
    rest = {key: value for key, value in data.items() if key not in mine}
    programme, season_faults = _validated(Programme, mine, zone)
    service, service_faults = _validated(Settings, rest, zone)
    config = Config(programme, service) if programme and service else None
    between = chain.from_iterable(rule(service) for rule in installation_rules.RULES) if service else ()
    return config, [*season_faults, *service_faults, *between]


R = TypeVar("R", bound=ConfigPart)


def _validated(root: type[R], data: Mapping[str, Any], zone: ZoneInfo) -> tuple[R | None, list[UnplacedFault]]:
    try:
        return root.model_validate(data, context={"tz": zone}), []
    except ValidationError as errors:
        told = errors.errors(include_url=False, include_input=False)
        places = [error["loc"] for error in told]
        return None, [
            UnplacedFault(error["loc"], sentence(error, error["loc"], known_keys(ROOTS, error["loc"][:-1])))
            for error in told
            # a list is not too short when what stands in it has faults of its own
            if error["type"] != "too_short" or not any(_within(place, error["loc"]) for place in places)
        ]


def _within(place: Path, outer: Path) -> bool:
    return len(place) > len(outer) and place[: len(outer)] == outer


def _without_unknown(data: dict[str, Any], shape: list[UnplacedFault]) -> dict[str, Any]:
    """The data without the keys that do not belong, so that the rules can look at the tables around them."""
    clean = deepcopy(data)
    for finding in shape:
        table: Any = clean
        for step in finding.path[:-1]:
            table = table[step] if _holds(table, step) else None
        last = finding.path[-1]
        if isinstance(table, dict) and last not in known_keys(ROOTS, finding.path[:-1]):
            table.pop(last, None)
    return clean


def _holds(table: Any, step: str | int) -> bool:
    if isinstance(table, list):
        return isinstance(step, int) and step < len(table)
    return isinstance(table, dict) and step in table


def _placed(finding: UnplacedFault, lines: Mapping[Path, int], variables: Mapping[Path, str]) -> ConfigFault:
    """A finding with its line; with the variable's name where the value came from the environment."""
    for length in range(len(finding.path), 0, -1):
        if finding.path[:length] in variables:
            return ConfigFault(variables[finding.path[:length]], None, finding.says, finding.severity)
    return ConfigFault(dotted(finding.path), line_of(lines, finding.path), finding.says, finding.severity)


def _in_order(fault: ConfigFault) -> tuple[int, str]:
    return fault.line or 0, fault.place
