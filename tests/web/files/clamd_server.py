"""A small virus scanner that speaks clamd's protocol on a real socket and knows one virus: the EICAR test file."""

import socket
import struct
import threading
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLOSES = "closes"
HANGS = "hangs"


class Clamd:
    """`way`: how it fails, if it does; an answer of its own, or `closes` without one. `most`: the longest stream."""

    def __init__(self, folder: Path, *, way: str = "", most: int = 25 * 1024 * 1024) -> None:
        self.path, self.way, self.most, self.scanned = folder / "clamd.ctl", way, most, 0
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(self.path))
        self._door.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def end(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:  # closed: that is how it ends
                return
            with line:
                self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        stream = line.makefile("rb")
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        assert command == b"zINSTREAM\0", command
        if self.way == CLOSES:
            return
        content = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            content += stream.read(size)
            if len(content) > self.most:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.scanned += 1
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        line.sendall(self.way.encode() if self.way else found)
