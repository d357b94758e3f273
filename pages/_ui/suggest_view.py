"""Recommend page: drawing the history beside the list, what the wish changed, and downloads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages._ui import charts, markup, prompt_preview, runs, suggest
from pages._ui.i18n import _, language, ngettext
from pages._ui.list_markup import draw_history, draw_ranked
from pages._ui.theme import tokens
from pages._ui.turns import TURNS, my_turn, one_torch_thread
from pages._ui.widgets import plain, section, show_error
from pages._ui.wishes import Asked, ask, understood_words
from recsys.dataset import Dataset
from recsys.prompts import Verbaliser
from recsys.prompts.attributes import Attribute
from recsys.prompts.wording import column_words
from recsys.recommend import allowed_items, recommend
from recsys.runs import Run
from recsys.schema import RecsysError
from recsys.sources.export import to_csv_bytes

if TYPE_CHECKING:
    from recsys.models import Recommender


def draw(run: Run, user: int, k: int) -> None:
    """The wish box, and under it history and list. Runs alone when something is typed."""
    try:
        model, data = run.model(), run.dataset()
        categories = suggest.categories(run, data.content_hash)
        asked = ask(run, categories, reads_prompts=model.reads_prompts)
        with my_turn(model, asked.intent):
            _suggested(run, model, data, user, k, asked, categories)
    except RecsysError as error:
        show_error(error)


def _suggested(
    run: Run,
    model: Recommender,
    data: Dataset,
    user: int,
    k: int,
    asked: Asked,
    categories: dict[str, Attribute],
) -> None:
    """What is below the wish: history and list, what the wish changed, downloads."""
    allowed = allowed_items(data, asked.wanted) if asked.wanted else None
    found = suggest.suggest(
        model, data, user, k=k, template=asked.template, intent=asked.intent, allowed=allowed
    )
    st.space("small")
    left, right = st.columns([5, 8], gap="large")
    with left:
        _history(run, data, user)
    with right:
        _list(run, model, data, user, found, asked)
    _shares(run, data, user, found, asked, categories)
    if model.reads_prompts:
        _reading(run, data, user, asked)
    _downloads(run, model, data, user, k, asked, allowed, found)


def _history(run: Run, data: Dataset, user: int) -> None:
    count = len(data.history(user))
    _nouns, verb = runs.spoken(run.config)
    section(
        _("What user {user} {verb}", user=plain(data.users.ids[user]), verb=verb),
        ngettext("{count} event, newest first", "{count} events, newest first", count),
    )
    draw_history(suggest.history(data, user))


def _list(
    run: Run,
    model: Recommender,
    data: Dataset,
    user: int,
    found: suggest.Suggestions,
    asked: Asked,
) -> None:
    title = _("Recommended for “{wish}”", wish=plain(asked.intent)) if asked.intent else None
    section(title or _("Recommended"), _summary(run, found, asked))
    read = model.understood(asked.intent) if asked.intent else None
    if read is not None:
        st.caption(understood_words(read))
    if not len(found.items):
        st.info(_("Nothing is left that fits the filter. Take a value out of it."))
        return
    draw_ranked(suggest.entries(data, model, user, found, read))


def _summary(run: Run, found: suggest.Suggestions, asked: Asked) -> str:
    timing = _("{milliseconds} ms", milliseconds=f"{found.milliseconds:.0f}")
    if not asked.intent:
        nouns, _verb = runs.spoken(run.config)
        new = _("{nouns} that are new to this user, best first.", nouns=_capital(nouns))
        return f"{new} · {timing}"
    changed = _(
        "{new} of {all} are new because of the wish.",
        new=suggest.changes(found),
        all=len(found.items),
    )
    return f"{changed} · {timing}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _shares(
    run: Run,
    data: Dataset,
    user: int,
    found: suggest.Suggestions,
    asked: Asked,
    categories: dict[str, Attribute],
) -> None:
    """What kinds of items are listed: with the wish and without, or beside the history."""
    telling = [a for a in categories.values() if not a.is_numeric]
    if not telling or not len(found.items):
        return
    attribute = telling[0]
    if asked.intent:
        before, after = _("without the wish"), _("with the wish")
        lists = {before: found.plain, after: found.items}
    else:
        before, after = _("in the history"), _("in the list")
        lists = {before: data.history(user), after: found.items}
    table = suggest.share_table(attribute, lists)
    st.space("small")
    nouns, _verb = runs.spoken(run.config)
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
    told = ", ".join(f"{value} {share:.0%}" for value, share in table[after].items())
    charts.show(figure, key="attribute-shares", height=240, alt=f"{after}: {told}")


def _reading(run: Run, data: Dataset, user: int, asked: Asked) -> None:
    """The prompt as it reads for this user and this wish."""
    try:
        template = asked.template or run.config.template
    except RecsysError as error:
        show_error(error)
        return
    if template is None:
        return
    with st.expander(_("What the model reads about this user"), icon=":material/article:"):
        values = _verbaliser(data, data.content_hash).values(
            user, intent=asked.intent, language=language()
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
    data: Dataset,
    user: int,
    k: int,
    asked: Asked,
    allowed: np.ndarray | None,
    found: suggest.Suggestions,
) -> None:
    from recsys.models import Queries

    def everyone() -> bytes:
        queries = Queries(data, np.arange(data.n_users), asked.template, asked.intent)
        with TURNS.turn(), one_torch_thread():
            return to_csv_bytes(recommend(model, queries, k, allowed))

    st.space("small")
    with st.container(horizontal=True):
        st.download_button(
            _("Download this list"),
            lambda: to_csv_bytes(found.table),
            file_name=f"{run.name}-{_file_part(data.users.ids[user])}.csv",
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
