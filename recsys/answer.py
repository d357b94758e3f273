"""From a question to an answer: what was understood of it, and the best items with their reasons.

"What should I watch with my kids tonight?" is read as any wish is, and answered with items of the
catalogue. No language model writes the answer: the small ones that run here would invent titles
and facts. Every name in it comes from the data, and whoever shows it words it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recsys.dataset import Dataset
from recsys.hearing import MAX_WISH, heard
from recsys.recommend import close_to, recommend, values_had
from recsys.schema import ITEM_ID, N_, TITLE, ConfigError

if TYPE_CHECKING:  # models bring torch, which the first page must not wait for
    from recsys.models.base import Recommender, Understood

#: Items that an answer names.
NAMED = 4
#: Of items that are called alike, as packs of one product are, an answer names the best; so many
#: times `NAMED` are looked at.
_LOOKED_AT = 5
#: A question that goes on from the one before: "And from the nineties?", “那不要动画呢？”.
_GOES_ON = re.compile(
    r"\s*(?:(?:and|but|or|also|then|rather|instead|only|just|what about|how about)\b"
    r"|那|还|再|但|不过|或者|只要|最好)",
    re.IGNORECASE,
)
#: A question for others than those that were named.
_FOR_OTHERS = re.compile(
    r"\b(?:else|others?|another|more)\b|别的|其他|其它|还有|换一|再来|再推荐", re.IGNORECASE
)


@dataclass(frozen=True)
class Named:
    """An item that an answer names.

    Attributes:
        item: its position in the data.
        has: which of the wanted values it has.
        near: titles of the user's own items that are most like it, the nearest first.
    """

    item: int
    title: str
    has: tuple[str, ...]
    near: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """An answer in parts.

    Attributes:
        question: as it was asked.
        wish: what was read: the question, with those before it that it goes on from.
        understood: what the model made of it; false where nothing is known of what it names, and
            then the items are those the user would get anyway. None for a model that reads words
            without telling what it made of them.
        items: the best first, without those that have nothing of what is wanted where others
            have; none where nothing is left that the user has not met.
        told: positions of the items that this answer and those it goes on from named.
    """

    question: str
    wish: str
    understood: Understood | None
    items: tuple[Named, ...]
    told: tuple[int, ...]


def answer(
    model: Recommender,
    data: Dataset,
    user: int,
    question: str,
    *,
    before: Answer | None = None,
    k: int = NAMED,
) -> Answer:
    """Answer a question for a user.

    Args:
        user: position of the user in `data`, whose events are what is known of them.
        before: the answer before this one; a question may go on from it ("and without horror?",
            "anything else?").

    Raises:
        ConfigError: if the model reads no words.
    """
    from recsys.models.base import Queries

    if not model.reads_prompts:
        raise ConfigError(
            N_("The model {model} reads no questions. Ask a prompt-fusion model."),
            model=model.name,
        )
    understood = model.understood(question)
    question, asked = heard(question).text, question
    others = before is not None and bool(_FOR_OTHERS.search(question))
    wish, told = question, tuple[int, ...]()
    if before is not None and (others or _GOES_ON.match(question)):
        # "Anything else?" asks for the same again; "and from the nineties?" adds to it.
        adds = understood is None or understood
        wish = _gone_on(before.wish, question) if adds else before.wish
        cut = understood is not None and understood.cut
        understood = model.understood(wish)
        understood = None if understood is None else replace(understood, cut=cut)
    allowed = np.ones(data.n_items, dtype=bool)
    if others and before is not None:
        told = before.told
        allowed &= ~np.isin(data.titles, data.titles[list(told)])
    query = Queries(data, np.array([user]), intent=wish)
    frame = recommend(model, query, _LOOKED_AT * k, allowed).drop_duplicates(TITLE).head(k)
    items = data.items.positions(frame[ITEM_ID].tolist())
    has = values_had(data, items, () if understood is None else understood.wanted)
    if any(has):  # the nearest of another kind would look like a mistake beside those asked for
        items = items[[bool(had) for had in has]]
        has = [had for had in has if had]
    near = close_to(model, data, user, items)
    named = tuple(
        Named(int(item), str(data.titles[item]), had, close)
        for item, had, close in zip(items, has, near, strict=True)
    )
    return Answer(asked, wish, understood, named, (*told, *(one.item for one in named)))


def _gone_on(before: str, question: str) -> str:
    """A question with those before it; of a long conversation, with as many as can be read."""
    room = MAX_WISH - len(question) - len(". ")
    before = before.rstrip(" .?!。？！")
    if len(before) > room:
        before = before[len(before) - max(room, 0) :].partition(" ")[2]
    return f"{before}. {question}" if before else question
