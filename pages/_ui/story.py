"""The story in one minute: what happens from a history to a list, on a real person of the sample.

`/?demo` plays it from the beginning; `/?demo=3` opens its third step, and stays there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from pages._ui import journey, prompt_preview, shipped, state, store, story_markup, suggest
from pages._ui.i18n import _, language, ngettext
from pages._ui.list_markup import draw_history
from pages._ui.markup import draw as draw_html
from pages._ui.markup import prompt_html
from pages._ui.turns import my_turn
from pages._ui.widgets import show_error
from recsys.dataset import Dataset
from recsys.runs import Run
from recsys.runs.demo import what_words_add
from recsys.scenarios import preset_of
from recsys.schema import N_, RecsysError

#: The parameter of the URL; its value is the number of a step, from 1.
PARAMETER = "demo"
#: Somebody who likes science fiction and rated few enough films to be seen through.
PERSON = "261"
#: Of them: what stands in the picture on the first page.
RATED = ("The Terminator · 4 ★", "Contact · 5 ★", "Equilibrium · 5 ★")
LISTED = ("Happy Gilmore", "Back to the Future Part II", "Clerks")
#: How long a step is shown while the story plays: five of them are a minute.
STEP_SECONDS = 12.0
#: Films of a list, and of the history: as many as a small screen shows whole.
_SHOWN = 6
_TICK_SECONDS = 1.0
_PLAYING, _SHOWN_SINCE = "story-playing", "story-shown-since"


@dataclass(frozen=True)
class _Step:
    """A step: its title for the line of steps, and what draws its sentence and its picture."""

    title: str
    draw: Callable[[], None]


def asked() -> bool:
    """Whether the link asks for the story."""
    return PARAMETER in st.query_params


def begin() -> None:
    """Let the story play from its first step."""
    st.query_params[PARAMETER] = ""


def wish() -> str:
    """What is wished for, in the language of the app."""
    preset = preset_of(state.DEFAULT_SAMPLE, language())
    assert preset is not None
    return preset.intents[0]


def see_it_work() -> None:
    """Go to the Recommend page: this person, this wish, and the model that ships."""
    state.open_sample(state.DEFAULT_SAMPLE)
    state.link("view", None)
    if shipped.offered():
        state.link("run", shipped.NAME)
    state.link("wish", wish())
    st.session_state.update({"wish": wish(), "user_id": PERSON})
    st.switch_page(journey.BY_KEY["recommend"].script)


def draw() -> None:
    """The step that the link names, and the ways on and back."""
    here = _here()
    titles = [_(step.title) for step in STEPS]
    story_markup.draw_place(titles, here)
    st.header(titles[here], anchor=False)
    _buttons(here)
    try:
        STEPS[here].draw()
    except RecsysError as error:
        show_error(error)
    playing = bool(st.session_state[_PLAYING])
    if st.session_state.get(_SHOWN_SINCE, (None, None))[:2] != (here, playing):
        # From when it can be looked at, which a model that is read first puts off.
        st.session_state[_SHOWN_SINCE] = (here, playing, time.monotonic())
    if playing:
        st.fragment(_clock, run_every=_TICK_SECONDS)(here)


def _here() -> int:
    """The step of the link, from 0; a bare link begins to play, one with a number stands still."""
    said = st.query_params.get(PARAMETER, "")
    if said.isdecimal() and 1 <= int(said) <= len(STEPS):
        st.session_state.setdefault(_PLAYING, False)
        return int(said) - 1
    _go(0, playing=True)
    return 0


def _go(step: int, *, playing: bool) -> None:
    st.query_params[PARAMETER] = str(step + 1)
    st.session_state[_PLAYING] = playing


def _clock(here: int) -> None:
    """Turn the page when its time is over; this runs by itself every second."""
    *_shown, since = st.session_state[_SHOWN_SINCE]
    if time.monotonic() - since >= STEP_SECONDS:
        last = len(STEPS) - 1
        _go(min(here + 1, last), playing=here + 1 < last)
        st.rerun()


def _buttons(here: int) -> None:
    playing = bool(st.session_state[_PLAYING])
    last = here == len(STEPS) - 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Back"),
            key="story-back",
            icon=":material/arrow_back:",
            disabled=here == 0,
            on_click=_go,
            args=(here - 1,),
            kwargs={"playing": False},
        )
        if last:
            if st.button(
                _(journey.HOME.invitation),
                key="story-see",
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
            ):
                _leave()
                see_it_work()
        else:
            st.button(
                _("Next"),
                key="story-next",
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
                on_click=_go,
                args=(here + 1,),
                kwargs={"playing": False},
            )
        words = _("Pause") if playing else _("Play again") if last else _("Play")
        icon = ":material/pause:" if playing else ":material/play_arrow:"
        st.button(
            words,
            key="story-play",
            icon=icon,
            type="tertiary",
            on_click=_go,
            args=(0 if last and not playing else here,),
            kwargs={"playing": not playing},
        )
        if st.button(_("Leave the story"), key="story-leave", icon=":material/close:",
                     type="tertiary"):  # fmt: skip
            _leave()
            st.rerun()


def _leave() -> None:
    st.query_params.pop(PARAMETER, None)
    for key in (_PLAYING, _SHOWN_SINCE):
        st.session_state.pop(key, None)


# --- the steps ------------------------------------------------------------------------------


def _run() -> Run:
    from pages._ui import runs  # its words of models would bring torch, which the history needs not

    run = runs.loaded(shipped.run())
    with st.spinner(_("Loading the model …"), show_time=True):
        runs.read(run)
    return run


def _history() -> None:
    data = store.load(store.sample(state.DEFAULT_SAMPLE))
    assert data is not None
    events = data[0]
    user = events.users.position(PERSON)
    count = len(events.history(user))
    told = ngettext(
        "A real person of MovieLens rated {count} film. Nothing else is known of them.",
        "A real person of MovieLens rated {count} films. Nothing else is known of them.",
        count,
    )
    story_markup.draw_said(told)
    latest = suggest.history(events, user)[: _SHOWN + 2]
    draw_history([replace(event, about="") for event in latest])


def _sentence() -> None:
    run = shipped.run()
    template = run.config.template
    assert template is not None
    story_markup.draw_said(
        _("A prompt puts that into words: a template, filled with what the person did.")
    )
    data = run.dataset()
    values = state.verbaliser_of(data).values(data.users.position(PERSON))
    rendered = template.render(values)
    draw_html(prompt_html(prompt_preview.spans(rendered, len(rendered.text))))
    st.caption(_("The coloured words come from the history; the marks are trained, not written."))


def _list() -> None:
    run = _run()
    said = _("A model reads this and ranks all {count} films. These come first.",
             count=f"{run.config.n_items:,}")  # fmt: skip
    story_markup.draw_said(said)
    data, found = run.dataset(), _suggested(run, "")
    story_markup.draw_films([_film(data, item) for item in found.items])


def _wish() -> None:
    run, words = _run(), wish()
    data, found = run.dataset(), _suggested(run, words)
    said = _(
        "A wish, typed in as one would say it: {changed} of {count} films are new, and still "
        "chosen for this person.",
        changed=suggest.changes(found),
        count=len(found.items),
    )
    story_markup.draw_said(said)
    story_markup.draw_typed(words)
    left, right = st.container(key="story-lists").columns(2, gap="large")
    kept = set(found.items.tolist())
    with left:
        st.caption(_("Without the wish"))
        story_markup.draw_films([_film(data, i, gone=i not in kept) for i in found.plain])
    with right:
        st.caption(_("With the wish"))
        before = {int(item): place for place, item in enumerate(found.plain)}
        story_markup.draw_films(
            [_film(data, i, _moved(before.get(int(i)), at)) for at, i in enumerate(found.items)],
            arriving=True,
        )


def _film(data: Dataset, item: int, mark: str = "", *, gone: bool = False) -> story_markup.Film:
    return story_markup.Film(str(data.titles[item]), suggest.about(data, int(item)), mark, gone)


def _moved(before: int | None, now: int) -> str:
    """How a film moved, as a mark; "" where it stayed."""
    if before is None:
        return _("NEW")
    return "" if before == now else f"▲ {before - now}" if before > now else f"▼ {now - before}"


def _suggested(run: Run, intent: str) -> suggest.Suggestions:
    """The person's list, by the model as it was trained."""
    model, data = run.model(), run.dataset()
    user = data.users.position(PERSON)
    with my_turn(model, intent):
        return suggest.suggest(
            model, data, user, k=_SHOWN, template=None, intent=intent, allowed=None
        )


