"""What the cells of a column look like: times, ratings, ids, titles; from a sample of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from recsys.sources.values.cells import parse_numbers
from recsys.sources.values.ratings import parse_ratings, surely_ratings
from recsys.sources.values.times import parse_times

#: Of a table so many rows are looked at, spread over the whole; of one with hundreds of columns
#: fewer.
_SAMPLE_ROWS = 5_000
_SAMPLE_CELLS = 2_000_000
#: Cells that are read to find whether a column holds times.
_TIME_CELLS = 400
#: Most of the cells, and hardly any of them.
_MOST, _HARDLY = 0.8, 0.2
#: The years 1990 and 2100 in seconds, and in days of a spreadsheet 1954 and 2064.
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800
#: Smaller numbers are no seconds of our days, nor days such as 20240105.
_LEAST_NUMBER = 1e7
_MAX_RATINGS = 25
#: Words with fewer different cells, each in so many rows, say what was done rather than who did it.
_KINDS, _ROWS_OF_A_KIND = 10, 5
#: Ratings are given in halves, tenths, or percents; coordinates and measurements have more digits.
_FRACTION, _LONG_FRACTION = r"\d[.,]\d*[1-9]\d*$", r"\d[.,]\d{3,}$"
_URL = r"^(?:https?://|www\.)|\.(?:jpe?g|png|gif|webp)$"
_PERSON = r"[^\s@,;]+@[^\s@,;]+\.\w+|A(?=[A-Z]*\d)[0-9A-Z]{9,28}"
_PREFIXED = r"^([^\W\d_]{3,})[-_:#. ]?\d+$"
#: An ISBN of ten or 13 digits, an EAN or UPC, or a number of Amazon's.
_GOODS = r"B0[0-9A-Z]{8}|(?:\d-?){9}[\dXx]|(?:\d-?){12,13}"
_GOODS_CELLS = 200
#: A time of day alone.
CLOCK = r"^\d{1,2}:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?$"
DOTTED_CLOCK = r"^(?:[01]?\d|2[0-3])[.h][0-5]\d$"
#: Titles have so many letters on average; what is longer describes.
_TITLE_LETTERS = 100


def sample(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows spread over the whole table: the first ones may all be of one user."""
    rows = min(_SAMPLE_ROWS, max(1, _SAMPLE_CELLS // max(1, frame.shape[1])))
    if len(frame) <= rows:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, rows).astype(np.int64)]


def _checks(number: str) -> bool:
    """Whether the last digit of an ISBN or EAN is what the others say; an ASIN has none."""
    digits = number.replace("-", "").upper()
    if digits.startswith("B0"):
        return True
    if len(digits) == 10:
        values = [10 if digit == "X" else int(digit) for digit in digits]
        return sum(value * (10 - place) for place, value in enumerate(values)) % 11 == 0
    values = [int(digit) for digit in digits.rjust(13, "0")]
    return (sum(values[::2]) + 3 * sum(values[1::2])) % 10 == 0


