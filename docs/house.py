"""Draws the picture of docs/architecture.md: `make house` writes docs/pictures/house.svg. No part of the service.

Floors are the top-level packages, each above what it may import; rooms are their packages, none above one that
imports it; the line is the way of a reply, stop by stop. tests/docs/test_drawing.py compares all of it with the source.
"""

import html
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OUT: Final = Path(__file__).resolve().parent / "pictures" / "house.svg"
WIDTH, HEIGHT = 1220, 1010
ROOM: Final = 48
"""a room's height"""

INK, SOFT, LINE, WAY = "#1d2b2a", "#52605e", "#c9c6ba", "#b4541c"
PAPER, WALL, PLAIN, PURE, WRITES = "#f6f4ee", "#fffdf8", "#ffffff", "#dcebe3", "#fbe3b4"


@dataclass(frozen=True, slots=True)
class Floor:
    """A top-level package: what it is, and its walls; `words`: where its name begins."""

    name: str
    says: str
    x: int
    y: int
    width: int
    height: int
    words: int


@dataclass(frozen=True, slots=True)
class Room:
    """A package, or a module that stands flat; `does`: module and function in which a reply stops, as number `stop`."""

    path: str
    says: str
    x: int
    y: int
    width: int = 200
    fill: str = PLAIN
    stop: int = 0
    does: str = ""

    @property
    def name(self) -> str:
        return self.path.partition("/")[2] or self.path


@dataclass(frozen=True, slots=True)
class Leg:
    """A piece of a way: between two rooms (or from outside), by its corners."""

    start: str
    end: str
    corners: tuple[tuple[int, int], ...]
    dashed: bool = False


A, B, C, D, E = 100, 336, 572, 818, 988
"""the columns' left edges; the last two are narrow"""
NARROW, WIDE, THIRD = 152, 436, 101
SERVICE, LETTERS, CORE = 166, 304, 586
"""the floors' tops"""
ROWS: Final = 66
M1, M2, M3 = (LETTERS + 40 + ROWS * row for row in range(3))
W1, W2, W3, W4 = (CORE + 40 + ROWS * row for row in range(4))

