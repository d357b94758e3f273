"""The attribute values that a text names: found by its words and by the language model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from recsys.language_models import LANGUAGE_MODELS, Encoder
from recsys.wishes.facets import Facets
from recsys.wishes.meanings import Meanings, in_chinese
from recsys.wishes.phrases import kinds_of
from recsys.wishes.probe import Listening

#: Probabilities of a value: below the first its weight is 0, from the second on it is full.
_FLOOR, _SURE = 0.3, 0.6
#: The same for what is to be avoided, where missing a value is worse than one too many.
_AVOIDED_FLOOR, _AVOIDED_SURE = 0.2, 0.4
#: Other values are meant, too, if at least this likely relative to the likeliest one.
_BESIDE, _AVOIDED_BESIDE = 0.5, 0.35
#: The weight of a value that is meant stays below that of one named by a word: "nothing for kids,
#: we are grown up" avoids what it names. A hundredth of it grows with the probability: "drawn, no
#: actors" wants what it means, "grandpa was a soldier, so no battles" does not.
_MEANT, _MEANT_BY_DEGREES = 0.98, 0.01
#: The factor on values that are meant, where another one is named by a word.
_BESIDE_A_NAME = 0.82
#: The weight of a named value where the whole is read by its meaning.
_NAMED_BESIDE = 0.7
#: Words that spell out more values than this, each by itself, list what there is, rather than ask
#: for all of it.
_A_LIST = 3
#: A column is covered by sentences about kinds if they know this share of its values.
_COVERED = 0.75
#: How much the log of the probes' highest probability, and the log odds that any kind of item is
#: asked for, count beside the log odds that some value is meant, and the least sum
#: (docs/benchmarks.md).
_PROBE, _ASKS, _PROBE_SURE = 6.0, 2.0, -7.2
#: Letters of scripts that put no spaces between words (Thai to Khmer, kana, Chinese), or that
#: add endings to them (Korean), as a character class has them.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
#: Texts whose names are kept in memory: one is read ahead, then as a whole and part by part.
_REMEMBERED = 1_000
#: A letter or digit that a word cannot begin or end beside.
_LETTER = rf"[^\W{_UNSPACED}]"
#: Function words: what is left of a text without its values and these is given to the probe.
_EMPTY = re.compile(
    r"(?:\b(?:a|an|the|and|or|but|some|something|anything|any|one|ones|i|i'm|i'd|me|my|we|us|you|he|she|they"
    r"|it|is|am|are|be|that|this|those|these|to|of|for|in|on|at|with|as|so|too|very|really|just|only|also"
    r"|not|no|else|both|want|wants|would|like|love|loves|need|needs|see|watch|read|find|get|give|show"
    r"|recommend|suggest|looking|look|mood|asks?|user|time|tonight|today|now|please|more|most|best|good|great"
    r"|nice|kind|sort|type|genre|category|films?|movies?|books?|stor(?:y|ies)|pictures?|items?|products?"
    r"|go|going|visit|can|could|should|might|must|have|has|let|lot|lots|full|bit|little|rather|maybe|perhaps|stuff|things?)\b"
    r"|[看想要去我一部来点的个些给推荐片类型题材电影请只有和与最好再吧呢吗]|[\W\d_])+",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Named:
    """What n texts name.

    Attributes:
        weights: how clearly each text names each value, (n, n_values) float32 of 0 to 1.
        missing: (n,) bool, whether a text names none of them and asks for something else.
        more: (n,) bool, whether a text says more than the names of values.
    """

    weights: np.ndarray
    missing: np.ndarray
    more: np.ndarray


@dataclass(frozen=True)
class _Spelled:
    """The values that stand in a text, in how many places of it, and what is left of it."""

    values: frozenset[int]
    places: int
    rest: str


class Grounding:
    """Finds the values named by words: those that stand there, and those that are meant.

    "A funny western" spells out the western, and "funny" is another name of the comedy; what is
    left over ("a … film about robots") is read by its meaning. Columns whose values are kinds that
    are known, such as the genres of films, have a probe that learned from sentences about them;
    all others are read by the names of their values and the texts of their items.

    Args:
        facets: the values.
        meanings: what words mean in any catalogue.
        probes: predict the values meant by words that name none; none where no column is covered.
            Words that several can read are meant as they agree on.
    """

    def __init__(
        self,
        facets: Facets,
        meanings: Callable[[], Meanings],
        probes: Sequence[Listening],
    ) -> None:
        values = facets.values.tolist()
        self._n = len(values)
        self._covered = covered(facets)
        self._meanings = meanings
        self._probes = probes
        names = [
            (name, place)
            for place, value in enumerate(values)
            for name in {value.lower(), *(n for kind in kinds_of(value) for n in kind.names)}
        ]
        # "Science fiction" is looked for before "fiction", and takes its words.
        self._names = sorted(names, key=lambda n: (-len(n[0]), n))
        self._spelled = lru_cache(_REMEMBERED)(self._find_spelled)

    def embedded(self, texts: Sequence[str], dated: Sequence[str]) -> Iterator[tuple[Encoder, str]]:
        """What `named` will have embedded by which encoder, so that it can be in one go.

        Args:
            texts: those that it will be given.
            dated: those of them that have years, with these.
        """
        read: list[str] = []
        for text in texts:
            rest = self._spelled(text).rest
            if not self._n or not _EMPTY.sub("", rest):
                continue
            probes = self._probes_for(text)
            read.append(rest if probes else text)
            yield from ((probe.encoder, part) for probe in probes for part in (rest, text))
        for text in dated:
            yield from ((probe.encoder, text) for probe in self._probes_for(text))
        if read:
            yield from self._meanings().embedded(read)

    def named(
        self, texts: Sequence[str], *, dated: Sequence[str] | None = None, avoided: bool = False
    ) -> Named:
        """How clearly n texts name each value.

        Args:
            dated: the same texts with the years that were taken out of them.
            avoided: the texts say what is not wanted.
        """
        weights = np.zeros((len(texts), self._n), dtype=np.float32)
        missing = np.zeros(len(texts), dtype=bool)
        more = np.zeros(len(texts), dtype=bool)
        left: dict[int, str] = {}
        for row, text in enumerate(texts):
            spelled = self._spelled(text)
            places = list(spelled.values)
            weights[row, places] = min(1.0, _A_LIST / max(min(len(places), spelled.places), 1))
            if self._n and _EMPTY.sub("", spelled.rest):
                left[row] = spelled.rest
        if left:
            rows = np.array(list(left))
            meant = self._meant(
                [texts[row] for row in rows],
                list(left.values()),
                None if dated is None else [dated[row] for row in rows],
                avoided=avoided,
            )
            by_name = weights[rows].any(1)
            beside = meant.weights[:, self._covered].any(1) & by_name
            meant.weights[beside] *= _BESIDE_A_NAME
            # "Eggs or porridge to start the morning" is rather for breakfast than for eggs.
            weights[np.ix_(rows, ~self._covered)] *= np.where(
                meant.weights[:, ~self._covered].any(1), _NAMED_BESIDE, 1.0
            )[:, None]
            weights[rows] = np.maximum(weights[rows], meant.weights)
            missing[rows] = meant.missing & ~by_name
            more[rows] = True
        return Named(weights, missing, more)

    def _meant(
        self, texts: list[str], rests: list[str], dated: list[str] | None, *, avoided: bool
    ) -> Named:
        """What r texts mean, none of which is empty without the values that stand in it.

        Args:
            rests: the texts without these values.
        """
        weights = np.zeros((len(texts), self._n), dtype=np.float32)
        elsewhere = np.zeros(len(texts), dtype=bool)
        of = [self._probes_for(text) for text in texts]
        probed = np.array([bool(probes) for probes in of])
        for probes in dict.fromkeys(filter(None, of)):
            rows = np.flatnonzero([one == probes for one in of])
            chosen = [texts[row] for row in rows]
            with_years = chosen if dated is None else [dated[row] for row in rows]
            # In one go, since every comparison reads all that a probe knows.
            every = [*(rests[row] for row in rows), *chosen, *with_years]
            agreed = np.prod([probe.meant(every) for probe in probes], axis=0)
            agreed **= 1 / len(probes)
            parts, wholes, beside = np.split(agreed, 3)
            # What is left is read as part of the whole: "gunfights" alone may be anything, but
            # in "cowboys and gunfights" they are a western's.
            likely = np.minimum(parts, wholes)
            # Years alone ask for no value, but a submarine is more of a war film in 1942, and a
            # cynic with a hat more of a film noir in 1947.
            years = np.array([a != b for a, b in zip(chosen, with_years, strict=True)])[:, None]
            likely = np.where(years, np.maximum(likely, np.sqrt(likely * beside)), likely)
            likely[:, ~self._covered] = 0.0
            evidence = self._meanings().read([rests[row] for row in rows], self._covered)
            sure = evidence.sure + _ASKS * evidence.asks + _PROBE * np.log(likely.max(1) + 1e-3)
            weights[rows] = _clear(likely, avoided=avoided) * (sure > _PROBE_SURE)[:, None]
            elsewhere[rows] = evidence.elsewhere
        # What no covered column has may be a value of another one.
        for among, still in (
            (~self._covered, probed & ~weights.any(1)),
            (np.ones(self._n, dtype=bool), ~probed),
        ):
            if among.any() and (rows := np.flatnonzero(still)).size:
                evidence = self._meanings().read([texts[row] for row in rows], among)
                clear = evidence.likely / evidence.likely.max(1, keepdims=True)
                weights[rows] = _MEANT * clear * (evidence.sure > 0)[:, None]
                elsewhere[rows] = evidence.elsewhere
        return Named(weights, elsewhere & ~weights.any(1), np.ones(len(texts), dtype=bool))

    def learn(self) -> None:
        """Learn the probes where the cache does not know them: some seconds."""
        for one in self._probes:
            one.probe()

    def _probes_for(self, text: str) -> tuple[Listening, ...]:
        """What can tell what a text means."""
        if not in_chinese(text):
            return tuple(self._probes)
        models = (LANGUAGE_MODELS.get(one.encoder.name) for one in self._probes)
        pairs = zip(self._probes, models, strict=True)
        return tuple(one for one, model in pairs if model is None or model.reads("zh"))

    def _find_spelled(self, text: str) -> _Spelled:
        rest = text.lower()
        found: set[int] = set()
        taken: set[tuple[int, int]] = set()
        covered = bytearray(len(rest))  # 1 where a value stands already
        for name, place in self._names:
            if name not in rest:
                continue
            for match in _standing(name).finditer(rest):
                begin, end = match.span()
                same = (begin, end) in taken  # two values may share a name
                if same or 1 not in covered[begin:end]:
                    found.add(place)
                    taken.add((begin, end))
                    covered[begin:end] = b"\1" * (end - begin)
        left = "".join(
            " " if there else letter for letter, there in zip(rest, covered, strict=True)
        )
        rest = " ".join(left.split()) if found else text
        return _Spelled(frozenset(found), len(taken), rest)


def covered(facets: Facets) -> np.ndarray:
    """Which values are of a column nearly all of which are kinds that are known, (n_values,)."""
    known = np.array([bool(kinds_of(value)) for value in facets.values.tolist()], dtype=bool)
    columns = facets.columns
    shares = {column: known[columns == column].mean() for column in dict.fromkeys(columns)}
    return np.array([shares[column] >= _COVERED for column in columns], dtype=bool)


def content(text: str) -> str:
    """A text without function words at its ends: "a film by Kubrick" is "by Kubrick"."""
    words = text.split()
    kept = [place for place, word in enumerate(words) if _EMPTY.sub("", word)]
    return " ".join(words[kept[0] : kept[-1] + 1]).strip(" .,;:!?。，；：！？") if kept else ""


def _clear(likely: np.ndarray, *, avoided: bool) -> np.ndarray:
    """From how likely values are meant, (n, n_values), to how clearly.

    Of two that are both beyond doubt, the likelier one still weighs more.
    """
    floor, sure, beside = _FLOOR, _SURE, _BESIDE
    if avoided:
        floor, sure, beside = _AVOIDED_FLOOR, _AVOIDED_SURE, _AVOIDED_BESIDE
    best = likely.max(1, keepdims=True)
    weights = np.clip((likely - floor) / (sure - floor), 0.0, 1.0) * likely / best
    weights *= _MEANT + _MEANT_BY_DEGREES * likely
    weights[np.broadcast_to(best < _FLOOR, likely.shape) | (likely < beside * best)] = 0.0
    return weights.astype(np.float32)


@cache
def _standing(value: str) -> re.Pattern[str]:
    """Finds a value as a word: "war" not in "warm", but “博物馆” anywhere, without spaces.

    Compiled when a text first has these letters: compiling hundreds takes longer than a list.
    """
    lowered = value.lower()
    begin = rf"(?<!{_LETTER})" if re.match(_LETTER, lowered) else ""
    plural = "(?:e?s)?" if lowered[-1:].isascii() and lowered[-1:].isalnum() else ""
    end = rf"(?!{_LETTER})" if re.match(_LETTER, lowered[-1:]) else ""
    return re.compile(begin + re.escape(lowered) + plural + end)
