"""Ports for servers that are started as their own processes, and so cannot be given port 0.

A port that the kernel lends out for a moment may be somebody else's the moment after: another test's, or the near end
of any connection; and who knocks at a port of that range where nobody listens may be answered by himself. So these lie
outside it, and each is kept from other test processes, by its UDP namesake, until this one ends.
"""

import random
import socket

FIRST, LAST = 10_000, 30_000
"""below the range from which Linux lends (32768 to 60999)"""
_kept: list[socket.socket] = []


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens at, and that no other test process is given while this one lives."""
    while True:
        port = random.SystemRandom().randrange(FIRST, LAST)
        keeper = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            keeper.bind(("127.0.0.1", port))
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:  # somebody has it
            keeper.close()
            continue
        _kept.append(keeper)
        return port


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