class Content:
    """What the cells of one column, of which some are given, look like."""

    def __init__(self, cells: pd.Series) -> None:
        self.lists = cells.dtype == object
        text = cells.iloc[:0] if self.lists else cells.astype("str").fillna("").str.strip()
        self.rows = len(cells)
        self._places = np.flatnonzero((text != "").to_numpy(dtype=bool))
        self.filled = text.iloc[self._places]

    @cached_property
    def codes(self) -> np.ndarray:
        """The cells as numbers from 0, equal ones the same, -1 for empty ones: (rows,)."""
        codes = np.full(self.rows, -1, dtype=np.int64)
        codes[self._places] = pd.factorize(self.filled)[0]
        return codes

    @cached_property
    def distinct(self) -> int:
        return int(self.filled.nunique())

    @property
    def repeats(self) -> int:
        """How many rows say what one before them says."""
        return len(self.filled) - self.distinct

    @property
    def constant(self) -> bool:
        """Whether the same stands in all of several rows."""
        return self.distinct <= 1 and self.rows > 1

    @property
    def unique(self) -> bool:
        """Whether every row has a cell of its own."""
        return self.distinct == self.rows > 0

    @cached_property
    def numbers(self) -> np.ndarray:
        """The cells that are filled as numbers, NaN where they are none."""
        return parse_numbers(self.filled)

    @cached_property
    def numeric(self) -> float:
        """The share of cells that are numbers."""
        return float(np.mean(~np.isnan(self.numbers))) if len(self.filled) else 0.0

    @cached_property
    def times(self) -> bool:
        """Whether the cells are surely times: dates, or seconds of a year of our days."""
        cells = self.filled.iloc[:: max(1, len(self.filled) // _TIME_CELLS)]
        if cells.empty:
            return False
        seconds = parse_times(cells)[0]
        known = seconds[~np.isnan(seconds)]
        if len(known) <= _MOST * len(cells):
            return False
        if self.numeric < _HARDLY:  # it took words or several numbers to say them
            return True
        numbers = self.numbers[~np.isnan(self.numbers)]
        ours = (known >= _EARLIEST) & (known < _LATEST)
        return bool(np.mean(ours) > _MOST and np.mean(numbers >= _LEAST_NUMBER) > _MOST)

    @cached_property
    def days(self) -> np.ndarray:
        """Some of the cells, spread over all, as days since 1970, NaN where they are no times."""
        cells = self.filled.iloc[:: max(1, len(self.filled) // _TIME_CELLS)]
        return np.floor(parse_times(cells).seconds / 86_400)

    @cached_property
    def serial_days(self) -> bool:
        """Whether the cells may be days as spreadsheets count them, of the years 1954 to 2064."""
        known = self.numbers[~np.isnan(self.numbers)]
        return len(known) > 0 and bool(((known >= 20_000) & (known <= 60_000)).all())

    @property
    def maybe_times(self) -> bool:
        """Whether some of the cells can be read as times, numbers of whatever unit included."""
        if self.times or self.numeric > _HARDLY or self.filled.empty:
            return True
        cells = self.filled.iloc[:: max(1, len(self.filled) // _TIME_CELLS)]
        return bool(np.mean(~np.isnan(parse_times(cells)[0])) > _HARDLY)

    @cached_property
    def clock(self) -> bool:
        """Whether the cells are times of day without a date."""
        return len(self.filled) > 0 and bool(self.filled.str.contains(CLOCK).mean() > _MOST)

    @cached_property
    def dotted_clock(self) -> bool:
        """Whether the cells may be times of day such as 14.05, of which some are in the evening."""
        if self.filled.empty or not self.filled.str.contains(DOTTED_CLOCK).mean() > _MOST:
            return False
        return bool(np.nanmax(self.numbers) >= 13)

    @cached_property
    def rated(self) -> float:
        """The share of cells that can be read as ratings."""
        if self.filled.empty:
            return 1.0
        return float(np.mean(~np.isnan(parse_ratings(self.filled).values)))

    @cached_property
    def fractions(self) -> bool:
        """Whether most cells are numbers with a fraction: measured, and so no ids."""
        return self.numeric > _MOST and bool(self.filled.str.contains(_FRACTION).mean() > 0.5)

    @cached_property
    def measured(self) -> bool:
        """Whether most have more digits than people give ratings with, as coordinates have."""
        return self.fractions and bool(self.filled.str.contains(_LONG_FRACTION).mean() > 0.5)

    @property
    def kinds(self) -> bool:
        """Whether the cells are a few words that come again and again, as "view" and "buy" do."""
        few = self.distinct <= min(_KINDS, len(self.filled) // _ROWS_OF_A_KIND)
        return few and self.letters > _MOST and not self.filled.str.contains(r"\d").any()

    @property
    def ratings(self) -> bool:
        """Whether the cells look like ratings: few different numbers, none of them large."""
        if self.measured:
            return False
        values = parse_ratings(self.filled).values
        known = values[~np.isnan(values)]
        few = len(np.unique(known)) <= min(_MAX_RATINGS, max(2, len(known) // 2))
        small = bool(((known >= -10) & (known <= 100)).all())
        return len(known) > 0.5 * len(self.filled) > 0 and few and small

    @property
    def surely_rated(self) -> bool:
        """Whether they are plain numbers, or written as only ratings are."""
        return self.numeric > _MOST or surely_ratings(self.filled)

    @property
    def surely_written(self) -> bool:
        """Whether they are written as only ratings are, such as "4/5" or drawn stars."""
        return self.numeric <= _MOST and surely_ratings(self.filled)

    @property
    def scale(self) -> bool:
        """Whether they are so surely: on a scale of whole or half steps up to 5, 7 or 10."""
        if not self.ratings:
            return False
        known = self.numbers[~np.isnan(self.numbers)]
        if not len(known):
            return surely_ratings(self.filled)
        steps = bool((known * 2 % 1 == 0).all())
        return steps and known.max() in (4, 4.5, 5, 7, 10) and 3 <= len(np.unique(known)) <= 21

    @property
    def key(self) -> bool:
        """Whether the cells tell rows apart."""
        return not self.lists and self.unique

    @cached_property
    def letters(self) -> float:
        """The share of cells with two letters in a row."""
        if self.filled.empty:
            return 0.0
        return float(self.filled.str.contains(r"[^\W\d_]{2}|[぀-ヿ一-鿿가-힣]").mean())

    @cached_property
    def prefix(self) -> str:
        """The word that all cells begin with, before a number: "cust" of cust0021, cust0008."""
        if self.filled.empty:
            return ""
        words = self.filled.str.extract(_PREFIXED, expand=False).dropna().str.casefold()
        if len(words) < _MOST * len(self.filled):
            return ""
        word, count = words.iloc[0], int((words == words.iloc[0]).sum())
        return str(word) if count > _MOST * len(self.filled) else ""

    @cached_property
    def goods(self) -> bool:
        """Whether cells are numbers of goods: ISBN or EAN, whose last digit checks, or ASIN."""
        if self.filled.empty or not self.filled.str.fullmatch(_GOODS).mean() > _MOST:
            return False
        return bool(
            np.mean([_checks(cell) for cell in self.filled.unique()[:_GOODS_CELLS]]) > _MOST
        )

    @property
    def people(self) -> bool:
        """Whether cells are addresses of mail, or accounts as Amazon writes them."""
        return len(self.filled) > 0 and bool(self.filled.str.fullmatch(_PERSON).mean() > _MOST)

    @property
    def urls(self) -> bool:
        return len(self.filled) > 0 and bool(
            self.filled.str.contains(_URL, case=False).mean() > 0.5
        )

    @property
    def length(self) -> float:
        """Letters of a cell on average."""
        return float(self.filled.str.len().mean()) if len(self.filled) else 0.0

    @property
    def text(self) -> bool:
        """Whether the cells may be titles: words, mostly different ones, that are not long."""
        return (
            not self.urls
            and self.letters > _MOST
            and len(self.filled) > 0.5 * self.rows
            and self.distinct > 0.5 * len(self.filled)
            and 2 <= self.length <= _TITLE_LETTERS
            and not self.times
        )
