"""Words that a prompt copies: a title of the catalogue, or a phrase that models are trained with.

A prompt that names a title raises that title for everybody, and a phrase of the training is
understood since it was learned: on the users that are searched either can look like a better
prompt, and says nothing about how people are put into words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Literal

from recsys.dataset import Dataset
from recsys.lab.wording import TAG
from recsys.prompts import GENERIC_TEMPLATES, Template
from recsys.wishes.facets import Facets
from recsys.wishes.phrases import kinds, neutral
from recsys.wishes.requests import SMALL_TALK, wish_texts

#: What is copied.
Copied = Literal["title", "phrase"]

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:['’][^\W_\u3400-\u9fff]+)*")
_CHINESE = re.compile("[\u3400-\u9fff]")
_ENDS = re.compile(r"[.!?:;。！？：；\n]")
_YEAR = re.compile(r"\(\d{4}\)\s*$")
_ARTICLES = frozenset({"a", "an", "the"})
#: Shorter titles are names only where they are written as such: "heat" is a word, and so is "next".
_TELLING = 2
#: Shorter phrases are copied only by a whole sentence: "so far" is in many.
_TELLING_PHRASE = 3
#: One Chinese character says about half as much as a word.
_CHINESE_SHARE = 0.5
#: Words of a title or phrase at most that are looked for.
_LONGEST = 12

_Words = tuple[str, ...]


class Copies:
    """Finds what a prompt copies beyond what the one that it was made from says.

    Args:
        data: whose titles and attribute values are looked for.
        start: a prompt that somebody wrote, whose words are their own.
    """

    def __init__(self, data: Dataset, start: Template) -> None:
        titles = [_words(_YEAR.sub("", str(title))) for title in data.titles]
        self._titles = {title for title in titles if 0 < len(title) <= _LONGEST}
        told = (
            *SMALL_TALK,
            *neutral(),
            *wish_texts(Facets.of(data)),
            *(text for kind in kinds().values() for text in (*kind.names, *kind.phrases)),
        )
        every_prompt = {
            run for template in GENERIC_TEMPLATES.values() for run in _runs(template.source)
        }
        # Of what is told apart as asking for nothing, some is how every prompt begins.
        self._phrases = {_words(text) for text in told} - every_prompt - {()}
        self._own = set(_runs(start.source))

    def found(self, source: str) -> Copied | None:
        """What the words of a template copy; None for nothing."""
        for sentence in _sentences(source):
            if self._names_title(sentence):
                return "title"
            words = _words(sentence)
            told = list(self._new(words, self._phrases))
            if words in told or any(_weight(run) >= _TELLING_PHRASE for run in told):
                return "phrase"
        return None

    def _names_title(self, sentence: str) -> bool:
        if any(_weight(run) >= _TELLING for run in self._new(_words(sentence), self._titles)):
            return True
        # A single word within a sentence is a title where it has a capital letter.
        _, *others = _WORD.findall(sentence) or [""]
        named = {(word.lower(),) for word in others if word[0].isupper()}
        return bool((named & self._titles) - self._own)

    def _new(self, words: _Words, known: Set[_Words]) -> Iterator[_Words]:
        """Runs of words that are among those known, and are not in the prompt at the start."""
        return (run for run in _runs_of(words) if run in known and run not in self._own)


def _sentences(source: str) -> Iterator[str]:
    """The sentences of a template's words; a tag ends one, since a value stands there."""
    for part in TAG.split(source):
        if not TAG.fullmatch(part):
            yield from filter(str.strip, _ENDS.split(part))


def _runs(source: str) -> Iterator[_Words]:
    for sentence in _sentences(source):
        yield from _runs_of(_words(sentence))


def _runs_of(words: _Words) -> Iterator[_Words]:
    """All stretches of consecutive words, up to the longest that is looked for."""
    for begin in range(len(words)):
        for end in range(begin + 1, min(begin + _LONGEST, len(words)) + 1):
            yield words[begin:end]


def _words(text: str) -> _Words:
    """Words in small letters without articles, which titles have in front or behind."""
    return tuple(word for word in _WORD.findall(text.lower()) if word not in _ARTICLES)


def _weight(run: _Words) -> float:
    """How many words a run says."""
    return sum(_CHINESE_SHARE if _CHINESE.match(word) else 1.0 for word in run)
