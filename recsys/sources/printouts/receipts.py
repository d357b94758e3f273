"""Receipts of a till, one below the other → a row for each line with a price.

That a text is of receipts is found by arithmetic: the prices of each add up to its total.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recsys.schema import ITEM_ID, N_, TIMESTAMP, USER_ID, DataError, Message
from recsys.sources.columns.names import meaning
from recsys.sources.text.headers import is_border
from recsys.sources.text.laid_out import check_size, first_lines, in_places, laid_out, lines_of
from recsys.sources.text.layouts import Layout
from recsys.sources.text.totals import is_called_total

_MONEY = (
    r"(?P<amount>-?\s?[$€£¥￥₽]?\s?(?:\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+|\d+)[.,]\d{2}"
    r"|-?[¥￥]\s?\d[\d,]*|-?\d[\d,]*\s?円)(?P<minus>-?)"
)
_PRICED = re.compile(
    rf"(?P<text>\S.*?)(?:[ \t]+|\.{{2,}} *){_MONEY}(?:\s*(?:[€$£₽]|[^\W\d_]{{1,3}}|\*))?"
)
#: How often, and at what price: "2 x 1,20" before a name, behind it, or in a line below it.
_TIMES = re.compile(r"(?:^|\s+)\d+\s*(?:[xX×*@]|шт\.?|st\.?)\s*(?:\d+[.,]\d{2})?\s*(?=\s|$)")
_COUNT = re.compile(r"\d+\s*[xX×*@]")
_DUE = re.compile(
    r"(?:net )?à payer|zu zahlen|a pagar|total a pagar|da pagare|к оплате|до сплати|do zapłaty|"
    r"te betalen|(?:amount|balance|total) due|att betala|at betale|应付|應付|お会計"
)
_LABELLED = re.compile(
    r"(?P<label>[^\W\d][^:：#\d]*?)\s*(?:[:：#]|(?:n[°ºo.]|nr|no)\.?|№|\s)\s*"
    r"(?P<value>[\w*][\w*\-./@ ]*)"
)
_DATE = re.compile(r"\b(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})\b")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
#: How shops call what a customer shows at the till.
_CARD = re.compile(
    r"card|carte|karte|tarjeta|cartão|cartao|carta\b|kort|karta|карт|kart[ıi]|tessera|loyal|fid[eé]l|"
    r"bonus|payback|member|mitglied|kund|client|klient|custom|cliente|socio|会员|會員|カード|会員|회원",
    re.IGNORECASE,
)
_LEAST, _RIGHT = 3, 0.9
#: A receipt is narrow; longer lines are no lines of one.
_MOST_LETTERS = 150


@dataclass
class _Receipt:
    """What one receipt says: lines with prices, in cents, each with its place in the file."""

    bought: list[tuple[int, str]] = field(default_factory=list)
    sum: int = 0
    total: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    date: str = ""
    clock: str = ""


def receipts(text: bytes, filename: str) -> Layout | None:
    """What the customers of a shop bought; None where a text is not of receipts.

    Raises:
        DataError: the receipts do not say whose they are, or do not add up.
    """
    if len(_cut(first_lines(text))) < _LEAST:
        return None
    lines = lines_of(text)
    read = [_receipt(lines, begin, end) for begin, end in _cut(lines)]
    found = [receipt for receipt in read if receipt.total is not None]
    if not any(receipt.bought for receipt in found):
        return None
    right = sum(receipt.sum == receipt.total for receipt in found)
    label = _label(found)
    if right < _RIGHT * len(found) or label is None:
        raise DataError(
            N_(
                "{filename} holds receipts of a till, in which no number of a customer was found, "
                "or whose lines do not add up to their totals. Export the lines of the receipts as "
                "a table, with the customer, the product and the time in each row."
            ),
            filename=filename,
        )
    named = [receipt for receipt in found if receipt.labels.get(label)]
    check_size(filename, sum(len(receipt.bought) for receipt in named), 3)
    rows: list[tuple[int, list[str]]] = []
    for receipt in named:
        time = f"{receipt.date} {receipt.clock}".strip() if receipt.date else ""
        rows += [(place, [receipt.labels[label], item, time]) for place, item in receipt.bought]
    note = N_(
        "{filename} holds receipts of a till: “{label}” was taken for the user, each line with a "
        "price for an item. Receipts read: {count}; without a customer, left out: {left}."
    )
    said = {"label": label, "count": len(named), "left": len(found) - len(named)}
    notes = [Message(note, {"filename": filename, **said}, grave=True)]
    return laid_out(in_places(rows), [USER_ID, ITEM_ID, TIMESTAMP], notes)


def _cut(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where receipts begin and end: each begins as the first, and has a total; else none."""
    filled = [n for n, line in enumerate(lines) if line.strip() and not is_border([line])]
    if not filled:
        return []
    form = _form(lines[filled[0]])
    begins = [n for n in filled if _form(lines[n]) == form]
    totals = {n for n in filled if _total(lines[n]) is not None}
    blocks = list(zip(begins, [*begins[1:], len(lines)], strict=True))
    with_total = sum(any(n in totals for n in range(*block)) for block in blocks)
    priced = sum(_priced(lines[n]) is not None for n in filled)
    if with_total < max(_LEAST, _RIGHT * len(blocks) - 1) or 3 * priced < len(filled):
        return []
    return blocks


