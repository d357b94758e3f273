"""Grid page: what to combine, what that makes, and starting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages._ui.common import language_model_choice, runs, setting_widgets, state
from pages._ui.common.i18n import _, ngettext, punctuation, say
from pages._ui.common.widgets import pick_minutes, plain, show_error
from pages._ui.prompts import prompt_files
from recsys.defaults import DEFAULT_MODEL
from recsys.lab.grid import Grid
from recsys.lab.grid_job import GridJob
from recsys.lab.grid_runs import find_runs
from recsys.language_models import describe, first_that_reads, known_names
from recsys.prompts import LIBRARY
from recsys.runs import runs_folder
from recsys.scenarios import preset_of
from recsys.schema import RecsysError

DEFAULT_MINUTES = 1.0
#: Names the prompt being worked on while it is not saved.
_UNSAVED = ""


@dataclass(frozen=True)
class _Choice:
    """What the form holds; prompts are names, or `_UNSAVED`."""

    prompts: list[str]
    models: list[str]
    language_models: list[str]
    minutes: float
    seed: int
    settings: dict[str, dict[str, Any]]


def draw_first() -> None:
    """Nothing was tried yet: what this is for, and a small one to begin with."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.subheader(_("Nothing was combined yet"), anchor=False, text_alignment="center")
        st.caption(
            _(
                "{model} is trained with two prompts as a start: two runs, {time} of training at "
                "most. Each result stands beside its controls, which say whether it means "
                "anything.",
                model=runs.model_title(DEFAULT_MODEL),
                time=runs.limit(2 * DEFAULT_MINUTES),
            ),
            text_alignment="center",
        )
        if st.button(
            _("Start a small grid"),
            key="grid-small",
            type="primary",
            icon=":material/play_arrow:",
        ):
            reader = first_that_reads(state.dataset().language)
            _start(_Choice(_first_prompts(), [DEFAULT_MODEL], [reader], DEFAULT_MINUTES, 0, {}))
        st.space("small")


def draw(*, first: bool) -> None:
    """The form, what it makes, and its start button; `first` where there is no grid yet."""
    choice = _choose()
    try:
        grid = _grid(choice).checked(state.dataset())
    except RecsysError as error:
        st.warning(plain(say(error.message)), icon=":material/error:")
        grid = None
    if grid is not None:
        _say_what_it_makes(grid)
        _say_doubts(grid)
    if st.button(
        _("Start the grid"),
        key="grid-start",
        type="secondary" if first else "primary",
        icon=":material/play_arrow:",
        disabled=grid is None,
    ):
        _start(choice)


def _choose() -> _Choice:
    data = state.dataset().content_hash  # with other data, other things make sense
    unsaved = [_UNSAVED] if state.prompt().edited else []
    prompts = st.multiselect(
        _("Prompts"),
        [*unsaved, *state.prompt_names()],
        default=_first_prompts(),
        format_func=_prompt_words,
        key=f"grid-prompts-{data}-{len(unsaved)}",
        placeholder=_("none"),
    )
    left, right = st.columns(2)
    models = left.multiselect(
        _("Models"),
        list(runs.models()),
        default=[DEFAULT_MODEL],
        format_func=runs.model_title,
        key="grid-models",
        placeholder=_("none"),
    )
    language_models = right.multiselect(
        _("Language models"),
        known_names(),
        default=[first_that_reads(state.dataset().language)],
        format_func=language_model_choice.words,
        key=f"grid-language-models-{data}",
        placeholder=_("none"),
    )
    left, right = st.columns(2)
    with left:
        minutes = pick_minutes(
            _("Minutes of training, a run, at most"), DEFAULT_MINUTES, key="grid-minutes"
        )
    seed = right.number_input(_("Seed"), min_value=0, max_value=2**32 - 1, value=0, key="grid-seed")
    settings = _settings(models)
    return _Choice(prompts, models, language_models, minutes, int(seed), settings)


def _settings(models: list[str]) -> dict[str, dict[str, Any]]:
    """What is chosen about each model that has something to choose."""
    from recsys.models import MODELS

    offered = {model: MODELS[model].settings("first", "more") for model in models}
    if not any(offered.values()):
        return {}
    chosen = {}
    with st.expander(_("Settings of the models"), icon=":material/tune:"):
        for model, settings in offered.items():
            if settings:
                st.markdown(f"**{runs.model_title(model)}**")
                chosen[model] = setting_widgets.in_columns(settings, f"grid-{model}")
    return chosen


def _first_prompts() -> list[str]:
    """In the language of the data, for the language model has to read both.

    One is that of the scenario, written for its data.
    """
    language = state.dataset().language
    ending = "-zh" if language == "zh" else ""
    preset = preset_of(state.origin(), language)
    first = f"sequential{ending}" if preset is None else preset.template
    return list(dict.fromkeys([first, f"profile{ending}"]))


def _prompt_words(name: str) -> str:
    return runs.template_title(name) if name else runs.prompt_words(state.prompt())


def _grid(choice: _Choice) -> Grid:
    data = state.dataset()
    saved = prompt_files.saved()
    known = {name: template.source for name, template in LIBRARY.items()} | saved
    prompts = []
    for name in choice.prompts:
        if name == _UNSAVED:
            edited = state.prompt()
            prompts.append((runs.prompt_words(edited), edited.source))
        else:
            prompts.append((name, known[name]))
    return Grid(
        data=data.name,
        data_hash=data.content_hash,
        prompts=tuple(prompts),
        models=tuple(choice.models),
        language_models=tuple(choice.language_models),
        seed=choice.seed,
        minutes=choice.minutes,
        source={"origin": state.origin()},
        settings=choice.settings,
    )


def _say_what_it_makes(grid: Grid) -> None:
    """How many runs, how many of them are there, and about how long the others take."""
    found = find_runs(runs_folder(), grid, state.dataset())
    missing = sum(run is None for run in found)
    sentences = [ngettext("{count} run, one after the other.", "{count} runs, one after the other.",
                     len(found))]  # fmt: skip
    if missing < len(found):
        sentences.append(
            ngettext(
                "{count} of them is there already and is taken over.",
                "{count} of them are there already and are taken over.",
                len(found) - missing,
            )
        )
    if missing and grid.minutes is not None:
        time = runs.limit(missing * grid.minutes)
        sentences.append(
            _("At most about {time} of training, and some time to measure.", time=time)
        )
    st.markdown(punctuation(" ").join(sentences))
    for words in _exceptions(grid):
        st.caption(words)


def _exceptions(grid: Grid) -> list[str]:
    """Where the number of runs is not the product of what was chosen."""
    sentences = []
    blind = [model for model in grid.models if not runs.reads_prompts(model)]
    if blind:
        names = punctuation(", ").join(map(runs.model_title, blind))
        sentences.append(_("Reads no prompts, and so has one run: {models}.", models=names))
    for model in grid.models:
        backbone = grid.backbone_of(model)
        if backbone is not None and backbone not in grid.models:
            sentences.append(
                _(
                    "{model} builds on {backbone}, which is trained first, once for all prompts.",
                    model=runs.model_title(model),
                    backbone=runs.model_title(backbone),
                )
            )
    return sentences


def _say_doubts(grid: Grid) -> None:
    for name in grid.language_models:
        language_model_choice.warn(describe(name))


def _start(choice: _Choice) -> None:
    """Start the grid and show it; one that is at work is only shown."""
    try:
        job = GridJob.create(runs_folder(), _grid(choice), state.dataset())
        if job.status().pid is None:
            job.start()
    except RecsysError as error:
        show_error(error)
        return
    state.link("grid", job.name)
    st.rerun()
