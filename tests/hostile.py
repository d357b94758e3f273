"""Whether work takes longer than in proportion to its size.

Processor time is compared, the least of several tries, of sizes that lie far apart: eight times the
size takes 8 times as long in proportion, and 64 times where every place is tried against every
other. Whatever else the machine does would have to make every try three times as slow to be
mistaken for that.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

#: How many times as large the large one is.
TIMES = 8
#: How many times as long it may take: about the geometric mean of 8 and 64.
MOST = 24.0
#: Processor time that says nothing on a busy machine, in seconds.
FLOOR = 0.05
#: As often is the small one measured at least, so that one slow try hides nothing.
TRIES = 3
#: As often is measured before it is said that it takes too long.
MOST_TRIES = 8


def out_of_proportion(
    small: Callable[[], object],
    large: Callable[[], object],
    clock: Callable[[], float] = time.thread_time,
) -> str | None:
    """What `small` and `large`, `TIMES` as much work, take if that is too much, else None."""

    def seconds(work: Callable[[], object]) -> float:
        # No rubbish is collected meanwhile: that takes as long as the process holds much.
        gc.disable()
        try:
            begun = clock()
            work()
            return clock() - begun
        finally:
            gc.enable()

    if (whole := seconds(large)) <= FLOOR:
        return None
    part = min(seconds(small) for _ in range(TRIES))
    for _ in range(MOST_TRIES):
        if whole <= max(MOST * part, FLOOR):
            return None
        part, whole = min(part, seconds(small)), min(whole, seconds(large))
    return f"{part:.4f} s, of {TIMES} times the size {whole:.3f} s"


def slow(read: Callable[[str], object], fragments: tuple[str, ...], length: int) -> list[str]:
    """Fragments whose repetition takes more than in proportion to its length: what is found.

    Every one is repeated to `length` characters with an end that does not fit, so that what begins
    everywhere ends nowhere.
    """
    found = []
    for fragment in fragments:
        short, long = (
            fragment * (size // len(fragment)) + "x" for size in (length // TIMES, length)
        )
        if told := out_of_proportion(lambda: read(short), lambda: read(long)):  # noqa: B023
            found.append(f"{fragment!r}: {told}")
    return found
