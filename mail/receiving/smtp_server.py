"""SMTP and LMTP server: accepts a letter, has it stored, and only then acknowledges it.

The library's own faults are mended here: it would answer our troubles with 500 and the exception's text, hold
fifty times a letter's size, decode addresses into others, and let in anybody, any number of times. Must never
read a letter.
"""

import asyncio
import errno
import logging
import re
import socket
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import Any, AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, TLSSetupException

from mail.receiving.letter_quota import LetterQuota
from mail.receiving.smtp_data import Content, has_bare_line_end, has_longer_line, with_line_ends
from mail.receiving.smtp_policy import (
    BARE_LINE_END,
    BUSY,
    CLOSING,
    HASTY,
    HASTY_TLS,
    KEPT,
    LONG_LINE,
    MIB,
    NO_ROOM,
    NO_SUCH_COMMAND,
    OUR_FAULT,
    QUOTA,
    SLOW,
    TLS_ALREADY,
    TOO_LARGE,
    TOO_LARGE_UNASKED,
    TOO_MANY_STRANGERS,
    TOO_OFTEN,
    USUAL,
    Keeper,
    SmtpLimits,
    SmtpPolicy,
    calls,
    said_of,
)
from mail.receiving.store import Arrival, Store
from mail.receiving.store_thread import StoreThread
from mail.receiving.tls_certificate import TlsCertificate
from workflow.security.client_network import place

# A dot-atom and a host name or literal (RFC 5321, 4.1.2), without quoting and without encoded words, which
# the library would decode into another address; the bare postmaster is everybody's right.
LOCAL = r"(?!\S*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}"
DOMAIN = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[A-Za-z0-9.:]{2,60}\])"
PATH = re.compile(rf"<({LOCAL}@{DOMAIN}|[Pp][Oo][Ss][Tt][Mm][Aa][Ss][Tt][Ee][Rr])?>(?: +([!-~ ]*))?")


BACKLOG = 100
NO_DESCRIPTOR = frozenset({errno.EMFILE, errno.ENFILE})
LOG_SECONDS = 60.0
log = logging.getLogger(__name__)


