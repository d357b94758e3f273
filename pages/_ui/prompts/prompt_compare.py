"""Prompts page: any two prompts or versions side by side, the words that differ marked."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _
from pages._ui.common.state import Prompt
from pages._ui.html import markup
from pages._ui.prompts import finding_view, prompt_files
from recsys.prompts import LIBRARY
from recsys.prompts.diff import Stretch, word_diff

_LINK = "compare"
#: Between the two links of the URL; no name has it.
_BETWEEN = ".."
_SIDES = ("compare-left", "compare-right")


def draw(prompt: Prompt) -> None:
    """Both choices with their texts; what is chosen is in the URL."""
    linked = state.linked(_LINK)
    with st.expander(
        _("Compare any two versions"), icon=":material/compare:", expanded=linked is not None
    ):
        st.caption(
            _("Versions of one prompt or of two, those of the library too. Words that only the "
              "left text has are struck through, those that only the right one has are "
              "underlined.")
        )  # fmt: skip
        known = _known(prompt)
        chosen = _sides(linked, known, prompt)
        for widget, key in zip(_SIDES, chosen, strict=True):
            if st.session_state.get(widget) != key:
                st.session_state[widget] = key
        left, right = (state.linked_prompt(key) for key in chosen)
        if left is None or right is None:
            return
        found = word_diff(left.source, right.source)
        columns = st.columns(2, gap="medium")
        for column, widget, key, other in zip(
            columns, _SIDES, chosen, ("new", "gone"), strict=True
        ):
            with column:
                _side(widget, key, known, [one for one in found if one.kind != other])
        if left.source == right.source:
            st.caption(_("Both texts are the same."))
        if linked is not None:
            st.button(
                _("Close the comparison"),
                key="compare-close",
                icon=":material/close:",
                on_click=state.link,
                args=(_LINK, None),
            )


def _side(widget: str, key: str, known: dict[str, str], stretches: list[Stretch]) -> None:
    """A choice, the text under it, and what was said of it."""
    st.selectbox(
        _("Left") if widget == _SIDES[0] else _("Right"),
        list(known),
        format_func=known.__getitem__,
        key=widget,
        on_change=_chosen,
    )
    markup.draw(markup.diff_html(stretches))
    version = prompt_files.version(key)
    remarks = None if version is None else prompt_files.kept().remarks(version)
    if remarks is not None:
        finding_view.draw_kept(remarks)


def _known(prompt: Prompt) -> dict[str, str]:
    """Everything that can be compared: its link → what a person calls it."""
    known, link = {}, state.linked("prompt") or ""
    if link.startswith("~"):
        known[link] = runs.prompt_words(prompt)
    prompts = prompt_files.kept()
    for name in prompts.names():
        for version in prompts.versions(name):
            words = [name, _("Version {number}", number=version.number)]
            words += [version.note] if version.note else []
            known[f"{name}@{version.number}"] = " · ".join(words)
    return known | {name: runs.template_title(name) for name in LIBRARY}


def _sides(linked: str | None, known: dict[str, str], prompt: Prompt) -> tuple[str, str]:
    """The two that the link names; else what the prompt was, and the prompt as it is."""
    if linked is not None:
        left, _between, right = linked.partition(_BETWEEN)
        for key in (left, right):
            found = state.linked_prompt(key) if key.startswith("~") else None
            if found is not None:
                known.setdefault(key, runs.prompt_words(found))
        if left in known and right in known:
            return left, right
        st.warning(_("One of the prompts in this link is no longer there."))
    own = [key for key in known if key.rpartition("@")[0] == prompt.name] or [prompt.name]
    link = state.linked("prompt") or ""
    if link.startswith("~"):
        return own[0], link
    older = link if link in own[1:] else next(iter(own[1:]), None)
    return older or next(key for key in known if key != own[0]), own[0]


def _chosen() -> None:
    left, right = (st.session_state[widget] for widget in _SIDES)
    state.link(_LINK, f"{left}{_BETWEEN}{right}")
