"""Data page: facts that a person adds to the data, for prompts to use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages._ui.common import readings, state, store
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import show_error, show_note
from pages._ui.data import data_report
from pages._ui.data.data_upload import TYPES
from recsys.dataset import Dataset
from recsys.reading import DATA
from recsys.reading.tables import load_report
from recsys.schema import N_, RecsysError
from recsys.sources import SOURCES, read_table
from recsys.sources.export import to_csv_bytes

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_SHOWN = 100
_SLOT = "knowledge"
_REMOVED = "knowledge-removed"
#: Items named in an example for data that brings none.
_NAMED = 3


def draw() -> None:
    """The facts that the data has, and a place for more."""
    data = state.dataset()
    facts = data.knowledge
    title = (
        _("Knowledge (optional): facts that a prompt can tell")
        if facts is None
        else ngettext("Knowledge: {count} fact", "Knowledge: {count} facts", len(facts))
    )
    bare, before = st.session_state.get(_REMOVED, (None, None))
    before = before if bare == data.content_hash else None
    with st.expander(
        title, icon=":material/lightbulb:", expanded=facts is not None or before is not None
    ):
        if facts is not None:
            _present(data, facts)
        elif before is not None:
            _put_back(before)
        st.caption(
            _(
                "A table of three columns (subject, relation, object); or a column with ids or "
                "titles, or with values of an attribute, and columns that say something of them. "
                "A prompt tells what fits a user best where it says {variable}.",
                variable="`{{ knowledge }}`",
            )
        )
        # Once the data has a file's facts it is other data, and needs another file.
        file = st.file_uploader(
            _("A file of facts"), type=TYPES, key=f"file-knowledge-{data.content_hash}"
        )
        with st.container(horizontal=True):
            example = _example(data)
            st.download_button(
                _("Download an example"),
                example,
                file_name="facts.csv",
                mime="text/csv",
                icon=":material/download:",
                key="download-facts",
            )
            own = SOURCES[state.origin()].facts if state.origin() in SOURCES else None
            if (
                own is not None
                and facts is None
                and st.button(_("Try the example"), icon=":material/play_arrow:", key="try-facts")
            ):
                _add(data, own.read_bytes(), own.name)
        if file is None:
            readings.drop(_SLOT)
        else:
            _preview(data, file)


def _present(data: Dataset, facts: pd.DataFrame) -> None:
    """The first facts, and the way back."""
    sentences = facts["fact"].head(_SHOWN)
    st.dataframe({_("Facts"): sentences}, hide_index=True, height=180, key="knowledge-facts")
    if len(facts) > _SHOWN:
        st.caption(_("The first {count} are shown.", count=f"{_SHOWN:,}"))
    if st.button(_("Take the facts out"), icon=":material/delete:", key="remove-knowledge"):
        from recsys.cleaning import without_knowledge

        before = data.content_hash
        bare, report = without_knowledge(data, state.cleaning_report())
        state.keep(bare, report, origin=state.origin())
        st.session_state[_REMOVED] = bare.content_hash, before
        st.rerun()


def _put_back(key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("The facts were taken out."))
        st.button(
            _("Put them back"),
            icon=":material/undo:",
            key="put-back-knowledge",
            on_click=state.link,
            args=("data", key),
        )


def _preview(data: Dataset, file: UploadedFile) -> None:
    """What of a file joins and what does not, before anything is changed."""
    place = store.place_of(data, state.cleaning_report(), state.origin())
    task = {"do": "join_facts", "data": str(place), "filename": file.name}
    key = (file.file_id, data.content_hash)
    doing = N_("Reading {name} … {seconds} s")
    readings.begin(_SLOT, key, task, file.name, file.getvalue(), doing=doing)
    reading = readings.settled(_SLOT, doing=doing)
    if reading is None:
        return
    joined = reading.result
    report, _origin = load_report(reading.folder / DATA)
    for note in report.notes[len(report.notes) - joined["notes"] :]:
        show_note(note)
    if joined["facts"]:
        st.dataframe(
            {_("Facts"): joined["facts"]},
            hide_index=True,
            height=180,
            key=f"facts-{file.file_id}",
        )
    for number, step in enumerate(report.steps[len(report.steps) - joined["steps"] :]):
        data_report.draw_step(step, f"knowledge-{number}")
    if joined["facts"] and st.button(_("Add these facts"), type="primary", key="add-knowledge"):
        state.adopt(reading.folder / DATA, joined["key"])
        readings.drop(_SLOT)
        st.rerun()


def _add(data: Dataset, content: bytes, name: str) -> None:
    """Make the data with a sample's own facts current; on a mistake the data from before stays."""
    from recsys.cleaning import add_knowledge

    try:
        with st.spinner(_("Preparing the data…"), show_time=True):
            table, notes = read_table(content, name)
            joined, report = add_knowledge(data, state.cleaning_report(), table, notes)
            state.keep(joined, report, origin=state.origin())
    except RecsysError as error:
        show_error(error)
        return
    st.rerun()


def _example(data: Dataset) -> bytes:
    """A file of facts for this data: the sample's own, else rows to fill in."""
    source = SOURCES.get(state.origin())
    if source is not None and source.facts is not None:
        return source.facts.read_bytes()
    met = pd.Series(data.item).value_counts().index[:_NAMED]
    relation, own_words = _("is known for"), _("your own words")
    rows = [(str(data.titles[item]), relation, own_words) for item in met]
    return to_csv_bytes(pd.DataFrame(rows, columns=["subject", "relation", "object"]))
