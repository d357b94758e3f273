"""One encoder's vectors of what words may mean: names of values, dictionary senses, other talk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recsys.language_models import LANGUAGE_MODELS, Encoder
from recsys.ranking import unit_rows
from recsys.wishes.dictionary_wishes import other_wishes, remarks
from recsys.wishes.phrases import asked_aspects, aspects, kinds, neutral
from recsys.wishes.probe import fit_logistic
from recsys.wishes.requests import SMALL_TALK, neutral_sentences
from recsys.wishes.wordnet import about_anything, senses

#: Ways to say the name of a value.
_SAYINGS = {
    "en": ("{}", "something {}", "I want {}.", "it is about {}", "{}, please"),
    "zh": ("{}", "来点{}", "我想要{}。", "关于{}的", "想找{}"),
}
#: So many of the nearest examples of small talk, or of aspects, are compared with.
_NEAREST = 2


@dataclass(frozen=True, eq=False)
class Space:
    """Vectors of one encoder, each less the mean of general English, then of unit length.

    Sentence vectors have a large part in common, whatever they say; without it, cosines tell
    meanings apart better (Mu & Viswanath 2018, "All-but-the-top").

    Attributes:
        centre: (dim,) the mean vector of sentences about anything.
        names: (n_values, dim) the names of the values.
        senses: (n_senses, dim) what the names mean by the dictionary, value by value.
        sense_of: (n_senses,) the value of each, never decreasing.
        usual, spread: (n_values,) mean and deviation of each name's cosine with sentences about
            anything.
        talk: (n_talk, dim) what asks for nothing.
        aspects: (n_aspects, dim) what asks for something that is no kind of item.
        asks: (dim + 1,) a logistic regression of whether a text asks for a kind of item of any
            catalogue, rather than for something else or nothing; bias last.
    """

    centre: np.ndarray
    names: np.ndarray
    senses: np.ndarray
    sense_of: np.ndarray
    usual: np.ndarray
    spread: np.ndarray
    talk: np.ndarray
    aspects: np.ndarray
    asks: np.ndarray

    @classmethod
    def of(cls, values: Sequence[str], language: str, encoder: Encoder) -> Self:
        """Encode the names of `values`, their senses, and general talk."""
        general = encoder.encode(about_anything())
        centre = general.mean(0)

        def centred(texts: Sequence[str]) -> np.ndarray:
            return unit_rows(encoder.encode(texts) - centre)

        def readable(texts: Iterable[str]) -> list[str]:
            chinese = LANGUAGE_MODELS[encoder.name].reads("zh")
            return [text for text in texts if chinese or text.isascii()]

        ways = _SAYINGS[language]
        said = centred([way.format(value.lower()) for value in values for way in ways])
        names = unit_rows(said.reshape(len(values), len(ways), -1).mean(1))
        looked_up = [(sense, place) for place, v in enumerate(values) for sense in senses(v)]
        with_anything = unit_rows(general - centre) @ names.T  # (n, n_values)
        return cls(
            centre=centre,
            names=names,
            senses=centred([sense for sense, _ in looked_up]),
            sense_of=np.array([place for _, place in looked_up], dtype=np.int64),
            usual=with_anything.mean(0),
            spread=with_anything.std(0) + 1e-6,
            talk=centred(readable(dict.fromkeys([*neutral(), *SMALL_TALK, *neutral_sentences()]))),
            aspects=centred(readable(aspects())),
            asks=_fit(
                centred(readable(_asking_for_kinds())), centred(readable(_asking_for_none()))
            ),
        )

    def centred(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors (n, dim) of texts as the ones here."""
        moved: np.ndarray = unit_rows(vectors - self.centre)
        return moved

    def by_name(self, texts: np.ndarray) -> np.ndarray:
        """Cosines of centred texts (n, dim) with the names of the values, (n, n_values)."""
        cosines: np.ndarray = texts @ self.names.T
        return cosines

    def by_sense(self, texts: np.ndarray) -> np.ndarray:
        """Cosines with the nearest sense of each value's name, (n, n_values).

        A value that the dictionary does not have stands as far from the mean as by its name.
        """
        named = self.by_name(texts)
        if not len(self.sense_of):
            return named
        begins = np.flatnonzero(np.diff(self.sense_of, prepend=-1))
        nearest = np.maximum.reduceat(texts @ self.senses.T, begins, axis=1)
        mean = nearest.mean(1, keepdims=True)
        cosines: np.ndarray = named - named.mean(1, keepdims=True) + mean
        cosines[:, self.sense_of[begins]] = nearest
        return cosines

    def unusual(self, texts: np.ndarray) -> np.ndarray:
        """By how many deviations names are nearer than to anything else, (n, n_values)."""
        deviations: np.ndarray = (self.by_name(texts) - self.usual) / self.spread
        return deviations

    def asks_for_kind(self, texts: np.ndarray) -> np.ndarray:
        """Log odds that texts ask for a kind of item at all, (n,)."""
        odds: np.ndarray = texts @ self.asks[:-1] + self.asks[-1]
        return odds

    def like_talk(self, texts: np.ndarray) -> np.ndarray:
        """Cosines with the nearest talk, (n,)."""
        return _nearest(texts @ self.talk.T)

    def like_aspects(self, texts: np.ndarray) -> np.ndarray:
        """Cosines with the nearest aspects, (n,)."""
        return _nearest(texts @ self.aspects.T)


def _asking_for_kinds() -> list[str]:
    """What is said of kinds of items, whatever the catalogue."""
    said = (text for kind in kinds().values() for text in (*kind.names, *kind.phrases))
    return list(dict.fromkeys(said))


def _asking_for_none() -> list[str]:
    """What asks for something else, or for nothing."""
    talk = (*neutral(), *SMALL_TALK, *neutral_sentences(), *remarks())
    return list(dict.fromkeys([*other_wishes(), *asked_aspects(), *talk]))


def _fit(asking: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Logistic regression of which n vectors (n, dim) are of two sides that count alike."""
    labels = np.repeat([1.0, 0.0], [len(asking), len(other)]).astype(np.float32)
    weights = np.repeat([1 / len(asking), 1 / len(other)], [len(asking), len(other)])
    vectors = np.concatenate([asking, other])
    return fit_logistic(vectors, labels[:, None], weights.astype(np.float32))[0]


def _nearest(cosines: np.ndarray) -> np.ndarray:
    highest: np.ndarray = np.sort(cosines, axis=1)[:, -_NEAREST:].mean(1)
    return highest
