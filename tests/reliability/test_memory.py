"""The memory of a service after the largest letters, in the short version."""

from tests.reliability import memory
from tests.reliability.figures import Scale


def test_memory_after_the_largest_letters_is_what_it_was_before() -> None:
    (figure,) = memory.run(Scale.SHORT)
    assert figure.holds, f"{figure.promise}: {figure.measured}; {figure.done}"
