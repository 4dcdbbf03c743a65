"""People who answer: letters sent again until they are acknowledged, forms sent again until a page says so.

Each keeps a history of its own: what was promised to it is compared with the database afterwards. Must never look
into the database.
"""

import http.client
import random
import re
import smtplib
import threading
import time
import urllib.parse
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType

from tests.reliability.open_season import Task

WORDS = {
    "yes": ("JAH", "Jah.", "Tere!\n\nJAH\n\nTervitades\nInimene", "JAH\n\n> Palun vastake JAH voi EI.\n> Teekond"),
    "no": ("EI", "Ei.", "EI\n\n> Palun vastake JAH voi EI."),
}
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
TIMEOUT = 40
DOMAIN = "teekond.example.org"


@dataclass(slots=True)
class Book:
    """What correspondents lived through. `letters` and `forms`: acknowledged, by task."""

    letters: dict[int, str] = field(default_factory=dict)
    forms: set[int] = field(default_factory=set)
    tries: Counter[str] = field(default_factory=Counter)
    """what became of each try: acknowledged, broken off, put off (4xx), refused (5xx), an error page"""
    refusals: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        return len(self.letters) + len(self.forms)


class Correspondents:
    """`many` people at once, through any of the receivers and pages, never more than `ahead` answers beyond what
    was handled (see `handled`), so that there is always something in hand when a process is killed. Each rests about
    `pause` seconds between two answers."""

    def __init__(
        self, tasks: list[Task], smtp: list[int], web: list[int], *, many: int = 8, ahead: int = 400, pause: float = 0,
        seed: int = 1,
    ) -> None:
        self.book = Book()
        self.handled = 0
        self._smtp, self._web, self._ahead, self._pause = smtp, web, ahead, pause
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        for task in tasks:
            self._tasks.put(task)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(random.Random(seed * 1000 + n),), daemon=True)
            for n in range(many)
        ]

    def __enter__(self) -> "Correspondents":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def enough(self) -> None:
        """Nobody begins anything new; what was begun is brought to its end."""
        with suppress(Empty):
            while True:
                self._tasks.get_nowait()

    def _live(self, chance: random.Random) -> None:
        writer = _Writer(self._smtp, self.book, chance)
        while not self._stop.is_set():
            if self.book.done - self.handled >= self._ahead:
                time.sleep(0.02)
                continue
            try:
                task = self._tasks.get_nowait()
            except Empty:
                break
            if task.by == "form":
                self._fill_in(task, chance)
            else:
                self._write(writer, task, chance)
            self._stop.wait(chance.uniform(0, 2 * self._pause))
        writer.close()

    def _write(self, writer: "_Writer", task: Task, chance: random.Random) -> None:
        words = chance.choice(WORDS[task.says])
        while not self._stop.is_set() and not writer.acknowledged(task, words):
            time.sleep(chance.uniform(0.01, 0.1))
        if chance.random() < 0.05:
            writer.acknowledged(task, words)  # a relay that did not hear the 250 delivers again

    def _fill_in(self, task: Task, chance: random.Random) -> None:
        while not self._stop.is_set():
            try:
                said = _send_form(chance.choice(self._web), task)
            except (OSError, http.client.HTTPException):
                said = "broken off"
            self.book.tries[f"form {said}"] += 1
            if said == "noted":
                self.book.forms.add(task.number)
                return
            time.sleep(chance.uniform(0.02, 0.15))


def message_id(task: Task) -> str:
    return f"<task{task.number}@mail.example.org>"


def letter(task: Task, words: str, attempt: int) -> bytes:
    """The same letter each time, but for the trace of its way."""
    return (
        f"Received: from a{attempt}.example.org by mx.example.org; Mon, 7 Mar 2022 08:00:00 +0000\r\n"
        f"From: {task.address}\r\nTo: r-{task.secret}@{DOMAIN}\r\nSubject: Re: Koosloome\r\n"
        f"Message-ID: {message_id(task)}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + words.replace("\n", "\r\n")
        + "\r\n"
    ).encode()


class _Writer:
    """One mail server on the other side, with a connection that it keeps while it lasts."""

    def __init__(self, ports: list[int], book: Book, chance: random.Random) -> None:
        self._ports, self._book, self._chance = ports, book, chance
        self._client: smtplib.SMTP | None = None
        self._attempts: Counter[int] = Counter()

    def acknowledged(self, task: Task, words: str) -> bool:
        self._attempts[task.number] += 1
        try:
            code, said = self._dialogue(task, letter(task, words, self._attempts[task.number]))
        except (OSError, smtplib.SMTPException):
            self.close()
            self._book.tries["broken off"] += 1
            return False
        outcome = "acknowledged" if code == 250 else "put off" if code < 500 else "refused"
        self._book.tries[outcome] += 1
        if code == 250:
            self._book.letters[task.number] = message_id(task)
        elif code >= 500:
            self._book.refusals.append(f"{code} {said.decode(errors='replace')}")
        return code == 250

    def _dialogue(self, task: Task, data: bytes) -> tuple[int, bytes]:
        if self._client is None:
            self._client = smtplib.SMTP("127.0.0.1", self._chance.choice(self._ports), timeout=TIMEOUT)
            self._client.ehlo("mx.example.org")
        for step in (
            lambda c: c.mail(task.address),
            lambda c: c.rcpt(f"r-{task.secret}@{DOMAIN}"),
            lambda c: c.data(data),
        ):
            try:
                code, said = step(self._client)
            except smtplib.SMTPDataError as error:  # the library says no to DATA itself so
                code, said = error.smtp_code, _bytes(error.smtp_error)
            if code >= 400:
                self._client.rset()
                break
        return code, said

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _send_form(port: int, task: Task) -> str:
    """noted, broken off, or an error page."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        client.request("GET", f"/q/{task.secret}")
        shown = client.getresponse()
        page = shown.read().decode()
        if shown.status != 200:
            return f"page {shown.status}"
        token = CSRF.search(page)
        cookie = (shown.getheader("Set-Cookie") or "").partition(";")[0]
        if 'name="answer"' not in page or token is None:
            return "noted"  # the question is closed: an earlier try went through, or somebody else was first
        fields = urllib.parse.urlencode({"csrf": token[1], "answer": task.says, "text": ""})
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        client.request("POST", f"/q/{task.secret}", fields, headers)
        done = client.getresponse()
        done.read()
        return "noted" if done.status == 200 else f"page {done.status}"
    finally:
        client.close()
