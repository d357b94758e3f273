"""The curves of a run beside what the simplest predictions reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from pages._ui.charts.run_charts import draw_loss, draw_losses, draw_ndcg, draw_rmse
from pages._ui.common import runs
from pages._ui.common.i18n import _
from pages._ui.words import rating_words, soft_words
from recsys.runs import Run
from recsys.runs.curves import Curves
from recsys.schema import RecsysError

#: The popularity line is drawn where it costs well under a second: users × items.
_CHEAP = 10_000_000


def draw_curves(run: Run, curves: Curves, *, active: bool) -> None:
    """Loss and quality so far, and the words nearest to trained prompt vectors."""
    if curves.reason == "computed" or (not curves.loss and not (active and curves.ndcg)):
        return
    left, right = st.columns(2)
    if curves.tested:
        with left:
            _chart_title(_("Training and test loss"))
            draw_losses(curves, run.name)
        with right:
            _chart_title(_("RMSE on the test ratings"))
            draw_rmse(curves, _means(run), run.name)
        return
    with left:
        _chart_title(_("Training loss"))
        draw_loss(curves, run.name)
    if run.config.final is None:  # else nothing is held out
        with right:
            _chart_title(_("NDCG@10 on the validation users"))
            draw_ndcg(curves, _popularity(run), run.name)
    soft_words.draw(curves.soft)


def _chart_title(words: str) -> None:
    st.markdown(f"**{words}**")


def _popularity(run: Run) -> float | None:
    if run.config.n_users * run.config.n_items > _CHEAP:
        return None
    try:
        return _popularity_ndcg(run.config.data_hash, run.config.protocol, str(run.folder))
    except RecsysError:  # its data cannot be read, which the pages that need it say
        return None


@st.cache_data(max_entries=32, show_spinner=False)
def _popularity_ndcg(data_hash: str, protocol: str, _folder: str) -> float | None:
    """What recommending the most popular items reaches on the validation users."""
    from recsys.evaluation import ndcg_at
    from recsys.models.popularity import Popularity
    from recsys.runs.measure import score_with

    split = runs.loaded(Run(Path(_folder))).split()
    model = Popularity()
    model.fit(split.train)
    return ndcg_at(score_with(model, split.validation), split.validation)


def _means(run: Run) -> dict[str, float]:
    """What plain means reach on the test ratings, by what a person calls them."""
    try:
        found = _rmse_of_means(run.config.data_hash, run.config.protocol, str(run.folder))
    except RecsysError:
        return {}
    return {rating_words.baseline(name): value for name, value in found.items()}


@st.cache_data(max_entries=32, show_spinner=False)
def _rmse_of_means(data_hash: str, protocol: str, _folder: str) -> dict[str, float]:
    from recsys.evaluation.ratings import mean_predictors

    split = runs.loaded(Run(Path(_folder))).split()
    if split.train.rating is None:
        return {}
    users, items, given = split.test.rated()
    return {
        name: float(np.sqrt(np.mean(np.square(predict(users, items) - given))))
        for name, predict in mean_predictors(split.train).items()
    }
