"""Books as the service lays them at its first start, without a service: the commands only open what is there."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import teekond
from service.assembly import build_house
from service.invocation import Invocation, read_config
from tests.paths import ROOT


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def lay(
    data: Path, *, config: Path = ROOT / "config.toml", environ: Mapping[str, str] | None = None,
    programme: str | None = None,
) -> Path:  # fmt: skip
    """Books, key and marker in this folder, which it returns."""
    told = Invocation(
        config=config, data=data, share=ROOT, environ=environ or {}, clock=SystemClock(), secret=teekond.new_secret,
        key=teekond.new_key, programme=programme,
    )  # fmt: skip
    before = os.umask(0o077)  # as every command sets it
    try:
        build_house(told, read_config(told), told.clock.now()).db.close()
    finally:
        os.umask(before)
    return data
