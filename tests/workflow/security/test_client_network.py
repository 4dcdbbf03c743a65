"""Where a connection comes from: an IPv4 address, or the network that one customer has over IPv6."""

import random
from ipaddress import IPv6Address

import pytest

from workflow.security.client_network import place


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("unknown", None),
        ("", None),
    ],
)
def test_a_place_is_an_address_or_a_network(address: str, counts_as: str | None) -> None:
    assert place(address) == counts_as


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_no_place_of_its_own_where_it_is_not_wanted(address: str) -> None:
    assert place(address, loopback=False) is None
    assert place("203.0.113.9", loopback=False) == "203.0.113.9"


def test_whoever_has_a_network_is_one_place_however_many_addresses_they_use() -> None:
    chance, network = random.Random(7), int(IPv6Address("2001:db8:1:2::"))
    assert len({place(str(IPv6Address(network + chance.getrandbits(64)))) for _ in range(1000)}) == 1