FLOORS: Final = (
    Floor("service", "one running service, assembled from its parts", 76, SERVICE, 898, 106, A),
    Floor("rehearsal", "", 974, SERVICE, 182, 106, E),
    Floor("mail", "email in and out; knows no pages", 76, LETTERS, 720, 244, A),
    Floor("web", "pages and forms", 796, LETTERS, 360, 244, D),
    Floor("workflow", "what a journey is", 76, CORE, 1080, 308, A),
)
ROOMS: Final = (
    Room("service/commands", "the command line", A, SERVICE + 40),
    Room("service/running", "processes and threads", B, SERVICE + 40),
    Room("service/doctor", "diagnosis of an installation", C, SERVICE + 40),
    Room("service/assembly.py", "config, season", D, SERVICE + 40, NARROW - 12),
    Room("rehearsal", "a season, simulated", E, SERVICE + 40, NARROW),
    Room("mail/mailbox", "or a mailbox, over IMAP", A, M1),
    Room("mail/receiving", "SMTP, LMTP; stored, then 250", A, M2, stop=1, does="smtp_server.smtp_RCPT"),
    Room("mail/reading/automatic", "bounces, auto-replies", A, M3, fill=PURE),
    Room("mail/handling", "route, act, queue the reply", B, M1, stop=2, does="inbox.handle_due"),
    Room("mail/limited_reading", "process with limits", B, M2, stop=3, does="reader.Reader"),
    Room("mail/reading", "bytes become a Letter", B, M3, fill=PURE, stop=4, does="letter.read"),
    Room("mail/sending", "outbox, relay, retries", C, M1, stop=10, does="outbox.deliver"),
    Room("mail/composing", "notice becomes message", C, M2, stop=9, does="compose.Composer"),
    Room("mail/identity.py", "addresses", C, M3, 95),
    Room("mail/oauth", "OAuth tokens", C + 105, M3, 95),
    Room("web/public", "the forms", D, M1, NARROW),
    Room("web/office", "coordinator’s pages", E, M1, NARROW),
    Room("web/front", "dispatch, health", D, M2, NARROW),
    Room("web/sign_in", "links, passkeys, OIDC", E, M2, NARROW),
    Room("web/files", "downloads", D, M3, THIRD),
    Room("web/i18n", "translations", D + THIRD + 10, M3, THIRD),
    Room("web/access", "roles, limits", D + 2 * (THIRD + 10), M3, THIRD - 1),
    Room("workflow/views", "read models for pages", A, W1),
    Room("workflow/coordinator", "their acts", B, W1, 95),
    Room("workflow/importing", "from sheets", B + 105, W1, 95),
    Room("workflow/schedule", "what falls due, reminders", C, W1),
    Room("workflow/privacy", "export, erasure", D, W1, NARROW),
    Room("workflow/audit", "verify, backup", E, W1, NARROW),
    Room("workflow/answering", "one transaction an answer", A, W2, stop=6, does="submit.answer"),
    Room("workflow/journey", "acts on teams; moves.py alone assigns a state", B, W2, WIDE, WRITES, 8, "moves.move"),
    Room("workflow/sign_in", "tokens, factors", D, W2, NARROW),
    Room("workflow/records", "queries, history", E, W2, NARROW),
    Room("workflow/replies", "words become an Answer", A, W3, fill=PURE, stop=5, does="understand.understand"),
    Room("workflow/rules", "state machine, requirements, questions, duties", B, W3, WIDE, PURE, 7, "machine.decide"),
    Room("workflow/season.py", "what an act is given", D, W3, NARROW),
    Room("workflow/notices.py", "what to tell whom", E, W3, NARROW),
    Room("workflow/text", "dates, words", A, W4, 95, PURE),
    Room("workflow/sheets", "XLSX, CSV", A + 105, W4, 95, PURE),
    Room("workflow/config", "config.toml, validated", B, W4, fill=PURE),
    Room("workflow/database", "engine, models, migrations", C, W4),
    Room("workflow/security", "keys, hash chain, seals", D, W4, WIDE - 114, PURE),
)
LEFT, AB, BC, CD = A - 12, (A + 200 + B) // 2, (B + 200 + C) // 2, 807
"""where a line may go up and down between the columns"""
OUTSIDE, MIDDLE = 20, ROOM // 2
LEGS: Final = (
    Leg("", "mail/receiving", ((OUTSIDE, M2 + MIDDLE), (A, M2 + MIDDLE))),
    Leg("mail/receiving", "mail/handling",
        ((A + 200, M2 + MIDDLE), (AB, M2 + MIDDLE), (AB, M1 + MIDDLE), (B, M1 + MIDDLE))),
    Leg("mail/handling", "mail/limited_reading", ((B + 100, M1 + ROOM), (B + 100, M2))),
    Leg("mail/limited_reading", "mail/reading", ((B + 100, M2 + ROOM), (B + 100, M3))),
    Leg("mail/reading", "workflow/replies",
        ((B + 100, M3 + ROOM), (B + 100, CORE - 26), (LEFT, CORE - 26), (LEFT, W3 + MIDDLE), (A, W3 + MIDDLE))),
    Leg("workflow/replies", "workflow/answering", ((A + 100, W3), (A + 100, W2 + ROOM))),
    Leg("workflow/answering", "workflow/rules",
        ((A + 200, W2 + 34), (AB, W2 + 34), (AB, W3 + MIDDLE), (B, W3 + MIDDLE))),
    Leg("workflow/rules", "workflow/journey", ((B + 100, W3), (B + 100, W2 + ROOM))),
    Leg("workflow/journey", "mail/composing", ((BC, W2), (BC, M2 + MIDDLE), (C, M2 + MIDDLE))),
    Leg("mail/composing", "mail/sending", ((C + 100, M2), (C + 100, M1 + ROOM))),
    Leg("mail/sending", "", ((C + 100, M1), (C + 100, LETTERS - 16), (OUTSIDE, LETTERS - 16))),
    Leg("web/public", "workflow/answering",
        ((D, M1 + MIDDLE), (CD, M1 + MIDDLE), (CD, CORE - 13), (AB, CORE - 13), (AB, W2 + 14), (A + 200, W2 + 14)),
        dashed=True),
    Leg("workflow/schedule", "workflow/journey", ((C + 100, W1 + ROOM), (C + 100, W2)), dashed=True),
)  # fmt: skip


def way() -> list[Room]:
    """The rooms that a reply goes through, in order."""
    return sorted((room for room in ROOMS if room.stop), key=lambda room: room.stop)


