"""The same kills over PostgreSQL: see `kill`. The server itself is not killed: that is its makers' own test."""

from tests.reliability import kill
from tests.reliability.figures import Figure, Scale


def run(scale: Scale) -> list[Figure]:
    return kill.on("postgresql", kill.SIZES[scale])
