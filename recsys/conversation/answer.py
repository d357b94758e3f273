"""From a question to an answer: what was understood of it, and the best items with their reasons.

"What should I watch with my kids tonight?" is read as any wish is, and answered with items of the
catalogue. No language model writes the answer: the small ones that run here would invent titles
and facts. Every name in it comes from the data, and the caller puts it into words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from recsys.conversation.follow_ups import (
    Conversation,
    follow_up,
    is_question,
    speaks_of_items,
)
from recsys.dataset import Dataset
from recsys.recommend import close_to, recommend, understand, values_had
from recsys.request_text import MAX_WISH, request_text
from recsys.schema import ITEM_ID, TITLE
from recsys.wishes.control.corrections import Corrections

if TYPE_CHECKING:  # models bring torch, which the first page must not wait for
    from recsys.models.base import Queries, Recommender
    from recsys.wishes.intent import Intent

#: Items that an answer names.
NAMED = 4
#: Of items that are called alike, as packs of one product are, an answer names the best; so many
#: times `NAMED` are looked at.
_LOOKED_AT = 5
#: Columns that say when an item came out.
_YEAR_COLUMNS = frozenset(("year", "release_year", "released", "date", "年份", "年代", "上映年份"))


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
        kind: "items", the best first; "why", the reasons of the one item of `items`; "not about
            items", which has none.
        understood: what the model made of the wish; false where nothing is known of what it names,
            and then the items are those the user would get anyway. None where a model reads words
            that name nothing known, without an `Intent` that could be shown.
        items: the best first, without those that have nothing of what is wanted where others
            have; none where nothing is left that the user has not met.
        conversation: what a next question goes on from.
        refused: titles that the question turned down.
        place: of an item whose reasons are asked for, where it stood, from 1.
    """

    question: str
    kind: Literal["items", "why", "not about items"]
    understood: Intent | None
    items: tuple[Named, ...]
    conversation: Conversation
    refused: tuple[str, ...] = ()
    place: int = 1

    @property
    def wish(self) -> str:
        """What was read: the question, with those before it that it goes on from."""
        return self.conversation.wish

    @property
    def named(self) -> tuple[int, ...]:
        """Positions of the items that this answer and those it goes on from named."""
        return self.conversation.named


def answer(
    model: Recommender,
    data: Dataset,
    user: int,
    question: str,
    *,
    before: Answer | None = None,
    left_out: Sequence[int] = (),
    unwanted: np.ndarray | None = None,
    k: int = NAMED,
) -> Answer:
    """Answer a question for a user.

    Args:
        user: position of the user in `data`, whose events are what is known of them.
        before: the answer before this one; a question may go on from it ("and without horror?",
            "anything else?", "why the first one?", "not that one", "something scarier").
        left_out: positions of items that the user knows besides those of the history.
        unwanted: positions of items the like of which is to stand lower, see `recommend`.

    Raises:
        LanguageModelError: if none can be had that embeds the words.
    """
    talk = Conversation() if before is None else before.conversation
    asked, question = question, request_text(question).text
    titles = [str(data.titles[item]) for item in talk.last]
    said = follow_up(question, titles, talk.focus)
    if said.kind == "why":
        return _why(model, data, user, asked, before, said.which[0])
    understood = understand(model, data, asked)
    if said.kind == "not about items" or (said.kind == "anew" and _elsewhere(question, understood)):
        return Answer(asked, "not about items", understood, (), talk)
    refused = tuple(talk.last[place] for place in said.which)
    adds = said.adds
    if said.newer:
        adds = _by_year(data, talk, said.newer, question)
    others = said.kind in ("others", "no") or bool(adds and adds != question)
    wish, listed, corrections = question, tuple[int, ...](), Corrections(question)
    if said.kind != "anew":
        # "Anything else?" asks for the same again; "and from the nineties?" adds to it.
        knows = adds != "" and (adds != question or understood is None or bool(understood))
        wish = _gone_on(talk.wish, adds) if knows else talk.wish
        corrections = replace(talk.corrections, text=wish)
    if said.kind == "others" or (others and said.kind == "goes on"):
        listed = talk.named
    talk = Conversation(wish, (), listed, (*talk.excluded, *refused), corrections=corrections)
    found = _answered(model, data, user, asked, talk, left_out, unwanted, k)
    return replace(found, refused=tuple(titles[place] for place in said.which))


def corrected_answer(
    model: Recommender,
    data: Dataset,
    user: int,
    before: Answer,
    corrections: Corrections,
    *,
    left_out: Sequence[int] = (),
    unwanted: np.ndarray | None = None,
    k: int = NAMED,
) -> Answer:
    """The same answer once the user has corrected what was understood of its wish.

    The other arguments are those of `answer`.
    """
    talk = before.conversation
    listed = talk.named[: len(talk.named) - len(talk.last)]
    talk = replace(talk, last=(), named=listed, focus=0, corrections=corrections)
    found = _answered(model, data, user, before.question, talk, left_out, unwanted, k)
    return replace(found, refused=before.refused)


