"""Runs as people see them: which one is shown, its words, and its model loaded once."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from pages._ui.common import shipped, state
from pages._ui.common.i18n import _, language, punctuation, say
from pages._ui.common.widgets import plain, show_error
from recsys.language_models import LANGUAGE_MODELS
from recsys.runs import (
    STATES,
    Run,
    RunConfig,
    Status,
    how_it_ended,
    list_runs,
    open_run,
    runs_folder,
)
from recsys.runs.choosing import best_first
from recsys.runs.final import finals_first
from recsys.scenarios import item_words as sample_item_words
from recsys.schema import N_, RecsysError
from recsys.sources import SOURCES

_BADGES = {
    "waiting": ("gray", ":material/hourglass_empty:"),
    "preparing": ("green", ":material/hourglass_top:"),
    "training": ("green", ":material/show_chart:"),
    "paused": ("gray", ":material/pause_circle:"),
    "evaluating": ("green", ":material/straighten:"),
    "serving": ("green", ":material/dns:"),
    "unresponsive": ("orange", ":material/hourglass_disabled:"),
    "finished": ("green", ":material/check:"),
    "stopped": ("green", ":material/check:"),
    "failed": ("red", ":material/close:"),
    "interrupted": ("orange", ":material/power_off:"),
}
_READING = threading.Lock()
#: Models kept in memory at once, over all sessions.
_HELD = 4
#: Names listed in a sentence.
_NAMED = 10


def all_runs() -> list[Run]:
    """Every run in the runs folder, the latest first."""
    return list_runs(runs_folder())


def linked() -> Run | None:
    """The run that the link names; one that is gone is said so and forgotten."""
    name = state.linked("run")
    if name is None:
        return None
    try:
        return shipped.run() if name == shipped.NAME else open_run(runs_folder(), name)
    except RecsysError as error:
        show_error(error)
        state.link("run", None)
        return None


def open_on_train_page(name: str) -> None:
    """Let the Train page show a run from now on."""
    state.link("run", name)
    st.session_state["run_opened"] = True


def best_of_data_first(found: list[Run], shipped_ones: Sequence[Run] = ()) -> list[Run]:
    """Runs on the current data first, then on others; of each, the best that read prompts.

    Those that ship with the app, which read prompts, stand behind a person's own that do.
    """
    current = state.dataset().content_hash
    on_data: dict[str, list[Run]] = {current: []}
    for run in found:
        on_data.setdefault(run.config.data_hash, []).append(run)
    ranked: list[Run] = []
    for data_hash, runs in on_data.items():
        ranked += best_first(run for run in runs if reads_prompts(run.config.model))
        ranked += shipped_ones if data_hash == current else ()
        ranked += best_first(run for run in runs if not reads_prompts(run.config.model))
    return ranked


def usable_runs() -> list[Run]:
    """Runs that are over and left a model, the best on the current data first.

    One that learned from all events comes just before the run whose settings it has.
    """
    own = [run for run in all_runs() if run.has_model() and not run.status().active]
    return finals_first(best_of_data_first(own, shipped.offered()))


def readers(data_hash: str) -> list[Run]:
    """Usable runs on some data whose prompts can be measured, the best first."""
    return best_first(
        run
        for run in usable_runs()
        if run.config.data_hash == data_hash
        and run.config.final is None
        and reads_prompts(run.config.model)
    )


def measured_runs() -> list[Run]:
    """Runs with results on the test users that can be read, the best on these data first."""
    own = [run for run in all_runs() if run.has_results()]
    return best_of_data_first(own, shipped.offered())


def say_unreadable_results(measured: list[Run]) -> None:
    """Name the runs whose results are there and cannot be read."""
    names = {run.name for run in measured}
    odd = [
        run.name
        for run in all_runs()
        if run.name not in names and os.path.lexists(run.folder / "evaluation.json")
    ]
    if odd:
        st.caption(
            ":material/error: "
            + _(
                "The results of these runs cannot be read, so they are not in the list: {names}. "
                "Train them again.",
                names=listed(odd),
            )
        )


def listed(names: list[str]) -> str:
    """The first of some names, as Markdown."""
    shown = [plain(name) for name in names[:_NAMED]]
    return punctuation(", ").join([*shown, *(["…"] if len(names) > _NAMED else [])])


def grouped(found: list[Run]) -> list[Run]:
    """Runs that somebody started, then those of grids, which would hide them."""
    return sorted(found, key=lambda run: run.config.grid is not None)


def choose(runs: list[Run], *, key: str) -> Run:
    """A select box of runs; the linked one is chosen, else the first, which is the best.

    Choosing another one links it; merely looking leaves the link, which may name a run that is
    still at work.
    """
    by_name = {run.name: run for run in runs}
    names = [run.name for run in grouped(runs)]
    linked = state.linked("run")
    wanted = linked if linked in names else runs[0].name
    name = st.selectbox(
        _("Trained model"),
        names,
        index=names.index(wanted),
        format_func=lambda name: run_label(by_name[name]),
        key=key,
        on_change=lambda: state.link("run", st.session_state[key]),
    )
    return by_name[name]


def loaded(run: Run) -> Run:
    """The same run, with data, split and model staying in memory once they were read."""
    try:
        changed = os.stat(run.folder / "model").st_mtime_ns
    except OSError:
        changed = 0
    return _loaded(str(run.folder), run.config.created, changed)


def read(run: Run) -> None:
    """Read data and model of a run, one session at a time: those who wait find them read.

    Raises:
        RecsysError: if they cannot be read.
    """
    with _READING:
        run.dataset()
        run.model()


@st.cache_resource(max_entries=_HELD, show_spinner=False)
def _loaded(folder: str, created: float, changed: int) -> Run:
    return Run(Path(folder))


# --- words ----------------------------------------------------------------------------------


@lru_cache
class ModelKind(NamedTuple):
    """A model as people choose it: gettext templates, and what it does with words."""

    title: str
    summary: str
    reads_prompts: bool
    tunes_language_model: bool


def models() -> dict[str, ModelKind]:
    """Every model by its key.

    The flagship comes first, the simplest last.
    """
    from recsys.models import MODELS

    return {
        key: ModelKind(kind.title, kind.summary, kind.reads_prompts, kind.tunes_language_model)
        for key, kind in reversed(MODELS.items())
    }


def reads_prompts(key: str) -> bool:
    """Whether a model reads prompts; not where this version does not know it."""
    return key in models() and models()[key].reads_prompts


def tunes_language_model(key: str) -> bool:
    """Whether a model's language model has to be one that can be tuned."""
    return key in models() and models()[key].tunes_language_model


