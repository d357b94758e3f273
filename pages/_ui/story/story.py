"""The story in one minute: what happens from a history to a list, on a real person of the sample.

`/?demo` plays it from the beginning; `/?demo=3` opens its third step, and stays there.
"""

from __future__ import annotations

import time

import streamlit as st

from pages._ui.common import journey, shipped, state
from pages._ui.common.i18n import _
from pages._ui.common.widgets import show_error
from pages._ui.html import story_markup
from pages._ui.story.story_steps import PERSON, STEPS, wish
from recsys.schema import RecsysError

#: The parameter of the URL; its value is the number of a step, from 1.
PARAMETER = "demo"
#: How long a step is shown while the story plays: five of them are a minute.
STEP_SECONDS = 12.0
_TICK_SECONDS = 1.0
_PLAYING, _SHOWN_SINCE = "story-playing", "story-shown-since"


def asked() -> bool:
    """Whether the link asks for the story."""
    return PARAMETER in st.query_params


def begin() -> None:
    """Let the story play from its first step."""
    st.query_params[PARAMETER] = ""


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
    st.title(titles[here], anchor=False)
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
    """Show the next step when the time of this one is over; runs every second."""
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
