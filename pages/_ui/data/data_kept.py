"""Data page: the data that people brought, how long it is kept, and deleting it for good."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.common import state
from pages._ui.common.i18n import _, ngettext, punctuation
from pages._ui.common.widgets import plain, show_error
from pages._ui.data import data_choice
from pages._ui.prompts import prompt_files
from recsys.privacy.copies import Copy, kept_data
from recsys.privacy.retention import DATA_DAYS
from recsys.runs import runs_folder
from recsys.schema import RecsysError

if TYPE_CHECKING:
    from recsys.privacy.erase import Holding

_DAY = 86_400.0
_HEIGHT = 280
#: Names that are listed of each kind; the rest is counted.
_NAMED = 5
_DELETED = "data-deleted"
#: The hash of the data whose deletion is to be confirmed, in the session.
_ASKED = "data-to-delete"
#: Where the session holds the files that it has read, by slot.
_READINGS = "readings"


def draw() -> None:
    """What was deleted just now; the list, with a button for what is chosen or current."""
    if (name := st.session_state.pop(_DELETED, None)) is not None:
        st.success(
            _("{name} and all that was made of it is deleted for good.", name=plain(name)),
            icon=":material/delete_forever:",
        )
    own = [copy for copy in kept_data() if copy.own]
    if not own:
        return
    title = _("Your data kept here: {count}", count=f"{len(own):,}")
    with st.expander(title, icon=":material/inventory_2:"):
        st.caption(
            _(
                "Data that was not opened for {days} days is deleted; runs keep copies of their "
                "own. Choose a row to open or delete it.",
                days=DATA_DAYS,
            )
        )
        rows = st.dataframe(
            _table(own),
            hide_index=True,
            height="content" if len(own) < 7 else _HEIGHT,
            on_select="rerun",
            selection_mode="single-row",
            key="kept-" + str(hash(tuple(copy.key for copy in own))),
        ).selection.rows
        current = [copy for copy in own if copy.key == state.linked("data")]
        chosen = [own[rows[0]]] if rows else current
        if chosen:
            _choices(chosen[0])


def _table(own: list[Copy]) -> pd.DataFrame:
    rows = [
        {
            _("Data"): copy.name
            if copy.key == copy.bare
            else _("{name}, with facts", name=copy.name),
            _("Size"): _size(copy.size),
            _("Last opened"): _ago(time.time() - copy.opened),
        }
        for copy in own
    ]
    return pd.DataFrame(rows)


def _choices(copy: Copy) -> None:
    with st.container(horizontal=True):
        if copy.key != state.linked("data"):
            st.button(
                _("Open {name}", name=plain(copy.name)),
                key="open-kept",
                icon=":material/open_in_full:",
                on_click=_open,
                args=(copy.key,),
            )
        if st.button(
            _("Delete {name} …", name=plain(copy.name)),
            key="delete-kept",
            icon=":material/delete_forever:",
        ):
            st.session_state[_ASKED] = copy.key
    if st.session_state.get(_ASKED) == copy.key:
        # Made here, and not by a decorator, so that its title is in the visitor's language.
        asking = st.dialog(_("Delete this data for good?"), width="medium", on_dismiss=_ask_no_more)
        asking(_confirm)(copy.key)


def _ask_no_more() -> None:
    st.session_state.pop(_ASKED, None)


def _open(key: str) -> None:
    state.link("run", None)
    state.link("data", key)
    data_choice.close_upload()


def _confirm(key: str) -> None:
    """What will go, what stays, and the two ways out."""
    from recsys.privacy.erase import holding

    try:
        with st.spinner(_("Looking for all that was made of it …"), show_time=True):
            found = holding(key, runs_folder(), prompt_files.kept().folder)
    except RecsysError as error:
        show_error(error)
        return
    st.markdown(f"**{plain(found.name)}** · {_size(found.size)}")
    lines = [*_copies(found)]
    lines.append(
        _("the vectors of all texts, of other data too; they are computed again when needed")
    )
    lines.append(_("what was measured on it of saved prompts"))
    st.markdown(_("This goes:") + "\n" + "".join(f"\n- {line}" for line in lines))
    _stays(found.prompts)
    st.markdown(_("**There is no undo.**"))
    if found.at_work:
        st.error(
            _("Still at work on it: {names}. Stop it first.", names=_listed(list(found.at_work))),
            icon=":material/error:",
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(_("Keep it"), key="keep-data"):
            _ask_no_more()
            st.rerun()
        if st.button(
            _("Delete for good"),
            key="delete-data",
            type="primary",
            icon=":material/delete_forever:",
            disabled=bool(found.at_work),
        ):
            _delete(key)


def _copies(found: Holding) -> Iterator[str]:
    """What there is of the data, a line a kind."""
    runs, grids, deleted = (found.names(kind) for kind in ("run", "grid", "trash"))
    count = found.count("data")
    if count == 1:
        yield _("the data as it is kept here")
    elif count:
        yield _("the data as it is kept here, with and without facts: {count} in all", count=count)
    if runs:
        yield ngettext("{count} run: {names}", "{count} runs: {names}", len(runs),
                       names=_listed(runs))  # fmt: skip
    if grids:
        yield ngettext("{count} grid", "{count} grids", len(grids))
    if deleted:
        yield ngettext(
            "{count} deleted run or grid in the trash",
            "{count} deleted runs or grids in the trash",
            len(deleted),
        )
    if found.drafts:
        yield ngettext(
            "{count} unsaved edit of a prompt that names something of it",
            "{count} unsaved edits of prompts that name something of it",
            len(found.drafts),
        )


def _stays(prompts: tuple[str, ...]) -> None:
    if prompts:
        st.caption(
            _(
                "Saved prompts stay as they are written. These name something of the data: "
                "{names}. Delete them on the Prompts page.",
                names=_listed(list(prompts)),
            )
        )
    st.caption(
        _("A file that is still chosen in another browser tab is let go when that tab is closed.")
    )


def _delete(key: str) -> None:
    from recsys.privacy.erase import erase

    try:
        with st.spinner(_("Deleting …"), show_time=True):
            gone = erase(key, runs_folder(), prompt_files.kept().folder)
    except RecsysError as error:
        show_error(error)
        return
    _ask_no_more()
    if state.linked("data") in gone.keys:
        for link in ("run", "grid", "data"):
            state.link(link, None)
        state.open_sample(state.DEFAULT_SAMPLE)
    data_choice.close_upload()
    _let_go_of_files()
    st.session_state[_DELETED] = gone.name
    st.rerun()


def _let_go_of_files() -> None:
    """Forget the files that are chosen in this session: what was read of them, and their bytes."""
    for held in st.session_state.pop(_READINGS, {}).values():
        held.reading.close()
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def _listed(names: list[str]) -> str:
    listed = punctuation(", ").join(map(plain, names[:_NAMED]))
    return f"{listed} …" if len(names) > _NAMED else listed


def _size(size: int) -> str:
    if size < 1_000_000:
        return _("{size} KB", size=f"{max(size / 1e3, 1):,.0f}")
    return _("{size} MB", size=f"{size / 1e6:,.1f}")


def _ago(seconds: float) -> str:
    days = int(seconds / _DAY)
    if days <= 0:
        return _("today")
    return ngettext("{count} day ago", "{count} days ago", days)
