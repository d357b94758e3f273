"""What every model with a prompt side needs to read prompts, beside its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.language_models import Progress, load_encoder
from recsys.models.base import Queries
from recsys.models.history_cache import HistoryCache
from recsys.models.prompt_side.gradients import sentence_gradients, swaps_in
from recsys.models.prompt_side.network import PromptConfig, PromptFusion, Tokens
from recsys.models.prompt_side.tokens import HasPrompt, IntentTexts, Tokeniser
from recsys.models.prompt_side.trained_vectors import CandidateWords
from recsys.models.soft_words import NearWord
from recsys.models.tensors import named, pop_named
from recsys.models.word_swaps import WordSwap
from recsys.prompts import Template
from recsys.prompts.contexts.reading import PromptReader, Reading
from recsys.prompts.facts import Facts
from recsys.wishes.control.corrections import corrected
from recsys.wishes.control.strength import lift
from recsys.wishes.facets import Facets
from recsys.wishes.intent import Intent
from recsys.wishes.probe import Probe, fit_probe
from recsys.wishes.reader import WishReader
from recsys.wishes.requests import SMALL_TALK, neutral_sentences, value_meanings


class PromptSide:
    """Templates, wishes and trained vectors, read for one catalogue with one language model.

    Args:
        data: the catalogue.
        language_model: as `recsys.language_models.describe` takes it.
        template: the prompt that the model is trained with.
        probe: predicts which attribute values words mean.
        meanings: (n_values, text_dimension) what each attribute value means to the encoder.
    """

    #: The tokeniser of the network that `attach` was given.
    tokeniser: Tokeniser

    def __init__(
        self,
        data: Dataset,
        language_model: str,
        template: Template,
        probe: Probe,
        meanings: np.ndarray,
    ) -> None:
        self.encoder = load_encoder(language_model)
        self.wish_reader = WishReader(data, self.encoder, probe)
        self._template = template
        self._probe = probe
        self._meanings = meanings
        self._candidate_words = CandidateWords(data, self.facets, self.encoder)
        self._readers = HistoryCache(PromptReader)

    @classmethod
    def fit(
        cls, train: Dataset, language_model: str, template: Template, progress: Progress | None
    ) -> Self:
        """Read the values of a catalogue, and learn which words mean them."""
        encoder = load_encoder(language_model)
        facets = Facets.of(train)
        meanings = value_meanings(facets, encoder, progress)
        # Read now, with progress, and not in the middle of the first epoch.
        encoder.encode(SMALL_TALK)
        encoder.encode(Facts(train).first_texts, progress)
        probe = fit_probe(train, facets, encoder, neutral_sentences(), progress)
        return cls(train, language_model, template, probe, meanings)

    @property
    def facets(self) -> Facets:
        """The attribute values that a wish can ask for."""
        return self.wish_reader.facets

    def sizes(self, dimension: int, heads: int) -> PromptConfig:
        """The sizes of the network that reads these prompts."""
        return PromptConfig(
            dimension=dimension,
            heads=heads,
            soft_tokens=max(self._template.soft_tokens, 1),
            n_values=self.facets.n_values,
            text_dimension=self._meanings.shape[1],
        )

    def attach(self, network: HasPrompt) -> None:
        """Make tokens for the prompt side of `network` from now on."""
        self.tokeniser = Tokeniser(
            network, self.facets, self._meanings, self.encoder, self.wish_reader
        )

    def reader(self, history: Dataset) -> PromptReader:
        """Reads templates over the events of `history`."""
        return self._readers[history]

    def wish(self, queries: Queries) -> tuple[Intent | None, str]:
        """The wish that is to be followed, if there is one, and the words of it that are read."""
        if not queries.intent:
            return None, ""
        read = self.wish_reader.read(queries.intent)
        wish = corrected(read, queries.corrections.of(queries.intent))
        return wish, wish.words(queries.intent)

    def reading(self, queries: Queries, intent: str) -> Reading:
        """The prompt of each user asked for, with a wish or with none ("").

        Where it is read alone, what is read of it is exactly what it says.
        """
        template = queries.template or self._template
        return self.reader(queries.history).read_now(
            template,
            queries.users,
            wish=intent,
            exchanged=queries.exchanged,
            exact=queries.history_weight == 0,
        )

    def tokens(self, reading: Reading, intent: str, keys: torch.Tensor) -> Tokens:
        """The tokens of a reading in which everybody has the same wish, or none ("")."""
        n = len(reading.intent)
        intents = IntentTexts((intent,) if intent else (), np.full(n, 0 if intent else -1))
        return self.tokeniser.tokens(reading, intents, keys)

    def guided(
        self,
        queries: Queries,
        reading: Reading,
        words: str,
        moved: Callable[[Reading, str], torch.Tensor],
        guidance: float,
    ) -> torch.Tensor:
        """The queries (n, d) that a prompt makes, moved by a wish as far as `guidance` says.

        As classifier-free guidance does (Ho & Salimans 2022): what the wish changes is added
        `guidance` times, as far as the strength of the wish lets it.

        Args:
            reading: the prompts with the words of the wish.
            words: those words, or "" without a wish.
            moved: a reading and the words in it, or "" → the queries (n, d).
        """
        if not words:
            return moved(reading, "")
        plain = moved(self.reading(queries, ""), "")
        # A text that wants no attribute value leaves the query as it is.
        if not self.wish_reader.read(words).wanted_sure.any():
            return plain
        guidance *= lift(queries.strength)
        return plain + guidance * (moved(reading, words) - plain)

    def word_swaps(
        self,
        prompt: PromptFusion,
        reading: Reading,
        tokens: Tokens,
        moved: Callable[[Tokens], torch.Tensor],
        scores: np.ndarray,
        keys: torch.Tensor,
        targets: np.ndarray,
    ) -> list[WordSwap]:
        """Words of a prompt to exchange so that targets score higher, see `sentence_gradients`."""
        gradients = sentence_gradients(
            prompt,
            tokens,
            moved,
            torch.from_numpy(scores).to(keys.device),
            keys,
            torch.from_numpy(np.asarray(targets)).to(keys.device),
        )
        return swaps_in(reading.words, gradients, self.encoder)

    def soft_words(self, prompt: PromptFusion) -> list[list[NearWord]]:
        """The words nearest to each trained vector of the template."""
        return self._candidate_words.nearest(prompt, self._template.soft_tokens)

    def tensors(self) -> dict[str, np.ndarray]:
        """What was computed with the language model, as `from_tensors` takes it."""
        return {"lm.meanings": self._meanings, **named("probe", self._probe.tensors())}

    @classmethod
    def from_tensors(
        cls,
        tensors: dict[str, np.ndarray],
        data: Dataset,
        language_model: str,
        template: Template,
    ) -> Self:
        """Rebuild what `tensors` gave, taking it out of `tensors`."""
        meanings = tensors.pop("lm.meanings")
        probe = Probe.from_tensors(pop_named("probe", tensors))
        return cls(data, language_model, template, probe, meanings)
