"""Which columns hold words that a language model can read, and which addresses and codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from recsys.dataset import Dataset, as_values

#: So many values of a column are looked at.
_LOOKED_AT = 400
#: From this share of its values on, a column holds codes.
_SHARE = 0.6

_CODE = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,10}://|//|www\.|data:|mailto:)\S+"  # addresses
    r"|(?:/?[\w\-.%]+/)+[\w\-.%]+\.[A-Za-z0-9]{2,5}"  # paths of files
    r"|[\w\-.%]+\.(?:jpe?g|png|gif|webp|svg|mp3|mp4|wav|avi|pdf|html?)"
    r"|[\w.+\-]+@[\w\-]+\.[\w.\-]+"  # mail
    r"|\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"  # UUID
    r"|(?=[^\s]*\d)[0-9a-fA-F]{12,}"  # hashes
    r"|(?=[^\s]*\d)(?=[^\s]*[A-Za-z])(?=[^\s]*[A-Z+/=_\-])[A-Za-z0-9+/=_\-]{16,}"  # base64
    r"|(?=[A-Z0-9_\-]*\d)(?=[A-Z0-9_\-]*[A-Z])[A-Z0-9_\-]{8,}"  # article numbers such as B00005N7P0
    r"|[A-Za-z]{1,4}[-_]?\d{5,}"  # tt0111161, nm-1234567
    r"|\+?\d[\d\-]{8,}\d"  # ISBN, EAN, telephone numbers
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
#: Numbers under such a name say which, not how much.
_ID_NAME = re.compile(
    r"(?:^|_)(?:id|ids|isbn|isbn13|ean|upc|asin|sku|gtin|uuid|guid|hash|url|uri|href|link|code)$"
    r"|[a-z](?:Id|ID|Url|URL)$",
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.0*)?")


def unreadable_columns(dataset: Dataset) -> list[str]:
    """Attribute columns of the items that a language model would read for nothing.

    Addresses of pictures, hashes, base64 and numbers that only say which are long to read, and say
    nothing of what an item is.
    """
    return [
        column
        for column in dataset.item_attributes
        if is_unreadable(column, map(as_values, dataset.item_frame[column]))
    ]


def is_unreadable(column: str, cells: Iterable[Sequence[str]]) -> bool:
    """Whether a column holds addresses or codes, judged by its name and its first values.

    Args:
        column: the name of the column.
        cells: the values of each item.
    """
    values = list(islice((value.strip() for cell in cells for value in cell if value), _LOOKED_AT))
    if not values:
        return False
    if _ID_NAME.search(column) and all(_NUMBER.fullmatch(value) for value in values):
        return True
    codes = sum(bool(_CODE.fullmatch(value)) and not _DATE.fullmatch(value) for value in values)
    return codes >= _SHARE * len(values)
