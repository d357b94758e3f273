"""Scales whose steps are phrases, from "did not like it" to "it was amazing" → numbers from 1."""

from __future__ import annotations

import re

import numpy as np

#: Phrases from the worst to the best; several for one step stand between slashes.
_SCALES = """
did not like it|it was ok/it was okay|liked it|really liked it|it was amazing
terrible|poor|average|very good|excellent
poor|fair/average|good|very good|excellent
very poor|poor|average/fair/ok|good|very good/excellent
very bad/terrible/awful|bad|average/fair/ok/okay/so so|good|very good/great/excellent
hated it|didn't like it/disliked it|it was ok/ok|liked it|loved it
very dissatisfied|dissatisfied|neutral/neither|satisfied|very satisfied
strongly disagree|disagree|neutral/neither agree nor disagree/undecided|agree|strongly agree
not at all|slightly/a little|moderately/somewhat|very/quite a bit|extremely/very much
muy malo/muy mala/pésimo|malo/mala|regular/normal|bueno/buena|muy bueno/muy buena/excelente
muy insatisfecho|insatisfecho|neutral|satisfecho|muy satisfecho
très mauvais/nul|mauvais|moyen/passable|bon/bien|très bon/très bien/excellent
très insatisfait|insatisfait|neutre|satisfait|très satisfait
sehr schlecht|schlecht|mittel/mittelmäßig/okay/ok/geht so/neutral|gut|sehr gut
ungenügend|mangelhaft|ausreichend|befriedigend|gut|sehr gut
sehr unzufrieden|unzufrieden|neutral/teils teils|zufrieden|sehr zufrieden
péssimo/muito ruim|ruim|regular/médio|bom|ótimo/muito bom/excelente
pessimo|scarso/cattivo|sufficiente/medio|buono|ottimo
zeer slecht|slecht|matig/redelijk/gemiddeld|goed|zeer goed/uitstekend
bardzo zły/okropny|zły/słaby|średni/przeciętny|dobry|bardzo dobry/świetny
çok kötü|kötü|orta/idare eder|iyi|çok iyi/mükemmel
ужасно/очень плохо|плохо|нормально/средне|хорошо|отлично/очень хорошо
дуже погано|погано|нормально|добре|чудово/дуже добре
很差/非常差|较差/差|还行/一般|推荐/较好/好|力荐/很好/非常好
非常不满意|不满意|一般|满意|非常满意
とても悪い|悪い|普通/ふつう|良い|とても良い
매우 나쁨|나쁨|보통|좋음|매우 좋음
"""


def _steps(scale: str) -> dict[str, float]:
    """Phrase → its step, from 1."""
    steps = enumerate(scale.split("|"), 1)
    return {_plain(phrase): float(step) for step, said in steps for phrase in said.split("/")}


def _plain(phrase: str) -> str:
    return re.sub(r"[\s'’!.,_-]+", " ", phrase.casefold()).strip()


_PHRASES = [_steps(scale) for scale in _SCALES.strip().split("\n")]


def steps_of(words: list[str]) -> np.ndarray | None:
    """The steps (n,) float64 of phrases that are all of one scale, NaN of empty ones; or None.

    At least three have to differ: "good" and "bad" alone are an answer, not a scale.
    """
    plain = [_plain(word) for word in words]
    said = {word for word in plain if word}
    scale = next((s for s in _PHRASES if said <= s.keys()), None)
    if scale is None or len({scale[word] for word in said}) < 3:
        return None
    return np.array([scale.get(word, np.nan) for word in plain])
