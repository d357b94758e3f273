"""One run on the Train page: what it is doing, its curves, and what can be done with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages._ui.charts.run_charts import draw_loss, draw_losses, draw_ndcg, draw_rmse
from pages._ui.common import job_view, journey, runs, state, undo
from pages._ui.common.i18n import _, ngettext, punctuation, say
from pages._ui.common.widgets import plain, show_error
from pages._ui.words import gain_words, rating_words, soft_words
from recsys.runs import Run, Status, create_run, open_run, runs_folder, start
from recsys.runs.curves import Curves, follow
from recsys.schema import RecsysError

#: Key of a button that is there whenever a run is shown.
DRAWN = "train-another"
#: The popularity line is drawn where it costs well under a second: users × items.
_CHEAP = 10_000_000
#: More events than this make the preparation long.
_MANY_EVENTS = 500_000


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
    _numbers(curves)
    _ending(run, status, curves)
    draw_curves(run, curves, active=status.active)
    _actions(run, status)


def doing(run: Run, status: Status, curves: Curves) -> str:
    """What the process is at, in one sentence."""
    if run.stop_requested() and status.state in ("training", "paused"):
        return _("Stopping after this step; the best model is kept …")
    if status.state == "paused":
        return _("Paused: press “Go on”, and it trains on from where it was.")
    if status.message is not None:
        return plain(say(status.message))
    if status.state == "waiting":
        return _("Starting a training process of its own …")
    if status.state == "evaluating":
        if curves.measuring is None:
            return _("Measuring on the test users …")
        if curves.counting is not None and curves.eta is not None:
            _what, done, total = curves.counting
            return _(
                "Measuring: {done} of {total} test users, about {time} left",
                done=f"{done:,}",
                total=f"{total:,}",
                time=runs.duration(curves.eta),
            )
        return _("Measuring on the test users: {model} …", model=runs.model_title(curves.measuring))
    if curves.converting is not None and curves.counting is None:
        return _(
            "Preparing the language model {name} for its first use; takes up to a minute, once …",
            name=plain(curves.converting),
        )
    if curves.counting is not None:
        return _reading(run, curves)
    if status.state == "preparing" or (not curves.loss and curves.stage is None):
        if run.config.n_events > _MANY_EVENTS:
            return _(
                "Preparing the data and the model; with so many events this takes a minute or two …"
            )
        return _("Preparing the data and the model …")
    if curves.stage is not None:
        return _in_stage(*curves.stage, curves.eta)
    if curves.eta is None:
        return _("Training …")
    return _("Training: about {time} left", time=runs.duration(curves.eta))


def _reading(run: Run, curves: Curves) -> str:
    """How far the language model is with the texts, which is before training and apart from it."""
    _what, done, total = curves.counting or ("", 0, 0)
    places = {"done": f"{done:,}", "total": f"{total:,}"}
    if curves.eta is None:
        return _("Reading texts with the language model: {done} of {total} …", **places)
    places["time"] = runs.duration(curves.eta)
    minutes = run.config.minutes
    if minutes is None:
        return _(
            "Reading texts with the language model: {done} of {total}, about {time} left; then it "
            "trains",
            **places,
        )
    return _(
        "Reading texts with the language model: {done} of {total}, about {time} left; then it "
        "trains for {training} at most",
        **places,
        training=runs.duration(minutes * 60),
    )


def _in_stage(number: int, of: int, model: str, eta: float | None) -> str:
    """What a part of a training is at."""
    places = {"number": number, "of": of, "model": runs.model_title(model)}
    if eta is None:
        return _("Stage {number} of {of}, {model}: training …", **places)
    return _(
        "Stage {number} of {of}, {model}: about {time} left", **places, time=runs.duration(eta)
    )


def _numbers(curves: Curves) -> None:
    if not curves.loss:
        return
    with st.container(horizontal=True, gap="medium"):
        epoch = max(curves.epoch, 1)
        planned = f"{epoch} / {curves.epochs}"
        st.metric(_("Epoch"), planned, width="content")
        if curves.tested:
            _best_rmse(curves)
        else:
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


def _ending(run: Run, status: Status, curves: Curves) -> None:
    """How it ended, once it has."""
    if status.state == "failed":
        st.error(plain(runs.failure(status)), icon=":material/error:")
        if run.has_model():
            st.caption(_kept(run))
    elif status.state == "interrupted":
        job_view.draw_message(status)
        st.warning(
            _("The process that trained this model is gone. What it had learned by then is kept.")
            + punctuation(" ")
            + _kept(run)
            if run.has_model()
            else _("The process that trained this model is gone, before it had learned anything."),
            icon=":material/power_off:",
        )
    elif status.has_model:
        job_view.draw_message(status)
        words = [runs.reason_words(curves.reason)] if curves.reason else []
        st.markdown(punctuation(" ").join([*words, _result(run)]))


def _kept(run: Run) -> str:
    """What the model of a run that did not get to its end is, and what it lacks; Markdown."""
    kept = run.kept()
    if kept is None:
        return ""
    epoch = f"{kept.epoch:g}"
    if kept.ndcg is not None:
        told = _(
            "The model is that of epoch {epoch}, with NDCG@10 {value} on the validation users.",
            epoch=epoch,
            value=f"{kept.ndcg:.4f}",
        )
    elif kept.loss is not None:
        told = _(
            "The model is that of epoch {epoch}, with RMSE {value} on the validation ratings.",
            epoch=epoch,
            value=f"{math.sqrt(kept.loss):.4f}",
        )
    else:
        told = _("The model is that of epoch {epoch}.", epoch=epoch)
    if kept.calibrated:
        return told
    lacks = _(
        "It lacks the last adjustment, which is made when training is over and ranks a little "
        "better."
    )
    return told + punctuation(" ") + lacks


def _result(run: Run) -> str:
    """The test result beside the baselines, with its protocol."""
    try:
        results = run.evaluation()
    except RecsysError as error:
        return plain(say(error.message))
    if "ratings" in results:
        return rating_words.result(results["ratings"])
    told = _ranking_result(run, results)
    if "gain" in results:
        told += punctuation(" ") + gain_words.sentence(results["gain"])
    return told


def _ranking_result(run: Run, results: dict[str, Any]) -> str:
    ndcg = results["metrics"]["ndcg@10"]
    baselines = punctuation(", ").join(
        f"{runs.model_title(name)} {metrics['ndcg@10']['value']:.3f}"
        for name, metrics in results["baselines"].items()
    )
    return _(
        "On {users} it reaches **NDCG@10 {value}** (95% interval {low} to {high}); "
        "{baselines}. Protocol: {protocol}.",
        users=ngettext("{count} test user", "{count} test users", results["users"]),
        value=f"{ndcg['value']:.3f}",
        low=f"{ndcg['low']:.3f}",
        high=f"{ndcg['high']:.3f}",
        baselines=baselines,
        protocol=runs.protocol_title(run.config),
    )


def draw_curves(run: Run, curves: Curves, *, active: bool) -> None:
    """Loss and quality as far as they are known, and what trained prompt vectors say."""
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


def _actions(run: Run, status: Status) -> None:
    with st.container(horizontal=True):
        if status.active and status.state != "unresponsive":
            asked = run.stop_requested()
            queued = status.state == "waiting" and status.message is not None
            stop = _("Stop waiting") if queued else _("Stop, keep the best")
            st.button(
                _("Stopping …") if asked else stop,
                icon=":material/stop_circle:",
                key=f"stop-{run.name}",
                disabled=asked or status.state == "evaluating",
                on_click=undo.press,
                args=(run.request_stop,),
            )
            if not asked:
                _pause_button(run, status)
        if status.has_model:
            if st.button(
                _("See recommendations"),
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key=f"see-{run.name}",
            ):
                st.switch_page(journey.BY_KEY["recommend"].script)
            if st.button(_("See how good they are"), key=f"measure-{run.name}"):
                st.switch_page(journey.BY_KEY["evaluate"].script)
        if status.state in ("failed", "interrupted"):
            if st.button(
                _("Train again with the same settings"),
                icon=":material/replay:",
                key=f"again-{run.name}",
            ):
                _again(run)
        if st.button(_("Train another model"), icon=":material/add:", key=DRAWN):
            state.link("run", None)
            st.rerun()
    job_view.draw_log(run, status)


def _pause_button(run: Run, status: Status) -> None:
    """Lets a training wait, or one that waits go on."""
    if run.control() == "pause":
        st.button(
            _("Go on"),
            icon=":material/play_arrow:",
            key=f"go-on-{run.name}",
            on_click=undo.press,
            args=(run.request_go_on,),
        )
    elif status.state == "training":
        st.button(
            _("Pause"),
            icon=":material/pause:",
            key=f"pause-{run.name}",
            help=_("Leaves the processor to others; the time that it waits does not count."),
            on_click=undo.press,
            args=(run.request_pause,),
        )


def _chosen(run: Run) -> dict[str, Any]:
    """The settings of its model, without the prompt, which may have a name."""
    return {key: value for key, value in run.config.model_config.items() if key != "prompt"}


def _again(run: Run) -> None:
    """Start a new run with the settings of one that did not get to its end."""
    config = run.config
    try:
        new = create_run(
            runs_folder(),
            run.dataset(),
            model=config.model,
            model_config=_chosen(run),
            backbone=None if config.backbone_run is None else Run(Path(config.backbone_run)),
            template=config.template,
            protocol=config.protocol,
            seed=config.seed,
            epochs=config.epochs,
            minutes=config.minutes,
            device=config.device,
            language_model=config.language_model,
            save_as=config.save_as,
            source=config.source,
        )
        start(new)
    except RecsysError as error:
        show_error(error)
        return
    runs.open_on_train_page(new.name)
    st.rerun()
