"""Draws the house of docs/architecture.md: `make house` writes docs/pictures/house.svg. No program but this one.

Floors are the packages, each above what it may import; rooms are modules; the line is the way of a reply, stop by stop.
Must never show a room that is not there: tests/docs/test_drawing.py compares it with the source.
"""

import html
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

OUT: Final = Path(__file__).resolve().parent / "pictures" / "house.svg"
WIDTH, HEIGHT = 1200, 930
ROW, ROOM = 62, 48
"""from one room's top to the next one's; a room's height"""

INK, SOFT, LINE, WAY = "#1d2b2a", "#52605e", "#c9c6ba", "#b4541c"
PAPER, WALL, PLAIN, PURE, WRITES = "#f6f4ee", "#fffdf8", "#ffffff", "#dcebe3", "#fbe3b4"


@dataclass(frozen=True, slots=True)
class Floor:
    """A package: what it is, and where it stands."""

    name: str
    says: str
    x: int
    y: int
    width: int
    height: int
    words: int
    """how far in its words begin: behind its name, and behind whatever comes down there"""


@dataclass(frozen=True, slots=True)
class Room:
    """A module, or a folder of them; `does`: the function in which a reply stops here, `stop`: as which number."""

    path: str
    says: str
    x: int
    y: int
    width: int = 200
    fill: str = PLAIN
    stop: int = 0
    does: str = ""

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


A, B, C, D, E = 90, 310, 530, 770, 955
"""the columns' left edges; the last two are narrow"""
NARROW: Final = 165
MAIL, WEB, CORE = 322, 412, 620
"""the first rooms' tops on each floor"""

FLOORS: Final = (
    Floor("service", "one running service, put together", 70, 165, 1070, 100, 94),
    Floor("mail", "letters in and out: knows no pages", 70, 265, 680, 315, 70),
    Floor("rehearsal", "a whole season with invented people", 750, 265, 390, 90, 110),
    Floor("web", "forms and pages: know no mail", 750, 355, 390, 225, 64),
    Floor("workflow", "what a journey is: no mail, no HTTP", 70, 580, 1070, 230, 134),
)
ROOMS: Final = (
    Room("service/commands", "what an operator types", A, 202),
    Room("service/programmes.py", "several, kept apart", B, 202),
    Room("service/assembly.py", "config, books, season", C, 202),
    Room("service/running/components.py", "what runs", D, 202, NARROW),
    Room("service/doctor/checks.py", "what is wrong", E, 202, NARROW),
    Room("mail/receiving/smtp_server.py", "SMTP and LMTP", A, MAIL, stop=1, does="smtp_RCPT"),
    Room("mail/receiving/store.py", "on the disk, then “250”", A, MAIL + ROW, stop=2, does="store"),
    Room("mail/reading/letter.py", "bytes become a letter", A, MAIL + 2 * ROW, fill=PURE, stop=3, does="read"),
    Room("mail/handling/inbox.py", "which question, by whom", A, MAIL + 3 * ROW, stop=4, does="handle_due"),
    Room("mail/mailbox/watcher.py", "or an ordinary mailbox", B, MAIL),
    Room("mail/reading/quotes.py", "what is newly written", B, MAIL + ROW, fill=PURE),
    Room("mail/reading/automatic/replies.py", "machines are not people", B, MAIL + 2 * ROW, fill=PURE),
    Room("mail/reading/sender.py", "who wrote, really", B, MAIL + 3 * ROW, fill=PURE),
    Room("mail/sending/transport.py", "the relay", C, MAIL, stop=13, does="SmtpTransport"),
    Room("mail/sending/outbox.py", "sent once, tried again", C, MAIL + ROW, stop=12, does="deliver"),
    Room("mail/composing/message_bytes.py", "bytes, as they were meant", C, MAIL + 2 * ROW, stop=11, does="to_bytes"),
    Room("mail/composing/compose.py", "a notice becomes a mail", C, MAIL + 3 * ROW, stop=10, does="Composer"),
    Room("rehearsal/__init__.py", "people who answer as people do", D, 299, 350),
    Room("web/public/programme.py", "the programme", D, WEB - 22, NARROW),
    Room("web/access/gate.py", "who may see what", E, WEB - 22, NARROW),
    Room("web/office/today.py", "the coordinator", D, WEB + ROW - 22, NARROW),
    Room("web/staff.py", "trainers, mentors", E, WEB + ROW - 22, NARROW),
    Room("web/public/question.py", "a question’s form", D, WEB + 2 * ROW - 22, NARROW),
    Room("web/public/apply.py", "an application", E, WEB + 2 * ROW - 22, NARROW),
    Room("workflow/replies/understand.py", "words become an answer", A, CORE, fill=PURE, stop=5, does="understand"),
    Room("workflow/answering/submit.py", "the one door; one transaction", B, CORE, stop=6, does="answer"),
    Room("workflow/notices.py", "what someone must be told", C, CORE, stop=9, does="Notice"),
    Room("workflow/coordinator/steps.py", "what the desk does", D, CORE, NARROW),
    Room("workflow/records/preview.py", "shown before done", E, CORE, NARROW),
    Room("workflow/rules/requirements.py", "what is still missing", A, CORE + ROW, fill=PURE),
    Room("workflow/rules/machine.py", "the table; decide", B, CORE + ROW, fill=PURE, stop=7, does="decide"),
    Room("workflow/journey/moves.py", "alone assigns a state", C, CORE + ROW, fill=WRITES, stop=8, does="move"),
    Room("workflow/schedule/tick.py", "what falls due", D, CORE + ROW, NARROW),
    Room("workflow/rules/duties.py", "when, and its key", E, CORE + ROW, NARROW, PURE),
    Room("workflow/config/loader.py", "config.toml, each fault told", A, CORE + 2 * ROW, fill=PURE),
    Room("workflow/rules/questions.py", "who is asked what", B, CORE + 2 * ROW, fill=PURE),
    Room("workflow/journey/sessions.py", "and works, members, hours", C, CORE + 2 * ROW),
    Room("workflow/views/board.py", "reads, for pages", D, CORE + 2 * ROW, NARROW),
    Room("workflow/database/models.py", "the tables", E, CORE + 2 * ROW, NARROW),
)


