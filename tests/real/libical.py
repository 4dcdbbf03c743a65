"""libical, the calendar library of GNOME, KDE and Cyrus, asked through its C functions."""

import ctypes
import ctypes.util
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.conftest import leave_out

EVENT, TIMEZONE, ERROR = 4, 13, 105
METHODS = {10501: "PUBLISH", 10502: "REQUEST", 10505: "CANCEL"}


class Time(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "summer")),
        ("zone", ctypes.c_void_p),
    ]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What it understood of one file. `unfit`: against the rules of the method (RFC 5546)."""

    method: str
    uid: str
    sequence: int
    start: datetime
    end: datetime
    zone: str
    summary: str
    faults: int
    fit: bool


def read(file: bytes) -> Seen:
    lib = _library()
    calendar = lib.icalparser_parse_string(file)
    assert calendar, "libical sees no calendar"
    event = lib.icalcomponent_get_first_component(calendar, EVENT)
    assert event, "libical sees no event"
    start, end = lib.icalcomponent_get_dtstart(event), lib.icalcomponent_get_dtend(event)
    return Seen(
        method=METHODS[lib.icalcomponent_get_method(calendar)],
        uid=lib.icalcomponent_get_uid(event).decode(),
        sequence=lib.icalcomponent_get_sequence(event),
        start=_moment(lib, start),
        end=_moment(lib, end),
        zone=lib.icaltimezone_get_tzid(start.zone).decode(),
        summary=lib.icalcomponent_get_summary(event).decode(),
        faults=lib.icalcomponent_count_errors(calendar),
        fit=bool(lib.icalrestriction_check(calendar)),
    )


def _moment(lib: Any, time: Time) -> datetime:
    """By the file's own VTIMEZONE: libical links each time to it while it parses."""
    assert time.zone, "a time without a zone"
    return datetime.fromtimestamp(lib.icaltime_as_timet_with_zone(time, time.zone), UTC)


def _library() -> Any:
    try:
        lib = ctypes.CDLL("libical.so.3")
    except OSError:
        leave_out("libical is not installed", "apt-get install libical3")
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "icalparser_parse_string": (ctypes.c_void_p, [ctypes.c_char_p]),
        "icalcomponent_get_first_component": (ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
        "icalcomponent_get_method": (ctypes.c_int, [ctypes.c_void_p]),
        "icalcomponent_get_uid": (ctypes.c_char_p, [ctypes.c_void_p]),
        "icalcomponent_get_summary": (ctypes.c_char_p, [ctypes.c_void_p]),
        "icalcomponent_get_sequence": (ctypes.c_int, [ctypes.c_void_p]),
        "icalcomponent_get_dtstart": (Time, [ctypes.c_void_p]),
        "icalcomponent_get_dtend": (Time, [ctypes.c_void_p]),
        "icalcomponent_count_errors": (ctypes.c_int, [ctypes.c_void_p]),
        "icalrestriction_check": (ctypes.c_int, [ctypes.c_void_p]),
        "icaltimezone_get_tzid": (ctypes.c_char_p, [ctypes.c_void_p]),
        "icaltime_as_timet_with_zone": (ctypes.c_int64, [Time, ctypes.c_void_p]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
