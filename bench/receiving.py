"""Letters of 2 KB taken in over SMTP, a second; ours looks every recipient up and answers 250 when the letter is in
SQLite with synchronous=FULL. Peers run beside it, one after the other in the same run, with the same client: a process
of its own with 8 or 32 connections, kept or a fresh one for each letter. bench/receiving_peers.py says what each does.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

from bench.bring import Load, bring
from bench.figures import Better, Row, in_turn
from bench.peers import NotHere
from bench.receivers import TEAMS
from bench.receiving_peers import LIST, MAILMAN, SALMON, Peer, mailman, ours, postfix, salmon
from bench.season import QUOTE, SIGNED, secret

TITLE = "Receiving"
LETTERS = 2000
SLOW_LETTERS = 1500
FEW_LETTERS = 400
BODY = f"{SIGNED}\r\n5.04.2022 10:00 Koosloome kirjutas:\r\n" + QUOTE * 14
OURS = tuple(f"r-{secret('t', team)}@teekond.example.org" for team in range(1, TEAMS + 1))
THEIRS = tuple(f"r-{secret('t', team)}@example.org" for team in range(1, TEAMS + 1))

Server = Callable[[], AbstractContextManager[Peer]]


def run(times: int) -> list[Row]:
    rows = _against("bare aiosmtpd, discards", partial(ours, "discards"), times, {
        (8, False): 0.80, (32, False): 0.80, (8, True): None,
    })  # fmt: skip
    rows += _against("Postfix to Maildir", postfix, times, {(8, False): 1.8, (32, False): 1.8, (8, True): None})
    rows += _against(SALMON.replace("==", " "), salmon, times, {(4, False): 1.8})
    rows += _against(MAILMAN.replace("==", " ") + ", LMTP", mailman, times, {(8, False): 7}, letters=FEW_LETTERS)
    return [*rows, _grouped(times)]


def _against(
    name: str, peer: Server, times: int, asked: dict[tuple[int, bool], float | None], *, letters: int = LETTERS
) -> list[Row]:
    """Ours and one peer in turn. A peer that is not here takes its rows along, in words."""
    with ExitStack() as stack:
        try:
            theirs = stack.enter_context(peer())
        except NotHere as why:
            return [Row(what=_what(*how, name), better=Better.MORE, limit=limit, left_out=str(why))
                    for how, limit in asked.items()]  # fmt: skip
        mine = stack.enter_context(ours("ours"))
        return [_row(name, (mine, theirs), how, limit, times=times, letters=letters) for how, limit in asked.items()]


def _row(
    name: str, both: tuple[Peer, Peer], how: tuple[int, bool], limit: float | None, *, times: int, letters: int
) -> Row:
    mine, theirs = both
    list_server = name.endswith("LMTP")
    recipients, hello = ((LIST,), "LHLO") if list_server else (THEIRS, "EHLO")
    found, peers = in_turn(
        (partial(_rate, mine, OURS, how, LETTERS), partial(_rate, theirs, recipients, how, letters, hello=hello)),
        times, "letters/s",
    )  # fmt: skip
    better = Better.MORE if limit else None
    return Row(what=_what(*how, name), ours=found, peer=name, theirs=peers, better=better, limit=limit)


def _rate(
    server: Peer, recipients: tuple[str, ...], how: tuple[int, bool], letters: int, *, hello: str = "EHLO"
) -> float:
    (port, at_rest), (connections, fresh) = server, how
    found = bring(Load(port=port, connections=connections, letters=letters, fresh=fresh, hello=hello,
                       recipients=recipients, body=BODY))  # fmt: skip
    at_rest()
    return found


@contextmanager
def bare() -> Iterator[Callable[[], float]]:
    """How many letters a second bare aiosmtpd takes in over eight kept connections: a measure of the machine."""
    with ours("discards") as server:
        yield partial(_rate, server, THEIRS, (8, False), LETTERS)


def _what(connections: int, fresh: bool, name: str) -> str:
    return f"{connections} connections, {'one a letter' if fresh else 'kept'}, against {name}"


def _grouped(times: int) -> Row:
    """Our own receiver both times, on a disk made 2 ms slower."""
    with ours("ours_slow") as grouped, ours("each_slow") as each:
        how = (32, False)
        mine, single = partial(_rate, grouped, OURS, how, SLOW_LETTERS), partial(_rate, each, OURS, how, FEW_LETTERS)
        found, theirs = in_turn((mine, single), times, "letters/s")
    return Row(what="32 connections, a disk 2 ms slower: group commit", ours=found, peer="a commit each", theirs=theirs,
               better=Better.MORE, limit=3)  # fmt: skip