def model_title(key: str) -> str:
    """What a person calls a model; the key where this version does not know it."""
    return _(models()[key].title) if key in models() else key


def prompt_title(config: RunConfig) -> str:
    """The name of a run's prompt, or a dash for a model that reads none."""
    if config.prompt_source is None:
        return "–"
    return template_title(config.prompt_name or _("own prompt"))


def language_model_title(name: str) -> str:
    """What a person calls a language model; the last part of a folder or id."""
    known = LANGUAGE_MODELS.get(name)
    return name.rpartition("/")[2] if known is None else known.title


def template_title(name: str) -> str:
    """What a person calls a template: its title in the library, else its own name."""
    from recsys.prompts import LIBRARY

    return _(LIBRARY[name].title) if name in LIBRARY else name


def prompt_words(prompt: state.Prompt) -> str:
    """What a person calls the prompt being worked on; an unsaved edit says so."""
    title = template_title(prompt.name)
    return _("{prompt} (edited)", prompt=title) if prompt.edited else title


def data_title(config: RunConfig) -> str:
    """The title of the sample a run was trained on, or the name of the person's own data."""
    name = sample_of(config)
    return _(SOURCES[name].title) if name else config.data


def protocol_title(config: RunConfig) -> str:
    """What the way in which a run was tested is called."""
    return _(_PROTOCOLS.get(config.protocol, config.protocol))


