"""Texts that ask for attribute values, and texts that ask for nothing."""

from __future__ import annotations

import numpy as np

from recsys.language_models import Encoder, Progress
from recsys.prompts import LIBRARY, Words
from recsys.wishes.facets import Facets

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


def neutral_sentences() -> list[str]:
    """The words of the library's templates, none of which asks for any kind of item."""
    pieces = [piece for template in LIBRARY.values() for piece in template.pieces]
    return list(dict.fromkeys(piece.text for piece in pieces if isinstance(piece, Words)))
