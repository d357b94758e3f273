"""Recommend page, the other view: a person asks, and is answered in words, with the list."""

from __future__ import annotations

import streamlit as st

from pages._ui.common import runs
from pages._ui.common.i18n import _, language, punctuation
from pages._ui.common.turns import my_turn
from pages._ui.common.widgets import plain, section, show_error, show_note
from pages._ui.html.list_markup import Entry, draw_ranked
from pages._ui.recommend import chips, person, suggest
from pages._ui.recommend.chips import asked_words
from pages._ui.recommend.person import Person
from pages._ui.recommend.wishes import make_ready
from pages._ui.words.value_words import value_words
from recsys.conversation.answer import Answer, answer, corrected_answer
from recsys.dataset import Dataset
from recsys.recommend import reader_of
from recsys.request_text import CUT
from recsys.runs import Run
from recsys.scenarios import preset_of
from recsys.schema import RecsysError
from recsys.wishes.control.corrections import Corrections

_HISTORY, _CHIP = "conversations", "question-chip"
_CORRECTED = "answer-corrections"
#: Answers of a conversation that stay on the page.
_SHOWN = 20


def draw(run: Run, who: str) -> None:
    """The conversation about one person; runs alone when something is asked.

    Args:
        who: an id, or `person.YOU`.
    """
    of = person.current(run.dataset(), who)
    if not of.you:
        _talk(run, of)
        return
    left, right = st.columns([8, 5], gap="large")
    with right:
        person.panel(run.dataset(), of)
    with left:
        _talk(run, of)


def _talk(run: Run, of: Person) -> None:
    """What was asked and answered, and what is asked now."""
    talk = _conversation(run, of)
    section(
        _("Ask for yourself")
        if of.you
        else _("Ask about user {user}", user=plain(of.data.users.ids[of.user])),
        _(
            "Answers are put together from your data and the model's list; nothing is made up. "
            "A question may go on from the one before."
        ),
    )
    history = st.container()
    with history:
        if talk:
            _correct(run, of, talk)
        for answered in talk[-_SHOWN:-1]:
            _draw_turn(run, of, answered)
        last = st.container()
    asked = st.chat_input(_("Ask in your own words …"), key="question", max_chars=500)
    _chips(run)
    question = asked or st.session_state.pop(_CHIP + "-asked", None)
    if not question:
        if talk:
            with last:
                _draw_turn(run, of, talk[-1], key=f"answer-{len(talk)}")
        return
    with history:
        if talk:
            _draw_turn(run, of, talk[-1])
        try:
            make_ready(run.model(), of.data)
            with (
                st.spinner(_("Reading the question …")),
                my_turn(run.model(), question.strip(), always=True),
            ):
                talk.append(_answer(run, of, question.strip(), talk[-1] if talk else None))
        except RecsysError as error:
            show_error(error)
            return
        _draw_turn(run, of, talk[-1], key=f"answer-{len(talk)}")


def _correct(run: Run, of: Person, talk: list[Answer]) -> None:
    """Give the last answer anew where the person has corrected what was understood."""
    said: Corrections | None = st.session_state.pop(_CORRECTED, None)
    if said is None:
        return
    try:
        with my_turn(run.model(), said.text, always=True):
            talk[-1] = corrected_answer(
                run.model(),
                of.data,
                of.user,
                talk[-1],
                said,
                left_out=of.left_out.tolist(),
                unwanted=of.disliked,
            )
    except RecsysError as error:
        show_error(error)


def _answer(run: Run, of: Person, question: str, before: Answer | None) -> Answer:
    return answer(
        run.model(),
        of.data,
        of.user,
        question,
        before=before,
        left_out=of.left_out.tolist(),
        unwanted=of.disliked,
    )


def _conversation(run: Run, of: Person) -> list[Answer]:
    """What was asked of a run about a person in this session, oldest first."""
    talks: dict[tuple[str, str], list[Answer]] = st.session_state.setdefault(_HISTORY, {})
    who = person.YOU if of.you else str(of.data.users.ids[of.user])
    return talks.setdefault((run.name, who), [])


