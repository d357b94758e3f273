"""Home: what this is, in a sentence and a picture, and the way to a list with a wish applied."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import capsules, journey, shell, shipped, state, warm_up
from pages._ui.common.i18n import _
from pages._ui.html import story_markup
from pages._ui.html.markup import draw, lede_html
from pages._ui.story import story, story_steps

#: Seconds after the page until the model begins to be loaded, and between checks whether it is.
_LOOK_SECONDS = 1.0


def main() -> None:
    st.title(_(journey.HOME.task), anchor=False)
    draw(
        lede_html(
            _(
                "What people did becomes words, the words go into a prompt, a model reads it and "
                "ranks everything: say it in other words, or wish for something, and watch the "
                "list change."
            )
        )
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button(
            _(journey.HOME.invitation),
            key="see-it-work",
            type="primary",
            icon=":material/arrow_forward:",
            icon_position="right",
        ):
            story.see_it_work()
        if st.button(
            _("The story in one minute"),
            key="tell-story",
            type="tertiary",
            icon=":material/play_circle:",
        ):
            story.begin()
            st.rerun()
        if st.button(
            _("Start with data of your own"),
            key="own-data",
            type="tertiary",
            icon=":material/upload_file:",
        ):
            st.switch_page(journey.BY_KEY["data"].script)
        capsules.draw_open()
    story_markup.draw_way(_way())
    st.caption(
        _(
            "With a model that ships with the app, trained on real ratings of films by 671 people. "
            "Nothing is downloaded, and nothing leaves this machine."
        )
    )
    shipped.say_problem()


def _way() -> list[story_markup.Station]:
    """From what the person of the story did to their list; titles are data, in their language."""
    latest = story_steps.RATED[0].partition(" ·")[0]
    listed = [f"{rank} · {title}" for rank, title in enumerate(story_steps.LISTED, start=1)]
    return [
        story_markup.Station("people", _("What people did"), story_steps.RATED),
        story_markup.Station(
            "words", _("Words"), (_("“Likes Sci-Fi. Most recently chose {title}.”", title=latest),)
        ),
        story_markup.Station(
            "prompt", _("Prompt"), (_("The words, and a wish: “{wish}”", wish=story_steps.wish()),)
        ),
        story_markup.Station(
            "model", _("Model"), (_("Reads the prompt and ranks every film in milliseconds."),)
        ),
        story_markup.Station("list", _("List"), listed),
    ]


def _look() -> None:
    """Begin to read the model once the page stands, not before; ends when it is read."""
    if st.session_state.pop("home-stands", False):
        warm_up.start()
    if warm_up.done():
        st.rerun()


shell.ensure()
if st.session_state.get(state.SCENARIO_LINKED):
    st.switch_page(journey.BY_KEY["data"].script)
capsules.begin()
if story.asked():
    story.draw()
else:
    main()
if not warm_up.done():
    st.session_state.setdefault("home-stands", False)
    st.fragment(_look, run_every=_LOOK_SECONDS)()
    st.session_state["home-stands"] = True
