"""Recommend page: of whom the list is: a user of the data, or the visitor.

Feedback on items (seen, liked, disliked, stars) is kept in the session for each person, and in
the link where it is short.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from pages._ui.common import state
from pages._ui.common.i18n import _, ngettext
from pages._ui.common.widgets import MAX_LISTED, plain
from recsys import feedback
from recsys.dataset import Dataset
from recsys.feedback import Feedback, TitleSearch

#: Stands for the visitor in place of a user's id; no id begins so.
YOU = "\x00you"
#: So many rated items are worth asking for.
ENOUGH = 8
#: Longer ids, and more words about items, do not go into the link; servers cut long links.
_LINKABLE = 200
_SAID = "said"
_SEARCH = "title-search"
#: Items found, or offered to begin with.
_OFFERED = 6


@dataclass(frozen=True, eq=False)
class Person:
    """Of whom the list is.

    Attributes:
        data: the history: the data itself, or, once something was said, one of this person alone.
        user: their position in it.
        you: whether it is the visitor.
        said: their feedback on items, the latest of each.
    """

    data: Dataset
    user: int
    you: bool
    said: tuple[Feedback, ...]

    @property
    def left_out(self) -> np.ndarray:
        """Positions of items that are known to them, besides their history."""
        return np.array([one.item for one in self.said], dtype=np.int64)

    @property
    def disliked(self) -> np.ndarray:
        return feedback.disliked(self.said)


def choose(data: Dataset) -> str | None:
    """Draw the choice; an id of a user, or `YOU`; None for an id that is not there.

    It begins with what the link says (`?who=you`, `?user=…`), else the user looked at before.
    """
    asked = st.query_params.get("user")
    if asked is not None and asked in data.users and "user-linked" not in st.session_state:
        st.session_state["user_id"] = asked
    st.session_state["user-linked"] = True
    ids = data.users.ids
    wanted = st.session_state.get("user_id")
    first = str(wanted) if wanted in data.users else str(ids[0])
    listed = [YOU, *(str(i) for i in ids[:MAX_LISTED])]
    if first not in listed:
        listed.insert(1, first)
    many = len(ids) > MAX_LISTED
    words = {YOU: _("You: rate a few yourself")}
    words |= {one: _("User {user}", user=one) for one in listed if one != YOU}
    chosen = st.selectbox(
        _("User"),
        listed,
        index=0 if is_you() else listed.index(first),
        format_func=lambda one: words.get(one, one),
        key=f"recommend-user-{data.content_hash}-{is_you()}",
        label_visibility="collapsed",
        accept_new_options=many,
    )
    if chosen == YOU:
        state.link("who", "you")
        return YOU
    if chosen is None or chosen not in data.users:
        st.warning(_("There is no user with this id. Type an id as it is written in the file."))
        return None
    state.link("who", None)
    st.session_state["user_id"] = chosen
    if len(chosen) <= _LINKABLE:
        st.query_params["user"] = chosen
    return chosen


def is_you() -> bool:
    """Whether the list is for the visitor."""
    return state.linked("who") == "you"


def become(*, you: bool) -> None:
    """Be the user, or look at those of the data again: the whole page anew, not a part of it."""
    state.link("who", "you" if you else None)
    st.rerun()


def current(data: Dataset, who: str) -> Person:
    """The person with all feedback so far."""
    said = feedback.latest(_all_said(data, who))
    text = feedback.to_text(said)
    state.link(_SAID, text if 0 < len(text) <= _LINKABLE else None)
    user = None if who == YOU else data.users.position(who)
    if user is not None and not said:
        return Person(data, user, False, ())
    return Person(_history(data, data.content_hash, said, user), 0, user is None, said)


@st.cache_resource(max_entries=64, show_spinner=False)
def _history(_data: Dataset, key: str, said: tuple[Feedback, ...], user: int | None) -> Dataset:
    return feedback.history_with(_data, said, user)


def _all_said(data: Dataset, who: str) -> list[Feedback]:
    """All feedback of a person in this session, in order; at first that of the link."""
    talks: dict[tuple[str, str], list[Feedback]] = st.session_state.setdefault(_SAID, {})
    key = (data.content_hash, who)
    if key not in talks:
        linked = state.linked(_SAID) if not talks else None
        talks[key] = list(feedback.from_text(linked or "", data.n_items))
    return talks[key]


def say(data: Dataset, who: str, item: int, stars: int) -> None:
    """Keep the feedback on an item; for buttons."""
    _all_said(data, who).append(Feedback(item, stars))


def _undo(data: Dataset, who: str) -> None:
    _all_said(data, who).pop()


def _forget(data: Dataset, who: str) -> None:
    _all_said(data, who).clear()


def buttons(data: Dataset, who: str, item: int) -> None:
    """Beside an item of the list: seen, liked, disliked. The list follows at once."""
    title = str(data.titles[item])
    for name, stars, icon, label in (
        (_("Seen it"), 0, "visibility", _("Seen it: leave it out")),
        (_("Liked"), 5, "thumb_up", _("Liked: more like this")),
        (_("Disliked"), 1, "thumb_down", _("Disliked: less like this")),
    ):
        st.button(
            f"{name}: {plain(title)}",
            icon=f":material/{icon}:",
            key=f"say-{item}-{stars}",
            type="tertiary",
            help=label,
            on_click=partial(say, data, who, item, stars),
        )


def draw_feedback(data: Dataset, who: str) -> None:
    """The latest feedback of a person on an item, with undo; nothing without feedback."""
    said = feedback.latest(_all_said(data, who))
    if not said:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="said"):
        last = said[-1]
        words = {0: _("Seen"), 5: _("Liked"), 1: _("Disliked")}
        st.caption(
            _(
                "{what}: {title}.",
                what=words.get(last.stars, "★" * last.stars),
                title=plain(data.titles[last.item]),
            ),
            width="content",
        )
        st.button(
            _("Undo"),
            key="said-undo",
            icon=":material/undo:",
            type="tertiary",
            on_click=_undo,
            args=(data, who),
        )
        if len(said) > 1:
            st.button(
                ngettext("Forget {count} answer", "Forget all {count} answers", len(said)),
                key="said-forget",
                type="tertiary",
                on_click=_forget,
                args=(data, who),
            )


def panel(data: Dataset, person: Person) -> None:
    """Search and rate items, which become the visitor's history."""
    search = _search(data, data.content_hash)
    st.subheader(_("You"), anchor=False)
    count = len([one for one in person.said if one.stars])
    if count < ENOUGH:
        st.caption(
            _(
                "Rate what you know, {enough} would do: {count} so far. The list follows at once; "
                "nothing is trained anew, and nothing is kept but in this tab and its link.",
                enough=ENOUGH,
                count=count,
            )
        )
    else:
        st.caption(ngettext("{count} rated", "{count} rated", count))
    text = st.text_input(
        _("Search titles"),
        key=_SEARCH,
        type="search",
        icon=":material/search:",
        live="400ms",
        max_chars=100,
        placeholder=_("Search titles …"),
        label_visibility="collapsed",
    )
    if text and text.strip():
        found = search.find(text, _OFFERED)
        if not len(found):
            st.caption(_("No title has all of these words."))
    else:
        found = search.known_best(_OFFERED, without=person.left_out)
    stars = {one.item: one.stars for one in person.said}
    for item in found.tolist():
        _rate(data, item, stars.get(item, 0))
    rated = [one for one in reversed(person.said) if one.stars and one.item not in set(found)]
    if rated:
        st.caption(_("What you said"))
    for one in rated:
        _rate(data, one.item, one.stars)
    if st.button(
        _("Look at a user of the data"),
        icon=":material/person:",
        key="be-other",
        type="tertiary",
    ):
        become(you=False)


def _rate(data: Dataset, item: int, stars: int) -> None:
    """An item with its stars, or thumbs where the data has no ratings."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"rated-{item}"
    ):
        st.markdown(plain(data.titles[item]))
        stars_given = feedback.rated(data)
        key = f"rate-{item}"
        if stars_given:
            kept = stars - 1 if stars else None
        else:
            kept = int(stars >= feedback.LIKED_STARS) if stars else None
        if st.session_state.get(key) != kept:
            st.session_state[key] = kept
        st.feedback(
            "stars" if stars_given else "thumbs",
            key=key,
            on_change=_rated,
            args=(data, item, key, stars_given),
        )


def _rated(data: Dataset, item: int, key: str, stars_given: bool) -> None:
    value = st.session_state.get(key)
    if value is None:  # taken back
        talk = _all_said(data, YOU)
        talk[:] = [one for one in talk if one.item != item]
    else:
        say(data, YOU, item, value + 1 if stars_given else (5 if value else 1))


@st.cache_resource(max_entries=4, show_spinner=False)
def _search(_data: Dataset, key: str) -> TitleSearch:
    return TitleSearch(_data)
