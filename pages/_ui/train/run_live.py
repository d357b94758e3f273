"""One run on the Train page: what it is doing, its curves, and what can be done with it."""

from __future__ import annotations

import math
from collections.abc import Callable

import streamlit as st

from pages._ui.common import job_view, runs
from pages._ui.common.i18n import _
from pages._ui.common.widgets import plain
from pages._ui.train.run_actions import draw_actions
from pages._ui.train.run_curves import draw_curves
from pages._ui.train.run_ending import draw_ending
from pages._ui.train.run_progress import doing
from recsys.runs import Run, Status, open_run, runs_folder
from recsys.runs.curves import Curves, follow

#: Draws a run as it is now.
Draw = Callable[[Run, Status, Curves], None]


def draw(run: Run) -> None:
    """Show a run, with all that can be done with it; the list of runs shows its state, too."""
    job_view.watch(run, now(run.name, _whole), shown_elsewhere=lambda status: status.state)


def now(name: str, draw: Draw) -> Callable[[], None]:
    """What draws the run of a name as it is when it is called, or raises that it is gone."""

    def drawn() -> None:
        run = open_run(runs_folder(), name)
        draw(run, run.status(), follow(run.folder))

    return drawn


def _whole(run: Run, status: Status, curves: Curves) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(run.name), anchor=False, width="content")
        runs.state_badge(status)
    st.caption(runs.describe(run.config))
    if status.state == "unresponsive":
        job_view.draw_unresponsive(run)
    elif status.active:
        st.progress(curves.share, text=doing(run, status, curves))
    _numbers(run, curves)
    draw_ending(run, status, curves)
    draw_curves(run, curves, active=status.active)
    draw_actions(run, status)


def _numbers(run: Run, curves: Curves) -> None:
    if not curves.loss:
        return
    with st.container(horizontal=True, gap="medium"):
        epoch = max(curves.epoch, 1)
        planned = f"{epoch} / {curves.epochs}"
        st.metric(_("Epoch"), planned, width="content")
        if curves.tested:
            _best_rmse(curves)
        elif run.config.final is None:  # else nothing is held out
            best = f"{curves.best[1]:.4f}" if curves.best else "–"
            st.metric(
                _("Best NDCG@10"),
                best,
                width="content",
                help=_(
                    "How high the hidden next item stands in the list, on the validation users."
                ),
            )
        rate = f"{curves.rate:,.0f}" if curves.rate else "–"
        st.metric(
            _("Positions per second"),
            rate,
            width="content",
            help=_("Each place in each user's history is one training example."),
        )
        st.metric(_("Trained for"), runs.duration(curves.elapsed), width="content")
        if curves.reading >= 1:
            st.metric(
                _("Texts read in"),
                runs.duration(curves.reading),
                width="content",
                help=_("By the language model, before training and apart from its time."),
            )


def _best_rmse(curves: Curves) -> None:
    kept = curves.best_tested
    st.metric(
        _("Best RMSE"),
        f"{math.sqrt(kept.validation):.4f}" if kept else "–",
        width="content",
        help=_("How far predictions are from the validation ratings; it chooses what is kept."),
    )
