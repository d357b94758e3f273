"""Data page: a file that was given in the wrong place is moved to the right one, by a button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.common.i18n import _, say
from pages._ui.common.widgets import plain
from recsys.schema import N_, Message

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from recsys.sources.columns.choosing import Kind

#: Files that were moved, by where they are now; and how often the box of a kind was emptied.
_MOVED, _EMPTIED = "moved-files", "emptied-boxes"
#: Where each file is, as the page was drawn last.
_PLACED = "placed-files"
_MOVE: dict[Kind, str] = {
    "interactions": N_("Move it to Events"),
    "items": N_("Move it to Items"),
    "users": N_("Move it to Users"),
}


def box(kind: Kind) -> str:
    """The key of the uploader of a kind; another one empties it, which nothing else can."""
    emptied = st.session_state.get(_EMPTIED, {}).get(kind, 0)
    return f"file-{kind}-{emptied}" if emptied else f"file-{kind}"


def placed(
    files: Mapping[Kind, UploadedFile | None], places: Mapping[Kind, DeltaGenerator]
) -> dict[Kind, UploadedFile | None]:
    """The files by what they are used as: those in the boxes, and those that were moved."""
    moved: dict[Kind, UploadedFile] = st.session_state.setdefault(_MOVED, {})
    for kind, file in files.items():
        if file is not None:
            moved.pop(kind, None)
        elif kind in moved:
            with places[kind].container(horizontal=True, vertical_alignment="center"):
                st.caption(_("{name} was moved here.", name=plain(moved[kind].name)))
                remove = _("Remove")
                st.button(remove, key=f"remove-moved-{kind}", on_click=_remove, args=(kind,))
    found = {kind: file or moved.get(kind) for kind, file in files.items()}
    st.session_state[_PLACED] = found
    return found


def offer(kind: Kind, look: Mapping[str, Any]) -> None:
    """Say what a file looks like, where it is not what it is given as, and offer to move it."""
    if look["misplaced"] is None:
        return
    to: Kind = look["looks_like"]
    st.warning(plain(say(Message(*look["misplaced"]))), icon=":material/warning:")
    st.button(
        _(_MOVE[to]),
        icon=":material/drive_file_move:",
        key=f"move-{kind}",
        on_click=_move,
        args=(kind, to),
    )


def _remove(kind: Kind) -> None:
    st.session_state[_MOVED].pop(kind, None)


def _move(kind: Kind, to: Kind) -> None:
    """Move a file; what is where it goes takes its place."""
    files: dict[Kind, UploadedFile | None] = st.session_state.get(_PLACED, {})
    moved: dict[Kind, UploadedFile] = st.session_state.setdefault(_MOVED, {})
    emptied: dict[Kind, int] = st.session_state.setdefault(_EMPTIED, {})
    for source, target in ((kind, to), (to, kind)):
        file = files.get(source)
        emptied[source] = emptied.get(source, 0) + 1
        moved.pop(target, None)
        if file is not None:
            moved[target] = file
