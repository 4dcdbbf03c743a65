"""Who the service is in its mails: its name, its addresses, its pages, the secret of its ids. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mail.reading.automatic import bounces
from workflow.config.loader import Programme, Settings
from workflow.config.settings import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`secret` makes Message-IDs and envelope senders that nobody else can make, those that `older` ones made are
    still known; none is ever shown."""

    base_url: str
    domain: str
    from_name: str
    from_address: str
    list_id: str
    secret: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)
    addresses: Addresses = Addresses.DOMAIN

    @classmethod
    def of(
        cls, programme: Programme, service: Settings, secret: bytes, *, older: Sequence[bytes] = ()
    ) -> "Identity":
        """As config.toml has it; the list is the season's."""
        mail = service.mail
        return cls(
            base_url=service.base_url,
            domain=mail.domain,
            from_name=mail.from_name,
            from_address=mail.from_address,
            list_id=f"{programme.key.lower().replace('_', '-')}.{mail.domain}",
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

    def _address(self, local: str) -> str:
        name, _, host = self.from_address.rpartition("@")
        if self.addresses is Addresses.THREAD:
            return self.from_address
        return f"{name}+{local}@{host}" if self.addresses is Addresses.PLUS else f"{local}@{self.domain}"
