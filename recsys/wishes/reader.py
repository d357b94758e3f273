"""What a wish in plain words comes to: values to have, values to avoid, years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recsys.dataset import Dataset
from recsys.hearing import heard
from recsys.language_models import Encoder
from recsys.models.base import Understood
from recsys.wishes.clauses import clauses
from recsys.wishes.facets import Facets
from recsys.wishes.grounding import Grounding
from recsys.wishes.mentions import Mention, Mentions
from recsys.wishes.phrases import neutral
from recsys.wishes.probe import Probe
from recsys.wishes.requests import SMALL_TALK
from recsys.wishes.years import Span, YearGrammar, item_years

#: Texts whose wishes are kept in mind.
_REMEMBERED = 50_000
#: What an item to avoid loses, where one that is wanted gains 1: wanted and avoided is avoided.
_AVOIDED = 2.0
#: How far a clear wish lifts items, in spans of a user's scores from the lowest to the highest:
#: more than 1, so that the items asked for pass all others.
STEERING = 1.1
#: A wish as clear as this is said to have been understood.
_TOLD = 0.3
#: Words that name something more faintly than this ask for nothing: "popcorn is on the table".
_FAINT = 0.1
#: Titles told of those that a part of a title stands in.
_TITLES_TOLD = 3
#: Stands for a mentioned title while a text is cut; its letters are taken out of what people write.
_MARK = "\ue000{}\ue001"
_MARKED = re.compile("\ue000([0-9]+)\ue001")
_UNMARKED = {ord(letter): " " for letter in "\ue000\ue001"}


@dataclass(frozen=True, eq=False)
class Wish:
    """What some words ask for.

    Attributes:
        wanted, avoided: (n_values,) float32 of 0 to 1, how clearly each value is named.
        years, not_years: spans of years; an item of any of them will do.
        like, unlike: titles that items are to be like, or not; `wanted` and `avoided` have what
            these have in common.
        themselves: positions of items that are to be resembled, not listed.
    """

    wanted: np.ndarray
    avoided: np.ndarray
    years: tuple[Span, ...] = ()
    not_years: tuple[Span, ...] = ()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    themselves: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted.any() or self.avoided.any() or self.years or self.not_years)


class WishReader:
    """Reads wishes, for one catalogue.

    Args:
        data: the catalogue, whose titles and years are known.
        facets: its attribute values.
        probe: tells what is meant by words that name no value.
    """

    def __init__(self, data: Dataset, facets: Facets, probe: Probe, encoder: Encoder) -> None:
        self._facets = facets
        self._years = item_years(data)
        self._grounding = Grounding(facets.values.tolist(), probe, encoder)
        self._grammar = None if self._years is None else YearGrammar(self._years)
        self._mentions = Mentions(data.titles, facets.held)
        # Known to ask for nothing, however little a language model makes of words.
        self._neutral = frozenset([*neutral(), *SMALL_TALK])
        self._read: dict[str, Wish] = {}

    def read(self, texts: Sequence[str]) -> list[Wish]:
        """What each text asks for. Any text can be read; most talk asks for nothing.

        Of a long text its begin is read, see `heard`: the time that words take has an end.
        """
        texts = [heard(text).text for text in texts]
        fresh = [text for text in dict.fromkeys(texts) if text not in self._read]
        if len(self._read) + len(fresh) > _REMEMBERED:
            self._read.clear()
            fresh = list(dict.fromkeys(texts))
        self._read.update(zip(fresh, self._understand(fresh), strict=True))
        return [self._read[text] for text in texts]

    def _understand(self, texts: list[str]) -> list[Wish]:
        cut = [self._cut(text) for text in texts]
        wanted = self._grounding.named(
            [", ".join(one.wanted) for one in cut], dated=[", ".join(one.dated) for one in cut]
        )
        # A wish in the middle of talk is drowned by it: then each clause is looked at.
        vague = [
            row for row in range(len(cut)) if not wanted[row].any() and len(cut[row].wanted) > 1
        ]
        for row, parts in zip(vague, self._each([cut[row].wanted for row in vague]), strict=True):
            wanted[row] = parts
        avoided = self._each([one.avoided for one in cut], avoided=True)
        wishes = []
        for one, plus, minus in zip(cut, wanted, avoided, strict=True):
            plus, minus = _highest(plus, one.like), _highest(minus, one.unlike)
            wishes.append(
                Wish(
                    # "Drawn, no real actors": what is wanted as clearly as avoided is wanted.
                    wanted=plus * (plus >= np.maximum(minus, _FAINT)),
                    avoided=minus * (minus > plus),
                    years=tuple(dict.fromkeys(one.years)),
                    not_years=tuple(dict.fromkeys(one.not_years)),
                    like=tuple(title for mention in one.like for title in mention.titles),
                    unlike=tuple(title for mention in one.unlike for title in mention.titles),
                    themselves=tuple(item for mention in one.like for item in mention.items),
                )
            )
        return wishes

    def _each(self, parts: list[list[str]], *, avoided: bool = False) -> list[np.ndarray]:
        """The clearest naming of each value among the parts of each text."""
        flat = self._grounding.named([part for one in parts for part in one], avoided=avoided)
        ends = np.cumsum([len(one) for one in parts])
        nothing = np.zeros((1, flat.shape[1]), dtype=np.float32)
        return [
            np.concatenate([flat[end - len(one) : end], nothing]).max(0)
            for one, end in zip(parts, ends, strict=True)
        ]

    def _cut(self, text: str) -> _Cut:
        cut = _Cut()
        if text in self._neutral:
            return cut
        text = text.translate(_UNMARKED)
        mentions = self._mentions.find(text)
        told: list[tuple[tuple[Span, ...], bool, str]] = []  # years, avoided, other words
        for clause in clauses(_marked(text, mentions)):
            spans: tuple[Span, ...] = ()
            for place in map(int, _MARKED.findall(clause.text)):
                (cut.unlike if clause.avoided else cut.like).append(mentions[place])
            rest = dated = _MARKED.sub(" ", clause.text)
            if self._grammar is not None:
                spans, rest = self._grammar.find(rest)
            names_more = any(letter.isalnum() for letter in rest)
            if names_more and clause.avoided:
                cut.avoided.append(rest)
            elif names_more:
                cut.wanted.append(rest)
                cut.dated.append(dated)
            if spans:
                told.append((spans, clause.avoided, rest if names_more else ""))
        # "No horror from the eighties": the years are wanted all the same.
        others = [rest for _, avoided, rest in told if avoided and rest]
        with_values = np.any(self._grounding.named(others), axis=1).tolist()
        named = dict(zip(others, with_values, strict=True))
        for spans, avoided, rest in told:
            (cut.not_years if avoided and not named.get(rest, False) else cut.years).extend(spans)
        return cut

    def bonus(self, wish: Wish) -> np.ndarray:
        """What each item has of a wish: (n_items,) float32, 1 for everything that is asked for.

        Two things asked for at once give 2 to the items that have both, and these come first.
        """
        weights = wish.wanted - _AVOIDED * wish.avoided
        bonus: np.ndarray = np.asarray(self._facets.held @ weights, dtype=np.float32)
        if self._years is not None:
            for spans, worth in ((wish.years, 1.0), (wish.not_years, -_AVOIDED)):
                if spans:
                    bonus += worth * np.any([span.holds(self._years) for span in spans], axis=0)
        bonus[list(wish.themselves)] = 0.0
        return bonus

    def understood(self, text: str) -> Understood:
        """The wish in words, as a person can check it."""
        wish = self.read([text])[0]

        def told(weights: np.ndarray) -> tuple[str, ...]:
            places = [i for i in np.argsort(-weights, kind="stable") if weights[i] >= _TOLD]
            return tuple(str(self._facets.values[i]) for i in places)

        return Understood(
            told(wish.wanted),
            told(wish.avoided),
            tuple((span.first, span.last) for span in wish.years),
            tuple((span.first, span.last) for span in wish.not_years),
            wish.like[:_TITLES_TOLD],
            wish.unlike[:_TITLES_TOLD],
            cut=heard(text).cut,
        )


def steered(scores: np.ndarray, bonus: np.ndarray | None) -> np.ndarray:
    """Scores (n, n_items) with what is clearly asked for ahead; as they are without a bonus.

    What a network learns of a wish moves a list in proportion to what training events tell, which
    is little for rare values. Here an item that has all of a clear wish passes those that have
    not; among such items the user's own scores decide, as they did before.

    Args:
        bonus: (n, n_items) or (1, n_items), see `Tokeniser.bonus`.
    """
    if bonus is None:
        return scores
    span = scores.max(1, keepdims=True) - scores.min(1, keepdims=True)  # of each user
    lifted: np.ndarray = scores + STEERING * span * bonus
    return lifted


@dataclass(frozen=True)
class _Cut:
    """A text cut into what is wanted (also with its years), what is to be avoided, and years."""

    wanted: list[str] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)
    years: list[Span] = field(default_factory=list)
    not_years: list[Span] = field(default_factory=list)
    like: list[Mention] = field(default_factory=list)
    unlike: list[Mention] = field(default_factory=list)


def _marked(text: str, mentions: Sequence[Mention]) -> str:
    """The text with marks for mentions: out of the way of what is cut at commas, or read as a year.

    A name that the catalogue happens to have may mean more than that, and stays.
    """
    parts, end = [], 0
    for place, mention in enumerate(mentions):
        kept = "" if mention.likened else text[mention.begin : mention.end]
        parts += [text[end : mention.begin], f"{kept} {_MARK.format(place)} "]
        end = mention.end
    return "".join([*parts, text[end:]])


def _highest(weights: np.ndarray, mentions: Sequence[Mention]) -> np.ndarray:
    """The higher one of how clearly values are named, and what mentioned items share."""
    return np.max([weights, *(mention.values for mention in mentions)], axis=0)