def way() -> list[Room]:
    """The rooms that a reply goes through, in order."""
    return sorted((room for room in ROOMS if room.stop), key=lambda room: room.stop)


def svg() -> str:
    """The whole picture."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, sans-serif">',
        '<title id="title">The house, and the way of a reply</title>',
        f'<desc id="desc">{html.escape(told())}</desc>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="4.4" markerHeight="4.4" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{WAY}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        *_roof(), *_cellar(), *map(_floor, FLOORS), *map(_room, ROOMS), *_outside(), *_path(), *_legend(),
        "</svg>\n",
    ])  # fmt: skip


def told() -> str:
    """The picture in words."""
    floors = "; ".join(f"{floor.name}: {floor.says}" for floor in FLOORS)
    stops = ", ".join(f"{room.stop} {room.path}: {room.says}" for room in way())
    return (
        f"A house cut open. Under the roof teekond.py, the root. Floors from the top, each above what it may import: "
        f"{floors}. The books lie below. A reply comes in from the left and goes: {stops}; then out again. A form "
        f"(web/public/question.py) joins it at workflow/answering/submit.py, the calendar "
        f"(workflow/schedule/tick.py) at workflow/journey/moves.py."
    )


def _text(x: int, y: int, words: str, *, size: int = 13, ink: str = INK, bold: bool = False, at: str = "start") -> str:
    weight = ' font-weight="650"' if bold else ""
    looks = f'font-size="{size}" fill="{ink}"{weight} text-anchor="{at}"'
    return f'<text x="{x}" y="{y}" {looks}>{html.escape(words)}</text>'


def _box(x: int, y: int, width: int, height: int, fill: str, *, round_: int = 0) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_}" fill="{fill}" stroke="{LINE}"/>'


def _roof() -> Iterator[str]:
    yield '<path d="M605 24 1180 165H30z" fill="#1e5a50" stroke="#1e5a50" stroke-linejoin="round" stroke-width="6"/>'
    yield _text(605, 112, "teekond.py", size=20, ink="#fff", bold=True, at="middle")
    yield _text(605, 138, "the root: alone reads the clock, the environment and chance", ink="#fff", at="middle")


def _cellar() -> Iterator[str]:
    yield _box(70, 810, 1070, 54, "#e9e5d8")
    yield _text(90, 842, "the books", size=15, bold=True)
    yield _text(186, 842, "SQLite or PostgreSQL: teams, questions, letters, mails, history", ink=SOFT)


def _floor(floor: Floor) -> str:
    return "".join((
        _box(floor.x, floor.y, floor.width, floor.height, WALL),
        _text(floor.x + 20, floor.y + 24, floor.name, size=15, bold=True),
        _text(floor.x + floor.words, floor.y + 24, floor.says, ink=SOFT),
    ))  # fmt: skip


def _room(room: Room) -> str:
    name = room.path.partition("/")[2] if not room.path.endswith("__init__.py") else room.path.partition("/")[0] + "/"
    return "".join((
        _box(room.x, room.y, room.width, ROOM, room.fill, round_=6),
        _text(room.x + 12, room.y + 20, name, bold=True),
        _text(room.x + 12, room.y + 38, room.says, size=12, ink=SOFT),
    ))  # fmt: skip


def _outside() -> Iterator[str]:
    """Who stands before the house."""
    yield _text(34, 340, "in", ink=WAY, bold=True, at="middle")
    yield _text(34, 298, "out", ink=WAY, bold=True, at="middle")


def _path() -> Iterator[str]:
    """The way of a reply, and where the two other doors join it."""
    rooms = way()
    out = MAIL - 14
    yield _line(f"M20 {MAIL + 24}H{A - 3}")
    for one, other in pairwise(rooms):
        yield _line(_step(one, other))
    yield _line(f"M{rooms[-1].middle} {MAIL}V{out}H20")
    door, calendar = (next(room for room in ROOMS if room.path == path) for path in JOINS)
    answering, journey = rooms[5], rooms[7]
    lane = CORE - 8
    yield _line(f"M{door.x + 24} {door.y + ROOM}V{lane}H{answering.x + answering.width - 36}V{CORE - 2}", dashed=True)
    yield _line(f"M{calendar.x} {calendar.y + 24}H{journey.x + journey.width + 3}", dashed=True)
    for room in rooms:
        x, y = room.x + room.width - 17, room.y + 15
        yield f'<circle cx="{x}" cy="{y}" r="11" fill="{WAY}"/>'
        yield _text(x, y + 4, str(room.stop), size=12, ink="#fff", bold=True, at="middle")


JOINS: Final = ("web/public/question.py", "workflow/schedule/tick.py")


def _step(one: Room, other: Room) -> str:
    """From one room to its neighbour: down, up, or across."""
    if one.x == other.x:
        down = other.y > one.y
        return f"M{one.middle} {one.y + (ROOM if down else 0)}V{other.y - 3 if down else other.y + ROOM + 3}"
    return f"M{one.x + one.width} {one.y + 24}H{other.x - 3}"


def _line(path: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 5"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{WAY}" stroke-width="2.5"{dash} marker-end="url(#tip)"/>'


def _legend() -> Iterator[str]:
    y = HEIGHT - 34
    for x, fill, words in (
        (70, PURE, "pure: values in, values out"),
        (290, WRITES, "alone writes a team’s state"),
        (510, PLAIN, "touches the world or the books"),
    ):
        yield _box(x, y - 12, 16, 16, fill, round_=3) + _text(x + 24, y + 1, words, ink=SOFT)
    yield _line(f"M750 {y - 4}H786") + _text(796, y + 1, "a reply", ink=SOFT)
    yield _line(f"M870 {y - 4}H906", dashed=True) + _text(916, y + 1, "a form, and the calendar", ink=SOFT)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else OUT).write_text(svg(), encoding="utf-8")
