"""Shared command-line options: addresses to listen on, the language of output."""

from typing import Any

import click


class Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT; port 0 takes a free one."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8080", param, ctx)
        return host.strip("[]"), int(port)


WEB = click.option("--web", type=Address(), help="Address to serve the pages on.")
SMTP_AT = click.option("--smtp", type=Address(), help="Address to receive mail on.")
IN = click.option("--lang", type=click.Choice(["et", "en"]), help="Language of the output; default: the programme's.")
