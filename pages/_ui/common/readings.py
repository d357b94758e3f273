"""Files that are read for a session, each in a process of its own: begun once, shown, stoppable.

A reading belongs to a slot, a name in the session. It is begun where the slot has none of the same
key, so a click elsewhere, another language or a reload of the script neither begins it a second
time nor loses it; another file in the slot ends the one before, and so does closing the tab.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.common.i18n import _
from pages._ui.common.widgets import plain, show_error, show_note
from recsys.reading import Reading

#: The key of a button to stop a reading begins so; it is there as long as one is at work.
STOP = "stop-reading-"
_HELD = "readings"
#: Seconds between two looks at a reading that is at work.
POLL_SECONDS = 1.0
#: Seconds before progress is shown: a small file is read by then.
_FIRST_WAIT_SECONDS = 1.5


@dataclass
class _Slot:
    key: Hashable
    reading: Reading


def begin(
    slot: str,
    key: Hashable,
    task: dict[str, Any],
    filename: str,
    content: bytes | None = None,
    *,
    doing: str,
) -> Reading:
    """The reading of a slot; one of the same key that is there already is not begun again.

    Args:
        content: of the file; it is written to disk once, for the process to read.
        doing: as in `settled`.
    """
    held = _slots().get(slot)
    if held is not None and held.key == key:
        return held.reading
    drop(slot)
    reading = Reading(task, filename, content=content, alive=_watched())
    _slots()[slot] = _Slot(key, reading)
    with st.spinner(_(doing, name=plain(filename), seconds=0)):
        reading.wait(_FIRST_WAIT_SECONDS)
    return reading


def of(slot: str) -> Reading | None:
    """The reading of a slot, if it has one."""
    held = _slots().get(slot)
    return None if held is None else held.reading


def other(slot: str, key: Hashable) -> bool:
    """Whether the slot has a reading of another key."""
    held = _slots().get(slot)
    return held is not None and held.key != key


def drop(slot: str) -> None:
    """End the reading of a slot, and remove what it left."""
    held = _slots().pop(slot, None)
    if held is not None:
        held.reading.close()


def settled(slot: str, *, doing: str, again: bool = True) -> Reading | None:
    """The reading of a slot once it is done; until then it is shown, and where it failed, why.

    Args:
        doing: a sentence with the places {name} and {seconds}, translated where it is shown.
        again: offer to begin anew what was stopped.
    """
    reading = of(slot)
    assert reading is not None
    if reading.active:
        show_at_work(slot, doing=doing)
        return None
    if reading.error is None:
        return reading
    if reading.state == "stopped":
        show_note(reading.error.message)
        if again:
            st.button(
                _("Read it again"),
                icon=":material/refresh:",
                key=f"again-{slot}",
                on_click=drop,
                args=(slot,),
            )
    else:
        show_error(reading.error)
    return None


def show_at_work(slot: str, *, doing: str) -> None:
    """How far a reading is, with a button to stop it; the page is drawn anew once it is over."""
    st.fragment(_at_work, run_every=POLL_SECONDS)(slot, doing)


def _at_work(slot: str, doing: str) -> None:
    reading = of(slot)
    if reading is None or not reading.active:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        _progress(reading, doing)
        if st.button(_("Stop"), icon=":material/stop_circle:", key=f"{STOP}{slot}"):
            reading.stop()
            reading.wait(POLL_SECONDS)
            st.rerun()


def _progress(reading: Reading, doing: str) -> None:
    places = {"name": plain(reading.filename), "seconds": f"{reading.seconds:.0f}"}
    if reading.state == "waiting":
        waiting = _("{name} waits until other files have been read … {seconds} s", **places)
        st.markdown(waiting, width="stretch")
        return
    share = reading.share
    if share is None:
        st.markdown(f":material/hourglass_top: {_(doing, **places)}", width="stretch")
    else:
        st.progress(share, text=_(doing, **places), width="stretch")


def _slots() -> dict[str, _Slot]:
    slots: dict[str, _Slot] = st.session_state.setdefault(_HELD, {})
    return slots


def _watched() -> Callable[[], bool]:
    """Whether the browser is still there; true where no server runs, as in a test."""
    context = get_script_run_ctx()
    session = None if context is None else context.session_id

    def watched() -> bool:
        return session is None or not exists() or get_instance().is_active_session(session)

    return watched
