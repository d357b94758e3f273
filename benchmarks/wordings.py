"""Whether a small language model can tell a sentence from nonsense, as a judge of prompts would.

    python -m benchmarks.wordings

Of sentences of the library one word is exchanged, for a synonym or for any of some words, and
SmolLM2 (`requirements-models.txt`) gives the log-probability of each sentence, by itself and after
other sentences of a prompt. Printed: how surely a synonym has more of it than any word has (AUC),
and the mean a token of sentences that were offered once. What comes of it: `recsys/lab/wording.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import torch

from recsys.language_models import folder_of
from recsys.models.zero_shot.likelihood import CausalModel, causal_model

CONTEXT = (
    "The user likes drama and comedy. Most recently, the user chose Alien. Recommend what the user "
    "will choose next. "
)
SENTENCES = (
    "Films that the user rated highly: Heat.",
    "Most recently, the user chose Heat.",
    "Recommend what the user will choose next.",
    "The user likes Drama.",
    "Watched most recently: Heat.",
)
SYNONYMS = {
    "user": ("viewer", "person", "customer", "reader", "client"),
    "Films": ("Movies", "Pictures", "Titles"),
    "chose": ("picked", "selected", "watched", "took"),
    "Recommend": ("Suggest", "Propose", "Predict"),
    "likes": ("enjoys", "loves", "prefers", "adores"),
    "recently": ("lately",),
    "choose": ("pick", "select", "want"),
    "Watched": ("Seen", "Viewed"),
}
ANY = (
    *("legion", "fahrenheit", "impossible", "lara", "longest", "dinner", "harbour", "bishops"),
    *("municipal", "river", "kansas", "whispered", "purple", "because", "seventh", "engine"),
    *("albums", "sir", "quickly", "of"),
)
OFFERED = (
    "Films that the legion rated highly: Heat (1995).",
    "Films that the viewer rated highly: Heat (1995).",
    "fahrenheit. impossible. lara. longest. dinner.",
    "Recommend what suits this user best.",
)


def main() -> None:
    model = causal_model(folder_of("smollm2"))
    for name, before in (("by itself", ""), ("after others", CONTEXT)):
        changes = [
            (is_synonym, float(log_p(model, before, made).sum() - log_p(model, before, of).sum()))
            for of, made, is_synonym in exchanges()
        ]
        synonyms = [change for is_synonym, change in changes if is_synonym]
        others = [change for is_synonym, change in changes if not is_synonym]
        won = sum((a > b) + (a == b) / 2 for a in synonyms for b in others)
        auc = won / (len(synonyms) * len(others))
        print(f"{name}: AUC {auc:.3f} ({len(synonyms)} synonyms, {len(others)} other words)")
    for sentence in OFFERED:
        print(f"{float(log_p(model, '', sentence).mean()):.2f} a token: {sentence}")


def exchanges() -> Iterator[tuple[str, str, bool]]:
    """A sentence, the same with one word exchanged, and whether that is a synonym."""
    for sentence in SENTENCES:
        for word, synonyms in SYNONYMS.items():
            if not re.search(rf"\b{word}\b", sentence):
                continue
            for other in (*synonyms, *ANY):
                written = other.capitalize() if word[0].isupper() else other
                yield sentence, re.sub(rf"\b{word}\b", written, sentence), other in synonyms


@torch.inference_mode()
def log_p(model: CausalModel, before: str, text: str) -> torch.Tensor:
    """log P of each token of a text after what stands before it, (n_tokens,)."""
    context = [*model.begin, *model.tokens(before)]
    tokens = [*context, *model.tokens(text)]
    logits = model.model(torch.tensor([tokens])).logits[0, len(context) - 1 : -1].float()
    own = torch.tensor(tokens[len(context) :])
    found: torch.Tensor = logits.log_softmax(-1).gather(1, own[:, None])[:, 0]
    return found


if __name__ == "__main__":
    main()
