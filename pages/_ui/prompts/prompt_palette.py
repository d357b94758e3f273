"""Prompts page: what a prompt can be made of, one click away from the editor."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._ui.common import state
from pages._ui.common.i18n import _
from pages._ui.common.state import Prompt
from recsys.prompts import FILTERS, Verbaliser
from recsys.prompts.writing import with_filter, with_variable, written
from recsys.schema import N_

_GROUP = "palette-group"
_DONE = "palette-done"
#: Variables that every data set has, by group; those of its columns join them.
_GROUPS: dict[str, tuple[str, ...]] = {
    "met": ("history", "liked", "disliked", "interests"),
    "attributes": (),
    "user": (),
    "now": ("intent", "now", "knowledge"),
    "filters": tuple(FILTERS),
}
_TITLES = {
    "met": N_("History"),
    "attributes": N_("Attributes"),
    "user": N_("User"),
    "now": N_("Wish, facts"),
    "filters": N_("Filters"),
}


def draw(prompt: Prompt) -> None:
    """A group of names at a time; a click writes one into the prompt."""
    groups = _groups(state.verbaliser())
    titles = {group: _(_TITLES[group]) for group in groups}
    with st.container(border=True, key="palette", gap="xsmall"):
        group = st.segmented_control(
            _("Add to the prompt"),
            list(groups),
            format_func=titles.__getitem__,
            default="met",
            required=True,
            key=_GROUP,
        )
        key = f"palette-{group}"
        is_filter = group == "filters"
        st.pills(
            titles[group],
            groups[group],
            # Names are letters, digits and underscores between them: no Markdown.
            format_func=written if is_filter else str,
            key=key,
            label_visibility="collapsed",
            on_change=_add,
            args=(prompt, key, with_filter if is_filter else with_variable),
        )
        st.caption(_what_a_click_does(is_filter, st.session_state.pop(_DONE, None)))


def _groups(verbaliser: Verbaliser) -> dict[str, list[str]]:
    """The names of each group that has any."""
    of_data = {
        "attributes": [
            *verbaliser.item_variables,
            *verbaliser.recent_variables,
            *verbaliser.count_variables,
        ],
        "user": ["about", *verbaliser.user_variables] if verbaliser.user_variables else [],
    }
    groups = {group: [*names, *of_data.get(group, [])] for group, names in _GROUPS.items()}
    return {group: names for group, names in groups.items() if names}


def _what_a_click_does(is_filter: bool, done: str | None) -> str:
    if done is not None:
        return done
    if is_filter:
        return _("A click puts the filter into the last {place} of the prompt.", place="`{{ … }}`")
    return _(
        "A click adds a line at the end of the prompt; it is left out for users of whom nothing "
        "is known there."
    )


def _add(prompt: Prompt, key: str, write: Callable[[str, str], str]) -> None:
    """Write the name that was clicked, and let it be clicked again."""
    name = st.session_state[key]
    st.session_state[key] = None
    if name is None:
        return
    source = write(prompt.source, name)
    shown = f"`{written(name) if name in FILTERS else name}`"
    if source == prompt.source:
        st.session_state[_DONE] = _("There is no {place} in the prompt yet.", place="`{{ … }}`")
        return
    state.edit_prompt(prompt.name, source)
    st.session_state[_DONE] = (
        _("{name} was added to the last {place}.", name=shown, place="`{{ … }}`")
        if write is with_filter
        else _("{name} was added at the end of the prompt.", name=shown)
    )
