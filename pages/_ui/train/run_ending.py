"""How a run ended, and what it left."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from pages._ui.common import job_view, runs
from pages._ui.common.i18n import _, ngettext, punctuation, say
from pages._ui.common.widgets import plain
from pages._ui.words import final_words, gain_words, rating_words
from recsys.runs import Run, Status
from recsys.runs.curves import Curves
from recsys.schema import RecsysError


def draw_ending(run: Run, status: Status, curves: Curves) -> None:
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
        if run.config.final is not None and curves.reason != "computed":
            words.append(_epochs(run))
        st.markdown(punctuation(" ").join([*words, _result(run)]))


def _kept(run: Run) -> str:
    """What the model of a run that did not get to its end is, and what it lacks; Markdown."""
    kept = run.model_measurement()
    if kept is None:
        return ""
    epoch = f"{kept.epoch:g}"
    if kept.ndcg is not None:
        sentence = _(
            "The model is that of epoch {epoch}, with NDCG@10 {value} on the validation users.",
            epoch=epoch,
            value=f"{kept.ndcg:.4f}",
        )
    elif kept.loss is not None:
        sentence = _(
            "The model is that of epoch {epoch}, with RMSE {value} on the validation ratings.",
            epoch=epoch,
            value=f"{math.sqrt(kept.loss):.4f}",
        )
    else:
        sentence = _("The model is that of epoch {epoch}.", epoch=epoch)
    if kept.calibrated:
        return sentence
    lacks = _(
        "It lacks the last adjustment, which is made when training is over and ranks a little "
        "better."
    )
    return sentence + punctuation(" ") + lacks


def _result(run: Run) -> str:
    """The test result beside the baselines, with its protocol."""
    if run.config.final is not None:
        return final_words.inherited(run)
    try:
        results = run.evaluation()
    except RecsysError as error:
        return plain(say(error.message))
    if "ratings" in results:
        return rating_words.result(results["ratings"])
    sentences = _ranking_result(run, results)
    if "gain" in results:
        sentences += punctuation(" ") + gain_words.sentence(results["gain"])
    return sentences


def _epochs(run: Run) -> str:
    """How many epochs a run on all events made: those that the evaluated one was best after."""
    final = run.config.final
    assert final is not None
    return _(
        "Epochs: {epochs}, those after which the evaluated run was the best, since nothing is held "
        "out that could say when to end.",
        epochs=punctuation(", ").join(f"{stop.epoch:g}" for stop in final.stops),
    )


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
