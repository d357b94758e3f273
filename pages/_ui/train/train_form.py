"""What to train: the form of the Train page, and starting it."""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st

from pages._ui.common import journey, language_model_choice, runs, state
from pages._ui.common.i18n import _, ngettext, punctuation
from pages._ui.common.widgets import pick_minutes, plain, section, show_error
from pages._ui.prompts import prompt_files
from pages._ui.train import model_settings
from recsys.dataset import Dataset
from recsys.defaults import DEFAULT_MODEL
from recsys.language_models import describe
from recsys.prompts import LIBRARY, Template, usable
from recsys.readable_columns import unreadable_columns
from recsys.runs import RunSettings, runs_folder, start
from recsys.schema import N_, RecsysError
from recsys.splitting import usual_protocol
from recsys.training.config import Device
from recsys.training.devices import has_gpu

DEFAULT_MINUTES = 5.0
#: A second press within this many seconds is a double click, not a wish for two runs.
_DOUBLE_CLICK = 2.0

_PROTOCOLS = {
    "leave-last-out": (
        N_("Find each user's last item"),
        N_("Fits any data. Each user's last new item is hidden and has to be found."),
    ),
    "random": (
        N_("Find an item drawn at random"),
        N_("For data without times. One item of each user is hidden, whichever it is."),
    ),
    "global-time": (
        N_("Find what came after a moment"),
        N_("Closer to daily use. Needs timestamps: learn from before, test on after."),
    ),
}


def draw() -> None:
    """The form and its start button."""
    _ingredients()
    st.space("small")
    left, right = st.columns([6, 5], gap="large")  # the button is seen beside the models
    with left:
        model = _choose_model()
    with right:
        section(_("Settings"))
        settings, prompt, pressed = _choose_settings(model)
        if pressed:
            _start(settings, prompt)


def _choose_settings(model: str) -> tuple[RunSettings, state.Prompt | None, bool]:
    """The settings of a run, its prompt, not checked yet, and whether training is to start."""
    with st.container():  # there for every model, so that what follows stays open
        settings, backbone = model_settings.choose(model)
    with st.container():  # there with and without a prompt, so that what follows stays open
        reads = runs.reads_prompts(model)
        prompt = language_model = None
        if reads:
            tuned = runs.tunes_language_model(model)
            prompt = _choose_prompt()
            written_in = language_model_choice.language_of(prompt)
            language_model = language_model_choice.draw(written_in, tuned=tuned)
            if language_model is not None:
                _warn_of_language(written_in, language_model)
        if language_model is not None:
            _reads_first(state.dataset())
    with st.expander(_("More settings"), icon=":material/tune:"):
        epochs, minutes, seed, protocol = _settings()
        device = _choose_device() if has_gpu() else "auto"
        more = model_settings.choose_more(model)
    name = st.text_input(
        _("Name of this run"),
        key="train-name",
        placeholder=_("made from model, data and time"),
        max_chars=80,
    )
    pressed = st.button(
        _("Start training"),
        type="primary",
        icon=":material/play_arrow:",
        key="train-start",
        disabled=reads and language_model is None,
    )
    chosen = RunSettings(
        model=model,
        model_config=settings | more,
        backbone=backbone,
        language_model=language_model,
        protocol=protocol,
        seed=seed,
        epochs=epochs,
        minutes=minutes,
        device=device,
        name=(name or "").strip() or None,
        source={"origin": state.origin()},
    )
    return chosen, prompt, pressed


def _ingredients() -> None:
    """The current data and prompt, each with the way back to where it is chosen."""
    data, prompt = state.dataset(), state.prompt()
    size = ngettext("{count} event", "{count} events", data.n_events)
    first, second = st.columns(2)
    with first.container(border=True, gap="xsmall"):
        st.caption(_("Data"))
        st.markdown(f"**{plain(state.data_title())}** · {size}")
        _back("data", _("Change the data"))
    with second.container(border=True, gap="xsmall"):
        st.caption(_("Prompt"))
        st.markdown(f"**{plain(runs.prompt_words(prompt))}**")
        _back("prompts", _("Change the prompt"))


def _back(step: str, words: str) -> None:
    st.page_link(journey.BY_KEY[step].script, label=words, icon=":material/arrow_back:")


