"""A small name server on loopback: answers from a dict, over UDP and TCP, as a domain's own would."""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], Sequence[str]]
"""(name, type) -> records as a zone file has them"""


def answered(zone: Zone, raw: bytes, longest: int) -> bytes:
    query = dns.message.from_wire(raw)
    question = query.question[0]
    name, kind = str(question.name).rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    if records := zone.get((name, kind)):
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
    elif not any(known == name for known, _ in zone):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    wire = reply.to_wire(max_size=65535)
    if len(wire) <= longest:
        return wire
    cut = dns.message.make_response(query)
    cut.flags |= dns.flags.TC  # ask again over TCP
    return cut.to_wire()


@contextmanager
def name_server(zone: Zone) -> Iterator[tuple[str, int]]:
    """Where it answers."""

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            raw, socket = self.request
            socket.sendto(answered(zone, raw, 512), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            wire = answered(zone, self.rfile.read(length), 65535)
            self.wfile.write(struct.pack("!H", len(wire)) + wire)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tcp) as tcp:
        host, port = tcp.server_address[:2]
        with socketserver.ThreadingUDPServer(("127.0.0.1", port), Udp) as udp:
            for server in (tcp, udp):
                threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield str(host), port
            finally:
                tcp.shutdown()
                udp.shutdown()
