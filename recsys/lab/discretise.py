"""Discretise a soft prompt: its trained vectors become words, and the cost is measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from recsys.lab.effect import Effect, Progress, PromptLab
from recsys.models.protocols import PutsVectorsInFront, TrainsVectors
from recsys.models.soft_words import NearWord
from recsys.prompts import Template
from recsys.schema import N_, ConfigError
from recsys.wishes.steering import FollowsWishes

#: A comment, which may hold anything, or a place for vectors.
_SOFT = re.compile(r"\{#.*?#\}|\{\{-?\s*soft\(\s*(\d+)\s*\)\s*-?\}\}", re.DOTALL)


@dataclass(frozen=True, eq=False)
class DiscretisedPrompt:
    """A soft prompt whose vectors were replaced by words.

    Attributes:
        near: the nearest words of each trained vector.
        chosen: the word that stands for each vector; "" where none would do.
        template: the trained prompt with these words where its vectors stood.
        effect: `template` compared with the trained prompt and its vectors.
    """

    near: list[list[NearWord]]
    chosen: list[str]
    template: Template
    effect: Effect

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        near = [[word._asdict() for word in words] for words in self.near]
        found = {"chosen": self.chosen, "near": near, "source": self.template.source}
        return {**found, **self.effect.to_dict()}


def discretise(
    lab: PromptLab, trained: Template, progress: Progress | None = None
) -> DiscretisedPrompt:
    """Replace the trained vectors of a model by words, and measure the difference.

    Each vector becomes the nearest word that names no attribute value: a model that follows wishes
    would rank all items with that value first, which no trained vector does.

    Args:
        trained: the template that the model was trained with.
        progress: called with (done, total) users.

    Raises:
        ConfigError: if the model has no trained vectors.
    """
    model = lab.model
    if not isinstance(model, TrainsVectors) or not (near := model.soft_words()):
        raise ConfigError(
            N_(
                "The model {model} has no trained vectors in its prompt. Train it with a prompt "
                "that has a place for some, such as {example}."
            ),
            model=model.name,
            example="{{ soft(8) }}",
        )
    chosen = [_word_for(model, words) for words in near]
    source = in_words(trained.source, chosen, model)
    template = Template.parse(source, trained.name)
    bare = model.without_vectors() if isinstance(model, PutsVectorsInFront) else model
    without = PromptLab(bare, lab.holdout)
    effect = Effect(lab.holdout, without.measure(template, progress), lab.measure(None, progress))
    return DiscretisedPrompt(near, chosen, template, effect)


def in_words(source: str, chosen: list[str], model: TrainsVectors) -> str:
    """The text of a template with words where its trained vectors stand, or in front of it."""
    if not any(place[1] for place in _SOFT.finditer(source)):
        return f"{model.discretised_text([word for word in chosen if word])}\n{source}"
    left = list(chosen)

    def put(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        n = int(match[1])
        words = [word for word in left[:n] if word]
        del left[:n]
        return model.discretised_text(words)

    return _SOFT.sub(put, source)


def _word_for(model: TrainsVectors, near: list[NearWord]) -> str:
    texts = {word: model.discretised_text([word]) for word, _ in near}
    if not isinstance(model, FollowsWishes):
        return next(iter(texts), "")
    reads = model.wish_reader.read
    return next((word for word, text in texts.items() if not reads(text)), "")
