"""The attribute values that a text names: found by its words and by the language model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from recsys.language_models import LANGUAGE_MODELS, Encoder
from recsys.wishes.phrases import kinds_of
from recsys.wishes.probe import Probe

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
#: Words that spell out more values than this, each by itself, list what there is, rather than ask
#: for all of it.
_A_LIST = 3
#: Letters of scripts that put no spaces between words (Thai to Khmer, kana, Chinese), or that
#: add endings to them (Korean), as a character class has them.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
#: A letter or digit that a word cannot begin or end beside.
_LETTER = rf"[^\W{_UNSPACED}]"
#: Function words: what is left of a text without its values and these is given to the probe.
_EMPTY = re.compile(
    r"(?:\b(?:a|an|the|and|or|but|some|something|anything|any|one|ones|i|i'm|i'd|me|my|we|us|you|he|she|they"
    r"|it|is|am|are|be|that|this|those|these|to|of|for|in|on|at|with|as|so|too|very|really|just|only|also"
    r"|not|no|else|both|want|wants|would|like|love|loves|need|needs|see|watch|read|find|get|give|show"
    r"|recommend|suggest|looking|look|mood|asks?|user|time|tonight|today|now|please|more|most|best|good|great"
    r"|nice|kind|sort|type|genre|category|films?|movies?|books?|stor(?:y|ies)|pictures?|items?|products?"
    r"|can|could|should|might|must|have|has|let|lot|lots|full|bit|little|rather|maybe|perhaps|stuff|things?)\b"
    r"|[看想要我一部来点的个些给推荐片类型题材电影请只有和与最好再吧呢吗]|[\W\d_])+",
    re.IGNORECASE,
)


class Grounding:
    """Finds the values named by words: those that stand there, and those that are meant.

    "A funny western" spells out the western, and "funny" is another name of the comedy; what is
    left over ("a … film about robots") is given to the language model and a probe of it.

    Args:
        values: (n_values,) the values themselves.
        probe: predicts the values meant by words that name none.
    """

    def __init__(self, values: Sequence[str], probe: Probe, encoder: Encoder) -> None:
        self._n = len(values)
        self._probe = probe
        self._encoder = encoder
        names = [
            (name, place)
            for place, value in enumerate(values)
            for name in {value.lower(), *(n for kind in kinds_of(value) for n in kind.names)}
        ]
        # "Science fiction" is looked for before "fiction", and takes its words.
        self._names = sorted(names, key=lambda n: (-len(n[0]), n))

    def named(
        self, texts: Sequence[str], *, dated: Sequence[str] | None = None, avoided: bool = False
    ) -> np.ndarray:
        """How clearly n texts name each value, (n, n_values) float32 of 0 to 1.

        Args:
            dated: the same texts with the years that were taken out of them.
            avoided: the texts say what is not wanted.
        """
        weights = np.zeros((len(texts), self._n), dtype=np.float32)
        if not self._n:
            return weights
        left: dict[int, str] = {}
        for row, text in enumerate(texts):
            places, named, rest = self._spelled(text)
            weights[row, list(places)] = min(1.0, _A_LIST / max(min(len(places), named), 1))
            if _EMPTY.sub("", rest) and self._reads(text):
                left[row] = rest
        if left:
            rows = list(left)
            chosen = [texts[row] for row in rows]
            # In one go, since every pass through the language model reads all of its weights.
            vectors = self._encoder.encode([*left.values(), *chosen])
            # What is left is read as part of the whole: "gunfights" alone may be anything, but
            # in "cowboys and gunfights" they are a western's.
            parts, wholes = self._probe.meant(vectors).reshape(2, len(rows), self._n)
            likely = np.minimum(parts, wholes)
            if dated is not None:
                likely = self._beside_years(likely, chosen, [dated[row] for row in rows])
            meanings = _clear(likely, avoided=avoided)
            meanings[weights[rows].any(1)] *= _BESIDE_A_NAME
            weights[rows] = np.maximum(weights[rows], meanings)
        return weights

    def _beside_years(
        self, likely: np.ndarray, texts: Sequence[str], dated: Sequence[str]
    ) -> np.ndarray:
        """How likely values (r, n_values) are meant where years stand beside the words, too.

        Years alone ask for no value, but a submarine is more of a war film in 1942, and a cynic
        with a hat more of a film noir in 1947.

        Args:
            texts, dated: r of them, without and with their years.
        """
        pairs = enumerate(zip(texts, dated, strict=True))
        places = [place for place, (text, with_years) in pairs if with_years != text]
        if not places:
            return likely
        beside = self._probe.meant(self._encoder.encode([dated[place] for place in places]))
        likely[places] = np.maximum(likely[places], np.sqrt(likely[places] * beside))
        return likely

    def _reads(self, text: str) -> bool:
        """Whether the language model can read a text, beyond the names that stand there.

        A model for English embeds Chinese as noise.
        """
        model = LANGUAGE_MODELS.get(self._encoder.name)
        return model is None or model.reads("zh") or not _HAN.search(text)

    def _spelled(self, text: str) -> tuple[set[int], int, str]:
        """The values that stand in a text, in how many places of it, and what is left of it."""
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
        return found, len(taken), " ".join(left.split()) if found else text


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
