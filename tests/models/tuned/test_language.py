"""Prompts through language models: packed states are those of a prompt read alone."""

from __future__ import annotations

import pytest
import torch

from recsys.models.tuned.language import FIRST_WORDS, TextModel, frozen
from tests.models.tiny import tiny_bert, tiny_gpt2

WORDS = ["film, film. short", "film, film, drama. short", "film, film", "the user", "western"]


def by_hand(model: TextModel, prompt: tuple[int, ...], soft: torch.Tensor) -> torch.Tensor:
    """The state of one prompt by plain transformers, without padding or sharing."""
    table = model.module.get_input_embeddings().weight
    inputs = torch.stack([soft[-1 - t] if t < 0 else table[t] for t in prompt])[None]
    hidden = model.module(inputs_embeds=inputs).last_hidden_state[0]  # (t, d)
    state = hidden[-1] if model.causal else hidden.mean(0)
    return state / state.square().mean().sqrt()


@pytest.mark.parametrize("folder", [tiny_bert, tiny_gpt2], ids=["encoder", "causal"])
class TestStates:
    def test_are_those_of_each_prompt_alone(self, folder: object) -> None:
        model = frozen(folder())  # type: ignore[operator]
        soft = torch.randn(2, model.dimension)
        prompts = [model.marked([-1, *model.words(words), -2], 40) for words in WORDS]
        packed = model.pack([prompts[:3], prompts[3:]])
        with torch.no_grad():
            states = model.states(packed, soft)
            expected = torch.stack([by_hand(model, prompt, soft) for prompt in prompts])
        torch.testing.assert_close(states, expected, rtol=1e-4, atol=1e-4)

    def test_gradients_reach_the_vectors_and_nothing_of_the_model(self, folder: object) -> None:
        model = frozen(folder())  # type: ignore[operator]
        soft = torch.randn(3, model.dimension, requires_grad=True)
        prompt = model.marked([-1, *model.words("film"), -3], 40)
        model.states(model.pack([[prompt]]), soft)[:, 0].sum().backward()
        assert soft.grad is not None
        assert soft.grad[[0, 2]].abs().sum(1).min() > 0
        assert soft.grad[1].abs().sum() == 0  # not in the prompt
        assert all(parameter.grad is None for parameter in model.module.parameters())

    def test_trained_vectors_start_as_those_of_words(self, folder: object) -> None:
        model = frozen(folder())  # type: ignore[operator]
        ids = model.tokenizer.encode(FIRST_WORDS).ids[:5]
        expected = model.module.get_input_embeddings().weight[ids]
        assert torch.equal(model.vectors(5, from_words=True).embedding.weight, expected)  # type: ignore[union-attr]


class TestPacking:
    def test_a_causal_model_reads_a_shared_beginning_once(self) -> None:
        model = frozen(tiny_gpt2())
        prompts = [model.words("film, film. short"), model.words("film, film, drama. short")]
        packed = model.pack([prompts])
        assert packed.ids.shape == (1, len(prompts[1]) + 2)  # only ". short" stands twice
        assert packed.ids[packed.row, packed.end].tolist() == [prompts[0][-1], prompts[1][-1]]

    def test_an_encoder_reads_every_prompt(self) -> None:
        model = frozen(tiny_bert())
        prompts = [model.words("film, film"), model.words("film")]
        packed = model.pack([prompts])
        assert packed.held.tolist() == [[True] * 3, [True, False, False]]


class TestMarked:
    def test_words_go_at_the_end_and_trained_vectors_stay(self) -> None:
        model = frozen(tiny_bert())
        words = model.words("film drama western short")
        before, after = model.marked([], 9)
        told = model.marked([*words[:2], -1, *words[2:], -2], 6)
        assert told == (before, *words[:2], -1, -2, after)

    def test_nothing_is_a_token_where_there_are_no_marks(self) -> None:
        assert len(frozen(tiny_gpt2()).marked([], 10)) == 1


def test_causal_models_are_known_as_such() -> None:
    assert TextModel(tiny_gpt2()).causal and not TextModel(tiny_bert()).causal
