"""What the pages share: the data, the prompt, and the links that bring both back.

Data is kept under its content hash in the cache folder and named by that hash in the URL
(`?data=…`), so a reload, another tab or a colleague with the link sees the same data. A prompt is
named likewise: `?prompt=<name>` for one of the library or a saved one, `?prompt=<name>@<number>`
for one of its versions, `?prompt=~<hash>` for an unsaved edit, whose text is kept as a small file;
`?compare=<one>..<other>` names two of them side by side.
Nothing is overwritten: other content, other link. `?scenario=<key>` opens data and prompt of a
scenario and turns into these two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.common import store, tidy
from pages._ui.common.i18n import _ as translate
from pages._ui.common.i18n import language
from pages._ui.prompts import prompt_files
from recsys.dataset import Dataset
from recsys.privacy.copies import note_opened
from recsys.scenarios import SCENARIOS, preset_of
from recsys.schema import RecsysError

if TYPE_CHECKING:
    from recsys.cleaning import CleaningReport
    from recsys.lab.remarks import Remarks
    from recsys.prompts import Verbaliser

DEFAULT_SAMPLE = "movielens"
DEFAULT_PROMPT = "sequential"
#: Why the scenario of a link could not be opened; in the session until the Data page says it.
SCENARIO_ERROR = "scenario_error"
#: Whether this run of the script began with the link of a scenario.
SCENARIO_LINKED = "scenario_linked"
#: The view of the Recommend page that answers questions.
ASKING = "ask"
#: Parameters of the URL that survive a change of page.
KEPT = (
    *("lang", "data", "prompt", "compare", "run", "suite", "tool", "grid", "view"),
    *("wish", "marks", "strict", "who", "said", "with", "beside"),
)
_HASH = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class Prompt:
    """The prompt being worked on: `name` of the one it is or started from, and its text."""

    name: str
    source: str
    edited: bool = False


def begin() -> None:
    """Take over the links of the URL at the start of a session; called once a run by `app.py`."""
    tidy.begin()
    links = st.session_state.setdefault("links", {})
    for name in KEPT:
        if name not in links and name in st.query_params:
            links[name] = st.query_params[name]
    scenario = st.query_params.get("scenario")
    st.session_state[SCENARIO_LINKED] = scenario is not None
    if scenario is not None:
        del st.query_params["scenario"]
        if scenario in SCENARIOS:
            try:
                with st.spinner(translate("Preparing the data…"), show_time=True):
                    open_scenario(scenario)
            except RecsysError as error:
                st.session_state[SCENARIO_ERROR] = error


def finish() -> None:
    """Write the links back: Streamlit clears the URL's parameters when the page changes."""
    links = dict(st.session_state.get("links", {}), lang=language())
    for name, value in links.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def linked(name: str) -> str | None:
    """A value that the URL carries across pages (`name` is one of `KEPT`)."""
    return st.session_state.get("links", {}).get(name)


def link(name: str, value: str | None) -> None:
    """Let the URL carry `value` from now on; None takes it out."""
    links = st.session_state.setdefault("links", {})
    if value is None:
        links.pop(name, None)
        st.query_params.pop(name, None)
    else:
        links[name] = value
        st.query_params[name] = value


def take(flag: str) -> bool:
    """Whether a one-time `flag` was raised in the session; it is lowered again."""
    return bool(st.session_state.pop(flag, False))


# --- data -----------------------------------------------------------------------------------


def dataset() -> Dataset:
    """The current data; MovieLens where nothing was chosen or the link's data is gone."""
    return _current()[0]


def cleaning_report() -> CleaningReport:
    """What was repaired and dropped on the way to the current data."""
    return _current()[1]


def keep(data: Dataset, report: CleaningReport, *, origin: str) -> None:
    """Make `data` current. `origin` is the sample's name, or "upload"."""
    store.save(data, report, origin)
    _open(data.content_hash)


def adopt(prepared: Path, key: str) -> None:
    """Make data current that another process prepared in a folder of the cache."""
    store.adopt(prepared, key)
    _open(key)


def open_sample(name: str) -> None:
    """Make a sample current."""
    _open(store.sample(name))


def _open(key: str) -> None:
    """Make kept data current; a run that is linked is one of the data before."""
    if key != linked("data"):
        link("run", None)
    link("data", key)


