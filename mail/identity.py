"""Who the service is in its mails: its name, its addresses, its pages, the secret of its ids. Pure."""

from dataclasses import dataclass, field

from workflow.programme import Programme, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`secret` makes Message-IDs and envelope senders that nobody else can make; it is never shown."""

    base_url: str
    domain: str
    from_name: str
    from_address: str
    list_id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, programme: Programme, service: Settings, secret: bytes) -> "Identity":
        """As config.toml has it; the list is the season's."""
        mail = service.mail
        return cls(
            base_url=service.base_url,
            domain=mail.domain,
            from_name=mail.from_name,
            from_address=mail.from_address,
            list_id=f"{programme.key.lower().replace('_', '-')}.{mail.domain}",
            secret=secret,
        )
