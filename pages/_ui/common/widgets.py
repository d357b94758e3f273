"""Parts that every page uses: header, way on, errors, notes, picking a user."""

from __future__ import annotations

import re

import streamlit as st

from pages._ui.common import journey, shell
from pages._ui.common.i18n import _, say
from pages._ui.html import markup
from recsys.dataset import Dataset
from recsys.schema import Message, RecsysError

#: More options than this make a select box slow in the browser; the rest is typed.
MAX_LISTED = 1000
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&\"'=^@/])")
#: Streamlit looks for icons, arrows and addresses even in text that is escaped; an invisible word
#: joiner inside keeps them what they are.
_LOOKED_FOR = re.compile(r"(?<=\S)(?=[:@>-])|(?<=[wW]{3})(?=\.)|(?<=[<-])(?=[=-])")


def plain(text: object) -> str:
    """Words of the data as they are, inside Markdown: nothing in them is read as markup."""
    words = _LOOKED_FOR.sub("\u2060", " ".join(str(text).split()))
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[1])};", words)


def page_header(key: str, *, lede: bool = True) -> None:
    """Where we are in the journey, the page's title, and, if `lede`, what to do here."""
    shell.ensure()
    step = journey.BY_KEY[key]
    if step in journey.STEPS:
        _steps(journey.position(key))
    st.title(_(step.title), anchor=False)
    if lede:
        markup.draw(markup.lede_html(_(step.task)))


def _steps(here: int) -> None:
    """The journey as a line of links; `here` is the current one, from 0."""
    with st.container(horizontal=True, key="steps", gap="small"):
        for place, step in enumerate(journey.STEPS):
            state = "here" if place == here else "done" if place < here else "ahead"
            with st.container(key=f"step-{state}-{place}"):
                st.page_link(step.script, label=f"{place + 1} · {_(step.title)}")


def title_with_way_on(title: str, key: str) -> None:
    """A title at the head of a long page, and beside it the button that `next_step` draws last."""
    step = journey.following(key)
    assert step is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(title), anchor=False)
        if _way_on(_(step.invitation), f"on-from-{key}"):
            st.switch_page(step.script)


def next_step(
    key: str, *, label: str | None = None, disabled: bool = False, note: str | None = None
) -> None:
    """The primary button that leads on from this page; back to the data at the end."""
    step = journey.following(key)
    st.space("medium")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if note:
            st.caption(note)
        name = f"next-from-{key}"
        if step is None:
            again = st.button(
                _("Try other data"), key=name, type="primary", icon=":material/restart_alt:"
            )
            target = journey.STEPS[0] if again else None
        else:
            pressed = _way_on(label or _(step.invitation), name, disabled=disabled)
            target = step if pressed else None
    if target is not None:
        st.switch_page(target.script)


def _way_on(label: str, key: str, *, disabled: bool = False) -> bool:
    return st.button(
        label,
        key=key,
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
        disabled=disabled,
    )


def show_error(error: RecsysError) -> None:
    """One sentence: what is wrong and what to do. What was on the page before stays."""
    st.error(plain(say(error.message)), icon=":material/error:")


def show_note(message: Message | str) -> None:
    """A note in small grey text."""
    st.info(plain(say(message)), icon=":material/info:")


def section(title: str, sentence: str | None = None) -> None:
    """A heading within a page, with a sentence under it."""
    st.subheader(title, anchor=False)
    if sentence:
        st.caption(sentence)


def pick_user(dataset: Dataset, *, key: str = "user", label: str | None = None) -> int | None:
    """Choose a user by id; typing searches. Returns the position, or None for an unknown id.

    The id stays in `st.session_state["user_id"]`, so that the next page looks at the same person.
    """
    ids = dataset.users.ids
    wanted = st.session_state.get("user_id")
    first = str(wanted) if wanted in dataset.users else str(ids[0])
    listed = [str(i) for i in ids[:MAX_LISTED]]
    if first not in listed:
        listed.insert(0, first)
    many = len(ids) > MAX_LISTED
    widget = f"{key}-{dataset.content_hash}"
    chosen = st.selectbox(
        label or _("User"),
        listed,
        index=listed.index(first),
        key=widget,
        accept_new_options=many,
        help=_("Type an id to search.") if many else None,
    )
    if chosen is None or chosen not in dataset.users:
        st.warning(_("There is no user with this id. Type an id as it is written in the file."))
        return None
    st.session_state["user_id"] = chosen
    return dataset.users.position(chosen)


def pick_minutes(label: str, value: float, *, key: str) -> float:
    """How long a training may take at most."""
    return st.number_input(
        label, min_value=0.1, max_value=600.0, value=value, step=1.0, format="%g", key=key
    )