class Listener:
    """Listens from `start` to `stop`. `port` is the real one where 0 was asked for.

    `known` says whether letters for an address are taken (called from threads; it may raise), `at_once`: it waits
    for nothing, and is called in the loop; `store` keeps letters durably or raises; `free` gives the bytes left
    where they are kept. `quota`: of letters that nobody
    asked for. `beside`: who else takes letters here, each with a store of its own. `certificate`: with one, STARTTLS
    is offered.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        hostname: str,
        known: Callable[[str], bool],
        store: Store,
        now: Callable[[], datetime],
        free: Callable[[], int] | None = None,
        lmtp: bool = False,
        limits: SmtpLimits = USUAL,
        at_once: bool = False,
        beside: Sequence[Keeper] = (),
        quota: LetterQuota | None = None,
        certificate: TlsCertificate | None = None,
    ) -> None:
        self._host, self.port = address
        self._dialogue = _LocalDialogue if lmtp else _Dialogue
        first = Keeper(known=known, store=StoreThread(store, now), at_once=at_once, quota=quota)
        self._house = SmtpPolicy(hostname, (first, *beside), free, limits, certificate)
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Return when letters can come in; raises OSError, the address as its `filename`, where that cannot be had."""
        # the library writes every command, and with it secret addresses, to this log
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        bound: Future[int] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(bound)), name="listener")
        self._thread.start()
        self.port = bound.result()

    def stop(self) -> None:
        """Take no new letter, finish those in hand, and return when all is closed."""
        if self._thread is None or self._loop is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def _serve(self, bound: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            socks = [_bound(found) for found in await self._loop.getaddrinfo(
                self._host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )]  # fmt: skip
        except OSError as error:
            error.filename = f"{self._host}:{self.port}"
            bound.set_exception(error)
            return
        accepting = [asyncio.create_task(self._accept(sock)) for sock in socks]
        bound.set_result(socks[0].getsockname()[1])
        await self._stopping.wait()
        for task, sock in zip(accepting, socks, strict=True):
            task.cancel()
            sock.close()
        await self._house.close()

    async def _accept(self, sock: socket.socket) -> None:
        """One connection after the other. The library's own loop, where no descriptor is left, logs a hundred lines
        a try and tries again a hundred times for each."""
        loop, told = asyncio.get_running_loop(), -LOG_SECONDS
        while True:
            try:
                connection, _ = await loop.sock_accept(sock)
                await loop.connect_accepted_socket(lambda: self._dialogue(self._house), connection)
            except OSError as error:
                if told + LOG_SECONDS <= loop.time():
                    log.error("a connection cannot be accepted: %s", error.strerror)
                    told = loop.time()
                await asyncio.sleep(1 if error.errno in NO_DESCRIPTOR else 0)


def _bound(found: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, _, address = found
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class _Dialogue(SMTP):
    """One connection."""

    via = "smtp"
    refuses_bare_line_ends = True
    limits_unasked = True
    line_length_limit = 65_536

    def __init__(self, house: SmtpPolicy) -> None:
        self.house = house
        self.strangers = 0
        self.keepers: dict[str, Keeper] = {}
        self._each: dict[str, str] = {}
        self._turned_away = False
        self._in_hand = False
        self._content: Content | None = None
        self.keeping = False
        self._hung_up = False
        self._peer = ""
        self._deadline = self.since = 0.0
        # the library's own is one for all connections, and each EHLO of anybody makes it larger
        self.command_size_limits = defaultdict(lambda: 1024)
        super().__init__(
            house,
            hostname=house.hostname,
            ident="Teekond",
            data_size_limit=house.limits.size,
            timeout=house.limits.timeout,
            command_call_limit=calls(house.limits),
            tls_context=house.certificate.context() if house.certificate else None,
        )

    # the connection
    def connection_made(self, transport: Any) -> None:
        """Called a second time when TLS begins within the connection."""
        if self._original_transport is not None:
            super().connection_made(transport)
            return
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        self.since = self.loop.time()
        if not self.house.let_in(self, self._peer):
            self._turned_away = True
            transport.write(BUSY)
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._turned_away:
            return
        self.house.left(self)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """A client that closes its half behind the letter still hears what became of it."""
        if self._turned_away:
            return None
        if self.keeping:
            self._hung_up = True
            return self._tls_protocol is None  # over TLS nothing can be said any more
        return bool(super().eof_received())

    def _reset_timeout(self, duration: float | None = None) -> None:
        """The library makes a timer for every command and cancels it; one that looks at the clock does as well."""
        self._deadline = self.loop.time() + (duration or self._timeout_duration)
        handle = self._timeout_handle
        if handle is None or handle.when() > self._deadline:
            self._set_timer(handle)

    def _set_timer(self, old: asyncio.TimerHandle | None = None) -> None:
        if old is not None:
            old.cancel()
        self._timeout_handle = self.loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        if self.loop.time() < self._deadline:
            self._set_timer()
        else:
            self._timeout_cb()

    def _timeout_cb(self) -> None:
        """Say so and close; who does not even take our replies is cut off."""
        transport = self._writer.transport
        if transport.is_closing() or transport.get_write_buffer_size():
            transport.abort()
            return
        transport.write(SLOW)
        transport.close()

    def dismiss(self) -> "asyncio.Task[None] | None":
        """Close now if no letter is in hand; else the task to wait for."""
        if self._in_hand:
            return self._handler_coroutine
        if self._writer.is_closing():  # TLS takes a while to end, and nothing may be written meanwhile
            return None
        self._writer.write(CLOSING.encode() + b"\r\n")
        self._writer.close()
        return None

    def hang_up(self) -> None:
        self._timeout_cb()

    # the commands
    async def push(self, status: AnyStr) -> None:
        """The library repeats what the client said in two of its replies; ours are constant."""
        said = status if isinstance(status, str) else ""
        if said.startswith("500 Error: command"):
            await super().push(NO_SUCH_COMMAND)
        elif said.startswith("421 4.7.0") and said != TOO_MANY_STRANGERS:
            await super().push(TOO_OFTEN)
        else:
            await super().push(status)

    async def smtp_HELO(self, hostname: str) -> None:
        if not await self._hasty():
            await super().smtp_HELO(hostname)

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._hasty():
            await super().smtp_EHLO(hostname)

    async def _hasty(self) -> bool:
        """Commands sent behind the greeting before its answer: no mail server does so (RFC 2920, 3.1)."""
        return await self._closed_for_haste(HASTY)

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """Commands sent in plain behind this one could be somebody else's, put in on the way (RFC 3207, 6)."""
        if self._tls_protocol is not None:
            await self.push(TLS_ALREADY)
        elif self.house.certificate is None or not await self._closed_for_haste(HASTY_TLS):
            await self._begin_tls(arg)

    async def _begin_tls(self, arg: str | None) -> None:
        try:
            async with asyncio.timeout(self.house.limits.timeout):  # a client that is cut off is told to nobody
                await super().smtp_STARTTLS(arg)
        except TimeoutError as error:
            raise TLSSetupException from error

    async def handle_exception(self, error: Exception) -> str:
        """A handshake that fails is the client's affair, and nothing for the log."""
        if isinstance(error, TLSSetupException):
            return OUR_FAULT
        return str(await super().handle_exception(error))

    async def _closed_for_haste(self, why: str) -> bool:
        if not self._reader._buffer:  # type: ignore[attr-defined]
            return False
        await self.push(why)
        self._writer.close()
        return True

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The address and what follows it, (None, None) where it is none; `<>` stays as it is."""
        found = PATH.fullmatch(arg.lstrip(" "))
        if found is None or (found[1] and len(found[1]) > 254):
            return None, None
        return found[1] or "<>", found[2] or ""

    async def smtp_RCPT(self, arg: str | None) -> None:
        await super().smtp_RCPT(arg)
        if self.strangers > self.house.limits.strangers:
            await self.push(TOO_MANY_STRANGERS)
            self._writer.close()

    async def smtp_VRFY(self, _arg: str | None) -> None:
        await self.push("252 2.1.5 Send some mail; we will see")

    async def smtp_DATA(self, arg: str | None) -> None:
        if refusal := self._not_yet(arg):
            await self.push(refusal)
            return
        self._in_hand = True
        self.since = self.loop.time()
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            status = await self._take_letter()
            self._reset_timeout()
            await self.push("\r\n".join(self._replies(status)))
        finally:
            self._in_hand = False
            self.since = self.loop.time()
            self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self._close_if_done()

    def _not_yet(self, arg: str | None) -> str | None:
        if not self.session or not self.session.host_name:
            return "503 5.5.1 Say hello first"
        if not self._open_envelope().rcpt_tos:
            return "503 5.5.1 Name a recipient first"
        return "501 5.5.4 DATA takes nothing behind it" if arg else None

    def _replies(self, status: str) -> list[str]:
        return [status]

    def _open_envelope(self) -> Envelope:
        assert self.envelope is not None
        return self.envelope

    async def _close_if_done(self) -> None:
        if self.house.closing and not self._hung_up:
            await self.push(CLOSING)
        if self.house.closing or self._hung_up:
            self._writer.close()

    # the letter
    async def _take_letter(self) -> str:
        most, refusal = self._most()
        content = self._content = Content(most)
        self._each = {}
        try:
            await self._receive(content)
            return self._refusal_of_size(content, refusal) or await self._take(content.letter())
        finally:
            self._content = None

    async def _receive(self, content: Content) -> None:
        rest = None
        while rest is None:
            chunk = await self._reader.read(16 * MIB)
            if not chunk:
                raise ConnectionResetError
            rest = self._account(content, chunk)
        self._reader.feed_data(rest)  # what was read too much is the next command

    def _account(self, content: Content, chunk: bytes) -> bytes | None:
        before = content.received
        rest = content.feed(chunk)
        if content.received > self.house.limits.small:
            self.house.make_room(self)
        if before // self.house.limits.portion != content.received // self.house.limits.portion:
            self._reset_timeout()
        return rest

    @property
    def held(self) -> int | None:
        return self._content.held if self._content is not None else None

    def drop(self) -> None:
        if self._content is not None:
            self._content.drop()

    @property
    def place(self) -> str | None:
        return place(self._peer, loopback=False)

    def _most(self) -> tuple[int, str]:
        """The largest that this letter may be, and what is said of a larger one: where it is for addresses that are
        open to everybody, and for no other, their quota."""
        recipients, size = self._open_envelope().rcpt_tos, self.house.limits.size
        quotas = [quota for who in recipients if (quota := self.keepers[who].quota) and quota.public(who)]
        if not self.limits_unasked or len(quotas) < len(recipients):
            return size, TOO_LARGE
        return min(size, *(one.most.letter for one in quotas)), TOO_LARGE_UNASKED

    def _refusal_of_size(self, content: Content, refusal: str) -> str | None:
        if content.too_large:
            return refusal
        return NO_ROOM if content.dropped else None

    async def _take(self, letter: bytes) -> str:
        letter = with_line_ends(letter)
        if self.refuses_bare_line_ends and has_bare_line_end(letter):
            return BARE_LINE_END
        if has_longer_line(letter, self.house.limits.line):
            return LONG_LINE
        return await self._keep(self._arrival(letter))

    def _arrival(self, letter: bytes) -> Arrival:
        envelope, sender = self._open_envelope(), self._open_envelope().mail_from
        return Arrival(
            envelope_from="" if sender in (None, "<>") else sender,
            recipients=tuple(envelope.rcpt_tos),
            raw=letter,
            via=self.via,
            peer=self._peer,
        )

    async def _keep(self, arrival: Arrival) -> str:
        """Wait for each store that the letter is for. Whoever goes away meanwhile does not take the letter along."""
        self.keeping = True
        self._reset_timeout(self.house.limits.answer_within + self.house.limits.timeout)
        try:
            parts = self._by_keeper(arrival)
            if not await self._has_room(parts):
                return QUOTA
            return await self._stored(parts)
        finally:
            self.keeping = False

    async def _has_room(self, parts: dict[Keeper, Arrival]) -> bool:
        for keeper, part in parts.items():
            secret = keeper.quota and self._secret(keeper, part.recipients)
            if keeper.quota is None or not secret:
                continue
            if not await self.house.looked_up(keeper.quota.has_room, secret, self.place, len(part.raw)):
                return False
        return True

    async def _stored(self, parts: dict[Keeper, Arrival]) -> str:
        outcomes = [keeper.store.submit(part) for keeper, part in parts.items()]
        _, late = await asyncio.wait(outcomes, timeout=self.house.limits.answer_within)
        for outcome in late:
            outcome.cancel()
        said = [said_of(TimeoutError() if outcome in late else outcome.result()) for outcome in outcomes]
        self._each = {who: one for part, one in zip(parts.values(), said, strict=True) for who in part.recipients}
        return next((one for one in said if one != KEPT), KEPT)

    def _by_keeper(self, arrival: Arrival) -> dict[Keeper, Arrival]:
        """Each gets the letter with its own recipients, and learns nothing of the others'."""
        theirs: dict[Keeper, list[str]] = {}
        for recipient in arrival.recipients:
            theirs.setdefault(self.keepers[recipient], []).append(recipient)
        return {
            keeper: replace(arrival, recipients=tuple(found), counts=self._counts(keeper, found, len(arrival.raw)))
            for keeper, found in theirs.items()
        }

    def _counts(self, keeper: Keeper, recipients: Sequence[str], size: int) -> tuple[tuple[str, int], ...]:
        """A letter to a secret address is an answer, and counts for that; one that nobody asked for, for its sender."""
        quota = keeper.quota
        if quota is None:
            return ()
        secret = self._secret(keeper, recipients)
        return quota.answer_counts(secret, self.place, size) if secret else quota.counts(self.place, size)

    def _secret(self, keeper: Keeper, recipients: Sequence[str]) -> list[str]:
        return [who for who in recipients if keeper.quota and not keeper.quota.public(who)]


class _LocalDialogue(_Dialogue, LMTP):
    """LMTP, behind our own relay: one reply for each recipient (RFC 2033, 4.2).

    Bare line ends are let through here: the relay has taken the letter, and a refusal would make it write to
    a sender who may be forged. It has also settled where the letter ends.
    """

    via = "lmtp"
    refuses_bare_line_ends = False
    limits_unasked = False

    def _replies(self, status: str) -> list[str]:
        return [self._each.get(recipient, status) for recipient in self._open_envelope().rcpt_tos]