def _draw_turn(run: Run, of: Person, answered: Answer, key: str | None = None) -> None:
    """A question and its answer.

    Args:
        key: begins the keys of the widgets to correct what was understood; None for no widgets.
    """
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown(plain(answered.question))
    with st.chat_message("assistant", avatar=":material/recommend:"):
        st.markdown(sentence(answered, _whom(of), runs.item_words(run.config)[0]))
        if answered.understood is not None and answered.understood.cut:
            show_note(CUT)
        if key is not None and answered.kind == "items":
            read = reader_of(run.model(), of.data).read(answered.wish)
            with chips.row(key):
                chips.draw(read, answered.conversation.corrections, _take_corrections, key)
        if answered.items and answered.kind == "items":
            draw_ranked(_entries(of.data, answered))


def _take_corrections(said: Corrections) -> None:
    st.session_state[_CORRECTED] = said


def _whom(of: Person) -> str:
    """The person as sentences call them, as Markdown."""
    return _("you") if of.you else _("user {user}", user=plain(of.data.users.ids[of.user]))


def sentence(answered: Answer, whom: str, noun: str) -> str:
    """What was understood, and what comes first, as Markdown.

    Args:
        whom: the person it is for, as Markdown.
        noun: what the items are.
    """
    if answered.kind == "not about items":
        return _(
            "I can only answer which {noun} to pick: nothing else is in this data. Ask for some, "
            "in your own words.",
            noun=noun,
        )
    if answered.kind == "why":
        return _reasons(answered, whom)
    words = _suggested(answered, whom)
    if answered.refused:
        titles = punctuation(", ").join(plain(title) for title in answered.refused)
        words = _("Left out from now on: {titles}.", titles=titles) + punctuation(" ") + words
    return words


def _reasons(answered: Answer, whom: str) -> str:
    """Why an item stood where it did, as Markdown."""
    (item,) = answered.items
    places = {"title": f"**{plain(item.title)}**", "place": answered.place}
    has = punctuation(", ").join(plain(value_words(value)) for value in item.has)
    near = punctuation(", ").join(map(plain, item.near))
    if has and near:
        return _(
            "{title} is number {place} because it is what was asked for ({has}), and is close to "
            "what {whom} met: {near}.",
            **places,
            whom=whom,
            has=has,
            near=near,
        )
    if has:
        return _(
            "{title} is number {place} because it is what was asked for ({has}).", **places, has=has
        )
    if near:
        return _(
            "{title} is number {place} because it is close to what {whom} met: {near}.",
            **places,
            whom=whom,
            near=near,
        )
    return _(
        "{title} is number {place} because the model scores it so; nothing that {whom} met "
        "explains it.",
        **places,
        whom=whom,
    )


def _suggested(answered: Answer, whom: str) -> str:
    """What was understood, and what comes first, as Markdown."""
    first = f"**{plain(answered.items[0].title)}**" if answered.items else ""
    if not answered.items:
        return _("Nothing is left that is new to {whom}.", whom=whom)
    if answered.understood is None:
        return _(
            "This model reads the whole question and does not say what it made of it. "
            "For {whom} it puts {first} first.",
            whom=whom,
            first=first,
        )
    wish = asked_words(answered.understood)
    if not wish and answered.conversation.corrections.marks:
        return _(
            "Nothing of it is meant, so here is what suits {whom} anyway, {first} first.",
            whom=whom,
            first=first,
        )
    if not wish:
        return _(
            "The question names nothing that this data knows, so here is what suits {whom} "
            "anyway, {first} first.",
            whom=whom,
            first=first,
        )
    if answered.understood.wanted and not any(item.has for item in answered.items):
        return _(
            "Understood: {wish}. Nothing of the kind is left that is new to {whom}; "
            "{first} comes nearest.",
            wish=wish,
            whom=whom,
            first=first,
        )
    return _(
        "Understood: {wish}. For {whom} I would begin with {first}.",
        wish=wish,
        whom=whom,
        first=first,
    )


def _entries(data: Dataset, answered: Answer) -> list[Entry]:
    """The items with what they have of the question, and what they are close to."""
    return [
        Entry(
            rank=rank,
            title=item.title,
            about=suggest.about(data, item.item),
            why=" · ".join(filter(None, (suggest.listed(item.has), suggest.why(item.near)))),
        )
        for rank, item in enumerate(answered.items, start=1)
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