def _words() -> None:
    run = shipped.run()
    measured = what_words_add(run)
    popular = run.evaluation()["baselines"]["popularity"]["ndcg@10"]["value"]
    times = measured["wish"]["value"] / measured["nothing"]["value"]
    story_markup.draw_said(
        _(
            "Knowing a wish, the model finds what {users} people went on to watch {times} times as "
            "well as without words.",
            users=measured["users"],
            times=f"{times:.1f}",
        )
    )
    values = [
        (_("What is popular, the same for everybody"), popular),
        (_("The model without any words about the person"), measured["nothing"]["value"]),
        (_("With the prompt"), measured["prompt"]["value"]),
        (_("With the prompt and a wish for one genre of that film"), measured["wish"]["value"]),
    ]
    most = max(value for _title, value in values)
    story_markup.draw_measured(
        [
            story_markup.Bar(title, f"{value:.3f}", value / most, strong=place == len(values) - 1)
            for place, (title, value) in enumerate(values)
        ]
    )
    gain = measured["prompt over nothing"]
    st.caption(
        _(
            "NDCG@10 of the model that ships, measured on films it never saw these people watch: "
            "1 if that film is always first, 0 if it is never among the first ten. The prompt "
            "alone adds {gain} [{low}, {high}].",
            gain=f"{gain['delta']:.3f}",
            low=f"{gain['low']:.3f}",
            high=f"{gain['high']:.3f}",
        )
    )


STEPS = (
    _Step(N_("What somebody did"), _history),
    _Step(N_("In words"), _sentence),
    _Step(N_("A list"), _list),
    _Step(N_("A wish"), _wish),
    _Step(N_("What the words added"), _words),
)
