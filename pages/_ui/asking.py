"""Recommend page, the other view: a person asks, and is answered in words, with the list."""

from __future__ import annotations

import streamlit as st

from pages._ui import empty, runs, suggest
from pages._ui.i18n import _, language, punctuation
from pages._ui.list_markup import Entry, draw_ranked
from pages._ui.turns import my_turn
from pages._ui.widgets import plain, section, show_error, show_note
from pages._ui.wishes import asked_words
from recsys.answer import Answer, answer
from recsys.dataset import Dataset
from recsys.hearing import CUT
from recsys.runs import Run
from recsys.scenarios import preset_of
from recsys.schema import RecsysError

_HISTORY, _CHIP = "conversations", "question-chip"
#: Answers of a conversation that stay on the page.
_SHOWN = 20


def draw(run: Run, user: int) -> None:
    """The conversation about one user; runs alone when something is asked."""
    if not run.model().reads_prompts:
        _no_reader(run)
        return
    data = run.dataset()
    talk = _conversation(run, user)
    section(
        _("Ask about user {user}", user=plain(data.users.ids[user])),
        _(
            "Answers are put together from your data and the model's list; nothing is made up. "
            "A question may go on from the one before."
        ),
    )
    history = st.container()
    with history:
        for told in talk[-_SHOWN:]:
            _told(run, user, told)
    asked = st.chat_input(_("Ask in your own words …"), key="question", max_chars=500)
    _chips(run)
    question = asked or st.session_state.pop(_CHIP + "-asked", None)
    if not question:
        return
    with history:
        try:
            with (
                st.spinner(_("Reading the question …")),
                my_turn(run.model(), question.strip(), always=True),
            ):
                before = talk[-1] if talk else None
                talk.append(answer(run.model(), data, user, question.strip(), before=before))
        except RecsysError as error:
            show_error(error)
            return
        _told(run, user, talk[-1])


def _no_reader(run: Run) -> None:
    """The way to a model that reads questions: one that is there, or one to be trained."""
    reader = next(iter(runs.readers(run.config.data_hash)), None)
    if reader is None:
        empty.no_reader(key="ask")
        return
    show_note(
        _(
            "This model reads no questions. Above, choose one that does: {run}.",
            run=runs.run_label(reader),
        )
    )


def _conversation(run: Run, user: int) -> list[Answer]:
    """What was asked of a run about a user in this session, oldest first."""
    talks: dict[tuple[str, int], list[Answer]] = st.session_state.setdefault(_HISTORY, {})
    return talks.setdefault((run.name, user), [])


def _told(run: Run, user: int, told: Answer) -> None:
    data = run.dataset()
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(told.question))
    with st.chat_message("assistant", avatar=":material/recommend:"):
        st.markdown(sentence(told, str(data.users.ids[user]), runs.spoken(run.config)[0]))
        if told.understood is not None and told.understood.cut:
            show_note(CUT)
        if told.items and told.kind == "items":
            draw_ranked(_entries(data, told))


def sentence(told: Answer, user: str, noun: str) -> str:
    """What was understood, and what comes first, as Markdown; `noun` is what the items are."""
    if told.kind == "not about items":
        return _(
            "I can only answer which {noun} to pick: nothing else is in this data. Ask for some, "
            "in your own words.",
            noun=noun,
        )
    if told.kind == "why":
        return _reasons(told, plain(user))
    words = _suggested(told, user)
    if told.refused:
        titles = punctuation(", ").join(plain(title) for title in told.refused)
        words = _("Left out from now on: {titles}.", titles=titles) + punctuation(" ") + words
    return words


def _reasons(told: Answer, user: str) -> str:
    """Why an item stood where it did, as Markdown."""
    (item,) = told.items
    places = {"title": f"**{plain(item.title)}**", "place": told.place}
    has = punctuation(", ").join(map(plain, item.has))
    near = punctuation(", ").join(map(plain, item.near))
    if has and near:
        return _(
            "{title} is number {place} because it is what was asked for ({has}), and is close to "
            "what user {user} met: {near}.",
            **places,
            user=user,
            has=has,
            near=near,
        )
    if has:
        return _(
            "{title} is number {place} because it is what was asked for ({has}).", **places, has=has
        )
    if near:
        return _(
            "{title} is number {place} because it is close to what user {user} met: {near}.",
            **places,
            user=user,
            near=near,
        )
    return _(
        "{title} is number {place} because the model scores it so; nothing that user {user} met "
        "explains it.",
        **places,
        user=user,
    )


def _suggested(told: Answer, user: str) -> str:
    """What was understood, and what comes first, as Markdown."""
    first = f"**{plain(told.items[0].title)}**" if told.items else ""
    user = plain(user)
    if not told.items:
        return _("Nothing is left that user {user} has not met.", user=user)
    if told.understood is None:
        return _(
            "This model reads the whole question and does not say what it made of it. "
            "For user {user} it puts {first} first.",
            user=user,
            first=first,
        )
    wish = asked_words(told.understood)
    if not wish:
        return _(
            "The question names nothing that this data knows, so here is what suits user {user} "
            "anyway, {first} first.",
            user=user,
            first=first,
        )
    if told.understood.wanted and not any(item.has for item in told.items):
        return _(
            "Understood: {wish}. Nothing of the kind is left that user {user} has not met; "
            "{first} comes nearest.",
            wish=wish,
            user=user,
            first=first,
        )
    return _(
        "Understood: {wish}. For user {user} I would begin with {first}.",
        wish=wish,
        user=user,
        first=first,
    )


def _entries(data: Dataset, told: Answer) -> list[Entry]:
    """The items with what they have of the question, and what they are close to."""
    return [
        Entry(
            rank=rank,
            title=item.title,
            about=suggest.about(data, item.item),
            why=" · ".join(part for part in (", ".join(item.has), suggest.why(item.near)) if part),
        )
        for rank, item in enumerate(told.items, start=1)
    ]


def _chips(run: Run) -> None:
    """Questions that one could ask of this data."""
    preset = preset_of(runs.sample_of(run.config), language())
    if preset is None:
        return

    def take() -> None:
        st.session_state[_CHIP + "-asked"] = st.session_state[_CHIP]
        st.session_state[_CHIP] = None

    st.pills(_("What could I ask?"), preset.questions, key=_CHIP, on_change=take)
