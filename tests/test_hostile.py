"""What compares times finds work that grows with the square, and only that."""

from __future__ import annotations

import re

from tests.hostile import out_of_proportion, slow


def squared(n: int) -> int:
    """Work that grows with the square of a size."""
    return sum(range(n * n))


def test_work_that_grows_with_the_square_is_found() -> None:
    told = out_of_proportion(lambda: squared(400), lambda: squared(8 * 400))
    assert told is not None and "of 8 times the size" in told


def test_each_once_is_not() -> None:
    assert out_of_proportion(lambda: sum(range(10**6)), lambda: sum(range(8 * 10**6))) is None


def test_beside_half_as_much_that_is_always_the_same_it_is_still_found() -> None:
    told = out_of_proportion(
        lambda: squared(400) + squared(280), lambda: squared(8 * 400) + squared(280)
    )
    assert told is not None


def test_a_pattern_that_begins_everywhere_and_ends_nowhere_is_found() -> None:
    found = slow(re.compile("a+b").search, ("a", "b", "c"), 15_000)
    assert len(found) == 1 and found[0].startswith("'a'")