def open_scenario(key: str) -> None:
    """Make the data and the prompt of a scenario current, in the language of the app.

    Raises:
        DataError: if its data is not installed.
    """
    preset = SCENARIOS[key].presets[language()]
    open_sample(preset.sample)
    use_prompt(preset.template)
    link("view", ASKING if key == "questions" else None)


def in_scenario(key: str) -> bool:
    """Whether data and prompt are those of a scenario, in the language of the app."""
    preset = SCENARIOS[key].presets[language()]
    return preset.sample == origin() and preset.template == prompt().name


def origin() -> str:
    """Where the current data came from: a sample's name, or "upload"."""
    return _current()[2]


def data_title() -> str:
    """What people call the current data: the sample's title, or the name of the file."""
    from recsys.sources import SOURCES

    data, _report, source = _current()
    return translate(SOURCES[source].title) if source in SOURCES else data.name


def words_language() -> str:
    """The language in which users are put into words: Chinese if the app or the data is."""
    return "zh" if language() == "zh" else dataset().language


def verbaliser() -> Verbaliser:
    """What puts the users of the current data into words."""
    return verbaliser_of(dataset())


def verbaliser_of(data: Dataset) -> Verbaliser:
    """The same for any data."""
    return _verbaliser(data, data.content_hash)


@st.cache_resource(max_entries=4, show_spinner=False)
def _verbaliser(_data: Dataset, key: str) -> Verbaliser:
    from recsys.prompts import Verbaliser

    return Verbaliser(_data)


def _current() -> tuple[Dataset, CleaningReport, str]:
    key = linked("data")
    found = store.load(key) if key is not None and _HASH.fullmatch(key) else None
    if found is not None:
        note_opened(found[0].content_hash)
        return found
    sample = store.sample(DEFAULT_SAMPLE)
    if key not in (None, sample):
        st.session_state["data_gone"] = True
    link("data", sample)
    found = store.load(sample)
    assert found is not None
    return found


# --- prompt ---------------------------------------------------------------------------------


def prompt() -> Prompt:
    """The current prompt: the one linked, else that of the data's scenario, else a general one."""
    from recsys.prompts import LIBRARY

    found = linked_prompt(linked("prompt") or "")
    if found is not None:
        return found
    language = words_language()
    preset = preset_of(origin(), language)
    if preset is not None:
        first = preset.template
    else:
        first = f"{DEFAULT_PROMPT}-zh" if language == "zh" else DEFAULT_PROMPT
    return Prompt(first, LIBRARY[first].source)


def linked_prompt(key: str) -> Prompt | None:
    """The prompt, version or edit that a link names; None where there is none."""
    draft = prompt_files.read_draft(key[1:]) if key.startswith("~") else None
    if draft is not None:
        return Prompt(*draft, edited=True)
    source = prompt_source(key)
    if source is not None:
        return Prompt(key, source)
    version = prompt_files.version(key)
    if version is None:
        return None
    latest = prompt_source(version.name)
    return Prompt(version.name, version.source, edited=version.source != latest)


def remarks(source: str) -> Remarks:
    """What lint says of a text on the current data, with the values of the user looked at."""
    from recsys.lab.remarks import Remarks

    of_data, user = verbaliser(), str(st.session_state.get("user_id"))
    known = of_data.dataset.users
    return Remarks.of(source, of_data, known.position(user) if user in known else 0)


def prompt_source(name: str) -> str | None:
    """The text of a prompt of the library or a saved one; None where there is none.

    Names only: a link never makes the app read another file.
    """
    from recsys.prompts import LIBRARY

    return LIBRARY[name].source if name in LIBRARY else prompt_files.source(name)


def prompt_names() -> list[str]:
    """The prompts people saved, then those of the library; the words' language comes first."""
    from recsys.prompts import LIBRARY

    names = [*dict.fromkeys([*prompt_files.kept().names(), *LIBRARY])]
    language = words_language()
    names.sort(key=lambda name: name in LIBRARY and LIBRARY[name].language != language)
    return names


def use_prompt(name: str) -> None:
    """Make a prompt of the library, or a saved one, current."""
    link("prompt", name)


def edit_prompt(name: str, source: str) -> None:
    """Make an edit of prompt `name` current; it survives page changes and reloads."""
    if source == prompt_source(name):
        use_prompt(name)
    else:
        link("prompt", f"~{prompt_files.keep_draft(name, source)}")
