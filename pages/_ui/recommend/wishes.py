"""Recommend page: the request: a wish, a filter, another prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _, language, say
from pages._ui.common.widgets import plain
from pages._ui.prompts import prompt_files
from recsys.dataset import Dataset
from recsys.prompts import LIBRARY, Template
from recsys.prompts.attributes import Attribute
from recsys.prompts.wording import column_words
from recsys.recommend import reader_of
from recsys.request_text import CUT
from recsys.runs import Run
from recsys.scenarios import preset_of

if TYPE_CHECKING:  # models bring torch, which the first page must not wait for
    from recsys.models import Recommender
    from recsys.wishes.intent import Intent

_WISH, _EXAMPLE = "wish", "wish-example"
_PROMPT, _WITH = "recommend-prompt", "with"
#: Letters of a wish, and of one that goes into the link.
_MOST, _LINKABLE = 500, 200
#: From the prompt alone to all that is known, see `Queries.history_weight`.
_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Options:
    """What the list is made with, beside the wish.

    Attributes:
        k: how many items are listed.
        wanted: attribute → values that an item must have one of.
        template: another prompt than the one the model was trained with, or None.
        history_weight: as in `Queries`.
    """

    k: int = 10
    wanted: dict[str, list[str]] = field(default_factory=dict)
    template: Template | None = None
    history_weight: float = 1.0


def options(run: Run, model: Recommender, categories: dict[str, Attribute]) -> Options:
    """How many, which, and with what prompt; drawn where there is room, such as in a popover."""
    template = _prompt(run) if model.reads_prompts else None
    weight = _history_weight() if model.weighs_history else 1.0
    wanted = _filter(run, categories)
    k = st.slider(_("How many"), min_value=5, max_value=50, value=10, key="recommend-k")
    return Options(k, wanted, template, weight)


def ask(run: Run, categories: dict[str, Attribute]) -> str:
    """The box for the wish, with examples to click on; the wish, which the link keeps."""
    if _WISH not in st.session_state and state.linked(_WISH):
        st.session_state[_WISH] = str(state.linked(_WISH))[:_MOST]
    wish = st.text_input(
        _("What do they wish for?"),
        key=_WISH,
        type="search",
        icon=":material/search:",
        live="400ms",
        max_chars=_MOST,
        placeholder=_("What do they wish for? Say it in your own words …"),
        label_visibility="collapsed",
        on_change=lambda: st.session_state.update({_EXAMPLE: None}),
    )
    offer(examples(run, categories))
    asked = (wish or "").strip()
    if asked != (state.linked(_WISH) or ""):
        state.link(_WISH, asked if 0 < len(asked) <= _LINKABLE else None)
    return asked


def offer(wishes: Sequence[str]) -> None:
    """Wishes to click on, which may be words of an upload: shown as they are, taken as they are."""
    with st.container(key="wish-examples"):  # in one line, see style.css
        st.pills(
            _("Examples"),
            wishes,
            format_func=plain,
            key=_EXAMPLE,
            label_visibility="collapsed",
            on_change=_take_example,
        )


def make_ready(model: Recommender, data: Dataset) -> None:
    """See that wishes can be read; of a catalogue that is new, the page says what takes so long.

    Raises:
        LanguageModelError: if no language model can be had that embeds the words.
    """
    with st.spinner(_("Learning what words mean in this data, once …"), show_time=True):
        reader_of(model, data)


def not_understood_words(read: Intent) -> str:
    """What of a wish was not understood or not read, as a sentence in Markdown; "" for nothing.

    Args:
        read: the wish without corrections.
    """
    missing = ", ".join(map(plain, read.missing))
    if read and missing:
        sentence = _("Not in this data: {missing}", missing=missing)
    elif missing:
        sentence = _("Not in this data: {missing}. The list is as without a wish.", missing=missing)
    elif read:
        sentence = ""
    else:
        sentence = _("Nothing particular was understood: the list is as without a wish.")
    return f"{sentence} {plain(say(CUT))}".strip() if read.cut else sentence


def _take_example() -> None:
    st.session_state[_WISH] = st.session_state[_EXAMPLE] or ""


def examples(run: Run, categories: dict[str, Attribute]) -> list[str]:
    """The wishes of the data's scenario; of a person's own data, its most frequent values."""
    preset = preset_of(runs.sample_of(run.config), language(), run.config.prompt_name)
    if preset is not None:
        return list(preset.intents)
    for attribute in categories.values():
        if not attribute.is_numeric:
            all_items = np.arange(len(attribute.offsets) - 1)
            values = [value for _count, value in attribute.top(all_items, 3)]
            return [value for value in values if len(value) <= 40]
    return []


def _filter(run: Run, categories: dict[str, Attribute]) -> dict[str, list[str]]:
    if not categories:
        return {}
    names = list(categories)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    name = left.selectbox(
        _("Only {nouns} with", nouns=runs.item_words(run.config)[0]),
        names,
        format_func=lambda name: column_words(name, language()),
        key="filter-attribute",
    )
    values = sorted(map(str, categories[name].values), key=_natural)
    chosen = right.multiselect(
        _("Values"),
        values,
        key=f"filter-values-{name}",
        placeholder=_("any"),
        label_visibility="collapsed",
    )
    return {name: chosen} if chosen else {}


def _natural(value: str) -> tuple[float, str]:
    """Numbers by size, newest first as years are; words by the alphabet, after them."""
    try:
        return (-float(value), "")
    except ValueError:
        return (float("inf"), value.casefold())


def weight_words(weight: float) -> str:
    """How much counts beside the prompt, in words."""
    if weight == 0:
        return _("the prompt alone")
    if weight == 1:
        return _("all it knows")
    return _("{share} of the history", share=f"{weight:.0%}")


def _history_weight() -> float:
    """From the prompt alone to all that the model knows."""
    weight = st.select_slider(
        _("What the list goes by"),
        _WEIGHTS,
        value=1.0,
        format_func=weight_words,
        key="recommend-weight",
        help=_(
            "Of the prompt alone, the model knows nothing of a person but what it says: an edit "
            "changes most there. The model reads the history beside it otherwise."
        ),
    )
    return float(weight)


def _prompt(run: Run) -> Template | None:
    """The prompt the model was trained with, the one being worked on, or another."""
    current = state.prompt()
    known = {name: template.source for name, template in LIBRARY.items()} | prompt_files.saved()
    options = ["", *known]
    if current.edited:
        options.insert(1, "~")

    def words(name: str) -> str:
        if not name:
            return _("as trained: {prompt}", prompt=runs.prompt_title(run.config))
        if name == "~":
            return runs.prompt_words(current)
        return runs.template_title(name)

    titles = {name: words(name) for name in options}
    linked = state.linked(_WITH)
    if _PROMPT not in st.session_state and linked in options:
        st.session_state[_PROMPT] = linked
    chosen = st.selectbox(
        _("Prompt"),
        options,
        format_func=titles.__getitem__,
        key=_PROMPT,
        help=_("Read with another prompt without training again."),
        on_change=lambda: state.link(_WITH, st.session_state[_PROMPT] or None),
    )
    if not chosen:
        return None
    source = current.source if chosen == "~" else known[chosen]
    return Template.parse(source, current.name if chosen == "~" else chosen)
