"""Prompts page: what an edit does to the lists of everybody, on a trained model."""

from __future__ import annotations

import time

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.common import runs, state, undo
from pages._ui.common.empty import no_reader
from pages._ui.common.i18n import _
from pages._ui.common.state import Prompt
from pages._ui.common.widgets import section, show_error
from pages._ui.prompts import (
    ablation_view,
    discretise_view,
    effect_people,
    effect_view,
    prompt_files,
    search,
    tune,
)
from recsys.lab.ablation import ablate
from recsys.lab.effect import Effect, PromptLab
from recsys.lab.readings import WHOLE, WHY_THEY_DIFFER, ReadingMode, modes_of
from recsys.prompts import Template
from recsys.runs import Run
from recsys.schema import N_, RecsysError

_TRAINED = ""
#: What can be looked at, or done, beside the effect.
_TOOLS = {
    "worth": N_("What each part is worth"),
    "search": N_("Look for a better prompt"),
    "tune": N_("Tune this prompt"),
    "words": N_("What it learned, in words"),
}
#: Labs held in memory, each beside a loaded run.
_HELD = 4


def draw(prompt: Prompt, verdict: DeltaGenerator, below: DeltaGenerator) -> None:
    """What the edited prompt does beside the one before, on the test users of a run.

    Args:
        verdict: where it is said in a sentence, beside what is written.
        below: where there is space for the numbers, and for the tools that improve a prompt.
    """
    readers = runs.readers(state.dataset().content_hash)
    opened = state.linked("tool") is not None
    if not readers:
        with below:
            no_reader(key="effect")
            with st.expander(_("Improve"), icon=":material/trending_up:", expanded=opened):
                tune.draw(prompt)
        return
    with verdict:
        box = st.container(border=True, key="prompt-verdict")
        said = box.container()
        how = box.expander(_("Measured how"), icon=":material/straighten:")
        with how:
            run = runs.loaded(runs.choose(readers, key="effect-run"))
            before = _before(run, prompt)
    try:
        template = Template.parse(prompt.source, prompt.name)
        with said:
            effects = _compare(run, template, before)
            effect_view.draw_verdict(run, effects, template, before)
        if len(effects) > 1:
            how.caption(_(WHY_THEY_DIFFER))
    except RecsysError as error:
        with said:
            show_error(error)
        return
    _remember(run, prompt, effects[WHOLE])
    with below:
        with st.expander(_("What this prompt does, in numbers"), icon=":material/table_chart:"):
            effect_view.draw_numbers(effects)
            effect_people.draw_people(run, effect_view.one_of(effects))
        with st.expander(_("Improve"), icon=":material/trending_up:", expanded=opened):
            _tools(run, prompt, template)


def _tools(run: Run, prompt: Prompt, template: Template) -> None:
    tool = _tool()
    if tool == "worth":
        _worth(run, template)
    elif tool == "search":
        search.draw(run, prompt)
    elif tool == "tune":
        tune.draw(prompt)
    else:
        discretise_view.draw(run, _lab(run, run.config.created))


def _tool() -> str:
    """What to do next on this model; kept in the link."""
    linked = state.linked("tool")
    titles = {tool: _(title) for tool, title in _TOOLS.items()}
    chosen = st.segmented_control(
        _("Improve"),
        list(titles),
        format_func=titles.__getitem__,
        default=linked if linked in _TOOLS else next(iter(_TOOLS)),
        required=True,
        key="effect-tool",
        on_change=lambda: state.link("tool", st.session_state["effect-tool"]),
    )
    return str(chosen)


def _worth(run: Run, template: Template) -> None:
    """What each part is worth, once somebody wants to know: that takes a list for every part."""
    section(
        _("What each part is worth"),
        _("Every list is made anew without one part after the other: a part is worth what is lost "
          "without it. Of a variable also with the value of somebody else in its place: that is "
          "what its content is worth, beyond its being there."),
    )  # fmt: skip
    asked = (run.name, template.source)
    if st.button(_("Measure every part"), key="worth-ask", icon=":material/thermostat:"):
        st.session_state["worth_asked"] = asked
    if st.session_state.get("worth_asked") != asked:
        return
    bar = st.progress(0.0, text=_("Changing one part after the other …"))

    def measured(done: int, total: int) -> None:
        words = _("Parts measured: {done} of {total}", done=done, total=total)
        bar.progress(done / total, text=words)

    lab = _lab(run, run.config.created)
    found = {mode: ablate(lab, template, measured, mode=mode) for mode in modes_of(lab.model)}
    bar.empty()
    ablation_view.draw(found)


def _before(run: Run, prompt: Prompt) -> Template | None:
    """What to compare with: the prompt that an edit started from, else the trained one."""
    names = [_TRAINED, *state.prompt_names()]
    trained = _("What it was trained with: {prompt}", prompt=runs.prompt_title(run.config))
    started = names.index(prompt.name) if prompt.edited and prompt.name in names else 0
    name = st.selectbox(
        _("Compared with"),
        names,
        index=started,
        format_func=lambda name: runs.template_title(name) if name else trained,
        key=f"effect-before-{prompt.name}-{prompt.edited}",
    )
    source = None if name == _TRAINED else state.prompt_source(name)
    return None if source is None else Template.parse(source, name)


def _remember(run: Run, prompt: Prompt, effect: Effect) -> None:
    """Keep what was measured of a saved version, once a run."""
    prompts = prompt_files.kept()
    if prompt.edited or prompt.name not in prompts.names():
        return
    try:
        version = prompts.latest(prompt.name)
    except RecsysError:  # deleted just now
        return
    if run.name not in {score["run"] for score in prompts.scores(prompt.name, version.number)}:
        undo.attempt(
            lambda: prompts.add_score(version, effect.score(run.name, run.config.data_hash))
        )


def _compare(run: Run, after: Template, before: Template | None) -> dict[ReadingMode, Effect]:
    """Measure both prompts in every way that the model can be read.

    A bar shows how far it is where that takes more than a second.
    """
    began = time.perf_counter()
    bar = st.empty()

    def scored(done: int, total: int) -> None:
        if time.perf_counter() - began > 1:
            words = _("Making lists: {done} of {total} users", done=f"{done:,}", total=f"{total:,}")
            bar.progress(done / total, text=words)

    with st.spinner(_("Loading the model …"), show_time=True):
        lab = _lab(run, run.config.created)
    effects = {mode: lab.compare(after, before, scored, mode=mode) for mode in modes_of(lab.model)}
    bar.empty()
    return effects


@st.cache_resource(max_entries=_HELD, show_spinner=False)
def _lab(_run: Run, created: float) -> PromptLab:
    lab = PromptLab(_run.model(), _run.split().test)
    # Whatever is loaded at a model's first prompt is loaded now, with words beside it.
    lab.model.score(lab.queries(np.asarray(lab.holdout.users[:1]), None))
    return lab
