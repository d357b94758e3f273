"""Data page: a person's own files, which column is what, and cleaning them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages._ui import state
from pages._ui.data_choice import UPLOAD, cleaning_inputs
from pages._ui.i18n import _, ngettext
from pages._ui.widgets import plain, show_error
from recsys.schema import (
    ITEM_ID,
    N_,
    POSITION,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    Message,
    RecsysError,
)
from recsys.sources import CleaningConfig, guess_columns, raw_frames, read_table

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from recsys.sources.columns import Kind

#: Endings of the files that can be read.
TYPES = ["csv", "tsv", "txt", "dat", "xlsx", "xls", "xlsb", "ods", "parquet"]
_ENCODINGS = {
    "": N_("Find out"),
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": "GB18030 · GBK",
    "latin-1": "Latin-1",
}
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
_PREVIEW_ROWS = 5
_PREPARED = "just_prepared"


@dataclass(frozen=True)
class _Table:
    """An uploaded table as read, with the columns a person agreed on."""

    name: str
    frame: pd.DataFrame
    notes: list[Message]
    columns: dict[str, str]


def panel() -> None:
    """Upload, look, say which column is what, and prepare."""
    with st.container(border=True):
        labels: dict[Kind, str] = {
            "interactions": _("Events: who met what"),
            "items": _("Items (optional)"),
            "users": _("Users (optional)"),
        }
        columns = st.columns(3)
        files = {
            kind: column.file_uploader(label, type=TYPES, key=f"file-{kind}")
            for column, (kind, label) in zip(columns, labels.items(), strict=True)
        }
        encodings = {code: _(name) for code, name in _ENCODINGS.items()}
        encoding = st.selectbox(
            _("Letters are written in"),
            list(encodings),
            format_func=encodings.__getitem__,
            key="file-encoding",
            width=260,
        )
        if files["interactions"] is None:
            st.caption(_("Start with the events: one row for each time that a user met an item."))
            return
        try:
            tables = {
                kind: _read(kind, file, encoding or None)
                for kind, file in files.items()
                if file is not None
            }
        except RecsysError as error:
            show_error(error)
            return
        rated = bool(tables["interactions"].columns.get(RATING))
        config = cleaning_inputs("upload", CleaningConfig(), rated=rated)
        if st.button(_("Prepare this data"), key="prepare", type="primary"):
            _prepare(tables, config)
        if state.take(_PREPARED):
            st.success(_("Ready. This is how it looks:"), icon=":material/check_circle:")


def _read(kind: Kind, file: UploadedFile, encoding: str | None) -> _Table:
    """Read one file, show its first rows, and ask which column is what."""
    content = file.getvalue()
    digest = hashlib.sha256(content).hexdigest()[:12]
    frame, notes = _table(content, file.name, encoding, digest)
    rows = ngettext("{count} row", "{count} rows", len(frame))
    st.markdown(f"**{plain(file.name)}** · {rows}")
    st.dataframe(frame.head(_PREVIEW_ROWS), hide_index=True, key=f"preview-{kind}-{digest}")
    guessed = guess_columns(frame, kind)
    options = {"": _("none"), **{column: column for column in map(str, frame.columns)}}
    chosen = {}
    for place, name in zip(st.columns(len(_ASKED["interactions"])), _ASKED[kind], strict=False):
        guess = guessed.get(name, "")
        chosen[name] = place.selectbox(
            _(_MEANINGS[name]),
            list(options),
            index=list(options).index(guess) if guess in options else 0,
            format_func=options.__getitem__,
            key=f"column-{kind}-{name}-{digest}",
        )
    return _Table(file.name, frame, notes, chosen)


@st.cache_resource(max_entries=6, show_spinner=False)
def _table(
    _content: bytes, filename: str, encoding: str | None, digest: str
) -> tuple[pd.DataFrame, list[Message]]:
    """The table as read; `digest` names the content, so that it is not hashed twice."""
    return read_table(_content, filename, encoding=encoding)


def _prepare(tables: dict[Kind, _Table], config: CleaningConfig) -> None:
    """Clean, keep and show the result; on a mistake the data from before stays."""
    from recsys.cleaning import clean

    events, items, users = (tables.get(k) for k in ("interactions", "items", "users"))
    assert events is not None
    try:
        with st.spinner(_("Preparing the data…"), show_time=True):
            raw = raw_frames(
                events.frame,
                items.frame if items else None,
                users.frame if users else None,
                columns=events.columns,
                item_columns=items.columns if items else None,
                user_columns=users.columns if users else None,
                notes=[note for table in tables.values() for note in table.notes],
            )
            data, report = clean(raw, config, name=PurePath(events.name).stem)
            state.keep(data, report, origin=UPLOAD)
    except RecsysError as error:
        show_error(error)
        return
    st.session_state[_PREPARED] = True
    st.rerun()
