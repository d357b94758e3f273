"""Recommend page: two lists for the same person and wish, by two prompts or two models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from pages._ui.common import runs, state
from pages._ui.common.i18n import _, language, punctuation
from pages._ui.common.widgets import plain
from pages._ui.html.list_markup import Entry, draw_ranked
from pages._ui.html.list_picture import picture
from pages._ui.prompts import prompt_files
from pages._ui.recommend import suggest
from pages._ui.recommend.person import Person
from pages._ui.recommend.suggest import Suggestions
from recsys.prompts import LIBRARY, Template
from recsys.prompts.wording import column_words
from recsys.recommend import understand
from recsys.runs import Run
from recsys.schema import N_
from recsys.wishes.control.corrections import Corrections

_LINK = "beside"
_PROMPT, _RUN = "prompt:", "run:"
_WIDGET = "beside-choice"
#: What each variable adds to a prompt, in words that follow "saying" in a sentence.
_SAID = {
    "history": N_("what they met"),
    "liked": N_("what they liked"),
    "disliked": N_("what they disliked"),
    "interests": N_("their interests"),
    "about": N_("who they are"),
    "intent": N_("what they ask for"),
    "knowledge": N_("facts"),
    "now": N_("what time it is"),
}


@dataclass(frozen=True, eq=False)
class Side:
    """What a list is made with.

    Attributes:
        run: whose model.
        template: another prompt than that of its training, or None.
        title: what a person calls it beside the other.
    """

    run: Run
    template: Template | None
    title: str

    @property
    def prompt(self) -> Template | None:
        """The prompt that is read; None for a model that reads none."""
        return self.template or self.run.config.template


def choose(run: Run, template: Template | None, own: Sequence[Run]) -> tuple[Side, Side] | None:
    """Draw the choice of the second side, which the link keeps; None where there is none."""
    known = _known(run, template, own)
    linked = state.linked(_LINK)
    chosen = linked if linked in known else ""
    if st.session_state.get(_WIDGET) != chosen:
        st.session_state[_WIDGET] = chosen
    st.selectbox(
        _("Beside this list, one by"),
        list(known),
        format_func=known.__getitem__,
        key=_WIDGET,
        on_change=lambda: state.link(_LINK, st.session_state[_WIDGET] or None),
    )
    if not chosen:
        return None
    reads = runs.reads_prompts(run.config.model)
    shown = runs.prompt_title(run.config) if template is None else _title(template.name)
    if chosen.startswith(_PROMPT):
        name = chosen.removeprefix(_PROMPT)
        found = state.linked_prompt(name)
        if found is None:
            return None
        other = Template.parse(found.source, found.name)
        return Side(run, template, shown), Side(run, other, _prompt_words(name))
    second = next(each for each in own if each.name == chosen.removeprefix(_RUN))
    first = runs.model_title(run.config.model)
    titles = [f"{first} · {shown}" if reads else first, runs.run_label(second)]
    if first != runs.model_title(second.config.model):
        titles[1] = runs.model_title(second.config.model)
    return Side(run, template, titles[0]), Side(runs.loaded(second), None, titles[1])


def _known(run: Run, template: Template | None, own: Sequence[Run]) -> dict[str, str]:
    """Everything that can stand on the other side: its link → what a person calls it."""
    known = {"": _("nothing")}
    if runs.reads_prompts(run.config.model):
        names = [*prompt_files.saved(), *LIBRARY]
        draft = state.linked("prompt") or ""
        if draft.startswith("~"):
            names.insert(0, draft)
        here = template.name if template is not None else run.config.prompt_name
        for name in names:
            if name != here and state.linked_prompt(name) is not None:
                known[_PROMPT + name] = _("Prompt: {title}", title=_prompt_words(name))
    for other in own:
        if other.name != run.name:
            known[_RUN + other.name] = _("Model: {title}", title=runs.run_label(other))
    return known


def _prompt_words(key: str) -> str:
    found = state.linked_prompt(key)
    return _title(key) if found is None else runs.prompt_words(found)


def _title(name: str) -> str:
    return runs.template_title(name) if name else _("own prompt")


def draw(
    sides: tuple[Side, Side],
    of: Person,
    found: tuple[Suggestions, Suggestions],
    intent: str,
    corrections: Corrections | None = None,
    *,
    rule: bool = True,
) -> None:
    """Both lists, what moved, and the picture of them.

    Args:
        corrections: of the wish.
        rule: whether what matches it comes first.
    """
    lists = entries(sides, of, found, intent, corrections, rule=rule)
    summary = sentence(sides, found, lists[1])
    st.markdown(f"**{plain(summary)}**")
    columns = st.columns(2, gap="large")
    for place, (column, side, listed) in enumerate(zip(columns, sides, lists, strict=True)):
        with column:
            st.subheader(plain(side.title), anchor=False)
            draw_ranked(listed)
            if place == 0 and not listed:
                st.info(_("Nothing is left that fits the filter. Take a value out of it."))
    who = _("You") if of.you else _("User {user}", user=of.data.users.ids[of.user])
    heading = f"{who} · " + _("“{wish}”", wish=intent) if intent else who
    with st.container(horizontal=True):
        st.download_button(
            _("Save as a picture"),
            picture(heading, summary, (sides[0].title, sides[1].title), lists),
            file_name=f"{re.sub(r'[^0-9A-Za-z]+', '-', sides[0].run.name)}-side-by-side.svg",
            mime="image/svg+xml",
            icon=":material/image:",
            key="beside-picture",
            on_click="ignore",
        )
        if st.button(_("Close the comparison"), key="beside-close", icon=":material/close:"):
            state.link(_LINK, None)
            st.rerun()  # the choice stands outside of what runs alone


def entries(
    sides: tuple[Side, Side],
    of: Person,
    found: tuple[Suggestions, Suggestions],
    intent: str,
    corrections: Corrections | None = None,
    *,
    rule: bool = True,
) -> tuple[list[Entry], list[Entry]]:
    """Both lists as they are drawn: on the right what is new and what moved, left what is gone."""
    left, right = found
    kept = set(right.items.tolist())
    first, second = (
        suggest.entries(
            of.data,
            side.run.model(),
            of.user,
            replace(listed, plain=left.items),
            understand(side.run.model(), of.data, intent, corrections) if intent else None,
            rule=rule,
        )
        for side, listed in zip(sides, found, strict=True)
    )
    first = [
        entry if item in kept else replace(entry, mark=_("only here"), up=False)
        for entry, item in zip(first, left.items.tolist(), strict=True)
    ]
    return first, second


def sentence(
    sides: tuple[Side, Side], found: tuple[Suggestions, Suggestions], second: Sequence[Entry]
) -> str:
    """How many items the second side changed, and which variables of its prompt may be why."""
    left, right = found
    cause = _cause(*sides)
    if np.array_equal(left.items, right.items):
        if sides[0].run.name != sides[1].run.name:
            return _("Both models make the same list.")
        return _(
            "Both prompts make the same list: this model goes by the history and hardly heeds "
            "what a prompt says. With a wish, or for somebody new, it may."
        )
    new = len(set(right.items.tolist()) - set(left.items.tolist()))
    moved = {"cause": cause, "count": sum(bool(e.mark) for e in second), "all": len(right.items)}
    if not new:
        return _("{cause} moved {count} of {all}.", **moved)
    return _("{cause} moved {count} of {all}, {new} of them new.", new=new, **moved)


def _cause(first: Side, second: Side) -> str:
    """What is different on the second side, at the head of a sentence."""
    if first.run.name != second.run.name:
        return _("The second model")
    before, after = first.prompt, second.prompt
    if before is None or after is None:
        return _("The second prompt")
    said = [name for name in after.variables if name not in before.variables]
    unsaid = [name for name in before.variables if name not in after.variables]
    if said and not unsaid:
        return _("Saying {what}", what=_listed(said))
    if unsaid and not said:
        return _("Leaving out {what}", what=_listed(unsaid))
    return _("The second prompt")


def _listed(names: Sequence[str]) -> str:
    words = [_(_SAID[n]) if n in _SAID else column_words(n, language()) for n in names]
    return punctuation(", ").join(words)
