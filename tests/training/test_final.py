"""Models fitted on all events, as long as an evaluated one was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.dataset import Dataset
from recsys.models import MODELS, Queries, Recommender
from recsys.models.base import ClosedFormRecommender, GradientRecommender
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.schema import RunError
from recsys.training import Event, Finished, RatingsTested, Step, TrainingConfig, Validated
from recsys.training.config import Stop
from recsys.training.final import fit_all
from tests.models.support import UNTRAINED, planted, shared, small_model

every_model = pytest.mark.parametrize("name", MODELS)


def fitted_on_all(
    name: str, data: Dataset, *, epochs: float = 2.0, seed: int = 0
) -> tuple[Recommender, list[Event]]:
    model, like = small_model(name), shared(name)[0]
    stages = 1 if model.backbone is None else 2
    stops = [Stop(4, epochs)] * stages
    config = TrainingConfig(seed=seed, device="cpu")
    return model, list(fit_all(model, data, config, stops, like))


def scores(model: Recommender, data: Dataset) -> np.ndarray:
    return model.score(Queries(data, np.arange(data.n_users)))


@every_model
def test_every_event_is_learned_from(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = planted()
    shared(name)  # whose training on a part of the events is none of what is looked at
    seen: list[Dataset] = []
    kinds = {type(small_model(name)), type(small_model(name).backbone or small_model(name))}
    for kind in kinds:
        method = "fit" if issubclass(kind, ClosedFormRecommender) else "prepare"
        real = getattr(kind, method)

        def spy(self: Any, train: Dataset, *rest: Any, real: Any = real, **named: Any) -> None:
            seen.append(train)
            real(self, train, *rest, **named)

        monkeypatch.setattr(kind, method, spy)
    fitted_on_all(name, data)
    assert len(seen) >= len(kinds)
    assert {each.content_hash for each in seen} == {data.content_hash}


@every_model
def test_the_last_event_of_a_user_changes_the_model(name: str) -> None:
    """It is what the test would hold out; of it alone, the fitted numbers know."""
    data = planted()
    last = np.ones(data.n_events, dtype=bool)
    last[data.offsets[1:] - 1] = False
    with_it, without = fitted_on_all(name, data)[0], fitted_on_all(name, data.select(last))[0]
    differ = not np.allclose(scores(with_it, data), scores(without, data))
    assert differ or name in UNTRAINED


@every_model
def test_it_repeats_by_its_seed(name: str) -> None:
    data = planted()
    first, second = fitted_on_all(name, data)[0], fitted_on_all(name, data)[0]
    np.testing.assert_array_equal(scores(first, data), scores(second, data))
    assert all(
        np.array_equal(value, second.tensors()[key]) for key, value in first.tensors().items()
    )


@every_model
def test_nothing_is_measured(name: str) -> None:
    events = fitted_on_all(name, planted())[1]
    assert not [event for event in events if isinstance(event, Validated | RatingsTested)]
    (ended,) = [event for event in events if isinstance(event, Finished)]
    assert ended is events[-1]
    at_once = isinstance(small_model(name), ClosedFormRecommender)
    assert (ended.reason, ended.best_ndcg) == ("computed" if at_once else "all-events", None)


def test_it_makes_the_epochs_that_it_is_told() -> None:
    for epochs, steps in ((1.0, 1), (3.0, 3)):
        events = fitted_on_all("sasrec", planted(), epochs=epochs)[1]
        made = [event for event in events if isinstance(event, Step)]
        assert max(event.epoch for event in made) == steps
        assert events[-1].best_epoch == epochs  # type: ignore[attr-defined]


def test_it_ends_within_an_epoch_where_the_best_was_there() -> None:
    whole = fitted_on_all("sasrec", planted(), epochs=1.0)[1]
    half = fitted_on_all("sasrec", planted(), epochs=0.5)[1]
    steps = [[e.step for e in events if isinstance(e, Step)] for events in (whole, half)]
    assert not steps[1] or steps[1][-1] < steps[0][-1]
    model = fitted_on_all("sasrec", planted(), epochs=0.5)[0]
    assert np.isfinite(scores(model, planted())).all()


def test_what_was_calibrated_is_taken_over() -> None:
    like = shared("prompt-fusion")[0]
    model = fitted_on_all("prompt-fusion", planted())[0]
    assert isinstance(like, PromptFusionRecommender)
    assert isinstance(model, PromptFusionRecommender)
    assert model.blend == like.blend
    assert model.tensors()["newcomers.until"] == like.tensors()["newcomers.until"]


def test_each_stage_needs_its_stop() -> None:
    model, like = small_model("prompt-tuned"), shared("prompt-tuned")[0]
    assert isinstance(model, GradientRecommender)
    with pytest.raises(RunError, match="how long"):
        list(fit_all(model, planted(), TrainingConfig(device="cpu"), [Stop(1, 1.0)], like))


def test_a_stop_that_is_asked_for_ends_it() -> None:
    model, like = small_model("sasrec"), shared("sasrec")[0]
    config = TrainingConfig(device="cpu")
    events = list(fit_all(model, planted(), config, [Stop(9, 9.0)], like, control=lambda: "stop"))
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stopped"
