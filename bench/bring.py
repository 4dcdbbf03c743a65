"""The sending side of a measurement, in a process of its own: `python -m bench.bring '{"port": …}'` prints letters/s.

A bare asyncio protocol, so that the server under test is the limit. Every command waits for its answer, as mail
servers do; a letter counts when the answer to its last line is 250, and any other answer ends the measurement.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is brought: `letters` over `connections`, each kept, or a fresh one for each letter."""

    port: int
    connections: int
    letters: int
    fresh: bool = False
    hello: str = "EHLO"
    sender: str = "mari@example.org"
    recipients: tuple[str, ...]
    body: str = ""


def bring(load: Load) -> float:
    """Letters a second, from the first connection to the last answer."""
    command = [sys.executable, "-m", "bench.bring", json.dumps(asdict(load))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise RuntimeError(f"the client gave up: {done.stderr[-500:]}")
    return float(done.stdout)


class _Line(asyncio.Protocol):
    """One connection: greeting, hello, then letters until there are none left."""

    def __init__(self, load: Load, numbers: Iterator[int], ended: "asyncio.Future[bool]") -> None:
        self.load, self.numbers, self.ended = load, numbers, ended
        self.steps = self._dialogue()
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.wanted = next(self.steps)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while b"\n" in self.rest:
            line, _, self.rest = self.rest.partition(b"\n")
            if line[3:4] != b"-":
                self._answered(line)

    def _answered(self, line: bytes) -> None:
        if line[:3] != self.wanted:
            self._end(RuntimeError(f"{line!r} where {self.wanted!r} was expected"))
            return
        try:
            self.wanted = next(self.steps)
        except StopIteration:
            self._end(None)

    def _dialogue(self) -> Iterator[bytes]:
        load, say = self.load, self._say
        yield b"220"
        say(f"{load.hello} client.example.org")
        yield b"250"
        for number in self.numbers:
            recipient = load.recipients[number % len(load.recipients)]
            say(f"MAIL FROM:<{load.sender}>")
            yield b"250"
            say(f"RCPT TO:<{recipient}>")
            yield b"250"
            say("DATA")
            yield b"354"
            self.transport.write(letter(load, number, recipient))
            yield b"250"
            if load.fresh:
                break
        say("QUIT")
        yield b"221"

    def _say(self, command: str) -> None:
        self.transport.write(command.encode() + b"\r\n")

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError("the server hung up"))

    def _end(self, error: Exception | None) -> None:
        self.transport.close()
        if not self.ended.done():
            self.ended.set_exception(error) if error else self.ended.set_result(True)


def letter(load: Load, number: int, recipient: str) -> bytes:
    """About 2 KB, each with a Message-ID of its own: no server may take it for one it has."""
    head = (
        f"Received: from mx.example.org by mx.example.org; Wed, 6 Apr 2022 10:00:00 +0300\r\nFrom: <{load.sender}>\r\n"
        f"To: <{recipient}>\r\nSubject: Re: koht\r\nDate: Wed, 6 Apr 2022 10:00:00 +0300\r\n"
        f"Message-ID: <{number}.{time.time_ns()}@mail.example.org>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nJAH\r\n\r\n"
    )
    return (head + load.body).encode() + b"\r\n.\r\n"


async def _bring(load: Load) -> float:
    numbers = iter(range(load.letters))
    began = time.perf_counter()
    await asyncio.gather(*(_one(load, numbers) for _ in range(load.connections)))
    return load.letters / (time.perf_counter() - began)


def _same(line: _Line) -> _Line:
    return line


async def _one(load: Load, numbers: Iterator[int]) -> None:
    loop = asyncio.get_running_loop()
    lines = ([number] for number in numbers) if load.fresh else (numbers,)
    for some in lines:
        ended: asyncio.Future[bool] = loop.create_future()
        line = _Line(load, iter(some), ended)
        await loop.create_connection(partial(_same, line), "127.0.0.1", load.port)
        await ended


if __name__ == "__main__":
    print(asyncio.run(_bring(Load(**json.loads(sys.argv[1])))))
