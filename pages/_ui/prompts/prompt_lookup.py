"""Prompts page: a prompt found by words of its name, of a note, or of its text."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import plain
from pages._ui.prompts import prompt_files, prompt_versions
from recsys.lab.lookup import Hit, look_up

#: Hits that are listed.
_LISTED = 20


def draw() -> None:
    """The box for the words, and a button for everything that has them."""
    with st.popover(_("Find"), icon=":material/search:"):
        words = st.text_input(
            _("Words of a name, a note or a text"),
            key="prompt-lookup",
            max_chars=200,
            help=_("All versions of all prompts are looked through; all words have to occur."),
        )
        if not words.strip():
            return
        found = look_up(prompt_files.kept(), words)
        if not found:
            st.caption(_("No prompt has all of these words."))
        for hit in found[:_LISTED]:
            _draw(hit)
        if len(found) > _LISTED:
            rest = len(found) - _LISTED
            st.caption(ngettext("{count} more has them. More words find less.",
                                "{count} more have them. More words find less.", rest))  # fmt: skip


def _draw(hit: Hit) -> None:
    version = hit.version
    title = runs.template_title(hit.name)
    if version is not None:
        title += " · " + _("Version {number}", number=version.number)
    note = f"{plain(version.note)} · " if version is not None and version.note else ""
    with st.container(gap=None):
        st.button(
            plain(title),
            key=f"prompt-found-{hit.link}",
            type="tertiary",
            icon=":material/description:",
            on_click=_open,
            args=(hit,),
        )
        st.caption(note + plain(hit.excerpt))


def _open(hit: Hit) -> None:
    state.use_prompt(hit.link)
    if hit.version is not None:
        prompt_versions.choose(hit.name, hit.version.number)
