"""Titles of the catalogue that a wish mentions: "something like Toy Story"."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

#: In a larger catalogue almost any words are a title, and an index takes too long.
_MOST_TITLES = 200_000
#: Words of a mention at most.
_LONGEST = 10
#: A value stands for the items mentioned if this share of them has it.
_SHARED = 0.5
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_YEAR = re.compile(r"\(\d{4}\)$")
_ARTICLES = ("a", "an", "the")
#: Words before a title in lower case, or of one word, that mark it as a title.
_LIKE = re.compile(
    r"(?:\b(?:like|another|similar to|such as|same as|in the style of|reminds me of|sequel to"
    r"|as good as)"
    r"(?:\s+(?:the|a))?(?:\s+(?:film|movie|book))?|[\"“《「]|类似|像)\s*$",
    re.IGNORECASE,
)
_ANY_SUCH = re.compile(r"\san?\s*$", re.IGNORECASE)
#: So far before a title these words begin at most.
_LIKE_BEFORE = 60
#: A title with another one in brackets behind it.
_OTHER_NAME = re.compile(r"(.*\w.*?)\s*\(([^()]*[^\W\d_][^()]*)\)")
_ALSO_KNOWN = re.compile(r"^(?:a\.?k\.?a\.?)\s+", re.IGNORECASE)
#: Words of who has met what they name; in capitals only, or it is no title.
_LOVED = re.compile(r"\bI\s+(?:really\s+|also\s+)?(?:loved?|liked|enjoyed|adored?)\s+$")
_YEAR_AFTER = re.compile(r"\s{0,3}\(\d{4}\)")
_OF_A_TITLE = re.compile(rf"(?<=\w){_YEAR_AFTER.pattern}")
_AFTER = re.compile(r"[\"”》」]\s*(?:一样|那样)?(?:的)?")


@dataclass(frozen=True, eq=False)
class Mention:
    """Where a text mentions titles, and what they have in common.

    Attributes:
        begin, end: positions in the text, with the words that say it is a likeness.
        likened: whether the text says that it is a likeness, or says nothing else.
        titles: as the catalogue has them.
        items: positions of the items that others are to be like, and so are not meant themselves.
        found: positions of all items of these titles.
        values: (n_values,) float32, what the items have in common, 1 in all.
    """

    begin: int
    end: int
    likened: bool
    titles: tuple[str, ...]
    items: tuple[int, ...]
    found: tuple[int, ...]
    values: np.ndarray


@dataclass(frozen=True)
class _Index:
    """Titles by their words, and by the two that they begin with; the words of each title."""

    whole: dict[tuple[str, ...], list[int]]
    begun: dict[tuple[str, ...], list[int]]
    words: list[tuple[str, ...]]


class Mentions:
    """Finds titles, and what a series of titles begins with, such as "Indiana Jones".

    They have to be written in capitals, with their year in brackets, or after a word that says
    "like".

    Args:
        titles: (n_items,) strings.
        held: (n_items, n_values) which items have which attribute values.
    """

    def __init__(self, titles: np.ndarray, held: sp.csr_matrix) -> None:
        self._titles = titles
        self._held = held

    @cached_property
    def _index(self) -> _Index:
        """Made when the first text is searched: lists without a wish need none."""
        index = _Index(defaultdict(list), defaultdict(list), [])
        for item, title in enumerate(self._titles if len(self._titles) <= _MOST_TITLES else ()):
            bare = _YEAR.sub("", str(title).rstrip())
            words = _essential(tuple(word[0].lower() for word in _WORD.finditer(bare)))
            index.words.append(words)
            for name in dict.fromkeys([words, *_shorter(bare)]):
                index.whole[name].append(item)
            if len(words) > 1:
                index.begun[words[:2]].append(item)
        return index

    def find(self, text: str) -> list[Mention]:
        """The mentions in a text, from left to right; none overlaps another."""
        found: list[Mention] = []
        tokens = list(_WORD.finditer(text))
        whole = len(text) - len(text.lstrip()), len(text.rstrip(" .!?"))
        place = 0
        while place < len(tokens) and self._index.words:
            begin = tokens[place].start()
            likened = _LIKE.search(text, max(0, begin - _LIKE_BEFORE), begin)
            if likened and text[begin].islower() and _ANY_SUCH.search(likened[0]):
                likened = None  # "like a bottle" means any
            loved = None
            if not likened and not text[begin].islower():
                loved = _LOVED.search(text, max(0, begin - _LIKE_BEFORE), begin)
            for end in range(min(place + _LONGEST, len(tokens)), place, -1):
                dated = _YEAR_AFTER.match(text, tokens[end - 1].end())
                if not likened and not dated and text[begin].islower():  # no title begins here
                    continue
                run = tokens[place:end]
                told = likened or (None if dated else loved)  # a year tells a title by itself
                if (mention := self._mention(text, run, told, dated, whole)) is not None:
                    found.append(mention)
                    place = end - 1
                    break
            place += 1
        return found

    def _mention(
        self,
        text: str,
        run: list[re.Match[str]],
        likened: re.Match[str] | None,
        dated: re.Match[str] | None,
        whole: tuple[int, int],
    ) -> Mention | None:
        """The titles that a run of words is.

        Args:
            likened: what stands before it.
            dated: a year in brackets behind it.
            whole: where the text's first word begins, and its last one ends.
        """
        words = _essential(tuple(token[0].lower() for token in run))
        content = [run[0], run[-1], *(token for token in run if len(token[0]) > 3)]
        named = len(run) > 1 and not any(token[0][0].islower() for token in content)
        alone = run[0].start() <= whole[0] and run[-1].end() >= whole[1]
        if len(words) == 1 and run[0].start() == 0 and not alone:
            named = False  # "The Others were fine" may begin any sentence
        items: list[int] = []
        if likened or named or dated:
            items = self._index.whole.get(words, [])
        if dated:  # of films of one title, the one that is meant
            year = dated[0].strip()
            of_year = [i for i in items if str(self._titles[i]).rstrip().endswith(year)]
            items = of_year or (items if likened or named else [])
        if not items and named and len(words) > 1:
            begun = self._index.begun.get(words[:2], ())
            series = [i for i in begun if self._index.words[i][: len(words)] == words]
            items = series if len(series) > 1 else []
        if not items:
            return None
        share = np.asarray(self._held[items].mean(0)).ravel()
        values = (share >= _SHARED).astype(np.float32)
        if not values.any():
            return None
        end = dated.end() if dated else run[-1].end()
        after = _AFTER.match(text, end)
        return Mention(
            begin=likened.start() if likened else run[0].start(),
            end=after.end() if after else end,
            likened=alone or likened is not None,
            titles=tuple(str(self._titles[item]) for item in items),
            items=tuple(items) if likened else (),
            found=tuple(items),
            values=values / values.sum(),
        )


def _shorter(title: str) -> list[tuple[str, ...]]:
    """The words of a title without what stands in brackets at its end, and of that by itself.

    "Amelie (Le Fabuleux destin d'Amélie Poulain)" is called by either.
    """
    if (found := _OTHER_NAME.fullmatch(title.strip())) is None:
        return []
    parts = (_ALSO_KNOWN.sub("", part) for part in found.groups())
    words = (tuple(word[0].lower() for word in _WORD.finditer(part)) for part in parts)
    return [_essential(part) for part in words if part]


def without_title_years(text: str) -> str:
    """A text without years in brackets behind words: "Up (2009)" names a film, not a year."""
    return _OF_A_TITLE.sub(" ", text)


def _essential(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words without an article at their begin, or at their end as in "Matrix, The"."""
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return words[:-1] if len(words) > 1 and words[-1] in _ARTICLES else words
