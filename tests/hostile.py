"""Whether a reader of words takes longer than in proportion to their length."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Processor time that says nothing on a busy machine, in seconds.
FLOOR = 0.05
#: A text that is four times as long may take so many times as long: in proportion it takes 4, and
#: where every place is tried against every other, 16.
MOST = 9.0


def seconds(read: Callable[[str], object], text: str, tries: int) -> float:
    """The processor time of one reading, the least of several tries."""
    least = float("inf")
    for _ in range(tries):
        begun = time.thread_time()
        read(text)
        least = min(least, time.thread_time() - begun)
    return least


def slow(read: Callable[[str], object], fragments: tuple[str, ...], length: int) -> list[str]:
    """Fragments whose repetition takes more than in proportion to its length: what is found.

    Every one is repeated to `length` characters with an end that does not fit, so that what begins
    everywhere ends nowhere. What takes long is compared with a quarter of it, more than once.
    """
    found = []
    for fragment in fragments:
        long = fragment * (length // len(fragment)) + "x"
        short = fragment * (length // 4 // len(fragment)) + "x"
        if seconds(read, long, 1) <= FLOOR:
            continue
        for tries in (2, 6):
            quarter, whole = seconds(read, short, tries), seconds(read, long, tries)
            if whole <= max(MOST * quarter, FLOOR):
                break
        else:
            found.append(f"{fragment!r}: {quarter:.3f} s, of four times the length {whole:.3f} s")
    return found
