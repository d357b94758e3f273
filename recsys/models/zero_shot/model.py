"""The recommender: prompts in words, handed to whichever scorer the language model allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import (
    DEFAULT_LANGUAGE_MODEL,
    Progress,
    describe,
    folder_of,
    load_encoder,
)
from recsys.language_models.item_texts import item_texts
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.history_cache import HistoryCache
from recsys.models.settings import ModelConfig
from recsys.models.shared_settings import LANGUAGE_MODEL, MAX_TOKENS, PROMPT
from recsys.models.zero_shot.likelihood import Likelihood
from recsys.models.zero_shot.similarity import Similarity
from recsys.prompts import LIBRARY, Template, Verbaliser
from recsys.schema import N_

#: Users whose prompts give the mean vector of a template's prompts.
SAMPLE = 256


@dataclass(frozen=True)
class ZeroShotConfig(ModelConfig):
    """Settings of `ZeroShot`.

    Attributes:
        prompt: the source of the template; "" for the library's `sequential`. Where it says
            `{{ soft(n) }}` there is nothing, since no vector is trained.
        language_model: as `recsys.language_models.describe` takes it. Encoders compare vectors,
            causal models say how likely a title is.
        max_tokens: longer prompts lose words at their end.
    """

    prompt: Annotated[str, PROMPT] = ""
    language_model: Annotated[str, LANGUAGE_MODEL] = DEFAULT_LANGUAGE_MODEL
    max_tokens: Annotated[int, MAX_TOKENS] = 256

    @property
    def template(self) -> Template:
        """The template, parsed."""
        return Template.parse(self.prompt) if self.prompt else LIBRARY["sequential"]


class ZeroShot(ClosedFormRecommender):
    """score(u, i | prompt) = LM(prompt)ᵀ LM(item text), or what a title's likelihood gains.

    Nothing is trained on events: the language model reads the texts of items, and
    the user by the prompt (Brown et al. 2020, "Language models are few-shot learners"). See
    `Similarity` for encoders and `Likelihood` for causal models.
    """

    name: ClassVar[str] = "zero-shot"
    title: ClassVar[str] = N_("Zero-shot")
    summary: ClassVar[str] = N_(
        "Your prompt and a language model as it comes; nothing is trained. MiniLM takes seconds. "
        "A causal model reads every title anew for each user: seconds to minutes a user."
    )
    reads_prompts: ClassVar[bool] = True

    def __init__(self, config: ZeroShotConfig | None = None) -> None:
        self.config = config or ZeroShotConfig()
        self.template = self.config.template
        self._verbalisers = HistoryCache(Verbaliser)

    def _start(self, data: Dataset) -> None:
        """Open the language model, and give it the texts of the items."""
        config = self.config
        self._scorer: Similarity | Likelihood
        if describe(config.language_model).causal:
            titles = data.titles.tolist()
            self._scorer = Likelihood(folder_of(config.language_model), titles, config.max_tokens)
        else:
            self._scorer = Similarity(load_encoder(config.language_model))

    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        """Read the texts of the items, and for an encoder some prompts; no events are used."""
        self._start(train)
        if isinstance(self._scorer, Likelihood):
            self._scorer.read(progress)
            return
        users = np.random.default_rng(0).permutation(train.n_users)[:SAMPLE]
        prompts = self.prompts(Queries(train, np.sort(users)))
        self._scorer.read(item_texts(train), prompts, progress)

    def score(self, queries: Queries) -> np.ndarray:
        return self._scorer.score(self.prompts(queries))

    def prompts(self, queries: Queries) -> list[str]:
        """The prompt of each user asked for, as text."""
        history = queries.history
        verbaliser = self._verbalisers[history]
        template, intent = queries.template or self.template, queries.intent.strip()
        # A wish is read even where the template has no place for it.
        wish = f"\n{intent}" if intent and "intent" not in template.variables else ""
        return [
            template.render(
                verbaliser.values(
                    int(user),
                    intent=intent,
                    language=template.language,
                    exchanged=queries.exchanged,
                )
            ).text
            + wish
            for user in np.asarray(queries.users)
        ]

    def measured_users(self) -> int | None:
        return self._scorer.measured_users()

    def item_vectors(self) -> np.ndarray | None:
        return self._scorer.items if isinstance(self._scorer, Similarity) else None

    def tensors(self) -> dict[str, np.ndarray]:
        return self._scorer.tensors()

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(ZeroShotConfig(**config))
        model._start(data)
        model._scorer.load_tensors(tensors)
        return model
