"""Recommend page: drawing the history beside the list, what the wish changed, and downloads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages._ui.charts import charts
from pages._ui.common import runs
from pages._ui.common.i18n import _, language, ngettext
from pages._ui.common.theme import tokens
from pages._ui.common.turns import TURNS, my_turn, one_torch_thread
from pages._ui.common.widgets import plain, section, show_error
from pages._ui.html import markup
from pages._ui.html.list_markup import draw_history, draw_ranked
from pages._ui.prompts import prompt_preview
from pages._ui.recommend import compare_lists, person, suggest
from pages._ui.recommend.compare_lists import Side
from pages._ui.recommend.person import Person
from pages._ui.recommend.wishes import Options, ask, make_ready, understood_words, weight_words
from recsys.dataset import Dataset
from recsys.feedback import LIKED_STARS
from recsys.prompts import Template, Verbaliser
from recsys.prompts.attributes import Attribute
from recsys.prompts.wording import column_words
from recsys.recommend import allowed_items, recommend, understand
from recsys.runs import Run
from recsys.schema import RecsysError
from recsys.sources.export import to_csv_bytes

if TYPE_CHECKING:
    from recsys.models import Recommender


@dataclass(frozen=True)
class ListRequest:
    """What the list was requested with, and for whom.

    Attributes:
        who: an id, or `person.YOU`.
        intent: the wish in their words, or "".
        options: what the list is made with.
    """

    who: str
    intent: str
    options: Options


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
        if intent:
            make_ready(model, data)
        with my_turn(model, intent):
            if sides is not None:
                _beside(sides, of, ListRequest(who, intent, options))
                return
            _suggested(run, model, of, ListRequest(who, intent, options), categories)
    except RecsysError as error:
        show_error(error)


def _suggested(
    run: Run, model: Recommender, of: Person, request: ListRequest, categories: dict[str, Attribute]
) -> None:
    """What is below the wish: list and history, what the wish changed, downloads."""
    found = _made(model, of, request, request.options.template)
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
        _reading(run, of, request)
    _downloads(run, model, of, request, found)


def _made(
    model: Recommender, of: Person, request: ListRequest, template: Template | None
) -> suggest.Suggestions:
    """The list by a model and a prompt, without what they know and what is filtered out."""
    wanted = request.options.wanted
    allowed = allowed_items(of.data, wanted) if wanted else None
    if len(of.left_out):
        allowed = np.ones(of.data.n_items, dtype=bool) if allowed is None else allowed
        allowed[of.left_out] = False
    return suggest.suggest(
        model,
        of.data,
        of.user,
        k=request.options.k,
        template=template,
        intent=request.intent,
        allowed=allowed,
        unwanted=of.disliked,
        history_weight=request.options.history_weight,
    )


def _beside(sides: tuple[Side, Side], of: Person, request: ListRequest) -> None:
    """Two lists for the same person and wish."""
    for side in sides:
        runs.read(side.run)
    first, second = (_made(side.run.model(), of, request, side.template) for side in sides)
    compare_lists.draw(sides, of, (first, second), request.intent)


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
    read = understand(model, of.data, request.intent) if request.intent else None
    understood = [] if read is None else [understood_words(read)]
    weight = request.options.history_weight
    if weight < 1:
        understood.insert(0, _("By {what}", what=weight_words(weight)))
    with st.container(horizontal=True, vertical_alignment="center", key="list-head"):
        st.subheader(_("Recommended"), anchor=False, width="content")
        st.caption(" · ".join([*understood, _summary(run, found, request)]), width="content")
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
        suggest.entries(of.data, model, of.user, found, read),
        lambda place: person.buttons(run.dataset(), request.who, int(found.items[place])),
    )


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


def _reading(run: Run, of: Person, request: ListRequest) -> None:
    """The prompt as it reads for this user and this wish."""
    try:
        template = request.options.template or run.config.template
    except RecsysError as error:
        show_error(error)
        return
    if template is None:
        return
    with st.expander(_("What the model reads about this user"), icon=":material/article:"):
        values = _verbaliser(of.data, of.data.content_hash).values(
            of.user, intent=request.intent, language=language()
        )
        rendered = template.render(values)
        spans = prompt_preview.spans(rendered, len(rendered.text))
        markup.draw(markup.prompt_html(spans))


@st.cache_resource(max_entries=4, show_spinner=False)
def _verbaliser(_data: Dataset, data_hash: str) -> Verbaliser:
    return Verbaliser(_data)


def _downloads(
    run: Run,
    model: Recommender,
    of: Person,
    request: ListRequest,
    found: suggest.Suggestions,
) -> None:
    from recsys.models import Queries

    data = run.dataset()

    def everyone() -> bytes:
        queries = Queries(
            data,
            np.arange(data.n_users),
            request.options.template,
            request.intent,
            history_weight=request.options.history_weight,
        )
        wanted = request.options.wanted
        everybody = allowed_items(data, wanted) if wanted else None
        with TURNS.turn(), one_torch_thread():
            return to_csv_bytes(recommend(model, queries, request.options.k, everybody))

    st.space("small")
    with st.container(horizontal=True):
        st.download_button(
            _("Download this list"),
            lambda: to_csv_bytes(found.table),
            file_name=f"{run.name}-{_file_part(of.data.users.ids[of.user])}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-user",
            on_click="ignore",
        )
        st.download_button(
            ngettext("Download for {count} user", "Download for all {count} users", data.n_users),
            everyone,
            file_name=f"{run.name}-all-users.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-all",
            on_click="ignore",
        )


def _file_part(user_id: str) -> str:
    """An id as part of a file name, whatever is in it."""
    return re.sub(r"[^\w-]+", "-", user_id)[:40].strip("-") or "user"
