"""Field types of the config: texts in two languages, strict values, local times.

Pure. Nothing here reads the clock, the environment or a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from annotated_types import Ge, Gt, Le, MinLen
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
)
from pydantic.types import Strict
from pydantic_core import PydanticCustomError

from workflow.text.bilingual import Text

HOME_ZONE: Final = ZoneInfo("Europe/Tallinn")
YEARS: Final = range(2000, 2200)


class ConfigPart(BaseModel):
    """A piece of config.toml: immutable, and an unknown key in it is a fault.

    A docstring under an attribute is its line in docs/configuration.md.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Dated(ConfigPart):
    """A part with whole days in it, which are days of the programme's zone."""

    _zone: ZoneInfo = PrivateAttr(default=HOME_ZONE)

    def model_post_init(self, context: Any, /) -> None:
        """Take the zone that the loader hands to validation."""
        self._zone = zone_of(context)

    def _midnight(self, day: date) -> datetime:
        """The aware moment at which `day` begins."""
        return datetime.combine(day, time(), tzinfo=self._zone)


def _plain_string_is_both(value: object) -> object:
    """A plain string in the file stands for both languages, as for a name."""
    return {"et": value, "en": value} if isinstance(value, str) else value


ConfigText = Annotated[Text, BeforeValidator(_plain_string_is_both)]


def zone_of(context: Any) -> ZoneInfo:
    """The programme's zone, as the loader hands it to validation; Tallinn where nobody does."""
    zone = context.get("tz") if isinstance(context, Mapping) else None
    return zone if isinstance(zone, ZoneInfo) else HOME_ZONE


def _year(value: date) -> date:
    """Refuses a year that can only be a slip, and on which date arithmetic would break."""
    if value.year not in YEARS:
        raise PydanticCustomError("year", "not a likely year")
    return value


def _local(value: datetime, info: ValidationInfo) -> datetime:
    """A wall-clock time of the file, made aware; one skipped by summer time is refused."""
    zone = zone_of(info.context)
    _year(value)
    if value.tzinfo is not None:
        return value.astimezone(zone)
    aware = value.replace(tzinfo=zone)
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != value:
        raise PydanticCustomError("skipped_hour", "this hour does not exist: the clocks jump over it")
    return aware


def _address(value: str) -> str:
    try:
        found = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise PydanticCustomError("address", "not a mail address") from error
    return found.normalized


DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
}
"""how an address of a database may begin, and the driver that is meant; hosters write `postgres`"""


def _database_address(value: str) -> str:
    begins, parts, rest = value.partition("://")
    try:
        _ = urlsplit(value).port
    except ValueError as error:
        raise PydanticCustomError("database_address", "not a database's address") from error
    if not parts or begins not in DRIVERS or not rest:
        raise PydanticCustomError("database_address", "not a database's address")
    return f"{DRIVERS[begins]}://{rest}"


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("zone", "not a time zone") from error
    return value


V = TypeVar("V")


class Frozen(Mapping[str, V]):
    """A table that cannot be written to. Unlike a mapping proxy it can be copied and pickled."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        self._items: dict[str, V] = dict(items or {})

    def __getitem__(self, key: str) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self._items)


def _frozen(value: Mapping[str, V]) -> Mapping[str, V]:
    return Frozen(value)


# Strict, so that `capacity = "10"` is a fault and not a guess.
Line = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, Strict(), StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
StageName = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Address = Annotated[str, Strict(), AfterValidator(_address)]
ZoneName = Annotated[str, Strict(), AfterValidator(_zone_name)]
DatabaseAddress = Annotated[
    str, Strict(), StringConstraints(strip_whitespace=True), AfterValidator(_database_address)
]
Domain = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
WebAddress = Annotated[str, Strict(), StringConstraints(pattern=r"^https?://[^/\s?#]+[^\s?#]*[^\s?#/]$")]
Count = Annotated[int, Strict(), Gt(0), Le(10**12)]
Days = Annotated[int, Strict(), Ge(0), Le(3660)]
SomeDays = Annotated[int, Strict(), Gt(0), Le(3660)]
SomeHours = Annotated[int, Strict(), Gt(0), Le(24 * 366)]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, Strict(), AfterValidator(_year)]
Hour = Annotated[time, Strict()]
LocalTime = Annotated[datetime, Strict(), AfterValidator(_local)]
Texts = tuple[ConfigText, ...]
SomeTexts = Annotated[Texts, MinLen(1)]
Table = Annotated[Mapping[str, V], AfterValidator(_frozen), PlainSerializer(dict)]