def svg() -> str:
    """The whole picture."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, sans-serif">',
        '<title id="title">The packages, and the way of a reply</title>',
        f'<desc id="desc">{html.escape(in_words())}</desc>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="4.4" markerHeight="4.4" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{WAY}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        *_roof(), *map(_floor, FLOORS), *_cellar(), *map(_room, ROOMS), *_ways(), *_legend(),
        "</svg>\n",
    ])  # fmt: skip


def in_words() -> str:
    """The picture in words."""
    floors = "; ".join(f"{floor.name}: {floor.says}" if floor.says else floor.name for floor in FLOORS)
    stops = ", ".join(f"{room.stop} {room.path}: {room.says}" for room in way())
    return (
        f"A house cut open. Under the roof teekond.py, the root. Floors from the top, each above what it may import: "
        f"{floors}. The database lies below. A reply comes in from the left and goes: {stops}; then out again. A form "
        "(web/public) joins it at workflow/answering, the clock (workflow/schedule) at workflow/journey."
    )


def _text(x: int, y: int, words: str, *, size: int = 13, ink: str = INK, bold: bool = False, at: str = "start") -> str:
    weight = ' font-weight="650"' if bold else ""
    looks = f'font-size="{size}" fill="{ink}"{weight} text-anchor="{at}"'
    return f'<text x="{x}" y="{y}" {looks}>{html.escape(words)}</text>'


def _box(x: int, y: int, width: int, height: int, fill: str, *, round_: int = 0) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_}" fill="{fill}" stroke="{LINE}"/>'


def _roof() -> Iterator[str]:
    looks = 'fill="#1e5a50" stroke="#1e5a50" stroke-linejoin="round" stroke-width="6"'
    yield f'<path d="M616 24 1196 {SERVICE}H36z" {looks}/>'
    yield _text(616, 112, "teekond.py", size=20, ink="#fff", bold=True, at="middle")
    yield _text(616, 138, "the root: alone reads the clock, the environment and randomness", ink="#fff", at="middle")


def _cellar() -> Iterator[str]:
    y = CORE + 308
    yield _box(76, y, 1080, 50, "#e9e5d8")
    yield _heading(A, y + 31, "database", "SQLite or PostgreSQL: teams, questions, letters, mails, history")


def _floor(floor: Floor) -> str:
    return "".join((
        _box(floor.x, floor.y, floor.width, floor.height, WALL),
        _heading(floor.words, floor.y + 26, floor.name, floor.says),
    ))  # fmt: skip


def _heading(x: int, y: int, name: str, says: str) -> str:
    """The name, and what it is right behind it, however wide the reader's font is."""
    behind = f'<tspan dx="9" font-size="13" font-weight="400" fill="{SOFT}">{html.escape(says)}</tspan>' if says else ""
    return f'<text x="{x}" y="{y}" font-size="15" font-weight="650" fill="{INK}">{html.escape(name)}{behind}</text>'


def _room(room: Room) -> str:
    return "".join((
        _box(room.x, room.y, room.width, ROOM, room.fill, round_=6),
        _text(room.x + 12, room.y + 20, room.name, bold=True),
        _text(room.x + 12, room.y + 38, room.says, size=12, ink=SOFT),
    ))  # fmt: skip


def _ways() -> Iterator[str]:
    """The way of a reply, with its stops numbered, and where the two other ways join it."""
    yield from map(_line, LEGS)
    yield _text(46, M2 + MIDDLE - 8, "in", ink=WAY, bold=True, at="middle")
    yield _text(46, LETTERS - 24, "out", ink=WAY, bold=True, at="middle")
    for room in way():
        x, y = room.x + room.width - 17, room.y + 15
        yield f'<circle cx="{x}" cy="{y}" r="11" fill="{WAY}"/>'
        yield _text(x, y + 4, str(room.stop), size=12, ink="#fff", bold=True, at="middle")


def _line(leg: Leg) -> str:
    corners = " ".join(f"{x} {y}" for x, y in leg.corners)
    dash = ' stroke-dasharray="5 5"' if leg.dashed else ""
    return (
        f'<path d="M{corners}" fill="none" stroke="{WAY}" stroke-width="2.5" stroke-linejoin="round"{dash} '
        'marker-end="url(#tip)"/>'
    )


def _legend() -> Iterator[str]:
    y = HEIGHT - 32
    for x, fill, words in (
        (76, PURE, "pure: values in, values out"),
        (290, WRITES, "alone writes a team’s state"),
        (505, PLAIN, "touches network, files or database"),
    ):
        yield _box(x, y - 12, 16, 16, fill, round_=3) + _text(x + 24, y + 1, words, ink=SOFT)
    yield _line(Leg("", "", ((772, y - 4), (808, y - 4)))) + _text(818, y + 1, "a reply", ink=SOFT)
    yield _line(Leg("", "", ((892, y - 4), (928, y - 4)), dashed=True))
    yield _text(938, y + 1, "a form; the clock", ink=SOFT)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else OUT).write_text(svg(), encoding="utf-8")
