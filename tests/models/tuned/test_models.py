"""What is trained, where it stands, and what is saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from recsys.models import MODELS, Queries
from recsys.models.tuned import TunedRecommender, TuningConfig
from recsys.models.tuned.language import TextModel, frozen
from recsys.training.objectives import full_softmax
from tests.models.support import planted, small_model, split
from tests.models.tiny import tiny_bert, tiny_gpt2

NAMES = ("soft-prompt", "lora", "full")
LONG = 'The user chose {{ history|join("; ") }}. {{ soft(3) }} short. {{ soft(1) }}'


def prepared(name: str, **settings: Any) -> TunedRecommender:
    model: Any = small_model(name)
    model = MODELS[name](replace(model.config, **settings))  # type: ignore[call-arg]
    model.prepare(split().train, seed=0)
    return model


def one_step(model: TunedRecommender) -> None:
    """A step of gradient descent on everything that is trained."""
    optimiser = torch.optim.AdamW(model.network.parameters(), lr=model.optimisation.learning_rate)
    batch = next(iter(model.batches(np.random.default_rng(0))))
    full_softmax(model.forward(batch), torch.Generator()).backward()
    optimiser.step()


def weights(model: TunedRecommender) -> dict[str, torch.Tensor]:
    found = model._lm.module.named_parameters()
    return {name: value.detach().clone() for name, value in found}


class TestPrompts:
    def test_vectors_stand_where_the_template_says(self) -> None:
        model = prepared("soft-prompt", prompt=LONG)
        lm, data = frozen(tiny_bert()), split().train
        titles = "; ".join(data.titles[data.history(3)])
        (prompt,) = model.prompts(Queries(data, np.array([3])))
        begin, end = lm.marked([], 9)
        history = lm.words(f"The user chose {titles}.")
        assert prompt == (begin, *history, -1, -2, -3, *lm.words("short."), -4, end)

    def test_an_exchanged_value_is_that_of_the_other(self) -> None:
        model, data = prepared("soft-prompt", prompt=LONG), split().train
        exchanged = np.roll(np.arange(data.n_users), 1)
        asked = Queries(data, np.array([3, 4]), exchanged={"history": exchanged})
        assert model.prompts(asked) == model.prompts(Queries(data, np.array([2, 3])))

    def test_a_template_without_a_place_gets_eight_in_front(self) -> None:
        model = prepared("soft-prompt", prompt="{{ history }}")
        (prompt,) = model.prompts(Queries(split().train, np.array([3])))
        assert prompt[1:9] == tuple(range(-1, -9, -1)) and min(prompt[9:]) >= 0
        (prompt,) = prepared("lora", prompt="{{ history }}").prompts(
            Queries(split().train, np.array([3]))
        )
        assert min(prompt) >= 0

    @pytest.mark.parametrize("folder", [tiny_bert, tiny_gpt2], ids=["encoder", "causal"])
    def test_say_nothing_of_what_came_later(self, folder: Any) -> None:
        model = prepared("soft-prompt", language_model=str(folder()), intent_share=0.0)
        lm = model._lm
        own = {lm.words(title): item for item, title in enumerate(split().train.titles)}
        train = split().train
        for prompts, items in model.examples.draw(np.random.default_rng(0), model.template):
            for prompt, item in zip(prompts, items, strict=True):
                known = [
                    own[prompt[i : i + 4]] for i in range(len(prompt)) if prompt[i : i + 4] in own
                ]
                assert item not in known
                assert any(
                    train.history(user).tolist()[place : place + len(known) + 1] == [*known, item]
                    for user in range(train.n_users)
                    for place in range(6)
                )

    def test_wishes_are_trained_and_are_for_the_target(self) -> None:
        model = prepared("soft-prompt", intent_share=1.0)
        western = model._lm.words("western")[0]
        wished = [
            (western in prompts[0], str(split().train.items.ids[items[0]])[0])
            for prompts, items in model.examples.draw(np.random.default_rng(0), model.template)
        ]
        assert {kind for asked, kind in wished if asked} == {"w"}

    def test_an_epoch_is_a_sample(self) -> None:
        model = prepared("soft-prompt", epoch_positions=20)
        batches = list(model.batches(np.random.default_rng(0)))
        assert sum(len(batch.targets) for batch in batches) == model.positions_per_epoch == 20


@pytest.mark.parametrize("folder", [tiny_bert, tiny_gpt2], ids=["encoder", "causal"])
class TestTraining:
    def test_moves_what_the_method_says(self, folder: Any) -> None:
        for name in NAMES:
            model = prepared(name, language_model=str(folder()))
            before, soft = weights(model), model.network.vectors()
            assert soft is not None
            soft = soft.detach().clone()
            one_step(model)
            moved = {
                key for key, value in weights(model).items() if not torch.equal(value, before[key])
            }
            assert not torch.equal(model.network.vectors(), soft)  # type: ignore[arg-type]
            if name == "soft-prompt":
                assert not moved
            elif name == "lora":
                assert moved and all("lora_" in key for key in moved)
            else:
                assert len(moved) > 0.8 * len(before)

    def test_saves_only_what_was_trained(self, folder: Any, tmp_path: Path) -> None:
        for name in NAMES:
            model = prepared(name, language_model=str(folder()))
            one_step(model)
            one_step(model)
            tuned = [key for key in model.tensors() if key.startswith("tuned")]
            assert bool(tuned) == (name != "soft-prompt")
            assert name != "lora" or all("lora_" in key for key in tuned)
            model.save(tmp_path / name)
            again = MODELS[name].load(tmp_path / name, split().train)
            asked = Queries(split().train, np.arange(9))
            scores = model.score(asked)
            assert np.isfinite(scores).all() and np.array_equal(again.score(asked), scores)

    def test_leaves_the_shared_model_as_it_came(self, folder: Any) -> None:
        before = {k: v.clone() for k, v in TextModel(folder()).module.state_dict().items()}
        for name in NAMES:
            one_step(prepared(name, language_model=str(folder())))
        after = frozen(folder()).module.state_dict()
        assert before.keys() == after.keys()
        assert all(torch.equal(after[key], before[key]) for key in before)


def test_first_scores_find_items_with_words_like_the_prompts() -> None:
    model = prepared("soft-prompt", prompt='{{ soft(1) }} {{ genres|join(", ") }}')
    model.network.bias.data.zero_()
    data = planted()
    scores = model.score(Queries(data, np.arange(2)))  # one for comedies, one for westerns
    comedies, westerns = (data.items.positions([f"{k}{n}" for n in range(8)]) for k in "cw")
    gap = scores[:, comedies].mean(1) - scores[:, westerns].mean(1)
    assert gap[0] > gap[1]


def test_settings_have_defaults_that_work_offline() -> None:
    assert TuningConfig().language_model == "minilm"