def _answered(
    model: Recommender,
    data: Dataset,
    user: int,
    asked: str,
    talk: Conversation,
    left_out: Sequence[int],
    unwanted: np.ndarray | None,
    k: int,
) -> Answer:
    """The best items for the wish of a conversation, without those that it names or excludes."""
    from recsys.models.base import Queries

    understood = understand(model, data, talk.wish, talk.corrections)
    if understood is not None:  # of a long question the end is not read, though the wish is short
        understood = replace(understood, cut=understood.cut or request_text(asked).cut)
    query = Queries(data, np.array([user]), intent=talk.wish, corrections=talk.corrections)
    wanted = () if understood is None else understood.wanted
    without = (*talk.named, *talk.excluded, *left_out)
    items, has = _found(model, query, wanted, without, unwanted, k)
    near = close_to(model, data, user, items)
    named = tuple(
        Named(int(item), str(data.titles[item]), had, close)
        for item, had, close in zip(items, has, near, strict=True)
    )
    last = tuple(one.item for one in named)
    talk = replace(talk, last=last, named=(*talk.named, *last))
    return Answer(asked, "items", understood, named, talk)


def _found(
    model: Recommender,
    query: Queries,
    wanted: tuple[str, ...],
    without: tuple[int, ...],
    unwanted: np.ndarray | None,
    k: int,
) -> tuple[np.ndarray, Sequence[tuple[str, ...]]]:
    """The best items, and which wanted values each has; none that is called as one of `without`."""
    data = query.history
    allowed = ~np.isin(data.titles, data.titles[list(without)])
    frame = recommend(model, query, _LOOKED_AT * k, allowed, unwanted)
    frame = frame.drop_duplicates(TITLE).head(k)
    items = data.items.positions(frame[ITEM_ID].tolist())
    has = values_had(data, items, wanted)
    if any(has):  # the nearest of another kind would look like a mistake beside those asked for
        items = items[[bool(had) for had in has]]
        has = [had for had in has if had]
    return items, has


def _why(
    model: Recommender, data: Dataset, user: int, asked: str, before: Answer | None, place: int
) -> Answer:
    """The reasons of one of the items named last: what it has of the wish, and what it is like."""
    talk = Conversation() if before is None else before.conversation
    items = np.array([talk.last[place]])
    understood = understand(model, data, talk.wish, talk.corrections)
    (has,) = values_had(data, items, () if understood is None else understood.wanted)
    (near,) = close_to(model, data, user, items)
    named = Named(int(items[0]), str(data.titles[items[0]]), has, near)
    gone = replace(talk, focus=place)
    return Answer(asked, "why", understood, (named,), gone, place=place + 1)


def _elsewhere(question: str, understood: Intent | None) -> bool:
    """Whether a question that the words alone leave open is about no items: nothing known is in it.

    A statement about oneself is taken for a wish.
    """
    return (
        understood is not None
        and not understood
        and is_question(question)
        and not (speaks_of_items(question))
    )


def _by_year(data: Dataset, talk: Conversation, direction: int, question: str) -> str:
    """Later or earlier than the items of before, in words that are understood as years."""
    years = [year for item in talk.last if (year := _year(data, item)) is not None]
    chinese = bool(re.search("[\u4e00-\u9fff]", question))
    if not years:
        return (
            ("新的" if direction > 0 else "老的")
            if chinese
            else ("something new" if direction > 0 else "something old")
        )
    if direction > 0:
        return f"{max(years)}年以后的" if chinese else f"after {max(years)}"
    return f"{min(years)}年以前的" if chinese else f"before {min(years)}"


def _year(data: Dataset, item: int) -> int | None:
    """When an item came out: what stands behind its title, else a column of years."""
    behind = re.search(r"\((\d{4})\)\s*$", str(data.titles[item]))
    if behind:
        return int(behind[1])
    for column in data.item_attributes:
        if column.lower() in _YEAR_COLUMNS:
            found = re.match(r"(\d{4})\b", " ".join(data.attribute_values(column)[item]))
            return int(found[1]) if found else None
    return None


def _gone_on(before: str, question: str) -> str:
    """A question with those before it; of a long conversation, with as many as can be read."""
    space = MAX_WISH - len(question) - len(". ")
    before = before.rstrip(" .?!。？！")
    if len(before) > space:
        before = before[len(before) - max(space, 0) :].partition(" ")[2]
    return f"{before}. {question}" if before else question
