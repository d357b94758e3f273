"""Words about a run that learned from all events, and the run whose figure it inherits."""

from __future__ import annotations

from pages._ui.common.i18n import _, ngettext, punctuation
from pages._ui.common.widgets import plain
from recsys.runs import Run
from recsys.runs.final import measured_run
from recsys.schema import RecsysError


def measured(run: Run) -> Run | None:
    """The run whose figure one that learned from all events inherits; None where it is gone."""
    try:
        return measured_run(run)
    except RecsysError:
        return None


def inherited(run: Run) -> str:
    """That a run learned from all events, and whose figure it inherits; Markdown."""
    final = run.config.final
    assert final is not None
    count = run.config.n_events
    learned = ngettext(
        "It learned from all {count} event, those of the validation and the test too, so it has no "
        "test figure of its own.",
        "It learned from all {count} events, those of the validation and the test too, so it has "
        "no test figure of its own.",
        count,
    )
    other = measured(run)
    ndcg = None if other is None else other.status().test_ndcg
    if ndcg is None:
        whose = _(
            "It has the settings of the run {name}, whose figure cannot be read.",
            name=plain(final.run),
        )
    else:
        whose = _(
            "It has the settings of the run **{name}**, which reached NDCG@10 {value} (95% "
            "interval {low} to {high}) before it knew the test events.",
            name=plain(final.run),
            value=f"{ndcg['value']:.3f}",
            low=f"{ndcg['low']:.3f}",
            high=f"{ndcg['high']:.3f}",
        )
    return learned + punctuation(" ") + whose
