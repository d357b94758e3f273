"""Cells → values: numbers, lists and readable text, vectorised over a column of strings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.options import Mark

#: What people and programs write where there is nothing, in lower case.
NOTHING = frozenset(r"|nan|na|n/a|#n/a|null|\n|none|nil|nat|<na>|-|--|–|—|?|.|无|缺失".split("|"))
_NUMERIC = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
#: Numbers that every parser reads alike, to the last bit: 15 digits at most, without a sign.
_SURE_NUMBER = r"^(?:\d{1,15}|\d{1,10}\.\d{1,5}|\d{1,5}\.\d{1,10})$"
#: ASCII letters and marks that stand in no number; an empty cell is none.
_NO_NUMBER = r"^$|[!-&(-*/:-DF-df-~]"
#: Numbers whose comma or point can only stand before decimals.
_COMMA_DECIMAL = r"[-+]?(?:\d*,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+)"
_POINT_DECIMAL = r"[-+]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d+)"
_POINT_GROUPS = r"[-+]?[1-9]\d{0,2}\.\d{3}"
#: Arabic and Persian digits, those of Devanagari and Bengali, and the Arabic marks of numbers.
_DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯"
_OTHER_DIGITS = f"[{_DIGITS}٫٬]"
_PLAIN_DIGITS = str.maketrans(_DIGITS + "٫٬", "0123456789" * 4 + ".,")
#: So many different numbers such as "1.234" show that their points do not stand before decimals.
_LEAST_GROUPED = 3
#: What is made of a column on the way is made for so many cells at once.
PIECE_CELLS = 250_000
#: Cells that are read to find whether a column holds lists.
_SAMPLE_CELLS = 200_000
#: Numbers as a table writes them; "007" and "1e18" stay what they are, for they may be codes.
_PLAIN_NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?"
_LIST_SEPARATORS = "|;；、,，"
_SURE_SEPARATOR = "|"
_MAX_ELEMENT_LENGTH = 24
#: Letters that nobody sees, around an id; `str.strip` takes all kinds of spaces.
_UNSEEN = " \t\r\n\f\v\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_WHOLE_ID = r"\d+(?:\.0+)?"
_WITH_POINT = r"\.0+$"


def is_nothing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.strip().casefold() in NOTHING


def parse_numbers(cells: pd.Series, decimal: Mark | None = None) -> np.ndarray:
    """Numbers (n,) float64, NaN where a cell is none or not finite.

    Which mark stands before the decimals is decided for the whole column, see `decimal_mark`:
    "3,5" is three and a half, "1,234" beside "984" is 1234.

    Args:
        decimal: that mark, where it is known.
    """
    if pd.api.types.is_numeric_dtype(cells):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isfinite(values), values, np.nan)
    values = np.full(len(cells), np.nan)
    others, marked = [], decimal is not None
    for place, text in pieces(cells):
        sure = matches(text, _SURE_NUMBER)
        read = text if sure.all() else text.filter(pa.array(sure))
        values[place + np.flatnonzero(sure)] = read.cast(pa.float64()).to_numpy()
        if len(read) < len(text):
            others.append(place + np.flatnonzero(~sure & ~matches(text, _NO_NUMBER)))
    rest = np.concatenate([*others, np.zeros(0, dtype=np.int64)])
    if not len(rest) and decimal != "," and (marked or not _maybe_grouped(values)):
        return values  # the columns of a wide matrix are a thousand
    codes, text = _distinct(cells.iloc[rest])
    mark = decimal or decimal_mark(text)
    if mark != "," and not marked and _maybe_grouped(values):
        mark = decimal_mark(_distinct(cells)[1])
    if mark == "," and not np.isnan(values).all():
        # "1.234", read as a decimal number above, is a thousand.
        rest = np.arange(len(cells))
        codes, text = _distinct(cells)
    if len(rest):
        values[rest] = _unusual_numbers(text, mark)[codes]
    return values


def decimal_mark(text: pd.Series) -> Mark:
    """The mark before the decimals in the numbers of a column.

    A mark before any number of digits but three, or behind a zero, stands before decimals; so does
    the last of two different ones. Where every number with a comma has three digits behind it, they
    are thousands. With points that is so only beside numbers of three digits without a point.
    """
    bare = _bare(text)
    if bare.str.fullmatch(_COMMA_DECIMAL).any():
        return ","
    if bare.str.fullmatch(_POINT_DECIMAL).any():
        return "."
    grouped = bare.str.fullmatch(_POINT_GROUPS)
    if bare.str.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3}){2,}").any():
        return ","
    whole = bare[bare.str.fullmatch(r"[-+]?\d+")]
    large = bool((whole.str.len() >= 3).any())
    return "," if grouped.sum() >= _LEAST_GROUPED and large else "."


def _distinct(cells: pd.Series) -> tuple[np.ndarray, pd.Series]:
    codes, distinct = pd.factorize(cells.astype("str"), use_na_sentinel=False)
    return codes, pd.Series(distinct, dtype="str").fillna("")


def _maybe_grouped(values: np.ndarray) -> bool:
    """Whether all numbers with decimals have three or fewer, beside whole ones of three digits."""
    known = values[~np.isnan(values)]
    decimals = known[known % 1 != 0]
    if len(decimals) < _LEAST_GROUPED or not (known[known % 1 == 0] >= 100).any():
        return False
    small = (np.abs(decimals) < 1000).all()
    return bool(small and (np.abs(decimals * 1000 - np.round(decimals * 1000)) < 1e-6).all())


def with_plain_digits(text: pd.Series) -> pd.Series:
    """Cells with the digits 0 to 9, and decimal marks, in place of those of other scripts."""
    if not is_in(text, _OTHER_DIGITS):
        return text
    return text.str.translate(_PLAIN_DIGITS)


def _bare(text: pd.Series) -> pd.Series:
    """Numbers without spaces or apostrophes between their digits, and with plain signs."""
    text = (
        with_plain_digits(text.str.normalize("NFKC"))
        .str.strip()
        .str.replace("\u2212", "-", regex=False)
    )
    grouped = text.str.fullmatch(r"[-+]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?").fillna(False)
    return text.where(~grouped.astype(bool), text.str.replace(r"[ '’]", "", regex=True))


def _unusual_numbers(text: pd.Series, mark: Mark) -> np.ndarray:
    text = _bare(text)
    group = "," if mark == "." else r"\."
    grouped = text.str.fullmatch(rf"[-+]?\d{{1,3}}(?:{group}\d{{3}})+(?:\{mark}\d+)?")
    text = text.where(~grouped, text.str.replace(group, "", regex=True))
    if mark == ",":
        comma = text.str.fullmatch(r"[-+]?\d*,\d+")
        text = text.where(~comma, text.str.replace(",", ".", regex=False))
    # to_numeric alone would also take "0x1F", "1_000" and "True".
    text = text.where(text.str.fullmatch(_NUMERIC).fillna(False).astype(bool))
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def pieces(cells: pd.Series) -> Iterator[tuple[int, pa.Array]]:
    """A column as strings, a piece at a time: where it begins, and its cells, null where missing.

    So what is made of them on the way never takes much memory.
    """
    for place in range(0, len(cells), PIECE_CELLS):
        text = pa.array(cells.iloc[place : place + PIECE_CELLS].astype("str"))
        if isinstance(text, pa.ChunkedArray):
            text = text.combine_chunks()
        yield place, text.cast(pa.large_string())


def matches(text: pa.Array, pattern: str) -> np.ndarray:
    """Whether a pattern is in each cell, (n,) bool. RE2 takes time linear in the text."""
    found = pc.fill_null(pc.match_substring_regex(text, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def is_in(cells: pd.Series, pattern: str) -> bool:
    """Whether a pattern is in any of the cells."""
    return any(bool(matches(text, pattern).any()) for _, text in pieces(cells))


def tidy_text(cells: pd.Series) -> pd.Series:
    """Collapse white space and control characters to single spaces; all else stays as it is.

    Joiners (as in family emoji) and direction marks stay; they belong to the writing.
    """
    text = cells.astype("str").fillna("")
    untidy = text.str.contains(r"^\s|\s$|\s\s|[\x00-\x1f\x7f-\x9f]").fillna(False).astype(bool)
    if untidy.any():
        tidied = text[untidy].str.replace(r"[\s\x00-\x1f\x7f-\x9f]+", " ", regex=True).str.strip()
        text = text.copy()
        text[untidy] = tidied
    return text


def tidy_attribute(cells: pd.Series) -> pd.Series:
    """An attribute column as numbers, lists of strings, or strings; NaN or [] where missing."""
    if (
        cells.dtype == object
        and cells.map(lambda v: isinstance(v, (list, tuple, np.ndarray))).any()
    ):
        return cells.map(_as_list).astype(object)
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return _whole(cells.astype("float64"))
    text = tidy_text(cells)
    filled = text[text != ""]
    if filled.empty:
        return text.where(text != "")
    if filled.str.fullmatch(_PLAIN_NUMBER).all():
        return _whole(pd.to_numeric(text.where(text != "")).astype("float64"))
    separator = _list_separator(filled)
    if separator is not None:
        return _split(text, separator)
    return text.where(text != "")


def _split(text: pd.Series, separator: str) -> pd.Series:
    """Cells as lists of what stands between the separators; equal cells share one list."""
    codes, distinct = pd.factorize(text)
    lists = [[v for p in cell.split(separator) if (v := p.strip())] for cell in distinct]
    of_each = pd.Series(lists, dtype=object).to_numpy()
    return pd.Series(of_each[codes], index=text.index, name=text.name, dtype=object)


def _whole(numbers: pd.Series) -> pd.Series:
    """int64 where every number is there and whole, so that a year does not read 1995.0."""
    whole = bool((numbers.notna() & (numbers % 1 == 0)).all())
    return numbers.astype("int64") if whole else numbers


def _as_list(cell: object) -> list[str]:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return [str(v) for v in cell]
    return [] if cell is None or cell != cell or cell == "" else [str(cell)]


def _list_separator(filled: pd.Series) -> str | None:
    """The separator of a multi-valued column, or None where it holds single values or prose.

    A bar hardly ever occurs in prose, so a fifth of the cells will do; the others must be in most
    cells, between short pieces that come back: sentences do not repeat each other.
    """
    filled = filled.head(_SAMPLE_CELLS)
    for separator in _LIST_SEPARATORS:
        shown = filled.str.contains(separator, regex=False)
        if shown.mean() <= (0.2 if separator == _SURE_SEPARATOR else 0.5):
            continue
        pieces = filled[shown].str.split(separator).explode().str.strip()
        short = pieces.str.len().mean() <= _MAX_ELEMENT_LENGTH
        least_repeats = 1.0 if separator == _SURE_SEPARATOR else 0.75
        if separator in ",，":
            least_repeats = 0.5  # commas also stand in "Milk, 1 L"
        if short and pieces.nunique() <= least_repeats * len(pieces):
            return separator
    return None


def plain_ids(ids: pd.Series) -> pd.Series:
    """Ids (n,) without spaces around them and, where all are whole numbers, without ".0" behind.

    Two tables join by what is left: "123.0" of one is "123" of the other. Zeros in front stay.
    """
    ids = ids.str.strip(_UNSEEN)
    filled = ids[(ids != "") & ids.notna()]
    pointed = filled.str.contains(_WITH_POINT)
    if pointed.any() and filled.str.fullmatch(_WHOLE_ID).all():
        return ids.str.replace(_WITH_POINT, "", regex=True)
    return ids
