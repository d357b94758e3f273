"""Capsules in the app: a run's page gives one, Home and the command line open one."""

from __future__ import annotations

import json
import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.common import journey, state, store
from pages._ui.common.i18n import _
from pages._ui.common.widgets import plain, show_error
from recsys.bundle import OPENED
from recsys.cleaning import CleaningReport
from recsys.dataset import Dataset
from recsys.runs import Run, open_run, runs_folder
from recsys.schema import RecsysError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What of a view a capsule may bring: parameters of the link that name nothing of a machine.
_LINKED = ("wish", "view", "prompt")
_USER = "user_id"
_SHOWN = "capsule-shown"
_REFUSED = "capsule-refused"


def draw_export(run: Run) -> None:
    """A button that gives the run, its data, its prompts and what is looked at in one file."""
    from recsys.capsule import ENDING

    with st.popover(_("Capsule"), icon=":material/package_2:"):
        st.caption(
            _(
                "One file with the model, its prompts and where you are: opened on another "
                "machine, without a network, it gives the same lists."
            )
        )
        with_data = st.toggle(_("With the data"), value=True, key=f"capsule-data-{run.name}")
        st.caption(
            _("Everybody who has the file can read the data in it.")
            if with_data
            else _("Whoever opens it needs to have the same data.")
        )
        st.download_button(
            _("Save the capsule"),
            lambda: _packed(run, with_data=with_data),
            file_name=f"{run.name}{ENDING}",
            mime="application/zip",
            icon=":material/download:",
            key=f"capsule-{run.name}",
            on_click="ignore",
        )


def _packed(run: Run, *, with_data: bool) -> BytesIO:
    """The file, made when somebody asks for it."""
    from recsys.capsule import pack_run
    from recsys.capsule.packing import saved_versions

    prompt = (state.linked("prompt") or "").partition("@")[0]
    names = dict.fromkeys(filter(None, (run.config.prompt_name, prompt)))
    versions = [version for name in names for version in saved_versions(name)]
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "capsule"
        pack_run(run, file, with_data=with_data, view=_view(), prompts=versions)
        return BytesIO(file.read_bytes())


def _view() -> dict[str, str]:
    """Where somebody is who looks at Recommend."""
    view = {"page": "recommend"}
    for name in _LINKED:
        value = state.linked(name)
        if value is not None and not value.startswith("~"):  # an edit lies on this machine only
            view[name] = value
    if isinstance(user := st.session_state.get(_USER), str):
        view["user"] = user
    return view


def draw_open() -> None:
    """A place for a capsule; what it holds is checked, and then looked at."""
    from recsys.capsule import ENDING, open_capsule

    if (refused := st.session_state.pop(_REFUSED, None)) is not None:
        show_error(refused)
    with st.popover(_("Open a capsule"), icon=":material/package_2:", type="tertiary"):
        st.caption(
            _("A file that another copy of the app made: a model with its data, prompts and view.")
        )
        file = st.file_uploader(
            _("Capsule"), type=[ENDING], key="capsule-file", label_visibility="collapsed"
        )
        if file is None:
            return
        with tempfile.TemporaryDirectory() as temporary:
            place = Path(temporary) / Path(file.name).name
            place.write_bytes(file.getbuffer())
            try:
                with st.spinner(_("Opening {name} …", name=plain(file.name))):
                    opened = open_capsule(place, runs_folder(), _kept)
                    page = show(opened.run, opened.view, opened.sample)
            except RecsysError as error:
                show_error(error)
                return
        st.switch_page(journey.BY_KEY[page].script)


def begin() -> None:
    """Show, once a session, the run of the capsule that the app was started with."""
    said = os.environ.get(OPENED)
    if said is None or st.session_state.get(_SHOWN):
        return
    st.session_state[_SHOWN] = True
    if state.linked("run") is not None:
        return  # the link of somebody who was here before
    try:
        opened = json.loads(said)
        page = show(open_run(runs_folder(), opened["run"]), opened["view"], opened["sample"])
    except RecsysError as error:
        st.session_state[_REFUSED] = error
        return
    st.switch_page(journey.BY_KEY[page].script)


def show(run: Run, view: Mapping[str, str], sample: str | None) -> str:
    """Make the data of a run and its view current; returns the key of the page to go to."""
    data = run.dataset()
    report = CleaningReport((), data.n_events, data.n_events)
    state.keep(data, report, origin=sample or "upload")
    state.link("run", run.name)
    for name in _LINKED:
        state.link(name, view.get(name))
    if wish := view.get("wish"):
        st.session_state["wish"] = wish
    if (user := view.get("user", "")) in data.users:
        st.session_state[_USER] = user
    page = view.get("page", "")
    return page if page in journey.BY_KEY else "recommend"


def _kept(content_hash: str) -> Dataset | None:
    """Data that the app keeps, by its hash."""
    found = store.load(content_hash)
    return None if found is None else found[0]
