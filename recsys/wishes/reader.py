"""Reads what texts ask for: values to have, values to avoid, years, titles to resemble."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain
from typing import Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Encoder, Progress, load_encoder
from recsys.request_text import request_text
from recsys.wishes.clauses import clauses
from recsys.wishes.comparisons import comparisons
from recsys.wishes.control.strength import NUDGE, lift
from recsys.wishes.facets import Facets
from recsys.wishes.free_text import FreeText
from recsys.wishes.graded import GradedCatalogue
from recsys.wishes.grounding import Grounding, content, covered
from recsys.wishes.intent import Compared, Intent, weighed
from recsys.wishes.meanings import BILINGUAL
from recsys.wishes.mentions import Mention, Mentions, without_title_years
from recsys.wishes.phrases import neutral
from recsys.wishes.probe import Listening, Probe
from recsys.wishes.probe_cache import cached_meanings, cached_probe
from recsys.wishes.requests import SMALL_TALK
from recsys.wishes.tastes import tells_taste
from recsys.wishes.years import Span, YearGrammar, item_years

#: Texts whose intents are kept in memory.
_REMEMBERED = 50_000
#: The penalty of an item with an avoided value, where a wanted value adds 1.
_AVOIDED = 2.0
#: An item is clearly more of a quality than another if it lies so many deviations further along it.
_CLEARLY = 1.0
#: How many deviations further an item lies that has a value which the quality names.
_NAMED = 2.0
#: Who names so many values, mentions titles, or says what they like tells a taste: an item need not
#: have all of it.
_MANY = 3
#: Stands for a mentioned title while a text is cut; its letters are taken out of what people write.
_MARK = "\ue000{}\ue001"
_MARKED = re.compile("\ue000([0-9]+)\ue001")
_UNMARKED = {ord(letter): " " for letter in "\ue000\ue001"}


class WishReader:
    """Reads wishes, for one catalogue.

    Args:
        catalogue: the items; no event is looked at.
        encoder: the language model that embeds the words.
        probe: predicts which values are meant by words that name none, from their vectors;
            one is fitted, or read from the cache, where none is given.
        progress: called with (done, total) texts while the encoder reads them for a new probe.
    """

    def __init__(
        self,
        catalogue: Dataset,
        encoder: Encoder,
        probe: Probe | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.facets = facets = Facets.of(catalogue)
        self.encoder = encoder
        probes = []
        if covered(facets).any():
            own = cached_probe(catalogue, facets, encoder, progress) if probe is None else probe
            probes.append(Listening(lambda: own, encoder))
            if encoder.name != BILINGUAL:
                bilingual = load_encoder(BILINGUAL)
                learn = cache(partial(cached_probe, catalogue, facets, bilingual, progress))
                probes.append(Listening(learn, bilingual))
        self._meanings = cache(partial(cached_meanings, catalogue, facets, progress))
        self._years = item_years(catalogue)
        self._grounding = Grounding(facets, self._meanings, probes)
        self._grammar = None if self._years is None else YearGrammar(self._years)
        self._mentions = Mentions(catalogue.titles, facets.held)
        self._graded = GradedCatalogue(catalogue)
        self._free_text = FreeText(catalogue)
        # Known to ask for nothing, whatever the probe predicts.
        self._neutral = frozenset([*neutral(), *SMALL_TALK])
        self._read: dict[str, Intent] = {}

    def learn(self) -> None:
        """Learn what words mean of the catalogue, where the cache does not know: some seconds."""
        if self.facets.n_values:
            self._meanings()
        self._grounding.learn()
        self._free_text.learn()

    def for_more_items(self, catalogue: Dataset) -> Self:
        """The same reader for a catalogue with more items behind its own.

        Nothing is learned anew: what words mean was learned from the items that it has.
        """
        grown = copy(self)
        grown.facets = facets = self.facets.for_more_items(catalogue)
        grown._years = item_years(catalogue)
        grown._grammar = None if grown._years is None else YearGrammar(grown._years)
        grown._mentions = Mentions(catalogue.titles, facets.held)
        grown._graded = GradedCatalogue(catalogue)
        grown._free_text = FreeText(catalogue)
        grown._read = {}
        return grown

    def read(self, text: str) -> Intent:
        """What a text asks for. Any text can be read; most talk asks for nothing.

        A long text is cut, see `request_text`, which bounds the time it takes.
        """
        request = request_text(text)
        (intent,) = self.read_all([request.text])
        return replace(intent, cut=True) if request.cut else intent

    def read_all(self, texts: Sequence[str]) -> list[Intent]:
        """The same of many texts, in one pass through the language model."""
        texts = [request_text(text).text for text in texts]
        fresh = [text for text in dict.fromkeys(texts) if text not in self._read]
        if len(self._read) + len(fresh) > _REMEMBERED:
            self._read.clear()
            fresh = list(dict.fromkeys(texts))
        self._understand(fresh)
        return [self._read[text] for text in texts]

    def read_ahead(self, texts: Sequence[str], *, by_model: bool = True) -> None:
        """Read texts whose lists will be asked for, which takes less than one step by another.

        Args:
            by_model: whether the model that makes the lists reads the texts, too.
        """
        texts = [request_text(text).text for text in texts]
        fresh = [text for text in dict.fromkeys(texts) if text not in self._read]
        also = [pair for text in fresh for pair in self._free_text.embedded(text)]
        self._understand(fresh, also + [(self.encoder, text) for text in fresh if by_model])

    def _understand(self, texts: list[str], also: Sequence[tuple[Encoder, str]] = ()) -> None:
        """Read texts that are not in memory.

        Args:
            also: other texts that encoders will be asked for.
        """
        if not texts:
            return
        cut = [self._cut(text) for text in texts]
        self._embed(cut, also)
        self._date(cut)
        named = self._grounding.named(
            [", ".join(one.wanted) for one in cut], dated=[", ".join(one.dated) for one in cut]
        )
        wanted = named.weights
        # Other talk in a text can hide its wish: then each clause is read by itself.
        vague = [row for row in range(len(cut)) if not wanted[row].any()]
        missing: dict[int, tuple[str, ...]] = {}
        clauses_of = self._each([cut[row].wanted for row in vague])
        for row, (parts, without) in zip(vague, clauses_of, strict=True):
            wanted[row], missing[row] = parts, without
        avoided = self._each([one.avoided for one in cut], avoided=True)
        intents = [
            self._intent(one, plus, minus, (*missing.get(row, ()), *without), bool(named.more[row]))
            for row, (one, plus, (minus, without)) in enumerate(
                zip(cut, wanted, avoided, strict=True)
            )
        ]
        self._read.update(zip(texts, intents, strict=True))

    def _intent(
        self, cut: _Cut, plus: np.ndarray, minus: np.ndarray, missing: tuple[str, ...], more: bool
    ) -> Intent:
        """The intent of a text.

        Args:
            plus, minus: (n_values,) how clearly its words name what is wanted, and to be avoided.
            missing: clauses that ask for what the catalogue does not have.
            more: whether what is wanted is said in more words than names of values.
        """
        wanted, avoided = weighed(plus, minus, cut.like, cut.unlike)
        return Intent(
            values=self.facets.values,
            wanted_sure=wanted,
            avoided_sure=avoided,
            years=tuple(dict.fromkeys(cut.years)),
            not_years=tuple(dict.fromkeys(cut.not_years)),
            likes=tuple(cut.like),
            unlikes=tuple(cut.unlike),
            named_wanted=plus,
            named_avoided=minus,
            compared=tuple(cut.compared),
            says_more=more or bool(cut.like),
            # Beside what was understood, other words explain it more often than they ask for more.
            any_will_do=cut.tells_taste or bool(cut.like) or len(np.flatnonzero(wanted)) >= _MANY,
            missing=() if wanted.any() or avoided.any() else missing,
        )

    def _each(
        self, parts: list[list[str]], *, avoided: bool = False
    ) -> list[tuple[np.ndarray, tuple[str, ...]]]:
        """The clearest naming of each value among the parts of each text, and the parts without."""
        flat = [part for one in parts for part in one]
        named = self._grounding.named(flat, avoided=avoided)
        ends = np.cumsum([len(one) for one in parts])
        nothing = np.zeros((1, named.weights.shape[1]), dtype=np.float32)
        return [
            (
                np.concatenate([named.weights[end - len(one) : end], nothing]).max(0),
                tuple(content(flat[p]) for p in range(end - len(one), end) if named.missing[p]),
            )
            for one, end in zip(parts, ends, strict=True)
        ]

    def _cut(self, text: str) -> _Cut:
        if text in self._neutral:
            return _Cut()
        cut = _Cut(tells_taste=tells_taste(text))
        text, mentions, compared = self._compared(text.translate(_UNMARKED))
        cut.compared.extend(compared)
        for clause in clauses(without_title_years(_marked(text, mentions))):
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
                cut.spans.append((spans, clause.avoided, rest if names_more else ""))
        return cut

    def _embed(self, cut: list[_Cut], also: Sequence[tuple[Encoder, str]]) -> None:
        """Embed all that will be read of texts in one go: every pass reads a model's weights."""
        wholes = [", ".join(one.wanted) for one in cut]
        with_years = [", ".join(one.dated) for one in cut]
        dated = [text for text, whole in zip(with_years, wholes, strict=True) if text != whole]
        parts = [*wholes, *(part for one in cut for part in one.avoided)]
        texts_of: dict[Encoder, list[str]] = {}
        for encoder, text in chain(self._grounding.embedded(parts, dated), also):
            texts_of.setdefault(encoder, []).append(text)
        for encoder, texts in texts_of.items():
            encoder.encode(texts)

    def _date(self, cut: list[_Cut]) -> None:
        """Say which years are wanted: "no horror from the eighties" wants them all the same."""
        others = [rest for one in cut for _, avoided, rest in one.spans if avoided and rest]
        with_values: list[bool] = np.any(self._grounding.named(others).weights, axis=1).tolist()
        named = dict(zip(others, with_values, strict=True))
        for one in cut:
            for spans, avoided, rest in one.spans:
                away = avoided and not named.get(rest, False)
                (one.not_years if away else one.years).extend(spans)

    def _compared(self, text: str) -> tuple[str, list[Mention], list[Compared]]:
        """A text with its mentions; where it compares with titles, it has "like" in place of that.

        What is compared with no title of the catalogue, or by what nothing tells of its items,
        stays as it is written.
        """
        liking, comparing = comparisons(text)
        mentions = self._mentions.find(liking)
        compared = [
            Compared(one.word, one.more, mention.items)
            for one in comparing
            for mention in mentions
            if one.place <= mention.begin <= one.place + 1  # a bracket may stand between
        ]
        if len(compared) < len(comparing) or not all(map(self._tells, compared)):
            return text, self._mentions.find(text), []
        return liking, mentions, compared

    def match(self, text: str, mentioned: Sequence[int]) -> np.ndarray:
        """How well each item's text matches a wish, in nats, (n_items,); see `FreeText`."""
        return self._free_text.match(request_text(text).text, mentioned)

    def is_small_talk(self, text: str) -> bool:
        """Whether a text is known to ask for nothing."""
        return request_text(text).text in self._neutral

    def bonus(self, intent: Intent, strength: float = 1.0) -> np.ndarray:
        """How well each item matches an intent: (n_items,) float32, 1 for each thing asked for.

        Two things asked for at once give 2 to the items that have both, and these come first. A
        taste counts as a wish does at a strength of one half. What has to be had lifts items past
        all that is not, at any strength but 0.

        Args:
            strength: of the wish; so much of all else counts as `lift` says.
        """
        bonus = lift(strength) * self._bonus(intent)
        if intent.taste is not None:
            bonus += lift(strength) * lift(NUDGE) * self._bonus(intent.taste)
        if intent.must is not None and strength:
            bonus += (1.0 + bonus.max() - bonus.min()) * self._bonus(intent.must)
        return bonus

    def _bonus(self, intent: Intent) -> np.ndarray:
        weights = intent.wanted_sure - _AVOIDED * intent.avoided_sure
        bonus: np.ndarray = np.asarray(self.facets.held @ weights, dtype=np.float32)
        if intent.any_will_do:
            bonus = np.minimum(bonus, 1.0)
        if self._years is not None:
            for spans, worth in ((intent.years, 1.0), (intent.not_years, -_AVOIDED)):
                if spans:
                    bonus += worth * np.any([span.holds(self._years) for span in spans], axis=0)
        for one in intent.compared:
            along = self._along(one)
            bonus += np.clip((along - along[list(one.items)].max()) / _CLEARLY, 0.0, 1.0)
        bonus[list(intent.likened)] = 0.0
        return bonus

    def _tells(self, compared: Compared) -> bool:
        """Whether items can be compared so: by their texts, or by a value that the word names."""
        return self._graded.reads or bool(self._grounding.named([compared.word]).weights.any())

    def _along(self, compared: Compared) -> np.ndarray:
        """How far items lie in the direction asked for, (n_items,), in deviations.

        To have a value that the word names, as romances do for "romantic", counts as well.
        """
        named = self._grounding.named([compared.word]).weights[0]
        along = self._graded.scores(compared.word) + _NAMED * (self.facets.held @ named)
        return along if compared.more else -along


@dataclass(frozen=True)
class _Cut:
    """A text cut into what is wanted (also with its years), what is to be avoided, and years.

    Attributes:
        spans: years, whether they stand in a clause that avoids, and the other words of that.
    """

    tells_taste: bool = False
    wanted: list[str] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)
    spans: list[tuple[tuple[Span, ...], bool, str]] = field(default_factory=list)
    years: list[Span] = field(default_factory=list)
    not_years: list[Span] = field(default_factory=list)
    like: list[Mention] = field(default_factory=list)
    unlike: list[Mention] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)


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
