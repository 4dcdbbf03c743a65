"""Letters of 2 KB taken in over SMTP, a second; ours looks every recipient up and answers 250 when the letter is in
SQLite with synchronous=FULL. Peers run beside it, one after the other in the same run, with the same client: a process
of its own with 8 or 32 connections, kept or a fresh one for each letter. bench/receiving_peers.py says what each does.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from bench.bring import Load, bring
from bench.figures import Row, in_turn
from bench.peers import NotHere
from bench.receivers import TEAMS
from bench.receiving_peers import LIST, MAILMAN, SALMON, Peer, mailman, ours, postfix, salmon
from bench.season import QUOTE, SIGNED, secret

TITLE = "Receiving"
LETTERS = 2000
FEW_LETTERS = 400
WAYS = ((8, False), (32, False), (8, True))
"""how many connections, and whether each brings one letter"""
BODY = f"{SIGNED}\r\n5.04.2022 10:00 Koosloome kirjutas:\r\n" + QUOTE * 14
OURS = tuple(f"r-{secret('t', team)}@teekond.example.org" for team in range(1, TEAMS + 1))
THEIRS = tuple(f"r-{secret('t', team)}@example.org" for team in range(1, TEAMS + 1))

Server = Callable[[], AbstractContextManager[Peer]]


def run(times: int) -> list[Row]:
    rows = _against("bare aiosmtpd, discards", partial(ours, "discards"), times, WAYS)
    rows += _against("Postfix to Maildir", postfix, times, WAYS)
    rows += _against(SALMON.replace("==", " "), salmon, times, ((4, False),))
    rows += _against(MAILMAN.replace("==", " ") + ", LMTP", mailman, times, ((8, False),), letters=FEW_LETTERS)
    return rows


def _against(
    name: str, peer: Server, times: int, ways: Sequence[tuple[int, bool]], *, letters: int = LETTERS
) -> list[Row]:
    """Ours and one peer in turn. A peer that is not here takes its rows along, in words."""
    with ExitStack() as stack:
        try:
            theirs = stack.enter_context(peer())
        except NotHere as why:
            return [Row(what=_what(*how, name), left_out=str(why)) for how in ways]
        mine = stack.enter_context(ours("ours"))
        return [_row(name, (mine, theirs), how, times=times, letters=letters) for how in ways]


def _row(
    name: str, both: tuple[Peer, Peer], how: tuple[int, bool], *, times: int, letters: int
) -> Row:
    mine, theirs = both
    list_server = name.endswith("LMTP")
    recipients, hello = ((LIST,), "LHLO") if list_server else (THEIRS, "EHLO")
    found, peers = in_turn(
        (partial(_rate, mine, OURS, how, LETTERS), partial(_rate, theirs, recipients, how, letters, hello=hello)),
        times, "letters/s",
    )  # fmt: skip
    return Row(what=_what(*how, name), ours=found, peer=name, theirs=peers)


def _rate(
    server: Peer, recipients: tuple[str, ...], how: tuple[int, bool], letters: int, *, hello: str = "EHLO"
) -> float:
    (port, at_rest), (connections, fresh) = server, how
    found = bring(Load(port=port, connections=connections, letters=letters, fresh=fresh, hello=hello,
                       recipients=recipients, body=BODY))  # fmt: skip
    at_rest()
    return found


def _what(connections: int, fresh: bool, name: str) -> str:
    return f"{connections} connections, {'one a letter' if fresh else 'kept'}, against {name}"
