"""Items and attribute values as language-model vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.language_models import Encoder, Progress
from recsys.legible import illegible_columns
from recsys.prompts.attributes import MAX_CATEGORY_VALUES, Attribute, encode

#: Ways to ask for an attribute value. They train the model to follow a wish, and their mean is
#: the meaning of the value; wishes in other words are found by their likeness to it.
WISHES = (
    "{value}",
    "something {value}",
    "I want {value}.",
    "I would like {value} this time.",
    "I'm in the mood for {value}.",
    "Wants {value}.",
    "Recommend {value} only.",
    "Only {value}, please.",
    "Show me the best {value}.",
    "I am looking for a good {value}.",
    "{value}, nothing else",
    "The user asks for {value}.",
    "Give me more {value}!",
    "I love {value}.",
    "我想要{value}。",
    "只推荐{value}。",
)

#: What people also type, which asks for nothing in particular. Trained with the target that came
#: anyway, so that such words leave the list nearly as it was.
SMALL_TALK = (
    "What should I watch tonight?",
    "Recommend something I would like.",
    "I do not know what I want.",
    "Surprise me.",
    "Anything is fine.",
    "It has been a busy week.",
    "Hello!",
    "We have guests this evening.",
    "What do you suggest?",
    "Please help me choose.",
    "Something good, please.",
    "I am bored.",
    "The user has not said anything.",
    "Thank you very much.",
    "It is raining outside.",
    "随便推荐一个。",
    "今天有点累。",
    "你有什么建议？",
)

#: How much of the largest spread is added to every direction when text vectors are whitened.
_WHITENING_FLOOR = 0.1


def item_texts(dataset: Dataset) -> list[str]:
    """What the language model reads of each item: its title, then its attributes.

    Such as "Toy Story. Adventure, Animation, Children. year 1995." Columns of addresses and codes
    are left out (`recsys.legible`).
    """
    columns = []
    illegible = set(illegible_columns(dataset))
    for name in dataset.item_attributes:
        if name in illegible:
            continue
        attribute = encode(dataset, name)
        label = f"{name} " if attribute.is_numeric else ""
        columns.append([label + ", ".join(v) if v else "" for v in dataset.attribute_values(name)])
    return [
        ". ".join(filter(None, parts)) + "." for parts in zip(dataset.titles, *columns, strict=True)
    ]


def whitened(vectors: np.ndarray) -> np.ndarray:
    """Vectors of all item texts, whitened: (n_items, dim) float32 with mean square 1.

    A sentence encoder puts the texts of one catalogue close together, since all say "a film".
    Removing the mean and dividing by the spread in each direction (Su et al. 2021, "Whitening
    sentence representations") leaves what tells them apart; the floor keeps noise small.
    """
    vectors = vectors - vectors.mean(0)
    directions, spread = whitening(vectors)
    white = (vectors @ directions) / spread
    white *= 1 / max(float(np.sqrt(np.mean(white**2))), 1e-6)
    padded = np.zeros_like(vectors)  # fewer items than dimensions leave the last ones empty
    padded[:, : white.shape[1]] = white
    return padded


def whitening(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions (dim, r) of vectors (n, dim) of mean 0, and by what to divide along each, (r,)."""
    _, spread, directions = np.linalg.svd(vectors, full_matrices=False)
    return directions.T, spread + (_WHITENING_FLOOR * spread[0] + 1e-6)


@dataclass(frozen=True, eq=False)
class Facets:
    """The attribute values that a wish can ask for, such as genres.

    Attributes:
        columns: the attribute each value belongs to, (n_values,) strings.
        values: (n_values,) strings.
        held: which items have which values, (n_items, n_values) float32 of 0 and 1.
    """

    columns: np.ndarray
    values: np.ndarray
    held: sp.csr_matrix

    @property
    def n_values(self) -> int:
        return len(self.values)

    @classmethod
    def of(cls, dataset: Dataset) -> Facets:
        """The facets of all attributes whose values are shared by several items."""
        illegible = set(illegible_columns(dataset))
        legible = [name for name in dataset.item_attributes if name not in illegible]
        attributes = [encode(dataset, name) for name in legible]
        chosen = [a for a in attributes if _can_be_wished(a)]
        empty = sp.csr_matrix((dataset.n_items, 0), dtype=np.float32)
        return cls(
            np.array([a.column for a in chosen for _ in a.values], dtype=object),
            np.array([v for a in chosen for v in a.values], dtype=object),
            sp.csr_matrix(sp.hstack([empty, *map(_matrix, chosen)], dtype=np.float32)),
        )


def wish_texts(facets: Facets) -> list[str]:
    """Every wish for every value, (n_values * len(WISHES)) texts, value by value."""
    return [wish.format(value=value.lower()) for value in facets.values for wish in WISHES]


def value_meanings(facets: Facets, encoder: Encoder, progress: Progress | None) -> np.ndarray:
    """What each value means to the encoder: (n_values, dim), the mean of the wishes for it."""
    texts = wish_texts(facets)
    if not texts:  # an upload without shared attributes
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    vectors = encoder.encode(texts, progress)
    return vectors.reshape(facets.n_values, len(WISHES), -1).mean(1)


def _can_be_wished(attribute: Attribute) -> bool:
    few = len(attribute.values) <= MAX_CATEGORY_VALUES
    return attribute.is_shared and few and not attribute.is_numeric


def _matrix(attribute: Attribute) -> sp.csr_matrix:
    shape = (len(attribute.offsets) - 1, len(attribute.values))
    ones = np.ones(len(attribute.codes), dtype=np.float32)
    matrix = sp.csr_matrix((ones, attribute.codes, attribute.offsets), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
