"""How many trainings run at once in a runs folder: the others wait in the order they came.

A slot is a file that a training holds locked; the system lets go of it when the process ends,
however that comes about. A waiting process has a ticket, a file named by the time, which it
touches at every look; one that was not touched for a while (killed, or stopped) is passed over.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from recsys.schema import N_, ConfigError
from recsys.storage.files import locked

#: Names the number of trainings at once; without it, half of the processor's cores, at least 2.
VARIABLE = "RECSYS_MAX_TRAININGS"
#: Within the runs folder; no run can have a name that begins with a dot.
_FOLDER = ".slots"
_TICKETS = "waiting"
#: Between two looks at whether a slot is free.
PATIENCE = 0.5
#: Seconds without a touch after which a ticket is passed over, and after which it is deleted.
_SILENCE_SECONDS = 10.0
_FORGOTTEN_SECONDS = 3600.0


@dataclass(frozen=True)
class Queue:
    """What a training waits for.

    Attributes:
        before: how many others came first and wait, too.
        at_work: the names of the runs that hold the slots.
    """

    before: int
    at_work: tuple[str, ...]


def most_at_once() -> int:
    """How many trainings may work at once.

    Raises:
        ConfigError: if `$RECSYS_MAX_TRAININGS` is no whole number above 0.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        return max(2, (os.cpu_count() or 1) // 2)
    if not given.isascii() or not given.isdecimal() or int(given) < 1:
        raise ConfigError(
            N_("{variable} is {value}. It has to be a whole number above 0."),
            variable=VARIABLE,
            value=given[:40],
        )
    return int(given)


@contextmanager
def slot(runs_dir: Path, name: str, waiting: Callable[[Queue], None]) -> Iterator[None]:
    """Wait for a slot, and hold it while the block runs.

    Args:
        name: of the run, shown to those who wait meanwhile.
        waiting: called at every look while there is no slot; what it raises ends the waiting.

    Raises:
        ConfigError: as `most_at_once`.
    """
    folder = runs_dir / _FOLDER
    slots = [folder / str(number) for number in range(most_at_once())]
    (folder / _TICKETS).mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        mine = held.enter_context(_ticket(folder / _TICKETS))
        while True:
            mine.touch()
            before = _before(mine)
            if before < len(slots) and (found := _free(slots, held)) is not None:
                break
            waiting(Queue(before, _names(slots)))
            time.sleep(PATIENCE)
        mine.unlink(missing_ok=True)
        _tell(found, name)
        try:
            yield
        finally:
            _tell(found, "")


def forget_names(runs_dir: Path, names: frozenset[str]) -> None:
    """Take names out of slots that were not given back in order."""
    for file in (runs_dir / _FOLDER).glob("[0-9]*"):
        with suppress(OSError):
            if file.read_text("utf-8") in names:
                file.write_text("", "utf-8")


@contextmanager
def _ticket(folder: Path) -> Iterator[Path]:
    ticket = folder / f"{time.time_ns():020d}-{os.getpid()}-{id(folder)}"
    ticket.touch()
    try:
        yield ticket
    finally:
        ticket.unlink(missing_ok=True)


def _before(mine: Path) -> int:
    """How many wait since before; tickets that nobody has any more are deleted."""
    now, before = time.time(), 0
    for ticket in mine.parent.iterdir():
        try:
            silent = abs(now - ticket.stat().st_mtime)
        except OSError:
            continue  # its turn came
        if silent > _FORGOTTEN_SECONDS:
            ticket.unlink(missing_ok=True)
        elif silent <= _SILENCE_SECONDS and ticket.name < mine.name:
            before += 1
    return before


def _free(slots: list[Path], held: ExitStack) -> Path | None:
    """A slot that was free and is now held as long as `held`."""
    for file in slots:
        with ExitStack() as trying:
            if trying.enter_context(locked(file)):
                held.enter_context(trying.pop_all())
                return file
    return None


def _tell(held: Path, name: str) -> None:
    with suppress(OSError):  # a full disk: the lock counts, not the name
        held.write_text(name, "utf-8", "backslashreplace")


def _names(slots: list[Path]) -> tuple[str, ...]:
    names = []
    for file in slots:
        with suppress(OSError, ValueError):
            names.append(file.read_text("utf-8"))
    return tuple(filter(None, names))
