"""Ending a process that does not respond, so that what it worked on can be deleted."""

from __future__ import annotations

from recsys.jobs.process import kill
from recsys.jobs.status import Status, alive, here
from recsys.schema import N_, RunError


def force_stop(status: Status, name: str) -> None:
    """End the process that a status names, and no other; what it worked on is "interrupted" then.

    Nothing is asked of the process, which may be stopped or hang. A process that is gone already
    is no mistake.

    Args:
        name: of what it works on, for people.

    Raises:
        RunError: if it runs on another machine, belongs to somebody else, or does not end.
    """
    if not status.active:
        return
    if not here(status) or status.pid is None or status.process_started is None:
        raise RunError(
            N_("The process of {name} cannot be found on this machine. End it where it runs."),
            name=name,
        )
    if not alive(status):
        return
    try:
        gone = kill(status.pid, status.process_started)
    except OSError:
        gone = False
    if not gone:
        raise RunError(
            N_("The process {pid} of {name} cannot be ended from here. End it by hand."),
            pid=status.pid,
            name=name,
        )
