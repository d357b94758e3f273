"""Likelihoods over the trie are those of each title by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from recsys.models.zero_shot import likelihood
from recsys.models.zero_shot.likelihood import CausalModel, Likelihood
from recsys.models.zero_shot.trie import TitleTrie, Tokens
from tests.models.tiny import tiny_gpt2

#: With a shared beginning, an equal title, one that begins another, and one of a single token.
TITLES = ["film c1 western", "film c1", "film c1 comedy", "c7", "drama 1990", "film c1", "c7 c7 c7"]
PROMPT = "The user likes western, drama."


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CausalModel:
    """In float32, so that it can be compared, and with a cache of its own."""
    exact = CausalModel(tiny_gpt2(), torch.float32)
    monkeypatch.setattr(likelihood, "causal_model", lambda folder: exact)
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path))
    return exact


def by_itself(model: CausalModel, prompt: Tokens, title: Tokens) -> float:
    """Mean log-likelihood of one title after a prompt: a plain forward pass over both."""
    with torch.inference_mode():
        logits = model.model(torch.tensor([[*prompt, *title]])).logits[0]
    told = torch.log_softmax(logits.double(), -1)[len(prompt) - 1 : -1]
    return float(told[torch.arange(len(title)), torch.tensor(title)].mean())


def expected(model: CausalModel, prompt: str) -> list[float]:
    whole = (*model.begin, *model.tokens(prompt))
    titles = [model.tokens(f" {title}") for title in TITLES]
    return [by_itself(model, whole, t) - by_itself(model, model.begin, t) for t in titles]


@pytest.mark.parametrize("block", [1, 2, 256])
def test_scores_are_those_of_a_forward_pass_a_title(
    model: CausalModel, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likelihood, "BLOCK", block)
    scorer = Likelihood(tiny_gpt2(), TITLES, 64)
    scorer.read(None)
    prompts = [PROMPT, "", "c7"]
    scores = scorer.score(prompts)
    for prompt, row in zip(prompts, scores, strict=True):
        np.testing.assert_allclose(row, expected(model, prompt), atol=1e-4)
    np.testing.assert_allclose(scores[1], 0.0, atol=1e-5)  # nothing is gained by no prompt
    assert scores[0].std() > 0.01 and scores[0, 1] == scores[0, 5]


def test_likelihoods_add_up_to_one(model: CausalModel) -> None:
    vocabulary = [(token,) for token in range(model.model.config.vocab_size)]
    trie = TitleTrie.of(vocabulary)
    found = model.log_likelihoods(model.tokens(PROMPT), trie)
    assert np.exp(found.astype(np.float64)).sum() == pytest.approx(1.0, abs=1e-4)


def test_what_comes_without_a_prompt_is_computed_once(
    model: CausalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Likelihood(tiny_gpt2(), TITLES, 64)
    told: list[tuple[int, int]] = []
    first.read(lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)  # the distinct titles
    monkeypatch.setattr(CausalModel, "log_likelihoods", None)
    again = Likelihood(tiny_gpt2(), TITLES[::-1], 64)
    again.read(None)
    assert np.array_equal(again.before, first.before[::-1])


def test_a_long_prompt_loses_its_end(model: CausalModel) -> None:
    scorer = Likelihood(tiny_gpt2(), TITLES, 64)
    words = " ".join(["western comedy"] * 40)
    kept = " ".join(["western comedy"] * 31 + ["western"])  # 63 tokens after the mark
    assert np.array_equal(scorer.score([words]), scorer.score([kept]))


def test_prompt_and_title_fit_the_positions_of_the_model(model: CausalModel) -> None:
    long_title = " ".join(["c1"] * 500)
    scorer = Likelihood(tiny_gpt2(), [long_title, "c7"], 10_000)
    scores = scorer.score([" ".join(["western"] * 500)])
    assert np.isfinite(scores).all()


def test_titles_without_a_token_have_a_score(model: CausalModel) -> None:
    scorer = Likelihood(tiny_gpt2(), ["", "c7"], 64)
    scorer.read(None)
    assert np.isfinite(scorer.score([PROMPT])).all()


def test_half_precision_ranks_alike(model: CausalModel) -> None:
    trie = TitleTrie.of([model.tokens(title) for title in TITLES])
    half = CausalModel(tiny_gpt2(), torch.bfloat16)
    prompt = model.tokens(PROMPT)
    exact, rough = (m.log_likelihoods(prompt, trie) for m in (model, half))
    np.testing.assert_allclose(rough, exact, atol=0.1)
