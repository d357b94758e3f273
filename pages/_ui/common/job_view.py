"""What every page does with a job: watch it while it is at work, and show how it ended."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._ui.common import undo
from pages._ui.common.i18n import _, say
from pages._ui.common.widgets import plain, show_error
from recsys.jobs.job import Job
from recsys.jobs.status import Status
from recsys.schema import RecsysError

#: Seconds between two looks at a job that is at work.
POLL_SECONDS = 1.0


def watch(
    job: Job,
    draw: Callable[[], None],
    *,
    shown_elsewhere: Callable[[Status], object] = lambda status: status.active,
) -> None:
    """Draw a job; while it is at work, draw it anew every second.

    Args:
        draw: draws it as it is now. What it raises as a `RecsysError`, such as that the job was
            deleted, is shown in its place.
        shown_elsewhere: what the rest of the page shows of the status: once that changes, the
            whole page is drawn anew. At the end it always is, which also ends the looking.
    """
    status = job.status()
    view = st.fragment(_view, run_every=POLL_SECONDS if status.active else None)
    view(job, (status.active, shown_elsewhere(status)), draw, shown_elsewhere)


def _view(
    job: Job,
    before: tuple[bool, object],
    draw: Callable[[], None],
    shown_elsewhere: Callable[[Status], object],
) -> None:
    status = job.status()
    if (status.active, shown_elsewhere(status)) != before:
        st.rerun()
    try:
        draw()
    except RecsysError as error:
        show_error(error)


def draw_unresponsive(job: Job) -> None:
    """A process that is there and gives no sign of life, and the way to end it."""
    st.warning(
        _(
            "The process has shown no sign of life for more than a minute: it was paused, or it "
            "hangs. If it goes on, this goes on, too. If not, force it to stop."
        ),
        icon=":material/hourglass_disabled:",
    )
    st.button(
        _("Force it to stop"),
        icon=":material/dangerous:",
        key=f"force-{job.name}",
        help=_("Ends its process at once. What it had kept by then stays."),
        on_click=undo.press,
        args=(job.force_stop,),
    )


def draw_pause(job: Job, status: Status) -> None:
    """The button that lets a job wait, or one that waits go on."""
    if job.control() == "pause":
        st.button(
            _("Go on"),
            icon=":material/play_arrow:",
            key=f"go-on-{job.name}",
            on_click=undo.press,
            args=(job.request_go_on,),
        )
    elif status.state == "training":
        st.button(
            _("Pause"),
            icon=":material/pause:",
            key=f"pause-{job.name}",
            help=_("Leaves the processor to others; the time that it waits does not count."),
            on_click=undo.press,
            args=(job.request_pause,),
        )


def paused_words() -> str:
    """What stands beside the progress of a job that waits."""
    return _("Paused: press “Go on”, and it continues where it was.")


def draw_message(status: Status) -> None:
    """Why it failed, in the job's own words, where it left any."""
    if status.message is not None:
        st.error(plain(say(status.message)), icon=":material/error:")


def draw_log(job: Job, status: Status) -> None:
    """Of a job that did not get to its end: what its process printed, folded up."""
    log = job.log() if status.state in ("failed", "interrupted") else ""
    if log.strip():
        with st.expander(_("Log, for the curious")):
            st.code(log, language=None, wrap_lines=True, height=300)
