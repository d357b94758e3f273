"""Years in a wish: "from the nineties", "before 1970", "between 1980 and 1989", "九十年代"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from recsys.dataset import Dataset
from recsys.prompts.attributes import encode

#: Names of columns that hold years.
_YEAR_COLUMN = re.compile(r"year|年", re.IGNORECASE)
#: A year at the end of a title, as in "Toy Story (1995)".
_IN_TITLE = r"\((\d{4})\)\s*$"
#: What counts as recent and as old, as shares of the items.
_RECENT, _OLD = 0.85, 0.15
_FIRST, _LAST = 1000, 2199


@dataclass(frozen=True)
class Span:
    """The years from `first` to `last`, both included; None where it is open."""

    first: int | None = None
    last: int | None = None

    def holds(self, years: np.ndarray) -> np.ndarray:
        """Which of the years (n,) lie within, (n,) bool; NaN, an unknown year, does not."""
        low = -np.inf if self.first is None else self.first
        high = np.inf if self.last is None else self.last
        within: np.ndarray = (years >= low) & (years <= high)
        return within


def item_years(dataset: Dataset) -> np.ndarray | None:
    """The year of every item, (n_items,) float with NaN where unknown; None if there are none.

    From the first numeric column that is called a year, else from the ends of titles.
    """
    for column in filter(_YEAR_COLUMN.search, dataset.item_attributes):
        if len((attribute := encode(dataset, column)).values) and attribute.is_numeric:
            cells = dataset.attribute_values(column)
            return np.array([float(cell[0]) if cell else np.nan for cell in cells])
    titled = dataset.item_frame["title"].str.extract(_IN_TITLE, expand=False).astype(float)
    years: np.ndarray = titled.to_numpy()
    return years if np.isfinite(years).mean() > 0.5 else None


class YearGrammar:
    """Finds years in words, for one catalogue.

    Which century "the twenties" are of, and what is recent or old, follows from the catalogue.

    Args:
        years: (n_items,) years of the items, NaN where unknown.
    """

    def __init__(self, years: np.ndarray) -> None:
        known = years[np.isfinite(years)]
        self._newest = int(known.max()) if len(known) else _LAST
        # With few distinct years, "recent" still holds some items.
        self._recent = int(np.quantile(known, _RECENT)) if len(known) else _LAST
        self._old = int(np.quantile(known, _OLD)) if len(known) else _FIRST

    def find(self, text: str) -> tuple[tuple[Span, ...], str]:
        """The spans that a text names, and what is left of the text without them.

        Takes time in proportion to the text: no pattern here can match more than a few words.
        """
        spans: list[Span] = []
        rest = text.lower()
        for pattern, read in self._rules():
            for _ in range(_PASSES):
                before = len(spans)
                rest = pattern.sub(partial(_taken, read, spans), rest)
                if len(spans) == before:
                    break
        return tuple(_joined(spans)), rest if spans else text

    def _rules(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Span | None]], ...]:
        return (
            (_BETWEEN, self._between),
            (_BEFORE, self._before),
            (_AFTER, self._after),
            (_POINT, self._point),
            (_CENTURY, _century),
            (_RECENTLY, lambda found: Span(self._recent, None)),
            (_LONG_AGO, lambda found: Span(None, self._old)),
        )

    def _between(self, found: re.Match[str]) -> Span | None:
        first, last = self._read(found["a"]), self._read(found["b"])
        if first is None or last is None or first.first is None:
            return None
        end = last.last
        if end is not None and end < 100:  # "1980-89"
            end += first.first // 100 * 100
        if end is None or end < first.first:
            return None
        return Span(first.first, end)

    def _before(self, found: re.Match[str]) -> Span | None:
        span = self._read(found["a"] or found["b"] or found["c"] or found["d"])
        if span is None or span.first is None:
            return None
        included = found["until"] is not None or found["c"] is not None
        return Span(None, span.last if included else span.first - 1)

    def _after(self, found: re.Match[str]) -> Span | None:
        span = self._read(found["a"] or found["b"] or found["c"] or found["d"])
        if span is None or span.last is None:
            return None
        beyond = found["a"] is not None and found["since"] is None
        return Span(span.last + 1 if beyond or found["c"] else span.first, None)

    def _point(self, found: re.Match[str]) -> Span | None:
        return self._read(found[0])

    def _read(self, words: str) -> Span | None:
        """One year or decade, maybe a part of one: "1995", "the late eighties", "90年代"."""
        part = re.search(r"\b(early|mid|late)|(初|早期|中期|后期|末)", words)
        decade = self._decade(words)
        if decade is not None:
            begin, end = decade, decade + 9
            which = part[0] if part else ""
            if which in ("early", "初", "早期"):
                end = begin + 3
            elif which in ("mid", "中期"):
                begin, end = begin + 3, begin + 6
            elif which in ("late", "后期", "末"):
                begin += 6
            return Span(begin, end)
        digits = re.search(r"\d+", words)
        year = int(digits[0]) if digits else _chinese_digits(words)
        return None if year is None else Span(year, year)

    def _decade(self, words: str) -> int | None:
        """The first year of the decade that words name, or None."""
        if found := re.search(rf"(\d{{2,4}})(?:\s*{_APOSTROPHE}?s\b|\s*年代)", words):
            number = int(found[1])
            return number if number >= 100 else self._of_century(number, words)
        if found := _DECADE_WORD.search(words):
            return self._of_century(_DECADES[found[0]], words)
        if found := _CHINESE_DECADE.search(words):
            return self._of_century(_TENS[found[1]], words)
        return None

    def _of_century(self, number: int, words: str) -> int:
        """The latest decade with these two digits that begins before the newest item."""
        if re.search("上世纪|上个世纪|二十世纪|20世纪|nineteen", words):
            return 1900 + number
        if re.search("本世纪|二十一世纪|21世纪|twenty-", words):
            return 2000 + number
        decade = self._newest // 100 * 100 + number
        return decade if decade <= self._newest else decade - 100


#: How often a rule is tried on what is left: two spans may stand so that one hides the other.
_PASSES = 3
_APOSTROPHE = "['’‘`]"
#: White space between two words, and maybe none: of a text where it is folded, and after spans
#: were taken out of it.
_S, _GAP = r"\s{1,3}", r"\s{0,3}"
_DECADES = {
    "twenties": 20,
    "thirties": 30,
    "forties": 40,
    "fourties": 40,
    "fifties": 50,
    "sixties": 60,
    "seventies": 70,
    "eighties": 80,
    "nineties": 90,
    "ninties": 90,
    "noughties": 0,
    "aughts": 0,
    "two thousands": 0,
    "two-thousands": 0,
    "nineteen-tens": 10,
}
_TENS = dict(zip("零〇一二三四五六七八九", [0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90], strict=True))
_DECADE_WORD = re.compile("|".join(sorted(_DECADES, key=len, reverse=True)))
_CHINESE_DECADE = re.compile("([零〇一二三四五六七八九])(?:零|〇|十)?年代")

_YEAR = r"(?<!\d)(?:1[0-9]|20|21)\d\d(?!\d)"
_DECADE = (
    rf"(?:(?:the |nineteen[- ]){{0,3}}(?:(?:early|mid|late)[- ]{{1,3}}(?:the )?)?"
    rf"(?:(?:nineteen|twenty)[- ])?"
    rf"(?:(?<!\d)(?:1[0-9]|20)\d0\s?{_APOSTROPHE}?s\b|{_APOSTROPHE}?(?<!\d)\d0\s?{_APOSTROPHE}?s\b"
    rf"|\b(?:{_DECADE_WORD.pattern})\b))"
)
_PREFIX = "(?:上个?世纪|本世纪|二十一?世纪|2[01]世纪)?"
_ZH_DECADE = (
    rf"{_PREFIX}(?:(?<!\d)(?:1[0-9]|20)\d0{_GAP}年代|(?<!\d)\d0{_GAP}年代"
    r"|[零〇一二三四五六七八九](?:零|〇|十)?年代)(?:初|早期|中期|后期|末)?"
)
_ZH_YEAR = rf"(?:{_YEAR}{_GAP}年?|[一二][零〇一二三四五六七八九]{{3}}年)"
_ANY = rf"(?:{_DECADE}|{_ZH_DECADE}|{_ZH_YEAR})"
_FROM = r"(?:from |of |in |out of |made in |the years? )?(?:the )?"

_BETWEEN = re.compile(
    rf"(?:\b(?:between|from|in|of) |从|在)?{_GAP}(?:the )?(?P<a>{_ANY}){_GAP}"
    rf"(?:-|–|—|~|\bto\b|\band\b|\bthrough\b|\buntil\b|\btill\b|\bup to\b|到|至|和){_GAP}"
    rf"(?:the )?(?P<b>{_ANY}|(?<!\d)\d\d(?!\d|\s?{_APOSTROPHE}?s))(?:之间|间)?"
)
_BEFORE = re.compile(
    rf"(?:\b(?:from |of |made )?(?:before|prior to|earlier than|older than|pre-?){_GAP}(?:the )?"
    rf"|(?P<until>\b(?:until|till|up to|no later than|not after){_S}(?:the )?))(?P<a>{_ANY})"
    rf"|(?P<b>{_ANY}){_GAP}(?:以前|之前|前)"
    rf"|(?P<c>{_ANY}){_S}(?:or|and) (?:older|earlier|before)\b(?! (?:the )?(?:{_ANY}))"
    rf"|早于{_GAP}(?P<d>{_ANY})"
)
_AFTER = re.compile(
    rf"(?:\b(?:from |of |made )?(?:after|later than|newer than|younger than|post-?){_GAP}(?:the )?"
    rf"|(?P<since>\b(?:since|starting in|starting from|no earlier than|not before){_S}(?:the )?))"
    rf"(?P<a>{_ANY})"
    rf"|\b(?:from )?(?:the )?(?P<b>{_ANY}){_S}"
    r"(?:on\b|onwards?\b|(?:or|and) (?:newer|later|after|younger)\b)"
    rf"|(?P<c>{_ANY}){_GAP}(?:以后|之后|后)"
    rf"|自{_GAP}(?P<d>{_ANY})"
)
_POINT = re.compile(rf"{_FROM}{_ANY}(?:{_GAP}的)?")
_CENTURY = re.compile(
    r"\b(?:from |of |in )?(?:the )?"
    r"(?:(?P<n>1[0-9]|2[01])(?:st|th)|(?P<w>nineteenth|twentieth|twenty-first))"
    r"[- ]century\b|(?P<zh>2[01]世纪|二十一?世纪|本世纪|上个?世纪)"
)
_THING = r"(?:films?|movies?|ones?|stuff|books?|releases?|titles?|things?|pictures?|cinema|works?)"
#: What people did of late, which says nothing of how old the things are: "their recent choices".
_DONE = (
    r"(?! (?:history|histories|choices?|activit(?:y|ies)|interests?|purchases?|behaviou?rs?|tastes?"
    r"|events?|watch\w*|views?|viewings?|visits?|orders?|reads?|readings?|plays?|listens?|buys?"
    r"|favou?rites?|likes?|ratings?|lists?|sessions?|interactions?|baskets?|trips?|picks?)\b)"
)
_MADE = r"(?:released?|made|published|written|built|opened|launched|issued|come out|came out|out)"
_RECENTLY = re.compile(
    rf"\b(?:recently {_MADE}|{_MADE} recently|recent(?: releases?)?(?!ly){_DONE}|latest{_DONE}"
    rf"|newest{_DONE}|brand[- ]new|contemporary|up-to-date"
    rf"|(?:new|modern|newer) {_THING}|something (?:new|newer|modern)"
    r"|of (?:the )?(?:last|past) few years"
    r"|of today|this (?:year|decade)|last year|just released)\b"
    r"|最近(?:几年|[一两三]年|的(?!历史|记录|行为|选择|购买|浏览|观看|喜好|兴趣))"
    r"|最近(?=上映|发[布行]|出[的版了]|新|上市|推出|流行|热门|有什么|有没有)|近几年|近年来?|最新的?|新片|新电影|新出的|新上映的?|新书"
)
_LONG_AGO = re.compile(
    rf"\b(?:(?:old|older|very old|ancient|early|vintage|classic) {_THING}"
    r"|something (?:old|older|vintage|classic)|an old one|(?:a |the |old )?classics?\b(?! music)"
    r"|vintage|oldies?|old[- ]fashioned|old[- ]school|from long ago|golden age|silent films?"
    r"|before my time)\b"
    r"|老片子?|老电影|旧片|很老的|老的|怀旧|经典老?片?|早期的?电影"
)


def _taken(
    read: Callable[[re.Match[str]], Span | None], spans: list[Span], found: re.Match[str]
) -> str:
    """Add what was found to `spans`; returns what is left in its place."""
    span = read(found)
    if span is None:
        return found[0]
    spans.append(span)
    return " "


def _joined(spans: list[Span]) -> list[Span]:
    """ "After 1999 and before 2005" as one span; others stay, and each of them will do."""
    after = [span for span in spans if span.last is None]
    before = [span for span in spans if span.first is None]
    if len(after) == 1 and len(before) == 1 and len(spans) == 2:
        first, last = after[0].first, before[0].last
        if first is not None and last is not None and first <= last:
            return [Span(first, last)]
    return spans


def _century(found: re.Match[str]) -> Span | None:
    words = {"nineteenth": 19, "twentieth": 20, "twenty-first": 21}
    if found["zh"]:
        number = 21 if found["zh"] in ("21世纪", "二十一世纪", "本世纪") else 20
    else:
        number = int(found["n"]) if found["n"] else words[found["w"]]
    return Span(100 * (number - 1), 100 * (number - 1) + 99)


def _chinese_digits(words: str) -> int | None:
    """A year spelled digit by digit, as 一九九五年."""
    found = re.search("[一二][零〇一二三四五六七八九]{3}", words)
    if not found:
        return None
    digits = dict(zip("零〇一二三四五六七八九", "00123456789", strict=True))
    return int("".join(digits[c] for c in found[0]))
