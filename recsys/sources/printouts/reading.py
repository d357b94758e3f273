"""Texts that programs print or log rather than save as a table: each layout has its reader."""

from __future__ import annotations

from recsys.sources.base import Table
from recsys.sources.options import ReadOptions
from recsys.sources.printouts.access_logs import access_log
from recsys.sources.printouts.client_records import client_records
from recsys.sources.printouts.counted_blocks import counted_blocks
from recsys.sources.printouts.matrix_market import matrix_market
from recsys.sources.printouts.pages import tables_between_bars
from recsys.sources.printouts.pairs import pairs_of_lines
from recsys.sources.printouts.receipts import receipts
from recsys.sources.text.delimited import in_layout

_LAYOUTS = (
    matrix_market,
    access_log,
    pairs_of_lines,
    client_records,
    tables_between_bars,
    receipts,
    counted_blocks,
)


def read_printout(text: bytes, filename: str, options: ReadOptions) -> Table | None:
    """The table in a text, in UTF-8, that has one of the layouts; None where it has none.

    Whoever says how the text is cut has it cut so.

    Raises:
        DataError: it has a layout, but no events can be read from it.
    """
    if options.separator is not None or options.skip is not None:
        return None
    found = (layout for read in _LAYOUTS if (layout := read(text, filename)) is not None)
    layout = next(found, None)
    return None if layout is None else in_layout(layout, filename, options)
