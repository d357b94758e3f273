"""The meaning of a column's name, by the words in it, in many languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from recsys.schema import ITEM_ID, POSITION, RATING, TIMESTAMP, TITLE, USER_ID
from recsys.sources.columns.vocabulary import (
    CONTEXTS,
    COUNT,
    ELSE,
    EVENT,
    FILLER,
    ID,
    LINK,
    OTHER,
    PARTS,
    PICTURES,
    SPELLINGS,
    WORDS,
)

_MEANING = {word: meaning for meaning, words in reversed(WORDS.items()) for word in words.split()}
_STEMS = sorted(
    ((part, meaning) for meaning, parts in PARTS.items() for part in parts.split()),
    key=lambda pair: -len(pair[0]),
)
_ALL_SPELLINGS = frozenset(s for group in SPELLINGS.values() for s in group)
#: What RecBole writes behind the names of its columns.
_TYPE = re.compile(r":(?:token|float)(?:_seq)?$")
_FOLDED = re.compile(r"[\u00c0-\u03ff\u1e00-\u1fff]")
#: Latin letters that are no letter with an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "đ": "d", "Đ": "D"}
)
_TOKENS = re.compile(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
#: The second half of a compound such as "kaufdatum" or "movieid"; the first may be anything known.
_LEAST_ENDING = 5
_MAX_LETTERS = 100

#: How surely a name says what a column is: as a canonical name, as a known spelling, by words of
#: which one says what identifies it, by a word alone, by "id" behind an unknown thing.
CANONICAL, SPELLED, WORDED, WORD, SOME_ID = 5, 4, 3, 2, 1


def plain_name(name: str) -> str:
    """A name in lower case without accents, spaces or punctuation: ``User-ID`` → ``userid``."""
    return re.sub(r"[\W_]+", "", folded(_TYPE.sub("", name)).casefold())


def known_names(names: Sequence[str]) -> int:
    """How many of the names are those of columns, rather than cells."""
    return sum(_is_known(str(name)) for name in names)


def strength(name: str, canonical: str) -> tuple[int, int]:
    """How surely a name says `canonical` (0: not at all), and its place among the spellings."""
    if name == canonical:
        return CANONICAL, 0
    plain = plain_name(name)
    if plain in SPELLINGS.get(canonical, ()):
        return SPELLED, SPELLINGS[canonical].index(plain)
    meant, sure = meaning(name)
    return (sure, 0) if meant == canonical else (0, 0)


@lru_cache(maxsize=4096)
def meaning(name: str) -> tuple[str | None, int]:
    """The meaning of a name's words: a canonical name, `EVENT`, `COUNT` or None; and how surely.

    The last word decides: ``movie_rating_value`` is a rating, ``rating_time`` a time. An unknown
    thing with an id is an item: ``anime_id``.
    """
    found = [kind for token in words_of(name) for kind in _kinds(token)]
    said = [kind for kind in found if kind != FILLER]
    if said[-1:] == [LINK]:
        return _of_link(said[:-1], name)
    if said[-1:] == [ITEM_ID] or CONTEXTS & set(words_of(name)):  # that with which an event was
        said = [kind for kind in said if kind != EVENT]
    has_id = ID in said
    said = [kind for kind in said if kind != ID]
    if not said:
        return None, 0
    kinds = set(said)
    if COUNT in kinds:
        return COUNT, WORDED
    if not has_id and ELSE not in kinds:
        for kind in (TIMESTAMP, EVENT, RATING):
            if kind in kinds:  # a word beside unknown ones is less sure
                return kind, WORD if "" in kinds else WORDED
    if said[-1] == OTHER:
        return None, 0
    if TITLE in kinds and not has_id:
        return (USER_ID, WORD) if USER_ID in kinds else (TITLE, WORD if "" in kinds else WORDED)
    for kind in (USER_ID, ITEM_ID):
        if kind in kinds and not kinds & {RATING, TIMESTAMP, EVENT, ELSE}:
            return kind, WORD if OTHER in kinds or ("" in kinds and not has_id) else WORDED
    if kinds == {POSITION}:
        return POSITION, WORDED
    if has_id and kinds == {""}:
        return ITEM_ID, SOME_ID
    return None, 0


def _of_link(said: list[str], name: str) -> tuple[str | None, int]:
    """What the address of a thing is: an id of it, unless it is that of its picture."""
    last = said[-1] if said and not PICTURES & set(words_of(name)) else None
    return (last, WORD) if last in (USER_ID, ITEM_ID) else (None, 0)


def says_else(name: str) -> bool:
    """Whether a name says that a column is something else: an order, a price, an average."""
    kinds = {kind for token in words_of(name) for kind in _kinds(token)}
    return bool(kinds & {OTHER, ELSE}) or (LINK in kinds and not meaning(name)[1])


def _is_known(name: str) -> bool:
    if len(name) > _MAX_LETTERS:
        return False
    if plain_name(name) in _ALL_SPELLINGS:
        return True
    tokens = words_of(name)
    kinds = {kind for token in tokens for kind in _kinds(token)}
    has_words = any(len(token) > 2 or not token.isascii() for token in tokens)
    return has_words and "" not in kinds and bool(kinds - {FILLER, ID, OTHER, ELSE})


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: ``fkUser-ID`` → fk, user, id."""
    name = folded(_TYPE.sub("", name[:_MAX_LETTERS]))
    return [token.casefold() for token in _TOKENS.findall(name)]


def _kinds(token: str) -> list[str]:
    """What one word means, or the two halves of a compound; "" for what is not known."""
    if token in _MEANING:
        return [_MEANING[token]]
    if token.isdecimal():
        return []
    if not token.isascii():
        return _parts(token)
    for cut in range(len(token) - 2, 1, -1):
        begin, end = token[:cut], token[cut:]
        if end not in _MEANING or _MEANING[end] == FILLER:
            continue
        known = next((b for b in (begin, begin.removesuffix("s")) if b in _MEANING), None)
        if known is not None and _MEANING[known] != FILLER:
            return [_MEANING[known], _MEANING[end]]
        if len(end) >= _LEAST_ENDING:
            return ["", _MEANING[end]]
    return [""]


def _parts(token: str) -> list[str]:
    """Meanings of the known parts of a word in another script, in their order; [""] for none."""
    found: list[tuple[int, str]] = []
    left = token
    with_endings = "Ͱ" <= token[0] <= "ӿ"  # Greek and Cyrillic: stems begin words
    for part, kind in _STEMS:
        place = left.find(part)
        if place < 0 or (with_endings and place > 0):
            continue
        found.append((place, kind))
        left = left.replace(part, " " * len(part), 1)
    if token.endswith("日") and not found:
        found.append((len(token), TIMESTAMP))
    return [kind for _, kind in sorted(found)] or [""]


def folded(text: str) -> str:
    """Without accents on Latin and Greek letters: ``película`` → ``pelicula``."""
    text = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    return "".join(
        unicodedata.normalize("NFKD", letter)[0] if _FOLDED.match(letter) else letter
        for letter in text
        if letter != "\u0307"  # the dot that a Turkish İ leaves in lower case
    )