def _choose_model() -> str:
    section(_("Model"))
    with st.spinner(_("Getting the models ready…")):  # PyTorch takes seconds, once
        models = runs.models()
    names = list(models)
    return st.radio(
        _("Model"),
        names,
        index=names.index(DEFAULT_MODEL) if DEFAULT_MODEL in names else 0,
        format_func=runs.model_title,
        captions=[_(kind.summary) for kind in models.values()],
        key="train-model",
        label_visibility="collapsed",
    )


def _choose_prompt() -> state.Prompt:
    """The current prompt, or another for this run only."""
    current = state.prompt()
    known = {name: template.source for name, template in LIBRARY.items()} | prompt_files.saved()
    options = [""] + [name for name in known if current.edited or name != current.name]

    def words(name: str) -> str:
        return runs.template_title(name) if name else runs.prompt_words(current)

    chosen = st.selectbox(_("Prompt"), options, format_func=words, key="train-prompt")
    return state.Prompt(chosen, known[chosen]) if chosen else current


def _warn_of_language(written_in: str, language_model: str) -> None:
    """Warn where the prompt is in a language that the model does not read."""
    model = describe(language_model)
    if not model.reads(written_in):
        st.caption(
            _(
                "{name} does not read the language of this prompt: titles and values in it are "
                "read all the same, the words around them say little.",
                name=plain(model.title),
            )
        )


def _reads_first(data: Dataset) -> None:
    """Show that texts are encoded before training, in time of their own, and what is not read."""
    words = ngettext(
        "Before it trains, the language model reads the text of {count} item, once for each "
        "catalogue; that takes its own time, beside the minutes of training.",
        "Before it trains, the language model reads the texts of {count} items, once for each "
        "catalogue; that takes its own time, beside the minutes of training.",
        data.n_items,
    )
    if columns := _unreadable(data):
        words += punctuation(" ") + _(
            "Addresses and codes are not read: {columns}.", columns=plain(", ".join(columns))
        )
    st.caption(words)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={Dataset: lambda d: d.content_hash})
def _unreadable(data: Dataset) -> list[str]:
    return unreadable_columns(data)


def _settings() -> tuple[int | None, float | None, int, str]:
    left, right = st.columns(2)
    with left:
        minutes = pick_minutes(_("Minutes at most"), DEFAULT_MINUTES, key="train-minutes")
    seed = right.number_input(
        _("Seed"),
        min_value=0,
        max_value=2**32 - 1,
        value=0,
        key="train-seed",
        help=_("The same seed gives the same start. Try others to see how much luck there is."),
    )
    epochs = st.number_input(
        _("Epochs at most"),
        min_value=1,
        max_value=10_000,
        value=None,
        key="train-epochs",
        placeholder=_("as the model needs"),
        help=_("An epoch is one pass over all histories."),
    )
    has_times = state.dataset().dates is not None
    protocols = [name for name in _PROTOCOLS if has_times or name != "global-time"]
    usual = _usual_protocol(state.dataset())
    protocol = st.radio(
        _("How it is tested"),
        protocols,
        index=protocols.index(usual),
        format_func=lambda name: _(_PROTOCOLS[name][0]),
        captions=[_(_PROTOCOLS[name][1]) for name in protocols],
        key="train-protocol",
    )
    if usual == "random":
        st.caption(
            _(
                "There are no times, and items ascend by their ids: what came last is only the "
                "highest id, so it is no test."
            )
        )
    return epochs, minutes, int(seed), protocol


def _choose_device() -> Device:
    words = {"auto": _("GPU"), "cpu": _("CPU")}
    chosen: Device = st.selectbox(
        _("Trained on"), ("auto", "cpu"), format_func=words.__getitem__, key="train-device"
    )
    return chosen


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={Dataset: lambda d: d.content_hash})
def _usual_protocol(data: Dataset) -> str:
    return usual_protocol(data)


def _start(settings: RunSettings, prompt: state.Prompt | None) -> None:
    """Make the run and start its process; mistakes are said and the form stays as it is."""
    last = st.session_state.get("train-started", 0.0)
    if time.monotonic() - last < _DOUBLE_CLICK:
        return
    try:
        if prompt is not None:
            template = Template.parse(prompt.source, prompt.name)
            usable(template, state.verbaliser().values(0))
            settings = replace(settings, template=template)
        run = settings.create(runs_folder(), state.dataset())
        start(run)
    except RecsysError as error:
        show_error(error)
        return
    st.session_state["train-started"] = time.monotonic()
    runs.open_on_train_page(run.name)
    st.rerun()
