"""Prompts page, left: choosing, writing, checking and saving a prompt."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _, say
from pages._ui.common.state import Prompt
from pages._ui.common.widgets import plain, show_error
from pages._ui.prompts import (
    prompt_completion,
    prompt_files,
    prompt_lookup,
    prompt_palette,
    prompt_versions,
)
from recsys.prompts import FILTERS, LIBRARY
from recsys.prompts.syntax import MAX_SOURCE
from recsys.prompts.writing import written
from recsys.schema import Message, RecsysError

_EDITOR = "prompt-editor"
_CHOICE = "prompt-choice"
_SAVES, _REFUSED = "prompt-saves", "prompt-refused"


def draw() -> Prompt:
    """The choice and the text; returns the prompt as it now stands."""
    prompt = state.prompt()
    _choice(prompt)
    if st.session_state.get(_EDITOR) != prompt.source:
        st.session_state[_EDITOR] = prompt.source
    st.text_area(
        _("Prompt"),
        key=_EDITOR,
        height=300,
        max_chars=MAX_SOURCE,
        on_change=_edited,
        args=(prompt.name,),
        help=_(
            "Words are read as they stand. {example} puts in what is known of the user; what there "
            "is, is offered as you type and stands below the prompt.",
            example='`{{ history|last(5)|join(", ") }}`',
        ),
    )
    prompt_palette.draw(prompt)
    _saving(prompt)
    return prompt


def completion(descriptions: Mapping[str, Message], values: Mapping[str, object]) -> None:
    """Offer the same in the editor, as one types."""
    prompt_completion.draw(_EDITOR, descriptions, values)


def variables(descriptions: Mapping[str, Message], values: Mapping[str, object]) -> None:
    """Every variable a prompt can use, its value for this user, and the filters."""
    rows = [
        {
            _("Write"): f"{{{{ {name} }}}}",
            _("What it holds"): say(meaning),
            _("For this user"): prompt_completion.shown(values.get(name, "")),
        }
        for name, meaning in descriptions.items()
    ]
    with st.expander(_("Variables: {count}", count=len(rows)), icon=":material/data_object:"):
        st.dataframe(rows, hide_index=True, key="variables")
    uses = [
        {_("Write"): f"|{written(name)}", _("What it does"): _(one.description)}
        for name, one in FILTERS.items()
    ]
    with st.expander(_("Filters: {count}", count=len(uses)), icon=":material/filter_alt:"):
        st.dataframe(uses, hide_index=True, key="filters")


def _choice(prompt: Prompt) -> None:
    """The list of prompts."""
    names = state.prompt_names()
    if prompt.name not in names:
        names.insert(0, prompt.name)
    titles = {name: runs.template_title(name) for name in names}
    if st.session_state.get(_CHOICE) != prompt.name:
        st.session_state[_CHOICE] = prompt.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Start from"), names, format_func=titles.__getitem__, key=_CHOICE, on_change=_chosen
        )
        prompt_lookup.draw()
    if prompt.name in LIBRARY:
        st.caption(_(LIBRARY[prompt.name].description))
    else:
        st.caption(_("Saved by you."))


def _saving(prompt: Prompt) -> None:
    """One place to save: as a version of what it is, or under another name."""
    own = prompt.name not in LIBRARY
    with st.container(horizontal=True, vertical_alignment="center"):
        # Saving makes it another popover, which is closed. Setting it to closed is not enough: if
        # no run has drawn it open since it was opened, the browser sees no change, and leaves it.
        key = f"prompt-saving-{st.session_state.get(_SAVES, 0)}"
        with st.popover(_("Save"), icon=":material/save:", key=key, on_change="rerun"):
            if prompt.edited and own:
                _note("prompt-note")
                st.button(
                    _("Save as a new version of {name}", name=plain(prompt.name)),
                    key="prompt-save",
                    type="primary",
                    on_click=_save_version,
                    args=(prompt,),
                )
                st.divider()
            st.text_input(_("Under a new name"), key="prompt-new-name", max_chars=80)
            _note(f"prompt-new-note-{prompt.name}")
            st.button(
                _("Save"),
                key="prompt-save-as",
                type="secondary" if prompt.edited and own else "primary",
                on_click=_save_as,
                args=(prompt,),
            )
            error = st.session_state.pop(_REFUSED, None)
            if error is not None:
                show_error(error)
        if prompt.edited:
            st.button(
                _("Undo edits"),
                icon=":material/undo:",
                on_click=state.use_prompt,
                args=(prompt.name,),
            )
            st.caption(_("Edited, kept for you, not saved under a name."))


def _saved(name: str, number: int) -> None:
    """Close, and say what was saved."""
    st.session_state[_SAVES] = st.session_state.get(_SAVES, 0) + 1
    st.toast(
        _("Saved: version {number} of “{name}”.", number=number, name=plain(name)),
        icon=":material/check:",
    )


def _written(key: str) -> str:
    """The present text of a box: a click may come with text that no script run has read."""
    return str(st.session_state.get(key) or "")


def _note(key: str) -> None:
    """What a person says of a version, if they do."""
    st.text_input(
        _("What is different"),
        key=key,
        max_chars=200,
        placeholder=_("What is different (optional)"),
        label_visibility="collapsed",
    )


def _save_version(prompt: Prompt) -> None:
    prompts = prompt_files.kept()
    latest = prompts.latest(prompt.name).number
    saved = prompts.save(
        prompt.name,
        prompt.source,
        parent=latest,
        note=_written("prompt-note"),
        remarks=state.remarks(prompt.source),
    )
    prompt_versions.choose(saved.name, saved.number)
    state.use_prompt(prompt.name)
    _saved(saved.name, saved.number)


def _save_as(prompt: Prompt) -> None:
    try:
        used = prompt_files.save(
            _written("prompt-new-name"),
            prompt.source,
            taken=set(state.prompt_names()),
            note=_written(f"prompt-new-note-{prompt.name}"),
            remarks=state.remarks(prompt.source),
        )
    except RecsysError as error:
        st.session_state[_REFUSED] = error
        return
    state.use_prompt(used)
    _saved(used, 1)


def _edited(name: str) -> None:
    state.edit_prompt(name, st.session_state[_EDITOR])


def _chosen() -> None:
    state.use_prompt(st.session_state[_CHOICE])