def _form(line: str) -> str:
    return re.sub(r"\d+", "9", " ".join(line.split()))


def _receipt(lines: Sequence[str], begin: int, end: int) -> _Receipt:
    receipt = _Receipt()
    name = ""
    for place in range(begin, end):
        line = lines[place]
        receipt.date = receipt.date or (match[0] if (match := _DATE.search(line)) else "")
        receipt.clock = receipt.clock or (match[0] if (match := _CLOCK.search(line)) else "")
        if (total := _total(line)) is not None:
            receipt.total = total if receipt.total is None else receipt.total
        elif (priced := _priced(line)) and receipt.total is None:
            cents = _cents(priced)
            receipt.sum += cents
            item = " ".join(_TIMES.sub(" ", priced["text"]).split()) or name
            if cents > 0:
                receipt.bought.append((place, item))
        elif not priced:
            name = line.strip()
            _add_labels(receipt, line)
    return receipt


def _priced(line: str) -> re.Match[str] | None:
    """What a line names and what it costs; dates and counts are no names."""
    bare = line.strip()
    priced = _PRICED.fullmatch(bare) if len(bare) <= _MOST_LETTERS else None
    if priced is None or _DATE.search(priced["text"]):
        return None
    return None if _COUNT.fullmatch(priced["text"]) else priced


def _total(line: str) -> int | None:
    """The cents of a line that says what is to be paid."""
    priced = _priced(line)
    if priced is None:
        return None
    words = re.sub(r"[()€$£:：*=]|\beur\b|\bttc\b|\bчек\b", " ", priced["text"].casefold()).split()
    due = _DUE.fullmatch(" ".join(words)) or is_called_total(" ".join(words[:1]))
    due = due or is_called_total(" ".join(words))
    return _cents(priced) if due and len(words) <= 4 else None


def _cents(priced: re.Match[str]) -> int:
    amount = priced["amount"]
    digits = int(re.sub(r"\D", "", amount))
    cents = digits if re.search(r"[.,]\d{2}\s*\Z", amount) else 100 * digits
    return -cents if "-" in amount + priced["minus"] else cents


def _add_labels(receipt: _Receipt, line: str) -> None:
    for part in re.split(r"\s{2,}|\t", line.strip()[:_MOST_LETTERS]):
        match = _LABELLED.fullmatch(part)
        if match and not _DATE.search(part) and (":" in part or re.search(r"\d", match["value"])):
            receipt.labels.setdefault(match["label"].strip(), match["value"].strip())


def _label(found: Sequence[_Receipt]) -> str | None:
    """Which label names the customer: that of a card, or the only one that comes again."""
    values = [(key, value) for receipt in found for key, value in receipt.labels.items()]
    counts = Counter(key for key, _ in values)
    distinct = Counter(key for key, _ in set(values))
    again = [key for key in _often(counts, len(found)) if 1 < distinct[key] < 0.95 * counts[key]]
    cards = [key for key in again if _CARD.search(key) or meaning(key)[0] == USER_ID]
    if cards:
        return max(cards, key=lambda key: distinct[key])
    return again[0] if len(again) == 1 and distinct[again[0]] > 0.05 * len(found) else None


def _often(counts: Counter[str], receipts_in_all: int) -> Iterator[str]:
    return (key for key, count in counts.items() if count >= 0.2 * receipts_in_all)
