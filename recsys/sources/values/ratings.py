"""Cells → ratings: numbers, stars, "4/5", "80 %", words such as "like", phrases of a scale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from recsys.sources.options import Mark
from recsys.sources.values.cells import NOTHING, parse_numbers
from recsys.sources.values.rating_scales import steps_of

#: How ratings were written: as numbers, with words beside them, as shares of a highest one, as
#: drawn stars, as words for yes and no, as marks A to F, as phrases from bad to good.
Written = Literal["numbers", "words", "shares", "stars", "answers", "letters", "steps"]

_YES = """like likes liked love loved yes y true t up thumbsup thumbs_up upvote positive recommended
    recommend favorite favourite fav good 👍 👍🏻 ❤ ❤️ si sí gusta megusta encanta bueno oui vrai
    jaime jadore aime ja wahr gefällt gefälltmir sim verdadeiro gosto gostei curti vero mipiace да
    нравится лайк 喜欢 喜歡 是 赞 點讚 推荐 推薦 好评 顶 はい 好き 高評価 いいね
    좋아요 예""".split()
_NO = """dislike dislikes disliked hate hated no n false f down thumbsdown thumbs_down downvote
    negative notrecommended bad 👎 👎🏻 nogusta nomegusta malo non faux jenaimepas naimepas nein
    falsch gefälltnicht gefälltmirnicht não nao falso nãogosto nãogostei nonmipiace нет ненравится
    дизлайк 不喜欢 不喜歡 否 踩 不推荐 不推薦 差评 いいえ 嫌い 低評価 싫어요 아니요""".split()
_NEITHER = """neutral meh mixed soso okay ok indifferent 中评 一般 普通 neutro neutre нейтрально
    どちらでもない""".split()
_ANSWERS = {
    **dict.fromkeys(_YES, 1.0),
    **dict.fromkeys(_NO, 0.0),
    **dict.fromkeys(_NEITHER, 0.5),
}
#: Marks as American schools count them.
_LETTERS = {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0, "e": 0.0, "f": 0.0}
_FILLED, _EMPTY = "★⭐🌟✭✮*", "☆✩"
_STARS = re.compile(rf"[{re.escape(_FILLED + _EMPTY)}️\s]*½?[{_EMPTY}️\s]*")
_NUMBER = r"[-+]?(?:\d+(?:[.,]\d+)?|[.,]\d+)"
#: Words before a number, the number, of how many, and words behind it.
_WITH_WORDS = re.compile(
    rf"(?P<before>[^\d\W]{{0,12}}[:=]?)\s*(?P<number>{_NUMBER})(?P<half>½)?\s*"
    rf"(?:(?:/|⁄|\b(?:out of|of|von|sur|de|su|из)\b|中)\s*(?P<most>\d{{1,3}}(?:[.,]0+)?))?\s*"
    r"(?P<behind>%|[-–—:(\s]{0,3}[^\d\W][^\d]{0,24})?"
)
_SPELLED = dict(
    zip("one two three four five six seven eight nine ten".split(), range(1, 11), strict=True)
)
#: What people write where there is no rating.
_MISSING = NOTHING | frozenset("n.a. unrated notrated norating 暂无".split())
#: So many different words may stand beside the numbers of a column: singular and plural.
_MAX_WORDS = 4
#: A smaller share of numbers among words is a mistake, such as a sum at the end.
_FEW = 0.1
#: Words for stars behind a number.
_STAR_WORDS = re.compile(
    r"\s?(?:stars?|星|つ星|estrell?as?|[ée]toiles?|sterne?|stelle?|зв[её]зд.*)"
)
#: A column with more different cells than that holds no ratings in words.
_MAX_DISTINCT = 1_000
_MAX_LETTERS = 40


@dataclass(frozen=True)
class Ratings:
    """Ratings (n,) float64, NaN where a cell is none, how they were written, and the highest.

    `most` is the highest that can be given, where the cells say so: 5 of "4/5", 100 of "80 %".
    `mixed` says that they were brought to it from different ones.
    """

    values: np.ndarray
    written: Written = "numbers"
    most: float | None = None
    mixed: bool = False


def surely_ratings(cells: pd.Series) -> bool:
    """Whether cells that are no numbers are written as only ratings are: stars, "4/5"."""
    read = parse_ratings(cells)
    if read.written == "shares":
        return read.most is not None and read.most <= 10
    if read.written == "words":
        words = cells[cells.str.contains(r"\D")].str.replace(r"^[\d.,½]+", "", regex=True)
        return all(_STAR_WORDS.fullmatch(str(word).casefold()) for word in words.unique()[:50])
    return read.written in ("stars", "steps")


def is_unrated(cell: str) -> bool:
    """Whether a cell says that no rating was given."""
    return cell.casefold().replace(" ", "") in _MISSING


def parse_ratings(cells: pd.Series, decimal: Mark | None = None) -> Ratings:
    """What the cells of a column say as ratings; numbers are read as by `parse_numbers`."""
    values = parse_numbers(cells, decimal)
    if pd.api.types.is_numeric_dtype(cells) or cells.dtype == object:
        return Ratings(values)
    left = np.flatnonzero(np.isnan(values))
    if not len(left):
        return Ratings(values)
    codes, distinct = pd.factorize(cells.iloc[left].astype("str"), use_na_sentinel=False)
    words = ["" if pd.isna(word) else _plain(str(word)) for word in distinct]
    if len(words) > _MAX_DISTINCT or not any(words):
        return Ratings(values)
    read = (
        _stars(words)
        or _answers(words)
        or _letters(words)
        or _steps(words)
        or _with_words(words, decimal)
    )
    if read is None:
        return Ratings(values)
    if read.written in ("answers", "letters", "steps"):
        numbers = len(values) - len(left)
        if numbers > _FEW * len(values):
            return Ratings(values)  # beside numbers, such words say nothing that can be compared
        values[:] = np.nan
    values[left] = read.values[codes]
    return Ratings(values, read.written, read.most, read.mixed)


def _plain(word: str) -> str:
    """A cell without what stands for nothing, and with "five" as 5."""
    word = word.strip()
    if is_unrated(word):
        return ""
    first, space, rest = word.partition(" ")
    number = _SPELLED.get(first.casefold())
    return word if number is None else f"{number}{space}{rest}"


def _table(words: list[str], known: dict[str, float], written: Written) -> Ratings | None:
    """Words of which all but empty ones are known, and at least two differ."""
    read = np.array([known.get(word, np.nan) for word in words])
    filled = np.array([bool(word) for word in words])
    if np.isnan(read[filled]).any() or len(set(read[filled])) < 2:
        return None
    return Ratings(read, written)


def _answers(words: list[str]) -> Ratings | None:
    return _table([re.sub(r"[\s'’!.-]+", "", w.casefold()) for w in words], _ANSWERS, "answers")


def _letters(words: list[str]) -> Ratings | None:
    """Marks from A to F, of which at least three differ; "+" and "-" are a third."""
    marks = {
        letter + sign: value + third
        for letter, value in _LETTERS.items()
        for sign, third in (("", 0.0), ("+", 1 / 3), ("-", -1 / 3))
    }
    lower = [word.casefold() for word in words]
    return _table(lower, marks, "letters") if len({w[:1] for w in lower} - {""}) >= 3 else None


def _steps(words: list[str]) -> Ratings | None:
    steps = steps_of(words)
    return None if steps is None else Ratings(steps, "steps")


def _stars(words: list[str]) -> Ratings | None:
    """Drawn stars: as many as are filled, and half a one."""
    filled = [word for word in words if word]
    if not all(_STARS.fullmatch(word) for word in filled):
        return None
    read = [
        sum(word.count(star) for star in _FILLED) + 0.5 * word.count("½") if word else np.nan
        for word in words
    ]
    return Ratings(np.array(read), "stars")


def _with_words(words: list[str], decimal: Mark | None) -> Ratings | None:
    """Numbers with words, a share of a highest, or "%": "5 stars", "4 out of 5", "80 %"."""
    found = [_WITH_WORDS.fullmatch(w) if len(w) <= _MAX_LETTERS else None for w in words]
    said = {m[k].casefold() for m in found if m for k in ("before", "behind") if m[k]}
    read = [m for m in found if m]
    if not read or len(said - {"%"}) > max(_MAX_WORDS, len({m["number"] for m in read})):
        return None
    mark = decimal or ("," if any("," in m["number"] for m in read) else ".")
    numbers = parse_numbers(pd.Series([m["number"] if m else "" for m in found], dtype="str"), mark)
    numbers = numbers + np.array([0.5 if m and m["half"] else 0.0 for m in found])
    most = np.array([_most(m) if m else np.nan for m in found])
    known = most[~np.isnan(most) & ~np.isnan(numbers)]
    if not len(known):
        return Ratings(numbers, "words")
    common = max(set(known.tolist()), key=lambda m: (int((known == m).sum()), -m))
    scaled = np.where(np.isnan(most), numbers, numbers / most * common)
    return Ratings(scaled, "shares", common, bool((known != common).any()))


def _most(match: re.Match[str]) -> float:
    if match["behind"] == "%":
        return 100.0
    if not match["most"]:
        return float("nan")
    most = float(match["most"].replace(",", "."))
    return most if most > 0 else float("nan")
