"""Data page: a person's own files, which column is what, and cleaning them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages._ui.common import readings, state
from pages._ui.common.i18n import _, ngettext, say
from pages._ui.common.widgets import plain
from pages._ui.data import data_moves, data_reading
from pages._ui.data.data_choice import UPLOAD, cleaning_inputs
from recsys.reading import DATA, fork_server
from recsys.schema import (
    ITEM_ID,
    N_,
    POSITION,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    Message,
)
from recsys.sources import CleaningConfig

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from recsys.sources.columns.choosing import Kind

#: Endings of the files that can be read.
TYPES = """csv tsv tab psv txt dat data log inter item user kg link arff json jsonl ndjson xlsx xlsm
    xls xlsb ods parquet sql dump xml html htm md mtx zip gz bz2 xz zst tar tgz base test
    train""".split()
_MEANINGS: dict[str, str] = {
    USER_ID: N_("User"),
    ITEM_ID: N_("Item"),
    RATING: N_("Rating"),
    TIMESTAMP: N_("Time"),
    POSITION: N_("Order"),
    TITLE: N_("Title"),
}
_ASKED: dict[Kind, tuple[str, ...]] = {
    "interactions": (USER_ID, ITEM_ID, RATING, TIMESTAMP, POSITION),
    "items": (ITEM_ID, TITLE),
    "users": (USER_ID,),
}
#: The evidence for a column, in words; see `recsys.sources.columns.choosing.Guess`.
_TOLD_BY: dict[str, str] = {
    "name": N_("by its name"),
    "content": N_("by its content"),
    "guess": N_("a guess: please look"),
}
_PREPARE = "prepare"
_PREPARING = N_("Preparing {name} … {seconds} s")
_PREPARED = "just_prepared"


@dataclass(frozen=True)
class _Table:
    """An uploaded table as read by another process, with the columns a person agreed on."""

    name: str
    folder: Path
    notes: list[Any]
    found: dict[str, Any]
    columns: dict[str, str]


def panel() -> None:
    """Upload, look, say which column is what, and prepare."""
    with st.container(border=True):
        labels: dict[Kind, str] = {
            "interactions": _("Events: who met what"),
            "items": _("Items (optional)"),
            "users": _("Users (optional)"),
        }
        columns = dict(zip(labels, st.columns(3), strict=True))
        boxes = {
            kind: columns[kind].file_uploader(label, type=TYPES, key=data_moves.box(kind))
            for kind, label in labels.items()
        }
        fork_server.prepare()  # while somebody looks for the file
        files = data_moves.placed(boxes, columns)
        at_work = readings.of(_PREPARE)
        for kind, file in files.items():
            # Away and back, the page has no files, but they may be what is being prepared.
            if file is None and (at_work is None or not at_work.active):
                readings.drop(_slot(kind))
        if files["interactions"] is None:
            if not _preparing():
                st.caption(
                    _("Start with the events: one row for each time that a user met an item.")
                )
            return
        tables = {kind: _read(kind, file) for kind, file in files.items() if file is not None}
        events = tables["interactions"]
        rated = events is not None and bool(events.columns.get(RATING))
        if all(tables.values()):
            config = cleaning_inputs("upload", CleaningConfig(), rated=rated)
            if not _preparing() and st.button(
                _("Prepare this data"), key="prepare", type="primary"
            ):
                _prepare({kind: table for kind, table in tables.items() if table}, config)
        else:
            _preparing()
        if state.take(_PREPARED):
            st.success(_("Ready. This is how it looks:"), icon=":material/check_circle:")


def _slot(kind: str) -> str:
    return f"table-{kind}"


def _read(kind: Kind, file: UploadedFile) -> _Table | None:
    """Read one file, show its first rows, and ask which column is what; None until it is read."""
    read = data_reading.options_of(kind, file.file_id)
    task = {"do": "look", "filename": file.name, "options": read, "kind": kind}
    slot, doing = _slot(kind), N_("Reading {name} … {seconds} s")
    key = (file.file_id, *read.values())
    if readings.other(slot, key):
        readings.drop(_PREPARE)  # what is being prepared is about to go
    # The bytes are those that Streamlit holds anyway: getvalue() makes no copy of them.
    readings.begin(slot, key, task, file.name, file.getvalue(), doing=doing)
    reading = readings.settled(slot, doing=doing)
    if reading is None:
        # Read otherwise, it may be read; and while it is, what was chosen must not be forgotten.
        data_reading.draw(kind, file.file_id, read)
        return None
    look = reading.result
    rows = ngettext("{count} row", "{count} rows", look["rows"])
    st.markdown(f"**{plain(file.name)}** · {rows}")
    head = pd.DataFrame(look["head"], columns=pd.Index(look["columns"], dtype=object))
    st.dataframe(head, hide_index=True, key=f"preview-{kind}-{file.file_id}")
    data_moves.offer(kind, look)
    for note in look["notes"]:
        message = Message(*note)
        if message.grave:
            st.warning(plain(say(message)), icon=":material/warning:")
    found = {**look["found"], **_known(read)}
    data_reading.draw(kind, file.file_id, {**look["understood"], **_known(found)})
    options = {"": _("none"), **{column: column for column in look["columns"]}}
    chosen = {}
    for place, name in zip(st.columns(len(_ASKED["interactions"])), _ASKED[kind], strict=False):
        guess = look["guessed"].get(name, "")
        chosen[name] = place.selectbox(
            _(_MEANINGS[name]),
            list(options),
            index=list(options).index(guess) if guess in options else 0,
            format_func=options.__getitem__,
            key=f"column-{kind}-{name}-{'-'.join(map(str, key))}",
        )
        if chosen[name] and chosen[name] == guess:
            how = look["told_by"][name]
            place.caption(_(_TOLD_BY[how]))
    return _Table(file.name, reading.folder, look["notes"], found, chosen)


def _known(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def _prepare(tables: dict[Kind, _Table], config: CleaningConfig) -> None:
    """Begin to clean what was read, in a process of its own."""
    events = tables["interactions"]
    task = {
        "do": "from_tables",
        "tables": {
            kind: {
                "folder": str(t.folder),
                "notes": t.notes,
                "found": t.found,
                "columns": t.columns,
            }
            for kind, t in tables.items()
        },
        "cleaning": asdict(config),
        "name": PurePath(events.name).stem,
        "origin": UPLOAD,
    }
    readings.drop(_PREPARE)
    readings.begin(_PREPARE, None, task, events.name, doing=_PREPARING)
    st.rerun()


def _preparing() -> bool:
    """Show a preparation that is at work, or take over one that is done.

    On a mistake the data from before stays. Returns whether one is at work.
    """
    reading = readings.of(_PREPARE)
    if reading is None:
        return False
    if reading.active:
        readings.show_at_work(_PREPARE, doing=_PREPARING)
        return True  # though it may have ended by now: the next look takes it over
    done = readings.settled(_PREPARE, doing=_PREPARING, again=False)
    if done is not None:
        state.adopt(done.folder / DATA, done.result["key"])
        readings.drop(_PREPARE)
        st.session_state[_PREPARED] = True
        st.rerun()
    readings.drop(_PREPARE)
    return False
