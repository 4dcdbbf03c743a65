"""Marionette, by which Mozilla's programs let themselves be driven: commands as JSON over a socket.

Source: the protocol's page in Firefox's source documentation (remote/marionette), protocol 3.
"""

import json
import socket
from collections.abc import Mapping
from typing import Any


class Marionette:
    """A session in the program's own scope. Raises RuntimeError with what the program says of a script that fails."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._heard()
        self._does("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self._does("Marionette:SetContext", {"value": "chrome"})
        self._does("WebDriver:SetTimeouts", {"script": 100_000})

    def run(self, script: str, *values: object) -> Any:
        """What an asynchronous function with this body returns; `values` are its `arguments`."""
        body = (
            "const done = arguments[arguments.length - 1];"
            f"(async function() {{ {script} }}).apply(null, arguments)"
            ".then(value => done([true, value ?? null]), error => done([false, String(error) + error.stack]));"
        )
        said = {"script": body, "args": list(values), "sandbox": "system"}
        well, value = self._does("WebDriver:ExecuteAsyncScript", said)["value"]
        if not well:
            raise RuntimeError(value)
        return value

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _does(self, command: str, said: Mapping[str, object]) -> Any:
        self._number += 1
        raw = json.dumps([0, self._number, command, said]).encode()
        self._socket.sendall(b"%d:%s" % (len(raw), raw))
        _, number, error, value = self._heard()
        assert number == self._number
        if error:
            raise RuntimeError(error)
        return value

    def _heard(self) -> Any:
        length = b""
        while (byte := self._stream.read(1)) != b":":
            assert byte, "the program hung up"
            length += byte
        return json.loads(self._stream.read(int(length)))
