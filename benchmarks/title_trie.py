"""How much faster are the titles of a catalogue read as a trie after a cached prompt?

    python -m benchmarks.title_trie --language-model smollm2 --titles 48

On the MovieLens sample, prints a JSON object a way to read all titles after one user's prompt:
"trie" as the model `zero-shot` does, measured whole; "batches", a forward pass over prompt and
title each, 16 in a batch; "plain", one at a time. The last two are measured on some titles drawn
at random and scaled to all. "tokens" is what each way reads in all, "cpu_seconds" what it computes
(so that a busy machine changes nothing), and "ratio" how many times as long it takes as the trie,
everything in one run and in the same precision. "difference" is the largest between its mean
log-likelihoods and the trie's. A catalogue of fewer `--items` shares less, and takes less.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

import numpy as np
import torch

from recsys.cleaning import prepare
from recsys.language_models import folder_of
from recsys.models.base import Queries
from recsys.models.zero_shot import ZeroShot
from recsys.models.zero_shot.likelihood import CausalModel, causal_model
from recsys.models.zero_shot.trie import TitleTrie, Tokens
from recsys.sources import CleaningConfig
from recsys.splitting import leave_last_out

BATCH = 16


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--language-model", default="smollm2")
    arguments.add_argument("--titles", type=int, default=48, help="measured one by one")
    arguments.add_argument("--items", type=int, help="the first so many of the catalogue")
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    data, _ = prepare("movielens", cleaning=CleaningConfig(min_item_events=5))
    test = leave_last_out(data).test
    model = causal_model(folder_of(chosen.language_model))
    (text,) = ZeroShot().prompts(Queries(test.history, test.users[:1]))
    prompt = (*model.begin, *model.tokens(text))
    titles = [model.tokens(f" {title}") for title in data.titles[: chosen.items]]
    drawn = np.random.default_rng(0).permutation(len(titles))[: chosen.titles]
    some = [titles[place] for place in drawn]
    one_by_one(model, prompt, some[:2], 1)  # what is prepared at the first pass

    began = time.process_time()
    trie = TitleTrie.of(titles)
    means = trie.means(model.log_likelihoods(prompt, trie))
    whole = time.process_time() - began
    read = {"titles": len(titles), "prompt": len(prompt), "dtype": str(model.dtype)}
    say("trie", len(prompt) + len(trie.inner), whole, whole, **read)
    tokens = sum(len(prompt) + len(title) for title in titles)
    for name, size in (("batches", BATCH), ("plain", 1)):
        began = time.process_time()
        found = one_by_one(model, prompt, some, size)
        seconds = (time.process_time() - began) * len(titles) / len(some)
        difference = float(np.abs(found - means[drawn]).max())
        say(name, tokens, seconds, whole, measured_titles=len(some), difference=difference)


@torch.inference_mode()
def one_by_one(
    model: CausalModel, prompt: Tokens, titles: Sequence[Tokens], size: int
) -> np.ndarray:
    """Mean log-likelihood of each title, from a pass over the prompt and the title: (n,)."""
    found = []
    for start in range(0, len(titles), size):
        batch = titles[start : start + size]
        longest = max(map(len, batch))
        ids = torch.zeros(len(batch), len(prompt) + longest, dtype=torch.long)
        for row, title in enumerate(batch):  # padded at the end, where nothing looks
            ids[row, : len(prompt) + len(title)] = torch.tensor([*prompt, *title])
        logits = model.model(ids, logits_to_keep=longest + 1, use_cache=False).logits
        told = torch.log_softmax(logits.float(), -1)
        for row, title in enumerate(batch):
            places = torch.arange(len(title))
            found.append(float(told[row, places, torch.tensor(title)].mean()))
    return np.array(found)


def say(name: str, tokens: int, seconds: float, trie: float, **more: object) -> None:
    """One line of results."""
    line = {"way": name, "tokens": tokens, "cpu_seconds": round(seconds, 2), **more}
    print(json.dumps({**line, "ratio": round(seconds / trie, 1)}), flush=True)


if __name__ == "__main__":
    main()
