"""Recommend page: drawing the history beside the list, what the wish changed, and downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common import runs
from pages._ui.common.i18n import _, language, ngettext
from pages._ui.common.theme import tokens
from pages._ui.common.turns import my_turn
from pages._ui.common.widgets import plain, section, show_error
from pages._ui.html import markup
from pages._ui.html.list_markup import draw_history, draw_ranked
from pages._ui.prompts import prompt_preview
from pages._ui.recommend import chips, compare_lists, downloads, person, suggest, wish_settings
from pages._ui.recommend.compare_lists import Side
from pages._ui.recommend.list_request import ListRequest, made
from pages._ui.recommend.person import Person
from pages._ui.recommend.wishes import (
    Options,
    ask,
    make_ready,
    not_understood_words,
    weight_words,
)
from recsys.dataset import Dataset
from recsys.feedback import LIKED_STARS
from recsys.prompts import Verbaliser
from recsys.prompts.attributes import Attribute
from recsys.prompts.wording import column_words
from recsys.recommend import understand
from recsys.runs import Run
from recsys.schema import RecsysError
from recsys.wishes.control.corrections import corrected
from recsys.wishes.steering import FollowsWishes

if TYPE_CHECKING:
    from recsys.models import Recommender
    from recsys.wishes.intent import Intent


def draw(run: Run, who: str, options: Options, sides: tuple[Side, Side] | None = None) -> None:
    """The wish box, and under it the list and the history. Runs alone when something is typed.

    Args:
        sides: two lists to be made beside each other; None for one.
    """
    try:
        model, data = run.model(), run.dataset()
        categories = suggest.categories(run, data.content_hash)
        intent = ask(run, categories)
        of = person.current(data, who)
        request = ListRequest(who, intent, options)
        if intent:
            make_ready(model, data)
        with my_turn(model, intent):
            if intent:
                request = _corrected(model, of.data, request)
            if sides is not None:
                _beside(sides, of, request)
                return
            _suggested(run, model, of, request, categories)
    except RecsysError as error:
        show_error(error)


def _corrected(model: Recommender, data: Dataset, request: ListRequest) -> ListRequest:
    """The request with what the person says of the wish, and how much it counts."""
    said = wish_settings.corrections(request.intent)
    read = suggest.read(model, data, request.intent)
    asked = corrected(read, said.of(said.text))
    strength = 1.0
    with chips.row("wish"):
        if asked:
            st.caption(_("Understood"), width="content")
        chips.draw(read, said, wish_settings.correct, key="wish")
        if asked.changes_lists:
            by_itself = model.reads_prompts and not isinstance(model, FollowsWishes)
            strength = wish_settings.strength(by_itself=by_itself)
    return replace(request, corrections=said, strength=strength)


def _suggested(
    run: Run, model: Recommender, of: Person, request: ListRequest, categories: dict[str, Attribute]
) -> None:
    """What is below the wish: list and history, what the wish changed, downloads."""
    found = made(model, of, request, request.options.template)
    if of.you:
        right, left = st.columns([5, 8], gap="large")
    else:
        left, right = st.columns([8, 5], gap="large")
    with right:
        if of.you:
            person.panel(run.dataset(), of)
        else:
            _history(run, of, request.who)
    with left:
        _list(run, model, of, found, request)
    _shares(run, of, found, request, categories)
    if model.reads_prompts:
        _reading(run, model, of, request)
    downloads.draw(run, model, of, request, found)


def _beside(sides: tuple[Side, Side], of: Person, request: ListRequest) -> None:
    """Two lists for the same person and wish."""
    for side in sides:
        runs.read(side.run)
    first, second = (made(side.run.model(), of, request, side.template) for side in sides)
    compare_lists.draw(
        sides,
        of,
        (first, second),
        request.intent,
        request.corrections,
        rule=request.strength == 1,
    )


def _history(run: Run, of: Person, who: str) -> None:
    count = len(of.data.history(of.user))
    _nouns, verb = runs.item_words(run.config)
    section(
        _("What user {user} {verb}", user=plain(who), verb=verb),
        ngettext("{count} event, newest first", "{count} events, newest first", count),
    )
    if st.button(
        _("Be the user"),
        icon=":material/person_edit:",
        key="be-you",
        help=_("Rate a few yourself and get a list of your own."),
    ):
        person.become(you=True)
    draw_history(suggest.history(of.data, of.user))


def _list(
    run: Run, model: Recommender, of: Person, found: suggest.Suggestions, request: ListRequest
) -> None:
    read = _read(model, of.data, request)
    told, as_without = [], False
    weight = request.options.history_weight
    if weight < 1:
        told.append(_("By {what}", what=weight_words(weight)))
    if read is not None and (read.missing or not request.corrections.marks):
        told.append(not_understood_words(read))
        as_without = not read and not suggest.changes(found)  # which these words say
    if not as_without:
        told.append(_summary(run, found, request))
    with st.container(horizontal=True, vertical_alignment="center", key="list-head"):
        st.subheader(_("Recommended"), anchor=False, width="content")
        st.caption(" · ".join(filter(None, told)), width="content")
    person.draw_feedback(run.dataset(), request.who)
    if not model.reads_history and any(one.stars >= LIKED_STARS for one in of.said):
        st.caption(
            _(
                "{model} reads no new events: what you like is left out of the list, and changes "
                "nothing else. Choose another model under Options for a list that follows.",
                model=runs.model_title(model.name),
            )
        )
    if not len(found.items):
        st.info(_("Nothing is left that fits the filter. Take a value out of it."))
        return
    draw_ranked(
        suggest.entries(of.data, model, of.user, found, read, rule=request.strength == 1),
        lambda place: person.buttons(run.dataset(), request.who, int(found.items[place])),
    )


def _read(model: Recommender, data: Dataset, request: ListRequest) -> Intent | None:
    """What is asked for, as far as it is known."""
    if not request.intent:
        return None
    return understand(model, data, request.intent, request.corrections)


def _summary(run: Run, found: suggest.Suggestions, request: ListRequest) -> str:
    if request.intent:
        return _(
            "{new} of {all} are new because of the wish.",
            new=suggest.changes(found),
            all=len(found.items),
        )
    nouns, _verb = runs.item_words(run.config)
    return _("{nouns} that are new to this user, best first.", nouns=_capital(nouns))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _shares(
    run: Run,
    of: Person,
    found: suggest.Suggestions,
    request: ListRequest,
    categories: dict[str, Attribute],
) -> None:
    """What kinds of items are listed: with the wish and without, or beside the history."""
    informative = [a for a in categories.values() if not a.is_numeric]
    if not informative or not len(found.items):
        return
    attribute = informative[0]
    if request.intent:
        before, after = _("without the wish"), _("with the wish")
        lists = {before: found.plain, after: found.items}
    else:
        before, after = _("in the history"), _("in the list")
        lists = {before: of.data.history(of.user), after: found.items}
    table = suggest.share_table(attribute, lists)
    st.space("small")
    nouns, _verb = runs.item_words(run.config)
    named = plain(column_words(attribute.column, language()))
    section(_("What kind of {nouns}: {attribute}", nouns=nouns, attribute=named))
    figure = go.Figure()
    colours = {before: tokens().line, after: tokens().accent}
    for name in (before, after):
        figure.add_bar(
            x=[charts.label(value, 24) for value in table.index],
            y=table[name].tolist(),
            name=name,
            marker={"color": colours[name]},
            hovertemplate="%{x}: %{y:.0%}<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    listed = ", ".join(f"{value} {share:.0%}" for value, share in table[after].items())
    charts.show(figure, key="attribute-shares", height=240, alt=f"{after}: {listed}")


def _reading(run: Run, model: Recommender, of: Person, request: ListRequest) -> None:
    """The prompt as it reads for this user and this wish."""
    try:
        template = request.options.template or run.config.template
    except RecsysError as error:
        show_error(error)
        return
    if template is None:
        return
    with st.expander(_("What the model reads about this user"), icon=":material/article:"):
        read = _read(model, of.data, request)
        values = _verbaliser(of.data, of.data.content_hash).values(
            of.user,
            intent=request.intent if read is None else read.words(request.intent),
            language=language(),
        )
        rendered = template.render(values)
        spans = prompt_preview.spans(rendered, len(rendered.text))
        markup.draw(markup.prompt_html(spans))


@st.cache_resource(max_entries=4, show_spinner=False)
def _verbaliser(_data: Dataset, data_hash: str) -> Verbaliser:
    return Verbaliser(_data)
