"""Data page, first part: choosing a scenario or files, and how a sample is cleaned."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import reach, state
from pages._ui.common.i18n import _, language
from pages._ui.common.widgets import plain, show_error
from recsys.scenarios import SCENARIOS
from recsys.schema import RecsysError
from recsys.sources import SOURCES, CleaningConfig

UPLOAD = "upload"
_CHOOSING = "choosing_upload"
_IN_A_ROW = 4


def cards() -> None:
    """One card for each scenario, and one for a person's own files."""
    keys = [*SCENARIOS, UPLOAD]
    for start in range(0, len(keys), _IN_A_ROW):
        columns = st.columns(_IN_A_ROW)
        for column, key in zip(columns, keys[start : start + _IN_A_ROW], strict=False):
            card = column.container(
                border=True, height="stretch", vertical_alignment="distribute", gap="small"
            )
            with card:
                _own_files() if key == UPLOAD else _scenario(key)


def _scenario(key: str) -> None:
    scenario = SCENARIOS[key]
    preset = scenario.presets[language()]
    source = SOURCES[preset.sample]
    with st.container(gap="xsmall"):
        st.markdown(f"#### :primary[:material/{scenario.icon}:] {plain(_(scenario.title))}")
        about = f"{plain(_(source.description))}\n\n{plain(_(source.license))}"
        st.caption(plain(_(scenario.description)), help=about)
        st.caption(f"*{plain(preset.intents[0])}*")
    _button(key, in_use=state.in_scenario(key) and not uploading())


def _own_files() -> None:
    title = _("Your own files")
    with st.container(gap="xsmall"):
        st.markdown(f"#### :primary[:material/upload_file:] {title}")
        st.caption(
            _(
                "Who met what, as CSV, TSV, Excel or Parquet; items and users too, if you have "
                "them. Files go to the machine that runs this app, and others can open it."
            )
            if reach.open_to_others()
            else _(
                "Who met what, as CSV, TSV, Excel or Parquet; items and users too, if you have "
                "them. Files stay on this machine."
            )
        )
    _button(UPLOAD, in_use=uploading())


def uploading() -> bool:
    """Whether the person's own files are chosen."""
    return bool(st.session_state.get(_CHOOSING, state.origin() == UPLOAD))


def close_upload() -> None:
    """Let the person's own files be no longer what is chosen, unless they are the current data."""
    st.session_state.pop(_CHOOSING, None)


def sample_settings() -> None:
    """The cleaning settings of a sample, in a form: applied when asked for."""
    name = state.origin()
    if name not in SOURCES:
        return
    data = state.dataset()
    defaults = SOURCES[name].cleaning
    with (
        st.expander(_("Cleaning settings"), icon=":material/tune:"),
        st.form(f"cleaning-{name}", border=False),
    ):
        config = cleaning_inputs(f"sample-{name}", defaults, rated=data.rating is not None)
        if st.form_submit_button(_("Clean again"), icon=":material/refresh:"):
            _clean_sample(name, config)


def cleaning_inputs(key: str, defaults: CleaningConfig, *, rated: bool) -> CleaningConfig:
    """The settings of cleaning as widgets."""
    liked_from, only_liked = None, False
    if rated:
        left, right = st.columns(2, vertical_alignment="bottom")
        liked_from = left.number_input(
            _("A rating counts as “liked” from"),
            value=defaults.liked_from,
            step=0.5,
            format="%g",
            placeholder=_("every event counts as liked"),
            key=f"{key}-liked",
        )
        only_liked = right.toggle(
            _("Keep only what was liked"),
            value=defaults.only_liked,
            key=f"{key}-only",
            help=_("Drops every event below that rating."),
        )
    left, right = st.columns(2)
    items = left.number_input(
        _("Leave out items with fewer events than"),
        min_value=1,
        value=defaults.min_item_events,
        key=f"{key}-items",
    )
    users = right.number_input(
        _("Leave out users with fewer events than"),
        min_value=1,
        value=defaults.min_user_events,
        key=f"{key}-users",
    )
    return CleaningConfig(
        liked_from=liked_from,
        only_liked=only_liked and liked_from is not None,
        min_item_events=int(items),
        min_user_events=int(users),
    )


def _button(name: str, *, in_use: bool) -> None:
    label = _("Chosen") if in_use else _("Choose")
    icon = ":material/check:" if in_use else None
    if not st.button(label, key=f"choose-{name}", disabled=in_use, icon=icon, width="stretch"):
        return
    if name == UPLOAD:
        st.session_state[_CHOOSING] = True
        st.rerun()
    try:
        with st.spinner(_("Preparing the data…"), show_time=True):
            state.open_scenario(name)
    except RecsysError as error:
        show_error(error)
        return
    st.session_state[_CHOOSING] = False
    st.rerun()


def _clean_sample(name: str, config: CleaningConfig) -> None:
    from recsys.cleaning import keep_knowledge, prepare

    try:
        with st.spinner(_("Preparing the data…"), show_time=True):
            data, report = keep_knowledge(
                *prepare(name, cleaning=config), state.dataset(), state.cleaning_report()
            )
            state.keep(data, report, origin=name)
    except RecsysError as error:
        show_error(error)
        return
    st.rerun()
