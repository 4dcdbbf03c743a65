"""The service's mail identity: sender name, From address, base URL, secret addresses and signed Message-IDs. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mail.reading.automatic import bounces
from workflow.config.loader import Programme, Settings
from workflow.config.settings import Addresses
from workflow.security import own_links
from workflow.security.own_links import Link

SECRET: Final = re.compile(r"^(?:[^\s@+]{1,64}\+)?r-([a-z0-9]{16,60})@", re.IGNORECASE)
"""a secret address, on a domain of its own or behind the plus sign of another"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`secret` makes Message-IDs and envelope senders that nobody else can make, those that `older` ones made are
    still known; none is ever shown."""

    base_url: str
    domain: str
    from_name: str
    from_address: str
    secret: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)
    addresses: Addresses = Addresses.DOMAIN

    @classmethod
    def of(
        cls, programme: Programme, service: Settings, secret: bytes, *, older: Sequence[bytes] = ()
    ) -> "Identity":
        """As config.toml has it."""
        mail = service.mail
        return cls(
            base_url=service.base_url,
            domain=mail.domain,
            from_name=mail.from_name,
            from_address=mail.from_address,
            secret=secret,
            older=tuple(older),
            addresses=mail.addresses,
        )

    def reply_address(self, secret: str) -> str:
        """Where the answer to one person's question comes to."""
        return self._address(f"r-{secret}")

    def return_address(self, key: str) -> str:
        """The envelope's sender: where a bounce of the mail known by `key` comes to."""
        return self._address(bounces.verp_local(key, self.secret))

    def returned_to(self, address: str) -> str | None:
        """The key within such an address, whichever of our secrets signed it; None where none did."""
        return bounces.verp_key(address, self.secret, *self.older)

    def reference(self, secret: str) -> str:
        """The same secret as an id in References, which replies carry on; empty where the address itself tells."""
        return f"<r-{secret}@{self.domain}>" if self.addresses is Addresses.THREAD else ""

    def new_link(self, about: str) -> Link:
        """A secret link for one mail: see `workflow/security/own_links.py`."""
        return own_links.new(about, self.secret.decode())

    def link_secret(self, seed: str) -> str | None:
        """The secret of the link made from this seed, whichever of our keys made it; None where none did."""
        return own_links.secret(seed, (key.decode() for key in (self.secret, *self.older)))

    def own_page(self, person_id: int, address: str) -> str:
        """What the link to somebody's own details ends with; see `workflow/security/own_links.py`."""
        return own_links.page_of(person_id, address, self.secret.decode())

    def opens_page(self, page: str, person_id: int, address: str) -> bool:
        """Whether such an ending opens this person's details, whichever of our keys made it."""
        return own_links.opens(page, person_id, address, (key.decode() for key in (self.secret, *self.older)))

    def _address(self, local: str) -> str:
        name, _, host = self.from_address.rpartition("@")
        if self.addresses is Addresses.THREAD:
            return self.from_address
        return f"{name}+{local}@{host}" if self.addresses is Addresses.PLUS else f"{local}@{self.domain}"