def sample_of(config: RunConfig) -> str | None:
    """The sample (key of `SOURCES`) a run was trained on; None for a person's own data."""
    for key in ("origin", "data"):  # the app names the one, the command line the other
        name = config.source.get(key)
        if isinstance(name, str) and name in SOURCES:
            return name
    return None


def item_words(config: RunConfig) -> tuple[str, str]:
    """What the items of a run's data are called, and what people did with them."""
    sample = sample_of(config)
    noun, verb = sample_item_words(sample, language()) if sample else (None, None)
    return noun or _("items"), verb or _("met")


def run_label(run: Run) -> str:
    """One line that distinguishes a run from others, and whether it got to its end; plain text."""
    config, ended = run.config, how_it_ended(run)
    prompt = None if config.prompt_source is None else prompt_title(config)
    how = None if ended is None else say(ended)
    of_grid = None if config.grid is None else _("of a grid")
    final = None if config.final is None else _("on all events")
    parts = (
        *(model_title(config.model), prompt, data_title(config)),
        *(run_name(run), of_grid, final, how),
    )
    return " · ".join(filter(None, parts))


def run_name(run: Run) -> str:
    """What a person calls a run: the name they gave it."""
    return _("ships with the app") if run.name == shipped.NAME else run.name


def state_word(status: Status) -> str:
    """The state of a run in words."""
    return _(STATES[status.state])


def state_badge(status: Status) -> None:
    """The state of a run as a coloured mark."""
    colour, icon = _BADGES[status.state]
    st.badge(state_word(status), icon=icon, color=colour)  # type: ignore[arg-type]


def describe(config: RunConfig) -> str:
    """What was trained on what, when: Markdown with the data's words made harmless."""
    parts = [model_title(config.model), plain(data_title(config))]
    if config.prompt_source is not None:
        parts.append(plain(prompt_title(config)))
    if config.language_model is not None:
        parts.append(plain(language_model_title(config.language_model)))
    parts.append(_("started {moment}", moment=moment(config.created)))
    return " · ".join(parts)


_REASONS = {
    "epochs": N_("All planned epochs were made."),
    "minutes": N_("The time limit was reached."),
    "patience": N_("It stopped getting better, so training ended early."),
    "diverged": N_(
        "The training diverged: its loss, a weight or a score is not finite any more. The best "
        "model before is kept. Other settings or another seed may get further."
    ),
    "all-events": N_("It was trained as long as the evaluated run was until its best."),
    "stopped": N_("You stopped it. The best model was kept."),
    "computed": N_("This model is computed in one step; there is no curve to watch."),
}
#: Ways to test, as their field calls them.
_PROTOCOLS = {
    "leave-last-out": N_("leave-last-out"),
    "random": N_("random hold-out"),
    "global-time": N_("global time split"),
}


def reason_words(reason: str) -> str:
    """Why training ended."""
    return _(_REASONS[reason]) if reason in _REASONS else reason


def failure(status: Status) -> str:
    """Why a run failed; plain text."""
    if status.message is None:
        return _("The training failed without saying why. Its log may tell more.")
    return say(status.message)


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} s", seconds=whole)
    if whole < 3600:
        return _("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)
    return _("{hours} h {minutes} min", hours=whole // 3600, minutes=whole % 3600 // 60)


def limit(minutes: float) -> str:
    """A limit as a person says it: whole minutes without seconds."""
    if minutes.is_integer() and minutes < 60:
        return _("{minutes} min", minutes=int(minutes))
    return duration(minutes * 60)


def moment(seconds: float) -> str:
    """A time of day today, else with the date, where the browser is."""
    zone = _zone()
    then, now = datetime.fromtimestamp(seconds, zone), datetime.now(zone)
    if then.date() == now.date():
        return then.strftime("%H:%M")
    if language() == "zh":
        return f"{then.month}月{then.day}日 {then:%H:%M}"
    return f"{then.day} {then:%b %H:%M}"


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
