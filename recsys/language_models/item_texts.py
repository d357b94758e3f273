"""What a language model reads of each item."""

from __future__ import annotations

from collections.abc import Collection

from recsys.dataset import Dataset
from recsys.prompts.attributes import encode
from recsys.readable_columns import unreadable_columns

#: Texts of a larger catalogue take minutes to encode: nobody who waits for a list has them read.
MOST_ITEMS = 10_000


def item_texts(dataset: Dataset, without: Collection[str] = ()) -> list[str]:
    """What the language model reads of each item: its title, then its attributes.

    Such as "Toy Story. Adventure, Animation, Children. year 1995." Columns of addresses and codes
    are left out (`recsys.readable_columns`).

    Args:
        without: columns that are left out, too.
    """
    columns = []
    unreadable = {*unreadable_columns(dataset), *without}
    for name in dataset.item_attributes:
        if name in unreadable:
            continue
        attribute = encode(dataset, name)
        label = f"{name} " if attribute.is_numeric else ""
        columns.append([label + ", ".join(v) if v else "" for v in dataset.attribute_values(name)])
    return [
        ". ".join(filter(None, parts)) + "." for parts in zip(dataset.titles, *columns, strict=True)
    ]
